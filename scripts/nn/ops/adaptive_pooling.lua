--- Pools whose result has a given size.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local steps = require "nn.image.steps"

--- How many parts along each axis: one number for all, or a list.
local function sizes_of(given, rank, name)
  local sizes, is_list = {}, type(given) == "table"
  if is_list and #given ~= rank then
    blame("%s: output_size: expected a number for each of %d axes, got %d", name, rank, #given)
  end
  for i = 1, rank do sizes[i] = is_list and given[i] or given end
  return sizes
end

local function define(name, kind)
  base.compose { name, operands = { "inputs" }, options = { { "output_size", arguments.required }, { "data_format" } },
    compute = function(x, options)
      local rank, axes = #base.shape_of(x) - 2, {}
      if rank < 1 then blame("%s: expected (n, places, channels), got %d axes", name, rank + 2) end
      local first = pictures.is_first(options, name) and 3 or 2
      for i = 1, rank do axes[i] = first + i - 1 end
      return steps.pool(pictures.run, x, axes, sizes_of(options.output_size, rank, name), kind)
    end }
end

--- The means of equal parts of places, see nn.layers.AdaptiveAveragePooling1D.
-- @function adaptive_average_pool
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam integer|{integer,...} output_size how many parts, or one number for each axis of places
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @treturn tensor
-- @usage nn.ops.adaptive_average_pool(photos, { 3, 3 })
define("adaptive_average_pool", "mean")

--- The greatest numbers of equal parts of places.
-- @function adaptive_max_pool
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam integer|{integer,...} output_size how many parts, or one number for each axis of places
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @treturn tensor
-- @usage nn.ops.adaptive_max_pool(photos, 3)
define("adaptive_max_pool", "max")
