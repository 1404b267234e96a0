--- A fully connected layer: activation(x · kernel + bias), over the last axis.
-- @function Dense
-- @tparam integer units how many outputs
-- @tparam[opt] string|activation activation (none)
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- Shapes: input (n, ..., in), output (n, ..., units); weights kernel (in, units), bias (units).
-- @usage Dense{ 50, activation = "relu", kernel_initializer = "he_normal" }
local layer = require "nn.layer"

return layer.define {
  class = "Dense",
  engine = "dense",
  arguments = {
    { "units", layer.required },
    { "activation" },
    { "use_bias", true },
    { "kernel_initializer", "glorot_uniform" },
    { "bias_initializer", "zeros" },
  },
  initializers = { "kernel_initializer", "bias_initializer" },
  examples = { { { 3, activation = "tanh" }, { 4 } }, { { 2, use_bias = false, activation = "gelu" }, { 3, 5 } } },
}
