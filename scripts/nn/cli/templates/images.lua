--- A script to begin with, for `nnrun new`; NAME stands for its name.
return [==[
-- NAME: what is on a picture?
--
--   ./nnrun NAME.lua                run it and write reports/NAME/report.md and report.html
--   ./nnrun check NAME.lua          shapes, memory and time, without training
--   ./nnrun NAME.lua epochs=5       another value of a default

local nn = require "nn"
local layers = nn.layers

-- Data: x has a picture for each sample (height, width, channels), y the id of its class, from 0 on. A folder of your
-- own, with a folder for each class in it, gives data sets, and an experiment takes them in the place of tensors:
--   local train, validation = nn.utils.image_dataset_from_directory("pictures", { image_size = { 64, 64 },
--     validation_split = 0.2, subset = "both", seed = 1 })
local x, y, x_test, y_test = nn.datasets.fashion_mnist.load_data()

-- A part of the pictures, so that the first run is short.
local TRAIN, VALIDATION = 10000, 2000
local function pictures(from, to) return x[{ { from, to } }]:reshape { to - from + 1, 28, 28, 1 } end

local lab = nn.Experiment {
  name = "NAME",
  title = "NAME",
  train = { pictures(1, TRAIN), y[{ { 1, TRAIN } }] },
  validation = { pictures(TRAIN + 1, TRAIN + VALIDATION), y[{ { TRAIN + 1, TRAIN + VALIDATION } }] },
  test = { x_test:reshape { #x_test, 28, 28, 1 }, y_test }, -- used once, by lab:conclude
  class_names = nn.datasets.fashion_mnist.class_names, -- delete this line for other data
  params = { filters = 16, kernel = 3, dropout = 0, learning_rate = 0.001, batch_size = 100, epochs = 3 },
  build = function(p)
    local model = nn.Sequential {
      nn.Input { shape = { 28, 28, 1 } },
      layers.Rescaling { 1 / 255 },
      layers.Conv2D { p.filters, p.kernel, padding = "same", activation = "relu" },
      layers.MaxPooling2D {},
      layers.Conv2D { 2 * p.filters, p.kernel, padding = "same", activation = "relu" },
      layers.MaxPooling2D {},
      layers.Flatten {},
      layers.Dropout { p.dropout },
      layers.Dense { 10, activation = "softmax" },
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

local filters = lab:sweep("How many filters?", { filters = { 8, 16 } })
lab:sweep("How large a kernel?", { kernel = { 3, 5 } }, { with = { filters = filters.best.params.filters } })
lab:conclude()
]==]
