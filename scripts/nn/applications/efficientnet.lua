--- EfficientNetB0 to B7 (Tan and Le 2019): blocks that widen, weigh their channels and narrow again; the larger
-- networks are wider and deeper. They scale the pixels themselves.
-- @submodule nn.applications
local initializers = require "nn.initializers"
local layers = require "nn.layers"
local network = require "nn.applications.network"
local sizes = require "nn.applications.sizes"

local chain = network.chain

-- Size of the kernel, repeats, filters, how much the first layer widens, and stride of each stage.
local STAGES = {
  { 3, 1, 16, 1, 1 }, { 3, 2, 24, 6, 2 }, { 5, 2, 40, 6, 2 }, { 3, 3, 80, 6, 2 }, { 5, 3, 112, 6, 1 },
  { 5, 4, 192, 6, 2 }, { 3, 1, 320, 6, 1 },
}
local SQUEEZE = 0.25
local DROP_RATE = 0.2 -- of a block; the first blocks have less
local DEVIATION = { 0.229, 0.224, 0.225 } -- of ImageNet's red, green and blue

local function kernel_initializer()
  return initializers.VarianceScaling { 2.0, mode = "fan_out", distribution = "truncated_normal" }
end

local function conv(name, filters, size, options)
  options = options or {}
  return layers.Conv2D { filters, size, strides = options.strides or 1, padding = options.padding or "same",
    use_bias = options.use_bias or false, activation = options.activation, kernel_initializer = kernel_initializer(),
    name = name }
end

-- Normalization and activation of what a layer gave.
local function active(name)
  return layers.BatchNormalization { name = name .. "bn" }, layers.Activation { "swish", name = name .. "activation" }
end

-- Each channel times a number between 0 and 1 that depends on the means of all.
local function excited(x, name, filters, squeezed)
  local weights = chain(x, {
    layers.GlobalAveragePooling2D { name = name .. "se_squeeze" },
    layers.Reshape { { 1, 1, filters }, name = name .. "se_reshape" },
    conv(name .. "se_reduce", squeezed, 1, { activation = "swish", use_bias = true }),
    conv(name .. "se_expand", filters, 1, { activation = "sigmoid", use_bias = true }),
  })
  return layers.Multiply { name = name .. "se_excite" } { x, weights }
end

local function depthwise(x, name, size, stride)
  if stride == 2 then x = layers.ZeroPadding2D { sizes.halving(x, size), name = name .. "dwconv_pad" }(x) end
  return layers.DepthwiseConv2D { size, strides = stride, padding = stride == 2 and "valid" or "same",
    use_bias = false, depthwise_initializer = kernel_initializer(), name = name .. "dwconv" }(x)
end

local function block(x, name, b)
  local input, channels = x, x.shape[3]
  local wide = channels * b.expansion
  if b.expansion ~= 1 then
    x = chain(x, { conv(name .. "expand_conv", wide, 1), active(name .. "expand_") })
  end
  x = chain(depthwise(x, name, b.size, b.stride), { active(name) })
  x = excited(x, name, wide, math.max(1, math.floor(channels * SQUEEZE)))
  x = conv(name .. "project_conv", b.filters, 1)(x)
  x = layers.BatchNormalization { name = name .. "project_bn" }(x)
  if b.stride ~= 1 or channels ~= b.filters then return x end
  if b.drop_rate > 0 then
    x = layers.Dropout { b.drop_rate, noise_shape = { -1, 1, 1, 1 }, name = name .. "drop" }(x)
  end
  return layers.Add { name = name .. "add" } { x, input }
end

-- The blocks of all stages in order, each with its name.
local function blocks_of(width, depth)
  local list = {}
  for stage, each in ipairs(STAGES) do
    local size, repeats, filters, expansion, stride = table.unpack(each)
    for i = 1, math.ceil(depth * repeats) do
      list[#list + 1] = { name = ("block%d%s_"):format(stage, string.char(96 + i)), size = size, expansion = expansion,
        filters = sizes.multiple_of_8(filters * width), stride = i == 1 and stride or 1 }
    end
  end
  for i, each in ipairs(list) do each.drop_rate = DROP_RATE * (i - 1) / #list end
  return list
end

-- From 0 to 255 to what the network reads. With the weights of ImageNet the pixels are divided by the root of their
-- deviation once more, as Keras does: these were trained with pixels divided by the variance.
local function scaled(x, given)
  x = chain(x, { layers.Rescaling { 1 / 255 }, layers.Normalization { axis = -1 } })
  if given.weights ~= "imagenet" then return x end
  local factors = {}
  for i, deviation in ipairs(DEVIATION) do factors[i] = 1 / math.sqrt(deviation) end
  return layers.Rescaling { factors }(x)
end

local function features(width, depth)
  return function(x, given)
    x = scaled(x, given)
    x = layers.ZeroPadding2D { sizes.halving(x, 3), name = "stem_conv_pad" }(x)
    x = chain(x, { conv("stem_conv", sizes.multiple_of_8(32 * width), 3, { strides = 2, padding = "valid" }),
      active "stem_" })
    for _, each in ipairs(blocks_of(width, depth)) do x = block(x, each.name, each) end
    return chain(x, { conv("top_conv", sizes.multiple_of_8(1280 * width), 1), active "top_" })
  end
end

local function top(dropout)
  return function(x, given)
    return chain(x, {
      layers.GlobalAveragePooling2D { name = "avg_pool" }, layers.Dropout { dropout, name = "top_dropout" },
      layers.Dense { given.classes, activation = given.classifier_activation, name = "predictions",
        kernel_initializer = initializers.VarianceScaling { 1 / 3, mode = "fan_out", distribution = "uniform" } },
    })
  end
end

-- Width, depth, size of the pictures, dropout, and the MD5 of the files with and without the top.
local VERSIONS = {
  B0 = { 1.0, 1.0, 224, 0.2, "902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d" },
  B1 = { 1.0, 1.1, 240, 0.2, "1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432" },
  B2 = { 1.1, 1.2, 260, 0.3, "b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39" },
  B3 = { 1.2, 1.4, 300, 0.3, "ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226" },
  B4 = { 1.4, 1.8, 380, 0.4, "18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba" },
  B5 = { 1.6, 2.2, 456, 0.4, "ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f" },
  B6 = { 1.8, 2.6, 528, 0.5, "165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743" },
  B7 = { 2.0, 3.1, 600, 0.5, "8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a" },
}

--- EfficientNetB0 with 5 million weights, to B7 with 67 million. They read pixels from 0 to 255
-- (`efficientnet.preprocess_input` leaves them as they are), 224 x 224 (B0) to 600 x 600 (B7).
-- @function EfficientNetB0
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.EfficientNetB0{ include_top = false, pooling = "avg" } end
-- local function larger() return nn.applications.EfficientNetB1{}, nn.applications.EfficientNetB2{} end
-- local function large() return nn.applications.EfficientNetB3{}, nn.applications.EfficientNetB4{} end
-- local function largest()
--   return nn.applications.EfficientNetB5{}, nn.applications.EfficientNetB6{}, nn.applications.EfficientNetB7{}
-- end
local family = {}
for version, each in pairs(VERSIONS) do
  local class, width, depth, size, dropout, hash, hash_without_top = "EfficientNet" .. version, table.unpack(each)
  family[class] = network.define {
    class = class, name = class:lower(), size = size, smallest = 32, features = features(width, depth),
    top = top(dropout), pool_names = true,
    weights = function(given)
      return {
        name = class:lower() .. (given.include_top and "" or "_notop") .. ".h5",
        url = "https://storage.googleapis.com/keras-applications/",
        md5 = given.include_top and hash or hash_without_top,
      }
    end,
  }
end

return family
