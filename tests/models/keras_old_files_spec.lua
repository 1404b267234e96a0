-- `.h5` files of Keras 1 and 2 for which there is no genuine one: written here as those generations did, with the
-- weights of a model of nnrun's, whose outputs they have to give.
local hdf5 = require "nn.keras.hdf5"
local nn = require "nn"

local L = nn.layers
local path = os.tmpname() .. ".h5"

-- A file: layers is a list of { name, weights }, config the JSON text of one layer or of several, or of a whole model.
local function write(about, config, layers)
  local root = hdf5.group()
  root.attributes.keras_version, root.attributes.backend = about.version, about.backend or "tensorflow"
  root.attributes.model_config = about.is_whole and config
    or ([[{"class_name": "Sequential", "config": [%s]}]]):format(config)
  local group = root:make "model_weights"
  for i, each in ipairs(layers) do
    local names, own = {}, group:make(each[1])
    for k, value in ipairs(each[2]) do
      names[k] = each[1] .. "_" .. k
      own:add(names[k], value)
    end
    own.attributes.weight_names = names
    group.attributes["layer_names" .. i - 1] = { each[1] } -- as lists of more than 64 kB are split
  end
  assert(hdf5.write(path, root))
end

local function model_of(...)
  nn.utils.set_random_seed(5)
  local model, values = nn.Sequential { ... }, {}
  for i, weight in ipairs(model:get_weights()) do
    values[i] = nn.random.uniform { shape = weight.shape, minval = -0.7, maxval = 0.9, seed = i }
  end
  model:set_weights(values)
  return model, model:get_weights()
end

local function assert_same(model, ...)
  local x = nn.random.normal { shape = { 2, ... }, seed = 9 }
  local given = nn.models.load_model(path):predict(x, { verbose = 0 })
  assert.is_true((given - model:predict(x, { verbose = 0 })):abs():max() < 1e-6)
end

local function gates_of(value, count)
  local list, units = {}, value.shape[value.ndim] // count
  for i = 1, count do
    local at = { (i - 1) * units + 1, i * units }
    list[i] = (value.ndim == 1 and value[{ at }] or value[{ {}, at }]):copy()
  end
  return list
end

-- Of each gate, side by side.
local function map_gates(value, count, change)
  local list = gates_of(value, count)
  for i, gate in ipairs(list) do list[i] = change(gate) end
  return nn.ops.concatenate(list, 2)
end

-- As CuDNNLSTM and CuDNNGRU keep a layer's weights: gates transposed, one bias for inputs and one for the state.
local function cudnn(values, count)
  local kernel, recurrent, bias = table.unpack(values)
  local function turned(gate) return gate:transpose():copy():reshape(gate.shape) end
  return { map_gates(kernel, count, turned), map_gates(recurrent, count, function(gate)
    return gate:transpose():copy()
  end), count == 3 and bias:reshape { -1 } or nn.ops.concatenate({ bias - 0.25, bias * 0 + 0.25 }, 1) }
end

describe("files of Keras 1 and 2 have", function()
  setup(function() nn.advice.silence() end)
  after_each(function() os.remove(path) end)

  for class, count in pairs { LSTM = 4, GRU = 3 } do
    it("weights of CuDNN" .. class .. ", also in Bidirectional", function()
      local model, values = model_of(L.Bidirectional { L[class] { 3 }, input_shape = { 4, 2 } })
      local all = cudnn({ values[1], values[2], values[3] }, count)
      table.move(cudnn({ values[4], values[5], values[6] }, count), 1, 3, 4, all)
      write({ version = "2.2.4" }, ([[{"class_name": "Bidirectional", "config": {"name": "b", "merge_mode": "concat",
        "batch_input_shape": [null, 4, 2], "layer": {"class_name": "CuDNN%s", "config": {"name": "l", "units": 3}}}}]])
        :format(class), { { "b", all } })
      assert_same(model, 4, 2)
    end)
  end

  it("the gates of Keras 1, each in an array", function()
    for class, order in pairs { LSTM = { 1, 3, 2, 4 }, GRU = { 1, 2, 3 } } do
      local given = { 3, input_shape = { 4, 2 }, recurrent_activation = "hard_sigmoid_keras2" }
      if class == "GRU" then given.reset_after = false end
      local model, values = model_of(L[class](given))
      local all = {}
      for k = 1, 3 do
        for i, gate in ipairs(gates_of(values[k], #order)) do all[3 * (order[i] - 1) + k] = gate end
      end
      write({ version = "1.2.2" }, ([[{"class_name": "%s", "config": {"name": "l", "output_dim": 3, "init":
        "glorot_uniform", "inner_init": "orthogonal", "activation": "tanh", "inner_activation": "hard_sigmoid",
        "batch_input_shape": [null, 4, 2], "input_dim": 2, "W_regularizer": null, "dropout_W": 0.0,
        "return_sequences": false}}]]):format(class), { { "l", all } })
      assert_same(model, 4, 2)
    end
  end)

  it("kernels turned by Theano", function()
    for class, dims in pairs { Conv1D = 1, Conv2D = 2, Conv3D = 3, Conv2DTranspose = 2 } do
      local shape = { table.unpack({ 4, 5, 4 }, 1, dims) }
      shape[dims + 1] = 2
      local model, values = model_of(L[class] { 2, 3, input_shape = shape, padding = "same" })
      local kernel = values[1]
      for axis = 1, dims do kernel = nn.ops.flip(kernel, axis) end
      write({ version = "2.0.8", backend = "theano" }, ([[{"class_name": "%s", "config": {"name": "c", "filters": 2,
        "kernel_size": [%s], "padding": "same", "batch_input_shape": [null, %s]}}]]):format(class,
        ("3, "):rep(dims - 1) .. "3", table.concat(shape, ", ")), { { "c", { kernel, values[2] } } })
      assert_same(model, table.unpack(shape))
    end
  end)

  it("the axes of kernels of Keras 1", function()
    local model, values = model_of(L.Conv1D { 3, 2, input_shape = { 5, 2 } })
    local config = [[{"class_name": "Convolution1D", "config": {"name": "c", "nb_filter": 3, "filter_length": 2,
      "border_mode": "valid", "subsample_length": 1, "batch_input_shape": [null, 5, 2], "bias": true}}]]
    write({ version = "1.2.2" }, config, { { "c", { values[1]:reshape { 2, 1, 2, 3 }, values[2] } } })
    assert_same(model, 5, 2)
    write({ version = "1.1.0" }, config, { { "c", { values[1]:reshape { 2, 1, 2, 3 }:transpose { 4, 3, 1, 2 }:copy(),
      values[2] } } })
    assert_same(model, 5, 2)

    model, values = model_of(L.Conv2DTranspose { 2, 2, input_shape = { 3, 3, 2 } })
    write({ version = "1.2.2" }, [[{"class_name": "Deconvolution2D", "config": {"name": "c", "nb_filter": 2, "nb_row":
      2, "nb_col": 2, "border_mode": "valid", "dim_ordering": "tf", "batch_input_shape": [null, 3, 3, 2],
      "output_shape": [null, 4, 4, 2]}}]], { { "c", { values[1]:transpose { 1, 2, 4, 3 }:copy(), values[2] } } })
    assert_same(model, 3, 3, 2)

    model, values = model_of(L.Conv3D { 2, 2, input_shape = { 2, 3, 3, 3 }, data_format = "channels_first" })
    write({ version = "1.2.2" }, [[{"class_name": "Convolution3D", "config": {"name": "c", "nb_filter": 2,
      "kernel_dim1": 2, "kernel_dim2": 2, "kernel_dim3": 2, "border_mode": "valid",
      "dim_ordering": "th", "batch_input_shape":
      [null, 2, 3, 3, 3]}}]], { { "c", { values[1]:transpose { 5, 4, 1, 2, 3 }:copy(), values[2] } } })
    assert_same(model, 2, 3, 3, 3)
  end)

  it("models in models, shared layers, several inputs and outputs", function()
    local inner = nn.Sequential { name = "inner", L.Dense { 3, input_shape = { 2 }, name = "d" },
      L.BatchNormalization { name = "n" }, L.Dense { 2, name = "e" } }
    local shared = L.Dense { 2, name = "s", activation = "tanh" }
    local a, b = nn.Input { shape = { 2 }, name = "a" }, nn.Input { shape = { 2 }, name = "b" }
    local both = L.Concatenate { name = "both" } { shared(a), shared(b) }
    local model = nn.Model { inputs = { a, b }, outputs = { L.Dense { 1, name = "y" }(both), inner(shared(b)) } }
    local values = {}
    for i, weight in ipairs(model:get_weights()) do
      values[i] = nn.random.uniform { shape = weight.shape, minval = 0.2, maxval = 0.9, seed = i }
    end
    model:set_weights(values)
    local by_name = {}
    for _, weight in ipairs(model:named_weights()) do
      by_name[weight.layer.name .. "/" .. weight.name:match "[^/]*$"] = weight.tensor
    end
    local function of(...)
      local list = {}
      for i, name in ipairs { ... } do list[i] = assert(by_name[name], name) end
      return list
    end
    local function layer(class, name, config, nodes)
      return ([[{"class_name": "%s", "name": "%s", "config": {"name": "%s"%s}, "inbound_nodes": %s}]]):format(class,
        name, name, config, nodes)
    end
    local within = [[, "layers": [
      {"class_name": "Dense", "config": {"name": "d", "units": 3, "batch_input_shape": [null, 2]}},
      {"class_name": "BatchNormalization", "config": {"name": "n", "axis": [1]}},
      {"class_name": "Dense", "config": {"name": "e", "units": 2}}]
      ]]
    local layers = table.concat({
      layer("InputLayer", "a", [[, "batch_input_shape": [null, 2] ]], "[]"),
      layer("InputLayer", "b", [[, "batch_input_shape": [null, 2] ]], "[]"),
      layer("Dense", "s", [[, "units": 2, "activation": "tanh"]], [=[[[["a", 0, 0, {}]], [["b", 0, 0, {}]]]]=]),
      layer("Concatenate", "both", [[, "axis": -1]], [=[[[["s", 0, 0, {}], ["s", 1, 0, {}]]]]=]),
      layer("Sequential", "inner", within, [=[[[["s", 1, 0, {}]]]]=]),
      layer("Dense", "y", [[, "units": 1]], [=[[[["both", 0, 0, {}]]]]=]),
    }, ",\n")
    local whole = ([=[{"class_name": "Functional", "config": {"name": "m", "layers": [%s],
      "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [["y", 0, 0], ["inner", 0, 0]]}}]=]):format(layers)
    write({ version = "2.4.0", is_whole = true }, whole, {
      { "a", {} }, { "b", {} }, { "s", of("s/kernel", "s/bias") }, { "both", {} },
      { "inner", of("d/kernel", "d/bias", "n/gamma", "n/beta", "e/kernel", "e/bias", "n/moving_mean",
        "n/moving_variance") }, { "y", of("y/kernel", "y/bias") } })
    local loaded = nn.models.load_model(path)
    local x = { nn.random.normal { shape = { 3, 2 }, seed = 1 }, nn.random.normal { shape = { 3, 2 }, seed = 2 } }
    local expected, given = model:predict(x, { verbose = 0 }), loaded:predict(x, { verbose = 0 })
    for i = 1, 2 do assert.is_true((expected[i] - given[i]):abs():max() < 1e-6) end
  end)
end)
