--- Models (`nn.models`, and at the top `nn.Sequential`, `nn.Model`).
local functional = require "nn.models.functional"
local Sequential = require "nn.models.sequential"
local layer = require "nn.layer"
local evaluation = require "nn.models.evaluation"
local tensor = require "nn.tensor"

local models = {
  Sequential = Sequential.new,
  Model = functional.new,
}

--- What a layer gives for real tensors: a model of that layer alone, run once.
function models.apply_layer(applied, inputs, options)
  local data = tensor.is_tensor(inputs) and { inputs } or inputs
  local symbols = {}
  for i, x in ipairs(data) do
    symbols[i] = layer.layers.Input { shape = table.move(x.shape, 2, x.ndim, 1, {}) }
  end
  local model = functional.new { inputs = symbols, outputs = applied(#symbols == 1 and symbols[1] or symbols) }
  return evaluation.apply(model, data, options)
end

return models
