-- Time series: what comes next? Networks against simple answers, forecasts drawn, and two mistakes that flatter.
--
--   ./nnrun experiments/time_series.lua                  a minute; reports/temperatures/report.md
--   ./nnrun experiments/time_series.lua epochs=2         a quick look
--   ./nnrun experiments/time_series.lua -- passengers    airline passengers; reports/passengers/report.md
--   ./nnrun experiments/time_series.lua -- transformer   oil temperature of a transformer (ETTh1), some minutes
--
-- A forecast is worth something only if it beats the simplest answer: it will be as it was.

local nn = require "nn"
local layers = nn.layers

-- Data ----------------------------------------------------------------------------------------------------------------

-- Each series as (steps, features), the last of which is to be forecast; `window`: how many steps a network sees;
-- `season`: after how many steps things repeat.
local SERIES = {
  temperatures = { title = "The lowest temperature of the day", load = nn.datasets.daily_min_temperatures.load_data,
    window = 28, season = 365, step = "day", unit = "degrees Celsius", batch_size = 32, epochs = 15 },
  passengers = { title = "Airline passengers", load = nn.datasets.airline_passengers.load_data,
    window = 12, season = 12, step = "month", unit = "thousands of passengers", batch_size = 8, epochs = 150 },
  transformer = { title = "The oil of a transformer", load = nn.datasets.etth1.load_data,
    window = 48, season = 24, step = "hour", unit = "degrees Celsius", batch_size = 32, epochs = 5 },
}
local NAME = arg[1] or "temperatures"
local chosen = SERIES[NAME]
  or error(("expected temperatures, passengers or transformer after --, got %s"):format(NAME), 0)

local function load(series)
  local values, dates = series.load()
  return values:reshape { #values, -1 }, dates
end

local values, dates = load(chosen)
local FEATURES = values.shape[2]

--- Windows of consecutive steps (windows, steps, features), and the value of the last feature at the step after each.
local function windows(part, length)
  local steps, count = {}, #part - length
  for i = 1, length do steps[i] = part[{ { i, i + count - 1 } }] end
  return nn.stack(steps, 2), part[{ { length + 1, #part }, part.shape[2] }]:copy()
end

-- By time: the past is for training, what comes later for validation, and the last part for the test.
local first_held, first_test = #values * 70 // 100 + 1, #values * 85 // 100 + 1
local PARTS = {
  train = { 1, first_held - 1 }, validation = { first_held, first_test - 1 }, test = { first_test, #values },
}

-- The scaler knows the training part only.
local scaler = nn.preprocessing.StandardScaler()
scaler:fit(values[{ PARTS.train }])
local scaled = scaler:transform(values)
local data = {}
for name, range in pairs(PARTS) do data[name] = { windows(scaled[{ range }], chosen.window) } end

-- How much a difference of 1 after scaling is in the unit of the series.
local truth = values[{ {}, FEATURES }]
local UNIT = truth[{ PARTS.train }]:std()

-- The experiment ------------------------------------------------------------------------------------------------------

-- What is between the window and the last unit.
local READERS = {
  linear = function() return { layers.Flatten {} } end,
  dense = function(p) return { layers.Flatten {}, layers.Dense { p.units, activation = "relu" } } end,
  conv1d = function(p)
    return { layers.Conv1D { p.units, 5, activation = "relu" }, layers.MaxPooling1D { 2 },
      layers.Flatten {} }
  end,
  lstm = function(p) return { layers.LSTM { p.units } } end,
}

local function build(p)
  local model = nn.Sequential { nn.Input { shape = { chosen.window, FEATURES } } }
  for _, layer in ipairs(READERS[p.network](p)) do model:add(layer) end
  model:add(layers.Dense { 1 })
  model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = "mse", metrics = { "mae" } }
  return model
end

local lab = nn.Experiment {
  name = NAME,
  title = chosen.title,
  train = data.train, validation = data.validation, test = data.test,
  params = { network = "lstm", units = 32, learning_rate = 1e-3, batch_size = chosen.batch_size,
    epochs = chosen.epochs },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_mae",
}

-- Simple answers ------------------------------------------------------------------------------------------------------

-- The mean error of forecasting each value of the validation part by the one so many steps earlier.
local function error_of_lag(lag)
  local from, to = PARTS.validation[1], PARTS.validation[2]
  return (truth[{ { from, to } }] - truth[{ { from - lag, to - lag } }]):abs():mean()
end

local function error_of_mean()
  return (truth[{ PARTS.validation }] - truth[{ PARTS.train }]:mean()):abs():mean()
end

lab:figure("The series", nn.plot.curves {
  x_label = chosen.step, y_label = chosen.unit, series = { { name = "truth", y = truth } },
})
lab:note(([[
There are %d values, from %s to %s. The first 70 %% are for training, the next 15 %% for validation, and the last 15 %%
for the test. A network sees %d steps and is to say what the next one brings.

Answers that need no network, and how far they are off in the validation part, in %s:

| answer | mean absolute error |
| --- | ---: |
| always the mean of the training part | %.3f |
| as the last %s | %.3f |
| as %d steps ago | %.3f |]]):format(#values, dates[1], dates[#dates], chosen.window, chosen.unit, error_of_mean(),
  chosen.step, error_of_lag(1), chosen.season, error_of_lag(chosen.season)))

-- Networks ------------------------------------------------------------------------------------------------------------

local networks = lab:sweep("Networks", { network = { "linear", "dense", "conv1d", "lstm" } })

-- The mean over the seeds.
local sums, names = {}, {}
for _, trial in ipairs(networks.trials) do
  local name = trial.params.network
  if not sums[name] then names[#names + 1], sums[name] = name, 0 end
  sums[name] = sums[name] + trial.history.val_mae[lab.params.epochs] / #lab.seeds
end
local rows = {}
for i, name in ipairs(names) do rows[i] = ("| %s | %.3f |"):format(name, sums[name] * UNIT) end
lab:note(([[
These errors are in standard deviations of the training part. In %s they are:

| network | mean absolute error |
| --- | ---: |
%s]]):format(chosen.unit, table.concat(rows, "\n")))

-- Forecasts -----------------------------------------------------------------------------------------------------------

local SHOWN = 60 -- steps of the validation part that are drawn
local best = networks.best
local x_val = data.validation[1]
local count = math.min(SHOWN, #x_val)
local from = PARTS.validation[1] + chosen.window -- the step that the first window forecasts
local center = truth[{ PARTS.train }]:mean()
local predicted = best.model:predict(x_val[{ { 1, count } }]):flatten() * UNIT + center

lab:note(([[
The first %d steps of the validation part: what came, what the best network (%s) said one step before, and the answer
that repeats the last step.]]):format(count, best.params.network))
lab:figure("Forecasts", nn.plot.forecast {
  truth[{ { from, from + count - 1 } }],
  { { name = best.params.network, values = predicted },
    { name = "the last step", values = truth[{ { from - 1, from + count - 2 } }] } },
  x_label = chosen.step, y_label = chosen.unit, first = from,
})

-- Two mistakes --------------------------------------------------------------------------------------------------------

-- They are shown on the passengers, whose number grows: there the future differs from the past.
local passengers = load(SERIES.passengers)
local MONTHS, KNOWN, EPOCHS = 12, 96, math.min(40, 3 * lab.params.epochs)

--- The mean absolute error of a small network on validation windows, in thousands of passengers.
local function error_after_training(train, validation, range)
  nn.utils.set_random_seed(1)
  local model = nn.Sequential { nn.Input { shape = { MONTHS, 1 } }, layers.Flatten {},
    layers.Dense { 16, activation = "relu" }, layers.Dense { 1 } }
  model:compile { optimizer = nn.optimizers.Adam { 0.01 }, loss = "mse", metrics = { "mae" } }
  model:fit(train[1], train[2], { epochs = EPOCHS, batch_size = 8, validation_data = validation, verbose = 0 })
  return select(2, model:evaluate(validation[1], validation[2], { verbose = 0 })) * range
end

--- Scaled to 0 to 1 by what the first months say, and how much 1 is.
local function scaled_by(months)
  local part = passengers[{ { 1, months } }]
  local range = part:max() - part:min()
  return (passengers - part:min()) / range, range
end

local function split_by_time(months)
  local series, range = scaled_by(months)
  return error_after_training({ windows(series[{ { 1, KNOWN } }], MONTHS) },
    { windows(series[{ { KNOWN + 1, #series } }], MONTHS) }, range)
end

local function split_at_random()
  local series, range = scaled_by(KNOWN)
  local x, y = windows(series, MONTHS)
  local order = nn.random.permutation(#x, 1) + 1
  x, y = x:gather(order), y:gather(order)
  local cut = #x * 2 // 3
  local function part(a, b) return { x[{ { a, b } }], y[{ { a, b } }] } end
  return error_after_training(part(1, cut), part(cut + 1, #x), range)
end

local honest, shuffled, joint = split_by_time(KNOWN), split_at_random(), split_by_time(#passengers)

local said = {}
for _, each in ipairs(nn.advice.list()) do
  if each.name == "overlapping_windows" or each.name == "joint_scaling" then
    said[#said + 1] = ("- %s [%s]"):format(each.text, each.name)
  end
end
lab:note(([[
## Two mistakes

A network learns the monthly passengers of eight years, and forecasts those of four years after. The numbers are mean
absolute errors on held-out months, in thousands of passengers:

| how | error |
| --- | ---: |
| split by time, the scaler knows the first eight years | %.1f |
| windows shuffled, then split | %.1f |
| split by time, the scaler knows all years | %.1f |

*Shuffled windows*: windows overlap. Beside nearly every held-out window there is a training window that is one month
older, and months on both sides of the held-out one. The network does not have to forecast, it fills gaps. When it is
used, there will be no months after.

*A scaler that knows the future*: its range already says how high the numbers will rise. When the network is used,
nobody knows that. Whether such an error turns out lower or higher, it is not the error of a forecast.

nnrun notices both, and says:

%s]]):format(honest, shuffled, joint, table.concat(said, "\n")))

lab:conclude()
