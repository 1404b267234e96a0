--- From a dataset, or an object with `__len` and `get(i)`, to a source that a run takes its batches from.
--
-- Rows of tensors in memory become a source of those tensors with an order: that costs what the tensors themselves
-- would. All others are streams.
local blame = require "nn.support.blame"
local Dataset = require("nn.data").Dataset
local align = require "nn.losses.align"
local feed = require "nn.models.feed"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local plan = require "nn.data.plan"
local sources = require "nn.data.sources"
local Source = require "nn.models.run.source"
local Stream = require "nn.models.run.stream"
local structure = require "nn.data.structure"
local tensor = require "nn.tensor"

local from_dataset = {}

--- The dataset that a value stands for.
-- @param value
-- @tparam[opt] boolean shuffle whether epochs take the batches of an object in orders of their own
-- @treturn ?Dataset nil if it is none
function from_dataset.of(value, shuffle)
  if Dataset.is(value) then return value end
  return sources.is_sequence(value) and Dataset.of_sequence(value, shuffle) or nil
end

--- Reads `model:fit(dataset, { ... })`, where options stand at the place of y.
-- @tparam string what begins the messages
-- @return y or nothing
-- @treturn ?table options
function from_dataset.arguments(what, y, options)
  if y == nil then return options end
  if options ~= nil or type(y) ~= "table" or getmetatable(y) then
    blame("%s: y: a dataset gives x and y itself, as model:%s(dataset, { ... })", what, what)
  end
  return y
end

--- Raises an error if options are given that a dataset leaves no room for.
-- @tparam string what begins the messages
-- @tparam ?table given options as the script wrote them
-- @tparam {[string]=string} reasons by option
function from_dataset.refuse(what, given, reasons)
  for name, reason in pairs(reasons) do
    if type(given) == "table" and given[name] ~= nil then blame("%s: %s: %s", what, name, reason) end
  end
end

-- ---- single samples -------------------------------------------------------------------------------------------------

local function first_input(model) return model.inputs and model.inputs[1] end

-- Whether a value is one sample of the first input, and no batch of them.
local function is_single(dataset, model, value)
  local leaf, input = structure.leaves(value)[1], first_input(model)
  local shape = tensor.is_tensor(leaf) and leaf.shape or {}
  if dataset.is_batched == false then return not input or #shape <= #input.shape end
  if dataset.is_batched then return false end
  return #shape == 0 or input and #input.shape > 1 and align.same(shape, input.shape)
end

local function check_batched(dataset, model, value, what)
  if is_single(dataset, model, value) then
    blame("%sthe dataset gives single samples, not batches of them; add :batch(32) to it", what)
  end
end

local function check_values(element, least, what)
  if element.n >= least and element.n <= 3 then return end
  blame("%sthe dataset gives %d value%s; expected batches of %s", what, element.n, element.n == 1 and "" or "s",
    least == 1 and "x" or "x and y, or of x, y and weights")
end

-- ---- sources --------------------------------------------------------------------------------------------------------

-- What a batch, or all columns, are as a source.
local function source_of(model, element, what, options, outputs)
  if options.only_inputs then
    local inputs, n = feed.inputs(model, element[1], what .. "x")
    return { inputs = inputs, n = n }
  end
  return feed.source(model, element[1], element[2], what,
    { sample_weight = element[3], class_weight = options.class_weight }, outputs)
end

-- The plan of a dataset whose columns a job can be made for.
local function plan_of(dataset, limit, options)
  local known = node.plan(dataset)
  if not known or not known.batch or limit and not options.restarts then return nil end
  for _, leaf in ipairs(structure.leaves(known.columns)) do
    if not tensor.is_tensor(leaf) then return nil end
  end
  return known
end

-- The inputs in the order of a dataset: predictions stand beside the rows they are for.
local function in_order(model, known, what, options)
  local over = pass.new(options.seed, options.epoch)
  local count = options.limit and math.min(known.count, options.limit * known.batch) or known.count
  local rows = structure.gather(known.columns, plan.positions(known, over)[{ { 1, count } }])
  return Source.new(source_of(model, rows, what, options))
end

local function in_memory(model, known, what, options, outputs)
  if options.only_inputs then return in_order(model, known, what, options) end
  local source, found = source_of(model, known.columns, what, options, outputs)
  local count = options.limit and math.min(known.count, options.limit * known.batch) or known.count
  source.batch_size, source.count = known.batch, count
  source.positions = function(seed, epoch)
    local order = known.positions(pass.new(seed, epoch))
    if count == known.count then return order end
    return (order or plan.positions(known))[{ { 1, count } }]:copy()
  end
  return source, found
end

local function stream(model, dataset, what, options, outputs)
  if options.class_weight == "balanced" then
    blame('%sclass_weight: "balanced" counts all targets before training, which this dataset does not have in memory; '
      .. "give a table such as { [0] = 1, [1] = 5 }", what)
  end
  local own = { restarts = options.restarts, limit = options.limit, limit_name = options.limit_name, what = what,
    dataset = dataset, tensors = node.tensors(dataset) }
  local found = outputs
  function own.convert(element, number)
    if number == 1 then
      check_batched(dataset, model, element[1], what)
      check_values(element, (options.only_inputs or model.train_step) and 1 or 2, what)
    end
    local batch
    local about = ("%sbatch %d of the dataset: "):format(what, number)
    batch, found = source_of(model, element, about, options, found)
    return batch
  end
  local self = Stream.new(own)
  self:peek(options.seed, options.epoch)
  return self, found
end

--- A source of a dataset's batches, and the model's outputs.
-- @tparam table model compiled; of a Sequential without a declared input the first batch makes the shape
-- @tparam Dataset dataset
-- @tparam string what begins the messages, as "fit: "
-- @tparam table options seed, epoch: of the first pass; limit: how many batches an epoch takes, and limit_name: the
-- option that says so; restarts: whether each epoch begins anew; class_weight; only_inputs: for predictions
-- @tparam[opt] {table,...} outputs see nn.models.outputs
-- @treturn table the source
-- @treturn {table,...} outputs
function from_dataset.source(model, dataset, what, options, outputs)
  local known = plan_of(dataset, options.limit, options)
  if known and known.count > 0 then
    check_values(known.columns, (options.only_inputs or model.train_step) and 1 or 2, what)
    return in_memory(model, known, what, options, outputs)
  end
  return stream(model, dataset, what, options, outputs)
end

--- The tensors that a source's batches come from, as far as they are known, for the lockbox.
-- @treturn {tensor,...}
function from_dataset.tensors(source)
  if not source.is_stream then return source.inputs end
  return table.move(source.inputs, 1, #source.inputs, #source.tensors + 1,
    table.move(source.tensors, 1, #source.tensors, 1, {}))
end

return from_dataset
