-- Arrays in the files of NumPy: `nn.load` and `nn.save`.

local files = require "nn.support.files"
local nn = require "nn"

local folder

-- A .npy file as NumPy lays it out, with numbers that string.pack has written.
local function npy(descr, shape, bytes, order)
  local header = ("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"):format(descr, order or "False", shape)
  header = header .. (" "):rep(-(#header + 11) % 64) .. "\n"
  return "\x93NUMPY\1\0" .. ("<s2"):pack(header) .. bytes
end

local function load(contents)
  local path = folder .. "/a.npy"
  assert(files.write(path, contents))
  return nn.load(path)
end

local function message_of(contents) return select(2, pcall(load, contents)) end

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(files.make_folder(folder))
end)

teardown(function()
  for _, name in ipairs(files.list(folder)) do os.remove(folder .. "/" .. name) end
  os.remove(folder)
end)

describe("nn.load reads .npy files", function()
  it("of every type of number, in both byte orders", function()
    local TYPES = { -- NumPy's name, string.pack's, values, type of the tensor
      { "i1", "i1", { -128, 127 }, "int32" }, { "u1", "I1", { 0, 255 }, "uint8" },
      { "i2", "i2", { -32768, 32767 }, "int32" }, { "u2", "I2", { 0, 65535 }, "int32" },
      { "i4", "i4", { -2 ^ 31 | 0, 2 ^ 31 - 1 | 0 }, "int32" }, { "u4", "I4", { 0, 2 ^ 31 - 1 | 0 }, "int32" },
      { "i8", "i8", { -2 ^ 31 | 0, 7 }, "int32" }, { "u8", "I8", { 0, 7 }, "int32" },
      { "f4", "f", { 0.5, -3.25 }, "float32" },
      { "f8", "d", { 0.5, -3.25 }, "float32" }, { "b1", "I1", { 0, 1 }, "uint8" },
    }
    for _, each in ipairs(TYPES) do
      for _, order in ipairs { "<", ">" } do
        local format = order .. each[2] .. each[2]
        local x = load(npy(order .. each[1], "2,", format:pack(table.unpack(each[3]))))
        assert.are.equal(each[4], x.dtype)
        assert.are.same(each[3], x:totable())
      end
    end
  end)

  it("of half precision", function()
    -- the least subnormal, the greatest, the least normal number, minus two, infinity
    local x = load(npy("<f2", "5,", ("<I2I2I2I2I2"):pack(0x0001, 0x7bff, 0x0400, 0xc000, 0x7c00)))
    assert.are.same({ 2.0 ^ -24, 65504.0, 2.0 ^ -14, -2.0, math.huge }, x:totable())
    assert.is_true(load(npy("<f2", "", ("<I2"):pack(0x7e00))):isnan():item() == 1)
  end)

  it("with axes in Fortran's order, without axes, and without elements", function()
    local bytes = ("<i4i4i4i4i4i4"):pack(1, 2, 3, 4, 5, 6)
    assert.are.same({ { 1, 2, 3 }, { 4, 5, 6 } }, load(npy("<i4", "2, 3", bytes)):totable())
    assert.are.same({ { 1, 3, 5 }, { 2, 4, 6 } }, load(npy("<i4", "2, 3", bytes, "True")):totable())
    assert.are.equal(1, load(npy("<i4", "", ("<i4"):pack(1))):item())
    assert.are.same({ 0, 3 }, load(npy("<f4", "0, 3", "")).shape)
  end)

  it("of version 2, with other spaces and quotes", function()
    local header = '{"shape":(1,),"fortran_order":False,"descr":"<f4"}\n'
    assert.are.same({ 1.5 }, load("\x93NUMPY\2\0" .. ("<s4"):pack(header) .. ("<f"):pack(1.5)):totable())
  end)

  it("and says what is wrong with others", function()
    for contents, expected in pairs {
      ["PK\3\4"] = "is no .npy file", ["\x93NUMPY\9\0\0\0"] = "version 9", ["\x93NUMPY\1\0\255\255{"] = "cut off",
      [npy("<f4", "2, 3", "abc")] = "has 3 bytes of numbers; its header promises 24",
      [npy("<f4", "1,", "12345678")] = "has 8 bytes of numbers; its header promises 4",
      [npy("<f4", "99999999999, 99999999999", "")] = "a shape that makes no sense",
      [npy("<f4", "-1,", "")] = "a shape that makes no sense",
      [npy("<f4", "1, 1, 1, 1, 1, 1, 1, 1, 1", "1234")] = "9 axes",
      [npy("<U5", "1,", "")] = "(texts)", [npy("|O", "1,", "")] = "objects of Python's",
      [npy("<c8", "1,", "")] = "complex",
      [npy("<i8", "1,", ("<i8"):pack(1 << 40))] = "1099511627776, which int32 cannot hold",
      [npy("<u8", "1,", ("<i8"):pack(-1))] = "18446744073709551615, which int32 cannot hold",
      [npy("<f8", "1,", ("<d"):pack(1e300))] = "which float32 cannot hold",
      ["\x93NUMPY\1\0" .. ("<s2"):pack "{'descr': [('a', '<f4')], }"] = "records of several fields",
    } do
      local message = message_of(contents)
      assert.is_truthy(message:find(expected, 1, true), message)
      assert.is_truthy(message:find(folder .. "/a.npy", 1, true), message)
    end
  end)
end)

describe("nn.save writes .npy files", function()
  it("that begin as NumPy's do and are read again, views too", function()
    local path = folder .. "/b.npy"
    nn.save(path, nn.tensor { 1, 2 })
    local text = files.read(path)
    assert.are.equal(npy("<f4", "2,", ("<ff"):pack(1, 2)), text)
    for _, x in ipairs { nn.arange(6):reshape { 2, 3 }:transpose(), nn.tensor({ 0, 255 }, "uint8"),
      nn.tensor(-7, "int32"), nn.zeros { 2, 0 } } do
      nn.save(path, x)
      local again = nn.load(path)
      assert.are.same({ x.dtype, x.shape, x:totable() }, { again.dtype, again.shape, again:totable() })
    end
  end)

  it("as archives, which hold tensors by name", function()
    local path = folder .. "/d.npz"
    local given = { x = nn.arange(6):reshape { 2, 3 }, ["a b"] = nn.tensor({ 7 }, "int32") }
    nn.save(path, given)
    local found = nn.load(path)
    for name, x in pairs(given) do
      assert.are.same({ x.dtype, x:totable() }, { found[name].dtype, found[name]:totable() })
    end
    nn.save(path, { given.x, given.x })
    assert.is_truthy(nn.load(path).arr_0 and nn.load(path).arr_1)
    local make = require "engine.zip".make
    for contents, expected in pairs {
      PK = "d.npz", [""] = "d.npz is empty", [make { { "x.txt", "x" } }] = "x.txt, which is no",
      [make { { "x.npy", "x" } }] = "x.npy is no .npy file" } do
      assert(files.write(path, contents))
      local message = select(2, pcall(nn.load, path))
      assert.is_truthy(message:find(expected, 1, true), message)
    end
    assert.has_error(function() nn.save(path, nn.ones { 2 }) end)
    assert.has_error(function() nn.save(path, { x = 1 }) end)
  end)

  it("and refuses what is no tensor, other endings, and arguments the wrong way round", function()
    assert.has_error(function() nn.save(folder .. "/c.npy", { 1 }) end)
    assert.has_error(function() nn.save(folder .. "/c.txt", nn.ones { 1 }) end)
    assert.is_truthy(select(2, pcall(nn.save, nn.ones { 1 }, "c.npy")):find("the path comes first", 1, true))
    assert.has_error(function() nn.load(folder .. "/none.npy") end)
  end)
end)
