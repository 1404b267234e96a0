--- What of a model training depends on: weights, the optimizer's state, and which numbers were drawn.
local optimizer_state = require "nn.models.optimizer_state"
local random = require "nn.random"

local state = {}

--- @tparam table model compiled
-- @treturn table plain data and tensors
function state.of(model)
  return {
    weights = model:get_weights(), training = optimizer_state.describe(model), slots = optimizer_state.tensors(model),
    random = random.state(),
  }
end

--- Makes a model as it was.
-- @tparam table model with the same layers, compiled in the same way
-- @tparam table earlier what `state.of` gave
function state.restore(model, earlier)
  model:set_weights(earlier.weights)
  optimizer_state.restore(model, earlier.training, earlier.slots)
  random.restore(earlier.random)
end

return state
