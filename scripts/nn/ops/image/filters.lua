--- Pictures seen through windows: blurred, or cut into patches.
-- @submodule nn.ops.image
local arguments = require "nn.support.arguments"
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local spatial = require "nn.layers.base.spatial"

local ops = base.ops

-- exp(-(x / sigma)^2 / 2) around the middle of `size` places, with a sum of 1.
local function bell(size, sigma)
  local x = ops.arange(size) - (size - 1) / 2
  local weights = ops.exp(-0.5 * ops.square(x / sigma))
  return weights / ops.sum(weights)
end

local function check_blur(o, name)
  spatial.numbers(o, name, "kernel_size", 2)
  for i = 1, 2 do
    if o.kernel_size[i] % 2 == 0 then
      blame("%s: kernel_size: expected odd whole numbers, got %d", name, o.kernel_size[i])
    end
  end
  if type(o.sigma) == "number" then o.sigma = { o.sigma, o.sigma } end
  for i = 1, 2 do
    local sigma = type(o.sigma) == "table" and o.sigma[i]
    if type(sigma) ~= "number" or sigma ~= sigma or sigma <= 0 then
      blame("%s: sigma: expected a number above 0, or { width, height }, got %s", name, blame.got(o.sigma))
    end
  end
end

--- Pictures blurred by a Gaussian kernel; beyond the edges is 0.
-- @function gaussian_blur
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam[opt=3] integer|{integer,integer} kernel_size odd, { width, height } in pixels
-- @tparam[opt=1] number|{number,number} sigma the standard deviation in pixels, { width, height }
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor of images' type
-- @usage nn.ops.image.gaussian_blur(photos, 5, 1.5)
base.compose { "image.gaussian_blur", operands = { "images" },
  options = { { "kernel_size", 3 }, { "sigma", 1 }, { "data_format" } },
  compute = function(x, o)
    check_blur(o, "image.gaussian_blur")
    return pictures.apply("image.gaussian_blur", x, o, function(images, axes)
      return pictures.channels_last(images, axes[1] == 3, function(last)
        local channels = base.shape_of(last)[4]
        local kernel = ops.outer(bell(o.kernel_size[2], o.sigma[2]), bell(o.kernel_size[1], o.sigma[1]))
        kernel = ops.reshape(kernel, { o.kernel_size[2], o.kernel_size[1], 1, 1 })
        return ops.depthwise_conv(last, ops.tile(kernel, { 1, 1, channels, 1 }), 1, "same")
      end)
    end)
  end }

-- Each output channel of this convolution copies one cell of the window.
local function patches_of(images, o, name, rank)
  local config = { size = o.size, strides = o.strides == nil and o.size or o.strides }
  spatial.numbers(config, name, "size", rank)
  spatial.numbers(config, name, "strides", rank)
  return pictures.channels_last(images, pictures.is_first(o, name), function(last)
    local shape, length = table.move(config.size, 1, rank, 1, {}), base.shape_of(last)
    local count = length[rank + 2]
    shape[rank + 1] = count
    for i = 1, rank do
      if o.padding == "valid" and length[i + 1] > 0 and config.size[i] > length[i + 1] then
        blame('%s: size: a patch is %d long in a picture of %d; use padding = "same"', name, config.size[i],
          length[i + 1])
      end
      count = count * config.size[i]
    end
    shape[rank + 2] = count
    return ops.conv(last, ops.reshape(ops.eye(count), shape), config.strides, o.padding,
      { dilation_rate = o.dilation_rate })
  end)
end

local function define(name, rank)
  base.compose { name, operands = { rank == 2 and "images" or "volumes" },
    options = { { "size", arguments.required }, { "strides" }, { "dilation_rate", 1 }, { "padding", "valid" },
      { "data_format" } },
    compute = function(x, o)
      local ndim = #base.shape_of(x)
      if ndim ~= rank + 1 and ndim ~= rank + 2 then
        blame("%s: expected %d axes, or %d with a batch, got %d", name, rank + 1, rank + 2, ndim)
      end
      if ndim == rank + 2 then return patches_of(x, o, name, rank) end
      return ops.squeeze(patches_of(ops.expand_dims(x, 1), o, name, rank), 1)
    end }
end

--- Patches of pictures, each as one row of numbers: what a window of `size` sees at each of its places.
-- @function extract_patches
-- @tparam tensor images (height, width, channels) or (n, height, width, channels)
-- @tparam integer|{integer,integer} size of a patch, { height, width }
-- @tparam[opt] integer|{integer,integer} strides (size) pixels from one patch to the next
-- @tparam[opt=1] integer|{integer,integer} dilation_rate pixels from one cell of a patch to the next
-- @tparam[opt] string padding "valid" (default): windows stay inside; "same": zeros at the edges
-- @tparam[opt] string data_format "channels_last" (default) or "channels_first"
-- @treturn tensor (n, rows, columns, height * width * channels)
-- @usage nn.ops.image.extract_patches(photos, 4)
define("image.extract_patches", 2)

--- Patches of volumes. Arguments as for extract_patches; lists are { depth, height, width }.
-- @function extract_patches_3d
-- @usage nn.ops.image.extract_patches_3d(nn.ones{ 1, 4, 4, 4, 1 }, 2) --> shape 1x2x2x2x8
define("image.extract_patches_3d", 3)
