--- Functions of the script within a layer: its activation, and what its activity_regularizer says of what it gives.
local registry = require "engine.registry"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"
local symbolic = require "nn.layers.base.symbolic"

local traced = {}

--- An `emit` that knows the shape of each node's first output.
-- @tparam function emit
-- @tparam {integer,...} inputs positions of the nodes that the layer reads
-- @tparam {{integer,...},...} shapes of what they give
-- @tparam string title of the layer, for messages
-- @treturn function
-- @treturn {[integer]={integer,...}} by position the shape
function traced.with_shapes(emit, inputs, shapes, title)
  local known = {}
  for i, input in ipairs(inputs) do known[input] = shapes[i] end
  return function(node)
    local read = {}
    for i, input in ipairs(node.inputs) do read[i] = known[input] end
    local given, message = registry.infer(node, read, title)
    if not given then blame("%s: %s", title, message) end
    local position = emit(node)
    known[position] = given[1]
    return position
  end, known
end

-- What a function of one value gives in a graph.
-- @tparam function f
-- @tparam string role of the function, for messages
-- @tparam {integer,...} shape of the value
-- @tparam function accepts whether a shape will do
-- @tparam string wanted what it is to be
-- @treturn symbolic the result
-- @treturn symbolic what stands for the value
local function trace(f, role, shape, accepts, wanted)
  local x = symbolic.new({ name = "x", is_hidden = true }, {}, shape)
  local result = require("nn.ops.trace").call(f, {}, x)
  if not symbolic.is(result) or not accepts(result.shape) then
    blame.at(functions.where(f), "the %s %s: expected %s, computed from x with nn.ops or arithmetic, got %s", role,
      functions.name(f) or "function", wanted, result == nil and "nothing; does it lack a return?" or blame.got(result))
  end
  return result, x
end

local function emit_symbols(emit, x, position, result)
  local lowering, positions = require "nn.models.lowering", { [x] = position }
  lowering.lower_order(emit, positions, symbolic.order({ result }, { [x] = true }), {}, false)
  return positions[result]
end

--- The nodes of an activation `function(x)`.
-- @tparam function emit as `traced.with_shapes` gives it
-- @treturn integer the position of the result
function traced.activate(emit, f, position, shape)
  local result, x = trace(f, "activation", shape, function(given)
    return given.is_whole == shape.is_whole and align.same(given, shape)
  end, "a tensor of x's shape")
  return emit_symbols(emit, x, position, result)
end

--- The nodes of a penalty `function(x)` on all that a layer gives for a batch.
function traced.penalize(emit, f, position, shape)
  local result, x = trace(f, "activity_regularizer", shape, function(given)
    return given.is_whole and #given == 0
  end, "one number")
  rawset(result.layer, "is_penalty", true)
  return emit_symbols(emit, x, position, result)
end

return traced
