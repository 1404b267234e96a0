-- `model:export`: every layer's examples, written as ONNX files, give what predict gives: computed by nnrun's own
-- reader, and by onnxruntime-web where it is installed (`make onnx`).
local expect = require "tests.support.expect"
local files = require "nn.support.files"
local layer = require "nn.layers.base"
local nn = require "nn"
local runtime = require "tests.support.onnx_runtime"
require "nn.layers"

local layers, ops = nn.layers, nn.ops

-- ---- what is exported ----------------------------------------------------------------------------------------------

local READS_IDS = { Embedding = true, CategoryEncoding = true, TokenAndPositionEmbedding = true }

local function data_for(shapes, reads_ids)
  local list = {}
  for i, shape in ipairs(shapes) do
    local x = nn.random.uniform { shape = { 3, table.unpack(shape) }, minval = -1.5, maxval = 1.5, seed = i }
    list[i] = reads_ids and (x + 1.5):floor() or x
  end
  return list
end

local function inputs_for(shapes)
  local list = {}
  for i, shape in ipairs(shapes) do list[i] = nn.Input { shape = shape } end
  return list
end

-- Weights that differ from layer to layer, also those that begin as zeros or ones.
local function vary(model)
  local values = {}
  for i, weight in ipairs(model:get_weights()) do
    local drawn = nn.random.uniform { shape = weight.shape, minval = 0.1, maxval = 0.9, seed = i }
    values[i] = weight.size > 0 and (weight * 0.5 + drawn * 0.5) or weight
  end
  model:set_weights(values)
end

local function case(list, name, shapes, build, reads_ids)
  nn.utils.set_random_seed(3)
  local inputs = inputs_for(shapes)
  local model = nn.Model { inputs = inputs, outputs = { build(#inputs == 1 and inputs[1] or inputs) } }
  list[#list + 1] = { name = name, model = model, data = data_for(shapes, reads_ids) }
  return model
end

-- Layers whose weights mean something that must stay: boundaries and statistics are in order.
local KEEPS_WEIGHTS = { Discretization = true, SpectralNormalization = true }

local function all_layers(list)
  for class, examples in pairs(layer.examples) do
    for i, example in ipairs(examples) do
      local shapes = type(example[2][1]) == "table" and example[2] or { example[2] }
      local model = case(list, ("%s, example %d"):format(class, i), shapes, function(x)
        return layers[class](example[1])(x)
      end, READS_IDS[class])
      if not KEEPS_WEIGHTS[class] then vary(model) end
    end
  end
end

-- Many functions of the same inputs, as one model with an output for each.
local function group(list, shapes, functions)
  local names = {}
  case(list, "", shapes, function(x)
    local outputs = {}
    for i, each in ipairs(functions) do names[i], outputs[i] = each[1], each[2](x) end
    return table.unpack(outputs)
  end)
  list[#list].parts = names
end

local function all_activations(list)
  local functions = {}
  for i, name in ipairs(require("nn.activations.functions").names) do
    functions[i] = { "the activation " .. name, function(x)
      return name == "threshold" and ops.threshold(x, 0.2, 0.5) or layers.Activation { name }(x)
    end }
  end
  group(list, { { 3, 4 } }, functions)
end

local function graphs(list)
  case(list, "a shared layer", { { 3 }, { 3 } }, function(x)
    local shared = layers.Dense { 3, activation = "tanh" }
    return shared(x[1]) + shared(x[2])
  end)
  case(list, "a nested model of two outputs", { { 4 } }, function(x)
    local inner_input = nn.Input { shape = { 4 } }
    local inner = nn.Model { inputs = inner_input, outputs = { layers.Dense { 2 }(inner_input), inner_input * 2 } }
    local both = inner(x)
    return both[1], layers.Dense { 3, activation = "softmax" }(both[2])
  end)
  case(list, "a network of pictures", { { 8, 8, 2 } }, function(x)
    x = layers.Conv2D { 4, 3, padding = "same", strides = 2, activation = "relu" }(x)
    x = layers.BatchNormalization {}(x)
    x = layers.DepthwiseConv2D { 3, depth_multiplier = 2 }(x)
    x = layers.Conv2DTranspose { 3, 5, strides = 2, padding = "same" }(x)
    x = layers.MaxPooling2D { 2, padding = "same" }(x)
    return layers.Dense { 2 }(layers.Flatten {}(x))
  end)
  case(list, "sequences with padding", { { 5 } }, function(x)
    local vectors = layers.Embedding { 3, 4, mask_zero = true }(x)
    local h = layers.Bidirectional { layers.LSTM { 2, return_sequences = true } }(vectors)
    return layers.GRU { 3, go_backwards = true }(h)
  end, true)
  case(list, "states", { { 4, 2 }, { 3 } }, function(x)
    local y, h = layers.GRU { 3, return_state = true, return_sequences = true }(x[1], { initial_state = x[2] })
    return y, h
  end)
  case(list, "attention with masks", { { 4, 6 }, { 5, 6 }, { 4, 5 } }, function(x)
    return layers.MultiHeadAttention { 2, 3 }(x[1], x[2], { attention_mask = ops.greater(x[3], 0) })
  end)
  case(list, "causal attention", { { 4, 6 } }, function(x)
    return layers.GroupQueryAttention { 3, 4, 2 }(x, x, { use_causal_mask = true })
  end)
end

-- By name: function of one or two tensors of shape (n, 3, 4).
local UNARY = { "abs", "ceil", "cos", "cosh", "erf", "exp", "expm1", "floor", "isfinite", "isinf", "isnan",
  "logical_not", "negative", "reciprocal", "round", "sign", "sin", "sinh", "square", "tan", "tanh", "arctan", "arcsinh",
  "log_softmax", "softmax" }
local OF_POSITIVE = { "log", "log2", "log10", "log1p", "rsqrt", "sqrt", "arccosh" }
local BINARY = { "add", "subtract", "multiply", "divide", "maximum", "minimum", "mod", "floor_divide", "divide_no_nan",
  "hypot", "logaddexp", "equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "logical_and",
  "logical_or", "logical_xor" }

local function operations(list)
  local of_one, of_two = {}, {}
  local function one(name, f) of_one[#of_one + 1] = { "nn.ops." .. name, f } end
  for _, name in ipairs(UNARY) do one(name, function(x) return ops[name](x) end) end
  for _, name in ipairs(OF_POSITIVE) do one(name, function(x) return ops[name](ops.abs(x) + 1.1) end) end
  for _, name in ipairs { "sum", "mean", "max", "min", "prod", "logsumexp", "argmax", "argmin" } do
    one(name, function(x) return ops[name](x, { axis = 2, keepdims = true }) end)
  end
  for _, name in ipairs(BINARY) do
    of_two[#of_two + 1] = { "nn.ops." .. name, function(x) return ops[name](x[1], x[2]) end }
  end
  one("power", function(x) return ops.power(ops.abs(x), 1.5) end)
  one("cumsum", function(x) return ops.cumsum(x, 2) end)
  one("argsort", function(x) return ops.argsort(x, 3) end)
  one("flip", function(x) return ops.flip(x, { 2, 3 }) end)
  one("reshape", function(x) return ops.reshape(x, { -1, 2, 6 }) end)
  one("transpose", function(x) return ops.transpose(x, { 1, 3, 2 }) end)
  one("getitem", function(x) return x[{ {}, { 1, 3, 2 }, -1 }] end)
  one("where", function(x) return ops.where(ops.greater(x, 0), x, 7) end)
  one("take", function(x) return ops.take(x, { 2, 0, 1 }, 3) end)
  one("take_along_axis", function(x) return ops.take_along_axis(x, ops.argmax(x, { axis = 3, keepdims = true }), 3) end)
  one("one_hot", function(x) return ops.one_hot(ops.argmax(x, 3), 4) end)
  for _, mode in ipairs { "constant", "edge", "reflect", "symmetric" } do
    one("pad", function(x) return ops.pad(x, { { 0, 0 }, { 1, 2 }, { 2, 0 } }, mode) end)
  end
  one("matmul", function(x) return ops.matmul(x, ops.transpose(x, { 1, 3, 2 })) end)
  one("einsum", function(x) return ops.einsum("bij,bkj->bik", x, x) end)
  one("conv", function(x) return ops.conv(x, nn.ones { 2, 2, 6 }, 1, "same") end)
  group(list, { { 3, 4 } }, of_one)
  group(list, { { 3, 4 }, { 3, 4 } }, of_two)
end

-- ---- the tests -----------------------------------------------------------------------------------------------------

local function as_list(value) return nn.is_tensor(value) and { value } or value end

-- What is wrong with outputs, nil if nothing is.
local function difference(got, each)
  local expected, parts = each.expected, each.parts or {}
  for i, want in ipairs(expected) do
    local own = got[i]
    local shape, wanted = table.concat(own.shape, "x"), table.concat(want.shape, "x")
    local title = parts[i] or "output " .. i
    if shape ~= wanted then return ("%s has shape %s, not %s"):format(title, shape, wanted) end
    local scale = math.max(1, ops.where(ops.isfinite(want), ops.abs(want), 0):max())
    local apart = ops.where(ops.equal(own, want), 0, own - want):abs():max()
    if apart ~= apart or apart > 1e-5 * scale then return ("%s is apart by %s"):format(title, apart) end
  end
end

describe("an exported model", function()
  local folder, cases = os.tmpname(), {}
  os.remove(folder)
  assert(files.make_folder(folder))
  all_layers(cases)
  all_activations(cases)
  graphs(cases)
  operations(cases)
  local faults = {}
  for i, each in ipairs(cases) do
    each.path = ("%s/%d.onnx"):format(folder, i)
    each.expected = as_list(each.model:predict(#each.data == 1 and each.data[1] or each.data))
    local ok, problem = pcall(each.model.export, each.model, each.path)
    if not ok then faults[#faults + 1] = each.name .. ": " .. tostring(problem) end
    each.is_written = ok
  end

  teardown(function() files.remove(folder) end)

  it("is written for every layer, activation and operation", function()
    assert.are.equal("", table.concat(faults, "\n"))
  end)

  it("gives what predict gives when it is read again", function()
    local apart = {}
    for _, each in ipairs(cases) do
      if each.is_written then
        local ok, problem = pcall(function()
          return difference(as_list(nn.models.load_model(each.path):predict(each.data)), each)
        end)
        if not ok or problem then apart[#apart + 1] = ("%s: %s"):format(each.name, tostring(problem)) end
      end
    end
    assert.are.equal("", table.concat(apart, "\n"))
  end)

  it("gives what predict gives in ONNX Runtime", function()
    local missing = runtime.missing()
    if missing then return pending(missing) end
    local given, apart = {}, {}
    for _, each in ipairs(cases) do
      if each.is_written then
        local inputs = {}
        for k, x in ipairs(each.data) do inputs[k] = { name = each.model.input_names[k], tensor = x } end
        given[#given + 1] = { model = each.path, inputs = inputs, case = each }
      end
    end
    runtime.run(given, folder)
    for _, each in ipairs(given) do
      local problem = each.problem or difference(each.outputs, each.case)
      if problem then apart[#apart + 1] = ("%s: %s"):format(each.case.name, problem) end
    end
    assert.are.equal("", table.concat(apart, "\n"))
  end)

  it("keeps the names of inputs and outputs, and an open number of samples", function()
    local input = nn.Input { shape = { 3 }, name = "numbers" }
    local model = nn.Model { inputs = input, outputs = layers.Dense { 2, name = "scores" }(input) }
    model:export(folder .. "/named.onnx")
    local again = nn.models.load_model(folder .. "/named.onnx")
    assert.are.same({ "numbers" }, { table.unpack(again.input_names) })
    assert.are.same({ "scores" }, { table.unpack(again.output_names) })
    local x = nn.random.uniform { shape = { 50, 3 }, seed = 1 }
    assert.is_true((again:predict(x) - model:predict(x)):abs():max() < 1e-6)
  end)

  it("has no two Transpose in a row between convolutions", function()
    local model = nn.Sequential { layers.Conv2D { 2, 3, activation = "relu", input_shape = { 8, 8, 1 } },
      layers.MaxPooling2D { 2 }, layers.Conv2D { 2, 2 } }
    model:export(folder .. "/chain.onnx")
    local count = 0
    for _, node in ipairs(nn.models.load_model(folder .. "/chain.onnx").layers) do
      count = count + (node.class_name == "Transpose" and 1 or 0)
    end
    assert.are.equal(2, count)
  end)

  it("takes samples of any length where its layers do", function()
    local model = nn.Sequential { layers.Dense { 3, input_shape = { -1, 4 } }, layers.LSTM { 2 } }
    model:export(folder .. "/open.onnx")
    local again = nn.models.load_model(folder .. "/open.onnx")
    for _, steps in ipairs { 2, 5 } do
      local x = nn.random.uniform { shape = { 3, steps, 4 }, seed = steps }
      assert.is_true((again:predict(x) - model:predict(x)):abs():max() < 1e-6)
    end
  end)

  it("is refused where ONNX cannot express the model", function()
    local stateful = nn.Sequential { layers.LSTM { 2, stateful = true, input_shape = { 3, 1 } } }
    expect.fails("keeps its states from batch to batch", stateful.export, stateful, folder .. "/s.onnx")
    local opaque = nn.Sequential { layers.Lambda { function(x) return nn.tensor(x:totable()) end,
      input_shape = { 2 } } }
    expect.fails("has a Lua function", opaque.export, opaque, folder .. "/l.onnx")
    local unrolled = nn.Sequential { layers.GRU { 2, activation = "silu", input_shape = { -1, 2 } } }
    expect.fails("its steps are written one by one", unrolled.export, unrolled, folder .. "/u.onnx")
    local open = nn.Sequential { layers.Conv1D { 2, 2, padding = "same", input_shape = { -1, 3 } } }
    expect.fails("with an open axis", open.export, open, folder .. "/o.onnx")
    local words = layers.TextVectorization { max_tokens = 5, output_sequence_length = 4 }
    words:adapt { "a b" }
    local texts = nn.Sequential { words, layers.Dense { 1 } }
    texts:predict { "a" }
    expect.fails("reads texts", texts.export, texts, folder .. "/t.onnx")
    expect.fails('expected a path such as "model.onnx"', opaque.export, opaque, folder .. "/l.h5")
  end)

end)
