-- compile{ run_eagerly = true }: the same numbers as in a graph, and functions that see the numbers of each batch.
local expect = require "tests.support.expect"
local nn = require "nn"

nn.advice.silence()
local ops, Dense = nn.ops, nn.layers.Dense

local seen -- what the layer of one's own was called with

local Scaled = nn.layers.Layer:extend {
  name = "Scaled",
  init = function(self) self.dense = Dense { 3, activation = "tanh" } end,
  build = function(self, shape)
    self.w = self:add_weight { shape = shape, initializer = "ones", regularizer = "l2" }
  end,
  call = function(self, x)
    seen[#seen + 1] = x
    self:add_loss(0.01 * ops.sum(x ^ 2))
    self:add_metric(ops.mean(x), { name = "activity" })
    return self.dense(x * self.w)
  end,
}

local Branched = nn.Model:extend {
  name = "Branched",
  init = function(self) self.scaled, self.out = Scaled {}, Dense { 2 } end,
  call = function(self, x) return self.out(self.scaled(x)) end,
}

local function distance(y_true, y_pred) return ops.mean(ops.abs(y_true - y_pred), { axis = -1 }) end

local function functional()
  local input = nn.Input { shape = { 4 } }
  local hidden = Dense { 4, activation = "relu", activity_regularizer = "l2" }(input)
  return nn.Model { inputs = input, outputs = Dense { 2 }(Scaled {}(hidden) * 2 + 1) }
end

local x, y = nn.random.normal { shape = { 23, 4 }, seed = 1 }, nn.random.normal { shape = { 23, 2 }, seed = 2 }
local weights = nn.random.uniform { shape = { 23 }, seed = 3 }

-- Trains with and without run_eagerly.
-- @treturn {table,...} the histories, and evaluations
-- @treturn {table,...} the models
local function both(make, options, data, settings)
  local histories, models = {}, {}
  for i, run_eagerly in ipairs { false, true } do
    nn.utils.set_random_seed(6)
    seen = {}
    local model = make()
    model:compile { optimizer = "adam", loss = options.loss or distance,
      metrics = options.metrics or { "mse", distance }, weighted_metrics = options.weighted_metrics,
      run_eagerly = run_eagerly }
    if not model.outputs then model:build { 4 } end
    nn.utils.set_random_seed(7)
    histories[i] = model:fit(data[1], data[2], settings).history
    histories[i].evaluated = { model:evaluate(data[1], data[2]) }
    models[i] = model
  end
  return histories, models
end

local function assert_alike(a, b)
  for name, values in pairs(a) do
    for epoch, value in ipairs(values) do
      local got = b[name][epoch]
      assert.is_true(math.abs(value - got) < 1e-4, ("%s: %.7g, not %.7g"):format(name, got, value))
    end
  end
end

local SETTINGS = { epochs = 2, batch_size = 5, verbose = 0, validation_split = 0.2, sample_weight = weights }

describe("run_eagerly", function()
  local kinds = { ["a functional model"] = functional }
  kinds["a model of one's own"] = function() return Branched {} end
  kinds["a Sequential"] = function()
    return nn.Sequential { Dense { 4, input_shape = { 4 } }, Scaled {}, nn.Sequential { Dense { 2 } } }
  end
  for name, make in pairs(kinds) do
    it("trains " .. name .. " to the same numbers", function()
      local weighted = { nn.metrics.MeanAbsoluteError { name = "weighted" } }
      local histories, models = both(make, { weighted_metrics = weighted }, { x, y }, SETTINGS)
      assert_alike(histories[1], histories[2])
      for i, weight in ipairs(models[1].weights) do
        assert.is_true((weight - models[2].weights[i]):abs():max() < 1e-4)
      end
    end)
  end

  it("calls functions with the numbers of each batch", function()
    both(function() return Branched {} end, {}, { x, y }, { epochs = 1, batch_size = 10, verbose = 0, shuffle = false })
    local batches = {}
    for _, given in ipairs(seen) do
      if type(given) == "userdata" then batches[#batches + 1] = given end
    end
    assert.are.same(x[{ { 1, 10 } }]:totable(), batches[1]:totable())
    assert.are.same(x[{ { 21, 23 } }]:totable(), batches[3]:totable())
    local model = functional()
    local expected = model:predict(x)
    model.run_eagerly, seen = true, {}
    assert.is_true((model:predict(x, { batch_size = 8 }) - expected):abs():max() < 1e-6)
    assert.are.same({ 7, 4 }, seen[3].shape)
  end)

  it("heeds masks", function()
    local Double = nn.layers.Layer:extend { name = "Double", supports_masking = true,
      call = function(_, given) return given * 2 end }
    local function make()
      return nn.Sequential { nn.layers.Embedding { 5, 3, mask_zero = true, input_shape = { 6 } }, Double {},
        nn.layers.LSTM { 4, return_sequences = true }, Dense { 1 } }
    end
    local ids = nn.random.uniform({ shape = { 9, 6 }, maxval = 5, seed = 4 }):floor()
    ids[{ {}, 6 }] = 0
    local targets = nn.random.normal { shape = { 9, 6, 1 }, seed = 5 }
    assert_alike(table.unpack((both(make, { loss = "mse", metrics = { "mae" } }, { ids, targets },
      { epochs = 2, batch_size = 4, verbose = 0 }))))
  end)

  it("has several inputs and outputs, by name", function()
    local function make()
      local a, b = nn.Input { shape = { 4 }, name = "a" }, nn.Input { shape = { 4 }, name = "b" }
      local u, v = Dense { 2, name = "u" }(a + b), Dense { 2, name = "v" }(b)
      return nn.Model { inputs = { a, b }, outputs = { u = u, v = v } }
    end
    local data = { { x, x + 1 }, { u = y, v = y } }
    assert_alike(table.unpack((both(make, { loss = "mse", metrics = { u = { "mae" } } }, data,
      { epochs = 2, batch_size = 8, verbose = 0 }))))
  end)

  it("takes batches and datasets", function()
    local histories = {}
    for i, run_eagerly in ipairs { false, true } do
      nn.utils.set_random_seed(6)
      seen = {}
      local model = functional()
      model:compile { optimizer = "sgd", loss = "mse", metrics = { "mae" }, run_eagerly = run_eagerly }
      histories[i] = { train = { model:train_on_batch(x, y) }, test = { model:test_on_batch(x, y) } }
      histories[i].loss = model:fit(nn.data.Dataset.from_tensor_slices { x, y }:batch(6), { verbose = 0 }).history.loss
    end
    assert_alike(histories[1], histories[2])
  end)

  it("can be switched on later, and is true or false", function()
    local model = functional()
    model:compile { optimizer = "sgd", loss = "mse" }
    assert.is_false(model.run_eagerly)
    model.run_eagerly, seen = true, {}
    model:fit(x, y, { verbose = 0 })
    assert.are.equal("userdata", type(seen[1]))
    expect.fails("run_eagerly: expected true or false, got 3", model.compile, model, { loss = "mse", run_eagerly = 3 })
  end)
end)
