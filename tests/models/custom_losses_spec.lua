-- Losses of one's own beside their built-in twins: in training, in evaluation, on tensors.
local expect = require "tests.support.expect"
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local ops, Dense = nn.ops, nn.layers.Dense

local function squares(y_true, y_pred) return ops.mean((y_true - y_pred) ^ 2, { axis = -1 }) end

local function mean_of_squares(y_true, y_pred) return ops.mean(ops.square(y_true - y_pred)) end

local function crossentropy(ids, p)
  return -ops.log(ops.sum(ops.one_hot(ids, p.shape[#p.shape]) * p, { axis = -1 }))
end

local Scaled = nn.losses.Loss:extend {
  name = "Scaled",
  call = function(self, y_true, y_pred) return self.factor * squares(y_true, y_pred) end,
}

local function samples(n, ...) return nn.random.normal { shape = { n, ... }, seed = 5 } end

local function network(loss, units, activation)
  nn.utils.set_random_seed(3)
  local model = nn.Sequential { nn.Input { shape = { 5 } }, Dense { 4, activation = "tanh" },
    Dense { units, activation = activation } }
  model:compile { optimizer = "adam", loss = loss }
  return model
end

-- Results and weights after training.
local function outcome(model, x, y, options)
  options.batch_size, options.epochs, options.verbose = 10, 3, 0
  nn.utils.set_random_seed(8)
  local history = model:fit(x, y, options).history
  local list = { history.loss[3], history.val_loss and history.val_loss[3] or 0,
    (model:evaluate(x, y, { sample_weight = options.sample_weight })) }
  for _, weight in ipairs(model:get_weights()) do
    for _, value in ipairs(weight:flatten():totable()) do list[#list + 1] = value end
  end
  return list
end

local function assert_near(expected, got, tolerance)
  assert.are.equal(#expected, #got)
  for i in ipairs(expected) do
    assert.is_true(math.abs(expected[i] - got[i]) <= tolerance, ("%d: %.9g, not %.9g"):format(i, got[i], expected[i]))
  end
end

describe("a loss of one's own", function()
  local x, y = samples(53, 5), samples(53, 2)
  local weights = nn.random.uniform { shape = { 53 }, seed = 2 }

  it("trains as its built-in twin, with weights, validation and a short last batch", function()
    for _, options in ipairs { {}, { sample_weight = weights }, { validation_split = 0.2 } } do
      for _, loss in ipairs { squares, Scaled { factor = 1 } } do
        assert_near(outcome(network("mse", 2), x, y, options), outcome(network(loss, 2), x, y, options), 2e-6)
      end
    end
  end)

  it("may give one number for all samples", function()
    assert_near(outcome(network("mse", 2), x, y, {}), outcome(network(mean_of_squares, 2), x, y, {}), 2e-6)
  end)

  it("is reduced as it says", function()
    for _, reduction in ipairs { "sum", "mean_with_sample_weight" } do
      local twin = nn.losses.MeanSquaredError { reduction = reduction }
      for _, loss in ipairs { Scaled { factor = 1, reduction = reduction },
        nn.losses.LossFunctionWrapper { squares, reduction = reduction } } do
        local options = { sample_weight = weights }
        assert_near(outcome(network(twin, 2), x, y, options), outcome(network(loss, 2), x, y, options), 5e-5)
        assert_near({ twin(y, y * 2, weights) }, { loss(y, y * 2, weights) }, 1e-4)
      end
    end
  end)

  it("gets class ids as they are, of any type", function()
    local ids = nn.ops.mod(nn.arange(53), 3)
    for _, given in ipairs { ids, ids:astype "int32", ids:astype "uint8" } do
      assert_near(outcome(network("sparse_categorical_crossentropy", 3, "softmax"), x, ids, {}),
        outcome(network(crossentropy, 3, "softmax"), x, given, {}), 5e-6)
    end
  end)

  it("gets labels (n) beside predictions (n, 1) in one shape", function()
    local function distance(y_true, y_pred) return ops.abs(y_true - y_pred) end
    local labels = samples(53)
    assert_near(outcome(network("mae", 1), x, labels, {}), outcome(network(distance, 1), x, labels, {}), 2e-6)
    assert_near({ nn.losses.MeanAbsoluteError {}(labels, samples(53, 1)) },
      { nn.losses.get(distance)(labels, samples(53, 1)) }, 1e-6)
  end)

  it("leaves masked steps out", function()
    local steps = nn.tensor { { { 1 }, { 2 }, { 0 } }, { { 3 }, { 0 }, { 0 } } }
    local results = {}
    for i, loss in ipairs { "mse", squares } do
      local input = nn.Input { shape = { 3, 1 } }
      local output = Dense { 1, kernel_initializer = "ones" }(nn.layers.Masking {}(input))
      local model = nn.Model { inputs = input, outputs = output }
      model:compile { optimizer = "sgd", loss = loss }
      results[i] = { (model:evaluate(steps, nn.zeros { 2, 3, 1 })), (model:train_on_batch(steps, nn.zeros { 2, 3, 1 })),
        model.weights[1]:sum() }
    end
    assert_near(results[1], results[2], 1e-6)
  end)

  it("stands in lists and tables of losses, with weights", function()
    local function build(loss)
      nn.utils.set_random_seed(3)
      local input = nn.Input { shape = { 5 } }
      local model = nn.Model { inputs = input,
        outputs = { Dense { 2, name = "a" }(input), Dense { 2, name = "b" }(input) } }
      model:compile { optimizer = "sgd", loss = loss, loss_weights = { 1, 0.5 } }
      return { model:evaluate(x, { y, y }) }
    end
    assert_near(build { "mse", "mse" }, build { squares, "mse" }, 1e-6)
    assert_near(build { "mse", "mse" }, build { a = "mse", b = squares }, 1e-6)
  end)

  it("trains batch by batch", function()
    local own, twin = network(squares, 2), network("mse", 2)
    for first = 1, 31, 10 do
      local rows = { { first, first + 9 } }
      assert_near({ (twin:train_on_batch(x[rows], y[rows])) }, { (own:train_on_batch(x[rows], y[rows])) }, 1e-6)
    end
  end)

  it("uses tensors around it as constants", function()
    local columns = nn.tensor { 1, 3 }
    local function weighted(y_true, y_pred) return ops.mean((y_true - y_pred) ^ 2 * columns, { axis = -1 }) end
    local model = network(weighted, 2)
    local expected = ((y - model:predict(x)) ^ 2 * columns):mean()
    assert_near({ expected }, { (model:evaluate(x, y)) }, 1e-6)
  end)

  it("is a number on tensors, and a tensor while a tape follows it", function()
    local loss = Scaled { factor = 2 }
    assert.are.equal("number", type(loss(y, y + 1)))
    local p = nn.Variable(y + 1)
    local tape <close> = nn.GradientTape()
    local gradient = tape:gradient(loss(y, p), p)
    assert.is_true((gradient - 4 / 106):abs():max() < 1e-6)
  end)

  it("leaves the numbering of layers alone", function()
    nn.utils.set_random_seed(1)
    local before = Dense { 1 }.name
    network(squares, 2):evaluate(x, y)
    local input = nn.Input { shape = { 2 } }
    assert.are.equal("dense", (before:gsub("_%d+$", "")))
    assert.are_not.equal(nil, (ops.square(input)).layer.name:match "^square$")
  end)

  it("is called what it is called in the script", function()
    assert.are.equal("mean_of_squares", nn.losses.get(mean_of_squares).name)
    assert.are.equal("scaled", Scaled { factor = 1 }.name)
    assert.are.equal(3, Scaled { factor = 3 }.factor)
  end)
end)

describe("what is wrong with a loss of one's own", function()
  local x, y = samples(6, 5), samples(6, 2)

  local function fails(text, loss)
    expect.fails(text, function() network(loss, 2):fit(x, y, { verbose = 0 }) end)
  end

  it("is named, with the line of the loss", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local function silent(y_true, y_pred) local _ = y_true - y_pred end
    fails(("custom_losses_spec.lua:%d: the loss silent: expected one number for each sample, or one for all, computed "
      .. "from y_pred with nn.ops or arithmetic, got nothing; does it lack a return?"):format(line), silent)
    fails("got 7, which no prediction can change", function() return 7 end)
    fails("a tensor that does not depend on y_pred", function(y_true) return ops.mean(y_true, { axis = -1 }) end)
    fails("expected one number for each sample, or one for all", function(_, y_pred)
      return ops.mean(y_pred, { axis = 1 })
    end)
    fails("do not fit together", function(_, y_pred) return ops.sum(y_pred + nn.ones { 5 }) end)
    fails("got false: == and ~= compare at once, not number by number; write nn.ops.equal(a, b)", function(y_true, p)
      return ops.mean(ops.where(y_true == 1, p, -p), { axis = -1 })
    end)
    fails("nn.ops.where(nn.ops.greater(x, 0), a, b) chooses for each number", function(y_true, y_pred)
      local error = y_true - y_pred
      return error > 0 and error or -error
    end)
  end)

  it("is named on tensors too", function()
    expect.fails("got nothing; does it lack a return?", nn.losses.get(function() end), y, y)
    expect.fails("Loss:extend: Odd: call: expected a function(self, y_true, y_pred), got nil", function()
      nn.losses.Loss:extend { name = "Odd" }
    end)
    expect.fails("reduction: expected sum_over_batch_size", function() Scaled { factor = 1, reduction = "most" } end)
  end)
end)
