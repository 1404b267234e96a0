-- Optimizers: five steps of each against numbers computed elsewhere (PyTorch in double precision where its formula is
-- Keras' too, otherwise NumPy), what all of them share, and that training gives what apply_gradients gives.
local fails = require("tests.support.expect").fails
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local optimizers = nn.optimizers

local START = { 1, -2, 0.5, 3, -0.25, 0.75 }

local function gradient(step, shape)
  local values = {}
  for i = 0, 5 do values[i + 1] = math.sin(1.3 * i + step) * (i + 1) / 2 end
  return nn.tensor(values):reshape(shape or { 2, 3 })
end

local function after(optimizer, steps, shape)
  local variable = nn.tensor(START):reshape(shape or { 2, 3 })
  for step = 0, (steps or 5) - 1 do optimizer:apply_gradients { { gradient(step, shape), variable } } end
  return variable
end

local function assert_near(want, got, tolerance)
  local values = got:flatten():totable()
  assert.are.equal(#want, #values)
  for i, value in ipairs(want) do assert.is_near(value, values[i], tolerance or 3e-6) end
end

-- class -> { arguments, the variable after five steps }
local NUMBERS = {
  SGD = { { 0.1, momentum = 0.9 }, { 0.7565330, -2.3509874, 0.9487349, 4.0220709, -0.3143846, -0.8244411 } },
  RMSprop = { { 0.1, epsilon = 1e-12, momentum = 0.5, centered = true },
    { 0.0304667, -2.5017240, 0.9078610, 3.9648249, -0.3059433, -0.7006487 } },
  Adam = { { 0.1, epsilon = 1e-9 }, { 0.7361366, -2.2562307, 0.5548518, 3.3345531, -0.1508408, 0.3785166 } },
  AdamW = { { 0.1, 0.1, epsilon = 1e-9 }, { 0.6918127, -2.1499096, 0.5326825, 3.1783492, -0.1443520, 0.3508705 } },
  Adamax = { { 0.1, epsilon = 0.3 }, { 0.8852270, -2.1752617, 0.5146984, 3.2418168, -0.1665528, 0.5035536 } },
  Nadam = { { 0.1, epsilon = 1e-9 }, { 0.8372492, -2.0567778, 0.5879642, 3.1389337, -0.2866840, 0.5166231 } },
  Adagrad = { { 0.1, initial_accumulator_value = 0.5, epsilon = 0.3 },
    { 0.9419631, -2.0181536, 0.5795145, 3.0921949, -0.2869713, 0.5985144 } },
  Adadelta = { { 1, rho = 0.9, epsilon = 1e-6 },
    { 0.9958481, -1.9988326, 0.5058459, 3.0020448, -0.2539750, 0.7432087 } },
  Adafactor = { { 0.1 }, { 0.8340283, -1.9200332, 0.7322650, 3.0600147, -0.5580146, 0.4823622 } },
  Ftrl = { { 0.1, l1_regularization_strength = 0.2, l2_regularization_strength = 0.3,
    l2_shrinkage_regularization_strength = 0.05, beta = 0.4 },
    { -0.0462857, -0.9159108, 0.2458126, 1.7855722, -0.2039731, 0.0941813 } },
  Lion = { { 0.1 }, { 0.8, -1.9, 0.6, 3.1, -0.35, 0.45 } },
  Lamb = { { 0.1 }, { 0.2074999, -2.4372237, 0.9360898, 3.7321810, -0.3044075, -0.1887611 } },
}

describe("every optimizer", function()
  for class in pairs(optimizers) do
    if class:match "^%u" then
      it(class .. " gives the numbers computed elsewhere", function()
        local case = assert(NUMBERS[class], class .. " has no numbers")
        assert_near(case[2], after(optimizers[class](case[1])), 1e-5)
      end)

      it(class .. " trains a model as it updates variables by hand", function()
        local model = nn.Sequential { nn.layers.Dense { 2, input_shape = { 3 } }, nn.layers.Dense { 1 } }
        local by_hand, x, y = optimizers[class] { 0.05 }, gradient(1), nn.tensor { { 1 }, { 2 } }
        model:compile { optimizer = optimizers[class] { 0.05 }, loss = "mse" }
        local weights = model:get_weights()
        for _ = 1, 3 do
          local kernel_1, bias_1, kernel_2, bias_2 = table.unpack(weights)
          local hidden = x:matmul(kernel_1) + bias_1
          local slope = (hidden:matmul(kernel_2) + bias_2) - y -- twice the error over two samples
          local back = slope:matmul(kernel_2:transpose { 2, 1 })
          by_hand:apply_gradients {
            { x:transpose { 2, 1 }:matmul(back), kernel_1 }, { back:sum { axis = 1 }, bias_1 },
            { hidden:transpose { 2, 1 }:matmul(slope), kernel_2 }, { slope:sum { axis = 1 }, bias_2 },
          }
          model:train_on_batch(x, y)
        end
        for i, weight in ipairs(model:get_weights()) do
          assert.is_true((weight - weights[i]):abs():max() < 2e-5, "weight " .. i)
        end
      end)

      it(class .. " comes back from its config", function()
        local made = optimizers[class] { 0.3, clipnorm = 2 }
        assert.are.same(made:get_config(), optimizers[class](made:get_config()):get_config())
        assert.are.equal(class, optimizers.get(class:lower()).class_name)
      end)
    end
  end

  it("can have amsgrad, momentum of Nesterov's, and steps without end", function()
    assert_near({ 0.7780157, -2.2563182, 0.5309924, 3.3118830, -0.1510389, 0.4116458 },
      after(optimizers.Adam { 0.1, beta_2 = 0.5, epsilon = 1e-9, amsgrad = true }))
    assert_near({ 0.6391357, -2.0743028, 1.0324815, 3.6587880, -0.5601947, -0.9571627 },
      after(optimizers.SGD { 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.2 }))
    assert_near({ 0.9979813, -2.0017164, 0.5006125, 3.0024253, -0.2495467, 0.7470400 },
      after(optimizers.Nadam { 0.001, epsilon = 1e-9 }, 600), 5e-6)
  end)

  it("takes variables of any shape", function()
    local want = { 0.7354764, -1.8703394, 0.7917975, 3.0655522, -0.5325683, 0.4342109 }
    assert_near(want, after(optimizers.Adafactor { 0.1 }, 5, { 6 }))
    assert_near(want, after(optimizers.Adafactor { 0.1 }, 5, { 3, 1, 2 }))
    local scalar = nn.tensor(2)
    optimizers.Lamb { 0.5 }:apply_gradients { { nn.tensor(3), scalar } }
    assert.is_near(1, scalar:item(), 1e-5)
  end)
end)

describe("an optimizer", function()
  it("clips the gradient of each variable, of all, or each number", function()
    assert_near({ 0.9839479, -1.9940590, 0.5529238, 3.0258701, -0.3209058, 0.6656735 },
      after(optimizers.SGD { 0.1, clipnorm = 1 }))
    assert_near({ 0.9432457, -1.9842254, 0.5532688, 3.05, -0.3292276, 0.6725453 },
      after(optimizers.SGD { 0.1, clipvalue = 0.5 }))
    local optimizer = optimizers.SGD { 0.1, global_clipnorm = 1 }
    local a, b = nn.tensor(START):reshape { 2, 3 }, nn.tensor { 4 }
    for step = 0, 4 do optimizer:apply_gradients { { gradient(step), a }, { nn.tensor { 2 * step }, b } } end
    assert_near({ 0.9845817, -2.0245503, 0.5265534, 3.0680420, -0.2487528, 0.6487378 }, a)
    assert_near({ 3.6954518 }, b)
  end)

  it("leaves a user's gradient as it was", function()
    local g = gradient(1)
    local before = g:bytes()
    optimizers.SGD { 0.1, clipnorm = 0.1 }:apply_gradients { { g, nn.zeros { 2, 3 } } }
    assert.are.equal(before, g:bytes())
  end)

  it("clips by variable in a model, where weights lie side by side", function()
    local model = nn.Sequential { nn.layers.Dense { 1, kernel_initializer = "zeros", input_shape = { 2 } } }
    model:compile { optimizer = optimizers.SGD { 1, clipnorm = 1 }, loss = "mse" }
    model:train_on_batch({ { 3, 4 } }, { { 100 } })
    local kernel, bias = table.unpack(model:get_weights())
    assert_near({ 0.6, 0.8 }, kernel)
    assert_near({ 1 }, bias)
  end)

  it("updates once by the mean of several gradients", function()
    local optimizer = optimizers.Adam { 0.1, epsilon = 1e-9, gradient_accumulation_steps = 2 }
    assert_near({ 0.8026329, -2.1054552, 0.4751593, 3.1480667, -0.1918279, 0.5585829 }, after(optimizer, 6))
    assert.are.equal(3, optimizer.iterations)
    local variable = nn.tensor(START)
    optimizers.SGD { gradient_accumulation_steps = 3 }:apply_gradients { { gradient(1, { 6 }), variable } }
    assert.are.same(START, variable:totable())
  end)

  it("counts updates, not batches, for its schedule", function()
    local seen = {}
    local function rate(step)
      seen[#seen + 1] = step
      return 0.1
    end
    local optimizer = optimizers.SGD { rate, gradient_accumulation_steps = 2 }
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 1 } } }
    model:compile { optimizer = optimizer, loss = "mse" }
    model:fit({ 1, 2, 3, 4, 5 }, { 1, 2, 3, 4, 5 }, { batch_size = 1, verbose = 0 })
    assert.are.same({ 0, 0, 1, 1, 2 }, seen)
    assert.are.equal(2, optimizer.iterations)
    model:fit({ 1 }, { 1 }, { verbose = 0 })
    assert.are.equal(3, optimizer.iterations)
  end)

  it("keeps a moving average and puts it in the variable's place when asked", function()
    local optimizer = optimizers.SGD { 0.1, use_ema = true, ema_momentum = 0.8 }
    local variable = after(optimizer)
    assert_near({ 0.9432457, -1.9803084, 0.6860653, 3.0933429, -0.4976861, 0.4509719 }, variable)
    optimizer:finalize_variable_values { variable }
    assert_near({ 0.9580008, -2.0830569, 0.5593447, 3.2084463, -0.2095101, 0.4633250 }, variable)
    assert_near({ 1.0065447, -1.9452030, 0.5243404, 2.9077687, -0.3522468, 0.8227048 },
      after(optimizers.SGD { 0.1, use_ema = true, ema_momentum = 0.8, ema_overwrite_frequency = 3 }))
  end)

  it("ends fit with the average of the weights", function()
    local function trained(use_ema)
      nn.utils.set_random_seed(1)
      local model, path = nn.Sequential { nn.layers.Dense { 1, kernel_initializer = "ones", input_shape = { 1 } } }, {}
      model:compile { optimizer = optimizers.SGD { 0.01, use_ema = use_ema, ema_momentum = 0.5 }, loss = "mse" }
      local function note() path[#path + 1] = model:get_weights()[1]:item() end
      model:fit({ 1, 2, 3 }, { 2, 4, 6 }, { batch_size = 1, shuffle = false, verbose = 0,
        callbacks = { on_train_batch_end = note } })
      return model:get_weights()[1]:item(), path
    end
    local plain, path = trained(false)
    assert.are.equal(path[3], plain)
    assert.is_near(0.25 * path[1] + 0.25 * path[2] + 0.5 * path[3], (trained(true)), 1e-6)
  end)

  it("shrinks weights by weight_decay times the rate before it moves them", function()
    local variable = nn.tensor { 2 }
    optimizers.SGD { 0.5, weight_decay = 0.1 }:apply_gradients { { nn.tensor { 1 }, variable } }
    assert.is_near(2 - 2 * 0.1 * 0.5 - 0.5, variable:item(), 1e-6)
  end)

  it("has a rate that can be set, and a count", function()
    local optimizer, variable = optimizers.SGD { 1 }, nn.tensor { 0 }
    optimizer:apply_gradients { { nn.tensor { 1 }, variable } }
    optimizer.learning_rate = 0.5
    optimizer:apply_gradients { { nn.tensor { 1 }, variable } }
    assert.is_near(-1.5, variable:item(), 1e-6)
    assert.are.equal(2, optimizer.iterations)
    assert.are.equal(0.5, optimizer:get_config().learning_rate)
  end)

  it("comes back from a stored form with its schedule", function()
    local schedule = optimizers.schedules.ExponentialDecay { 0.4, 10, 0.5 }
    local stored = optimizers.family.serialize(optimizers.SGD { schedule })
    assert.is_near(0.2, optimizers.get(stored):rate_at(10), 1e-12)
  end)

  it("is stored with a function for a rate, by its name", function()
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 1 } } }
    local function rate() return 0.1 end
    model:compile { optimizer = optimizers.SGD { rate }, loss = "mse" }
    assert.are.equal(rate, model.optimizer:get_config().learning_rate)
    local path = os.tmpname() .. ".safetensors"
    finally(function() os.remove(path) end)
    model:save(path)
    fails("there is no function rate: if it is of your script, give load_model custom_objects = { rate }",
      nn.models.load_model, path)
    local again = nn.models.load_model(path, { custom_objects = { rate } })
    assert.are.equal(rate, again.optimizer:get_config().learning_rate)
  end)

  it("says what is wrong with its arguments", function()
    fails("Adam: only one of clipnorm and clipvalue can be given", optimizers.Adam, { clipnorm = 1, clipvalue = 1 })
    fails("unknown argument learning_rat; did you mean learning_rate?", optimizers.Adam, { learning_rat = 1 })
    fails("loss_scale_factor", optimizers.Lion, { loss_scale_factor = 2 })
    fails("learning_rate: expected a number of at least 0 or a schedule, got -1", optimizers.SGD, { -1 })
    fails("gradient_accumulation_steps: expected a whole number", optimizers.SGD, { gradient_accumulation_steps = 1 })
    fails("ema_momentum: expected a number from 0 to 1", optimizers.SGD, { use_ema = true, ema_momentum = 1.5 })
    fails("ema_overwrite_frequency", optimizers.SGD, { use_ema = true, ema_overwrite_frequency = 0.5 })
    fails("learning_rate_power", optimizers.Ftrl, { learning_rate_power = 1 })
    fails("unknown schedule Nope", optimizers.SGD, { { class_name = "Nope", config = {} }, name = "x" })
    fails("beta_1", optimizers.Lion, { beta_1 = 0 })
    fails("momentum", optimizers.SGD, { momentum = 2 })
    fails("did you mean", optimizers.get, "adma")
  end)

  it("says what is wrong with a gradient", function()
    local sgd = optimizers.SGD {}
    fails("gradient of shape 3 for a variable of shape 2", sgd.apply_gradients, sgd,
      { { nn.ones { 3 }, nn.ones { 2 } } })
    fails("at position 1", sgd.apply_gradients, sgd, { { nil, nn.ones { 2 } } })
    fails("at position 1", sgd.apply_gradients, sgd, { { 1, 1 } })
    fails("at position 1", sgd.apply_gradients, sgd, { 1 })
    fails("expected a list", sgd.apply_gradients, sgd)
    fails("no view", sgd.apply_gradients, sgd, { { nn.ones { 2, 3 }, nn.ones { 3, 2 }:transpose { 2, 1 } } })
  end)
end)
