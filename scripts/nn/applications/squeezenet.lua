--- SqueezeNet 1.1 (Iandola et al. 2016): fire modules squeeze the channels by 1 x 1, then expand them by 1 x 1 and
-- 3 x 3. Keras has it not; names and weights are those of github.com/rcmalli/keras-squeezenet.
-- @submodule nn.applications
local layers = require "nn.layers"
local network = require "nn.applications.network"

-- Filters of the squeeze of fire2 to fire9; the two expansions have four times as many each.
local SQUEEZE = { [2] = 16, [3] = 16, [4] = 32, [5] = 32, [6] = 48, [7] = 48, [8] = 64, [9] = 64 }
local FIRST, LAST = 2, 9
local POOLED = { [3] = true, [5] = true } -- pooling follows

local function convolution(x, place, name, count, size)
  x = layers.Conv2D { count, size, padding = size == 1 and "valid" or "same", name = place .. name }(x)
  return layers.Activation { "relu", name = place .. "relu_" .. name }(x)
end

local function fire(x, number)
  local place, count = ("fire%d_"):format(number), SQUEEZE[number]
  x = convolution(x, place, "squeeze1x1", count, 1)
  local small = convolution(x, place, "expand1x1", 4 * count, 1)
  local large = convolution(x, place, "expand3x3", 4 * count, 3)
  return layers.Concatenate { axis = -1, name = place .. "concat" } { small, large }
end

local function pool(x, number)
  return layers.MaxPooling2D { 3, strides = 2, name = ("pool%d"):format(number) }(x)
end

local function features(x)
  x = layers.Conv2D { 64, 3, strides = 2, padding = "valid", name = "conv1" }(x)
  x = pool(layers.Activation { "relu", name = "relu_conv1" }(x), 1)
  for number = FIRST, LAST do
    x = fire(x, number)
    if POOLED[number] then x = pool(x, number) end
  end
  return x
end

local function top(x, given)
  return network.chain(x, {
    layers.Dropout { 0.5, name = "drop9" },
    layers.Conv2D { given.classes, 1, padding = "valid", name = "conv10" },
    layers.Activation { "relu", name = "relu_conv10" },
    layers.GlobalAveragePooling2D {},
    layers.Activation { given.classifier_activation, name = "loss" },
  })
end

--- SqueezeNet with 1.2 million weights. It reads blue, green and red minus their means (`squeezenet.preprocess_input`),
-- 227 x 227, and without the top at least 48 x 48. Its authors name no checksums for its weights.
-- @function SqueezeNet
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local features = nn.applications.SqueezeNet{ include_top = false, weights = false, input_shape = { 48, 48, 3 } }
local SqueezeNet = network.define {
  class = "SqueezeNet", name = "squeezenet", size = 227, smallest = 48, features = features, top = top,
  weights = function(given)
    local ending = given.include_top and "" or "_notop"
    return {
      name = ("squeezenet_weights_tf_dim_ordering_tf_kernels%s.h5"):format(ending),
      url = "https://github.com/rcmalli/keras-squeezenet/releases/download/v1.0/",
      md5 = nil, -- its authors give none
      also = { "squeezenet_v1.1/squeezenet_v1.1_weights.h5" },
    }
  end,
}

return { SqueezeNet = SqueezeNet }
