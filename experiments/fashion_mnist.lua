-- Fashion-MNIST: first a network that is too small, then one that is trained for a long time.
--
--   ./nnrun experiments/fashion_mnist.lua             two minutes; reports/fashion_mnist/report.md
--   ./nnrun experiments/fashion_mnist.lua epochs=1    a quick look
--
-- Pictures of ten kinds of garments in the format of MNIST. They are harder to classify: a shirt looks almost like a
-- coat.

local nn = require "nn"
local Dense, Flatten = nn.layers.Dense, nn.layers.Flatten

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, y_test = nn.datasets.fashion_mnist.load_data()
local names = nn.datasets.fashion_mnist.class_names
local x, x_test = images / 255, test_images / 255

local VALIDATION, TRAIN = { { 1, 5000 } }, { { 5001, 60000 } }
local x_val, y_val = x[VALIDATION], labels[VALIDATION]

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local model = nn.Sequential { Flatten { input_shape = { 28, 28 } } }
  for _ = 1, p.depth do model:add(Dense { p.width, activation = p.activation }) end
  model:add(Dense { 10, activation = "softmax" })
  model:compile { optimizer = p.optimizer, loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "fashion_mnist",
  title = "Fashion-MNIST",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, y_test },
  class_names = names,
  params = { width = 100, depth = 2, activation = "relu", optimizer = "sgd", batch_size = 32, epochs = 30 },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
  test_every_trial = true, -- to repeat the courses' numbers; the choice is made by validation accuracy
}

local captions = {}
for i = 1, 50 do captions[i] = names[labels[i] + 1] end
lab:figure("The first 50 garments", nn.plot.images(images[{ { 1, 50 } }], {
  captions = captions, columns = 10, scale = 2,
}))

-- A small network, two optimizers -------------------------------------------------------------------------------------

lab:note [[
The network of the first lesson has ten sigmoid units and ten softmax units. It classifies digits well enough.
Garments are harder, and five epochs of plain gradient descent are not enough. Adam has its own learning rate for each
weight. It gets further with the same network in the same time.]]
local SMALL = { width = 10, depth = 1, activation = "sigmoid", epochs = math.min(5, lab.params.epochs) }
lab:sweep("The small network", { optimizer = { "sgd", "adam" } }, { with = SMALL })

-- Two hidden layers, trained for long ---------------------------------------------------------------------------------

lab:note [[
Now two layers of 100 relu units, again with plain gradient descent. It needs no tuning here, only time. After 30 epochs
the validation accuracy still rises a little. After 100 epochs the training accuracy is far above it.]]
local epochs = lab.params.epochs -- 30, or what the command line says
local long = lab:sweep("Two hidden layers of 100", { epochs = { epochs, epochs * 10 // 3 } })

lab:conclude()

-- What it says about garments -----------------------------------------------------------------------------------------

-- A picture with ten bars beside it: the network's probability for each class, from the top. The true class is blue, a
-- wrong prediction is red, all others are grey.
local SIDE, BAR_HEIGHT, BAR_LENGTH, GAP = 56, 4, 50, 8
local BLUE, RED, GREY = { 0, 114, 178 }, { 200, 30, 30 }, { 150, 150, 150 }

local function paint(canvas, rows, columns, color)
  for channel = 1, 3 do canvas[{ rows, columns, channel }] = color[channel] end
end

-- Each pixel twice along both axes: (28, 28) becomes (56, 56).
local function doubled(picture)
  local twice = nn.zeros({ 28, 2, 28, 2 }, "uint8") + picture:reshape { 28, 1, 28, 1 }
  return twice:reshape { SIDE, SIDE }
end

local function with_bars(picture, probabilities, truth)
  local canvas = nn.full({ SIDE, SIDE + GAP + BAR_LENGTH, 3 }, 255, "uint8")
  for channel = 1, 3 do canvas[{ {}, { 1, SIDE }, channel }] = doubled(picture) end
  local guess = probabilities:argmax()
  for class = 0, 9 do
    local top = 4 + class * (BAR_HEIGHT + 1)
    local length = math.max(1, math.floor(probabilities[class + 1] * BAR_LENGTH + 0.5))
    local color = class == truth and BLUE or class == guess and RED or GREY
    paint(canvas, { top, top + BAR_HEIGHT - 1 }, { SIDE + GAP + 1, SIDE + GAP + length }, color)
  end
  return canvas
end

local SHOWN, LOOKED_AT = 15, 1000
local probabilities = long.best.model:predict(x_test[{ { 1, LOOKED_AT } }])

local first, wrong = {}, {}
for i = 1, LOOKED_AT do
  if i <= SHOWN then first[i] = i end
  if probabilities[i]:argmax() ~= y_test[i] and #wrong < SHOWN then wrong[#wrong + 1] = i end
end

local function predictions_figure(list)
  local pictures, words = {}, {}
  for k, i in ipairs(list) do
    local guess = probabilities[i]:argmax()
    pictures[k] = with_bars(test_images[i], probabilities[i], y_test[i])
    words[k] = ("%s %.0f %%"):format(names[guess + 1], 100 * probabilities[i]:max())
    if guess ~= y_test[i] then words[k] = words[k] .. (" (it is: %s)"):format(names[y_test[i] + 1]) end
  end
  return nn.plot.images(nn.stack(pictures), { captions = words, columns = 5, scale = 1 })
end

lab:note(([[
Below are garments of the test images and the network's probabilities. There is one bar for each class, in this order
from the top: %s. The true class is blue. A wrong prediction is red.]]):format(table.concat(names, ", ")))
lab:figure("The first test garments", predictions_figure(first))
lab:figure("The first that it gets wrong", predictions_figure(wrong))
