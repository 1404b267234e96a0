-- Wide and deep: the functional API, and a network with a shortcut from its input to its output layer.
--
--   ./nnrun experiments/wide_and_deep.lua             a few seconds; reports/wide_and_deep/report.md
--   ./nnrun experiments/wide_and_deep.lua epochs=5    a quick look
--
-- The data are those of california_housing.lua. That script says why they are clipped and scaled in this way.

local nn = require "nn"
local Dense = nn.layers.Dense

-- Data ----------------------------------------------------------------------------------------------------------------

local x, dollars, x_test, dollars_test = nn.datasets.california_housing.load_data()
local FEATURES, VALIDATION, UNIT = 8, 3922, 100000

local x_train, x_val, y_train, y_val =
  nn.utils.train_test_split { x, dollars / UNIT, test_size = VALIDATION, seed = 42 }

-- For each feature, the limit that 99.9 % of the training rows do not exceed.
local function usual_limits(rows)
  local limits = {}
  for i = 1, FEATURES do
    local values = rows[{ {}, i }]:totable()
    table.sort(values)
    limits[i] = values[math.ceil(0.999 * #values)]
  end
  return nn.tensor(limits)
end

local limits = usual_limits(x_train)
local scaler = nn.preprocessing.StandardScaler():fit(x_train:minimum(limits))

local function prepared(rows)
  return scaler:transform(rows:minimum(limits))
end

-- The model -----------------------------------------------------------------------------------------------------------

-- A layer called on a tensor gives a tensor. A variable can be used twice, and the input is: it goes through the two
-- hidden layers, and directly to the output layer.
local function build(p)
  local input = nn.Input { shape = { FEATURES }, name = "features" }
  local deep = Dense { p.width, activation = "relu", name = "hidden_1" }(input)
  deep = Dense { p.width, activation = "relu", name = "hidden_2" }(deep)
  local joined = p.wide and nn.layers.concatenate { input, deep } or deep
  local model = nn.Model { inputs = { input }, outputs = { Dense { 1, name = "price" }(joined) } }
  model:compile {
    optimizer = nn.optimizers.SGD { p.learning_rate }, loss = "mean_squared_error",
    metrics = { "mean_absolute_error" },
  }
  return model
end

local lab = nn.Experiment {
  name = "wide_and_deep",
  title = "Wide and deep: a shortcut past the hidden layers",
  train = { prepared(x_train), y_train },
  validation = { prepared(x_val), y_val },
  test = { prepared(x_test), dollars_test / UNIT },
  params = { wide = true, width = 30, learning_rate = 1e-3, batch_size = 32, epochs = 40 },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_mean_absolute_error",
}

lab:note(([[
In a stack of layers, all that the output knows about the input has gone through every layer. Some rules need no hidden
layer: richer blocks are more expensive. In the network below, the output layer sees the second hidden layer *and* the
input itself, concatenated into one long vector. The wide part learns simple rules, the deep part learns the rest.

```
%s
```

The last column says where a layer's input comes from. `price` has %d weights: for %d units of the hidden layer, %d
features and a bias.]]):format(tostring(build(lab.params)), lab.params.width + FEATURES + 1,
  lab.params.width, FEATURES))

local cuts = lab:sweep("With and without the shortcut", { wide = { false, true } })
local with_cut = cuts.variants[2].trials

lab:note [[
What the wide part learned for each feature: the weights of the shortcut alone. All features have the standard deviation
1, so the weights can be compared. They do not show what the hidden layers add.]]
local kernel = with_cut[1].model:get_layer { name = "price" }:get_weights()
lab:figure("Weights of the shortcut", nn.plot.bars {
  y_label = "100,000 dollars per deviation", names = nn.datasets.california_housing.feature_names,
  values = kernel[{ { 1, FEATURES }, 1 }]:totable(),
})

-- The end -------------------------------------------------------------------------------------------------------------

lab:conclude()

-- This script is named after the network with the shortcut, so its test result is given even if the other was chosen.
-- The choice is made; this changes nothing.
local sum = 0
for _, trial in ipairs(with_cut) do
  local _, mae = trial.model:evaluate(prepared(x_test), dollars_test / UNIT, { verbose = 0 })
  sum = sum + mae
end
lab:note(("For the record, after the choice: the mean test mae of wide and deep over the seeds is %.4f."):format(
  sum / #with_cut))
