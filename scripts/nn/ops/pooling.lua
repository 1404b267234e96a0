--- The largest number, or the mean, of what a window sees.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local spatial = require "nn.layers.base.spatial"

local function define(name)
  base.compose { name, operands = { "inputs" },
    options = { { "pool_size", arguments.required }, { "strides" }, { "padding", "valid" }, { "data_format" } },
    compute = function(x, o)
      local rank = #base.shape_of(x) - 2
      if rank < 1 or rank > 3 then
        blame("%s: expected images (n, places, channels) with one to three axes of places, got %d axes", name, rank + 2)
      end
      local config = { pool_size = o.pool_size, strides = o.strides == nil and o.pool_size or o.strides,
        padding = o.padding }
      spatial.numbers(config, name, "pool_size", rank)
      spatial.numbers(config, name, "strides", rank)
      spatial.padding(config, name, { "valid", "same" })
      return pictures.channels_last(x, pictures.is_first(o, name), function(last)
        return base.run(name, config, { last })
      end)
    end }
end

--- The mean of each window of images. See nn.layers.AveragePooling2D.
-- @function average_pool
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam integer|{integer,...} pool_size places in a window: one number, or one for each axis
-- @tparam[opt] integer|{integer,...} strides (pool_size) places from one window to the next
-- @tparam[opt] string padding "valid" (default), or "same"; what lies outside does not count
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @treturn tensor
-- @usage nn.ops.average_pool(photos, 2)
define "average_pool"

--- The largest number in each window of images. Among equal numbers the first takes the gradient. See
-- nn.layers.MaxPooling2D.
-- @function max_pool
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam integer|{integer,...} pool_size places in a window: one number, or one for each axis
-- @tparam[opt] integer|{integer,...} strides (pool_size) places from one window to the next
-- @tparam[opt] string padding "valid" (default), or "same"; what lies outside does not count
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @treturn tensor
-- @usage nn.ops.max_pool(photos, { 2, 2 })
define "max_pool"
