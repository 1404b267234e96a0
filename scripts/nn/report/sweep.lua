--- A sweep's or a single trial's part of the report: what was varied, a table, what it says, charts.
-- @module nn.report.sweep
local charts = require "nn.report.charts"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"

local sweep = {}

local MOST_VALUES = 12 -- of a varied parameter, listed in the text

local function values_text(values)
  local texts = {}
  for i, value in ipairs(values) do texts[i] = markdown.escape(format.value(value)) end
  if #values <= MOST_VALUES then return format.list(texts) end
  return ("%d values from %s to %s"):format(#values, texts[1], texts[#texts])
end

local function question(section)
  local parts = {}
  for _, varied in ipairs(section.varied or {}) do
    parts[#parts + 1] = ("%s over %s"):format(markdown.code(varied.name), values_text(varied.values or {}))
  end
  local text = #parts > 0 and "Varied: " .. table.concat(parts, "; ") or "Variants as listed"
  local with = section.with or {}
  if next(with) then text = text .. "; with " .. markdown.code(format.settings(with, summary.sorted(with))) end
  return text .. "; all else as by default."
end

local function extent(records, section, list)
  local trials, finished = 0, 0
  for _, item in ipairs(list) do
    for _, trial in ipairs(item.trials) do
      trials = trials + 1
      if trial.status ~= "waiting" then finished = finished + 1 end
    end
  end
  local seeds = format.count(#records.manifest.seeds, "seed")
  local text = ("%s with %s each: %s."):format(format.count(#list, "variant"), seeds, format.count(trials, "trial"))
  if section.finished == false or finished < trials then
    text = text .. (" **So far %d of these %s run.**"):format(finished, finished == 1 and "has" or "have")
  end
  return text
end

--- The list of a variant's trials as links to their folders: "[a1b2c3] [d4e5f6] diverged".
-- @tparam Records records
-- @tparam {table,...} trials
-- @treturn string
function sweep.links(records, trials)
  local texts = {}
  for i, trial in ipairs(trials) do
    local short = records.short[trial.id]
    local link = trial.has_folder and "[" .. short .. "]" or short
    texts[i] = trial.status == "complete" and link or link .. " " .. trial.status
  end
  return table.concat(texts, " ")
end

local function score_cells(item, metric, is_best)
  local score = item.score
  if not score then return "-", "-" end
  local mean = format.score(metric, score.mean)
  return is_best and "**" .. mean .. "**" or mean, score.low and format.interval(metric, score.low, score.high) or "-"
end

-- What a table shows besides the score: title, and the text for one variant.
local function measured_columns(manifest)
  local objective = manifest.objective
  local columns = {}
  local function metric(name, field)
    if name == objective and not field then return end
    columns[#columns + 1] = {
      title = field and format.metric(name, "test ") or format.metric(name),
      text = function(item) return format.score(name, summary.metric(item, name, field)) end,
    }
  end
  local base = objective:gsub("^val_", "")
  metric(base)
  if base ~= "loss" then metric(objective:find("^val_") and "val_loss" or "loss") end
  if manifest.test_every_trial then metric(base, "test") end
  columns[#columns + 1] = { title = "parameters", text = function(item)
    return item.parameters and format.integer(item.parameters) or "-"
  end }
  columns[#columns + 1] = { title = "seconds", text = function(item) return format.significant(item.seconds, 3) end }
  return columns
end

--- The table of variants.
-- @tparam Records records
-- @tparam {table,...} list from `summary.of`
-- @tparam {string,...} names of the parameters to show
-- @treturn string Markdown
function sweep.table(records, list, names)
  local objective = records.manifest.objective
  local best = summary.rank(list, records.manifest.mode)[1]
  local columns = {}
  for i, name in ipairs(names) do
    local text = false
    for _, item in ipairs(list) do text = text or type(item.variant.params[name]) ~= "number" end
    columns[i] = { title = markdown.escape(name), left = text }
  end
  columns[#columns + 1] = { title = format.metric(objective) }
  columns[#columns + 1] = { title = "95 % interval" }
  local measured = measured_columns(records.manifest)
  table.move(measured, 1, #measured, #columns + 1, columns)
  columns[#columns + 1] = { title = "trials", left = true }
  local rows = {}
  for r, item in ipairs(list) do
    local row = {}
    for i, name in ipairs(names) do row[i] = markdown.escape(format.value(item.variant.params[name])) end
    row[#row + 1], row[#row + 2] = score_cells(item, objective, item == best and #list > 1)
    for _, column in ipairs(measured) do row[#row + 1] = column.text(item) end
    row[#row + 1] = sweep.links(records, item.trials)
    rows[r] = row
  end
  return markdown.table(columns, rows)
end

local function summaries(records, section, names)
  local list = {}
  for i, variant in ipairs(section.variants) do
    local label = #names > 0 and format.settings(variant.params, names) or summary.name(variant)
    list[i] = summary.of(records, variant, label)
  end
  return list
end

--- Adds a sweep or a single trial.
-- @tparam Page page
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam string stem what the names of its charts begin with
function sweep.write(page, records, section, stem)
  if #(section.variants or {}) == 0 then return end
  local names = summary.varying(section)
  local list = summaries(records, section, names)
  local single = section.kind == "trial"
  page:add(markdown.heading(2, section.title or "Trial: " .. summary.name(section.variants[1])))
  if not single then page:add(question(section) .. " " .. extent(records, section, list)) end
  page:add(sweep.table(records, list, names))
  local said = {}
  for _, text in ipairs {
    sentences.best(records, list, "this sweep"), sentences.caution(records, list),
    sentences.border(records, section, list), sentences.lost(list),
  } do
    if text ~= "" then said[#said + 1] = text end
  end
  page:add(table.concat(said, " "))
  page:add(table.unpack(charts.of(records, list, names, stem)))
end

return sweep
