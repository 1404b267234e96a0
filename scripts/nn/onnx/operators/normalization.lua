--- Normalizations, and what rows are divided by.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- A vector with as many axes as x, along its second one.
local function along_channels(vector, ndim)
  local shape = { vector.data.size }
  for axis = 2, ndim - 1 do shape[axis] = 1 end
  return vector.data:contiguous():reshape(shape)
end

function operators.BatchNormalization(call, x, scale, bias, mean, variance)
  local a, ndim = call.attributes, x.data.ndim
  local epsilon = a.epsilon or 1e-5
  if a.training_mode == 1 then
    local axes, momentum = { 1 }, a.momentum or 0.9
    for axis = 3, ndim do axes[#axes + 1] = axis end
    local m, v = ops.moments(x.data, axes)
    local normal = (x.data - along_channels(value.new(m, "float32"), ndim))
      / ops.sqrt(along_channels(value.new(v, "float32"), ndim) + epsilon)
    return x:like(normal * along_channels(scale, ndim) + along_channels(bias, ndim)),
      mean:like(mean.data * momentum + m * (1 - momentum)), variance:like(variance.data * momentum + v * (1 - momentum))
  end
  local factor = along_channels(scale, ndim) / ops.sqrt(along_channels(variance, ndim) + epsilon)
  return x:like(x.data * factor + (along_channels(bias, ndim) - along_channels(mean, ndim) * factor))
end

-- Numbers less their mean over some axes, divided by their standard deviation; the mean and 1 / deviation.
local function standardized(numbers, axes, epsilon)
  local mean = ops.mean(numbers, { axis = axes, keepdims = true })
  local centered = numbers - mean
  local inverse = ops.rsqrt(ops.mean(ops.square(centered), { axis = axes, keepdims = true }) + epsilon)
  return centered * inverse, mean, inverse
end

local function axes_from(first, ndim)
  local axes = {}
  for axis = first, ndim do axes[#axes + 1] = axis end
  return axes
end

function operators.InstanceNormalization(call, x, scale, bias)
  local ndim = x.data.ndim
  local normal = standardized(x.data, axes_from(3, ndim), call.attributes.epsilon or 1e-5)
  return x:like(normal * along_channels(scale, ndim) + along_channels(bias, ndim))
end

function operators.GroupNormalization(call, x, scale, bias)
  local a, shape, ndim = call.attributes, x:shape(), x.data.ndim
  local grouped = x.data:contiguous():reshape { shape[1], a.num_groups, -1 }
  local normal = standardized(grouped, { 3 }, a.epsilon or 1e-5)
  if scale.data.size == shape[2] then -- for each channel, since version 21
    return x:like(normal:reshape(shape) * along_channels(scale, ndim) + along_channels(bias, ndim))
  end
  return x:like((normal * along_channels(scale, 3) + along_channels(bias, 3)):reshape(shape))
end

local function first_axis(call, x)
  local axis = call.attributes.axis or -1
  return axis < 0 and axis + x.data.ndim + 1 or axis + 1
end

function operators.LayerNormalization(call, x, scale, bias)
  local axes = axes_from(first_axis(call, x), x.data.ndim)
  local normal, mean, inverse = standardized(x.data, axes, call.attributes.epsilon or 1e-5)
  local result = normal * scale.data
  return x:like(bias and result + bias.data or result), x:like(mean), x:like(inverse)
end

function operators.RMSNormalization(call, x, scale)
  local axes = axes_from(first_axis(call, x), x.data.ndim)
  local square = ops.mean(ops.square(x.data), { axis = axes, keepdims = true })
  return x:like(x.data * ops.rsqrt(square + (call.attributes.epsilon or 1e-5)) * scale.data)
end

function operators.MeanVarianceNormalization(call, x)
  local axes = {}
  for i, axis in ipairs(call.attributes.axes or { 0, 2, 3 }) do
    axes[i] = axis < 0 and axis + x.data.ndim + 1 or axis + 1
  end
  local centered = x.data - ops.mean(x.data, { axis = axes, keepdims = true })
  return x:like(centered / (ops.sqrt(ops.mean(ops.square(centered), { axis = axes, keepdims = true })) + 1e-9))
end

function operators.LpNormalization(call, x)
  local a = call.attributes
  local axis = (a.axis or -1) < 0 and (a.axis or -1) + x.data.ndim + 1 or a.axis + 1
  local o = { axis = axis, keepdims = true }
  local norm = a.p == 1 and ops.sum(ops.abs(x.data), o) or ops.sqrt(ops.sum(ops.square(x.data), o))
  return x:like(ops.where(ops.equal(norm, 0), 0, x.data / norm))
end

function operators.LRN(call, x)
  local a = call.attributes
  local before, channels = (a.size - 1) // 2, x.data.shape[2]
  local widths = {}
  for axis = 1, x.data.ndim do widths[axis] = axis == 2 and { before, a.size - 1 - before } or { 0, 0 } end
  local squares, sum = ops.pad(ops.square(x.data), widths), nil
  for first = 0, a.size - 1 do
    local part = value.part(squares, 2, channels, first)
    sum = sum and sum + part or part
  end
  return x:like(x.data / ops.power(sum * ((a.alpha or 1e-4) / a.size) + (a.bias or 1), a.beta or 0.75))
end

-- ---- softmax -------------------------------------------------------------------------------------------------------

-- Before version 13 all axes from `axis` on are one row.
local function by_rows(name, f)
  operators[name] = function(call, x)
    local axis = call.attributes.axis or (call.version < 13 and 1 or -1)
    local at = axis < 0 and axis + x.data.ndim + 1 or axis + 1
    if call.version >= 13 then return x:like(f(x.data, at)) end
    local rows = 1
    for i = 1, at - 1 do rows = rows * x.data.shape[i] end
    return x:like(f(x.data:contiguous():reshape { rows, -1 }, 2):reshape(x.data.shape))
  end
end
by_rows("Softmax", ops.softmax)
by_rows("LogSoftmax", ops.log_softmax)
by_rows("Hardmax", function(x, at)
  return ops.one_hot(ops.argmax(x, at), x.shape[at], at)
end)

function operators.Dropout(call, x, ratio, training)
  local rate = ratio and ratio:item() or call.attributes.ratio or 0.5
  local all = value.new(tensor.ones(x.data.shape), call.version >= 10 and "bool" or x.type)
  if not (training and training:item() ~= 0) or rate == 0 then return x, all end
  local kept = ops.greater_equal(require("nn.random").uniform { shape = x:shape() }, rate)
  return x:like(x.data * kept / (1 - rate)), value.new(kept, "bool")
end

return operators
