--- MobileNet (Howard et al. 2017): depthwise convolutions, each followed by one of 1 x 1.
-- @submodule nn.applications
local blame = require "nn.support.blame"
local contains = require "nn.support.contains"
local kinds = require "nn.support.kinds"
local layers = require "nn.layers"
local network = require "nn.applications.network"

local chain = network.chain

-- Filters and stride of each block.
local BLOCKS = {
  { 64, 1 }, { 128, 2 }, { 128, 1 }, { 256, 2 }, { 256, 1 }, { 512, 2 }, { 512, 1 }, { 512, 1 }, { 512, 1 },
  { 512, 1 }, { 512, 1 }, { 1024, 2 }, { 1024, 1 },
}

local SIZES = { 128, 160, 192, 224 }
local ALPHAS = { [1] = "1_0", [0.75] = "7_5", [0.5] = "5_0", [0.25] = "2_5" } -- as Keras' files name them

local function normalized(name)
  return layers.BatchNormalization { name = name .. "_bn" }, layers.ReLU { 6, name = name .. "_relu" }
end

local function filters(count, given) return math.floor(count * given.alpha) end

local function block(x, number, given)
  local count, stride = table.unpack(BLOCKS[number])
  local depthwise, pointwise = ("conv_dw_%d"):format(number), ("conv_pw_%d"):format(number)
  if stride == 2 then
    x = layers.ZeroPadding2D { { { 0, 1 }, { 0, 1 } }, name = ("conv_pad_%d"):format(number) }(x)
  end
  x = layers.DepthwiseConv2D { 3, padding = stride == 1 and "same" or "valid", strides = stride, use_bias = false,
    depth_multiplier = given.depth_multiplier, name = depthwise }(x)
  x = chain(x, { normalized(depthwise) })
  x = layers.Conv2D { filters(count, given), 1, padding = "same", use_bias = false, name = pointwise }(x)
  return chain(x, { normalized(pointwise) })
end

local function features(x, given)
  x = layers.Conv2D { filters(32, given), 3, strides = 2, padding = "same", use_bias = false, name = "conv1" }(x)
  x = chain(x, { normalized "conv1" })
  for number = 1, #BLOCKS do x = block(x, number, given) end
  return x
end

local function top(x, given)
  return chain(x, {
    layers.GlobalAveragePooling2D { keepdims = true },
    layers.Dropout { given.dropout, name = "dropout" },
    layers.Conv2D { given.classes, 1, padding = "same", name = "conv_preds" },
    layers.Reshape { { given.classes }, name = "reshape_2" },
    layers.Activation { given.classifier_activation, name = "predictions" },
  })
end

local function check(given)
  if given.weights ~= "imagenet" then return end
  if not ALPHAS[given.alpha] then
    blame('MobileNet: alpha: with weights = "imagenet" expected 0.25, 0.5, 0.75 or 1, got %s', blame.got(given.alpha))
  elseif given.depth_multiplier ~= 1 then
    blame('MobileNet: depth_multiplier: with weights = "imagenet" expected 1, got %d', given.depth_multiplier)
  end
end

-- For pictures of other sizes there are the weights of 224.
local function size_of(shape)
  return shape[1] == shape[2] and contains(SIZES, shape[1]) and shape[1] or 224
end

--- MobileNet with 4 million weights, and fewer with a smaller alpha. It reads pixels from -1 to 1
-- (`mobilenet.preprocess_input`), 224 x 224, and without the top at least 32 x 32. The weights of ImageNet are those
-- for 128, 160, 192 or 224; for pictures of another size, those for 224. Keras names no checksums for them.
-- @function MobileNet
-- @tparam[opt] table options as `nn.applications` tells, and: alpha (1): how wide the layers are, 0.25, 0.5, 0.75 or 1
-- for the weights of ImageNet; depth_multiplier (1): filters of a depthwise convolution for each channel; dropout
-- (0.001): before the top
-- @treturn table model
-- @usage
-- local features = nn.applications.MobileNet{ alpha = 0.25, include_top = false, pooling = "avg", weights = false,
--   input_shape = { 64, 64, 3 } }
-- print(features.output_shape[1]) -- 256
local MobileNet = network.define {
  class = "MobileNet", size = 224, sizes = SIZES, smallest = 32,
  name = function(given, shape)
    local rows = given.weights == "imagenet" and size_of(shape) or shape[1]
    return ("mobilenet_%.2f_%s"):format(given.alpha, rows == -1 and "None" or rows)
  end,
  own = { { "input_shape" }, { "alpha", 1.0, kinds.number }, { "depth_multiplier", 1, kinds.whole(1) },
    { "dropout", 0.001, kinds.number } },
  check = check, features = features, top = top,
  weights = function(given, shape)
    return {
      name = ("mobilenet_%s_%d_tf%s.h5"):format(ALPHAS[given.alpha], size_of(shape),
        given.include_top and "" or "_no_top"),
      url = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/",
      md5 = nil, -- Keras gives none for these files
      also = { ("mobilenet_v1_%.2f_%d/mobilenet_v1_%.2f_%d_weights.h5"):format(given.alpha, size_of(shape), given.alpha,
        size_of(shape)) },
    }
  end,
}

return { MobileNet = MobileNet }
