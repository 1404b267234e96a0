--- Tables of comma-separated values (`nn.read_csv`).
-- @submodule nn
local csv = require "engine.csv"
local data = require "engine.data"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local notice = require "nn.support.notice"
local faults = require "nn.csv.faults"
local nearest = require "nn.support.nearest"

local module = {}

local signature = arguments.options("read_csv", {
  { "header" }, { "columns" }, { "delimiter", "," }, { "decimal", "." }, { "missing", {} }, { "text", {} },
})

-- A row that has too few or too many cells, or a quote without its end.
local function fail(path, names, line, column, message)
  local name = names and names[column] and (" (%s)"):format(names[column]) or ""
  blame("read_csv: %s: line %d, column %d%s: %s", path, line, column, name, message)
end

local function check_distinct(path, names)
  local position = {}
  for i, name in ipairs(names) do
    if position[name] then
      blame("read_csv: %s: columns %d and %d are both called %q; give each a name of its own", path, position[name], i,
        name)
    end
    position[name] = i
  end
end

-- The names of the columns. A first line with numbers in it is hardly a header: that must be said.
local function names_of(path, cells, given)
  local header = given.header
  if header == false then
    local names = {}
    for i in ipairs(cells) do names[i] = "column_" .. i end
    return names
  end
  for i, cell in ipairs(cells) do
    if header == nil and faults.is_number(cell, given.decimal) then
      blame("read_csv: %s: the first line, which should name the columns, has the number %s in column %d; say header = "
        .. "false if the data begin there, header = true if it is a name", path, cell, i)
    end
  end
  check_distinct(path, cells)
  return cells
end

-- The position of the column that a user names by its name or position.
local function find(file, wanted)
  local names = file.names
  if math.type(wanted) == "integer" and names[wanted] then return wanted end
  for i, name in ipairs(names) do
    if name == wanted then return i end
  end
  faults.check_delimiter(file.path, file.contents, file.delimiter)
  local near = type(wanted) == "string" and nearest(wanted, names)
  blame("read_csv: %s: there is no column %s%s", file.path, tostring(wanted),
    near and ("; did you mean %q?"):format(near) or "; there are " .. table.concat(names, ", "))
end

local function list_of(value, what)
  if type(value) == "string" then return { value } end
  if type(value) ~= "table" then blame("read_csv: %s: expected a list, got %s", what, blame.got(value)) end
  return value
end

-- What becomes of each column, and the positions of the columns of numbers in the order wanted.
local function plan(file, given)
  local kinds, order, is_text = {}, {}, {}
  for _, wanted in ipairs(given.text) do is_text[find(file, wanted)] = true end
  for i in ipairs(file.names) do kinds[i] = is_text[i] and "text" or given.columns and "skip" or "number" end
  for _, wanted in ipairs(given.columns or {}) do
    local position = find(file, wanted)
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

local function check_character(given, name)
  local value = given[name]
  if type(value) ~= "string" or #value ~= 1 or value:find '["\r\n]' then
    blame("read_csv: %s: expected one character, got %s", name, blame.got(value))
  end
end

local function check_options(options)
  local given = signature(options)
  check_character(given, "delimiter")
  check_character(given, "decimal")
  if given.decimal ~= "." and given.decimal ~= "," or given.decimal == given.delimiter then
    blame('read_csv: decimal: expected "." or ",", and another character than the delimiter, got %s',
      blame.got(given.decimal))
  end
  if given.header ~= nil and type(given.header) ~= "boolean" then
    blame("read_csv: header: expected true or false, got %s", blame.got(given.header))
  end
  for _, name in ipairs { "text", "missing", "columns" } do
    given[name] = given[name] ~= nil and list_of(given[name], name) or nil
  end
  for _, text in ipairs(given.missing) do
    if type(text) ~= "string" then
      blame('read_csv: missing: expected texts as they stand in the file, such as "-999", got %s', blame.got(text))
    end
  end
  return given
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

-- The numbers, as a tensor, and the lists of texts by position.
local function read(file, kinds, given)
  local missing = {}
  for _, text in ipairs(given.missing) do missing[text] = true end
  local x, lists, column, why = csv.read(file.contents, file.delimiter, given.header ~= false, kinds, missing,
    given.decimal)
  if not x then faults.check_delimiter(file.path, file.contents, file.delimiter) end
  if not x and type(lists) == "table" then faults.not_numbers(file.path, file.names, lists, column) end
  if not x then fail(file.path, file.names, lists, column, why) end
  if #x == 0 then
    blame("read_csv: %s: there are no rows below the first line, which names the columns (header = false reads it as "
      .. "numbers)", file.path)
  end
  return x, lists
end

--- Reads a file of comma-separated values, plain or gzip'ed (RFC 4180: cells may be in double quotes; any line ends).
--
-- Numbers come as one tensor, texts as lists:
--
--     local x, names, texts = nn.read_csv("iris.csv", { text = { "species" } })
--     x.shape, names[1], texts.species[1]      --> { 150, 4 }, "sepal_length", "setosa"
--
-- Of texts `nn.preprocessing.OneHotEncoder` and `OrdinalEncoder` make numbers, of dates
-- `nn.preprocessing.date_features`; `nn.preprocessing.SimpleImputer` fills in what is missing.
--
-- @function read_csv
-- @tparam string path
-- @tparam[opt] table options header: whether the first line names the columns (default: it does, and numbers in it are
-- an error), else their names are column_1, column_2, ...; columns: names or positions of those wanted, in that order
-- (all); text: those that hold texts; delimiter (","); decimal ("."): the sign before a fraction, "." or ","; missing:
-- texts that stand for no value and become NaN, such as { "", "NA" } (none: an empty cell is an error)
-- @treturn tensor float32 (rows, columns that hold numbers)
-- @treturn {string,...} the names of its columns
-- @treturn table a list of strings for each column named in text
-- @raise with file, line and column where a row has too few or too many cells, and for all columns together where cells
-- are no numbers
-- @usage local x, names = nn.read_csv("housing.csv", { columns = { "rooms", "price" } })
function module.read_csv(path, options)
  if type(path) ~= "string" then blame("read_csv: expected the path of a file, got %s", blame.got(path)) end
  local given = check_options(options)
  notice.say("reading " .. path)
  local contents, message = data.read_file(path)
  if not contents then blame("read_csv: %s", message) end
  local rows, line, column, why = csv.rows(contents, given.delimiter, 1)
  if not rows then fail(path, nil, line, column, why) end
  if not rows[1] then blame("read_csv: %s: the file is empty", path) end
  local names = names_of(path, rows[1], given)
  local file = { path = path, contents = contents, delimiter = given.delimiter, names = names }
  local kinds, order = plan(file, given)
  local x, lists = read(file, kinds, given)
  local texts, selected = {}, {}
  for position, list in pairs(lists) do texts[names[position]] = list end
  for i, position in ipairs(order) do selected[i] = names[position] end
  return arrange(x, order), selected, texts
end

return module
