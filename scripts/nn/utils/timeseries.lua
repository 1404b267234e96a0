--- Windows over series as datasets.
-- @submodule nn.utils
local Dataset = require("nn.data").Dataset
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local labelled_files = require "nn.utils.labelled_files"
local tensor = require "nn.tensor"
local windows = require "nn.data.windows"

local timeseries = {}

local WHAT = "timeseries_dataset_from_array"
local COUNT = kinds.whole(1)

local read = arguments.signature(WHAT, {
  { "sequence_length", arguments.required, COUNT }, { "sequence_stride", 1, COUNT }, { "sampling_rate", 1, COUNT },
  { "batch_size", 128, labelled_files.BATCH_SIZE }, { "shuffle", false }, { "seed", nil, kinds.integer },
  { "start_index", 1, COUNT }, { "end_index", nil, COUNT },
})

local function series(value, name)
  local is_list = type(value) == "table" and not getmetatable(value)
  local t = is_list and tensor.tensor(value) or value
  if not tensor.is_tensor(t) or t.ndim == 0 then
    blame("%s: %s: expected a tensor or a list, a row for each point in time, got %s", WHAT, name, blame.got(value))
  end
  return t:contiguous()
end

-- How many windows there are.
local function count_of(given, rows, targets)
  local last = given.end_index or rows
  if last > rows or given.start_index > last then
    blame("%s: start_index and end_index: expected positions from 1 to %d, the first before the last, got %d and %d",
      WHAT, rows, given.start_index, last)
  end
  local span = (given.sequence_length - 1) * given.sampling_rate + 1
  local places = last - given.start_index + 1 - span + 1
  if targets then places = math.min(places, #targets - given.start_index + 1) end
  if places < 1 then
    blame("%s: a window takes %d rows, but there are %d from start_index to end_index%s", WHAT, span,
      last - given.start_index + 1, targets and (", and %d targets"):format(#targets) or "")
  end
  return (places + given.sequence_stride - 1) // given.sequence_stride
end

--- Windows over a series, as a dataset of batches; the series is not copied. A window that begins at row i belongs to
-- row i of targets. To predict the row after a window, give `data` and targets that begin sequence_length rows later.
-- @function timeseries_dataset_from_array
-- @tparam tensor data (rows, ...), in the order of time
-- @tparam ?tensor targets (rows, ...), or nil for windows alone
-- @tparam table options sequence_length (required): rows of a window; sequence_stride (1): from one window's beginning
-- to the next; sampling_rate (1): from one row of a window to the next; batch_size (128; false: single windows);
-- shuffle (false: in the order of time; true: an order of its own for each epoch); seed; start_index (1), end_index
-- (the number of rows): the first and the last row that are used
-- @treturn Dataset of x (n, sequence_length, ...) and y (n, ...), if there are targets
-- @raise if no window fits
-- @usage
-- local temperatures = nn.arange(100)
-- local train = nn.utils.timeseries_dataset_from_array(temperatures[{ { 1, 90 } }], temperatures[{ { 11, 100 } }],
--   { sequence_length = 10, batch_size = 32 })
-- for x, y in train:take(1):iterate() do print(x[1], y[1]) end -- 0 to 9, and 10
function timeseries.from_array(data, targets, options)
  local given = read(options)
  data = series(data, "data")
  if targets ~= nil then targets = series(targets, "targets") end
  return Dataset.of_node(windows.node {
    data = data, targets = targets, first = given.start_index - 1, count = count_of(given, #data, targets),
    length = given.sequence_length, stride = given.sequence_stride, rate = given.sampling_rate,
    batch_size = given.batch_size or nil, is_shuffled = given.shuffle, seed = given.seed,
  })
end


return timeseries
