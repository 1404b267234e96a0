--- Pictures moved, and without their colours.
-- @submodule nn.ops.image
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local homography = require "nn.image.homography"
local pictures = require "nn.ops.image.pictures"
local tensor = require "nn.tensor"

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

-- Points (n, 4, 2) as nested tables, from points (4, 2) or (n, 4, 2).
local function points_of(given, name)
  local shape = base.shape_of(base.known(given, name))
  if #shape < 2 or #shape > 3 or shape[#shape] ~= 2 or shape[#shape - 1] ~= 4 then
    blame("%s: expected four points { x, y }, or four for each picture, got shape %s", name,
      table.concat(shape, "x"))
  end
  return (#shape == 2 and base.ops.expand_dims(given, 1) or given):totable()
end

--- Pictures of which four points are moved, and all others with them.
-- @function perspective_transform
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam tensor start_points (4, 2) or (n, 4, 2): points { x, y } of the picture, in pixels
-- @tparam tensor end_points of the same shape: where they are in the result
-- @tparam[opt] string interpolation "bilinear" (default), or "nearest"
-- @tparam[opt=0] number fill_value beyond the edges
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor of images' type. No gradient passes to the points
-- @usage
-- local corners = { { 0, 0 }, { 15, 0 }, { 0, 15 }, { 15, 15 } }
-- nn.ops.image.perspective_transform(photos, corners, { { 2, 1 }, { 13, 0 }, { 0, 15 }, { 15, 14 } })
base.compose { "image.perspective_transform", operands = { "images", "start_points", "end_points" },
  options = { { "interpolation", "bilinear" }, { "fill_value", 0 }, { "data_format" } },
  compute = function(x, start_points, end_points, options)
    local name, transforms = "image.perspective_transform", {}
    local from, to = points_of(start_points, name), points_of(end_points, name)
    if #from ~= #to then
      blame("%s: expected as many start_points as end_points, got them for %d and %d pictures", name, #from, #to)
    end
    for i = 1, #from do
      transforms[i] = homography.between(to[i], from[i])
        or blame("%s: three of the four points of picture %d lie on one line", name, i)
    end
    return base.ops.image.affine_transform(x, tensor.tensor(transforms), options)
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
        local shape = base.shape_of(last)
        if shape[#shape] ~= 3 then
          blame("image.rgb_to_grayscale: expected pictures of 3 channels, got %d", shape[#shape])
        end
        return base.ops.matmul(last, { { 0.2989 }, { 0.587 }, { 0.114 } })
      end)
    end)
  end }
