-- Functions of one's own wherever a name is accepted: activations, initializers, regularizers, constraints, schedules;
-- and what layers add to the loss.
local expect = require "tests.support.expect"
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local ops, Dense = nn.ops, nn.layers.Dense

local function samples(n, ...) return nn.random.normal { shape = { n, ... }, seed = 5 } end

local x, y = samples(53, 5), samples(53, 2)

local function network(options, layer)
  nn.utils.set_random_seed(3)
  local hidden = { 4, activation = "tanh" }
  for name, value in pairs(options) do hidden[name] = value end
  local rate = hidden.rate or 0.1
  hidden.rate = nil
  local model = nn.Sequential { nn.Input { shape = { 5 } }, Dense(hidden), layer or nn.layers.Identity {}, Dense { 2 } }
  model:compile { optimizer = nn.optimizers.SGD { rate }, loss = "mse" }
  return model
end

-- Results and weights after training.
local function outcome(model)
  local history = model:fit(x, y, { epochs = 3, batch_size = 10, verbose = 0, validation_split = 0.2 }).history
  local list = { history.loss[3], history.val_loss[3], (model:evaluate(x, y)), (model:train_on_batch(x, y)) }
  for _, weight in ipairs(model:get_weights()) do
    for _, value in ipairs(weight:flatten():totable()) do list[#list + 1] = value end
  end
  return list
end

local function assert_near(expected, got)
  assert.are.equal(#expected, #got)
  for i in ipairs(expected) do
    assert.is_true(math.abs(expected[i] - got[i]) <= 2e-6, ("%d: %.9g, not %.9g"):format(i, got[i], expected[i]))
  end
end

local function squares(w) return 0.01 * ops.sum(w ^ 2) end

local TWINS = {
  { "activation", "tanh", function(z) return ops.tanh(z) end },
  { "activation", "softmax", ops.softmax },
  { "kernel_initializer", nn.initializers.Constant { 0.3 }, function(shape) return nn.full(shape, 0.3) end },
  { "kernel_regularizer", nn.regularizers.L2 { 0.01 }, squares },
  { "bias_regularizer", nn.regularizers.L2 { 0.01 }, squares },
  { "activity_regularizer", nn.regularizers.L2 { 0.01 }, squares },
  { "kernel_constraint", "non_neg", ops.relu },
  { "rate", nn.optimizers.schedules.InverseTimeDecay { 0.1, decay_steps = 1, decay_rate = 0.1 },
    function(step) return 0.1 / (1 + 0.1 * step) end },
}

describe("a function of one's own trains as its built-in twin:", function()
  for i, twin in ipairs(TWINS) do
    it(("%s (%d)"):format(twin[1], i), function()
      assert_near(outcome(network { [twin[1]] = twin[2] }), outcome(network { [twin[1]] = twin[3] }))
    end)
  end

  it("several of them at once, with a layer that is not trained", function()
    local built_in, own = {}, {}
    for i, twin in ipairs(TWINS) do
      if i > 2 then built_in[twin[1]], own[twin[1]] = twin[2], twin[3] end
    end
    assert_near(outcome(network(built_in)), outcome(network(own)))
    built_in.trainable, own.trainable = false, false
    assert_near(outcome(network(built_in)), outcome(network(own)))
  end)

  it("in a layer of one's own", function()
    local function linear(rules)
      return nn.layers.Layer:extend {
        name = "Linear",
        build = function(self, shape)
          self.w = self:add_weight { shape = { shape[1], 4 }, initializer = rules.initializer,
            regularizer = rules.regularizer, constraint = rules.constraint }
        end,
        call = function(self, inputs) return ops.matmul(inputs, self.w) end,
      } {}
    end
    local built_in = { initializer = nn.initializers.Constant { 0.3 }, regularizer = nn.regularizers.L2 { 0.01 },
      constraint = "non_neg" }
    local own = { initializer = TWINS[3][3], regularizer = squares, constraint = ops.relu }
    assert_near(outcome(network({}, linear(built_in))), outcome(network({}, linear(own))))
  end)

  it("on tensors", function()
    assert.are.equal("number", type(nn.regularizers.get(squares)(x)))
    assert.are.same(nn.activations.tanh(x):totable(), Dense { 5, activation = function(z) return ops.tanh(z) end,
      kernel_initializer = function(shape) return ops.eye(shape[1]) end }(x):totable())
    assert.are.same({ 0, 2 }, nn.constraints.get(ops.relu)(nn.tensor { -1, 2 }):totable())
  end)
end)

describe("a penalty on what a layer gives", function()
  it("is that of its values also where later layers follow, in evaluation", function()
    local model = network { activity_regularizer = nn.regularizers.L2 { 0.01 } }
    local hidden = nn.Model { inputs = model.inputs, outputs = model.layers[1].output }:predict(x)
    local expected = 0.01 * (hidden ^ 2):sum() + ((model:predict(x) - y) ^ 2):mean()
    assert_near({ expected }, { (model:evaluate(x, y, { batch_size = 53 })) })
  end)
end)

describe("what a layer adds", function()
  local Watched = nn.layers.Layer:extend {
    name = "Watched",
    call = function(self, inputs)
      self:add_loss(0.01 * inputs ^ 2)
      self:add_metric(inputs, { name = "activity" })
      return inputs
    end,
  }

  it("to the loss is what a regularizer of its input would add", function()
    local twin = network { activity_regularizer = nn.regularizers.L2 { 0.01 } }
    assert_near(outcome(twin), outcome(network({}, Watched {})))
  end)

  it("as a metric is averaged over the samples", function()
    local model = network({}, Watched {})
    local results = model:evaluate(x, y, { return_dict = true, batch_size = 7 })
    local expected = nn.Model { inputs = model.inputs, outputs = model.layers[1].output }:predict(x):mean()
    assert.is_true(math.abs(expected - results.activity) < 1e-6)
    assert.are.same({ "loss", "activity" }, model.metrics_names)
  end)
end)

describe("what is wrong with a function of one's own", function()
  it("is named at its line", function()
    local function fails(text, options)
      expect.fails(text, function() network(options):fit(x, y, { verbose = 0 }) end)
    end
    local line = debug.getinfo(1, "l").currentline + 1
    local function flat(z) return ops.sum(z, { axis = -1 }) end
    fails(("custom_rules_spec.lua:%d: the activation flat: expected a tensor of x's shape"):format(line),
      { activation = flat })
    fails("the activation activation: expected a tensor of x's shape, computed from x with nn.ops or arithmetic, got "
      .. "nothing; does it lack a return?", { activation = function() end }) -- luacheck: ignore
    fails("expected one number, computed from the weight with nn.ops or arithmetic, got <symbolic",
      { kernel_regularizer = function(w) return w ^ 2 end })
    fails("expected a tensor of 5x4, got", { kernel_constraint = function(w) return ops.sum(w) end })
    fails("expected a tensor of the shape that it was given, got nothing", { kernel_initializer = function() end })
  end)
end)
