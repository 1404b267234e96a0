--- `model:fit`: the epoch loop. Everything a user may want to change is here; the batches run in the engine.
-- @submodule nn.models
local engine_random = require "engine.random"
local process = require "engine.process"
local advise = { settings = require "nn.advice.settings", data = require "nn.advice.data",
  outcome = require "nn.advice.outcome", targets = require "nn.advice.targets", fitting = require "nn.advice.fitting",
  monitoring = require "nn.advice.monitoring", movement = require "nn.advice.movement" }
local arguments = require "nn.support.arguments"
local batches = require "nn.models.batches"
local blame = require "nn.support.blame"
local calls = require "nn.models.callback_list"
local compile = require "nn.models.compile"
local feed = require "nn.models.feed"
local kinds = require "nn.support.kinds"
local learned = require "nn.experiment.learned"
local lockbox = require "nn.experiment.lockbox"
local History = require "nn.callbacks.history"
local ProgbarLogger = require "nn.callbacks.progbar_logger"
local random = require "nn.random"
local stop = require "nn.support.stop"

local fit = {}

local COUNT, INDEX = kinds.whole(1), kinds.whole(0)

local check_options = arguments.options("fit", {
  { "batch_size", 32, COUNT }, { "epochs", 1, INDEX }, { "verbose", 1, kinds.verbose }, { "callbacks" },
  { "validation_split", 0 }, { "validation_data" }, { "shuffle", true }, { "class_weight" },
  { "sample_weight" }, { "initial_epoch", 0, INDEX }, { "validation_batch_size", nil, COUNT },
  { "validation_freq", 1, COUNT },
})

-- Seconds of training between two looks at the clock.
local SLICE = 0.1

local function read_options(given)
  local options = check_options(given)
  if options.verbose == "auto" then options.verbose = 1 end
  local split = options.validation_split
  if type(split) ~= "number" or not (split >= 0 and split < 1) then
    blame("fit: validation_split: expected a fraction from 0 to below 1, got %s", blame.got(split))
  end
  return options
end

local function slice(tensors, first, last)
  local part = {}
  for i, t in pairs(tensors) do part[i] = t[{ { first, last } }] end
  return part
end

--- Takes the last fraction of the samples for validation, before any shuffling, as Keras does.
local function split_off(data, fraction)
  local count = math.floor(data.n * (1 - fraction))
  if count == 0 or count == data.n then
    blame("fit: validation_split of %g leaves %d of %d samples for training and %d for validation", fraction, count,
      data.n, data.n - count)
  end
  local validation = {
    inputs = slice(data.inputs, count + 1, data.n), targets = slice(data.targets, count + 1, data.n),
    n = data.n - count,
    weights = data.weights and slice(data.weights, count + 1, data.n),
  }
  data.inputs, data.targets = slice(data.inputs, 1, count), slice(data.targets, 1, count)
  data.weights, data.n = data.weights and slice(data.weights, 1, count), count
  return validation
end

local function validation_set(model, outputs, data, options)
  local given = options.validation_data
  if not given then return options.validation_split > 0 and split_off(data, options.validation_split) or nil end
  local is_list = type(given) == "table" and not getmetatable(given)
  if not is_list or given[1] == nil or given[2] == nil then blame "fit: validation_data: expected { x, y }" end
  if #arguments.check_list("fit: validation_data", given) > 3 then
    blame "fit: validation_data: expected { x, y } or { x, y, sample_weight }"
  end
  local inputs, n = feed.inputs(model, given[1], "fit: validation_data x")
  lockbox.touch(model, inputs, "fit (validation_data)")
  local targets = feed.targets(outputs, given[2], n, "fit: validation_data y")
  return { inputs = inputs, targets = targets, n = n, weights = feed.weights(given[3], nil, targets, n) }
end

--- Runs the batches of one epoch; returns a reason where it ended early.
local function run_epoch(model, training, callbacks, total)
  local next_batch, length = model.position.batches + 1, callbacks.every_batch and 1 or 8
  while next_batch <= training.batches do
    local count = math.min(length, training.batches - next_batch + 1)
    callbacks:call("on_train_batch_begin", next_batch - 1, {})
    local started = process.monotonic()
    local outcome, done = batches.train(training, model.optimizer, next_batch, count)
    local seconds = process.monotonic() - started
    if outcome == "stopped" then return "interrupted", "interrupted" end
    if outcome == "not finite" then
      return "diverged", ("the loss is not finite at epoch %d of %d, batch %d of %d"):format(callbacks.epoch + 1, total,
        next_batch + done, training.batches)
    end
    next_batch = next_batch + count
    model.position.batches = next_batch - 1
    local logs, order = batches.results(training)
    if callbacks.every_batch then
      callbacks:call("on_train_batch_end", next_batch - 2, logs)
    else
      length = math.max(1, math.min(length * 4, math.floor(count * SLICE / math.max(seconds, 1e-9))))
    end
    callbacks:call("on_train_progress", next_batch - 1, training.batches, logs, order)
    if model.stop_training and callbacks.every_batch then break end
  end
end

local function validate(model, validation, callbacks, logs, order)
  callbacks:call("on_test_begin", {})
  validation.job:clear()
  if validation.job:run(1, validation.batches) == "stopped" then return "interrupted", "interrupted" end
  local results, names = batches.results(validation)
  for _, name in ipairs(names) do
    logs["val_" .. name] = results[name]
    order[#order + 1] = "val_" .. name
  end
  advise.outcome.check_numbers(model, "fit: validation", results, names)
  callbacks:call("on_test_end", results)
end

local function begin_epoch(model, epoch, training, callbacks)
  callbacks:call("on_epoch_begin", epoch, {})
  model.epochs_seen = model.epochs_seen + 1
  training.job:clear()
end

--- Trains an epoch, or what is left of it where on_train_begin has gone on within one.
local function train_epoch(model, epoch, training, validation, callbacks, options)
  callbacks.epoch = epoch
  if model.position.batches == 0 then begin_epoch(model, epoch, training, callbacks) end
  local shuffled = options.shuffle and engine_random.permutation(model.seed, model.epochs_seen, training.n)
  training.job:set_order(shuffled or nil)
  local outcome, reason = run_epoch(model, training, callbacks, options.epochs)
  model.position.batches = 0
  local logs, order = batches.results(training)
  if outcome == "diverged" then logs.loss = 0 / 0 end
  if not outcome and validation and (epoch + 1) % options.validation_freq == 0 then
    outcome, reason = validate(model, validation, callbacks, logs, order)
  end
  return logs, order, outcome, reason
end

local function train(model, training, validation, callbacks, options, history)
  local last = {}
  callbacks:call("on_train_begin", {})
  for epoch = options.initial_epoch, options.epochs - 1 do
    local logs, order, outcome, reason = train_epoch(model, epoch, training, validation, callbacks, options)
    if outcome == "interrupted" then
      history.outcome, history.reason = outcome, reason
      break
    end
    callbacks:call("on_epoch_end", epoch, logs, order)
    history.order, last = order, logs
    if outcome then
      history.outcome, history.reason = outcome, reason
      break
    end
    if model.stop_training then break end
  end
  if #history.epoch > 0 and history.outcome == "complete" then
    model.optimizer:finalize_variable_values(training.job:variables())
  end
  callbacks:call("on_train_end", last)
end

--- Marks a model as being trained, until the variable goes out of scope. The position is what a checkpoint needs.
local function busy(model, job)
  model.position = { batches = 0, job = job }
  return setmetatable({}, { __close = function() model.position = nil end })
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
  model:require_idle("fit")
  local inputs, n = feed.inputs(model, x, "fit: x")
  local outputs = compile.outputs(model)
  local targets = feed.targets(outputs, y, n, "fit: y")
  local data = { inputs = inputs, targets = targets, n = n,
    weights = feed.weights(options.sample_weight, options.class_weight, targets, n, outputs) }
  local held_out = validation_set(model, outputs, data, options)
  advise.settings.check(model, outputs)
  advise.data.check(model, data, held_out, outputs)
  advise.fitting.check(model, data, { held_out }, outputs, options)
  advise.monitoring.check(model, calls.list(options.callbacks), data, held_out)
  if options.epochs > 1 then -- one epoch may be one of a loop
    advise.targets.check(model, data, outputs, options.epochs * math.ceil(data.n / options.batch_size))
  end

  model.seed, model.epochs_seen = model.seed or random.next_seed(), model.epochs_seen or 0
  local training = batches.trainer(model, data, outputs, options.batch_size)
  local validation = held_out and batches.new("evaluate", model, held_out, compile.outputs(model),
    options.validation_batch_size, options.batch_size)
  local before = advise.movement.before(model, options.epochs - options.initial_epoch)
  model.input_densities = {}
  for i in ipairs(inputs) do model.input_densities[i] = training.job:density(i) end

  local params = { epochs = options.epochs, steps = training.batches, verbose = options.verbose,
    batch_size = options.batch_size, samples = data.n, validation = validation ~= nil }
  local history, display = History {}, ProgbarLogger {}
  history.outcome = "complete"
  model.stop_training, model.history = false, history
  local callbacks = calls.new(model, params, options.callbacks, { display, history })
  do
    local _ <close> = busy(model, training.job)
    train(model, training, validation, callbacks, options, history)
  end
  if history.outcome == "interrupted" then stop.check() end
  learned.note(model.trainable_weights)
  advise.outcome.check(model, history, { training = data, held_out = held_out, outputs = outputs, before = before,
    is_weighted = data.weights ~= nil, steps = #history.epoch * training.batches })
  return history
end

return fit
