--- Fully connected layers.
-- @submodule nn.layers

--- A fully connected layer: activation(x · kernel + bias), over the last axis.
-- @function Dense
-- @tparam integer units how many outputs
-- @tparam[opt] string|activation activation (none)
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer
-- @tparam[opt] string|regularizer bias_regularizer
-- @tparam[opt] string|regularizer activity_regularizer on what the layer gives
-- @tparam[opt] string|constraint kernel_constraint
-- @tparam[opt] string|constraint bias_constraint
-- Shapes: input (n, ..., in), output (n, ..., units); weights kernel (in, units), bias (units).
-- @usage Dense{ 50, activation = "relu", kernel_regularizer = nn.regularizers.L2{ 1e-4 } }
local layer = require "nn.layers.base"

return layer.define {
  class = "Dense",
  engine = "dense",
  passes_mask = true,
  arguments = {
    { "units", layer.required },
    { "activation" },
    { "use_bias", true },
    { "kernel_initializer", "glorot_uniform" },
    { "bias_initializer", "zeros" },
    { "kernel_regularizer" },
    { "bias_regularizer" },
    { "activity_regularizer" },
    { "kernel_constraint" },
    { "bias_constraint" },
  },
  examples = {
    { { 3, activation = "tanh" }, { 4 } },
    { { 2, use_bias = false, activation = "gelu" }, { 3, 5 } },
    { { 3, kernel_regularizer = "l1_l2", bias_initializer = "ones", bias_regularizer = "l2",
        activity_regularizer = "l2" },
      { 4 } },
    { { 3, kernel_regularizer = "orthogonal" }, { 4 } },
  },
}
