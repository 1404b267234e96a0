--- What the experiment learned from: shapes, ranges, sources, classes, a sheet of samples.
-- @module nn.report.data
local classes = require "nn.report.classes"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local notation = require "nn.support.notation"
local sentences = require "nn.report.sentences"

local data = {}

local say = sentences.say

local SPLITS = { { "train", "training" }, { "validation", "validation" }, { "test", "test" } }
local MOST_CLASSES = 20 -- listed one by one

local function splits_of(manifest)
  local list = {}
  for _, split in ipairs(SPLITS) do
    if manifest.data[split[1]] then list[#list + 1] = { title = split[2], data = manifest.data[split[1]] } end
  end
  return list
end

local function range_end(value)
  return (format.significant(value, 3):gsub("%.0+$", ""))
end

-- "28 x 28 uint8, 0 to 255": one sample of each array.
local function arrays_text(arrays, samples)
  local texts = {}
  for i, array in ipairs(arrays or {}) do
    local shape = { table.unpack(array.shape or {}) }
    if shape[1] == samples then table.remove(shape, 1) end
    local text = #shape == 0 and "one" or table.concat(shape, " x ")
    text = text .. " " .. (array.dtype or "")
    if array.min and array.max then
      text = ("%s, %s to %s"):format(text, range_end(array.min), range_end(array.max))
    end
    texts[i] = markdown.escape(text)
  end
  return #texts > 0 and table.concat(texts, "; ") or "-"
end

local function has_weights(splits)
  for _, split in ipairs(splits) do
    if split.data.sample_weight then return true end
  end
end

local function has_dataset(splits)
  for _, split in ipairs(splits) do
    if split.data.dataset then return true end
  end
end

local function shapes(splits)
  local columns, rows = { { title = "", left = true } }, {}
  local function row(title, text)
    local cells = { title }
    for i, split in ipairs(splits) do cells[i + 1] = text(split.data) end
    rows[#rows + 1] = cells
  end
  for i, split in ipairs(splits) do columns[i + 1] = { title = split.title } end
  row("samples", function(d) return d.samples and format.integer(d.samples) or "-" end)
  row("input", function(d) return arrays_text(d.x, d.samples) end)
  row("target", function(d) return arrays_text(d.y, d.samples) end)
  if has_weights(splits) then
    row("sample weight", function(d) return arrays_text(d.sample_weight, d.samples) end)
  end
  if has_dataset(splits) then row("dataset", function(d) return d.dataset and markdown.escape(d.dataset) or "-" end) end
  row("fingerprint", function(d) return d.fingerprint and markdown.code(d.fingerprint:sub(1, 12)) or "-" end)
  return markdown.table(columns, rows)
end

local function source_text(source)
  local name = markdown.escape(source.name or "unnamed")
  if source.synthetic then return say.source_generated { name = name } end
  local rows = {}
  for i, file in ipairs(source.files or {}) do
    rows[i] = { markdown.code(file.file or "?"), markdown.code(file.checksum or "none") }
  end
  local text = say.source { name = name, folder = markdown.code(source.folder or "?") }
  if #rows == 0 then return text end
  local columns = { { title = "file", left = true }, { title = "checksum", left = true } }
  return text .. "\n\n" .. markdown.table(columns, rows)
end

local function sources(splits)
  local texts, seen = {}, {}
  for _, split in ipairs(splits) do
    local text = split.data.source and source_text(split.data.source)
    if text and not seen[text] then texts[#texts + 1] = text end
    if text then seen[text] = true end
  end
  return table.concat(texts, "\n\n")
end

local function class_table(manifest, splits, count)
  local columns, rows = { { title = "class", left = true } }, {}
  for i, split in ipairs(splits) do columns[i + 1] = { title = split.title } end
  for id = 0, count - 1 do
    rows[id + 1] = { classes.title(manifest, id) }
    for i, split in ipairs(splits) do
      local n = split.data.classes[id + 1] or 0
      rows[id + 1][i + 1] = ("%s (%.1f %%)"):format(format.integer(n), 100 * n / math.max(1, split.data.samples or 1))
    end
  end
  return markdown.table(columns, rows)
end

local function class_range(splits, count)
  local texts = {}
  for i, split in ipairs(splits) do
    local low, high = math.huge, 0
    for id = 0, count - 1 do
      local n = split.data.classes[id + 1] or 0
      low, high = math.min(low, n), math.max(high, n)
    end
    texts[i] = say.class_range_of { low = low, high = high, split = split.title }
  end
  return say.class_range { count = count, ranges = format.list(texts) }
end

local function counts(manifest, splits)
  local counted, count = {}, 0
  for _, split in ipairs(splits) do
    if type(split.data.classes) == "table" and #split.data.classes > 0 then
      counted[#counted + 1] = split
      count = math.max(count, #split.data.classes)
    end
  end
  if #counted == 0 then return "" end
  return count <= MOST_CLASSES and say.class_counts() .. "\n\n" .. class_table(manifest, counted, count)
    or class_range(counted, count)
end

-- How much the samples of each class count in training.
local function class_weights(manifest)
  local given = manifest.class_weight
  if not given then return "" end
  if type(given) ~= "table" then return say.class_weights { weights = markdown.code(given) } end
  local ids, texts = {}, {}
  for id in pairs(given) do ids[#ids + 1] = math.tointeger(tonumber(id)) end
  table.sort(ids)
  for i, id in ipairs(ids) do
    texts[i] = say.class_weight_of { weight = notation.text(given[tostring(id)]), class = classes.title(manifest, id) }
  end
  return say.class_weights { weights = format.list(texts) }
end

--- Adds it to a page.
-- @tparam Page page
-- @tparam Records records
function data.write(page, records)
  local manifest = records.manifest
  local splits = splits_of(manifest)
  if #splits == 0 then return end
  page:heading(2, say.data_title())
  page:add(shapes(splits), sources(splits))
  page:add(counts(manifest, splits))
  page:add(class_weights(manifest))
  page:add(manifest.sample_sheet or "")
end

return data
