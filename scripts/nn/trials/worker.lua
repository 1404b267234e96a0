--- One trial, trained in a process of its own: from the parameters to a published folder.
local process = require "engine.process"
local advice = require "nn.advice.pieces"
local blame = require "nn.support.blame"
local calls = require "nn.models.callback_list"
local Checkpoint = require "nn.trials.checkpoint"
local files = require "nn.support.files"
local Fingerprints = require "nn.trials.fingerprints"
local json = require "nn.support.json"
local loop = require "nn.trials.loop"
local objective = require "nn.experiment.objective"
local oom = require "nn.trials.oom"
local parameters = require "nn.experiment.parameters"
local reads = require "nn.trials.reads"
local Recorder = require "nn.trials.recorder"
local safetensors = require "nn.tensor.safetensors"
local scoring = require "nn.trials.scoring"
local seal = require "nn.store.seal"
local session = require "nn.experiment.session"
local stop = require "nn.support.stop"
local Store = require "nn.store"
local trial = require "nn.trials.trial"

local worker = {}

local PUBLISHED, FAILED = 0, 1 -- exit codes of the process
worker.OUT_OF_MEMORY, worker.STOPPED = 71, 75

local function log(format, ...)
  io.stderr:write("nnrun: ", format:format(...), "\n")
end

--- Goes on from the last checkpoint, if there can be any.
-- @treturn integer how many epochs are done
local function resume(plan, checkpoint, send)
  local epoch, batch = 0, 0
  if checkpoint then epoch, batch = checkpoint:resume() end
  if epoch > 0 or batch > 0 then
    if plan.claim.attempt > 1 then send { resumed = epoch } end
    log("attempt %d goes on after epoch %d%s", plan.claim.attempt, epoch, batch > 0 and ", batch " .. batch or "")
  elseif plan.claim.attempt > 1 then
    log("attempt %d begins anew%s", plan.claim.attempt, checkpoint and ""
      or plan.is_known and ": a callback has no state(self) and restore(self, state), so there are no checkpoints"
      or ": what it is made of cannot be compared with that of another attempt, so there are no checkpoints")
  end
  return epoch
end

--- What a trial is trained with: the experiment's callbacks among own ones; and the options of `fit`.
-- @tparam table lab the experiment
-- @tparam table plan
-- @tparam table fingerprints
-- @tparam {table,...} own callbacks, called after the experiment's
-- @treturn {table,...} callbacks
-- @treturn table options, with these callbacks
function worker.fit_options(lab, plan, fingerprints, own)
  local callbacks = calls.list(lab.callbacks and lab.callbacks(parameters.strict(plan.params)))
  callbacks = table.move(callbacks, 1, #callbacks, 2, { fingerprints })
  table.move(own, 1, #own, #callbacks + 1, callbacks)
  local options = { verbose = 0, callbacks = callbacks }
  for name, value in pairs(plan.fit) do options[name] = value end
  options.class_weight, options.sample_weight = lab.class_weight, lab.train.sample_weight
  local held_out = lab.validation
  if held_out then options.validation_data = { held_out.x, held_out.y, held_out.sample_weight } end
  return callbacks, options
end

--- Trains on a part of the data.
-- @tparam table model
-- @tparam table part see nn.experiment.split
-- @tparam table options of `fit`
-- @treturn table history
function worker.fit(model, part, options)
  if part.dataset then return model:fit(part.dataset, options) end
  return model:fit(part.x, part.y, options)
end

--- What keeps checkpoints of a trial; nil where there can be none.
local function new_checkpoint(lab, plan, model, callbacks)
  if not plan.is_known then return nil end -- what it was made of may be something else in the next attempt
  return Checkpoint.new { id = plan.id, claim = plan.claim, model = model, callbacks = callbacks,
    seconds = session.options.checkpoint, stem = plan.stem, stage = plan.stem and lab.store:stage(plan.stem),
    goes_on = plan.goes_on }
end

local function fit(lab, plan, model, recorder, fingerprints, send)
  local callbacks, options = worker.fit_options(lab, plan, fingerprints, { recorder })
  local checkpoint = new_checkpoint(lab, plan, model, callbacks)
  callbacks[#callbacks + 1] = checkpoint
  local epoch = resume(plan, checkpoint, send)
  if epoch > 0 then options.initial_epoch = epoch end
  return worker.fit(model, lab.train, options), options
end

--- Makes sure that the record, which was begun with the model as planned, is about the model that is trained.
local function check_build(plan, model)
  if trial.structure(model) == plan.structure then return end
  blame("build: it made another model for the trial than when the trial was planned, so it goes by something besides "
    .. "its parameters, such as a counter; make that a parameter")
end

--- Writes weights.safetensors.
-- @tparam string folder the trial's
-- @tparam table model
-- @tparam {[string]=string} metadata
function worker.write_weights(folder, model, metadata)
  local weights = {}
  for _, entry in ipairs(model:named_weights()) do weights[entry.name] = entry.tensor end
  Store.check(safetensors.write(folder .. "/weights.safetensors", weights, metadata))
end

--- Notes in the record how the training ended.
local function note_outcome(record, plan, history, recorder)
  record.status, record.reason = history.outcome or "complete", history.reason
  if record.status == "complete" and recorder.pruned and recorder.epochs < plan.epochs then
    record.status, record.reason, record.pruned = "pruned", recorder.reason, recorder.pruned
  end
end

-- Trains with a loop of the script's own.
local function train_by_loop(lab, plan, folder, record, recorder, send)
  local fingerprints, before = Fingerprints.new(), #lab.manifest.test_uses
  local watch = reads.watch(lab.store.working)
  local models = loop.train(lab, plan, folder, record, recorder, fingerprints, send)
  record.reads = watch:found()
  local touches = #lab.manifest.test_uses - before
  record.test_touches = touches > 0 and touches or nil
  record.weights = models and fingerprints:state() or nil
  if record.status ~= "complete" then return end
  if lab.test_every_trial then record.test = scoring.of_loop(lab, models and models:given(), plan.params) end
  if models then models:save(folder) end
end

local function train(lab, plan, folder, record, recorder, send)
  if lab.loop then return train_by_loop(lab, plan, folder, record, recorder, send) end
  local model = trial.build(lab, plan.params, plan.seed)
  check_build(plan, model)
  local fingerprints, before = Fingerprints.new(), #lab.manifest.test_uses
  local watch = reads.watch(lab.store.working)
  local history, options = fit(lab, plan, model, recorder, fingerprints, send)
  record.reads = watch:found()
  for i, density in pairs(history.input_densities or {}) do
    log("input %d was read as compressed rows: %.1f %% of its numbers are not zero", i, 100 * density)
  end
  local touches = #lab.manifest.test_uses - before -- by callbacks
  record.test_touches = touches > 0 and touches or nil
  record.weights = fingerprints:state()
  note_outcome(record, plan, history, recorder)
  if record.status ~= "complete" then return end
  if recorder.best_weights then model:set_weights(recorder.best_weights) end
  scoring.of_kept_weights(model, lab, options, recorder, fingerprints)
  if lab.test_every_trial then
    record.test = scoring.on_test(model, lab, options.batch_size)
  end
  worker.write_weights(folder, model, { format = "nnrun", trial = plan.id })
end

local function with_traceback(message)
  if blame.is_fatal(message) then return message end
  local text = blame.text(message)
  io.stderr:write(debug.traceback(text, 2), "\n")
  return text
end

--- From now on this process writes to the trial's log.
-- @tparam string folder the trial's
function worker.open_folder(folder)
  Store.check(files.make_folder(folder))
  local fd = Store.check(process.open_for_append(folder .. "/log.txt"))
  process.redirect(Store.check(process.open_for_append "/dev/null"), 0)
  process.redirect(fd, 1)
  process.redirect(fd, 2)
  io.stdout:setvbuf "line"
end

-- What the parent could not find before the training. It goes to the log too.
-- @treturn ?{piece,...} nil where there is none
local function advice_to_keep(found)
  local kept = json.list {}
  for i, piece in ipairs(advice.about(found, "outcome")) do
    kept[i] = { name = piece.name, text = piece.text, where = piece.where, part = piece.part, size = piece.size }
    io.stderr:write(advice.line(piece, "advice: "), "\n")
  end
  return #kept > 0 and kept or nil
end

--- Notes in the record the score, and what the trial took.
local function note_results(record, lab, recorder)
  record.metrics, record.scored_epoch = json.object(recorder.metrics), recorder.scored_epoch
  record.scored_after_training = recorder.scored_after_training
  local tested = lab.objective:match "^test_(.+)$"
  local score = tested and (record.test or {})[tested] or recorder.metrics[lab.objective]
  record.score = record.status == "complete" and objective.score(score) or nil
  record.epochs, record.peak_memory, record.exit_status = recorder.epochs, process.peak_memory(), PUBLISHED
  record.seconds, record.finished = recorder:seconds(), trial.now()
end

--- Writes the record, sealed, when all other files are written, and gives the folder its final place.
local function publish(lab, plan, folder, record)
  local logged, why = process.flush()
  Store.check(logged, why and folder .. "/log.txt: " .. why)
  Store.write(folder .. "/trial.json", seal.record(record, folder))
  lab.store:publish(plan.id, folder)
end

local function train_and_publish(lab, plan, send)
  local folder = plan.claim.folder
  oom.volunteer()
  worker.open_folder(folder)
  Store.check(plan.claim:begin())
  files.clear_unfinished(folder) -- of earlier attempts
  local record = trial.new_record(lab, plan)
  local recorder = Recorder.new(lab, folder .. "/history.csv", send, plan.demands)
  local found, ok, message = advice.collect(xpcall, train, with_traceback, lab, plan, folder, record, recorder, send)
  if blame.is_fatal(message) then error(message, 0) end
  if stop.is_requested() then return worker.STOPPED end
  if not ok then
    record.status, record.reason = oom.is_told(tostring(message)) and "out of memory" or "failed", message
  end
  recorder.file:close() -- nothing is left to be written
  Store.check(process.fsync(folder .. "/history.csv"))
  record.advice = advice_to_keep(found)
  note_results(record, lab, recorder)
  publish(lab, plan, folder, record)
  return PUBLISHED
end

--- Trains a trial and publishes its folder. To be called in a process of its own, whose output goes to the trial's log.
-- @tparam table lab the experiment
-- @tparam table plan what to train, from `trial.plan`
-- @tparam function send tells the parent: `{ epoch =, part =, logs =, is_epoch = }`, `{ resumed = epoch }`, or
-- `{ fatal =, status = }`
-- @treturn integer the exit code: 0 published, 71 where memory ran out, 75 stopped, else nothing could be written
function worker.run(lab, plan, send)
  local ok, result = xpcall(train_and_publish, with_traceback, lab, plan, send)
  if ok then return result end
  if stop.is_requested() then return worker.STOPPED end
  if oom.is_told(tostring(result)) then return worker.OUT_OF_MEMORY end
  if blame.is_fatal(result) then send { fatal = result.message, status = result.status } end
  return FAILED
end

return worker
