--- ResNet50, 101 and 152 and their second version (He et al. 2015, 2016): blocks of three convolutions, to whose result
-- what went in is added.
-- @submodule nn.applications
local layers = require "nn.layers"
local network = require "nn.applications.network"

local chain = network.chain

local URL = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
local FILTERS = { 64, 128, 256, 512 }

local function conv(name, filters, size, options)
  options = options or {}
  return layers.Conv2D { filters, size, strides = options.strides or 1, padding = options.padding or "valid",
    use_bias = options.use_bias ~= false, name = name .. "_conv" }
end

local function norm(name) return layers.BatchNormalization { epsilon = 1.001e-5, name = name .. "_bn" } end

local function relu(name) return layers.Activation { "relu", name = name } end

local function padding(name, width)
  return layers.ZeroPadding2D { { { width, width }, { width, width } }, name = name .. "_pad" }
end

local function add(name, a, b) return layers.Add { name = name } { a, b } end

-- ---- the first version: convolution, normalization, activation

local function block_v1(x, name, filters, strides, is_first)
  local shortcut = x
  if is_first then
    shortcut = chain(x, { conv(name .. "_0", 4 * filters, 1, { strides = strides }), norm(name .. "_0") })
  end
  x = chain(x, {
    conv(name .. "_1", filters, 1, { strides = strides }), norm(name .. "_1"), relu(name .. "_1_relu"),
    conv(name .. "_2", filters, 3, { padding = "same" }), norm(name .. "_2"), relu(name .. "_2_relu"),
    conv(name .. "_3", 4 * filters, 1), norm(name .. "_3"),
  })
  return relu(name .. "_out")(add(name .. "_add", shortcut, x))
end

-- The first block of a stage halves height and width, but not in the first stage.
local function stage_v1(x, stage, count)
  for i = 1, count do
    local strides = i == 1 and stage > 1 and 2 or 1
    x = block_v1(x, ("conv%d_block%d"):format(stage + 1, i), FILTERS[stage], strides, i == 1)
  end
  return x
end

-- ---- the second: normalization and activation before each convolution

local function block_v2(x, name, filters, strides, is_first)
  local active = chain(x, { norm(name .. "_preact"), relu(name .. "_preact_relu") })
  local shortcut = x
  if is_first then
    shortcut = conv(name .. "_0", 4 * filters, 1)(active)
  elseif strides > 1 then
    shortcut = layers.MaxPooling2D { 1, strides = strides }(x)
  end
  x = chain(active, {
    conv(name .. "_1", filters, 1, { use_bias = false }), norm(name .. "_1"), relu(name .. "_1_relu"),
    padding(name .. "_2", 1),
    conv(name .. "_2", filters, 3, { strides = strides, use_bias = false }), norm(name .. "_2"),
    relu(name .. "_2_relu"), conv(name .. "_3", 4 * filters, 1),
  })
  return add(name .. "_out", shortcut, x)
end

-- The last block of a stage halves height and width, but not in the last stage.
local function stage_v2(x, stage, count)
  for i = 1, count do
    local strides = i == count and stage < #FILTERS and 2 or 1
    x = block_v2(x, ("conv%d_block%d"):format(stage + 1, i), FILTERS[stage], strides, i == 1)
  end
  return x
end

-- ---- the networks

local function features(counts, is_v2)
  return function(x)
    x = chain(x, { padding("conv1", 3), conv("conv1", 64, 7, { strides = 2 }) })
    if not is_v2 then x = chain(x, { norm "conv1", relu "conv1_relu" }) end
    x = chain(x, { padding("pool1", 1), layers.MaxPooling2D { 3, strides = 2, name = "pool1_pool" } })
    for stage, count in ipairs(counts) do x = (is_v2 and stage_v2 or stage_v1)(x, stage, count) end
    return is_v2 and chain(x, { norm "post", relu "post_relu" }) or x
  end
end

local function resnet(class, counts, hash, hash_without_top)
  local name = class:lower()
  return network.define {
    class = class, name = name, size = 224, smallest = 32, features = features(counts, class:find "V2$" ~= nil),
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

local C50, C101, C152 = { 3, 4, 6, 3 }, { 3, 4, 23, 3 }, { 3, 8, 36, 3 }

--- ResNet50, 101 and 152 with 26, 45 and 60 million weights. They read blue, green and red minus their means
-- (`resnet50.preprocess_input`), 224 x 224, and without the top at least 32 x 32.
-- @function ResNet50
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.ResNet50{ include_top = false, pooling = "avg" } end
-- local function deeper() return nn.applications.ResNet101{}, nn.applications.ResNet152{} end

--- The second version, which normalizes before each convolution. These read pixels from -1 to 1
-- (`resnet_v2.preprocess_input`).
-- @function ResNet50V2
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.ResNet50V2{ include_top = false, pooling = "avg" } end
-- local function deeper() return nn.applications.ResNet101V2{}, nn.applications.ResNet152V2{} end
return {
  ResNet50 = resnet("ResNet50", C50, "2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
  ResNet101 = resnet("ResNet101", C101, "f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
  ResNet152 = resnet("ResNet152", C152, "100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
  ResNet50V2 = resnet("ResNet50V2", C50, "3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"),
  ResNet101V2 = resnet("ResNet101V2", C101, "6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"),
  ResNet152V2 = resnet("ResNet152V2", C152, "a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"),
}
