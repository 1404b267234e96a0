--- Dry run: train each trial for a fraction of a second, to estimate its time and memory.
-- `nnrun check` runs a script with this in place of training. The script gets the results of these short trainings.
-- They depend on the machine's speed, so a script that chooses by results may choose differently in the real run.
local blame = require "nn.support.blame"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local json = require "nn.support.json"
local measure = require "nn.trials.dry_run.measure"
local objective = require "nn.experiment.objective"
local one_thread = require "nn.trials.one_thread"
local reads = require "nn.trials.reads"
local Store = require "nn.store"
local stop = require "nn.support.stop"
local trial = require "nn.trials.trial"

local dry_run = {}

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

-- The files of the models that a loop of the script's own has trained.
local function models_of(folder)
  local contents = {}
  for _, name in ipairs(files.list(folder)) do
    if name:find "%.safetensors$" then contents[name] = files.read(folder .. "/" .. name) end
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
  return json.encode { plan.model or false, plan.compile or false, plan.fit,
    (lab.callbacks or lab.loop) and plan.params }
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
  record.seconds, record.parameters = facts.seconds, facts.parameters or record.parameters
  local contents = facts.folder and models_of(facts.folder)
    or { ["weights.safetensors"] = assert(files.read(facts.weights)) }
  contents["log.txt"], contents["history.csv"] = "", history_text(facts.metrics, epochs)
  publish(lab, record, contents)
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
  local facts = self.known[kind] or measure(lab, plan, self.jobs - 1)
  if facts.problem then
    if facts.status then blame.fatal(facts.status, "%s", facts.problem) end
    row.problem, record.status, record.reason = facts.problem, "failed", facts.problem
    return record
  end
  self.known[kind] = facts
  if not facts.diverged then check_objective(lab, facts.metrics) end
  row.parameters, row.memory, row.epoch = facts.parameters or plan.parameters, facts.memory, facts.epoch
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
