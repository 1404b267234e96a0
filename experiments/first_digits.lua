-- First digits: the smallest network that reads handwriting, step by step.
--
--   ./nnrun experiments/first_digits.lua             a few seconds; reports/first_digits/report.md
--   ./nnrun experiments/first_digits.lua epochs=1    a quick look
--
-- Ten sigmoid units, ten softmax units, plain gradient descent: what a first lesson about neural networks trains.

local nn = require "nn"
local Dense = nn.layers.Dense

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, test_labels = nn.datasets.mnist.load_data()
local NAMES = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" }

-- A network of dense layers takes a vector: the rows of a picture one after the other. Bytes become 0 to 1.
local function vectors(pictures)
  return pictures:reshape { -1, 28 * 28 } / 255
end

-- One-hot: the label 1 becomes 0 1 0 0 0 0 0 0 0 0, which is what ten output units should say.
local x_train, y_train = vectors(images), nn.utils.to_categorical(labels, 10)
local x_test, y_test = vectors(test_images), nn.utils.to_categorical(test_labels, 10)

-- The experiment ------------------------------------------------------------------------------------------------------

local lab = nn.Experiment {
  name = "first_digits",
  title = "First digits",
  train = { x_train, y_train },
  test = { x_test, y_test },
  class_names = NAMES,
  params = { units = 10, learning_rate = 0.01, batch_size = 32, epochs = 5 },
  build = function(p)
    local model = nn.Sequential {
      Dense { p.units, activation = "sigmoid", input_shape = { 28 * 28 } },
      Dense { 10, activation = "softmax" },
    }
    model:compile {
      optimizer = nn.optimizers.SGD { p.learning_rate }, loss = "categorical_crossentropy", metrics = { "accuracy" },
    }
    return model
  end,
  seeds = { 1, 2, 3 },
  objective = "accuracy",
}

-- Looking at the data -------------------------------------------------------------------------------------------------

-- Courses count samples from 0, Lua counts positions from 1: sample 8 is at position 9.
local EIGHT, ELEVEN = 9, 12

local function numbers(tensor, format)
  local words = {}
  for i, value in ipairs(tensor:totable()) do words[i] = format:format(value) end
  return table.concat(words, " ")
end

lab:note [[
Look at the data before training on them: sample 8 and sample 11 of the training images, counted from 0 as courses do.]]
lab:figure("Samples 8 and 11", nn.plot.images(images:gather { EIGHT, ELEVEN }, {
  captions = { ("a %d"):format(labels[EIGHT]), ("a %d"):format(labels[ELEVEN]) }, scale = 6,
}))
lab:note(([[
To the network, the first of them is %d numbers. In the middle of the picture, its row 14 is

    %s

and its label, one-hot, is

    %s]]):format(x_train.shape[2], numbers(images[{ EIGHT, 14 }], "%.0f"), numbers(y_train[EIGHT], "%.0f")))

-- Training ------------------------------------------------------------------------------------------------------------

lab:note [[
Nothing is chosen in this lab, so all 60,000 training images are for training and none for validation. Each epoch shows
every image once, 32 at a time; after each 32 the weights take one small step downhill.]]
local trial = lab:trial({}, { title = "Training" })
lab:conclude()

-- What it says about digits it has not seen ---------------------------------------------------------------------------

local model = trial.model
local probabilities = model:predict(x_test)
local predicted = probabilities:argmax { axis = 2 }

lab:figure("Sample 11 of the test images", nn.plot.images(test_images:gather { ELEVEN }, {
  captions = { ("a %d"):format(test_labels[ELEVEN]) }, scale = 6,
}))
lab:note(([[
What the network says of it: ten probabilities, which add up to %.0f. The largest is the guess, a %d.]]):format(
  probabilities[ELEVEN]:sum(), predicted[ELEVEN]))
lab:figure("Its probabilities", nn.plot.bars {
  x_label = "digit", y_label = "probability", names = NAMES, values = probabilities[ELEVEN]:totable(),
})

local scores = nn.metrics.classification_report(test_labels, predicted, { class_names = NAMES, output = "table" })
local recalls = {}
for i, name in ipairs(NAMES) do recalls[i] = scores[name].recall end
lab:figure("Recall of each digit", nn.plot.bars {
  x_label = "digit", y_label = "recall", names = NAMES, values = recalls,
})
lab:note [[
The accuracy is one number for ten kinds of digits. Recall says of each how many of its images were found: the diagonal
of the confusion matrix above, divided by the sum of its row. The thin 1 is easy; 5 looks like 3 and 8, and 4 like 9.]]
