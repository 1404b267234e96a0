--- The layers (`nn.layers`).
-- @module nn.layers
for _, name in ipairs { "input", "dense", "activation", "advanced_activations", "prelu", "softmax",
  "dropout", "shaping",
  "merging", "normalizing", "pooling", "masking", "preprocessing", "lambda" } do
  require("nn.layers." .. name)
end

local layers = require("nn.layer").layers

--- A layer, or model, as plain values, without its weights.
-- @function serialize
-- @tparam table layer
-- @treturn table { class_name =, config = }
-- @usage print(nn.layers.serialize(Dense{ 3 }).config.units)
function layers.serialize(layer) return require("nn.models.architecture").entry(layer) end

--- A new layer, or model, from what `serialize` gave.
-- @function deserialize
-- @tparam table entry { class_name =, config = }
-- @treturn table
-- @usage local another = nn.layers.deserialize(nn.layers.serialize(Dense{ 3 }))
function layers.deserialize(entry) return require("nn.models.architecture").from_entry(entry) end

return layers
