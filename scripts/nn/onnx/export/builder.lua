--- A graph that is being written: nodes, constants, and what is known of them.
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local Builder = {}
Builder.__index = Builder

function Builder.new()
  return setmetatable({ nodes = {}, constants = {}, count = 0, made = {}, known = {}, prefix = "" }, Builder)
end

function Builder:new_name(word)
  self.count = self.count + 1
  return ("%s%s_%d"):format(self.prefix, word, self.count)
end

-- ---- constants -----------------------------------------------------------------------------------------------------

--- The name of a constant. The same tensor is stored once.
function Builder:constant(numbers, type)
  local known = self.known[numbers]
  if known then return known end
  local name = self:new_name "constant"
  self.known[numbers] = name
  self.constants[#self.constants + 1] = value.write(name, numbers, type or "float32")
  return name
end

--- A list of integers, such as axes and shapes.
function Builder:integers(list) return self:constant(value.of_list(list).data, "int64") end

--- A number without axes.
function Builder:number(number, type)
  return self:constant(tensor.full({}, number, value.held_as(type or "float32")), type)
end

-- ---- nodes ---------------------------------------------------------------------------------------------------------

local function attribute(name, given)
  if type(given) == "string" then return { name = name, type = 3, s = given } end
  if type(given) == "boolean" then return { name = name, type = 2, i = given and 1 or 0 } end
  if math.type(given) == "integer" then return { name = name, type = 2, i = given } end
  if type(given) == "number" then return { name = name, type = 1, f = given } end
  if type(given[1]) == "string" then return { name = name, type = 8, strings = given } end
  return { name = name, type = 7, ints = given }
end

--- Adds a node.
-- @tparam string op_type
-- @tparam {string,...} inputs
-- @tparam[opt] table attributes by name: texts, booleans, integers, floats (2.0), lists of integers or texts
-- @tparam[opt=1] integer outputs
-- @treturn string ... the outputs' names
function Builder:add(op_type, inputs, attributes, outputs)
  local node = { op_type = op_type, name = self:new_name(op_type), input = inputs, output = {}, attribute = {} }
  for i = 1, outputs or 1 do node.output[i] = i == 1 and node.name or node.name .. "_" .. i end
  local names = {}
  for name in pairs(attributes or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do node.attribute[i] = attribute(name, attributes[name]) end
  for _, output in ipairs(node.output) do self.made[output] = node end
  self.nodes[#self.nodes + 1] = node
  return table.unpack(node.output)
end

--- A node of two inputs, of which numbers become constants.
function Builder:binary(op_type, a, b)
  a = type(a) == "number" and self:number(a) or a
  return self:add(op_type, { a, type(b) == "number" and self:number(b) or b })
end

local function is_identity(order)
  for i, axis in ipairs(order) do
    if axis ~= i - 1 then return false end
  end
  return true
end

--- The axes in another order, each by its position from 0. Two such nodes in a row become one, or none.
function Builder:transpose(x, order)
  local before = self.made[x]
  if before and before.op_type == "Transpose" then
    local first, both = before.attribute[1].ints, {}
    for i, axis in ipairs(order) do both[i] = first[axis + 1] end
    x, order = before.input[1], both
  end
  return is_identity(order) and x or self:add("Transpose", { x }, { perm = order })
end

--- A node that computes each number alone. A Transpose before it moves behind it, where it may meet another one.
function Builder:map(op_type, x, attributes)
  local before = self.made[x]
  if before and before.op_type == "Transpose" then
    return self:transpose(self:add(op_type, { before.input[1] }, attributes), before.attribute[1].ints)
  end
  return self:add(op_type, { x }, attributes)
end

--- Whole numbers, which the engine has as float32.
function Builder:as_integers(x) return self:add("Cast", { x }, { to = value.codes.int64 }) end
function Builder:as_floats(x) return self:add("Cast", { x }, { to = value.codes.float32 }) end
function Builder:as_bool(x) return self:add("Cast", { x }, { to = value.codes.bool }) end

-- ---- shapes --------------------------------------------------------------------------------------------------------
-- A shape is that of a sample; with is_whole, of all of them together.

--- How many axes a value has, with that of the samples.
function Builder.rank(shape) return #shape + (shape.is_whole and 0 or 1) end

--- As a shape for Reshape. -1 is what is left, such as the number of samples; where a sample's own length is not known
-- either, 0 is the number of samples that the input has.
function Builder.lengths(shape)
  local list, is_open = {}, false
  for i, length in ipairs(shape) do
    list[i] = math.max(length, -1) -- -2: twice as many as there are samples
    is_open = is_open or length < 0
  end
  if not shape.is_whole then table.insert(list, 1, is_open and 0 or -1) end
  return list
end

function Builder:reshape(x, shape)
  return self:add("Reshape", { x, self:integers(Builder.lengths(shape)) })
end

function Builder:reduce(op_type, x, axes, keepdims)
  if op_type == "ReduceSum" then -- has its axes as an input
    return self:add(op_type, { x, self:integers(axes) }, { keepdims = keepdims or false })
  end
  return self:add(op_type, { x }, { axes = axes, keepdims = keepdims or false })
end

--- The last axes, by their positions from the end.
function Builder.last(count)
  local axes = {}
  for i = 1, count do axes[i] = i - count - 1 end
  return axes
end

--- The elements along an axis in reverse.
function Builder:flip(x, axis)
  return self:add("Slice", { x, self:integers { -1 }, self:integers { -(1 << 31) }, self:integers { axis },
    self:integers { -1 } })
end

--- Images with the channels behind the samples, and back.
function Builder:channels_first(x, rank)
  local order = { 0, rank - 1 }
  for axis = 1, rank - 2 do order[axis + 2] = axis end
  return self:transpose(x, order)
end

function Builder:channels_last(x, rank)
  local order = { 0 }
  for axis = 2, rank - 1 do order[axis] = axis end
  order[rank] = 1
  return self:transpose(x, order)
end

-- ---- the end -------------------------------------------------------------------------------------------------------

--- Drops nodes and constants that no output depends on.
-- @tparam {string,...} outputs
function Builder:prune(outputs)
  local is_used, nodes, constants = {}, {}, {}
  for _, name in ipairs(outputs) do is_used[name] = true end
  for i = #self.nodes, 1, -1 do
    local node, used = self.nodes[i], false
    for _, output in ipairs(node.output) do used = used or is_used[output] end
    if used then
      table.insert(nodes, 1, node)
      for _, input in ipairs(node.input) do is_used[input] = true end
    end
  end
  for _, each in ipairs(self.constants) do constants[#constants + 1] = is_used[each.name] and each or nil end
  self.nodes, self.constants = nodes, constants
end

return Builder
