--- Pictures brought to another size.
-- @submodule nn.image
local data = require "engine.data"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local proportions = require "nn.image.proportions"
local tensor = require "nn.tensor"

local resizing = {}

local INTERPOLATIONS = { nearest = true, box = true, bilinear = true, bicubic = true, lanczos3 = true, lanczos5 = true }
local LARGEST_SIDE = 16384

local signature = arguments.options("nn.image.resize", {
  { "interpolation", "bilinear" }, { "antialias", false }, { "crop_to_aspect_ratio", false },
  { "pad_to_aspect_ratio", false }, { "fill_value", 0 },
})

local function is_side(value)
  return math.type(value) == "integer" and value >= 1 and value <= LARGEST_SIDE
end

-- Raises an error where a size or an interpolation is none.
-- @tparam string what starts the message
-- @tparam ?{integer,integer} size nil where none need be given
-- @tparam string interpolation
-- @tparam[opt="target_size"] string name what the size is called
function resizing.check(what, size, interpolation, name)
  if size ~= nil and not (type(size) == "table" and #size == 2 and is_side(size[1]) and is_side(size[2])) then
    blame("%s: %s: expected { height, width } in pixels, 1 to %d, got %s", what, name or "target_size", LARGEST_SIDE,
      blame.got(size))
  end
  if not INTERPOLATIONS[interpolation] then
    blame('%s: interpolation: expected "nearest", "bilinear", "bicubic", "lanczos3", "lanczos5" or "box", got %s', what,
      blame.got(interpolation))
  end
end

-- The middle of pictures (n, height, width, channels) that has the proportions of a size.
local function crop(x, size)
  local first, part = proportions.middle(x.shape[2], x.shape[3], size)
  return x[{ {}, { first[1], first[1] + part[1] - 1 }, { first[2], first[2] + part[2] - 1 } }]
end

-- The same pictures with margins that give them the proportions of a size.
local function pad(x, size, value)
  local count, height, width, channels = table.unpack(x.shape)
  local top, left = proportions.margins(height, width, size)
  local padded = tensor.full({ count, height + 2 * top, width + 2 * left, channels }, value, x.dtype)
  padded[{ {}, { top + 1, top + height }, { left + 1, left + width } }] = x
  return padded
end

-- Pictures (n, height, width, channels) of any type in the size wanted, of the same type.
local function resize(x, size, interpolation, antialias)
  local dtype = x.dtype
  local result, message = data.resize(dtype == "int32" and x:astype "float32" or x, size[1], size[2], interpolation,
    antialias)
  if not result then blame("cannot resize: %s", message) end
  return dtype == "int32" and result:round():astype(dtype) or result
end

--- Brings pictures to another size, as Keras' `keras.ops.image.resize`: centres of pixels lie at halves.
-- @function resize
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam {integer,integer} size height, width
-- @tparam[opt] table options interpolation ("bilinear", or "nearest", "bicubic", "lanczos3", "lanczos5", "box": the
-- mean of what a new pixel covers); antialias (false: where a picture shrinks, pixels between those looked at
-- are left out);
-- crop_to_aspect_ratio, pad_to_aspect_ratio (false: the proportions change); fill_value (0: of the margins)
-- @treturn tensor of the same type; whole numbers are rounded
-- @usage local small = nn.image.resize(images, { 14, 14 }, { antialias = true })
function resizing.resize(images, size, options)
  local given = signature(options)
  if not tensor.is_tensor(images) or images.ndim < 3 or images.ndim > 4 or images.size == 0 then
    blame("nn.image.resize: expected pictures (height, width, channels) or (n, height, width, channels), got %s",
      blame.got(images))
  end
  resizing.check("nn.image.resize", size or {}, given.interpolation, "size")
  if given.crop_to_aspect_ratio and given.pad_to_aspect_ratio then
    blame "nn.image.resize: give crop_to_aspect_ratio or pad_to_aspect_ratio, not both"
  end
  local x = images.ndim == 3 and images:reshape { 1, -1, images.shape[2], images.shape[3] } or images
  if given.crop_to_aspect_ratio then x = crop(x, size) end
  if given.pad_to_aspect_ratio then x = pad(x, size, given.fill_value) end
  local result = resize(x, size, given.interpolation, given.antialias)
  return images.ndim == 3 and result[1] or result
end

-- The colours of a picture with alpha, each counted as much as it is opaque, and its alpha.
local function resize_with_alpha(pixels, size, options)
  local alpha = pixels[{ {}, {}, { 4, 4 } }]:astype "float32"
  local colours = resizing.resize(pixels[{ {}, {}, { 1, 3 } }] * alpha, size, options)
  alpha = resizing.resize(alpha, size, options)
  local both = tensor.concatenate { colours / (alpha + alpha:eq(0)), alpha }
  return both:clip(0, pixels.dtype == "uint8" and 255 or 65535):round():astype(pixels.dtype)
end

-- A picture (height, width, channels) in another size, as Pillow makes it.
function resizing.as_pillow(pixels, size, interpolation, keep_aspect_ratio)
  local options = { interpolation = interpolation, antialias = true, crop_to_aspect_ratio = keep_aspect_ratio }
  local resize_it = (pixels.shape[3] < 4 or interpolation == "nearest") and resizing.resize or resize_with_alpha
  return resize_it(pixels, size, options)
end

return resizing
