-- Models from ONNX files: the cases of the standard, what a model tells of itself, and damaged files.
local cases = require "tests.support.onnx_cases"
local expect = require "tests.support.expect"
local nn = require "nn"
local value = require "nn.onnx.value"
local wire = require "nn.onnx.wire"

local folder = os.tmpname()
os.remove(folder)

local function write(path, message)
  local file <close> = assert(io.open(path, "wb"))
  file:write(type(message) == "string" and message or wire.encode(message, "Model"))
  return path
end

local function info(name, code, shape)
  local dims = {}
  for i, length in ipairs(shape) do
    dims[i] = math.type(length) == "integer" and { dim_value = length } or { dim_param = length }
  end
  return { name = name, type = { tensor_type = { elem_type = code, shape = { dim = dims } } } }
end

-- y = relu(x w), with an open first axis.
local function message()
  return { ir_version = 8, opset_import = { { domain = "", version = 17 } }, graph = {
    name = "small",
    node = { { name = "product", op_type = "MatMul", input = { "x", "w" }, output = { "h" }, attribute = {} },
      { op_type = "Relu", input = { "h" }, output = { "y" }, attribute = {} } },
    initializer = { value.write("w", nn.tensor { { 1, -1 }, { 2, -2 } }, "float32") },
    input = { info("x", 1, { "batch", 2 }) }, output = { info("y", 1, { "batch", 2 }) },
  } }
end

describe("a model from an ONNX file", function()
  after_each(function() os.remove(folder .. ".onnx") end)

  local function load(given) return nn.models.load_model(write(folder .. ".onnx", given or message())) end

  it("predicts, also in batches, and by the names of its inputs", function()
    local model, x = load(), nn.arange(10):reshape { 5, 2 }
    local whole = model:predict(x)
    assert.are.same({ { 2, 0 }, { 8, 0 } }, whole[{ { 1, 2 } }]:totable())
    assert.are.equal(whole:bytes(), model:predict(x, { batch_size = 2 }):bytes())
    assert.are.equal(whole:bytes(), model:predict({ x = x }):bytes())
    assert.are.equal(whole:bytes(), model(x):bytes())
  end)

  it("tells its layers, inputs and outputs", function()
    local model = load()
    assert.are.same({ "product", "y" }, { model.layers[1].name, model.layers[2].name })
    assert.are.equal("Relu", model.layers[2].class_name)
    assert.are.same({ "x" }, { table.unpack(model.input_names) })
    assert.is_truthy(tostring(model):find("x: float32 (batch, 2)", 1, true))
    assert.are.equal(4, model:count_params())
  end)

  it("adds up the widths of parts without a row", function()
    local given = message()
    given.graph.node[1] = { op_type = "Concat", input = { "x", "x" }, output = { "h" }, attribute = {
      { name = "axis", type = 2, i = 1 } } }
    given.graph.output[1] = info("y", 1, { "batch", 4 })
    assert.are.same({ 0, 4 }, load(given):predict(nn.zeros { 0, 2 }).shape)
  end)

  it("says what is wrong with its data", function()
    local model = load()
    expect.fails("expected a tensor of shape (batch, 2), got", model.predict, model, nn.ones { 2, 3 })
    expect.fails("the model has 1 input (x), got 2", model.predict, model, { nn.ones { 2, 2 }, nn.ones { 2, 2 } })
    expect.fails("fit: a model from an ONNX file can predict", model.fit, model)
    expect.fails("expected a layer at position 1, got a model from an ONNX file", nn.Sequential, { model })
  end)

  it("says what is wrong with the file", function()
    local unknown, outside, short = message(), message(), message()
    unknown.graph.node[2].op_type = "Magic"
    expect.fails("node Magic: nnrun has no operator Magic", function() load(unknown):predict(nn.ones { 1, 2 }) end)
    outside.graph.initializer[1].external_data = { { key = "location", value = "/etc/passwd" } }
    expect.fails("the constant w: has its numbers in another file", load, outside)
    short.graph.initializer[1].dims = { 1 << 40, 1 << 40 }
    expect.fails("the constant w: has lengths that make no sense", load, short)
    short.graph.initializer[1].dims = { 3, 2 }
    expect.fails("the constant w: has 16 bytes of numbers; its shape takes 24", load, short)
    expect.fails("is no ONNX file", load, "no file of that kind")
  end)

  it("refuses graphs that lie too deep within each other", function()
    local deep = { node = {}, initializer = {}, input = {}, output = {} }
    for _ = 1, 20 do deep = { node = { { op_type = "If", attribute = { { name = "g", type = 5, g = deep } } } } } end
    expect.fails("graphs lie within each other", load, { graph = deep })
    for _ = 1, 40 do deep = { node = { { op_type = "If", attribute = { { name = "g", type = 5, g = deep } } } } } end
    expect.fails("messages lie within each other", load, { graph = deep })
  end)

  it("that is cut off anywhere is a clear error or a model", function()
    local whole = wire.encode(message(), "Model")
    for length = 0, #whole - 1 do
      local ok, problem = pcall(load, whole:sub(1, length))
      assert.is_true(ok or tostring(problem):find("load_model: ", 1, true) ~= nil, tostring(problem))
    end
  end)
end)

describe("the cases of the ONNX standard", function()
  local root = (os.getenv "NNRUN_DATA" or "data") .. "/onnx_cases"
  local list = cases.list(root)

  it("are computed", function()
    if #list == 0 then return pending("no cases in " .. root) end
    local faults = {}
    for _, each in ipairs(list) do
      local fault = cases.fault(each)
      if fault then faults[#faults + 1] = each:match "[^/]+$" .. ": " .. fault end
    end
    assert.are.equal("", table.concat(faults, "\n"))
  end)
end)
