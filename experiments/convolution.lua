-- Convolution: a network that looks at neighbourhoods, on MNIST; then one question for each of its settings.
--
--   ./nnrun experiments/convolution.lua             a few minutes; reports/convolution/report.md
--   ./nnrun experiments/convolution.lua epochs=1    a quick look
--   ./nnrun experiments/convolution.lua -- 5000     fewer training images than 55,000
--
-- A dense layer does not know which pixels are neighbours. A convolution slides small filters over the picture: each
-- filter has few weights, and finds the same stroke wherever it is.

local nn = require "nn"
local Conv2D, Dense, Flatten, MaxPooling2D = nn.layers.Conv2D, nn.layers.Dense, nn.layers.Flatten,
  nn.layers.MaxPooling2D

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, y_test = nn.datasets.mnist.load_data()
local NAMES = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" }

-- A convolution reads (height, width, channels): grey pictures have one channel.
local function pictures(bytes) return bytes:reshape { -1, 28, 28, 1 } / 255 end
local x, x_test = pictures(images), pictures(test_images)

local COUNT = math.tointeger(arg[1]) or 55000
local HELD = math.min(5000, COUNT)
local VALIDATION, TRAIN = { { 1, HELD } }, { { HELD + 1, HELD + COUNT } }
local x_val, y_val = x[VALIDATION], labels[VALIDATION]

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local model = nn.Sequential {
    Conv2D { p.filters, p.kernel, strides = p.stride, padding = p.padding, activation = "relu",
      input_shape = { 28, 28, 1 } },
    MaxPooling2D { 2 },
    Conv2D { 2 * p.filters, p.kernel, padding = p.padding, activation = "relu" },
    MaxPooling2D { 2 },
    Flatten {},
    Dense { 10, activation = "softmax" },
  }
  model:compile { optimizer = p.optimizer, loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "convolution",
  title = "Convolution",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, y_test },
  class_names = NAMES,
  params = {
    filters = 32, kernel = 5, padding = "valid", stride = 1, optimizer = "sgd", batch_size = 100, epochs = 5,
  },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
}

-- The network ---------------------------------------------------------------------------------------------------------

lab:note(([[
The network has two convolutions, each with a pooling layer behind it, and a dense layer at the end:

```
%s
```

The first convolution has 32 filters of 5x5 weights. Each is laid on all 24x24 places of the picture, and gives a map of
where it fits. Pooling keeps the largest of each 2x2 values: the map becomes smaller, and where exactly a stroke was
matters less. The second convolution reads all 32 maps at once. With 62,346 weights the network is about as large as a
dense one with 80 units.]]):format(tostring(build(lab.params))))
local network = lab:sweep("The network, two optimizers", { optimizer = { "sgd", "adam" } })

-- Looking inside ------------------------------------------------------------------------------------------------------

local model = network.best.model
lab:note [[
What has it learned? Here are the filters of the first layer: the strokes and edges that it looks for.]]
lab:figure("First-layer filters", nn.plot.filters(model.layers[1]))

lab:note(([[
And this is what each layer makes of one validation image, a %d. The first maps still look like it. The last ones are
small: each says in which part of the picture something larger was found.]]):format(y_val[1]))
lab:figure("Feature maps of one image", nn.plot.feature_maps(model, x_val[1]))

-- The sweeps ----------------------------------------------------------------------------------------------------------

lab:note [[
Each section below changes one setting. To be quick, these networks are trained by Adam for one epoch only. That is
enough to see what matters, but not for the best result.]]
local function quick(p)
  p.optimizer, p.epochs = "adam", 1
  return p
end
lab:sweep("Filters", { filters = { 4, 8, 16, 32 } }, { with = quick {} })

lab:note [[
A filter of 1x1 sees a single pixel: it cannot find any stroke. From 3x3 on there is something to see.]]
lab:sweep("Kernel size", { kernel = { 1, 3, 5, 7 } }, { with = quick { filters = 16, padding = "same" } })

lab:note [[
`valid` lays a filter only where it is wholly within the picture, so that each convolution takes away a margin. `same`
adds a margin of zeros before.]]
lab:sweep("Padding", { padding = { "valid", "same" } }, { with = quick { filters = 16 } })

lab:note [[
With a stride of 2 the first convolution takes every second place only. There is a quarter of the work, and less
to see.]]
lab:sweep("Stride", { stride = { 1, 2 } }, { with = quick { filters = 16, padding = "same" } })

lab:conclude()

-- The worst mistakes --------------------------------------------------------------------------------------------------

local best = lab.best.model
local probabilities = best:predict(x_test)
local predicted, sureness = probabilities:argmax { axis = 2 }, probabilities:max { axis = 2 }

local mistakes = {}
for i = 1, #y_test do
  if predicted[i] ~= y_test[i] then mistakes[#mistakes + 1] = i end
end
table.sort(mistakes, function(a, b) return sureness[a] > sureness[b] end)
local worst = table.move(mistakes, 1, math.min(10, #mistakes), 1, {})

local wrong, right = {}, {}
for k, i in ipairs(worst) do
  wrong[k] = ("predicted %d, %.0f %%"):format(predicted[i], 100 * sureness[i])
  right[k] = ("true %d, %.1f %%"):format(y_test[i], 100 * probabilities[{ i, y_test[i] + 1 }])
end
lab:note [[
Grad-CAM asks which places of a picture speak for a class. First for the class that the network predicts, wrongly;
then for the true one, on the same images.]]
lab:figure("What speaks for the wrong class", nn.plot.grad_cam(best, x_test:gather(worst), { captions = wrong }))
lab:figure("What speaks for the true class", nn.plot.grad_cam(best, x_test:gather(worst), {
  classes = y_test:gather(worst), captions = right,
}))
