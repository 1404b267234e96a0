--- Weights as older generations of Keras kept them, as nnrun has them.
--
-- The same as `preprocess_weights_for_loading` of Keras 2 does.
local flip = require("nn.ops").flip
local is_model = require "nn.models.is_model"
local tensor = require "nn.tensor"

-- Gates of Keras 1, one after the other (kernel, recurrent_kernel, bias), joined in the order of today.
local function join_gates(values, order, axes)
  local joined = {}
  for k = 1, 3 do
    local parts = {}
    for i, gate in ipairs(order) do
      local part = values[3 * (gate - 1) + k]
      parts[i] = axes and part.ndim == #axes and part:transpose(axes):copy() or part
    end
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

-- Whose kernels are turned: class -> how many of its weights are.
local TURNED = { Conv1D = 1, Conv2D = 1, Conv3D = 1, Conv2DTranspose = 1, ConvLSTM2D = 2 }

-- Axes of kernels of Keras 1, by the order of their axes: (filters, inputs, rows, columns) with Theano's.
local KERAS_1 = {
  channels_first = { Conv2D = { 3, 4, 2, 1 }, Conv3D = { 3, 4, 5, 2, 1 }, Conv2DTranspose = { 3, 4, 1, 2 },
    ConvLSTM2D = { 3, 4, 2, 1 } },
  channels_last = { Conv2DTranspose = { 1, 2, 4, 3 } },
}

local function axes_of(layer) return KERAS_1[layer.arguments.data_format or "channels_last"][layer.class_name] end

-- In 1D (steps, 1, inputs, filters), or before Keras 1.2 (filters, inputs, steps, 1).
local function kernel_1d(kernel, wanted)
  if kernel.ndim ~= 4 then return kernel end
  if kernel.shape[2] ~= 1 or kernel.shape[1] ~= wanted[1] then kernel = kernel:transpose { 3, 4, 2, 1 } end
  return kernel:copy():reshape(wanted)
end

-- Weights of a convolution.
local function convolution(layer, values, version)
  local wanted = layer.weights[1].shape
  values = table.move(values, 1, #values, 1, {})
  local axes = axes_of(layer)
  local fits = table.concat(values[1].shape, " ") == table.concat(wanted, " ")
  if layer.class_name == "Conv1D" then
    values[1] = kernel_1d(values[1], wanted)
  elseif axes and (version.is_1 or not fits) and values[1].ndim == #axes then
    for i = 1, TURNED[layer.class_name] do values[i] = values[i]:transpose(axes):copy() end
  end
  if version.is_theano then -- its convolutions turn kernels by 180 degrees
    for i = 1, TURNED[layer.class_name] do
      for axis = 1, values[i].ndim - 2 do values[i] = flip(values[i], axis) end
    end
  end
  return values
end

local convert

-- A model within: the values of each of its layers are converted where they stand.
local function nested(model, values, version)
  local place, result = {}, table.move(values, 1, #values, 1, {})
  local own = version.weights_of(model)
  if #own ~= #values then return values end
  for i, weight in ipairs(own) do place[weight.tensor] = i end
  for _, layer in ipairs(model.layers) do
    local places, given = {}, {}
    for i, weight in ipairs(version.weights_of(layer)) do
      places[i], given[i] = place[weight.tensor], values[place[weight.tensor]]
    end
    local converted = convert(layer, given, version)
    if #converted == #places then
      for i, at in ipairs(places) do result[at] = converted[i] end
    end
  end
  return result
end

local function both_directions(layer, values, version)
  local half = #values // 2
  local list = convert(layer.forward_layer, table.move(values, 1, half, 1, {}), version)
  local back = convert(layer.backward_layer, table.move(values, half + 1, #values, 1, {}), version)
  return table.move(back, 1, #back, #list + 1, list)
end

local function is_cudnn(values)
  return #values == 3 and values[3].ndim == 1 and values[2].ndim == 2
    and values[3].shape[1] == 2 * values[2].shape[2]
end

function convert(layer, values, version)
  local class = layer.class_name
  if is_model(layer) then return nested(layer, values, version) end
  if class == "Bidirectional" then return both_directions(layer, values, version) end
  if class == "TimeDistributed" then return convert(layer.inner, values, version) end
  if class == "LSTM" and #values == 12 then return join_gates(values, { 1, 3, 2, 4 }) end
  if class == "GRU" and #values == 9 then return join_gates(values, { 1, 2, 3 }) end
  if (class == "LSTM" or class == "GRU") and is_cudnn(values) then
    return from_cudnn(values, class == "LSTM" and 4 or 3)
  end
  if TURNED[class] and values[1] and layer.weights then
    if class == "ConvLSTM2D" and #values == 12 then
      values = join_gates(values, { 1, 3, 2, 4 }, version.is_1 and axes_of(layer))
      version = { is_theano = version.is_theano }
    end
    return convolution(layer, values, version)
  end
  return values
end

--- Weights as nnrun has them.
-- @function old_weights
-- @tparam table layer or a model in a model
-- @tparam {tensor,...} values as the file has them
-- @tparam table version is_theano: whether Keras computed with Theano; is_1: whether it was Keras 1; weights_of: a
-- function, the weights of a layer in the order of the file
-- @treturn {tensor,...}
return convert
