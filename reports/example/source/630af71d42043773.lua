-- A deep network for MNIST, as a lab notebook: each section asks one question and changes one thing.
--
--   ./nnrun experiments/mnist_lab.lua                  all sections (a few minutes)
--   ./nnrun experiments/mnist_lab.lua epochs=1 -j 2    a quick look
--
-- The report is reports/mnist_lab/report.md. A finished trial is not trained again.

local nn = require "nn"
local Dense, Dropout, Flatten = nn.layers.Dense, nn.layers.Dropout, nn.layers.Flatten

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, y_test = nn.datasets.mnist.load_data()
local x, x_test = images / 255, test_images / 255

local TRAIN, VALIDATION = { { 1, 50000 } }, { { 50001, 60000 } }
local x_val, y_val = x[VALIDATION], labels[VALIDATION]

-- The experiment ------------------------------------------------------------------------------------------------------

--- "relu" for all hidden layers, or one word for each layer: "relu tanh". The last word is used for all further layers.
local function activation_of(p, layer)
  local words = {}
  for word in p.activation:gmatch "%S+" do words[#words + 1] = word end
  return words[math.min(layer, #words)]
end

local function optimizer_of(p)
  if p.optimizer == "sgd" then
    return nn.optimizers.SGD { learning_rate = p.learning_rate, momentum = p.momentum, nesterov = p.nesterov }
  elseif p.optimizer == "rmsprop" then
    return nn.optimizers.RMSprop { learning_rate = p.learning_rate }
  end
  return nn.optimizers.Adam { learning_rate = p.learning_rate }
end

local function build(p)
  local model = nn.Sequential { Flatten { input_shape = { 28, 28 } } }
  for layer = 1, p.depth do
    model:add(Dense { p.width, activation = activation_of(p, layer) })
    if p.dropout > 0 then model:add(Dropout { p.dropout }) end
  end
  model:add(Dense { 10, activation = "softmax" })
  model:compile { optimizer = optimizer_of(p), loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "mnist_lab",
  title = "A deep network for MNIST",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, y_test },
  class_names = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" },
  params = {
    width = 50, depth = 2, activation = "relu", dropout = 0,
    optimizer = "adam", learning_rate = 1e-3, momentum = 0, nesterov = false,
    batch_size = 100, epochs = 5,
  },
  build = build,
  seeds = { 1 },
  objective = "val_accuracy",
  test_every_trial = true, -- as the notebook does; see the note below
}

lab:note [[
The task is to recognise handwritten digits from 28x28 grey pixels, divided by 255. The first 50,000 training images are
used for training, the last 10,000 for validation. Unless a section says otherwise, a model has two hidden layers of 50
relu units. Adam trains it with a learning rate of 0.001, in batches of 100, for 5 epochs.

This lab repeats a course's notebook, and also one of its habits: **every trial is evaluated on the test images**
(`test_every_trial = true`). Do not choose a model in this way. If you look at the test accuracy of thirty models and
take the best, you have chosen it by the test images. The number then no longer says how well the model does on images
that it has never seen. Choose by the validation images. The conclusion below uses only them.]]

local baseline = lab:trial({}, { title = "0. Baseline: two hidden layers of 50" })

-- 1-3: the shape of the network ---------------------------------------------------------------------------------------

local widths = lab:sweep("1. Width", { width = { 50, 100, 200, 300, 500 } })

lab:note [[
Wider layers hold more features and cost more time. What does one more hidden layer add, at the largest width?]]
local depths = lab:sweep("2-3. Depth, 500 wide", { depth = { 2, 3, 4, 5 } }, { with = { width = 500 } })

-- 4-5: activations ----------------------------------------------------------------------------------------------------

lab:sweep("4. Sigmoid instead of relu", { activation = { "relu", "sigmoid" } })
lab:sweep("5. Relu, then tanh", { activation = { "relu", "relu tanh" } })

-- 6-7: batch size -----------------------------------------------------------------------------------------------------

lab:note [[
With large batches an epoch is fast, but it has few steps: five epochs with batches of 10,000 have 25 steps in all. With
batches of one sample they have 250,000 steps, and each is noisy.]]
lab:sweep("6. Batches of 10,000", { batch_size = { 100, 10000 } })
lab:sweep("7. Batches of 1", { batch_size = { 1, 100 } })

-- 8-9: learning rate --------------------------------------------------------------------------------------------------

lab:sweep("8. A learning rate ten times lower", { learning_rate = { 1e-4, 1e-3 } })
lab:sweep("9. A learning rate twenty times higher", { learning_rate = { 1e-3, 0.02 } })

-- 10: advanced optimisation -------------------------------------------------------------------------------------------

-- The margin of error of an accuracy near .975 on 10,000 images is about .003. A deeper network costs several times as
-- much, so it must be better by more than that.
local CHANCE = 0.003
local is_deep_better = depths.best.score > widths.best.score + CHANCE
local shape = (is_deep_better and depths or widths).best.params
local best_shape = { width = shape.width, depth = shape.depth }

lab:note(([[
The next sections use %d hidden layers of %d units. A deeper network would have to be better by more than 0.3 points,
which is the margin of error here. They try other optimizers, momentum and
dropout.]]):format(best_shape.depth, best_shape.width))
lab:sweep("10a. Optimizer", {
  { optimizer = "adam", learning_rate = 1e-3 },
  { optimizer = "rmsprop", learning_rate = 1e-3 },
  { optimizer = "sgd", learning_rate = 0.1 },
}, { with = best_shape })
lab:sweep("10b. Momentum", {
  { momentum = 0 },
  { momentum = 0.9 },
  { momentum = 0.9, nesterov = true },
}, { with = { width = best_shape.width, depth = best_shape.depth, optimizer = "sgd", learning_rate = 0.1 } })
lab:sweep("10c. Dropout", { dropout = { 0, 0.2, 0.5 } }, { with = best_shape })

-- 11: looking inside --------------------------------------------------------------------------------------------------

lab:note [[
This section shows what the baseline has learned: the weights of each unit in its first layer, and the validation images
that it gets wrong.]]
local model = baseline.model
lab:figure("11. First-layer weights", nn.plot.weights(model.layers[2]))
lab:figure("Loss of the baseline", nn.plot.history(baseline.history, { metric = "loss" }))

local predictions = model:predict(x_val)
local predicted, confidence = predictions:argmax { axis = 2 }, predictions:max { axis = 2 }
lab:figure("Confusion matrix of the baseline",
  nn.plot.confusion { matrix = nn.metrics.confusion_matrix(y_val, predicted):totable() })

local mistakes = {}
for i = 1, #y_val do
  if predicted[i] ~= y_val[i] then mistakes[#mistakes + 1] = i end
end
table.sort(mistakes, function(a, b) return confidence[a] > confidence[b] end)

local worst, captions = table.move(mistakes, 1, 10, 1, {}), {}
for k, i in ipairs(worst) do
  captions[k] = ("true %d, predicted %d (%.1f %%)"):format(y_val[i], predicted[i], 100 * confidence[i])
end
lab:figure("The baseline's most confident mistakes", nn.plot.images(x_val:gather(worst), { captions = captions }))

-- The notebook's slip -------------------------------------------------------------------------------------------------

local right_loss, right_accuracy = model:evaluate(x_test, y_test)
local wrong_loss, wrong_accuracy = model:evaluate(test_images, y_test)
lab:note(([[
## A slip worth knowing

The notebook divides the training images by 255 and forgets to divide the test images. The pixels are then 255 times
as large, and so are the model's logits. The largest logit usually stays the same, so the accuracy looks fine. But the
model is now completely sure of every mistake, so the loss does not look fine:

| test images | test loss | test accuracy |
| --- | ---: | ---: |
| divided by 255 | %.4f | %.4f |
| not divided, 0 to 255 | %.2f | %.4f |

When the loss does not fit the accuracy, check how the data were scaled.]]):format(
  right_loss, right_accuracy, wrong_loss, wrong_accuracy))

-- 12: the optimal model -----------------------------------------------------------------------------------------------

lab:note [[
## 12. The optimal model

The variant with the best validation accuracy of all sections above.]]
lab:conclude()
lab:report()
