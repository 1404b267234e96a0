--- The answer of an experiment in a few sentences: the best variant with its scores, and how the others stand to it. It
-- begins the report and ends on the terminal.
-- @module nn.report.answer
local baseline = require "nn.report.baseline"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local naming = require "nn.report.naming"
local outcome = require "nn.report.outcome"
local runs = require "nn.report.runs"
local scores = require "nn.report.scores"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"

local answer = {}

local say = sentences.say

-- The test result of a conclusion, and what an answer scores beside it that needs no learning; without a test result
-- that is beside the objective. Where the objective is of the test data, its score is the test result.
local function test_text(records, section)
  local is_told = records.manifest.objective:find "^test_" ~= nil
  local score = section and not is_told and outcome.test_text(records, section)
  if not score then return baseline.beside(records) end
  return say[outcome.fresh(section) and "result_test_fresh" or "result_test"] {
    metric = sentences.metric(outcome.base_metric(records.manifest), "test "), score = score }
    .. (outcome.is_finite(records, section) and baseline.beside(records, section) or "")
end

local function is_same(item, section)
  return item ~= nil and table.concat(item.variant.trials, " ") == table.concat(section.variant.trials, " ")
end

-- What the conclusion chose, where it is not simply the best.
local function chosen_text(records, section, found)
  local chosen = summary.of(records, section.variant, naming.name(records, section.variant))
  local slots = { name = findings.name(chosen), test = test_text(records, section) }
  local is_first = #found.leaders > 1 and is_same(found.leaders[1], section)
  local fresh = outcome.fresh_slots(records, section)
  return sentences.paragraph(say[is_first and "chosen_of_equals" or "chosen_other"](slots),
    fresh and chosen.score and answer.fresh_text(records, fresh, chosen) or "")
end

--- What the fresh seeds say of the chosen variant, in a sentence.
-- @tparam Records records
-- @tparam table fresh from `outcome.fresh_slots`
-- @tparam table chosen the variant on the seeds that chose it, from `summary.of`
-- @treturn string
function answer.fresh_text(records, fresh, chosen)
  local before, seeds = outcome.before_text(records, chosen)
  return say.fresh_score { count = fresh.count, score = fresh.score, before = before, seeds = seeds,
    metric = sentences.metric(records.manifest.objective) }
end

-- The score of the best variant: where a conclusion chose it, with what that found out.
local function winner_score(records, item, chosen)
  local fresh = chosen and outcome.fresh_slots(records, chosen)
  if not fresh then
    return chosen and outcome.chosen_text(records, chosen, item)
      or scores.text(records, records.manifest.objective, item.score)
  end
  local before, seeds = outcome.before_text(records, item)
  return say.fresh_beside { score = fresh.score, count = fresh.count, before = before, seeds = seeds }
end

-- What choosing does to a score that fresh seeds did not confirm.
local function selected_text(records, found, chosen)
  if #found.ranked < 2 or chosen and outcome.fresh(chosen) then return "" end
  return say.best_of { count = format.word(#found.ranked), metric = sentences.metric(records.manifest.objective) }
end

-- One variant that is best; with the test result of the conclusion where it chose that.
local function winner_text(records, found, chosen, link)
  local objective, item = records.manifest.objective, found.leaders[1]
  local section = link and item.section and link(item.section)
  local result = say[#found.list == 1 and "result_only" or "result"] {
    name = findings.name(item), section = section and (" (%s)"):format(section) or "",
    metric = sentences.metric(objective), score = winner_score(records, item, chosen),
    test = test_text(records, chosen),
  }
  return sentences.paragraph(result, selected_text(records, found, chosen))
end

-- The best of those that lost no run, where others did; is_open: whether the script has not concluded.
local function partial_text(records, found, chosen, is_open)
  local best, item = findings.best(records, found), found.leaders[1]
  local fresh = chosen and outcome.fresh_slots(records, chosen)
  if chosen or is_open then best = best:gsub("%.$", "") .. test_text(records, chosen) .. "." end
  return sentences.paragraph(best, fresh and answer.fresh_text(records, fresh, item)
    or selected_text(records, found, chosen))
end

--- What came out.
-- @tparam Records records
-- @tparam {table,...} variants from `summary.all`
-- @tparam[opt] function link function(section) -> Markdown, a link to it
-- @treturn string which variant is best, with its scores
-- @treturn string how the others stand to it; empty where there is nothing to say
function answer.of(records, variants, link)
  local found, section = findings.of(records, variants), outcome.conclusion(records)
  local is_best = section and #found.leaders == 1 and is_same(found.leaders[1], section)
  local chosen, result = is_best and section or nil
  if #found.leaders ~= 1 then
    result = findings.best(records, found)
    if not section and #found.leaders > 0 then result = result:gsub("%.$", "") .. test_text(records, nil) .. "." end
  elseif found.is_partial then
    result = partial_text(records, found, chosen, not section)
  else
    result = winner_text(records, found, chosen, link)
  end
  if section and not is_best then result = result .. " " .. chosen_text(records, section, found) end
  -- The others have no score on fresh seeds to be held against that of the best.
  found.seeds_text = chosen and outcome.fresh(chosen) and select(2, outcome.before_text(records, found.leaders[1]))
  return result, sentences.paragraph(findings.standing(records, found, true), findings.caution(records, found),
    runs.collapsed_text(records, found.ranked))
end

return answer
