--- Transposed convolutions: from fewer places to more.
-- @submodule nn.layers
local define = require "nn.layers.convolution.define"
local layer = require "nn.layers.base"

local function conv_transpose(rank, examples)
  define {
    class = ("Conv%dDTranspose"):format(rank), aliases = { ("Convolution%dDTranspose"):format(rank) }, rank = rank,
    engine = "conv_transpose", paddings = { "valid", "same" }, first = { { "filters", layer.required } },
    after_padding = { { "output_padding" } }, weights = { "kernel", "bias" }, examples = examples,
  }
end

--- A transposed convolution along one axis: each step adds the kernel, times its value, to the steps around it.
-- @function Conv1DTranspose
-- @tparam integer filters the channels of what it gives
-- @tparam integer|{integer} kernel_size steps under the kernel
-- @tparam[opt=1] integer|{integer} strides how many steps further the kernel of the next step is added
-- @tparam[opt] string padding ("valid"): all that was added to. "same": strides times as many steps as there were
-- @tparam[opt] integer|{integer} output_padding steps more at the end, fewer than strides; nil: as padding says
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- @tparam[opt=1] integer|{integer} dilation_rate steps from one cell of the kernel to the next
-- @tparam[opt] string|activation activation (none)
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer
-- @tparam[opt] string|regularizer bias_regularizer
-- @tparam[opt] string|regularizer activity_regularizer on what the layer gives
-- @tparam[opt] string|constraint kernel_constraint
-- @tparam[opt] string|constraint bias_constraint
-- Shapes: input (n, steps, channels), output (n, more steps, filters); weights kernel (kernel_size, filters, channels),
-- bias (filters). Strides above 1 do not go with a dilation_rate above 1.
-- @usage Conv1DTranspose{ 4, 3, strides = 2, padding = "same", input_shape = { 10, 8 } }
conv_transpose(1, {
  { { 2, 3, strides = 2, activation = "tanh" }, { 4, 3 } },
  { { 3, 3, dilation_rate = 2, padding = "same", use_bias = false }, { 5, 2 } },
})
--- A transposed convolution of pictures. Arguments as for Conv1DTranspose; lists are { height, width }.
-- @function Conv2DTranspose
-- @usage Conv2DTranspose{ 16, 3, strides = 2, padding = "same", activation = "relu", input_shape = { 7, 7, 32 } }
conv_transpose(2, {
  { { 2, 3, strides = 2, padding = "same", activation = "tanh" }, { 3, 2, 2 } },
  { { 3, { 2, 4 }, strides = { 3, 2 }, activation = "gelu" }, { 2, 3, 2 } },
  { { 2, 3, strides = 2, padding = "same", output_padding = 0, data_format = "channels_first" }, { 2, 3, 2 } },
})
--- A transposed convolution of volumes. Arguments as for Conv1DTranspose; lists are { depth, height, width }.
-- @function Conv3DTranspose
-- @usage Conv3DTranspose{ 2, 2, strides = 2, input_shape = { 4, 4, 4, 3 } }
conv_transpose(3, { { { 2, 2, strides = 2 }, { 2, 1, 2, 2 } } })
