-- California housing: the target is a price, not a class. Regression with two hidden layers, and why scaling matters.
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

-- load_data keeps 20 % of the 20,640 rows for the test. Another 19 % are for validation; 61 % are left for training.
local VALIDATION = 3922
local x_train, x_val, dollars_train, dollars_val =
  nn.utils.train_test_split { x, dollars, test_size = VALIDATION, seed = 42 }

-- In units of 100,000 dollars the prices are near 1, as the outputs of an untrained network are.
local UNIT = 100000
local y_train, y_val, y_test = dollars_train / UNIT, dollars_val / UNIT, dollars_test / UNIT

-- For each feature, the limit that 99.9 % of the training rows do not exceed. Larger values are clipped to it. The
-- section about scaling in the report says why.
local function usual_limits(rows)
  local limits = {}
  for i in ipairs(names) do
    local values = rows[{ {}, i }]:totable()
    table.sort(values)
    limits[i] = values[math.ceil(0.999 * #values)]
  end
  return nn.tensor(limits)
end

-- Limits, means and standard deviations are computed from the training rows alone. Nothing about the validation and
-- test rows may leak into the training data.
local limits = usual_limits(x_train)
local scaler = nn.preprocessing.StandardScaler():fit(x_train:minimum(limits))

local function prepared(rows)
  return scaler:transform(rows:minimum(limits))
end

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local model = nn.Sequential { nn.Input { shape = { #names } } }
  for _ = 1, p.depth do model:add(Dense { p.width, activation = "relu" }) end
  model:add(Dense { 1 }) -- no activation: a price can be any number
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
The loss is the mean squared error. The mean absolute error (mae) is easier to read: it is the average error of a
prediction, in units of 100,000 dollars. If you predict the mean price, %.2f, for every block, the mae is %.3f. A model
must do better than that.]]):format(middle, (y_val - middle):abs():mean()))

-- Scaling -------------------------------------------------------------------------------------------------------------

local plain_scaler = nn.preprocessing.StandardScaler():fit(x_train)

local rows = {}
for i, name in ipairs(names) do
  rows[i] = ("| %s | %.2f | %.2f | %.2f | %.2f | %.2f |"):format(name, plain_scaler.mean_[i],
    x_train[{ {}, i }]:max(), plain_scaler.scale_[i], limits[i], scaler.scale_[i])
end

lab:note(([[
## Scaling, and what a dozen rows can do

| feature | mean | maximum | standard deviation | 99.9 %% are up to | standard deviation when clipped there |
| --- | ---: | ---: | ---: | ---: | ---: |
%s

AveRooms is about five, Population about a thousand. One learning rate cannot suit the weights of both. So
StandardScaler gives each feature the mean 0 and the standard deviation 1.

Look at AveOccup, the number of people in a household. It is between two and four almost everywhere, but a few blocks
are prisons or barracks with hundreds. These few blocks make the standard deviation large. After dividing by it, all
ordinary blocks have nearly the same AveOccup, about 0. That is why the values are first clipped at the limit in the
last column but one.]]):format(
  table.concat(rows, "\n")))

nn.utils.set_random_seed(lab.seeds[1])
local uncut = build(lab.params)
local history = uncut:fit(plain_scaler:transform(x_train), y_train, {
  epochs = lab.params.epochs, batch_size = lab.params.batch_size, verbose = 0,
  validation_data = { plain_scaler:transform(x_val), y_val },
}).history

-- Depth ---------------------------------------------------------------------------------------------------------------

lab:note [[
Without a hidden layer the network is a linear regression: each room and each year adds a fixed amount to the price.
With hidden layers it can learn that one more room is worth more near the sea.]]
local depths = lab:sweep("Hidden layers", { depth = { 0, 1, 2 } })

local last = depths.variants[3].trials[1].metrics.val_mean_absolute_error
lab:note(([[
What clipping gains: the same network with the same seed, trained on features that were scaled but not clipped.

| features | validation mae |
| --- | ---: |
| scaled | %.4f |
| clipped, then scaled | %.4f |]]):format(history.val_mean_absolute_error[#history.val_mean_absolute_error], last))

-- Looking at the predictions ------------------------------------------------------------------------------------------

local SHOWN = { { 1, 1000 } }
local guesses = lab.best.model:predict(prepared(x_val[SHOWN])):flatten()
lab:note [[
Each point below is one block of the validation data. A perfect prediction lies on the diagonal. The column of points at
the right edge comes from the data: the census recorded every price above 500,000 dollars as 500,001.]]
lab:figure("Predictions against prices", nn.plot.scatter {
  y_val[SHOWN]:totable(), guesses:totable(),
  x_label = "price (100,000 dollars)", y_label = "prediction (100,000 dollars)",
  caption = "The first 1,000 validation rows.",
})
lab:conclude()
