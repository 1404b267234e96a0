-- Models and weights from files of Keras: genuine ones give the outputs that are stored beside them.

local hdf5 = require "nn.keras.hdf5"
local lfs = require "lfs"
local nn = require "nn"

local KERAS = (os.getenv "NNRUN_DATA" or "data") .. "/keras_files/"
local has_files = lfs.attributes(KERAS, "mode") == "directory"
local path = os.tmpname()

local function first(group) return group.items[group.names[1]] end

local function distance(p, y) return (p - y):abs():max() end

describe("files of Keras", function()
  setup(function() nn.advice.silence() end)
  after_each(function()
    os.remove(path .. ".h5")
    os.remove(path .. ".keras")
  end)

  it("give the outputs that were stored with them", function()
    if not has_files then return pending "no genuine files: NNRUN_DATA" end
    local count = 0
    for name in lfs.dir(KERAS .. "pairs") do
      local base = name:match "^(.*)_model%.h5$"
      if base then
        local numbers = hdf5.read(KERAS .. "pairs/" .. base .. "_inputs_and_outputs.h5")
        local x, y = first(numbers:at "inputs"), first(numbers:at "predictions")
        local model = nn.models.load_model(KERAS .. "pairs/" .. name)
        assert.is_true(distance(model:predict(x, { verbose = 0 }), y) < 1e-5, base)
        for _, weight in ipairs(model:named_weights()) do weight.tensor[{}] = 0 end
        model:load_weights(KERAS .. "pairs/" .. base .. "_weights.h5")
        assert.is_true(distance(model:predict(x, { verbose = 0 }), y) < 1e-5, base)
        assert.is_not_nil(model.compiled, base)
        count = count + 1
      end
    end
    assert.is_true(count > 5)
  end)

  it("of functional models, and of Keras 3, are loaded", function()
    if not has_files then return pending "no genuine files: NNRUN_DATA" end
    for _, name in ipairs { "tfkeras/cnn2d_100.h5", "tfkeras/mlp_40.h5", "tfkeras/rnn_3.h5", "tfkeras/adv_act_4.h5",
      "keras_v3/weather_cnn.keras", "keras_v3/weather_gru.keras", "h5_keras2_pairs/flight_lstm_model.keras" } do
      local model = nn.models.load_model(KERAS .. name, { compile = false })
      assert.is_true(#model.layers > 0, name)
      assert.is_nil(model.compiled)
    end
    local model = nn.models.load_model(KERAS .. "keras_v3/weather_cnn.keras")
    assert.equal("Adam", model.optimizer.class_name)
  end)

  it("name the layer that is not known, and what to do", function()
    if not has_files then return pending "no genuine files: NNRUN_DATA" end
    assert.error_matches(function() nn.models.load_model(KERAS .. "keras_v3/keras_nested_container.keras") end,
      "keras_nested_container.keras: there is no layer NestedDenseModel: .*custom_objects")
  end)

  it("that are damaged are named", function()
    for _, ending in ipairs { ".h5", ".keras" } do
      local file <close> = io.open(path .. ending, "wb")
      file:write "no model"
      file:close()
      assert.error_matches(function() nn.models.load_model(path .. ending) end, "load_model: .*damaged")
    end
    assert.error_matches(function() nn.models.load_model "none.h5" end, "none.h5: No such file")
  end)
end)
