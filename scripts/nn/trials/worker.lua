--- One trial, trained in a process of its own: from the parameters to a published folder.
local process = require "engine.process"
local advice = require "nn.advice.pieces"
local blame = require "nn.support.blame"
local calls = require "nn.models.callback_list"
local Checkpoint = require "nn.trials.checkpoint"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local Fingerprints = require "nn.trials.fingerprints"
local json = require "nn.support.json"
local lockbox = require "nn.experiment.lockbox"
local objective = require "nn.experiment.objective"
local oom = require "nn.trials.oom"
local parameters = require "nn.experiment.parameters"
local reads = require "nn.trials.reads"
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

-- ---- what happens epoch by epoch ------------------------------------------------------------------------------------

--- Columns of history.csv: what fit reports in its order, then what callbacks added (the learning rate).
local function columns_of(logs, order)
  local columns, known, added = {}, {}, {}
  for i, name in ipairs(order or {}) do columns[i], known[name] = name, true end
  for name in pairs(logs) do
    if not known[name] then added[#added + 1] = name end
  end
  table.sort(added)
  return table.move(added, 1, #added, #columns + 1, columns)
end

--- The logs that are one number each: a trial's record has no room for metrics with a tensor of values.
local function single_numbers(logs, order)
  local numbers, kept = {}, {}
  for name, value in pairs(logs) do
    if type(value) == "number" then numbers[name] = value end
  end
  for _, name in ipairs(order or {}) do
    if logs[name] == nil or numbers[name] then kept[#kept + 1] = name end
  end
  return numbers, kept
end

--- A callback that writes history.csv, tells the parent, and remembers the epoch that counts and its weights.
local Recorder = {}
local OWN_COLUMNS = { "epoch", "seconds" } -- of history.csv
local OF_THIS_PROCESS = { lab = true, file = true, path = true, send = true, demands = true, model = true,
  params = true, began = true, began_trial = true }
Recorder.__index = Recorder

function Recorder.new(lab, path, send, demands)
  local file = Store.check(io.open(path, "w"))
  return setmetatable({
    lab = lab, file = file, path = path, send = send, demands = demands or {}, epochs = 0, metrics = {}, lines = {},
    each_epoch = {},
    began_trial = process.monotonic(), began = process.monotonic(), earlier_seconds = 0,
  }, Recorder)
end

--- Seconds spent on the trial, in earlier attempts too as far as their checkpoints reach.
function Recorder:seconds()
  return self.earlier_seconds + process.monotonic() - self.began_trial
end

--- For a checkpoint: everything but what this process has of its own.
function Recorder:state()
  local state = {}
  for name, value in pairs(self) do
    if not OF_THIS_PROCESS[name] then state[name] = value end
  end
  state.earlier_seconds, state.epoch_seconds = self:seconds(), process.monotonic() - self.began
  return state
end

function Recorder:restore(state)
  for name, value in pairs(state) do self[name] = value end
  self.began = process.monotonic() - self.epoch_seconds -- where it goes on within an epoch
  for _, line in ipairs(self.lines) do self:put(line) end
end

--- Adds a line to the file, so that a reader sees it at once.
function Recorder:put(line)
  local ok, message = self.file:write(line)
  if ok then ok, message = self.file:flush() end
  Store.check(ok, message and ("%s: %s"):format(self.path, message))
end

function Recorder:write(line)
  table.insert(self.lines, line)
  self:put(line)
end

--- Tells the parent at once where the objective is none of the columns (of a diverged epoch some are missing).
function Recorder:check_objective(logs)
  if self.lab.objective:find "^test_" then return end
  if logs[self.lab.objective] == nil and logs.loss == logs.loss then self.send { lacks_objective = self.columns } end
end

-- A row of history.csv.
local function row_of(epoch, cells, seconds)
  local row = table.move(cells, 1, #cells, 2, { epoch })
  row[#row + 1] = seconds
  return row
end

local function check_columns(logs)
  for _, name in ipairs(OWN_COLUMNS) do
    if logs[name] ~= nil then
      blame("history.csv has a column %s already; give the metric, or what a callback adds to logs, another name", name)
    end
  end
end

function Recorder:write_row(logs, order)
  if not self.columns then
    check_columns(logs)
    self.columns = columns_of(logs, order)
    self:write(csv_file.line(row_of("epoch", self.columns, "seconds")))
    self:check_objective(logs)
  end
  local numbers = {}
  for i, name in ipairs(self.columns) do numbers[i] = logs[name] or 0 / 0 end
  local seconds = tonumber(("%.4g"):format(process.monotonic() - self.began))
  self:write(csv_file.line(row_of(self.epochs, numbers, seconds)))
end

function Recorder:is_best(logs)
  local score, best = logs[self.lab.objective], self.metrics[self.lab.objective]
  return score == score and objective.better(self.lab.mode, score, best)
end

function Recorder:on_epoch_begin()
  self.began = process.monotonic()
end

function Recorder:on_train_progress(done, total, logs)
  self.send { epoch = self.epochs, part = done / total, logs = { loss = logs.loss } }
end

--- Ends a trial that does not reach what its sweep's pruner demands.
function Recorder:prune(logs)
  local objective_name, demand = self.lab.objective, self.demands[self.epochs]
  local score = logs[objective_name]
  if score == score and objective.better(self.lab.mode, score, self.best_score) then self.best_score = score end
  if not demand or self.best_score and not objective.better(self.lab.mode, demand, self.best_score) then return end
  self.pruned = { epochs = self.epochs, demand = demand }
  self.reason = ("its best %s after epoch %d, %.6g, is worse than the median of earlier trials, %.6g"):format(
    objective_name, self.epochs, self.best_score or 0 / 0, demand)
  self.model.stop_training = true
end

--- The trial's metrics are those of that epoch.
function Recorder:score_epoch(epoch)
  self.metrics, self.scored_epoch = {}, epoch
  for name, value in pairs(self.each_epoch[epoch]) do self.metrics[name] = value end
end

--- The trial's metrics are these, of no epoch. What callbacks added to the last one's, such as the rate, stays.
function Recorder:score_anew(metrics)
  self:score_epoch(self.epochs)
  self.scored_epoch, self.scored_after_training = nil, true
  for name, value in pairs((single_numbers(metrics))) do self.metrics[name] = value end
end

function Recorder:on_epoch_end(_, all_logs, all_order)
  local logs, order = single_numbers(all_logs, all_order)
  self.epochs = self.epochs + 1
  self:write_row(logs, order)
  self.send { epoch = self.epochs, part = 0, logs = logs, is_epoch = true }
  self:prune(logs)
  local keeps_best = self.lab.keep == "best"
  self.each_epoch[self.epochs] = logs
  if keeps_best and not self:is_best(logs) then return end
  self:score_epoch(self.epochs)
  if keeps_best then self.best_weights = self.model:get_weights() end
end

worker.Recorder = Recorder

-- ---- the trial ------------------------------------------------------------------------------------------------------

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
  return model:fit(lab.train.x, lab.train.y, options), options
end

--- Makes sure that the record, which was begun with the model as planned, is about the model that is trained.
local function check_build(plan, model)
  if trial.structure(model) == plan.structure then return end
  blame("build: it made another model for the trial than when the trial was planned, so it goes by something besides "
    .. "its parameters, such as a counter; make that a parameter")
end

local function train(lab, plan, folder, record, recorder, send)
  local model = trial.build(lab, plan.params, plan.seed)
  check_build(plan, model)
  local fingerprints, before = Fingerprints.new(), #lab.manifest.test_uses
  local watch = reads.watch(lab.store.working)
  local history, options = fit(lab, plan, model, recorder, fingerprints, send)
  record.reads = watch:found()
  for i, density in pairs(model.input_densities or {}) do
    log("input %d was read as compressed rows: %.1f %% of its numbers are not zero", i, 100 * density)
  end
  local touches = #lab.manifest.test_uses - before -- by callbacks
  record.test_touches = touches > 0 and touches or nil
  record.weights = fingerprints:state()
  record.status, record.reason = history.outcome or "complete", history.reason
  if record.status == "complete" and recorder.pruned and recorder.epochs < plan.epochs then
    record.status, record.reason, record.pruned = "pruned", recorder.reason, recorder.pruned
  end
  if record.status ~= "complete" then return end
  if recorder.best_weights then model:set_weights(recorder.best_weights) end
  scoring.of_kept_weights(model, lab, options, recorder, fingerprints)
  if lab.test_every_trial then
    record.test = lockbox.quietly(model.evaluate, model, lab.test.x, lab.test.y, { verbose = 0, return_dict = true })
  end
  local weights = {}
  for _, entry in ipairs(model:named_weights()) do weights[entry.name] = entry.tensor end
  Store.check(safetensors.write(folder .. "/weights.safetensors", weights, { format = "nnrun", trial = plan.id }))
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
  record.scored_after_training, record.advice = recorder.scored_after_training, advice_to_keep(found)
  record.metrics, record.scored_epoch = json.object(recorder.metrics), recorder.scored_epoch
  local tested = lab.objective:match "^test_(.+)$"
  local score = tested and (record.test or {})[tested] or recorder.metrics[lab.objective]
  record.score = record.status == "complete" and objective.score(score) or nil
  record.epochs, record.peak_memory, record.exit_status = recorder.epochs, process.peak_memory(), PUBLISHED
  record.seconds, record.finished = recorder:seconds(), trial.now()
  local logged, why = process.flush()
  Store.check(logged, why and folder .. "/log.txt: " .. why)
  Store.write(folder .. "/trial.json", seal.record(record, folder))
  lab.store:publish(plan.id, folder)
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
