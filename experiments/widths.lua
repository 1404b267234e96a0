local nn = require "nn"
local Dense, Flatten = nn.layers.Dense, nn.layers.Flatten

local x_train, y_train, x_test, y_test = nn.datasets.mnist.load_data()
x_train, x_test = x_train / 255, x_test / 255

local lab = nn.Experiment {
  name = "widths",
  train = { x_train[{ { 1, 50000 } }], y_train[{ { 1, 50000 } }] },
  validation = { x_train[{ { 50001, 60000 } }], y_train[{ { 50001, 60000 } }] },
  test = { x_test, y_test },
  params = { width = 50, activation = "relu", batch_size = 100, epochs = 5 },
  build = function(p)
    local model = nn.Sequential {
      Flatten { input_shape = { 28, 28 } },
      Dense { p.width, activation = p.activation },
      Dense { 10, activation = "softmax" },
    }
    model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
}

local widths = lab:sweep("Width", { width = { 50, 100, 200 } })
lab:sweep("Activation", { activation = { "relu", "sigmoid", "tanh" } }, { with = { width = widths.best.params.width } })
lab:conclude() -- the best variant by validation; the test set is used here, once
