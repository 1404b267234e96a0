--- What training needs to go on where it stopped: the optimizer's state vectors and counters, as named tensors and a
-- plain table.
local blame = require "nn.blame"
local tensor = require "nn.tensor"

local optimizer_state = {}

--- The optimizer's state vectors by the names of its slots.
-- @treturn {[string]=tensor}
function optimizer_state.tensors(model)
  local list, state = {}, model.state
  for i, name in ipairs(state and model.optimizer:slot_names() or {}) do
    list["optimizer/" .. name] = state.slots[i]
  end
  return list
end

--- Counters and seeds; whole numbers as texts, since JSON readers keep only 53 bits.
function optimizer_state.describe(model)
  local rate = model.optimizer.learning_rate
  return {
    iterations = tostring(model.optimizer.iterations), accumulated = tostring(model.optimizer.accumulated or 0),
    learning_rate = type(rate) == "number" and rate or nil,
    seed = model.seed and tostring(model.seed), epochs_seen = tostring(model.epochs_seen or 0),
  }
end

local function whole(value, what)
  local number = type(value) == "string" and math.tointeger(tonumber(value))
  return number or blame("its training state is damaged: %s is no whole number", what)
end

--- Sets a compiled model to the state that `describe` and `tensors` told.
function optimizer_state.restore(model, described, tensors)
  local optimizer, slots = model.optimizer, {}
  if type(described.learning_rate) == "number" then optimizer.learning_rate = described.learning_rate end
  optimizer.iterations = whole(described.iterations, "iterations")
  optimizer.accumulated = whole(described.accumulated, "accumulated")
  model.seed = described.seed and whole(described.seed, "seed")
  model.epochs_seen = whole(described.epochs_seen, "epochs_seen")
  for i, name in ipairs(optimizer:slot_names()) do slots[i] = tensors["optimizer/" .. name] end
  if #slots == 0 then return end
  for _, slot in ipairs(slots) do
    if slot.dtype ~= "float32" or slot.ndim ~= 1 or #slot ~= #slots[1] then
      blame "its training state is damaged: the optimizer's vectors have different lengths"
    end
  end
  model.state = { count = #slots[1], optimizer = optimizer, slots = slots }
  for i, slot in ipairs(slots) do slots[i] = tensor.is_tensor(slot) and slot:copy() or slot end
end

return optimizer_state
