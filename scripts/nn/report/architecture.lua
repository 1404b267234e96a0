--- A model in a line: its layers, loss and optimizer, from what a trial's record holds of it.
-- @module nn.report.architecture
local format = require "nn.report.format"
local notation = require "nn.support.notation"

local architecture = {}

-- Of a layer's configuration.
local TOLD = { "input_dim", "output_dim", "num_heads", "key_dim", "units", "filters", "kernel_size", "pool_size",
  "rate", "activation" }
local MOST_LAYERS = 12

local function layer_text(layer)
  local config, words = layer.config or {}, { layer.class_name }
  if layer.class_name == "InputLayer" then return "input " .. table.concat(config.shape or {}, " x ") end
  for _, name in ipairs(TOLD) do
    local value = config[name]
    if value ~= nil and value ~= "linear" then words[#words + 1] = notation.text(value) end
  end
  local inner = config.layer -- of Bidirectional and TimeDistributed
  if type(inner) == "table" then words[#words + 1] = layer_text(inner) end
  return table.concat(words, " ")
end

local function layers_text(model)
  local layers, texts = model.config.layers, {}
  if #layers > MOST_LAYERS then return format.count(#layers, "layer") end
  for i, layer in ipairs(layers) do texts[i] = layer_text(layer) end
  return table.concat(texts, ", ")
end

-- The name of a loss or optimizer: a word, an object, or a list of them.
local function name_of(object)
  if type(object) ~= "table" then return object and tostring(object) end
  if not object[1] then return object.class_name end
  local names = {}
  for i, part in ipairs(object) do names[i] = name_of(part) end
  return format.list(names)
end

--- Describes a trial's model.
-- @tparam table trial its record: `model` as Keras' to_json gives it, `compile`
-- @treturn ?string "input 28 x 28, Flatten, Dense 50 relu, Dense 10 softmax; loss ...; optimizer Adam"; nil where the
--   record does not tell
function architecture.text(trial)
  local model, compile = trial.model, trial.compile or {}
  if type(model) ~= "table" or type((model.config or {}).layers) ~= "table" then return nil end
  local text = layers_text(model)
  local loss, optimizer = name_of(compile.loss), name_of(compile.optimizer)
  if loss then text = text .. "; loss " .. loss end
  if optimizer then text = text .. "; optimizer " .. optimizer end
  return text
end

return architecture
