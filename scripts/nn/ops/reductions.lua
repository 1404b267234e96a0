--- Many elements to one: sums, extremes and their positions, and what is made of them.
--
-- `axis` is a position, a list of positions, or nothing: all axes. `keepdims` keeps the axes with length 1.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops = base.ops

local OPTIONS = { { "axis" }, { "keepdims", false } }

-- ---- reductions of the engine --------------------------------------------------------------------------------------

-- A method of tensors gives a number where no axis is left; an operation gives a tensor.
local function by_method(name)
  return function(x, options)
    local result = tensor.methods[name](x, options)
    if tensor.is_tensor(result) then return result end
    return tensor.full({}, result, name:find "^arg" and "int32" or name == "sum" and "int32" or x.dtype)
  end
end

local function axes_of(options, name)
  local axis = options.axis
  if axis == nil then return { keepdims = options.keepdims } end
  local list = type(axis) == "table" and axis or { axis }
  local are_positions = #list > 0
  for _, each in ipairs(list) do are_positions = are_positions and math.type(each) == "integer" end
  if not are_positions then
    blame("%s: axis: expected a position such as 2 or -1, or a list of them, got %s", name, blame.got(axis))
  end
  return { axis = list, keepdims = options.keepdims }
end

local function reduction(name, definition)
  definition = definition or {}
  definition[1], definition.options = name, OPTIONS
  definition.config = function(options) return axes_of(options, name) end
  base.define(definition)
end

--- The sum, in double precision.
-- @function sum
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32; int32 from integers
-- @usage nn.ops.sum(x, { axis = 2, keepdims = true })
reduction("sum", { integers = by_method "sum" })

--- The mean.
-- @function mean
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.mean(x, 1)
reduction "mean"

--- The product.
-- @function prod
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.prod(x, -1)
reduction "prod"

--- The greatest element; NaN if there is one. Elements that are equally great share the gradient. Also `amax`.
-- @function max
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor of the type of x
-- @usage nn.ops.max(x, 2)
reduction("max", { integers = by_method "max", aliases = { "amax" } })

--- The least element; NaN if there is one. Elements that are equally small share the gradient. Also `amin`.
-- @function min
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor of the type of x
-- @usage nn.ops.min(x, 2)
reduction("min", { integers = by_method "min", aliases = { "amin" } })

--- log(sum(exp(x))), without overflow.
-- @function logsumexp
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.logsumexp(x, -1)
reduction "logsumexp"

local function position(name)
  base.define { name, options = OPTIONS, dtype = "int32", integers = by_method(name) }
end

--- Where the greatest element is, the first of several: a class id, so it counts from 0. Without an axis, in x as one
-- vector.
-- @function argmax
-- @tparam tensor x
-- @tparam[opt] integer axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor int32
-- @usage nn.ops.argmax(y_pred, -1)
position "argmax"

--- Where the least element is; see `argmax`.
-- @function argmin
-- @tparam tensor x
-- @tparam[opt] integer axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor int32
-- @usage nn.ops.argmin(x, 1)
position "argmin"

--- The sums of all elements up to each one, along an axis; without one, of x as one vector.
-- @function cumsum
-- @tparam tensor x
-- @tparam[opt] integer axis
-- @treturn tensor float32
-- @usage nn.ops.cumsum(x, 1)
base.define { "cumsum", options = { { "axis" } } }

--- The products of all elements up to each one, along an axis; without one, of x as one vector.
-- @function cumprod
-- @tparam tensor x
-- @tparam[opt] integer axis
-- @treturn tensor float32
-- @usage nn.ops.cumprod(x, 1)
base.define { "cumprod", options = { { "axis" } } }

-- ---- composed ------------------------------------------------------------------------------------------------------

--- 1 where any element is not 0, else 0.
-- @function any
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor uint8
-- @usage nn.ops.any(nn.ops.isnan(x))
base.compose { "any", options = OPTIONS,
  compute = function(x, options) return ops.max(ops.not_equal(x, 0), options) end }

--- 1 where no element is 0, else 0.
-- @function all
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor uint8
-- @usage nn.ops.all(nn.ops.isfinite(x), 2)
base.compose { "all", options = OPTIONS,
  compute = function(x, options) return ops.min(ops.not_equal(x, 0), options) end }

--- How many elements are not 0.
-- @function count_nonzero
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @treturn tensor int32
-- @usage nn.ops.count_nonzero(x, 1)
base.compose { "count_nonzero", options = { { "axis" } }, compute = function(x, options)
  return ops.sum(ops.not_equal(x, 0), options.axis)
end }

local function variance_of(x, axis, keepdims)
  local centered = ops.subtract(x, ops.mean(x, { axis = axis, keepdims = true }))
  return ops.mean(ops.square(centered), { axis = axis, keepdims = keepdims })
end

--- The variance, of the population: the mean of the squared distances from the mean.
-- @function var
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.var(x, 1)
base.compose { "var", options = OPTIONS,
  compute = function(x, options) return variance_of(x, options.axis, options.keepdims) end }

--- The standard deviation, the square root of `var`.
-- @function std
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.std(x, 1)
base.compose { "std", options = OPTIONS,
  compute = function(x, options) return ops.sqrt(variance_of(x, options.axis, options.keepdims)) end }

--- The mean and the variance.
-- @function moments
-- @tparam tensor x
-- @tparam integer|{integer,...} axes
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor the mean
-- @treturn tensor the variance
-- @usage local mean, variance = nn.ops.moments(x, 1)
base.compose { "moments", options = { { "axes", arguments.required }, { "keepdims", false } },
  compute = function(x, options)
    return ops.mean(x, { axis = options.axes, keepdims = options.keepdims }),
      variance_of(x, options.axes, options.keepdims)
  end }

--- The mean with weights. These have the shape of x, or are one for each position along the axis.
-- @function average
-- @tparam tensor x
-- @tparam[opt] integer axis
-- @tparam[opt] tensor weights none: `mean`
-- @treturn tensor float32
-- @usage nn.ops.average(t, 2, { 1, 2, 1 })
base.compose { "average", options = { { "axis" }, { "weights" } }, compute = function(x, options)
  local axis = options.axis
  if options.weights == nil then return ops.mean(x, axis) end
  local weights = base.tensor(options.weights, "average")
  local ndim, lengths = #base.shape_of(x), base.shape_of(weights)
  if #lengths == 1 and ndim > 1 and axis then
    local shape = {}
    for i = 1, ndim do shape[i] = i == base.axis("average", axis, ndim) and lengths[1] or 1 end
    weights = ops.reshape(weights, shape)
  end
  weights = ops.multiply(weights, ops.ones_like(x))
  return ops.divide(ops.sum(ops.multiply(x, weights), axis), ops.sum(weights, axis))
end }
