--- The layers (`nn.layers`).
-- @module nn.layers
local names = require "nn.support.names"

local numbering = names.state() -- which the layers in examples are not to change

for _, name in ipairs {
  "core.input", "core.dense", "core.embedding", "core.masking", "core.lambda", "core.operation", "core.pipeline",
  "activation.activation", "activation.advanced_activations", "activation.prelu", "activation.softmax",
  "core.einsum_dense",
  "reshaping.reshaping", "reshaping.zero_padding", "reshaping.cropping", "reshaping.up_sampling", "merging.merging",
  "convolution.conv", "convolution.conv_transpose", "convolution.depthwise_conv", "convolution.separable_conv",
  "pooling.pooling", "pooling.global_pooling", "pooling.adaptive_pooling",
  "normalization.normalization", "normalization.spectral_normalization",
  "recurrent.simple_rnn", "recurrent.lstm", "recurrent.gru", "recurrent.cells", "recurrent.rnn",
  "recurrent.bidirectional", "recurrent.time_distributed", "recurrent.conv_lstm",
  "attention.attention", "attention.multi_head_attention", "attention.group_query_attention",
  "attention.positions",
  "regularization.dropout", "regularization.activity_regularization", "preprocessing.preprocessing",
  "preprocessing.image_resizing", "preprocessing.random_transforms", "preprocessing.random_colors",
  "preprocessing.rand_augment", "preprocessing.random_mixes",
  "preprocessing.text.lookup", "preprocessing.text.text_vectorization", "preprocessing.text.hashing",
} do
  require("nn.layers." .. name)
end

require "nn.layers.base.extend"
names.restore(numbering)

local layers = require("nn.layers.base").layers

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
