--- Pictures in other spaces of colours.
-- @submodule nn.ops.image
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local tensor = require "nn.tensor"

local ops = base.ops

-- Calls compute with the three channels of pictures of floats; it gives three others.
local function define(name, compute)
  base.compose { name, operands = { "images" }, options = { { "data_format" } },
    compute = function(x, options)
      if tensor.is_tensor(x) and x.dtype ~= "float32" then
        blame("%s: expected pictures of float32, got %s; divide them by 255 for colours from 0 to 1", name, x.dtype)
      end
      return pictures.apply(name, x, options, function(images, axes)
        local axis, shape = axes[1] == 3 and 2 or 4, base.shape_of(images)
        if shape[axis] ~= 3 then blame("%s: expected pictures of 3 channels, got %d", name, shape[axis]) end
        local a, b, c = table.unpack(ops.split(images, 3, axis))
        return ops.concatenate({ compute(a, b, c) }, axis)
      end)
    end }
end

--- Hue, saturation and value of red, green and blue, all from 0 to 1. A grey pixel has hue 0.
-- @function rgb_to_hsv
-- @tparam tensor images (height, width, 3) or (n, height, width, 3), float32
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor
-- @usage nn.ops.image.rgb_to_hsv(photos)
define("image.rgb_to_hsv", function(r, g, b)
  local value = ops.maximum(ops.maximum(r, g), b)
  local range = value - ops.minimum(ops.minimum(r, g), b)
  local is_coloured = ops.greater(range, 0)
  local safe_range = ops.where(is_coloured, range, 1)
  local saturation = ops.where(ops.greater(value, 0), range / ops.where(ops.greater(value, 0), value, 1), 0)
  local hue = ops.where(ops.equal(value, g), (b - r) / (6 * safe_range) + 2 / 6, (r - g) / (6 * safe_range) + 4 / 6)
  hue = ops.where(ops.equal(value, r), (g - b) / (6 * safe_range), hue)
  return ops.where(is_coloured, hue, 0) + ops.less(hue, 0), saturation, value
end)

-- 0 or 1 at the ends and rising in between, as a colour does along the circle of hues.
local function ramp(x) return ops.clip(x, 0, 1) end

--- Red, green and blue of hue, saturation and value.
-- @function hsv_to_rgb
-- @tparam tensor images (height, width, 3) or (n, height, width, 3), float32
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor
-- @usage nn.ops.image.hsv_to_rgb(nn.ops.image.rgb_to_hsv(photos))
define("image.hsv_to_rgb", function(hue, saturation, value)
  local sixth = ops.mod(hue, 1) * 6
  local function mixed(part) return value * (1 - saturation + saturation * part) end
  return mixed(ramp(ops.abs(sixth - 3) - 1)), mixed(ramp(2 - ops.abs(sixth - 2))), mixed(ramp(2 - ops.abs(sixth - 4)))
end)
