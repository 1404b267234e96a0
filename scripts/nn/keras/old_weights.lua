--- Weights as older generations of Keras kept them, as nnrun has them.
--
-- The same as `preprocess_weights_for_loading` of Keras 2 does.
local tensor = require "nn.tensor"

-- Gates of Keras 1, one after the other (kernel, recurrent_kernel, bias), joined in the order of today.
local function join_gates(values, order)
  local joined = {}
  for k = 1, 3 do
    local parts = {}
    for i, gate in ipairs(order) do parts[i] = values[3 * (gate - 1) + k] end
    joined[k] = tensor.concatenate(parts, -1)
  end
  return joined
end

-- One gate after the other along the last axis.
local function map_gates(value, count, change)
  local parts, units = {}, value.shape[2] // count
  for i = 1, count do parts[i] = change(value[{ {}, { (i - 1) * units + 1, i * units } }]:copy()) end
  return tensor.concatenate(parts, -1)
end

-- Of CuDNNLSTM and CuDNNGRU, whose layers have two biases and transposed gates.
local function from_cudnn(values, count)
  local inputs, units = values[1].shape[1], values[2].shape[1]
  local bias = values[3]:reshape { 2, -1 }
  return {
    map_gates(values[1], count, function(gate) return gate:reshape { units, inputs }:transpose():copy() end),
    map_gates(values[2], count, function(gate) return gate:transpose():copy() end),
    count == 4 and bias[1] + bias[2] or bias,
  }
end

local SPATIAL = { Conv1D = 1, Conv2D = 2, Conv3D = 3 }

-- Kernels of Keras 1: (filters, inputs, rows, columns) with Theano's order of axes, (steps, 1, inputs, filters) in 1D.
local function kernel_of(layer, kernel, is_keras_1)
  local class, wanted = layer.class_name, layer.weights[1].shape
  local function fits(value) return table.concat(value.shape, " ") == table.concat(wanted, " ") end
  if class == "Conv1D" and kernel.ndim == 4 then
    if kernel.shape[2] ~= 1 or kernel.shape[1] ~= wanted[1] then kernel = kernel:transpose { 3, 4, 2, 1 } end
    return kernel:copy():reshape(wanted)
  elseif class == "Conv2D" and (is_keras_1 or not fits(kernel)) and kernel.ndim == 4 then
    local axes = layer.arguments.data_format == "channels_first" and { 3, 4, 2, 1 } or nil
    return axes and kernel:transpose(axes):copy() or kernel
  elseif class == "Conv3D" and not fits(kernel) and layer.arguments.data_format == "channels_first" then
    return kernel:transpose { 3, 4, 5, 2, 1 }:copy()
  elseif class == "Conv2DTranspose" and not fits(kernel) and kernel.ndim == 4 then
    return kernel:transpose { 1, 2, 4, 3 }:copy()
  end
  return kernel
end

-- Theano's convolutions turn their kernels by 180 degrees.
local function flipped(kernel, axes)
  for axis = 1, axes do kernel = require("nn.ops").flip(kernel, axis) end
  return kernel
end

-- @tparam table layer
-- @tparam {tensor,...} values as the file has them
-- @tparam boolean is_theano whether Keras 2 computed with Theano
-- @tparam boolean is_keras_1
-- @treturn {tensor,...}
return function(layer, values, is_theano, is_keras_1)
  local class, first = layer.class_name, values[1]
  if class == "LSTM" and #values == 12 then return join_gates(values, { 1, 3, 2, 4 }) end
  if class == "GRU" and #values == 9 then return join_gates(values, { 1, 2, 3 }) end
  if (class == "LSTM" or class == "GRU") and #values == 3 and values[3].ndim == 1 and values[2].ndim == 2
    and values[3].shape[1] == 2 * values[2].shape[2] then
    return from_cudnn(values, class == "LSTM" and 4 or 3)
  end
  if first and (SPATIAL[class] or class == "Conv2DTranspose") and layer.weights then
    values = table.move(values, 1, #values, 1, {})
    values[1] = kernel_of(layer, first, is_keras_1)
    if is_theano and SPATIAL[class] then values[1] = flipped(values[1], SPATIAL[class]) end
  end
  return values
end
