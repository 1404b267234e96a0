--- Lua functions without a gradient within models (see layers/lambda.lua): computed for all samples before the engine
-- runs, so that their results are further inputs of the graph.
local blame = require "nn.support.blame"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local lambdas = {}

local function is_lambda(node)
  return node.layer.class_name == "Lambda" and not node.layer.arguments.gradient
    and not rawget(node.layer, "is_traced")
end

-- Whether training changes a weight of a layer, or of a layer of a model.
local function learns(layer, trainable)
  for _, inner in ipairs(layer.all_layers or {}) do
    if learns(inner, trainable) then return true end
  end
  for _, is_state in ipairs(layer.weight_is_state or {}) do
    if trainable[layer] and not is_state then return true end
  end
  return false
end

--- Raises an error where something before the Lambda would have to learn through it.
local function check_gradient(model, node, trainable)
  for _, earlier in ipairs(symbolic.order(node.inputs)) do
    local layer = earlier.layer
    if learns(layer, trainable) then
      blame("%s: layer %s comes before a Lambda without a gradient, through which nothing can be learned: give the "
        .. "Lambda gradient = function(x, dy), set the layer's trainable to false before compile, or put the Lambda "
        .. "first", model.name, layer.name)
    end
  end
end

--- The model's inputs and data, with those of its Lambdas.
-- @tparam table model
-- @tparam {tensor,...} data of the model's inputs
-- @tparam function predict (inputs, outputs, data) -> tensors: what part of the model gives
-- @tparam[opt] {[layer]=boolean} trainable in training, which layers learn
-- @treturn {symbolic,...} inputs
-- @treturn {tensor,...} data
function lambdas.resolve(model, data, predict, trainable)
  local inputs, all = table.move(model.inputs, 1, #model.inputs, 1, {}), table.move(data, 1, #data, 1, {})
  for _, node in ipairs(model.order) do
    if is_lambda(node) and node.inputs[1] then
      if trainable then check_gradient(model, node, trainable) end
      local result = node.layer:apply(predict(inputs, node.inputs, all))
      inputs[#inputs + 1], all[#all + 1] = node, tensor.is_tensor(result) and result:reshape(result.shape)
    end
  end
  return inputs, all
end

--- Whether a model has any.
function lambdas.any(model)
  for _, node in ipairs(model.order) do
    if is_lambda(node) then return true end
  end
  return false
end

return lambdas
