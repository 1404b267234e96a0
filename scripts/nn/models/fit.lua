--- `model:fit`: reads the options, looks at the data, and runs a training run (nn.models.run).
-- @submodule nn.models
local advise = { settings = require "nn.advice.settings", data = require "nn.advice.data",
  outcome = require "nn.advice.outcome", targets = require "nn.advice.targets", fitting = require "nn.advice.fitting",
  monitoring = require "nn.advice.monitoring", movement = require "nn.advice.movement" }
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local calls = require "nn.models.callback_list"
local compile = require "nn.models.compile"
local Dataset = require("nn.data").Dataset
local feed = require "nn.models.feed"
local from_dataset = require "nn.models.from_dataset"
local kinds = require "nn.support.kinds"
local learned = require "nn.experiment.learned"
local lockbox = require "nn.experiment.lockbox"
local random = require "nn.random"
local Run = require "nn.models.run"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local fit = {}

local COUNT, INDEX = kinds.whole(1), kinds.whole(0)

local check_options = arguments.options("fit", {
  { "batch_size", 32, COUNT }, { "epochs", 1, INDEX }, { "verbose", 1, kinds.verbose }, { "callbacks" },
  { "validation_split", 0 }, { "validation_data" }, { "shuffle", true }, { "class_weight" },
  { "sample_weight" }, { "initial_epoch", 0, INDEX }, { "validation_batch_size", nil, COUNT },
  { "validation_freq", 1, COUNT }, { "steps_per_epoch", nil, COUNT }, { "validation_steps", nil, COUNT },
})

-- Options that datasets leave no room for.
local REFUSED = {
  batch_size = "the dataset's batches have their own size; set it by :batch(n)",
  sample_weight = "a dataset gives the weights itself, as a third value beside x and y",
  validation_split = "is for tensors; give validation_data, such as dataset:take(n) beside dataset:skip(n)",
}

local function read_options(given, dataset)
  local options = check_options(given)
  if dataset then from_dataset.refuse("fit", given, REFUSED) end
  if options.verbose == "auto" then options.verbose = 1 end
  local split = options.validation_split
  if type(split) ~= "number" or not (split >= 0 and split < 1) then
    blame("fit: validation_split: expected a fraction from 0 to below 1, got %s", blame.got(split))
  end
  return options
end

--- Takes the last fraction of the samples for validation, before any shuffling, as Keras does.
-- @treturn table a source of the samples for training
-- @treturn table a source of those for validation
local function split_off(source, fraction)
  local count = math.floor(source.n * (1 - fraction))
  if count == 0 or count == source.n then
    blame("fit: validation_split of %g leaves %d of %d samples for training and %d for validation", fraction, count,
      source.n, source.n - count)
  end
  return source:part(1, count), source:part(count + 1, source.n)
end

-- A source of the dataset that was given for validation.
local function validation_dataset(model, outputs, dataset, options)
  local source = from_dataset.source(model, dataset, "fit: validation_data: ", { seed = model.seed or 0, epoch = 0,
    restarts = true, limit = options.validation_steps, limit_name = "validation_steps" }, outputs)
  lockbox.touch(model, from_dataset.tensors(source), "fit (validation_data)", source.is_stream)
  return source
end

--- A source of the samples that were given for validation.
local function given_validation(model, outputs, options)
  local given = options.validation_data
  local dataset = from_dataset.of(given)
  if dataset then return validation_dataset(model, outputs, dataset, options) end
  if options.validation_steps then
    blame "fit: validation_steps: is for datasets as validation_data; tensors are evaluated as a whole"
  end
  local meta = getmetatable(given)
  local is_list = type(given) == "table" and not (meta and meta.__name) -- no object
  if not is_list or given[1] == nil or given[2] == nil then blame "fit: validation_data: expected { x, y }" end
  if #arguments.check_list("fit: validation_data", given) > 3 then
    blame "fit: validation_data: expected { x, y } or { x, y, sample_weight }"
  end
  local source = feed.source(model, given[1], given[2], "fit: validation_data ", { sample_weight = given[3] }, outputs)
  lockbox.touch(model, source.inputs, "fit (validation_data)")
  return source
end

-- A source of a dataset for training.
local function training_dataset(model, dataset, options)
  model.seed = model.seed or random.next_seed()
  local source, outputs = from_dataset.source(model, dataset, "fit: ", { seed = model.seed,
    epoch = (model.epochs_seen or 0) + 1, limit = options.steps_per_epoch, limit_name = "steps_per_epoch",
    class_weight = options.class_weight })
  options.batch_size = source.batch_size
  return source, outputs
end

local function one_or_list(tensors) return #tensors == 1 and tensors[1] or tensors end

-- Tensors of which an epoch takes so many batches and the next one goes on, again and again: as a dataset does.
local function in_steps(model, source, options)
  local columns, weights = { one_or_list(source.inputs), one_or_list(source.targets) }, {}
  for i in ipairs(source.weights and source.targets or {}) do
    weights[i] = source.weights[i] or tensor.ones { source.n }
  end
  columns[3] = weights[1] and one_or_list(weights)
  local dataset = Dataset.from_tensor_slices(columns)
  if options.shuffle then dataset = dataset:shuffle(source.n) end
  return training_dataset(model, dataset:batch(math.min(options.batch_size, source.n)):repeated(),
    { steps_per_epoch = options.steps_per_epoch })
end

--- Sources of the samples for training and for validation, and the outputs.
local function sources(model, x, y, dataset, options)
  local source, outputs
  if dataset then
    source, outputs = training_dataset(model, dataset, options)
  else
    source, outputs = feed.source(model, x, y, "fit: ", options)
    source.is_shuffled = options.shuffle
  end
  local held_out
  if options.validation_data then
    held_out = given_validation(model, outputs, options)
  elseif options.validation_split ~= 0 then
    source, held_out = split_off(source, options.validation_split)
  end
  if options.steps_per_epoch and not dataset then source, outputs = in_steps(model, source, options) end
  return source, held_out, outputs
end

local function advise_before(model, source, held_out, outputs, options)
  advise.settings.check(model, outputs)
  if source.is_stream or not source.targets[1] then return end -- there are no data to look at
  if held_out and held_out.is_stream then held_out = nil end
  advise.data.check(model, source, held_out, outputs)
  advise.fitting.check(model, source, { held_out }, outputs, options)
  advise.monitoring.check(model, calls.list(options.callbacks), source, held_out)
  if options.epochs > 1 then -- one epoch may be one of a loop
    advise.targets.check(model, source, outputs, options.epochs * math.ceil(source.n / options.batch_size))
  end
end

-- Whether a value stands for options, and not for targets by their names: a model's own step may do without targets.
local function are_options(value)
  if type(value) ~= "table" or getmetatable(value) or type(next(value)) ~= "string" then return false end
  for _, each in pairs(value) do
    if tensor.is_tensor(each) then return false end
  end
  return true
end

--- Trains the model. While it does, callbacks may do all with the model but fit it, compile it or change its layers.
-- @function model:fit
-- @tparam tensor x samples (n, ...), or a list of tensors for several inputs. Or a dataset, which gives batches of x, y
-- and perhaps weights (see nn.data), or an object with `__len`, how many batches it has, and `get(i)`, which returns
-- one of them; then y is left out: `model:fit(dataset, { epochs = 5 })`
-- @tparam tensor y targets, or a list of tensors for several outputs; may be left out for a model with a train_step
-- @tparam[opt] table options batch_size (32), epochs (1), verbose (1), callbacks, validation_split (0: the last
-- fraction, taken before shuffling), validation_data ({ x, y } or { x, y, sample_weight }), shuffle (true),
-- class_weight (`{ [0] = 1, [1] = 5 }`; "balanced": each class counts as much as any other), sample_weight,
-- initial_epoch (0), validation_batch_size, validation_freq (1). validation_data may be a dataset, too.
-- steps_per_epoch: how many batches an epoch takes (all); it goes on where the last one stopped, and with tensors from
-- the beginning when these are used up. With a dataset as validation_data, validation_steps: how many batches it takes
-- @treturn table history: history[name] = { value of each epoch }, epoch = { 0, 1, ... }, params, outcome ("complete",
-- "diverged" where the loss was not finite), reason
-- @usage local history = model:fit(x, y, { epochs = 5, batch_size = 100, validation_split = 0.1 })
function fit.fit(model, x, y, given)
  if given == nil and model.train_step and are_options(y) then y, given = nil, y end
  local dataset = from_dataset.of(x, not (type(given or y) == "table" and (given or y).shuffle == false))
  if dataset then y, given = nil, from_dataset.arguments("fit", y, given) end
  local options = read_options(given, dataset)
  compile.require(model, "fit")
  compile.check_frozen(model)
  Run.require_idle(model, "fit")
  local source, held_out, outputs = sources(model, x, y, dataset, options)
  advise_before(model, source, held_out, outputs, options)
  local before = advise.movement.before(model, options.epochs - options.initial_epoch)
  local run = Run.new(model, source, held_out, outputs, options)
  local history = run:train()
  if history.outcome == "interrupted" then stop.check() end
  learned.note(model.trainable_weights)
  if held_out and (held_out.is_stream or not held_out.targets[1]) then held_out = nil end
  local is_known = not source.is_stream and source.targets[1] ~= nil
  advise.outcome.check(model, history, { training = is_known and source or nil, held_out = held_out,
    outputs = outputs, before = before, is_weighted = source.weights ~= nil,
    steps = #history.epoch * (run.steps or 0) })
  return history
end

return fit
