-- California housing: a price instead of a class. Regression with two hidden layers, and a lesson about scaling.
--
--   ./nnrun experiments/california_housing.lua             a few seconds; reports/california_housing/report.md
--   ./nnrun experiments/california_housing.lua epochs=5    a quick look
--
-- Each row is a block group of the census of 1990: eight numbers about its houses, people and place. The target is the
-- median value of its houses.

local nn = require "nn"
local Dense = nn.layers.Dense

-- Data ----------------------------------------------------------------------------------------------------------------

local x, dollars, x_test, dollars_test = nn.datasets.california_housing.load_data()
local names = nn.datasets.california_housing.feature_names

-- Of 20,640 rows 20 % are for the test already; 19 % more are for validation, which leaves 61 % to train on.
local VALIDATION = 3922
local x_train, x_val, dollars_train, dollars_val =
  nn.utils.train_test_split { x, dollars, test_size = VALIDATION, seed = 42 }

-- Prices in units of 100,000 dollars are numbers of a size that a network's output has from the start.
local UNIT = 100000
local y_train, y_val, y_test = dollars_train / UNIT, dollars_val / UNIT, dollars_test / UNIT

-- What all but one in a thousand training rows stay below, feature by feature: what lies above is cut to it. Why, the
-- report's section about scaling tells.
local function usual_limits(rows)
  local limits = {}
  for i in ipairs(names) do
    local values = rows[{ {}, i }]:totable()
    table.sort(values)
    limits[i] = values[math.ceil(0.999 * #values)]
  end
  return nn.tensor(limits)
end

-- Limits, means and deviations come from the training rows alone: what is known of validation and test rows must not
-- leak into what the network sees.
local limits = usual_limits(x_train)
local scaler = nn.preprocessing.StandardScaler():fit(x_train:minimum(limits))

local function prepared(rows)
  return scaler:transform(rows:minimum(limits))
end

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local model = nn.Sequential { nn.Input { shape = { #names } } }
  for _ = 1, p.depth do model:add(Dense { p.width, activation = "relu" }) end
  model:add(Dense { 1 }) -- no activation: a price may be any number
  model:compile {
    optimizer = nn.optimizers.SGD { p.learning_rate }, loss = "mean_squared_error",
    metrics = { "mean_absolute_error" },
  }
  return model
end

local lab = nn.Experiment {
  name = "california_housing",
  title = "California housing: regression",
  train = { prepared(x_train), y_train },
  validation = { prepared(x_val), y_val },
  test = { prepared(x_test), y_test },
  params = { width = 30, depth = 2, learning_rate = 1e-3, batch_size = 32, epochs = 40 },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_mean_absolute_error",
}

local middle = y_train:mean()
lab:note(([[
Loss is the mean squared error. The mean absolute error (mae) is easier to read: it says by how much a guess is off on
average, in units of 100,000 dollars. Whoever guesses the mean price, %.2f, for every block is off by %.3f. That is the
number to beat.]]):format(middle, (y_val - middle):abs():mean()))

-- Scaling -------------------------------------------------------------------------------------------------------------

local plain_scaler = nn.preprocessing.StandardScaler():fit(x_train)

local rows = {}
for i, name in ipairs(names) do
  rows[i] = ("| %s | %.2f | %.2f | %.2f | %.2f | %.2f |"):format(name, plain_scaler.mean_[i],
    x_train[{ {}, i }]:max(), plain_scaler.scale_[i], limits[i], scaler.scale_[i])
end

lab:note(([[
## Scaling, and what a dozen rows can do

| feature | mean | greatest | deviation | 99.9 %% are up to | deviation when cut there |
| --- | ---: | ---: | ---: | ---: | ---: |
%s

AveRooms counts a handful of rooms, Population a thousand people: one learning rate cannot suit the weights of both. So
StandardScaler brings each feature to mean 0 and deviation 1.

Look at AveOccup, people a household. Nearly everywhere there are two to four, but a few blocks are a prison or a
barracks with hundreds. They alone make the deviation what it is, and after dividing by it all ordinary blocks have the
same AveOccup to the network: about 0. That is why what lies above the last column but one is cut first.]]):format(
  table.concat(rows, "\n")))

nn.utils.set_random_seed(lab.seeds[1])
local uncut = build(lab.params)
local history = uncut:fit(plain_scaler:transform(x_train), y_train, {
  epochs = lab.params.epochs, batch_size = lab.params.batch_size, verbose = 0,
  validation_data = { plain_scaler:transform(x_val), y_val },
}).history

-- Depth ---------------------------------------------------------------------------------------------------------------

lab:note [[
With no hidden layer the network is linear regression: so much a room, so much a year, added up. Hidden layers can say
that a room more is worth more near the sea.]]
local depths = lab:sweep("Hidden layers", { depth = { 0, 1, 2 } })

local last = depths.variants[3].trials[1].metrics.val_mean_absolute_error
lab:note(([[
What the cutting is worth: the same network with the same seed, on features scaled without it.

| features | validation mae |
| --- | ---: |
| scaled | %.4f |
| cut, then scaled | %.4f |]]):format(history.val_mean_absolute_error[#history.val_mean_absolute_error], last))

-- Looking at the guesses ----------------------------------------------------------------------------------------------

local SHOWN = { { 1, 1000 } }
local guesses = lab.best.model:predict(prepared(x_val[SHOWN])):flatten()
lab:note [[
Each point below is a block of the validation rows; a perfect guess lies on the diagonal. The column of points at the
right edge is a fact about the data: the census wrote every price above 500,000 dollars as 500,001.]]
lab:figure("Guesses against prices", nn.plot.scatter {
  y_val[SHOWN]:totable(), guesses:totable(),
  x_label = "price (100,000 dollars)", y_label = "guess (100,000 dollars)",
  caption = "The first 1,000 validation rows.",
})
lab:conclude()
