--- `model:fit`: reads the options, looks at the data, and runs a training run (nn.models.run).
-- @submodule nn.models
local advise = { settings = require "nn.advice.settings", data = require "nn.advice.data",
  outcome = require "nn.advice.outcome", targets = require "nn.advice.targets", fitting = require "nn.advice.fitting",
  monitoring = require "nn.advice.monitoring", movement = require "nn.advice.movement" }
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local calls = require "nn.models.callback_list"
local compile = require "nn.models.compile"
local feed = require "nn.models.feed"
local kinds = require "nn.support.kinds"
local learned = require "nn.experiment.learned"
local lockbox = require "nn.experiment.lockbox"
local Run = require "nn.models.run"
local stop = require "nn.support.stop"

local fit = {}

local COUNT, INDEX = kinds.whole(1), kinds.whole(0)

local check_options = arguments.options("fit", {
  { "batch_size", 32, COUNT }, { "epochs", 1, INDEX }, { "verbose", 1, kinds.verbose }, { "callbacks" },
  { "validation_split", 0 }, { "validation_data" }, { "shuffle", true }, { "class_weight" },
  { "sample_weight" }, { "initial_epoch", 0, INDEX }, { "validation_batch_size", nil, COUNT },
  { "validation_freq", 1, COUNT },
})

local function read_options(given)
  local options = check_options(given)
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

--- A source of the samples that were given for validation.
local function given_validation(model, outputs, given)
  local is_list = type(given) == "table" and not getmetatable(given)
  if not is_list or given[1] == nil or given[2] == nil then blame "fit: validation_data: expected { x, y }" end
  if #arguments.check_list("fit: validation_data", given) > 3 then
    blame "fit: validation_data: expected { x, y } or { x, y, sample_weight }"
  end
  local source = feed.source(model, given[1], given[2], "fit: validation_data ", { sample_weight = given[3] }, outputs)
  lockbox.touch(model, source.inputs, "fit (validation_data)")
  return source
end

--- Sources of the samples for training and for validation, and the outputs.
local function sources(model, x, y, options)
  local source, outputs = feed.source(model, x, y, "fit: ", options)
  source.is_shuffled = options.shuffle
  if options.validation_data then return source, given_validation(model, outputs, options.validation_data), outputs end
  if options.validation_split == 0 then return source, nil, outputs end
  local training, held_out = split_off(source, options.validation_split)
  return training, held_out, outputs
end

local function advise_before(model, source, held_out, outputs, options)
  advise.settings.check(model, outputs)
  advise.data.check(model, source, held_out, outputs)
  advise.fitting.check(model, source, { held_out }, outputs, options)
  advise.monitoring.check(model, calls.list(options.callbacks), source, held_out)
  if options.epochs > 1 then -- one epoch may be one of a loop
    advise.targets.check(model, source, outputs, options.epochs * math.ceil(source.n / options.batch_size))
  end
end

--- Trains the model. While it does, callbacks may do all with the model but fit it, compile it or change its layers.
-- @function model:fit
-- @tparam tensor x samples (n, ...), or a list of tensors for several inputs
-- @tparam tensor y targets, or a list of tensors for several outputs
-- @tparam[opt] table options batch_size (32), epochs (1), verbose (1), callbacks, validation_split (0: the last
-- fraction, taken before shuffling), validation_data ({ x, y } or { x, y, sample_weight }), shuffle (true),
-- class_weight (`{ [0] = 1, [1] = 5 }`; "balanced": each class counts as much as any other), sample_weight,
-- initial_epoch (0), validation_batch_size, validation_freq (1)
-- @treturn table history: history[name] = { value of each epoch }, epoch = { 0, 1, ... }, params, outcome ("complete",
-- "diverged" where the loss was not finite), reason
-- @usage local history = model:fit(x, y, { epochs = 5, batch_size = 100, validation_split = 0.1 })
function fit.fit(model, x, y, given)
  local options = read_options(given)
  compile.require(model, "fit")
  Run.require_idle(model, "fit")
  local source, held_out, outputs = sources(model, x, y, options)
  advise_before(model, source, held_out, outputs, options)
  local before = advise.movement.before(model, options.epochs - options.initial_epoch)
  local run = Run.new(model, source, held_out, outputs, options)
  local history = run:train()
  if history.outcome == "interrupted" then stop.check() end
  learned.note(model.trainable_weights)
  advise.outcome.check(model, history, { training = source, held_out = held_out, outputs = outputs, before = before,
    is_weighted = source.weights ~= nil, steps = #history.epoch * run.steps })
  return history
end

return fit
