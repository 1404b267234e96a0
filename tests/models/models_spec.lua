-- Models: building, training, evaluating, and what is said where a user errs.
local bits = require("tests.support.expect").bits
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose

local Activation, Dense, Dropout, Flatten = nn.layers.Activation, nn.layers.Dense, nn.layers.Dropout, nn.layers.Flatten

-- Two classes that a line tells apart.
local function blobs(n)
  local x = nn.random.normal { shape = { n, 2 }, seed = 7 }
  local y = (x[{ {}, 1 }] + x[{ {}, 2 }]):gt(0)
  return x, y
end

local function classifier(seed)
  nn.utils.set_random_seed(seed or 1)
  require("nn.support.names").reset()
  local model = nn.Sequential {
    Dense { 8, activation = "relu", input_shape = { 2 } }, Dense { 2, activation = "softmax" },
  }
  model:compile { optimizer = nn.optimizers.Adam { learning_rate = 0.01 }, loss = "sparse_categorical_crossentropy",
    metrics = { "accuracy" } }
  return model
end

describe("a model", function()
  it("has its weights as soon as its input shape is known", function()
    local model = nn.Sequential { Dense { 3, input_shape = { 4 } } }
    local kernel, bias = model.layers[1]:get_weights()
    assert.are.same({ 4, 3 }, kernel.shape)
    assert.are.same({ 3 }, bias.shape)
    assert.are.equal(15, model:count_params())
  end)

  it("predicts the same bits whatever the size of a batch, and for a row by itself", function()
    -- BLAS, which multiplies where there is no AVX-512, rounds otherwise where there are other numbers of rows.
    local is_ours = require("engine.kernels").levels()[1] == "avx512"
    local function assert_same(a, b)
      if is_ours then return assert.is_true(a:bytes() == b:bytes()) end
      assert.is_true((a - b):abs():max() < 1e-5)
    end
    local model = nn.Sequential { Dense { 100, activation = "relu", input_shape = { 80 } } }
    for _ = 1, 2 do model:add(Dense { 100, activation = "relu" }) end
    model:add(Dense { 40 })
    local x = nn.random.normal { shape = { 600, 80 }, seed = 2 }
    local want = model:predict(x)
    for _, size in ipairs { 1, 7, 16, 17, 32, 600 } do
      assert_same(want, model:predict(x, { batch_size = size }))
    end
    for _, row in ipairs { 1, 300, 600 } do
      assert_same(want[{ { row, row } }]:contiguous(), model:predict(x[{ { row, row } }]))
    end
  end)

  it("without an input shape takes that of the first data", function()
    local model = nn.Sequential { Flatten {}, Dense { 1 } }
    model:compile { loss = "mse" }
    model:fit(nn.ones { 6, 2, 3 }, nn.ones { 6 }, { verbose = 0 })
    assert.are.same({ 6, 1 }, model:predict(nn.ones { 6, 2, 3 }).shape)
    assert.are.equal(7, model:count_params())
  end)

  it("grows by add and shrinks by pop", function()
    local model = nn.Sequential { name = "grown" }
    model:add(nn.layers.Input { shape = { 3 } })
    model:add(Dense { 2, name = "first" })
    model:add(Dense { 1 })
    assert.are.equal("dense", model:pop().name:match "^dense")
    assert.are.same({ 5, 2 }, model:predict(nn.ones { 5, 3 }).shape)
    assert.are.equal("first", model:get_layer { name = "first" }.name)
    assert.are.equal("first", model:get_layer { index = 1 }.name)
  end)

  it("prints Keras' summary", function()
    nn.utils.set_random_seed(1)
    require("nn.support.names").reset()
    local model = nn.Sequential { Flatten { input_shape = { 28, 28 } }, Dense { 50 }, Dense { 10 } }
    local text = tostring(model)
    assert.is_truthy(text:find('Model: "sequential"', 1, true))
    local row = "│ dense (Dense)                   │ (None, 50)               │          39,250 │"
    assert.is_truthy(text:find(row, 1, true))
    assert.is_truthy(text:find("Total params: 39,760 (155.31 KB)", 1, true))
  end)

  it("says in its summary which inputs fit read as compressed rows", function()
    local model = nn.Sequential { Dense { 2, input_shape = { 10 } } }
    model:compile { loss = "mse" }
    local x = nn.zeros { 8, 10 }
    model:fit(x + 1, nn.ones { 8, 2 }, { verbose = 0 })
    assert.is_nil(tostring(model):find("compressed", 1, true))
    x[{ {}, 3 }] = 1
    model:fit(x, nn.ones { 8, 2 }, { verbose = 0 })
    assert.is_truthy(tostring(model):find("input 1 as compressed rows: 10.0 % of its numbers are not zero", 1, true))
  end)

  it("says where a Python habit goes wrong", function()
    local model = nn.Sequential { Dense { 3, input_shape = { 4 } } }
    assert.has_error(function() model.add(Dense { 2 }) end,
      "add: call it with a colon, as model:add(...), not with a dot")
    assert.error_matches(function() model.summary() end, "summary: call it with a colon")
    assert.error_matches(function() nn.Sequential { Dense } end, "got a function; call it with its arguments")
    assert.error_matches(function() nn.Input { shape = { 0 } } end, "axis 1: expected a whole number of at least 1")
    assert.error_matches(function() Dense(2, "relu") end, 'Dense: expected one table, Dense{ ... }, got "relu" besides')
    assert.error_matches(function() nn.Input({ 2 }, "in") end, "InputLayer: expected one table")
    assert.error_matches(function() nn.Sequential({}, "name") end, "Sequential: expected one table")
    assert.error_matches(function() nn.Sequential(5) end, "Sequential: expected a list of layers, got 5")
    model:compile { loss = "mse" }
    assert.equal("mse", model.loss)
    assert.error_matches(function() model:predict(nn.ones { 2, 4 }, { batch_size = 0 }) end,
      "predict: batch_size: expected a whole number of at least 1, got 0")
  end)

  it("between any inputs and outputs shares its layers' weights", function()
    local input = nn.Input { shape = { 3 } }
    local hidden = Dense { 4, activation = "tanh" }(input)
    local model = nn.Model { inputs = { input }, outputs = { Dense { 2 }(hidden) } }
    local encoder = nn.Model { inputs = input, outputs = hidden }
    local x = nn.random.normal { shape = { 5, 3 }, seed = 1 }
    local before = encoder:predict(x)
    model:compile { loss = "mse", optimizer = "sgd" }
    model:fit(x, nn.ones { 5, 2 }, { verbose = 0 })
    assert.is_true((encoder:predict(x) - before):abs():max() > 0)
    assert.are.equal(bits(model):sub(1, 64), bits(encoder):sub(1, 64))
  end)

  it("gives copies of its weights and takes others", function()
    local a, b = classifier(1), classifier(2)
    local x = blobs(10)
    assert.are_not.equal(bits(a), bits(b))
    b:set_weights(a:get_weights())
    assert.are.equal(a:predict(x):bytes(), b:predict(x):bytes())
    a:get_weights()[1][{}] = 0
    assert.are.equal(bits(a), bits(b))
  end)

  it("writes its weights to a file and reads them", function()
    local a, b, path = classifier(1), classifier(2), os.tmpname() .. ".safetensors"
    a:save_weights(path)
    b:load_weights(path)
    os.remove(path)
    assert.are.equal(bits(a), bits(b))
  end)

  it("has the same architecture and settings as text each time", function()
    require("nn.support.names").reset()
    local first = classifier():to_json()
    require("nn.support.names").reset()
    assert.are.equal(first, classifier():to_json())
    assert.are.same(classifier():compile_config(), classifier():compile_config())
  end)
end)

describe("fit", function()
  it("learns, and its history is Keras'", function()
    local model, x, y = classifier(), blobs(400)
    local history = model:fit(x, y, { epochs = 12, batch_size = 32, validation_split = 0.25, verbose = 0 })
    assert.are.equal("complete", history.outcome)
    assert.are.equal(12, #history.history.loss)
    assert.are.same({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, history.epoch)
    assert.are.equal(10, history.params.steps)
    assert.is_true(history.history.val_accuracy[12] > 0.95)
    assert.is_true(history.history.loss[12] < history.history.loss[1])
  end)

  it("gives the same bits for the same seed, others for another", function()
    local function trained(seed)
      local model, x, y = classifier(seed), blobs(200)
      model:add(Dropout { 0.3 })
      model:add(Dense { 2, activation = "softmax" })
      model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
      model:fit(x, y, { epochs = 3, verbose = 0 })
      return bits(model)
    end
    assert.are.equal(trained(4), trained(4))
    assert.are_not.equal(trained(4), trained(5))
  end)

  it("goes on where it stopped: twice two epochs are four", function()
    local function trained(...)
      local model, x, y = classifier(3), blobs(100)
      for _, epochs in ipairs { ... } do model:fit(x, y, { epochs = epochs, verbose = 0 }) end
      return bits(model)
    end
    assert.are.equal(trained(4), trained(2, 2))
  end)

  it("weighs batches by their samples: without shuffling and learning, the epoch's loss is that of evaluate", function()
    local model, x, y = classifier(), blobs(70)
    model.optimizer.learning_rate = 0.0
    local loss, accuracy = model:evaluate(x, y)
    local history = model:fit(x, y, { batch_size = 32, verbose = 0 })
    assert.is_near(loss, history.history.loss[1], 1e-6)
    assert.are.equal(accuracy, history.history.accuracy[1])
    assert.is_near(loss, (model:evaluate(x, y, { batch_size = 9 })), 1e-6)
  end)

  it("takes Keras' batches where a batch's loss is not the mean of its samples' losses", function()
    local x, y = nn.arange(50):reshape { 50, 1 }, nn.zeros { 50, 1 }
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 1 }, use_bias = false } }
    local weights = nn.arange(50):ge(40) * 3 + 1

    local function expect(reduction, size, sample_weight, got)
      local sum, loss = 0, nn.losses.MeanAbsoluteError { reduction = reduction }
      for first = 1, 50, size do
        local rows = { { first, math.min(50, first + size - 1) } }
        sum = sum + loss(y[rows], x[rows], sample_weight and sample_weight[rows]) * #x[rows]
      end
      assert.is_near(sum / 50, got, 1e-3)
    end

    for reduction, sample_weight in pairs { sum = false, mean_with_sample_weight = weights } do
      local w = sample_weight or nil
      local loss = nn.losses.MeanAbsoluteError { reduction = reduction }
      model:compile { optimizer = nn.optimizers.SGD { 0 }, loss = loss }
      model:set_weights { nn.ones { 1, 1 } }
      expect(reduction, 32, w, (model:evaluate(x, y, { sample_weight = w })))
      expect(reduction, 7, w, (model:evaluate(x, y, { sample_weight = w, batch_size = 7 })))
      expect(reduction, 50, w, (model:test_on_batch(x, y, { sample_weight = w })))
      local options = { batch_size = 8, verbose = 0, validation_data = { x, y, w } }
      expect(reduction, 8, w, model:fit(x, y, options).history.val_loss[1])
    end
  end)

  it("splits off the last fraction for validation", function()
    local model, x, y = classifier(), blobs(10)
    local history = model:fit(x, y, { validation_split = 0.3, verbose = 0 })
    local loss = model:evaluate(x[{ { 8, 10 } }], y[{ { 8, 10 } }])
    assert.is_near(loss, history.history.val_loss[1], 1e-6)
    assert.are.equal(7, history.params.samples)
  end)

  it("calls callbacks as Keras does", function()
    local model, x, y = classifier(), blobs(64)
    local calls = {}
    local watcher = {}
    function watcher:on_train_begin() calls[#calls + 1] = "begin " .. tostring(self.model == model) end
    function watcher.on_epoch_begin(epoch) calls[#calls + 1] = "epoch " .. epoch end
    function watcher.on_train_batch_end(batch, logs)
      calls[#calls + 1] = ("batch %d %s"):format(batch, type(logs.loss))
    end
    function watcher:on_epoch_end(epoch, logs)
      calls[#calls + 1] = ("end %d %s"):format(epoch, type(logs.val_loss))
      self.model.stop_training = epoch == 1
    end
    function watcher.on_train_end() calls[#calls + 1] = "over" end
    model:fit(x, y, { epochs = 5, callbacks = { watcher }, validation_data = { x, y }, verbose = 0 })
    assert.are.same({ "begin true", "epoch 0", "batch 0 number", "batch 1 number", "end 0 number", "epoch 1",
      "batch 0 number", "batch 1 number", "end 1 number", "over" }, calls)
  end)

  it("stops at the first loss that is not finite", function()
    local model, x, y = classifier(), blobs(64)
    x[{ 40, 1 }] = 0 / 0
    local history = model:fit(x, y, { epochs = 5, shuffle = false, verbose = 0 })
    assert.are.equal("diverged", history.outcome)
    assert.are.equal("the loss is not finite at epoch 1 of 5, batch 2 of 2", history.reason)
    assert.are.equal(1, #history.history.loss)
  end)

  it("takes class ids and one-hot labels, one unit and two", function()
    local x, y = blobs(200)
    local one = nn.Sequential { Dense { 1, activation = "sigmoid", input_shape = { 2 } } }
    local adam = nn.optimizers.Adam { learning_rate = 0.1 }
    one:compile { optimizer = adam, loss = "binary_crossentropy", metrics = { "acc" } }
    assert.is_true(one:fit(x, y, { epochs = 10, verbose = 0 }).history.acc[10] > 0.9)
    local two = nn.Sequential { Dense { 2, activation = "softmax", input_shape = { 2 } } }
    two:compile { optimizer = nn.optimizers.Adam { learning_rate = 0.1 }, loss = "categorical_crossentropy",
      metrics = { "accuracy", "mse" } }
    local history = two:fit(x, nn.utils.to_categorical(y, 2), { epochs = 10, verbose = 0 })
    assert.is_true(history.history.accuracy[10] > 0.9 and history.history.mse[10] < 0.1)
  end)

  it("fuses softmax and cross-entropy: exact for logits of any size", function()
    local model = nn.Sequential { Activation { "softmax", input_shape = { 3 } } }
    model:compile { loss = "sparse_categorical_crossentropy" }
    local loss = model:evaluate(nn.tensor { { 1000, 0, -1000 } }, nn.tensor({ 2 }, "uint8"))
    assert.is_near(2000, loss, 1e-3)
  end)

  it("weighs samples and classes", function()
    local model, x, y = classifier(), blobs(4)
    model.optimizer.learning_rate = 0.0
    local each = nn.losses.sparse_categorical_crossentropy(y, model:predict(x))
    local weight = nn.tensor { 1, 2, 3, 4 }
    local history = model:fit(x, y, { sample_weight = weight, verbose = 0 })
    assert.is_near((each * weight):sum() / 4, history.history.loss[1], 1e-5)
    history = model:fit(x, y, { class_weight = { [0] = 10, [1] = 0.5 }, verbose = 0 })
    local by_class = y * -9.5 + 10
    assert.is_near((each * by_class):sum() / 4, history.history.loss[1], 1e-4)
  end)

  it("of nested tables works as of tensors", function()
    local model = nn.Sequential { Dense { 1, input_shape = { 1 } } }
    model:compile { optimizer = nn.optimizers.Adam { learning_rate = 0.1 }, loss = "mse" }
    local history = model:fit({ 1, 2, 3, 4 }, { 3, 5, 7, 9 }, { epochs = 300, verbose = 0 })
    assert.is_true(history.history.loss[300] < 1e-2)
  end)
end)

describe("a schedule", function()
  it("gives each update its own rate", function()
    local rates = {}
    local model = nn.Sequential { Dense { 1, use_bias = false, kernel_initializer = "zeros", input_shape = { 1 } } }
    local schedule = setmetatable({}, { __call = function(_, step)
      rates[#rates + 1] = step
      return step == 0 and 1 or 0
    end })
    model:compile { optimizer = nn.optimizers.SGD { learning_rate = schedule }, loss = "mse" }
    model:fit({ 1, 1 }, { 1, 1 }, { batch_size = 1, verbose = 0 })
    assert.are.same({ 0, 1 }, rates)
    assert.are.equal(2.0, model:get_weights()[1]:item())
  end)
end)

describe("a mistake in a script", function()
  -- The message of what a piece of a script raises.
  local function message(code)
    local chunk = assert(load("local nn = require 'nn' local L = nn.layers\n" .. code, "@lab.lua"))
    local ok, problem = pcall(chunk)
    assert.is_false(ok)
    return tostring(problem)
  end

  local cases = {
    { "an unknown argument", [[L.Dense{ 3, activaton = "relu" }]],
      "lab.lua:2: Dense: unknown argument activaton; did you mean activation?" },
    { "a missing argument", [[L.Dense{ activation = "relu" }]], "lab.lua:2: Dense: units is missing" },
    { "units of nothing", [[L.Dense{ 0 }]],
      "lab.lua:2: Dense: units: expected a whole number of at least 1, got 0" },
    { "units of the wrong kind", [[L.Dense{ "50" }]],
      "lab.lua:2: Dense: units: expected a whole number of at least 1, got \"50\"" },
    { "a rate beyond 1", [[L.Dropout{ 20 }]], "lab.lua:2: Dropout: rate: expected a number from 0 to 1, got 20" },
    { "an unknown layer", [[L.Dence{ 3 }]], "lab.lua:2: there is no layer Dence; did you mean Dense?" },
    { "an unknown activation", [[L.Dense{ 3, activation = "rely" }]],
      'lab.lua:2: activation: there is no rely; did you mean "relu"?' },
    { "an unknown optimizer", [[nn.Sequential{ L.Dense{ 1 } }:compile{ optimizer = "adan", loss = "mse" }]],
      'lab.lua:2: optimizer: unknown optimizer adan; did you mean "adam"?' },
    { "a loss left out", [[nn.Sequential{ L.Dense{ 1 } }:compile{ optimizer = "adam" }]],
      "lab.lua:2: compile: loss is missing" },
    { "fit before compile", [[nn.Sequential{ L.Dense{ 1 } }:fit({ 1 }, { 1 })]],
      "lab.lua:2: fit: compile the model first: model:compile{ optimizer = ..., loss = ... }" },
    { "weights before shapes", [[nn.Sequential{ L.Dense{ 1 } }:get_weights()]],
      "lab.lua:2: weights: the model sequential has no weights yet, because its input shape is not known: "
        .. "give the first layer an input_shape, begin with nn.Input{ shape = ... }, or call fit first" },
    { "samples of another shape", [[
      local m = nn.Sequential{ L.Flatten{ input_shape = { 28, 28 } }, L.Dense{ 1 } }
      m:compile{ loss = "mse" }
      m:fit(nn.ones{ 5, 784 }, nn.ones{ 5 })]],
      "lab.lua:4: fit: x: input input_layer wants samples of 28x28, got 784 (a tensor of 5x784); "
        .. "x:reshape{ -1, 28, 28 } has that shape" },
    { "different numbers of samples", [[
      local m = nn.Sequential{ L.Dense{ 1, input_shape = { 2 } } }
      m:compile{ loss = "mse" }
      m:fit(nn.ones{ 5, 2 }, nn.ones{ 4 })]], "lab.lua:4: fit: y has 4 samples, x has 5" },
    { "no samples", [[
      local m = nn.Sequential{ L.Dense{ 1, input_shape = { 2 } } }
      m:compile{ loss = "mse" }
      m:fit(nn.ones{ 0, 2 }, nn.ones{ 0 })]], "lab.lua:4: fit: x has no samples (shape 0x2)" },
    { "one-hot labels with a sparse loss", [[
      local m = nn.Sequential{ L.Dense{ 3, activation = "softmax", input_shape = { 2 }, name = "out" } }
      m:compile{ loss = "sparse_categorical_crossentropy" }
      m:fit(nn.ones{ 5, 2 }, nn.ones{ 5, 3 })]],
      "lab.lua:4: fit: y of shape 5x3 does not fit the output out of shape 5x3 under the loss "
        .. "sparse_categorical_crossentropy, which wants one class id a row; "
        .. "for one-hot labels use categorical_crossentropy" },
    { "a forgotten Flatten", [[
      local m = nn.Sequential{ L.Dense{ 3, activation = "softmax", input_shape = { 4, 4 }, name = "out" } }
      m:compile{ loss = "sparse_categorical_crossentropy" }
      m:fit(nn.ones{ 5, 4, 4 }, nn.ones{ 5 })]],
      "lab.lua:4: fit: y of shape 5 does not fit the output out of shape 5x4x3 under the loss "
        .. "sparse_categorical_crossentropy, which wants one class id a row; "
        .. "is a Flatten{} missing before the Dense layers?" },
    { "a label outside the classes", [[
      local m = nn.Sequential{ L.Dense{ 3, activation = "softmax", input_shape = { 2 } } }
      m:compile{ loss = "sparse_categorical_crossentropy" }
      m:fit(nn.ones{ 3, 2 }, nn.tensor({ 0, 3, 1 }, "uint8"))]],
      "lab.lua:4: label 3 at sample 2: the model has 3 classes, so labels are whole numbers from 0 to 2" },
    { "an unknown option of fit", [[
      local m = nn.Sequential{ L.Dense{ 1, input_shape = { 2 } } }
      m:compile{ loss = "mse" }
      m:fit(nn.ones{ 5, 2 }, nn.ones{ 5 }, { epoch = 3 })]],
      "lab.lua:4: fit: unknown argument epoch; did you mean epochs?" },
    { "weights of another shape", [[
      local m = nn.Sequential{ L.Dense{ 1, input_shape = { 2 }, name = "d" } }
      m:set_weights{ nn.ones{ 3, 1 }, nn.ones{ 1 } }]],
      "lab.lua:3: set_weights: d/kernel has shape 2x1, got 3x1" },
    { "a reshape that cannot be", [[nn.Sequential{ L.Reshape{ { 5 }, input_shape = { 2, 3 } } }]],
      "lab.lua:2: layer 1 (reshape): cannot reshape samples of 2x3 (6 values) to 5" },
    { "samples of nothing", [[nn.Sequential{ L.Activation{ "relu", input_shape = { 3, 0 } } }]],
      "lab.lua:2: InputLayer: shape: axis 2: expected a whole number of at least 1, got 0" },
    { "samples beyond any memory", [[
      local many = L.RepeatVector{ 2147483647 }
      nn.Sequential{ L.RepeatVector{ 2147483647, input_shape = { 3 } }, L.Flatten{}, many }]],
      "lab.lua:2: layer 3 (repeat_vector): samples of 2147483647x6442450941 would be too large" },
  }

  for _, case in ipairs(cases) do
    it("is named at its line: " .. case[1], function()
      require("nn.support.names").reset()
      assert.are.equal(case[3], message(case[2]))
    end)
  end
end)

describe("the fields of a model", function()
  local function compiled()
    nn.utils.set_random_seed(1)
    local model = nn.Sequential { name = "m",
      Dense { 3, kernel_regularizer = nn.regularizers.L2 { 0.5 }, kernel_initializer = "ones", input_shape = { 2 } },
      nn.layers.BatchNormalization {}, Dense { 2, name = "last", bias_regularizer = "l1" },
    }
    model:compile { optimizer = "sgd", loss = "mse", metrics = { "mae" } }
    return model
  end

  local function sizes(list)
    local result = {}
    for i, weight in ipairs(list) do result[i] = weight.size end
    return result
  end

  it("are its weights themselves", function()
    local model = compiled()
    assert.are.same({ 6, 3, 3, 3, 3, 3, 6, 2 }, sizes(model.weights))
    assert.are.same({ 6, 3, 3, 3, 6, 2 }, sizes(model.trainable_weights))
    assert.are.same({ 3, 3 }, sizes(model.non_trainable_weights))
    assert.are.equal(model.layers[1].weights[1], model.trainable_variables[1])
    model.layers[1].trainable = false
    assert.are.same({ 3, 3, 6, 2 }, sizes(model.trainable_weights))
    assert.are.same({ 6, 3 }, sizes(model.layers[1].non_trainable_weights))
    assert.are.same({ 3, 3 }, sizes(model.layers[2].trainable_weights))
    assert.are.same({ 3, 3 }, sizes(model.layers[2].non_trainable_variables))
    model.trainable = false
    assert.are.same({}, model.trainable_weights)
    model.weights[1][{}] = 7
    assert.are.equal(7.0, model.layers[1]:get_weights()[{ 1, 1 }])
  end)

  it("of a model within are its own too", function()
    local inner, input = compiled(), nn.Input { shape = { 2 } }
    local outer = nn.Model { inputs = input, outputs = Dense { 1 }(inner(input)) }
    assert.are.same({ 6, 3, 3, 3, 3, 3, 6, 2, 2, 1 }, sizes(outer.weights))
    assert.are.equal(inner.weights[1], outer.weights[1])
    assert.are.same({ 0.5 * 6, 0 }, outer.losses)
  end)

  it("are what its regularizers say", function()
    local model = compiled()
    assert.are.same({ 0.5 * 6, 0 }, model.losses)
    assert.are.same({ 3 }, model.layers[1].losses)
    assert.are.same({}, model.layers[2].losses)
  end)

  it("are shapes and names", function()
    local model = compiled()
    assert.are.same({ 2 }, model.input_shape)
    assert.are.same({ 2 }, model.output_shape)
    assert.is_nil(model.metrics_names)
    model:evaluate(nn.ones { 2, 2 }, nn.ones { 2, 2 })
    assert.are.same({ "loss", "mae" }, model.metrics_names)
    local a, b = nn.Input { shape = { 2 } }, nn.Input { shape = { 3, 4 } }
    local several = nn.Model { inputs = { a, b }, outputs = { Dense { 5 }(a), b } }
    assert.are.same({ { 2 }, { 3, 4 } }, several.input_shape)
    assert.are.same({ { 5 }, { 3, 4 } }, several.output_shape)
  end)

  it("are empty before its shapes are known", function()
    local model = nn.Sequential { Dense { 3 } }
    assert.is_false(model.built or model.layers[1].built)
    assert.are.same({}, model.weights)
    assert.are.same({}, model.layers[1].trainable_weights)
    assert.is_nil(model.output_shape)
    model:build { 4 }
    assert.is_true(model.built and model.layers[1].built)
  end)

  it("name its layers", function()
    local model = compiled()
    assert.are.equal(model.layers[3], model:get_layer "last")
    assert.are.equal(model.layers[2], model:get_layer(2))
    assert.are.equal(model.layers[2], model:get_layer { index = 2 })
    assert.are.equal(model:to_json(), model:from_config(model:get_config()):to_json())
  end)
end)

describe("the memory of a model", function()
  it("holds each weight once, also after the weights have moved into one block", function()
    collectgarbage()
    local before, side = collectgarbage "count", 1024
    local model = nn.Sequential { nn.layers.Dense { side, input_shape = { side } } }
    collectgarbage()
    local taken, weights = collectgarbage "count" - before, 4 * side * (side + 1) / 1024
    assert.is_true(model:count_params() * 4 / 1024 == weights and taken < 1.25 * weights,
      ("%.0f KiB for weights of %.0f KiB"):format(taken, weights))
  end)
end)

describe("a model that is too large for memory", function()
  it("says so where its weights are made, and where it runs", function()
    local L, blame = nn.layers, "not enough memory for "
    assert.error_matches(function() nn.Sequential { L.Embedding { 2000000000, 100, input_shape = { 3 } } } end,
      blame .. "a tensor of shape 2000000000x100: it takes 800.0 GB, and")
    local model = nn.Sequential { L.CategoryEncoding { 2000000000, input_shape = { 3 } } }
    assert.error_matches(function() model:predict(nn.zeros { 250, 3 }) end,
      blame .. "a tensor of shape 250x2000000000: it takes 2000.0 GB, and")
    model:compile { loss = "sparse_categorical_crossentropy" }
    assert.error_matches(function() model:train_on_batch(nn.zeros { 250, 3 }, nn.zeros({ 250, 1 }, "uint8")) end,
      blame .. "the values and gradients of a batch: they take 2000.0 GB, and .* a smaller batch_size takes less")
  end)
end)

describe("objects of every vocabulary", function()
  local objects = {
    { nn.layers, nn.layers.Dense { 3, activation = "relu", kernel_regularizer = "l2" } },
    { nn.losses, nn.losses.Huber { delta = 2 } }, { nn.metrics, nn.metrics.AUC { curve = "PR" } },
    { nn.optimizers, nn.optimizers.Adam { nn.optimizers.schedules.CosineDecay { 0.1, 10 } } },
    { nn.optimizers.schedules, nn.optimizers.schedules.CosineDecay { 0.1, 10 } },
    { nn.initializers, nn.initializers.he_uniform { seed = 3 } }, { nn.regularizers, nn.regularizers.l1_l2 { 1, 2 } },
    { nn.constraints, nn.constraints.max_norm { 3 } },
  }

  it("come back from serialize, and from their config", function()
    for _, each in ipairs(objects) do
      local module, object = each[1], each[2]
      local plain = module.serialize(object)
      assert.are.equal(object.class_name, plain.class_name)
      assert.are.same(plain, module.serialize(module.deserialize(plain)))
      assert.are.same(plain, module.serialize(object:from_config(object:get_config())))
    end
    assert.are.equal("relu", nn.activations.serialize(nn.activations.relu))
    assert.are.equal("nn.model", getmetatable(nn.layers.deserialize(nn.layers.serialize(
      nn.Sequential { Dense { 1 } }))).__name)
    assert.error_matches(function() nn.losses.serialize("mse") end, 'serialize: expected a loss, got "mse"')
  end)

  it("have second names where Keras has them", function()
    assert.are.equal(nn.initializers.HeUniform, nn.initializers.he_uniform)
    assert.are.equal(nn.initializers.Identity, nn.initializers.IdentityInitializer)
    assert.are.equal(nn.regularizers.L1L2, nn.regularizers.l1_l2)
    assert.are.equal(nn.constraints.NonNeg, nn.constraints.non_neg)
    assert.are.equal(nn.layers.GlobalAveragePooling2D, nn.layers.GlobalAvgPool2D)
    assert.are.equal("GlobalMaxPooling1D", nn.layers.GlobalMaxPool1D {}.class_name)
    assert.error_matches(function() return nn.layers.dense end, "did you mean Dense")
  end)
end)
