-- `make calibrate`: do the statistics of the reports keep what they promise, on real training runs? A layer learns
-- generated digits; equal ones must not be called different, and one made better by half a point must be found as often
-- as the report claims.
local nn = require "nn"

local FAMILIES = tonumber(arg[1] or 100)
local TRAIN, VALIDATION, EPOCHS = 1000, 2000, 3

local x, y = nn.datasets.mnist.load_data { synthetic = true }
local first, last = TRAIN + 1, TRAIN + VALIDATION
local x_train, y_train = x[{ { 1, TRAIN } }] / 255, y[{ { 1, TRAIN } }]
local x_val, y_val = x[{ { first, last } }] / 255, y[{ { first, last } }]

local function run(seed)
  nn.utils.set_random_seed(seed)
  local model = nn.Sequential {
    nn.layers.Flatten { input_shape = { 28, 28 } }, nn.layers.Dense { 10, activation = "softmax" },
  }
  model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  model:fit(x_train, y_train, { epochs = EPOCHS, batch_size = 20, verbose = 0 })
  return (select(2, model:evaluate(x_val, y_val)))
end

local is_good = true
print "variants  seeds  families  sd of differences  null sweeps flagged  half a point found  claimed"
for _, case in ipairs { { 3, 8 }, { 2, 16 } } do
  local r = nn.calibrate { run = run, variants = case[1], seeds = case[2], families = FAMILIES }
  print(("%8d  %5d  %8d  %17.4f  %19.3f  %18.3f  %7.3f"):format(case[1], case[2], r.families, r.sd, r.flagged, r.found,
    r.claimed))
  -- Of 100 families at 5 % up to 9 may be flagged by chance (1 time in 35).
  local by_chance = 2 * math.sqrt(0.05 * 0.95 / FAMILIES)
  is_good = is_good and r.flagged <= 0.05 + by_chance
    and math.abs(r.found - r.claimed) <= 0.05 + 2 * math.sqrt(0.25 / FAMILIES)
end
if not is_good then error("the statistics do not keep what they promise", 0) end
