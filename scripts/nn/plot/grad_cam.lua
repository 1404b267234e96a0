--- Class activation maps: where a network looks.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local class_activation = require "nn.plot.class_activation"
local images_figure = require "nn.plot.images"
local layer_outputs = require "nn.plot.layer_outputs"
local ops = require "nn.ops"
local shades = require "nn.plot.shades"
local sheet = require "nn.plot.sheet"
local tensor = require "nn.tensor"

local OPTIONS = { "classes", "layer", "class_names", "captions", "columns", "scale", "caption", "title" }
local GAP, COLUMNS = 2, 5
-- From yellow, a little, to vermilion, most; both are told from grey by colour-blind readers too (Okabe and Ito).
local WEAK, STRONG = tensor.tensor { 240, 228, 66 } / 255, tensor.tensor { 213, 94, 0 } / 255
local COVER = 0.7 -- of the picture, where the map is 1

local function classes_of(model, images, given)
  local outputs = model:predict(images, { verbose = 0 })
  if not tensor.is_tensor(outputs) or outputs.ndim ~= 2 then
    blame("plot.grad_cam: expected a model with one output (n, classes), got %s",
      tensor.is_tensor(outputs) and table.concat(outputs.shape, "x") or "several outputs")
  end
  if given == nil then return class_activation.predicted(outputs), outputs end
  if tensor.is_tensor(given) then given = given:flatten() end
  local list = check.numbers(given, "plot.grad_cam: classes")
  if #list ~= #images then blame("plot.grad_cam: classes: expected %d, one a picture, got %d", #images, #list) end
  return list, outputs
end

local function captions_of(classes, outputs, names)
  local captions = {}
  for i, class in ipairs(classes) do
    class = class // 1 | 0
    local p = outputs.shape[2] > 1 and outputs[{ i, class + 1 }] or outputs[{ i, 1 }]
    if outputs.shape[2] == 1 and class == 0 then p = 1 - p end
    local name = names and names[class + 1] or ("class %d"):format(class)
    captions[i] = p >= 0 and p <= 1 and ("%s %.1f %%"):format(name, 100 * p) or name
  end
  return captions
end

-- Each picture, and beside it in grey under its map.
local function pairs_of(images, heat)
  local pictures = shades.colored(images)
  local count, height, width = table.unpack(pictures.shape)
  heat = ops.image.resize(heat:reshape { heat.shape[1], heat.shape[2], heat.shape[3], 1 }, { height, width })
  local cover = heat * COVER
  local grey = pictures:mean { axis = 4, keepdims = true }
  local mapped = grey * (1 - cover) + (WEAK + heat * (STRONG - WEAK)) * cover
  return shades.bytes(tensor.concatenate({ pictures, tensor.ones { count, height, GAP, 3 }, mapped }, 3):clip(0, 1))
end

--- Shows which parts of pictures speak for a class (Grad-CAM): each picture, and beside it in grey under a map from
-- nothing over yellow to red. The gradient of the class's score, before softmax or sigmoid, is taken by the feature
-- maps of a layer.
-- @tparam model model with one input, pictures, and one output, a score for each class or one for yes or no
-- @tparam tensor images as the model reads them: (n, height, width), (n, height, width, 1) or (n, height, width, 3)
-- @tparam[opt] table options
-- @tparam[opt] {integer,...} options.classes which class to ask about for each picture, from 0 (the predicted ones)
-- @tparam[opt] layer|string options.layer whose feature maps (the last that are pictures, before pooling)
-- @tparam[opt] {string,...} options.class_names for the words below
-- @tparam[opt] {string,...} options.captions instead of the class and its probability
-- @tparam[opt=5] integer options.columns
-- @tparam[opt] integer options.scale how often each pixel is repeated
-- @tparam[opt] string options.caption a sentence below them all
-- @tparam[opt] string options.title words for those who do not see the pictures
-- @treturn table a figure
-- @raise where the model is none of pictures, or a class is none of its
-- @usage lab:figure("Where it looks", nn.plot.grad_cam(convnet, photos, { class_names = { "cat", "dog" } }))
-- @function grad_cam
return function(model, images, options)
  options = arguments.check(options or {}, OPTIONS, "plot.grad_cam")
  layer_outputs.check_model(model, "plot.grad_cam")
  shades.check_pictures(images, "plot.grad_cam: images")
  local maps = class_activation.place(model, options.layer)
  local classes, outputs = classes_of(model, images, options.classes)
  local shown = pairs_of(images, class_activation.maps(model, images, classes, maps))
  local columns = check.count(options.columns, math.min(#images, COLUMNS), "plot.grad_cam: columns")
  return images_figure(shown, {
    captions = options.captions or captions_of(classes, outputs, options.class_names), columns = columns,
    scale = options.scale or sheet.scale(columns, shown.shape[3]), title = options.title,
    caption = options.caption or "Beside each picture: where the network sees the class; red counts most.",
  })
end
