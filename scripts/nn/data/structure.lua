--- The elements of datasets: lists of values with their number, `{ n = 2, x, y }`, as `table.pack` makes them.
--
-- A value is a tensor, a number, a text, or a list or a table by names of such values. Several elements become a batch:
-- tensors and numbers are stacked along a new first axis, texts become a list.
local is_tensor = require("engine.tensor").is_tensor
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local structure = {}

-- ---- what a value is ------------------------------------------------------------------------------------------------

-- Whether a table holds numbers only, at any depth: such a one stands for a tensor.
local function holds_numbers(value)
  if type(value) == "number" then return true end
  if type(value) ~= "table" or getmetatable(value) or #value == 0 then return false end
  for _, each in ipairs(value) do
    if not holds_numbers(each) then return false end
  end
  return true
end

--- Whether a table is a list of texts.
function structure.holds_texts(value)
  return type(value) == "table" and not getmetatable(value) and type(value[1]) == "string"
end

local LEAVES = { number = true, string = true }

--- Whether a value has no values within it.
function structure.is_leaf(value)
  return LEAVES[type(value)] or is_tensor(value) or structure.holds_texts(value)
end

--- Applies a function to all leaves.
-- @param value
-- @tparam function f of a leaf
function structure.map(value, f)
  if structure.is_leaf(value) then return f(value) end
  local result = {}
  for key, each in pairs(value) do result[key] = structure.map(each, f) end
  return result
end

--- The leaves of a value or of an element, in the order of their positions and names.
-- @treturn {tensor|number|string,...}
function structure.leaves(value, list)
  list = list or {}
  if structure.is_leaf(value) then
    list[#list + 1] = value
    return list
  end
  local names = {}
  for key in pairs(value) do
    if key ~= "n" then names[#names + 1] = key end
  end
  table.sort(names, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  for _, key in ipairs(names) do structure.leaves(value[key], list) end
  return list
end

--- A value as datasets hold it: tables of numbers become tensors.
-- @param value from the script
-- @tparam string what it is, for messages
function structure.normal(value, what)
  if LEAVES[type(value)] or is_tensor(value) then return value end
  if value == nil then blame("%s is missing (nil)", what) end
  if type(value) ~= "table" or getmetatable(value) then
    blame("%s: expected a tensor, a number, a text, or a table of those, got %s", what, blame.got(value))
  end
  if holds_numbers(value) then return tensor.tensor(value) end
  if structure.holds_texts(value) then return value end
  local result = {}
  for key, each in pairs(value) do
    result[key] = structure.normal(each, ("%s, [%s]"):format(what, tostring(key)))
  end
  return result
end

--- The element of several values.
-- @tparam string what names the element in messages, with %d for its number
-- @tparam integer number
-- @param ... the values
function structure.element(what, number, ...)
  local element = table.pack(...)
  if element.n == 0 then blame(what .. " has no value", number) end
  for i = 1, element.n do
    local value = element[i]
    if not (LEAVES[type(value)] or is_tensor(value)) then -- the text is made only for what needs a look
      local about = what:format(number)
      element[i] = structure.normal(value, element.n == 1 and about or ("%s: value %d"):format(about, i))
    end
  end
  return element
end

-- ---- batches --------------------------------------------------------------------------------------------------------

local function shape_text(value)
  if not is_tensor(value) then return type(value) == "string" and "a text" or "a number" end
  return ("shape %s (%s)"):format(#value.shape == 0 and "()" or table.concat(value.shape, "x"), value.dtype)
end

local function same_shape(a, b)
  return a.ndim == b.ndim and table.concat(a.shape, "x") == table.concat(b.shape, "x")
end

local function is_like(a, b)
  if is_tensor(a) and is_tensor(b) then return a.dtype == b.dtype and same_shape(a, b) end
  return type(a) == type(b) and not is_tensor(a) and not is_tensor(b)
end

local function check_alike(leaves, what)
  for i = 2, #leaves do
    if not is_like(leaves[1], leaves[i]) then
      local is_padded = is_tensor(leaves[1]) and is_tensor(leaves[i]) and leaves[1].ndim == leaves[i].ndim
        and leaves[1].dtype == leaves[i].dtype
      blame("%s: the elements of one batch must be alike, but the first has %s and number %d has %s%s", what,
        shape_text(leaves[1]), i, shape_text(leaves[i]), is_padded and "; padded_batch makes lengths equal" or "")
    end
  end
end

local function numbers(leaves)
  local are_whole = true
  for _, each in ipairs(leaves) do are_whole = are_whole and math.type(each) == "integer" end
  return tensor.tensor(leaves, are_whole and "int32" or "float32")
end

local function stack(leaves, what)
  check_alike(leaves, what)
  if type(leaves[1]) == "string" then return leaves end
  if type(leaves[1]) == "number" then return numbers(leaves) end
  return tensor.stack(leaves)
end

local function join_values(values, what, join_leaves)
  if structure.is_leaf(values[1]) then
    for i, each in ipairs(values) do
      if not structure.is_leaf(each) then
        blame("%s: the elements of one batch must be alike, but number %d is a table", what, i)
      end
    end
    return join_leaves(values, what)
  end
  local result = {}
  for key in pairs(values[1]) do
    local list = {}
    for i, each in ipairs(values) do
      list[i] = not structure.is_leaf(each) and each[key] or nil
      if list[i] == nil then
        blame("%s: the elements of one batch must be alike, but number %d has no %s", what, i, tostring(key))
      end
    end
    result[key] = join_values(list, what, join_leaves)
  end
  return result
end

--- One element from several.
-- @tparam {element,...} elements
-- @tparam string what names the transformation in messages
-- @tparam[opt] function join_leaves (list of leaves, what, position of the value) -> leaf; stacks them
-- @treturn element
function structure.batch(elements, what, join_leaves)
  local batch = { n = elements[1].n }
  for i, element in ipairs(elements) do
    if element.n ~= batch.n then
      blame("%s: the elements of one batch must be alike, but the first has %d values and number %d has %d", what,
        batch.n, i, element.n)
    end
  end
  for k = 1, batch.n do
    local values = {}
    for i, element in ipairs(elements) do values[i] = element[k] end
    batch[k] = join_values(values, batch.n == 1 and what or ("%s: value %d"):format(what, k), function(leaves, about)
      return (join_leaves or stack)(leaves, about, k)
    end)
  end
  return batch
end

--- Stacks leaves; see `structure.batch`.
structure.stack = stack

-- ---- rows -----------------------------------------------------------------------------------------------------------

local function length(leaf) return #leaf end

--- How many rows the leaves of an element have along their first axis.
-- @tparam element columns
-- @tparam string what names it in messages
function structure.row_count(columns, what)
  local leaves = structure.leaves(columns)
  for _, leaf in ipairs(leaves) do
    if type(leaf) == "number" or type(leaf) == "string" or is_tensor(leaf) and leaf.ndim == 0 then
      blame("%s: expected tensors or lists with an axis of samples, got %s", what, blame.got(leaf))
    elseif length(leaf) ~= length(leaves[1]) then
      blame("%s: all must have the same number of samples, got %d and %d", what, length(leaves[1]), length(leaf))
    end
  end
  return length(leaves[1])
end

local function map_element(element, f)
  local result = { n = element.n }
  for k = 1, element.n do result[k] = structure.map(element[k], f) end
  return result
end

--- One row of each leaf.
-- @tparam element columns
-- @tparam integer i from 1
function structure.row(columns, i)
  return map_element(columns, function(leaf) return leaf[i] end)
end

--- Some rows of each leaf, copied.
-- @tparam element columns
-- @tparam tensor positions int32, from 0
function structure.gather(columns, positions)
  local from_1 = positions + 1
  return map_element(columns, function(leaf)
    if is_tensor(leaf) then return leaf:gather(from_1) end
    local list = {}
    for i, position in ipairs(from_1:totable()) do list[i] = leaf[position] end
    return list
  end)
end

--- Neighbouring rows of each leaf, copied.
-- @tparam element columns
-- @tparam integer first
-- @tparam integer last
function structure.slice(columns, first, last)
  return map_element(columns, function(leaf)
    if is_tensor(leaf) then return leaf[{ { first, last } }]:copy() end
    return table.move(leaf, first, last, 1, {})
  end)
end

return structure
