-- Walks the registry: every layer has examples, and every example keeps what all layers promise.
local engine = require "engine.registry"
local gradients = require "tests.support.gradients"
local layer = require "nn.layers.base"
local nn = require "nn"
require "nn.layers"
local reads_data = require("nn.layers.preprocessing.text.base").classes -- see tests/data/text_layers_spec.lua

-- An example's shape: one, or one for each input.
local function shapes_of(example)
  return type(example[2][1]) == "table" and example[2] or { example[2] }
end

local function shape_text(example)
  local texts = {}
  for i, shape in ipairs(shapes_of(example)) do texts[i] = table.concat(shape, "x") end
  return table.concat(texts, ", ")
end

local function model_of(class, example)
  nn.utils.set_random_seed(3)
  local inputs = {}
  for i, shape in ipairs(shapes_of(example)) do inputs[i] = nn.Input { shape = shape } end
  local made = layer.layers[class](example[1])
  return nn.Model { inputs = inputs, outputs = made(#inputs == 1 and inputs[1] or inputs) }
end

-- Numbers from -1.5 to 1.5 in random order, no two alike and none close to 0, where some layers have a kink.
local function samples(count, shape, seed)
  local whole = nn.zeros { count, table.unpack(shape) }
  local n = whole.size
  local places = nn.random.permutation(n, seed or 8):astype "float32"
  return ((places + 0.5) * (3 / n) - 1.5):reshape(whole.shape)
end

-- Data for each input of an example; ids from 0 to 2 for layers that read ids.
local READS_IDS = { Embedding = true, CategoryEncoding = true, TokenAndPositionEmbedding = true }

local function data_of(class, example, count)
  local list = {}
  for i, shape in ipairs(shapes_of(example)) do
    local x = samples(count, shape, 7 + i)
    list[i] = READS_IDS[class] and ((x + 1.5):floor()) or x
  end
  return list
end

describe("every layer", function()
  it("of the engine is in a layer with examples", function()
    local covered = {}
    for class, examples in pairs(layer.examples) do
      for _, example in ipairs(examples) do
        for _, node in ipairs((model_of(class, example):lower())) do covered[node.layer or node.operation] = true end
      end
    end
    covered.masked_softmax = true -- wants a mask: see below
    covered.lambda = true -- wants functions: see functional_spec.lua
    covered.variable = true -- reads no samples: see graph_spec.lua
    for _, name in ipairs((engine.names())) do
      assert.is_true(covered[name] or name == "input", "the layer " .. name .. " has no examples")
    end
  end)

  it("has examples, but for those that compute nothing of their own", function()
    local has_examples = {}
    for name, examples in pairs(layer.examples) do has_examples[layer.layers[name]] = #examples > 0 end
    for name, construct in pairs(layer.layers) do
      local computes = not reads_data[name] and name ~= "Input" and name ~= "InputLayer" and name ~= "Lambda"
        and name ~= "Layer"
      if name:find "^%u" and computes then
        assert.is_true(has_examples[construct], name .. " has no examples")
      end
    end
  end)

  for class, examples in pairs(layer.examples) do
    for i, example in ipairs(examples) do
      describe(("%s, example %d (%s)"):format(class, i, shape_text(example)), function()
        it("gives samples of the shape it announced", function()
          local model = model_of(class, example)
          local shape = model:predict(data_of(class, example, 5)).shape
          assert.are.same({ 5, table.unpack(model.outputs[1].shape) }, shape)
        end)

        it("has the gradients that finite differences give", function()
          local model, x = model_of(class, example), data_of(class, example, 4)
          local y = samples(4, model.outputs[1].shape, 99)
          local by_weights, by_inputs = gradients.differ(model, x, y, "mean_squared_error")
          local steps = READS_IDS[class] or class == "Discretization" or class == "Masking"
          local is_replaced = class == "SpectralNormalization" -- its kernel: see spectral_normalization_spec.lua
          assert.is_true(is_replaced or by_weights < 3e-3, "weights: " .. by_weights)
          assert.is_true(steps or by_inputs < 3e-3, "inputs: " .. by_inputs)
        end)

        it("gives the same bits each time, whatever the batch", function()
          local model, x = model_of(class, example), data_of(class, example, 7)
          local once = model:predict(x)
          assert.are.equal(once:bytes(), model:predict(x):bytes())
          assert.is_true((model:predict(x, { batch_size = 2 }) - once):abs():max() < 1e-5)
        end)

        it("comes back from its config", function()
          local made = layer.layers[class](example[1])
          local again = layer.layers[class](made:get_config())
          assert.are.same(made:get_config(), again:get_config())
        end)

        it("comes back from its model's architecture, with its weights", function()
          local model, x = model_of(class, example), data_of(class, example, 3)
          local twin = nn.models.model_from_json(model:to_json())
          twin:set_weights(model:get_weights())
          assert.are.equal(model:predict(x):bytes(), twin:predict(x):bytes())
          assert.are.equal(model:to_json(), twin:to_json())
        end)
      end)
    end
  end
end)

describe("every activation", function()
  local smooth = { "linear", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus", "gelu", "silu", "exponential",
    "celu",
    "softsign", "mish", "log_sigmoid", "squareplus", "log_softmax", "tanh_shrink", "leaky_relu", "relu", "hard_silu" }
  for _, name in ipairs(smooth) do
    it(name .. " has the slope that finite differences give", function()
      local model = model_of("Dense", { { 3, activation = name }, { 4 } })
      local x = samples(6, { 4 })
      local by_weights, by_inputs = gradients.differ(model, { x }, samples(6, { 3 }), "mean_squared_error", nil, 3e-3)
      assert.is_true(by_weights < 1e-2 and by_inputs < 1e-2, ("%g %g"):format(by_weights, by_inputs))
    end)
  end
end)

describe("every loss", function()
  local function check(loss, config, activation, y)
    local model = model_of("Dense", { { 3, activation = activation }, { 4 } })
    local by_weights, by_inputs = gradients.differ(model, { samples(5, { 4 }) }, y, loss, config)
    assert.is_true(by_weights < 3e-3 and by_inputs < 3e-3, ("%g %g"):format(by_weights, by_inputs))
  end
  local ids = nn.tensor({ 0, 2, 1, 1, 0 }, "int32")
  local one_hot = nn.utils.to_categorical(ids, 3)

  it("has the gradient that finite differences give: fused with its activation", function()
    check("sparse_categorical_crossentropy", nil, "softmax", ids)
    check("categorical_crossentropy", { label_smoothing = 0.1 }, "softmax", one_hot)
    check("binary_crossentropy", { label_smoothing = 0.1 }, "sigmoid", one_hot)
  end)

  it("has the gradient that finite differences give: from logits", function()
    check("sparse_categorical_crossentropy", { from_logits = true }, nil, ids)
    check("categorical_crossentropy", { from_logits = true }, nil, one_hot)
    check("binary_crossentropy", { from_logits = true }, nil, one_hot)
  end)

  it("has the gradient that finite differences give: from probabilities of another activation", function()
    check("sparse_categorical_crossentropy", nil, "sigmoid", ids)
    check("categorical_crossentropy", nil, "sigmoid", one_hot)
    check("binary_crossentropy", nil, "softmax", one_hot)
  end)

  it("has the gradient that finite differences give: regression", function()
    check("mean_squared_error", nil, nil, samples(5, { 3 }))
    check("mean_absolute_error", nil, nil, samples(5, { 3 }) * 9)
  end)
end)
