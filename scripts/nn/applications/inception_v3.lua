--- InceptionV3 (Szegedy et al. 2015): blocks of several branches side by side, each with kernels of its own.
-- @submodule nn.applications
local layers = require "nn.layers"
local network = require "nn.applications.network"

-- A branch is a list of convolutions { filters, height, width, strides, padding }; "mean" and "max" stand for pooling;
-- a list of branches at the end of a branch splits it, and what they give is joined.
local STEM = {
  { 32, 3, 3, 2, "valid" }, { 32, 3, 3, 1, "valid" }, { 64, 3, 3 }, "max", { 80, 1, 1, 1, "valid" },
  { 192, 3, 3, 1, "valid" }, "max",
}

local function small(pooled)
  return {
    { { 64, 1, 1 } }, { { 48, 1, 1 }, { 64, 5, 5 } }, { { 64, 1, 1 }, { 96, 3, 3 }, { 96, 3, 3 } },
    { "mean", { pooled, 1, 1 } },
  }
end

-- Kernels of 7 x 7 as rows and columns.
local function middle(n)
  return {
    { { 192, 1, 1 } }, { { n, 1, 1 }, { n, 1, 7 }, { 192, 7, 1 } },
    { { n, 1, 1 }, { n, 7, 1 }, { n, 1, 7 }, { n, 7, 1 }, { 192, 1, 7 } }, { "mean", { 192, 1, 1 } },
  }
end

local function wide(name)
  local rows_and_columns = { { { 384, 1, 3 } }, { { 384, 3, 1 } } }
  local named = { rows_and_columns[1], rows_and_columns[2], name = name }
  return {
    { { 320, 1, 1 } }, { { 384, 1, 1 }, named }, { { 448, 1, 1 }, { 384, 3, 3 }, rows_and_columns },
    { "mean", { 192, 1, 1 } },
  }
end

local BLOCKS = {
  small(32), small(64), small(64),
  { { { 384, 3, 3, 2, "valid" } }, { { 64, 1, 1 }, { 96, 3, 3 }, { 96, 3, 3, 2, "valid" } }, { "max" } },
  middle(128), middle(160), middle(160), middle(192),
  {
    { { 192, 1, 1 }, { 320, 3, 3, 2, "valid" } },
    { { 192, 1, 1 }, { 192, 1, 7 }, { 192, 7, 1 }, { 192, 3, 3, 2, "valid" } }, { "max" },
  },
  wide "mixed9_0", wide "mixed9_1",
}

local POOLING = {
  mean = function() return layers.AveragePooling2D { 3, strides = 1, padding = "same" } end,
  max = function() return layers.MaxPooling2D { 3, strides = 2 } end,
}

local function conv(filters, height, width, strides, padding)
  return {
    layers.Conv2D { filters, { height, width }, strides = strides or 1, padding = padding or "same", use_bias = false },
    layers.BatchNormalization { scale = false }, layers.Activation "relu",
  }
end

local joined

local function through(x, branch)
  for _, step in ipairs(branch) do
    if POOLING[step] then
      x = POOLING[step]()(x)
    elseif type(step[1]) == "number" then
      x = network.chain(x, conv(table.unpack(step)))
    else
      x = joined(x, step, step.name)
    end
  end
  return x
end

function joined(x, branches, name)
  local results = {}
  for i, branch in ipairs(branches) do results[i] = through(x, branch) end
  return layers.Concatenate { axis = -1, name = name }(results)
end

local function features(x)
  x = through(x, STEM)
  for i, branches in ipairs(BLOCKS) do x = joined(x, branches, ("mixed%d"):format(i - 1)) end
  return x
end

--- InceptionV3 with 24 million weights. It reads pixels from -1 to 1 (`inception_v3.preprocess_input`), 299 x 299, and
-- without the top at least 75 x 75.
-- @function InceptionV3
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.InceptionV3{ include_top = false, pooling = "avg" } end
local InceptionV3 = network.define {
  class = "InceptionV3", name = "inception_v3", size = 299, smallest = 75, features = features,
  top = function(x, given) return network.dense_top(x, given, "avg_pool") end,
  weights = function(given)
    return {
      name = ("inception_v3_weights_tf_dim_ordering_tf_kernels%s.h5"):format(given.include_top and "" or "_notop"),
      url = "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/",
      md5 = given.include_top and "9a0d58056eeedaa3f26cb7ebd46da564" or "bcbd6486424b2319ff4ef7d526e38f63",
    }
  end,
}

return { InceptionV3 = InceptionV3 }
