--- Data of any kind as columns: what encoders and imputers work on.
--
-- A list of strings, numbers or booleans is one column, and so is a tensor of one axis. A list of rows, as scikit-learn
-- has it, and a tensor (n, features) are several.
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local columns = {}

local KINDS = { string = true, number = true, boolean = true }

local function check_list(what, list, name)
  local count = 0
  for key in pairs(list) do
    if math.type(key) ~= "integer" then
      blame("%s: %s: expected a list, got one with the name %s in it", what, name, tostring(key))
    end
    count = count + 1
  end
  if count ~= #list or list[#list + 1] ~= nil then
    blame('%s: %s: a value in it is nil; write 0/0 or "" where one is missing', what, name)
  end
end

local function check_values(what, column, name)
  for i, value in ipairs(column) do
    if not KINDS[type(value)] then
      blame("%s: %s: expected strings, numbers or booleans, got %s at position %d", what, name, blame.got(value), i)
    end
  end
  return column
end

local function from_rows(what, rows)
  local list = {}
  for j = 1, #rows[1] do list[j] = {} end
  for i, row in ipairs(rows) do
    if type(row) ~= "table" then
      blame("%s: row %d: expected a list like the first one, got %s", what, i, blame.got(row))
    end
    check_list(what, row, ("row %d"):format(i))
    if #row ~= #list then blame("%s: row %d has %d values, the first one has %d", what, i, #row, #list) end
    for j, value in ipairs(row) do list[j][i] = value end
  end
  for j, column in ipairs(list) do check_values(what, column, ("column %d"):format(j)) end
  return list
end

local function from_tensor(what, x)
  if x.ndim == 1 then return { x:totable() }, "vector" end
  if x.ndim ~= 2 then
    blame("%s: expected a tensor (n) or (n, features), got %s", what, blame.got(x))
  end
  local list, transposed = {}, x:transpose()
  for j = 1, x.shape[2] do list[j] = transposed[j]:totable() end
  return list, "matrix"
end

--- The columns of data.
-- @tparam string what starts the messages
-- @param data
-- @treturn {table,...} columns: lists of values
-- @treturn string the form: "list", "rows", "vector" or "matrix" (a tensor of one axis, or of two)
function columns.of(what, data)
  if tensor.is_tensor(data) then
    if data.size == 0 then blame("%s: the data are empty", what) end
    return from_tensor(what, data)
  end
  if type(data) ~= "table" or getmetatable(data) then
    blame("%s: expected a list of strings or numbers, a list of rows or a tensor, got %s", what, blame.got(data))
  end
  check_list(what, data, "the data")
  if #data == 0 then blame("%s: the data are empty", what) end
  if type(data[1]) == "table" then return from_rows(what, data), "rows" end
  return { check_values(what, data, "the data") }, "list"
end

--- Columns in one of these forms.
-- @tparam {table,...} list
-- @tparam string form
-- @return a list, a list of rows, or a float32 tensor
function columns.as(list, form)
  if form == "list" then return list[1] end
  if form == "vector" then return tensor.tensor(list[1]) end
  local rows = {}
  for i = 1, #list[1] do
    rows[i] = {}
    for j, column in ipairs(list) do rows[i][j] = column[i] end
  end
  return form == "matrix" and tensor.tensor(rows) or rows
end

--- The value that stands for NaN where values are keys of a table.
columns.NAN = {}

--- A value as a key.
function columns.key(value)
  if value ~= value then return columns.NAN end
  return value
end

--- Sorted values without repetition: numbers by size, NaN last; strings by their bytes; false before true.
-- @tparam string what starts the message where kinds are mixed
-- @tparam table column
-- @tparam integer position of the column, for the message
function columns.unique(what, column, position)
  local seen, list, has_nan = {}, {}, false
  for _, value in ipairs(column) do
    if value ~= value then
      has_nan = true
    elseif not seen[value] then
      seen[value], list[#list + 1] = true, value
      if type(value) ~= type(list[1]) then
        blame("%s: column %d mixes %ss and %ss, which have no order", what, position, type(list[1]), type(value))
      end
    end
  end
  table.sort(list, type(list[1]) == "boolean" and function(a, b) return not a and b end or nil)
  if has_nan then list[#list + 1] = 0 / 0 end
  return list
end

return columns
