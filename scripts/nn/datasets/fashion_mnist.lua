--- Fashion-MNIST: 70,000 pictures of clothes in the format of MNIST (Xiao, Rasul, Vollgraf, 2017).
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local idx = require "nn.datasets.idx"

local signature = arguments.signature("fashion_mnist.load_data", {})
local fashion_mnist = {}

fashion_mnist.set = {
  name = "fashion_mnist",
  mirrors = {
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
  },
  files = idx.files {
    "e5a664e2905b9295ca72265d7c26283b", "48a2c630b815ef5a775518db990ebf87",
    "00620a3fbea59460a60baf710224b311", "ca8383985fa2cbc620515cb4512a5b03",
  },
}

-- What the class ids 0 to 9 stand for.
fashion_mnist.class_names = {
  "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}

--- Loads Fashion-MNIST from a folder of data sets, else downloads it. A set that cannot be had, or is damaged, ends the
-- program (status 3).
-- @function fashion_mnist.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor x_train, uint8 from 0 to 255, (60000, 28, 28)
-- @treturn tensor y_train, class ids, uint8, (60000)
-- @treturn tensor x_test, uint8, (10000, 28, 28)
-- @treturn tensor y_test, uint8, (10000)
-- @usage local x_train, y_train, x_test, y_test = nn.datasets.fashion_mnist.load_data()
function fashion_mnist.load_data(options)
  signature(options)
  return idx.require(fashion_mnist.set)
end

return fashion_mnist
