--- Runs the trials of one section of an experiment, a sweep or a single variant, and gathers what came out.
local process = require "engine.process"
local blame = require "nn.blame"
local manifest = require "nn.manifest"
local objective = require "nn.objective"
local Progress = require "nn.progress"
local session = require "nn.session"
local training = require "nn.training"
local trial = require "nn.trial"

local sweep = {}

local INTERRUPTED = 128 + 2

--- Raises the user's wish to stop as an error that ends the script.
function sweep.check_stop()
  local requests = process.stop_requests()
  if requests ~= 0 then blame.fatal(requests < 0 and 128 - requests or INTERRUPTED, "interrupted") end
end

--- The trial that stands for the best of some variants: the first complete one of that with the best mean score.
-- An error that names the reasons where there is none.
-- @tparam table lab the experiment
-- @tparam table variants each with its trials
function sweep.best(lab, variants)
  local best = objective.best(lab.mode, variants)
  for _, each in ipairs(best and best.trials or {}) do
    if each.score then return each, best end
  end
  local reasons, seen = {}, {}
  for _, variant in ipairs(variants) do
    for _, each in ipairs(variant.trials) do
      local reason = ("%s: %s"):format(each.status, each.reason or "no " .. lab.objective)
      if not seen[reason] then reasons[#reasons + 1], seen[reason] = reason, true end
    end
  end
  if #reasons == 0 then blame "there is no best trial: none was run yet" end
  return blame("there is no best trial, as none has a result: %s", table.concat(reasons, "; "))
end

local function result_of(lab, variants)
  local trials = {}
  for _, variant in ipairs(variants) do table.move(variant.trials, 1, #variant.trials, #trials + 1, trials) end
  return setmetatable({ trials = trials, variants = variants }, {
    __index = function(_, key)
      if key == "best" then return (sweep.best(lab, variants)) end
    end,
  })
end

local function check_builds(plans)
  for _, plan in ipairs(plans) do
    if not plan.failure then return end
  end
  error(plans[1].failure, 0)
end

local function all_diverged(variants)
  for _, variant in ipairs(variants) do
    for _, each in ipairs(variant.trials) do
      if each.status ~= "diverged" then return false end
    end
  end
  return true
end

--- The plans of all variants, and of these each trial once: two variants may differ in what makes no difference.
local function plan_all(lab, section)
  local plans, listed = {}, {}
  for i, variant in ipairs(section.variants) do
    local about = { title = section.title, label = Progress.label(variant.params, section.names) }
    section.plans[i] = trial.plans(lab, variant.params, about)
    for _, plan in ipairs(section.plans[i]) do
      if not listed[plan.id] then plans[#plans + 1], listed[plan.id] = plan, true end
    end
  end
  return plans
end

--- Trains the variants of a section, each once a seed, and returns their trials.
-- @tparam table lab the experiment
-- @tparam table section kind ("sweep" or "trial"), title, names (of what its variants set), variants ({ params = }),
-- and for a sweep varied, with, method
-- @treturn table trials; variants, each with params and trials; best, a trial
function sweep.run(lab, section)
  sweep.check_stop()
  section.plans = {}
  local plans = plan_all(lab, section)
  check_builds(plans)
  local entry = manifest.begin_section(lab, section, #plans)
  lab.progress:begin { title = section.title or "Trial", objective = lab.objective, total = #plans }
  local ended = (session.options.train or training.run)(lab, plans)
  lab.progress:close()
  sweep.check_stop()
  local variants = {}
  for i, variant in ipairs(section.variants) do
    variants[i] = { params = variant.params, trials = {} }
    for k, plan in ipairs(section.plans[i]) do
      variants[i].trials[k] = trial.view(lab, plan, ended[plan.id].record, ended[plan.id].reused)
    end
  end
  table.move(variants, 1, #variants, #lab.variants + 1, lab.variants)
  if all_diverged(variants) then lab.failures = lab.failures + #plans end
  manifest.finish_section(lab, entry)
  return result_of(lab, variants)
end

return sweep
