--- Trains a trial whose experiment has a loop of its own, `train = function(p, data, report)`, in place of `fit`.
local process = require "engine.process"
local Checkpoint = require "nn.trials.checkpoint"
local blame = require "nn.support.blame"
local Dataset = require "nn.data".Dataset
local files = require "nn.support.files"
local json = require "nn.support.json"
local Models = require "nn.trials.loop.models"
local names = require "nn.support.names"
local own_files = require "nn.trials.own_files"
local own_state = require "nn.trials.loop.state"
local parameters = require "nn.experiment.parameters"
local random = require "nn.random"
local report = require "nn.trials.loop.report"
local session = require "nn.experiment.session"

local loop = {}

--- A part of the data as `train` gets it: a list { x, y, sample_weight }, as `fit` takes it for validation, whose
-- entries can also be read by these names.
function loop.part(x, y, sample_weight)
  return setmetatable({ x, y, sample_weight }, { __index = { x = x, y = y, sample_weight = sample_weight } })
end

-- A part of the data; a dataset as it was given.
local function part_of(part)
  return part and (part.dataset or loop.part(part.x, part.y, part.sample_weight))
end

local PARTS = { __index = function(_, name)
  if name == "train" or name == "validation" then return nil end -- not given
  if name == "test" then blame "data.test: the test data stay under lock until lab:conclude" end
  blame("data has no field %s; it has train and validation", tostring(name))
end }

--- What `train` gets as data: train and validation. The test data stay under lock.
-- @tparam table lab the experiment
-- @treturn {train=,validation=}
function loop.data(lab)
  return setmetatable({ train = part_of(lab.train), validation = part_of(lab.validation) }, PARTS)
end

-- Errors of the script go to the trial's log with the place in the loop.
local function with_traceback(problem)
  if problem == report.ENDED or blame.is_fatal(problem) then return problem end
  local text = blame.text(problem)
  io.stderr:write(debug.traceback(text, 2), "\n")
  return text
end

--- Calls an experiment's `train`.
-- @tparam table lab the experiment
-- @tparam table plan
-- @tparam table data see `loop.data`
-- @tparam table reported see nn.trials.loop.report
function loop.call(lab, plan, data, reported)
  random.set_seed(plan.seed)
  names.reset()
  local ok, problem = xpcall(lab.loop, with_traceback, parameters.strict(plan.params), data, reported, reported.trial)
  if not ok and problem ~= report.ENDED then error(problem, 0) end
  if reported.epochs == 0 then
    blame "train: it ended without a report; call report{ epoch = 1, loss = ... } after each epoch"
  end
end

-- ---- going on -------------------------------------------------------------------------------------------------------

-- A dataset is read on from where it was, though nobody names it.
local function things_of(reported, data)
  return { own = reported.state, train = Dataset.is(data.train) and data.train or nil }
end

-- Where the reported models are among the things.
local function places_of(models, things)
  local places = {}
  for _, name in ipairs(models and models.names or {}) do
    places[name] = own_state.place_of(things, models.list[name])
      or blame("report: model: the model %s is not in what report:resume was given, so it could not go on",
        models.list[name].name)
  end
  return places
end

local function models_at(places, things)
  local found = {}
  for name, place in pairs(places) do found[name] = own_state.at(things, place) end
  return next(found) and Models.of(found) or nil
end

local function write_checkpoint(self, reported)
  local began, things = process.monotonic(), things_of(reported, self.data)
  Checkpoint.put(self.plan.claim.checkpoint, self.plan.id, {
    epochs = reported.epochs, random = random.state(), state = own_state.of(things),
    models = places_of(reported.models, things), recorder = self.recorder:state(),
    fingerprints = self.fingerprints:state(), files = own_files.plain(reported.trial), kept = self.kept,
  })
  self.plan.claim:reached(reported.epochs)
  local now = process.monotonic()
  self.due = now + Checkpoint.pause(session.options.checkpoint, now - began)
end

-- Makes everything as it was when the checkpoint was written, if there is one.
local function resume(self, reported)
  local saved, plan, things = self.saved, self.plan, things_of(reported, self.data)
  if not saved or not own_state.restore(things, saved.state) then return end
  random.restore(saved.random)
  math.randomseed(plan.seed, saved.epochs)
  self.recorder:restore(saved.recorder)
  self.fingerprints:restore(saved.fingerprints)
  self.kept, reported.epochs, reported.models = saved.kept, saved.epochs, models_at(saved.models, things)
  own_files.restore(reported.trial, saved.files)
  if plan.claim.attempt > 1 then self.send { resumed = saved.epochs } end
  io.stderr:write(("nnrun: attempt %d goes on after epoch %d\n"):format(plan.claim.attempt, saved.epochs))
end

-- ---- an epoch -------------------------------------------------------------------------------------------------------

-- Where nothing is reported that has weights.
local NONE = { get_weights = function() end }

local function end_epoch(self, reported, numbers, order)
  local recorder, fingerprints, models = self.recorder, self.fingerprints, reported.models
  recorder.model, fingerprints.model = models or NONE, models
  if models then fingerprints:on_epoch_end() end
  recorder:on_epoch_end(nil, numbers, order)
  recorder:on_epoch_begin()
  if models then self.kept = recorder.best_weights or models:get_weights() end
  math.randomseed(self.plan.seed, reported.epochs)
  if recorder.pruned and reported.epochs < self.plan.epochs then
    reported.outcome, reported.reason = "pruned", recorder.reason
    error(report.ENDED, 0)
  end
  if reported.can_resume and self.plan.is_known and process.monotonic() >= self.due then
    write_checkpoint(self, reported)
  end
end

-- ---- a trial --------------------------------------------------------------------------------------------------------

-- What the record tells of the models.
local function describe(record, models)
  record.parameters = models:count_params()
  if not models.is_one then return end
  local ok, text = pcall(function() return models.list.weights:to_json() end)
  record.model = ok and json.decode(text) or nil
end

--- Trains a trial.
-- @tparam table lab the experiment
-- @tparam table plan
-- @tparam string folder of the trial
-- @tparam table record of it, which is added to
-- @tparam table recorder see nn.trials.recorder
-- @tparam table fingerprints
-- @tparam function send tells the parent
-- @treturn ?Models what it has trained, with the weights that count
function loop.train(lab, plan, folder, record, recorder, fingerprints, send)
  local self = { plan = plan, recorder = recorder, fingerprints = fingerprints, send = send, data = loop.data(lab),
    due = process.monotonic() + (session.options.checkpoint or 0),
    saved = plan.is_known and Checkpoint.get(plan.claim.checkpoint, plan.id) or nil }
  local own = own_files.new(folder, { id = plan.id, params = parameters.strict(plan.params), seed = plan.seed })
  local reported = report.new(own, {
    epoch = function(...) end_epoch(self, ...) end, resume = function(...) resume(self, ...) end,
    progress = function(reported, part, loss)
      send { epoch = reported.epochs, part = part, logs = { loss = loss } }
    end,
  })
  if not self.saved then files.remove(folder .. "/" .. own_files.FOLDER) end -- of an earlier attempt
  recorder:on_epoch_begin()
  loop.call(lab, plan, self.data, reported)
  record.status, record.reason = reported.outcome or "complete", reported.reason
  if record.status == "pruned" then record.pruned = recorder.pruned end
  record.files = #own.list > 0 and json.list(own.list) or nil
  local models = reported.models
  if not models then return nil end
  models:set_weights(self.kept)
  describe(record, models)
  return models
end

return loop
