--- CIFAR-100: 60,000 colour pictures of 32 x 32 pixels in 100 classes, which form 20 groups (Krizhevsky, 2009).
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local cifar = require "nn.datasets.cifar"

local signature = arguments.signature("cifar100.load_data", { { "label_mode", "fine" } })
local cifar100 = {}

-- What the class ids stand for with label_mode "fine".
cifar100.class_names = {
  "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
  "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
  "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
  "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard",
  "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
  "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum",
  "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
  "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
  "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf",
  "woman", "worm",
}

-- What they stand for with label_mode "coarse".
cifar100.coarse_class_names = {
  "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
  "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things",
  "large_natural_outdoor_scenes", "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates",
  "people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
}

-- Which byte of a record holds the label.
local LABELS = { coarse = 1, fine = 2 }

cifar100.set = cifar.describe {
  name = "cifar100", url = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", folder = "cifar-100-binary",
  labels = 2, classes = { 20, 100 }, train = { "train.bin" }, test = { "test.bin" },
}

--- Loads CIFAR-100 from the files of its binary version, in `cifar100` of a folder of data sets. A set that is missing
-- or damaged ends the program (status 3) with the command that gets it.
-- @function cifar100.load_data
-- @tparam[opt] table options `label_mode`: "fine" (default), class ids from 0 to 99, or "coarse", groups from 0 to 19
-- @treturn tensor x_train, uint8 from 0 to 255, (50000, 32, 32, 3)
-- @treturn tensor y_train, class ids, uint8, (50000, 1)
-- @treturn tensor x_test, uint8, (10000, 32, 32, 3)
-- @treturn tensor y_test, uint8, (10000, 1)
-- @usage nn.datasets.cifar100.load_data{ label_mode = "coarse" }
function cifar100.load_data(options)
  local mode = signature(options).label_mode
  if not LABELS[mode] then
    blame('cifar100.load_data: label_mode: expected "fine" or "coarse", got %s', blame.got(mode))
  end
  return cifar.load(cifar100.set, LABELS[mode])
end

return cifar100
