--- CIFAR-10: 60,000 colour pictures of 32 x 32 pixels in ten classes (Krizhevsky, 2009).
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local cifar = require "nn.datasets.cifar"

local signature = arguments.signature("cifar10.load_data", {})
local cifar10 = {}

-- What the class ids 0 to 9 stand for.
cifar10.class_names = {
  "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
}

cifar10.set = cifar.describe {
  name = "cifar10", url = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", folder = "cifar-10-batches-bin",
  labels = 1, classes = { 10 },
  train = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin" },
  test = { "test_batch.bin" },
  part = { train = { "data_batch_1_first4000.bin" }, test = { "test_batch_first1000.bin" },
    what = "the first 4,000 training and 1,000 test pictures" },
}

--- Loads CIFAR-10 from the files of its binary version, in `cifar10` of a folder of data sets. If only the files with
-- the first 4,000 training and 1,000 test pictures are there, those are loaded, and standard error says so. A set that
-- is missing or damaged ends the program (status 3) with the command that gets it.
-- @function cifar10.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor x_train, uint8 from 0 to 255, (50000, 32, 32, 3)
-- @treturn tensor y_train, class ids, uint8, (50000, 1)
-- @treturn tensor x_test, uint8, (10000, 32, 32, 3)
-- @treturn tensor y_test, uint8, (10000, 1)
-- @usage local x_train, y_train, x_test, y_test = nn.datasets.cifar10.load_data()
function cifar10.load_data(options)
  signature(options)
  return cifar.load(cifar10.set)
end

return cifar10
