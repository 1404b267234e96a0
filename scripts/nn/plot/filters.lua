--- The filters of a convolution as pictures.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local images = require "nn.plot.images"
local shades = require "nn.plot.shades"
local tensor = require "nn.tensor"
local weights = require "nn.plot.weights"

local OPTIONS = { "columns", "scale", "input", "caption", "title" }
local COLORS = 3
local COLUMNS, SIDE = 16, 40 -- filters beside each other, and about how many pixels each is wide

-- The kernel (height, width, inputs, filters).
local function kernel_of(layer)
  local has_weights = type(layer) == "table" and layer.get_weights
  local kernel = has_weights and layer:get_weights()
  if not tensor.is_tensor(kernel) or #kernel.shape ~= 4 then
    blame("plot.filters: expected a two-dimensional convolution that has its weights, got %s%s", blame.got(layer),
      tensor.is_tensor(kernel) and "; nn.plot.weights shows those of a Dense layer" or "")
  end
  return kernel
end

local function name_of(layer)
  return type(layer.name) == "string" and " of " .. layer.name or ""
end

local function with_layout(kernel, options, caption)
  local width, count = kernel.shape[2], kernel.shape[4]
  return { columns = options.columns or math.min(count, COLUMNS), scale = options.scale or math.max(1, SIDE // width),
    caption = options.caption or caption, title = options.title or "filters" }
end

-- Filters over red, green and blue: grey is zero, and one scale holds for all.
local function colored(layer, kernel, options)
  local largest = math.max(-kernel:min(), kernel:max())
  local caption = ("The %d filters%s over red, green and blue. Grey is zero; the full range is ±%s.")
    :format(kernel.shape[4], name_of(layer), (("%.3g"):format(largest):gsub(",", ".")))
  local pictures = shades.bytes(shades.unit(kernel:transpose { 4, 1, 2, 3 }, -largest, largest))
  return images(pictures, with_layout(kernel, options, caption))
end

-- What filters do with one of their input channels, blue for negative and red for positive weights.
local function of_channel(layer, kernel, options)
  local inputs = kernel.shape[3]
  local channel = check.count(options.input, 1, "plot.filters: input")
  if channel > inputs then blame("plot.filters: input: expected a channel from 1 to %d, got %d", inputs, channel) end
  local slice = kernel[{ {}, {}, { channel, channel }, {} }]
  local largest = ("%.3g"):format(math.max(-slice:min(), slice:max())):gsub(",", ".")
  local over = inputs == 1 and "" or (" over channel %d of %d"):format(channel, inputs)
  local caption = ("The %d filters%s%s. Blue is negative, white zero, red positive; full colour at ±%s.")
    :format(kernel.shape[4], name_of(layer), over, largest)
  return weights({ get_weights = function() return slice end }, with_layout(kernel, options, caption))
end

--- Shows the filters of a two-dimensional convolution. Those that read three channels, red, green and blue, are shown
-- in colour. Others are blue for negative and red for positive weights, for one of the channels that they read.
-- @tparam layer layer whose first weight tensor is a kernel (height, width, in, filters)
-- @tparam[opt] table options
-- @tparam[opt] integer options.input which of the channels they read is shown, from 1 (in colour if there are three,
-- else the first)
-- @tparam[opt] integer options.columns (16, or as many as there are)
-- @tparam[opt] integer options.scale how often each pixel is repeated (so that a filter is about 40 pixels wide)
-- @tparam[opt] string options.caption instead of the sentence about the scale
-- @tparam[opt] string options.title words for those who do not see the picture
-- @treturn table a figure
-- @raise where the layer has no such weights
-- @usage lab:figure("First-layer filters", nn.plot.filters(convnet.layers[1]))
-- @function filters
return function(layer, options)
  options = arguments.check(options or {}, OPTIONS, "plot.filters")
  local kernel = kernel_of(layer)
  if kernel.shape[3] == COLORS and options.input == nil then return colored(layer, kernel, options) end
  return of_channel(layer, kernel, options)
end
