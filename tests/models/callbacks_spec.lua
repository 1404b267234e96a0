-- Callbacks: driven by hand with the values of Keras' own runs, and in fit.
local lfs = require "lfs"
local expect = require "tests.support.expect"
local files = require "nn.support.files"
local golden = require "tests.support.golden"
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local callbacks = nn.callbacks
local bits, fails = expect.bits, expect.fails

-- What a callback needs of a model; its weights are the number of the epoch.
local function fake_model(rate)
  return {
    optimizer = { learning_rate = rate }, weights = nil, outputs = { { shape = { 1 } } }, output_names = { "a" },
    compiled = { loss = "mse", metrics = { nn.metrics.BinaryAccuracy { name = "hits" } } },
    get_weights = function(self) return self.weights end,
    set_weights = function(self, weights) self.weights = weights end,
  }
end

local function drive(callback, model, monitor, values)
  local rates, epochs = {}, 0
  callback.model = model
  callback:on_train_begin {}
  for i, value in ipairs(values) do
    model.weights, epochs = i - 1, i
    callback:on_epoch_begin(i - 1, {})
    callback:on_epoch_end(i - 1, { [monitor] = value })
    rates[i] = model.optimizer.learning_rate
    if model.stop_training then break end
  end
  callback:on_train_end {}
  return epochs, rates
end

local function temporary(name)
  local folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
  return folder .. "/" .. name, folder
end

local function blobs(n)
  local x = nn.random.normal { shape = { n, 2 }, seed = 7 }
  return x, (x[{ {}, 1 }] + x[{ {}, 2 }]):gt(0)
end

local function classifier(optimizer)
  nn.utils.set_random_seed(1)
  require("nn.support.names").reset()
  local model = nn.Sequential { nn.layers.Dense { 8, activation = "relu", input_shape = { 2 } },
    nn.layers.Dense { 2, activation = "softmax" } }
  model:compile { optimizer = optimizer or nn.optimizers.SGD { 0.1 }, loss = "sparse_categorical_crossentropy" }
  return model
end

describe("golden callbacks", function()
  for _, case in ipairs(golden.cases "callbacks") do
    it(case.id, function()
      local want, model = case.expected, fake_model(case.inputs.initial_learning_rate)
      local config = {}
      for name, value in pairs(case.config) do config[name] = value end
      local callback = callbacks[case.op](config)
      local epochs, rates = drive(callback, model, case.config.monitor, case.inputs.monitored_values)
      for i, rate in ipairs(want.learning_rate_after_epoch or {}) do
        assert.is_near(rate, rates[i], case.tolerance.atol * rate)
      end
      if want.epochs_trained then
        assert.are.equal(want.epochs_trained, epochs)
        assert.are.equal(want.stopped_epoch, callback.stopped_epoch)
        assert.are.equal(want.stopped, model.stop_training == true)
        assert.are.equal(want.final_weights_epoch, model.weights)
        assert.are.equal(want.best, callback.best)
        assert.are.equal(want.best_epoch, callback.best_epoch)
      end
    end)
  end
end)

-- class -> what shows that it works
local EXAMPLES = {}

function EXAMPLES.EarlyStopping()
  local function run(values, options)
    local stopping, model = callbacks.EarlyStopping(options), fake_model()
    local epochs = drive(stopping, model, options.monitor or "val_loss", values)
    return epochs, stopping, model
  end
  -- equal is no improvement, and patience 0 and 1 stop alike
  for patience = 0, 1 do assert.are.equal(2, (run({ 3, 3, 1, 1 }, { patience = patience }))) end
  -- a baseline keeps the patience running while the best advances
  local epochs, stopping = run({ 9, 8, 7, 6 }, { patience = 3, baseline = 5 })
  assert.are.equal(4, epochs)
  assert.are.equal(6, stopping.best)
  -- the best weights come back even where it did not stop, and none are older than start_from_epoch
  local _, again, model = run({ 1, 5, 2, 3 }, { patience = 9, restore_best_weights = true, start_from_epoch = 1 })
  assert.are.equal(0, again.stopped_epoch)
  assert.are.equal(2, model.weights)
  -- more is better where the metric says so, whatever it is called
  assert.are.equal(4, (run({ 1, 2, 3, 3 }, { monitor = "val_hits" })))
  -- what is not a number is no improvement, and the first that is one is
  local _, after_nan = run({ 0 / 0, 2, 3, 1 }, { patience = 2 })
  assert.are.same({ 1, 3 }, { after_nan.best, after_nan.best_epoch })
  -- compared in float32: 0.7 + 0.1 is not less than 0.8, as it is in double
  assert.are.equal(2, (run({ 0.8, 0.7, 0.1 }, { min_delta = 0.1 })))
  -- used again, it begins anew
  assert.are.equal(3, (drive(stopping, fake_model(), "val_loss", { 9, 9, 9, 9, 9 })))
  fails("mode", callbacks.EarlyStopping, { mode = "less" })
  fails("did you mean patience", callbacks.EarlyStopping, { patienc = 1 })
  fails("patience: expected a whole number of at least 0, got -1", callbacks.EarlyStopping, { patience = -1 })
  fails('min_delta: expected a number, got "x"', callbacks.EarlyStopping, { min_delta = "x" })
  fails("baseline", callbacks.EarlyStopping, { baseline = "x" })
  fails("verbose", callbacks.EarlyStopping, { verbose = true })
  fails("EarlyStopping: monitor speed: the model has no such metric; it has: hits, loss", run, { 1, 2 },
    { monitor = "speed" })
end

function EXAMPLES.ReduceLROnPlateau()
  local _, rates = drive(callbacks.ReduceLROnPlateau { factor = 0.5, patience = 2 }, fake_model(0.8), "val_loss",
    { 1, 1, 1, 1, 1, 0.99995, 0.5 })
  assert.are.same({ 0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.2 }, rates) -- improvements below 0.0001 are none
  fails("factor: expected less than 1", callbacks.ReduceLROnPlateau, { factor = 1 })
  local schedule = nn.optimizers.schedules.ExponentialDecay { 0.1, 10, 0.5 }
  fails("follows a schedule", drive, callbacks.ReduceLROnPlateau {}, fake_model(schedule), "val_loss", { 1 })
  local x, y = blobs(40)
  local history = classifier():fit(x, y, { epochs = 3, verbose = 0,
    callbacks = callbacks.ReduceLROnPlateau { monitor = "loss", patience = 1, min_delta = 10 } })
  for i, rate in ipairs { 0.1, 0.1, 0.01 } do assert.is_near(rate, history.history.learning_rate[i], 1e-12) end
  assert.are.same({ "loss", "learning_rate" }, history.order)
end

function EXAMPLES.LearningRateScheduler()
  local seen = {}
  local scheduler = callbacks.LearningRateScheduler(function(epoch, rate)
    seen[#seen + 1] = { epoch, rate }
    return rate / 2
  end)
  local _, rates = drive(scheduler, fake_model(0.8), "loss", { 1, 1, 1 })
  assert.are.same({ 0.4, 0.2, 0.1 }, rates)
  assert.are.same({ { 0, 0.8 }, { 1, 0.4 }, { 2, 0.2 } }, seen)
  local pieces = nn.optimizers.schedules.PiecewiseConstantDecay { { 0 }, { 3, 4 } }
  local by_schedule = callbacks.LearningRateScheduler { pieces }
  assert.are.same({ 3, 4, 4 }, select(2, drive(by_schedule, fake_model(1), "loss", { 1, 1, 1 })))
  fails("expected a function", callbacks.LearningRateScheduler, { 3 })
  fails("expected the schedule to give a number", drive, callbacks.LearningRateScheduler(function() end), fake_model(1),
    "loss", { 1 })
end

function EXAMPLES.ModelCheckpoint()
  local x, y = blobs(60)
  local path, folder = temporary "made/epoch-{epoch:02d}-{loss:.3f}.safetensors"
  local model = classifier()
  local history = model:fit(x, y, { epochs = 2, verbose = 0,
    callbacks = callbacks.ModelCheckpoint { path, save_weights_only = true } })
  local names = files.list(folder .. "/made")
  assert.are.same({ ("epoch-01-%.3f.safetensors"):format(history.history.loss[1]),
    ("epoch-02-%.3f.safetensors"):format(history.history.loss[2]) }, names)
  local other = classifier()
  other:load_weights(folder .. "/made/" .. names[2])
  assert.are.equal(bits(model), bits(other))
  files.remove(folder)

  local function saved(options, batches)
    local list, fake = {}, fake_model()
    function fake.save(_, name) list[#list + 1] = name end
    fake.save_weights = fake.save
    local checkpoint = callbacks.ModelCheckpoint(options)
    if batches then
      checkpoint.model = fake
      for batch = 0, 5 do checkpoint:on_train_batch_end(batch, { loss = batch }) end
    else
      drive(checkpoint, fake, "val_loss", { 3, 4, 2 })
    end
    return list
  end
  assert.are.same({ "1.safetensors", "3.safetensors" }, saved { "{epoch}.safetensors", save_best_only = true })
  assert.are.same({ "3.safetensors" },
    saved { "{epoch}.safetensors", save_best_only = true, initial_value_threshold = 2.5 })
  assert.are.same({ "2.safetensors" }, saved { "{epoch}.safetensors", save_best_only = true, mode = "max",
    initial_value_threshold = 3 })
  assert.are.same({ "b2.safetensors", "b4.safetensors", "b6.safetensors" },
    saved({ "b{batch}.safetensors", save_freq = 2 }, true))
  assert.is_nil(callbacks.ModelCheckpoint("a.safetensors").on_train_batch_end)
  fails("there is no val_los; there are epoch, val_loss", saved, { "{val_los}.safetensors" })
  fails("a format is like 02d or .4f, got %s", saved, { "{epoch:%s}.safetensors" })
  local half = callbacks.ModelCheckpoint { "{loss:d}.safetensors", save_weights_only = true }
  half.model = fake_model()
  fails("loss is no whole number", half.on_epoch_end, half, 0, { loss = 0.5 })
  fails("ends in .safetensors", callbacks.ModelCheckpoint, { "weights.h5" })
end

function EXAMPLES.CSVLogger()
  local path, folder = temporary "log.csv"
  local function run(options, epochs)
    local logger = callbacks.CSVLogger(options)
    logger.model = fake_model()
    logger:on_train_begin {}
    for epoch, logs in ipairs(epochs) do logger:on_epoch_end(epoch - 1, logs) end
    logger:on_train_end {}
    return golden.read(path)
  end
  local first = "epoch,accuracy,loss\n0,0.5,1.25\n1,NA,nan\n"
  assert.are.equal(first, run({ path }, { { loss = 1.25, accuracy = 0.5 }, { loss = 0 / 0 } }))
  local longer = run({ path, append = true }, { { loss = 2, accuracy = 1 } })
  assert.are.equal(first .. "0,1,2\n", longer)
  assert.are.equal("epoch;loss\n0;1\n", run({ path, separator = ";" }, { { loss = 1 } }))
  assert.are.equal('epoch,f1\n0,"[0.5, 1]"\n', run({ path }, { { f1 = nn.tensor { 0.5, 1 } } }))
  local x, y = blobs(40)
  classifier():fit(x, y, { epochs = 2, verbose = 0, validation_split = 0.5, validation_freq = 2,
    callbacks = { callbacks.CSVLogger { path } } })
  local text = golden.read(path)
  assert.is_truthy(text:match "^epoch,loss,val_loss\n0,[%d.]+,NA\n1,[%d.]+,[%d.]+\n$", text)
  -- a log of other columns is kept under another name, and a last line without an end is ended, or left out
  local function log_after(old, name)
    local log = assert(io.open(folder .. "/old.csv", "w"))
    log:write(old)
    log:close()
    local stderr = io.stderr
    io.stderr = { write = function() end } -- luacheck: ignore
    local logger = callbacks.CSVLogger { folder .. "/old.csv", append = true }
    logger:on_train_begin {}
    logger:on_epoch_end(0, { loss = 1, ["a,b"] = 2 })
    logger:on_train_end {}
    io.stderr = stderr -- luacheck: ignore
    return golden.read(folder .. "/" .. (name or "old.csv"))
  end
  assert.are.equal('epoch,"a,b",loss\n0,2,1\n', log_after "epoch,loss\n0,7\n")
  assert.are.equal("epoch,loss\n0,8\n", log_after("epoch,loss\n0,8\n", "old.2.csv"))
  assert.are.equal('epoch,"a,b",loss\n0,5,6\n0,2,1\n', log_after 'epoch,"a,b",loss\n0,5,6')
  assert.are.equal('epoch,"a,b",loss\n0,2,1\n', log_after 'epoch,"a,b",loss\n0,5')
  fails("separator: expected one character", callbacks.CSVLogger, { "x.csv", separator = "" })
  files.remove(folder)
  fails("CSVLogger: ", run, { folder .. "/no/where.csv" }, { { loss = 1 } })
  fails("filename is missing", callbacks.CSVLogger, {})
end

function EXAMPLES.TerminateOnNaN()
  for _, method in ipairs { "on_batch_end", "on_epoch_end" } do
    for _, value in ipairs { 0 / 0, math.huge, -math.huge } do
      local callback, model = callbacks.TerminateOnNaN {}, fake_model()
      callback.model = model
      callback[method](callback, 0, { loss = 1 })
      assert.is_nil(model.stop_training)
      callback[method](callback, 1, { loss = value })
      assert.is_true(model.stop_training)
    end
  end
end

function EXAMPLES.LambdaCallback()
  local calls = {}
  local function note(name) return function(value) calls[#calls + 1] = name .. (math.type(value) or "") end end
  local x, y = blobs(20)
  classifier():fit(x, y, { batch_size = 10, verbose = 0, validation_data = { x, y }, callbacks = {
    callbacks.LambdaCallback {
      on_train_begin = note "begin", on_epoch_begin = note "epoch", on_train_batch_begin = note "batch",
      on_train_batch_end = note "done", on_test_begin = note "test", on_test_end = note "tested",
      on_epoch_end = note "over", on_train_end = note "end",
    },
  } })
  assert.are.equal("begin epochinteger batchinteger doneinteger batchinteger doneinteger test tested overinteger end",
    table.concat(calls, " "))
  fails("on_epoch_end: expected a function, got 3", callbacks.LambdaCallback, { on_epoch_end = 3 })
  fails("did you mean on_epoch_end", callbacks.LambdaCallback, { on_epochs_end = print })
end

function EXAMPLES.History()
  local own = callbacks.History {}
  local x, y = blobs(20)
  local history = classifier():fit(x, y, { epochs = 3, verbose = 0, callbacks = own })
  assert.are.equal(3, #own.history.loss)
  assert.are.same(history.history, own.history)
  assert.are.same({ 0, 1, 2 }, own.epoch)
end

function EXAMPLES.ProgbarLogger()
  local path, folder = temporary "shown"
  local script = folder .. "/script.lua"
  local file = assert(io.open(script, "w"))
  file:write [[
    local nn = require "nn"
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 1 } } }
    model:compile { loss = "mse" }
    model:fit({ 1, 2 }, { 1, 2 }, { epochs = 2, callbacks = { "progbar_logger" } })
    model:fit({ 1, 2 }, { 1, 2 }, { verbose = 0 })
  ]]
  file:close()
  os.execute(("%s %s 2> %s"):format(require("tests.support.runs").PROGRAM, script, path))
  local text = golden.read(path)
  assert.is_truthy(text:match "^Epoch 1/2 %- [%d.]+s %- %d+[mu]?s/step %- loss: [%d.e-]+\nEpoch 2/2 [^\n]+\n$", text)
  files.remove(folder)
end

function EXAMPLES.LearningRateFinder()
  nn.utils.set_random_seed(1)
  -- Least squares with noise: a rate above 1 / mean(x^2) grows the error.
  local model = nn.Sequential {
    nn.layers.Dense { 1, kernel_initializer = "zeros", use_bias = false, input_shape = { 1 } },
  }
  model:compile { optimizer = nn.optimizers.SGD { 0.3, momentum = 0.1 }, loss = "mse" }
  local before = model:get_weights()[1]:item()
  local finder = callbacks.LearningRateFinder { min_rate = 1e-4, max_rate = 100 }
  local x = nn.random.normal { shape = { 3200, 1 }, seed = 5 }
  local y = x * 3 + nn.random.normal { shape = { 3200, 1 }, seed = 6 }
  model:fit(x, y, { batch_size = 8, verbose = 0, callbacks = finder })
  assert.is_true(#finder.rates < 400 and #finder.losses == #finder.rates)
  assert.is_near(1e-4, finder.rates[1], 1e-12)
  assert.is_near(1e-4 * 1e6 ^ (1 / 399), finder.rates[2], 1e-12)
  assert.is_true(finder:diverged_at() > 0.5 and finder:diverged_at() < 3, tostring(finder:diverged_at()))
  assert.are.equal(finder:diverged_at() / 2, finder:suggestion())
  assert.are.equal(before, model:get_weights()[1]:item())
  assert.are.equal(0.3, model.optimizer.learning_rate)
  assert.are.equal(0, model.optimizer.iterations)
  assert.are.equal(0, model.optimizer.slots:find(model.weights[1])[1]:abs():max())
  assert.are.equal("function", type(finder:plot().write))

  local timid = callbacks.LearningRateFinder { max_rate = 1e-3, steps = 50 }
  model:fit(x, y, { batch_size = 8, verbose = 0, callbacks = timid })
  assert.are.equal(50, #timid.rates)
  assert.is_near(1e-3, timid.rates[50], 1e-9)
  fails("did not diverge from rate 1e-05 to 0.001", timid.suggestion, timid)
  fails("max_rate", callbacks.LearningRateFinder, { min_rate = 1, max_rate = 0.1 })
end

describe("every callback", function()
  for class in pairs(callbacks) do
    if class:match "^%u" and class ~= "Callback" then -- that one: see custom_callback_spec.lua
      it(class .. " does what it says", function()
        assert(EXAMPLES[class], class .. " has no example")()
      end)
    end
  end
end)

describe("fit", function()
  it("takes callbacks as objects, tables of functions and names", function()
    local x, y = blobs(40)
    local epochs = 0
    classifier(nn.optimizers.SGD { 0.0 }):fit(x, y, { epochs = 9, verbose = 0, validation_split = 0.5,
      callbacks = { "early_stopping", { on_epoch_end = function() epochs = epochs + 1 end } } })
    assert.are.equal(2, epochs)
    local model = classifier()
    fails("unknown callback early_stoping; did you mean", model.fit, model, x, y, { callbacks = { "early_stoping" } })
    fails("expected a table of functions at position 1, got 3", model.fit, model, x, y, { callbacks = 3 })
  end)

  it("gives back the weights of the best epoch", function()
    local x, y = blobs(40)
    local model, seen = classifier(nn.optimizers.SGD { 0.1 }), {}
    local stopping = callbacks.EarlyStopping { "loss", mode = "max", patience = 3, restore_best_weights = true }
    model:fit(x, y, { epochs = 20, verbose = 0,
      callbacks = { stopping, { on_epoch_end = function(epoch) seen[epoch] = bits(model) end } } })
    assert.are.equal(3, stopping.stopped_epoch)
    assert.are.equal(seen[0], bits(model))
  end)
end)
