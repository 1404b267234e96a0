--- Nested lists of texts or numbers, as layers that read words take them: `{ { "a", "b" }, { "c", "d" } }` has shape
-- 2x2, as a tensor would.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local nested = {}

local function is_entry(value) return type(value) == "string" or type(value) == "number" end

-- The shape of a nested list by its first entries.
local function shape_of(value, what)
  local shape = {}
  while not is_entry(value) do
    if type(value) ~= "table" then
      blame("%s: expected texts or numbers, in lists or alone, got %s", what, blame.got(value))
    end
    shape[#shape + 1] = #value
    if #value == 0 then break end
    value = value[1]
  end
  return shape
end

local function collect(value, shape, axis, flat, what)
  if axis > #shape then
    if not is_entry(value) then blame("%s: expected a text or a number, got %s", what, blame.got(value)) end
    flat[#flat + 1] = value
    return
  end
  if type(value) ~= "table" then
    blame("%s: expected a list of %d entries, got %s", what, shape[axis], blame.got(value))
  elseif #value ~= shape[axis] then
    blame("%s: lists within a list must have the same length, but the first has %d entries and another has %d; "
      .. "nn.preprocessing.pad_sequences makes lengths equal", what, shape[axis], #value)
  end
  if axis == 1 then stop.check() end
  for i = 1, shape[axis] do collect(value[i], shape, axis + 1, flat, what) end -- not ipairs: it would end at a nil
end

--- The entries in order, and the shape.
-- @param value a text, a number, a nested list of them, or a tensor
-- @tparam string what begins messages
-- @treturn {string|number,...}
-- @treturn {integer,...} {} for one entry alone
function nested.flatten(value, what)
  if tensor.is_tensor(value) then
    return value.ndim == 0 and { value:item() } or value:reshape { value.size }:totable(), value.shape
  end
  local shape, flat = shape_of(value, what), {}
  if #shape > 0 and shape[#shape] == 0 then blame("%s: a list is empty", what) end
  collect(value, shape, 1, flat, what)
  return flat, shape
end

--- Nested lists of a shape from their entries in order.
-- @tparam {any,...} flat
-- @tparam {integer,...} shape
function nested.build(flat, shape)
  local position = 0
  local function make(axis)
    if axis > #shape then
      position = position + 1
      return flat[position]
    end
    local list = {}
    for i = 1, shape[axis] do list[i] = make(axis + 1) end
    return list
  end
  return make(1)
end

--- Numbers in order as a tensor of a shape.
-- @tparam {number,...} flat
-- @tparam {integer,...} shape
-- @tparam string dtype
function nested.tensor(flat, shape, dtype)
  if #shape == 0 then return tensor.full({}, flat[1], dtype) end
  if #flat == 0 then return tensor.zeros(shape, dtype) end
  return tensor.tensor(flat, dtype):reshape(shape)
end

--- The text of a shape, for messages.
nested.text = align.text

return nested
