--- Activations as layers.
-- @submodule nn.layers

--- An activation as a layer of its own.
-- @function Activation
-- @tparam string|activation activation
-- @usage Activation{ "relu" }
local layer = require "nn.layers.base"
local traced = require "nn.layers.base.traced"

return layer.define {
  class = "Activation",
  engine = "activation",
  passes_mask = true,
  arguments = { { "activation", layer.required } },
  methods = {
    lower_into = function(self, emit, inputs, shapes)
      local fn = self.activation.fn
      if not fn then return self:activate(emit, inputs[1], #shapes[1]) end
      return traced.activate(traced.with_shapes(emit, inputs, shapes, self:title()), fn, inputs[1], shapes[1])
    end,
  },
  examples = {
    { { "tanh" }, { 4 } }, { { "softmax" }, { 2, 3 } }, { { "glu" }, { 2, 4 } },
    { { { name = "log_softmax", options = { axis = 2 } } }, { 3, 2 } },
    { { { name = "glu", options = { axis = 2 } } }, { 4, 3 } },
  },
}
