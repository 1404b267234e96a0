-- The graph as Lua has it: walks forward and backward, with values that are samples and values that are not.
local engine = require "engine.graph"
local operations = require "engine.operations"
local nn = require "nn"

local X = nn.tensor { { 1, -2, 3 }, { 0.5, 4, -1 } }
local W = nn.tensor { { 1, 2 }, { 3, 4 }, { 5, 6 } }
local B = nn.tensor { 0.5, -0.5 }

local function input(...) return { layer = "input", config = { shape = { ... } }, inputs = {} } end
local function variable(value)
  return { layer = "variable", config = { shape = value.shape }, inputs = {}, params = { value } }
end
local function operation(name, inputs, config) return { operation = name, config = config or {}, inputs = inputs } end

local function dense(units, w, b)
  return { layer = "dense", config = { units = units }, inputs = { 1 }, params = { w, b } }
end

local function same(expected, tensor) assert.are.same(nn.tensor(expected):totable(), tensor:totable()) end

describe("a graph", function()
  it("gives what its layers give, and gradients by inputs and by weights", function()
    local graph = engine.new { nodes = { input(3), dense(2, W, B) }, inputs = { 1 }, outputs = { 2 }, rows = 4,
      training = true, watch = { true } }
    local y = graph:forward { X }[1]
    same((X:matmul(W) + B):totable(), y)
    local dy = nn.tensor { { 1, 0 }, { 2, -1 } }
    local dx = graph:backward { dy }[1]
    same(dy:matmul(W:transpose()):totable(), dx)
    local by_weights = graph:gradients()
    same(X:transpose():matmul(dy):totable(), by_weights[1])
    same({ 3, -1 }, by_weights[2])
    assert.are.same({ W, B }, graph:variables())
  end)

  it("can be walked backward several times, and takes fewer rows than it has room for", function()
    local graph = engine.new { nodes = { input(3), dense(2, W, B) }, inputs = { 1 }, outputs = { 2 }, rows = 4,
      training = true }
    graph:forward { X[{ { 1, 1 } }]:copy() }
    for _ = 1, 2 do
      graph:backward { nn.ones { 1, 2 } }
      same({ 1, 1 }, graph:gradients()[2])
    end
  end)

  it("leaves a gradient as it is while somebody has it, and writes into its memory later", function()
    local graph = engine.new { nodes = { input(3), dense(2, W, B) }, inputs = { 1 }, outputs = { 2 }, rows = 1,
      training = true }
    graph:forward { X[{ { 1, 1 } }]:copy() }
    local held, addresses, places = {}, {}, 0
    for i = 1, 6 do
      graph:backward { nn.full({ 1, 2 }, i) }
      held[i] = graph:gradients()[2]
      collectgarbage()
    end
    for i = 1, 6 do same({ i, i }, held[i]) end
    for i = 1, 6 do held[i] = nil end
    collectgarbage()
    for i = 1, 20 do
      graph:backward { nn.full({ 1, 2 }, i) }
      local _, address = require "engine.tensor".place(graph:gradients()[2])
      if not addresses[address] then places, addresses[address] = places + 1, true end
      collectgarbage()
    end
    assert.is_true(places <= 7)
  end)

  it("runs operations on samples and on tensors that are none", function()
    local graph = engine.new { nodes = { input(3), variable(W), operation("exp", { 2 }), operation("exp", { 1 }) },
      inputs = { 1 }, outputs = { 3, 4 }, rows = 2, training = true, watch = { true } }
    local of_weight, of_samples = table.unpack(graph:forward { X })
    same(operations.apply("exp", {}, { W }):totable(), of_weight)
    same(operations.apply("exp", {}, { X }):totable(), of_samples)
    local dx = graph:backward { nn.ones { 3, 2 }, nn.ones { 2, 3 } }[1]
    same(of_samples:totable(), dx)
    same(of_weight:totable(), graph:gradients()[1])
  end)

  it("gives no gradient where none is asked for or none passes", function()
    local graph = engine.new { nodes = { input(3), operation("isnan", { 1 }) }, inputs = { 1 }, outputs = { 2 },
      rows = 2, training = true, watch = { true } }
    graph:forward { X }
    assert.are.same({ false }, graph:backward { nn.ones { 2, 3 } })
  end)

  it("refuses tensors that do not fit, and a walk backward before one forward", function()
    local graph = engine.new { nodes = { input(3), dense(2, W, B) }, inputs = { 1 }, outputs = { 2 }, rows = 2,
      training = true }
    assert.has_error(function() graph:backward { nn.ones { 2, 2 } } end)
    assert.has_error(function() graph:forward { nn.ones { 3, 3 } } end)
    assert.has_error(function() graph:forward { nn.ones { 2, 2 } } end)
    assert.has_error(function() graph:forward { nn.ones({ 2, 3 }, "uint8") } end)
  end)
end)
