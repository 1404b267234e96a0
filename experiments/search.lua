-- How should a small network be trained? First a random search, then TPE, which starts from its results, then an
-- ablation that shows what each setting does.
--
--     ./nnrun experiments/search.lua              some seconds on two cores
--     ./nnrun experiments/search.lua --seeds 8    enough seeds to test for differences
local nn = require "nn"
local space = nn.space

local x, y, x_test, y_test = nn.datasets.mnist.load_data()
x, x_test = x[{ { 1, 12000 } }] / 255, x_test / 255

local lab = nn.Experiment {
  name = "search",
  title = "How to train a small network",
  train = { x[{ { 1, 10000 } }], y[{ { 1, 10000 } }] },
  validation = { x[{ { 10001, 12000 } }], y[{ { 10001, 12000 } }] },
  test = { x_test, y_test },
  params = {
    width = 50, dropout = 0, optimizer = "adam", learning_rate = 1e-3, momentum = 0, batch_size = 100, epochs = 3,
  },
  build = function(p)
    local optimizer = p.optimizer == "adam" and nn.optimizers.Adam { learning_rate = p.learning_rate }
      or nn.optimizers.SGD { learning_rate = p.learning_rate, momentum = p.momentum }
    local model = nn.Sequential {
      nn.layers.Flatten { input_shape = { 28, 28 } },
      nn.layers.Dense { p.width, activation = "relu" },
      nn.layers.Dropout { p.dropout },
      nn.layers.Dense { 10, activation = "softmax" },
    }
    model:compile { optimizer = optimizer, loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
  seeds = { 1, 2 },
  objective = "val_accuracy",
}

-- A function that draws: momentum exists only beside SGD.
local function training(draw)
  draw("learning_rate", space.log_uniform(1e-4, 1))
  if draw("optimizer", space.choice { "adam", "sgd" }) == "sgd" then draw("momentum", space.uniform(0, 0.95)) end
end

local random = lab:sweep("Training, at random", training, { method = "random", trials = 12, pruner = "median" })
lab:sweep("Training, by TPE", training, { method = "tpe", trials = 12, start = random })
lab:ablate(lab.best.params, { width = { 25, 100 }, dropout = 0.2 }, { factorial = true })
lab:conclude()
