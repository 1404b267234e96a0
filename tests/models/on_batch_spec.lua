-- train_on_batch, test_on_batch and predict_on_batch keep their job from call to call. Whatever changes in between,
-- each call gives the bits of one that makes everything anew. And what a callback may do with the model that is
-- trained.
local engine_job = require "engine.job"
local fails = require("tests.support.expect").fails
local nn = require "nn"

nn.advice.silence()
local L = nn.layers

local function new_model(options)
  nn.utils.set_random_seed(7)
  local model = nn.Sequential {
    L.Dense { 6, activation = "relu", input_shape = { 4 } }, L.BatchNormalization {}, L.Dropout { 0.3 },
    L.Dense { 3, activation = "softmax" },
  }
  model:compile {
    optimizer = options and options.optimizer or "adam", loss = "sparse_categorical_crossentropy",
    metrics = { "accuracy" }, weighted_metrics = { "accuracy" },
  }
  rawset(model, "seed", 5) -- so that models built alike train alike
  return model
end

local function batch(n, seed)
  return nn.random.normal { shape = { n, 4 }, seed = seed },
    (nn.random.uniform { shape = { n }, seed = seed + 100 } * 3):floor():astype "int32"
end

local function bytes_of(model)
  local list = {}
  for i, weight in ipairs(model.weights) do list[i] = weight:bytes() end
  return table.concat(list)
end

-- How many jobs a function makes.
local function jobs_made(action)
  local new, count = engine_job.new, 0
  engine_job.new = function(...)
    count = count + 1
    return new(...)
  end
  local ok, message = pcall(action)
  engine_job.new = new
  assert(ok, message)
  return count
end

describe("on one batch", function()
  it("training gives the bits of a fit of the same batch", function()
    local one, other = new_model(), new_model()
    for step = 1, 6 do
      local x, y = batch(10, step)
      local logs = one:train_on_batch(x, y, { return_dict = true })
      local history = other:fit(x, y, { batch_size = 10, shuffle = false, verbose = 0 }).history
      for name, values in pairs(history) do assert.are.equal(values[1], logs[name]) end
      assert.are.equal(bytes_of(other), bytes_of(one))
    end
  end)

  it("one job serves all calls of a kind, for one model or two in turn", function()
    local one, other = new_model(), new_model()
    local count = jobs_made(function()
      for step = 1, 5 do
        local x, y = batch(10, step)
        for _, model in ipairs { one, other } do
          model:train_on_batch(x, y)
          model:test_on_batch(x, y)
          model:predict_on_batch(x)
          model(x)
        end
      end
    end)
    assert.are.equal(6, count)
    assert.are.equal(bytes_of(one), bytes_of(other))
  end)

  -- Changes between two calls: each is done to the model, and gives the options of the call after it.
  local CHANGES = {
    ["nothing"] = function() end,
    ["another size"] = function() return { n = 7 } end,
    ["another type"] = function() return { dtype = "uint8" } end,
    ["targets with an axis more"] = function() return { column = true } end,
    ["weights of samples"] = function() return { sample_weight = nn.random.uniform { shape = { 10 }, seed = 1 } } end,
    ["weights of classes"] = function() return { class_weight = { [1] = 4 } } end,
    ["the learning rate"] = function(model) model.optimizer.learning_rate = 0.2 end,
    ["another compile"] = function(model)
      model:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    end,
    ["a frozen layer"] = function(model)
      model.layers[1].trainable = false
      model:compile { optimizer = model.optimizer, loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    end,
    ["other weights"] = function(model)
      local weights = model:get_weights()
      weights[1] = weights[1] * 2
      model:set_weights(weights)
    end,
    ["another layer"] = function(model)
      model:add(L.Dense { 3, activation = "softmax", kernel_initializer = "ones" })
    end,
    ["a gradient by hand"] = function(model)
      model.optimizer:apply_gradients { { nn.ones { 4, 6 }, model.weights[1] } }
    end,
    ["a fit"] = function(model)
      local x, y = batch(20, 50)
      model:fit(x, y, { shuffle = false, verbose = 0 })
    end,
  }

  local function given(options)
    local x, y = batch(options.n or 10, 3)
    if options.dtype then x = (x:abs() * 9):floor():astype(options.dtype) end
    if options.column then y = y:reshape { -1, 1 } end
    return x, y, { sample_weight = options.sample_weight, class_weight = options.class_weight, return_dict = true }
  end

  for name, change in pairs(CHANGES) do
    it("a call after a change of " .. name .. " gives the bits of one without a job before", function()
      local warm, cold = new_model(), new_model()
      local x, y = batch(10, 1)
      warm:train_on_batch(x, y)
      cold:fit(x, y, { batch_size = 10, shuffle = false, verbose = 0 })
      warm:test_on_batch(x, y)
      warm:predict_on_batch(x)
      local results = {}
      for i, model in ipairs { warm, cold } do
        local next_x, next_y, options = given(change(model) or {})
        local test = { sample_weight = options.sample_weight, return_dict = true }
        results[i] = { model:train_on_batch(next_x, next_y, options), model:test_on_batch(next_x, next_y, test),
          model:predict_on_batch(next_x):bytes(), bytes_of(model) }
      end
      assert.are.same(results[2], results[1])
    end)
  end

  it("goes on with a seed of its own after another model of the same kind", function()
    local one, other = new_model(), new_model()
    local x, y = batch(10, 1)
    one:train_on_batch(x, y)
    other:train_on_batch(x, y)
    rawset(one, "seed", 99)
    rawset(other, "seed", 99)
    one:train_on_batch(x, y)
    other:fit(x, y, { batch_size = 10, shuffle = false, verbose = 0 })
    assert.are.equal(bytes_of(other), bytes_of(one))
  end)

  it("what was predicted before stays as it was", function()
    local model, x, z = new_model(), batch(5, 1), batch(5, 2)
    local before = model:predict_on_batch(x)
    local bytes = before:bytes()
    model:predict_on_batch(z)
    assert.are.equal(bytes, before:bytes())
    assert.are.equal(bytes, model:predict(x):bytes())
  end)

  it("finds labels and ids out of range in every batch", function()
    local model, x = new_model(), batch(2, 1)
    model:train_on_batch(x, { 0, 1 })
    fails("label 5", model.train_on_batch, model, x, { 0, 5 })
    fails("label 5", model.test_on_batch, model, x, { 0, 5 })
    model:train_on_batch(x, { 0, 1 })
    local embedding = nn.Sequential { L.Embedding { 3, 2, input_shape = { 2 } }, L.Flatten {}, L.Dense { 1 } }
    embedding:compile { loss = "mse" }
    embedding:train_on_batch({ { 0, 2 } }, { 1 })
    fails("ids run from 0 to 3,", embedding.train_on_batch, embedding, { { 0, 3 } }, { 1 })
    fails("ids run from 0 to 3,", embedding.predict_on_batch, embedding, { { 0, 3 } })
  end)

  it("computes Lambdas anew", function()
    local model = nn.Sequential { L.Lambda { function(x) return x * 2 end, input_shape = { 1 } }, L.Dense { 1 } }
    assert.are.equal(4 * model:predict_on_batch({ { 1 } }):item(), model:predict_on_batch({ { 4 } }):item())
  end)

  it("takes several inputs, outputs and weights", function()
    local a, b = nn.Input { shape = { 2 }, name = "a" }, nn.Input { shape = { 3 }, name = "b" }
    local h = L.concatenate { a, b }
    local function build()
      nn.utils.set_random_seed(1)
      local u, v = L.Dense { 1, name = "u" }(h), L.Dense { 2, name = "v" }(h)
      local model = nn.Model { inputs = { a, b }, outputs = { u, v } }
      model:compile { optimizer = "sgd", loss = "mse" }
      return model
    end
    local one, other = build(), build()
    for step = 1, 3 do
      local x = { nn.full({ 2, 2 }, step), nn.full({ 2, 3 }, -step) }
      local y, weights = { u = nn.ones { 2, 1 }, v = nn.zeros { 2, 2 } }, { nil, nn.tensor { 1, step } }
      one:train_on_batch(x, y, { sample_weight = weights })
      other:fit(x, y, { sample_weight = weights, batch_size = 2, shuffle = false, verbose = 0 })
      assert.are.equal(bytes_of(other), bytes_of(one))
    end
  end)

  it("uses no more memory after many calls", function()
    local model, x, y = new_model(), batch(3, 1)
    local function use(calls)
      for _ = 1, calls do
        model:train_on_batch(x, y)
        model:test_on_batch(x, y)
        model:predict_on_batch(x)
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = use(1200)
    assert.is_true(use(3000) < before + 10)
  end)
end)

describe("a callback of fit", function()
  local function fit_with(callbacks, model)
    model = model or new_model()
    local x, y = batch(20, 1)
    return model:fit(x, y, { epochs = 2, batch_size = 5, verbose = 0, callbacks = callbacks }), model
  end

  it("may evaluate, predict and train the model, under one count of updates", function()
    local path = os.tmpname() .. ".safetensors"
    local _, model = fit_with {
      on_epoch_end = function(self)
        local x, y = batch(5, 9)
        self.model:evaluate(x, y)
        self.model:predict(x)
        self.model:test_on_batch(x, y)
        self.model:predict_on_batch(x)
        self.model:train_on_batch(x, y)
        self.model.optimizer:apply_gradients { { nn.zeros { 4, 6 }, self.model.weights[1] } }
        self.model:save(path)
      end,
    }
    assert.are.equal(2 * (4 + 2), model.optimizer.iterations)
    assert.are.equal(model.optimizer.iterations, nn.models.load_model(path).optimizer.iterations)
    os.remove(path)
  end)

  it("is told what it cannot do with that model", function()
    local x, y = batch(5, 9)
    local calls = {
      fit = function(model) model:fit(x, y, { verbose = 0 }) end,
      compile = function(model) model:compile { loss = "sparse_categorical_crossentropy" } end,
      add = function(model) model:add(L.Dense { 2 }) end,
      pop = function(model) model:pop() end,
    }
    for name, call in pairs(calls) do
      for _, event in ipairs { "on_train_begin", "on_train_batch_end", "on_epoch_end", "on_train_end" } do
        fails(name .. ": the model", fit_with, { [event] = function(self) call(self.model) end })
      end
    end
  end)

  it("leaves the model as ready as before where it fails", function()
    local model = new_model()
    assert.has_error(function() fit_with({ on_epoch_end = function() error "no" end }, model) end)
    fit_with(nil, model)
    model:compile { loss = "sparse_categorical_crossentropy" }
  end)

  it("may fit another model that shares its layers", function()
    local model = new_model()
    local part = nn.Sequential { model.layers[1] }
    part:compile { optimizer = model.optimizer, loss = "mse" }
    fit_with({ on_epoch_end = function() part:fit(nn.ones { 3, 4 }, nn.ones { 3, 6 }, { verbose = 0 }) end }, model)
    assert.are.equal(2 * (4 + 1), model.optimizer.iterations)
  end)
end)
