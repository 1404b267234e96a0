--- A sweep's or a single trial's part of the report: what was varied, a table, what it says, charts.
-- @module nn.report.sweep
local architecture = require "nn.report.architecture"
local charts = require "nn.report.charts"
local differences = require "nn.report.differences"
local effects = require "nn.report.effects"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local naming = require "nn.report.naming"
local own_files = require "nn.report.own_files"
local runs = require "nn.report.runs"
local scores = require "nn.report.scores"
local sentences = require "nn.report.sentences"
local sorted_keys = require "nn.support.sorted_keys"
local summary = require "nn.report.summary"

local sweep = {}

local say = sentences.say

local MOST_VALUES = 12 -- of a varied parameter, listed in the text

-- The values themselves, or their number and range where there are many numbers.
local function values_text(records, name, values)
  local texts, numbers = {}, {}
  for i, value in ipairs(values) do
    texts[i] = markdown.escape(records:value(name, value))
    if type(value) == "number" then numbers[#numbers + 1] = value end
  end
  if #values <= MOST_VALUES or #numbers < #values then return table.concat(texts, ", ") end
  table.sort(numbers)
  return say.value_range { count = #values, low = records:value(name, numbers[1]),
    high = records:value(name, numbers[#numbers]) }
end

-- Whether variants were found by a search, so that their order says nothing.
local function is_search(section)
  return (section.method or "grid") ~= "grid" and not section.ablation
end

local function question(records, section, list)
  local parts, with = {}, {}
  for name, value in pairs(section.with or {}) do with[name] = value end
  for _, varied in ipairs(section.varied or {}) do
    with[varied.name] = nil
    local space = (section.spaces or {})[varied.name]
    parts[#parts + 1] = ("%s (%s)"):format(markdown.code(varied.name), space and markdown.code(space)
      or values_text(records, varied.name, summary.values(list, varied.name)))
  end
  local method = section.method and section.method ~= "grid"
  return sentences.paragraph(
    #parts > 0 and say.varied { what = format.list(parts) } or say.listed(),
    method and say.method { method = markdown.escape(section.method) } or "",
    section.pruner and say.pruned { rule = markdown.escape(section.pruner) } or "",
    next(with) and say.with { settings = markdown.code(records:settings(with, sorted_keys(with))) } or "")
end

-- How many trials are planned and how many have ended, as their folders say.
local function extent(records, section, list)
  local trials, finished = 0, 0
  for _, item in ipairs(list) do
    for _, trial in ipairs(item.trials) do
      trials = trials + 1
      if trial.status ~= "waiting" then finished = finished + 1 end
    end
  end
  local text = say[#list > 1 and "section_extent" or "section_alone"] { variants = format.count(#list, "variant"),
    seeds = format.count(#records.manifest.seeds, "seed"), trials = format.count(trials, "trial") }
  if section.finished == false or finished < trials then
    text = text .. " " .. say.so_far { done = finished, planned = trials }
  end
  return text .. (is_search(section) and " " .. say.sorted() or "")
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

local function score_text(records, item, is_best)
  local metric = records.manifest.objective
  local mean = records:number(metric, item.score and item.score.mean or summary.metric(item, metric))
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

local function metric_column(records, name, field)
  return {
    title = sentences.metric(name, field and "test " or nil),
    text = function(item) return records:number(name, summary.metric(item, name, field)) end,
  }
end

--- The columns of the score and its interval; the best score is set in bold, unless all are equal.
-- @tparam Records records
-- @tparam table found from `findings.of`
-- @treturn {table,...}
function sweep.score_columns(records, found)
  local metric, is_best = records.manifest.objective, {}
  for _, item in ipairs(#found.list > 1 and not found.is_tie and found.leaders or {}) do is_best[item] = true end
  local function interval(item)
    local score = item.score
    return score and score.low and ("%s to %s"):format(records:number(metric, score.low),
      records:number(metric, score.high)) or "-"
  end
  return {
    { title = sentences.metric(metric), text = function(item) return score_text(records, item, is_best[item]) end },
    { title = scores.title(records, found.list), text = interval },
  }
end

-- What is told of a variant besides its score: the same metric in training, the loss, the test if every trial has one.
local function other_columns(records)
  local manifest = records.manifest
  local base, prefix = manifest.objective:gsub("^val_", "")
  local columns = {}
  if prefix == 1 then columns[1] = metric_column(records, base) end
  if base ~= "loss" then columns[#columns + 1] = metric_column(records, prefix == 1 and "val_loss" or "loss") end
  if manifest.test_every_trial then columns[#columns + 1] = metric_column(records, base, "test") end
  local function parameters(item) return item.parameters and format.integer(item.parameters) or "-" end
  local function seconds(item) return format.significant(item.seconds, 3) end
  local function trials(item) return links(records, item.trials) end
  columns[#columns + 1] = { title = "parameters", text = parameters }
  columns[#columns + 1] = { title = #manifest.seeds > 1 and "mean seconds" or "seconds", text = seconds }
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

--- A table with a row for each variant; columns that hold nothing are left out.
-- @tparam {table,...} list of variants
-- @tparam {{title=,text=,left=},...} all its columns
-- @treturn string Markdown
function sweep.table(list, all)
  local columns, rows = {}, {}
  for r in ipairs(list) do rows[r] = {} end
  for _, column in ipairs(all) do
    local cells = cells_of(column, list)
    if cells then columns[#columns + 1] = column end
    for r, row in ipairs(cells and rows or {}) do row[#columns] = cells[r] end
  end
  return markdown.table(columns, rows)
end

-- Best first; after those with a score the others, as planned.
local function by_score(records, list)
  local sorted, has_score = summary.rank(list, records.manifest.mode), {}
  for _, item in ipairs(sorted) do has_score[item] = true end
  for _, item in ipairs(list) do
    if not has_score[item] then sorted[#sorted + 1] = item end
  end
  return sorted
end

local function variants_table(records, list, names, found, compared)
  local columns = {}
  for _, name in ipairs(names) do columns[#columns + 1] = parameter_column(records, list, name) end
  table.move(sweep.score_columns(records, found), 1, 2, #columns + 1, columns)
  if compared and compared.ranks and not found.is_tie then columns[#columns + 1] = rank_column(compared) end
  local others = other_columns(records)
  table.move(others, 1, #others, #columns + 1, columns)
  return sweep.table(list, columns)
end

local function summaries(records, section, names)
  local list = {}
  for i, variant in ipairs(section.variants) do
    local label = #names > 0 and records:settings(variant.params, names) or naming.name(records, variant)
    list[i] = summary.of(records, variant, label)
  end
  return list
end

--- What a section is called.
-- @tparam Records records
-- @tparam table section from the manifest
-- @treturn string
function sweep.title(records, section)
  return section.title or say.trial { name = naming.name(records, section.variants[1]) }
end

--- What a variant's model is made of, in a sentence; empty where no record tells.
-- @tparam table item from `summary.of`
-- @treturn string Markdown
function sweep.model(item)
  local text = item.done[1] and architecture.text(item.done[1])
  return text and say.model { model = markdown.escape(text) } or ""
end

--- Adds a sweep or a single trial.
-- @tparam Page page
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam string stem what the names of its charts begin with
function sweep.write(page, records, section, stem)
  if #(section.variants or {}) == 0 then return end
  local names = naming.varying(section)
  local list = summaries(records, section, names)
  local single = section.kind == "trial"
  local found, ordered = findings.of(records, list), is_search(section) and by_score(records, list) or list
  local compared = differences.of(records, section, ordered)
  page:heading(2, sweep.title(records, section), section)
  page:add(single and sweep.model(list[1])
    or question(records, section, list) .. " " .. extent(records, section, list))
  page:add(variants_table(records, ordered, names, found, compared))
  page:add(sentences.paragraph(findings.best(records, found), findings.standing(records, found),
    findings.border(records, section, found), runs.lost(list), runs.collapsed_text(records, list)))
  differences.write(page, records, compared, found.is_tie)
  effects.write(page, records, section, list)
  page:add(table.unpack(charts.of(records, section, list, names, stem)))
  own_files.write(page, records, found.leaders and found.leaders[1] or list[1])
end

return sweep
