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

  local L = nn.layers

  local function recurrent()
    local model = nn.Sequential { L.Bidirectional { L.LSTM { 2, return_sequences = true }, input_shape = { 3, 2 } },
      L.TimeDistributed { L.Dense { 3 } }, L.BatchNormalization {}, L.RNN { { L.LSTMCell { 3 }, L.GRUCell { 2 } } },
      L.Dense { 1, kernel_regularizer = "l2" } }
    model:compile { optimizer = "adam", loss = "mse", metrics = { "mae" } }
    return model, nn.random.normal { shape = { 4, 3, 2 }, seed = 1 }
  end

  local function graph()
    local x = nn.Input { shape = { 3, 4 } }
    local shared = L.Dense { 4, activation = "tanh" }
    local inner = nn.Sequential { L.Dense { 4, input_shape = { 3, 4 } }, L.LayerNormalization {} }
    local h = L.MultiHeadAttention { 2, 2 } { x, inner(shared(x)) }
    local _, state, cell = L.LSTM { 3, return_state = true }(L.Add {} { h, shared(h) })
    local y = L.LSTM { 3 }(x, { initial_state = { state, cell } })
    return nn.Model { inputs = { x }, outputs = { L.Dense { 2 }(L.concatenate { y, state }) } },
      nn.random.normal { shape = { 2, 3, 4 }, seed = 1 }
  end

  for name, make in pairs { recurrent = recurrent, functional = graph } do
    it("come back as they were written: " .. name, function()
      local model, x = make()
      model:save(path .. ".keras")
      local same = nn.models.load_model(path .. ".keras")
      assert.equal(0, distance(model:predict(x, { verbose = 0 }), same:predict(x, { verbose = 0 })))
      assert.equal(model.compiled ~= nil, same.compiled ~= nil)
      for _, weight in ipairs(same:named_weights()) do weight.tensor[{}] = 0.5 end
      model:save_weights(path .. ".weights.h5")
      same:load_weights(path .. ".weights.h5")
      os.remove(path .. ".weights.h5")
      assert.equal(0, distance(model:predict(x, { verbose = 0 }), same:predict(x, { verbose = 0 })))
    end)
  end

  it("have the layout of Keras 3", function()
    local x = nn.Input { shape = { 4 }, name = "x" }
    local y = L.Concatenate { axis = 2, name = "both" } { x, L.Dense { 2, name = "d" }(x) }
    nn.Model { inputs = { x }, outputs = { y } }:save(path .. ".keras")
    local entries = require("engine.zip").read(require("nn.support.files").read(path .. ".keras"))
    local entry = require("dkjson").decode(entries["config.json"], 1, false)
    assert.same({ "keras.src.models.functional", "Functional", false },
      { entry.module, entry.class_name, entry.registered_name })
    local input, dense, both = table.unpack(entry.config.layers)
    assert.same({ false, 4 }, { input.config.batch_shape[1], input.config.batch_shape[2] })
    assert.same({ "keras.layers", "Dense", "d" }, { dense.module, dense.class_name, dense.name })
    assert.same({ "keras.initializers", "GlorotUniform" },
      { dense.config.kernel_initializer.module, dense.config.kernel_initializer.class_name })
    assert.equal(1, both.config.axis)
    local tensors = both.inbound_nodes[1].args[1]
    assert.same({ "__keras_tensor__", "x", "d" }, { tensors[1].class_name, tensors[1].config.keras_history[1],
      tensors[2].config.keras_history[1] })
    assert.same({ { "both", 0, 0 } }, entry.config.output_layers)
    local root = hdf5.read("model.weights.h5", entries["model.weights.h5"])
    assert.same({ 4, 2 }, { table.unpack(root:at("layers/dense/vars/0").shape) })
  end)

  it("have no functions of Lua and no layers of one's own", function()
    local model = nn.Sequential { L.Lambda { function(x) return x * 2 end, input_shape = { 2 } } }
    assert.error_matches(function() model:save(path .. ".keras") end, "save: .*%.safetensors")
    assert.error_matches(function() model:save(path .. ".h5") end, "has to end in .safetensors or .keras")
  end)

  it("tell the layer whose weights have another shape", function()
    nn.Sequential { L.Dense { 3, input_shape = { 2 } } }:save_weights(path .. ".weights.h5")
    local model = nn.Sequential { L.Dense { 4, input_shape = { 2 }, name = "wide" } }
    local file = path .. ".weights.h5"
    assert.error_matches(function() model:load_weights(file) end, "layer wide: kernel: expected shape 2x4, .* 2x3")
    model:load_weights(file, { skip_mismatch = true })
    os.remove(file)
  end)

  it("of Keras 1 have kernels in the order of Theano's axes", function()
    local root, kernel = hdf5.group(), nn.random.normal { shape = { 2, 2, 2, 2 }, seed = 1 }
    root.attributes.keras_version = "1.2.2"
    root.attributes.model_config = [[{"class_name": "Sequential", "config": [{"class_name": "Convolution2D", "config":
      {"name": "c", "batch_input_shape": [null, 2, 5, 5], "nb_filter": 2, "nb_row": 2, "nb_col": 2, "border_mode":
      "valid", "dim_ordering": "th", "bias": true, "init": "glorot_uniform", "subsample": [1, 1]}}]}]]
    root:make("model_weights").attributes.layer_names = { "c" }
    local group = root:make "model_weights/c"
    group.attributes.weight_names = { "c_W", "c_b" }
    group:add("c_W", kernel)
    group:add("c_b", nn.zeros { 2 })
    assert(hdf5.write(path .. ".h5", root))
    local layer = nn.models.load_model(path .. ".h5").layers[1]
    assert.same({ 2, 4, 4 }, { table.unpack(layer.output_shape) })
    assert.equal(0, distance(layer.kernel, kernel:transpose { 3, 4, 2, 1 }))
  end)

  it("of Keras 3 have the words of text layers in files of their own", function()
    local config = [[{"class_name": "Sequential", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 1], "dtype": "string"}},
      {"class_name": "TextVectorization", "config": {"name": "t", "vocabulary": null, "output_mode": "int"}}]}}]]
    local zip = require "engine.zip"
    assert(require("nn.support.files").write(path .. ".keras", zip.make { { "config.json", config },
      { "model.weights.h5", hdf5.bytes(hdf5.group()) },
      { "assets/layers/text_vectorization/vocabulary.txt", "\n[UNK]\nthe\ncat" } }))
    local model = nn.models.load_model(path .. ".keras")
    assert.same({ "", "[UNK]", "the", "cat" }, model.layers[1]:get_vocabulary())
  end)

  it("with code in Python do not run it", function()
    local config = [[{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Lambda", "config":
      {"name": "twice", "function": ["code", null, null], "batch_input_shape": [null, 2]}}]}}]]
    local root = hdf5.group()
    root.attributes.model_config = config
    root:make("model_weights").attributes.layer_names = { "twice" }
    root:make "model_weights/twice"
    assert(hdf5.write(path .. ".h5", root))
    assert.error_matches(function() nn.models.load_model(path .. ".h5") end,
      "the layer twice is a Lambda with code in Python, which is not run: .*custom_objects = { twice")
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

describe("files of Keras with classes of one's own", function()
  local L = nn.layers
  local file = path .. ".weights.h5"

  local Block = L.Layer:extend { name = "Block",
    init = function(self) self.ffn, self.norm = { L.Dense { 4 }, L.Dense { 3 } }, L.LayerNormalization {} end,
    build = function(self) self:add_weight { name = "scale", shape = { 3 }, initializer = "ones" } end,
    call = function(self, x) return self.norm(self.ffn[2](self.ffn[1](x)) + x) end }
  local Net = nn.Model:extend { name = "Net",
    init = function(self)
      self.first = L.Dense { 3 }
      self.blocks = { Block {}, Block {} }
      self.out = L.Dense { 2 }
    end,
    call = function(self, x)
      x = self.first(x)
      for _, block in ipairs(self.blocks) do x = block(x) end
      return self.out(x)
    end }

  setup(function() nn.advice.silence() end)
  teardown(function() os.remove(file) end)

  it("have the weights at the names of their fields", function()
    local model, same, x = Net { input_shape = { 5 } }, Net { input_shape = { 5 } }, nn.ones { 2, 5 }
    model:save_weights(file)
    same:load_weights(file)
    assert.equal(0, distance(model:predict(x), same:predict(x)))
    local root = hdf5.read(file)
    for _, place in ipairs { "first", "blocks/block", "blocks/block_1/ffn/dense_1", "layers/dense_1" } do
      assert.is_not_nil(root:at(place .. "/vars/0"), place) -- `out` comes after `layers`, where Keras finds it first
    end
    local other = nn.Model:extend { name = "Other", init = function(self) self.second = Block {} end,
      call = function(self, x_) return self.second(x_) end } { input_shape = { 3 } }
    assert.error_matches(function() other:load_weights(file) end, "no weights of other.*/second: fields have to be")
  end)

  it("tell an error in such a class as it is", function()
    local root = hdf5.group()
    root.attributes.model_config = [[{"class_name": "Sequential", "config": [{"class_name": "Faulty", "config":
      {"name": "f"}}]}]]
    root:make("model_weights").attributes.layer_names = { "f" }
    assert(hdf5.write(path .. ".h5", root))
    local Faulty = L.Layer:extend { name = "Faulty", init = function(self) return self.missing.field end,
      call = function(_, x) return x end }
    assert.error_matches(function() nn.models.load_model(path .. ".h5", { custom_objects = { Faulty = Faulty } }) end,
      "load_model: .*attempt to index a nil value %(field 'missing'%)")
    os.remove(path .. ".h5")
  end)

  it("tell with --trace where nnrun failed over a damaged config", function()
    local blame, config = require "nn.support.blame", require "nn.keras.config"
    local read, shows = config.read, blame.shows_trace
    config.read = function() error("scripts/nn/keras/config.lua:1: attempt to index a nil value", 0) end
    nn.Sequential { L.Dense { 1, input_shape = { 1 } } }:save(path .. ".keras")
    local messages = {}
    for i, is_shown in ipairs { false, true } do
      blame.shows_trace = is_shown
      messages[i] = select(2, pcall(nn.models.load_model, path .. ".keras"))
    end
    config.read, blame.shows_trace = read, shows
    os.remove(path .. ".keras")
    assert.matches("its config is damaged: a value is not of the kind that Keras writes$", messages[1])
    assert.matches("attempt to index a nil value\nstack traceback", messages[2])
  end)

  it("come from a genuine file", function()
    if not has_files then return pending "no genuine files: NNRUN_DATA" end
    local Nested = nn.Model:extend { name = "NestedDenseModel",
      init = function(self)
        local list = {}
        for i = 1, self.num do list[i] = L.Dense { 4, use_bias = false } end
        self.hidden = list
        self.out = L.Dense { 2 }
      end,
      call = function(self, x)
        for _, each in ipairs(self.hidden) do x = each(x) end
        return self.out(x)
      end }
    local model = nn.models.load_model(KERAS .. "keras_v3/keras_nested_container.keras", {
      custom_objects = { NestedDenseModel = Nested } })
    local bytes = require("engine.zip").read(require("nn.support.files").read(KERAS
      .. "keras_v3/keras_nested_container.keras"))["model.weights.h5"]
    local root = hdf5.read("w", bytes)
    assert.equal(0, distance(model.hidden[2].weights[1], root:at "layers/dense_1/vars/0"))
    assert.equal(0, distance(model.out.weights[2], root:at "layers/dense_3/vars/1"))
  end)
end)
