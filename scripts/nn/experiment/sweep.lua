--- Runs the trials of one section of an experiment, a sweep or a single variant, and gathers what came out.
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local choices = require "nn.advice.choices"
local digest = require "nn.support.digest"
local edges = require "nn.advice.edges"
local fates = require "nn.trials.fates"
local gather = require "nn.advice.gather"
local manifest = require "nn.experiment.manifest"
local objective = require "nn.experiment.objective"
local Progress = require "nn.trials.progress"
local session = require "nn.experiment.session"
local split = require "nn.experiment.split"
local stop = require "nn.support.stop"
local scheduler = require "nn.trials.scheduler"
local trial = require "nn.trials.trial"
local notation = require "nn.support.notation"

local sweep = {}

local MOST_LETTERS = 40 -- of a value on the console

-- "the first failed with: lab.lua:3: boo".
local function ending(lab, first)
  if first.status == "complete" then return ("the first ended without a finite %s"):format(lab.objective) end
  return ("the first %s with: %s"):format(fates.verb(first.status), first.reason)
end

--- The trial that stands for the best of some variants: the first complete one of that with the best mean score.
-- @tparam table lab the experiment
-- @tparam table variants each with its trials
-- @tparam[opt="best"] string what asks, to begin the message
-- @raise where there is none; the message tells what became of the first trial
function sweep.best(lab, variants, what)
  local best = objective.best(lab.mode, variants)
  lab.has_chosen = true
  for _, each in ipairs(best and best.trials or {}) do
    if each.score then return each, best end
  end
  local first = variants[1] and variants[1].trials[1]
  return blame("%s: no trial has a score; %s", what or "best", first and ending(lab, first) or "none was run yet")
end

local function result_of(lab, variants)
  local trials = {}
  for _, variant in ipairs(variants) do table.move(variant.trials, 1, #variant.trials, #trials + 1, trials) end
  return setmetatable({ trials = as_list(trials, "trials"), variants = as_list(variants, "variants") }, {
    __index = function(_, key)
      if key == "best" then return (sweep.best(lab, variants)) end
      if not blame.is_own(2) then blame("a result has no %s; it has trials, variants and best", tostring(key)) end
    end,
    __digest = function() return trials end,
    __tostring = function() return ("<%d trials of %d variants>"):format(#trials, #variants) end,
  })
end

-- A test set is looked at where it is used.
local function check_data(lab)
  if lab.train then split.check_unchanged(lab.train, "train") end
  if lab.validation then split.check_unchanged(lab.validation, "validation") end
  if lab.test_every_trial then split.check_unchanged(lab.test, "test") end
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

--- How the console writes the parameters of some variants: values that differ look different.
-- @tparam {{params=table},...} variants
-- @treturn function function(name, value) -> text
function sweep.value_text(variants)
  local settings = {}
  for i, variant in ipairs(variants) do settings[i] = variant.params end
  return notation.namers(settings, MOST_LETTERS)
end

--- The plans of some variants, and of these each trial once: two variants may differ in what makes no difference.
local function plan_all(lab, section, variants, from)
  local plans, listed, value_text = {}, {}, sweep.value_text(variants)
  for i = from, #variants do
    local variant = variants[i]
    local label = Progress.label(variant.params, section.names, value_text)
    local about = { title = section.title, label = label, stage = variant.stage }
    section.plans[i] = trial.plans(lab, variant.params, about)
    for _, plan in ipairs(section.plans[i]) do
      plan.demands, plan.goes_on = variant.demands, variant.stage and variant.stage.goes_on
      if not listed[plan.id] then plans[#plans + 1], listed[plan.id] = plan, true end
    end
  end
  return plans
end

-- Gives what there is to advise on the variants, in one line for several.
-- @tparam function pieces_of function(position of a variant) -> pieces
-- @tparam ?table best the best variant, where they differ in their optimizer
local function advise(lab, section, pieces_of, best)
  local variants, value_text = {}, sweep.value_text(section.variants)
  for i, variant in ipairs(section.variants) do
    variants[i] = { label = Progress.label(variant.params, section.names, value_text), pieces = pieces_of(i),
      is_best = variant == best }
  end
  lab:advise(gather(section.title, variants, section.kind == "sweep"))
end

-- What was found when the models were built.
local function advise_on_plans(lab, section)
  advise(lab, section, function(i) return section.plans[i][1].advice or {} end)
end

local function differ_in_optimizer(section)
  local first
  for _, plans in ipairs(section.plans) do
    local own = plans[1].compile and digest.of { plans[1].compile.optimizer }
    first = first or own
    if own ~= first then return true end
  end
  return false
end

-- What was found when the variants were trained, with all seeds.
local function advise_on_outcome(lab, section)
  local best = differ_in_optimizer(section) and objective.best(lab.mode, section.variants) or nil
  advise(lab, section, function(i) return section.variants[i].advice end, best)
end

-- What became of some plans, by id.
local function end_all(lab, plans)
  local ended = (session.options.train or scheduler.run)(lab, plans)
  if stop.is_requested() then lab.progress:close() end
  stop.check()
  return ended
end

--- Trains trials that are no part of a sweep.
-- @tparam table lab the experiment
-- @tparam {table,...} plans from `trial.plans`
-- @treturn {table,...} as a script sees them
function sweep.train(lab, plans)
  local ended, trials = end_all(lab, plans), {}
  for i, plan in ipairs(plans) do trials[i] = trial.view(lab, plan, ended[plan.id].record, ended[plan.id].reused) end
  return trials
end

--- Trains the variants from a position on.
local function run_round(lab, section, plans, from)
  local ended = end_all(lab, plans)
  for i = from, #section.variants do
    local variant = section.variants[i]
    variant.trials, variant.advice = {}, {}
    for k, plan in ipairs(section.plans[i]) do
      local record = ended[plan.id].record
      variant.trials[k] = trial.view(lab, plan, record, ended[plan.id].reused)
      table.move(record.advice or {}, 1, #(record.advice or {}), #variant.advice + 1, variant.advice)
    end
    table.insert(lab.variants, { params = variant.params, trials = variant.trials })
  end
end

--- Trains the variants of a section, each once a seed, and returns their trials.
-- @tparam table lab the experiment
-- @tparam table section kind ("sweep" or "trial"), title, names (of what its variants set), variants ({ params = }),
-- and for a sweep varied, with, method. One whose variants are found round by round has `more(section)`, which adds the
-- next to variants and returns whether there are any, and `planned`: how many there will be
-- @treturn table trials; variants, each with params and trials; best, a trial
function sweep.run(lab, section)
  stop.check()
  section.plans = {}
  local from, planned, counted, entry = 1, 0, 0, nil
  while from == 1 or section.more and section.more(section) do
    local plans = plan_all(lab, section, section.variants, from)
    check_data(lab)
    if from == 1 then
      check_builds(plans)
      lab:announce()
      local total = section.planned and section.planned * #lab.seeds or #plans
      planned = total
      entry = manifest.begin_section(lab, section, total)
      lab.progress:begin { title = section.title or "Trial", objective = lab.objective, total = total,
        traits = objective.traits(lab.objective, lab.manifest.traits) }
    else
      manifest.extend_section(lab, entry, section, from)
    end
    advise_on_plans(lab, section)
    if from == 1 then lab:advise(choices.before(lab, section)) end
    run_round(lab, section, plans, from)
    counted = counted + #plans
    from = #section.variants + 1
  end
  lab.progress:close()
  advise_on_outcome(lab, section)
  if not session.options.is_dry_run then lab:advise(edges(section, lab.mode)) end
  for _, plans in ipairs(section.plans) do
    for _, plan in ipairs(plans) do lab.store:forget_stage(plan.stem) end
  end
  local variants = {}
  for i, variant in ipairs(section.variants) do
    variants[i] = { params = variant.params, trials = as_list(variant.trials, "trials") }
  end
  if all_diverged(variants) then lab.failures = lab.failures + #result_of(lab, variants).trials end
  lab.manifest.progress.planned = lab.manifest.progress.planned + counted - planned -- fewer where some were the same
  manifest.finish_section(lab, entry)
  return result_of(lab, variants)
end

return sweep
