-- Two networks against each other, as Keras 3.15.1 trains them for 100 steps with two optimizers
-- (golden/training2/dcgan_two_adams/log.json).

local engine = require "engine.tensor"
local golden = require "tests.support.golden"
local locate = require "nn.datasets.locate"
local nn = require "nn"

local FOLDER = "tests/golden/training2/dcgan_two_adams/"
local BATCH, STEPS = 25, 100
local layers = nn.layers

local function floats(name, shape)
  local bytes = golden.read(FOLDER .. name .. ".bin")
  return engine.from_bytes(bytes, "float32", shape or { #bytes // 4 })
end

local function silu() return layers.Activation { "silu" } end

local function make_generator()
  return nn.Sequential { layers.Dense { 784, use_bias = false, input_shape = { 12 } }, layers.BatchNormalization {},
    silu(), layers.Reshape { { 7, 7, 16 } },
    layers.Conv2DTranspose { 8, 4, strides = 2, padding = "same", use_bias = false }, layers.BatchNormalization {},
    silu(), layers.Conv2DTranspose { 1, 4, strides = 2, padding = "same", activation = "tanh" } }
end

local function make_discriminator()
  return nn.Sequential { layers.Conv2D { 8, 4, strides = 2, padding = "same", input_shape = { 28, 28, 1 } }, silu(),
    layers.Conv2D { 16, 4, strides = 2, padding = "same" }, silu(), layers.Flatten {}, layers.Dense { 1 } }
end

-- The weights of a file, in the order of both networks' own.
local function stored(name, weights)
  local all, first, list = floats(name), 1, {}
  for i, weight in ipairs(weights) do
    list[i] = all[{ { first, first + weight.size - 1 } }]:reshape(weight.shape)
    first = first + weight.size
  end
  assert.are.equal(#all, first - 1)
  return list
end

local function largest_difference(weights, name)
  local most = 0
  for i, expected in ipairs(stored(name, weights)) do most = math.max(most, (weights[i] - expected):abs():max()) end
  return most
end

describe("a generator and a discriminator", function()
  it("have Keras' losses, weights and pictures after 100 steps of a tape and two optimizers", function()
    local set = nn.datasets.mnist.set
    if not locate.find(set, set.files[1]) then return pending "mnist is not here" end
    local generator, discriminator = make_generator(), make_discriminator()
    local weights, count = table.move(generator.weights, 1, #generator.weights, 1, {}), #generator.weights
    table.move(discriminator.weights, 1, #discriminator.weights, count + 1, weights)
    local start = stored("init", weights)
    generator:set_weights(table.move(start, 1, count, 1, {}))
    discriminator:set_weights(table.move(start, count + 1, #start, 1, {}))

    local images = (nn.datasets.mnist.load_data()[{ { 1, BATCH * STEPS } }]:astype "float32" - 127.5) / 127.5
    local noise, expected = floats("noise", { 2 * STEPS, BATCH, 12 }), floats("loss_first100", { STEPS, 2 })
    local loss_fn = nn.losses.BinaryCrossentropy { from_logits = true }
    local real, drawn, training = nn.ones { BATCH, 1 }, nn.zeros { BATCH, 1 }, { training = true }
    local of_generator = nn.optimizers.Adam { 5e-4, beta_1 = 0.5 }
    local of_discriminator = nn.optimizers.Adam { 5e-4, beta_1 = 0.5 }

    local function learn(optimizer, model, loss_of)
      local tape <close> = nn.GradientTape()
      local loss = loss_of()
      optimizer:apply(tape:gradient(loss, model.trainable_variables), model.trainable_variables)
      return loss:item()
    end

    for step = 1, STEPS do
      local batch = images[{ { BATCH * (step - 1) + 1, BATCH * step } }]:reshape { BATCH, 28, 28, 1 }
      local fake = generator(noise[2 * step - 1], training)
      local d_loss = learn(of_discriminator, discriminator, function()
        return loss_fn(real, discriminator(batch, training)) + loss_fn(drawn, discriminator(fake, training))
      end)
      local g_loss = learn(of_generator, generator, function()
        return loss_fn(real, discriminator(generator(noise[2 * step], training), training))
      end)
      assert.is_true(math.abs(d_loss - expected[step][1]) < 2e-6)
      assert.is_true(math.abs(g_loss - expected[step][2]) < 2e-6)
      if step == 1 then assert.is_true(largest_difference(weights, "step1") < 5e-7) end
    end
    assert.is_true(largest_difference(weights, "step100") < 5e-6)
    local pictures = generator(noise[1][{ { 1, 20 } }])
    assert.is_true((pictures - floats("pred_step100", { 20, 28, 28, 1 })):abs():max() < 5e-6)
  end)
end)
