--- The loss of a batch as compile was given it, from tensors.
local by_output = require "nn.models.by_output"
local Outputs = require "nn.models.outputs"

--- That of each output by its weight, and `model.losses`.
-- @tparam table model compiled
-- @param y a tensor, or for several outputs a list
-- @param y_pred what the model gave
-- @param[opt] sample_weight
-- @treturn number|tensor within a tape a tensor
-- @treturn {[string]=number|tensor} by output the loss of it
return function(model, y, y_pred, sample_weight)
  local outputs, total, each = Outputs.of(model), 0, {}
  for i, output in ipairs(outputs) do
    local target, weight = by_output.given(y, i, #outputs), by_output.given(sample_weight, i, #outputs)
    each[output.name] = output.loss(target, by_output.predicted(model, y_pred, i), weight)
    total = total + output.weight * each[output.name]
  end
  for _, term in ipairs(model.losses) do total = total + term end
  return total, each
end
