--- MNIST: 70,000 handwritten digits, 28x28 pixels (LeCun, Cortes, Burges, 1998).
-- @submodule nn.datasets
local data = require "engine.data"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local idx = require "nn.datasets.idx"
local sources = require "nn.datasets.sources"

local signature = arguments.signature("mnist.load_data", { { "synthetic" } })
local mnist = {}

mnist.set = {
  name = "mnist",
  mirrors = {
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
  },
  files = idx.files {
    "e12946a8ab9bd74359bf22c057c52478", "81c6f5433a9d34628839fd1c4bb36825",
    "a912d49f199ea2d36aa8aa9c0102c17c", "507d8d921945ef3663c4bd8be7e7204f",
  },
}

mnist.class_names = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" }

local TRAIN_SEED, TEST_SEED = 1, 2

local function generate(reason)
  local x_train, y_train = data.digits(60000, TRAIN_SEED)
  local x_test, y_test = data.digits(10000, TEST_SEED)
  local source = { name = "mnist", synthetic = true, reason = reason, files = {} }
  return sources.remember(source, x_train, y_train, x_test, y_test)
end

local function warn(reason)
  io.stderr:write(reason, "\n", [[
WARNING: mnist: these are NOT the MNIST images. They could not be had (see above), so digits were generated in their
WARNING: place. Results are good for trying things out and comparable with nothing published.
]])
end

--- Loads MNIST: from a folder of data sets, else downloaded, else generated digits of the same shapes, with a warning.
-- @function mnist.load_data
-- @tparam[opt] table options
-- `synthetic`: nil as above; true: always generate; false: never, a set that cannot be had ends the program (status 3)
-- @treturn tensor x_train, uint8 from 0 (paper) to 255 (ink), (60000, 28, 28)
-- @treturn tensor y_train, the digits, uint8, (60000)
-- @treturn tensor x_test, uint8, (10000, 28, 28)
-- @treturn tensor y_test, uint8, (10000)
-- @usage local x_train, y_train, x_test, y_test = nn.datasets.mnist.load_data()
-- x_train = x_train / 255
function mnist.load_data(options)
  local synthetic = signature(options).synthetic
  if synthetic ~= nil and type(synthetic) ~= "boolean" then
    blame("mnist.load_data: synthetic: expected true, false or nil, got %s", blame.got(synthetic))
  end
  if synthetic then return generate() end
  if synthetic == false then return idx.require(mnist.set) end
  local x_train, y_train, x_test, y_test = idx.load(mnist.set)
  if x_train then return x_train, y_train, x_test, y_test end
  local reason = y_train
  warn(reason)
  return generate(reason:match "[^\n]*")
end

return mnist
