--- A model's weights: the lists of them, and copies in and out.
-- @submodule nn.models
local align = require "nn.losses.align"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local learned = require "nn.experiment.learned"
local tensor = require "nn.tensor"

local methods = {}

--- All weights with their names, such as "dense_1/kernel"; those of a model within begin with its name.
-- @function model:named_weights
-- @treturn {{name=string,tensor=tensor,layer=layer,is_state=boolean},...}
-- @usage for _, weight in ipairs(model:named_weights()) do print(weight.name, weight.tensor.size) end
function methods:named_weights()
  self:require_built "weights"
  local list, seen = {}, {}
  for _, layer in ipairs(self.all_layers) do
    for _, weight in ipairs(layer:named_weights()) do
      if not seen[weight.tensor] then
        list[#list + 1] = { name = layer.name .. "/" .. weight.name, tensor = weight.tensor, layer = weight.layer,
          is_state = weight.is_state }
      end
      seen[weight.tensor] = true
    end
  end
  return list
end

--- Copies of all weights, in the order of the layers.
-- @function model:get_weights
-- @treturn {tensor,...}
-- @usage local before = model:get_weights()
function methods:get_weights()
  local list = {}
  for i, weight in ipairs(self:named_weights()) do list[i] = weight.tensor:copy() end
  return as_list(list, "weights")
end

--- Replaces all weights.
-- @function model:set_weights
-- @tparam {tensor,...} values as get_weights gives them
-- @usage model:set_weights(model:get_weights())
function methods:set_weights(values)
  local weights = self:named_weights()
  if type(values) ~= "table" or tensor.is_tensor(values) or #values ~= #weights then
    blame("set_weights: expected a list of %d tensors, got %s", #weights,
      type(values) == "table" and #values or blame.got(values))
  end
  for i, weight in ipairs(weights) do
    local value = align.floats(values[i])
    if not align.same(value.shape, weight.tensor.shape) then
      blame("set_weights: %s has shape %s, got %s", weight.name,
        align.text(weight.tensor.shape), align.text(value.shape))
    end
    weight.tensor[{}] = value
    learned.note { weight.tensor }
  end
end

--- How many numbers the weights hold.
-- @function model:count_params
-- @treturn integer all of them
-- @treturn integer those that training changes
-- @usage local total, trainable = model:count_params()
function methods:count_params()
  local total, trainable, map = 0, 0, self:trainable_layers()
  for _, weight in ipairs(self:named_weights()) do
    total = total + weight.tensor.size
    if map[weight.layer] and not weight.is_state then trainable = trainable + weight.tensor.size end
  end
  return total, trainable
end

return methods
