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
require "nn.support.list" -- which makes the lists that `shape` gives what they are
local nearest = require "nn.support.nearest"
local text = require "nn.tensor.text"

local methods, metatable = engine.methods, engine.metatable

local tensor = { methods = methods }

-- ---- making tensors ------------------------------------------------------------------------------------------------

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
  local join = engine[name]
  return function(list, axis)
    if type(list) ~= "table" then blame("%s: expected a list of tensors, got %s", name, type(list)) end
    local options = type(axis) == "table" and axis or list
    local tensors = type(list[1]) == "table" and list[1] or list
    check_names(options, { "axis" }, name)
    if type(axis) ~= "number" then axis = options.axis or tensors ~= list and list[2] or default end
    return join(tensors, axis)
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

local function check_self(self, name)
  if not engine.is_tensor(self) then blame("expected a tensor; methods are called with a colon: t:%s()", name) end
  return self
end

-- ---- reductions ----------------------------------------------------------------------------------------------------

-- Which axes to reduce, as a set, and how many they are.
local function axis_set(t, axis, what)
  local set, count = {}, 0
  for _, a in ipairs(type(axis) == "table" and axis or { axis }) do
    local position = math.tointeger(a)
    if not position or position == 0 or math.abs(position) > t.ndim then
      blame("%s: a tensor of %d axes has no axis %s", what, t.ndim, tostring(a))
    end
    if position < 0 then position = position + t.ndim + 1 end
    count = count + (set[position] and 0 or 1)
    set[position] = true
  end
  return set, count
end

-- The same tensor with the axes in the set merged into one, the last; and the shape that keeps them with length 1.
local function with_merged(t, set)
  local order, merged_shape, merged_axes, kept_shape = {}, {}, {}, t.shape
  for axis, length in ipairs(t.shape) do
    if set[axis] then
      merged_axes[#merged_axes + 1], kept_shape[axis] = axis, 1
    else
      order[#order + 1], merged_shape[#merged_shape + 1] = axis, length
    end
  end
  local length = 1
  for _, axis in ipairs(merged_axes) do
    order[#order + 1], length = axis, length * t.shape[axis]
  end
  merged_shape[#merged_shape + 1] = length
  return t:transpose(order):reshape(merged_shape), kept_shape
end

local function all_axes(t)
  local list = {}
  for axis = 1, t.ndim do list[axis] = axis end
  return list
end

local function reduce(t, op, a)
  if a.axis == nil and not a.keepdims then return engine.total(t, op) end
  local axis = a.axis == nil and all_axes(t) or a.axis
  local set, count = axis_set(t, axis, op)
  if count == t.ndim and not a.keepdims then return engine.total(t, op) end
  if count == 1 and not a.keepdims then return engine.reduce(t, op, next(set)) end
  local merged, kept_shape = with_merged(t, set)
  local result = engine.reduce(merged, op, -1)
  return a.keepdims and result:reshape(kept_shape) or result
end

local function reduction(name, op)
  local signature = arguments.signature(name, { { "axis" }, { "keepdims", false } })
  return function(self, options)
    check_self(self, name)
    return reduce(self, op or name, signature(options))
  end
end

--- The sum over one axis, several, or (without an argument) everything; sums run in double precision.
-- @function tensor:sum
-- @tparam[opt] table options axis (a position or a list of them), keepdims (false): keep reduced axes with length 1.
-- A number stands for `{ axis = number }`.
-- @treturn number|tensor a Lua number where no axis is left; int32 for tensors of integers, else float32
-- @usage
-- t:sum()
-- t:sum(1)
-- t:sum{ axis = { 1, 2 }, keepdims = true }
methods.sum = reduction "sum"

--- The mean, a float32 tensor or a float; an error where there are no elements. Arguments as for `sum`.
-- @function tensor:mean
-- @usage t:mean{ axis = -1, keepdims = true }
methods.mean = reduction "mean"

--- The variance (of the population: divided by n). Arguments as for `sum`.
-- @function tensor:var
-- @usage t:var{ axis = 1 }
methods.var = reduction "var"

local variance = reduction("std", "var")

--- The standard deviation, the root of `var`. Arguments as for `sum`.
-- @function tensor:std
-- @usage t:std(1)
function methods.std(self, options)
  local result = variance(self, options)
  return engine.is_tensor(result) and result:sqrt() or math.sqrt(result)
end

--- The least element; NaN if there is one. Arguments as for `sum`.
-- @function tensor:min
-- @usage t:min()
methods.min = reduction "min"

--- The greatest element; NaN if there is one. Arguments as for `sum`.
-- @function tensor:max
-- @usage t:max(2)
methods.max = reduction "max"

--- Where the least element is, the first of several: a class id, so it counts from 0. Where there is NaN: the first
-- NaN, as in NumPy. Arguments as for `sum`.
-- @function tensor:argmin
-- @usage t:argmin(-1)
methods.argmin = reduction "argmin"

--- Where the greatest element is, the first of several: a class id, so it counts from 0. Where there is NaN: the first
-- NaN, as in NumPy. Arguments as for `sum`.
-- @function tensor:argmax
-- @treturn integer|tensor int32
-- @usage local predicted = model:predict(x):argmax(-1)
methods.argmax = reduction "argmax"

-- ---- element by element --------------------------------------------------------------------------------------------

--- Comparison of elements: 1 where it holds, else 0. Also `ne`, `lt`, `le`, `gt`, `ge`.
-- @function tensor:eq
-- @tparam tensor|number|table other
-- @treturn tensor uint8
-- @usage
-- predicted:eq(class_ids):mean() -- accuracy
-- local comparisons = { t:ne(u), t:lt(u), t:le(u), t:gt(u), t:ge(u) }

--- 1 where an element is NaN, else 0.
-- @function tensor:isnan
-- @treturn tensor uint8
-- @usage x[x:isnan()] = 0
function methods.isnan(self)
  return check_self(self, "isnan"):ne(self)
end

--- 1 where an element is neither NaN nor infinite, else 0. Also `isinf`: 1 where it is infinite.
-- @function tensor:isfinite
-- @treturn tensor uint8
-- @usage local ok, infinite = x:isfinite(), x:isinf()
function methods.isfinite(self)
  return (check_self(self, "isfinite") * 0):eq(0)
end

function methods.isinf(self)
  return check_self(self, "isinf"):abs():eq(math.huge)
end

--- The greater of each pair of elements; NaN if one is. Also `minimum`.
-- @function tensor:maximum
-- @tparam tensor|number|table other
-- @treturn tensor
-- @usage t:maximum(0):minimum(255)

--- A function of each element: `abs`, `sqrt`, `exp`, `log`, `sin`, `cos`, `tanh`, `floor`, `round` (halves to even).
-- @function tensor:abs
-- @treturn tensor float32; `abs`, `floor` and `round` keep the type
-- @usage local functions = { t:abs(), t:sqrt(), t:exp(), t:log(), t:sin(), t:cos(), t:tanh(), t:floor(), t:round() }

--- Elements below `low` become `low`, those above `high` become `high`; either may be nil.
-- @function tensor:clip
-- @tparam[opt] number|tensor low
-- @tparam[opt] number|tensor high
-- @treturn tensor
-- @usage t:clip(0, 1)
function methods.clip(self, low, high)
  local result = low and self:maximum(low) or self
  return high and result:minimum(high) or result
end

-- ---- the same numbers in another form (in C) -----------------------------------------------------------------------

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

-- ---- what Lua does with tensors ------------------------------------------------------------------------------------

metatable.__tostring = text

--- `for i, row in pairs(t)`, or `ipairs`: positions and sub-tensors along the first axis.
-- @function tensor:__pairs
-- @usage
-- for i, row in pairs(t) do print(i, row:sum()) end
-- for i, row in ipairs(t) do print(i, row:sum()) end
function metatable.__pairs(t)
  return function(_, i)
    if i < #t then return i + 1, t[i + 1] end
  end, t, 0
end

local function check_mask(value, operator)
  local is_mask = engine.is_tensor(value) and value.dtype ~= "float32"
    and (value.size == 0 or value:min() >= 0 and value:max() <= 1)
  if not is_mask then
    blame("%s combines masks of 0 and 1, as t:gt(0) gives, got %s", operator, blame.got(value))
  end
  return value
end

function metatable.__band(a, b) return (check_mask(a, "&") * check_mask(b, "&")):astype "uint8" end
function metatable.__bor(a, b) return (check_mask(a, "|") + check_mask(b, "|")):gt(0) end
function metatable.__bxor(a, b) return check_mask(a, "~"):ne(check_mask(b, "~")) end
function metatable.__bnot(a) return check_mask(a, "~"):eq(0) end

-- Lua's own ipairs reads until it finds nil, but a position behind the end of a tensor is an error.
local plain_ipairs = ipairs
rawset(_G, "ipairs", function(list)
  if engine.is_tensor(list) then return metatable.__pairs(list) end
  return plain_ipairs(list)
end)

local function known_fields()
  local names = { "shape", "ndim", "size", "dtype" }
  for name in pairs(methods) do names[#names + 1] = name end
  table.sort(names)
  return names
end

setmetatable(methods, {
  __index = function(_, name)
    local near = nearest(name, known_fields())
    blame("a tensor has no field \"%s\"%s", name, near and ("; did you mean \"%s\"?"):format(near) or "")
  end,
})

return tensor
