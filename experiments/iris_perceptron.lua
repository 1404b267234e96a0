-- Iris: which species a perceptron can separate, which it cannot, and a small network that can.
--
--   ./nnrun experiments/iris_perceptron.lua       a few seconds; reports/iris_perceptron/report.md

local nn = require "nn"
local Dense = nn.layers.Dense

local x, y = nn.datasets.iris.load_data()
local species = nn.datasets.iris.class_names

-- The petals are the last two of the four features. With two features, a perceptron is a line in a drawing.
local petals = x[{ {}, { 3, 4 } }]

-- The perceptron ------------------------------------------------------------------------------------------------------

--- The accuracy of a perceptron that tells one species from the others, over five folds.
local function accuracy(features, is_species)
  local sum = 0
  local folds = nn.utils.k_fold { features, k = 5, shuffle = true, stratify = is_species, seed = 1 }
  for _, fold in ipairs(folds) do
    local perceptron = nn.Perceptron { seed = 1 }:fit(features:gather(fold.train), is_species:gather(fold.train))
    sum = sum + perceptron:score(features:gather(fold.test), is_species:gather(fold.test))
  end
  return sum / #folds
end

local rows = {}
for i, name in ipairs(species) do
  rows[i] = ("| %s | %.3f | %.3f |"):format(name, accuracy(petals, y:eq(i - 1)), accuracy(x, y:eq(i - 1)))
end

local setosa = nn.Perceptron { seed = 1 }:fit(petals, y:eq(0))
local w = setosa.coef_[1]

-- A network for all three ---------------------------------------------------------------------------------------------

local x_train, x_test, y_train, y_test = nn.utils.train_test_split { x, y, test_size = 30, stratify = y, seed = 1 }
local x_fit, x_val, y_fit, y_val = nn.utils.train_test_split { x_train, y_train, test_size = 30, stratify = y_train,
  seed = 2 }

local scaler = nn.preprocessing.StandardScaler():fit(x_fit)

local lab = nn.Experiment {
  name = "iris_perceptron",
  title = "Iris: from the perceptron to a network",
  train = { scaler:transform(x_fit), y_fit },
  validation = { scaler:transform(x_val), y_val },
  test = { scaler:transform(x_test), y_test },
  class_names = species,
  params = { hidden = 8, learning_rate = 0.01, batch_size = 16, epochs = 60 },
  build = function(p)
    local model = nn.Sequential { nn.Input { shape = { 4 } } }
    if p.hidden > 0 then model:add(Dense { p.hidden, activation = "relu" }) end
    model:add(Dense { 3, activation = "softmax" })
    model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "sparse_categorical_crossentropy",
      metrics = { "accuracy" } }
    return model
  end,
  seeds = { 1, 2, 3 },
  objective = "val_loss",
}

lab:note(([[
## One perceptron for each species

How accurately it separates each species from the two others, over five folds:

| species | petals only | all four features |
| --- | ---: | ---: |
%s

A perceptron draws one straight line (with more features, a plane). Setosa is on one side of such a line. After %d
epochs the line is %.2f · length %+.2f · width %+.2f = 0. Versicolor lies between the other two, and no line separates
it from both.]]):format(
  table.concat(rows, "\n"), setosa.n_iter_, w[1], w[2], setosa.intercept_:item()))

lab:note [[
## A network

Softmax over three units is the perceptron's successor. Without hidden units (`hidden = 0` below) there is still one
straight line between any two species, but it lies where the probabilities fit best. The features are scaled with the
mean and the standard deviation of the training flowers alone.]]
lab:sweep("Hidden units", { hidden = { 0, 4, 16 } })
lab:conclude()
