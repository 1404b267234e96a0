--- Activations as layers.
-- @submodule nn.layers

--- An activation as a layer of its own.
-- @function Activation
-- @tparam string|activation activation
-- @usage Activation{ "relu" }
local layer = require "nn.layer"

return layer.define {
  class = "Activation",
  engine = "activation",
  passes_mask = true,
  arguments = { { "activation", layer.required } },
  methods = {
    lower_into = function(self, emit, inputs)
      return self:emit_plain(emit, "activation", self.activation.config, inputs)
    end,
  },
  examples = { { { "tanh" }, { 4 } }, { { "softmax" }, { 2, 3 } } },
}
