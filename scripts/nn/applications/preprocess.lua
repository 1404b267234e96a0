--- How pictures are scaled before a pretrained network reads them.
-- @submodule nn.applications
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local arguments = require "nn.support.arguments"
local ops = require "nn.ops"
local kinds = require "nn.support.kinds"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local read_options = arguments.options("preprocess_input", {
  { "data_format", "channels_last", kinds.one_of("channels_last", "channels_first") },
})

-- Means and deviations of ImageNet's pixels, of red, green and blue between 0 and 1; means of blue, green and red
-- between 0 and 255.
local MEAN, DEVIATION = { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 }
local MEAN_BGR = { 103.939, 116.779, 123.68 }

-- A number for each channel, to be stretched over a picture or a batch of them.
local function per_channel(numbers, ndim, axis)
  local shape = {}
  for i = 1, ndim do shape[i] = i == axis and #numbers or 1 end
  return tensor.tensor(numbers):reshape(shape)
end

local modes = {}

-- From -1 to 1.
function modes.tf(x) return x / 127.5 - 1 end

-- From 0 to 1, then mean 0 and deviation 1 over ImageNet.
function modes.torch(x, ndim, axis)
  return (x / 255 - per_channel(MEAN, ndim, axis)) / per_channel(DEVIATION, ndim, axis)
end

-- Blue, green, red, each minus its mean over ImageNet.
function modes.caffe(x, ndim, axis)
  return ops.flip(x, axis) - per_channel(MEAN_BGR, ndim, axis)
end

function modes.none(x) return x end

local function shape_text(x) return align.text(x.shape) end

--- How many axes x has, the samples' axis included, and which of them has the channels.
local function axes_of(x, data_format)
  local ndim = symbolic.is(x) and #x.shape + 1 or x.ndim
  if ndim ~= 3 and ndim ~= 4 then
    blame("preprocess_input: expected a picture or a batch of them, got shape %s", shape_text(x))
  end
  local axis = data_format == "channels_last" and ndim or ndim - 2
  local channels = x.shape[symbolic.is(x) and axis - 1 or axis]
  if channels ~= 3 then
    blame("preprocess_input: expected 3 channels along axis %d, got shape %s", axis, shape_text(x))
  end
  return ndim, axis
end

--- Scales pictures as the networks of a module were trained with, from pixels between 0 and 255; each module has its
-- own. The tensor that is given stays as it is.
-- @function mobilenet.preprocess_input
-- @tparam tensor|symbolic x a picture (height, width, 3) or several
-- @tparam[opt] table options data_format ("channels_last"): or "channels_first"
-- @treturn tensor|symbolic float32
-- @usage local x = nn.applications.mobilenet.preprocess_input(nn.zeros({ 1, 8, 8, 3 }, "uint8")) -- all -1

-- mode: "tf", "torch", "caffe" or "none".
return function(mode)
  return function(x, options)
    options = read_options(options)
    if not symbolic.is(x) then
      if not tensor.is_tensor(x) then blame("preprocess_input: expected a tensor of pictures, got %s", blame.got(x)) end
      x = x:astype "float32"
    end
    return modes[mode](x, axes_of(x, options.data_format))
  end
end
