--- What training needs to go on where it stopped: the optimizer's state vectors and counters, as named tensors and a
-- plain table.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"

local optimizer_state = {}

local function tensor_name(slot, weight) return ("optimizer/%s/%s"):format(slot, weight) end

--- The optimizer's state vectors for the model's weights, such as "optimizer/momentum/dense/kernel"; none of weights
-- that were never updated.
-- @treturn {[string]=tensor}
function optimizer_state.tensors(model)
  local list, slot_names = {}, model.optimizer:slot_names()
  for _, weight in ipairs(model.outputs and model:named_weights() or {}) do
    for i, slot in ipairs(model.optimizer.slots:find(weight.tensor) or {}) do
      list[tensor_name(slot_names[i], weight.name)] = slot
    end
  end
  return list
end

--- Counters and seeds; whole numbers as texts, since JSON readers keep only 53 bits.
function optimizer_state.describe(model)
  local rate = model.optimizer.learning_rate
  return {
    iterations = tostring(model.optimizer.iterations), accumulated = tostring(model.optimizer.accumulated or 0),
    learning_rate = type(rate) == "number" and rate or nil, -- a schedule depends on the iterations alone
    seed = model.seed and tostring(model.seed), epochs_seen = tostring(model.epochs_seen or 0),
  }
end

local function damaged(format, ...)
  blame("its training state is damaged: " .. format, ...)
end

local function whole(value, what)
  local number = type(value) == "string" and math.tointeger(tonumber(value))
  return number or damaged("%s is no whole number", what)
end

--- One weight's state vectors; nil where it has none.
local function slots_of(weight, stored, slot_names, tensors, is_used)
  local slots, count = {}, 0
  for i, slot_name in ipairs(slot_names) do
    local name = tensor_name(slot_name, stored)
    local slot = tensors[name]
    if slot then
      if slot.dtype ~= "float32" or not align.same(slot.shape, weight.tensor.shape) then
        damaged("%s does not fit its weight", name)
      end
      slots[i], count, is_used[name] = slot, count + 1, true
    end
  end
  if count > 0 and count < #slot_names then damaged("some state vectors of %s are missing", stored) end
  return count > 0 and slots or nil
end

--- Sets the state vectors of the model's weights.
-- @tparam {[string]=tensor} tensors as `tensors` gives them, among others
-- @tparam[opt] {[string]=string} stored_names what a weight is called there, by its name
function optimizer_state.restore_slots(model, tensors, stored_names)
  local optimizer, is_used, variables, values = model.optimizer, {}, {}, {}
  for _, weight in ipairs(model:named_weights()) do
    local stored = stored_names and stored_names[weight.name] or weight.name
    local slots = slots_of(weight, stored, optimizer:slot_names(), tensors, is_used)
    if slots then variables[#variables + 1], values[#values + 1] = weight.tensor, slots end
  end
  for name in pairs(tensors) do
    if name:find "^optimizer/" and not is_used[name] then damaged("%s belongs to no weight", name) end
  end
  for i, state in ipairs(optimizer:slots_of(variables)) do
    for k, slot in ipairs(state) do slot[{}] = values[i][k] end
  end
end

--- Sets a compiled model to the state that `describe` and `tensors` told.
-- @tparam table model
-- @tparam table described
-- @tparam {[string]=tensor} tensors
-- @tparam[opt] {[string]=string} stored_names as for restore_slots
function optimizer_state.restore(model, described, tensors, stored_names)
  local optimizer = model.optimizer
  if type(described.learning_rate) == "number" then optimizer.learning_rate = described.learning_rate end
  optimizer.iterations = whole(described.iterations, "iterations")
  optimizer.accumulated = whole(described.accumulated, "accumulated")
  model.seed = described.seed and whole(described.seed, "seed")
  model.epochs_seen = whole(described.epochs_seen, "epochs_seen")
  if model.outputs then optimizer_state.restore_slots(model, tensors, stored_names) end
end

return optimizer_state
