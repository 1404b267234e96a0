--- A sweep's or a single trial's part of the report: what was varied, a table, what it says, charts.
-- @module nn.report.sweep
local architecture = require "nn.report.architecture"
local charts = require "nn.report.charts"
local differences = require "nn.report.differences"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"

local sweep = {}

local MOST_VALUES = 12 -- of a varied parameter, listed in the text

-- The values themselves, or their number and range where there are many numbers.
local function values_text(records, name, values)
  local texts, numbers = {}, {}
  for i, value in ipairs(values) do
    texts[i] = markdown.escape(records:value(name, value))
    if type(value) == "number" then numbers[#numbers + 1] = value end
  end
  if #values <= MOST_VALUES or #numbers < #values then return format.list(texts) end
  table.sort(numbers)
  return ("%d values from %s to %s"):format(#values, records:value(name, numbers[1]),
    records:value(name, numbers[#numbers]))
end

local function question(records, section, list)
  local parts = {}
  for _, varied in ipairs(section.varied or {}) do
    local values = summary.values(list, varied.name)
    local space = (section.spaces or {})[varied.name]
    parts[#parts + 1] = ("%s over %s"):format(markdown.code(varied.name),
      space and markdown.code(space) or values_text(records, varied.name, values))
  end
  local text = #parts > 0 and "Varied: " .. table.concat(parts, "; ") or "Variants as listed"
  if section.method and section.method ~= "grid" then text = text .. "; method: " .. markdown.escape(section.method) end
  if section.pruner then text = text .. ("; pruned by the %s rule"):format(markdown.escape(section.pruner)) end
  local with = section.with or {}
  if next(with) then text = text .. "; with " .. markdown.code(records:settings(with, summary.sorted(with))) end
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

-- A variant's trials as links to their folders: "[a1b2c3] [d4e5f6] diverged".
local function links(records, trials)
  local texts = {}
  for i, trial in ipairs(trials) do
    local link = records:link(trial)
    texts[i] = trial.status == "complete" and link or link .. " " .. markdown.escape(trial.status)
  end
  return table.concat(texts, " ")
end

local function score_text(item, metric, is_best)
  local mean = format.score(metric, item.score and item.score.mean)
  return is_best and "**" .. mean .. "**" or mean
end

-- A column is a title, a function that gives the text for one variant, and `left` where text is aligned left.
local function parameter_column(records, list, name)
  local left = false
  for _, item in ipairs(list) do left = left or type(item.variant.params[name]) ~= "number" end
  return {
    title = markdown.escape(name), left = left,
    text = function(item) return markdown.escape(records:value(name, item.variant.params[name])) end,
  }
end

local function metric_column(name, field)
  return {
    title = field and sentences.metric(name, "test ") or sentences.metric(name),
    text = function(item) return format.score(name, summary.metric(item, name, field)) end,
  }
end

local function score_columns(manifest, list)
  local metric, best = manifest.objective, #list > 1 and summary.rank(list, manifest.mode)[1]
  local function interval(item)
    local score = item.score
    return score and score.low and format.interval(metric, score.low, score.high) or "-"
  end
  return {
    { title = sentences.metric(metric), text = function(item) return score_text(item, metric, item == best) end },
    { title = "95 % interval", text = interval },
  }
end

-- What is told of a variant besides its score: the same metric in training, the loss, the test if every trial has one.
local function other_columns(records)
  local manifest = records.manifest
  local base, prefix = manifest.objective:gsub("^val_", "")
  local columns = {}
  if prefix == 1 then columns[1] = metric_column(base) end
  if base ~= "loss" then columns[#columns + 1] = metric_column(prefix == 1 and "val_loss" or "loss") end
  if manifest.test_every_trial then columns[#columns + 1] = metric_column(base, "test") end
  local function parameters(item) return item.parameters and format.integer(item.parameters) or "-" end
  local function seconds(item) return format.significant(item.seconds, 3) end
  local function trials(item) return links(records, item.trials) end
  columns[#columns + 1] = { title = "parameters", text = parameters }
  columns[#columns + 1] = { title = "seconds", text = seconds }
  columns[#columns + 1] = { title = "trials", text = trials, left = true }
  return columns
end

-- The cells of a column; nil where none holds anything.
local function cells_of(column, list)
  local cells, any = {}, false
  for r, item in ipairs(list) do
    cells[r] = column.text(item)
    any = any or cells[r] ~= "-"
  end
  return any and cells or nil
end

local function rank_column(compared)
  return { title = "rank", text = function(item) return differences.rank_text(compared, item) end }
end

local function variants_table(records, list, names, compared)
  local columns, rows = {}, {}
  for r in ipairs(list) do rows[r] = {} end
  local function add(column)
    local cells = cells_of(column, list)
    if not cells then return end
    columns[#columns + 1] = column
    for r, row in ipairs(rows) do row[#columns] = cells[r] end
  end
  for _, name in ipairs(names) do add(parameter_column(records, list, name)) end
  for _, column in ipairs(score_columns(records.manifest, list)) do add(column) end
  if compared then add(rank_column(compared)) end
  for _, column in ipairs(other_columns(records)) do add(column) end
  return markdown.table(columns, rows)
end

local function summaries(records, section, names)
  local list = {}
  for i, variant in ipairs(section.variants) do
    local label = #names > 0 and records:settings(variant.params, names) or summary.name(records, variant)
    list[i] = summary.of(records, variant, label)
  end
  return list
end

--- What a variant's model is made of, in a sentence; empty where no record tells.
-- @tparam table item from `summary.of`
-- @treturn string Markdown
function sweep.model(item)
  local text = item.done[1] and architecture.text(item.done[1])
  return text and "The model: " .. markdown.escape(text) .. "." or ""
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
  page:add(markdown.heading(2, section.title or "Trial: " .. summary.name(records, section.variants[1])))
  page:add(single and sweep.model(list[1]) or question(records, section, list) .. " " .. extent(records, section, list))
  local compared = differences.of(records, section, list)
  page:add(variants_table(records, list, names, compared))
  page:add(sentences.paragraph(sentences.best(records, list, "this sweep"), sentences.caution(records, list),
    sentences.border(records, section, list), sentences.lost(list)))
  differences.write(page, records, compared)
  differences.write_effects(page, records, section, list)
  page:add(table.unpack(charts.of(records, section, list, names, stem)))
end

return sweep
