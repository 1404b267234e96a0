--- Weights to and from files: one .safetensors file, which any reader of that format opens.
local align = require "nn.align"
local blame = require "nn.blame"
local safetensors = require "nn.safetensors"

local saving = {}

--- Writes all weights, each under its name, such as "dense_1/kernel".
-- @tparam string path ends in .safetensors
function saving.save_weights(model, path)
  local tensors = {}
  for _, weight in ipairs(model:named_weights()) do tensors[weight.name] = weight.tensor end
  local ok, message = safetensors.write(path, tensors)
  if not ok then blame("save_weights: %s", message) end
end

--- Reads all weights from a file that save_weights wrote for the same architecture.
-- @tparam string path
function saving.load_weights(model, path)
  local tensors, message = safetensors.read(path)
  if not tensors then blame("load_weights: %s", message) end
  local values = {}
  for i, weight in ipairs(model:named_weights()) do
    local value = tensors[weight.name]
    if not value then
      blame("load_weights: %s has no %s", path, weight.name)
    elseif not align.same(value.shape, weight.tensor.shape) then
      blame("load_weights: %s: %s has shape %s, the model's has %s", path, weight.name, align.text(value.shape),
        align.text(weight.tensor.shape))
    end
    values[i] = value
  end
  model:set_weights(values)
end

return saving
