-- Autoencoders on MNIST: a network whose output should be its input, through a narrow middle, the code. With a code of
-- two numbers the digits can be drawn on a map.
--
--   ./nnrun experiments/autoencoder.lua               some minutes; reports/autoencoder/report.md
--   ./nnrun experiments/autoencoder.lua epochs=30     clearer pictures
--
-- There are three: of dense layers, of convolutions, and a variational one. That draws its code at random around a mean
-- and keeps all codes close to a normal distribution, so that any two numbers give a digit.

local nn = require "nn"
local layers, ops = nn.layers, nn.ops
local Dense, Conv2D, Conv2DTranspose = layers.Dense, layers.Conv2D, layers.Conv2DTranspose
local Flatten, Reshape, GaussianNoise = layers.Flatten, layers.Reshape, layers.GaussianNoise

local SHOWN = 10 -- digits beside their copies
local GRID = 12  -- digits a side of the sheet that is drawn from the map
local FAR = 2    -- how far from the middle of the map the sheet reaches

-- Data ----------------------------------------------------------------------------------------------------------------

local images, labels = nn.datasets.mnist.load_data()
local COUNT = tonumber(arg[1]) or 10000 -- "-- 500" takes fewer
local TRAIN, VALIDATION = { { 1, COUNT } }, { { 59001, 59000 + COUNT // 10 } }
local function pictures(range) return images[range]:reshape { -1, 28, 28, 1 } / 255 end
local x_train, x_val, digits = pictures(TRAIN), pictures(VALIDATION), labels[VALIDATION]

-- The layer that draws ------------------------------------------------------------------------------------------------

-- A code from its mean and the logarithm of its variance: the mean, and in training noise of that variance besides.
-- What it adds to the loss is the Kullback-Leibler divergence from the normal distribution (Kingma and Welling, 2013).
local Sampling = layers.Layer:extend {
  name = "Sampling",
  init = function(self) self.noise = GaussianNoise { 1 } end,
  call = function(self, both)
    local mean, log_variance = table.unpack(ops.split(both, 2, -1))
    local divergence = -0.5 * ops.sum(1 + log_variance - mean ^ 2 - ops.exp(log_variance), -1)
    self:add_loss(self.weight * ops.mean(divergence))
    return mean + ops.exp(0.5 * log_variance) * self.noise(0 * mean)
  end,
}

-- The networks --------------------------------------------------------------------------------------------------------

local function through(layers_in_order, value)
  for _, layer in ipairs(layers_in_order) do value = layer(value) end
  return value
end

local function encoder_layers(p)
  if p.kind == "convolution" then
    return { Conv2D { 8, 3, strides = 2, padding = "same", activation = "relu" },
      Conv2D { 16, 3, strides = 2, padding = "same", activation = "relu" }, Flatten {}, Dense { p.code } }
  elseif p.kind == "variational" then -- the mean and the logarithm of the variance of each number
    return { Flatten {}, Dense { 128, activation = "relu" }, Dense { 2 * p.code },
      Sampling { weight = p.divergence / 784 } }
  end
  return { Flatten {}, Dense { 128, activation = "relu" }, Dense { p.code } }
end

local function decoder_layers(p)
  if p.kind == "convolution" then
    return { Dense { 784, activation = "relu" }, Reshape { { 7, 7, 16 } },
      Conv2DTranspose { 8, 3, strides = 2, padding = "same", activation = "relu" },
      Conv2DTranspose { 1, 3, strides = 2, padding = "same", activation = "sigmoid" } }
  end
  return { Dense { 128, activation = "relu" }, Dense { 784, activation = "sigmoid" }, Reshape { { 28, 28, 1 } } }
end

local function build(p)
  local picture, code = nn.Input { shape = { 28, 28, 1 } }, nn.Input { shape = { p.code } }
  local encoder = nn.Model { inputs = { picture }, outputs = { through(encoder_layers(p), picture) }, name = "encoder" }
  local decoder = nn.Model { inputs = { code }, outputs = { through(decoder_layers(p), code) }, name = "decoder" }
  local input = nn.Input { shape = { 28, 28, 1 } }
  local model = nn.Model { inputs = { input }, outputs = { decoder(encoder(input)) } }
  model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "binary_crossentropy",
    metrics = { "mse" } }
  return model
end

-- The experiment ------------------------------------------------------------------------------------------------------

local lab = nn.Experiment {
  name = "autoencoder",
  title = "Digits through a narrow middle",
  train = { x_train, x_train },
  validation = { x_val, x_val },
  params = { kind = "dense", code = 2, divergence = 1, learning_rate = 2e-3, batch_size = 100, epochs = 10 },
  build = build,
  objective = "val_mse",
  seeds = { 1 },
}

local kinds = lab:sweep("Three kinds", { { kind = "dense" }, { kind = "convolution" }, { kind = "variational" } })

-- What each makes of digits that it has not seen: the digits above, the copies below.
local function copies(model)
  local some = x_val[{ { 1, SHOWN } }]
  return nn.plot.images(nn.concatenate { some, model(some), axis = 1 }, { columns = SHOWN })
end

local function map(model)
  local codes = model:get_layer { name = "encoder" }(x_val)
  local colors = {}
  for i = 1, #digits do colors[i] = digits[i] // 1 + 1 | 0 end
  return nn.plot.scatter { x = codes[{ {}, 1 }], y = codes[{ {}, 2 }], colors = colors,
    x_label = "first number of the code", y_label = "second number" }
end

-- The digits that lie at equal distances on the map.
local function sheet(model)
  local codes = nn.zeros { GRID * GRID, 2 }
  for row = 1, GRID do
    for column = 1, GRID do
      local place = codes[(row - 1) * GRID + column]
      place[1] = FAR * (2 * (column - 1) / (GRID - 1) - 1)
      place[2] = FAR * (1 - 2 * (row - 1) / (GRID - 1))
    end
  end
  return nn.plot.images(model:get_layer { name = "decoder" }(codes), { columns = GRID })
end

for _, trial in ipairs(kinds.trials) do
  local kind = trial.params.kind
  lab:figure("Copies: " .. kind, copies(trial.model))
  if trial.params.code == 2 then lab:figure("The map of codes: " .. kind, map(trial.model)) end
end
if lab.params.code == 2 then lab:figure("Digits drawn from the variational map", sheet(kinds.trials[3].model)) end

lab:sweep("Longer codes", { code = { 4, 16 } }, { with = { kind = "convolution" } })
lab:conclude()
