--- Networks with a name, as Keras' `keras.applications`: their layers, and their weights after training with ImageNet.
--
-- Each is called with one table. Beside arguments of its own it takes:
--
-- - `include_top` (true): whether the layers that name 1,000 classes are there
-- - `weights` ("imagenet"): also the path of a file, or false for random numbers (Keras' None)
-- - `input_shape`: height, width and channels of a picture. With the top and the weights of ImageNet it is the one the
--   network was trained with; without the top it may be left out, and pictures may be of any size
-- - `input_tensor`: what `nn.Input` or a layer gave, to be read in place of an input of its own
-- - `pooling`: without the top "avg" or "max" gives one vector a picture in place of maps of features
-- - `classes` (1000), `classifier_activation` ("softmax"; false gives logits): of the top
-- - `name`: of the model
--
-- The weights of "imagenet" are looked for in `pretrained` of the folders of data sets (see `nn.datasets`), and else
-- downloaded from Keras' public home into the last of these; a file whose checksum Keras names is compared with it.
--
-- Beside the networks are modules of Keras' names, such as `nn.applications.resnet50`: each has its networks, and
-- `preprocess_input` and `decode_predictions`, which belong together.
-- @usage
-- local mobilenet = nn.applications.mobilenet
-- local model = nn.applications.MobileNet{ alpha = 0.25, weights = false, input_shape = { 32, 32, 3 }, classes = 10 }
-- local p = model:predict(mobilenet.preprocess_input(nn.zeros { 1, 32, 32, 3 }), { verbose = 0 })
-- @module nn.applications
local decode_predictions = require "nn.applications.predictions"
local preprocess_input = require "nn.applications.preprocess"

-- A file of networks; the modules that Keras has for them, with all or one of the networks; how pictures are scaled.
local FAMILIES = {
  { "vgg", { vgg16 = "VGG16", vgg19 = "VGG19" }, "caffe" },
  { "resnet", { resnet = "^ResNet%d+$", resnet50 = "ResNet50$" }, "caffe" },
  { "resnet", { resnet_v2 = "V2$" }, "tf" },
  { "mobilenet", { mobilenet = "." }, "tf" },
  { "mobilenet_v2", { mobilenet_v2 = "." }, "tf" },
  { "densenet", { densenet = "." }, "torch" },
  { "efficientnet", { efficientnet = "." }, "none" },
  { "xception", { xception = "." }, "tf" },
  { "inception_v3", { inception_v3 = "." }, "tf" },
  { "squeezenet", { squeezenet = "." }, "caffe" },
}

local applications = {}

for _, family in ipairs(FAMILIES) do
  local file, modules, mode = table.unpack(family)
  local networks = require("nn.applications." .. file)
  local preprocess = preprocess_input(mode)
  for name, pattern in pairs(modules) do
    local module = { preprocess_input = preprocess, decode_predictions = decode_predictions }
    for class, make in pairs(networks) do
      if class:find(pattern) then module[class], applications[class] = make, make end
    end
    applications[name] = module
  end
end

return applications
