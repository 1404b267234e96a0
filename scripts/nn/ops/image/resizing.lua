--- Pictures of another size.
-- @submodule nn.ops.image
local arguments = require "nn.support.arguments"
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local spatial = require "nn.layers.base.spatial"
local steps = require "nn.image.steps"

local required = arguments.required

local INTERPOLATIONS = { "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5" }

--- Pictures in another size. Centres of pixels lie at halves, as in Keras.
-- @function resize
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam {integer,integer} size height, width
-- @tparam[opt] string interpolation "bilinear" (default), "nearest", "bicubic", "lanczos3" or "lanczos5"
-- @tparam[opt] boolean antialias (false): where a picture shrinks, all its pixels count
-- @tparam[opt] boolean crop_to_aspect_ratio (false): only the middle that has the new proportions
-- @tparam[opt] boolean pad_to_aspect_ratio (false): with margins instead
-- @tparam[opt] string fill_mode "constant", the only one
-- @tparam[opt=0] number fill_value of the margins
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, height, width)
-- @treturn tensor of images' type
-- @usage nn.ops.image.resize(photos, { 14, 14 }, { interpolation = "bicubic", antialias = true })
base.compose { "image.resize", operands = { "images" },
  options = {
    { "size", required }, { "interpolation", "bilinear" }, { "antialias", false }, { "crop_to_aspect_ratio", false },
    { "pad_to_aspect_ratio", false }, { "fill_mode", "constant" }, { "fill_value", 0 }, { "data_format" },
  },
  compute = function(x, options)
    pictures.check_size(options.size, "image.resize")
    spatial.choice(options, "image.resize", "interpolation", INTERPOLATIONS)
    if options.crop_to_aspect_ratio and options.pad_to_aspect_ratio then
      blame "image.resize: give crop_to_aspect_ratio or pad_to_aspect_ratio, not both"
    elseif options.fill_mode ~= "constant" then
      blame('image.resize: fill_mode: expected "constant", got %s', blame.got(options.fill_mode))
    end
    return pictures.apply("image.resize", x, options, function(images, axes)
      return steps.resize(pictures.run, images, base.shape_of(images), axes, options.size, options)
    end)
  end }

--- What is left when one of three numbers that make up a length is not given.
local function third(length, before, size, after, name)
  local given = (before and 1 or 0) + (size and 1 or 0) + (after and 1 or 0)
  if given < 2 then blame("%s: give two of what is before, behind and left, for each axis", name) end
  before = before or length - size - after
  size = size or length - before - after
  if before < 0 or size < 1 or before + size > length then
    blame("%s: %d pixels from %d on are not within %d", name, size, before, length)
  end
  return before, size
end

local MARGINS = { { "top_cropping" }, { "left_cropping" }, { "bottom_cropping" }, { "right_cropping" },
  { "target_height" }, { "target_width" }, { "data_format" } }

--- Parts of pictures. Give two of three numbers for each axis.
-- @function crop_images
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam[opt] integer top_cropping rows that go above
-- @tparam[opt] integer left_cropping
-- @tparam[opt] integer bottom_cropping
-- @tparam[opt] integer right_cropping
-- @tparam[opt] integer target_height rows that stay
-- @tparam[opt] integer target_width
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor of images' type
-- @usage nn.ops.image.crop_images(photos, 2, 2, { target_height = 3, target_width = 4 })
base.compose { "image.crop_images", operands = { "images" }, options = MARGINS,
  compute = function(x, o)
    return pictures.apply("image.crop_images", x, o, function(images, axes)
      local shape, name = base.shape_of(images), "image.crop_images"
      local top, height = third(shape[axes[1]], o.top_cropping, o.target_height, o.bottom_cropping, name)
      local left, width = third(shape[axes[2]], o.left_cropping, o.target_width, o.right_cropping, name)
      return steps.slice(pictures.run, images, 4, axes, { top + 1, left + 1 }, { height, width })
    end)
  end }

--- Zeros before and behind an axis, from two of three numbers.
local function paddings(length, before, after, size, name)
  local given = (before and 1 or 0) + (size and 1 or 0) + (after and 1 or 0)
  if given < 2 then blame("%s: give two of what is before, behind and the result's size, for each axis", name) end
  before = before or size - length - after
  after = after or size - length - before
  if before < 0 or after < 0 then blame("%s: the size wanted is smaller than %d pixels", name, length) end
  return { before, after }
end

--- Zeros around pictures. Give two of three numbers for each axis.
-- @function pad_images
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam[opt] integer top_padding rows above
-- @tparam[opt] integer left_padding
-- @tparam[opt] integer bottom_padding
-- @tparam[opt] integer right_padding
-- @tparam[opt] integer target_height rows of the result
-- @tparam[opt] integer target_width
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor of images' type
-- @usage nn.ops.image.pad_images(photos, 2, 2, 2, 2)
base.compose { "image.pad_images", operands = { "images" },
  options = { { "top_padding" }, { "left_padding" }, { "bottom_padding" }, { "right_padding" }, { "target_height" },
    { "target_width" }, { "data_format" } },
  compute = function(x, o)
    return pictures.apply("image.pad_images", x, o, function(images, axes)
      local shape, name = base.shape_of(images), "image.pad_images"
      local rows = paddings(shape[axes[1]], o.top_padding, o.bottom_padding, o.target_height, name)
      local columns = paddings(shape[axes[2]], o.left_padding, o.right_padding, o.target_width, name)
      return steps.pad(pictures.run, images, 4, axes, { rows, columns })
    end)
  end }
