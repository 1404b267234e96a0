--- The same elements in another form.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local base = require "nn.ops.base"
local integers = require "nn.ops.integers"

local ops, required = base.ops, arguments.required

-- What computes it for integers: `options` are the engine's own arguments.
local function moving(name)
  return function(x, options)
    return integers.moved(x, function(part) return base.run(name, options, { part }) end)
  end
end

--- The axes in another order.
-- @function transpose
-- @tparam tensor x
-- @tparam[opt] {integer,...} axes which axis of x becomes the first, the second ...; by default they are reversed
-- @treturn tensor a copy, of x's type
-- @usage nn.ops.transpose(images, { 1, 3, 2 })
base.define { "transpose", options = { { "axes" } },
  integers = function(x, options) return x:transpose(options.axes or {}):copy() end }

--- Another shape of as many elements.
-- @function reshape
-- @tparam tensor x
-- @tparam {integer,...} newshape one length may be -1: what the others leave
-- @treturn tensor of x's type
-- @usage nn.ops.reshape(images, { -1, 784 })
base.define { "reshape", options = { { "newshape", required } },
  config = function(options) return { shape = options.newshape } end,
  integers = function(x, options) return x:reshape(options.newshape):copy() end }

--- Axes of length 1 stretched, and new axes put before the others, as NumPy does.
-- @function broadcast_to
-- @tparam tensor x
-- @tparam {integer,...} shape -1 keeps the length of x's axis
-- @treturn tensor of x's type
-- @usage nn.ops.broadcast_to({ 1, 2, 3 }, { 2, 3 }) --> shape 2x3
base.define { "broadcast_to", options = { { "shape", required } }, integers = moving "broadcast_to" }

--- The elements in reversed order.
-- @function flip
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis by default all
-- @treturn tensor of x's type
-- @usage nn.ops.flip(x, 2)
base.define { "flip", options = { { "axis", nil, kinds.one_or_more_integers } },
  config = function(options) return { axis = base.list(options.axis) } end,
  integers = function(x, options) return moving "flip"(x, { axis = base.list(options.axis) }) end }

--- One axis.
-- @function ravel
-- @tparam tensor x
-- @treturn tensor of x's type
-- @usage nn.ops.ravel(images)
base.compose { "ravel", compute = function(x) return ops.reshape(x, { -1 }) end }

--- New axes of length 1.
-- @function expand_dims
-- @tparam tensor x
-- @tparam integer|{integer,...} axis where they are in the result
-- @treturn tensor of x's type
-- @usage nn.ops.expand_dims({ 1, 2, 3 }, -1) --> shape 3x1
base.compose { "expand_dims", options = { { "axis", required, kinds.one_or_more_integers } },
  compute = function(x, options)
    local axes, shape = base.list(options.axis), base.shape_of(x)
    local ndim, positions = #shape + #axes, {}
    for i, axis in ipairs(axes) do positions[i] = base.axis("expand_dims", axis, ndim) end
    table.sort(positions)
    for _, position in ipairs(positions) do table.insert(shape, position, 1) end
    return ops.reshape(x, shape)
  end }

--- Without axes of length 1.
-- @function squeeze
-- @tparam tensor x
-- @tparam[opt] integer|{integer,...} axis by default all that have length 1
-- @treturn tensor of x's type
-- @usage nn.ops.squeeze(nn.zeros{ 3, 1 }) --> shape 3
base.compose { "squeeze", options = { { "axis", nil, kinds.one_or_more_integers } },
  compute = function(x, options)
    local shape, left, is_named = base.shape_of(x), {}, {}
    for _, axis in ipairs(base.list(options.axis)) do
      local position = base.axis("squeeze", axis, #shape)
      if shape[position] ~= 1 then
        blame("squeeze: axis: expected an axis of length 1, axis %d has %d", position, shape[position])
      end
      is_named[position] = true
    end
    for axis, length in ipairs(shape) do
      if length ~= 1 or options.axis ~= nil and not is_named[axis] then left[#left + 1] = length end
    end
    return ops.reshape(x, left)
  end }

--- Axes at other places; the others keep their order.
-- @function moveaxis
-- @tparam tensor x
-- @tparam integer|{integer,...} source
-- @tparam integer|{integer,...} destination as many
-- @treturn tensor of x's type
-- @usage nn.ops.moveaxis(images, -1, 1)
base.compose { "moveaxis",
  options = { { "source", required, kinds.one_or_more_integers },
    { "destination", required, kinds.one_or_more_integers } },
  compute = function(x, options)
    local from, to, ndim = base.list(options.source), base.list(options.destination), #base.shape_of(x)
    if #from ~= #to then blame("moveaxis: got %d sources and %d destinations", #from, #to) end
    local order, is_moved = {}, {}
    for i, axis in ipairs(from) do
      local source, place = base.axis("moveaxis", axis, ndim), base.axis("moveaxis", to[i], ndim)
      if is_moved[source] or order[place] then blame("moveaxis: axis %d is there twice", axis) end
      order[place], is_moved[source] = source, true
    end
    local place = 1
    for axis = 1, ndim do
      if not is_moved[axis] then
        while order[place] do place = place + 1 end
        order[place] = axis
      end
    end
    return ops.transpose(x, order)
  end }

--- Two axes exchanged.
-- @function swapaxes
-- @tparam tensor x
-- @tparam integer axis1
-- @tparam integer axis2
-- @treturn tensor of x's type
-- @usage nn.ops.swapaxes(images, 2, 3)
base.compose { "swapaxes", options = { { "axis1", required }, { "axis2", required } },
  compute = function(x, options)
    local order = {}
    for axis = 1, #base.shape_of(x) do order[axis] = axis end
    local a, b = base.axis("swapaxes", options.axis1, #order), base.axis("swapaxes", options.axis2, #order)
    order[a], order[b] = order[b], order[a]
    return ops.transpose(x, order)
  end }

--- A quarter turn of the plane of two axes, from the first towards the second, k times.
-- @function rot90
-- @tparam tensor array
-- @tparam[opt=1] integer k negative: the other way
-- @tparam[opt] {integer,...} axes by default the first two
-- @treturn tensor of its type
-- @usage nn.ops.rot90(x)
base.compose { "rot90", operands = { "array" },
  options = { { "k", 1, kinds.integer }, { "axes", nil, kinds.integers } },
  compute = function(x, options)
    local axes, k = options.axes or { 1, 2 }, options.k % 4
    if k == 2 then return ops.flip(x, axes) end
    if k == 1 then return ops.swapaxes(ops.flip(x, axes[2]), axes[1], axes[2]) end
    if k == 3 then return ops.flip(ops.swapaxes(x, axes[1], axes[2]), axes[2]) end
    return base.copy(x)
  end }
