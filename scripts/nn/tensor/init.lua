--- Tensors: dense arrays of numbers (`nn.tensor`, `nn.zeros`, ...), row-major, float32 (default), uint8 or int32.
--
--     local t = nn.tensor{ { 1, 2, 3 }, { 4, 5, 6 } }
--     t.shape, t.ndim, t.size, t.dtype, #t     --> { 2, 3 }, 2, 6, "float32", 2
--     t[2]                                     --> the second row, a view: what is written to it is written to t
--     t[{ 2, { 1, 2 } }]                       --> its first two elements; {} is everything, -1 the last
--     t[{ {}, 3 }] = 0                         --> assigns a number, a nested table or a tensor, broadcast
--     (t - t:mean(1)) / 255                    --> arithmetic with NumPy's broadcasting
--
--     t[t:gt(3)]                               --> a mask: the elements where it is 1; t[t:gt(3)] = 0 assigns to them
--     x[x[{ {}, 1 }]:gt(0)]                    --> the rows whose first number is greater than 0
--
-- A mask is what comparisons give, 0 and 1 over the first axes; `&`, `|`, `~` (and, or; exclusive or, not) combine
-- masks: t[t:gt(0) & t:lt(5)]. Positions go to `t:gather`.
-- Positions and axes count from 1, from the end if negative. Where no axis is left, the result is a Lua number: an
-- integer from a tensor of integers, else a float.
--
-- `+ - * / ^` and unary minus take tensors, numbers and nested tables on either side. `/` and `^` give float32, and so
-- does everything with a float32 tensor or a number with a fraction; the rest is int32, where a result beyond 32 bits
-- is an error: nothing wraps. `a == b` asks whether two variables hold the same tensor; `a:eq(b)` compares elements.
-- @module nn.tensor
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local engine = require "engine.tensor"
local nearest = require "nn.support.nearest"
require "nn.support.list" -- which makes the lists that `shape` gives what they are
require "nn.tensor.operators"
require "nn.tensor.reductions"
require "nn.tensor.elementwise"

local methods = engine.methods

-- fields: those that are computed, by name: function(tensor) -> value, or nil where the tensor has none
local tensor = { methods = methods, fields = {} }

--- A tensor from a nested table, a number, or another tensor (copied).
-- @function tensor
-- @tparam table|number|tensor values lists of lists must be of equal lengths
-- @tparam[opt="float32"] string dtype "float32", "uint8" or "int32"; values it cannot hold are an error
-- @treturn tensor
-- @usage nn.tensor({ { 0, 255 }, { 7, 10 } }, "uint8")
tensor.tensor = engine.new

--- A tensor of zeros.
-- @function zeros
-- @tparam {integer,...} shape
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.zeros{ 28, 28 }
tensor.zeros = engine.zeros

--- A tensor of ones; see `zeros`.
-- @function ones
-- @tparam {integer,...} shape
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ones{ 3 }
tensor.ones = engine.ones

--- A tensor of one number.
-- @function full
-- @tparam {integer,...} shape
-- @tparam number value
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.full({ 2, 2 }, 0.5)
tensor.full = engine.full

--- Numbers at equal distances: `arange(stop)` from 0, or `arange(start, stop, step)`; stop is left out, as in NumPy.
-- @function arange
-- @tparam number start
-- @tparam[opt] number stop
-- @tparam[opt=1] number step
-- @tparam[opt="float32"] string dtype may follow any of these forms
-- @treturn tensor
-- @usage nn.arange(3) --> [0. 1. 2.]
tensor.arange = engine.arange

--- Whether a value is a tensor.
-- @function is_tensor
-- @param value
-- @treturn boolean
-- @usage nn.is_tensor(t) --> true
tensor.is_tensor = engine.is_tensor

-- The names among a table's keys.
local function check_names(given, known, what)
  for key in pairs(given) do
    if type(key) == "string" then arguments.check({ [key] = true }, known, what) end
  end
end

-- `{ a, b, axis = 1 }`, `{ { a, b }, axis = 1 }`, `({ a, b }, 1)` and `({ a, b }, { axis = 1 })` say the same.
local function joining(name, default)
  return function(list, axis)
    if type(list) ~= "table" then blame("%s: expected a list of tensors, got %s", name, type(list)) end
    local options = type(axis) == "table" and axis or list
    local tensors = type(list[1]) == "table" and list[1] or list
    check_names(options, { "axis" }, name)
    if type(axis) ~= "number" then axis = options.axis or tensors ~= list and list[2] or default end
    return engine[name](tensors, axis)
  end
end

--- Tensors joined along an axis; their other lengths must agree.
-- @function concatenate
-- @tparam {tensor,...} list with an optional axis, by default the last one, as in Keras
-- @treturn tensor a copy; of the tensors' type, or int32 or float32 where they differ
-- @usage nn.concatenate{ x_train, x_test, axis = 1 }
tensor.concatenate = joining("concatenate", -1)

--- Tensors of one shape joined along a new axis.
-- @function stack
-- @tparam {tensor,...} list with an optional axis of the result, by default the first one
-- @treturn tensor
-- @usage nn.stack{ nn.zeros{ 3 }, nn.ones{ 3 } } --> shape 2x3
tensor.stack = joining("stack", 1)

--- Elements of one tensor or of another, by a condition; all three broadcast.
-- @function where
-- @tparam tensor condition as comparisons give it; what is not 0 holds
-- @tparam tensor|number a where it holds
-- @tparam tensor|number b where it does not
-- @treturn tensor
-- @usage nn.where(t:isnan(), 0, t)
function tensor.where(condition, a, b)
  if a == nil or b == nil then
    blame("where: expected a condition and two values, as in nn.where(t:gt(0), t, 0); for the elements themselves "
      .. "write t[t:gt(0)]")
  end
  return engine.where(condition, a, b)
end

-- The methods that are written in C, which need no Lua, and their documentation.

--- Another shape; one length may be -1: what is left. A view, or a copy if the elements are not in order in memory.
-- @function tensor:reshape
-- @tparam {integer,...} shape or the lengths as arguments
-- @treturn tensor
-- @usage images:reshape{ -1, 784 }

--- One axis. A view where `reshape` gives one.
-- @function tensor:flatten
-- @treturn tensor
-- @usage images:flatten()

--- The axes in another order, by default reversed. A view.
-- @function tensor:transpose
-- @tparam[opt] {integer,...} axes
-- @treturn tensor
-- @usage images:transpose{ 1, 3, 2 }

--- The matrix product of tensors of one or two axes; a number for two vectors.
-- @function tensor:matmul
-- @tparam tensor|table other
-- @treturn tensor|number float32
-- @usage x:matmul(w)

--- A copy of another type. To integers, fractions are cut off; NaN or a value out of range is an error.
-- @function tensor:astype
-- @tparam string dtype
-- @treturn tensor
-- @usage t:astype "uint8"

--- The tensor itself where its elements lie in order in memory, else a copy.
-- @function tensor:contiguous
-- @treturn tensor
-- @usage t:transpose():contiguous()

--- A copy with memory of its own.
-- @function tensor:copy
-- @treturn tensor
-- @usage local before = w:copy()

--- The sub-tensors at those positions along the first axis, which count from 1, or from the end if negative (those
-- that are values, as from `nn.random.permutation`, count from 0: add 1).
-- @function tensor:gather
-- @tparam {integer,...}|tensor positions a list, or an int32 or uint8 tensor
-- @treturn tensor
-- @usage x:gather{ 3, 1, -1 }

--- Nested Lua tables; a number for a tensor without axes.
-- @function tensor:totable
-- @treturn table|number
-- @usage t:totable()[2][1]

--- The number in a tensor of one element.
-- @function tensor:item
-- @treturn number
-- @usage nn.full({ 1 }, 7):item() --> 7.0

--- The elements as they lie in memory, row-major and little-endian.
-- @function tensor:bytes
-- @treturn string
-- @usage io.open("t.bin", "wb"):write(t:bytes()):close()

local function known_fields()
  local names = { "shape", "ndim", "size", "dtype" }
  for name in pairs(methods) do names[#names + 1] = name end
  table.sort(names)
  return names
end

setmetatable(methods, {
  __index = function(_, name, self)
    local field = tensor.fields[name]
    local value
    if field and self then value = field(self) end
    if value ~= nil then return value end
    if field then blame("a tensor has no field \"%s\"; variables have one: nn.Variable(t)", name) end
    local near = nearest(name, known_fields())
    blame("a tensor has no field \"%s\"%s", name, near and ("; did you mean \"%s\"?"):format(near) or "")
  end,
})

return tensor
