-- An optimizer keeps one state for each variable, whoever updates it: any order of fit, train_on_batch and
-- apply_gradients gives the numbers of one optimizer that was never interrupted, which plain Lua computes here.
local files = require "nn.support.files"
local nn = require "nn"

nn.advice.silence()
local optimizers = nn.optimizers

local RATE = 0.05

-- The rules, in double precision: (g, state, t) -> the step, with t updates done before.
local RULES = {
  Adam = function(g, s, t)
    s.m, s.v = 0.9 * (s.m or 0) + 0.1 * g, 0.999 * (s.v or 0) + 0.001 * g * g
    return RATE * math.sqrt(1 - 0.999 ^ (t + 1)) / (1 - 0.9 ^ (t + 1)) * s.m / (math.sqrt(s.v) + 1e-7)
  end,
  SGD = function(g, s)
    s.m = 0.9 * (s.m or 0) - RATE * g
    return -s.m
  end,
  RMSprop = function(g, s)
    s.v = 0.9 * (s.v or 0) + 0.1 * g * g
    s.m = 0.5 * (s.m or 0) + RATE * g / math.sqrt(s.v + 1e-7)
    return s.m
  end,
  Adagrad = function(g, s)
    s.v = (s.v or 0.1) + g * g
    return RATE * g / math.sqrt(s.v + 1e-7)
  end,
  Lion = function(g, s)
    local c = 0.9 * (s.m or 0) + 0.1 * g
    s.m = 0.99 * (s.m or 0) + 0.01 * g
    return RATE * (c > 0 and 1 or c < 0 and -1 or 0)
  end,
}

local OPTIONS = { SGD = { RATE, momentum = 0.9 }, RMSprop = { RATE, momentum = 0.5 } }

local function new(class) return optimizers[class](OPTIONS[class] or { RATE }) end

-- One weight of one model: the prediction is w x, the loss (w x - y)^2.
local X, Y, START = 1.5, -2, 0.7

local function new_model(optimizer)
  local model = nn.Sequential { nn.layers.Dense { 1, use_bias = false, input_shape = { 1 } } }
  model:compile { optimizer = optimizer, loss = "mse" }
  model:set_weights { { { START } } }
  return model
end

local function weight(model) return model.weights[1]:item() end

-- What plain Lua keeps of an optimizer: a state for each variable, one count.
local function reference(class)
  local self = { t = 0 }
  function self.new_variable() return { w = START, state = {} } end
  function self.step(variables, gradient)
    for _, v in ipairs(variables) do
      local g = gradient or 2 * (v.w * X - Y) * X
      v.w = v.w - RULES[class](g, v.state, self.t)
    end
    self.t = self.t + 1
  end
  return self
end

-- The ways to update a model, each with what it does in the reference.
local function by_fit(model, ref, v)
  model:fit({ { X } }, { { Y } }, { epochs = 3, verbose = 0 })
  for _ = 1, 3 do ref.step { v } end
end

local function by_batch(model, ref, v)
  model:train_on_batch({ { X } }, { { Y } })
  ref.step { v }
end

local function by_hand(model, ref, v)
  model.optimizer:apply_gradients { { { { 0.4 } }, model.weights[1] } }
  ref.step({ v }, 0.4)
end

local ORDERS = {
  { by_fit, by_hand, by_fit }, { by_hand, by_fit, by_hand, by_hand }, { by_batch, by_hand, by_batch, by_fit, by_hand },
  { by_fit, by_fit, by_batch, by_hand, by_batch },
}

describe("one optimizer", function()
  for class in pairs(RULES) do
    it(class .. " goes on with the same moments whoever updates a variable", function()
      for _, order in ipairs(ORDERS) do
        local optimizer, ref = new(class), reference(class)
        local model, v = new_model(optimizer), ref.new_variable()
        for _, update in ipairs(order) do
          update(model, ref, v)
          assert.is_near(v.w, weight(model), 2e-5)
        end
        assert.are.equal(ref.t, optimizer.iterations)
      end
    end)

    it(class .. " keeps the moments of two models apart, under one count", function()
      local optimizer, ref = new(class), reference(class)
      local a, b, va, vb = new_model(optimizer), new_model(optimizer), ref.new_variable(), ref.new_variable()
      for _, update in ipairs { by_fit, by_batch, by_hand } do
        update(a, ref, va)
        update(b, ref, vb)
        update(a, ref, va)
        assert.is_near(va.w, weight(a), 2e-5)
        assert.is_near(vb.w, weight(b), 2e-5)
      end
    end)
  end

  it("moves a weight by no more than its rate after thousands of steps of fit", function()
    local optimizer = optimizers.Adam { 1e-3 }
    local model = new_model(optimizer)
    model:fit(nn.full({ 100, 1 }, X), nn.full({ 100, 1 }, Y), { epochs = 100, batch_size = 1, verbose = 0 })
    local before = weight(model)
    optimizer:apply_gradients { { { { 1e-3 } }, model.weights[1] } }
    assert.is_true(math.abs(weight(model) - before) < 1e-3)
  end)

  it("keeps its state when a model is compiled with it again, and when layers are frozen", function()
    local optimizer, ref = new "Adam", reference "Adam"
    local model, v = new_model(optimizer), ref.new_variable()
    by_fit(model, ref, v)
    model:compile { optimizer = optimizer, loss = "mse" }
    by_fit(model, ref, v)
    model.layers[1].trainable = false
    model:compile { optimizer = optimizer, loss = "mse" }
    model:fit({ { X } }, { { Y } }, { verbose = 0 })
    ref.t = ref.t + 1
    model.layers[1].trainable = true
    model:compile { optimizer = optimizer, loss = "mse" }
    by_fit(model, ref, v)
    assert.is_near(v.w, weight(model), 2e-5)
  end)

  it("knows a variable again by its memory, in whatever order variables come", function()
    local one, other = optimizers.Adam { RATE }, optimizers.Adam { RATE }
    local block, a, b = nn.ones { 2, 3 }, nn.ones { 3 }, nn.ones { 3 }
    for step = 1, 4 do
      local g, h = nn.full({ 3 }, step - 2.5), nn.full({ 3 }, 1 / step)
      if step % 2 == 0 then
        one:apply_gradients { { g, block[1] }, { h, block[2]:reshape { 3 } } }
      else
        one:apply_gradients { { h, block[2] }, { g, block[1] } }
      end
      other:apply_gradients { { g, a }, { h, b } }
    end
    assert.are.same({ a:totable(), b:totable() }, block:totable())
  end)

  it("knows a weight again whose layer has become part of a model", function()
    local optimizer, ref, dense = new "Adam", reference "Adam", nn.layers.Dense { 1, use_bias = false }
    dense:build { { 1 } }
    dense:set_weights { { { START } } }
    local v = ref.new_variable()
    optimizer:apply_gradients { { { { 0.4 } }, dense.weights[1] } }
    ref.step({ v }, 0.4)
    local model = nn.Sequential { nn.Input { shape = { 1 } }, dense }
    model:compile { optimizer = optimizer, loss = "mse" }
    by_fit(model, ref, v)
    assert.is_near(v.w, weight(model), 2e-5)
  end)

  it("begins a moving average with the variable's value, whenever that comes", function()
    local optimizer = optimizers.SGD { 1, use_ema = true, ema_momentum = 0.5 }
    local first, late = nn.tensor { 0 }, nn.tensor { 8 }
    for _ = 1, 3 do optimizer:apply_gradients { { { 0 }, first } } end
    optimizer:apply_gradients { { { 2 }, late } }
    optimizer:finalize_variable_values { late }
    assert.are.equal(7, late:item())
  end)

  it("forgets variables that are no more", function()
    local optimizer = optimizers.Adam {}
    for _ = 1, 50 do optimizer:apply_gradients { { nn.ones { 10 }, nn.ones { 10 } } } end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(optimizer.slots.by_tensor))
    assert.is_nil(next(optimizer.slots.by_memory))
  end)
end)

describe("a saved model", function()
  local function trained(optimizer)
    nn.utils.set_random_seed(3)
    local model = nn.Sequential {
      nn.layers.Dense { 3, input_shape = { 2 }, activation = "tanh" }, nn.layers.Dense { 1 },
    }
    model:compile { optimizer = optimizer, loss = "mse" }
    model:fit({ { 1, 2 }, { 3, 1 } }, { { 1 }, { 2 } }, { epochs = 2, verbose = 0 })
    return model
  end

  local function go_on(model)
    model:train_on_batch({ { 1, 2 }, { 3, 1 } }, { { 1 }, { 2 } })
    model.optimizer:apply_gradients { { nn.full({ 3, 1 }, 0.5), model.weights[3] } }
    local bytes = {}
    for i, each in ipairs(model.weights) do bytes[i] = each:bytes() end
    return bytes
  end

  it("goes on with the same bits, by whatever it is updated", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(files.make_folder(folder))
    for class in pairs(RULES) do
      local model, path = trained(new(class)), folder .. "/model.safetensors"
      model:save(path)
      assert.are.same(go_on(model), go_on(nn.models.load_model(path)), class)
    end
    files.remove(folder)
  end)
end)
