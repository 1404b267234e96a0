--- Connecting a model: its graph from its inputs to its outputs, the layers on the way with their names, and their
-- weights in one block.
local blame = require "nn.support.blame"
local is_model = require "nn.models.is_model"
local symbolic = require "nn.layers.base.symbolic"
local weight_memory = require "nn.layers.base.weight_memory"

--- Moves the weights of layers that no other model holds into one block.
local function gather_weights(layers)
  local moving = {}
  for _, layer in ipairs(layers) do
    local weights = not is_model(layer) and layer.weights -- a model's are in its own block
    for _, weight in ipairs(not layer.is_owned and weights or {}) do moving[#moving + 1] = weight end
    layer.is_owned = weights and true
  end
  weight_memory.gather(moving)
end

--- Gives a layer that the user did not name another name where its own is taken; where both are the user's, raises an
-- error, since names tell weights apart.
local function settle_name(layer, by_name)
  local other, base, number = by_name[layer.name], layer.name, 1
  if other and layer.is_named and other.is_named then
    blame("Model: two layers are called %s; names tell layers apart, so give one of them another", layer.name)
  end
  local renamed = other and (layer.is_named and other or layer)
  while renamed and by_name[renamed.name] do
    renamed.name, number = base .. "_" .. number, number + 1
  end
  by_name[layer.name] = layer
  if other then by_name[other.name] = other end
end

--- The layers of a graph, each once, in order.
local function layers_of(order)
  local seen, list, by_name = {}, {}, {}
  for _, node in ipairs(order) do
    local layer = node.layer
    if not seen[layer] and not layer.is_hidden then
      settle_name(layer, by_name)
      seen[layer] = true
      list[#list + 1] = layer
    end
  end
  return list
end

local function own_names(symbols)
  local list = {}
  for i, symbol in ipairs(symbols) do list[i] = symbol.layer.name end
  return list
end

--- Sets a model's graph.
-- @tparam table model
-- @tparam {symbolic,...} inputs
-- @tparam {symbolic,...} outputs
return function(model, inputs, outputs)
  local given = {}
  for _, input in ipairs(inputs) do given[input] = true end
  local ends = table.move(outputs, 1, #outputs, 1, {})
  for _, output in ipairs(outputs) do ends[#ends + 1] = output.mask end
  local order = symbolic.order(ends, given)
  for _, node in ipairs(order) do
    if #node.inputs == 0 and not given[node] then
      blame("Model: an output depends on %s, which is not among the inputs", tostring(node))
    end
  end
  local layers = layers_of(order) -- settles names
  model.input_names = model.input_names or own_names(inputs)
  model.output_names = model.output_names or own_names(outputs)
  model.inputs, model.outputs, model.order, model.all_layers = inputs, outputs, order, layers
  model.input, model.output = #inputs == 1 and inputs[1] or inputs, #outputs == 1 and outputs[1] or outputs
  gather_weights(layers)
end
