-- nn.advice on what a fit led to: planted failures are named, and sound models are not.
local nn = require "nn"
local checks = require "tests.support.advice_checks"
local Dense = nn.layers.Dense

local N = 300
local function rows(seed, n) return nn.random.normal { shape = { n or N, 4 }, seed = seed } end
local x, x_val = rows(1), rows(2, 200)
local noise, noise_val = rows(3), rows(4, 200)

local function yes_no_of(t) return t[{ {}, 1 }]:gt(0) end
local function rare_of(t) return t[{ {}, 1 }]:gt(1.6) end
local function number_of(t) return t[{ {}, 1 }] * 2 + t[{ {}, 2 }] end

local function model(units, activation, loss, rate, metrics)
  local m = nn.Sequential { Dense { 8, activation = "relu", input_shape = { 4 } },
    Dense { units, activation = activation, name = "out" } }
  m:compile { optimizer = nn.optimizers.Adam { rate or 0.01 }, loss = loss, metrics = metrics }
  return m
end

local function fit(m, part, held_out, options)
  local all = { epochs = 12, verbose = 0, validation_data = held_out }
  for name, value in pairs(options or {}) do all[name] = value end
  m:fit(part[1], part[2], all)
  return m
end

local function classify(part, held_out, rate, options)
  return fit(model(1, "sigmoid", "binary_crossentropy", rate, { "accuracy" }), part, held_out, options)
end

local function regress(part, held_out, rate, options)
  return fit(model(1, nil, "mse", rate), part, held_out, options)
end

-- Windows of a random walk and the value after each: nothing forecasts it better than the last value.
local function walk(n, seed)
  local steps, value, windows, after = nn.random.normal { shape = { n + 8 }, seed = seed }:totable(), 0, {}, {}
  for i, step in ipairs(steps) do
    value = value + step
    steps[i] = value
  end
  for i = 1, n do windows[i], after[i] = table.move(steps, i, i + 7, 1, {}), steps[i + 8] end
  return nn.tensor(windows), nn.tensor(after)
end

local function forecast(epochs, windows, after)
  local m = nn.Sequential { Dense { 8, activation = "relu", input_shape = { 8 } }, Dense { 1, name = "out" } }
  m:compile { optimizer = "adam", loss = "mse" }
  nn.advice.silence "input_scale"
  m:fit(windows, after, { epochs = epochs, verbose = 0, validation_split = 0.3 })
end

-- A wave with noise: what it was four steps ago says more than the last value.
local function wave(n)
  local values, windows, after = {}, {}, {}
  local noises = nn.random.normal { shape = { n + 8 }, stddev = 0.02, seed = 5 }:totable()
  for i = 1, n + 8 do values[i] = math.sin(i * 1.3) + noises[i] end
  for i = 1, n do windows[i], after[i] = table.move(values, i, i + 7, 1, {}), values[i + 8] end
  return nn.tensor(windows), nn.tensor(after)
end

describe("advice on what a fit led to", function()
  checks.planted(it, checks.advice_of, {
    ["labels that do not belong to their samples"] = { "no_better",
      "out is no.* better than always answering class %d: its validation accuracy is 0.%d+, that of the answer 0.5",
      function() classify({ x, yes_no_of(noise) }, { x_val, yes_no_of(noise_val) }) end },
    ["class ids that do not belong to their samples"] = { "no_better", "always answering class",
      function()
        local function ids(t) return (t[{ {}, 1 }]:gt(0.3) + t[{ {}, 2 }]:gt(0.2)):astype "int32" end
        local m = model(3, "softmax", "sparse_categorical_crossentropy", 0.01, { "accuracy" })
        fit(m, { x, ids(noise) }, { x_val, ids(noise_val) }, { epochs = 20 })
      end },
    ["targets that do not belong to their samples"] = { "no_better",
      "better than always answering the mean of the training targets: its validation loss",
      function() regress({ x, number_of(noise) }, { x_val, number_of(noise_val) }) end },
    ["a model that learned nothing from its own training data"] = { "no_better", "training loss",
      function() regress({ x * 0, number_of(x) }, nil, 0.3) end },
    ["a majority that is always predicted"] = { "one_class", "class 0 for all of 200 validation samples, of which 9",
      function() classify({ x * 0.1, rare_of(noise) }, { x_val * 0.1, rare_of(noise_val) }, 0.01) end },
    ["one class of several that is always predicted"] = { "one_class", "predicts class", function()
      local m = model(3, "softmax", "sparse_categorical_crossentropy")
      local ids = (noise[{ {}, 1 }]:gt(-0.5) + noise[{ {}, 1 }]:gt(1.5)):astype "int32"
      fit(m, { x * 0.01, ids })
    end },
    ["a forecast no better than the last value"] = { "no_better", "answering the previous value",
      function() forecast(30, walk(600, 3)) end },
    ["a rate a thousand times too small"] = { "slow_learning", "no weight moved by more than .* 1e%-06 is too small",
      function() classify({ x, yes_no_of(x) }, { x_val, yes_no_of(x_val) }, 1e-6, { epochs = 10 }) end },
    ["a rate a thousand times too small in a regression"] = { "slow_learning", "try one 100 times larger",
      function() regress({ x, number_of(x) }, nil, 1e-6) end },
    ["dead units"] = { "dead_units", "4 of 8 relu units", function()
      local m = model(1, "sigmoid", "binary_crossentropy")
      m.layers[1]:set_weights { m.layers[1]:get_weights(), { -99, -99, -99, -99, 0, 0, 0, 9 } }
      fit(m, { x, yes_no_of(x) })
    end },
    ["a loss that does not fall"] = { "loss_not_falling", "did not fall in 12 epochs", function()
      nn.advice.silence "learning_rate"
      regress({ x, number_of(x) }, nil, 0)
    end },
  })

  checks.clean(it, checks.advice_of, {
    ["models that learn"] = function()
      classify({ x, yes_no_of(x) }, { x_val, yes_no_of(x_val) }, 0.03)
      regress({ x, number_of(x) }, { x_val, number_of(x_val) }, 0.03)
      regress({ x, number_of(x) }, nil, 0.03)
    end,
    ["one or two epochs of anything, or a few steps"] = function()
      classify({ x, rare_of(noise) }, { x_val, rare_of(noise_val) }, 0.001, { epochs = 4 })
      classify({ x, rare_of(noise) }, { x_val, rare_of(noise_val) }, 1e-6, { epochs = 2 })
      regress({ x, number_of(noise) }, { x_val, number_of(noise_val) }, 1e-6, { epochs = 1 })
    end,
    ["a truth table"] = function()
      local inputs, truth = nn.tensor { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, nn.tensor { 0, 1, 1, 0 }
      local m = nn.Sequential { Dense { 2, activation = "tanh", input_shape = { 2 } },
        Dense { 1, activation = "sigmoid" } }
      m:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "binary_crossentropy", metrics = { "accuracy" } }
      m:fit(inputs, truth, { epochs = 10, verbose = 0 })
    end,
    ["fine-tuning with a tiny rate"] = function()
      local first = classify({ x, yes_no_of(x) }, nil, 0.03, { epochs = 10 })
      local second = model(1, "sigmoid", "binary_crossentropy", 1e-6, { "accuracy" })
      second:set_weights(first:get_weights())
      fit(second, { x, yes_no_of(x) }, { x_val, yes_no_of(x_val) })
    end,
    ["rare classes with weights"] = function()
      nn.advice.silence "one_class"
      classify({ x, rare_of(x) }, { x_val, rare_of(x_val) }, 0.01, { class_weight = "balanced", epochs = 10 })
    end,
    ["counts, several labels, an autoencoder"] = function()
      local counts = (number_of(x):abs() * 3):round()
      local m = model(1, "exponential", "poisson", 0.03)
      fit(m, { x:abs(), counts }, nil, { epochs = 20 })
      fit(model(4, "sigmoid", "binary_crossentropy", 0.03), { x, x:gt(0) }, { x_val, x_val:gt(0) }, { epochs = 10 })
      fit(model(4, nil, "mse", 0.03), { x, x }, { x_val, x_val })
    end,
    ["units that are 0 since the weights were drawn, of inputs that are never below 0"] = function()
      local m = model(1, "sigmoid", "binary_crossentropy", 0.01, { "accuracy" })
      local kernel, bias = m.layers[1]:get_weights()
      local signs = nn.tensor { 1, 1, 1, -1, -1, -1, -1, -1 }
      m.layers[1]:set_weights { kernel:abs() * signs, bias }
      local positive = x:abs() + 0.5
      fit(m, { positive, positive[{ {}, 1 }]:gt(1.1) })
    end,
    ["a forecast that beats the last value"] = function() forecast(40, wave(600)) end,
  })
end)
