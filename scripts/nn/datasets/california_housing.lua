--- California housing: prices in 20,640 block groups of the census of 1990 (Pace, Barry, 1997).
-- @submodule nn.datasets
local tensor = require "nn.tensor"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"
local shuffle = require "nn.datasets.shuffle"

local signature = arguments.signature("california_housing.load_data", { { "test_split", 0.2 }, { "seed", 113 } })
local california_housing = {}

california_housing.set = {
  name = "california_housing",
  files = {
    {
      name = "cal_housing.data.gz",
      checksum = "11da8695a0a3a480cf71f4cdf40b5faf",
      member = "CaliforniaHousing/cal_housing.data",
      urls = {
        "https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.tgz",
        "https://ndownloader.figshare.com/files/5976036",
      },
    },
  },
}

-- What the columns of x are: medians and means of the block group.
california_housing.feature_names = {
  "MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude",
}

local NUMBER = "(-?[%d.]+)"
local LINE = NUMBER .. (("," .. NUMBER):rep(8))

-- The file has totals for a block group; what is learned from are means per household.
local function parse(text)
  local features, prices = {}, {}
  for longitude, latitude, age, rooms, bedrooms, population, households, income, price in text:gmatch(LINE) do
    features[#features + 1] = {
      tonumber(income), tonumber(age), rooms / households, bedrooms / households, tonumber(population),
      population / households, tonumber(latitude), tonumber(longitude),
    }
    prices[#prices + 1] = tonumber(price)
  end
  return features, prices
end

--- Loads California housing from a folder of data sets, else downloads it. A set that cannot be had, or is damaged,
-- ends the program (status 3). The rows are shuffled before they are split, repeatably, but not in the order of Keras.
-- @function california_housing.load_data
-- @tparam[opt] table options
-- `test_split`: the fraction of the rows that become the test set, between 0 and 1 (default 0.2);
-- `seed`: of the shuffle, an integer (default 113)
-- @treturn tensor x_train, float32, (16512, 8): `feature_names`, not scaled
-- @treturn tensor y_train, the median house values in dollars, float32, (16512), at most 500,001
-- @treturn tensor x_test, float32, (4128, 8)
-- @treturn tensor y_test, float32, (4128)
-- @usage local x_train, y_train, x_test, y_test = nn.datasets.california_housing.load_data{ test_split = 0.1 }
function california_housing.load_data(options)
  options = signature(options)
  local split = options.test_split
  if type(split) ~= "number" or not (split > 0 and split < 1) then
    blame("california_housing.load_data: test_split: expected a number between 0 and 1, got %s", blame.got(split))
  end
  local texts, paths = contents.read(california_housing.set)
  local features, prices = parse(texts[1])
  shuffle(options.seed, features, prices)
  local x, y = tensor.tensor(features), tensor.tensor(prices)
  local last = math.floor(#prices * (1 - split))
  local train, test = { { 1, last } }, { { last + 1, #prices } }
  return sources.remember(sources.of_files(california_housing.set, paths), x[train], y[train], x[test], y[test])
end

return california_housing
