local files = require "nn.support.files"
local safetensors = require "nn.tensor.safetensors"
local tensor = require "nn.tensor"
local fakes = require "tests.support.experiment_fakes"

local function file_of(header, data)
  return string.pack("<I8", #header) .. header .. (data or "")
end

describe("nn.safetensors", function()
  local path

  setup(function() path = fakes.folder() .. "/weights.safetensors" end)
  teardown(fakes.clean)

  local function read_text(text)
    fakes.write(path, text)
    return safetensors.read(path)
  end

  it("gives back what was written, to the bit", function()
    local given = {
      ["dense/kernel"] = tensor.tensor { { 0.1, -2 ^ -149 }, { 3.4e38, 1 / 3 } },
      labels = tensor.tensor({ 0, 255 }, "uint8"),
      counts = tensor.tensor({ -2147483648, 2147483647 }, "int32"),
      scalar = tensor.tensor(2.5),
      empty = tensor.zeros { 0, 3 },
      view = tensor.arange(12):reshape { 3, 4 }:transpose {},
    }
    assert(safetensors.write(path, given, { format = "nnrun", note = "ü" }))
    local found, metadata = safetensors.read(path)
    assert.same({ format = "nnrun", note = "ü" }, metadata)
    for name, values in pairs(given) do
      assert.equal(values.dtype, found[name].dtype, name)
      assert.same(values.shape, found[name].shape, name)
      assert.equal(values:bytes(), found[name]:bytes(), name)
    end
  end)

  it("gives a model the weights of a file with names of its own", function()
    local nn = require "nn"
    local model = nn.Sequential { nn.layers.Dense { 3, input_shape = { 2 }, name = "out" } }
    local weight = tensor.arange(6):reshape { 3, 2 } -- as PyTorch's Linear has it
    assert(safetensors.write(path, { ["fc.weight"] = weight, ["fc.bias"] = tensor.ones { 3 } }))
    local names = { ["out/kernel"] = { "fc.weight", { 2, 1 } }, ["out/bias"] = "fc.bias" }
    for _, given in ipairs { names, function(name) return names[name] end } do
      model:set_weights { tensor.zeros { 2, 3 }, tensor.zeros { 3 } }
      model:load_weights(path, { names = given })
      assert.same({ { 0, 2, 4 }, { 1, 3, 5 } }, model.weights[1]:totable())
      assert.same({ 1, 1, 1 }, model.weights[2]:totable())
    end
    local _, message = pcall(model.load_weights, model, path, { names = { ["out/kernel"] = "fc.w" } })
    assert.is_truthy(message:find("has no fc.w, which should become out/kernel", 1, true), message)
  end)

  it("reads other types of numbers as those that tensors have", function()
    for dtype, case in pairs {
      F16 = { ("<I2I2"):pack(0x3e00, 0xc000), { 1.5, -2.0 }, "float32" },
      BF16 = { ("<I2I2"):pack(0x3fc0, 0xc000), { 1.5, -2.0 }, "float32" },
      F64 = { ("<dd"):pack(1.5, -2), { 1.5, -2.0 }, "float32" }, I64 = { ("<i8i8"):pack(7, -2), { 7, -2 }, "int32" },
      BOOL = { "\0\1", { 0, 1 }, "uint8" }, I8 = { "\255\1", { -1, 1 }, "int32" },
    } do
      local header = ('{"w":{"dtype":"%s","shape":[2],"data_offsets":[0,%d]}}'):format(dtype, #case[1])
      assert(files.write(path, ("<s8"):pack(header) .. case[1]))
      local found = assert(safetensors.read(path)).w
      assert.same({ case[2], case[3] }, { found:totable(), found.dtype })
    end
  end)

  it("writes the same tensors as the same bytes, data aligned", function()
    local one = { b = tensor.ones { 3 }, a = tensor.tensor({ 1 }, "uint8"), c = tensor.zeros { 2 } }
    assert(safetensors.write(path, one))
    local first = files.read(path)
    assert(safetensors.write(path, { c = one.c, a = one.a, b = one.b }))
    assert.equal(first, files.read(path))
    assert.equal(0, string.unpack("<I8", first) % 8)
    assert.equal('{"a":{"data_offsets":[0,1],"dtype":"U8","shape":[1]}', first:sub(9, 60))
  end)

  it("reads what others write: any order, spaces, metadata", function()
    local found = assert(read_text(file_of(
      '{"__metadata__":{"by":"hand"}, "y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},\n'
      .. '"x":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}   ', string.pack("<i4ff", -7, 0.5, 2))))
    assert.equal(-7, found.x:item())
    assert.same({ 0.5, 2.0 }, found.y:totable())
  end)

  it("says what is wrong with a damaged file", function()
    local entry = '{"w":{"dtype":"%s","shape":%s,"data_offsets":%s}}'
    for _, case in ipairs {
      { "", "header's length" },
      { "short", "header's length" },
      { string.pack("<I8", 1 << 60) .. "{}", "header's length" },
      { string.pack("<I8", 100) .. "{}", "header's length" },
      { file_of "not json", "not valid JSON" },
      { file_of "[1", "not valid JSON" },
      { file_of "123", "no object" },
      { file_of '{"w":7}', "tensor w: expected a dtype" },
      { file_of(entry:format("C64", "[1]", "[0,8]"), "12345678"),
        "expected a dtype such as F32, BF16 or I64, found C64" },
      { file_of(entry:format("I64", "[1]", "[0,8]"), ("<i8"):pack(1 << 40)), "which int32 cannot hold" },
      { file_of(entry:format("F32", "[1]", "[0,4]"), "xx"), "do not lie within the file's 2 bytes" },
      { file_of(entry:format("F32", "[1]", "[4,0]"), "xxxx"), "do not lie within" },
      { file_of(entry:format("F32", "[1]", '"all"'), "xxxx"), "do not lie within" },
      { file_of(entry:format("F32", "[2]", "[0,4]"), "xxxx"), "takes 8 bytes, its data_offsets span 4" },
      { file_of(entry:format("F32", "[-1]", "[0,4]"), "xxxx"), "no list of lengths" },
      { file_of(entry:format("F32", "[1.5]", "[0,4]"), "xxxx"), "no list of lengths" },
      { file_of(entry:format("F32", "[4611686018427387904,4]", "[0,4]"), "xxxx"), "no list of lengths" },
      { file_of(entry:format("F32", "7", "[0,4]"), "xxxx"), "no list of lengths" },
    } do
      local found, message = read_text(case[1])
      assert.is_nil(found)
      assert.matches(path, message, 1, true)
      assert.matches(case[2], message, 1, true)
    end
    local found, message = safetensors.read(path .. ".missing")
    assert.is_nil(found)
    assert.matches("No such file", message)
  end)

  it("survives any damage", function()
    assert(safetensors.write(path, { a = tensor.ones { 2, 3 }, b = tensor.zeros { 4 } }, { x = "y" }))
    local text = files.read(path)
    math.randomseed(5)
    for _ = 1, 400 do
      local bytes = { text:byte(1, -1) }
      for _ = 1, math.random(1, 4) do bytes[math.random(#bytes)] = math.random(0, 255) end
      local length = math.random() < 0.2 and math.random(0, #bytes) or #bytes
      local ok, found, message = pcall(read_text, string.char(table.unpack(bytes, 1, length)))
      assert.is_true(ok, found)
      assert.is_true(found ~= nil or type(message) == "string")
    end
  end)

  it("says why it cannot write", function()
    local ok, message = safetensors.write("/nowhere/weights.safetensors", { a = tensor.ones { 1 } })
    assert.is_nil(ok)
    assert.matches("/nowhere/weights", message)
  end)
end)
