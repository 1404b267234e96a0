-- Walks the registry: every layer has examples, and every example keeps what all layers promise.
local engine = require "engine.graph"
local gradients = require "tests.support.gradients"
local layer = require "nn.layer"
local nn = require "nn"
require "nn.layers"

local function shape_text(shape) return table.concat(shape, "x") end

local function model_of(class, example)
  nn.utils.set_random_seed(3)
  local input = nn.Input { shape = example[2] }
  return nn.Model { inputs = { input }, outputs = { layer.layers[class](example[1])(input) } }
end

local function samples(count, shape)
  return nn.random.uniform { shape = { count, table.unpack(shape) }, minval = -1.5, maxval = 1.5, seed = 8 }
end

describe("every layer", function()
  it("of the engine has a class with examples", function()
    local covered = {}
    for class in pairs(layer.examples) do
      local example = layer.examples[class][1]
      covered[layer.layers[class](example[1]).engine] = true
    end
    for _, name in ipairs((engine.names())) do
      assert.is_true(covered[name] or name == "input", "the layer " .. name .. " has no examples")
    end
  end)

  for class, examples in pairs(layer.examples) do
    for i, example in ipairs(examples) do
      describe(("%s, example %d (%s)"):format(class, i, shape_text(example[2])), function()
        it("gives samples of the shape it announced", function()
          local model, x = model_of(class, example), samples(5, example[2])
          local shape = model:predict(x).shape
          assert.are.same({ 5, table.unpack(model.outputs[1].shape) }, shape)
        end)

        it("has the gradients that finite differences give", function()
          local model, x = model_of(class, example), samples(4, example[2])
          local y = samples(4, model.outputs[1].shape)
          local by_weights, by_inputs = gradients.differ(model, x, y, "mean_squared_error")
          assert.is_true(by_weights < 2e-3, "weights: " .. by_weights)
          assert.is_true(by_inputs < 2e-3, "inputs: " .. by_inputs)
        end)

        it("gives the same bits each time, whatever the batch", function()
          local model, x = model_of(class, example), samples(7, example[2])
          local once = model:predict(x)
          assert.are.equal(once:bytes(), model:predict(x):bytes())
          assert.is_true((model:predict(x, { batch_size = 2 }) - once):abs():max() < 1e-5)
        end)

        it("comes back from its config", function()
          local made = layer.layers[class](example[1])
          local again = layer.layers[class](made:get_config())
          assert.are.same(made:get_config(), again:get_config())
        end)
      end)
    end
  end
end)

describe("every activation", function()
  local smooth = { "linear", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus", "gelu", "silu", "exponential", "celu",
    "softsign", "mish", "log_sigmoid", "squareplus", "log_softmax", "tanh_shrink", "leaky_relu", "relu", "hard_silu" }
  for _, name in ipairs(smooth) do
    it(name .. " has the slope that finite differences give", function()
      local model = model_of("Dense", { { 3, activation = name }, { 4 } })
      local x = samples(6, { 4 })
      local by_weights, by_inputs = gradients.differ(model, x, samples(6, { 3 }), "mean_squared_error", nil, 3e-3)
      assert.is_true(by_weights < 1e-2 and by_inputs < 1e-2, ("%g %g"):format(by_weights, by_inputs))
    end)
  end
end)

describe("every loss", function()
  local function check(loss, config, activation, y)
    local model = model_of("Dense", { { 3, activation = activation }, { 4 } })
    local by_weights, by_inputs = gradients.differ(model, samples(5, { 4 }), y, loss, config)
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
