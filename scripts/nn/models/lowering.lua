--- How models become nodes of the engine.
local blame = require "nn.support.blame"
local is_model = require "nn.models.is_model"
local symbolic = require "nn.layers.base.symbolic"

local Lowering = {}

local function check_trainable(item)
  if type(item.trainable) == "boolean" then return item.trainable end
  blame("%s: trainable: expected true or false, got %s", item.name, blame.got(item.trainable))
end

-- The layers within a model, or within a layer that has some; nil for another layer.
local function inner_layers(layer)
  return rawget(layer, "all_layers") or is_model(layer) and layer.layers or nil
end

--- Which layers training changes: those whose own `trainable` is true and that of the models they are in.
-- @treturn {[layer]=boolean}
function Lowering:trainable_layers()
  local map = {}
  local function visit(model, is_free)
    for _, layer in ipairs(inner_layers(model)) do
      local free = check_trainable(layer) and is_free
      if inner_layers(layer) then visit(layer, free) end
      map[layer] = free and map[layer] ~= false
    end
  end
  visit(self, check_trainable(self))
  return map
end

local function set_of(symbols)
  local set = {}
  for _, symbol in ipairs(symbols) do set[symbol] = true end
  return set
end

-- The calls that some symbolic tensors came of, as a set.
local function calls_of(symbols)
  local set = {}
  for _, symbol in ipairs(symbols) do set[symbol.call] = true end
  return set
end

--- Lowers the nodes that the given ones depend on, beginning with those whose position is known.
-- @tparam function emit
-- @tparam {[symbolic]=integer} position where a value is; is filled
-- @tparam {symbolic,...} order
-- @tparam {[table]=boolean} is_output by call
-- @tparam boolean training whether layers are to act as in training
function Lowering.lower_order(emit, position, order, is_output, training)
  local calls = {}
  for _, node in ipairs(order) do
    if not position[node] then
      local reads, shapes = {}, {}
      for i, input in ipairs(node.inputs) do reads[i], shapes[i] = position[input], input.shape end
      local called = node.call.model or node.layer
      calls[node.call] = calls[node.call]
        or { called:lower_into(emit, reads, shapes, is_output[node.call], training, node.call.use) }
      position[node] = calls[node.call][node.index]
    end
  end
end

local function places(position, symbols)
  local list = {}
  for i, symbol in ipairs(symbols) do list[i] = position[symbol] end
  return list
end

--- The model's nodes as part of a larger one.
-- @treturn integer ... the position of each output
function Lowering:lower_into(emit, inputs, _, is_output, training)
  local position = {}
  for i, input in ipairs(self.inputs) do position[input] = inputs[i] end
  Lowering.lower_order(emit, position, self.order, is_output and calls_of(self.outputs) or {}, training)
  return table.unpack(places(position, self.outputs))
end

--- The nodes of the engine for this model, or a part of it.
-- @tparam[opt] {[layer]=boolean} trainable which layers are trained (as they say now)
-- @tparam[opt] {symbolic,...} inputs where the graph begins (the model's)
-- @tparam[opt] {symbolic,...} outputs where it ends (the model's)
-- @tparam[opt] boolean training whether layers are to act as in training (false)
-- @treturn {table,...} nodes as engine.job takes them
-- @treturn {integer,...} positions of the inputs
-- @treturn {integer,...} positions of the outputs
-- @treturn {[integer]=integer} by output, the position of its mask
function Lowering:lower(trainable, inputs, outputs, training)
  inputs, outputs = inputs or self.inputs, outputs or self.outputs
  local nodes, position, at_present = {}, {}, self:trainable_layers()
  local function emit(node)
    node.trainable = not node.is_constant and at_present[node.owner]
    if trainable and trainable[node.owner] ~= nil then
      node.trainable = not node.is_constant and trainable[node.owner]
    end
    nodes[#nodes + 1] = node
    return #nodes
  end
  for _, input in ipairs(inputs) do
    position[input] = emit { layer = "input", config = { shape = input.shape }, inputs = {},
      what = "input " .. input.layer.name }
  end
  local ends, masks = table.move(outputs, 1, #outputs, 1, {}), {}
  for _, output in ipairs(outputs) do ends[#ends + 1] = output.mask end
  Lowering.lower_order(emit, position, symbolic.order(ends, set_of(inputs)), calls_of(outputs), training)
  for i, output in ipairs(outputs) do masks[i] = output.mask and position[output.mask] end
  return nodes, places(position, inputs), places(position, outputs), masks
end

Lowering.calls_of, Lowering.inner_layers = calls_of, inner_layers

return Lowering
