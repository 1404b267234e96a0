--- A script to begin with, for `nnrun new`; NAME stands for its name.
return [==[
-- NAME: a layer, a loss, a metric and a callback of one's own, in a sweep against built-in ones.
--
--   ./nnrun NAME.lua                run it and write reports/NAME/report.md and report.html
--   ./nnrun check NAME.lua          shapes, memory and time, without training

local nn = require "nn"
local ops, Dense = nn.ops, nn.layers.Dense

-- A layer: build makes the weights when the shape of the input is known, call computes. Gradients come by themselves.
local Scaled = nn.layers.Layer:extend {
  name = "Scaled",
  build = function(self, input_shape)
    self.scale = self:add_weight { shape = { input_shape[#input_shape] }, initializer = "ones", name = "scale" }
  end,
  call = function(self, x) return x * self.scale end,
}

-- A loss: a number for each sample.
local function absolute_at_the_ends(y_true, y_pred)
  local error = ops.abs(y_true - y_pred)
  return ops.mean(ops.where(ops.less(error, 1), error * error / 2, error - 0.5), { axis = -1 })
end

-- A metric is a function too.
local function within_a_tenth(y_true, y_pred)
  return ops.mean(ops.cast(ops.less(ops.abs(y_true - y_pred), 0.1), "float32"), { axis = -1 })
end

-- A callback: what happens between epochs.
local Watch = nn.callbacks.Callback:extend {
  on_epoch_end = function(self, epoch, logs)
    if epoch % 10 == 0 then print(("epoch %d: loss %.4f"):format(epoch, logs.loss)) end
  end,
}

-- Data: a curve with noise.
local function points(count, seed)
  local x = nn.random.uniform { shape = { count, 1 }, minval = -3, maxval = 3, seed = seed }
  return { x, ops.sin(x) + nn.random.normal { shape = { count, 1 }, stddev = 0.05, seed = seed + 1 } }
end

local lab = nn.Experiment {
  name = "NAME",
  title = "NAME",
  train = points(400, 1), validation = points(200, 3), test = points(200, 5),
  params = { scaled = false, loss = "mse", epochs = 30, batch_size = 20 },
  build = function(p)
    local model = nn.Sequential { nn.Input { shape = { 1 } }, Dense { 32, activation = "tanh" } }
    if p.scaled then model:add(Scaled {}) end
    model:add(Dense { 1 })
    model:compile {
      optimizer = nn.optimizers.Adam { 0.01 }, loss = p.loss == "own" and absolute_at_the_ends or p.loss,
      metrics = { within_a_tenth },
    }
    return model
  end,
  callbacks = function() return { Watch {} } end,
  seeds = { 1, 2, 3 }, -- each variant is trained once a seed
  objective = "val_within_a_tenth", mode = "max", -- what decides which variant is the best
}

lab:note "What do you want to know? Write it here, before you look at the results."

lab:sweep("Does the layer help?", { scaled = { false, true } })
lab:sweep("Which loss?", { loss = { "mse", "mae", "own" } })
lab:conclude()
]==]
