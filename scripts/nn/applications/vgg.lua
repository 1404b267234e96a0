--- VGG16 and VGG19 (Simonyan and Zisserman 2014): blocks of convolutions of 3 x 3, each halved by its pooling.
-- @submodule nn.applications
local layers = require "nn.layers"
local network = require "nn.applications.network"

local FILTERS = { 64, 128, 256, 512, 512 }

-- counts: how many convolutions each block has.
local function features(counts)
  return function(x)
    for block, count in ipairs(counts) do
      for i = 1, count do
        x = layers.Conv2D { FILTERS[block], 3, activation = "relu", padding = "same",
          name = ("block%d_conv%d"):format(block, i) }(x)
      end
      x = layers.MaxPooling2D { 2, strides = 2, name = ("block%d_pool"):format(block) }(x)
    end
    return x
  end
end

local function top(x, given)
  return network.chain(x, {
    layers.Flatten { name = "flatten" },
    layers.Dense { 4096, activation = "relu", name = "fc1" },
    layers.Dense { 4096, activation = "relu", name = "fc2" },
    layers.Dense { given.classes, activation = given.classifier_activation, name = "predictions" },
  })
end

local function vgg(class, counts, hash, hash_without_top)
  local name = class:lower()
  return network.define {
    class = class, name = name, size = 224, smallest = 32, features = features(counts), top = top,
    weights = function(given)
      local ending = given.include_top and "" or "_notop"
      return {
        name = ("%s_weights_tf_dim_ordering_tf_kernels%s.h5"):format(name, ending),
        url = ("https://storage.googleapis.com/tensorflow/keras-applications/%s/"):format(name),
        md5 = given.include_top and hash or hash_without_top,
      }
    end,
  }
end

--- VGG16 with 138 million weights, and VGG19 with 144 million. They read blue, green and red minus their means
-- (`vgg16.preprocess_input`), 224 x 224, and without the top at least 32 x 32.
-- @function VGG16
-- @tparam[opt] table options as `nn.applications` tells
-- @treturn table model
-- @usage
-- local function features() return nn.applications.VGG16{ include_top = false, pooling = "avg" } end
-- local function classifier() return nn.applications.VGG19{ weights = "imagenet" } end
return {
  VGG16 = vgg("VGG16", { 2, 2, 3, 3, 3 }, "64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"),
  VGG19 = vgg("VGG19", { 2, 2, 4, 4, 4 }, "cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6"),
}
