-- Fashion-MNIST by convolutions: larger filters and more of them, optimizers, dropout, batch normalization, rate decay.
--
--   ./nnrun experiments/fashion_cnn.lua              a few minutes; reports/fashion_cnn/report.md
--   ./nnrun experiments/fashion_cnn.lua epochs=1     a quick look
--   ./nnrun experiments/fashion_cnn.lua -- 55000     all training images, as in the book: half an hour
--
-- The networks of fashion_mnist.lua are dense ones. Here is what neighbouring pixels add.

local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, y_test = nn.datasets.fashion_mnist.load_data()
local names = nn.datasets.fashion_mnist.class_names

local function pictures(bytes) return bytes:reshape { -1, 28, 28, 1 } / 255 end
local x, x_test = pictures(images), pictures(test_images)

-- By default a part of the training images, so that the lab is quick.
local COUNT = math.tointeger(arg[1]) or 10000
local HELD = math.min(5000, COUNT)
local VALIDATION, TRAIN = { { 1, HELD } }, { { HELD + 1, HELD + COUNT } }
local x_val, y_val = x[VALIDATION], labels[VALIDATION]

-- The experiment ------------------------------------------------------------------------------------------------------

--- With `decay` the learning rate falls to a tenth by the end of the training, else it stays.
local function rate_of(p)
  if not p.decay then return p.learning_rate end
  local steps = math.ceil(COUNT / p.batch_size) * p.epochs
  return nn.optimizers.schedules.ExponentialDecay { p.learning_rate, decay_steps = steps, decay_rate = 0.1 }
end

local function optimizer_of(p)
  local classes = { sgd = nn.optimizers.SGD, adam = nn.optimizers.Adam, rmsprop = nn.optimizers.RMSprop }
  return classes[p.optimizer] { learning_rate = rate_of(p) }
end

--- A convolution of the network: with batch normalization between the products and relu, if it is asked for.
local function add_convolution(model, filters, kernel, p)
  if p.batch_normalization then
    model:add(layers.Conv2D { filters, kernel, padding = "same", use_bias = false })
    model:add(layers.BatchNormalization {})
    model:add(layers.Activation { "relu" })
  else
    model:add(layers.Conv2D { filters, kernel, padding = "same", activation = "relu" })
  end
  model:add(layers.MaxPooling2D { 2 })
end

local function build(p)
  local model = nn.Sequential { nn.Input { shape = { 28, 28, 1 } } }
  add_convolution(model, 64, 7, p)
  add_convolution(model, 128, 3, p)
  model:add(layers.Flatten {})
  model:add(layers.Dense { 64, activation = "relu" })
  if p.dropout > 0 then model:add(layers.Dropout { p.dropout }) end
  model:add(layers.Dense { 10, activation = "softmax" })
  model:compile { optimizer = optimizer_of(p), loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "fashion_cnn",
  title = "Fashion-MNIST by convolutions",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, y_test },
  class_names = names,
  params = {
    optimizer = "adam", learning_rate = 1e-3, decay = false, dropout = 0, batch_normalization = false,
    batch_size = 100, epochs = 5,
  },
  build = build,
  seeds = { 1 },
  objective = "val_accuracy",
}

lab:note(([[
Two convolutions, 64 filters of 7x7 and 128 of 3x3, each with pooling behind it, then a dense layer of 64 units. It is
trained on %d images.

```
%s
```]]):format(COUNT, tostring(build(lab.params))))

-- One question a section ----------------------------------------------------------------------------------------------

lab:note [[
Plain gradient descent at 0.01 takes small steps; Adam and RMSprop have a rate of their own for each weight.]]
lab:sweep("Optimizers", {
  { optimizer = "sgd", learning_rate = 0.01 },
  { optimizer = "sgd", learning_rate = 0.1 },
  { optimizer = "rmsprop", learning_rate = 1e-3 },
  { optimizer = "adam", learning_rate = 1e-3 },
})

lab:note [[
Dropout leaves out half of the 64 units at each step, so that none relies on another. Batch normalization gives each map
the mean 0 and the deviation 1 within a batch. In a few epochs neither has to show an advantage: dropout slows training
down, and in evaluation batch normalization uses averages that need some steps to settle.]]
lab:sweep("Dropout and batch normalization", {
  { dropout = 0 },
  { dropout = 0.5 },
  { batch_normalization = true },
  { dropout = 0.5, batch_normalization = true },
})

lab:note [[
Large steps are good at the beginning, small ones at the end. With decay the rate falls smoothly to a tenth.]]
lab:sweep("Rate decay", { decay = { false, true } })

lab:conclude()

-- Looking inside ------------------------------------------------------------------------------------------------------

local model = lab.best.model
lab:figure("First-layer filters", nn.plot.filters(model.layers[1]))
lab:note(([[
What each layer makes of one garment, a %s:]]):format(names[y_val[1] + 1]))
lab:figure("Feature maps of one garment", nn.plot.feature_maps(model, x_val[1]))

local SHOWN = 10
local first = {}
for i = 1, SHOWN do first[i] = i end
lab:note [[
Where does it look? Red are the places that speak most for the class that the network predicts.]]
lab:figure("What speaks for the class", nn.plot.grad_cam(model, x_val:gather(first), { class_names = names }))
