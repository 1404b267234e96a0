-- nn.advice: each piece is given when it should be, once, and not on sound models.
local nn = require "nn"
local advice = nn.advice
local Dense = nn.layers.Dense

local said
local stderr = io.stderr

before_each(function()
  advice.reset()
  said = {}
  io.stderr = { write = function(_, ...) said[#said + 1] = table.concat { ... } end } -- luacheck: ignore 122
end)

after_each(function() io.stderr = stderr end) -- luacheck: ignore 122

teardown(function() advice.reset() end)

local function names()
  local list = {}
  for i, each in ipairs(advice.list()) do list[i] = each.name end
  return list
end

local function blobs(n, classes, seed)
  local ids = {}
  for i = 1, n do ids[i] = i % classes end
  local y = nn.tensor(ids, "int32")
  return nn.utils.to_categorical(y, 4) * 2 + nn.random.normal { shape = { n, 4 }, stddev = 0.3, seed = seed }, y
end

local function model(units, activation, loss, optimizer, hidden)
  local m = nn.Sequential { Dense { hidden or 8, activation = "tanh", input_shape = { 4 } },
    Dense { units, activation = activation, name = "out" } }
  m:compile { optimizer = optimizer or "adam", loss = loss }
  return m
end

local function with_relu(units)
  local m = nn.Sequential { Dense { units, activation = "relu", input_shape = { 4 } },
    Dense { 3, activation = "softmax" } }
  m:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return m
end

local function fit(m, x, y, options)
  options = options or {}
  options.verbose = 0
  return m:fit(x, y, options)
end

describe("advice", function()
  it("is silent about a sound model", function()
    nn.utils.set_random_seed(1)
    local x, y = blobs(200, 3, 1)
    local x_val, y_val = blobs(50, 3, 2)
    local m = with_relu(16)
    fit(m, x, y, { epochs = 4, validation_data = { x_val, y_val } })
    m:evaluate(x_val, y_val)
    fit(model(1, nil, "mse"), x, nn.random.normal { shape = { 200 } })
    fit(model(1, "sigmoid", "binary_crossentropy"), x, y:eq(1))
    fit(model(3, nil, nn.losses.SparseCategoricalCrossentropy { from_logits = true }), x, y)
    assert.are.same({}, said)
    assert.are.same({}, advice.list())
  end)

  it("is one line at the script's position, once, and listed", function()
    model(1, "softmax", "binary_crossentropy")
    model(1, "softmax", "binary_crossentropy")
    assert.are.equal(1, #said)
    assert.matches("^[^\n]*advice_spec.lua:%d+: advice: the output out is softmax over one unit", said[1])
    assert.matches("^[^\n]* %[softmax_one_unit%]\n$", said[1])
    assert.are.same({ "softmax_one_unit" }, names())
    assert.matches('"sigmoid"', advice.list()[1].text)
  end)

  it("can be silenced by name and as a whole", function()
    advice.silence "softmax_one_unit"
    model(1, "softmax", "binary_crossentropy")
    assert.are.same({}, said)
    model(3, "relu", "categorical_crossentropy")
    assert.are.equal(1, #said)
    advice.reset()
    advice.silence()
    model(3, "relu", "categorical_crossentropy")
    assert.are.equal(1, #said)
    assert.has_error(function() advice.silence "softmax_one_units" end)
    assert.matches('did you mean "softmax_one_unit"', select(2, pcall(advice.silence, "softmax_one_units")))
  end)

  it("knows which outputs fit which losses", function()
    local logits = { from_logits = true }
    for _, case in ipairs {
      { 3, "relu", "sparse_categorical_crossentropy", "output_activation", '"relu".*activation = "softmax"' },
      { 3, nil, "categorical_crossentropy", "output_activation", "no activation.*from_logits = true" },
      { 3, "softmax", nn.losses.CategoricalCrossentropy(logits), "output_activation", "softmax is taken twice" },
      { 1, "sigmoid", "sparse_categorical_crossentropy", "loss_and_output", "binary_crossentropy" },
      { 3, "softmax", "binary_crossentropy", "loss_and_output", "categorical_crossentropy" },
      { 1, nil, "binary_crossentropy", "output_activation", "sigmoid" },
      { 1, "sigmoid", nn.losses.BinaryCrossentropy(logits), "output_activation", "sigmoid is taken twice" },
      { 3, "softmax", "mse", "loss_and_output", "categorical_crossentropy" },
    } do
      advice.reset()
      model(case[1], case[2], case[3])
      assert.are.same({ case[4] }, names())
      assert.matches(case[5], advice.list()[1].text)
    end
  end)

  it("looks at a model without a declared input as soon as it is fitted", function()
    local x, y = blobs(60, 3)
    local m = nn.Sequential { Dense { 3, activation = "sigmoid" } }
    m:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy" }
    assert.are.same({}, names())
    fit(m, x, y)
    assert.are.same({ "output_activation" }, names())
  end)

  it("knows what optimizers learn with", function()
    for _, case in ipairs { { nn.optimizers.Adam { 0.5 }, "0.5 is far too large for Adam" },
      { nn.optimizers.SGD { 1e-9 }, "1e%-09 is far too small for SGD" }, { nn.optimizers.SGD { 0 }, "is 0" } } do
      advice.reset()
      model(1, nil, "mse", case[1])
      assert.matches(case[2], advice.list()[1].text)
    end
  end)

  describe("on targets", function()
    local x, y = nn.random.normal { shape = { 200, 4 }, seed = 1 }, nil

    before_each(function() y = x:sum(2) * 48 + 480 end)

    it("in the hundreds is given where the training is too short for them", function()
      fit(model(1, nil, "mse"), x, y, { epochs = 5 })
      assert.are.same({ "target_range" }, names())
      assert.matches("mean 4%d%d%.?%d* and standard deviation 9%d", advice.list()[1].text)
      assert.matches("StandardScaler", advice.list()[1].text)
    end)

    it("is given where they make the gradients of hidden layers large", function()
      fit(model(1, nil, "mae", "sgd"), x, y, { epochs = 5 })
      assert.are.same({ "target_range" }, names())
    end)

    it("is not given where they are reached, near 0, scaled within the model, or classes", function()
      fit(model(1, nil, "mse", nn.optimizers.Adam { 0.1 }), x, y, { epochs = 200 })
      fit(model(1, nil, "mse"), x, (y - 480) / 96, { epochs = 5 })
      fit(model(2, "softmax", "sparse_categorical_crossentropy"), x, y:gt(480), { epochs = 5 })
      local there = nn.initializers.Constant { 480 }
      local near = nn.Sequential { Dense { 1, bias_initializer = there, input_shape = { 4 } } }
      near:compile { optimizer = "sgd", loss = "mse" }
      fit(near, x, y, { epochs = 5 })
      local scaled = nn.Sequential { Dense { 1, input_shape = { 4 } }, nn.layers.Rescaling { 96, offset = 480 } }
      scaled:compile { optimizer = "adam", loss = "mse" }
      fit(scaled, x, y, { epochs = 5 })
      assert.are.same({}, names())
    end)
  end)

  describe("on a learning rate in an experiment", function()
    local session = require "nn.experiment.session"
    local fakes = require "tests.support.experiment_fakes"
    teardown(fakes.clean)

    local function lab(optimizer)
      session.start { reports = fakes.folder(), quiet = true }
      advice.reset()
      local x, y = blobs(40, 3)
      return nn.Experiment { name = "rates", train = { x, y }, params = { rate = 0.001, power = 0, width = 4 },
        build = function(p) return model(3, "softmax", "sparse_categorical_crossentropy", optimizer(p), p.width) end }
    end

    local function adam(p) return nn.optimizers.Adam { p.rate } end

    it("is silent on what a search drew or a sweep varied, also where build computes it", function()
      local one = lab(adam)
      one:sweep("Drawn", { rate = nn.space.choice { 0.001, 0.9, 2 } }, { method = "random", trials = 3 })
      one:sweep("Varied", { rate = { 0.5, 5 } })
      assert(one.best.model)
      lab(function(p) return nn.optimizers.Adam { 10 ^ p.power } end):sweep("Power", { power = { 0, 1, -3 } })
      assert.are.same({}, names())
    end)

    it("speaks of one that all variants share, or that a trial is given", function()
      lab(function() return nn.optimizers.Adam { 0.5 } end):sweep("Width", { width = { 2, 3 } })
      assert.are.same({ "learning_rate" }, names())
      assert.matches("advice_spec.lua:%d+: advice: a learning rate of 0.5", table.concat(said))
      lab(adam):trial { rate = 5 }
      assert.are.same({ "learning_rate" }, names())
    end)
  end)

  it("sees inputs that are not scaled, but for layers that look them up or scale them", function()
    local x, y = blobs(100, 3)
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), (x * 60):clip(0, 255):astype "uint8", y)
    assert.are.same({ "input_range" }, names())
    assert.matches("from 0 to %d+; .* divide them by 255", advice.list()[1].text)
    advice.reset()
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), x * 1000, y)
    assert.matches("StandardScaler", advice.list()[1].text)
  end)

  it("sees validation and test inputs on another scale", function()
    local x, y = blobs(100, 3)
    local m = model(3, "softmax", "sparse_categorical_crossentropy")
    fit(m, x, y, { validation_data = { x * 9, y } })
    assert.are.same({ "input_scale" }, names())
    assert.matches("validation inputs are 9 times", advice.list()[1].text)
    advice.reset()
    fit(m, x, y)
    m:evaluate(x * 9, y)
    assert.matches("test inputs", advice.list()[1].text)
  end)

  it("sees rows that are in both parts", function()
    local x, y = blobs(100, 3, 1)
    local x_val, y_val = blobs(50, 3, 2)
    x_val[{ { 1, 7 } }] = x[{ { 30, 36 } }]
    local m = model(3, "softmax", "sparse_categorical_crossentropy")
    fit(m, x, y, { validation_data = { x_val, y_val } })
    assert.are.same({ "shared_rows" }, names())
    assert.matches("^7 of 50 validation rows", advice.list()[1].text)
  end)

  it("sees classes that one part lacks", function()
    local x, y = blobs(100, 3, 1)
    local x_val, y_val = blobs(50, 2, 2)
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), x, y, { validation_data = { x_val, y_val } })
    assert.matches("class 2 is in the training data but not in the validation data", advice.list()[1].text)
    advice.reset()
    local hot, hot_val = nn.utils.to_categorical(y, 3), nn.utils.to_categorical(y_val, 3)
    fit(model(3, "softmax", "categorical_crossentropy"), x_val, hot_val, { validation_data = { x, hot } })
    assert.matches("class 2 is in the validation data but not in the training data", advice.list()[1].text)
    advice.reset()
    fit(model(1, "sigmoid", "binary_crossentropy"), x, y:eq(0), { validation_data = { x_val, y_val:eq(2) } })
    assert.matches("class 1", advice.list()[1].text)
  end)

  it("sees labels that are none for the loss", function()
    local x, y = blobs(100, 3, 1)
    fit(model(1, "sigmoid", "binary_crossentropy"), x, y)
    assert.matches("the labels of the output out run from 0 to 2, .* sparse_categorical_crossentropy",
      advice.list()[1].text)
    advice.reset()
    fit(model(3, "softmax", "categorical_crossentropy"), x, nn.ones { 100, 3 })
    assert.matches("add up to 3, .*binary_crossentropy", advice.list()[1].text)
  end)

  it("sees a loss that does not fall", function()
    local x, y = blobs(100, 3, 1)
    local m = model(3, "softmax", "sparse_categorical_crossentropy", nn.optimizers.SGD { 0 })
    advice.reset()
    fit(m, x, y, { epochs = 3 })
    assert.are.same({ "learning_rate", "loss_not_falling" }, names())
    assert.matches("did not fall in 3 epochs", advice.list()[2].text)
  end)

  it("sees numbers that are none", function()
    local x, y = blobs(100, 3, 1)
    x[{ 7, 2 }], x[{ 9, 1 }] = 0 / 0, 1 / 0
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), x, y, { epochs = 1 })
    assert.are.equal("not_finite", names()[1])
    assert.matches("2 of 100 samples of the inputs have numbers that are nan or inf, sample 7", advice.list()[1].text)
    advice.reset()
    x, y = blobs(100, 3, 1), nn.zeros { 100 }
    local y_val = nn.zeros { 20 }
    y_val[3] = 0 / 0
    fit(model(1, nil, "mse"), x, y, { validation_data = { nn.random.normal { shape = { 20, 4 } }, y_val } })
    assert.matches("1 of 20 samples of the validation targets", advice.list()[1].text)
  end)

  it("looks again at data that were assigned to", function()
    local x, y = blobs(100, 3, 1)
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), x, y)
    assert.are.same({}, names())
    x[{ 7, 2 }] = 0 / 0
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), x, y)
    assert.are.equal("not_finite", names()[1])
    x[{ 7, 2 }] = 1e6
    fit(model(3, "softmax", "sparse_categorical_crossentropy"), x, y)
    assert.is_true(advice.list()[2].text:find "inputs run from .* to 1e%+06" ~= nil)
  end)

  it("sees dead relu units", function()
    local x, y = blobs(100, 3, 1)
    local m = with_relu(6)
    local kernel = m.layers[1]:get_weights()
    m.layers[1]:set_weights { kernel, { -99, -99, -99, 0, 0, 9 } }
    fit(m, x, y)
    assert.are.same({ "dead_units" }, names())
    assert.matches("layer 1 %(dense.*%): 3 of 6 relu units .* 100 training samples", advice.list()[1].text)
  end)

  it("names what comes out as nan, in evaluate and in validation", function()
    local x, y = blobs(60, 3, 1)
    local holed = x:copy()
    holed[{ 5, 1 }] = 0 / 0
    local m = with_relu(6)
    m:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    m:evaluate(x, y)
    assert.are.same({}, names())
    local loss, accuracy = m:evaluate(holed, y)
    assert.is_true(loss ~= loss and accuracy ~= accuracy)
    assert.matches("^evaluate: loss, accuracy: nan, because the predictions or the targets hold nan",
      advice.list()[2].text)
    assert.are.same({ "not_finite", "nan_metric" }, names())
    advice.reset()
    local history = m:fit(x, y, { verbose = 0, validation_data = { holed, y } }).history
    assert.is_true(history.accuracy[1] > 0 and history.val_accuracy[1] ~= history.val_accuracy[1])
    local told = table.concat(names(), " ")
    assert.matches("nan_metric", told)
  end)

  it("changes nothing in what is learned", function()
    local function weights()
      nn.utils.set_random_seed(3)
      local x, y = blobs(100, 3, 1)
      local m = with_relu(6)
      fit(m, x * 99, y, { epochs = 2, validation_split = 0.5 })
      fit(m, x * 99, y, { epochs = 2, validation_split = 0.5 })
      return m:get_weights()[1]:bytes(), nn.random.uniform { shape = { 2 } }:bytes()
    end
    local a, next_a = weights()
    advice.silence()
    local b, next_b = weights()
    assert.are.equal(a, b)
    assert.are.equal(next_a, next_b)
  end)
end)

describe("advice in experiments", function()
  local data = require "nn.advice.data"

  it("looks at the data once for all models, which know their scale all the same", function()
    local x, y = blobs(100, 3, 1)
    local training, held_out = { inputs = { x * 60 }, targets = { y } }, { inputs = { x * 60 + 1 }, targets = { y } }
    local lab, columns, looks = { train = training, validation = held_out }, require("nn.advice.features").constant, 0
    require("nn.advice.features").constant = function(t)
      looks = looks + 1
      return columns(t)
    end
    finally(function() require("nn.advice.features").constant = columns end)
    data.of_experiment(model(3, "softmax", "sparse_categorical_crossentropy"), lab)
    assert.are.same({ "input_range" }, names())
    local m = model(3, "softmax", "sparse_categorical_crossentropy")
    data.of_experiment(m, lab)
    fit(m, training.inputs[1], y, { validation_data = { held_out.inputs[1], y } })
    assert.are.same({ "input_range" }, names())
    assert.are.equal(1, looks)
    m:evaluate(x, y)
    assert.are.same({ "input_range", "input_scale" }, names())
  end)

  it("leaves alone what is no model of the data", function()
    local x, y = blobs(100, 3, 1)
    data.of_experiment({ fit = print }, { train = { inputs = { x }, targets = { y } } })
    data.of_experiment(model(3, "softmax", "mse"), { train = { inputs = { x, x }, targets = { y } } })
    data.of_experiment(nn.Sequential { Dense { 1 } }, { train = { inputs = { x }, targets = { y } } })
    assert.are.same({ "loss_and_output" }, names())
  end)

  it("becomes a warning of the record", function()
    local lab = { manifest = { warnings = { "mine" } }, began = 0, has_begun = true, folder = os.tmpname(),
      store = { leads = function() return true end } }
    os.remove(lab.folder)
    require("lfs").mkdir(lab.folder)
    advice.say("input_range", "inputs are far off")
    local manifest = require "nn.experiment.manifest"
    manifest.write(lab)
    manifest.write(lab)
    os.execute("rm -r " .. lab.folder)
    assert.are.equal(2, #lab.manifest.warnings)
    assert.matches("advice_spec.lua:%d+: inputs are far off %[input_range%]$", lab.manifest.warnings[2])
  end)
end)

describe("rows in common", function()
  local engine = require "engine.data"

  local function shared(a, b, but)
    local function set(t) return engine.row_set(engine.row_hashes(t)) end
    return engine.common_rows(set(a), engine.row_hashes(b), but and set(but))
  end

  it("are counted with their repetitions, and the first are listed", function()
    local a = nn.tensor { { 1, 2 }, { 3, 4 }, { 1, 2 } }
    local count, positions = shared(a, nn.tensor { { 1, 2 }, { 5, 6 }, { 1, 2 } })
    assert.are.equal(2, count)
    assert.are.same({ 1, 3 }, positions)
    assert.are.equal(0, (shared(a, nn.tensor { { 2, 1 } })))
    assert.are.equal(3, (shared(a:transpose():copy():transpose(), a)))
    assert.are.equal(1, (shared(a, a, nn.tensor { { 1, 2 }, { 9, 9 } })))
    local many = nn.arange(10000):reshape { 5000, 2 }
    assert.are.equal(2500, (shared(many[{ { 1, 2500 } }], many)))
    assert.are.same({ 2, 1 }, { engine.distinct_rows(engine.row_hashes(a)) })
  end)

  it("are those of several tensors side by side", function()
    local a, b = nn.tensor { { 1 }, { 2 } }, nn.tensor { { 3 }, { 4 } }
    assert.are.equal(engine.row_hashes(a, b), engine.row_hashes(a:copy(), b:copy()))
    assert.are_not.equal(engine.row_hashes(a, b), engine.row_hashes(b, a))
    assert.has_error(function() engine.row_hashes(a, nn.ones { 3, 1 }) end)
    assert.has_error(function() engine.row_hashes(nn.ones { 0, 2 }) end)
  end)
end)

describe("what is remembered of a tensor", function()
  local memoize = require "nn.support.memoize"

  it("serves all views of the same memory until it is assigned to, but not any number of them", function()
    local calls = 0
    local count = memoize(function(t)
      calls = calls + 1
      return #t
    end, true)
    local x = nn.ones { 500, 2 }
    for _ = 1, 3 do assert.are.equal(10, count(x[{ { 11, 20 } }])) end
    assert.are.equal(1, calls)
    count(x[{ { 11, 21 } }])
    assert.are.equal(2, calls)
    x[12] = 5
    count(x[{ { 11, 20 } }])
    assert.are.equal(3, calls)
    for i = 1, 200 do count(x[{ { i, i } }]) end
    count(x[{ { 11, 20 } }])
    assert.are.equal(204, calls)
  end)
end)

describe("columns", function()
  local columns = require("engine.data").columns

  it("are described by what is finite in them", function()
    local found = columns(nn.tensor { { 1, 2, 7 }, { 0 / 0, 4, 7 }, { 5, 1 / 0, 7 } })
    assert.are.same({ 1, 2, 7 }, found.low:totable())
    assert.are.same({ 5, 4, 7 }, found.high:totable())
    assert.are.same({ 3, 3, 7 }, found.mean:totable())
    assert.are.same({ 2, 1, 0 }, found.deviation:totable())
    assert.are.same({ 2, 2 }, { found.broken, found.first })
  end)

  it("are those of all types, many and far from 0 too", function()
    local x = nn.random.normal { shape = { 100, 3, 200 }, seed = 1 } + 1000
    local found, rows = columns(x), x:reshape { 100, -1 }
    assert.is_true((found.mean - rows:mean(1)):abs():max() < 1e-3)
    assert.is_true((found.deviation - rows:std(1)):abs():max() < 1e-3)
    local bytes = (x - 1000):gt(0):astype "uint8"
    assert.is_true((columns(bytes).mean - bytes:reshape({ 100, -1 }):mean(1)):abs():max() < 1e-6)
  end)
end)
