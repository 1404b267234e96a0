--- Trains trials that are not there yet, in processes of their own, and settles how each has ended.
local process = require "engine.process"
local blame = require "nn.blame"
local files = require "nn.files"
local json = require "nn.json"
local manifest = require "nn.manifest"
local pool = require "nn.pool"
local session = require "nn.session"
local Store = require "nn.store"
local trial = require "nn.trial"
local worker = require "nn.worker"

local training = {}

local FINISHED = { complete = true, diverged = true, pruned = true }
local FAILED = 1 -- exit status
local SIGNALLED = 128 -- what a shell adds to the number of a signal
local TICK = 0.25 -- seconds between two looks of the progress lines at the clock
local TOUCHED = "its callbacks looked at the test data while it was trained"
local TESTED = "evaluated as every trial is (test_every_trial)"

-- ---- a trial that has ended -----------------------------------------------------------------------------------------

--- Status and reason of a worker that ended without a result.
local function cause(ending, timeout)
  if ending.timed_out then
    return "timeout", ("not finished after %g s (--trial-timeout)"):format(timeout)
  elseif ending.how == "exit" then
    return "crashed", ("its process ended with status %d and left no result"):format(ending.code)
  end
  local name = process.signal_name(ending.code)
  if name == "KILL" then return "crashed", "killed (signal KILL): out of memory, or by hand" end
  return "crashed", ("its process was ended by signal %s"):format(name)
end

--- Publishes a trial that could not do it itself.
local function publish_for(lab, plan, pid, facts)
  local folder = lab.store:working_folder(plan.id, pid)
  local record = trial.new_record(lab, plan)
  for name, value in pairs(facts) do record[name] = value end
  Store.check(files.make_folder(folder))
  Store.write(folder .. "/trial.json", json.encode(record, true), "\n")
  lab.store:publish(plan.id, folder)
  return record
end

--- The record of a trial whose worker has ended; without one where the user stopped it.
local function record_of(lab, plan, ending)
  if plan.fatal then blame.fatal(plan.fatal.status, "%s", plan.fatal.fatal) end
  local record = ending.how == "exit" and ending.code == 0 and lab.store:read(plan.id)
  if record then return record end
  local working = lab.store:working_folder(plan.id, ending.pid)
  if process.stop_requests() ~= 0 and not ending.timed_out then
    files.remove(working)
    return { status = "interrupted", reason = "stopped by the user", seconds = ending.seconds }
  end
  files.remove(working .. "/weights.safetensors")
  local status, reason = cause(ending, session.options.trial_timeout)
  return publish_for(lab, plan, ending.pid, {
    status = status, reason = reason, seconds = ending.seconds, epochs = plan.heard or 0,
    exit_status = ending.how == "exit" and ending.code or SIGNALLED + ending.code,
  })
end

-- ---- running --------------------------------------------------------------------------------------------------------

--- One run over a list of plans.
local Run = {}
Run.__index = Run

--- Raises an error because models do not report the objective.
function Run:lacks_objective(known)
  table.sort(known)
  blame("objective %s: no trial reports it; known are: %s", self.lab.objective, table.concat(known, ", "))
end

--- Makes sure that a complete trial without a score has it for lack of a finite number, not of the metric.
function Run:check_objective(view)
  local wanted = self.lab.objective
  if view.status ~= "complete" or view.score or wanted:find "^test_" or view.history[wanted] then return end
  local known = {}
  for name in pairs(view.history) do known[#known + 1] = name end
  self:lacks_objective(known)
end

--- Takes the end of a trial to the console and the records.
function Run:settle(plan, record, reused)
  local lab, status = self.lab, record.status
  local view = trial.view(lab, plan, record, reused)
  self.ended[plan.id] = { record = record, reused = reused }
  self:check_objective(view)
  if record.test_touches then manifest.tested(lab, view.id, TOUCHED) end
  if record.test then manifest.tested(lab, view.id, TESTED) end
  lab.progress:finished(plan, view)
  if status == "interrupted" then return end
  manifest.count_done(lab)
  if FINISHED[status] then return end
  lab.failures = lab.failures + 1
  if session.options.fail_fast then
    blame.fatal(FAILED, "stopped after the first failure (--fail-fast): trial %s: %s", plan.id, record.reason)
  end
end

function Run:heard(plan, event)
  if event.fatal then
    plan.fatal = event
  elseif event.lacks_objective then
    self:lacks_objective(event.lacks_objective)
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

--- The trial's record where it need not be trained.
function Run:known(plan)
  local lab = self.lab
  if plan.failure then
    return publish_for(lab, plan, process.pid(), { status = "failed", reason = plan.failure })
  end
  local may_reuse = not session.options.fresh or lab.trained[plan.id]
  local record = may_reuse and lab.store:read(plan.id)
  if record and record.status == "pruned" and not would_be_pruned(plan, record) then return nil end
  return record and (FINISHED[record.status] or lab.trained[plan.id]) and record, true
end

--- Settles what need not be trained and gives the rest.
function Run:remaining(plans)
  local rest = {}
  for _, plan in ipairs(plans) do
    local record, reused = self:known(plan)
    if record then self:settle(plan, record, reused) else rest[#rest + 1] = plan end
  end
  return rest
end

function Run:train(plans)
  local lab, progress = self.lab, self.lab.progress
  local threads = process.blas().threads
  process.set_threads(1)
  pool.run(plans, {
    jobs = session.options.jobs, timeout = session.options.trial_timeout, tick = TICK,
    work = function(plan, send) return worker.run(lab, plan, send) end,
    on_start = function(plan)
      lab.trained[plan.id] = true
      progress:started(plan)
    end,
    on_event = function(plan, event) self:heard(plan, event) end,
    on_end = function(plan, ending)
      self:settle(plan, record_of(lab, plan, ending), false)
      manifest.write(lab)
    end,
    on_kill = function(plan, pid) files.remove(lab.store:working_folder(plan.id, pid)) end,
    on_tick = function() progress:tick() end,
  })
  process.set_threads(threads)
end

--- Trains what is not there yet. Returns after Ctrl-C too, when those that were running have ended.
-- @tparam table lab the experiment
-- @tparam {table,...} plans each trial once
-- @treturn {[string]={record=table,reused=boolean}} by id; after Ctrl-C some have a record that was not stored, or none
-- @raise where no trial reports the objective; ends the program where the folder cannot be written, or, with fail_fast,
-- where a trial fails
function training.run(lab, plans)
  local self = setmetatable({ lab = lab, ended = {} }, Run)
  self:train(self:remaining(plans))
  return self.ended
end

return training
