--- MobileNetV2 (Sandler et al. 2018): blocks that widen, convolve each channel alone, and narrow again.
-- @submodule nn.applications
local blame = require "nn.support.blame"
local contains = require "nn.support.contains"
local kinds = require "nn.support.kinds"
local layers = require "nn.layers"
local network = require "nn.applications.network"
local sizes = require "nn.applications.sizes"

local chain = network.chain

-- Filters of each block, stride of the first of its kind, and how many there are.
local BLOCKS = {
  { 16, 1, 1 }, { 24, 2, 2 }, { 32, 2, 3 }, { 64, 2, 4 }, { 96, 1, 3 }, { 160, 2, 3 }, { 320, 1, 1 },
}
local EXPANSION = 6
local LAST_FILTERS = 1280

local SIZES, ALPHAS = { 96, 128, 160, 192, 224 }, { 0.35, 0.5, 0.75, 1, 1.3, 1.4 }

local function norm(name) return layers.BatchNormalization { epsilon = 1e-3, momentum = 0.999, name = name } end

local function relu6(name) return layers.ReLU { 6, name = name } end

local function pointwise(filters, name)
  return layers.Conv2D { filters, 1, padding = "same", use_bias = false, name = name }
end

local function block(x, number, filters, stride)
  local input, channels = x, x.shape[3]
  local prefix = number == 0 and "expanded_conv_" or ("block_%d_"):format(number)
  if number > 0 then
    x = chain(x, { pointwise(EXPANSION * channels, prefix .. "expand"), norm(prefix .. "expand_BN"),
      relu6(prefix .. "expand_relu") })
  end
  if stride == 2 then x = layers.ZeroPadding2D { sizes.halving(x, 3), name = prefix .. "pad" }(x) end
  x = chain(x, {
    layers.DepthwiseConv2D { 3, strides = stride, padding = stride == 1 and "same" or "valid", use_bias = false,
      name = prefix .. "depthwise" },
    norm(prefix .. "depthwise_BN"), relu6(prefix .. "depthwise_relu"),
    pointwise(filters, prefix .. "project"), norm(prefix .. "project_BN"),
  })
  if channels ~= filters or stride ~= 1 then return x end
  return layers.Add { name = prefix .. "add" } { input, x }
end

local function features(x, given)
  x = chain(x, {
    layers.Conv2D { sizes.multiple_of_8(32 * given.alpha), 3, strides = 2, padding = "same", use_bias = false,
      name = "Conv1" },
    norm "bn_Conv1", relu6 "Conv1_relu",
  })
  local number = 0
  for _, each in ipairs(BLOCKS) do
    local filters, stride, count = table.unpack(each)
    for i = 1, count do
      x = block(x, number, sizes.multiple_of_8(math.floor(filters * given.alpha)), i == 1 and stride or 1)
      number = number + 1
    end
  end
  local last = given.alpha > 1 and sizes.multiple_of_8(LAST_FILTERS * given.alpha) or LAST_FILTERS
  return chain(x, { layers.Conv2D { last, 1, use_bias = false, name = "Conv_1" }, norm "Conv_1_bn", relu6 "out_relu" })
end

local function check(given)
  if given.weights == "imagenet" and not contains(ALPHAS, given.alpha) then
    blame('MobileNetV2: alpha: with weights = "imagenet" expected 0.35, 0.5, 0.75, 1, 1.3 or 1.4, got %s',
      blame.got(given.alpha))
  end
end

-- For pictures of other sizes there are the weights of 224.
local function size_of(shape)
  return shape[1] == shape[2] and contains(SIZES, shape[1]) and shape[1] or 224
end

-- As Python writes a float: 1.0, 0.35.
local function alpha_text(alpha)
  return alpha % 1 == 0 and ("%.1f"):format(alpha) or ("%g"):format(alpha)
end

--- MobileNetV2 with 3.5 million weights. It reads pixels from -1 to 1 (`mobilenet_v2.preprocess_input`), 224 x 224, and
-- without the top at least 32 x 32. Keras names no checksums for its weights.
-- @function MobileNetV2
-- @tparam[opt] table options as `nn.applications` tells, and: alpha (1): how wide the layers are, 0.35, 0.5, 0.75, 1,
-- 1.3 or 1.4 for the weights of ImageNet
-- @treturn table model
-- @usage
-- local function features() return nn.applications.MobileNetV2{ include_top = false, pooling = "avg" } end
local MobileNetV2 = network.define {
  class = "MobileNetV2", size = 224, sizes = SIZES, smallest = 32,
  name = function(given, shape)
    local rows = given.weights == "imagenet" and size_of(shape) or shape[1]
    return ("mobilenetv2_%.2f_%s"):format(given.alpha, rows == -1 and "None" or rows)
  end,
  own = { { "input_shape" }, { "alpha", 1.0, kinds.number } },
  check = check, features = features, top = network.dense_top,
  weights = function(given, shape)
    return {
      name = ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_%s_%d%s.h5"):format(alpha_text(given.alpha),
        size_of(shape), given.include_top and "" or "_no_top"),
      url = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/",
      md5 = nil, -- Keras gives none for these files
    }
  end,
}

return { MobileNetV2 = MobileNetV2 }
