--- What a conclusion measured: of the chosen variant's fresh seeds where it has any, else of the seeds that chose it.
-- @module nn.report.outcome
local format = require "nn.report.format"
local scores = require "nn.report.scores"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"

local outcome = {}

local say = sentences.say

--- The last conclusion of a script.
-- @tparam Records records
-- @treturn ?table its section in the manifest
function outcome.conclusion(records)
  local last
  for _, section in ipairs(records.manifest.sections) do
    if section.kind == "conclusion" then last = section end
  end
  return last
end

--- The metric that the objective is on other data.
-- @tparam table manifest
-- @treturn string
function outcome.base_metric(manifest)
  return (manifest.objective:gsub("^val_", ""):gsub("^test_", ""))
end

--- The fresh seeds of a conclusion.
-- @tparam table section
-- @treturn ?table `variant`, `seeds`, `score`, `test`, `intervals`; nil where there are none, or none has a score
function outcome.fresh(section)
  return section.fresh and section.fresh.score and section.fresh or nil
end

-- What is quoted: the fresh seeds, else the section itself.
local function quoted(section)
  return outcome.fresh(section) or section
end

local function interval(part, split, name)
  return ((part.intervals or {})[split] or {})[name]
end

--- The metrics that were measured on test data as lists over the seeds, by name.
-- @tparam table section
-- @treturn {[string]={number,...},...}
function outcome.test_values(section)
  local values, test = {}, quoted(section).test
  for _, trial in ipairs(type(test) == "table" and test.trials or {}) do
    for name, value in pairs(trial.metrics or {}) do
      values[name] = values[name] or {}
      if type(value) == "number" and value - value == 0 then table.insert(values[name], value) end
    end
  end
  return values
end

-- How many runs measured a metric on test data, and in how many of them it is no finite number.
local function count_runs(section, name)
  local runs, lost, test = 0, 0, quoted(section).test
  for _, trial in ipairs(type(test) == "table" and test.trials or {}) do
    local value = (trial.metrics or {})[name]
    if type(value) == "number" then runs, lost = runs + 1, lost + (value - value == 0 and 0 or 1) end
  end
  return runs, lost
end

--- Whether all runs that measured the objective on test data have a number.
-- @tparam Records records
-- @tparam table section a conclusion
-- @treturn boolean
function outcome.is_finite(records, section)
  return select(2, count_runs(section, outcome.base_metric(records.manifest))) == 0
end

--- A metric on the test data with its interval, in words. It is no number where it is none in one of the runs.
-- @tparam Records records
-- @tparam table section a conclusion
-- @tparam[opt] string name of a metric (the objective's)
-- @tparam[opt=false] boolean is_full see `scores.text`
-- @treturn ?string nil where it was not measured
function outcome.test_text(records, section, name, is_full)
  name = name or outcome.base_metric(records.manifest)
  local runs, lost = count_runs(section, name)
  if lost > 0 then return runs == 1 and say.not_finite() or say.not_finite_of { count = lost, runs = runs } end
  local score = summary.measure(records, name, outcome.test_values(section)[name] or {}, "test")
  return score and scores.text(records, name, score, interval(quoted(section), "test", name), is_full)
end

-- "five fresh seeds", "four of five fresh seeds".
local function count_fresh(fresh, item)
  local kind = #fresh.seeds == 1 and "fresh_one" or #item.done < #fresh.seeds and "fresh_some" or "fresh_all"
  return say[kind] { done = format.word(#item.done), all = format.word(#fresh.seeds) }
end

--- What the objective is on fresh seeds.
-- @tparam Records records
-- @tparam table section a conclusion
-- @tparam[opt=false] boolean is_full see `scores.text`
-- @treturn ?table slots for sentences: `score` (with its interval), `count` ("five fresh seeds"); nil without fresh
-- seeds
function outcome.fresh_slots(records, section, is_full)
  local fresh, metric = outcome.fresh(section), records.manifest.objective
  if not fresh then return nil end
  local item = summary.of(records, fresh.variant, "")
  if not item.score then return nil end
  local new = interval(fresh, "validation", outcome.base_metric(records.manifest))
  return { count = count_fresh(fresh, item), score = scores.text(records, metric, item.score, new, is_full) }
end

--- The validation score of what a conclusion chose, over the seeds that chose it, in words.
-- @tparam Records records
-- @tparam table section a conclusion
-- @tparam table item the chosen variant, from `summary.of`
-- @tparam[opt=false] boolean is_full see `scores.text`
-- @treturn string
function outcome.chosen_text(records, section, item, is_full)
  return scores.text(records, records.manifest.objective, item.score,
    interval(section, "validation", outcome.base_metric(records.manifest)), is_full)
end

--- The same for a sentence that tells of fresh seeds too: the number alone, and how many seeds.
-- @tparam Records records
-- @tparam table item
-- @treturn string
-- @treturn string
function outcome.before_text(records, item)
  return records:number(records.manifest.objective, item.score.mean),
    say[item.score.runs == 1 and "chosen_seed" or "chosen_seeds"] { count = format.word(item.score.runs) }
end

return outcome
