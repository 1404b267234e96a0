--- The conclusion: which variant was chosen and how, and what it does on test data.
-- @module nn.report.conclusion
local data = require "nn.report.data"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"
local sweep = require "nn.report.sweep"

local conclusion = {}

local function test_trials(section)
  return type(section.test) == "table" and section.test.trials or {}
end

-- The metrics measured on test data as lists over the seeds, by name.
local function test_values(section)
  local values = {}
  for _, trial in ipairs(test_trials(section)) do
    for name, value in pairs(trial.metrics or {}) do
      values[name] = values[name] or {}
      table.insert(values[name], value)
    end
  end
  return values
end

local function test_measure(records, section, name)
  return summary.measure(records, name, test_values(section)[name] or {}, "test")
end

-- The metric that the objective is on other data.
local function base_of(manifest)
  return (manifest.objective:gsub("^val_", ""):gsub("^test_", ""))
end

--- The result on test data in a sentence, for the beginning of a report.
-- @tparam Records records
-- @tparam table section the conclusion in the manifest
-- @treturn string Markdown; empty where nothing was measured
function conclusion.answer(records, section)
  local name = base_of(records.manifest)
  local test = test_measure(records, section, name)
  if not test then return "" end
  local chosen = summary.of(records, section.variant, summary.name(records, section.variant))
  return ("The chosen variant, %s, has a **%s of %s**."):format(sentences.name(chosen), sentences.metric(name, "test "),
    sentences.score(name, test))
end

local function choice(records, chosen)
  local manifest, all = records.manifest, summary.all(records)
  local first = summary.rank(all, manifest.mode)[1]
  local text = "Chosen: " .. sentences.name(chosen)
  if chosen.score then
    local rank = #all > 1 and first.trials[1] == chosen.trials[1]
      and (", the %s of the %d variants"):format(sentences.superlative(manifest), #all) or ""
    text = ("%s, with a %s of %s%s"):format(text, sentences.metric(manifest.objective),
      sentences.score(manifest.objective, chosen.score, records), rank)
  end
  local params = chosen.variant.params
  return ("%s. All its parameters: %s."):format(text, markdown.code(records:settings(params, summary.sorted(params))))
end

-- "Each trial's test result: [a1b2c3] 0.9756, [d4e5f6] 0.9751."
local function each_trial(records, section, chosen)
  if #chosen.trials == 1 then return "Its trial: " .. records:link(chosen.trials[1]) .. "." end
  local result, texts = {}, {}
  local name = base_of(records.manifest)
  for _, trial in ipairs(test_trials(section)) do result[trial.id] = (trial.metrics or {})[name] end
  for i, trial in ipairs(chosen.trials) do
    local value = result[trial.id]
    texts[i] = records:link(trial) .. " " .. (value and format.score(name, value) or trial.status)
  end
  local intro = next(result) and "Each trial's test result: " or "Its trials: "
  return intro .. table.concat(texts, ", ") .. "."
end

local function test_text(records, section)
  local name, others = base_of(records.manifest), {}
  local test = test_measure(records, section, name)
  if not test then return "It was not measured on test data." end
  for _, other in ipairs(summary.sorted(test_values(section))) do
    if other ~= name then
      others[#others + 1] = ("a %s of %s"):format(sentences.metric(other, "test "),
        sentences.score(other, test_measure(records, section, other)))
    end
  end
  return ("On the test data it has a **%s of %s**%s."):format(sentences.metric(name, "test "),
    sentences.score(name, test, records), #others > 0 and ", and " .. format.list(others) or "")
end

local function times(n)
  return n == 1 and "once" or n == 2 and "twice" or format.integer(n) .. " times"
end

-- "once, after the choice", "31 times, 30 of them before the choice".
local function uses_text(count, before)
  if count == 1 then return "once, " .. (before == 0 and "after" or "before") .. " the choice" end
  return ("%s, %s of them before the choice"):format(times(count), before == 0 and "none" or format.integer(before))
end

local function uses(records, section)
  local count, before = #records.manifest.test_uses, section.before_choice or 0
  if count == 0 then return "" end
  local text = ("The test set was used %s."):format(uses_text(count, before))
  if before > 0 then
    return text .. " The choice goes by the objective alone, but who has seen test results while choosing what to try "
      .. "has no independent check left."
  elseif #summary.all(records) > 1 then
    return text .. " The best of several scores owes part of its height to chance; the test result does not."
  end
  return text
end

local function column_sums(matrix)
  local sums = {}
  for _, row in ipairs(matrix) do
    for j, n in ipairs(row) do sums[j] = (sums[j] or 0) + n end
  end
  return sums
end

local function share(part, whole)
  return whole and whole > 0 and ("%.4f"):format(part / whole) or "-"
end

-- What a class is mistaken for most often: "Shirt (97 times)".
local function mistake(manifest, row, class)
  local other
  for j, n in ipairs(row) do
    if j ~= class and n > 0 and (not other or n > row[other]) then other = j end
  end
  return other and ("%s (%s)"):format(data.class_name(manifest, other - 1), times(row[other])) or "-"
end

local function class_rows(manifest, matrix)
  local rows, taken = {}, column_sums(matrix)
  for i, row in ipairs(matrix) do
    local total, hits = 0, row[i] or 0
    for _, n in ipairs(row) do total = total + n end
    rows[i] = {
      data.class(manifest, i - 1), format.integer(total), share(hits, total), share(hits, taken[i]),
      mistake(manifest, row, i),
    }
  end
  return rows
end

local function classes(records, section, chosen)
  local matrix = section.confusion
  if type(matrix) ~= "table" or #matrix == 0 then return "" end
  local text = "Recall is the share of a class that was recognised; precision is the share of what was taken for the "
    .. "class that belongs to it."
  if #chosen.done > 1 then
    text = ("The table, the matrix and the mistakes are those of %s, the first trial. "):format(
      records:link(chosen.done[1])) .. text
  end
  return text .. "\n\n" .. markdown.table({
    { title = "class", left = true }, { title = "test samples" }, { title = "recall" }, { title = "precision" },
    { title = "most often mistaken for", left = true },
  }, class_rows(records.manifest, matrix))
end

--- Adds it to a page.
-- @tparam Page page
-- @tparam Records records
-- @tparam table section from the manifest
function conclusion.write(page, records, section)
  local chosen = summary.of(records, section.variant, summary.name(records, section.variant))
  page:add("## Conclusion", choice(records, chosen), sweep.model(chosen),
    sentences.paragraph(test_text(records, section), each_trial(records, section, chosen), uses(records, section)),
    classes(records, section, chosen), table.unpack(section.figures or {}))
end

return conclusion
