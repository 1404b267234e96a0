--- Pictures as bytes to show: of whatever range their values are, and as colours.
-- @module nn.plot.shades
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local shades = {}

local function fits_color(shape, axes)
  return #shape == axes and (axes == 3 or shape[4] == 1 or shape[4] == 3)
end

--- Pictures as a model reads them.
-- @tparam tensor images (n, height, width), (n, height, width, 1) or (n, height, width, 3)
-- @tparam string what for errors
-- @treturn tensor the same
-- @raise where it is no tensor, of another shape, or empty
function shades.check_pictures(images, what)
  if not tensor.is_tensor(images) then blame("%s: expected a tensor of pictures, got %s", what, blame.got(images)) end
  local shape = images.shape
  if not (fits_color(shape, 3) or fits_color(shape, 4)) or images.size == 0 then
    blame("%s: expected pictures (n, height, width), (n, height, width, 1) or (n, height, width, 3), got shape %s",
      what, table.concat(shape, "x"))
  end
  return images
end

--- Numbers moved to 0 .. 1: low becomes 0, high 1. Where both are equal all become 0.
-- @tparam tensor values
-- @tparam number low
-- @tparam number high
-- @treturn tensor float32
function shades.unit(values, low, high)
  local range = high - low
  if not (range > 0 and range < math.huge) then return tensor.zeros(values.shape) end
  return (values:astype "float32" - low) / range
end

-- Values of 0 .. 255 or 0 .. 1 keep their brightness; others, such as scaled ones, reach from black to white.
local function ends_of(images)
  local low, high = images:min(), images:max()
  if images.dtype == "uint8" or low >= 0 and high > 1 and high <= 255 then return 0, 255 end
  if low >= 0 and high <= 1 then return 0, 1 end
  return low, high
end

--- Pictures of any range in colour.
-- @tparam tensor images as check_pictures takes them
-- @treturn tensor (n, height, width, 3) float32, 0 .. 1
function shades.colored(images)
  local shape = images.shape
  local values = shades.unit(images, ends_of(images)):reshape { shape[1], shape[2], shape[3], shape[4] or 1 }
  return values + tensor.zeros { shape[1], shape[2], shape[3], 3 }
end

--- Values of 0 .. 1 as bytes.
-- @tparam tensor values
-- @treturn tensor uint8
function shades.bytes(values)
  return (values * 255):round():astype "uint8"
end

return shades
