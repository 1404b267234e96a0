--- Dry run: train each trial for a fraction of a second, to estimate its time and memory.
-- `nnrun check` runs a script with this in place of training. The script gets the results of these short trainings.
-- They depend on the machine's speed, so a script that chooses by results may choose differently in the real run.
local process = require "engine.process"
local blame = require "nn.support.blame"
local Checkpoint = require "nn.trials.checkpoint"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local Fingerprints = require "nn.trials.fingerprints"
local json = require "nn.support.json"
local lockbox = require "nn.experiment.lockbox"
local objective = require "nn.experiment.objective"
local one_thread = require "nn.trials.one_thread"
local pool = require "nn.trials.pool"
local reads = require "nn.trials.reads"
local safetensors = require "nn.tensor.safetensors"
local Store = require "nn.store"
local tensor = require "nn.tensor"
local stop = require "nn.support.stop"
local trial = require "nn.trials.trial"
local worker = require "nn.trials.worker"

local dry_run = {}

local SECONDS = 0.3      -- of training a trial
local SAMPLES = 2000     -- of a short epoch, and of an evaluation
local BYTES = 4          -- of a weight
local PUBLISHING = 0.003 -- seconds to start a process and publish a folder

-- ---- measuring a trial ----------------------------------------------------------------------------------------------

local DONE = {} -- the error by which the probe ends a fit

--- A callback that times batches, epochs and validation. It ends the fit when the time is up.
local Probe = {}
Probe.__index = Probe

function Probe.new(seconds)
  collectgarbage()
  return setmetatable({ began = process.monotonic(), bytes = collectgarbage "count", seconds = seconds, epochs = 0,
    validation = 0, epoch = 0 }, Probe)
end

function Probe:on_train_begin()
  self.setup = process.monotonic() - self.began
  collectgarbage()
  self.memory = math.floor(1024 * (collectgarbage "count" - self.bytes))
  self.started = process.monotonic()
end

function Probe:end_in_time(now)
  if now - self.started > self.seconds then error(DONE, 0) end
end

function Probe:on_epoch_begin()
  self.epoch_began = process.monotonic()
end

--- Estimates the epoch's time from the batches so far. The first ones do not count: they warm up the caches.
function Probe:on_train_progress(done, total)
  if self.epochs > 0 then return end
  local now = process.monotonic()
  if not self.first then
    self.first = { at = now, batch = done }
    return
  end
  self.epoch = (now - self.first.at) / (done - self.first.batch) * total
  if done < total then self:end_in_time(now) end
end

function Probe:on_test_begin()
  self.test_began = process.monotonic()
end

function Probe:on_test_end()
  self.validation = process.monotonic() - self.test_began
end

function Probe:on_epoch_end()
  local now = process.monotonic()
  self.epochs = self.epochs + 1
  self.trained = now - self.started
  if self.epochs > 1 then
    self.epoch = (now - self.first_end) / (self.epochs - 1)
  else
    self.first_end, self.epoch = now, now - self.epoch_began
  end
  self:end_in_time(now)
end

local function first_samples(value, count)
  if tensor.is_tensor(value) then return value[{ { 1, count } }] end
  local list = {}
  for i, each in pairs(value) do list[i] = each[{ { 1, count } }] end
  return list
end

--- The first samples of a part of the data: x, y and their weights, if they have any.
local function first_of(part, count)
  count = math.min(count, part.card.samples)
  local weights = part.sample_weight
  return first_samples(part.x, count), first_samples(part.y, count), weights and first_samples(weights, count)
end

local function mute_recorder(lab)
  return worker.Recorder.new(lab, "/dev/null", json.encode)
end

--- Trains as a worker does.
-- @tparam[opt] table claim of the trial; without it no checkpoints are written
-- @tparam[opt] integer only_samples trains one epoch with only so many samples
-- @treturn ?table history, or nil if the probe ended the fit
local function fit(lab, plan, model, probe, recorder, claim, only_samples)
  local callbacks, options = worker.fit_options(lab, plan, Fingerprints.new(), { recorder, probe })
  if claim then
    local before = table.move(callbacks, 1, #callbacks - 1, 1, {})
    local checkpoint = Checkpoint.new { id = plan.id, claim = claim, model = model, callbacks = before }
    if checkpoint then table.insert(callbacks, #callbacks, checkpoint) end -- before the probe, which times it too
  end
  local x, y = lab.train.x, lab.train.y
  if only_samples then
    x, y, options.sample_weight = first_of(lab.train, only_samples)
    options.epochs = 1
    if lab.validation then options.validation_data = { first_of(lab.validation, only_samples) } end
  end
  local ok, history = pcall(model.fit, model, x, y, options)
  probe.metrics = recorder.epochs > 0 and recorder.metrics or nil
  if ok then return history end
  if history ~= DONE then error(history, 0) end
end

--- Starts processes that train the same trial, as in the real run: cores compete for caches and memory bandwidth.
-- They are killed when the returned variable is closed.
local function companions(lab, plan, count)
  local pids, parent = {}, process.pid()
  for i = 1, count do
    pids[i] = process.fork(function()
      process.die_with_parent(parent)
      while true do
        fit(lab, plan, trial.build(lab, plan.params, plan.seed), Probe.new(math.huge), mute_recorder(lab))
      end
    end)
  end
  return setmetatable(pids, { __close = function()
    for _, pid in ipairs(pids) do
      process.kill(pid, "KILL")
      process.wait(pid)
    end
  end })
end

--- Fits while so many other processes train too.
-- @treturn ?table history, or nil if the time ran out
-- @treturn table the probe
local function timed_fit(lab, plan, model, others, recorder, claim)
  local _ <close> = companions(lab, plan, others)
  local probe = Probe.new(SECONDS)
  return fit(lab, plan, model, probe, recorder, claim), probe
end

--- Trains a short epoch, because the time was up before the first one ended. It gives the metrics, and the time of the
-- validation, which is added to the estimate of the epoch.
local function finish_epoch(lab, plan, model, probe)
  local short = Probe.new(math.huge)
  local history = fit(lab, plan, model, short, mute_recorder(lab), nil, SAMPLES)
  probe.metrics = short.metrics
  if lab.validation then
    probe.epoch = probe.epoch + short.validation * lab.validation.card.samples
      / math.min(SAMPLES, lab.validation.card.samples)
  end
  return history
end

--- Evaluates on the first of the test data.
-- @treturn table results
-- @treturn number seconds, estimated for all test data
local function evaluate(model, part)
  local x, y = first_of(part, SAMPLES)
  local began = process.monotonic()
  local results = lockbox.quietly(model.evaluate, model, x, y, { verbose = 0, return_dict = true })
  return results, (process.monotonic() - began) * part.card.samples / math.min(SAMPLES, part.card.samples)
end

local function write_files(recorder, folder, model)
  local weights = {}
  for _, entry in ipairs(model:named_weights()) do weights[entry.name] = entry.tensor end
  Store.check(recorder.file:close())
  Store.check(process.fsync(folder .. "/history.csv"))
  Store.check(safetensors.write(folder .. "/weights.safetensors", weights, { format = "nnrun" }))
end

local function measure(lab, plan, others, folder, send)
  local began = process.monotonic()
  local model = trial.build(lab, plan.params, plan.seed)
  local recorder = worker.Recorder.new(lab, folder .. "/history.csv", send)
  local building = process.monotonic() - began
  local claim = { checkpoint = folder .. "/checkpoint", reached = function() return true end }
  local history, probe = timed_fit(lab, plan, model, others, recorder, claim)
  local training = history and probe.trained
  if not probe.metrics then history = finish_epoch(lab, plan, model, probe) end
  began = process.monotonic()
  write_files(recorder, folder, model)
  local writing = process.monotonic() - began
  local facts = {
    memory = probe.memory + BYTES * plan.parameters, epoch = probe.epoch, metrics = json.object(probe.metrics),
    weights = folder .. "/weights.safetensors",
    diverged = history and history.outcome == "diverged" and history.reason or nil,
    seconds = building + probe.setup + (training or plan.fit.epochs * probe.epoch) + writing + PUBLISHING,
  }
  if lab.test_every_trial then
    local results, seconds = evaluate(model, lab.test)
    facts.test, facts.seconds = results, facts.seconds + seconds
  end
  return facts
end

--- Measures in a separate process, as trials are trained.
-- @treturn table facts; after an error `problem` instead, and `status` if the program must exit
local function measure_aside(lab, plan, others)
  local facts
  local folder = lab.store.working .. "/" .. plan.id .. ".tried"
  pool.run({ plan }, {
    jobs = 1,
    work = function(_, send)
      worker.open_folder(folder)
      local ok, result = pcall(measure, lab, plan, others, folder, send)
      if not ok then
        result = blame.is_fatal(result) and { problem = result.message, status = result.status }
          or { problem = blame.text(result) }
      end
      send { facts = result }
      return 0
    end,
    on_event = function(_, event) facts = facts or event.facts end,
    on_end = function(_, ending)
      local how = ending.how == "exit" and "status" or "signal"
      facts = facts or { problem = ("its process ended with %s %d"):format(how, ending.code) }
    end,
  })
  return facts or { problem = "interrupted" }
end

-- ---- trials ---------------------------------------------------------------------------------------------------------

local function check_objective(lab, metrics)
  if metrics[lab.objective] then return end
  local known = {}
  for name in pairs(metrics) do known[#known + 1] = name end
  objective.blame_unknown(lab.objective, known)
end

--- The text of a history with all epochs, because scripts may read any of them. Every epoch gets the same metrics.
local function history_text(metrics, epochs)
  local names, rows = { "epoch" }, {}
  for name in pairs(metrics) do names[#names + 1] = name end
  table.sort(names, function(a, b) return a ~= b and (a == "epoch" or b ~= "epoch" and a < b) end)
  for epoch = 1, epochs do
    rows[epoch] = { epoch }
    for i = 2, #names do rows[epoch][i] = metrics[names[i]] end
    rows[epoch][#names + 1] = 0
  end
  names[#names + 1] = "seconds"
  return csv_file.text(names, rows)
end

--- Reads all files of a trial except its record.
-- @treturn {[string]=string} contents by name
local function files_of(folder)
  local contents = {}
  for _, name in ipairs(files.list(folder)) do
    if name ~= "trial.json" then contents[name] = files.read(folder .. "/" .. name) end
  end
  return contents
end

--- Publishes a trial's folder as training would, because the script may read it.
local function publish(lab, record, contents)
  local claim = assert(lab.store:claim(record.id))
  assert(files.make_folder(claim.folder))
  for name, text in pairs(contents) do lab.store.write(claim.folder .. "/" .. name, text) end
  lab.store.write(claim.folder .. "/trial.json", json.encode(record, true), "\n")
  lab.store:publish(record.id, claim.folder)
  claim:finish()
end

--- The key of a measurement. Trials with the same key take equally long, so they share it.
local function kind_of(lab, plan)
  return json.encode { plan.model, plan.compile, plan.fit, lab.callbacks and plan.params }
end

local DryRun = {}
DryRun.__index = DryRun

--- Finds the real trial, if it was trained before: then the script chooses as it will in the real run.
-- @treturn ?table its record, or nil
-- @treturn ?string its folder
function DryRun:earlier(plan, lab)
  local folder = ("%s/%s/trials/%s"):format(self.reports, lab.name, plan.id)
  local record = Store.decode(files.read(folder .. "/trial.json"))
  local is_reused = record and record.status == "complete" and plan.is_known and reads.are_same(record.reads)
  if is_reused then return record, folder end
end

--- Fills in the record of a trial that would run, and publishes its folder.
-- @treturn table the record
function DryRun:pretend(lab, plan, facts, record)
  local earlier, folder = self:earlier(plan, lab)
  if earlier then
    publish(lab, earlier, files_of(folder))
    return earlier
  end
  local epochs = plan.fit.epochs
  record.status, record.metrics, record.test = "complete", json.object(facts.metrics), facts.test
  record.score, record.epochs, record.scored_epoch = facts.metrics[lab.objective], epochs, epochs
  record.seconds = facts.seconds
  publish(lab, record, { ["weights.safetensors"] = assert(files.read(facts.weights)), ["log.txt"] = "",
    ["history.csv"] = history_text(facts.metrics, epochs) })
  return record
end

--- How many epochs of a trial an earlier stage of a search has trained. Remembers the epochs for the next stage.
function DryRun:epochs_before(plan)
  if not plan.stem then return 0 end
  local epochs = self.stages[plan.stem] or 0
  self.stages[plan.stem] = plan.fit.epochs
  return epochs
end

--- Dry-runs a trial.
-- @treturn table the record that the script gets
function DryRun:record_of(lab, plan)
  local record = trial.new_record(lab, plan)
  local row = { experiment = lab.name, section = plan.title, variant = plan.label, id = plan.id, seed = plan.seed }
  self.rows[#self.rows + 1] = row
  if plan.failure then
    row.problem, record.status, record.reason = plan.failure, "failed", plan.failure
    return record
  end
  local kind = kind_of(lab, plan)
  local facts = self.known[kind] or measure_aside(lab, plan, self.jobs - 1)
  if facts.problem then
    if facts.status then blame.fatal(facts.status, "%s", facts.problem) end
    row.problem, record.status, record.reason = facts.problem, "failed", facts.problem
    return record
  end
  self.known[kind] = facts
  if not facts.diverged then check_objective(lab, facts.metrics) end
  row.parameters, row.memory, row.epoch = plan.parameters, facts.memory, facts.epoch
  row.seconds = facts.seconds - self:epochs_before(plan) * facts.epoch
  row.problem = facts.diverged and "diverged: " .. facts.diverged
  return self:pretend(lab, plan, facts, record)
end

--- Replaces `run` of nn.trials.scheduler in a dry run.
function DryRun:run(lab, plans)
  local ended = {}
  self.is_guess = self.is_guess or lab.has_chosen
  for _, plan in ipairs(plans) do
    if stop.is_requested() then break end
    ended[plan.id] = { record = one_thread(self.record_of, self, lab, plan), reused = false }
  end
  return ended
end

--- Creates a dry run.
-- @tparam string reports the folder in which finished trials are looked for
-- @tparam integer jobs how many trials are trained at the same time
-- @treturn table with `rows`, one for each trial, in order: experiment, section, variant, id, seed, parameters,
-- memory (bytes), epoch and seconds (of an epoch and of the whole trial), problem (why it would not run);
-- and `is_guess`: whether the script chose later trials by results
function dry_run.new(reports, jobs)
  return setmetatable({ reports = reports, jobs = jobs, rows = {}, known = {}, stages = {} }, DryRun)
end

--- Estimates the seconds of all trials together.
-- @tparam {table,...} rows as in `dry_run.new`
-- @tparam integer jobs how many trials are trained at the same time
-- @treturn number
function dry_run.total(rows, jobs)
  local sum, longest = 0, 0
  for _, row in ipairs(rows) do
    sum, longest = sum + (row.seconds or 0), math.max(longest, row.seconds or 0)
  end
  return math.max(sum / jobs, longest)
end

return dry_run
