-- Models with several inputs and outputs, shared layers, models within models, masks and what is trainable.
local nn = require "nn"

local L = nn.layers

local function normal(seed, ...)
  return nn.random.normal { shape = { ... }, seed = seed }
end

local function difference(a, b)
  return (a - b):abs():max()
end

local function two_by_two()
  nn.utils.set_random_seed(5)
  local a, b = nn.Input { shape = { 4 }, name = "a" }, nn.Input { shape = { 3 }, name = "b" }
  local shared = L.Dense { 5, activation = "tanh", name = "shared" }
  local both = L.Concatenate { name = "both" } { shared(a), shared(L.Dense { 4, name = "b4" }(b)), b }
  local class = L.Dense { 2, activation = "softmax", name = "class" }(both)
  local value = L.Dense { 1, name = "value" }(both)
  return nn.Model { inputs = { a, b }, outputs = { class, value }, name = "two" }
end

describe("a model of several inputs and outputs", function()
  local xa, xb = normal(1, 12, 4), normal(2, 12, 3)
  local ids, values = xa:sum(2):gt(0):astype "int32", xb:sum(2)

  it("computes what its layers compute", function()
    local model = two_by_two()
    local function layer(name) return model:get_layer { name = name } end
    local both = nn.concatenate({ layer "shared"(xa), layer "shared"(layer "b4"(xb)), xb }, -1)
    local got = model:predict { xa, xb }
    assert.is_true(difference(layer "class"(both), got[1]) < 1e-6)
    assert.is_true(difference(layer "value"(both), got[2]) < 1e-6)
  end)

  it("takes data in lists or by names, losses and weights by output", function()
    local results = {}
    for i, form in ipairs {
      { x = { xa, xb }, y = { ids, values },
        loss = { "sparse_categorical_crossentropy", "mse" }, weights = { 1, 0.5 } },
      { x = { a = xa, b = xb }, y = { class = ids, value = values },
        loss = { value = "mse", class = "sparse_categorical_crossentropy" }, weights = { class = 1, value = 0.5 } },
    } do
      local model = two_by_two()
      model:compile { optimizer = "sgd", loss = form.loss, loss_weights = form.weights,
        metrics = { class = { "accuracy" } } }
      local history = model:fit(form.x, form.y, { epochs = 2, verbose = 0, shuffle = false }).history
      results[i] = { model:evaluate(form.x, form.y) }
      assert.is_near(history.loss[2], history.class_loss[2] + 0.5 * history.value_loss[2], 1e-6)
      assert.is_not_nil(history.class_accuracy)
    end
    assert.are.equal(4, #results[1])
    assert.are.same(results[1], results[2])
  end)

  it("can be defined by names, and then predicts by names", function()
    local input = nn.Input { shape = { 3 } }
    local model = nn.Model { inputs = { x = input },
      outputs = { low = L.Dense { 2 }(input), high = L.Dense { 4 }(input) } }
    local got = model:predict { x = xb }
    assert.are.same({ 12, 2 }, got.low.shape)
    assert.are.same({ 12, 4 }, got.high.shape)
    assert.has_error(function() model:predict { y = xb } end)
  end)

  it("learns through shared layers as one layer's gradients add up", function()
    local input = nn.Input { shape = { 1 } }
    local shared = L.Dense { 1, use_bias = false, kernel_initializer = nn.initializers.Constant { 3 } }
    local model = nn.Model { inputs = input, outputs = shared(shared(input)) }
    model:compile { optimizer = nn.optimizers.SGD { 0.01 }, loss = "mse" }
    model:train_on_batch(nn.ones { 1, 1 }, nn.zeros { 1, 1 }) -- (w^2)^2: slope 4 w^3 = 108
    assert.is_near(3 - 1.08, model:get_weights()[1][1][1], 1e-5)
  end)

  it("learns the same with and without metrics where a later layer reads the probabilities", function()
    local function losses(metrics)
      nn.utils.set_random_seed(7)
      local a = nn.Input { shape = { 4 } }
      local class = L.Dense { 2, activation = "softmax", name = "class" }(a)
      local value = L.Dense { 1, name = "value" }(class)
      local model = nn.Model { inputs = { a }, outputs = { class, value } }
      model:compile { optimizer = "adam", loss = { "sparse_categorical_crossentropy", "mse" }, metrics = metrics }
      local history = model:fit(xa, { ids, values }, { epochs = 3, batch_size = 4, verbose = 0 }).history
      return { history.class_loss, history.value_loss, model:evaluate(xa, { ids, values }, { verbose = 0 }) }
    end
    local without, with = losses(nil), losses { class = { "accuracy" }, value = { "mae" } }
    for i = 1, 3 do assert.same(with[i], without[i]) end
  end)

  it("shows how its layers are connected", function()
    local text = tostring(two_by_two())
    assert.matches("Connected to", text)
    assert.matches("shared%[0%]%[0%], shared%[1%]%[0%], b%[0%]%[0%]", text)
    assert.not_matches("Connected to", tostring(nn.Sequential { L.Dense { 1, input_shape = { 2 } } }))
  end)
end)

describe("parts of models", function()
  it("make models that share the weights", function()
    local model = nn.Sequential { L.Dense { 6, activation = "relu", input_shape = { 4 }, name = "hidden" },
      L.Dense { 2 } }
    local features = nn.Model { inputs = model.inputs, outputs = model:get_layer { name = "hidden" }.output }
    local x = normal(3, 5, 4)
    assert.is_true(difference(model.layers[2](features:predict(x)), model:predict(x)) < 1e-6)
    model:compile { optimizer = "sgd", loss = "mse" }
    local before = features:predict(x)
    model:fit(x, normal(4, 5, 2), { verbose = 0 })
    assert.is_true(difference(before, features:predict(x)) > 0)
    local head = nn.Model { inputs = model:get_layer { name = "hidden" }.output, outputs = model.outputs }
    assert.is_true(difference(head:predict(features:predict(x)), model:predict(x)) < 1e-6)
  end)

  it("are layers of other models", function()
    local encoder_input = nn.Input { shape = { 6 } }
    local encoder = nn.Model { inputs = encoder_input, name = "encoder",
      outputs = { L.Dense { 3 }(encoder_input), L.Dense { 2 }(encoder_input) } }
    local decoder = nn.Sequential { L.Dense { 6 }, name = "decoder" }
    local input = nn.Input { shape = { 6 } }
    local codes = encoder(input)
    local whole = nn.Model { inputs = input, outputs = decoder(L.concatenate(codes)) }
    local x = normal(6, 30, 6)
    local expected = decoder:predict(nn.concatenate(encoder:predict(x), -1))
    assert.is_true(difference(expected, whole:predict(x)) < 1e-6)
    assert.are.equal(6 * 3 + 3 + 6 * 2 + 2 + 5 * 6 + 6, (whole:count_params()))
    whole:compile { optimizer = nn.optimizers.Adam { 0.05 }, loss = "mse" }
    local losses = whole:fit(x, x, { epochs = 60, verbose = 0 }).history.loss
    assert.is_true(losses[60] < 0.6 * losses[1])
    encoder.trainable = false
    assert.are.equal(36, (select(2, whole:count_params())))
  end)

  it("get names of their own where the user gave none", function()
    local names = require "nn.support.names"
    local first = L.Dense { 2 }
    names.reset()
    local second = L.Dense { 2 } -- numbered anew: the same name
    local given = L.Dense { 2, name = second.name }
    local model = nn.Sequential { first, second, given, L.Dense { 2, name = first.name .. "_1" } }
    model:build { 2 }
    local seen = {}
    for _, weight in ipairs(model:named_weights()) do
      assert.is_nil(seen[weight.name])
      seen[weight.name] = true
    end
    assert.are.equal("dense", given.name)
    assert.are.equal(8, #model:named_weights())
  end)

  it("compute on tensors when called", function()
    local model = nn.Sequential { L.Dropout { 0.5, input_shape = { 50 } } }
    assert.are.equal(1, model(nn.ones { 2, 50 }):min())
    assert.are.equal(0, model(nn.ones { 2, 50 }, { training = true }):min())
  end)
end)

describe("trainable", function()
  local x, y = normal(1, 8, 3), normal(2, 8, 2)

  local function model()
    local made = nn.Sequential { L.Dense { 3, input_shape = { 3 } }, L.BatchNormalization {}, L.Dense { 2 } }
    made:compile { optimizer = "sgd", loss = "mse" }
    return made
  end

  local function changed(made)
    local before, list = made:get_weights(), {}
    made:fit(x, y, { verbose = 0 })
    for i, weight in ipairs(made:get_weights()) do list[i] = difference(weight, before[i]) > 0 end
    return list
  end

  it("changes what it says, moving averages included", function()
    assert.are.same({ true, false, true, true, true, true, true, true }, { table.unpack((function()
      local list = changed(model())
      list[2] = false -- a bias before batch normalization has no gradient but for rounding
      return list
    end)()) })
  end)

  it("counts from the next compile on", function()
    local made = model()
    made.layers[1].trainable = false
    assert.is_true(changed(made)[1])
    made:compile { optimizer = "sgd", loss = "mse" }
    local list = changed(made)
    assert.is_false(list[1] or list[2])
    assert.is_true(list[7])
  end)

  it("false makes batch normalization use its moving averages in training too", function()
    local made = model()
    made.layers[2].trainable = false
    made:compile { optimizer = "sgd", loss = "mse" }
    local list = changed(made)
    assert.are.same({ false, false, false, false }, { list[3], list[4], list[5], list[6] })
    made.trainable = false
    assert.are.equal(0, (select(2, made:count_params())))
  end)
end)

describe("a Lambda", function()
  local x, y = normal(1, 300, 3), normal(2, 300, 2)

  -- The numbers leave nn.ops, so no graph can be made of it.
  local function opaque(t) return nn.tensor((t ^ 2):totable()) end

  it("in a model gives what its function gives", function()
    local model = nn.Sequential { L.Dense { 3, input_shape = { 3 } }, L.Lambda { function(t) return t ^ 2 end },
      L.Dense { 2 } }
    assert.is_true(difference(model.layers[3](model.layers[1](x) ^ 2), model:predict(x)) < 1e-6)
  end)

  it("lets later layers learn, and is an error after layers that learn", function()
    local model = nn.Sequential { L.Lambda { function(t) return t ^ 2 end, input_shape = { 3 } }, L.Dense { 2 } }
    model:compile { optimizer = "sgd", loss = "mse" }
    local losses = model:fit(x, y, { epochs = 5, verbose = 0 }).history.loss
    assert.is_true(losses[5] < losses[1])
    local late = nn.Sequential { L.Dense { 2, input_shape = { 3 } }, L.Lambda { opaque } }
    late:compile { optimizer = "sgd", loss = "mse" }
    assert.error_matches(function() late:fit(x, y, { verbose = 0 }) end, "nothing can be learned")
  end)

  it("of nn.ops and arithmetic lets layers before it learn, as a layer of its kind does", function()
    local results = {}
    for i, squares in ipairs { L.Lambda { function(t) return t ^ 2 end },
      L.Lambda { opaque, gradient = function(t, dy) return dy * t * 2 end } } do
      nn.utils.set_random_seed(4)
      local model = nn.Sequential { L.Dense { 2, input_shape = { 3 } }, squares, L.Dense { 2 } }
      model:compile { optimizer = "sgd", loss = "mse" }
      model:fit(x, y, { epochs = 2, verbose = 0 })
      results[i] = model.weights[1]
    end
    assert.is_true(difference(results[1], results[2]) < 1e-6)
  end)

  it("is an error after a model that learns, and none after layers that only keep statistics", function()
    local function after(first)
      local model = nn.Sequential { first, L.Lambda { opaque }, L.Dense { 2 } }
      model:compile { optimizer = "sgd", loss = "mse" }
      model:fit(x, y, { verbose = 0 })
    end
    local inner = nn.Sequential { L.Dense { 2, input_shape = { 3 } } }
    assert.error_matches(function() after(inner) end, "nothing can be learned")
    inner.trainable = false
    after(inner)
    after(L.Normalization { mean = 0, variance = 1, input_shape = { 3 } })
  end)
end)

describe("a Lambda with a gradient", function()
  local x, y = normal(1, 60, 3), normal(2, 60, 2)

  local function tanh(t) return t:tanh() end
  local function tanh_slope(t, dy) return dy * (1 - t:tanh() ^ 2) end

  local function trained(middle)
    nn.utils.set_random_seed(7)
    local model = nn.Sequential { L.Dense { 4, input_shape = { 3 } }, middle, L.Dense { 2 } }
    model:compile { optimizer = "adam", loss = "mse" }
    local history = model:fit(x, y, { epochs = 3, batch_size = 16, verbose = 0, validation_split = 0.2 }).history
    return model, history
  end

  it("trains as the layer that computes the same", function()
    local ours, history = trained(L.Lambda { tanh, gradient = tanh_slope })
    local engine, expected = trained(L.Activation { "tanh" })
    for i, weight in ipairs(engine:get_weights()) do
      assert.is_true((ours:get_weights()[i] - weight):abs():max() < 1e-6)
    end
    assert.is_near(expected.val_loss[3], history.val_loss[3], 1e-6)
    assert.is_true((ours:predict(x) - engine:predict(x)):abs():max() < 1e-6)
  end)

  it("has several inputs, arguments, and a place in models that are layers", function()
    local a, b = nn.Input { shape = { 3 } }, nn.Input { shape = { 3 } }
    local product = L.Lambda {
      function(t, how) return t[1] * t[2] * how.scale end,
      gradient = function(t, dy, how) return { dy * t[2] * how.scale, dy * t[1] * how.scale } end,
      arguments = { scale = 2 },
    }
    local left, right = L.Dense { 3, kernel_initializer = "ones" }, L.Dense { 3, kernel_initializer = "ones" }
    local inner = nn.Model { inputs = { a, b }, outputs = product { left(a), right(b) } }
    local c = nn.Input { shape = { 3 } }
    local model = nn.Model { inputs = c, outputs = inner { c, c } }
    model:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "mse" }
    model:train_on_batch(nn.ones { 1, 3 }, nn.ones { 1, 3 })
    -- z = 3 * 3 * 2 = 18, dL/dz = 2 (18 - 1) / 3, by each side times 2 * 3
    for _, side in ipairs { left, right } do
      assert.is_near(1 - 0.1 * 2 * 17 / 3 * 6, (side:get_weights())[{ 1, 1 }], 1e-4)
    end
  end)

  it("says what is wrong with what its functions give, and at which line they fail", function()
    local function mistake(pattern, forward, gradient)
      assert.error_matches(function() trained(L.Lambda { forward, gradient = gradient }) end, pattern)
    end
    mistake("its gradient is to give a tensor of the shape of its input, 16x4, got 16", tanh,
      function(_, dy) return dy:sum { axis = 2 } end)
    mistake("its gradient is to give a tensor.* got nil", tanh, function() end)
    mistake("no slope here", tanh, function() error "no slope here" end)
    mistake("too many", function(t) return #t == 1 and t or error "too many" end, tanh_slope)
    local model = nn.Sequential { L.Dense { 4, input_shape = { 3 } },
      L.Lambda { function(t) return #t == 1 and t or error "too many" end, gradient = tanh_slope } }
    assert.error_matches(function() model:predict(x) end, "too many")
    mistake("gradient: expected a function", tanh, 3)
  end)
end)

describe("mistakes in models", function()
  it("are errors that say what to do", function()
    local input = nn.Input { shape = { 3 } }
    assert.error_matches(function()
      nn.Model { inputs = { nn.Input { shape = { 3 } } }, outputs = { L.Dense { 2 }(input) } }
    end, "depends on")
    assert.error_matches(function()
      nn.Model { inputs = { input }, outputs = { L.Dense { 2, name = "x" }(L.Dense { 2, name = "x" }(input)) } }
    end, "two layers are called x")
    local model = two_by_two()
    assert.error_matches(function()
      model:compile { loss = { class = "mse" }, optimizer = "sgd" }
      model:evaluate({ normal(1, 2, 4), normal(1, 2, 3) }, {})
    end, "value has no loss")
    assert.error_matches(function() model:predict { normal(1, 2, 4) } end, "the model has 2 inputs, but x holds 1")
    assert.error_matches(function() model(input) end, "wants 2 inputs")
  end)
end)

describe("memory of a run", function()
  local Dense, Input = nn.layers.Dense, nn.layers.Input

  local function chain(uses)
    local input, layer = Input { shape = { 8 } }, Dense { 8, activation = "tanh", name = "repeated" }
    local h = input
    local list = {}
    for i = 1, uses do
      h = layer(h)
      list[i] = h
    end
    return input, h, list
  end

  it("gives values that are no longer read to others, and changes no prediction by that", function()
    nn.utils.set_random_seed(1)
    local input, h, list = chain(7)
    local joined = nn.layers.concatenate { list[2], nn.layers.Reshape { { 8 } }(list[5]), h }
    local x = nn.random.normal { shape = { 20, 8 }, seed = 2 }
    local all = nn.Model { inputs = { input }, outputs = { list[2], list[5], h } }:predict(x)
    local expected = nn.concatenate({ all[1], all[2], all[3] }, { axis = 2 })
    local got = nn.Model { inputs = { input }, outputs = { joined } }:predict(x)
    assert.are.equal(0, (got - expected):abs():max())
  end)

  it("takes any number of outputs and metrics", function()
    local input, _, list = chain(40)
    local model = nn.Model { inputs = { input }, outputs = list }
    assert.are.equal(40, #model:predict(nn.ones { 3, 8 }))
    local metrics = {}
    for i = 1, 40 do metrics[i] = nn.metrics.MeanSquaredError { name = "m" .. i } end
    local small = nn.Sequential { Dense { 1, input_shape = { 2 } } }
    small:compile { loss = "mse", metrics = metrics }
    local logs = small:evaluate(nn.ones { 4, 2 }, nn.ones { 4, 1 }, { verbose = 0, return_dict = true })
    assert.are.equal(logs.m1, logs.m40)
  end)

  it("sums the gradients of all uses of a layer", function()
    -- d/dw of (w^5 x - 1)^2 at w = 0.5, x = 2: 2 (w^5 x - 1) 5 w^4 x
    local input, layer = Input { shape = { 1 } }, Dense { 1, use_bias = false, kernel_initializer = "zeros" }
    local h = input
    for _ = 1, 5 do h = layer(h) end
    local model = nn.Model { inputs = { input }, outputs = { h } }
    layer:set_weights { nn.tensor { { 0.5 } } }
    model:compile { loss = "mse", optimizer = nn.optimizers.SGD { 1 } }
    model:train_on_batch(nn.tensor { { 2 } }, nn.tensor { { 1 } })
    assert.is_near(0.5 - 2 * (0.5 ^ 5 * 2 - 1) * 5 * 0.5 ^ 4 * 2, layer:get_weights():item(), 1e-6)
  end)

  it("takes fewer rows at a time where samples are large, and the result is the same", function()
    local x = nn.random.normal { shape = { 12, 600, 600, 2 }, seed = 3 }
    local model = nn.Sequential { Input { shape = { 600, 600, 2 } }, Dense { 8, activation = "relu" }, Dense { 1 } }
    local whole, one = model:predict(x, { verbose = 0 }), model:predict(x, { batch_size = 12, verbose = 0 })
    assert.are.equal(0, (whole - one):abs():max())
  end)
end)

describe("operations within a model", function()
  local function model()
    nn.utils.set_random_seed(3)
    local input = nn.Input { shape = { 3 } }
    local h = nn.ops.exp(0.5 * input) + { 1, 2, 3 }
    local shares = h / nn.ops.sum(h, { axis = -1, keepdims = true })
    return nn.Model { inputs = input, outputs = nn.layers.Dense { 2 }(shares) }
  end
  local x = nn.tensor { { 0.1, 0.2, 0.3 }, { 1, 0, -1 } }

  it("compute what they compute at once, also after a model was stored", function()
    local whole = model()
    local h = nn.ops.exp(x * 0.5) + nn.tensor { 1, 2, 3 }
    local expected = whole.layers[#whole.layers](h / nn.ops.sum(h, { axis = -1, keepdims = true }))
    assert.are.same(expected:totable(), whole(x):totable())
    local twin = nn.models.model_from_json(whole:to_json())
    twin:set_weights(whole:get_weights())
    assert.are.same(expected:totable(), twin(x):totable())
  end)

  it("are learned through, for batches of different sizes", function()
    local input = nn.Input { shape = { 3 } }
    local hidden = nn.layers.Dense { 4, kernel_initializer = "ones" }(input)
    local length = nn.ops.sum(nn.ops.square(hidden), { axis = 2, keepdims = true })
    local whole = nn.Model { inputs = input, outputs = length }
    whole:compile { optimizer = nn.optimizers.SGD { 0.01 }, loss = "mse" }
    local many = nn.concatenate { x, x, x[{ { 1, 1 } }], axis = 1 }
    local history = whole:fit(many, nn.zeros { 5, 1 }, { epochs = 20, batch_size = 2, verbose = 0 })
    assert.is_true(history.history.loss[20] < 0.1 * history.history.loss[1])
  end)

  it("have symbolic shapes of whatever axes, and errors at the script's line", function()
    local input = nn.Input { shape = { 3 } }
    assert.are.equal("<symbolic tensor (n) of sum>", tostring(nn.ops.sum(input, { axis = 2 })):gsub("_%d+", ""))
    assert.are.equal("<symbolic tensor () of sum>", tostring(nn.ops.sum(input)):gsub("_%d+", ""))
    assert.are.equal("<symbolic tensor (3n) of reshape>", tostring(nn.ops.reshape(input, { -1 })):gsub("_%d+", ""))
    local ok, message = pcall(nn.ops.add, input, nn.ones { 4 })
    assert.is_false(ok)
    assert.is_truthy(message:find("functional_spec.lua:%d+: add: shapes nx3 and 4 do not fit together"))
  end)

  it("take tensors on either side of an operator", function()
    local input, one, three = nn.Input { shape = { 3 } }, nn.tensor { 2 }, nn.tensor { 1, 2, 3 }
    local function results(t) return { one * t, three - t, three / t, one ^ t, three + t } end
    local data = normal(7, 4, 3)
    local got, expected = nn.Model { inputs = input, outputs = results(input) }:predict(data), results(data)
    for i, each in ipairs(expected) do assert.is_true(difference(each, got[i]) < 1e-5) end
    local ok, message = pcall(function() return one:maximum(input) end)
    assert.is_false(ok)
    assert.is_truthy(message:find("expected a tensor or a number, got <symbolic tensor (n, 3)", 1, true))
  end)

  it("have no number of samples yet, and so no length", function()
    local input = nn.Input { shape = { 3 } }
    local function fails(text, f)
      local ok, message = pcall(f, input)
      assert.is_false(ok)
      assert.is_truthy(message:find("functional_spec.lua:%d+: " .. text), message)
    end
    fails("a symbolic tensor has no length yet", function(t) return nn.ops.sum(t) / #t end)
    fails("getitem: axis 1 counts the samples, whose number is not known yet", function(t) return t[1] end)
    fails("getitem: axis 1 counts the samples", function(t)
      for _, row in ipairs(t) do print(row) end
    end)
  end)

  it("that lose the batch's axis cannot feed a layer", function()
    local input = nn.Input { shape = { 3 } }
    local ok, message = pcall(nn.layers.Dense { 2 }, nn.ops.sum(input, { axis = 1 }))
    assert.is_false(ok)
    assert.is_truthy(message:find "expected samples, with the batch's axis first, got a tensor without that axis")
  end)
end)
