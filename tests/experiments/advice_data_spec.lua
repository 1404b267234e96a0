-- nn.advice about data: a table of planted mistakes, each with its name, and a table of sound scripts without advice.
local nn = require "nn"
local advice, Dense = nn.advice, nn.layers.Dense
local fakes = require "tests.support.experiment_fakes"
local session = require "nn.experiment.session"

local stderr = io.stderr

before_each(function()
  session.start { reports = fakes.folder(), quiet = true }
  advice.reset()
  nn.utils.set_random_seed(1)
  io.stderr = { write = function() end } -- luacheck: ignore 122
end)

after_each(function() io.stderr = stderr end) -- luacheck: ignore 122

teardown(function()
  advice.reset()
  fakes.clean()
end)

local function names()
  local list, seen = {}, {}
  for _, each in ipairs(advice.list()) do
    if not seen[each.name] then list[#list + 1], seen[each.name] = each.name, true end
  end
  table.sort(list)
  return list
end

local function normal(...) return nn.random.normal { shape = { ... } } end
local function uniform(...) return nn.random.uniform { shape = { ... } } end
local function whole(n, below) return (uniform(n) * below):floor() end

local function net(units, activation, loss, features)
  local m = nn.Sequential { Dense { 6, activation = "tanh", input_shape = { features or 4 } },
    Dense { units, activation = activation } }
  m:compile { optimizer = "adam", loss = loss }
  return m
end

local function regression(features) return net(1, nil, "mse", features) end
local function binary(features) return net(1, "sigmoid", "binary_crossentropy", features) end
local function several(classes, features)
  return net(classes, "softmax", "sparse_categorical_crossentropy", features)
end

local function fit(m, x, y, options)
  options = options or {}
  options.verbose = 0
  m:fit(x, y, options)
  return m
end

local function sum_of(x) return x:sum(2) + normal(#x) * 0.2 end
local function rows(t, from, to) return t[{ { from, to } }] end

local function part(n, scale)
  local x = normal(n, 4)
  return { x * (scale or 1), sum_of(x) }
end

local function experiment(given)
  given.name, given.build = "lab", given.build or function() return regression() end
  given.params = { epochs = 1 }
  local lab = nn.Experiment(given)
  lab:trial {}
  return lab
end

local function column(t) return t:reshape { -1, 1 } end
local function beside(...) return nn.concatenate({ ... }, { axis = 2 }) end

-- A series that swings and rises, with noise.
local function swings(n)
  local t = nn.arange(n)
  return (t / 4):sin() * 2 + t / 40 + normal(n) * 0.1
end

-- Windows of a series and the value after each.
local function windows(series, width)
  local list, n = {}, #series - width
  for k = 1, width do list[k] = column(rows(series, k, n + k - 1)) end
  return beside(table.unpack(list)), rows(series, width + 1, #series):copy()
end

-- A net that reads windows of the first part of a series and is tried on the rest.
local function forecast(series, cut)
  local x, y = windows(rows(series, 1, cut), 12)
  local x_val, y_val = windows(rows(series, cut + 1, #series), 12)
  fit(regression(12), x, y, { validation_data = { x_val, y_val } })
end

-- Regression data with one more feature made from the target.
local function with_feature(make)
  local x = normal(300, 4)
  local y = sum_of(x)
  fit(regression(5), beside(x, column(make(y))), y)
end

local function with_class_feature(make)
  local x, y = normal(300, 4), whole(300, 3)
  fit(several(3, 5), beside(x, column(make(y))), y:astype "int32")
end

local planted = {
  -- the scale
  { "input_scale", "evaluate sees twice the scale", function()
    local x = normal(500, 4)
    local m = fit(regression(), x, sum_of(x))
    local x_test = normal(200, 4)
    m:evaluate(x_test * 2, sum_of(x_test))
  end },
  { "input_scale", "predict alone sees another scale", function()
    local x = normal(800, 6)
    fit(regression(6), x, sum_of(x)):predict(normal(300, 6) * 1.5)
  end },
  { "input_scale", "predict sees inputs that were not standardized", function()
    local raw = uniform(600, 5) * 2 + 3
    local x = nn.preprocessing.StandardScaler():fit_transform(raw)
    fit(regression(5), x, sum_of(x)):predict(uniform(100, 5) * 2 + 3)
  end },
  { "input_scale", "one part from -1 to 1, the other from 0 to 1", function()
    local x, x_val = uniform(400, 5) * 2 - 1, uniform(200, 5)
    fit(regression(5), x, sum_of(x), { validation_data = { x_val, sum_of(x_val) } })
  end },
  { "input_scale", "the test part of an experiment at half the scale", function()
    experiment { train = part(600), validation = part(200), test = part(200, 0.5) }
  end },
  { "input_scale", "predict sees pixels that were not divided", function()
    local function images(n) return (uniform(n, 6, 6):gt(0.6) * uniform(n, 6, 6) * 255):floor() end
    local m = nn.Sequential { nn.layers.Flatten { input_shape = { 6, 6 } }, Dense { 1 } }
    m:compile { optimizer = "adam", loss = "mse" }
    fit(m, images(300) / 255, normal(300)):predict(images(60))
  end },
  { "separate_scaling", "a scaler fitted to each part", function()
    local function scaled(n)
      local x = uniform(n, 4) * 8
      return nn.preprocessing.StandardScaler():fit_transform(x), sum_of(x) / 8
    end
    local x, y = scaled(400)
    local x_val, y_val = scaled(150)
    fit(regression(), x, y, { validation_data = { x_val, y_val } })
  end },
  { "separate_scaling", "a range fitted to each part", function()
    local scaler = nn.preprocessing.MinMaxScaler()
    local a, b = normal(400, 3), normal(100, 3)
    experiment { train = { scaler:fit_transform(a), sum_of(a) }, test = { scaler:fit_transform(b), sum_of(b) },
      build = function() return regression(3) end }
  end },
  { "separate_scaling", "a scaler fitted to what predict sees", function()
    local function scaled(n) return nn.preprocessing.StandardScaler():fit_transform(uniform(n, 4) * 8) end
    local x = scaled(300)
    fit(regression(), x, sum_of(x)):predict(scaled(80))
  end },
  { "separate_scaling", "a scaler fitted before the validation data are split off, another to what evaluate sees",
    function()
      local function scaled(n) return nn.preprocessing.StandardScaler():fit_transform(uniform(n, 4) * 8) end
      local x, x_test = scaled(400), scaled(150)
      fit(regression(), x, sum_of(x), { validation_split = 0.2 }):evaluate(x_test, sum_of(x_test))
    end },
  { "separate_scaling", "a range fitted to what evaluate sees, with a feature that reaches its ends often", function()
    local function scaled(n)
      return nn.preprocessing.MinMaxScaler():fit_transform(beside(normal(n, 3), column(whole(n, 5))))
    end
    local x, x_test = scaled(400), scaled(150)
    fit(regression(), x, sum_of(x), { validation_split = 0.2 }):evaluate(x_test, sum_of(x_test))
  end },
  -- series
  { "overlapping_windows", "windows are shuffled before the split", function()
    local x, y = windows(swings(200), 12)
    local order = nn.random.permutation(#x, 1) + 1
    x, y = x:gather(order), y:gather(order)
    fit(regression(12), x, y, { validation_split = 0.3 })
  end },
  { "overlapping_windows", "windows of several features", function()
    local x, y = windows(swings(200), 12)
    x = nn.stack({ x, x / 2 }, 3):gather(nn.random.permutation(#x, 1) + 1)
    local m = nn.Sequential { nn.layers.Flatten { input_shape = { 12, 2 } }, Dense { 1 } }
    m:compile { optimizer = "adam", loss = "mse" }
    fit(m, rows(x, 1, 100), rows(y, 1, 100), { validation_data = { rows(x, 101, 188), rows(y, 101, 188) } })
  end },
  { "joint_scaling", "a range fitted to the whole series", function()
    forecast(nn.preprocessing.MinMaxScaler():fit_transform(column(swings(300))):flatten(), 200)
  end },
  { "joint_scaling", "a standard scaler fitted to the whole table, whose rows are in order", function()
    local series = column(swings(300))
    local x = nn.preprocessing.StandardScaler():fit_transform(beside(series, series * 2 + normal(300, 1)))
    local y = sum_of(x)
    fit(regression(2), rows(x, 1, 200), rows(y, 1, 200), { validation_data = { rows(x, 201, 300), rows(y, 201, 300) } })
  end },
  -- rows
  { "shared_rows", "a single validation row is a training row", function()
    local x, x_val = normal(400, 4), normal(100, 4)
    x_val[17] = x[42]
    fit(regression(), x, sum_of(x), { validation_data = { x_val, sum_of(x_val) } })
  end },
  { "shared_rows", "validation and test are the same points of a line", function()
    local function held_out() return { column(nn.arange(60) / 30 - 1), (nn.arange(60) / 10):sin() } end
    local x = uniform(200, 1) * 2 - 1
    experiment { train = { x, (x * 3):sin():flatten() }, validation = held_out(), test = held_out(),
      build = function() return regression(1) end }
  end },
  { "shared_rows", "one in a hundred validation rows is a training row", function()
    local x, x_val = normal(1000, 4), normal(500, 4)
    x_val[{ { 1, 5 } }] = rows(x, 101, 105)
    fit(regression(), x, sum_of(x), { validation_data = { x_val, sum_of(x_val) } })
  end },
  { "shared_rows", "copied rows in training and test", function()
    local train, test = part(500), part(100)
    test[1][{ { 11, 30 } }] = rows(train[1], 1, 20)
    experiment { train = train, validation = part(100), test = test }
  end },
  { "shared_rows", "copied rows in validation and test", function()
    local validation, test = part(100), part(100)
    test[1][{ { 1, 40 } }] = rows(validation[1], 61, 100)
    experiment { train = part(300), validation = validation, test = test }
  end },
  { "shared_rows", "validation and test are the same rows, computed twice", function()
    local function held_out()
      local x = nn.random.normal { shape = { 120, 4 }, seed = 9 }
      return { x, x:sum(2) }
    end
    experiment { train = part(300), validation = held_out(), test = held_out() }
  end },
  { "shared_rows", "duplicated before the split", function()
    local x = normal(300, 4)
    x = nn.concatenate({ x, x }, { axis = 1 }):gather(nn.random.permutation(600) + 1)
    fit(regression(), x, sum_of(x), { validation_split = 0.2 })
  end },
  { "shared_rows", "evaluate sees some training rows", function()
    local x = normal(500, 3)
    local m = fit(regression(3), x, sum_of(x))
    local x_test = nn.concatenate({ normal(90, 3), rows(x, 1, 10) }, { axis = 1 })
    m:evaluate(x_test, sum_of(x_test))
  end },
  -- targets
  { "missing_class", "a class that only the test data have", function()
    local function of(n, classes) return { normal(n, 4), whole(n, classes):astype "int32" } end
    experiment { train = of(300, 3), validation = of(100, 3), test = of(100, 4),
      build = function() return several(4) end }
  end },
  { "missing_class", "a class that only evaluate sees", function()
    local m = fit(several(3), normal(300, 4), (whole(300, 2) * 2):astype "int32")
    m:evaluate(normal(100, 4), whole(100, 3):astype "int32")
  end },
  { "missing_class", "classes in order and validation_split", function()
    local y = (nn.arange(300) / 100):floor():astype "int32"
    fit(several(3), normal(300, 4) + column(y:astype "float32"), y, { validation_split = 0.2 })
  end },
  { "sorted_targets", "targets in order and validation_split", function()
    local x = normal(200, 4)
    local y = nn.arange(200) / 50
    fit(regression(), x, y, { validation_split = 0.2 })
  end },
  { "sorted_targets", "targets in falling order, parts cut by hand", function()
    local x, y = normal(200, 4), 3 - nn.arange(200) / 40
    experiment { train = { rows(x, 1, 150), rows(y, 1, 150) }, validation = { rows(x, 151, 200), rows(y, 151, 200) } }
  end },
  { "target_range", "targets in the hundreds", function()
    local x = normal(200, 4)
    fit(regression(), x, sum_of(x) * 90 + 500, { epochs = 3 })
  end },
  -- numbers
  { "not_finite", "nan in the test inputs", function()
    local test = part(100)
    test[1][{ 7, 2 }] = 0 / 0
    experiment { train = part(200), validation = part(100), test = test }
  end },
  { "not_finite", "inf in what predict sees", function()
    local x = normal(200, 4)
    local m = fit(regression(), x, sum_of(x))
    local x_test = normal(100, 4)
    x_test[{ 3, 3 }] = 1 / 0
    m:predict(x_test)
  end },
  { "constant_feature", "a feature that is always 5", function()
    local x = beside(normal(200, 3), nn.full({ 200, 1 }, 5))
    fit(regression(), x, sum_of(x) - 5)
  end },
  { "constant_feature", "a constant feature after scaling", function()
    local x = nn.preprocessing.StandardScaler():fit_transform(beside(normal(200, 3), nn.full({ 200, 1 }, 5)))
    fit(regression(), x, sum_of(x))
  end },
  { "sentinel", "-999 for what is missing", function()
    local x = uniform(400, 4)
    local y = sum_of(x)
    for i = 10, 400, 40 do x[{ i, 3 }] = -999 end
    fit(regression(), nn.preprocessing.StandardScaler():fit_transform(x), y)
  end },
  { "sentinel", "9999 among targets", function()
    local x = normal(400, 4)
    local y = sum_of(x)
    for i = 10, 400, 40 do y[i] = 9999 end
    fit(regression(), x, y)
  end },
  -- leaks
  { "leaky_feature", "the target itself", function() with_feature(function(y) return y end) end },
  { "leaky_feature", "the target scaled and noisy", function()
    with_feature(function(y) return (y * -3 + 7 + normal(#y) * 0.5) / 6 end)
  end },
  { "leaky_feature", "the inverse of the target", function()
    with_feature(function(y) return nn.ones { #y } / (y + 20) end)
  end },
  { "leaky_feature", "one divided by a target around 0", function()
    with_feature(function(y) return nn.ones { #y } / y end)
  end },
  { "leaky_feature", "a code of the class that is wrong in one of twenty rows", function()
    local codes = { [0] = 5, 1, 3 }
    with_class_feature(function(y)
      local list = y:totable()
      for i, id in ipairs(list) do list[i] = codes[i % 20 == 0 and (id + 1) % 3 or math.tointeger(id)] end
      return nn.tensor(list)
    end)
  end },
  { "leaky_feature", "the target and noise, beside a feature that says much of it", function()
    local x = normal(300, 4)
    local y = x[{ {}, 1 }] * 2 + normal(300) * 0.8
    fit(regression(5), beside(x, column(y * 0.5 + normal(300) * 0.02)), y)
  end },
  { "leaky_feature", "the class, beside a feature that says much of it", function()
    local x, y = normal(300, 4), whole(300, 3)
    fit(several(3, 5), beside(x + column(y) * 3, column(y)), y:astype "int32")
  end },
  { "leaky_feature", "the class itself", function() with_class_feature(function(y) return y end) end },
  { "leaky_feature", "the class under other codes", function()
    with_class_feature(function(y) return (y - 1) * (y - 1) * 2 + y end)
  end },
  { "leaky_feature", "the class and noise", function()
    with_class_feature(function(y) return y * 2 - 1 + normal(#y) * 0.1 end)
  end },
  { "leaky_feature", "the yes or no and noise, one-hot labels", function()
    local x, y = normal(300, 4), whole(300, 2)
    x = beside(x, column(y + normal(300) * 0.08))
    fit(net(2, "softmax", "categorical_crossentropy", 5), x, nn.utils.to_categorical(y:astype "int32", 2))
  end },
}

describe("a mistake in the data is named:", function()
  for _, case in ipairs(planted) do
    it(case[2], function()
      case[3]()
      assert.are.same({ case[1] }, names())
    end)
  end
end)

-- ---- sound scripts --------------------------------------------------------------------------------------------------

local function table_of(inputs)
  local list = {}
  for i = 0, 2 ^ inputs - 1 do
    list[i + 1] = {}
    for k = 1, inputs do list[i + 1][k] = i >> (k - 1) & 1 end
  end
  return nn.tensor(list)
end

local function walk(n)
  local values, value = {}, 0
  for i, step in ipairs(normal(n):totable()) do
    value = value + step * 0.1
    values[i] = value
  end
  return nn.tensor(values)
end

local sound = {
  { "few categorical features", function()
    local x = nn.stack({ whole(600, 3), whole(600, 4), whole(600, 2) }, { axis = 2 })
    local y = (x:sum(2) + uniform(600)):gt(3.5)
    fit(binary(3), x, y, { validation_split = 0.2 }):evaluate(rows(x, 1, 100):copy(), rows(y, 1, 100):copy())
  end },
  { "one-hot categories", function()
    local function hot(k) return nn.utils.to_categorical(whole(600, k):astype "int32", k) end
    local x = beside(hot(4), hot(3), hot(5))
    fit(binary(12), x, (x:matmul(normal(12, 1)):flatten() + normal(600)):gt(0), { validation_split = 0.25 })
  end },
  { "categories and their products", function()
    local x = nn.stack({ whole(500, 4), whole(500, 4), whole(500, 4) }, { axis = 2 }) - 1.5
    local a, b, c = x[{ {}, { 1, 1 } }], x[{ {}, { 2, 2 } }], x[{ {}, { 3, 3 } }]
    fit(regression(9), beside(x, a * a, b * b, c * c, a * b, a * c, b * c), sum_of(x), { validation_split = 0.2 })
  end },
  { "exclusive or, validated on itself", function()
    local x, y = table_of(2), nn.tensor { 0, 1, 1, 0 }
    fit(binary(2), x, y, { validation_data = { x, y }, epochs = 2 }):evaluate(x, y)
  end },
  { "the parity of five bits, validated on itself", function()
    local x = table_of(5)
    local y = (x:sum(2) / 2 - (x:sum(2) / 2):floor()):gt(0)
    fit(binary(5), x, y, { validation_data = { x, y } })
  end },
  { "degrees, twice", function()
    local c = nn.tensor { -40, -10, 0, 8, 15, 22, 38 } / 40
    for _ = 1, 2 do fit(regression(1), column(c), c * 1.8 + 0.8, { validation_data = { column(c), c * 1.8 + 0.8 } }) end
  end },
  { "a hundred classes, few validation rows", function()
    local y = whole(750, 100):astype "int32"
    fit(several(100), normal(750, 4), y, { validation_split = 0.2 })
  end },
  { "an autoencoder", function()
    local x = normal(300, 4)
    fit(net(4, nil, "mse"), x, x, { validation_split = 0.2 }):predict(normal(100, 4))
  end },
  { "an autoencoder of one feature among noise", function()
    local x = normal(300, 1)
    fit(regression(1), x, x, { validation_split = 0.2 })
  end },
  { "a random walk in order, from its last values", function()
    local x, y = windows(walk(600), 5)
    fit(regression(5), x, y, { validation_split = 0.2 })
  end },
  { "a random walk, from its last value and the day", function()
    local x, y = windows(walk(600), 1)
    fit(regression(3), beside(x, uniform(#x, 2)), y, { validation_split = 0.2 })
  end },
  { "a sine in windows, shuffled", function()
    local x, y = windows((nn.arange(700) * 0.05):sin() + normal(700) * 0.01, 8)
    local order = nn.random.permutation(#x // 8) * 8 + 1 -- windows that do not overlap
    fit(regression(8), x:gather(order), y:gather(order), { validation_split = 0.25 })
  end },
  { "a series with a trend, its scaler fitted to the training part", function()
    local series = nn.arange(500) / 200 + (nn.arange(500) * 0.3):sin() * 0.3 + normal(500) * 0.1
    local x, y = windows(series, 6)
    local scaler = nn.preprocessing.StandardScaler():fit(rows(x, 1, 300))
    x = scaler:transform(x)
    experiment { train = { rows(x, 1, 300), rows(y, 1, 300) }, validation = { rows(x, 301, 400), rows(y, 301, 400) },
      test = { rows(x, 401, 494), rows(y, 401, 494) }, build = function() return regression(6) end }
  end },
  { "windows of a series that was split by time, scaled by what was known then", function()
    local series = swings(300)
    local known = rows(series, 1, 200)
    forecast((series - known:min()) / (known:max() - known:min()), 200)
  end },
  { "windows of a series that never repeats, cut before it is split by time", function()
    local x, y = windows(swings(300) - nn.arange(300) / 40, 12)
    fit(regression(12), x, y, { validation_split = 0.2 })
  end },
  { "rows of pictures that are blank in many places", function()
    local function pictures(n) return uniform(n, 12, 12):gt(0.97) * 1 end
    local m = nn.Sequential { nn.layers.Flatten { input_shape = { 12, 12 } }, Dense { 3, activation = "softmax" } }
    m:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
    local x_val, y_val = pictures(90), whole(90, 3):astype "int32"
    fit(m, pictures(300), whole(300, 3):astype "int32", { validation_data = { x_val, y_val } })
  end },
  { "lists of ids, shorter ones in validation", function()
    local function lists(n, zeros)
      local x = whole(n * 20, 500):reshape { n, 20 } + 1
      x[{ {}, { 1, zeros } }] = 0
      return x:astype "int32"
    end
    local m = nn.Sequential { nn.layers.Embedding { 501, 2, input_shape = { 20 } },
      nn.layers.GlobalAveragePooling1D {}, Dense { 1 } }
    m:compile { optimizer = "adam", loss = "mse" }
    fit(m, lists(300, 1), normal(300), { validation_data = { lists(100, 19), normal(100) } })
  end },
  { "a class for each step, one of which is rare", function()
    local y = (nn.random.uniform { shape = { 300, 5 }, seed = 6 } * 3):floor()
    y[{ { 1, 240 } }] = (nn.random.uniform { shape = { 240, 5 }, seed = 7 } * 4):floor()
    local m = nn.Sequential { Dense { 4, activation = "softmax", input_shape = { 5, 2 } } }
    m:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
    fit(m, nn.random.normal { shape = { 300, 5, 2 }, seed = 5 }, y:astype "int32", { validation_split = 0.2 })
  end },
  { "several labels at once", function()
    local x = normal(300, 4)
    local y = (x:matmul(normal(4, 3)) + normal(300, 3)):gt(0.8)
    fit(net(3, "sigmoid", "binary_crossentropy"), x, y, { validation_split = 0.2 })
  end },
  { "counts", function()
    local x = (uniform(400, 6) * uniform(400, 6) * 9):floor()
    local m = nn.Sequential { Dense { 1, activation = "exponential", input_shape = { 6 } } }
    m:compile { optimizer = "adam", loss = "poisson" }
    fit(m, x, (uniform(400) * 4):floor(), { validation_split = 0.2 })
  end },
  { "weighted words, most of them absent", function()
    local function texts(n)
      local x = uniform(n, 400):gt(0.98) * uniform(n, 400)
      return x / ((x * x):sum { axis = 2, keepdims = true } + 1e-9):sqrt()
    end
    local x, x_test = texts(300), texts(100)
    local m = fit(binary(400), x, whole(300, 2), { validation_split = 0.2 })
    m:evaluate(x_test, whole(100, 2))
  end },
  { "a table of words, most of them absent", function()
    local x = uniform(400, 20):gt(0.93) * (0.5 + uniform(400, 20) * 0.05)
    fit(binary(20), x, whole(400, 2), { validation_split = 0.2 })
  end },
  { "two signs with noise, tested without noise", function()
    local function signs(n) return whole(n, 2) * 2 - 1 end
    local a, b = signs(300), signs(300)
    local x = beside(column(a), column(b)) + normal(300, 2) * 0.1
    local corners = nn.tensor { { -1, -1 }, { -1, 1 }, { 1, -1 }, { 1, 1 } }
    local x_test = nn.concatenate({ corners, corners, corners, corners, corners }, { axis = 1 })
    fit(binary(2), x, (a * b):gt(0), { validation_split = 0.2 })
      :evaluate(x_test, (x_test[{ {}, 1 }] * x_test[{ {}, 2 }]):gt(0))
  end },
  { "fine-tuning on data of another place", function()
    local x, other = normal(300, 4), normal(200, 4) * 0.7 + 0.4
    local m = fit(regression(), x, sum_of(x), { validation_split = 0.2 })
    fit(m, other, sum_of(other), { validation_split = 0.2 })
    local x_test = normal(100, 4) * 0.7 + 0.4
    m:evaluate(x_test, sum_of(x_test))
  end },
  { "augmented after the split", function()
    local x, x_val = normal(300, 4), normal(100, 4)
    local more = nn.concatenate({ x, x * 1.1, x + normal(300, 4) * 0.2 }, { axis = 1 })
    fit(regression(), more, sum_of(more), { validation_data = { x_val, sum_of(x_val) } })
  end },
  { "labels that a threshold makes", function()
    local x = normal(300, 4)
    fit(binary(), x, x[{ {}, 1 }]:gt(0), { validation_split = 0.2 })
  end },
  { "labels that a threshold of a whole number makes", function()
    local a = whole(300, 10)
    fit(binary(3), beside(column(a), normal(300, 2)), a:ge(5), { validation_split = 0.2 })
  end },
  { "classes far apart", function()
    local y = whole(300, 3)
    local x = nn.utils.to_categorical(y:astype "int32", 4) * 2 + normal(300, 4) * 0.3
    fit(several(3), x, y:astype "int32", { validation_split = 0.2 })
  end },
  { "a rare class", function()
    fit(binary(), normal(400, 4), uniform(400):lt(0.02), { validation_split = 0.1 })
  end },
  { "a grid and a line to draw what a model does", function()
    local x = normal(300, 2)
    local m, points = fit(regression(2), x, sum_of(x)), {}
    for i = -20, 20 do
      for k = -20, 20 do points[#points + 1] = { i / 4, k / 4 } end
    end
    m:predict(nn.tensor(points))
    local one = normal(300, 1)
    fit(regression(1), one, one:flatten():sin()):predict(column(nn.arange(200) / 20 - 5))
  end },
  { "the year, which goes on", function()
    local function of(n, years)
      local x = beside(normal(n, 3), column(years))
      return { x, sum_of(x[{ {}, { 1, 3 } }]) }
    end
    experiment { train = of(300, whole(300, 8) / 4 - 1), validation = of(100, whole(100, 8) / 4 - 1),
      test = of(100, whole(100, 2) / 4 + 1) }
  end },
  { "scaled data, evaluated on themselves", function()
    local x = nn.preprocessing.StandardScaler():fit_transform(uniform(200, 4))
    local y = sum_of(x)
    local m = fit(regression(), x, y)
    m:evaluate(x:copy(), y)
    m:predict(x:gather(nn.random.permutation(200) + 1))
  end },
  { "folds", function()
    local x = nn.preprocessing.MinMaxScaler():fit_transform(normal(200, 4))
    local y = sum_of(x)
    for fold = 0, 3 do
      local rest, held = {}, {}
      for i = 1, 200 do table.insert(i % 4 == fold and held or rest, i) end
      fit(regression(), x:gather(rest), y:gather(rest), { validation_data = { x:gather(held), y:gather(held) } })
    end
  end },
  { "a line, twice as long to predict", function()
    local x = column(nn.arange(100) / 50 - 1)
    fit(regression(1), x, (x * 3):sin():flatten()):predict(column(nn.arange(200) / 50 - 2))
  end },
  { "the parity of six bits, validated on itself", function()
    local x = table_of(6)
    local y = (x:sum(2) / 2 - (x:sum(2) / 2):floor()):gt(0)
    fit(binary(6), x, y, { validation_data = { x, y } })
  end },
  { "evaluated on the training data, on some of them, and sample by sample", function()
    local x = normal(200, 4)
    local y = sum_of(x)
    local m = fit(regression(), x, y)
    m:evaluate(x, y)
    m:evaluate(rows(x, 1, 100):copy(), rows(y, 1, 100):copy())
    for i = 1, 20 do m:predict(rows(x, i, i) * 9) end
  end },
  { "heavy tails", function()
    local x = normal(500, 3) / (uniform(500, 3) + 0.05)
    fit(regression(3), x / 5, normal(500), { validation_split = 0.2 })
  end },
  { "small parts", function()
    experiment { train = part(30), validation = part(10), test = part(10) }
  end },
  { "measured to one decimal", function()
    local x = (normal(150, 4) * 8):floor() / 10
    fit(regression(), x, sum_of(x), { validation_split = 0.2 })
  end },
  { "a scaler fitted once", function()
    local scaler = nn.preprocessing.MinMaxScaler()
    local x, x_val = uniform(300, 4), uniform(100, 4)
    x, x_val = scaler:fit_transform(x), scaler:transform(x_val)
    fit(regression(), x, sum_of(x), { validation_data = { x_val, sum_of(x_val) } })
  end },
  { "pixels, some always black", function()
    local function images(n)
      local x = uniform(n, 6, 6):gt(0.6) * uniform(n, 6, 6)
      x[{ {}, 1 }] = 0
      return x
    end
    local m = nn.Sequential { nn.layers.Flatten { input_shape = { 6, 6 } }, Dense { 3, activation = "softmax" } }
    m:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
    fit(m, images(200), whole(200, 3):astype "int32", { validation_split = 0.2 }):predict(images(50))
  end },
  { "a polynomial of one number", function()
    local x = uniform(200, 1) * 2 - 1
    fit(regression(3), beside(x, x * x, x * x * x), (x * x * x - x):flatten() + normal(200) * 0.05,
      { validation_split = 0.2 })
  end },
}

it("both parts are named where rows are in common", function()
  local x, x_val = normal(300, 4), normal(100, 4)
  x_val[{ { 1, 9 } }] = rows(x, 1, 9)
  fit(regression(), x, sum_of(x), { validation_data = { x_val, sum_of(x_val) } })
  assert.matches("^9 of 100 validation rows are in the training data too, so that they cannot tell",
    advice.list()[1].text)
  advice.reset()
  local validation, test = part(100), part(100)
  test[1][{ { 1, 9 } }] = rows(validation[1], 1, 9)
  experiment { train = part(300), validation = validation, test = test }
  assert.matches("^9 of 100 test rows are in the validation data too, by which", advice.list()[1].text)
  advice.reset()
end)

describe("sound data get no advice:", function()
  for _, case in ipairs(sound) do
    it(case[1], function()
      case[2]()
      local texts = {}
      for i, each in ipairs(advice.list()) do texts[i] = each.text end
      assert.are.same({}, texts)
    end)
  end
end)
