--- Operators that compute each number alone, or with its partner in another tensor.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- ---- one input -----------------------------------------------------------------------------------------------------

local function unary(name, f)
  operators[name] = function(call, x) return x:like(f(x.data, call.attributes)) end
end

for name, f in pairs {
  Ceil = ops.ceil, Floor = ops.floor, Round = ops.round, Sqrt = ops.sqrt, Exp = ops.exp, Log = ops.log, Sin = ops.sin,
  Cos = ops.cos, Tan = ops.tan, Asin = ops.arcsin, Acos = ops.arccos, Atan = ops.arctan, Sinh = ops.sinh,
  Cosh = ops.cosh, Asinh = ops.arcsinh, Acosh = ops.arccosh, Atanh = ops.arctanh, Erf = ops.erf,
  Reciprocal = ops.reciprocal, Sign = ops.sign, Sigmoid = ops.sigmoid, Tanh = ops.tanh, Relu = ops.relu,
  Selu = ops.selu, Softplus = ops.softplus, Softsign = ops.softsign, Mish = ops.mish, HardSwish = ops.hard_silu,
} do
  unary(name, function(x) return f(x) end)
end

unary("Identity", function(x) return x end)
unary("Abs", function(x) return ops.maximum(x, -x) end)
unary("Neg", function(x) return -x end)
unary("Elu", function(x, a) return ops.elu(x, a.alpha or 1) end)
unary("Celu", function(x, a) return ops.celu(x, a.alpha or 1) end)
unary("LeakyRelu", function(x, a) return ops.leaky_relu(x, a.alpha or 0.01) end)
unary("ThresholdedRelu", function(x, a) return ops.where(ops.greater(x, a.alpha or 1), x, 0) end)
unary("HardSigmoid", function(x, a) return ops.clip(x * (a.alpha or 0.2) + (a.beta or 0.5), 0, 1) end)
unary("Swish", function(x, a) return x * ops.sigmoid(x * (a.alpha or 1)) end)
unary("Gelu", function(x, a) return ops.gelu(x, a.approximate == "tanh") end)
unary("Shrink", function(x, a)
  local limit, bias = a.lambd or 0.5, a.bias or 0
  return ops.where(ops.less(x, -limit), x + bias, ops.where(ops.greater(x, limit), x - bias, 0))
end)
unary("Not", function(x) return x:eq(0) end)

function operators.Selu(call, x)
  local a = call.attributes
  local alpha, gamma = a.alpha or 1.67326319217681884765625, a.gamma or 1.05070102214813232421875
  return x:like(ops.where(ops.greater(x.data, 0), x.data, (ops.expm1(x.data)) * alpha) * gamma)
end

function operators.IsNaN(_, x) return value.new(x.data:isnan(), "bool") end

function operators.IsInf(call, x)
  local a, is_infinite = call.attributes, x.data:isinf():astype "float32"
  if a.detect_negative == 0 then is_infinite = is_infinite * x.data:gt(0):astype "float32" end
  if a.detect_positive == 0 then is_infinite = is_infinite * x.data:lt(0):astype "float32" end
  return value.new(is_infinite, "bool")
end

-- ---- two inputs ----------------------------------------------------------------------------------------------------

-- Before version 7 the second input has the axes from `axis` on.
local function aligned(call, a, b)
  local axis = call.attributes.axis
  if not axis or call.version >= 7 then return b.data end
  local shape, own = {}, b:shape()
  if axis < 0 then axis = axis + a.data.ndim end
  table.move(own, 1, #own, 1, shape)
  for place = #own + 1, a.data.ndim - axis do shape[place] = 1 end
  return b.data:contiguous():reshape(shape)
end

local function broadcast_shape(x, y)
  return ops.add(tensor.zeros(x.shape), tensor.zeros(y.shape)).shape
end

-- Integers, computed in Lua: exact, unlike what goes through float32.
local function by_integer(f, x, y)
  local shape = broadcast_shape(x, y)
  local count = tensor.zeros(shape).size
  if count == 0 then return tensor.zeros(shape, "int32") end
  local a = ops.broadcast_to(x:astype "int32", shape):reshape { -1 }:totable()
  local b = ops.broadcast_to(y:astype "int32", shape):reshape { -1 }:totable()
  for i = 1, count do a[i] = f(a[i], b[i]) end
  return tensor.tensor(a, "int32"):reshape(shape)
end

local function binary(name, of_floats, of_integers)
  operators[name] = function(call, a, b)
    local x, y = a.data, aligned(call, a, b)
    if a:is_float() then return a:like(of_floats(x, y)) end
    return a:like(of_integers and of_integers(x, y) or of_floats(x, y))
  end
end

local function divided(a, b)
  if b == 0 then value.invalid "divides a whole number by 0" end
  local quotient = a // b
  return quotient < 0 and quotient * b ~= a and quotient + 1 or quotient
end

binary("Add", function(x, y) return x + y end)
binary("Sub", function(x, y) return x - y end)
binary("Mul", function(x, y) return x * y end)
binary("Div", function(x, y) return x / y end, function(x, y) return by_integer(divided, x, y) end)

function operators.Pow(call, a, b)
  local result = ops.power(a.data:astype "float32", aligned(call, a, b):astype "float32")
  return a:like(a:is_float() and result or ops.round(result))
end

local function modulo(a, b)
  if b == 0 then value.invalid "divides a whole number by 0" end
  return a % b
end

local function remainder(a, b)
  if b == 0 then value.invalid "divides a whole number by 0" end
  return math.fmod(a, b)
end

function operators.Mod(call, a, b)
  local is_c = call.attributes.fmod == 1
  if not a:is_float() then return a:like(by_integer(is_c and remainder or modulo, a.data, b.data)) end
  local size, divisor = ops.abs(a.data), ops.abs(b.data)
  local rest = ops.mod(size, divisor)
  if is_c then return a:like(ops.where(ops.less(a.data, 0), -rest, rest)) end
  return a:like(ops.mod(a.data, b.data))
end

local function comparison(name, method)
  operators[name] = function(call, a, b)
    return value.new(tensor.methods[method](a.data, aligned(call, a, b)), "bool")
  end
end
comparison("Equal", "eq")
comparison("Greater", "gt")
comparison("Less", "lt")
comparison("GreaterOrEqual", "ge")
comparison("LessOrEqual", "le")

local function logical(name, f)
  operators[name] = function(call, a, b) return value.new(f(a.data, aligned(call, a, b)), "bool") end
end
logical("And", ops.logical_and)
logical("Or", ops.logical_or)
logical("Xor", ops.logical_xor)

-- ---- bits ----------------------------------------------------------------------------------------------------------

local function bitwise(name, f)
  operators[name] = function(_, a, b) return a:like(by_integer(f, a.data, b.data)) end
end
bitwise("BitwiseAnd", function(a, b) return a & b end)
bitwise("BitwiseOr", function(a, b) return a | b end)
bitwise("BitwiseXor", function(a, b) return a ~ b end)

function operators.BitwiseNot(_, x) return x:like(-x.data - 1) end

function operators.BitShift(call, a, b)
  local is_left = call.attributes.direction == "LEFT"
  return a:like(by_integer(function(x, y) return is_left and x << y or x >> y end, a.data, b.data))
end

-- ---- any number of inputs ------------------------------------------------------------------------------------------

local function variadic(name, f)
  operators[name] = function(_, first, ...)
    local result = first.data
    for _, each in ipairs { ... } do result = f(result, each.data) end
    return first:like(result)
  end
end
local function add(x, y) return x + y end
variadic("Max", ops.maximum)
variadic("Min", ops.minimum)
variadic("Sum", add)

function operators.Mean(call, first, ...)
  local sum = operators.Sum(call, first, ...)
  return sum:like(sum.data / (1 + select("#", ...)))
end

-- ---- limits, choices, types ----------------------------------------------------------------------------------------

function operators.Clip(call, x, low, high)
  local a, result = call.attributes, x.data
  low, high = low and low.data or a.min, high and high.data or a.max
  if low then result = ops.maximum(result, low) end
  if high then result = ops.minimum(result, high) end
  return x:like(result)
end

function operators.PRelu(call, x, slope)
  local slopes = slope.data
  if call.version < 7 and slopes.ndim == 1 and x.data.ndim > 2 then -- one for each channel
    local shape = { slopes.size }
    for axis = 2, x.data.ndim - 1 do shape[axis] = 1 end
    slopes = slopes:reshape(shape)
  end
  return x:like(ops.where(ops.less(x.data, 0), x.data * slopes, x.data))
end

function operators.Where(_, condition, a, b) return a:like(tensor.where(condition.data, a.data, b.data)) end

-- Fractions are cut toward zero.
local function whole(x)
  return ops.where(ops.less(x, 0), ops.ceil(x), ops.floor(x))
end

local function cast(x, type)
  if type == "bool" then return value.new(x.data:ne(0), "bool") end
  local dtype = value.held_as(type)
  if x:is_float() and dtype == "int32" then return value.new(whole(x.data), type) end
  return value.new(x.data, type)
end

function operators.Cast(call, x)
  local to = call.attributes.to
  local names = { FLOAT = "float32", INT32 = "int32", INT64 = "int64", BOOL = "bool", DOUBLE = "float64" } -- version 1
  local type = names[to] or value.names[to]
  return cast(x, type or value.invalid("cannot change to the type %s", tostring(to)))
end

function operators.CastLike(_, x, other) return cast(x, other.type) end

return operators
