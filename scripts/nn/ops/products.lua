--- Products: of matrices, over any axes, and what is made of them.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local axis_lists = require "nn.ops.axis_lists"
local base = require "nn.ops.base"

local ops = base.ops
local PAIR = { "x1", "x2" }
local range, product_of, pick = axis_lists.range, axis_lists.product_of, axis_lists.pick
local joined, without = axis_lists.joined, axis_lists.without

--- The matrix product over the last two axes; the axes before are broadcast. A vector is a row on the left and a
-- column on the right.
-- @function matmul
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.matmul(t, nn.ones{ 3, 5 })
base.define { "matmul", operands = PAIR }

-- The axes of both sides that are multiplied and summed.
local function contracted(axes, ndim1, ndim2)
  if math.type(axes) == "integer" then return range(ndim1 - axes + 1, ndim1), range(1, axes) end
  local function positions(list, ndim)
    local found = {}
    for i, axis in ipairs(type(list) == "table" and list or { list }) do
      if math.type(axis) ~= "integer" or axis == 0 or math.abs(axis) > ndim then
        blame("tensordot: axes: a tensor of %d axes has no axis %s", ndim, tostring(axis))
      end
      found[i] = axis < 0 and axis + ndim + 1 or axis
    end
    return found
  end
  if type(axes) ~= "table" or #axes ~= 2 then
    blame("tensordot: axes: expected a number of axes or two lists of them, got %s", blame.got(axes))
  end
  return positions(axes[1], ndim1), positions(axes[2], ndim2)
end

--- The sum of products over axes of both sides.
-- @function tensordot
-- @tparam tensor x1
-- @tparam tensor x2
-- @tparam[opt=2] integer|table axes the number of last axes of x1 and first ones of x2, or two lists of axes
-- @treturn tensor float32: the other axes of x1, then those of x2
-- @usage nn.ops.tensordot(t, t, { { 2 }, { 2 } }) -- shape 2x2
base.compose { "tensordot", operands = PAIR, options = { { "axes", 2 } }, compute = function(x1, x2, options)
  local shape1, shape2 = base.shape_of(x1), base.shape_of(x2)
  local axes1, axes2 = contracted(options.axes, #shape1, #shape2)
  local free1, free2 = without(#shape1, axes1), without(#shape2, axes2)
  local summed1, summed2 = pick(shape1, axes1), pick(shape2, axes2)
  for i = 1, math.max(#summed1, #summed2) do
    if summed1[i] ~= summed2[i] then
      blame("tensordot: the axes do not fit together: lengths %s against %s", table.concat(summed1, ", "),
        table.concat(summed2, ", "))
    end
  end
  local lengths1, lengths2, n = pick(shape1, free1), pick(shape2, free2), product_of(summed1)
  local left = ops.reshape(ops.transpose(x1, joined(free1, axes1)), { product_of(lengths1), n })
  local right = ops.reshape(ops.transpose(x2, joined(axes2, free2)), { n, product_of(lengths2) })
  return ops.reshape(ops.matmul(left, right), joined(lengths1, lengths2))
end }

--- NumPy's dot: the product of numbers with a tensor; else the sum over the last axis of x1 and the last but one of x2.
-- @function dot
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.dot({ 1, 2 }, { 3, 4 }):item() --> 11.0
base.compose { "dot", operands = PAIR, compute = function(x1, x2)
  local ndim1, ndim2 = #base.shape_of(x1), #base.shape_of(x2)
  if ndim1 == 0 or ndim2 == 0 then return ops.multiply(x1, x2) end
  return ops.tensordot(x1, x2, { { -1 }, { ndim2 == 1 and 1 or -2 } })
end }

--- The sum of products over the last axis of both.
-- @function inner
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.inner(t, t)
base.compose { "inner", operands = PAIR, compute = function(x1, x2)
  if #base.shape_of(x1) == 0 or #base.shape_of(x2) == 0 then return ops.multiply(x1, x2) end
  return ops.tensordot(x1, x2, { { -1 }, { -1 } })
end }

--- The products of all pairs; both sides are taken as vectors.
-- @function outer
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor
-- @usage nn.ops.outer({ 1, 2 }, { 1, 10, 100 })
base.compose { "outer", operands = PAIR, compute = function(x1, x2)
  return ops.multiply(ops.reshape(x1, { -1, 1 }), ops.reshape(x2, { 1, -1 }))
end }

--- The sum of the products of all elements; both sides are taken as vectors.
-- @function vdot
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.vdot(t, t)
base.compose { "vdot", operands = PAIR,
  compute = function(x1, x2) return ops.matmul(ops.reshape(x1, { -1 }), ops.reshape(x2, { -1 })) end }

-- ---- norms ---------------------------------------------------------------------------------------------------------

--- The norm of vectors: `ord` 2 (the default; the root of the sum of squares, over any axes), 1, `math.huge`,
-- `-math.huge` or another power.
-- @function norm
-- @tparam tensor x
-- @tparam[opt=2] number ord also "fro" and "euclidean", which are 2
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.norm(x, { axis = -1 })
base.compose { "norm", options = { { "ord" }, { "axis" }, { "keepdims", false } }, compute = function(x, options)
  local ord, over = options.ord or 2, { axis = options.axis, keepdims = options.keepdims }
  if ord == 2 or ord == "fro" or ord == "euclidean" then return ops.sqrt(ops.sum(ops.square(x), over)) end
  if type(ord) ~= "number" or ord == 0 then
    blame('norm: ord: expected a number other than 0, "fro" or "euclidean", got %s', blame.got(ord))
  end
  local size = ops.abs(x)
  if ord == math.huge then return ops.max(size, over) end
  if ord == -math.huge then return ops.min(size, over) end
  return ops.power(ops.sum(ops.power(size, ord), over), 1 / ord)
end }

--- Divided by the norm along an axis, or by epsilon if that is greater.
-- @function normalize
-- @tparam tensor x
-- @tparam[opt=-1] integer|{integer,...} axis
-- @tparam[opt=2] number order
-- @tparam[opt=1e-7] number epsilon
-- @treturn tensor float32, of the same shape
-- @usage nn.ops.normalize(x, 1)
base.compose { "normalize", options = { { "axis", -1 }, { "order", 2 }, { "epsilon", 1e-7 } },
  compute = function(x, options)
    local over = { axis = options.axis, keepdims = true }
    if options.order == 2 then -- the root of 0 has no gradient
      return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), over), options.epsilon ^ 2)))
    end
    local norm = ops.norm(x, { ord = options.order, axis = options.axis, keepdims = true })
    return ops.divide(x, ops.maximum(norm, options.epsilon))
  end }
