--- What a model stands for in a digest (see nn.digest): all that decides what training makes of it.
local compile = require "nn.models.compile"
local optimizer_state = require "nn.models.optimizer_state"

local function weights_of(model)
  local list, trained = {}, model.compiled and model.compiled.trainable or {}
  for i, weight in ipairs(model.outputs and model:named_weights() or {}) do
    list[i] = { weight.tensor, trained[weight.layer] or false }
  end
  return list
end

--- @tparam table model
-- @treturn table
return function(model)
  local contents = { model.class_name, model:get_config(), weights_of(model) }
  if model.compiled then
    contents.compile, contents.training = compile.config(model), optimizer_state.describe(model)
    contents.slots = optimizer_state.tensors(model)
  end
  return contents
end
