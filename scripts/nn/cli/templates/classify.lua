--- A script to begin with, for `nnrun new`; NAME stands for its name.
return [==[
-- NAME: which class does a sample belong to?
--
--   ./nnrun NAME.lua                run it and write reports/NAME/report.md and report.html
--   ./nnrun check NAME.lua          shapes, memory and time, without training
--   ./nnrun NAME.lua epochs=5       another value of a default

local nn = require "nn"
local Dense, Dropout = nn.layers.Dense, nn.layers.Dropout

-- Data: x has a row of numbers for each sample, y the id of its class, from 0 on. Your own come from a CSV file:
--   local x, y = nn.csv.load { "my.csv", target = "species", header = true }
local x, y = nn.datasets.iris.load_data()

-- The test data are put aside and used once, by lab:conclude.
local x_rest, x_test, y_rest, y_test = nn.utils.train_test_split { x, y, test_size = 0.2, stratify = y, seed = 1 }
local x_train, x_val, y_train, y_val = nn.utils.train_test_split { x_rest, y_rest, test_size = 0.25, stratify = y_rest,
  seed = 2 }

-- Features on one scale, by what the training data tell.
local scaler = nn.preprocessing.StandardScaler {}
x_train = scaler:fit_transform(x_train)
x_val, x_test = scaler:transform(x_val), scaler:transform(x_test)

local CLASSES = 3

local lab = nn.Experiment {
  name = "NAME",
  title = "NAME",
  train = { x_train, y_train }, validation = { x_val, y_val }, test = { x_test, y_test },
  class_names = nn.datasets.iris.class_names, -- delete this line for other data
  params = { width = 16, dropout = 0, learning_rate = 0.01, batch_size = 16, epochs = 40 },
  build = function(p)
    local model = nn.Sequential {
      Dense { p.width, activation = "relu", input_shape = { x_train.shape[2] } },
      Dropout { p.dropout },
      Dense { CLASSES, activation = "softmax" },
    }
    model:compile {
      optimizer = nn.optimizers.Adam { p.learning_rate },
      loss = "sparse_categorical_crossentropy", metrics = { "accuracy" },
    }
    return model
  end,
  seeds = { 1, 2, 3 }, -- each variant is trained once a seed
  objective = "val_accuracy", -- what decides which variant is the best
}

lab:note "What do you want to know? Write it here, before you look at the results."

local widths = lab:sweep("How wide?", { width = { 4, 16, 64 } })
lab:sweep("Does dropout help?", { dropout = { 0, 0.2, 0.5 } }, { with = { width = widths.best.params.width } })
lab:conclude()
]==]
