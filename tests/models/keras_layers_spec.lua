-- Files of Keras for every layer: the examples of all of them, in one model, come back from `.keras` and `.weights.h5`.
local files = require "nn.support.files"
local hdf5 = require "nn.keras.hdf5"
local layer = require "nn.layers.base"
local nn = require "nn"
local sorted_keys = require "nn.support.sorted_keys"
local zip = require "engine.zip"
require "nn.layers"

local path = os.tmpname()

-- What Keras has not: operations as layers, and activations with options.
local READS_IDS = { Embedding = true, CategoryEncoding = true, TokenAndPositionEmbedding = true }
local IS_NOT_KERAS = { Operation = true }

local function each_example(visit)
  for _, class in ipairs(sorted_keys(layer.examples)) do
    for i, example in ipairs(layer.examples[class]) do
      local has_options = class == "Activation" and type(example[1][1]) == "table"
      if not IS_NOT_KERAS[class] and not has_options then
        visit(class, i, example[1], type(example[2][1]) == "table" and example[2] or { example[2] })
      end
    end
  end
end

-- All examples side by side: { model =, data = of each input, titles = of each output }.
local function everything()
  local inputs, outputs, data, titles = {}, {}, {}, {}
  each_example(function(class, i, arguments, shapes)
    local first = #inputs + 1
    for _, shape in ipairs(shapes) do
      local x = nn.random.uniform { shape = { 2, table.unpack(shape) }, minval = -1.5, maxval = 1.5, seed = #inputs }
      inputs[#inputs + 1] = nn.Input { shape = shape }
      data[#inputs] = READS_IDS[class] and (x + 1.5):floor() or x
    end
    local made = layer.layers[class](arguments)
    for _, y in ipairs { made(#shapes == 1 and inputs[first] or table.move(inputs, first, #inputs, 1, {})) } do
      outputs[#outputs + 1], titles[#titles + 1] = y, ("%s, example %d"):format(class, i)
    end
  end)
  return { model = nn.Model { inputs = inputs, outputs = outputs }, data = data, titles = titles }
end

local KEEPS = { Discretization = true, SpectralNormalization = true } -- their weights are in order

local function vary(model)
  for k, weight in ipairs(model:named_weights()) do
    local drawn = nn.random.uniform { shape = weight.tensor.shape, minval = 0.1, maxval = 0.9, seed = k }
    if weight.tensor.size > 0 and not KEEPS[weight.layer.class_name] then weight.tensor[{}] = drawn end
  end
end

describe("files of Keras, of every layer,", function()
  local all, expected, loaded

  local function same_outputs()
    local given = loaded:predict(all.data, { verbose = 0 })
    for i, y in ipairs(expected) do
      assert.equal(y:bytes(), given[i]:bytes(), all.titles[i])
    end
  end

  setup(function()
    nn.advice.silence()
    all = everything()
    vary(all.model)
    expected = all.model:predict(all.data, { verbose = 0 })
    all.model:save(path .. ".keras")
    loaded = nn.models.load_model(path .. ".keras")
  end)
  teardown(function()
    os.remove(path .. ".keras")
    os.remove(path .. ".weights.h5")
  end)

  it("give the same outputs", function()
    assert.is_true(#expected > 200)
    same_outputs()
  end)

  it("give the same weights", function()
    all.model:save_weights(path .. ".weights.h5")
    for _, weight in ipairs(loaded:named_weights()) do
      if weight.tensor.size > 0 then weight.tensor[{}] = 0.25 end
    end
    loaded:load_weights(path .. ".weights.h5")
    same_outputs()
  end)

  it("have a group `vars` for every layer, as those of Keras", function()
    local root = hdf5.read("w", zip.read(files.read(path .. ".keras"))["model.weights.h5"])
    assert.is_true(hdf5.is_group(root.items.vars))
    for _, name in ipairs(root.items.layers.names) do
      assert.is_true(hdf5.is_group(root:at("layers/" .. name .. "/vars")), name)
    end
    assert.is_not_nil(root:at "layers/grouped_query_attention/_query_dense/vars/0")
    assert.is_not_nil(root:at "layers/multi_head_attention/query_dense/vars/0")
    assert.is_not_nil(root:at "layers/spectral_normalization/layer/vars/0")
    assert.is_not_nil(root:at "layers/gru/cell/vars/0")
  end)
end)

describe("a model without weights", function()
  it("is a file of Keras, too", function()
    nn.Sequential { nn.layers.Flatten { input_shape = { 2, 3 } } }:save(path .. ".keras")
    assert.equal("Flatten", nn.models.load_model(path .. ".keras").layers[1].class_name)
    os.remove(path .. ".keras")
  end)
end)
