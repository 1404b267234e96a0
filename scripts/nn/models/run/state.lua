--- What of a model training depends on: weights, the optimizer's state, which numbers were drawn, and the states that
-- stateful layers go on from.
local inner_layers = require("nn.models.lowering").inner_layers
local optimizer_state = require "nn.models.optimizer_state"
local random = require "nn.random"

local state = {}

-- The stateful layers of a model, in order.
local function stateful_layers(model, list)
  list = list or {}
  for _, layer in ipairs(inner_layers(model) or {}) do
    if layer.states_for and layer.arguments.stateful then list[#list + 1] = layer end
    stateful_layers(layer, list)
  end
  return list
end

--- What each keeps: tensors, none if it has seen no batch.
-- @tparam table model
-- @treturn {table,...}
function state.kept(model)
  local list = {}
  for i, layer in ipairs(stateful_layers(model)) do
    list[i] = { is_reset = layer.is_reset or false, states = {} }
    for k, kept in ipairs(layer.kept_states or {}) do list[i].states[k] = kept:copy() end
  end
  return list
end

--- Makes them as they were.
-- @tparam table model
-- @tparam {table,...} list what `state.kept` gave
function state.restore_kept(model, list)
  for i, layer in ipairs(stateful_layers(model)) do
    local kept = {}
    for k, value in ipairs(list[i] and list[i].states or {}) do kept[k] = value:copy() end
    layer.is_reset, layer.kept_states = list[i] and list[i].is_reset, #kept > 0 and kept or nil
  end
end

--- @tparam table model compiled
-- @treturn table plain data and tensors
function state.of(model)
  return {
    weights = model:get_weights(), training = optimizer_state.describe(model), slots = optimizer_state.tensors(model),
    random = random.state(), kept = state.kept(model),
  }
end

--- Makes a model as it was.
-- @tparam table model with the same layers, compiled in the same way
-- @tparam table earlier what `state.of` gave
function state.restore(model, earlier)
  model:set_weights(earlier.weights)
  optimizer_state.restore(model, earlier.training, earlier.slots)
  random.restore(earlier.random)
  state.restore_kept(model, earlier.kept or {})
end

return state
