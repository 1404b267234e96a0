--- What `nn.read_csv` says of a file that it cannot read.
local csv = require "engine.csv"
local blame = require "nn.support.blame"

local faults = {}

local SHOWN_COLUMNS = 12 -- of those with faults
local LONGEST = 40 -- bytes of a cell
-- Rows that are looked at to find out what separates their cells.
local SAMPLE_ROWS = 20
local DELIMITERS = { ";", "\t", "|", ",", " " }
-- What files write where there is no value.
local NO_VALUE = {}
for _, text in ipairs { "", "NA", "N/A", "n/a", "#N/A", "na", "NaN", "nan", "NAN", "-nan", "null", "NULL", "None", "-",
  "?", ".", "inf", "-inf" } do NO_VALUE[text] = true end

local DATES = { "^%d%d%d%d%-%d%d?%-%d%d?", "^%d%d?[./]%d%d?[./]%d%d%d%d", "^%d%d%d%d/%d%d?/%d%d?" }

--- Whether a cell holds a number.
-- @tparam string cell
-- @tparam[opt="."] string decimal the sign before a fraction
function faults.is_number(cell, decimal)
  if decimal == "," then cell = cell:gsub("%.", "x"):gsub(",", ".") end
  return cell:find "^%s*[-+.%d][-+.%deE]*%s*$" ~= nil and tonumber(cell) ~= nil
end

-- ---- delimiters ----------------------------------------------------------------------------------------------------

-- How many cells each of the first rows has; nil where they differ.
local function width(contents, delimiter)
  local rows = csv.rows(contents, delimiter, SAMPLE_ROWS)
  if not rows or #rows == 0 then return nil end
  for _, row in ipairs(rows) do
    if #row ~= #rows[1] then return nil end
  end
  return #rows[1], rows
end

-- Words are separated by spaces too: there it takes numbers to tell.
local function are_numbers(rows)
  for i = 2, #rows do
    for _, cell in ipairs(rows[i]) do
      if not faults.is_number(cell) then return false end
    end
  end
  return #rows > 1
end

local function likely_delimiter(contents, given)
  if (width(contents, given) or 1) > 1 then return nil end
  for _, delimiter in ipairs(DELIMITERS) do
    local count, rows = width(contents, delimiter)
    if delimiter ~= given and count and count > 1 and (delimiter ~= " " or are_numbers(rows)) then return delimiter end
  end
end

local function quoted(text)
  if #text > LONGEST then text = text:sub(1, LONGEST) .. "..." end
  return '"' .. text:gsub('[%c"]', { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r", ['"'] = '\\"' }) .. '"'
end

--- Raises an error where another delimiter would give columns and the one that was asked for does not.
-- @tparam string path
-- @tparam string contents
-- @tparam string given the delimiter
function faults.check_delimiter(path, contents, given)
  local likely = likely_delimiter(contents, given)
  if likely then
    blame("read_csv: %s: its cells are separated by %s, not by %s; say delimiter = %s", path, quoted(likely),
      quoted(given), quoted(likely))
  end
end

-- ---- cells that are no numbers -------------------------------------------------------------------------------------

local function all_match(values, patterns)
  for _, value in ipairs(values) do
    local matches = false
    for _, pattern in ipairs(patterns) do matches = matches or value:find(pattern) ~= nil end
    if not matches then return false end
  end
  return true
end

local function kind_of(values)
  local are_missing = true
  for _, value in ipairs(values) do are_missing = are_missing and NO_VALUE[value] end
  return are_missing and "missing" or all_match(values, DATES) and "date"
    or all_match(values, { "^%s*[-+]?%d+,%d+%s*$" }) and "comma" or "text"
end

local function list(values)
  local texts = {}
  for i, value in ipairs(values) do texts[i] = quoted(value) end
  return table.concat(texts, ", ")
end

-- "line 3, column 2 (city): expected numbers, found "Bern", "Basel" in 7 of 9 rows"
local function sentence(fault, column, name, rows)
  local what = fault.values[2] == nil and fault.values[1] == "" and "no value"
    or ("expected %s, found %s%s"):format(fault.count == 1 and "a number" or "numbers",
      kind_of(fault.values) == "date" and (fault.count == 1 and "the date " or "dates such as ") or "",
      list(fault.values))
  local where = fault.count > 1 and (" in %d of %d rows"):format(fault.count, rows) or ""
  return ("line %d, column %d (%s): %s%s"):format(fault.line, column, name, what, where)
end

local function names_text(names)
  return #names > 5 and list(table.move(names, 1, 5, 1, {})) .. ", ..." or list(names)
end

-- What to do about columns of each kind.
local function advice(by_kind)
  local parts = {}
  if by_kind.missing then
    parts[1] = ("missing = { %s } reads such cells as NaN"):format(list(by_kind.missing))
  end
  if by_kind.comma then parts[#parts + 1] = 'decimal = "," reads 1,5 as 1.5' end
  if #by_kind.texts > 0 then
    parts[#parts + 1] = ("text = { %s } reads words and dates as lists of strings: nn.preprocessing.OneHotEncoder "
      .. "makes numbers of words, nn.preprocessing.date_features of dates"):format(names_text(by_kind.texts))
    parts[#parts + 1] = "columns = { ... } names the columns that are wanted"
  end
  return table.concat(parts, "; ")
end

local function add(lists, kind, value)
  lists[kind] = lists[kind] or {}
  for _, known in ipairs(lists[kind]) do
    if known == value then return end
  end
  table.insert(lists[kind], value)
end

--- Raises an error that tells of all columns with cells that are no numbers, and what to do about each.
-- @tparam string path
-- @tparam {string,...} names of the columns
-- @tparam {[integer]=table} by_column what the engine found
-- @tparam integer rows how many the file has
function faults.not_numbers(path, names, by_column, rows)
  local positions, lines, by_kind = {}, {}, { texts = {} }
  for position in pairs(by_column) do positions[#positions + 1] = position end
  table.sort(positions)
  for i, position in ipairs(positions) do
    local fault = by_column[position]
    local kind = kind_of(fault.values)
    lines[i] = i <= SHOWN_COLUMNS and sentence(fault, position, names[position], rows) or nil
    for _, value in ipairs(kind == "missing" and fault.values or { names[position] }) do
      add(by_kind, (kind == "text" or kind == "date") and "texts" or kind, value)
    end
  end
  if #positions == 1 then blame("read_csv: %s: %s; %s", path, lines[1], advice(by_kind)) end
  if #positions > #lines then lines[#lines + 1] = ("... and %d more"):format(#positions - #lines) end
  blame("read_csv: %s: %d columns have cells that are no numbers:\n  %s\n%s", path, #positions,
    table.concat(lines, "\n  "), advice(by_kind))
end

return faults
