-- Keras' own numbers, for whatever of its vocabulary exists here.
local json = require "dkjson"
local golden = require "tests.support.golden"
local nn = require "nn"

local arguments = golden.arguments

local function exists(module, name)
  return rawget(nn[module], name) ~= nil
end

-- Runs each case of an area whose op exists and whose arguments are known.
local function check(area, module, can, run)
  describe("golden " .. area, function()
    for _, case in ipairs(golden.cases(area)) do
      if exists(module, case.op) and can(case) then
        it(case.id, function() assert.is_nil(golden.differs(case, run(case))) end)
      end
    end
  end)
end

local function has_only(...)
  local known = {}
  for _, name in ipairs { ... } do known[name] = true end
  return function(case)
    for name in pairs(case.config) do
      if not known[name] then return false end
    end
    return true
  end
end

check("activations", "activations", has_only("negative_slope", "alpha", "approximate", "max_value", "threshold",
  "default_value", "b"), function(case)
  return nn.activations[case.op](golden.tensor(case.inputs.x), arguments(case.config))
end)

local function any() return true end

local function weight_of(value)
  if value == nil or value == json.null then return nil end
  return type(value) == "table" and golden.tensor(value) or value
end

check("losses", "losses", any, function(case)
  local inputs, loss = case.inputs, nn.losses[case.op](arguments(case.config))
  return loss(golden.tensor(inputs.y_true), golden.tensor(inputs.y_pred), weight_of(inputs.sample_weight))
end)

check("metrics", "metrics", any, function(case)
  local metric = nn.metrics[case.op](arguments(case.config))
  for _, update in ipairs(case.inputs.updates) do
    local weight = weight_of(update.sample_weight)
    if update.values then
      metric:update_state(golden.tensor(update.values), weight)
    else
      metric:update_state(golden.tensor(update.y_true), golden.tensor(update.y_pred), weight)
    end
  end
  return metric:result()
end)

local function anything() return true end

check("optimizers", "optimizers", anything, function(case)
  local optimizer, steps = nn.optimizers[case.op](arguments(case.config)), {}
  local variable = golden.tensor(case.inputs.variable)
  for i, gradient in ipairs(case.inputs.gradients) do
    optimizer:apply_gradients { { golden.tensor(gradient), variable } }
    steps[i] = variable:totable()
  end
  return case.steps and case.steps.expected_is:find "stacked" and steps or variable
end)

describe("golden schedules", function()
  for _, case in ipairs(golden.cases "schedules") do
    it(case.id, function()
      local schedule = nn.optimizers.schedules[case.op](arguments(case.config))
      assert.is_nil(golden.differs(case, schedule(case.inputs.step)))
      for i, step in ipairs(case.inputs.step) do
        assert.are.equal(schedule(case.inputs.step)[i], schedule(step))
      end
    end)
  end
end)

local function tensors_of(array)
  if array.shape then return golden.tensor(array) end
  local list = {}
  for i, each in ipairs(array) do list[i] = golden.tensor(each) end
  return list
end

-- The shapes of samples of what a layer is called with.
local function sample_shapes(x)
  local shapes = {}
  for i, each in ipairs(nn.is_tensor(x) and { x } or x) do shapes[i] = table.move(each.shape, 2, each.ndim, 1, {}) end
  return shapes
end

local function set_weights(layer, case, x)
  if not case.weights or #case.weights == 0 then return end
  layer:build(sample_shapes(x))
  local weights = {}
  for i, weight in ipairs(case.weights) do weights[i] = golden.tensor(weight) end
  layer:set_weights(weights)
end

local function check_weights_after(layer, case)
  for _, want in ipairs(case.weights_after or {}) do
    for i, name in ipairs(layer.weight_names) do
      if name == want.name then
        assert.is_nil(golden.differs({ expected = want.value, tolerance = { atol = 1e-6, rtol = 1e-5 },
          reference = json.null }, layer.weights[i]))
      end
    end
  end
end

-- The named options of a call, from the case's inputs.
local function call_options(inputs)
  local mask = inputs.mask or inputs.arg2
  local state = inputs.initial_state
  return { training = inputs.training, mask = mask and mask ~= json.null and tensors_of(mask) or nil,
    return_attention_scores = inputs.return_attention_scores,
    initial_state = state and state ~= json.null and tensors_of(state) or nil }
end

-- The values that a layer's weights begin with.
local function check_start(layer, case)
  local want, shape = case.expected, golden.numbers(case.inputs.input_shape)
  layer:build { table.move(shape, 2, #shape, 1, {}) }
  local kernel, recurrent_kernel, bias = layer:get_weights()
  assert.are.same(golden.numbers(want.kernel_shape), kernel.shape)
  assert.are.same(golden.numbers(want.recurrent_kernel_shape), recurrent_kernel.shape)
  local product = recurrent_kernel:matmul(recurrent_kernel:transpose())
  for name, got in pairs { bias = bias, recurrent_times_transpose = product } do
    assert.is_nil(golden.differs({ expected = want[name], tolerance = case.tolerance, reference = json.null }, got))
  end
end

describe("golden layers", function()
  for _, case in ipairs(golden.cases "layers") do
    it(case.id, function()
      local layer = nn.layers[case.op](arguments(case.config))
      if case.inputs.input_shape then return check_start(layer, case) end
      local x = tensors_of(case.inputs.inputs)
      set_weights(layer, case, x)
      local results = { layer(x, call_options(case.inputs)) }
      assert.is_nil(golden.differs(case, results[1 + (case.output_index or 0)]))
      check_weights_after(layer, case)
    end)
  end
end)

for area, input in pairs { regularizers = "x", constraints = "w" } do
  describe("golden " .. area, function()
    for _, case in ipairs(golden.cases(area)) do
      it(case.id, function()
        local object = nn[area][case.op](arguments(case.config))
        assert.is_nil(golden.differs(case, object(golden.tensor(case.inputs[input]))))
      end)
    end
  end)
end

describe("golden initializers", function()
  local function check_uniform(t, expected)
    local limit = expected.maxval
    assert.is_true(t:max() <= limit + 1e-6 and t:min() >= -limit - 1e-6)
    if t.size > 500 then assert.is_true(t:max() > 0.97 * limit and t:min() < -0.97 * limit) end
  end

  local function check_truncated(initializer, shape, expected)
    local t = initializer(shape)
    assert.is_true(t:abs():max() <= expected.truncated_at * (1 + 1e-6))
    local sum, count = 0, 0
    for seed = 1, 300 do
      local draw = nn.initializers[initializer.class_name] { seed = seed }(shape)
      sum, count = sum + (draw * draw):sum(), count + draw.size
    end
    assert.is_near(1, (sum / count) ^ 0.5 / expected.resulting_stddev, 0.04)
  end

  for _, case in ipairs(golden.cases "initializers") do
    it(case.id, function()
      local shape = golden.numbers(case.inputs.shape.value or case.inputs.shape)
      if case.op == "compute_fans" then
        assert.are.same(case.expected, { nn.initializers.compute_fans(shape) })
        return
      end
      local given = arguments(case.config)
      local has_seed = case.expected.distribution ~= nil
      given.seed = has_seed and 1 or nil
      local initializer = nn.initializers[case.op](given)
      if case.expected.distribution == "uniform" then
        check_uniform(initializer(shape), case.expected)
      elseif case.expected.distribution == "truncated_normal" then
        check_truncated(initializer, shape, case.expected)
      else
        assert.is_nil(golden.differs(case, initializer(shape)))
      end
    end)
  end
end)

describe("golden to_categorical", function()
  for _, case in ipairs(golden.cases "utils") do
    if case.op == "to_categorical" then
      it(case.id, function()
        local got = nn.utils.to_categorical(golden.tensor(case.inputs.x):astype "int32", case.config.num_classes)
        assert.is_nil(golden.differs(case, got))
      end)
    end
  end
end)

describe("golden normalize and pad_sequences", function()
  local run = {
    normalize = function(inputs, config) return nn.utils.normalize(golden.tensor(inputs.x), config) end,
    pad_sequences = function(inputs, config)
      return nn.preprocessing.pad_sequences(golden.numbers(inputs.sequences), config)
    end,
  }
  for _, case in ipairs(golden.cases "utils") do
    if run[case.op] then
      it(case.id, function()
        assert.is_nil(golden.differs(case, run[case.op](case.inputs, arguments(case.config))))
      end)
    end
  end
end)

describe("golden training runs", function()
  local engine = require "engine.tensor"
  local SHAPES = { { 784, 50 }, { 50 }, { 50, 50 }, { 50 }, { 50, 10 }, { 10 } }
  local have, x_train, y_train = pcall(nn.datasets.mnist.load_data, { synthetic = false })

  local function weights(path)
    local bytes = golden.read(path)
    local all, list, first = engine.from_bytes(bytes, "float32", { #bytes // 4 }), {}, 1
    for i, shape in ipairs(SHAPES) do
      local count = shape[1] * (shape[2] or 1)
      list[i] = all[{ { first, first + count - 1 } }]:reshape(shape)
      first = first + count
    end
    return list
  end

  local function largest_difference(model, path)
    local most = 0
    for i, want in ipairs(weights(path)) do
      most = math.max(most, (model:get_weights()[i] - want):abs():max())
    end
    return most
  end

  for _, case in ipairs { { "relu50x2_b100", "relu" }, { "sigmoid50x2_b100", "sigmoid" } } do
    local folder = "tests/golden/training/" .. case[1] .. "/"

    local function model()
      local m = nn.Sequential {
        nn.layers.Flatten { input_shape = { 28, 28 } }, nn.layers.Dense { 50, activation = case[2] },
        nn.layers.Dense { 50, activation = case[2] }, nn.layers.Dense { 10, activation = "softmax" },
      }
      m:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
      m:set_weights(weights(folder .. "init.bin"))
      return m
    end

    it(case[1] .. " is followed over 100 steps", function()
      if not have then return pending "real MNIST is not here" end
      local m, losses = model(), engine.from_bytes(golden.read(folder .. "loss_first100.bin"), "float32", { 100 })
      local x = x_train[{ { 1, 10000 } }] / 255
      for i = 1, 100 do
        local rows = { { 100 * i - 99, 100 * i } }
        assert.is_near(losses[i], (m:train_on_batch(x[rows], y_train[rows])), 2e-6)
        if i == 1 then assert.is_true(largest_difference(m, folder .. "step1.bin") < 2e-6) end
      end
      assert.is_true(largest_difference(m, folder .. "step100.bin") < 2e-6)
    end)

    it(case[1] .. " is followed over an epoch", function()
      if not have then return pending "real MNIST is not here" end
      local m, x = model(), x_train / 255
      local validation = { x[{ { 50001, 60000 } }], y_train[{ { 50001, 60000 } }] }
      local history = m:fit(x[{ { 1, 50000 } }], y_train[{ { 1, 50000 } }],
        { batch_size = 100, shuffle = false, verbose = 0, validation_data = validation })
      assert.is_true(largest_difference(m, folder .. "epoch1.bin") < 1e-4)
      local want = require("dkjson").decode(golden.read(folder .. "log.json")).history
      for name, values in pairs(want) do assert.is_near(values[1], history.history[name][1], 1e-5) end
      local predictions = engine.from_bytes(golden.read(folder .. "pred_epoch1.bin"), "float32", { 100, 10 })
      assert.is_true((m:predict(validation[1][{ { 1, 100 } }]) - predictions):abs():max() < 1e-4)
    end)
  end
end)
