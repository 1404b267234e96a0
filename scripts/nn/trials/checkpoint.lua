--- Going on with a trial whose process has died, in the same bits as if it had not: a callback that stores, at the end
-- of epochs and within long ones, all that training depends on.
--
-- That is the weights, the optimizer's state, which numbers were drawn, the epochs so far, within an epoch the batches
-- so far and the sums of loss and metrics over them, and what callbacks remember.
-- A callback tells that by `state(self)`, which returns plain data and tensors, and takes it back by `restore(self,
-- state)`, called after on_train_begin; on_epoch_begin is not called again where an epoch is gone on with. One of
-- nn.callbacks remembers what is in its fields. A trial with a callback of another kind has no checkpoints: it begins
-- anew.
local process = require "engine.process"
local environment = require "nn.store.environment"
local files = require "nn.support.files"
local model_state = require "nn.models.run.state"
local Run = require "nn.models.run"
local snapshot = require "nn.tensor.snapshot"
local Store = require "nn.store"

local Checkpoint = {}
Checkpoint.__index = Checkpoint

local SHARE = 0.05 -- of the time may be spent on checkpoints, where nobody says how often they should be made
local LONG = 60    -- seconds without a checkpoint, after which none waits for the epoch to end

-- What must be the same for the bits to be: on another machine a trial begins anew.
local GROUND = { "nnrun", "compiler", "kernels", "blas", "processor" }

-- ---- what callbacks remember ----------------------------------------------------------------------------------------

local NOT_STATE = { model = true, params = true, arguments = true, class_name = true, where = true }

-- A callback of nn.callbacks: its fields are what it remembers, unless it was given functions, which may remember more.
local function fields_of(callback)
  for _, value in pairs(callback.arguments) do
    if type(value) == "function" then return nil end
  end
  local fields = {}
  for name, value in pairs(callback) do
    if not NOT_STATE[name] then fields[name] = value end
  end
  return fields
end

local function state_of(callback)
  if callback.state and callback.restore then return callback:state() end
  if callback.class_name and callback.arguments then return fields_of(callback) end
end

local function restore(callback, state)
  if callback.state and callback.restore then return callback:restore(state) end
  for name in pairs(callback) do
    if not NOT_STATE[name] then callback[name] = nil end
  end
  for name, value in pairs(state) do callback[name] = value end
end

--- What each of some callbacks remembers; nil where one of them does not tell, or what cannot be stored.
local function states_of(callbacks)
  local states = {}
  for i, callback in ipairs(callbacks) do
    states[i] = type(callback) == "table" and state_of(callback) or nil
    if not states[i] then return nil end
  end
  return snapshot.can_store(states) and states or nil
end

-- ---- the callback ---------------------------------------------------------------------------------------------------

local function ground()
  local all, own = environment(), {}
  for _, name in ipairs(GROUND) do own[name] = all[name] end
  return own
end

local function same(a, b)
  for _, name in ipairs(GROUND) do
    if a[name] ~= b[name] then return false end
  end
  return true
end

--- @tparam table trial id; claim; model; callbacks: all that come before this one; seconds: at least so many between
-- two checkpoints (nil: so many that they cost little); stem, stage (path): of trials that differ in the number of
-- epochs alone, one of which this one may go on from; goes_on: whether another may from this one
-- @treturn ?table the callback, to be the last one; nil where something cannot be stored
function Checkpoint.new(trial)
  if not (trial.model.optimizer and trial.model.named_weights and states_of(trial.callbacks)) then return nil end
  local callbacks = table.move(trial.callbacks, 1, #trial.callbacks, 1, {}) -- `fit` will have this one too
  local now, wanted = process.monotonic(), trial.seconds or 0
  return setmetatable({
    trial = trial, callbacks = callbacks, due = now + wanted, long = wanted > 0 and wanted or LONG, last = now,
  }, Checkpoint)
end

--- Reads what `Checkpoint.put` has written.
-- @tparam string path
-- @tparam string id of what it has to be about
-- @treturn ?table nil where there is none that fits, on this machine
function Checkpoint.get(path, id)
  local saved, message = snapshot.read(path)
  if not saved and files.read(path) then
    io.stderr:write(("nnrun: warning: %s; the trial begins anew\n"):format(message))
  end
  local fits = type(saved) == "table" and saved.id == id and same(saved.ground, ground())
  return fits and saved or nil
end

--- Takes the model back to where the last checkpoint was made, or to where a trial with fewer epochs ended.
-- @treturn integer how many epochs were done then; 0 where there is no checkpoint that fits
-- @treturn integer how many batches of the next one were
function Checkpoint:resume()
  local trial = self.trial
  local saved = Checkpoint.get(trial.claim.checkpoint, trial.id)
    or trial.stem and Checkpoint.get(trial.stage, trial.stem)
  if not saved then return 0, 0 end
  model_state.restore(trial.model, saved.model)
  self.saved = saved
  return saved.epochs, saved.batches
end

function Checkpoint:on_train_begin()
  local saved = self.saved
  if not saved then return end
  for i, callback in ipairs(self.callbacks) do restore(callback, saved.callbacks[i]) end
  Run.of(self.model):restore(saved)
  self.saved = nil
end

-- A callback may come to remember what cannot be stored, such as an open file: then there are no checkpoints any more.
function Checkpoint:give_up()
  io.stderr:write("nnrun: a callback remembers what cannot be stored, so there are no checkpoints\n")
  files.remove(self.trial.claim.checkpoint)
  self.due = math.huge
end

--- Writes what a trial goes on from.
-- @tparam string path
-- @tparam string id of what it is about
-- @tparam table saved plain data and tensors
function Checkpoint.put(path, id, saved)
  saved.id, saved.ground = id, ground()
  Store.check(snapshot.write(path, saved))
end

--- Writes a file; false if callbacks cannot be stored.
-- @tparam table saved the run's state
function Checkpoint:store(path, id, saved)
  saved.callbacks = states_of(self.callbacks)
  if not saved.callbacks then return false end
  Checkpoint.put(path, id, saved)
  return true
end

--- How long after one checkpoint the next may follow.
-- @tparam ?number wanted seconds; nil: so many that checkpoints cost little
-- @tparam number taken seconds that the last one took
-- @treturn number
function Checkpoint.pause(wanted, taken) return wanted or taken / SHARE end

function Checkpoint:write()
  local trial, began, saved = self.trial, process.monotonic(), Run.of(self.model):state()
  if not self:store(trial.claim.checkpoint, trial.id, saved) then return self:give_up() end
  Store.check(trial.claim:reached(saved.epochs + (self.total and saved.batches / self.total or 0)))
  self.last = process.monotonic()
  self.due = math.max(self.due, self.last + Checkpoint.pause(trial.seconds, self.last - began))
end

-- The model's wish to end would be forgotten.
function Checkpoint:on_train_progress(done, total)
  self.total = total -- nil in the first epoch over a dataset that does not know it
  if done == total or self.model.stop_training or process.monotonic() < math.max(self.due, self.last + self.long) then
    return
  end
  self:write()
end

-- Not after the last epoch, as what comes then is part of training too; only for a trial with more epochs.
function Checkpoint:on_epoch_end(epoch, logs)
  if self.model.stop_training or logs.loss ~= logs.loss then return end
  local is_last = epoch + 1 >= self.params.epochs
  if is_last and self.trial.stem and self.trial.goes_on then
    self:store(self.trial.stage, self.trial.stem, Run.of(self.model):state())
  elseif not is_last and process.monotonic() >= self.due then
    self:write()
  end
end

return Checkpoint
