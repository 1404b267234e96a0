--- What a reader of the report has to know before believing it.
local tensor_overlap = require("engine.tensor").overlap
local border = require "nn.stats.border"
local objective = require "nn.experiment.objective"
local notation = require "nn.support.notation"
local sentences = require "nn.report.sentences"

local warnings = {}

local say = sentences.say

local function generated(lab)
  for _, name in ipairs { "train", "validation", "test" } do
    local source = lab[name] and lab[name].card.source
    if source and source.synthetic then return source.name end
  end
end

local function shares(some, others)
  for _, a in ipairs(some) do
    for _, b in ipairs(others) do
      if tensor_overlap(a, b) then return true end
    end
  end
  return false
end

--- Said where a script has looked at test results before it concludes.
-- @tparam string how
-- @tparam string where such as "evaluate at lab.lua:31"
-- @treturn string
function warnings.of_peeking(how, where)
  return say.looked { how = how, where = where }
end

--- What can be said when an experiment is declared.
-- @tparam table lab the experiment
-- @treturn {string,...}
function warnings.of_experiment(lab)
  local list = {}
  local name = generated(lab)
  if name then list[#list + 1] = say[name == "mnist" and "generated_digits" or "generated_data"] { name = name } end
  if #lab.seeds == 1 then list[#list + 1] = say.single_seed() end
  for _, part in ipairs { "train", "validation" } do
    if lab.test and lab[part] and shares(lab[part].inputs, lab.test.inputs) then
      list[#list + 1] = say.test_contains { part = part == "train" and "training" or part }
    end
  end
  if lab.objective:find "^test_" then
    list[#list + 1] = say.chosen_by_test { objective = lab.objective }
  end
  local is_own = lab.loop and not lab.train -- a loop that has data of its own
  if not (lab.validation or is_own) then list[#list + 1] = say.no_validation { objective = lab.objective } end
  return list
end

--- Said where somebody else than nnrun has changed the record of the earlier runs.
-- @tparam {string,...} fields that were changed
-- @treturn ?string nil where none was
function warnings.of_changes(fields)
  if #fields == 0 then return nil end
  return say.record_changed { fields = table.concat(fields, ", ") }
end

-- The variant that alone has the best score and lost no run; nil where there is none. And the variants with a score.
local function winner(mode, variants)
  local means, scored = {}, {}
  for i, variant in ipairs(variants) do
    means[i] = objective.summary(variant.trials)
    scored[#scored + 1] = means[i] and variant
  end
  local best = variants[border.winner(mode, means, #variants)]
  return best and select(3, objective.summary(best.trials)) == #best.trials and best or nil, scored
end

-- The values of a parameter that have a score.
local function values_of(scored, name)
  local values, seen = {}, {}
  for _, variant in ipairs(scored) do
    local value = variant.params[name]
    local key = notation.key(value)
    if not seen[key] then values[#values + 1], seen[key] = value, true end
  end
  return values
end

--- What can be said when a sweep has ended.
-- @tparam table section title, method, varied ({ { name =, values = } })
-- @tparam {table,...} variants each with params and trials
-- @tparam string mode "max" or "min"
-- @treturn {string,...}
function warnings.of_sweep(section, variants, mode)
  local list, best, scored = {}, winner(mode, variants)
  if section.method ~= "grid" or not best then return list end -- what was drawn has no border
  for _, each in ipairs(section.varied) do
    local value = best.params[each.name]
    local place = border.of(values_of(scored, each.name), value)
    if place then
      list[#list + 1] = say.border_of { section = section.title, name = each.name, place = place,
        value = notation.namer(each.values)(value), beyond = place == "smallest" and "smaller" or "larger" }
    end
  end
  return list
end

--- Whether variants that have the other parameters in common were different trials; nil where there are no two such.
local function makes_difference(variants, others)
  local known, compared = {}, false
  for _, variant in ipairs(variants) do
    local key = {}
    for i, each in ipairs(others) do key[i] = notation.key(variant.params[each]) end
    key = table.concat(key, "\0")
    local id = variant.trials[1].id
    if known[key] and known[key] ~= id then return true end
    compared, known[key] = compared or known[key] ~= nil, id
  end
  if compared then return false end
end

--- What can be said of parameters that were varied and changed nothing.
-- @tparam table section title, names (of what it varied)
-- @tparam {table,...} variants each with params and trials
-- @treturn {string,...}
function warnings.of_twins(section, variants)
  local list = {}
  for i, name in ipairs(section.names) do
    local others = table.move(section.names, 1, #section.names, 1, {})
    table.remove(others, i)
    if makes_difference(variants, others) == false then
      list[#list + 1] = say.twins { section = section.title, name = name }
    end
  end
  return list
end

--- What can be said of values that have no hash: whether they are the same in another run is not known.
-- @tparam {string,...} unknown where and what they are
-- @treturn {string,...}
function warnings.of_unknown(unknown)
  local list = {}
  for i, text in ipairs(unknown) do
    list[i] = say.unknown { what = text }
  end
  return list
end

--- Said of what callbacks read that may be another thing in the next run.
-- @tparam {string,...} names such as "output of date"
-- @treturn {string,...}
function warnings.of_outputs(names)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = say.unknown_output { what = name }
  end
  return list
end

--- Said where nobody can say what the chosen trial scores on the test data.
-- @treturn string
function warnings.of_no_evaluation() return say.no_evaluation() end

--- Said where a script is through and has run no trial of an experiment that has a report with some.
-- @tparam string folder
-- @treturn string
function warnings.of_no_trials(folder)
  return say.no_trials { folder = folder }
end

--- What can be said of NAME=VALUE on the command line when all sections have run.
-- @tparam table idle by name, those that each section had a value of its own for
-- @treturn {string,...}
function warnings.of_settings(idle)
  local list = {}
  for name, value in pairs(idle) do
    list[#list + 1] = say.idle_setting { name = name, value = notation.text(value) }
  end
  table.sort(list)
  return list
end

return warnings
