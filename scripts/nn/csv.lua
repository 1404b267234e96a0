--- Tables of comma-separated values (`nn.read_csv`).
-- @submodule nn
local csv = require "engine.csv"
local data = require "engine.data"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local nearest = require "nn.nearest"

local module = {}

local signature = arguments.options("read_csv", {
  { "header" }, { "columns" }, { "delimiter", "," }, { "missing", {} }, { "text", {} },
})

local function fail(path, names, line, column, message, found)
  local name = names and names[column] and (" (%s)"):format(names[column]) or ""
  local advice = ""
  if message == "no value" then
    advice = '; missing = { "" } reads such cells as NaN'
  elseif message == "not a number" then
    message = ("expected a number, found %q"):format(#found > 60 and found:sub(1, 60) .. "..." or found)
    advice = name ~= "" and "; columns that hold text are named in text = { ... }, unwanted ones left out of columns = "
      .. "{ ... }" or ""
  end
  blame("read_csv: %s: line %d, column %d%s: %s%s", path, line, column, name, message, advice)
end

local function is_number(cell)
  return cell:find "^%s*[-+.%d][-+.%deE]*%s*$" ~= nil and tonumber(cell) ~= nil
end

-- The names of the columns. A first line with numbers in it is hardly a header: that must be said.
local function names_of(path, cells, header)
  if header == false then
    local names = {}
    for i in ipairs(cells) do names[i] = "column_" .. i end
    return names
  end
  for i, cell in ipairs(cells) do
    if header == nil and is_number(cell) then
      blame("read_csv: %s: the first line, which should name the columns, has the number %s in column %d; say header = "
        .. "false if the data begin there, header = true if it is a name", path, cell, i)
    end
  end
  return cells
end

-- The position of the column that a user names by its name or position.
local function find(path, names, wanted)
  if math.type(wanted) == "integer" and names[wanted] then return wanted end
  for i, name in ipairs(names) do
    if name == wanted then return i end
  end
  local near = type(wanted) == "string" and nearest(wanted, names)
  blame("read_csv: %s: there is no column %s%s", path, tostring(wanted),
    near and ("; did you mean %q?"):format(near) or "; there are " .. table.concat(names, ", "))
end

local function list_of(value, what)
  if type(value) == "string" then return { value } end
  if type(value) ~= "table" then blame("read_csv: %s: expected a list, got %s", what, blame.got(value)) end
  return value
end

-- What becomes of each column, and the positions of the columns of numbers in the order wanted.
local function plan(path, names, given)
  local kinds, order, is_text = {}, {}, {}
  for _, wanted in ipairs(list_of(given.text, "text")) do is_text[find(path, names, wanted)] = true end
  for i in ipairs(names) do kinds[i] = is_text[i] and "text" or given.columns and "skip" or "number" end
  for _, wanted in ipairs(given.columns and list_of(given.columns, "columns") or {}) do
    local position = find(path, names, wanted)
    if kinds[position] == "number" then blame("read_csv: columns: %s is named twice", tostring(wanted)) end
    if not is_text[position] then
      kinds[position], order[#order + 1] = "number", position
    end
  end
  if not given.columns then
    for i, kind in ipairs(kinds) do order[#order + 1] = kind == "number" and i or nil end
  end
  return kinds, order
end

-- The columns of a tensor in another order: order[i] is the position in the file of what shall be the i-th.
local function arrange(x, order)
  local sorted, rank, positions, is_sorted = table.move(order, 1, #order, 1, {}), {}, {}, true
  table.sort(sorted)
  for i, position in ipairs(sorted) do rank[position] = i end
  for i, position in ipairs(order) do
    positions[i] = rank[position]
    is_sorted = is_sorted and rank[position] == i
  end
  return is_sorted and x or x:transpose():gather(positions):transpose():copy()
end

--- Reads a file of comma-separated values, plain or gzip'ed (RFC 4180: cells may be in double quotes; any line ends).
--
-- Numbers come as one tensor, texts as lists:
--
--     local x, names, texts = nn.read_csv("iris.csv", { text = { "species" } })
--     x.shape, names[1], texts.species[1]      --> { 150, 4 }, "sepal_length", "setosa"
--
-- @function read_csv
-- @tparam string path
-- @tparam[opt] table options header: whether the first line names the columns (default: it does, and numbers in it are
-- an error), else their names are column_1, column_2, ...; columns: names or positions of those wanted, in that order
-- (all); text: those that hold texts; delimiter (","); missing: texts that stand for no value and become NaN, such as
-- { "", "NA" } (none: an empty cell is an error)
-- @treturn tensor float32 (rows, columns that hold numbers)
-- @treturn {string,...} the names of its columns
-- @treturn table a list of strings for each column named in text
-- @raise with file, line and column where a cell is no number or a row has too few or too many cells
-- @usage local x, names = nn.read_csv("housing.csv", { columns = { "rooms", "price" } })
function module.read_csv(path, options)
  if type(path) ~= "string" then blame("read_csv: expected the path of a file, got %s", blame.got(path)) end
  local given = signature(options)
  if type(given.delimiter) ~= "string" or #given.delimiter ~= 1 or given.delimiter:find '["\r\n]' then
    blame("read_csv: delimiter: expected one character, got %s", blame.got(given.delimiter))
  end
  local contents, message = data.read_file(path)
  if not contents then blame("read_csv: %s", message) end
  local cells, line, column, why, found = csv.first_row(contents, given.delimiter)
  if not cells then fail(path, nil, line, column, why, found) end
  if #cells == 0 then blame("read_csv: %s: the file is empty", path) end
  local names = names_of(path, cells, given.header)
  local kinds, order = plan(path, names, given)
  local missing = {}
  for _, text in ipairs(list_of(given.missing, "missing")) do missing[text] = true end
  local x, lists
  x, lists, column, why, found = csv.read(contents, given.delimiter, given.header ~= false, kinds, missing)
  if not x then fail(path, names, lists, column, why, found) end
  if #x == 0 then
    blame("read_csv: %s: there are no rows below the first line, which names the columns (header = false reads it as "
      .. "numbers)", path)
  end
  local texts, selected = {}, {}
  for position, list in pairs(lists) do texts[names[position]] = list end
  for i, position in ipairs(order) do selected[i] = names[position] end
  return arrange(x, order), selected, texts
end

return module
