--- The answer of an experiment in a few sentences: the best variant with its scores, and how the others stand to it. It
-- begins the report and ends on the terminal.
-- @module nn.report.answer
local findings = require "nn.report.findings"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"

local answer = {}

local say = sentences.say

--- The last conclusion of a script.
-- @tparam Records records
-- @treturn ?table its section in the manifest
function answer.conclusion(records)
  local last
  for _, section in ipairs(records.manifest.sections) do
    if section.kind == "conclusion" then last = section end
  end
  return last
end

--- The metrics that a conclusion measured on test data as lists over the seeds, by name.
-- @tparam table section
-- @treturn {[string]={number,...},...}
function answer.test_values(section)
  local values = {}
  for _, trial in ipairs(type(section.test) == "table" and section.test.trials or {}) do
    for name, value in pairs(trial.metrics or {}) do
      values[name] = values[name] or {}
      if type(value) == "number" and value - value == 0 then table.insert(values[name], value) end
    end
  end
  return values
end

--- The metric that the objective is on other data.
-- @tparam table manifest
-- @treturn string
function answer.base_metric(manifest)
  return (manifest.objective:gsub("^val_", ""):gsub("^test_", ""))
end

--- The objective's metric on test data.
-- @tparam Records records
-- @tparam table section a conclusion
-- @tparam[opt] string name of another metric
-- @treturn ?table see `summary.measure`; nil where it was not measured
function answer.test_score(records, section, name)
  name = name or answer.base_metric(records.manifest)
  return summary.measure(records, name, answer.test_values(section)[name] or {}, "test")
end

-- How many runs measured a metric on test data, and in how many of them it is no finite number.
local function count_runs(section, name)
  local runs, lost = 0, 0
  for _, trial in ipairs(type(section.test) == "table" and section.test.trials or {}) do
    local value = (trial.metrics or {})[name]
    if type(value) == "number" then runs, lost = runs + 1, lost + (value - value == 0 and 0 or 1) end
  end
  return runs, lost
end

--- A metric on test data as text. It is no number where it is none in one of the runs.
-- @tparam Records records
-- @tparam table section a conclusion
-- @tparam string name of the metric
-- @tparam[opt] boolean ... as of `findings.score`
-- @treturn ?string nil where it was not measured
function answer.test_text(records, section, name, ...)
  local runs, lost = count_runs(section, name)
  if lost > 0 then
    return runs == 1 and say.not_finite() or say.not_finite_of { count = lost, runs = runs }
  end
  local score = answer.test_score(records, section, name)
  return score and findings.score(records, name, score, ...)
end

local function test_text(records, section)
  local name = answer.base_metric(records.manifest)
  local text = section and answer.test_text(records, section, name)
  return text and say.result_test { metric = sentences.metric(name, "test "), score = text } or ""
end

local function is_same(item, section)
  return item ~= nil and table.concat(item.variant.trials, " ") == table.concat(section.variant.trials, " ")
end

-- What the conclusion chose, where it is not simply the best.
local function chosen_text(records, section, found)
  local test = test_text(records, section)
  local name = findings.name(summary.of(records, section.variant, summary.name(records, section.variant)))
  if #found.leaders > 1 and is_same(found.leaders[1], section) then
    return say.chosen_of_equals { name = name, test = test }
  end
  return say.chosen_other { name = name, test = test }
end

-- One variant that is best, with the test result of the conclusion where it chose that.
local function winner_text(records, found, test, link)
  local objective, item = records.manifest.objective, found.leaders[1]
  local section = link and item.section and link(item.section)
  return say[#found.list == 1 and "result_only" or "result"] {
    name = findings.name(item), section = section and (" (%s)"):format(section) or "",
    metric = sentences.metric(objective), score = findings.score(records, objective, item.score), test = test,
  }
end

--- What came out.
-- @tparam Records records
-- @tparam {table,...} variants from `summary.all`
-- @tparam[opt] function link function(section) -> Markdown, a link to it
-- @treturn string which variant is best, with its scores
-- @treturn string how the others stand to it; empty where there is nothing to say
function answer.of(records, variants, link)
  local found, section = findings.of(records, variants), answer.conclusion(records)
  local is_best = section and #found.leaders == 1 and is_same(found.leaders[1], section)
  local result
  if #found.leaders == 1 and not found.is_partial then
    result = winner_text(records, found, is_best and test_text(records, section) or "", link)
  else
    result = findings.best(records, found)
    if is_best then result = result:gsub("%.$", "") .. test_text(records, section) .. "." end
  end
  if section and not is_best then result = result .. " " .. chosen_text(records, section, found) end
  return result, sentences.paragraph(findings.standing(records, found, true), findings.caution(records, found))
end

return answer
