--- Data sets in the files of MNIST: training images, training labels, test images, test labels.
local data = require "engine.data"
local blame = require "nn.support.blame"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"

local NAMES = {
  "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
}
local AXES = { 3, 1, 3, 1 }

local idx = {}

--- The four files, for a data set's description.
-- @tparam {string,...} checksums in the order training images, training labels, test images, test labels
function idx.files(checksums)
  local list = {}
  for i, name in ipairs(NAMES) do list[i] = { name = name, checksum = checksums[i] } end
  return list
end

local function check_counts(set, images, labels, images_path, labels_path)
  if #images ~= #labels then
    contents.damaged(set, ("%s: expected a label for each of the %d images in %s, found %d labels"):format(
      labels_path, #images, images_path, #labels))
  end
end

--- Loads such a set. A file that is damaged, or not what its checksum says, ends the program (status 3).
-- @tparam table set its description
-- @treturn ?tensor x_train, uint8, (60000, 28, 28); nil where the files cannot be had
-- @treturn tensor|string y_train, uint8, (60000); or why they cannot
-- @treturn tensor x_test, uint8, (10000, 28, 28)
-- @treturn tensor y_test, uint8, (10000)
function idx.load(set)
  local paths, missing = contents.paths(set)
  if not paths then return nil, missing end
  local values, checksums = {}, {}
  for i, path in ipairs(paths) do
    values[i], checksums[i] = data.read_idx(path, AXES[i])
    if not values[i] then contents.damaged(set, checksums[i]) end
  end
  check_counts(set, values[1], values[2], paths[1], paths[2])
  check_counts(set, values[3], values[4], paths[3], paths[4])
  for i, path in ipairs(paths) do
    local mismatch = contents.mismatch(set.files[i], checksums[i], path)
    if mismatch then contents.damaged(set, mismatch) end
  end
  return sources.remember(sources.of_files(set, paths), table.unpack(values))
end

--- The same, where nothing can stand in for files that cannot be had: that ends the program (status 3).
function idx.require(set)
  local x_train, y_train, x_test, y_test = idx.load(set)
  if not x_train then blame.fatal(3, "%s", y_train) end
  return x_train, y_train, x_test, y_test
end

return idx
