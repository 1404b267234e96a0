--- Functions of pairs of elements: arithmetic, comparisons, logic. Their tensors are broadcast together as in NumPy.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local kinds = require "nn.support.kinds"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops = base.ops

local function define(definition)
  definition.operands = { "x1", "x2" }
  base.define(definition)
end

-- The operation on the numbers as float32, and a whole result.
local function whole(name)
  return function(a, b) return base.run(name, {}, { a, b }):astype "int32" end
end

-- ---- arithmetic ----------------------------------------------------------------------------------------------------

--- x1 + x2.
-- @function add
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.add(t, 2)
define { "add", integers = function(a, b) return a + b end }

--- x1 - x2.
-- @function subtract
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.subtract(t, 2)
define { "subtract", integers = function(a, b) return a - b end }

--- x1 x2.
-- @function multiply
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.multiply(t, 2)
define { "multiply", integers = function(a, b) return a * b end }

--- x1 / x2. Also `true_divide`.
-- @function divide
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.divide(t, 2)
define { "divide", aliases = { "true_divide" } }

--- x1 / x2, and 0 where x2 is 0.
-- @function divide_no_nan
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.divide_no_nan(t, 2)
define { "divide_no_nan" }

--- The greatest whole number that is not above x1 / x2. Its gradient is 0.
-- @function floor_divide
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.floor_divide(t, 2)
define { "floor_divide", integers = whole("floor_divide") }

--- The remainder of x1 / x2, with the sign of x2.
-- @function mod
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.mod(t, 2)
define { "mod", integers = whole("mod") }

--- x1 to the power of x2.
-- @function power
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.power(t, 2)
define { "power" }

--- The angle of the point (x2, x1), from -pi to pi.
-- @function arctan2
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.arctan2(t, 2)
define { "arctan2" }

--- sqrt(x1^2 + x2^2).
-- @function hypot
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.hypot(t, 2)
define { "hypot" }

--- log(exp(x1) + exp(x2)), without overflow.
-- @function logaddexp
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.logaddexp(t, 2)
define { "logaddexp" }

--- The greater of each pair of elements; NaN if one is. Equal elements share the gradient.
-- @function maximum
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.maximum(t, 2)
define { "maximum", integers = tensor.methods.maximum }

--- The less of each pair of elements; NaN if one is. Equal elements share the gradient.
-- @function minimum
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.minimum(t, 2)
define { "minimum", integers = tensor.methods.minimum }

-- ---- comparisons and logic -----------------------------------------------------------------------------------------

local function compare(name, method)
  define { name, dtype = "uint8", integers = tensor.methods[method] }
end

--- 1 where x1 and x2 are equal, else 0.
-- @function equal
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.equal(t, 2)
compare("equal", "eq")

--- 1 where x1 and x2 differ, else 0.
-- @function not_equal
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.not_equal(t, 2)
compare("not_equal", "ne")

--- 1 where x1 > x2, else 0.
-- @function greater
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.greater(t, 2)
compare("greater", "gt")

--- 1 where x1 >= x2, else 0.
-- @function greater_equal
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.greater_equal(t, 2)
compare("greater_equal", "ge")

--- 1 where x1 < x2, else 0.
-- @function less
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.less(t, 2)
compare("less", "lt")

--- 1 where x1 <= x2, else 0.
-- @function less_equal
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.less_equal(t, 2)
compare("less_equal", "le")

--- 1 where neither x1 nor x2 is 0, else 0.
-- @function logical_and
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.logical_and(t, 2)
define { "logical_and", dtype = "uint8" }

--- 1 where x1 or x2 is not 0, else 0.
-- @function logical_or
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.logical_or(t, 2)
define { "logical_or", dtype = "uint8" }

--- 1 where exactly one of x1 and x2 is 0, else 0.
-- @function logical_xor
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor uint8
-- @usage nn.ops.logical_xor(t, 2)
define { "logical_xor", dtype = "uint8" }

-- ---- others --------------------------------------------------------------------------------------------------------

--- Elements of x1 where the condition is not 0, else of x2; all three are broadcast together.
-- @function where
-- @tparam tensor condition as comparisons give it
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.where(nn.ops.greater(t, 1), t, 0)
base.define { "where", operands = { "condition", "x1", "x2" }, integers = tensor.where }

--- Elements below `x_min` become `x_min`, those above `x_max` become `x_max`.
-- @function clip
-- @tparam tensor x
-- @tparam number|tensor x_min
-- @tparam number|tensor x_max
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.clip(t, 0, 1)
base.compose { "clip", options = { { "x_min", arguments.required }, { "x_max", arguments.required } },
  compute = function(x, options) return ops.minimum(ops.maximum(x, options.x_min), options.x_max) end }

--- The nearest number with so many decimals; halves go to the even neighbour. Its gradient is 0.
-- @function round
-- @tparam tensor x
-- @tparam[opt=0] integer decimals digits after the point; negative: before it
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.round(t, 2)
base.compose { "round", options = { { "decimals", 0, kinds.integer } }, compute = function(x, options)
  if options.decimals == 0 then return base.are_whole { x } and x or base.run("round", {}, { x }) end
  local scale = 10.0 ^ options.decimals
  return ops.divide(base.run("round", {}, { ops.multiply(x, scale) }), scale)
end }
