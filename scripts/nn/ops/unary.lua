--- Functions of each element.
-- @submodule nn.ops
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local function itself(x) return x end

--- The absolute value of each element. Also `absolute`.
-- @function abs
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.abs(x)
base.define { "abs", integers = tensor.methods.abs, aliases = { "absolute" } }

--- The angle whose cosine is the element, from 0 to pi.
-- @function arccos
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.arccos(x)
base.define { "arccos" }

--- The inverse of `cosh`.
-- @function arccosh
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.arccosh(x)
base.define { "arccosh" }

--- The angle whose sine is the element, from -pi / 2 to pi / 2.
-- @function arcsin
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.arcsin(x)
base.define { "arcsin" }

--- The inverse of `sinh`.
-- @function arcsinh
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.arcsinh(x)
base.define { "arcsinh" }

--- The angle whose tangent is the element, from -pi / 2 to pi / 2.
-- @function arctan
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.arctan(x)
base.define { "arctan" }

--- The inverse of `tanh`.
-- @function arctanh
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.arctanh(x)
base.define { "arctanh" }

--- The least whole number that is not below the element. Its gradient is 0.
-- @function ceil
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.ceil(x)
base.define { "ceil", integers = itself }

--- The cosine of each element, an angle in radians.
-- @function cos
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.cos(x)
base.define { "cos" }

--- The hyperbolic cosine.
-- @function cosh
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.cosh(x)
base.define { "cosh" }

--- The error function: 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to the element.
-- @function erf
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.erf(x)
base.define { "erf" }
--- The number whose erf x is.
-- @function erfinv
-- @tparam tensor x from -1 to 1
-- @treturn tensor
-- @usage nn.ops.erfinv{ 0, 0.5 }
base.define { "erfinv" }

--- e to the power of each element.
-- @function exp
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.exp(x)
base.define { "exp" }

--- exp(x) - 1, exact for small x.
-- @function expm1
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.expm1(x)
base.define { "expm1" }

--- The greatest whole number that is not above the element. Its gradient is 0.
-- @function floor
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.floor(x)
base.define { "floor", integers = itself }

--- 1 where an element is neither NaN nor infinite, else 0.
-- @function isfinite
-- @tparam tensor x
-- @treturn tensor uint8
-- @usage nn.ops.isfinite(x)
base.define { "isfinite", dtype = "uint8" }

--- 1 where an element is infinite, else 0.
-- @function isinf
-- @tparam tensor x
-- @treturn tensor uint8
-- @usage nn.ops.isinf(x)
base.define { "isinf", dtype = "uint8" }

--- 1 where an element is NaN, else 0.
-- @function isnan
-- @tparam tensor x
-- @treturn tensor uint8
-- @usage nn.ops.isnan(x)
base.define { "isnan", dtype = "uint8" }

--- The natural logarithm.
-- @function log
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.log(x)
base.define { "log" }

--- The logarithm to base 10.
-- @function log10
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.log10(x)
base.define { "log10" }

--- log(1 + x), exact for small x.
-- @function log1p
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.log1p(x)
base.define { "log1p" }

--- The logarithm to base 2.
-- @function log2
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.log2(x)
base.define { "log2" }

--- 1 where an element is 0, else 0.
-- @function logical_not
-- @tparam tensor x
-- @treturn tensor uint8
-- @usage nn.ops.logical_not(x)
base.define { "logical_not", dtype = "uint8" }

--- -x.
-- @function negative
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.negative(x)
base.define { "negative", integers = function(x) return -x end }

--- 1 / x.
-- @function reciprocal
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.reciprocal(x)
base.define { "reciprocal" }

--- 1 / sqrt(x).
-- @function rsqrt
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.rsqrt(x)
base.define { "rsqrt" }

--- 1 where an element is above 0, -1 where it is below, else 0. Its gradient is 0.
-- @function sign
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.sign(x)
base.define { "sign", integers = function(x) return x:gt(0) - x:lt(0) end }

--- The sine of each element, an angle in radians.
-- @function sin
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.sin(x)
base.define { "sin" }

--- The hyperbolic sine.
-- @function sinh
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.sinh(x)
base.define { "sinh" }

--- The square root.
-- @function sqrt
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.sqrt(x)
base.define { "sqrt" }

--- x^2.
-- @function square
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.square(x)
base.define { "square", integers = function(x) return x * x end }

--- The tangent of each element, an angle in radians.
-- @function tan
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.tan(x)
base.define { "tan" }

--- The hyperbolic tangent.
-- @function tanh
-- @tparam tensor x
-- @treturn tensor float32
-- @usage nn.ops.tanh(x)
base.define { "tanh" }

--- x itself, through which no gradient passes.
-- @function stop_gradient
-- @tparam tensor x
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.stop_gradient(x)
base.define { "stop_gradient", integers = itself }
