--- Xception (Chollet 2016): separable convolutions, with shortcuts around every two or three.
-- @submodule nn.applications
local layers = require "nn.layers"
local network = require "nn.applications.network"

local chain = network.chain

local function norm(name) return layers.BatchNormalization { name = name and name .. "_bn" } end

local function relu(name) return layers.Activation { "relu", name = name .. "_act" } end

local function conv(name, filters, strides)
  return layers.Conv2D { filters, 3, strides = strides or 1, use_bias = false, name = name }, norm(name), relu(name)
end

local function separable(name, filters)
  return layers.SeparableConv2D { filters, 3, padding = "same", use_bias = false, name = name }, norm(name)
end

-- Two separable convolutions, after which the places are halved.
local function halving(x, number, first, second)
  local name = ("block%d_"):format(number)
  local shortcut = chain(x, {
    layers.Conv2D { second, 1, strides = 2, padding = "same", use_bias = false }, norm(),
  })
  if number > 2 then x = relu(name .. "sepconv1")(x) end -- the first such block begins with an activation already
  x = chain(x, { separable(name .. "sepconv1", first) })
  x = chain(x, { relu(name .. "sepconv2"), separable(name .. "sepconv2", second) })
  x = layers.MaxPooling2D { 3, strides = 2, padding = "same", name = name .. "pool" }(x)
  return layers.add { x, shortcut }
end

local function middle(x, number)
  local shortcut = x
  for i = 1, 3 do
    local name = ("block%d_sepconv%d"):format(number, i)
    x = chain(x, { relu(name), separable(name, 728) })
  end
  return layers.add { x, shortcut }
end

-- A separable convolution whose activation comes last.
local function last(x, name, filters)
  x = chain(x, { separable(name, filters) })
  return relu(name)(x)
end

local function features(x)
  x = chain(x, { conv("block1_conv1", 32, 2) })
  x = chain(x, { conv("block1_conv2", 64) })
  x = halving(halving(halving(x, 2, 128, 128), 3, 256, 256), 4, 728, 728)
  for number = 5, 12 do x = middle(x, number) end
  x = halving(x, 13, 728, 1024)
  return last(last(x, "block14_sepconv1", 1536), "block14_sepconv2", 2048)
end

--- Xception with 23 million weights. It reads pixels from -1 to 1 (`xception.preprocess_input`), 299 x 299, and without
-- the top at least 71 x 71.
-- @function Xception
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.Xception{ include_top = false, pooling = "avg" } end
local Xception = network.define {
  class = "Xception", name = "xception", size = 299, smallest = 71, features = features,
  top = function(x, given) return network.dense_top(x, given, "avg_pool") end,
  weights = function(given)
    return {
      name = ("xception_weights_tf_dim_ordering_tf_kernels%s.h5"):format(given.include_top and "" or "_notop"),
      url = "https://storage.googleapis.com/tensorflow/keras-applications/xception/",
      md5 = given.include_top and "0a58e3b7378bc2990ea3b43d5981f1f6" or "b0042744bf5b25fce3cb969f33bebb97",
    }
  end,
}

return { Xception = Xception }
