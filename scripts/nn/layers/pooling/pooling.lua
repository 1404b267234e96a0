--- The largest number, or the mean, of what a window sees.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"

local function pooling(kind, rank, examples)
  local class = ("%sPooling%dD"):format(kind == "max" and "Max" or "Average", rank)
  layer.define {
    class = class,
    aliases = { ("%sPool%dD"):format(kind == "max" and "Max" or "Avg", rank) },
    engine = kind .. "_pooling",
    arguments = { { "pool_size", 2 }, { "strides" }, { "padding", "valid" }, { "data_format" } },
    check = function(a)
      spatial.numbers(a, class, "pool_size", rank)
      if a.strides == nil then a.strides = table.move(a.pool_size, 1, rank, 1, {}) end
      spatial.numbers(a, class, "strides", rank)
      spatial.padding(a, class, { "valid", "same" })
      spatial.format(a, class)
    end,
    methods = { nodes = spatial.nodes },
    examples = examples,
  }
end

--- The largest of `pool_size` steps, channel by channel.
-- @function MaxPooling1D
-- @tparam[opt=2] integer|{integer} pool_size steps in a window
-- @tparam[opt] integer|{integer} strides (pool_size) steps from one window to the next
-- @tparam[opt] string padding ("valid"): windows stay inside. "same": ceil(steps / strides) windows; what lies outside
-- does not count
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for samples of (channels, steps)
-- Shapes: input (n, steps, channels), output (n, windows, channels). Among equal numbers the first takes the gradient.
-- @usage MaxPooling1D{ 2, input_shape = { 10, 4 } }
pooling("max", 1, { { {}, { 5, 3 } }, { { 3, 2, padding = "same" }, { 4, 2 } } })
--- The largest number in each window of a picture. Arguments as for MaxPooling1D; lists are { height, width }.
-- @function MaxPooling2D
-- @usage MaxPooling2D{ 2, input_shape = { 28, 28, 8 } }
pooling("max", 2, {
  { {}, { 4, 5, 3 } }, { { 3, strides = { 1, 2 }, padding = "same" }, { 3, 4, 2 } },
  { { 2, data_format = "channels_first" }, { 2, 3, 4 } },
})
--- The largest number in each window of a volume. Arguments as for MaxPooling1D; lists are { depth, height, width }.
-- @function MaxPooling3D
-- @usage MaxPooling3D{ 2, input_shape = { 8, 8, 8, 2 } }
pooling("max", 3, { { {}, { 2, 3, 4, 2 } }, { { 8, padding = "same" }, { 3, 2, 3, 2 } } })
--- The mean of `pool_size` steps, channel by channel. Arguments as for MaxPooling1D.
-- @function AveragePooling1D
-- @usage AveragePooling1D{ 2, input_shape = { 10, 4 } }
pooling("average", 1, { { {}, { 5, 3 } }, { { 3, 2, padding = "same" }, { 4, 2 } } })
--- The mean of each window of a picture. Arguments as for MaxPooling1D; lists are { height, width }.
-- @function AveragePooling2D
-- @usage AveragePooling2D{ 2, input_shape = { 28, 28, 8 } }
pooling("average", 2, {
  { {}, { 4, 5, 3 } }, { { { 3, 2 }, strides = 1, padding = "same" }, { 3, 4, 2 } },
  { { 2, data_format = "channels_first" }, { 2, 3, 4 } },
})
--- The mean of each window of a volume. Arguments as for MaxPooling1D; lists are { depth, height, width }.
-- @function AveragePooling3D
-- @usage AveragePooling3D{ 2, input_shape = { 8, 8, 8, 2 } }
pooling("average", 3, { { {}, { 2, 3, 4, 2 } }, { { 2, 1, padding = "same" }, { 2, 2, 3, 2 } } })
