-- Models of one's own: traced and trained as the same layers in a functional model, stored, nested.
local expect = require "tests.support.expect"
local nn = require "nn"

local Dense, Model = nn.layers.Dense, nn.Model

local Residual = Model:extend {
  name = "Residual",
  init = function(self)
    self.hidden = Dense { self.units, activation = "tanh", name = "hidden" }
    self.out = Dense { 1, name = "out" }
  end,
  call = function(self, x) return self.out(self.hidden(x) + x) end,
}

local function functional()
  local input = nn.Input { shape = { 4 } }
  return Model { inputs = input, outputs = Dense { 1 }(Dense { 4, activation = "tanh" }(input) + input) }
end

local function samples()
  nn.utils.set_random_seed(4)
  return nn.random.normal { shape = { 22, 4 } }, nn.random.normal { shape = { 22, 1 } }
end

local function compiled(model)
  model:compile { optimizer = "adam", loss = "mse", metrics = { "mae" } }
  return model
end

local function distance(a, b) return (a - b):abs():max() end

describe("a model of one's own", function()
  it("trains as the same layers in a functional model do", function()
    local x, y = samples()
    local own, built_in = compiled(Residual { units = 4 }), compiled(functional())
    own:build { 4 }
    own:set_weights(built_in:get_weights())
    local histories = {}
    for i, model in ipairs { own, built_in } do
      nn.utils.set_random_seed(7)
      histories[i] = model:fit(x, y, { epochs = 3, batch_size = 5, validation_split = 0.2, verbose = 0 }).history
    end
    for _, name in ipairs { "loss", "mae", "val_loss", "val_mae" } do
      for epoch = 1, 3 do
        assert.is_true(math.abs(histories[1][name][epoch] - histories[2][name][epoch]) < 1e-6, name)
      end
    end
    assert.is_true(distance(own:predict(x), built_in:predict(x)) < 1e-6)
    assert.are.equal(histories[1].loss[3] < histories[1].loss[1], true)
    assert.are.same({ own:evaluate(x, y) }, { own:test_on_batch(x, y) })
  end)

  it("has its weights from the first data that it sees", function()
    local x, y = samples()
    local model = compiled(Residual { units = 4 })
    assert.is_false(model.built)
    assert.are.equal(0, #model.weights)
    model:fit(x, y, { verbose = 0 })
    assert.are.equal(4, #model.trainable_weights)
    assert.are.equal(4 * 4 + 4 + 4 + 1, model:count_params())
    assert.are.equal(4, model.units)
    assert.are.equal("hidden", model.layers[1].name)
    assert.is_truthy(tostring(model):find("hidden (Dense)", 1, true))
    assert.is_truthy(tostring(model):find("Total params: 25", 1, true))
    assert.are.equal(4, #Residual { units = 4, input_shape = { 4 } }.weights)
  end)

  it("calls on tensors, in a tape, and within another model", function()
    local x = samples()
    local model = Residual { units = 4 }
    local input = nn.Input { shape = { 4 } }
    local outer = Model { inputs = input, outputs = model(input) }
    assert.are.same(model(x):totable(), outer(x):totable())
    local tape <close> = nn.GradientTape {}
    local gradients = tape:gradient(nn.ops.sum(model(x)), model.trainable_variables)
    assert.are.same({ { 22 } }, { gradients[4]:totable() })
  end)

  it("freezes its layers, and all of them at once", function()
    local x, y = samples()
    local model = Residual { units = 4 }
    model.hidden.trainable = false
    compiled(model):build { 4 }
    assert.are.equal(2, #model.trainable_weights)
    local before = model.hidden.weights[1]:copy()
    model:fit(x, y, { verbose = 0 })
    assert.are.same(before:totable(), model.hidden.weights[1]:totable())
    model.trainable = false
    assert.are.equal(0, #model.trainable_weights)
  end)

  it("reads several inputs, gives several outputs, and knows training", function()
    local Both = Model:extend {
      name = "Both",
      call = function(_, inputs, options)
        local a, b = inputs[1], inputs[2]
        return options.training and a - b or a + b, a * b
      end,
    }
    local a, b = nn.tensor { { 1, 2 } }, nn.tensor { { 3, 5 } }
    local model = Both {}
    local given = model { a, b }
    assert.are.same({ { { 4, 7 } }, { { 3, 10 } } }, { given[1]:totable(), given[2]:totable() })
    assert.are.same({ { -2, -3 } }, model({ a, b }, { training = true })[1]:totable())
    local x, y = nn.Input { shape = { 2 } }, nn.Input { shape = { 2 } }
    local sum = Both {} { x, y }[1]
    assert.are.same({ { 4, 7 } }, Model { inputs = { x, y }, outputs = sum } { a, b }:totable())
  end)

  it("makes weights in build, adds losses and metrics, and has methods", function()
    local Shifted = Model:extend {
      name = "Shifted",
      build = function(self, shape)
        self.shift = self:add_weight { shape = shape, initializer = "ones", name = "shift" }
      end,
      call = function(self, x)
        self:add_loss(0.5 * nn.ops.sum(self.shift))
        self:add_metric(nn.ops.mean(x), { name = "mean" })
        return self:moved(x)
      end,
      moved = function(self, x) return x + self.shift end,
    }
    local model = Shifted {}
    model:compile { optimizer = "sgd", loss = "mse" }
    local logs = model:evaluate(nn.zeros { 2, 2 }, nn.ones { 2, 2 }, { return_dict = true })
    assert.are.same({ loss = 1, mean = 0 }, logs)
  end)

  it("is stored with its weights, or these alone, and made again", function()
    local x, y = samples()
    local model, path = compiled(Residual { units = 4 }), os.tmpname() .. ".safetensors"
    model:fit(x, y, { verbose = 0 })
    model:save(path)
    expect.fails("custom_objects = { Residual }", nn.models.load_model, path)
    local again = nn.models.load_model(path, { custom_objects = { Residual } })
    assert.are.same(model:predict(x):totable(), again:predict(x):totable())
    assert.are.same({ model:evaluate(x, y) }, { again:evaluate(x, y) })
    model:save_weights(path)
    local twin = nn.models.clone_model(model)
    twin:load_weights(path)
    assert.are.same(model:predict(x):totable(), twin:predict(x):totable())
    os.remove(path)
  end)

  it("trains by its train_step and is evaluated by its test_step", function()
    local x, y = samples()
    local weights = nn.ones { 22 }
    weights[{ { 1, 9 } }] = nn.full({ 9 }, 0.25)
    local count = 0
    local Stepped = Model:extend {
      name = "Stepped",
      init = function(self)
        self.hidden, self.out = Dense { 4, activation = "tanh", kernel_regularizer = "l2" }, Dense { 1 }
      end,
      call = function(self, inputs) return self.out(self.hidden(inputs)) end,
    }
    local definition = {
      name = "BySteps",
      init = function(self)
        self.hidden, self.out = Dense { 4, activation = "tanh", kernel_regularizer = "l2" }, Dense { 1 }
      end,
      call = function(self, inputs) return self.out(self.hidden(inputs)) end,
      train_step = function(self, inputs, targets, sample_weight)
        count = count + 1
        local tape <close> = nn.GradientTape {}
        local given = self(inputs, { training = true })
        local loss = self:compute_loss(inputs, targets, given, sample_weight)
        self.optimizer:apply(tape:gradient(loss, self.trainable_variables), self.trainable_variables)
        return { loss = loss, rows = #inputs }
      end,
      test_step = function(self, inputs, targets)
        return { loss = self:compute_loss(inputs, targets, self(inputs)), seven = 7 }
      end,
    }
    local own, usual = compiled(Model:extend(definition) {}), compiled(Stepped {})
    usual:build { 4 }
    own:build { 4 }
    own:set_weights(usual:get_weights())
    local histories = {}
    for i, model in ipairs { own, usual } do
      nn.utils.set_random_seed(7)
      histories[i] = model:fit(x, y, { epochs = 3, batch_size = 5, sample_weight = weights, verbose = 0,
        validation_data = { x, y } }).history
    end
    assert.are.equal(15, count)
    for epoch = 1, 3 do
      assert.is_true(math.abs(histories[1].val_loss[epoch] - histories[2].val_loss[epoch]) < 1e-5)
    end
    assert.is_true(distance(own:predict(x), usual:predict(x)) < 1e-5)
    assert.are.same({ 7, 7, 7 }, { table.unpack(histories[1].val_seven) })
    assert.is_true(math.abs(histories[1].rows[1] - (20 * 5 + 2 * 2) / 22) < 1e-9)
    local logs = own:evaluate(x, y, { return_dict = true })
    assert.is_true(math.abs(logs.loss - (usual:evaluate(x, y))) < 1e-5)
    own:fit(nn.data.Dataset.from_tensor_slices { x, y }:batch(8), { verbose = 0 })
    assert.are.equal(18, count)
  end)

  it("needs neither loss nor targets if its train_step does not", function()
    local x = samples()
    local Encoder = Model:extend {
      name = "Encoder",
      init = function(self) self.shift = nn.Variable(nn.ones { 4 }, { name = "shift" }) end,
      call = function(self, inputs) return inputs * self.shift end,
      train_step = function(self, inputs, targets)
        assert.is_nil(targets)
        local tape <close> = nn.GradientTape {}
        local loss = nn.ops.mean((self(inputs, { training = true }) - 2 * inputs) ^ 2)
        self.optimizer:apply(tape:gradient(loss, self.trainable_variables), self.trainable_variables)
        return { loss = loss }
      end,
    }
    local model = Encoder {}
    model:compile { optimizer = nn.optimizers.SGD { 0.5 } }
    local history = model:fit(x, { epochs = 20, batch_size = 11, verbose = 0 }).history
    assert.is_true(history.loss[20] < 0.01 * history.loss[1])
    assert.is_true((model.shift - 2):abs():max() < 0.1)
    assert.are.equal("encoder/shift", model:named_weights()[1].name:match "encoder/shift")
    assert.are.equal("number", type(model:train_on_batch(x)))
    model:fit(nn.data.Dataset.from_tensor_slices(x):batch(11), { verbose = 0 })
    expect.fails("evaluate: y is missing", model.evaluate, model, x)
    local other = Residual { units = 4 }
    expect.fails("compile: loss is missing", other.compile, other, { optimizer = "sgd" })
  end)

  it("takes its step on batches, too", function()
    local Counting = Model:extend {
      name = "Counting",
      call = function(_, inputs) return inputs end,
      train_step = function(_, inputs, _, weights) return { loss = 7, rows = #inputs, weight = weights[1] } end,
      test_step = function() return { loss = 8 } end,
    }
    local model, x = compiled(Counting {}), samples()
    assert.are.same({ loss = 7, rows = 22, weight = 1 },
      model:train_on_batch(x, x, { sample_weight = nn.ones { 22 }, return_dict = true }))
    assert.are.equal(8, model:test_on_batch(x, x))
  end)

  it("names what is wrong with what a step returns", function()
    local Odd = Model:extend {
      name = "Odd",
      call = function(_, x) return x end,
      train_step = function(self) return self.returned end,
    }
    local function train(returned)
      local model = Odd { returned = returned }
      model:compile { optimizer = "sgd", loss = "mse" }
      model:fit(nn.ones { 2, 1 }, nn.ones { 2, 1 }, { verbose = 0 })
    end
    expect.fails("train_step: it is to return a table of numbers by name, such as { loss = 0.5 }, got nil", train)
    expect.fails("train_step: expected a number for each name in what it returns, got \"x\" for loss", train,
      { loss = "x" })
  end)

  it("names what is wrong at the script's line", function()
    expect.fails("Model:extend: Odd: call: expected a function(self, x, options), got nil", function()
      Model:extend { name = "Odd" }
    end)
    expect.fails("its call returned nothing; it is to return a symbolic tensor", function()
      Model:extend { name = "Odd", call = function() end } {}(nn.ones { 1, 1 })
    end)
    expect.fails("Residual: layers: models have a field of that name already", function()
      Residual { layers = 3 }
    end)
    expect.fails("layers cannot be set", function() Residual { units = 2 }.layers = {} end)
    expect.fails("shapes nx3 and nx2 do not fit together", function()
      Residual { units = 3 }(nn.ones { 1, 2 })
    end)
    assert.are.equal("<class Model>", tostring(Model))
    assert.are.equal("<class Residual>", tostring(Residual))
  end)
end)
