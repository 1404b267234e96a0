--- An activation that learns.
-- @submodule nn.layers

--- x above 0, alpha x below; alpha is learned for each place of a sample.
-- @function PReLU
-- @tparam[opt] string|initializer alpha_initializer ("zeros")
-- @tparam[opt] string|regularizer alpha_regularizer
-- @tparam[opt] string|constraint alpha_constraint
-- @tparam[opt] {integer,...} shared_axes axes along which one alpha serves all places; 1 is the samples' axis
-- Weights: alpha, of a sample's shape with 1 along shared axes.
-- @usage PReLU{ shared_axes = { 2 } }
local layer = require "nn.layers.base"

return layer.define {
  class = "PReLU",
  engine = "prelu",
  passes_mask = true,
  arguments = {
    { "alpha_initializer", "zeros" }, { "alpha_regularizer" }, { "alpha_constraint" }, { "shared_axes" },
  },
  methods = {
    config = function() return {} end,
    nodes = function(self, emit, inputs, shapes)
      local shared = {}
      for i, axis in ipairs(self:sample_axes(self.arguments.shared_axes or {}, #shapes[1], "shared_axes")) do
        shared[i] = axis - 1
      end
      return self:emit(emit, inputs, { shared_axes = shared })
    end,
  },
  examples = {
    { { alpha_initializer = "random_normal" }, { 4 } },
    { { alpha_initializer = "random_uniform", shared_axes = { 2 } }, { 3, 2 } },
  },
}
