-- Training loops of a script's own: models, losses and optimizers around a gradient tape.
local expect = require "tests.support.expect"
local layer = require "nn.layers.base"
local nn = require "nn"

nn.advice.silence()

local Dense, Dropout = nn.layers.Dense, nn.layers.Dropout

local X = nn.random.uniform { shape = { 600, 20 }, seed = 3 }
local Y = nn.random.uniform({ shape = { 600 }, maxval = 4, seed = 4 }):floor():astype "int32"

-- A network whose weights, and whatever else is drawn, come from the same seed each time.
local function network(options)
  nn.random.set_seed(7)
  options = options or {}
  return nn.Sequential {
    Dense { 12, activation = "relu", input_shape = { 20 }, kernel_regularizer = options.regularizer },
    Dropout { options.dropout or 0 },
    Dense { 12, activation = options.activation or "relu", kernel_constraint = options.constraint },
    Dense { options.units or 4, activation = options.last or "softmax" },
  }
end

-- Trains as fit does, by hand.
local function train(model, optimizer, loss_fn, x, y, options)
  for first = 1, #x, 100 do
    local rows = { { first, math.min(first + 99, #x) } }
    local tape <close> = nn.GradientTape()
    local loss = loss_fn(y[rows], model(x[rows], { training = true }), options and options.weight[rows])
    for _, penalty in ipairs(model.losses) do loss = loss + penalty end
    local variables = model.trainable_variables
    optimizer:apply_gradients(nn.zip(tape:gradient(loss, variables), variables))
  end
end

local function assert_as_fit(options, loss, y, optimizer, weight)
  local fitted = network(options)
  fitted:compile { optimizer = optimizer, loss = loss }
  fitted:fit(X, y, { batch_size = 100, shuffle = false, verbose = 0, sample_weight = weight })
  local trained = network(options)
  train(trained, nn.optimizers.get(optimizer), nn.losses.get(loss), X, y, weight and { weight = weight })
  assert.are.equal(expect.bits(fitted), expect.bits(trained))
end

describe("a loop of one's own gives the bits of fit:", function()
  local one_hot = nn.utils.to_categorical(Y, 4)
  local weight = nn.random.uniform { shape = { 600 }, seed = 5 }

  it("softmax and cross-entropy", function() assert_as_fit({}, "sparse_categorical_crossentropy", Y, "sgd") end)
  it("Adam", function() assert_as_fit({}, "categorical_crossentropy", one_hot, "adam") end)
  it("dropout", function() assert_as_fit({ dropout = 0.4 }, "sparse_categorical_crossentropy", Y, "adam") end)
  it("logits", function()
    assert_as_fit({ last = "linear" }, nn.losses.SparseCategoricalCrossentropy { from_logits = true }, Y, "sgd")
  end)
  it("a sigmoid", function()
    assert_as_fit({ last = "sigmoid", units = 1 }, "binary_crossentropy", Y:gt(1), "rmsprop")
  end)
  it("a regression", function() assert_as_fit({ last = "tanh" }, "mean_squared_error", one_hot, "sgd") end)
  it("a loss that is not taken from logits", function()
    assert_as_fit({}, "mean_absolute_error", one_hot, "adam")
  end)
  it("a constraint", function()
    assert_as_fit({ constraint = nn.constraints.MaxNorm { 0.7 } }, "sparse_categorical_crossentropy", Y, "sgd")
  end)
  it("a regularizer", function()
    assert_as_fit({ regularizer = nn.regularizers.L2 { 0.02 } }, "sparse_categorical_crossentropy", Y, "sgd")
  end)
  it("weights of samples", function()
    assert_as_fit({}, "sparse_categorical_crossentropy", Y, "sgd", weight)
  end)
  it("a sum of losses", function()
    assert_as_fit({}, nn.losses.CategoricalCrossentropy { reduction = "sum" }, one_hot, "sgd")
  end)
  it("clipped gradients", function()
    assert_as_fit({}, "sparse_categorical_crossentropy", Y, nn.optimizers.SGD { 0.1, global_clipnorm = 0.1 })
  end)
end)

-- ---- gradients -----------------------------------------------------------------------------------------------------

local function numeric(value_of, t)
  local step, result = 1e-2, nn.zeros { t.size }
  local flat = t:reshape { t.size }
  for i = 1, t.size do
    local before = flat[i]
    flat[i] = before + step
    local above = value_of()
    flat[i] = before - step
    result[i] = (above - value_of()) / (2 * step)
    flat[i] = before
  end
  return result:reshape(t.shape)
end

describe("the gradient of a layer agrees with finite differences:", function()
  for _, class in ipairs { "Dense", "LayerNormalization", "PReLU", "EinsumDense" } do
    for i, example in ipairs(layer.examples[class] or {}) do
      it(class .. " " .. i, function()
        local made = nn.layers[class](example[1])
        local shape = type(example[2][1]) == "table" and example[2][1] or example[2]
        local x = nn.random.normal { shape = { 3, table.unpack(shape) }, seed = 8 }
        x = x + x:gt(0) - 0.5 -- no kink is near
        local upstream = nn.random.normal { shape = made(x).shape, seed = 9 }
        local sources = { x, made.trainable_variables }
        local tape <close> = nn.GradientTape()
        tape:watch(x)
        local gradients = tape:gradient(nn.ops.sum(made(x) * upstream), sources)
        for k, t in ipairs { x, table.unpack(sources[2]) } do
          local exact = k == 1 and gradients[1] or gradients[2][k - 1]
          local close = numeric(function() return (made(x) * upstream):sum() end, t)
          assert.is_true((exact - close):abs():max() < 2e-2 * (1 + close:abs():max()))
        end
      end)
    end
  end
end)

describe("a tape and models", function()
  it("train a generator and a discriminator over one forward pass", function()
    nn.random.set_seed(1)
    local generator = nn.Sequential { Dense { 8, activation = "relu", input_shape = { 2 } }, Dense { 2 } }
    local discriminator = nn.Sequential { Dense { 8, activation = "relu", input_shape = { 2 } }, Dense { 1 } }
    local loss_fn = nn.losses.BinaryCrossentropy { from_logits = true }
    local noise, real = nn.random.normal { shape = { 16, 2 } }, nn.random.normal { shape = { 16, 2 }, mean = 3 }
    local generator_optimizer, discriminator_optimizer = nn.optimizers.Adam { 0.01 }, nn.optimizers.Adam { 0.01 }
    local function step()
      local generator_tape <close> = nn.GradientTape()
      local discriminator_tape <close> = nn.GradientTape()
      local fake = generator(noise, { training = true })
      local of_real = discriminator(real, { training = true })
      local of_fake = discriminator(fake, { training = true })
      local generator_loss = loss_fn(nn.ones { 16, 1 }, of_fake)
      local discriminator_loss = loss_fn(nn.ones { 16, 1 }, of_real) + loss_fn(nn.zeros { 16, 1 }, of_fake)
      local by_generator = generator_tape:gradient(generator_loss, generator.trainable_variables)
      local by_discriminator = discriminator_tape:gradient(discriminator_loss, discriminator.trainable_variables)
      generator_optimizer:apply(by_generator, generator.trainable_variables)
      discriminator_optimizer:apply(by_discriminator, discriminator.trainable_variables)
      return discriminator_loss:item()
    end
    local first, last = step(), nil
    for _ = 1, 60 do last = step() end
    assert.is_true(last < first)
  end)

  it("give the gradient by an image through a trained model", function()
    local model, x = network(), X[{ { 1, 2 } }]:copy()
    local tape <close> = nn.GradientTape()
    tape:watch(x)
    local gradient = tape:gradient(model(x)[{ {}, 1 }]:sum(), x)
    local close = numeric(function() return model(x)[{ {}, 1 }]:sum() end, x)
    assert.is_true((gradient - close):abs():max() < 1e-3)
  end)

  it("take functions of nn.losses, and losses that are joined with other operations", function()
    local model = network { last = "linear" }
    local one_hot = nn.utils.to_categorical(Y, 4)
    local function gradients(loss_of)
      local tape <close> = nn.GradientTape()
      return tape:gradient(loss_of(model(X)), model.trainable_variables)
    end
    local by_object = gradients(function(p) return nn.losses.MeanSquaredError {}(one_hot, p) * 2 end)
    local by_function = gradients(function(p) return nn.losses.mean_squared_error(one_hot, p):mean() * 2 end)
    local by_operations = gradients(function(p) return nn.ops.mean((p - one_hot) ^ 2) * 2 end)
    for i, gradient in ipairs(by_object) do
      assert.is_true((gradient - by_function[i]):abs():max() < 1e-6)
      assert.is_true((gradient - by_operations[i]):abs():max() < 1e-6)
    end
  end)

  it("leave frozen layers alone", function()
    local model = network()
    model.layers[1].trainable = false
    local tape <close> = nn.GradientTape()
    local loss = nn.losses.SparseCategoricalCrossentropy {}(Y, model(X, { training = true }))
    local gradients = tape:gradient(loss, model.trainable_variables)
    assert.are.equal(4, #gradients)
    expect.fails("is over", function() tape:gradient(loss, model.layers[1].weights) end)
  end)

  it("run activations, metrics and several inputs", function()
    local a, b = nn.Input { shape = { 3 } }, nn.Input { shape = { 3 } }
    local model = nn.Model { inputs = { a, b }, outputs = { nn.layers.Add {} { a, b }, Dense { 1 }(a) } }
    local x, z = nn.ones { 2, 3 }, nn.zeros { 2, 3 }
    local tape <close> = nn.GradientTape()
    tape:watch { x, z }
    local sum, y = table.unpack(model { x, z })
    local metric = nn.metrics.MeanSquaredError {}
    metric:update_state(z, sum)
    assert.are.equal(1.0, metric:result())
    local gradients = tape:gradient(sum:sum() + y:sum() + nn.activations.tanh(z):sum(), { x, z })
    assert.are.same({ { 2, 2, 2 }, { 2, 2, 2 } }, gradients[2]:totable())
  end)

  it("use flat memory", function()
    local model, optimizer = network { dropout = 0.1 }, nn.optimizers.Adam {}
    local loss_fn, x, y = nn.losses.SparseCategoricalCrossentropy {}, X[{ { 1, 10 } }], Y[{ { 1, 10 } }]
    local function run(steps)
      for _ = 1, steps do train(model, optimizer, loss_fn, x, y) end
      collectgarbage()
      collectgarbage() -- what the first one finalized
      return collectgarbage "count"
    end
    run(20)
    local before = run(20)
    assert.is_true(run(200) < before + 50)
  end)
end)

describe("a loop of one's own is told", function()
  local model = network()
  local loss_fn = nn.losses.SparseCategoricalCrossentropy {}

  it("that weights changed before the second gradient", function()
    local tape <close> = nn.GradientTape { persistent = true }
    local loss = loss_fn(Y, model(X))
    model.weights[1]:assign_add(1)
    expect.fails("was changed after the tape had recorded", function()
      tape:gradient(loss, model.trainable_variables)
    end)
  end)

  it("that a target is tracked", function()
    local tape <close> = nn.GradientTape()
    local p = model(X)
    expect.fails("nn.ops.stop_gradient(y_true)", function()
      return nn.losses.MeanSquaredError {}(p, nn.zeros { 600, 4 })
    end)
    tape:gradient(loss_fn(Y, p), model.trainable_variables)
  end)

  it("which variables have no gradient, once", function()
    local w, lines, stderr = nn.Variable({ 1, 2 }, { name = "w" }), {}, io.stderr
    local optimizer = nn.optimizers.SGD { 0.5 }
    io.stderr = { write = function(_, line) lines[#lines + 1] = line end } -- luacheck: ignore
    for _ = 1, 2 do optimizer:apply({ false }, { w }) end
    io.stderr = stderr -- luacheck: ignore
    assert.are.same({ 1, 2 }, w:totable())
    assert.are.equal(1, #lines)
    assert.is_truthy(lines[1]:find("apply: no gradient (false) for w", 1, true), lines[1])
  end)

  it("that lists differ in length, or shapes do", function()
    local w = nn.Variable { 1, 2 }
    expect.fails("got 1 gradients for 2 variables", function() nn.optimizers.SGD {}:apply({ w }, { w, w }) end)
    expect.fails("gradient of shape 3 for a variable of shape 2", function()
      nn.optimizers.SGD {}:apply_gradients { { nn.ones { 3 }, w } }
    end)
  end)

  it("that an id is unknown to an Embedding", function()
    local embedding = nn.layers.Embedding { 5, 2 }
    local tape <close> = nn.GradientTape()
    local _ = tape
    expect.fails("ids run from", function() return embedding(nn.tensor({ { 1, 9 } }, "int32")) end)
  end)
end)

describe("what a loss is told by a call of a model on tensors:", function()
  -- Steps that hold only zeros are masked.
  local x = nn.tensor { { { 1, 2 }, { 2, 0 }, { 0, 0 } }, { { 3, 1 }, { 0, 0 }, { 0, 0 } } }
  local y = nn.random.normal { shape = { 2, 3, 1 }, seed = 2 }

  local function masked()
    nn.random.set_seed(5)
    return nn.Sequential { nn.layers.Masking { input_shape = { 3, 2 } }, Dense { 1 } }
  end

  it("the mask of what it gives", function()
    local function squares(y_true, y_pred) return nn.ops.mean((y_true - y_pred) ^ 2, { axis = -1 }) end
    local weight = nn.tensor { 0.5, 2 }
    for _, loss in ipairs { "mse", squares, nn.losses.MeanSquaredError { reduction = "sum" },
      nn.losses.LossFunctionWrapper { squares, reduction = "mean_with_sample_weight" } } do
      local fitted, trained = masked(), masked()
      fitted:compile { optimizer = "sgd", loss = loss }
      local object, optimizer = nn.losses.get(loss), nn.optimizers.SGD {}
      assert.is_true(math.abs(fitted:evaluate(x, y) - object(y, trained(x))) < 1e-6)
      fitted:train_on_batch(x, y, { sample_weight = weight })
      local tape <close> = nn.GradientTape()
      local value = object(y, trained(x, { training = true }), weight)
      optimizer:apply(tape:gradient(value, trained.trainable_variables), trained.trainable_variables)
      for i, each in ipairs(fitted.weights) do
        assert.is_true((each - trained.weights[i]):abs():max() < 1e-6)
      end
    end
  end)

  it("what its layers add, in model.losses", function()
    local Sparse = nn.layers.Layer:extend { name = "Sparse", call = function(self, given)
      self:add_loss(0.1 * nn.ops.sum(given ^ 2))
      return given
    end }
    local model = nn.Sequential { Dense { 2, input_shape = { 3 }, kernel_regularizer = "l2" }, Sparse {} }
    local data = nn.random.normal { shape = { 4, 3 }, seed = 3 }
    assert.are.equal(1, #model.losses)
    local expected = 0.1 * (model(data) ^ 2):sum()
    assert.are.equal(2, #model.losses)
    assert.is_true(math.abs(model.losses[2] - expected) < 1e-5)
    model:compile { optimizer = nn.optimizers.SGD { learning_rate = 1 }, loss = "mse" }
    local before, target = model.weights[1]:copy(), nn.zeros { 4, 2 }
    local tape <close> = nn.GradientTape()
    local loss = nn.losses.get "mse"(target, model(data, { training = true }))
    for _, term in ipairs(model.losses) do loss = loss + term end
    local gradient = tape:gradient(loss, model.weights[1])
    model:train_on_batch(data, target)
    assert.is_true((before - gradient - model.weights[1]):abs():max() < 1e-5)
  end)
end)
