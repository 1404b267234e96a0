--- Convolutions of images with kernels that are given.
-- @submodule nn.ops
local base = require "nn.ops.base"
local blame = require "nn.support.blame"
local pictures = require "nn.ops.image.pictures"
local spatial = require "nn.layers.base.spatial"

local OPTIONS = { { "strides", 1 }, { "padding", "valid" }, { "data_format" }, { "dilation_rate", 1 } }

local function largest(list) return math.max(table.unpack(list)) end

-- How many axes of places the images have.
local function rank_of(x, name)
  local rank = #base.shape_of(x) - 2
  if rank < 1 or rank > 3 then
    blame("%s: expected images (n, places, channels) with one to three axes of places, got %d axes", name, rank + 2)
  end
  return rank
end

-- The engine's arguments.
local function config_of(o, name, rank)
  local a = { strides = o.strides, dilation_rate = o.dilation_rate, padding = o.padding }
  spatial.numbers(a, name, "strides", rank)
  spatial.numbers(a, name, "dilation_rate", rank)
  spatial.padding(a, name, { "valid", "same" })
  if largest(a.strides) > 1 and largest(a.dilation_rate) > 1 then
    blame("%s: strides above 1 do not go with a dilation_rate above 1; leave one of them at 1", name)
  end
  return a
end

-- Calls compute(images, config) with the channels last.
local function over_places(name, x, o, compute)
  local config = config_of(o, name, rank_of(x, name))
  return pictures.channels_last(x, pictures.is_first(o, name), function(last) return compute(last, config) end)
end

--- Each filter is moved along the places of images: the sum of kernel times what lies under it. See nn.layers.Conv2D.
-- @function conv
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam tensor kernel (places, channels / groups, filters). Where it has fewer channels than the images, these are
-- split into groups, each with its own part of the filters
-- @tparam[opt=1] integer|{integer,...} strides one number, or one for each axis of places
-- @tparam[opt] string padding "valid" (default), or "same"
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @tparam[opt=1] integer|{integer,...} dilation_rate places from one cell of the kernel to the next
-- @treturn tensor (n, places, filters)
-- @usage nn.ops.conv(photos, nn.ones{ 3, 3, 3, 8 }, 1, "same")
base.compose { "conv", operands = { "inputs", "kernel" }, options = OPTIONS,
  compute = function(x, kernel, o)
    return over_places("conv", x, o, function(last, config) return base.run("conv", config, { last, kernel }) end)
  end }

-- A convolution of each channel alone is one with as many groups as channels; the numbers of its kernel are the same.
local function depthwise(name, x, kernel, config)
  local shape, channels = base.shape_of(kernel), base.shape_of(x)[#base.shape_of(x)]
  local rank = #config.strides
  if #shape ~= rank + 2 or shape[rank + 1] ~= channels then
    blame("%s: kernel: expected %d axes (places, channels, depth_multiplier) with %d channels, got shape %s", name,
      rank + 2, channels, table.concat(shape, "x"))
  end
  local grouped = table.move(shape, 1, rank, 1, {})
  grouped[rank + 1], grouped[rank + 2] = 1, channels * shape[rank + 2]
  return base.run("conv", config, { x, base.ops.reshape(kernel, grouped) })
end

--- A convolution of each channel alone. See nn.layers.DepthwiseConv2D.
-- @function depthwise_conv
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam tensor kernel (places, channels, depth_multiplier)
-- @tparam[opt=1] integer|{integer,...} strides one number, or one for each axis of places
-- @tparam[opt] string padding "valid" (default), or "same"
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @tparam[opt=1] integer|{integer,...} dilation_rate places from one cell of the kernel to the next
-- @treturn tensor (n, places, channels * depth_multiplier)
-- @usage nn.ops.depthwise_conv(photos, nn.ones{ 3, 3, 3, 1 } / 9)
base.compose { "depthwise_conv", operands = { "inputs", "kernel" }, options = OPTIONS,
  compute = function(x, kernel, o)
    return over_places("depthwise_conv", x, o, function(last, config)
      return depthwise("depthwise_conv", last, kernel, config)
    end)
  end }

--- A convolution of each channel alone, and then of all channels at each place. See nn.layers.SeparableConv2D.
-- @function separable_conv
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam tensor depthwise_kernel (places, channels, depth_multiplier)
-- @tparam tensor pointwise_kernel (1, ..., channels * depth_multiplier, filters)
-- @tparam[opt=1] integer|{integer,...} strides of the first convolution
-- @tparam[opt] string padding "valid" (default), or "same"
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @tparam[opt=1] integer|{integer,...} dilation_rate of the first convolution
-- @treturn tensor (n, places, filters)
-- @usage nn.ops.separable_conv(photos, nn.ones{ 3, 3, 3, 1 }, nn.ones{ 1, 1, 3, 8 })
base.compose { "separable_conv", operands = { "inputs", "depthwise_kernel", "pointwise_kernel" }, options = OPTIONS,
  compute = function(x, depthwise_kernel, pointwise_kernel, o)
    return over_places("separable_conv", x, o, function(last, config)
      local plain = config_of({ strides = 1, dilation_rate = 1, padding = "valid" }, "separable_conv", #config.strides)
      local between = depthwise("separable_conv", last, depthwise_kernel, config)
      return base.run("conv", plain, { between, pointwise_kernel })
    end)
  end }

-- Cells more at the end of each axis, fewer than the stride; nil: as many as Keras takes by itself.
local function output_padding_of(given, config)
  if given == nil then return nil end
  local a, name = { output_padding = given }, "conv_transpose"
  spatial.numbers(a, name, "output_padding", #config.strides, 0)
  for i, extra in ipairs(a.output_padding) do
    if extra >= config.strides[i] then
      blame("%s: output_padding: expected less than strides, got %d for a stride of %d", name, extra, config.strides[i])
    end
  end
  return a.output_padding
end

--- A transposed convolution: each place adds the kernel, times its value, to the places around it. See
-- nn.layers.Conv2DTranspose.
-- @function conv_transpose
-- @tparam tensor inputs (n, places, channels), with one to three axes of places
-- @tparam tensor kernel (places, filters, channels)
-- @tparam[opt=1] integer|{integer,...} strides how many places further the kernel of the next place is added
-- @tparam[opt] string padding "valid" (default), or "same": strides times as many places as there were
-- @tparam[opt] integer|{integer,...} output_padding places more at the end, fewer than strides; nil: as padding says
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first" for (n, channels, places)
-- @tparam[opt=1] integer|{integer,...} dilation_rate places from one cell of the kernel to the next
-- @treturn tensor (n, places, filters)
-- @usage nn.ops.conv_transpose(photos, nn.ones{ 3, 3, 8, 3 }, 2, "same")
base.compose { "conv_transpose", operands = { "inputs", "kernel" },
  options = { { "strides", 1 }, { "padding", "valid" }, { "output_padding" }, { "data_format" },
    { "dilation_rate", 1 } },
  compute = function(x, kernel, o)
    return over_places("conv_transpose", x, o, function(last, config)
      config.output_padding = output_padding_of(o.output_padding, config)
      return base.run("conv_transpose", config, { last, kernel })
    end)
  end }
