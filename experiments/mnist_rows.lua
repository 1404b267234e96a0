-- Digits as sequences: recurrent networks read an image row by row, and gradients vanish on the way back.
--
--   ./nnrun experiments/mnist_rows.lua             two minutes; reports/mnist_rows/report.md
--   ./nnrun experiments/mnist_rows.lua epochs=5    a better result
--   ./nnrun experiments/mnist_rows.lua -- 5000     fewer training images than 55,000
--
-- A recurrent layer reads a sequence step by step. At each step it computes a new state from what it reads and from the
-- state before; the state is all that it remembers. Here a step is one row of 28 pixels, and an image has 28 of them.

local nn = require "nn"
local Dense, Input, layers = nn.layers.Dense, nn.Input, nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

-- A recurrent layer reads (steps, features): the images already have that shape.
local images, labels, test_images, y_test = nn.datasets.mnist.load_data()
local x, x_test = images / 255, test_images / 255

local COUNT = math.tointeger(arg[1]) or 55000
local HELD = math.min(5000, COUNT)
local VALIDATION, TRAIN = { { 1, HELD } }, { { HELD + 1, HELD + COUNT } }
local x_val, y_val = x[VALIDATION], labels[VALIDATION]

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local model = nn.Sequential {
    Input { shape = { 28, 28 } },
    layers[p.layer] { p.units, recurrent_initializer = p.recurrent_initializer },
    Dense { 10, activation = "softmax" },
  }
  model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local lab = nn.Experiment {
  name = "mnist_rows",
  title = "Digits as sequences",
  train = { x[TRAIN], labels[TRAIN] },
  validation = { x_val, y_val },
  test = { x_test, y_test },
  class_names = nn.datasets.mnist.class_names,
  params = { layer = "SimpleRNN", units = 128, recurrent_initializer = "orthogonal", batch_size = 100, epochs = 1 },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_accuracy",
}
local p = lab.params

-- Three layers --------------------------------------------------------------------------------------------------------

lab:note(([[
The network reads 28 rows, one after the other, and then has to say which digit it was. It is trained for %d epoch(s).

- *SimpleRNN* computes its state h from the row x and the last state: tanh(x W + h U + b).
- *GRU* has two gates, numbers from 0 to 1 for each unit. They say how much of the old state the new one is computed
  from, and how much of the old state is kept.
- *LSTM* has three gates and a second state, the cell, from which things are only taken away or added to. So it can keep
  something over many steps.

The gates cost weights: a GRU has about three times as many as a SimpleRNN, an LSTM four times.

```
%s
```]]):format(p.epochs, tostring(build(p))))
local kinds = lab:sweep("Three layers", { layer = { "SimpleRNN", "GRU", "LSTM" } })

-- Vanishing gradients -------------------------------------------------------------------------------------------------

local PROBES = 200 -- validation images over which norms are averaged
local x_probe, y_probe = x_val[{ { 1, PROBES } }]:copy(), y_val[{ { 1, PROBES } }]
local sum_of_losses = nn.losses.SparseCategoricalCrossentropy { reduction = "sum" }

--- The gradient of an image's loss by each of its rows: 28 norms, averaged over the images.
local function gradient_norms(model)
  local tape <close> = nn.GradientTape()
  tape:watch(x_probe)
  local gradient = tape:gradient(sum_of_losses(y_probe, model(x_probe)), x_probe) -- (images, rows, pixels)
  return ((gradient ^ 2):sum { axis = 3 } ^ 0.5):mean { axis = 1 }
end

local function untrained(changes)
  nn.utils.set_random_seed(1)
  local params = {}
  for name, value in pairs(p) do params[name] = value end
  for name, value in pairs(changes) do params[name] = value end
  return build(params)
end

local function chart(title, series)
  lab:figure(title, nn.plot.curves {
    x_label = "row", y_label = "norm of the gradient", log_y = true, series = series,
  })
end

local before, after, rows, seen = {}, {}, {}, {}
for _, trial in ipairs(kinds.trials) do
  local name = trial.params.layer
  if not seen[name] then -- the first seed is enough to draw
    seen[name] = true
    local fresh, trained = gradient_norms(untrained { layer = name }), gradient_norms(trial.model)
    before[#before + 1], after[#after + 1] = { name = name, y = fresh }, { name = name, y = trained }
    rows[#rows + 1] = ("| %s | %.2g | %.2g |"):format(name, fresh[1] / fresh[-1], trained[1] / trained[-1])
  end
end
lab:note(([[
## Vanishing gradients

How much does each row matter for the loss? A gradient tape tells: it watches the images, and the gradient by a row says
how the loss changes when the pixels of that row change. On its way from the last row back to the first one, the
gradient is multiplied by the derivative of each step. If these factors are below 1, the gradient vanishes: then the
network hardly learns from the first rows.

The table divides the gradient of the first row by that of the last one:

| layer | before training | after training |
| --- | ---: | ---: |
%s]]):format(table.concat(rows, "\n")))
chart("Gradients before training", before)
chart("Gradients after training", after)

lab:note [[
Gates that are half open, as they are before training, let through only a part of the gradient at each step. But gates
are learned: the training opens those through which early rows help. A SimpleRNN has no gates. How far its gradient
reaches depends on the matrix U, with which the state is multiplied at each step.

An orthogonal matrix, the default, keeps the length of a vector. Random numbers with a standard deviation of 0.05
(*random_normal*) make each step shorten the state to about half of its length. That network first has to learn to
remember anything.]]
lab:sweep("The first matrix of a SimpleRNN",
  { recurrent_initializer = { "orthogonal", "glorot_uniform", "random_normal" } })

local matrices = {}
for i, name in ipairs { "orthogonal", "glorot_uniform", "random_normal" } do
  matrices[i] = { name = name, y = gradient_norms(untrained { recurrent_initializer = name }) }
end
chart("Gradients of SimpleRNN before training, by its first matrix", matrices)

lab:conclude()
