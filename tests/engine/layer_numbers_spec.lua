-- Layers, regularizers and constraints held against numbers that another program computed (PyTorch 1.13), where Keras'
-- own numbers do not say them already. Nothing of the vocabulary goes without.
local golden = require "tests.support.golden"
local gradients = require "tests.support.gradients"
local image_numbers = require "tests.support.image_numbers"
local nn = require "nn"

local L = nn.layers

local X = nn.tensor { { 0.5, -1.25, 2 }, { -0.75, 0.1, 1.5 } }
local Y = nn.tensor { { 1, 0.5, -2 }, { 0.25, -0.1, 1 } }
local PLACES = nn.tensor { { { 0.5, -1 }, { 2, 0.25 }, { 0, 1 } }, { { 1.5, -0.5 }, { -2, 0.75 }, { 3, 0 } } }
local MASK = nn.tensor { { 1, 0, 1 }, { 0, 1, 1 } }

local function assert_near(want, got, tolerance)
  local expected = nn.tensor(want)
  assert.are.same(expected.shape, got.shape)
  assert.is_true((got - expected):abs():max() <= (tolerance or 2e-6), tostring(got))
end

-- class -> { { arguments, input, expected, weights =, options = }, ... }
local NUMBERS = {
  LeakyReLU = { { {}, X, { { 0.5, -0.375, 2 }, { -0.225, 0.1, 1.5 } } } },
  ELU = { { { 0.5 }, X, { { 0.5, -0.3567476, 2 }, { -0.2638167, 0.1, 1.5 } } } },
  PReLU = {
    { {}, X, { { 0.5, -0.25, 2 }, { -0.075, 0.1, 1.5 } }, weights = { { 0.1, 0.2, 0.3 } } },
    { { shared_axes = { 2 } }, PLACES,
      { { { 0.5, -0.2 }, { 2, 0.25 }, { 0, 1 } }, { { 1.5, -0.1 }, { -0.2, 0.75 }, { 3, 0 } } },
      weights = { { { 0.1, 0.2 } } } },
  },
  Activation = { { { "relu" }, X, { { 0.5, 0, 2 }, { 0, 0.1, 1.5 } } } },
  Softmax = {
    { { axis = 2 }, PLACES, { { { 0.1642516, 0.08417934 }, { 0.7361247, 0.2938148 }, { 0.09962364, 0.6220059 } },
      { { 0.1814261, 0.1628913 }, { 0.005478593, 0.5685464 }, { 0.8130953, 0.2685623 } } } },
    { {}, X, { { 0.1824255, 0, 0.8175744 }, { 0.07795822, 0.1823947, 0.739647 } },
      options = { mask = nn.tensor { { 1, 0, 1 }, { 1, 1, 1 } } } },
    { {}, X, { { 0, 0, 0 }, { 0, 0, 1 } }, options = { mask = nn.tensor { { 0, 0, 0 }, { 0, 0, 1 } } } },
    { {}, nn.tensor { 1, 2, 1 }, { 0.2119416, 0.5761169, 0.2119416 } },
    { {}, nn.tensor { 1, 2, 1 }, { 0.5, 0, 0.5 }, options = { mask = nn.tensor { 1, 0, 1 } } },
  },
  BatchNormalization = {
    { {}, X, { { 0.4998001, -1.850097, 0.790666 }, { -0.7495753, 0.05861398, 0.6463525 } },
      weights = { { 1, 2, 0.5 }, { 0.1, 0.2, 0.3 }, { 0.1, 0.2, 0.3 }, { 1, 2, 3 } } },
  },
  LayerNormalization = {
    { {}, X, { { 0.1627278, -2.309112, 0.8959141 }, { -1.013266, -0.1950298, 0.9553903 } },
      weights = { { 1, 2, 0.5 }, { 0.1, 0.2, 0.3 } } },
    { { rms_scaling = true }, X, { { 0.3763668, -0.940917, 1.505467 }, { -0.8080154, 0.1077354, 1.616031 } } },
    { { axis = { 2, 3 } }, PLACES, { { { 0.04538074, -1.588325 }, { 1.679087, -0.2269036 }, { -0.499188, 0.5899495 } },
      { { 0.6630632, -0.6100182 }, { -1.564829, 0.1856577 }, { 1.617874, -0.2917478 } } } },
  },
  GroupNormalization = {
    { { groups = 2 }, PLACES, { { { -0.391961, -1.312235 }, { 1.371863, 0.2018823 }, { -0.9799025, 1.110352 } },
      { { 0.3181867, -1.133404 }, { -1.352293, 1.295319 }, { 1.034107, -0.1619149 } } } },
    { { groups = 1 }, PLACES, { { { 0.04538072, -1.588326 }, { 1.679087, -0.2269036 }, { -0.499188, 0.5899494 } },
      { { 0.6630633, -0.6100183 }, { -1.564829, 0.1856577 }, { 1.617875, -0.2917479 } } } },
  },
  PositionEmbedding = {
    { { 4 }, PLACES, { { { 1, 2 }, { 3, 4 }, { 5, 6 } }, { { 1, 2 }, { 3, 4 }, { 5, 6 } } },
      weights = { { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } } } },
  },
  SinePositionEncoding = {
    { {}, PLACES, { { { 0, 1 }, { 0.8414710, 0.5403023 }, { 0.9092974, -0.4161468 } },
      { { 0, 1 }, { 0.8414710, 0.5403023 }, { 0.9092974, -0.4161468 } } } },
  },
  TokenAndPositionEmbedding = {
    { { 3, 2, 1 }, nn.tensor { { 2, 0 }, { 1, 1 } }, { { { 13 }, { 21 } }, { { 12 }, { 22 } } },
      weights = { { { 1 }, { 2 }, { 3 } }, { { 10 }, { 20 } } } },
  },
  UnitNormalization = {
    { {}, X, { { 0.2073903, -0.5184758, 0.8295614 }, { -0.4464207, 0.05952276, 0.8928413 } } },
    { { axis = 2 }, PLACES, { { { 0.2425356, -0.6963106 }, { 0.9701425, 0.1740777 }, { 0, 0.6963106 } },
      { { 0.3841106, -0.5547002 }, { -0.5121475, 0.8320503 }, { 0.7682213, 0 } } } },
  },
  RMSNormalization = { { {}, X, { { 0.3592105, -0.8980263, 1.436842 }, { -0.7732229, 0.1030964, 1.546446 } } } },
  Normalization = {
    { { mean = 1, variance = { 4, 1, 0.25 } }, X, { { -0.25, -2.25, 2 }, { -0.875, -0.9, 1 } } },
    { { mean = 1, variance = { 4, 1, 0.25 }, invert = true }, X, { { 2, -0.25, 2 }, { -0.5, 1.1, 1.75 } } },
    { { axis = {}, mean = 1, variance = 0 }, X,
      { { -0.5e7, -2.25e7, 1e7 }, { -1.75e7, -0.9e7, 0.5e7 } }, tolerance = 3 },
    { { mean = 3, variance = 2 }, nn.tensor { 1, 2, 3 }, { -1.4142136, -0.7071068, 0 } },
  },
  Rescaling = { { { 0.5, -1 }, X, { { -0.75, -1.625, 0 }, { -1.375, -0.95, -0.25 } } } },
  Discretization = {
    { { { -1, 0.5, 1.5 } }, X, { { 2, 0, 3 }, { 1, 1, 3 } } },
    { { { -1, 0.5, 1.5 }, output_mode = "multi_hot" }, X, { { 1, 0, 1, 1 }, { 0, 1, 0, 1 } } },
  },
  CategoryEncoding = {
    { { 4 }, nn.tensor { { 0, 2 }, { 3, 3 } }, { { 1, 0, 1, 0 }, { 0, 0, 0, 1 } } },
    { { 4, "count" }, nn.tensor { { 0, 2 }, { 3, 3 } }, { { 1, 0, 1, 0 }, { 0, 0, 0, 2 } } },
    { { 4, "count" }, nn.tensor { { 0, 2 }, { 3, 3 } }, { { 0.5, 0, 2, 0 }, { 0, 0, 0, 4 } },
      options = { count_weights = nn.tensor { { 0.5, 2 }, { 1, 3 } } } },
  },
  Embedding = {
    { { 3, 2 }, nn.tensor({ { 0, 2, 1 }, { 1, 0, 0 } }, "int32"),
      { { { 0.1, 0.2 }, { 0.5, 0.6 }, { 0.3, 0.4 } }, { { 0.3, 0.4 }, { 0.1, 0.2 }, { 0.1, 0.2 } } },
      weights = { { { 0.1, 0.2 }, { 0.3, 0.4 }, { 0.5, 0.6 } } } },
  },
  GlobalAveragePooling1D = {
    { {}, PLACES, { { 0.8333333, 0.08333334 }, { 0.8333333, 0.08333334 } } },
    { {}, PLACES, { { 0.25, 0 }, { 0.5, 0.375 } }, options = { mask = MASK } },
    { { keepdims = true }, PLACES, { { { 0.8333333, 0.08333334 } }, { { 0.8333333, 0.08333334 } } } },
    { { "channels_first" }, PLACES, { { -0.25, 1.125, 0.5 }, { 0.5, -0.625, 1.5 } } },
  },
  GlobalAveragePooling3D = { { {}, PLACES:reshape { 1, 2, 3, 1, 2 }, { { 0.8333333, 0.08333334 } } } },
  GlobalMaxPooling3D = { { {}, PLACES:reshape { 1, 2, 3, 1, 2 }, { { 3, 1 } } } },
  Reshape = { { { { -1, 2 } }, nn.tensor { { 1, 2, 3, 4 } }, { { { 1, 2 }, { 3, 4 } } } } },
  Permute = { { { { 2, 1 } }, PLACES, { { { 0.5, 2, 0 }, { -1, 0.25, 1 } }, { { 1.5, -2, 3 }, { -0.5, 0.75, 0 } } } } },
  Identity = { { {}, X, X:totable() } },
  Operation = { { { "multiply", constants = { nn.tensor { 2 } } }, X, (X + X):totable() } },
  Lambda = { { { function(x) return x * 2 end }, X, (X + X):totable() } },
  ActivityRegularization = { { { l1 = 1 }, X, X:totable() } },
  Masking = { { { mask_value = 1 }, nn.tensor { { { 1, 1 }, { 1, 2 } } }, { { { 0, 0 }, { 1, 2 } } } } },
  Dropout = { { { 0.5 }, X, X:totable() } },
  SpatialDropout1D = { { { 0.5 }, PLACES, PLACES:totable() } },
  GaussianNoise = { { { 0.5 }, X, X:totable() } },
  GaussianDropout = { { { 0.5 }, X, X:totable() } },
  AlphaDropout = { { { 0.5 }, X, X:totable() } },
  Subtract = { { {}, { X, Y }, { { -0.5, -1.75, 4 }, { -1, 0.2, 0.5 } } } },
  Multiply = { { {}, { X, Y }, { { 0.5, -0.625, -4 }, { -0.1875, -0.01, 1.5 } } } },
  Average = { { {}, { X, Y }, { { 0.75, -0.375, 0 }, { -0.25, 0, 1.25 } } } },
  Maximum = { { {}, { X, Y }, { { 1, 0.5, 2 }, { 0.25, 0.1, 1.5 } } } },
  Minimum = { { {}, { X, Y }, { { 0.5, -1.25, -2 }, { -0.75, -0.1, 1 } } } },
  Concatenate = { { {}, { X, Y }, { { 0.5, -1.25, 2, 1, 0.5, -2 }, { -0.75, 0.1, 1.5, 0.25, -0.1, 1 } } } },
  Dot = { { { -1, normalize = true }, { X, Y }, { { -0.7467286 }, { 0.7486212 } } } },
}

for class, cases in pairs(image_numbers) do NUMBERS[class] = cases end

describe("numbers computed elsewhere", function()
  for class, cases in pairs(NUMBERS) do
    for i, case in ipairs(cases) do
      it(("%s, case %d"):format(class, i), function()
        local made, shapes = L[class](case[1]), {}
        for k, input in ipairs(nn.is_tensor(case[2]) and { case[2] } or case[2]) do
          shapes[k] = table.move(input.shape, 2, input.ndim, 1, {})
        end
        if case.weights then
          made:build(shapes)
          local weights = {}
          for k, weight in ipairs(case.weights) do weights[k] = nn.tensor(weight) end
          made:set_weights(weights)
        end
        assert_near(case[3], made(case[2], case.options), case.tolerance)
      end)
    end
  end

  it("there are for every layer, regularizer, constraint and initializer", function()
    local have = { Input = true, InputLayer = true, OrthogonalRegularizer = true,
      ConvLSTM3D = true, SimpleRNNCell = true, GRUCell = true, LSTMCell = true, -- see recurrent_spec.lua
      StackedRNNCells = true, -- likewise
      Hashing = true, HashedCrossing = true, -- see tests/data/text_layers_spec.lua
      RandomFlip = true, RandomErasing = true, MixUp = true, CutMix = true } -- see augmentation_spec.lua
    for line in io.lines "tests/golden/augmentation.json" do have[line:match '"layer":"(%w+)"' or ""] = true end
    for _, area in ipairs { "layers", "gradients" } do
      for _, case in ipairs(golden.cases(area, "golden2.json")) do have[case.op] = true end
    end
    for _, area in ipairs { "layers", "regularizers", "constraints", "initializers" } do
      for _, case in ipairs(golden.cases(area)) do have[case.op] = true end
    end
    for _, case in ipairs(golden.cases("layers", "golden2.json")) do have[case.op] = true end
    for _, name in ipairs { "Zeros", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
      "GlorotNormal", "HeUniform", "Identity", "Orthogonal" } do
      have[name] = true -- below
    end
    for name in pairs(NUMBERS) do have[name] = true end
    for _, family in ipairs { L, nn.regularizers, nn.constraints, nn.initializers } do
      local by_value = {} -- one that has several names is held by any
      for name in pairs(have) do by_value[rawget(family, name) or name] = true end
      for name, value in pairs(family) do
        if name:find "^%u" and type(value) == "function" then
          assert.is_true(by_value[value], name .. " is held against no number")
        end
      end
    end
  end)
end)

-- Computed in NumPy: exp(x) / sum exp(x), its logarithm, the projection onto the simplex, a / (1 + exp(-b)).
describe("activations along an axis", function()
  local softmax_of_samples = { { { 0.26894142, 0.37754067 }, { 0.98201379, 0.37754067 }, { 0.04742587, 0.73105858 } },
    { { 0.73105858, 0.62245933 }, { 0.01798621, 0.62245933 }, { 0.95257413, 0.26894142 } } }
  local log_softmax = { { { -1.80635571, -2.47480573 }, { -0.30635571, -1.22480573 }, { -2.30635571, -0.47480573 } },
    { { -1.70690693, -1.81467232 }, { -5.20690693, -0.56467232 }, { -0.20690693, -1.31467232 } } }
  local sparsemax = { { { 0, 0 }, { 1, 0.125 }, { 0, 0.875 } }, { { 0, 0 }, { 0, 0.875 }, { 1, 0.125 } } }
  local glu = { { { 0.13447071 }, { 1.124353 }, { 0 } }, { { 0.566311 }, { -1.3583574 }, { 1.5 } } }
  local a = nn.activations

  it("give the numbers computed elsewhere", function()
    assert_near(softmax_of_samples, a.softmax(PLACES, { axis = 1 }))
    assert_near(log_softmax, a.log_softmax(PLACES, { axis = 2 }))
    assert_near(sparsemax, a.sparsemax(PLACES, { axis = -2 }))
    assert_near(glu, a.glu(PLACES))
    assert_near({ { 0.16041065, -0.65622398, 1.63514895 } }, a.glu(X, { axis = 1 }))
  end)

  local of_all = { { { 0.11443125, 0.02553306 }, { 0.51284526, 0.08911914 }, { 0.06940606, 0.18866523 } },
    { { 0.15766111, 0.02133711 }, { 0.00476095, 0.07447383 }, { 0.70658805, 0.03517895 } } }
  local log_of_all = { { { -2.16778111, -3.66778111 }, { -0.66778111, -2.41778111 }, { -2.66778111, -1.66778111 } },
    { { -1.84730745, -3.84730745 }, { -5.34730745, -2.59730745 }, { -0.34730745, -3.34730745 } } }
  local log_across = { { { -1.46077349, -2.96077349 }, { -0.39109189, -2.14109189 }, { -3.21099762, -2.21099762 } },
    { { -0.46077349, -2.46077349 }, { -4.39109189, -1.64109189 }, { -0.21099762, -3.21099762 } } }

  it("take several axes as one", function()
    assert_near(of_all, a.softmax(PLACES, { axis = { 2, 3 } }))
    assert_near(of_all, a.softmax(PLACES, { axis = { -1, -2 } }))
    assert_near(log_across, a.log_softmax(PLACES, { axis = { 1, 3 } }))
    assert_near(log_of_all, a.log_softmax(PLACES, { axis = { 2, 3 } }))
    assert_near(a.softmax(PLACES, { axis = 2 }):totable(), a.softmax(PLACES, { axis = { 2 } }))
    assert_near(of_all, L.Activation { a.with("softmax", { axis = { 2, 3 } }) }(PLACES))
    assert_near(log_of_all, L.Activation { a.with("log_softmax", { axis = { 3, 2 } }) }(PLACES))
    local apart = L.Activation { a.with("softmax", { axis = { 2, 4 } }) }(PLACES:reshape { 2, 3, 1, 2 })
    assert_near(of_all, apart:reshape { 2, 3, 2 })
    local plain = a.with("softmax", { axis = { 2, 3 } }):plain()
    assert_near(of_all, a.get(plain)(PLACES))
    for _, axis in ipairs { {}, { 1, 0 }, { 1, "x" } } do
      assert.error_matches(function() a.softmax(X, { axis = axis }) end, "a position .* or a list of them")
    end
    assert.error_matches(function() a.softmax(X, { axis = { 1, -2 } }) end, "axis 1 is there twice")
    assert.error_matches(function() a.sparsemax(X, { axis = { 1, 2 } }) end, "expected a position such as 2 or %-1,")
  end)

  it("have gradients over several axes, and losses that are not taken from what is before them", function()
    for _, axes in ipairs { { 2, 3 }, { 2, 4 } } do
      for _, name in ipairs { "softmax", "log_softmax" } do
        local model = nn.Sequential {
          L.Dense { 2, input_shape = { 3, 2, 2 } }, L.Reshape { axes[2] == 3 and { 3, 4 } or { 3, 2, 2 } },
          L.Activation { a.with(name, { axis = axes }) },
        }
        local x = nn.random.normal { shape = { 2, 3, 2, 2 }, seed = 1 }
        local y = nn.random.uniform { shape = { 2, table.unpack(model.output_shape) }, seed = 2 }
        local loss = name == "softmax" and nn.losses.CategoricalCrossentropy {} or nn.losses.MeanSquaredError {}
        model:compile { loss = loss }
        assert.is_near(loss(y, model:predict(x)), (model:evaluate(x, y)), 1e-5)
        local by_weights, by_inputs = gradients.differ(model, x, y, loss)
        assert.is_true(by_weights < 1e-2 and by_inputs < 1e-2)
      end
    end
  end)

  it("come to an end where a number lies at sparsemax's threshold, by which rounding decides", function()
    local x = nn.tensor { { -0.239581943, -1.23958182 }, { -1.76080072, -2.7608006 } }
    assert_near({ { 0.99999994, 6e-8 }, { 0.99999994, 6e-8 } }, a.sparsemax(x))
  end)

  it("do so in layers", function()
    assert_near(log_softmax, L.Activation { a.with("log_softmax", { axis = 2 }) }(PLACES))
    assert_near(sparsemax, L.Activation { a.with("sparsemax", { axis = 2 }) }(PLACES))
    assert_near(glu, L.Activation { "glu" }(PLACES))
    assert_near({ { { 0.16041065, -0.65622398, 1.63514895 } } },
      L.Activation { a.with("glu", { axis = 2 }) }(X:reshape { 1, 2, 3 }))
    local dense = L.Dense { 2, activation = "glu", kernel_initializer = "identity" }
    assert_near({ { 0.5 / (1 + math.exp(0.75)) } }, dense(nn.tensor { { 0.5, -0.75 } }))
    assert.are.same({ 1 }, dense.output_shape)
  end)

  it("come back from what is stored, and refuse axes that are none", function()
    local plain = a.with("glu", { axis = 2 }):plain()
    assert.are.equal(2, a.get(plain).axis)
    assert.are.equal("glu", a.get(a.glu).name)
    for _, axis in ipairs { 0, 1.5, "last" } do
      assert.error_matches(function() a.softmax(X, { axis = axis }) end, "axis: expected a position")
    end
    assert.error_matches(function() a.softmax(X, { axis = 3 }) end, "has no axis 3")
    assert.error_matches(function() a.glu(X) end, "must be even; got a tensor of 2x3")
    assert.error_matches(function() L.Dense { 3, activation = "glu" }(X) end, "must be even; got samples of 3")
    assert.error_matches(function() L.Dense { 2, activation = a.with("softmax", { axis = 1 }) }(X) end,
      "axis 1 counts the samples")
  end)
end)

describe("training steps", function()
  local W = { { 0.5, -0.5 }, { 0.25, 1 }, { -1, 0.75 } }
  local T = nn.tensor { { 1, 0 }, { 0.5, -1 } }

  local function one_step(options)
    local given = { 2, input_shape = { 3 }, kernel_regularizer = nn.regularizers.L1L2 { 0.01, 0.02 },
      activity_regularizer = nn.regularizers.L2 { 0.03 } }
    for name, value in pairs(options) do given[name] = value end
    local model = nn.Sequential { L.Dense(given) }
    model:set_weights { nn.tensor(W), nn.zeros { 2 } }
    model:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = "mse" }
    return model, (model:train_on_batch(X, T))
  end

  it("count penalties in full in loss and gradients", function()
    local model, loss = one_step {}
    assert.is_near(5.8249431, loss, 1e-5)
    local kernel, bias = model.layers[1]:get_weights()
    assert_near({ { 0.4833, -0.3923 }, { 0.05398501, 0.98104 }, { -0.4711, 0.5366 } }, kernel)
    assert_near({ 0.2941, -0.1396 }, bias)
  end)

  it("bring weights within their constraint", function()
    local model = one_step { kernel_constraint = nn.constraints.MaxNorm { 1 } }
    assert_near({ { 0.4832999, -0.3310485 }, { 0.053985, 0.8278661 }, { -0.4710999, 0.4528184 } },
      (model.layers[1]:get_weights()))
  end)

  it("count penalties of a shared layer once, and in evaluation too", function()
    local input = nn.Input { shape = { 2 } }
    local shared = L.Dense { 2, kernel_initializer = "ones", kernel_regularizer = "l2", use_bias = false }
    local model = nn.Model { inputs = input, outputs = shared(shared(input)) }
    model:compile { loss = "mse", optimizer = "sgd" }
    local x = nn.tensor { { 1, 2 } }
    assert.is_near(0.04, (model:evaluate(x, model:predict(x))), 1e-6)
  end)
end)

describe("regularizers", function()
  it("OrthogonalRegularizer is the mean cosine between rows, or columns", function()
    local w = nn.tensor { { 0.5, -0.5 }, { 0.25, 1 }, { -1, 0.75 } }
    assert.is_near(0.006308341, nn.regularizers.OrthogonalRegularizer {}(w), 1e-8)
    assert.is_near(0.004862646, nn.regularizers.OrthogonalRegularizer { mode = "columns" }(w), 1e-8)
    assert.has_error(function() nn.regularizers.OrthogonalRegularizer {}(nn.ones { 3 }) end)
  end)

  it("refuse numbers that make no sense", function()
    assert.has_error(function() nn.regularizers.L2 { -1 } end)
    assert.has_error(function() nn.regularizers.L2 { "much" } end)
    assert.has_error(function() nn.regularizers.L2 { l1 = 1 } end)
  end)
end)

describe("initializers", function()
  local function moments(t) return t:mean(), t:std() end

  it("draw from the distributions they are named for", function()
    local shape = { 400, 100 }
    for _, case in ipairs {
      { "RandomNormal", { mean = 1, stddev = 0.5, seed = 1 }, 1, 0.5 },
      { "RandomUniform", { minval = 0, maxval = 1, seed = 2 }, 0.5, (1 / 12) ^ 0.5 },
      { "TruncatedNormal", { stddev = 1, seed = 3 }, 0, 0.87962566 },
      { "VarianceScaling", { scale = 3, mode = "fan_out", distribution = "untruncated_normal", seed = 4 },
        0, 0.03 ^ 0.5 },
      { "GlorotNormal", { seed = 5 }, 0, (2 / 500) ^ 0.5 },
      { "HeUniform", { seed = 6 }, 0, (2 / 400) ^ 0.5 },
    } do
      local mean, std = moments(nn.initializers[case[1]](case[2])(shape))
      assert.is_near(case[3], mean, 0.01 * case[4] + 0.005)
      assert.is_near(1, std / case[4], 0.02, case[1])
    end
  end)

  it("make matrices of a given form", function()
    assert.are.same({ { 2, 0, 0 }, { 0, 2, 0 } }, nn.initializers.Identity { 2 } { 2, 3 }:totable())
    assert.are.same({ { 0, 0 } }, nn.initializers.Zeros {} { 1, 2 }:totable())
    assert.are.same({ { 3, 3 } }, nn.initializers.Constant { 3 } { 1, 2 }:totable())
    local q = nn.initializers.Orthogonal { seed = 1, gain = 2 } { 3, 5 }
    assert_near({ { 4, 0, 0 }, { 0, 4, 0 }, { 0, 0, 4 } }, q:matmul(q:transpose()))
    local tall = nn.initializers.Orthogonal { seed = 1 } { 2, 3, 2 }:reshape { 6, 2 }
    assert_near({ { 1, 0 }, { 0, 1 } }, tall:transpose():matmul(tall))
    local large = nn.initializers.Orthogonal { seed = 1 } { 40, 50 } -- more vectors than are made at a time
    assert_near(nn.ops.eye(40):totable(), large:matmul(large:transpose()))
  end)
end)

describe("layers that disturb", function()
  local function disturbed(class, arguments, x)
    return L[class](arguments)(x, { training = true })
  end
  local ones = nn.ones { 200, 100 }

  it("keep mean and spread", function()
    nn.utils.set_random_seed(2)
    local t = disturbed("Dropout", { 0.2 }, ones)
    assert.is_near(1, t:mean(), 0.01)
    assert.is_near(1.25, t:max(), 1e-6)
    t = disturbed("GaussianNoise", { 0.5 }, ones)
    assert.is_near(1, t:mean(), 0.02)
    assert.is_near(0.5, t:std(), 0.02)
    t = disturbed("GaussianDropout", { 0.2 }, ones)
    assert.is_near(1, t:mean(), 0.02)
    assert.is_near(0.5, t:std(), 0.02)
    local normal = nn.random.normal { shape = { 200, 100 }, seed = 3 }
    t = disturbed("AlphaDropout", { 0.2 }, normal)
    assert.is_near(0, t:mean(), 0.03)
    assert.is_near(1, t:std(), 0.03)
  end)

  it("drop together what noise_shape says", function()
    local t = disturbed("SpatialDropout1D", { 0.5 }, nn.ones { 8, 4, 6 })
    assert.are.equal(0, (t - t[{ {}, { 1, 1 }, {} }]):abs():max())
    assert.is_true(t:min() == 0 and t:max() == 2)
    t = disturbed("Dropout", { 0.5, noise_shape = { 1, -1 } }, ones)
    assert.are.equal(0, (t - t[{ { 1, 1 }, {} }]):abs():max())
    assert.is_true(t:min() == 0 and t:max() == 2)
    t = disturbed("AlphaDropout", { 0.5, noise_shape = { 1, -1 } }, ones)
    assert.are.equal(0, (t - t[{ { 1, 1 }, {} }]):abs():max())
    -- a + b and a limit + b, with a = (0.5 (1 + 0.5 limit^2))^-1/2, b = -a limit / 2, limit = -1.7580993
    assert.is_near(1.6656, t:max(), 1e-4)
    assert.is_near(-0.7792, t:min(), 1e-4)
  end)

  it("repeat themselves with a seed, and only then", function()
    local a, b = disturbed("Dropout", { 0.5, seed = 7 }, ones), disturbed("Dropout", { 0.5, seed = 7 }, ones)
    assert.are.equal(a:bytes(), b:bytes())
    assert.are_not.equal(disturbed("Dropout", { 0.5 }, ones):bytes(), disturbed("Dropout", { 0.5 }, ones):bytes())
  end)
end)

describe("adapt", function()
  it("gives Normalization the data's mean and variance", function()
    local made = L.Normalization {}
    made:adapt(X)
    assert_near({ { 1, -1, 1 }, { -1, 1, -1 } }, made(X))
    local whole = L.Normalization { axis = {} }
    whole:adapt(X)
    assert.is_near(0, whole(X):mean(), 1e-6)
    assert.is_near(1, whole(X):std(), 1e-6)
  end)

  it("gives Discretization bins of equal counts", function()
    local made = L.Discretization { num_bins = 4 }
    made:adapt(nn.arange(1000):reshape { 1000, 1 })
    local bins = made(nn.arange(1000):reshape { 1000, 1 })
    for bin = 0, 3 do assert.is_near(250, bins:eq(bin):sum(), 15) end
  end)
end)

describe("masks", function()
  it("of padding reach the pooling after it, through other layers", function()
    local model = nn.Sequential {
      L.Embedding { 5, 3, mask_zero = true, input_shape = { 4 } }, L.Dropout { 0.5 }, L.GlobalAveragePooling1D {},
    }
    local table_ = model.layers[1]:get_weights()
    local got = model:predict(nn.tensor({ { 2, 3, 0, 0 }, { 0, 0, 0, 0 } }, "int32"))
    assert_near(((table_[3] + table_[4]) / 2):totable(), got[1])
    assert.are.equal(0, got[2]:abs():max())
  end)

  it("of Masking too", function()
    local model = nn.Sequential { L.Masking { input_shape = { 3, 2 } }, L.GlobalAveragePooling1D {} }
    assert_near({ { 2, 3 } }, model:predict(nn.tensor { { { 1, 2 }, { 3, 4 }, { 0, 0 } } }))
  end)

  it("leave places out of the loss, and their gradients", function()
    local model = nn.Sequential {
      L.Embedding { 3, 1, mask_zero = true, input_shape = { 3 }, weights = { nn.tensor { { 5 }, { 1 }, { 2 } } } },
      L.Dense { 1, kernel_initializer = "ones", use_bias = false },
    }
    model:compile { loss = "mse", optimizer = nn.optimizers.SGD { 1 } }
    local x, y = nn.tensor({ { 1, 2, 0 }, { 1, 0, 0 } }, "int32"), nn.zeros { 2, 3, 1 }
    assert.is_near((1 + 4 + 1) / 3, (model:evaluate(x, y)), 1e-6)
    model:train_on_batch(x, y)
    local table_ = model.layers[1]:get_weights()
    assert_near({ { 5 }, { 1 - 4 / 3 }, { 2 - 4 / 3 } }, table_, 1e-5)
  end)

  it("go into models within models, and come out of them", function()
    local ids = nn.tensor({ { 1, 2, 0 }, { 2, 0, 0 } }, "int32")
    local table_ = { nn.tensor { { 9 }, { 1 }, { 2 } } }
    local function words() return L.Embedding { 3, 1, mask_zero = true, weights = table_ } end
    local function mean() return L.GlobalAveragePooling1D {} end
    local function doubled() return nn.Sequential { nn.Input { shape = { 3, 1 } }, L.Rescaling { 2 } } end
    local function check(want, model)
      assert_near(want, model:predict(ids), 1e-5)
      local path = os.tmpname() .. ".safetensors"
      model:save(path)
      assert_near(want, nn.models.load_model(path):predict(ids), 1e-5)
      os.remove(path)
    end
    check({ { 1.5 }, { 2 } }, nn.Sequential { nn.Sequential { nn.Input { shape = { 3 } }, words() }, mean() })
    check({ { 1.5 }, { 2 } }, nn.Sequential { nn.Input { shape = { 3 } }, words(),
      nn.Sequential { nn.Input { shape = { 3, 1 } }, mean() } })
    check({ { 3 }, { 4 } }, nn.Sequential { nn.Input { shape = { 3 } }, words(), doubled(), mean() })
    local a = nn.Input { shape = { 3 } }
    local within = nn.Model { inputs = { a }, outputs = { doubled()(words()(a)), a } }
    local b = nn.Input { shape = { 3 } }
    local outer = nn.Model { inputs = { b }, outputs = { mean()(within(b)[1]) } }
    check({ { 3 }, { 4 } }, outer)
    outer:compile { loss = "mse", optimizer = nn.optimizers.SGD { 0.5 } }
    outer:train_on_batch(ids, nn.tensor { { 4 }, { 4 } })
    assert_near({ { 9 }, { 1.5 }, { 2.5 } }, within.layers[2]:get_weights(), 1e-5)
  end)

  it("leave places out of metrics that are means", function()
    local model = nn.Sequential {
      L.Embedding { 3, 1, mask_zero = true, input_shape = { 3 }, weights = { nn.tensor { { 5 }, { 1 }, { 2 } } } },
    }
    model:compile { loss = "mse",
      metrics = { "mae", "binary_accuracy", nn.metrics.RootMeanSquaredError { name = "rmse" } },
      weighted_metrics = { nn.metrics.MeanAbsoluteError { name = "weighted" } } }
    local x, y = nn.tensor({ { 1, 2, 0 }, { 1, 0, 0 } }, "int32"), nn.tensor { { 1, 1, 0 }, { 0, 0, 0 } }
    local got = model:evaluate(x, y, { return_dict = true, sample_weight = { 1, 3 } })
    assert.is_near(2 / 3, got.mae, 1e-6)
    assert.is_near(2 / 3, got.binary_accuracy, 1e-6)
    assert.is_near((77 / 6) ^ 0.5, got.rmse, 1e-5) -- of all places, as Keras computes it
    assert.is_near(4 / 5, got.weighted, 1e-6)
  end)

  it("of several inputs become one", function()
    local a, b = nn.Input { shape = { 3 } }, nn.Input { shape = { 3 } }
    local table_ = { nn.tensor { { 5 }, { 1 }, { 2 } } }
    local one = L.Embedding { 3, 1, mask_zero = true, weights = table_ }(a)
    local other = L.Embedding { 3, 1, mask_zero = true, weights = table_ }(b)
    local plain = L.Embedding { 3, 1, weights = table_ }(b)
    local examples = { { L.add { one, other }, 5 }, { L.add { one, plain }, 20 / 3 },
      { L.concatenate({ one, other }, { axis = 2 }), 5 / 3 }, { L.concatenate({ one, plain }, { axis = -2 }), 10 / 4 },
      { L.concatenate { one, other }, 3 } }
    for i, example in ipairs(examples) do
      local model = nn.Model { inputs = { a, b }, outputs = { L.GlobalAveragePooling1D {}(example[1]) } }
      local got = model:predict { nn.tensor({ { 1, 0, 0 } }, "int32"), nn.tensor({ { 2, 2, 0 } }, "int32") }
      assert.is_near(example[2], got[1][1], 1e-5, "example " .. i)
    end
  end)

  it("leave rows out of a batch's statistics", function()
    local made = L.BatchNormalization { momentum = 0 }
    made(nn.tensor { { { 1 }, { 3 }, { 100 } } }, { training = true, mask = nn.tensor { { 1, 1, 0 } } })
    local _, _, mean, variance = made:get_weights()
    assert.is_near(2, mean[1], 1e-5)
    assert.is_near(1, variance[1], 1e-5)
  end)
end)

describe("mistakes in layers", function()
  local function message(f, ...)
    local ok, text = pcall(f, ...)
    assert.is_false(ok)
    return tostring(text)
  end

  it("are errors that say what to do", function()
    local x = nn.Input { shape = { 4 } }
    assert.matches("merge them first", message(L.Dense { 2 }, { x, x }))
    assert.matches("at least two inputs", message(L.Add {}, { x }))
    assert.matches("cannot join samples of 4 and 3x2", message(L.Concatenate {}, { x, nn.Input { shape = { 3, 2 } } }))
    assert.matches("axis 1 counts the samples", message(L.Concatenate { axis = 1 }, { x, x }))
    assert.matches("there is no axis", message(L.LayerNormalization { axis = 4 }, x))
    assert.matches("cannot be divided into 3 groups", message(L.GroupNormalization { groups = 3 }, x))
    assert.matches("did you mean kernel_regularizer", message(L.Dense, { 2, kernel_regulariser = "l2" }))
    assert.matches("ids run from 0.* to 7.*, but input_dim is 5", message(L.Embedding { 5, 2 }, nn.tensor { { 0, 7 } }))
    assert.matches("call adapt first", message(L.Discretization { num_bins = 3 }, X))
    assert.matches("renorm is not supported", message(L.BatchNormalization, { renorm = true }))
    local picture = nn.Input { shape = { 4, 4, 3 } }
    assert.matches("wants samples of 2 axes of places and one of channels, got { 4 }", message(L.ZeroPadding2D {}, x),
      1, true)
    assert.matches("cropping: 2 + 2 leave nothing of a length of 4; crop less", message(L.Cropping2D { 2 }, picture),
      1, true)
    assert.matches("of at least 0, 2 of them, or { before, after } for each of 2 axes, got { 1, 2, 3 }",
      message(L.ZeroPadding2D, { { 1, 2, 3 } }), 1, true)
    assert.matches("size: expected a whole number of at least 1, or a list of two of them, got 0",
      message(L.UpSampling2D, { 0 }))
    assert.matches("interpolation: expected nearest, bilinear, bicubic, lanczos3 or lanczos5, got \"box\"",
      message(L.UpSampling2D, { 2, interpolation = "box" }))
    assert.matches("give crop_to_aspect_ratio or pad_to_aspect_ratio, not both",
      message(L.Resizing, { 2, 2, crop_to_aspect_ratio = true, pad_to_aspect_ratio = true }))
    assert.matches("data_format: expected channels_last or channels_first, got \"NHWC\"",
      message(L.SpatialDropout2D, { 0.5, "NHWC" }))
    assert.matches("wants weights of two axes", message(L.Dense { 2, bias_regularizer = "orthogonal" }, X))
  end)
end)
