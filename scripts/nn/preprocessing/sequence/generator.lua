--- Windows over a series with the value that follows each, in batches by number, as in Keras 2.
-- @submodule nn.preprocessing.sequence
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local properties = require "nn.support.properties"
local random = require "nn.random"
local tensor = require "nn.tensor"
local windows = require "nn.data.windows"

local TimeseriesGenerator = {}

local COUNT = kinds.whole(1)
local SIGNATURE = {
  { "data", arguments.required }, { "targets", arguments.required }, { "length", arguments.required, COUNT },
  { "sampling_rate", 1, COUNT }, { "stride", 1, COUNT }, { "start_index", 1, COUNT }, { "end_index", nil, COUNT },
  { "shuffle", false }, { "reverse", false }, { "batch_size", 128, COUNT }, { "seed", nil, kinds.integer },
}
local signature = arguments.signature("TimeseriesGenerator", SIGNATURE)
local meta

local function rows_of(value, name)
  local t = type(value) == "table" and tensor.tensor(value) or value
  if tensor.is_tensor(t) and t.ndim > 0 then return t:contiguous() end
  blame("TimeseriesGenerator: %s: expected a tensor or a list, a row for each point in time, got %s", name,
    blame.got(value))
end

--- Batches of windows over data and the targets of the row after each: `#generator` is their number,
-- `generator:get(i)` gives one as x, y, and `fit` takes the generator itself.
-- @function TimeseriesGenerator
-- @tparam table options data (rows, ...), targets (rows, ...): the target of a window is at the row after it; length:
-- how many rows of data a window spans; sampling_rate (1): it has each so many of them; stride (1): from one window to
-- the next; start_index (1), end_index (the last row): the rows that are used; shuffle (false: in the order of time;
-- true: batches of windows drawn at random); reverse (false: whether the newest row comes first); batch_size (128);
-- seed of shuffle
-- @usage
-- local series = nn.arange(20)
-- local generator = nn.preprocessing.sequence.TimeseriesGenerator{ series, series, length = 5, batch_size = 4 }
-- local x, y = generator:get(1) -- rows 0 to 4 and 5, 1 to 5 and 6, ...
local function new(options, ...)
  arguments.check_one("TimeseriesGenerator", ...)
  local self = setmetatable(signature(options), meta)
  self.data, self.targets = rows_of(self.data, "data"), rows_of(self.targets, "targets")
  if #self.data ~= #self.targets then
    blame("TimeseriesGenerator: data and targets must have the same number of rows, got %d and %d", #self.data,
      #self.targets)
  end
  self.end_index = self.end_index or #self.data
  self.first = self.start_index + self.length -- the first row that is a target
  if self.end_index > #self.data or self.first > self.end_index then
    blame("TimeseriesGenerator: no window of %d rows has a row after it from start_index = %d to end_index = %d of %d "
      .. "rows", self.length, self.start_index, self.end_index, #self.data)
  end
  return self
end

local function count(self)
  local step = self.batch_size * self.stride
  return (self.end_index - self.first + step) // step
end

-- The rows that are targets of a batch, from 1, int32.
local function targets_of(self, number)
  if self.shuffle then
    local places = self.end_index - self.first + 1
    return random.uniform({ shape = { self.batch_size }, minval = 0, maxval = places,
      seed = self.seed and self.seed + number }):floor():clip(0, places - 1):astype "int32" + self.first
  end
  local start = self.first + self.batch_size * self.stride * (number - 1)
  local last = math.min(start + self.batch_size * self.stride - 1, self.end_index)
  return tensor.arange((last - start) // self.stride + 1, "int32") * self.stride + start
end

--- One batch.
-- @function timeseries:get
-- @tparam integer index from 1
-- @treturn tensor x (n, rows of a window, ...)
-- @treturn tensor y (n, ...)
-- @usage local x, y = timeseries:get(1)
function TimeseriesGenerator:get(index)
  if math.type(index) ~= "integer" or index < 1 or index > count(self) then
    blame("TimeseriesGenerator: get: expected a number from 1 to %d, got %s", count(self), blame.got(index))
  end
  local rows = targets_of(self, index)
  local steps = (self.length + self.sampling_rate - 1) // self.sampling_rate
  local x = windows.gather(self.data, rows - (self.length + 1), steps, self.sampling_rate)
  if self.reverse then x = require("nn.ops").flip(x, 2) end
  return x, self.targets:gather(rows)
end

meta = properties.class("TimeseriesGenerator", TimeseriesGenerator, SIGNATURE, { "first" })
meta.__len = count

return { new = new }
