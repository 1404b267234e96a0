--- Classes in a report: their names, and how well each is told from the others.
-- @module nn.report.classes
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"

local classes = {}

local say = sentences.say

--- What a class is called: its name, or its id where it has none.
-- @tparam table manifest
-- @tparam integer id from 0
-- @treturn string Markdown
function classes.name(manifest, id)
  local name = manifest.class_names and manifest.class_names[id + 1]
  return markdown.escape(tostring(name or id))
end

--- A class by name and id: "Shirt (6)".
-- @tparam table manifest
-- @tparam integer id from 0
-- @treturn string Markdown
function classes.title(manifest, id)
  local name = classes.name(manifest, id)
  return name == tostring(id) and name or say.class { name = name, id = tostring(id) }
end

local function times(n)
  return say[n == 1 and "once" or n == 2 and "twice" or "times"] { count = n }
end

-- ---- recall and precision -------------------------------------------------------------------------------------------

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
  return other and say.mistaken { name = classes.name(manifest, other - 1), times = times(row[other]) } or "-"
end

local function class_rows(manifest, matrix)
  local rows, taken = {}, column_sums(matrix)
  for i, row in ipairs(matrix) do
    local total, hits = 0, row[i] or 0
    for _, n in ipairs(row) do total = total + n end
    rows[i] = {
      classes.title(manifest, i - 1), format.integer(total), share(hits, total), share(hits, taken[i]),
      mistake(manifest, row, i),
    }
  end
  return rows
end

--- Recall and precision of each class.
-- @tparam Records records
-- @tparam ?table matrix counts by true class (rows) and predicted class
-- @treturn string Markdown; empty without a matrix
function classes.table(records, matrix)
  if type(matrix) ~= "table" or #matrix == 0 then return "" end
  return say.recall { noun = records:noun() } .. "\n\n" .. markdown.table({
    { title = "class", left = true }, { title = "test samples" }, { title = "recall" }, { title = "precision" },
    { title = "most often mistaken for", left = true },
  }, class_rows(records.manifest, matrix))
end

return classes
