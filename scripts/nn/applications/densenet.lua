--- DenseNet121, 169 and 201 (Huang et al. 2016): each block adds its features to all that came before.
-- @submodule nn.applications
local layers = require "nn.layers"
local network = require "nn.applications.network"

local chain = network.chain

local URL = "https://storage.googleapis.com/tensorflow/keras-applications/densenet/"
local GROWTH = 32 -- how many features each block adds

local function norm(name) return layers.BatchNormalization { epsilon = 1.001e-5, name = name } end

local function relu(name) return layers.Activation { "relu", name = name } end

local function conv(name, filters, size)
  return layers.Conv2D { filters, size, padding = "same", use_bias = false, name = name }
end

local function block(x, name)
  local added = chain(x, {
    norm(name .. "_0_bn"), relu(name .. "_0_relu"), conv(name .. "_1_conv", 4 * GROWTH, 1),
    norm(name .. "_1_bn"), relu(name .. "_1_relu"), conv(name .. "_2_conv", GROWTH, 3),
  })
  return layers.Concatenate { axis = -1, name = name .. "_concat" } { x, added }
end

-- Halves channels, height and width.
local function transition(x, name)
  return chain(x, {
    norm(name .. "_bn"), relu(name .. "_relu"), conv(name .. "_conv", x.shape[3] // 2, 1),
    layers.AveragePooling2D { 2, strides = 2, name = name .. "_pool" },
  })
end

local function features(counts)
  return function(x)
    x = chain(x, {
      layers.ZeroPadding2D { 3 },
      layers.Conv2D { 64, 7, strides = 2, use_bias = false, name = "conv1_conv" }, norm "conv1_bn", relu "conv1_relu",
      layers.ZeroPadding2D { 1 }, layers.MaxPooling2D { 3, strides = 2, name = "pool1" },
    })
    for stage, count in ipairs(counts) do
      for i = 1, count do x = block(x, ("conv%d_block%d"):format(stage + 1, i)) end
      if stage < #counts then x = transition(x, ("pool%d"):format(stage + 1)) end
    end
    return chain(x, { norm "bn", relu "relu" })
  end
end

local function densenet(class, counts, hash, hash_without_top)
  local name = class:lower()
  return network.define {
    class = class, name = name, size = 224, smallest = 32, features = features(counts),
    top = function(x, given) return network.dense_top(x, given, "avg_pool") end,
    pool_names = true,
    weights = function(given)
      return {
        name = ("%s_weights_tf_dim_ordering_tf_kernels%s.h5"):format(name, given.include_top and "" or "_notop"),
        url = URL, md5 = given.include_top and hash or hash_without_top,
      }
    end,
  }
end

--- DenseNet121, 169 and 201 with 8, 14 and 20 million weights. They read pixels of mean 0 and deviation 1 over ImageNet
-- (`densenet.preprocess_input`), 224 x 224, and without the top at least 32 x 32.
-- @function DenseNet121
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.DenseNet121{ include_top = false, pooling = "avg" } end
-- local function deeper() return nn.applications.DenseNet169{}, nn.applications.DenseNet201{} end
return {
  DenseNet121 = densenet("DenseNet121", { 6, 12, 24, 16 }, "9d60b8095a5708f2dcce2bca79d332c7",
    "30ee3e1110167f948a6b9946edeeb738"),
  DenseNet169 = densenet("DenseNet169", { 6, 12, 32, 32 }, "d699b8f76981ab1b30698df4c175e90b",
    "b8c4d4c20dd625c148057b9ff1c1176b"),
  DenseNet201 = densenet("DenseNet201", { 6, 12, 48, 32 }, "1ceb130c1ea1b78c3bf6114dbdfd8807",
    "c13680b51ded0fb44dff2d8f86ac8bb1"),
}
