--- Tables on standard output: aligned for people, or as CSV, JSON or Markdown for whatever comes next.
local process = require "engine.process"
local csv_file = require "nn.support.csv_file"
local json = require "nn.support.json"
local markdown = require "nn.report.markdown"
local notation = require "nn.support.notation"

local listing = {}

local STDOUT = 1
local GAP = "  "
local NARROWEST = 8 -- a column that does not fit is cut down to so many characters, or left out

--- Declares the option --format of a command that lists.
-- @param parser of argparse
function listing.configure(parser)
  parser:option("--format", "How to print it."):choices { "table", "csv", "json", "md" }:default "table"
end

--- Columns that the terminal has; nil where the output goes elsewhere and `COLUMNS` says nothing.
local function width_of_terminal()
  return process.terminal_width(STDOUT) or math.tointeger(tonumber(os.getenv "COLUMNS"))
end

-- ---- cells ----------------------------------------------------------------------------------------------------------

local function text_of(value)
  return type(value) == "string" and value or notation.text(value)
end

local function is_number(text)
  return text == "-" or text == "nan" or text == "inf" or text == "-inf"
    or text:find "^[-+]?[%d.,:]+[eE]?[-+]?%d*%s?%a*$" ~= nil
end

local function length_of(text)
  return utf8.len(text) or #text
end

--- The first characters of a text, with a mark where something is left out.
local function cut(text, width)
  if length_of(text) <= width then return text end
  local stop = utf8.len(text) and utf8.offset(text, width) or width
  return text:sub(1, stop - 1) .. "…"
end

local function pad(text, width, is_right)
  local blank = (" "):rep(width - length_of(text))
  return is_right and blank .. text or text .. blank
end

--- Makes texts of one line each of all cells, in place; most of long lists are ASCII, and need no more than a look.
-- @tparam {string,...} names likewise
-- @tparam {table,...} rows
-- @treturn {integer,...} the width of each column
-- @treturn {boolean,...} whether it holds numbers alone
-- @treturn {[table]=boolean} the rows that are not ASCII
local function measure(names, rows)
  local widths, numeric, unusual = {}, {}, {}
  for i, name in ipairs(names) do
    names[i] = notation.legible(name)
    widths[i], numeric[i] = length_of(names[i]), true
  end
  local count, kind_of = #names, type
  for _, row in ipairs(rows) do
    local length = string.len
    for i = 1, count do
      local text = row[i]
      local kind = kind_of(text)
      if kind ~= "string" then text = text_of(text) end
      if kind ~= "number" and text:find "[^ -~]" then
        text = notation.legible(text)
        length, unusual[row] = length_of, true
      end
      if numeric[i] and kind ~= "number" then numeric[i] = is_number(text) end
      local width = length(text)
      if width > widths[i] then widths[i] = width end
      row[i] = text
    end
  end
  return widths, numeric, unusual
end

-- ---- what fits ------------------------------------------------------------------------------------------------------

--- The positions of the columns that fit: those kept in any case, and of the others as many as there is room for, from
-- the first on; the last of these is made narrower where that lets it in.
local function fit(names, widths, limit, kept)
  local left, shown = limit + #GAP, {}
  for i, name in ipairs(names) do
    if kept[name] then left = left - widths[i] - #GAP end
  end
  for i, name in ipairs(names) do
    local width = math.min(widths[i], left - #GAP)
    if kept[name] then
      shown[#shown + 1] = i
    elseif width == widths[i] or width >= NARROWEST then
      shown[#shown + 1] = i
      left = width == widths[i] and left - width - #GAP or 0
      widths[i] = width
    else
      left = 0
    end
  end
  return shown
end

local function all_positions(names)
  local list = {}
  for i in ipairs(names) do list[i] = i end
  return list
end

-- ---- formats --------------------------------------------------------------------------------------------------------

local write = {}

--- A pattern for string.format that lays out a row, as long as its cells are ASCII and none is cut.
local function pattern_of(widths, numeric, shown, count)
  local parts, is_shown = {}, {}
  for _, i in ipairs(shown) do is_shown[i] = true end
  for i = 1, count do
    local gap = i == shown[#shown] and "" or GAP
    if widths[i] > 99 and (numeric[i] or i ~= shown[#shown]) then return nil end -- the most that string.format knows
    parts[i] = not is_shown[i] and "%.0s" or numeric[i] and ("%%%ds%s"):format(widths[i], gap)
      or i == shown[#shown] and "%s" or ("%%-%ds%s"):format(widths[i], gap)
  end
  return table.concat(parts)
end

local function line_of(cells, widths, numeric, shown)
  local line = {}
  for k, i in ipairs(shown) do
    local text, width = cells[i], widths[i]
    local stays = #text == width or k == #shown and not numeric[i] and #text < width
    line[k] = stays and text or pad(cut(text, width), width, numeric[i])
  end
  return table.concat(line, GAP)
end

local function say_left_out(names, shown)
  local is_shown, left_out = {}, {}
  for _, i in ipairs(shown) do is_shown[i] = true end
  for i, name in ipairs(names) do
    if not is_shown[i] then left_out[#left_out + 1] = name end
  end
  if #left_out == 0 then return end
  io.stderr:write(("not shown for lack of room: %s (--format csv has all)\n"):format(table.concat(left_out, ", ")))
end

function write.table(names, rows, limit, kept)
  local widths, numeric, unusual = measure(names, rows)
  local shown = limit and fit(names, widths, limit, kept) or all_positions(names)
  io.stdout:write(line_of(names, widths, numeric, shown), "\n")
  local pattern = not limit and pattern_of(widths, numeric, shown, #names)
  for _, cells in ipairs(rows) do
    local line = pattern and not unusual[cells] and pattern:format(table.unpack(cells))
    io.stdout:write(line or line_of(cells, widths, numeric, shown), "\n")
  end
  say_left_out(names, shown)
end

function write.csv(names, rows)
  for _, row in ipairs { names, table.unpack(rows) } do
    for i = 1, #names do row[i] = type(row[i]) == "string" and notation.legible(row[i]) or row[i] end
  end
  io.stdout:write(csv_file.text(names, rows))
end

function write.json(names, rows)
  local list = json.list {}
  for i, row in ipairs(rows) do
    local object = json.object {}
    for k, name in ipairs(names) do object[name] = row[k] end
    list[i] = object
  end
  io.stdout:write(json.encode(list, true), "\n")
end

function write.md(names, rows)
  local _, numeric = measure(names, rows)
  local function line(cells)
    local escaped = {}
    for i, cell in ipairs(cells) do escaped[i] = markdown.cell(markdown.escape(cell)) end
    io.stdout:write("| ", table.concat(escaped, " | "), " |\n")
  end
  local rules = {}
  for i in ipairs(names) do rules[i] = numeric[i] and #rows > 0 and "---:" or "---" end
  line(names)
  io.stdout:write("| ", table.concat(rules, " | "), " |\n")
  for _, cells in ipairs(rows) do line(cells) end
end

--- Prints a table.
-- @tparam string kind "table", "csv", "json" or "md"
-- @tparam {string,...} names of the columns, the most important first
-- @tparam {table,...} rows each a list of values in that order, nil where there is none; used up
-- @tparam[opt] {string,...} kept columns of a table that are shown however narrow the terminal is
-- @usage listing.print("csv", { "id", "score" }, { { "00151c64cf68", 0.966 } })
function listing.print(kind, names, rows, kept)
  local is_kept = {}
  for _, name in ipairs(kept or {}) do is_kept[name] = true end
  write[kind](names, rows, width_of_terminal(), is_kept)
end

return listing
