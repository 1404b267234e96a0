--- A script to begin with, for `nnrun new`; NAME stands for its name.
return [==[
-- NAME: which number belongs to a sample?
--
--   ./nnrun NAME.lua                run it and write reports/NAME/report.md and report.html
--   ./nnrun check NAME.lua          shapes, memory and time, without training
--   ./nnrun NAME.lua epochs=5       another value of a default

local nn = require "nn"
local Dense = nn.layers.Dense

-- Data: x has a row of numbers for each sample, y a number. Your own come from a CSV file:
--   local x, y = nn.csv.load { "my.csv", target = "price", header = true }
-- and nn.utils.train_test_split puts a part aside, as below. The test data are used once, by lab:conclude.
local x_rest, y_rest, x_test, y_test = nn.datasets.california_housing.load_data()
y_rest, y_test = y_rest / 100000, y_test / 100000 -- in 100,000 dollars: networks learn small numbers better
local x_train, x_val, y_train, y_val = nn.utils.train_test_split { x_rest, y_rest, test_size = 0.25, seed = 2 }

-- Features on one scale, by what the training data tell.
local scaler = nn.preprocessing.StandardScaler {}
x_train = scaler:fit_transform(x_train)
x_val, x_test = scaler:transform(x_val), scaler:transform(x_test)

local lab = nn.Experiment {
  name = "NAME",
  title = "NAME",
  train = { x_train, y_train }, validation = { x_val, y_val }, test = { x_test, y_test },
  params = { width = 30, depth = 2, learning_rate = 0.001, batch_size = 32, epochs = 10 },
  build = function(p)
    local model = nn.Sequential {}
    model:add(nn.Input { shape = { x_train.shape[2] } })
    for _ = 1, p.depth do model:add(Dense { p.width, activation = "relu" }) end
    model:add(Dense { 1 })
    model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "mse", metrics = { "mae" } }
    return model
  end,
  seeds = { 1, 2, 3 }, -- each variant is trained once a seed
  objective = "val_mae", -- what decides which variant is the best
}

lab:note "What do you want to know? Write it here, before you look at the results."

local widths = lab:sweep("How wide?", { width = { 10, 30, 100 } })
lab:sweep("How deep?", { depth = { 1, 2, 3 } }, { with = { width = widths.best.params.width } })
lab:conclude()
]==]
