-- A generative adversarial network on MNIST (the DCGAN of the book, ch. 14): one network draws digits, another one
-- tells them from real ones, and each learns from the other.
--
--   ./nnrun experiments/gan.lua                           some minutes; reports/gan/report.md
--   ./nnrun experiments/gan.lua images=60000 epochs=50    as long as in the book: hours
--
-- Neither loss says whether the digits are any good. So a classifier, trained first, judges them: how sure it is of
-- each one (1 is best), and how evenly the ten classes come up (the entropy; ln 10 = 2.303 is best).

local nn = require "nn"
local layers, ops = nn.layers, nn.ops
local Dense, Conv2D, Conv2DTranspose = layers.Dense, layers.Conv2D, layers.Conv2DTranspose
local BatchNormalization, LeakyReLU, Dropout = layers.BatchNormalization, layers.LeakyReLU, layers.Dropout
local Reshape, Flatten = layers.Reshape, layers.Flatten

local NOISE = 100  -- numbers that a digit is drawn from
local SHOWN = 25   -- digits on a sheet
local JUDGED = 200 -- digits that the classifier judges

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels = nn.datasets.mnist.load_data()

-- The networks --------------------------------------------------------------------------------------------------------

-- From noise to pictures of 7x7, 14x14 and 28x28 pixels between -1 and 1. `filters` is 64 in the book. The pictures are
-- drawn with the moving means of BatchNormalization, which have to keep up with a generator that changes fast.
local function make_generator(filters)
  return nn.Sequential { name = "generator",
    Dense { 7 * 7 * 4 * filters, use_bias = false, input_shape = { NOISE } }, BatchNormalization { momentum = 0.9 },
    LeakyReLU {},
    Reshape { { 7, 7, 4 * filters } },
    Conv2DTranspose { 2 * filters, 5, strides = 1, padding = "same", use_bias = false },
    BatchNormalization { momentum = 0.9 }, LeakyReLU {},
    Conv2DTranspose { filters, 5, strides = 2, padding = "same", use_bias = false },
    BatchNormalization { momentum = 0.9 }, LeakyReLU {},
    Conv2DTranspose { 1, 5, strides = 2, padding = "same", use_bias = false, activation = "tanh" },
  }
end

-- A number above 0 where a picture looks real.
local function make_discriminator(filters)
  return nn.Sequential { name = "discriminator",
    Conv2D { filters, 5, strides = 2, padding = "same", input_shape = { 28, 28, 1 } }, LeakyReLU {}, Dropout { 0.3 },
    Conv2D { 2 * filters, 5, strides = 2, padding = "same" }, LeakyReLU {}, Dropout { 0.3 },
    Flatten {}, Dense { 1 },
  }
end

-- The judge -----------------------------------------------------------------------------------------------------------

local function make_judge()
  local judge = nn.Sequential { name = "judge",
    Flatten { input_shape = { 28, 28, 1 } }, Dense { 100, activation = "relu" }, Dense { 10, activation = "softmax" } }
  judge:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
  return judge
end

-- How sure it is of the pictures, and the entropy of the classes that it sees in them, in nats.
local function judge_pictures(judge, pictures)
  local p = judge:predict(pictures, { verbose = 0 })
  local share = p:mean { axis = 1 }
  return p:max { axis = 2 }:mean(), -(share * (share + 1e-9):log()):sum()
end

-- Training ------------------------------------------------------------------------------------------------------------

local cross_entropy = nn.losses.BinaryCrossentropy { from_logits = true }

-- The discriminator should give 1 for real pictures and 0 for drawn ones; the generator wants 1 for its own.
local function losses(real, drawn)
  return cross_entropy(ops.ones_like(drawn), drawn),
    cross_entropy(ops.ones_like(real), real) + cross_entropy(ops.zeros_like(drawn), drawn)
end

local function train(p, data, report)
  local count = math.min(p.images, #data.train.x)
  local x, y = data.train.x[{ { 1, count } }] / 127.5 - 1, data.train.y[{ { 1, count } }]
  local judge = make_judge()
  judge:fit(x, y, { epochs = 3, verbose = 0 })

  local generator, discriminator = make_generator(p.filters), make_discriminator(p.filters)
  local of_generator = nn.optimizers.Adam { p.learning_rate }
  local of_discriminator = nn.optimizers.Adam { p.learning_rate }

  -- One step of both networks, from the same forward pass, as the book writes it.
  local train_step = nn.compile(function(batch)
    local noise = nn.random.normal { shape = { #batch, NOISE } }
    local tape <close> = nn.GradientTape { persistent = true }
    local drawn = generator(noise, { training = true })
    local generator_loss, discriminator_loss = losses(discriminator(batch, { training = true }),
      discriminator(drawn, { training = true }))
    local g, d = generator.trainable_variables, discriminator.trainable_variables
    local g_gradients, d_gradients = tape:gradient(generator_loss, g), tape:gradient(discriminator_loss, d)
    of_generator:apply(g_gradients, g)
    of_discriminator:apply(d_gradients, d)
    return generator_loss, discriminator_loss
  end)

  local batches = nn.data.Dataset.from_tensor_slices(x):shuffle(count):batch(p.batch_size)
  local seeds = nn.random.normal { shape = { JUDGED, NOISE } } -- the same in each epoch, to see how the digits change
  local state = { generator = generator, discriminator = discriminator, of_generator = of_generator,
    of_discriminator = of_discriminator, batches = batches }
  for epoch = report:resume(state) + 1, p.epochs do
    local g_mean, d_mean, done = nn.metrics.Mean {}, nn.metrics.Mean {}, 0
    for batch in batches:iterate() do
      local g_loss, d_loss = train_step(batch)
      g_mean:update_state(g_loss)
      d_mean:update_state(d_loss)
      done = done + 1
      report:progress(done, #batches, g_loss)
    end
    local drawn = generator(seeds)
    local sure, entropy = judge_pictures(judge, drawn)
    report.trial:save_figure("epoch " .. epoch, nn.plot.images((drawn[{ { 1, SHOWN } }] + 1) / 2, { columns = 5 }))
    report { epoch = epoch, generator_loss = g_mean:result(), discriminator_loss = d_mean:result(), sureness = sure,
      entropy = entropy, model = { generator = generator, discriminator = discriminator } }
  end
end

-- The experiment ------------------------------------------------------------------------------------------------------

local lab = nn.Experiment {
  name = "gan",
  title = "A network that draws digits",
  data = { images:reshape { -1, 28, 28, 1 }, labels },
  params = { images = 6400, epochs = 30, batch_size = 64, filters = 32, learning_rate = 2e-4 },
  train = train,
  seeds = { 1 },
  objective = "sureness", mode = "max",
}

lab:note [[
The sheets below are drawn from the same noise after each epoch. `sureness` is the mean probability that a classifier
gives its own answer, `entropy` how evenly its answers spread over the ten digits (2.303 at best): a generator that
always draws the same good digit has a sureness of 1 and an entropy of 0.]]

lab:trial({}, { title = "Drawn digits" })
lab:conclude()
