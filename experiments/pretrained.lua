-- A network with a name looks at a picture of yours: what it takes it for, what its blocks see, and where it looks.
--
--   ./nnrun experiments/pretrained.lua                              MobileNet looks at a panda
--   ./nnrun experiments/pretrained.lua -- PICTURE                   at a picture of yours
--   ./nnrun experiments/pretrained.lua -- PICTURE VGG16             another network: ResNet50, EfficientNetB0 ...
--   ./nnrun experiments/pretrained.lua -- PICTURE MobileNet none    with random weights, for comparison
--
-- The weights are those of ImageNet, whose 1,000 classes are what the network knows. They are looked for in pretrained
-- of $NNRUN_DATA, and else downloaded: 17 MB for MobileNet, 553 MB for VGG16. The panda is in the same folder.

local lfs = require "lfs"
local nn = require "nn"

local DATA = (os.getenv "NNRUN_DATA" or "data") .. "/pretrained"
local PATH, NAME, WEIGHTS = arg[1] or DATA .. "/panda.jpg", arg[2] or "MobileNet", arg[3] or "imagenet"

-- The network --------------------------------------------------------------------------------------------------------

-- The module that has the network also has the way in which its pictures are scaled.
local MODULES = {
  VGG16 = "vgg16", VGG19 = "vgg19", MobileNet = "mobilenet", MobileNetV2 = "mobilenet_v2", Xception = "xception",
  InceptionV3 = "inception_v3", SqueezeNet = "squeezenet",
}
for _, name in ipairs { "ResNet", "DenseNet", "EfficientNet" } do MODULES[name] = name:lower() end

local function module_of(name)
  local module = MODULES[name] or name:find "V2$" and "resnet_v2" or MODULES[name:match "^(%a-)B?%d+$"]
  return module and nn.applications[module] or error("there is no network " .. name .. " in nn.applications", 0)
end

local module = module_of(NAME)

-- The smallest of all is MobileNet a quarter as wide, half a million weights: that one may be in the folder already.
local is_small = NAME == "MobileNet" and lfs.attributes(DATA .. "/mobilenet_v1_0.25_224", "mode") ~= nil
local network = nn.applications[NAME] { alpha = is_small and 0.25 or nil, weights = WEIGHTS }

-- The picture --------------------------------------------------------------------------------------------------------

if not lfs.attributes(PATH, "mode") then
  error(("no picture %s: give one, as in ./nnrun experiments/pretrained.lua -- PICTURE"):format(PATH), 0)
end

local height, width = table.unpack(network.input_shape)
local picture = nn.image.load(PATH, { target_size = { height, width }, interpolation = "bilinear",
  keep_aspect_ratio = true }):reshape { 1, height, width, 3 }
local mirrored = nn.ops.flip(picture, 3)

local function probabilities(image)
  return network:predict(module.preprocess_input(image), { verbose = 0 })
end

local p, q = probabilities(picture), probabilities(mirrored)
local class, mirrored_class = p:argmax(-1), q:argmax(-1)

-- The report ---------------------------------------------------------------------------------------------------------

-- Nothing is trained here: the picture and its mirror image are all the data there are.
local lab = nn.Experiment {
  name = "pretrained",
  title = NAME .. " looks at " .. PATH:match "[^/]*$",
  train = { picture, class:astype "float32" }, validation = { mirrored, mirrored_class:astype "float32" },
  build = function() return network end,
  seeds = { 1, 2 },
}

lab:note(([[
%s has %d weights and %d layers. In its training it saw 1.3 million photographs of ImageNet, each of one of 1,000
classes. What does it take this picture for, and the same picture in a mirror?]]):format(NAME, network:count_params(),
  #network.layers))

local lines = { "| the picture | | in a mirror | |", "| --- | ---: | --- | ---: |" }
local here, there = module.decode_predictions(p)[1], module.decode_predictions(q)[1]
for i, each in ipairs(here) do
  lines[#lines + 1] = ("| %s | %.1f %% | %s | %.1f %% |"):format(each[2]:gsub("_", " "), 100 * each[3],
    there[i][2]:gsub("_", " "), 100 * there[i][3])
end
lab:note(table.concat(lines, "\n"))
print(("%s: %s, %.1f %%"):format(NAME, here[1][2], 100 * here[1][3]))

-- One activation for each size of maps: the last of its block.
local function last_of_blocks()
  local last, order = {}, {}
  for _, layer in ipairs(network.layers) do
    local shape = layer.output_shape
    local is_activation = layer.class_name == "ReLU" or layer.class_name == "Activation"
      or layer.class_name == "Conv2D" and layer.activation and layer.activation.name == "relu"
    if is_activation and #shape == 3 and shape[1] > 1 then
      if not last[shape[1]] then order[#order + 1] = shape[1] end
      last[shape[1]] = layer
    end
  end
  local list = {}
  for i, size in ipairs(order) do list[i] = last[size] end
  return list
end

lab:note [[
The first maps still look like the picture: edges, light and dark. Block by block the maps become smaller and say less
**where** and more **what**.]]
local scaled = module.preprocess_input(picture)
lab:figure("What each block sees", nn.plot.feature_maps(network, scaled[1], { layers = last_of_blocks(), maps = 8 }))

lab:note [[
Grad-CAM colours the places whose features speak for a class: here for the most probable one, and for the second.]]
local second = nn.ops.argsort(-p, -1)[{ 1, 2 }]
lab:figure("Where it looks", nn.plot.grad_cam(network, nn.concatenate({ scaled, scaled }, { axis = 1 }), {
  classes = { class[1] // 1 | 0, second // 1 | 0 }, columns = 2,
  captions = { here[1][2]:gsub("_", " "), (here[2][2]:gsub("_", " ")) },
}))
lab:report()
