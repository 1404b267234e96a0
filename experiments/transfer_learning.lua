-- Transfer learning: a network that knows 1,000 things learns to tell dogs from cats, from 2,000 photographs.
--
--   ./nnrun experiments/transfer_learning.lua                            some minutes; two reports
--   ./nnrun experiments/transfer_learning.lua epochs=1 --seeds 1         a quick look
--   ./nnrun experiments/transfer_learning.lua -- FOLDER                  other photographs
--   ./nnrun experiments/transfer_learning.lua -- FOLDER WEIGHTS          and other weights for the network
--
-- The folder has the photographs in train/cats, train/dogs, validation/cats and validation/dogs; without one the lab
-- looks for cats_and_dogs in $NNRUN_DATA and in data. A tar file has to be unpacked first: tar xf FILE -C FOLDER. The
-- weights are those of MobileNet, a quarter as wide, after training with ImageNet. WEIGHTS is the path of a file,
-- "imagenet" for Keras' own, which are downloaded, or "none" for random ones, which shows what they are worth.

local lfs = require "lfs"
local nn = require "nn"
local layers = nn.layers

local SIZE, FEATURES = 160, 256 -- of pictures, and of what the network makes of one
local DATA = os.getenv "NNRUN_DATA" or "data"

-- Data ---------------------------------------------------------------------------------------------------------------

local function find_photographs()
  local tried = { arg[1] or DATA .. "/cats_and_dogs", "data/cats_and_dogs" }
  for _, folder in ipairs(tried) do
    if lfs.attributes(folder .. "/train", "mode") == "directory" then return folder end
  end
  error(("no photographs in %s: give the folder that has train and validation in it, as in "
    .. "./nnrun experiments/transfer_learning.lua -- FOLDER"):format(table.concat(tried, " or ")), 0)
end

local function find_weights()
  local path = DATA .. "/pretrained/mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_weights.h5"
  return arg[2] or lfs.attributes(path, "mode") and path or "imagenet"
end

local folder, weights = find_photographs(), find_weights()

--- All pictures of a part, square pieces of the middle, and which are dogs. As bytes they take a quarter of the memory.
local function photographs(part)
  local dataset = nn.utils.image_dataset_from_directory(folder .. "/" .. part, {
    label_mode = "binary", image_size = { SIZE, SIZE }, crop_to_aspect_ratio = true, batch_size = 50, shuffle = false,
  })
  local pictures, labels = {}, {}
  for images, is_dog in dataset:iterate() do
    pictures[#pictures + 1], labels[#labels + 1] = images:round():astype "uint8", is_dog
  end
  return nn.concatenate(pictures, { axis = 1 }), nn.concatenate(labels, { axis = 1 }), dataset.class_names
end

local train_pictures, train_labels, names = photographs "train"
local val_pictures, val_labels = photographs "validation"

-- The network -----------------------------------------------------------------------------------------------------

--- MobileNet without its top: a picture becomes 256 numbers. As the network does, it reads pixels from -1 to 1.
local function body(input, from)
  return nn.applications.MobileNet { alpha = 0.25, include_top = false, pooling = "avg", input_tensor = input,
    weights = from }
end

local function compile(model, rate)
  model:compile { optimizer = nn.optimizers.Adam { rate }, loss = "binary_crossentropy", metrics = { "accuracy" } }
  return model
end

-- 1. Features once, then a head -----------------------------------------------------------------------------------

-- The body stays as it is, so what it makes of a picture is computed once. A head learns from that in no time.
local extractor = body(nn.Input { shape = { SIZE, SIZE, 3 } }, weights)

local function features(pictures)
  local parts = {}
  for first = 1, #pictures, 50 do
    local some = pictures[{ { first, math.min(first + 49, #pictures) } }]
    parts[#parts + 1] = extractor:predict(nn.applications.mobilenet.preprocess_input(some), { verbose = 0 })
  end
  return nn.concatenate(parts, { axis = 1 })
end

--- Two after each other, along the samples' axis.
local function both(a, b) return nn.concatenate({ a, b }, { axis = 1 }) end

-- A cat in a mirror is a cat: twice as many features to learn from.
local train_features = both(features(train_pictures), features(nn.ops.flip(train_pictures, 3)))

local heads = nn.Experiment {
  name = "transfer_learning",
  title = "Dogs and cats on the shoulders of ImageNet",
  train = { train_features, both(train_labels, train_labels) },
  validation = { features(val_pictures), val_labels },
  class_names = names,
  params = { hidden = 0, dropout = 0, learning_rate = 1e-3, batch_size = 50, epochs = 40 },
  build = function(p)
    local model = nn.Sequential { nn.Input { shape = { FEATURES } } }
    if p.dropout > 0 then model:add(layers.Dropout { p.dropout }) end
    if p.hidden > 0 then model:add(layers.Dense { p.hidden, activation = "relu" }) end
    model:add(layers.Dense { 1, activation = "sigmoid", name = "head" })
    return compile(model, p.learning_rate)
  end,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
}

heads:note(([[
ImageNet has 1,000 classes, some 120 of them dogs, and 1.3 million photographs. What MobileNet learned from these it
brings along: it makes %d numbers of a picture, and a **head** only has to learn which of them speak for a dog. The
network itself is *frozen*. The numbers of each photograph, and of its mirror image, are computed once; then an epoch
takes a moment.]]):format(FEATURES))

local linear = heads:sweep("A head on frozen features", {
  { hidden = 0, dropout = 0 }, { hidden = 0, dropout = 0.3 }, { hidden = 64, dropout = 0.5 },
})
heads:conclude()
heads:report()

-- 2. Fine-tuning, and training from scratch -----------------------------------------------------------------------

-- The head that was learned above, without a hidden layer.
local head_weights = { linear.trials[1].model:get_layer("head"):get_weights() }

--- The last block is free, all else is frozen. Normalization keeps its averages: a few photographs would spoil them.
local function free_last_block(network)
  for _, layer in ipairs(network.layers) do
    layer.trainable = layer.name:find "_13$" ~= nil
  end
end

local tuning = nn.Experiment {
  name = "transfer_learning_tuning",
  title = "Fine-tuning, and training from scratch",
  train = { train_pictures, train_labels },
  validation = { val_pictures, val_labels },
  class_names = names,
  params = { start = "imagenet", learning_rate = 1e-3, batch_size = 20, epochs = 6 },
  build = function(p)
    local input = nn.Input { shape = { SIZE, SIZE, 3 } }
    local pixels = layers.Rescaling { 1 / 127.5, offset = -1 }(input)
    local network = body(pixels, p.start == "imagenet" and weights or "none")
    local head = layers.Dense { 1, activation = "sigmoid", name = "head" }
    local model = nn.Model { inputs = { input }, outputs = { head(network.output) } }
    if p.start == "imagenet" then
      free_last_block(network)
      head:set_weights(head_weights)
    end
    return compile(model, p.learning_rate)
  end,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
}

tuning:note [[
The head above is good enough not to spoil what is below it. Now the last block of MobileNet may change, too, by **small
steps**: it is *fine-tuned*. Beside it stands the same network with random weights, which has nothing but these
photographs to learn from. While it learns fast, the averages of its normalization lag behind what they are averages of:
it may get better on the training photographs, and still guess on those for validation.]]

tuning:sweep("From ImageNet and from scratch", {
  { start = "imagenet", learning_rate = 1e-4 }, { start = "scratch", learning_rate = 1e-3 },
})
tuning:conclude()

local first = val_pictures:gather(nn.tensor({ 1, 2, #val_pictures - 1, #val_pictures }, "int32"))
tuning:figure("Where it looks", nn.plot.grad_cam(tuning.best.model, first))
