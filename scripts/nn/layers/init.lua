--- The layers (`nn.layers`).
-- @module nn.layers
for _, name in ipairs { "input", "dense", "activation", "advanced_activations", "prelu", "softmax",
  "dropout", "shaping",
  "merging", "normalizing", "pooling", "masking", "preprocessing", "lambda" } do
  require("nn.layers." .. name)
end

return require("nn.layer").layers
