--- Each activation's name, its options as in Keras' signature, and what they are to the engine.
-- @submodule nn.activations
local arguments = require "nn.support.arguments"

-- names: all, in order. by_name -> signature of the options; lower: function(bound options) -> the engine's config.
local functions = { names = {}, by_name = {} }

local AXIS = { "axis", -1 }

local function define(name, list, lower)
  functions.names[#functions.names + 1] = name
  functions.by_name[name] = {
    signature = arguments.signature(name, list or {}),
    lower = lower or function() return { activation = name } end,
  }
end

--- x itself.
-- @function linear
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.linear(x)
define "linear"

--- max(x, 0); in general max_value where x is above that, x between, negative_slope (x - threshold) below the
-- threshold.
-- @function relu
-- @tparam tensor x
-- @tparam[opt] table options negative_slope (0), max_value (none), threshold (0)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.relu(x, { max_value = 6 })
define("relu", { { "negative_slope", 0 }, { "max_value" }, { "threshold", 0 } }, function(a)
  if a.negative_slope == 0 and not a.max_value and a.threshold == 0 then return { activation = "relu" } end
  return { activation = "general_relu", negative_slope = a.negative_slope, max_value = a.max_value,
    threshold = a.threshold }
end)

--- x above 0, negative_slope x below.
-- @function leaky_relu
-- @tparam tensor x
-- @tparam[opt] table options negative_slope (0.2; the layer LeakyReLU has 0.3)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.leaky_relu(x, { negative_slope = 0.1 })
define("leaky_relu", { { "negative_slope", 0.2 } }, function(a)
  return { activation = "leaky_relu", negative_slope = a.negative_slope }
end)

--- x above 0, alpha (exp(x) - 1) below.
-- @function elu
-- @tparam tensor x
-- @tparam[opt] table options alpha (1)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.elu(x, { alpha = 0.5 })
define("elu", { { "alpha", 1 } }, function(a) return { activation = "elu", alpha = a.alpha } end)

--- max(x, 0) + min(alpha (exp(x / alpha) - 1), 0).
-- @function celu
-- @tparam tensor x
-- @tparam[opt] table options alpha (1)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.celu(x, { alpha = 2 })
define("celu", { { "alpha", 1 } }, function(a) return { activation = "celu", alpha = a.alpha } end)

--- x times the probability that a normal number is below x; with approximate by tanh.
-- @function gelu
-- @tparam tensor x
-- @tparam[opt] table options approximate (false)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.gelu(x, { approximate = true })
define("gelu", { { "approximate", false } }, function(a)
  return { activation = a.approximate and "gelu_tanh" or "gelu" }
end)

--- (x + sqrt(x^2 + b)) / 2.
-- @function squareplus
-- @tparam tensor x
-- @tparam[opt] table options b (4)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.squareplus(x, { b = 2 })
define("squareplus", { { "b", 4 } }, function(a) return { activation = "squareplus", b = a.b } end)

--- x nearer to 0 by threshold, 0 within it.
-- @function soft_shrink
-- @tparam tensor x
-- @tparam[opt] table options threshold (0.5)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.soft_shrink(x, { threshold = 1 })
define("soft_shrink", { { "threshold", 0.5 } }, function(a)
  return { activation = "soft_shrink", threshold = a.threshold }
end)

--- x beyond threshold on either side, 0 within it.
-- @function hard_shrink
-- @tparam tensor x
-- @tparam[opt] table options threshold (0.5)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.hard_shrink(x, { threshold = 1 })
define("hard_shrink", { { "threshold", 0.5 } }, function(a)
  return { activation = "hard_shrink", threshold = a.threshold }
end)

--- x above threshold, default_value elsewhere; both must be given.
-- @function threshold
-- @tparam tensor x
-- @tparam[opt] table options threshold, default_value
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.threshold(x, { threshold = 0.5, default_value = 0 })
define("threshold", { { "threshold", arguments.required }, { "default_value", arguments.required } }, function(a)
  return { activation = "threshold", threshold = a.threshold, default_value = a.default_value }
end)

--- 1 / (1 + exp(-x)).
-- @function sigmoid
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.sigmoid(x)
define "sigmoid"

--- The hyperbolic tangent.
-- @function tanh
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.tanh(x)
define "tanh"

--- exp(x) divided by its sum over an axis, or over several.
-- @function softmax
-- @tparam tensor x
-- @tparam[opt] table options axis (-1), a position or a list of them
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.softmax(x, { axis = 1 })
define("softmax", { AXIS })

--- 1.0507 times elu with alpha 1.6733: keeps mean 0 and variance 1 (Klambauer et al. 2017).
-- @function selu
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.selu(x)
define "selu"

--- log(1 + exp(x)).
-- @function softplus
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.softplus(x)
define "softplus"

--- x sigmoid(x). Also `swish`.
-- @function silu
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage
-- nn.activations.silu(x)
-- nn.activations.swish(x)
define "silu"

--- exp(x).
-- @function exponential
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.exponential(x)
define "exponential"

--- min(max(x, 0), 6).
-- @function relu6
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.relu6(x)
define "relu6"

--- x / (1 + |x|).
-- @function softsign
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.softsign(x)
define "softsign"

--- x / 6 + 1 / 2, from 0 to 1.
-- @function hard_sigmoid
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.hard_sigmoid(x)
define "hard_sigmoid"

--- x / 5 + 1 / 2, from 0 to 1: what Keras 1 and 2 call hard_sigmoid. Models from their files have it.
-- @function hard_sigmoid_keras2
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.hard_sigmoid_keras2(x)
define "hard_sigmoid_keras2"

--- x hard_sigmoid(x). Also `hard_swish`.
-- @function hard_silu
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage
-- nn.activations.hard_silu(x)
-- nn.activations.hard_swish(x)
define "hard_silu"

--- x, from -1 to 1.
-- @function hard_tanh
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.hard_tanh(x)
define "hard_tanh"

--- x tanh(softplus(x)).
-- @function mish
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.mish(x)
define "mish"

--- log(sigmoid(x)).
-- @function log_sigmoid
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.log_sigmoid(x)
define "log_sigmoid"

--- 0 below -1, x above 1, (x + 1)^2 / 4 between.
-- @function sparse_plus
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.sparse_plus(x)
define "sparse_plus"

--- 0 below -1, 1 above 1, (x + 1) / 2 between.
-- @function sparse_sigmoid
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.sparse_sigmoid(x)
define "sparse_sigmoid"

--- x - tanh(x).
-- @function tanh_shrink
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.tanh_shrink(x)
define "tanh_shrink"

--- 1 from 0 on, 0 below; its gradient is 0.
-- @function step
-- @tparam tensor x
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.step(x)
define "step"

--- log(softmax(x)), over an axis, or over several.
-- @function log_softmax
-- @tparam tensor x
-- @tparam[opt] table options axis (-1), a position or a list of them
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.log_softmax(x, { axis = 1 })
define("log_softmax", { AXIS })

--- The nearest point whose values are not negative and sum to 1, over an axis (Martins and Astudillo 2016).
-- @function sparsemax
-- @tparam tensor x
-- @tparam[opt] table options axis (-1)
-- @treturn tensor float32, of the same shape
-- @usage nn.activations.sparsemax(x, { axis = 1 })
define("sparsemax", { AXIS })

--- A gated linear unit (Dauphin et al. 2017): of an axis' halves, the first times the sigmoid of the second.
-- @function glu
-- @tparam tensor x
-- @tparam[opt] table options axis (-1)
-- @treturn tensor float32, half as long along the axis
-- @usage nn.activations.glu(x)
define("glu", { AXIS }, function() return {} end)

return functions
