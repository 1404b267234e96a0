-- Models with classes and functions of the script's own, in files: they come back with the same numbers.
local expect = require "tests.support.expect"
local nn = require "nn"

nn.advice.silence()
local ops, Dense = nn.ops, nn.layers.Dense

local function squares(y_true, y_pred) return ops.mean((y_true - y_pred) ^ 2, { axis = -1 }) end
local function bent(x) return ops.tanh(x) end
local function rate(step) return 0.1 / (1 + step) end
local function small(w) return 0.01 * ops.sum(w ^ 2) end

local Scaled = nn.losses.Loss:extend {
  name = "Scaled",
  call = function(self, y_true, y_pred) return self.factor * squares(y_true, y_pred) end,
}

local Largest = nn.metrics.Metric:extend {
  name = "Largest",
  init = function(self) self.most = self:add_variable() end,
  update_state = function(self, y_true, y_pred)
    self.most:assign(ops.maximum(self.most, ops.max(ops.abs(y_true - y_pred))))
  end,
  result = function(self) return self.most end,
}

local Wrapped = nn.layers.Layer:extend {
  name = "Wrapped",
  call = function(self, x)
    for _, each in ipairs(self.inner) do x = self.f(each(x)) end
    return x * self.by
  end,
}

local x, y = nn.random.normal { shape = { 12, 4 }, seed = 1 }, nn.random.normal { shape = { 12, 2 }, seed = 2 }

local function compiled(given, first)
  local model = nn.Sequential { nn.Input { shape = { 4 } }, first or Dense { 3 }, Dense { 2 } }
  model:compile { optimizer = given.optimizer or "adam", loss = given.loss or "mse", metrics = given.metrics }
  return model
end

local path

-- What a file gives for the model that it was written from.
local function again(model, objects, options)
  model:fit(x, y, { verbose = 0 })
  model:save(path)
  local loaded = nn.models.load_model(path, { custom_objects = objects, compile = options and options.compile })
  assert.are.same(model:predict(x):totable(), loaded:predict(x):totable())
  return loaded
end

local function assert_goes_on(model, objects)
  local loaded = again(model, objects)
  assert.are.same({ model:evaluate(x, y) }, { loaded:evaluate(x, y) })
  for _, each in ipairs { model, loaded } do each:fit(x, y, { verbose = 0 }) end
  assert.are.equal(expect.bits(model), expect.bits(loaded))
end

describe("a file of a model with", function()
  before_each(function() path = os.tmpname() .. ".safetensors" end)
  after_each(function() os.remove(path) end)

  it("a loss that is a function", function() assert_goes_on(compiled { loss = squares }, { squares }) end)
  it("a loss by another name", function()
    assert_goes_on(compiled { loss = { squares } }, { squares = function(...) return squares(...) end })
  end)
  it("a class of losses", function() assert_goes_on(compiled { loss = Scaled { factor = 2 } }, { Scaled }) end)
  it("metrics", function()
    assert_goes_on(compiled { metrics = { "mae", squares, Largest { name = "most" } } }, { squares, Largest })
  end)
  it("a schedule", function()
    assert_goes_on(compiled { optimizer = nn.optimizers.SGD { rate } }, { rate = rate })
  end)
  it("functions in a layer", function()
    assert_goes_on(compiled({}, Dense { 3, activation = bent, kernel_regularizer = small }), { bent, small })
  end)
  it("a Lambda", function() assert_goes_on(compiled({}, nn.layers.Lambda { bent }), { bent }) end)
  it("layers, functions and tensors among the fields of a layer", function()
    local parts = { Dense { 4 }, nn.Sequential { Dense { 3 } } }
    local layer = Wrapped { inner = parts, f = bent, by = nn.tensor { 1, 2, 3 } }
    assert_goes_on(compiled({}, layer), { Wrapped, bent })
    local twin = nn.models.clone_model(compiled({}, layer))
    assert.are.equal(2, #twin.layers[1].inner)
  end)
  it("a class that is called as a built-in one", function()
    local Own = nn.layers.Layer:extend { name = "Dense", call = function(_, given) return given * 2 end }
    local Mse = nn.losses.Loss:extend { name = "MeanSquaredError",
      call = function(_, a, b) return 3 * squares(a, b) end }
    assert_goes_on(compiled({ loss = Mse {} }, Own {}), { Own, Mse })
    local model = again(compiled({}, Own {}), { Own })
    assert.are.equal("Dense", nn.models.clone_model(model).layers[1].class_name)
    expect.fails("there is no layer Dense: if it is of your script", again, model)
  end)

  it("what is registered needs no custom_objects", function()
    local function cubes(y_true, y_pred) return ops.mean(ops.abs(y_true - y_pred) ^ 3, { axis = -1 }) end
    local Cubes = nn.losses.Loss:extend { name = "Cubes", call = function(_, a, b) return cubes(a, b) end }
    assert.are.equal(cubes, nn.saving.register("spec", cubes))
    nn.saving.register("spec", Cubes)
    assert_goes_on(compiled { loss = cubes, metrics = { cubes } })
    assert_goes_on(compiled { loss = Cubes {} })
    expect.fails("the function has no name", nn.saving.register, "spec", (function() return function() end end)())
    expect.fails("or a function, got 3", nn.saving.register, "spec", 3)
  end)

  it("what is not there is named", function()
    local model = compiled { loss = Scaled { factor = 2 }, metrics = { squares } }
    expect.fails("there is no loss Scaled: if it is of your script, give load_model custom_objects = { Scaled }, or "
      .. "call nn.saving.register before", again, model, { squares })
    expect.fails("there is no function squares", again, model, { Scaled })
    expect.fails("expected classes and functions, such as { MyLayer, my_loss }, got 3", again, model, { 3 })
    assert.is_nil(again(model, nil, { compile = false }).compiled)
  end)

  it("a function without a name: it loads without compile", function()
    local model, said = compiled { loss = (function() return function(...) return squares(...) end end)() }, nil
    local stderr = io.stderr
    finally(function() rawset(io, "stderr", stderr) end)
    rawset(io, "stderr", { write = function(_, text) said = text end })
    expect.fails("it has a function without a name, which no file holds: give load_model compile = false", again, model)
    assert.matches("custom_saving_spec.lua:%d+: warning: save: compile was given a function without a name %(", said)
    assert.is_nil(again(model, nil, { compile = false }).compiled)
  end)
end)
