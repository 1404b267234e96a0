--- Convolutions.
-- @submodule nn.layers
local define = require "nn.layers.convolution.define"
local layer = require "nn.layers.base"

local function conv(rank, paddings, examples)
  define {
    class = ("Conv%dD"):format(rank), aliases = { ("Convolution%dD"):format(rank) }, rank = rank, engine = "conv",
    paddings = paddings, first = { { "filters", layer.required } }, after_dilation = { { "groups", 1 } },
    weights = { "kernel", "bias" }, examples = examples,
  }
end

--- A convolution along one axis: each filter is a kernel that is moved along the steps of a sequence. What it gives at
-- a step is activation(sum of kernel times what lies under it + bias).
-- @function Conv1D
-- @tparam integer filters how many kernels: the channels of what it gives
-- @tparam integer|{integer} kernel_size steps under a kernel
-- @tparam[opt=1] integer|{integer} strides steps from one place of the kernel to the next
-- @tparam[opt] string padding ("valid"): the kernel stays inside. "same": zeros at both ends, ceil(steps / strides)
-- places. "causal": zeros before the first step alone, so that nothing depends on later steps
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- @tparam[opt=1] integer|{integer} dilation_rate steps from one cell of the kernel to the next
-- @tparam[opt=1] integer groups the channels are split into so many groups, each with its own part of the filters
-- @tparam[opt] string|activation activation (none)
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer
-- @tparam[opt] string|regularizer bias_regularizer
-- @tparam[opt] string|regularizer activity_regularizer on what the layer gives
-- @tparam[opt] string|constraint kernel_constraint
-- @tparam[opt] string|constraint bias_constraint
-- Shapes: input (n, steps, channels), output (n, places, filters); weights kernel (kernel_size, channels / groups,
-- filters), bias (filters). Strides above 1 do not go with a dilation_rate above 1.
-- @usage Conv1D{ 8, 3, padding = "causal", activation = "relu", input_shape = { 20, 4 } }
conv(1, { "valid", "same", "causal" }, {
  { { 3, 2 }, { 6, 2 } },
  { { 4, 3, padding = "same", groups = 2, activation = "tanh" }, { 5, 2 } },
  { { 2, 2, padding = "causal", dilation_rate = 2, use_bias = false, data_format = "channels_first" }, { 3, 6 } },
})
--- A convolution of pictures. Arguments as for Conv1D, but that padding "causal" is for sequences alone; numbers for
-- each axis are lists { height, width }.
-- Shapes: input (n, height, width, channels), output (n, rows, columns, filters); weights kernel (height, width,
-- channels / groups, filters), bias (filters).
-- @function Conv2D
-- @usage Conv2D{ 32, 5, activation = "relu", input_shape = { 28, 28, 1 } }
conv(2, { "valid", "same" }, {
  { { 3, 3, activation = "silu" }, { 5, 6, 2 } },
  { { 2, { 3, 2 }, strides = 2, padding = "same", kernel_regularizer = "l2" }, { 5, 4, 3 } },
  { { 4, 2, dilation_rate = { 2, 1 }, groups = 2, activation = "gelu", activity_regularizer = "l2" }, { 5, 4, 2 } },
  { { 3, 2, data_format = "channels_first", activation = "softmax" }, { 2, 4, 3 } },
})
--- A convolution of volumes. Arguments as for Conv2D; lists are { depth, height, width }.
-- @function Conv3D
-- @usage Conv3D{ 4, 3, input_shape = { 8, 8, 8, 1 } }
conv(3, { "valid", "same" }, {
  { { 2, 2, strides = { 1, 2, 1 } }, { 3, 4, 3, 2 } },
  { { 2, { 2, 1, 3 }, padding = "same", data_format = "channels_first" }, { 2, 3, 3, 2 } },
})
