-- The state of optimizers in files of Keras: training goes on where it stopped, here or there.
local hdf5 = require "nn.keras.hdf5"
local lfs = require "lfs"
local nn = require "nn"

local KERAS = (os.getenv "NNRUN_DATA" or "data") .. "/keras_files/"
local path = os.tmpname()
local optimizers = nn.optimizers

local function samples()
  return nn.random.normal { shape = { 8, 3 }, seed = 1 }, nn.random.normal { shape = { 8, 2 }, seed = 2 }
end

-- A model in a model, a frozen layer, and weights that are not trained.
local function trained_with(optimizer)
  nn.utils.set_random_seed(1)
  local L, input = nn.layers, nn.Input { shape = { 3 } }
  local inner = nn.Sequential { L.Dense { 3, activation = "tanh", input_shape = { 3 } }, L.BatchNormalization {} }
  local frozen = L.Dense { 3, trainable = false }
  local model = nn.Model { inputs = input, outputs = L.Dense { 2 }(inner(frozen(L.Dense { 3 }(input)))) }
  model:compile { optimizer = optimizer, loss = "mse" }
  local x, y = samples()
  model:fit(x, y, { epochs = 2, batch_size = 4, verbose = 0, shuffle = false })
  return model
end

local function difference_after_more(a, b)
  local x, y = samples()
  for _, model in ipairs { a, b } do model:fit(x, y, { batch_size = 4, verbose = 0, shuffle = false }) end
  return (a:predict(x, { verbose = 0 }) - b:predict(x, { verbose = 0 })):abs():max()
end

describe("the state of an optimizer in a file of Keras", function()
  setup(function() nn.advice.silence() end)
  after_each(function()
    os.remove(path .. ".keras")
    os.remove(path .. ".h5")
  end)

  it("comes back, and training goes on as if it had not stopped", function()
    for _, optimizer in ipairs { optimizers.SGD { 0.1, momentum = 0.9 }, optimizers.Adam { amsgrad = true },
      optimizers.RMSprop { momentum = 0.5, centered = true }, "adagrad", "adadelta", "adamax", "ftrl", "lion",
      optimizers.AdamW { use_ema = true } } do
      local model = trained_with(optimizer)
      model.optimizer.learning_rate = model.optimizer.learning_rate / 2
      model:save(path .. ".keras")
      local same = nn.models.load_model(path .. ".keras")
      assert.equal(4, same.optimizer.iterations)
      assert.equal(0, difference_after_more(model, same), model.optimizer.class_name)
    end
  end)

  it("of genuine files is read", function()
    if lfs.attributes(KERAS, "mode") ~= "directory" then return pending "no genuine files: NNRUN_DATA" end
    for name, iterations in pairs { ["h5_keras2_pairs/flight_lstm_model.keras"] = 55500,
      ["h5_keras2_pairs/flight_lstm_model.h5"] = 16100, ["keras_v3/weather_cnn.keras"] = 23982 } do
      local model = nn.models.load_model(KERAS .. name)
      assert.equal(iterations, model.optimizer.iterations)
      for _, weight in ipairs(model:named_weights()) do
        assert.is_true(model.optimizer.slots:find(weight.tensor)[2]:min() >= 0, name) -- squares
      end
    end
  end)

  local CONFIG = [[{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "d", "units": 2,
    "batch_input_shape": [null, 2]}}]}]]
  local TRAINING = [[{"loss": "mse", "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.01}}}]]

  -- A file whose optimizer has these values, in this order.
  local function with_state(values)
    local root = hdf5.group()
    root.attributes = { keras_version = "2.4.3", model_config = CONFIG, training_config = TRAINING }
    root:make("model_weights").attributes.layer_names = { "d" }
    local group, state, names = root:make "model_weights/d", root:make "optimizer_weights", {}
    group.attributes.weight_names = { "kernel:0", "bias:0" }
    group:add("kernel:0", nn.ones { 2, 2 })
    group:add("bias:0", nn.ones { 2 })
    for i, value in ipairs(values) do
      names[i] = "w" .. i
      state:add(names[i], value)
    end
    state.attributes.weight_names = names
    assert(hdf5.write(path .. ".h5", root))
    return nn.models.load_model(path .. ".h5")
  end

  it("up to Keras 2.10 has the first vectors of all weights before the second", function()
    local model = with_state { nn.full({}, 7, "int32"), nn.full({ 2, 2 }, 1), nn.full({ 2 }, 2), nn.full({ 2, 2 }, 3),
      nn.full({ 2 }, 4) }
    local found = {}
    for i, weight in ipairs(model:named_weights()) do
      for k, slot in ipairs(model.optimizer.slots:find(weight.tensor)) do found[2 * i + k - 2] = slot:max() end
    end
    assert.same({ 1, 3, 2, 4 }, found)
    assert.equal(7, model.optimizer.iterations)
    assert.is_true(math.abs(model.optimizer.learning_rate - 0.01) < 1e-9)
  end)

  it("that does not fit is left away", function()
    local model = with_state { nn.full({}, 7, "int32"), nn.ones { 2, 2 }, nn.ones { 3 } }
    assert.equal(0, model.optimizer.iterations)
    assert.is_nil(model.optimizer.slots:find(model:named_weights()[1].tensor))
  end)
end)
