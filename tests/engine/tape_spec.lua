-- Gradient tapes and variables: what is recorded, what gradient() gives, and what is refused.
local nn = require "nn"

local function same(expected, got) assert.are.same(nn.tensor(expected):totable(), got:totable()) end

-- The gradient of what f gives, by x, from a tape of its own.
local function gradient_of(f, x)
  local tape <close> = nn.GradientTape()
  tape:watch(x)
  return tape:gradient(f(x), x)
end

-- By central differences.
local function numeric(f, x)
  local result, step = nn.zeros(x.shape), 1e-2
  local flat, into = x:reshape { x.size }, result:reshape { x.size }
  local function value()
    local y = f(x)
    return type(y) == "number" and y or y:item()
  end
  for i = 1, #flat do
    local before = flat[i]
    flat[i] = before + step
    local above = value()
    flat[i] = before - step
    into[i] = (above - value()) / (2 * step)
    flat[i] = before
  end
  return result
end

local function assert_error(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok, "no error")
  assert.is_truthy(message:find(pattern), message)
  assert.is_truthy(message:find "^tests/engine/tape_spec.lua:%d+: ", message)
end

local X = nn.tensor { { 0.5, 1.5, 2 }, { 3, 0.25, 1 } }

describe("a tape records", function()
  local functions = {
    ["operators"] = function(x) return ((2 - x) * x / (x + 1) - -x ^ 2):sum() end,
    ["a number on the left"] = function(x) return (2 / x + 3 ^ x):mean() end,
    ["functions of elements"] = function(x)
      return (x:abs() + x:sqrt():exp() + x:log() * x:sin() + x:cos() + x:tanh()):sum()
    end,
    ["extremes"] = function(x) return (x:maximum(1.2) * x:minimum(2.5) + x:clip(0.3, 2)):sum() end,
    ["reductions"] = function(x)
      return (x:sum(1) * x:mean { axis = 1, keepdims = true }):sum() + x:var() + x:std(2):sum() + x:max() - x:min()
    end,
    ["other forms"] = function(x)
      return (x:reshape(3, 2):transpose():copy():flatten()[{ { 2, 4 } }] ^ 2):sum() + (x:transpose { 2, 1 } * 3):sum()
    end,
    ["parts"] = function(x) return x[2][1] * x[{ 1, -1 }] + (x[{ {}, { 1, 2 } }] ^ 3):sum() + x[1]:sum() end,
    ["rows of a mask"] = function(x) return (x[x:gt(0.9)] ^ 2):sum() end,
    ["gather"] = function(x) return (x:gather { 2, -2, 2 } ^ 2):sum() end,
    ["loops over rows"] = function(x)
      local sum = 0
      for i, row in ipairs(x) do sum = sum + (row ^ i):sum() end
      return sum
    end,
    ["tensors that are joined"] = function(x)
      return (nn.concatenate { x, x * 2, axis = 1 } ^ 2):sum() + (nn.stack { x, x } ^ 3):mean()
        + nn.where(x:gt(0.9), x, x ^ 2):sum()
    end,
    ["operations"] = function(x) return nn.ops.logsumexp(nn.ops.expm1(x), 2):sum() + nn.ops.square(x):mean() end,
  }
  for name, f in pairs(functions) do
    it(name, function()
      local exact, close = gradient_of(f, X), numeric(f, X)
      assert.is_true((exact - close):abs():max() < 2e-2 * (1 + close:abs():max()), tostring(exact) .. tostring(close))
    end)
  end

  it("and leaves operators and methods as they were", function()
    local x = nn.tensor { 1, 2 }
    do
      local tape <close> = nn.GradientTape()
      tape:watch(x)
      assert.is_true(nn.is_tensor(x:sum()))
      assert.are.equal(3.0, nn.tensor({ 1, 2 }):sum())
      assert.are.equal(1.0, x:sum():item() - x:max():item())
    end
    assert.are.equal(3.0, x:sum())
    assert.are.equal(1.0, x[1])
  end)

  it("after an error, too, once its block has ended", function()
    local x = nn.tensor { 1, 2 }
    pcall(function()
      local tape <close> = nn.GradientTape()
      tape:watch(x)
      error "enough"
    end)
    assert.are.equal(3.0, x:sum())
  end)
end)

describe("gradient()", function()
  it("has the nesting of its sources", function()
    local a, b = nn.Variable { 1, 2 }, nn.Variable(3.0)
    local tape <close> = nn.GradientTape()
    local gradients = tape:gradient((a * b):sum(), { a, { b, named = a } })
    same({ 3, 3 }, gradients[1])
    same(3, gradients[2][1])
    same({ 3, 3 }, gradients[2].named)
  end)

  it("adds up where a tensor is used several times, and is 1 by the target itself", function()
    local a = nn.Variable(2.0)
    local tape <close> = nn.GradientTape()
    local b = a * a
    local c = b * a + b
    local gradients = tape:gradient(c, { a, b, c })
    same(16, gradients[1])
    same(3, gradients[2])
    same(1, gradients[3])
  end)

  it("can be asked several times of a persistent tape", function()
    local a = nn.Variable(3.0)
    local tape <close> = nn.GradientTape { persistent = true }
    local b = a ^ 2
    local c = b * 2
    same(6, tape:gradient(b, a))
    same(12, tape:gradient(c, a))
  end)

  it("comes from each of two tapes over one computation", function()
    local a, b = nn.Variable(2.0), nn.Variable(5.0)
    local first <close> = nn.GradientTape()
    local second <close> = nn.GradientTape()
    local product = a * b
    local sum = product + a
    same(5, first:gradient(product, a))
    same(3, second:gradient(sum, { b, a })[1] + 1)
  end)

  it("of a source that the target does not depend on is what is asked for", function()
    local a, b = nn.Variable(2.0), nn.Variable({ 1, 2 }, { name = "other" })
    local function gradient(options)
      local tape <close> = nn.GradientTape()
      return tape:gradient(a ^ 2, { a, b }, options)
    end
    assert.is_false(gradient { unconnected_gradients = "none" }[2])
    same({ 0, 0 }, gradient { unconnected_gradients = "zero" }[2])
    assert_error("does not depend on the variable other %(a tensor of 2%)", function() gradient() end)
  end)

  it("stops where numbers are only read", function()
    local a = nn.Variable(2.0)
    local tape <close> = nn.GradientTape()
    same(2, tape:gradient(a * a:item() + nn.ops.stop_gradient(a), a))
  end)
end)

describe("a tape watches", function()
  it("variables that are trained, and lists of tensors", function()
    local w, fixed, x = nn.Variable(2.0), nn.Variable(3.0, { trainable = false }), nn.tensor { 1, 2 }
    local tape <close> = nn.GradientTape()
    tape:watch { x, { fixed } }
    local gradients = tape:gradient((x * w * fixed):sum(), { x, w, fixed })
    same({ 6, 6 }, gradients[1])
    same(9, gradients[2])
    same(6, gradients[3])
  end)

  it("no variable if it is told so", function()
    local a, b = nn.Variable(2.0), nn.Variable(3.0)
    local tape <close> = nn.GradientTape { watch_accessed_variables = false }
    tape:watch(b)
    local product = a * b
    assert.are.same({ b }, tape:watched_variables())
    assert.is_false(tape:gradient(product, a, { unconnected_gradients = "none" }))
  end)

  it("nothing while it is stopped, and forgets all when it is reset", function()
    local a = nn.Variable(2.0)
    local tape <close> = nn.GradientTape { persistent = true }
    local unseen = tape:stop_recording(function(k) return a * k end, 3)
    same(0, tape:gradient(unseen, a, { unconnected_gradients = "zero" }))
    local b = a ^ 2
    tape:reset()
    same(0, tape:gradient(b, a, { unconnected_gradients = "zero" }))
    same(4, tape:gradient(a ^ 2, a))
  end)
end)

describe("a tape refuses", function()
  local w, x = nn.Variable({ 1, 2 }, { name = "w" }), nn.tensor { 1, 2 }

  it("a target that is not one number, or was not recorded", function()
    local tape <close> = nn.GradientTape { persistent = true }
    assert_error("got a tensor of 2: take its nn.ops.mean or nn.ops.sum", function() tape:gradient(w * 2, w) end)
    assert_error("a number has no gradient", function() tape:gradient(x:sum(), w) end)
    assert_error("nothing that the tape watches led to the target", function() tape:gradient(nn.ops.sum(x), w) end)
  end)

  it("a source that it does not watch", function()
    local tape <close> = nn.GradientTape()
    assert_error("call tape:watch%(x%) before computing", function() tape:gradient((x * w):sum(), x) end)
  end)

  it("a second question, unless it is persistent, and one after its block", function()
    local kept
    do
      local tape <close> = nn.GradientTape()
      tape:gradient((w * 2):sum(), w)
      assert_error("persistent = true", function() tape:gradient((w * 2):sum(), w) end)
      local other <close> = nn.GradientTape { persistent = true }
      kept = other
    end
    assert_error("the block of this tape has ended", function() kept:gradient((w * 2):sum(), w) end)
  end)

  it("the gradient of a gradient", function()
    local outer <close> = nn.GradientTape()
    local inner <close> = nn.GradientTape()
    local by_w = inner:gradient((w ^ 3):sum(), w)
    assert_error("gradients of gradients are not supported", function() outer:gradient((by_w * w):sum(), w) end)
  end)

  it("an assignment to what it tracks", function()
    local tape <close> = nn.GradientTape()
    local y = w * 2
    assert_error("cannot be assigned to", function() y[1] = 0 end)
    local z = nn.zeros { 2 }
    assert_error("through which no gradient passes", function() z[1] = y[1] end)
    tape:gradient(y:sum(), w)
    y[1] = 0
  end)

  it("integers, and what is no tensor", function()
    local tape <close> = nn.GradientTape()
    assert_error("expected a float32 tensor, got int32", function() tape:watch(nn.zeros({ 2 }, "int32")) end)
    assert_error("expected tensors", function() tape:watch(3) end)
    assert_error("empty list", function() tape:gradient((w * 2):sum(), {}) end)
  end)
end)

describe("a variable", function()
  it("has a name and a value that stays the same tensor, and is assigned in place", function()
    local v = nn.Variable({ 1, 2 }, { name = "v" })
    local value = v.value
    v:assign { 3, 4 }:assign_add(1):assign_sub { 1, 2 }
    same({ 3, 3 }, value)
    assert.are.equal("v", v.name)
    assert.is_true(v.trainable)
    assert.are.equal("[3. 3.]", tostring(v))
    assert.are.equal("float32", v.dtype)
  end)

  it("begins with a copy, and is not trained if it holds integers", function()
    local from = nn.tensor { 1, 2 }
    nn.Variable(from):assign(0)
    same({ 1, 2 }, from)
    assert.is_false(nn.Variable(nn.tensor({ 1, 2 }, "int32")).trainable)
  end)

  it("refuses values of another shape, and a plain tensor its methods", function()
    local v = nn.Variable({ 1, 2 }, { name = "v" })
    assert_error("v has shape 2, got a value of shape 3", function() v:assign { 1, 2, 3 } end)
    assert_error("expected a variable", function() nn.zeros({ 2 }):assign(1) end)
    assert_error("variables have one", function() return nn.zeros({ 2 }).name end)
  end)

  it("is what a layer's weights are", function()
    local dense = nn.layers.Dense { 2, input_shape = { 3 }, name = "hidden" }
    local _ = nn.Sequential { dense }
    assert.are.equal("hidden/kernel", dense.weights[1].name)
    dense.weights[2]:assign { 1, 2 }
    same({ 1, 2 }, (select(2, dense:get_weights())))
    assert.is_true(dense.weights[1].trainable)
    dense.trainable = false
    assert.is_false(dense.weights[1].trainable)
  end)
end)

describe("zip", function()
  it("joins lists by position, of one length", function()
    assert.are.same({ { 1, "a" }, { 2, "b" } }, nn.zip({ 1, 2 }, { "a", "b" }))
    assert_error("different lengths: 1 and 2", function() nn.zip({ 1 }, { 1, 2 }) end)
  end)
end)
