--- Pictures moved, and without their colours.
-- @submodule nn.ops.image
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"

--- Pictures seen through a projective map: the pixel at column x and row y of the result is that at
-- ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) of the picture, with k = c0 x + c1 y + 1.
-- @function affine_transform
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam tensor transform { a0, a1, a2, b0, b1, b2, c0, c1 }, or a row of them for each picture
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt] string fill_mode "constant" (default), "nearest", "reflect", "wrap" or "mirror", as for RandomRotation
-- @tparam[opt=0] number fill_value
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor of images' type. No gradient passes to transform
-- @usage nn.ops.image.affine_transform(photos, { -1, 0, 15, 0, 1, 0, 0, 0 }) -- left and right change places
base.compose { "image.affine_transform", operands = { "images", "transform" },
  options = { { "interpolation", "bilinear" }, { "fill_mode", "constant" }, { "fill_value", 0 }, { "data_format" } },
  compute = function(x, transform, options)
    if options.interpolation ~= "bilinear" and options.interpolation ~= "nearest" then
      blame("image.affine_transform: interpolation: expected bilinear or nearest, got %s",
        blame.got(options.interpolation))
    end
    local matrices = #base.shape_of(transform) == 1 and base.ops.expand_dims(transform, 1) or transform
    local config = { is_nearest = options.interpolation == "nearest", fill_mode = options.fill_mode,
      fill_value = options.fill_value }
    return pictures.apply("image.affine_transform", x, options, function(images, axes)
      return pictures.channels_last(images, axes[1] == 3, function(last)
        return base.run("warp", config, { last, matrices })
      end)
    end)
  end }

--- How bright each pixel is: 0.2989 red + 0.587 green + 0.114 blue.
-- @function rgb_to_grayscale
-- @tparam tensor images (height, width, 3) or (n, height, width, 3)
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor with one channel, of images' type
-- @usage nn.ops.image.rgb_to_grayscale(photos)
base.compose { "image.rgb_to_grayscale", operands = { "images" }, options = { { "data_format" } },
  compute = function(x, options)
    return pictures.apply("image.rgb_to_grayscale", x, options, function(images, axes)
      return pictures.channels_last(images, axes[1] == 3, function(last)
        return base.ops.matmul(last, { { 0.2989 }, { 0.587 }, { 0.114 } })
      end)
    end)
  end }
