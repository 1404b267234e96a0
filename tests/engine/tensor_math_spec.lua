-- Computing with tensors: arithmetic, reductions, matrix products.
local nn = require "nn.tensor"

local NAN = 0 / 0

local function fails(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok, "expected an error like: " .. pattern)
  assert.matches(pattern, message)
  assert.matches("^%S*tensor_math_spec%.lua:%d+: ", message)
end

local function same(expected, t)
  assert.same(expected, t:totable())
end

-- Equal up to rounding to float32.
local function near(expected, value)
  if type(expected) == "table" then
    for i, e in ipairs(expected) do near(e, value[i]) end
    assert.equal(#expected, #value)
  else
    assert.is_true(math.abs(expected - value) <= 1e-6 * math.max(1, math.abs(expected)), expected .. " ~ " .. value)
  end
end

local function iota(...) -- 1, 2, 3, ... in a shape
  local count = 1
  for _, n in ipairs { ... } do count = count * n end
  return nn.arange(1, count + 1):reshape { ... }
end

describe("arithmetic", function()
  it("works element by element, with numbers and tables on either side", function()
    local a, b = nn.tensor { 1, 2, 3 }, nn.tensor { 4, 5, 6 }
    same({ 5, 7, 9 }, a + b)
    same({ -3, -3, -3 }, a - b)
    same({ 4, 10, 18 }, a * b)
    near({ 0.25, 0.4, 0.5 }, (a / b):totable())
    same({ 1, 32, 729 }, a ^ b)
    same({ -1, -2, -3 }, -a)
    same({ 11, 12, 13 }, 10 + a)
    same({ 0.5, 1, 1.5 }, a / 2)
    same({ 1, 4, 9 }, a ^ 2)
    same({ 2, 4, 8 }, 2 ^ a)
    same({ 11, 22, 33 }, a + { 10, 20, 30 })
    same({ 9, 18, 27 }, { 10, 20, 30 } - a)
  end)

  it("broadcasts as NumPy", function()
    local a = iota(2, 3)
    same({ { 11, 22, 33 }, { 14, 25, 36 } }, a + nn.tensor { 10, 20, 30 })
    same({ { 11, 12, 13 }, { 24, 25, 26 } }, a + nn.tensor { { 10 }, { 20 } })
    same({ { 11, 21 }, { 12, 22 } }, nn.tensor { { 1 }, { 2 } } + nn.tensor { 10, 20 })
    assert.same({ 4, 2, 3 }, (nn.zeros { 4, 1, 3 } * nn.zeros { 2, 1 }).shape)
    assert.same({ 0, 3 }, (nn.zeros { 0, 3 } + nn.zeros { 3 }).shape)
    assert.same({ 0 }, (nn.zeros { 0 } * nn.zeros { 1 }).shape)
  end)

  it("agrees with plain loops on any shapes, types and strides", function()
    math.randomseed(7)
    local dtypes = { "float32", "uint8", "int32" }
    local operations = {
      function(x, y) return x + y end, function(x, y) return x - y end, function(x, y) return x * y end,
    }
    local function random_operand(shape, transposed)
      local own = {}
      for axis, length in ipairs(shape) do own[axis] = math.random(4) == 1 and 1 or length end
      if transposed then own[1], own[3] = own[3], own[1] end
      local count = own[1] * own[2] * own[3]
      local values = {}
      for i = 1, count do values[i] = math.random(0, 100) end
      local t = nn.tensor(values, dtypes[math.random(3)]):reshape(own)
      return transposed and t:transpose() or t
    end
    local function at(t, i, j, k)
      local s = t.shape
      return t[{ s[1] == 1 and 1 or i, s[2] == 1 and 1 or j, s[3] == 1 and 1 or k }]
    end
    for _ = 1, 60 do
      local shape = { math.random(3), math.random(4), math.random(20) * math.random(20) }
      local a, b = random_operand(shape, math.random(2) == 1), random_operand(shape, math.random(2) == 1)
      local operation = operations[math.random(#operations)]
      local result = operation(a, b)
      for i, plane in pairs(result) do
        for j, row in pairs(plane) do
          for k, value in pairs(row) do
            assert(value == operation(at(a, i, j, k), at(b, i, j, k)))
          end
        end
      end
    end
  end)

  it("chooses types so that nothing wraps", function()
    local bytes, ints = nn.tensor({ 200, 0 }, "uint8"), nn.tensor({ -1, 70000 }, "int32")
    local function dtype(t) return t.dtype end
    assert.equal("float32", dtype(bytes / 255))
    assert.equal("float32", dtype(bytes ^ 2))
    assert.equal("float32", dtype(bytes * 0.5))
    assert.equal("int32", dtype(bytes * 2))
    assert.equal("int32", dtype(bytes * 2.0))
    assert.equal("float32", dtype(ints + nn.zeros { 2 }))
    assert.equal("uint8", dtype(ints:lt(0)))
    same({ 400, 0 }, bytes + bytes)
    same({ -200, 0 }, -bytes)
    same({ 199, 70000 }, bytes + ints)
    near({ 200 / 255, 0 }, (bytes / 255):totable())
    fails("cannot multiply: 4900000000 does not fit into int32 .*astype", function() return ints * ints end)
    fails("2147483648 does not fit into int32", function() return -nn.tensor({ -2147483648 }, "int32") end)
  end)

  it("gives the bits of float32 arithmetic", function()
    math.randomseed(3)
    local function float32(x) return (("<f"):unpack(("<f"):pack(x))) end
    for _ = 1, 200 do
      local x, y = float32(math.random() - 0.5), float32((math.random() - 0.5) * 1e3)
      local a, b = nn.tensor { x }, nn.tensor { y }
      assert.equal(float32(x + y), (a + b)[1])
      assert.equal(float32(x * y), (a * b)[1])
      assert.equal(float32(x / y), (a / b)[1])
    end
  end)

  it("compares elements", function()
    local a, b = nn.tensor { 1, 2, NAN }, nn.tensor { 2, 2, 2 }
    same({ 0, 1, 0 }, a:eq(b))
    same({ 1, 0, 1 }, a:ne(b))
    same({ 1, 0, 0 }, a:lt(b))
    same({ 1, 1, 0 }, a:le(2))
    same({ 0, 0, 0 }, a:gt(b))
    same({ 0, 1, 0 }, a:ge({ 2, 2, 2 }))
    same({ 1 }, nn.tensor({ 0.1 }):eq(0.1))
    assert.is_false(nn.ones { 1 } == nn.ones { 1 })
    fails("no order", function() return a < b end)
  end)

  it("has functions of elements", function()
    local t = nn.tensor { -1.5, 0.5, 2.5 }
    same({ 1.5, 0.5, 2.5 }, t:abs())
    same({ -2, 0, 2 }, t:floor())
    same({ -2, 0, 2 }, t:round())
    near({ math.exp(-1.5), math.exp(0.5), math.exp(2.5) }, t:exp():totable())
    near({ 0, math.log(2) }, nn.tensor({ 1, 2 }, "uint8"):log():totable())
    near({ 2, 3 }, nn.tensor({ 4, 9 }, "int32"):sqrt():totable())
    near({ math.sin(2.5), math.cos(2.5) }, { t:sin()[3], t:cos()[3] })
    near({ -0.905148254, 0.462117157, 0.986614298 }, t:tanh():totable())
    same({ 3, 4 }, nn.tensor({ -3, 4 }, "int32"):abs())
    assert.equal("int32", nn.tensor({ -3 }, "int32"):floor().dtype)
    assert.equal(math.huge, nn.tensor({ 100 }):exp()[1])
    same({ 0, 0.5, 1 }, t:clip(0, 1))
    same({ 0, 0.5, 2.5 }, t:clip(0))
    same({ -1.5, 0.5, 1 }, t:clip(nil, 1))
    same({ 2, 2, 2.5 }, t:maximum(2))
    local with_nan = nn.tensor({ NAN, 1 }):minimum { 1, NAN }
    assert.is_true(with_nan[1] ~= with_nan[1] and with_nan[2] ~= with_nan[2])
  end)

  it("shows both shapes where they do not fit", function()
    fails("cannot add: shapes 2x3 and 4 do not fit together", function() return nn.zeros { 2, 3 } + nn.zeros { 4 } end)
    fails("cannot divide: shapes 2x3 and 2", function() return nn.zeros { 2, 3 } / { 1, 2 } end)
    fails("cannot compare: shapes 0 and 2", function() return nn.zeros { 0 }:eq { 1, 2 } end)
    fails("expected a tensor or a number, got nil$", function() return nn.zeros { 2 } + nil end)
    fails("expected a tensor or a number, got \"1\"", function() return "1" * nn.zeros { 2 } end)
    fails("colon", function() return nn.zeros({ 2 }).sqrt() end)
  end)
end)

describe("reductions", function()
  it("give numbers over everything", function()
    local t = nn.tensor { { 1, 2 }, { 3, 6 } }
    assert.same({ 12.0, 3.0, 3.5, 1.0, 6.0 }, { t:sum(), t:mean(), t:var(), t:min(), t:max() })
    assert.equal(math.sqrt(3.5), t:std())
    assert.same({ 0, 3 }, { t:argmin(), t:argmax() })
    assert.same({ 12.0, 12.0 }, { t:sum {}, t:transpose():sum() })
    assert.equal(2, t:transpose():eq(3):argmax() + t:transpose():eq(6):argmin() + 1)
    local bytes = nn.full({ 100000 }, 255, "uint8")
    assert.equal("integer", math.type(bytes:sum()))
    assert.equal(25500000, bytes:sum())
    assert.equal(255, bytes:max())
    assert.equal("float", math.type(bytes:mean()))
    assert.equal(214748364700, nn.full({ 100 }, 2147483647, "int32"):sum())
  end)

  it("run along axes", function()
    local t = iota(2, 3, 4)
    same({ { 14, 16, 18, 20 }, { 22, 24, 26, 28 }, { 30, 32, 34, 36 } }, t:sum(1))
    same({ { 15, 18, 21, 24 }, { 51, 54, 57, 60 } }, t:sum { axis = 2 })
    same({ { 10, 26, 42 }, { 58, 74, 90 } }, t:sum { axis = -1 })
    same({ { { 10 }, { 26 }, { 42 } }, { { 58 }, { 74 }, { 90 } } }, t:sum { axis = 3, keepdims = true })
    same({ 68, 100, 132 }, t:sum { axis = { 1, 3 } })
    same({ { { 68 }, { 100 }, { 132 } } }, t:sum { axis = { 1, -1 }, keepdims = true })
    same({ { { 300 } } }, t:sum { keepdims = true })
    assert.equal(300.0, t:sum { axis = { 1, 2, 3 } })
    assert.equal(10.0, nn.arange(5):sum(1))
    same({ { 7, 8, 9, 10 }, { 11, 12, 13, 14 }, { 15, 16, 17, 18 } }, t:mean(1))
    same({ { 3, 3, 3 }, { 3, 3, 3 } }, t:argmax(3))
    same({ { 1, 1, 1, 1 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 } }, t:argmax(1))
    same({ { 1, 5, 9 }, { 13, 17, 21 } }, t:min(-1))
    same({ { 0, 0, 0 }, { 0, 0, 0 } }, t:transpose { 1, 2, 3 }:argmin(3))
    near({ { 1.25, 1.25, 1.25 }, { 1.25, 1.25, 1.25 } }, t:var(3):totable())
    near({ 6, 6, 6, 6 }, t:std(1)[1]:totable())
    assert.equal("int32", t:astype("uint8"):sum(1).dtype)
    assert.equal("uint8", t:astype("uint8"):max(1).dtype)
    assert.equal("float32", t:astype("uint8"):mean(1).dtype)
    assert.equal("int32", t:argmax(1).dtype)
  end)

  it("agree with plain loops along any axis of any strides", function()
    math.randomseed(11)
    for _ = 1, 40 do
      local values = {}
      local shape = { math.random(5), math.random(30) * math.random(30), math.random(40) }
      for i = 1, shape[1] * shape[2] * shape[3] do values[i] = math.random(-50, 50) end
      local t = nn.tensor(values, math.random(2) == 1 and "float32" or "int32"):reshape(shape)
      if math.random(2) == 1 then t = t:transpose { 3, 1, 2 } end
      local axis = math.random(3)
      local sum, max, position, var = t:sum(axis), t:max(axis), t:argmax(axis), t:var(axis)
      local index = { math.random(#t), math.random(t.shape[2]), math.random(t.shape[3]) }
      local result = { table.unpack(index) }
      table.remove(result, axis)
      local total, squares, greatest, where = 0, 0, -math.huge, nil
      for i = 1, t.shape[axis] do
        index[axis] = i
        local x = t[index]
        total, squares = total + x, squares + x * x
        if x > greatest then greatest, where = x, i - 1 end
      end
      local n = t.shape[axis]
      assert.same({ total, greatest, where }, { sum[result], max[result], position[result] })
      assert.is_true(math.abs(squares / n - (total / n) ^ 2 - var[result]) < 1e-3)
    end
  end)

  it("treat NaN as NumPy does", function()
    local values = {}
    for i = 1, 1000 do values[i] = i end
    values[700], values[300] = NAN, NAN
    local t = nn.tensor(values)
    assert.is_true(t:max() ~= t:max() and t:min() ~= t:min() and t:sum() ~= t:sum())
    assert.same({ 299, 299 }, { t:argmax(), t:argmin() })
    same({ 299 }, t:reshape(1, 1000):argmax(2))
    same({ 299 }, t:reshape(1000, 1):argmin(1))
    assert.equal(0, nn.full({ 600 }, -math.huge):argmax())
    assert.equal(2, nn.tensor({ 3, 1, 0, 1, 0 }):argmin())
  end)

  it("sum in double precision", function()
    local t = nn.full({ 1000000 }, 0.1)
    assert.is_true(math.abs(t:sum() - 1e6 * t[1]) < 1e-3)
    assert.is_true(math.abs(t:mean() - t[1]) < 1e-9)
    assert.is_true(t:var() < 1e-15)
  end)

  it("say what is wrong", function()
    assert.same({ 0.0, 0 }, { nn.zeros({ 0, 3 }):sum(), nn.zeros({ 0 }, "uint8"):sum() })
    same({ 0, 0, 0 }, nn.zeros({ 0, 3 }):sum(1))
    fails("the mean of no elements: the tensor's shape is 0x3", function() return nn.zeros({ 0, 3 }):mean() end)
    fails("the maximum of no elements", function() return nn.zeros({ 0, 3 }):max(1) end)
    fails("the argmax of no elements", function() return nn.zeros({ 0 }):argmax() end)
    fails("sum: a tensor of 2 axes has no axis 3", function() return nn.zeros({ 2, 3 }):sum(3) end)
    fails("has no axis 0", function() return nn.zeros({ 2, 3 }):sum { axis = { 1, 0 } } end)
    fails("has no axis x", function() return nn.zeros({ 2, 3 }):sum("x") end)
    fails("axs", function() return nn.zeros({ 2, 3 }):sum { axs = 1 } end)
    fails("4294967294 does not fit into int32", function() return nn.full({ 2, 1 }, 2147483647, "int32"):sum(1) end)
  end)
end)

describe("matrix products", function()
  it("multiply matrices and vectors", function()
    local a, b = iota(2, 3), iota(3, 2)
    same({ { 22, 28 }, { 49, 64 } }, a:matmul(b))
    same({ { 14, 32 }, { 32, 77 } }, a:matmul(a:transpose()))
    same({ { 17, 22, 27 }, { 22, 29, 36 }, { 27, 36, 45 } }, a:transpose():matmul(a))
    same({ 14, 32 }, a:matmul { 1, 2, 3 })
    same({ 9, 12, 15 }, nn.tensor({ 1, 2 }):matmul(a))
    assert.equal(14.0, nn.tensor({ 1, 2, 3 }):matmul { 1, 2, 3 })
    same({ 41, 50 }, b:transpose()[{ {}, { 1, 3, 2 } }]:matmul { 1, 8 })
    same({ { 22, 28 }, { 49, 64 } }, a:astype("uint8"):matmul(b:astype("int32")))
    same({ { 0, 0 }, { 0, 0 } }, nn.zeros({ 2, 0 }):matmul(nn.zeros { 0, 2 }))
    assert.same({ 0, 2 }, nn.zeros({ 0, 3 }):matmul(b).shape)
  end)

  it("take any strides", function()
    math.randomseed(5)
    for _ = 1, 40 do
      local m, k, n = math.random(6), math.random(6), math.random(6)
      local values = {}
      for i = 1, 24 * 24 do values[i] = math.random(-9, 9) end
      local big = nn.tensor(values):reshape(24, 24)
      local a = math.random(2) == 1 and big[{ { 1, m }, { 1, 2 * k, 2 } }]
        or big[{ { 1, k }, { 3, m + 2 } }]:transpose()
      local b = math.random(2) == 1 and big[{ { 1, 3 * k, 3 }, { 2, n + 1 } }]
        or big[{ 7, { 1, k } }]:reshape(k, 1)
      local c = a:matmul(b)
      for i = 1, m do
        for j = 1, b.shape[2] do
          local sum = 0
          for l = 1, k do sum = sum + a[{ i, l }] * b[{ l, j }] end
          assert.equal(sum, c[{ i, j }])
        end
      end
    end
  end)

  it("say what does not fit", function()
    fails("matmul: shapes 2x3 and 2x3 do not fit", function() return nn.zeros({ 2, 3 }):matmul(nn.zeros { 2, 3 }) end)
    fails("one or two axes, got shapes 2x3x4 and 4", function() return nn.zeros({ 2, 3, 4 }):matmul(nn.zeros { 4 }) end)
    fails("got shapes 2 and scalar", function() return nn.zeros({ 2 }):matmul(3) end)
  end)
end)
