-- Masks, nn.where, NaN, and loops over tensors.
local expect = require "tests.support.expect"
local nn = require "nn"

local NAN = 0 / 0
local x

before_each(function() x = nn.tensor { { 1, NAN, 3 }, { 5, 2, NAN }, { -1, 1, 2 } } end)

local function same(want, got)
  assert.are.same(want, got:totable())
end

describe("a mask", function()
  it("selects elements, or sub-tensors along the first axes, as a copy", function()
    same({ 3, 5, 2, 2 }, x[x:gt(1)])
    local rows = x[x[{ {}, 1 }]:gt(0)]
    assert.are.same({ 2, 3 }, rows.shape)
    same({ 3, 2 }, rows[{ {}, 3 }]:eq(3) * 1 + 2)
    rows[1] = 0
    assert.are.equal(1.0, x[1][1])
    assert.are.same({ 0 }, x[x:gt(100)].shape)
    assert.are.same({ 0, 3 }, x[x[{ {}, 1 }]:gt(100)].shape)
    same({ 7, 9 }, nn.tensor({ 7, 8, 9 }, "int32")[nn.tensor({ 1, 0, 1 }, "uint8")])
    assert.are.equal("int32", nn.tensor({ 7 }, "int32")[nn.tensor({ 1 }, "uint8")].dtype)
  end)

  it("selects in views, whatever their strides", function()
    local view = nn.arange(12):reshape { 3, 4 }:transpose()[{ { 1, 4, 3 } }]
    same({ { 3, 7, 11 } }, view[view[{ {}, 1 }]:gt(0)])
    same({ 7, 11 }, view[view:gt(6) * view:ne(8)]:gather { -2, -1 })
  end)

  it("is combined with others", function()
    local y = nn.arange(6)
    same({ 2, 3 }, y[y:gt(1) & y:lt(4)])
    same({ 2, 3 }, y[y:gt(1) * y:lt(4)])
    same({ 0, 5 }, y[y:lt(1) | y:gt(4)])
    same({ 0, 1, 4, 5 }, y[~(y:gt(1) & y:lt(4))])
    same({ 1, 5 }, y[y:gt(0) ~ y:gt(1) | y:eq(5)])
    assert.are.equal("uint8", (y:gt(1) & y:lt(4)).dtype)
    expect.fails("& combines masks of 0 and 1, as t:gt(0) gives, got a tensor of 6", function() return y & y:gt(1) end)
    expect.fails("| combines masks of 0 and 1, as t:gt(0) gives, got 3", function() return y:gt(1) | 3 end)
  end)

  it("is assigned to: a number, a tensor for all, a row for each", function()
    x[x:isnan()] = 0
    same({ { 1, 0, 3 }, { 5, 2, 0 }, { -1, 1, 2 } }, x)
    x[x[{ {}, 1 }]:gt(0)] = { 7, 8, 9 }
    same({ { 7, 8, 9 }, { 7, 8, 9 }, { -1, 1, 2 } }, x)
    x[x[{ {}, 1 }]:gt(0)] = nn.tensor { { 1, 2, 3 }, { 4, 5, 6 } }
    same({ { 1, 2, 3 }, { 4, 5, 6 }, { -1, 1, 2 } }, x)
    x:transpose()[nn.tensor({ 1, 0, 1 }, "uint8")] = nn.tensor { { 0 }, { 9 } }
    same({ { 0, 2, 9 }, { 0, 5, 9 }, { 0, 1, 9 } }, x)
    x[x:gt(100)] = 1
    x[x:eq(9)] = x[x:eq(9)] * 2
    same({ { 0, 2, 18 }, { 0, 5, 18 }, { 0, 1, 18 } }, x)
  end)

  it("is told apart from positions", function()
    for message, mask in pairs {
      ["expected a mask of 0 and 1, as t:gt(0) gives, got float32; t:gather(positions)"] = nn.zeros { 3 },
      ["got other numbers; "] = nn.tensor({ 1, -1, 0 }, "int32"),
      ["got other numbers"] = nn.tensor({ 0, 1, 2 }, "uint8"),
      ["a mask of shape 2 does not fit the first axes of a tensor of shape 3x3"] = nn.zeros({ 2 }, "uint8"),
      ["a mask of shape 3x3x1"] = nn.zeros({ 3, 3, 1 }, "uint8"),
    } do
      expect.fails(message, function() return x[mask] end)
      expect.fails(message, function() x[mask] = 1 end)
    end
    local two = x[{ {}, 1 }]:gt(0)
    expect.fails("the mask selects 2, the value has 3", function() x[two] = nn.ones { 3, 3 } end)
    expect.fails("cannot assign: shapes 2 and 3", function() x[two] = nn.ones { 2 } end)
    expect.fails("0.5 does not fit", function() nn.zeros({ 3 }, "uint8")[two] = 0.5 end)
    expect.fails("or a mask such as t:gt(0), got true", function() return x[true] end)
  end)
end)

describe("nn.where", function()
  it("takes from one or the other, broadcast", function()
    same({ { 1, 0, 3 }, { 5, 2, 0 }, { -1, 1, 2 } }, nn.where(x:isnan(), 0, x))
    same({ { 1, 2 }, { 8, 9 } }, nn.where({ { 1 }, { 0 } }, { 1, 2 }, { 8, 9 }))
    same({ 1, 0 }, nn.where({ NAN, 0 }, 1, 0))
    local bytes = nn.tensor({ 1, 2 }, "uint8")
    assert.are.equal("uint8", nn.where(bytes:gt(1), bytes, bytes).dtype)
    assert.are.equal("float32", nn.where(bytes:gt(1), bytes, 0.5).dtype)
  end)

  it("says what is wrong", function()
    expect.fails("where: expected a condition and two values", function() nn.where(x:gt(0)) end)
    expect.fails("where: shapes", function() nn.where(x:gt(0), { 1, 2 }, 0) end)
  end)
end)

describe("NaN", function()
  it("is found", function()
    same({ { 0, 1, 0 }, { 0, 0, 1 }, { 0, 0, 0 } }, x:isnan())
    same({ 1, 0, 0, 0 }, nn.tensor { 1, NAN, math.huge, -math.huge }:isfinite())
    same({ 0, 0, 1, 1 }, nn.tensor { 1, NAN, math.huge, -math.huge }:isinf())
    same({ 0, 0 }, nn.tensor({ 1, 2 }, "int32"):isnan())
    expect.fails("methods are called with a colon: t:isnan()", function() nn.tensor({ 1 }).isnan() end)
  end)

  it("is where argmax and argmin point to, as in NumPy", function()
    same({ 1, 2, 2 }, x:argmax(2))
    same({ 1, 2, 0 }, x:argmin(2))
    assert.are.equal(1, x:argmax())
  end)

  it("is an error where predictions are compared", function()
    local y = nn.tensor { 1, 0 }
    for _, name in ipairs { "AUC", "Precision", "BinaryAccuracy", "TruePositives" } do
      expect.fails(name .. ": update_state: y_pred holds NaN", function()
        nn.metrics[name]():update_state(y, nn.tensor { NAN, 0.5 })
      end)
    end
    local p = nn.tensor { { 0.5, NAN }, { 0.5, 0.5 } }
    for _, name in ipairs { "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy" } do
      expect.fails("y_pred holds NaN", function() nn.metrics[name]():update_state(y, p) end)
    end
    expect.fails("confusion_matrix: y_pred holds NaN", function() nn.metrics.confusion_matrix(y, p) end)
    expect.fails("hold NaN, which belongs to no bin", function()
      nn.layers.Discretization { num_bins = 2 }:adapt(nn.tensor { 1, NAN, 2 })
    end)
  end)
end)

describe("a tensor in a script", function()
  it("is looped over by ipairs", function()
    local seen = {}
    for i, value in ipairs(nn.tensor { 5, 6 }) do seen[i] = value end
    assert.are.same({ 5, 6 }, seen)
    for i, row in ipairs(x) do assert.are.equal(x[i][1], row[1]) end
    for i, value in ipairs { 7, 8 } do seen[i] = value end
    assert.are.same({ 7, 8 }, seen)
  end)

  it("says that positions count from 1", function()
    expect.fails("index 0 is out of range for axis 1 of a tensor of shape 3x3; positions count from 1", function()
      return x[0]
    end)
    expect.fails("positions count from 1", function() return x[{ 1, 0 }] end)
  end)

  it("tells where NumPy's functions are", function()
    expect.fails("nn has no argmax; it is a method of tensors: write x:argmax{ axis = 2 }", function()
      return nn.argmax
    end)
    expect.fails("write x:exp(", function() return nn.exp end)
  end)

  it("has no gaps", function()
    expect.fails("[2]: expected a number, got nil", function() nn.tensor { 1, nil, 3 } end)
    local list = { 1 }
    list[3] = 3
    expect.fails("the list ends after 1, but has the key 3 too: is one of its values nil?", function()
      nn.tensor(list)
    end)
    expect.fails("[2]: the list ends after 2, but has the key \"x\" too", function()
      nn.tensor { { 1, 2 }, { 3, 4, x = 5 } }
    end)
  end)

  it("counts class ids from 0", function()
    expect.fails("class ids run from 1 to 3, but num_classes is 3; ids count from 0: pass y - 1", function()
      nn.utils.to_categorical({ 1, 2, 3 }, 3)
    end)
  end)
end)
