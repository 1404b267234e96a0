--- What each layer of a convolutional network makes of one picture.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local images = require "nn.plot.images"
local layer_outputs = require "nn.plot.layer_outputs"
local ops = require "nn.ops"
local shades = require "nn.plot.shades"
local tensor = require "nn.tensor"

local OPTIONS = { "layers", "maps", "scale", "caption", "title" }
local WIDTH, MAPS = 720, 8 -- pixels of a page; maps beside each other
local GAP_SHADE = 170 / 255
local CAPTION = "Within a layer all maps share one scale: black is zero or the lowest value, white the highest."

-- One picture as a batch of one.
local function as_batch(model, image)
  if not tensor.is_tensor(image) then
    blame("plot.feature_maps: expected a tensor, one picture, got %s", blame.got(image))
  end
  local shape = model.inputs[1].shape
  local whole = image.ndim == #shape + 1 and image.shape[1] == 1
  if not whole and image.ndim ~= #shape then
    blame("plot.feature_maps: expected one picture of shape %s, as in x[1], got shape %s", table.concat(shape, "x"),
      table.concat(image.shape, "x"))
  end
  return whole and image or image:reshape { 1, table.unpack(image.shape) }
end

local function nodes_of(model, layers)
  if layers == nil then return layer_outputs.pictures(model, "plot.feature_maps") end
  local list = {}
  for i, layer in ipairs(check.list(layers, "plot.feature_maps: layers")) do
    list[i] = layer_outputs.of(model, layer, "plot.feature_maps: layers")
  end
  return list
end

-- The first maps of a layer beside each other, each as wide as it may be, on one scale of grey.
local function strip(output, count, width, height)
  local low, high = math.min(0, output:min()), output:max()
  local shown = shades.unit(output[{ 1, {}, {}, { 1, math.min(count, output.shape[4]) } }], low, high)
  local shrinks = shown.shape[2] > width
  shown = ops.image.resize(shown, { height, width },
    { interpolation = shrinks and "bilinear" or "nearest", antialias = shrinks })
  local gap, parts = tensor.full({ height, 1 }, GAP_SHADE), {}
  for i = 1, count do
    parts[2 * i - 1] = i <= shown.shape[3] and shown[{ {}, {}, i }] or tensor.ones { height, width }
    if i < count then parts[2 * i] = gap end
  end
  return tensor.concatenate(parts, -1):clip(0, 1)
end

local function words_for(node, count)
  local height, width, channels = table.unpack(node.shape)
  local which = channels > count and (", %d of %d maps"):format(count, channels)
    or (", %d map%s"):format(channels, channels == 1 and "" or "s")
  return ("%s: %d x %d%s"):format(node.layer.name, height, width, which)
end

--- Shows the feature maps of one picture: what each layer gives for it, a line a layer, from the input on. Within a
-- layer all maps share one scale from black, zero or the lowest value, to white, the highest.
-- @tparam model model with one input, a picture
-- @tparam tensor image one sample, as in `x[1]`
-- @tparam[opt] table options
-- @tparam[opt] table options.layers layers, or their names (all that give pictures)
-- @tparam[opt=8] integer options.maps how many of each layer
-- @tparam[opt=1] integer options.scale how often each pixel is repeated
-- @tparam[opt] string options.caption instead of the sentence about the scale
-- @tparam[opt] string options.title words for those who do not see the pictures
-- @treturn table a figure
-- @raise where no layer gives pictures, or the picture is of another shape
-- @usage lab:figure("Feature maps", nn.plot.feature_maps(convnet, photos[1]))
-- @function feature_maps
return function(model, image, options)
  options = arguments.check(options or {}, OPTIONS, "plot.feature_maps")
  layer_outputs.check_model(model, "plot.feature_maps")
  local batch, nodes = as_batch(model, image), nodes_of(model, options.layers)
  local count = check.count(options.maps, MAPS, "plot.feature_maps: maps")
  local Model = require("nn.models").Model
  local inner = Model { name = "feature_maps", inputs = model.inputs, outputs = nodes }
  local outputs = inner:predict(batch, { verbose = 0 })
  if #nodes == 1 then outputs = { outputs } end
  local width = math.max(1, WIDTH // count - 1)
  local height = math.max(1, width * nodes[1].shape[1] // nodes[1].shape[2])
  local strips, captions = {}, {}
  for i, node in ipairs(nodes) do
    strips[i], captions[i] = strip(outputs[i], count, width, height), words_for(node, count)
  end
  return images(shades.bytes(tensor.stack(strips)), {
    captions = captions, columns = 1, scale = check.count(options.scale, 1, "plot.feature_maps: scale"),
    title = options.title,
    caption = options.caption or CAPTION,
  })
end
