--- The conclusion: which variant was chosen and how, and what it does on test data.
-- @module nn.report.conclusion
local answer = require "nn.report.answer"
local baseline = require "nn.report.baseline"
local classes = require "nn.report.classes"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local naming = require "nn.report.naming"
local outcome = require "nn.report.outcome"
local residuals = require "nn.report.residuals"
local sentences = require "nn.report.sentences"
local sorted_keys = require "nn.support.sorted_keys"
local summary = require "nn.report.summary"
local sweep = require "nn.report.sweep"

local conclusion = {}

local say = sentences.say

local function test_trials(section)
  return type(section.test) == "table" and section.test.trials or {}
end

-- "Chosen: `width = 500`, which has the highest validation accuracy of the 8 variants: 0.9788."
local function choice(records, section, chosen)
  local manifest, all = records.manifest, summary.all(records)
  local found = findings.of(records, all)
  local slots = { name = findings.name(chosen), metric = sentences.metric(manifest.objective),
    superlative = findings.superlative(manifest), count = format.word(#found.leaders), among = "" }
  if not chosen.score then return say.chosen(slots) end
  slots.score = outcome.chosen_text(records, section, chosen, true)
  local first = found.leaders[1]
  if not first or first.trials[1] ~= chosen.trials[1] then return say.chosen(slots) end
  if #all == 1 then return say.chosen_only(slots) end
  if #found.leaders == 1 or #found.ranked < #all then
    local kind = found.is_partial and "whole" or #found.ranked < #all and "scored" or "all"
    slots.among = say["among_" .. kind] { count = format.word(#all) }
  end
  return say[#found.leaders > 1 and "chosen_equal" or "chosen_best"](slots)
end

local function parameters(records, chosen)
  local params = chosen.variant.params
  return say.parameters { settings = markdown.code(records:settings(params, sorted_keys(params))) }
end

-- "Test result of each trial: [a1b2c3] 0.9756, [d4e5f6] 0.9751."
local function each_trial(records, section, chosen)
  local fresh = outcome.fresh(section)
  if #chosen.trials == 1 and not fresh then return say.its_trial { list = records:link(chosen.trials[1]) } end
  local result, texts = {}, {}
  local name = outcome.base_metric(records.manifest)
  for _, trial in ipairs(test_trials(section)) do result[trial.id] = (trial.metrics or {})[name] end
  for i, trial in ipairs(chosen.trials) do
    local value = result[trial.id]
    texts[i] = records:link(trial) .. " " .. (value and records:number(name, value) or trial.status)
  end
  local kind = next(result) and (fresh and "chosen_tests" or "each_test") or "its_trials"
  return say[kind] { list = table.concat(texts, ", ") }
end

-- What the fresh seeds score, with links to their trials.
local function fresh_text(records, section, chosen)
  local slots = chosen.score and outcome.fresh_slots(records, section, true)
  if not section.fresh then return "" end
  local item, links = summary.of(records, section.fresh.variant, ""), {}
  for i, trial in ipairs(item.trials) do
    local score = item.scores[trial.seed]
    local text = score and records:number(records.manifest.objective, score) or trial.status
    links[i] = records:link(trial) .. " " .. text
  end
  return sentences.paragraph(slots and answer.fresh_text(records, slots, chosen) or say.fresh_lost(),
    say.fresh_trials { list = table.concat(links, ", ") })
end

local function test_text(records, section)
  local name, others, values = outcome.base_metric(records.manifest), {}, outcome.test_values(section)
  if not values[name] then name = sorted_keys(values)[1] or name end -- of what `evaluate` of the experiment gave
  local test = outcome.test_text(records, section, name, true)
  if not test then return say.no_test() end
  for _, other in ipairs(sorted_keys(values)) do
    local text = other ~= name and outcome.test_text(records, section, other, true)
    if text then others[#others + 1] = (", %s %s"):format(sentences.metric(other, "test "), text) end
  end
  return say[outcome.fresh(section) and "test_fresh" or "test"] {
    metric = sentences.metric(name, "test "), score = test, others = table.concat(others),
  }
end

-- How often the test data were used: once for each trained network of the choice, or before it too.
local function uses_text(records, section)
  local count, before = #records.manifest.test_uses, section.before_choice or 0
  if count == 0 then return "" end
  if count == 1 then return say.used_once { when = before == 0 and "after" or "before" } end
  local fresh = section.fresh and section.fresh.test
  local tested = #test_trials(section) + (fresh and #fresh.trials or 0)
  if before == 0 and count == tested then return say.used_each { count = format.word(count) } end
  return say.used { count = count, before = before == 0 and "none" or format.integer(before) }
end

-- What choosing does to the scores, and what it does not do to the test result.
local function selected(records, section)
  local samples, noun = records:samples("test"), records:noun()
  return say[outcome.fresh(section) and "selected_fresh" or "selected"] {
    split = records.manifest.objective:find "^val_" and "validation" or "training", noun = noun,
    samples = samples and format.count(samples, "test " .. noun) or say.test_samples { noun = noun },
  }
end

local function uses(records, section)
  local objective, text = records.manifest.objective, uses_text(records, section)
  local is_choice = #summary.all(records) > 1
  if text == "" then return "" end
  if is_choice and objective:find "^test_" then return text .. " " .. say.chosen_by_test_score() end
  if (section.before_choice or 0) > 0 then return text .. " " .. say.peeked { metric = sentences.metric(objective) } end
  return is_choice and text .. " " .. selected(records, section) or text
end

local function first_trial(records, section, chosen)
  local has_parts = type(section.confusion) == "table" or type(section.residuals) == "table"
  return has_parts and #chosen.done > 1 and say.first_trial { trial = records:link(chosen.done[1]) } or ""
end

--- Adds it to a page.
-- @tparam Page page
-- @tparam Records records
-- @tparam table section from the manifest
function conclusion.write(page, records, section)
  local chosen = summary.of(records, section.variant, naming.name(records, section.variant))
  page:heading(2, say.conclusion_title())
  page:add(choice(records, section, chosen) .. " " .. parameters(records, chosen), sweep.model(chosen),
    fresh_text(records, section, chosen),
    sentences.paragraph(test_text(records, section), baseline.on_test(records, section),
      each_trial(records, section, chosen), uses(records, section)),
    first_trial(records, section, chosen), classes.table(records, section.confusion),
    residuals.blocks(section))
  page:add(table.unpack(section.figures or {}))
end

return conclusion
