-- Pieces of one's own: a loss, a metric, a layer and a schedule in Lua, each beside what nnrun has built in.
--
--   ./nnrun experiments/custom_pieces.lua             some seconds; reports/custom_pieces/report.md
--   ./nnrun experiments/custom_pieces.lua epochs=60   longer
--
-- The task is a curve from noisy points of which one in ten is far off. Losses that punish large errors less should
-- follow the curve better. All pieces compute with nn.ops and are traced into the graph, so they train as fast as the
-- built-in ones.

local nn = require "nn"
local ops, Dense = nn.ops, nn.layers.Dense

-- Data ----------------------------------------------------------------------------------------------------------------

local function curve(x) return ops.sin(2 * x) + 0.3 * x end

local function points(n, seed)
  local x = nn.random.uniform { shape = { n, 1 }, minval = -3, maxval = 3, seed = seed }
  return x, curve(x)
end

local x_train, y_train = points(2000, 1)
local x_val, y_val = points(500, 2) -- without errors: what counts is the curve

-- One point in ten is up to 8 too high.
local is_wrong = nn.random.uniform { shape = { 2000, 1 }, seed = 3 }:lt(0.1):astype "float32"
y_train = y_train + is_wrong * nn.random.uniform { shape = { 2000, 1 }, maxval = 8, seed = 4 }

-- The pieces ----------------------------------------------------------------------------------------------------------

-- A loss is a function of targets and predictions that gives one number for each sample.
local function cauchy(y_true, y_pred)
  return ops.mean(ops.log(1 + ((y_true - y_pred) / 0.2) ^ 2), { axis = -1 })
end

-- A metric is such a function too. What its values mean is said by `traits`.
local within = nn.metrics.MeanMetricWrapper {
  function(y_true, y_pred)
    return ops.mean(ops.cast(ops.less(ops.abs(y_true - y_pred), 0.1), "float32"), { axis = -1 })
  end,
  name = "within", traits = { better = "max", low = 0, high = 1 },
}

-- A layer makes its weights in `build` and computes in `call`.
local Waves = nn.layers.Layer:extend {
  name = "Waves",
  build = function(self, shape)
    self.w = self:add_weight { shape = { shape[#shape], self.units }, initializer = nn.initializers.RandomNormal {
      stddev = 1 }, name = "w" }
    self.b = self:add_weight { shape = { self.units }, initializer = "zeros", name = "b" }
  end,
  call = function(self, x) return ops.sin(ops.matmul(x, self.w) + self.b) end,
}

-- A schedule is a function from the number of the update to the learning rate.
local function falling(step) return 0.02 / (1 + step / 100) end

-- The experiment ------------------------------------------------------------------------------------------------------

local LOSSES = { mse = "mse", mae = "mae", huber = nn.losses.Huber { 0.2 }, cauchy = cauchy }
local RATES = { constant = 0.005, falling = falling }

local function hidden(p)
  if p.hidden == "waves" then return Waves { units = p.width } end
  return Dense { p.width, activation = p.hidden }
end

local lab = nn.Experiment {
  name = "custom_pieces",
  title = "A loss, a metric, a layer and a schedule of one's own",
  train = { x_train, y_train },
  validation = { x_val, y_val },
  params = { width = 30, loss = "mse", hidden = "tanh", rate = "constant", epochs = 20, batch_size = 50 },
  build = function(p)
    local model = nn.Sequential { nn.Input { shape = { 1 } }, hidden(p), Dense { p.width, activation = "tanh" },
      Dense { 1 } }
    model:compile { optimizer = nn.optimizers.Adam { RATES[p.rate] }, loss = LOSSES[p.loss], metrics = { within } }
    return model
  end,
  seeds = { 1, 2, 3 },
  objective = "val_within",
}

lab:note [[
`within` is the share of the validation points whose prediction is off by less than 0.1. These points lie on the curve
itself; of the training points one in ten lies far above it.]]

lab:sweep("Loss", { loss = { "mse", "mae", "huber", "cauchy" } })
lab:note [[
The mean squared error follows the wrong points, as a large error counts by its square. `cauchy` is ours: it grows with
the logarithm of the error, so a point far off hardly counts.]]

lab:sweep("Layer", { hidden = { "tanh", "relu", "waves" } }, { with = { loss = "cauchy" } })
lab:note "`waves` is our layer: the sine of a linear function. It suits a curve that is made of a sine."

lab:sweep("Schedule", { rate = { "constant", "falling" } }, { with = { loss = "cauchy", hidden = "waves" } })
lab:note "`falling` is our schedule: the learning rate begins four times as large and falls below the constant one."

lab:conclude()
