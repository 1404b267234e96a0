--- The masks of predictions that a model has computed on tensors, so that a loss leaves out what does not count, as in
-- `fit`.
local tensor = require "nn.tensor"

local masks = {}

local known = setmetatable({}, { __mode = "k" }) -- by prediction

--- Remembers the mask of a prediction.
-- @tparam tensor prediction (n, ...)
-- @tparam tensor mask (n, places): 0 for places that do not count
function masks.note(prediction, mask) known[prediction] = mask end

--- The mask of a prediction; nil if there is none.
function masks.of(prediction) return known[prediction] end

--- The mask of a prediction in the shape of its losses.
-- @tparam tensor prediction
-- @tparam {integer,...} shape of the losses, samples first
-- @treturn ?tensor nil if there is none, or if its numbers do not stand for whole losses
function masks.beside(prediction, shape)
  local mask, size = known[prediction], 1
  for _, length in ipairs(shape) do size = size * length end
  if not mask or #shape == 0 or size == 0 or size % mask.size ~= 0 then return nil end
  return (mask:reshape { mask.size, 1 } * tensor.ones { 1, size // mask.size }):reshape(shape)
end

return masks
