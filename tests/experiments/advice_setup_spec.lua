-- nn.advice on how a fit is set up: planted mistakes are named, and their clean twins are not.
local nn = require "nn"
local checks = require "tests.support.advice_checks"
local fakes = require "tests.support.experiment_fakes"
local Dense, callbacks, space = nn.layers.Dense, nn.callbacks, nn.space

local N = 300
local x = nn.random.normal { shape = { N, 3 }, seed = 1 }
local x_val = nn.random.normal { shape = { 100, 3 }, seed = 2 }

local function number_of(rows) return rows[{ {}, 1 }] * 2 + rows[{ {}, 2 }]:abs() end
local function yes_no_of(rows) return rows[{ {}, 1 }]:gt(0) end
local function class_of(rows) return (yes_no_of(rows) + rows[{ {}, 2 }]:gt(0)):astype "int32" end

local function model(units, activation, loss, metrics, optimizer)
  local m = nn.Sequential { Dense { 8, activation = "tanh", input_shape = { 3 } },
    Dense { units, activation = activation, name = "out" } }
  m:compile { optimizer = optimizer or "adam", loss = loss, metrics = metrics }
  return m
end

local function fit(m, y, options)
  options = options or {}
  options.verbose = 0
  return m:fit(x, y, options)
end

local LOGITS = nn.losses.BinaryCrossentropy { from_logits = true }
local IDS = "sparse_categorical_crossentropy"

local function weighted(weights)
  local rare = x[{ {}, 1 }]:gt(1)
  return function() fit(model(1, "sigmoid", "binary_crossentropy"), rare, { class_weight = weights }) end
end

local function stopped(options, more)
  return function()
    local all = { epochs = 2, validation_data = { x_val, yes_no_of(x_val) },
      callbacks = { callbacks.EarlyStopping(options) } }
    for name, value in pairs(more or {}) do all[name] = value end
    fit(model(1, "sigmoid", "binary_crossentropy", { "accuracy" }), yes_no_of(x), all)
  end
end

describe("advice on the set-up of a fit", function()
  checks.planted(it, checks.advice_of, {
    ["relu where targets fall below 0"] = { "output_range", '"relu", which gives 0 or more, but %d+ %%',
      function() fit(model(1, "relu", "mse"), number_of(x)) end },
    ["sigmoid where targets leave 0 to 1"] = { "output_range", '"sigmoid", which gives 0 to 1',
      function() fit(model(1, "sigmoid", "mae"), number_of(x)) end },
    ["tanh where targets are large"] = { "output_range", '"tanh", which gives %-1 to 1',
      function() fit(model(1, "tanh", "huber"), number_of(x) * 5) end },
    ["a separate layer of relu at the end"] = { "output_range", "relu", function()
      local m = nn.Sequential { Dense { 1, input_shape = { 3 } }, nn.layers.ReLU {} }
      m:compile { optimizer = "adam", loss = "mse" }
      fit(m, number_of(x))
    end },
    ["a separate layer of softmax after softmax"] = { "output_activation", "so has the layer before it", function()
      local m = nn.Sequential { Dense { 3, activation = "softmax", input_shape = { 3 } },
        nn.layers.Activation { "softmax" } }
      m:compile { optimizer = "adam", loss = IDS }
      fit(m, class_of(x))
    end },
    ["accuracy that cuts logits at a half"] = { "metric_and_output", "accuracy cuts them at 0.5.*\"sigmoid\"",
      function() fit(model(1, nil, LOGITS, { "accuracy" }), yes_no_of(x)) end },
    ["precision that cuts logits at a half"] = { "metric_and_output", "the metric precision",
      function() fit(model(1, nil, LOGITS, { nn.metrics.Precision {} }), yes_no_of(x)) end },
    ["accuracy of numbers"] = { "metric_and_output", "counts equal classes",
      function() fit(model(1, nil, "mse", { "accuracy" }), number_of(x)) end },
    ["class ids from 1"] = { "unused_units", "no label uses unit 0; class ids count from 0",
      function() fit(model(4, "softmax", IDS), class_of(x) + 1) end },
    ["one-hot columns from 1"] = { "unused_units", "unit 0", function()
      fit(model(4, "softmax", "categorical_crossentropy"), nn.utils.to_categorical(class_of(x) + 1, 4))
    end },
    ["a unit too many"] = { "unused_units", "no label uses unit 3; 3 units are enough",
      function() fit(model(4, "softmax", IDS), class_of(x)) end },
    ["many units too many"] = { "unused_units", "units 3 to 9",
      function() fit(model(10, "softmax", IDS), class_of(x)) end },
    ["a batch larger than the data"] = { "batch_size", "batch_size is 1000, but there are 300",
      function() fit(model(1, nil, "mse"), number_of(x), { batch_size = 1000 }) end },
    ["weights that favour the larger class"] = { "class_weight", "class 0 has 2%d%d samples and the weight 5",
      weighted { [0] = 5, [1] = 1 } },
    ["a weight of the larger class alone"] = { "class_weight", "class 1 has %d+ and the weight 1",
      weighted { [0] = 3 } },
    ["early stopping on the training loss"] = { "early_stopping", "watches loss.*val_loss",
      stopped { monitor = "loss", patience = 2 } },
    ["early stopping on the training accuracy"] = { "early_stopping", "watches accuracy.*val_accuracy",
      stopped { monitor = "accuracy" } },
    ["accuracy watched for its smallest"] = { "monitor_mode", 'val_accuracy with mode = "min", but larger',
      stopped { monitor = "val_accuracy", mode = "min" } },
    ["a loss watched for its largest"] = { "monitor_mode", 'use mode = "min"',
      stopped { monitor = "val_loss", mode = "max" } },
    ["a checkpoint of the worst"] = { "monitor_mode", "ModelCheckpoint", function()
      local path = os.tmpname() .. ".safetensors"
      stopped({}, { callbacks = callbacks.ModelCheckpoint { path, save_best_only = true, mode = "max" } })()
      os.remove(path)
    end },
  })

  checks.clean(it, checks.advice_of, {
    ["a separate layer of softmax, also after a hidden one with weights"] = function()
      local m = nn.Sequential { Dense { 3, activation = "softmax", input_shape = { 3 } }, Dense { 3 },
        nn.layers.Activation { "softmax" } }
      m:compile { optimizer = "adam", loss = IDS }
      fit(m, class_of(x))
    end,
    ["relu over counts"] = function() fit(model(1, "relu", "mse"), number_of(x):abs():round()) end,
    ["relu where noise takes a few targets below 0"] = function()
      local noisy = number_of(x):abs() + nn.random.normal { shape = { N }, stddev = 0.01, seed = 3 }
      fit(model(1, "relu", "mse"), noisy)
    end,
    ["sigmoid over shares, tanh over signs"] = function()
      fit(model(1, "sigmoid", "mse"), yes_no_of(x))
      fit(model(1, "tanh", "mse"), yes_no_of(x) * 2 - 1)
    end,
    ["an autoencoder of pictures from 0 to 1"] = function()
      local pictures = nn.random.uniform { shape = { N, 3 }, seed = 4 }
      model(3, "sigmoid", "mse"):fit(pictures, pictures, { verbose = 0 })
      model(3, "relu", "mse"):fit(pictures, pictures, { verbose = 0 })
    end,
    ["logits that are cut elsewhere, or not at all"] = function()
      fit(model(1, nil, LOGITS, { nn.metrics.Recall { thresholds = 0 } }), yes_no_of(x))
      local ids = nn.losses.SparseCategoricalCrossentropy { from_logits = true }
      fit(model(3, nil, ids, { "accuracy" }), class_of(x))
    end,
    ["accuracy of classes that are learned by distance"] = function()
      fit(model(1, nil, "mse", { "accuracy" }), yes_no_of(x))
    end,
    ["a rare class, few samples, labels with gaps"] = function()
      local ids = class_of(x)
      fit(model(3, "softmax", IDS), ids)
      local few = nn.tensor({ 0, 1, 2, 0, 1, 2 }, "int32")
      model(4, "softmax", IDS):fit(x[{ { 1, 6 } }], few, { verbose = 0 })
      fit(model(5, "softmax", IDS), ids * 2)
    end,
    ["labels that only validation data have"] = function()
      local lower = class_of(x):minimum(1)
      nn.advice.silence "missing_class"
      fit(model(3, "softmax", IDS), lower, { validation_data = { x_val, class_of(x_val) } })
    end,
    ["words, of which 0 is padding"] = function()
      local words = class_of(x) + 1
      local m = nn.Sequential { nn.layers.Embedding { 4, 5, input_shape = { 1 } }, nn.layers.Flatten {},
        Dense { 4, activation = "softmax" } }
      m:compile { optimizer = "adam", loss = IDS }
      m:fit(words:reshape { N, 1 }, words, { verbose = 0 })
    end,
    ["a truth table with the default batch, validated on itself"] = function()
      local inputs, truth = nn.tensor { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, nn.tensor { 0, 1, 1, 0 }
      local m = nn.Sequential { Dense { 4, activation = "tanh", input_shape = { 2 } },
        Dense { 1, activation = "sigmoid" } }
      m:compile { optimizer = "adam", loss = "binary_crossentropy", metrics = { "accuracy" } }
      nn.advice.silence "shared_rows"
      m:fit(inputs, truth, { epochs = 2, verbose = 0, validation_data = { inputs:copy(), truth },
        callbacks = { callbacks.EarlyStopping { monitor = "loss" } } })
    end,
    ["one batch of all samples"] = function() fit(model(1, nil, "mse"), number_of(x), { batch_size = N }) end,
    ["weights for the rare class, and weights of classes of about the same size"] = function()
      weighted { [0] = 1, [1] = 5 }()
      weighted "balanced" ()
      fit(model(1, "sigmoid", "binary_crossentropy"), yes_no_of(x), { class_weight = { [0] = 1, [1] = 1.5 } })
      fit(model(1, "sigmoid", "binary_crossentropy"), yes_no_of(x), { class_weight = { [0] = 1.5, [1] = 1 } })
    end,
    ["early stopping as it should be"] = function()
      stopped { patience = 2 }()
      stopped { monitor = "val_accuracy", mode = "max" } ()
      stopped { monitor = "val_loss", mode = "min" } ()
      fit(model(1, nil, "mse"), number_of(x), { callbacks = { callbacks.EarlyStopping { monitor = "loss" } } })
    end,
  })
end)

describe("advice on what an experiment compares", function()
  teardown(fakes.clean)

  local function lab(more)
    local function ids_of(t) return class_of(t):minimum(1) end -- the fake model has two classes
    local given = { name = "compared", train = { x, ids_of(x) }, validation = { x_val, ids_of(x_val) },
      objective = "val_accuracy", params = { width = 4, rate = 0.01, epochs = 2, act = "", level = 0 },
      build = fakes.build }
    for name, value in pairs(more or {}) do given[name] = value end
    return nn.Experiment(given)
  end

  -- A model as good as its rate is large: what a search finds best lies at the upper end.
  local function rising(p)
    local params = {}
    for name, value in pairs(p) do params[name] = value end
    params.level = math.log(p.rate) / 20 + 0.9
    return fakes.build(params)
  end

  local function flat(p)
    local params = {}
    for name, value in pairs(p) do params[name] = value end
    params.level = 0.9 - math.abs(math.log(p.rate / 0.01)) / 20
    return fakes.build(params)
  end

  local RATES = { rate = space.log_uniform(1e-4, 0.5) }

  checks.planted(it, checks.of_lab, {
    ["variants that differ in epochs beside something else"] = { "unequal_epochs", "2 to 9", function()
      lab():sweep("Width", { { width = 4, epochs = 2 }, { width = 8, epochs = 5 }, { width = 16, epochs = 9 } })
    end },
    ["a choice among sections of different epochs"] = { "unequal_epochs", "trained for 9 epochs, others for 2 to 9",
      function()
        local one = lab()
        one:trial {}
        one:sweep("Width", { width = { 8, 16 } }, { with = { epochs = 9, level = 0.1 } })
        one:conclude()
      end },
    ["the best of a random search at the edge"] = { "search_edge", "the best rate, .* lies at the upper end",
      function() lab { build = rising }:sweep("Rate", RATES, { method = "random", trials = 12 }) end },
    ["the best of tpe at the edge"] = { "search_edge", "larger values",
      function() lab { build = rising }:sweep("Rate", RATES, { method = "tpe", trials = 12 }) end },
    ["an objective the wrong way round"] = { "monitor_mode", "looks for the smallest val_accuracy",
      function()
        local function build() return model(3, "softmax", IDS, { "accuracy" }) end
        lab { mode = "min", build = build }:trial()
      end },
  })

  checks.clean(it, checks.of_lab, {
    ["a sweep of the epochs, alone and beside others"] = function()
      local one = lab()
      one:sweep("Epochs", { epochs = { 1, 2, 3 } })
      one:sweep("Both", { epochs = { 1, 2 }, width = { 4, 8 } })
    end,
    ["a longer training of the best at last"] = function()
      local one = lab()
      local widths = one:sweep("Width", { width = { 4, 8 } })
      one:trial { width = widths.best.params.width, epochs = 9 }
      one:conclude()
    end,
    ["epochs that a search draws or a method decides"] = function()
      local one = lab()
      one:sweep("Random", { epochs = space.int_uniform(1, 5), width = space.int_uniform(2, 99), act = { "drop", "" } },
        { method = "random", trials = 6 })
      one:sweep("Halving", { width = space.int_uniform(2, 99) }, { method = "halving", trials = 6, max_epochs = 4 })
      one:conclude()
    end,
    ["a search whose best lies within"] = function()
      lab { build = flat }:sweep("Rate", RATES, { method = "random", trials = 12 })
    end,
    ["scores that do not depend on what is drawn"] = function()
      local count = 0
      local one = lab { build = function(p)
        local params = {}
        for name, value in pairs(p) do params[name] = value end
        params.level = nn.random.uniform { shape = {}, seed = math.floor(p.rate * 1e6) }:item()
        return fakes.build(params)
      end }
      for seed = 1, 5 do
        one:sweep("Rate " .. seed, RATES, { method = "random", trials = 8, seed = seed })
        count = count + 1
      end
      assert(count == 5)
    end,
  })
end)
