--- What a reader of the report has to know before believing it.
local tensor_overlap = require("engine.tensor").overlap
local notation = require "nn.notation"

local warnings = {}

-- With two values the best is always at the border.
local FEWEST_VALUES = 3

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
-- @treturn string
function warnings.of_peeking(how)
  return ("the script %s before the choice: if it chooses by that, the test data are no independent check any more")
    :format(how)
end

--- What can be said when an experiment is declared.
-- @tparam table lab the experiment
-- @treturn {string,...}
function warnings.of_experiment(lab)
  local list = {}
  local name = generated(lab)
  if name == "mnist" then
    list[#list + 1] = "the data are GENERATED digits, not MNIST; every number below is about them"
  elseif name then
    list[#list + 1] = ("the data are GENERATED, not %s; every number below is about them"):format(name)
  end
  if #lab.seeds == 1 then
    list[#list + 1] = "each variant is trained with one seed only: how much chance there is in a score cannot be told"
  end
  for _, part in ipairs { "train", "validation" } do
    if lab.test and lab[part] and shares(lab[part].inputs, lab.test.inputs) then
      list[#list + 1] = ("test and %s data are the same, in part at least: the test result says little about new data")
        :format(part)
    end
  end
  if lab.objective:find "^test_" then
    list[#list + 1] = ("variants are chosen by %s: the test data are no independent check any more"):format(
      lab.objective)
  end
  if not lab.validation then
    list[#list + 1] = ("there is no validation data: variants are compared by %s, on the data they were trained with")
      :format(lab.objective)
  end
  return list
end

--- Which end of the values is the best; 0 is the end of its scale by nature, as of dropout.
local function border(values, best)
  local least, most, count = math.huge, -math.huge, 0
  for _, value in ipairs(values) do
    if type(value) ~= "number" then return nil end
    least, most, count = math.min(least, value), math.max(most, value), count + 1
  end
  if count < FEWEST_VALUES or best == 0 and least == 0 then return nil end
  return best == least and "smallest" or best == most and "largest" or nil
end

--- What can be said when a sweep has ended.
-- @tparam table section title, method, varied ({ { name =, values = } })
-- @tparam table params those of its best variant
-- @treturn {string,...}
function warnings.of_sweep(section, params)
  local list = {}
  if section.method ~= "grid" then return list end -- what was drawn has no border
  for _, each in ipairs(section.varied) do
    local where = border(each.values, params[each.name])
    if where then
      local value = notation.namer(each.values)(params[each.name])
      list[#list + 1] = ("%s: the best %s, %s, is the %s that was tried; better ones may lie beyond")
        :format(section.title, each.name, value, where)
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
      list[#list + 1] = ("%s: %s makes no difference: the model and its settings are the same for all its values, so "
        .. "they are the same trials; does build read %s?"):format(section.title, name, name)
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
    list[i] = text .. ": it cannot be compared with that of an earlier run, so trials with it are trained each time"
  end
  return list
end

--- Said where a script is through and has run no trial of an experiment that has a report with some.
-- @tparam string folder
-- @treturn string
function warnings.of_no_trials(folder)
  return ("the script ran no trial of this experiment; %s/report.md stays as it was"):format(folder)
end

--- What can be said of NAME=VALUE on the command line when all sections have run.
-- @tparam table idle by name, those that each section had a value of its own for
-- @treturn {string,...}
function warnings.of_settings(idle)
  local list = {}
  for name, value in pairs(idle) do
    list[#list + 1] = ("%s=%s changed nothing: each section sets %s itself, by what it varies or by `with`"):format(
      name, notation.text(value), name)
  end
  table.sort(list)
  return list
end

return warnings
