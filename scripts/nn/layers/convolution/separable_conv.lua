--- Depthwise convolutions, followed by a product over the channels.
-- @submodule nn.layers
local define = require "nn.layers.convolution.define"
local layer = require "nn.layers.base"

local function separable_conv(rank, paddings, examples)
  define {
    class = ("SeparableConv%dD"):format(rank), aliases = { ("SeparableConvolution%dD"):format(rank) }, rank = rank,
    engine = "separable_conv", paddings = paddings, first = { { "filters", layer.required } },
    after_dilation = { { "depth_multiplier", 1 } }, weights = { "depthwise", "pointwise", "bias" },
    argument_names = { depthwise_kernel = "depthwise", pointwise_kernel = "pointwise" }, examples = examples,
  }
end

--- A convolution of each channel alone, and then of all channels at each place: it has far fewer weights than Conv1D.
-- @function SeparableConv1D
-- @tparam integer filters the channels of what it gives
-- @tparam integer|{integer} kernel_size steps under a kernel
-- @tparam[opt=1] integer|{integer} strides
-- @tparam[opt] string padding ("valid"), or "same", or "causal"
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- @tparam[opt=1] integer|{integer} dilation_rate
-- @tparam[opt=1] integer depth_multiplier kernels for each channel in the first convolution
-- @tparam[opt] string|activation activation (none), after both
-- @tparam[opt] boolean use_bias (true), after both
-- @tparam[opt] string|initializer depthwise_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer pointwise_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer depthwise_regularizer
-- @tparam[opt] string|regularizer pointwise_regularizer
-- @tparam[opt] string|regularizer bias_regularizer
-- @tparam[opt] string|regularizer activity_regularizer on what the layer gives
-- @tparam[opt] string|constraint depthwise_constraint
-- @tparam[opt] string|constraint pointwise_constraint
-- @tparam[opt] string|constraint bias_constraint
-- Shapes: input (n, steps, channels), output (n, places, filters); weights depthwise_kernel (kernel_size, channels,
-- depth_multiplier), pointwise_kernel (1, channels * depth_multiplier, filters), bias (filters).
-- @usage SeparableConv1D{ 8, 3, input_shape = { 10, 4 } }
separable_conv(1, { "valid", "same", "causal" }, {
  { { 3, 2, padding = "same", activation = "gelu" }, { 5, 2 } },
  { { 2, 2, padding = "causal", dilation_rate = 2 }, { 5, 3 } },
})
--- A separable convolution of pictures. Arguments as for SeparableConv1D, without "causal"; lists are
-- { height, width }.
-- @function SeparableConv2D
-- @usage SeparableConv2D{ 16, 3, padding = "same", activation = "relu", input_shape = { 28, 28, 3 } }
separable_conv(2, { "valid", "same" }, {
  { { 3, 3, strides = 2, padding = "same", activation = "tanh", pointwise_regularizer = "l2" }, { 4, 5, 2 } },
  { { 2, 2, depth_multiplier = 2, use_bias = false, data_format = "channels_first" }, { 2, 3, 4 } },
})
