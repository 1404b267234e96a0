--- Trains trials that are not there yet, in processes of their own, and settles how each has ended.
local overlap = require("engine.tensor").overlap
local process = require "engine.process"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local manifest = require "nn.experiment.manifest"
local objective = require "nn.experiment.objective"
local oom = require "nn.trials.oom"
local one_thread = require "nn.trials.one_thread"
local pool = require "nn.trials.pool"
local reads = require "nn.trials.reads"
local reporting = require "nn.experiment.reporting"
local seal = require "nn.store.seal"
local sealing = require "nn.store.sealing"
local session = require "nn.experiment.session"
local stop = require "nn.support.stop"
local Store = require "nn.store"
local trial = require "nn.trials.trial"
local warnings = require "nn.report.warnings"
local worker = require "nn.trials.worker"

local training = {}

local FINISHED = { complete = true, diverged = true, pruned = true }
local FAILED = 1 -- exit status
local SIGNALLED = 128 -- what a shell adds to the number of a signal
local TICK = 0.25 -- seconds between two looks at the clock and at what other processes do
local MAX_DEATHS = 3
local TOUCHED = "%s while it was trained"
local TESTED = "evaluated as every trial is (test_every_trial)"

-- ---- a trial that has ended -----------------------------------------------------------------------------------------

--- What saw the test data: validation data that are test data, a callback, or what `build` put into the model.
local function who_looked(lab)
  for _, a in ipairs(lab.validation and lab.validation.inputs or {}) do
    for _, b in ipairs(lab.test.inputs) do
      if overlap(a, b) then return "its validation data hold test data, which were looked at" end
    end
  end
  return lab.callbacks and "its callbacks looked at the test data" or "the test data were looked at"
end

--- Publishes a trial that could not do it itself.
local function publish_for(lab, plan, facts)
  local folder = plan.claim.folder
  local record = trial.new_record(lab, plan)
  for name, value in pairs(facts) do record[name] = value end
  Store.check(files.make_folder(folder))
  files.remove(folder .. "/weights.safetensors")
  Store.write(folder .. "/trial.json", seal.record(record, folder))
  lab.store:publish(plan.id, folder)
  return record
end

-- ---- running --------------------------------------------------------------------------------------------------------

--- One run over a list of plans.
local Run = {}
Run.__index = Run

--- Makes sure that a complete trial without a score has it for lack of a finite number, not of the metric.
function Run:check_objective(view)
  local wanted = self.lab.objective
  if view.status ~= "complete" or view.score or wanted:find "^test_" or view.history[wanted] then return end
  local known = {}
  for name in pairs(view.history) do known[#known + 1] = name end
  objective.blame_unknown(wanted, known)
end

--- Ends the run after as many failures as the user wants to see.
function Run:count_failure(plan, record)
  local lab, options = self.lab, session.options
  lab.failures = lab.failures + 1
  local most = options.fail_fast and 1 or options.max_failures
  if most and lab.failures >= most then
    blame.fatal(FAILED, "stopped after %s: trial %s: %s", most == 1 and "the first failure (--fail-fast)"
      or most .. " failures (--max-failures)", plan.id, record.reason)
  end
end

--- Gives back the claim on a trial that is published, or that was interrupted.
local function give_back(plan, is_published)
  if not plan.claim then return end
  plan.claim[is_published and "finish" or "leave"](plan.claim)
  plan.claim = nil
end

--- Gives back the claim on a trial that was ended because the run cannot go on.
local function let_go(plan)
  plan.claim:stopped()
  give_back(plan, false)
end

--- Takes the end of a trial to the console and the records.
function Run:settle(plan, record, reused)
  local lab, status = self.lab, record.status
  give_back(plan, status ~= "interrupted")
  local view = trial.view(lab, plan, record, reused)
  self.ended[plan.id] = { record = record, reused = reused }
  self:check_objective(view)
  if record.test_touches then manifest.tested(lab, view.id, TOUCHED:format(who_looked(lab))) end
  if record.test then manifest.tested(lab, view.id, TESTED) end
  lab:warn(warnings.of_outputs(reads.unknown(record.reads)))
  lab.progress:finished(plan, view)
  if status == "interrupted" then return end
  if plan.is_new or not reused then reporting.begin(lab) end
  if reused then sealing.adopt(lab.store, plan.id) end
  lab.trained[plan.id] = true
  manifest.count_done(lab)
  if not FINISHED[status] then self:count_failure(plan, record) end
end

function Run:heard(plan, event)
  if event.fatal then
    plan.fatal = event
  elseif event.resumed then
    self.lab.progress:resumed(plan, event.resumed)
  elseif event.lacks_objective then
    objective.blame_unknown(self.lab.objective, event.lacks_objective)
  else
    plan.heard = event.epoch
    self.lab.progress:heard(plan, event)
  end
end

--- Whether the pruner of this sweep would end a trial where that of an earlier run did.
local function would_be_pruned(plan, record)
  local pruned = record.pruned or {}
  return plan.demands ~= nil and plan.demands[pruned.epochs] == pruned.demand
end

-- ---- what is trained next -------------------------------------------------------------------------------------------

--- The trial's record where it need not be trained: it is finished, or somebody has published it since this run began
-- to look at it, however it ended.
function Run:known(plan)
  local record, text = self.lab.store:read(plan.id)
  if plan.before == nil then plan.before = text or false end
  if not record or record.status == "pruned" and not would_be_pruned(plan, record) then return nil end
  plan.is_new = text ~= plan.before
  if plan.is_new or self.lab.trained[plan.id] then return record end
  local is_reused = FINISHED[record.status] and plan.is_known and not session.options.fresh
    and reads.are_same(record.reads)
  return is_reused and record or nil
end

--- The record of a claimed trial that nobody should train.
local function hopeless(lab, plan)
  if plan.failure then return publish_for(lab, plan, { status = "failed", reason = plan.failure }) end
  local attempts, deaths = plan.claim:count()
  if deaths < MAX_DEATHS then return nil end
  return publish_for(lab, plan, { status = "failed",
    reason = ("the process that trained it died %d times in a row (attempt %d)"):format(deaths, attempts) })
end

--- Claims a trial, unless it is known already.
-- @treturn string "mine"; "others"; "settled"
function Run:claim(plan)
  if plan.claim then return "mine" end -- another attempt
  local record = self:known(plan)
  if not record then
    plan.claim = self.lab.store:claim(plan.id)
    if not plan.claim then return "others" end
    record = self:known(plan) -- it may have been published between the two looks
    local dead = not record and hopeless(self.lab, plan)
    if dead then
      self:settle(plan, dead, false)
      return "settled"
    elseif not record then
      return "mine"
    end
  end
  self:settle(plan, record, true)
  return "settled"
end

--- Looks again at the trials that other processes have.
-- @treturn ?table the plan of one that they have given up
function Run:take_over()
  local held = self.held
  self.held = {}
  for i, plan in ipairs(held) do
    local state = self:claim(plan)
    if state == "mine" then
      table.move(held, i + 1, #held, #self.held + 1, self.held)
      return plan
    elseif state == "others" then
      table.insert(self.held, plan)
    end
  end
end

--- The next trial to train: false where others have all that are left, nil where none is left.
function Run:next()
  local again = table.remove(self.again)
  if again then return again end
  while self.position < #self.plans do
    self.position = self.position + 1
    local plan = self.plans[self.position]
    local state = self:claim(plan)
    if state == "mine" then return plan end
    if state == "others" then table.insert(self.held, plan) end
  end
  local plan = self:take_over()
  if plan then return plan end
  if #self.held == 0 then return nil end
  self.lab.progress:waiting(#self.held)
  return false
end

-- ---- running --------------------------------------------------------------------------------------------------------

--- Whether the system ended a process for lack of memory that no other trial is known to have been.
function Run:takes_oom_kill()
  if oom.kills() <= self.oom_kills then return false end
  self.oom_kills = self.oom_kills + 1
  return true
end

--- Status and reason of a worker that ended without a result; nil where the trial deserves another attempt. One that
-- was told to stop, while this process was not, has died: it would otherwise be trained for ever.
function Run:cause(plan, ending)
  if ending.timed_out then
    return "timeout", ("not finished after %g s (--trial-timeout)"):format(session.options.trial_timeout)
  elseif ending.how == "exit" and ending.code == worker.OUT_OF_MEMORY then
    return "out of memory", "not enough memory; fewer --jobs may help"
  elseif ending.how == "exit" and ending.code ~= worker.STOPPED then
    return "crashed", ("its process ended with status %d and left no result"):format(ending.code)
  end
  local name = ending.how == "signal" and process.signal_name(ending.code)
  if name and name ~= "KILL" then return "crashed", ("its process was ended by signal %s"):format(name) end
  if name and self:takes_oom_kill() then
    return "out of memory", "the system ended its process (signal KILL), as memory ran out; fewer --jobs may help"
  end
  local attempts, deaths = plan.claim:count()
  if deaths < MAX_DEATHS then return nil end
  return "failed", ("its process died %d times in a row, the last time %s (attempt %d)"):format(deaths,
    name and "by signal KILL" or ("with status %d"):format(ending.code), attempts)
end

--- The record of a trial whose worker has ended; nil where it should be tried again. One that the user stopped has a
-- record that is not stored.
function Run:record_of(plan, ending)
  if plan.fatal then
    let_go(plan)
    blame.fatal(plan.fatal.status, "%s", plan.fatal.fatal)
  end
  local record = self:known(plan)
  if record then return record end
  if stop.is_requested() and not ending.timed_out then
    plan.claim:stopped()
    return { status = "interrupted", reason = stop.reason(), seconds = ending.seconds }
  end
  local status, reason = self:cause(plan, ending)
  if not status then return nil end
  return publish_for(self.lab, plan, {
    status = status, reason = reason, seconds = ending.seconds, epochs = plan.heard or 0,
    exit_status = ending.how == "exit" and ending.code or SIGNALLED + ending.code,
  })
end

--- A worker has ended.
function Run:take_end(plan, ending)
  local record = self:record_of(plan, ending)
  if record then
    self:settle(plan, record, false)
  else
    self.lab.progress:again(plan)
    table.insert(self.again, plan)
  end
  self.lab:report_progress()
end

function Run:train()
  local lab, progress = self.lab, self.lab.progress
  one_thread(pool.run, function() return self:next() end, {
    jobs = session.options.jobs, timeout = session.options.trial_timeout, tick = TICK,
    work = function(plan, send) return worker.run(lab, plan, send) end,
    on_start = function(plan) progress:started(plan) end,
    on_event = function(plan, event) self:heard(plan, event) end,
    on_end = function(plan, ending) self:take_end(plan, ending) end,
    on_kill = let_go,
    on_tick = function()
      progress:tick()
      manifest.catch_up(lab)
    end,
  })
end

--- Trains what is not there yet and what no other process trains, and waits for what others do. Returns after Ctrl-C
-- too, when those that were running have ended.
-- @tparam table lab the experiment
-- @tparam {table,...} plans each trial once
-- @treturn {[string]={record=table,reused=boolean}} by id; after Ctrl-C some have a record that was not stored, or none
-- @raise where no trial reports the objective; ends the program where the folder cannot be written, or, with fail_fast
-- or max_failures, where trials fail
function training.run(lab, plans)
  local self = setmetatable({
    lab = lab, plans = plans, position = 0, again = {}, held = {}, ended = {}, oom_kills = oom.kills(),
  }, Run)
  self:train()
  return self.ended
end

return training
