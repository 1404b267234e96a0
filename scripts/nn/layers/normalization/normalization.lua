--- Layers that bring values to mean 0 and variance 1, or to length 1.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"

local function check_axis(a, object)
  local list = type(a.axis) == "table" and a.axis or { a.axis }
  for _, axis in ipairs(list) do
    if math.type(axis) ~= "integer" then
      blame("%s: axis: expected a position or a list of them, got %s", object.class_name, blame.got(axis))
    end
  end
end

--- Nodes of a layer whose engine takes a number of last axes.
local function over_axes(self, emit, inputs, shapes)
  local axes = self:sample_axes(self.arguments.axis, #shapes[1])
  local config = self:config()
  config.axes = #axes
  return self:over_last(emit, inputs[1], axes, #shapes[1], function(input)
    return self:emit(emit, { input }, config)
  end)
end

--- A mask stretched to all places of what it belongs to: times a tensor of ones of that shape.
local function stretched(self, emit, mask, input)
  if not mask then return nil end
  local ones = self:emit_plain(emit, "mask", { mask_value = -math.huge, any_feature = true }, { input })
  return self:emit_plain(emit, "merge", { operation = "multiply" }, { ones, mask })
end

--- Nodes of a layer whose engine takes the features' axis last.
local function over_axis(self, emit, inputs, shapes)
  local axes = self:sample_axes({ self.arguments.axis }, #shapes[1])
  return self:over_last(emit, inputs[1], axes, #shapes[1], function(input)
    return self:emit(emit, { input, stretched(self, emit, inputs[2], input) })
  end)
end

--- Each feature minus its mean, divided by its standard deviation: in training those of the batch, otherwise moving
-- averages of them (Ioffe and Szegedy 2015).
-- @function BatchNormalization
-- @tparam[opt] integer axis (-1) of the features
-- @tparam[opt] number momentum (0.99) the weight of the old value in a moving average
-- @tparam[opt] number epsilon (1e-3) is added to the variance
-- @tparam[opt] boolean center (true) whether beta is added
-- @tparam[opt] boolean scale (true) whether gamma multiplies
-- @tparam[opt] string|initializer beta_initializer ("zeros")
-- @tparam[opt] string|initializer gamma_initializer ("ones")
-- @tparam[opt] string|initializer moving_mean_initializer ("zeros")
-- @tparam[opt] string|initializer moving_variance_initializer ("ones")
-- @tparam[opt] string|regularizer beta_regularizer
-- @tparam[opt] string|regularizer gamma_regularizer
-- @tparam[opt] string|constraint beta_constraint
-- @tparam[opt] string|constraint gamma_constraint
-- Weights: gamma, beta, and what training does not change but the layer itself does: moving_mean, moving_variance. A
-- layer that is not trainable uses and keeps its moving averages in training too.
-- @usage BatchNormalization{}
layer.define {
  class = "BatchNormalization",
  engine = "batch_normalization",
  passes_mask = true,
  reads_mask = true,
  second_inputs = { "mask" },
  arguments = {
    { "axis", -1 }, { "momentum", 0.99 }, { "epsilon", 1e-3 }, { "center", true }, { "scale", true },
    { "beta_initializer", "zeros" }, { "gamma_initializer", "ones" }, { "moving_mean_initializer", "zeros" },
    { "moving_variance_initializer", "ones" }, { "beta_regularizer" }, { "gamma_regularizer" }, { "beta_constraint" },
    { "gamma_constraint" }, { "renorm", false }, { "renorm_clipping" }, { "renorm_momentum", 0.99 },
    { "synchronized", false },
  },
  check = function(a, object)
    check_axis(a, object)
    for _, name in ipairs { "renorm", "renorm_clipping", "synchronized" } do
      if a[name] then blame("BatchNormalization: %s is not supported; leave it out", name) end
    end
  end,
  methods = { nodes = over_axis },
  examples = {
    { {}, { 3 } }, { { axis = 2, momentum = 0.5, gamma_initializer = "random_uniform" }, { 3, 4 } },
    { { center = false, scale = false }, { 2, 3 } },
  },
}

--- Each sample minus its mean, divided by its standard deviation, along the last axis or others (Ba et al. 2016).
-- @function LayerNormalization
-- @tparam[opt] integer|{integer,...} axis (-1)
-- @tparam[opt] number epsilon (1e-3) is added to the variance
-- @tparam[opt] boolean center (true) whether beta is added
-- @tparam[opt] boolean scale (true) whether gamma multiplies
-- @tparam[opt] boolean rms_scaling (false): divides by the standard deviation and subtracts nothing, as Keras does
-- @tparam[opt] string|initializer beta_initializer ("zeros")
-- @tparam[opt] string|initializer gamma_initializer ("ones")
-- @tparam[opt] string|regularizer beta_regularizer
-- @tparam[opt] string|regularizer gamma_regularizer
-- @tparam[opt] string|constraint beta_constraint
-- @tparam[opt] string|constraint gamma_constraint
-- Weights: gamma, beta, of the shape of the axes.
-- @usage LayerNormalization{}
layer.define {
  class = "LayerNormalization",
  engine = "layer_normalization",
  passes_mask = true,
  arguments = {
    { "axis", -1 }, { "epsilon", 1e-3 }, { "center", true }, { "scale", true }, { "beta_initializer", "zeros" },
    { "gamma_initializer", "ones" }, { "beta_regularizer" }, { "gamma_regularizer" }, { "beta_constraint" },
    { "gamma_constraint" }, { "rms_scaling", false },
  },
  check = check_axis,
  methods = { nodes = over_axes },
  examples = {
    { { gamma_initializer = "random_uniform" }, { 5 } }, { { axis = { 2, 3 } }, { 2, 3 } }, { { axis = 2 }, { 4, 3 } },
    { { rms_scaling = true }, { 5 } }, { { center = false, scale = false }, { 5 } },
  },
}

--- The features of each sample in groups, each minus its mean, divided by its standard deviation (Wu and He 2018).
-- @function GroupNormalization
-- @tparam[opt] integer groups (32); -1: one for each feature
-- @tparam[opt] integer axis (-1) of the features
-- @tparam[opt] number epsilon (1e-3) is added to the variance
-- @tparam[opt] boolean center (true) whether beta is added
-- @tparam[opt] boolean scale (true) whether gamma multiplies
-- @tparam[opt] string|initializer beta_initializer ("zeros")
-- @tparam[opt] string|initializer gamma_initializer ("ones")
-- @tparam[opt] string|regularizer beta_regularizer
-- @tparam[opt] string|regularizer gamma_regularizer
-- @tparam[opt] string|constraint beta_constraint
-- @tparam[opt] string|constraint gamma_constraint
-- Weights: gamma, beta, one number for each feature.
-- @usage GroupNormalization{ groups = 4 }
layer.define {
  class = "GroupNormalization",
  engine = "group_normalization",
  passes_mask = true,
  arguments = {
    { "groups", 32 }, { "axis", -1 }, { "epsilon", 1e-3 }, { "center", true }, { "scale", true },
    { "beta_initializer", "zeros" }, { "gamma_initializer", "ones" }, { "beta_regularizer" }, { "gamma_regularizer" },
    { "beta_constraint" }, { "gamma_constraint" },
  },
  check = check_axis,
  methods = { nodes = over_axis },
  examples = {
    { { groups = 2, gamma_initializer = "random_uniform" }, { 3, 4 } }, { { groups = 1, axis = 2 }, { 3, 2 } },
    { { groups = 2, center = false, scale = false }, { 6 } },
  },
}

--- Each sample divided by its length along the last axis or others.
-- @function UnitNormalization
-- @tparam[opt] integer|{integer,...} axis (-1)
-- @usage UnitNormalization{}
layer.define {
  class = "UnitNormalization",
  engine = "unit_normalization",
  passes_mask = true,
  arguments = { { "axis", -1 } },
  check = check_axis,
  methods = { nodes = over_axes },
  examples = { { {}, { 4 } }, { { 2 }, { 3, 2 } } },
}

--- Each sample divided by its root mean square along the last axis or others (Zhang and Sennrich 2019).
-- @function RMSNormalization
-- @tparam[opt] integer|{integer,...} axis (-1)
-- @tparam[opt] number epsilon (1e-6) is added to the mean square
-- Weights: scale, of the shape of the axes, which begins with ones.
-- @usage RMSNormalization{}
layer.define {
  class = "RMSNormalization",
  engine = "rms_normalization",
  passes_mask = true,
  arguments = { { "axis", -1 }, { "epsilon", 1e-6 } },
  check = check_axis,
  methods = {
    nodes = over_axes,
    initial = function(_, param) return require("nn.tensor").ones(param.shape) end,
  },
  examples = { { {}, { 4 } }, { { axis = 2 }, { 3, 2 } } },
}
