--- Convolutions, pools and other sizes of images. ONNX has the channels first.
local activations = require "nn.onnx.export.activations"
local base = require "nn.ops.base"
local ops = require "nn.ops"
local tensor = require "nn.tensor"

local layers, operations = {}, {}

-- Places before and behind each axis, as ONNX has them in one list.
local function pads_of(c, places, sizes)
  local pads, rank = {}, #sizes
  for i = 1, rank do
    local reach = (sizes[i] - 1) * (c.dilation_rate and c.dilation_rate[i] or 1) + 1
    local count = -(-places[i] // c.strides[i])
    local total = math.max(0, (count - 1) * c.strides[i] + reach - places[i])
    pads[i], pads[rank + i] = 0, 0
    if c.padding == "same" then pads[i], pads[rank + i] = total // 2, total - total // 2 end
    if c.padding == "causal" then pads[i] = reach - 1 end
  end
  return pads
end

local function numbers(x, axes) return ops.transpose(x, axes) end

-- The axes of a kernel in ONNX' order, from 1: the last, the one before it, the places.
local function kernel_order(rank)
  local order = { rank + 2, rank + 1 }
  for i = 1, rank do order[i + 2] = i end
  return order
end

-- A convolution of images that have the channels first already.
local function convolve(g, x, places, kernel, sizes, c, groups, bias)
  return g:add("Conv", { x, kernel, bias }, { strides = c.strides, dilations = c.dilation_rate, group = groups,
    kernel_shape = sizes, pads = pads_of(c, places, sizes) })
end

local function lengths(shape, first, last) return table.move(shape, first, last, 1, {}) end

function layers.conv(g, n)
  local c, kernel, shape = n.config, n.params[1], n.shapes[1]
  local rank, channels = #shape - 1, shape[#shape]
  local sizes, groups = lengths(kernel.shape, 1, rank), c.groups or 1
  if groups == 0 then -- one for each channel
    local own = lengths(kernel.shape, 1, rank + 2)
    own[rank + 1], own[rank + 2], groups = 1, own[rank + 1] * own[rank + 2], channels
    kernel = kernel:contiguous():reshape(own)
  end
  local y = convolve(g, g:channels_first(n.inputs[1], rank + 2), shape, g:constant(numbers(kernel, kernel_order(rank))),
    sizes, c, groups, n.params[2] and g:constant(n.params[2]))
  return activations[c.activation or "linear"](g, g:channels_last(y, rank + 2), c, n.outputs[1])
end

function layers.separable_conv(g, n)
  local c, shape = n.config, n.shapes[1]
  local rank, channels, plain = #shape - 1, shape[#shape], { padding = "valid", strides = {}, dilation_rate = {} }
  local depthwise, pointwise, bias = table.unpack(n.params)
  local sizes, own, ones = lengths(depthwise.shape, 1, rank), lengths(depthwise.shape, 1, rank + 2), {}
  own[rank + 1], own[rank + 2] = 1, own[rank + 1] * own[rank + 2]
  for i = 1, rank do plain.strides[i], plain.dilation_rate[i], ones[i] = 1, 1, 1 end
  local order = kernel_order(rank)
  local y = convolve(g, g:channels_first(n.inputs[1], rank + 2), shape,
    g:constant(numbers(depthwise:contiguous():reshape(own), order)), sizes, c, channels)
  y = convolve(g, y, ones, g:constant(numbers(pointwise, order)), ones, plain, 1, bias and g:constant(bias))
  return activations[c.activation or "linear"](g, g:channels_last(y, rank + 2), c, n.outputs[1])
end

-- What the engine cuts from the whole result: window.c, nn_window_pad_transposed.
local function transposed(g, x, kernel, bias, c, places, sizes, target)
  local rank, pads, extra = #sizes, {}, {}
  for i = 1, rank do
    local reach, stride = (sizes[i] - 1) * (c.dilation_rate and c.dilation_rate[i] or 1) + 1, c.strides[i]
    local whole, before = (places[i] - 1) * stride + reach, 0
    if c.padding == "same" then
      local given = c.output_padding and #c.output_padding > 0
      local more = given and c.output_padding[i] or stride - reach % 2
      before = math.max(0, reach - 1 - (reach + reach % 2 - 1 + more) // 2)
    end
    local behind = whole - before - target[i]
    pads[i], pads[rank + i], extra[i] = before, math.max(0, behind), math.max(0, -behind)
  end
  -- A length that the kernel does not reach is padded, because output_padding has to be below the stride.
  local y = g:add("ConvTranspose", { x, kernel, bias }, { strides = c.strides, dilations = c.dilation_rate,
    kernel_shape = sizes, pads = pads })
  for i = 1, rank do
    if extra[i] > 0 then
      local widths = {}
      for k = 1, 2 * (rank + 2) do widths[k] = k == rank + 4 + i and extra[i] or 0 end
      y = g:add("Pad", { y, g:integers(widths) })
    end
  end
  return y
end

function layers.conv_transpose(g, n)
  local c, shape, kernel, bias = n.config, n.shapes[1], n.params[1], n.params[2]
  local rank = #shape - 1
  -- The bias is added afterwards: it belongs to padded places, too.
  local y = transposed(g, g:channels_first(n.inputs[1], rank + 2), g:constant(numbers(kernel, kernel_order(rank))), nil,
    c, shape, lengths(kernel.shape, 1, rank), n.outputs[1])
  y = g:channels_last(y, rank + 2)
  if bias then y = g:add("Add", { y, g:constant(bias) }) end
  return activations[c.activation or "linear"](g, y, c, n.outputs[1])
end

local function pool(op_type)
  return function(g, n)
    local c, shape = n.config, n.shapes[1]
    local rank = #c.pool_size
    local places = lengths(shape, #shape - rank, #shape - 1)
    local attributes = { kernel_shape = c.pool_size, strides = c.strides, pads = pads_of(c, places, c.pool_size) }
    local y = g:add(op_type, { g:channels_first(n.inputs[1], rank + 2) }, attributes)
    return g:channels_last(y, rank + 2)
  end
end
layers.max_pooling, layers.average_pooling = pool "MaxPool", pool "AveragePool"
operations.max_pool, operations.average_pool = layers.max_pooling, layers.average_pooling

local function over_places(op_type)
  return function(g, n)
    local axes = {}
    for i = 1, #n.shapes[1] - 1 do axes[i] = i end
    return g:reduce(op_type, n.inputs[1], axes, #n.outputs[1] == #n.shapes[1])
  end
end
layers.global_average_pooling, layers.global_max_pooling = over_places "ReduceMean", over_places "ReduceMax"

-- ---- operations whose kernel is a value ----------------------------------------------------------------------------

local function from_zero(order)
  local list = {}
  for i, axis in ipairs(order) do list[i] = axis - 1 end
  return list
end

function operations.conv(g, n)
  local c, shape, kernel = n.config, n.shapes[1], n.shapes[2]
  local rank = #kernel - 2
  local y = convolve(g, g:channels_first(n.inputs[1], rank + 2), lengths(shape, #shape - rank, #shape - 1),
    g:transpose(n.inputs[2], from_zero(kernel_order(rank))), lengths(kernel, 1, rank), c,
    shape[#shape] // kernel[rank + 1])
  return g:channels_last(y, rank + 2)
end

function operations.conv_transpose(g, n)
  local shape, kernel, target = n.shapes[1], n.shapes[2], n.outputs[1]
  local rank = #kernel - 2
  local y = transposed(g, g:channels_first(n.inputs[1], rank + 2),
    g:transpose(n.inputs[2], from_zero(kernel_order(rank))), nil, n.config,
    lengths(shape, #shape - rank, #shape - 1), lengths(kernel, 1, rank), lengths(target, #target - rank, #target - 1))
  return g:channels_last(y, rank + 2)
end

-- ---- other lengths of an axis: a product with the matrix that the engine gives for the unit vectors -----------------

local function axis_of(n) -- from 0, with that of the samples
  local ndim = #n.shapes[1] + (n.shapes[1].is_whole and 0 or 1)
  local axis = n.config.axis
  return axis < 0 and axis + ndim or axis - 1, ndim
end

function operations.resample(g, n)
  local axis, ndim = axis_of(n)
  local length = n.shapes[1][n.shapes[1].is_whole and axis + 1 or axis]
  local config = {}
  for name, each in pairs(n.config) do config[name] = each end
  config.axis = 1
  local matrix = base.run("resample", config, { ops.eye(length) })
  local order = {}
  for i = 1, ndim do order[i] = i - 1 end
  order[axis + 1], order[ndim] = order[ndim], order[axis + 1]
  local y = g:add("MatMul", { g:transpose(n.inputs[1], order), g:constant(ops.transpose(matrix)) })
  return g:transpose(y, order)
end

-- The greatest of each part: the places of a part, with the last one again where parts differ in length.
function operations.resample_max(g, n)
  local axis = axis_of(n)
  local length, size = n.shapes[1][n.shapes[1].is_whole and axis + 1 or axis], n.config.size
  local parts, most = {}, 0
  for i = 0, size - 1 do
    local first, last = i * length // size, -(-(i + 1) * length // size) - 1
    parts[i + 1], most = { first, last }, math.max(most, last - first + 1)
  end
  local list = {}
  for _, part in ipairs(parts) do
    for k = 0, most - 1 do list[#list + 1] = math.min(part[1] + k, part[2]) end
  end
  local indices = g:constant(tensor.tensor(list, "int32"):reshape { size, most }, "int64")
  return g:reduce("ReduceMax", g:add("Gather", { n.inputs[1], indices }, { axis = axis }), { axis + 1 })
end

return { layers = layers, operations = operations }
