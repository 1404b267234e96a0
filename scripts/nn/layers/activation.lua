--- An activation as a layer of its own.
-- @function Activation
-- @tparam string|activation activation
-- @usage Activation{ "relu" }
local layer = require "nn.layer"

return layer.define {
  class = "Activation",
  engine = "activation",
  arguments = { { "activation", layer.required } },
  examples = { { { "tanh" }, { 4 } }, { { "softmax" }, { 2, 3 } } },
}
