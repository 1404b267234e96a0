-- SpectralNormalization replaces its layer's kernel at each step of training: Keras' numbers of one step, the gradient
-- it leaves to the layer, and what becomes of its weights.
local expect = require "tests.support.expect"
local nn = require "nn"

local L = nn.layers

-- Keras 3.15.1: kernel, vector_u and bias before; kernel and vector_u after one step.
local KERNEL = nn.tensor { { 0.84, -0.29, -0.84 }, { -0.46, 0.75, 0.88 }, { -0.81, -0.33, 0.5 }, { -0.2, -0.87, 0.42 } }
local U, BIAS = nn.tensor { { -0.79, 0.65, -0.32 } }, nn.tensor { -0.12, 0.43, 0.88 }
local KERNEL_AFTER = nn.tensor { { 0.5387355, -0.18599202, -0.5387355 }, { -0.29502183, 0.48101386, 0.5643896 },
  { -0.51949495, -0.21164611, 0.3206759 }, { -0.12827037, -0.55797607, 0.26936775 } }
local U_AFTER = nn.tensor { { -0.5429003, 0.6197771, 0.56668824 } }
local X = nn.tensor { { -0.29, 0.98, 0.49, 0.98 }, { -0.29, 0.12, 0.04, 0.81 } }

local function wrapped(options)
  local made = L.SpectralNormalization { L.Dense { 3, kernel_regularizer = options and "l2" }, input_shape = { 4 } }
  local model = nn.Sequential { made }
  made:set_weights { KERNEL, U, BIAS }
  return model, made
end

local function is_near(a, b) return (a - b):abs():max() < 1e-6 end

describe("SpectralNormalization", function()
  it("divides the kernel by its estimated norm, in training", function()
    local model, made = wrapped()
    made(X)
    assert.is_true(is_near(made.weights[1], KERNEL))
    model(X, { training = true })
    assert.is_true(is_near(made.weights[1], KERNEL_AFTER))
    assert.is_true(is_near(made.weights[2], U_AFTER))
    assert.same({ 4 * 3 + 3 + 3, 4 * 3 + 3 }, { made:count_params() })
  end)

  it("leaves the rest to its layer: gradient, regularizer, bias", function()
    local target = nn.tensor { { 1, 0, 2 }, { 0, 1, 1 } }
    local model, made = wrapped { regularized = true }
    local plain = nn.Sequential { L.Dense { 3, kernel_regularizer = "l2", input_shape = { 4 } } }
    plain:set_weights { KERNEL_AFTER, BIAS }
    for _, each in ipairs { model, plain } do
      each:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "mse" }
      each:train_on_batch(X, target)
    end
    assert.is_true(is_near(made.weights[1], plain.layers[1].weights[1]))
    assert.is_true(is_near(made.weights[3], plain.layers[1].weights[2]))
  end)

  it("brings the norm of any kernel to 1", function()
    nn.utils.set_random_seed(2)
    local made = L.SpectralNormalization { L.Conv2D { 3, 2 }, power_iterations = 50, input_shape = { 4, 4, 2 } }
    local model = nn.Sequential { made }
    model(nn.ones { 1, 4, 4, 2 }, { training = true })
    local kernel = made.weights[1]:reshape { 8, 3 }
    local v = nn.random.normal { shape = { 3, 1 }, seed = 1 }
    for _ = 1, 200 do
      v = nn.ops.matmul(nn.ops.transpose(kernel), nn.ops.matmul(kernel, v))
      v = v / (v * v):sum() ^ 0.5
    end
    local image = nn.ops.matmul(kernel, v)
    assert.is_near(1, (image * image):sum() ^ 0.5, 1e-4)
  end)

  it("is stored with its weights", function()
    local model = wrapped()
    local path = os.tmpname() .. ".safetensors"
    model(X, { training = true })
    model:save(path)
    assert.is_true(is_near(nn.models.load_model(path):predict(X), model:predict(X)))
    os.remove(path)
  end)

  it("wants a layer that has a kernel", function()
    expect.fails("has no kernel; wrap one that has, such as Dense or Conv2D", function()
      nn.Sequential { L.SpectralNormalization { L.LayerNormalization {}, input_shape = { 4 } } }
    end)
    expect.fails("SpectralNormalization: layer: expected a layer, such as Dense{ 3 }, got 3", L.SpectralNormalization,
      { 3 })
    expect.fails("power_iterations: expected a whole number of at least 1, got 0", L.SpectralNormalization,
      { L.Dense { 3 }, 0 })
  end)
end)
