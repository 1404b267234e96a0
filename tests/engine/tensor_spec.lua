-- Tensors as a script sees them (nn.tensor): making, indexing, shapes; and what other modules build on (engine.tensor).
local engine = require "engine.tensor"
local nn = require "nn.tensor"

local NAN = 0 / 0

local function fails(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok, "expected an error like: " .. pattern)
  assert.matches(pattern, message)
  assert.matches("^%S*tensor_spec%.lua:%d+: ", message)
end

local function same(expected, t)
  assert.same(expected, t:totable())
end

local function iota(...) -- 1, 2, 3, ... in a shape
  local count = 1
  for _, n in ipairs { ... } do count = count * n end
  return nn.arange(1, count + 1):reshape { ... }
end

describe("making tensors", function()
  it("takes nested tables, float32 by default", function()
    local t = nn.tensor { { 1, 2, 3 }, { 4, 5, 6 } }
    assert.same({ 2, 3 }, t.shape)
    assert.same({ 2, 2, 6, "float32" }, { t.ndim, #t, t.size, t.dtype })
    same({ { 1.0, 2.0, 3.0 }, { 4.0, 5.0, 6.0 } }, t)
    assert.equal("float", math.type(t[1][1]))
  end)

  it("takes numbers, tensors and empty lists", function()
    assert.same({}, nn.tensor(5).shape)
    assert.equal(5.0, nn.tensor(5):item())
    assert.same({ 0 }, nn.tensor({}).shape)
    assert.same({ 2, 0 }, nn.tensor({ {}, {} }).shape)
    local t = nn.tensor({ 1, 2 }, "uint8")
    local u = nn.tensor(t)
    u[1] = 9
    same({ 1, 2 }, t)
    assert.equal("uint8", u.dtype)
    assert.equal("int32", nn.tensor(t, "int32").dtype)
  end)

  it("gives integers from integer tensors", function()
    local t = nn.tensor({ { -5, 2147483647 } }, "int32")
    assert.same({ { -5, 2147483647 } }, t:totable())
    assert.equal("integer", math.type(t[{ 1, 1 }]))
    assert.equal("integer", math.type(nn.tensor({ 255 }, "uint8"):item()))
  end)

  it("makes zeros, ones, full and arange", function()
    same({ { 0, 0 } }, nn.zeros { 1, 2 })
    same({ 1, 1 }, nn.ones({ 2 }, "int32"))
    same({ 2.5, 2.5 }, nn.full({ 2 }, 2.5))
    same({ 0, 0, 0 }, nn.zeros(3))
    same({ 0, 1, 2 }, nn.arange(3))
    same({ 1, 1.5, 2 }, nn.arange(1, 2.1, 0.5))
    same({ 5, 3, 1 }, nn.arange(5, 0, -2))
    same({}, nn.arange(3, 1))
    assert.equal("int32", nn.arange(3, "int32").dtype)
    assert.equal(1000000, nn.zeros({ 1000, 1000 }).size)
  end)

  it("says where in a table something is wrong", function()
    fails("%[2%]: expected 3 elements as in the first list, got 2", function() nn.tensor { { 1, 2, 3 }, { 4, 5 } } end)
    fails("%[2%]%[3%]: expected a number, got \"6\"", function() nn.tensor { { 1, 2, 3 }, { 4, 5, "6" } } end)
    fails("%[1%]%[2%]: expected a number, got true", function() nn.tensor { { 1, true } } end)
    fails("%[2%]: expected a number, got a table", function() nn.tensor { 1, { 2 } } end)
    fails("%[2%]: expected a list of 1 like the first one, got 2", function() nn.tensor { { 1 }, 2 } end)
    fails("%[3%]: expected a number, got a tensor; nn.stack", function() nn.tensor { 1, 2, nn.zeros { 2 } } end)
    fails("%[2%]: 256 does not fit into uint8", function() nn.tensor({ 1, 256 }, "uint8") end)
    fails("%[1%]: 0.5 does not fit into int32", function() nn.tensor({ 0.5 }, "int32") end)
    fails("does not fit into int32", function() nn.tensor({ NAN }, "int32") end)
    fails("1e%+300 does not fit into float32", function() nn.tensor { 1e300 } end)
    fails("table with the key \"shape\"", function() nn.tensor { shape = { 2, 3 } } end)
    fails("expected a number, got \"x\"$", function() nn.tensor("x") end)
    fails("expected a number, got nil", function() nn.tensor(nil) end)
    local deep = {}
    for _ = 1, 8 do deep = { deep } end
    fails("nested deeper", function() nn.tensor(deep) end)
    local loop = {}
    loop[1] = loop
    fails("nested deeper", function() nn.tensor(loop) end)
  end)

  it("refuses shapes and types that cannot be", function()
    fails("float32.*got \"float64\"", function() nn.zeros({ 2 }, "float64") end)
    fails("axis 2 has length %-1", function() nn.zeros { 2, -1 } end)
    fails("whole numbers such as { 28, 28 }, got 1.5", function() nn.zeros { 1.5 } end)
    fails("shape: expected a list", function() nn.zeros("3") end)
    fails("shape: expected a list .* got nil", function() nn.zeros() end)
    fails("at most 8 axes", function() nn.zeros { 1, 1, 1, 1, 1, 1, 1, 1, 1 } end)
    fails("shape 1000000x1000000: it takes 4000.0 GB, and", function() nn.zeros { 1000000, 1000000 } end)
    fails("too large", function() nn.zeros { 2 ^ 40, 2 ^ 40 } end)
    fails("too large", function() nn.zeros { math.maxinteger, 2, 0 } end)
    fails("too large", function() return nn.zeros { 2 ^ 22, 1 } + nn.zeros { 1, 2 ^ 22 } end)
    fails("step other than 0", function() nn.arange(1, 2, 0) end)
    fails("arange: expected numbers", function() nn.arange(1, math.huge) end)
    fails("too many", function() nn.arange(1e15) end)
    fails("256 does not fit into uint8", function() nn.full({ 2 }, 256, "uint8") end)
  end)

  it("knows a tensor from other things", function()
    assert.is_true(nn.is_tensor(nn.zeros { 1 }))
    for _, other in ipairs { {}, 1, "t", io.stdout } do assert.is_false(nn.is_tensor(other)) end
    assert.is_false(nn.is_tensor())
  end)
end)

describe("indexing", function()
  local t
  before_each(function() t = iota(2, 3, 4) end)

  it("gives views and numbers", function()
    assert.same({ 3, 4 }, t[1].shape)
    assert.equal(24.0, t[2][3][4])
    assert.equal(24.0, t[-1][-1][-1])
    t[2][3][4] = 0
    t[1] = 7
    assert.equal(0.0, t[{ 2, 3, 4 }])
    assert.equal(7.0, t[{ 1, 3, 1 }])
  end)

  it("takes ranges as Torch does", function()
    same({ { 14, 15 }, { 18, 19 } }, t[{ 2, { 1, 2 }, { 2, 3 } }])
    same({ { 1, 5, 9 }, { 13, 17, 21 } }, t[{ {}, {}, 1 }])
    same({ { 5, 6, 7, 8 } }, t[{ 1, { 2, 2 } }])
    same({ 9, 10, 11, 12 }, t[{ 1, -1 }])
    same({ 22, 23 }, t[{ 2, 3, { -3, -2 } }])
    same({ 1, 4 }, t[{ 1, 1, { 1, 4, 3 } }])
    same({ 1, 3 }, t[{ 1, 1, { 1, 4, 2 } }])
    assert.same({ 2, 3, 4 }, t[{}].shape)
    assert.equal(5.0, nn.tensor(5)[{}])
  end)

  it("makes views of views that stay alive", function()
    local view = iota(100, 100)[{ { 2, 100 } }][{ {}, { 1, 99, 7 } }]:transpose()[3]
    for _ = 1, 20 do
      nn.zeros { 100, 100 }
      collectgarbage()
    end
    assert.equal(115.0, view[1])
    assert.equal(215.0, view[2])
  end)

  it("assigns numbers, tables and tensors, broadcast", function()
    t[{ {}, 1 }] = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } }
    same({ 5, 6, 7, 8 }, t[2][1])
    t[{ 1, {}, { 1, 2 } }] = nn.tensor({ 10, 20 }, "uint8")
    same({ { 10, 20, 3, 4 }, { 10, 20, 7, 8 }, { 10, 20, 11, 12 } }, t[1])
    t[1] = { { 1 }, { 2 }, { 3 } }
    same({ { 1, 1, 1, 1 }, { 2, 2, 2, 2 }, { 3, 3, 3, 3 } }, t[1])
    t[{}] = -1
    assert.equal(-24.0, t:sum())
    local scalar = nn.tensor(5)
    scalar[{}] = 6
    assert.equal(6.0, scalar:item())
  end)

  it("copies rightly between overlapping parts", function()
    local row = iota(6)
    row[{ { 2, 6 } }] = row[{ { 1, 5 } }]
    same({ 1, 1, 2, 3, 4, 5 }, row)
    local square = iota(2, 2)
    square[{}] = square:transpose()
    same({ { 1, 3 }, { 2, 4 } }, square)
  end)

  it("never cuts off what is assigned", function()
    local bytes = nn.zeros({ 3 }, "uint8")
    fails("256 does not fit into uint8", function() bytes[1] = 256 end)
    fails("0.5 does not fit", function() bytes[{}] = 0.5 end)
    fails("%[2%]: %-1 does not fit", function() bytes[{}] = { 1, -1, 1 } end)
    fails("cannot assign a float32 tensor to a uint8 tensor", function() bytes[{}] = nn.ones { 3 } end)
    fails("300 does not fit", function() bytes[{}] = nn.full({ 3 }, 300, "int32") end)
    same({ 0, 0, 0 }, bytes)
    fails("cannot assign: shapes 3 and 2x3x4", function() t[{}] = { 1, 2, 3 } end)
    fails("cannot assign: a result of shape 2x3", function() bytes[{}] = nn.zeros({ 2, 3 }, "uint8") end)
    fails("expected a number, got nil", function() bytes[1] = nil end)
    fails("expected a number, got \"1\"", function() bytes[1] = "1" end)
    fails("cannot set \"shape\"", function() bytes.shape = { 3 } end)
  end)

  it("refuses what is out of range", function()
    local digits = nn.zeros { 10, 28, 28 }
    fails("index 11 is out of range for axis 1 of a tensor of shape 10x28x28", function() return digits[11] end)
    fails("index 0 is out of range", function() return digits[0] end)
    fails("index %-11 is out of range", function() return digits[-11] end)
    fails("index 29 is out of range for axis 3", function() return digits[{ 1, {}, { 1, 29 } }] end)
    fails("the range { 5, 4 } of axis 2 is empty", function() return digits[{ {}, { 5, 4 } }] end)
    fails("4 indices for a tensor of shape 10x28x28", function() return digits[{ 1, 1, 1, 1 }] end)
    fails("2 indices for a tensor of shape 20; a range is a list", function() return nn.zeros { 20 }[{ 1, 10 }] end)
    fails("axis 1: a range is {}", function() return digits[{ { 1 } }] end)
    fails("axis 1: a range is {}", function() return digits[{ { 1, 2, -1 } }] end)
    fails("axis 1: a range is {}", function() return digits[{ { 1, "2" } }] end)
    fails("axis 2: expected a position or a range such as { 1, 100 }, got \"x\"", function()
      return digits[{ 1, "x" }]
    end)
    fails("got 1.5", function() return digits[1.5] end)
    fails("got true", function() return digits[true] end)
    fails("expected a mask of 0 and 1", function() return digits[digits] end)
    fails("without axes", function() return nn.tensor(1)[1] end)
    fails("without axes", function() return #nn.tensor(1) end)
    fails("index 1 is out of range", function() return nn.zeros { 0 }[1] end)
  end)

  it("names the nearest field", function()
    fails("no field \"shap\"; did you mean \"shape\"", function() return t.shap end)
    fails("did you mean \"reshape\"", function() return t:reshap { 1 } end)
    fails("no field \"quux_of_the_day\"$", function() return t.quux_of_the_day end)
  end)

  it("gives a fresh shape each time", function()
    t.shape[1] = 100
    assert.same({ 2, 3, 4 }, t.shape)
  end)

  it("walks along the first axis", function()
    local seen = {}
    for i, row in pairs(nn.tensor { { 1, 2 }, { 3, 4 } }) do seen[i] = row:totable() end
    assert.same({ { 1, 2 }, { 3, 4 } }, seen)
  end)
end)

describe("shapes", function()
  it("reshape, flatten, transpose", function()
    local t = iota(2, 3)
    same({ { 1, 2 }, { 3, 4 }, { 5, 6 } }, t:reshape { 3, 2 })
    same({ { 1, 2 }, { 3, 4 }, { 5, 6 } }, t:reshape(-1, 2))
    assert.same({ 2, 1, 3 }, t:reshape({ 2, -1, 3 }).shape)
    same({ { 1, 4 }, { 2, 5 }, { 3, 6 } }, t:transpose())
    same({ 1, 4, 2, 5, 3, 6 }, t:transpose():flatten())
    assert.same({ 4, 2, 3 }, nn.zeros({ 2, 3, 4 }):transpose({ 3, 1, 2 }).shape)
    assert.same({ 2, 4, 3 }, nn.zeros({ 2, 3, 4 }):transpose(1, -1, 2).shape)
    assert.same({ 0, 5 }, nn.zeros({ 0, 3 }):reshape({ 0, 5 }).shape)
    t:reshape(6)[6] = 60
    assert.equal(60.0, t[{ 2, 3 }])
    t:transpose():reshape(6)[1] = 10 -- a copy
    assert.equal(1.0, t[{ 1, 1 }])
    assert.equal(5.0, nn.tensor({ { 5 } }):reshape({}):item())
  end)

  it("say what does not fit", function()
    local t = nn.zeros { 2, 3 }
    fails("cannot reshape 2x3 %(6 elements%) to 4 %(4 elements%)", function() t:reshape(4) end)
    fails("cannot reshape 2x3 %(6 elements%): no length for the %-1", function() t:reshape(4, -1) end)
    fails("%-1 at most once", function() t:reshape(-1, -1) end)
    fails("%-1 at most once", function() t:reshape(-2, 3) end)
    fails("no length", function() nn.zeros({ 0 }):reshape(0, -1) end)
    fails("too large", function() nn.zeros({ 0 }):reshape(0, 2 ^ 60) end)
    fails("each axis of a tensor of shape 2x3 once", function() t:transpose(1, 1) end)
    fails("axis 3 is out of range", function() t:transpose(1, 3) end)
    fails("3 axes given", function() t:transpose { 1, 2, 3 } end)
    fails("item: expected a tensor with one element, got shape 2x3", function() t:item() end)
  end)

  it("convert types, truncating towards zero", function()
    same({ 1, -1, 0 }, nn.tensor({ 1.9, -1.9, -0.5 }):astype("int32"))
    same({ 255, 0 }, nn.tensor({ 255.5, -0.5 }):astype("uint8"))
    fails("256 does not fit into uint8", function() nn.tensor({ 256 }):astype("uint8") end)
    fails("nan does not fit into int32", function() nn.tensor({ math.abs(NAN) }):astype("int32") end)
    fails("inf does not fit", function() nn.tensor({ math.huge }):astype("int32") end)
    fails("does not fit into int32", function() nn.tensor({ 2147483648 }):astype("int32") end)
    fails("dtype", function() nn.tensor({ 1 }):astype("float64") end)
    local t = nn.tensor { 1 }
    t:copy()[1] = 5
    t:astype("float32")[1] = 5
    assert.equal(1.0, t[1])
  end)

  it("gather by position", function()
    local t = iota(3, 2)
    same({ { 5, 6 }, { 1, 2 }, { 5, 6 } }, t:gather { 3, 1, -1 })
    same({ { 3, 4 } }, t:gather(nn.tensor({ 2 }, "uint8")))
    same({ 20, 10 }, nn.tensor({ 10, 20 }):gather(nn.tensor({ 2, 1 }, "int32")))
    same({ { 2, 4, 6 }, { 1, 3, 5 } }, t:transpose():gather { 2, 1 })
    assert.same({ 0, 2 }, t:gather({}).shape)
    fails("index 4 is out of range for axis 1 of a tensor of shape 3x2", function() t:gather { 1, 4 } end)
    fails("index 0 is out of range", function() t:gather(nn.zeros({ 1 }, "int32")) end)
    fails("whole numbers", function() t:gather(nn.ones { 1 }) end)
    fails("0.5 does not fit", function() t:gather { 0.5 } end)
  end)

  it("concatenate and stack", function()
    local a, b = nn.tensor { { 1, 2 } }, nn.tensor { { 3, 4 } }
    same({ { 1, 2, 3, 4 } }, nn.concatenate { a, b })
    same({ { 1, 2 }, { 3, 4 } }, nn.concatenate { a, b, axis = 1 })
    same({ { 1, 2 }, { 3, 4 } }, nn.concatenate({ a, b }, 1))
    same({ { 1, 2 }, { 3, 4 } }, nn.concatenate({ a, b }, { axis = 1 }))
    same({ { 1, 2 }, { 3, 4 } }, nn.concatenate { { a, b }, axis = 1 })
    same({ 1, 2, 3 }, nn.concatenate { nn.tensor { 1, 2 }, nn.tensor { 3 } })
    same({ { { 1, 2 } }, { { 3, 4 } } }, nn.stack { a, b })
    same({ { { 1, 3 }, { 2, 4 } } }, nn.stack { a, b, axis = -1 })
    same({ 1, 2 }, nn.stack { nn.tensor(1), nn.tensor(2) })
    assert.equal("uint8", nn.concatenate({ nn.zeros({ 1 }, "uint8"), nn.zeros({ 2 }, "uint8") }).dtype)
    assert.equal("int32", nn.concatenate({ nn.zeros({ 1 }, "uint8"), nn.zeros({ 2 }, "int32") }).dtype)
    fails("tensor 2 of the list has shape 3x3, which does not fit 1x2", function()
      nn.concatenate { a, nn.zeros { 3, 3 } }
    end)
    fails("tensor 2 of the list has shape 2x1, which does not fit 1x2", function()
      nn.stack { a, nn.zeros { 2, 1 } }
    end)
    fails("got 5 at position 2", function() nn.concatenate { a, 5 } end)
    fails("got an empty one", function() nn.stack {} end)
    fails("concatenate: unknown argument axs", function() nn.concatenate { a, b, axs = 1 } end)
    fails("concatenate: unknown argument axs", function() nn.concatenate { { a, b }, axs = 1 } end)
    fails("axis 3 is out of range", function() nn.concatenate({ a, b }, 3) end)
    fails("at most 8 axes", function() nn.stack { nn.zeros { 1, 1, 1, 1, 1, 1, 1, 1 } } end)
  end)
end)

describe("raw contents", function()
  it("go to strings and back", function()
    local t = nn.tensor({ { 1, 2 }, { 3, -4 } }, "int32")
    assert.equal(("<i4i4i4i4"):pack(1, 2, 3, -4), t:bytes())
    assert.equal(("<i4i4i4i4"):pack(1, 3, 2, -4), t:transpose():bytes())
    same({ { 1, 2 }, { 3, -4 } }, engine.from_bytes(t:bytes(), "int32", { 2, 2 }))
    same({ 1.5 }, engine.from_bytes(("<f"):pack(1.5), "float32", { 1 }))
    fails("shape 3 of int32 takes 12 bytes, got 2", function() engine.from_bytes("ab", "int32", { 3 }) end)
    fails("expected a string", function() engine.from_bytes(12, "int32", { 3 }) end)
  end)

  it("move into other memory", function()
    local block = nn.zeros { 6 }
    local weight = iota(2, 2)
    local old_row = weight[1]
    engine.rebind(weight, block[{ { 2, 5 } }]:reshape(2, 2))
    weight[2] = 8
    same({ 0, 0, 0, 8, 8, 0 }, block)
    block = nil
    for _ = 1, 5 do
      nn.zeros { 1000 }
      collectgarbage()
    end
    same({ { 0, 0 }, { 8, 8 } }, weight)
    same({ 1, 2 }, old_row)
    assert.is_nil(block)
    fails("cannot rebind a float32 tensor of shape 2x2 to a float32 tensor of shape 3", function()
      engine.rebind(weight, nn.zeros { 3 })
    end)
  end)
end)

describe("garbage", function()
  local function random_value(depth)
    local numbers = { 0, 1, 2, 3, -1, -2, 7, 0.5, 255, 256, 1e10, 2 ^ 40, 2 ^ 62, -2 ^ 31, math.mininteger,
      math.maxinteger, 1e300, math.huge, -math.huge, NAN }
    local others = { "x", "axis", "float32", "uint8", "2", true, false, print, io.stdout }
    local kind = math.random(10)
    if kind <= 4 then return numbers[math.random(#numbers)] end
    if kind == 5 then return math.random(-4, 4) end
    if kind == 6 then return others[math.random(#others)] end
    if kind == 7 then
      local shape = { math.random(0, 3), math.random(0, 4), math.random(3) }
      local t = nn.zeros(shape, ({ "uint8", "int32" })[math.random(3)])
      return math.random(2) == 1 and t or t:transpose()
    end
    local list = {}
    if depth < 4 then
      for i = 1, math.random(0, 3) do list[i] = random_value(depth + 1) end
      if math.random(8) == 1 then list[({ "axis", "keepdims", "n" })[math.random(3)]] = random_value(depth + 1) end
    end
    return list
  end

  local actions = {
    function(t, a) return t[a] end,
    function(t, a, b) t[a] = b end,
    function(t, a) return t + a end,
    function(t, a) return a / t end,
    function(t, a, b) return t:reshape(a, b) end,
    function(_, a, b, c) return engine.new(a, b), engine.zeros(c) end,
    function(_, a, b, c) return engine.full(a, b, c) end,
    function(_, a, b, c) return engine.from_bytes(a, b, c) end,
    function(_, a, b) return nn.concatenate(a, b) end,
    function(_, a, b) return nn.stack(a, b) end,
    function(_, a) return engine.arange(a) end,
  }
  local names = {}
  for name in pairs(engine.methods) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    actions[#actions + 1] = function(t, ...) return t[name](t, ...) end
  end

  it("gives an error at the script's line, or a result that can be read", function()
    math.randomseed(2024)
    local refused = 0
    for _ = 1, 20000 do
      local t = nn.tensor { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } }[{ {}, math.random(2) }]
      if math.random(2) == 1 then t = t:transpose() end
      local a, b, c = random_value(1), random_value(1), random_value(1)
      local ok, result = pcall(actions[math.random(#actions)], t, a, b, c)
      if ok then
        assert.is_string(tostring(result))
      else
        refused = refused + 1
        assert.matches("^%S*tensor_spec%.lua:%d+: ", result)
      end
    end
    assert.is_true(refused > 1000 and refused < 19000)
  end)
end)
