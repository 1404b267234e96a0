--- The CSV files that nnrun writes and reads again: history.csv, trials.csv, the numbers of charts, `--format csv`.
--
-- RFC 4180: a cell with a comma, a quote or a line end is in quotes. Numbers have as many digits as it takes to read
-- them back exactly; what is not finite is inf, -inf or nan. A text that a spreadsheet would take for a formula (it
-- begins with =, +, -, @, a tab or a line end) gets an apostrophe before it, which `csv_file.read` takes away again.
local engine = require "engine.csv"
local notation = require "nn.support.notation"

local csv_file = {}

local GUARDED = "^'*[=+%-@\t\r\n]"
local NOT_FINITE = { inf = math.huge, ["-inf"] = -math.huge, nan = 0 / 0 }

local function cell_text(value, separator)
  if value == nil then return "" end
  if type(value) == "number" then return notation.exact(value) end
  local text = type(value) == "table" and notation.exact(value) or tostring(value)
  if text:find(GUARDED) then text = "'" .. text end
  local is_plain = not text:find '["\r\n]' and not text:find(separator, 1, true)
  return is_plain and text or '"' .. text:gsub('"', '""') .. '"'
end

--- A line.
-- @tparam table cells numbers, strings, booleans, tables; nil is an empty cell
-- @tparam[opt] integer count how many there are, where the last may be nil
-- @tparam[opt] string separator (",")
-- @treturn string with its end
function csv_file.line(cells, count, separator)
  local texts = {}
  separator = separator or ","
  for i = 1, count or #cells do texts[i] = cell_text(cells[i], separator) end
  return table.concat(texts, separator) .. "\n"
end

--- A whole file.
-- @tparam {string,...} names of the columns
-- @tparam {table,...} rows lists of as many cells
-- @treturn string
function csv_file.text(names, rows)
  local lines = { csv_file.line(names) }
  for i, row in ipairs(rows) do lines[i + 1] = csv_file.line(row, #names) end
  return table.concat(lines)
end

local function plain(cell)
  return cell:find "^'" and cell:find(GUARDED) and cell:sub(2) or cell
end

--- Reads what `text` has written.
-- @tparam string text
-- @treturn {string,...} names; empty where the file is, or is damaged
-- @treturn {{string,...},...} rows
function csv_file.read(text)
  local rows = engine.rows(text, ",") or {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do row[i] = plain(cell) end
  end
  return table.remove(rows, 1) or {}, rows
end

--- The number in a cell.
-- @tparam ?string cell
-- @treturn ?number nil where it holds none
function csv_file.number(cell)
  return NOT_FINITE[cell] or tonumber(cell)
end

--- Reads a file of numbers by columns. A row that lacks a cell was not written to its end; it is left out.
-- @tparam string text
-- @treturn {[string]={number,...}} NaN where a cell holds no number
-- @treturn {string,...} the names in the order of the file
function csv_file.columns(text)
  local names, rows = csv_file.read(text)
  local columns = {}
  for _, name in ipairs(names) do columns[name] = {} end
  for _, row in ipairs(rows) do
    for i, name in ipairs(#row == #names and names or {}) do
      table.insert(columns[name], csv_file.number(row[i]) or 0 / 0)
    end
  end
  return columns, names
end

return csv_file
