-- First digits: the smallest network that reads handwriting, step by step.
--
--   ./nnrun experiments/first_digits.lua             a few seconds; reports/first_digits/report.md
--   ./nnrun experiments/first_digits.lua epochs=1    a quick look
--
-- Ten sigmoid units, ten softmax units and plain gradient descent: the network of a first lesson.

local nn = require "nn"
local Dense = nn.layers.Dense

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, test_labels = nn.datasets.mnist.load_data()
local NAMES = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" }

-- A dense layer takes a vector: the rows of a picture, one after the other. Pixels of 0 to 255 become numbers of 0 to
-- 1.
local function vectors(pictures)
  return pictures:reshape { -1, 28 * 28 } / 255
end

-- One-hot: the label 1 becomes 0 1 0 0 0 0 0 0 0 0, the output that the ten units should have.
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
Look at the data before you train: here are samples 8 and 11 of the training images, counted from 0 as the courses do.]]
lab:figure("Samples 8 and 11", nn.plot.images(images:gather { EIGHT, ELEVEN }, {
  captions = { ("a %d"):format(labels[EIGHT]), ("a %d"):format(labels[ELEVEN]) }, scale = 6,
}))
lab:note(([[
For the network the first of them is a list of %d numbers. Row 14, in the middle of the picture, is

    %s

and its one-hot label is

    %s]]):format(x_train.shape[2], numbers(images[{ EIGHT, 14 }], "%.0f"), numbers(y_train[EIGHT], "%.0f")))

-- Training ------------------------------------------------------------------------------------------------------------

lab:note [[
This lab chooses nothing, so all 60,000 training images are used for training and none for validation. Each epoch uses
every image once, in batches of 32. After each batch the weights take one small step downhill.]]
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
The network gives it ten probabilities, which add up to %.0f. The largest one is the prediction: a %d.]]):format(
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
The accuracy is one number for all ten digits. The recall of a digit is the share of its images that were recognised:
the diagonal of the confusion matrix above, divided by the sum of its row. The thin 1 is easy. A 5 looks like a 3 or
an 8, and a 4 like a 9.]]
