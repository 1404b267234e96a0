-- CIFAR-10: small colour pictures of ten kinds of things; a network like VGG, and a residual one.
--
--   ./nnrun experiments/cifar10.lua              some minutes; reports/cifar10/report.md
--   ./nnrun experiments/cifar10.lua epochs=1     a quick look
--   ./nnrun experiments/cifar10.lua epochs=20    trained for longer
--   ./nnrun experiments/cifar10.lua -- 1000      fewer training pictures
--
-- If only the first 4,000 training pictures are there, the lab uses those. With all 50,000 each epoch takes twelve
-- times as long, and the accuracy is far higher.

local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels, test_images, test_labels = nn.datasets.cifar10.load_data()
local names = nn.datasets.cifar10.class_names
local x, x_test = images / 255, test_images / 255
local y, y_test = labels:flatten(), test_labels:flatten()

-- The last tenth of the training pictures is for validation.
local first = #x - #x // 10 + 1
local count = math.tointeger(arg[1]) or first - 1
local TRAIN, VALIDATION = { { 1, count } }, { { first, #x } }
local x_val, y_val = x[VALIDATION], y[VALIDATION]

-- Two networks --------------------------------------------------------------------------------------------------------

--- A convolution, batch normalization if it is asked for, and relu unless the caller wants to add something before.
local function convolution(input, filters, options)
  local h = layers.Conv2D { filters, options.kernel or 3, strides = options.strides or 1, padding = "same",
    use_bias = not options.normalized, kernel_initializer = "he_normal" }(input)
  if options.normalized then h = layers.BatchNormalization {}(h) end
  return options.is_linear and h or layers.Activation { "relu" }(h)
end

--- Like VGG: two convolutions and a pooling layer, three times, with twice as many filters each time.
local function vgg_like(input, p)
  local h = input
  for _, filters in ipairs { 32, 64, 128 } do
    h = convolution(h, filters, { normalized = p.batch_normalization })
    h = convolution(h, filters, { normalized = p.batch_normalization })
    h = layers.MaxPooling2D { 2 }(h)
    if p.dropout > 0 then h = layers.Dropout { p.dropout }(h) end
  end
  h = layers.Flatten {}(h)
  h = layers.Dense { 128, activation = "relu" }(h)
  if p.dropout > 0 then h = layers.Dropout { p.dropout }(h) end
  return h
end

--- A residual block: what two convolutions compute is added to what they read. Where the number of maps or their size
-- changes, a convolution of 1x1 makes the input fit.
local function residual_block(input, filters, strides, p)
  local h = convolution(input, filters, { strides = strides, normalized = p.batch_normalization })
  h = convolution(h, filters, { normalized = p.batch_normalization, is_linear = true })
  local shortcut = input
  if strides > 1 or input.shape[3] ~= filters then
    shortcut = convolution(input, filters,
      { kernel = 1, strides = strides, normalized = p.batch_normalization, is_linear = true })
  end
  return layers.Activation { "relu" }(layers.add { h, shortcut })
end

local function residual(input, p)
  local h = convolution(input, 32, { normalized = p.batch_normalization })
  h = residual_block(h, 32, 1, p)
  h = residual_block(h, 64, 2, p)
  h = residual_block(h, 128, 2, p)
  h = layers.GlobalAveragePooling2D {}(h)
  if p.dropout > 0 then h = layers.Dropout { p.dropout }(h) end
  return h
end

local NETWORKS = { vgg = vgg_like, residual = residual }

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local input = nn.Input { shape = { 32, 32, 3 } }
  local output = layers.Dense { 10, activation = "softmax" }(NETWORKS[p.network](input, p))
  local model = nn.Model { inputs = input, outputs = output }
  model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "sparse_categorical_crossentropy",
    metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "cifar10",
  title = "CIFAR-10",
  train = { x[TRAIN], y[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, y_test },
  class_names = names,
  params = { network = "vgg", batch_normalization = false, dropout = 0, learning_rate = 1e-3, batch_size = 64,
    epochs = 10 },
  build = build,
  seeds = { 1 },
  objective = "val_accuracy",
}

local captions = {}
for i = 1, 30 do captions[i] = names[y[i] + 1] end
lab:figure("The first 30 pictures", nn.plot.images(images[{ { 1, 30 } }], {
  captions = captions, columns = 10, scale = 2,
}))

lab:note(([[
The pictures have 32x32 pixels in three colours. There are %d for training and %d for validation. The first network
stacks convolutions, as VGG does. The second one has three residual blocks. Each adds something to what it reads, so
that the gradient also has a short way back:

```
%s
```]]):format(count, #y_val, tostring(build {
  network = "residual", batch_normalization = false, dropout = 0, learning_rate = 1e-3,
})))
local networks = lab:sweep("Two networks, with and without batch normalization",
  { network = { "vgg", "residual" }, batch_normalization = { false, true } })

lab:note [[
With so few pictures the networks soon know them by heart. Dropout makes that harder.]]
local best = networks.best.params
lab:sweep("Dropout", { dropout = { 0, 0.3 } },
  { with = { network = best.network, batch_normalization = best.batch_normalization } })

lab:conclude()

-- Looking inside ------------------------------------------------------------------------------------------------------

local model = lab.best.model
local first_convolution
for _, layer in ipairs(model.layers) do
  if layer.class_name == "Conv2D" then
    first_convolution = layer
    break
  end
end
lab:figure("First-layer filters", nn.plot.filters(first_convolution))
lab:figure(("Feature maps of one picture, a %s"):format(names[y_val[1] + 1]), nn.plot.feature_maps(model, x_val[1]))

-- The mistakes that it was most sure of: where did it look?
local probabilities = model:predict(x_val)
local predicted, sureness = probabilities:argmax { axis = 2 }, probabilities:max { axis = 2 }
local mistakes = {}
for i = 1, #y_val do
  if predicted[i] ~= y_val[i] then mistakes[#mistakes + 1] = i end
end
table.sort(mistakes, function(a, b) return sureness[a] > sureness[b] end)
local worst, words = table.move(mistakes, 1, math.min(10, #mistakes), 1, {}), {}
for k, i in ipairs(worst) do
  words[k] = ("%s, predicted %s (%.0f %%)"):format(names[y_val[i] + 1], names[predicted[i] + 1], 100 * sureness[i])
end
lab:note [[
These are the validation pictures about which the network was most sure, and wrong. Red are the places that speak for
its prediction.]]
lab:figure("The worst mistakes", nn.plot.grad_cam(model, x_val:gather(worst), { captions = words }))
