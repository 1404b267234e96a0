--- The layers (`nn.layers`), one file each.
require "nn.layers.input"
require "nn.layers.dense"
require "nn.layers.flatten"
require "nn.layers.activation"
require "nn.layers.dropout"
require "nn.layers.reshape"

return require("nn.layer").layers
