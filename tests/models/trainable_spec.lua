-- What training changes: frozen layers and models, and learning rates of layers of their own.
local nn = require "nn"

local L = nn.layers

nn.advice.silence() -- these models are odd on purpose

local x, y = nn.random.normal { shape = { 12, 3 }, seed = 1 }, nn.random.normal { shape = { 12, 1 }, seed = 2 }

local function difference(a, b) return (a - b):abs():max() end

local function body()
  return nn.Sequential { name = "body", L.Dense { 4, input_shape = { 3 }, name = "first" },
    L.BatchNormalization { name = "norm" }, L.Dense { 2, activation = "tanh", name = "second" } }
end

-- A head on what a model gives, whose layers are then the new model's own.
local function with_head(base)
  return nn.Model { inputs = base.inputs, outputs = { L.Dense { 1, name = "head" }(base.output) } }
end

-- What of a model's weights a fit changes, by name.
local function changed(model, options)
  local before, list = {}, {}
  for i, weight in ipairs(model:named_weights()) do before[i] = weight.tensor:copy() end
  options = options or {}
  options.verbose = 0
  model:fit(x, y, options)
  for i, weight in ipairs(model:named_weights()) do
    if difference(before[i], weight.tensor) > 0 then list[#list + 1] = weight.name end
  end
  return list
end

local function compile(model, optimizer)
  model:compile { optimizer = optimizer or "sgd", loss = "mse" }
  return model
end

local HEAD = { "head/kernel", "head/bias" }

describe("a frozen model", function()
  it("freezes its layers also where they are part of another one", function()
    local base = body()
    base.trainable = false
    local model = with_head(base)
    local total, trained = model:count_params()
    assert.are.same({ 4 * 4 + 4 * 4 + 5 * 2 + 3, 3 }, { total, trained })
    assert.are.equal(2, #model.trainable_variables)
    assert.matches("Trainable params: 3 .-Non%-trainable params: 42 ", tostring(model))
    assert.are.same(HEAD, changed(compile(model)))
  end)

  it("within another one is frozen", function()
    local base = body()
    local model = compile(nn.Sequential { base, L.Dense { 1, name = "head" } })
    base.trainable = false
    assert.are.same(HEAD, changed(compile(model)))
    assert.are.equal(3, (select(2, model:count_params())))
  end)

  it("is free again with all its layers, of which some may be frozen then", function()
    local base = body()
    base.layers[1].trainable = false
    base.trainable = false
    base.trainable = true
    assert.are.equal(6, #base.trainable_weights)
    local model = with_head(base)
    base.layers[1].trainable, base.layers[2].trainable = false, false
    assert.are.same({ "second/kernel", "second/bias", "head/kernel", "head/bias" }, changed(compile(model)))
  end)

  it("freezes models within it", function()
    local inner = body()
    local outer = nn.Sequential { inner, L.Dense { 1 } }
    outer.trainable = false
    assert.is_false(inner.trainable)
    assert.are.equal(0, #inner.trainable_weights)
    outer.trainable = true
    assert.are.equal(6, #inner.trainable_weights)
  end)

  it("stays so in a file, layer by layer", function()
    local base = body()
    base.trainable = false
    base.layers[3].trainable = true
    local path = os.tmpname() .. ".safetensors"
    with_head(base):save(path)
    local loaded = nn.models.load_model(path)
    os.remove(path)
    assert.are.equal(4, #loaded.trainable_weights)
    assert.is_false(loaded:get_layer "norm".trainable)
    assert.is_true(loaded:get_layer "second".trainable)
  end)

  it("refuses what is neither true nor false, and stays as it was", function()
    local own = body()
    for _, each in ipairs { own, own.layers[1], nn.Model { inputs = own.inputs, outputs = own.outputs } } do
      for _, value in ipairs { 0, "no", {} } do
        assert.error_matches(function() each.trainable = value end, "trainable: expected true or false, got")
      end
      assert.error_matches(function() each.trainable = nil end, "trainable: expected true or false, got nil")
      assert.is_true(each.trainable)
    end
    assert.are.equal(6, #own.trainable_variables)
  end)

  it("normalizes by its moving averages in training, in fit and under a tape", function()
    local base = body()
    base.trainable = false
    local model = with_head(base)
    model:get_layer("norm").moving_mean[{}] = 0.5
    local tape <close> = nn.GradientTape {}
    local given = model(x, { training = true })
    local gradients = tape:gradient(nn.ops.sum(given), model.trainable_variables)
    assert.is_true(difference(given, model(x)) < 1e-6)
    assert.are.equal(2, #gradients)
    assert.are.same(HEAD, changed(compile(model)))
    base.trainable = true
    assert.is_true(difference(model(x, { training = true }), model(x)) > 0.1)
  end)

  it("whose discriminator was compiled before is trained by its own fit: as a GAN wants it", function()
    local base = nn.Sequential { body(), L.Dense { 1 } }
    compile(base)
    base.trainable = false
    local combined = compile(nn.Sequential { L.Dense { 3, input_shape = { 3 }, name = "generator" }, base })
    assert.are.same({ "generator/kernel", "generator/bias" }, changed(combined))
    local before = base.weights[1]:copy()
    base:train_on_batch(x, y)
    assert.is_true(difference(before, base.weights[1]) > 0)
  end)
end)

describe("fit, where layers were frozen after compile,", function()
  local said
  local stderr = io.stderr
  before_each(function()
    said = {}
    io.stderr = { write = function(_, ...) said[#said + 1] = table.concat { ... } end } -- luacheck: ignore
  end)
  after_each(function() io.stderr = stderr end) -- luacheck: ignore

  it("says once that compile is missing", function()
    local model = compile(with_head(body()))
    changed(model)
    assert.are.same({}, said)
    model:get_layer("first").trainable = false
    assert.is_true(#changed(model) > 2)
    changed(model)
    assert.are.equal(1, #said)
    assert.matches("fit: trainable of first has changed since compile; call compile again", said[1])
    changed(compile(model))
    assert.are.equal(1, #said)
  end)
end)

describe("learning_rate_multipliers", function()
  local FACTORS = { first = 0.1, ["second/bias"] = 0, ["he*"] = 3 }

  local function dense()
    nn.utils.set_random_seed(3)
    return nn.Sequential { L.Dense { 4, activation = "tanh", input_shape = { 3 }, name = "first" },
      L.Dense { 2, name = "second" }, L.Dense { 1, name = "head" } }
  end

  -- Steps by hand: each weight minus its own rate times the gradient.
  local function by_hand(model, rate, steps)
    local factors = { 0.1, 0.1, 1, 0, 3, 3 }
    for _ = 1, steps do
      local tape <close> = nn.GradientTape {}
      local loss = nn.ops.mean(nn.ops.square(model(x) - y))
      local gradients = tape:gradient(loss, model.trainable_variables)
      for i, variable in ipairs(model.trainable_variables) do
        variable:assign(variable - gradients[i] * (rate * factors[i]))
      end
    end
    return model:get_weights()
  end

  local function assert_same(want, model)
    for i, weight in ipairs(model:get_weights()) do assert.is_true(difference(want[i], weight) < 1e-6, i) end
  end

  local function sgd() return nn.optimizers.SGD { 0.1, learning_rate_multipliers = FACTORS } end

  it("give layers rates of their own: in fit, on a batch, and with gradients of the script's", function()
    local want = by_hand(dense(), 0.1, 3)
    local fitted, on_batch, own = compile(dense(), sgd()), compile(dense(), sgd()), dense()
    fitted:fit(x, y, { epochs = 3, batch_size = 12, verbose = 0 })
    local optimizer = sgd()
    for _ = 1, 3 do
      on_batch:train_on_batch(x, y)
      local tape <close> = nn.GradientTape {}
      local loss = nn.ops.mean(nn.ops.square(own(x) - y))
      optimizer:apply(tape:gradient(loss, own.trainable_variables), own.trainable_variables)
    end
    for _, model in ipairs { fitted, on_batch, own } do assert_same(want, model) end
  end)

  it("multiply the step of an optimizer with state", function()
    local one, other = nn.Variable({ 1.0, 2.0 }, { name = "one" }), nn.Variable({ 1.0, 2.0 }, { name = "other" })
    local optimizer = nn.optimizers.Adam { 0.1, learning_rate_multipliers = { other = 0.25 } }
    local gradient = nn.tensor { 1, -3 }
    for _ = 1, 2 do optimizer:apply({ gradient, gradient }, { one, other }) end
    local start = nn.tensor { 1.0, 2.0 }
    assert.is_true(difference((one.value - start) * 0.25, other.value - start) < 1e-6)
  end)

  it("are part of the optimizer's config", function()
    local config = nn.optimizers.SGD(sgd():get_config()):get_config()
    assert.are.same(FACTORS, config.learning_rate_multipliers)
  end)

  it("refuse names that the model has not, and what is no factor", function()
    local function with(factors) return nn.optimizers.Adam { learning_rate_multipliers = factors } end
    assert.error_matches(function() compile(dense(), with { secund = 1 }):fit(x, y, { verbose = 0 }) end,
      "the model has no layer secund; did you mean second?")
    assert.error_matches(function() with { first = -1 } end, "first: expected a number of at least 0, got %-1")
    assert.error_matches(function() with { 0.1 } end, "expected names of layers, got 1")
    assert.error_matches(function() with(0.1) end, "expected a table such as")
  end)
end)
