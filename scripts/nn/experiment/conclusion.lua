--- The end of an experiment: the chosen variant, and how its models do on the test data.
local baseline = require "nn.experiment.baseline"
local confirmation = require "nn.experiment.confirmation"
local intervals = require "nn.stats.intervals"
local is_model = require "nn.models.is_model"
local json = require "nn.support.json"
local lockbox = require "nn.experiment.lockbox"
local manifest = require "nn.experiment.manifest"
local mistakes = require "nn.experiment.mistakes"
local objective = require "nn.experiment.objective"
local one_thread = require "nn.trials.one_thread"
local residuals = require "nn.experiment.residuals"
local scoring = require "nn.trials.scoring"
local session = require "nn.experiment.session"
local split = require "nn.experiment.split"
local sweep = require "nn.experiment.sweep"
local warnings = require "nn.report.warnings"

local conclusion = {}

local CHOSEN = "the variant chosen by conclude"

-- ---- test data ------------------------------------------------------------------------------------------------------

--- Evaluations made before the choice: all but those of earlier runs that chose the same.
local function count_before(lab, trials)
  local count = 0
  for _, use in ipairs(lab.manifest.test_uses) do
    local same = false
    for _, each in ipairs(trials) do
      same = same or use.trial == each.id and use.what:find(CHOSEN, 1, true) or use.after == each.id
    end
    if not same then count = count + 1 end
  end
  return count
end

--- Where the script itself first had a model look at the test data before its choice.
-- @tparam table lab
-- @treturn ?string such as "evaluate at lab.lua:31"; nil where it did not
function conclusion.first_peek(lab)
  for _, use in ipairs(lab.manifest.test_uses) do
    if use.key and not use.after then return use.what end
  end
end

local function test_of(lab, each)
  if lab.loop then return scoring.of_loop(lab, each.model, each.params) end
  return scoring.on_test(each.model, lab, each.params.batch_size)
end

local function evaluate(lab, trials)
  local list = json.list {}
  for i, each in ipairs(trials) do
    manifest.tested(lab, each.id, CHOSEN)
    list[i] = { id = each.id, metrics = json.object(test_of(lab, each)) }
  end
  return list
end

-- Whether the trials' models can be asked what they score on data.
local function can_evaluate(lab, best)
  if not lab.loop or lab.evaluate then return true end
  local record = lab.store:read(best.id) or {}
  return record.parameters ~= nil and is_model(best.model) and best.model.compiled
end

-- Whether a trial's model is one that predicts and has metrics of its own.
local function has_one_model(lab, best) return not lab.evaluate and can_evaluate(lab, best) end

-- ---- the section ----------------------------------------------------------------------------------------------------

local function joined(a, b)
  return table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
end

local function complete_ones(trials)
  local list = {}
  for _, each in ipairs(trials) do
    if each.score then list[#list + 1] = each end
  end
  return list
end

-- Classes, or else numbers, beside what the first model of the chosen variant predicts.
local function look_closer(lab, entry, best)
  local model = best.model
  entry.baseline = baseline.score(lab, model, lab.test)
  local predictions = model:predict(lab.test.x, { batch_size = best.params.batch_size, verbose = 0 })
  if mistakes.add(lab, entry, model, predictions) then return end
  residuals.add(lab, entry, predictions)
end

-- What the trials score on the validation data, by the metrics' names without their prefix.
local function validation_scores(trials)
  local list = {}
  for i, each in ipairs(trials) do
    list[i] = {}
    for name, value in pairs(each.metrics) do list[i][name:match "^val_(.+)$" or ""] = value end
  end
  return list
end

-- The intervals for new samples: of the metrics on the test data, and of the objective on the validation data.
local function add_intervals(lab, entry, test, trials)
  entry.intervals = {}
  if test then
    local scores = {}
    for i, each in ipairs(test.trials) do scores[i] = each.metrics end
    entry.intervals.test = json.object(intervals.of(lab, lab.test, trials, scores))
  end
  local name = lab.objective:match "^val_(.+)$"
  if name and lab.validation then
    local found = intervals.of(lab, lab.validation, trials, validation_scores(trials))
    entry.intervals.validation = json.object { [name] = found[name] }
  end
end

--- Chooses the best of all variants by the objective, trains it with fresh seeds where it is to have any, and evaluates
-- its models on the test data.
-- @tparam table lab the experiment
-- @treturn table the section of the manifest
function conclusion.new(lab)
  local best, variant = sweep.best(lab, lab.variants, "conclude")
  local again = confirmation.run(lab, variant)
  local trials, fresh = complete_ones(variant.trials), complete_ones(again and again.trials or {})
  local entry = {
    kind = "conclusion", variant = manifest.variant(lab, variant.params, variant.trials),
    score = objective.summary(trials), figures = json.list {}, before_choice = count_before(lab, joined(trials, fresh)),
    fresh = again and { variant = again.variant, seeds = again.seeds, score = objective.summary(fresh) },
  }
  one_thread(lockbox.quietly, function()
    if lab.test and not can_evaluate(lab, best) then
      lab:warn { warnings.of_no_evaluation() }
    elseif lab.test then
      split.check_unchanged(lab.test, "test")
      entry.test = { trials = evaluate(lab, trials) }
      if again then entry.fresh.test = { trials = evaluate(lab, fresh) } end
      if has_one_model(lab, best) then look_closer(lab, entry, best) end
    end
    if session.options.is_dry_run or not has_one_model(lab, best) then return end
    add_intervals(lab, entry, entry.test, trials)
    if #fresh > 0 then add_intervals(lab, entry.fresh, entry.fresh.test, fresh) end
  end)
  return entry
end

return conclusion
