--- Convolutions of each channel alone.
-- @submodule nn.layers
local define = require "nn.layers.convolution.define"
local nodes = require "nn.layers.base.nodes"

-- For the engine: a convolution with one group for each channel.
local function config(self)
  local given = nodes.config(self)
  given.groups = 0
  return given
end

local function depthwise_conv(rank, paddings, examples)
  define {
    class = ("DepthwiseConv%dD"):format(rank), rank = rank, engine = "conv", paddings = paddings,
    after_padding = { { "depth_multiplier", 1 } }, weights = { "depthwise", "bias" },
    argument_names = { kernel = "depthwise" }, methods = { config = config }, examples = examples,
  }
end

--- A convolution of each channel alone: no channel is mixed with another.
-- @function DepthwiseConv1D
-- @tparam integer|{integer} kernel_size steps under a kernel
-- @tparam[opt=1] integer|{integer} strides
-- @tparam[opt] string padding ("valid"), or "same", or "causal"
-- @tparam[opt=1] integer depth_multiplier kernels for each channel
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- @tparam[opt=1] integer|{integer} dilation_rate
-- @tparam[opt] string|activation activation (none)
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] string|initializer depthwise_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer depthwise_regularizer
-- @tparam[opt] string|regularizer bias_regularizer
-- @tparam[opt] string|regularizer activity_regularizer on what the layer gives
-- @tparam[opt] string|constraint depthwise_constraint
-- @tparam[opt] string|constraint bias_constraint
-- Shapes: input (n, steps, channels), output (n, places, channels * depth_multiplier); weights kernel (kernel_size,
-- channels, depth_multiplier), bias (channels * depth_multiplier).
-- @usage DepthwiseConv1D{ 3, input_shape = { 10, 4 } }
depthwise_conv(1, { "valid", "same", "causal" }, {
  { { 3, padding = "same", depth_multiplier = 2, activation = "tanh" }, { 5, 3 } },
})
--- A convolution of each channel of a picture alone. Arguments as for DepthwiseConv1D, without "causal"; lists are
-- { height, width }.
-- @function DepthwiseConv2D
-- @usage DepthwiseConv2D{ 3, padding = "same", input_shape = { 28, 28, 8 } }
depthwise_conv(2, { "valid", "same" }, {
  { { 3, depthwise_regularizer = "l2" }, { 4, 5, 3 } },
  { { 2, strides = 2, padding = "same", depth_multiplier = 2, use_bias = false, data_format = "channels_first" },
    { 2, 3, 4 } },
})
