--- Iris: four measures of 150 flowers of three species (Anderson; Fisher, 1936), without the two errors of the better
-- known copy.
-- @submodule nn.datasets
local tensor = require "nn.tensor"
local arguments = require "nn.support.arguments"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"

local signature = arguments.signature("iris.load_data", {})
local iris = {}

iris.set = {
  name = "iris",
  files = {
    {
      name = "iris.data",
      checksum = "f3dd5ee9c56bcfa29d72456e4a423ff6",
      variant = "74ac05b5842c1879040e9890849a2ec1", -- with an empty line at the end, as UCI has it
      urls = {
        "https://archive.ics.uci.edu/ml/machine-learning-databases/iris/bezdekIris.data",
        "https://raw.githubusercontent.com/lisette-espin/pychimerge/63deae0dbccdf00792337a741670682083e89669/data/"
          .. "bezdekIris.data",
      },
    },
  },
}

-- What the class ids 0 to 2 stand for.
iris.class_names = { "setosa", "versicolor", "virginica" }

-- What the columns of x are, in centimetres.
iris.feature_names = { "sepal length", "sepal width", "petal length", "petal width" }

local CLASS_IDS = { ["Iris-setosa"] = 0, ["Iris-versicolor"] = 1, ["Iris-virginica"] = 2 }

--- Loads Iris from a folder of data sets, else downloads it. A set that cannot be had, or is damaged, ends the program
-- (status 3).
-- @function iris.load_data
-- @tparam[opt] table options none yet
-- @treturn tensor x, float32, (150, 4), in centimetres; ordered by species: shuffle before splitting
-- @treturn tensor y, class ids, uint8, (150)
-- @usage local x, y = nn.datasets.iris.load_data()
function iris.load_data(options)
  signature(options)
  local texts, paths = contents.read(iris.set)
  local rows, ids = {}, {}
  for a, b, c, d, species in texts[1]:gmatch "([%d.]+),([%d.]+),([%d.]+),([%d.]+),([%a-]+)" do
    rows[#rows + 1] = { tonumber(a), tonumber(b), tonumber(c), tonumber(d) }
    ids[#ids + 1] = CLASS_IDS[species]
  end
  local x, y = tensor.tensor(rows), tensor.tensor(ids, "uint8")
  return sources.remember(sources.of_files(iris.set, paths), x, y)
end

return iris
