--- Models (`nn.models`, and at the top `nn.Sequential`, `nn.Model`).
-- @module nn.models
local architecture = require "nn.models.architecture"
local functional = require "nn.models.functional"
local Sequential = require "nn.models.sequential"
local layer = require "nn.layers.base"
local on_batch = require "nn.models.on_batch"
local saving = require "nn.models.saving"
local tensor = require "nn.tensor"

local models = {
  Sequential = Sequential.new,
  Model = functional.new,
  load_model = saving.load_model,
  model_from_json = architecture.model_from_json,
  clone_model = architecture.clone_model,
}

--- What a layer gives for real tensors: a model of that layer alone, run once.
-- @function apply_layer
-- @tparam table applied the layer
-- @param inputs a tensor or a list of them
-- @tparam table options as of a layer's call
-- @usage nn.models.apply_layer(Dropout{ 0.5 }, x, { training = true }) -- what Dropout{ 0.5 }(x, ...) does
function models.apply_layer(applied, inputs, options)
  options = layer.check_options(applied, options)
  local data = tensor.is_tensor(inputs) and { inputs } or table.move(inputs, 1, #inputs, 1, {})
  local count = #data
  for _, name in ipairs(applied.second_inputs) do
    local value = options[name]
    data[#data + 1] = value ~= nil and (tensor.is_tensor(value) and value or tensor.tensor(value)) or nil
  end
  local symbols, list, given = {}, {}, {}
  for i, x in ipairs(data) do
    symbols[i] = layer.layers.Input { shape = table.move(x.shape, 2, x.ndim, 1, {}), name = "input " .. i }
    if i <= count then list[i] = symbols[i] end
  end
  for _, name in ipairs(applied.second_inputs) do
    given[name] = options[name] and symbols[count + 1]
    count = count + (options[name] and 1 or 0)
  end
  local output = applied(#list == 1 and list[1] or list, given)
  local model = functional.new { inputs = symbols, outputs = output, name = applied.name }
  if applied.output == output then applied.input, applied.output = nil, nil end -- no part of a user's model
  return on_batch.apply(model, data, { training = options.training })
end

return models
