--- Training runs: what `fit` makes of a model, a source and its options.
--
-- A run has
--
-- - model; source, training: where its batches come from and the job they go through; validation: a job, or nil
-- - options: as `fit` takes them
-- - steps: how many batches an epoch has; nil if the source does not know
-- - epoch, batch: its position, how many epochs are done and how many batches of the next one
-- - callbacks, and history, which becomes the record of what happened
--
-- Of all this the model keeps what a script reads, its history, and what the next run goes on from: the seed, and how
-- many epochs it has been trained with it, since each of them shuffles the samples differently.
local process = require "engine.process"
local advice = require "nn.advice.outcome"
local blame = require "nn.support.blame"
local calls = require "nn.models.callback_list"
local History = require "nn.callbacks.history"
local Job = require "nn.models.run.job"
local ProgbarLogger = require "nn.callbacks.progbar_logger"
local metric_state = require "nn.metrics.state"
local random = require "nn.random"
local state = require "nn.models.run.state"
local Steps = require "nn.models.run.steps"

local Run = {}
Run.__index = Run

-- Seconds of training between two looks at the clock.
local SLICE = 0.1

-- By model the run that trains it now.
local running = setmetatable({}, { __mode = "k" })

--- The run that trains a model now; nil if none does.
function Run.of(model)
  return running[model]
end

--- Raises an error if a callback of the model's own `fit` would take away what that works on.
-- @tparam table model
-- @tparam string what the callback asks for
function Run.require_idle(model, what)
  if running[model] then
    blame("%s: the model %s is being trained by fit, which called this; a callback may evaluate, predict, save and "
      .. "train_on_batch it, but %s has to wait until fit has returned", what, model.name, what)
  end
end

-- By input the share of its numbers that are not zero, if it is read as compressed rows.
local function densities_of(training, source)
  local list = {}
  for i in ipairs(source.inputs) do list[i] = training.engine:density(i) end
  return list
end

-- How many samples an epoch takes; nil if that is not known.
local function samples_of(source)
  if source.is_stream then return nil end
  return source.count or source.n
end

--- @tparam table model compiled
-- @tparam table source of the training samples, see nn.models.run.source
-- @tparam ?table held_out a source of validation samples
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam table options as `fit` takes them, all there
-- @treturn table the run, before its first batch
function Run.new(model, source, held_out, outputs, options)
  model.seed, model.epochs_seen = model.seed or random.next_seed(), model.epochs_seen or 0
  local self = setmetatable({ model = model, source = source, options = options, epoch = options.initial_epoch,
    batch = 0, history = History {} }, Run)
  self.training = source:jobs(function(of)
    return Steps.trainer(model, of, outputs, of.batch_size or options.batch_size)
  end)
  self.held_out = held_out
  self.validation = held_out and held_out:jobs(function(of)
    return Steps.evaluator(model, of, outputs, options.validation_batch_size, of.batch_size or options.batch_size)
  end)
  self.steps = source:steps(self.training)
  self.history.outcome, self.history.input_densities = "complete", densities_of(self.training, source)
  model.stop_training, model.history = false, self.history
  self.callbacks = calls.new(model, {
    epochs = options.epochs, steps = self.steps, verbose = options.verbose,
    batch_size = options.batch_size, samples = samples_of(source), validation = self.validation ~= nil,
  }, options.callbacks, { ProgbarLogger {}, self.history })
  return self
end

-- ---- batches --------------------------------------------------------------------------------------------------------

--- Notes why the run ends before its time.
-- @tparam string outcome "stopped" or "not finite", as of a job
-- @tparam[opt] integer done batches of the last stretch
-- @treturn string "interrupted" or "diverged"
function Run:end_early(outcome, done)
  local history = self.history
  history.outcome, history.reason = "interrupted", "interrupted"
  if outcome == "not finite" then
    history.outcome = "diverged"
    history.reason = ("the loss is not finite at epoch %d of %d, batch %d%s"):format(self.epoch + 1,
      self.options.epochs, self.batch + 1 + done, self.steps and " of " .. self.steps or "")
  end
  return history.outcome
end

--- Trains with the batches that are left of this epoch.
-- @treturn ?string why it ended early
function Run:train_batches()
  local callbacks, training, model = self.callbacks, self.training, self.model
  local length = callbacks.every_batch and 1 or 8
  local first, count = self.source:next(training, self.batch, length)
  local is_stream, told = self.source.is_stream, 0 -- told: when callbacks were told last
  while first do
    callbacks:call("on_train_batch_begin", self.batch, {})
    local started = process.monotonic()
    local outcome, done = training:run(first, count)
    local seconds = process.monotonic() - started
    if outcome ~= "done" then return self:end_early(outcome, done) end
    self.batch = self.batch + count
    if callbacks.every_batch then
      callbacks:call("on_train_batch_end", self.batch - 1, (training:results()))
    else
      length = math.max(1, math.min(length * 4, math.floor(count * SLICE / math.max(seconds, 1e-9))))
    end
    if not is_stream or callbacks.every_batch or started - told >= SLICE or self.batch == self.steps then
      callbacks:call("on_train_progress", self.batch, self.steps, training:results())
      told = started
    end
    if model.stop_training and callbacks.every_batch then return nil end
    first, count = self.source:next(training, self.batch, length)
  end
  self.steps = self.source:steps(training)
end

--- Adds the validation's results to those of the epoch.
-- @treturn ?string why it ended early
function Run:validate(logs, order)
  local validation, callbacks = self.validation, self.callbacks
  callbacks:call("on_test_begin", {})
  validation:clear()
  self.held_out:begin(validation, self.model.seed, 0)
  local outcome = Job.run_source(validation, self.held_out)
  if outcome == "stopped" then return self:end_early(outcome) end
  local results, names = validation:results()
  for _, name in ipairs(names) do
    logs["val_" .. name] = results[name]
    order[#order + 1] = "val_" .. name
  end
  advice.check_numbers(self.model, "fit: validation", results, names)
  callbacks:call("on_test_end", results)
end

-- ---- epochs ---------------------------------------------------------------------------------------------------------

--- Trains and validates for an epoch, or for what is left of it if the run was restored within one.
-- @treturn table logs
-- @treturn {string,...} their names in order
-- @treturn ?string why it ended early
function Run:train_epoch()
  local model, training, options = self.model, self.training, self.options
  if self.batch == 0 then
    self.callbacks:call("on_epoch_begin", self.epoch, {})
    model.epochs_seen = model.epochs_seen + 1
    training:clear()
  end
  self.source:begin(training, model.seed, model.epochs_seen)
  local outcome = self:train_batches()
  local logs, order = training:results()
  if outcome == "diverged" then logs.loss = 0 / 0 end
  if not outcome and self.validation and (self.epoch + 1) % options.validation_freq == 0 then
    outcome = self:validate(logs, order)
  end
  return logs, order, outcome
end

function Run:train_epochs()
  local history, last = self.history, {}
  while self.epoch < self.options.epochs do
    local logs, order, outcome = self:train_epoch()
    if outcome == "interrupted" then break end
    self.epoch, self.batch, last = self.epoch + 1, 0, logs
    self.callbacks:call("on_epoch_end", self.epoch - 1, logs, order)
    history.order = order
    if outcome or self.model.stop_training then break end
  end
  return last
end

--- Trains to the end, or until something ends it early.
-- @treturn table the history
function Run:train()
  running[self.model] = self
  local _ <close> = setmetatable({}, { __close = function() running[self.model] = nil end })
  self.callbacks:call("on_train_begin", {})
  local last = self:train_epochs()
  if #self.history.epoch > 0 and self.history.outcome == "complete" then
    self.model.optimizer:finalize_variable_values(self.training.engine:variables())
  end
  self.callbacks:call("on_train_end", last)
  return self.history
end

-- ---- checkpoints ----------------------------------------------------------------------------------------------------

--- All that the rest of the run depends on, but for the data and what callbacks remember.
-- @treturn table plain data and tensors: epochs, batches: the position, and source: that of the source; sums: of loss
-- and metrics over these batches; metrics, validation_metrics: what those with a state in Lua have counted; model: see
-- nn.models.run.state. Some are the optimizer's own tensors, which change as soon as the run goes on
function Run:state()
  return {
    epochs = self.epoch, batches = self.batch, source = self.source.state and self.source:state() or nil,
    sums = self.batch > 0 and self.training.engine:sums() or nil, model = state.of(self.model),
    metrics = metric_state.of(self.training:own_metrics()),
    validation_metrics = self.validation and metric_state.of(self.validation:own_metrics()),
  }
end

--- Goes on from an earlier run's position. The model was restored before this run was made, which depends on it.
-- @tparam table earlier what `run:state()` gave
function Run:restore(earlier)
  self.epoch, self.batch = earlier.epochs, earlier.batches
  if earlier.source then self.source:restore(earlier.source) end
  if self.batch > 0 then self.training.engine:set_sums(earlier.sums) end
  metric_state.restore(self.training:own_metrics(), earlier.metrics)
  if self.validation then metric_state.restore(self.validation:own_metrics(), earlier.validation_metrics) end
end

return Run
