--- Where data enter a model.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local open_axes = require "nn.layers.base.open_axes"
local symbolic = require "nn.layers.base.symbolic"

local Input = {}

-- As the engine checks it, which knows no open axes.
function Input:config()
  self.arguments.shape = open_axes.normal(self.arguments.shape)
  local shape = self.arguments.shape
  return { shape = type(shape) == "table" and open_axes.fill(shape, 1) or shape }
end

-- The shape, with its open axes.
function Input:build()
  self.output_shape, self.input_shapes, self.weights = self.arguments.shape, {}, {}
  return self.output_shape
end

local InputLayer = layer.define {
  class = "InputLayer",
  engine = "input",
  arguments = { { "shape", layer.required } },
  methods = Input,
}

--- A model's input: a symbolic tensor of samples of that shape.
-- @function Input
-- @tparam {integer,...} shape of one sample, without the samples' axis. A length that may differ from batch to batch is
-- nil, or -1: `{ nil, 8 }`; at the end it is -1, as in `{ -1 }`, since Lua keeps no nil there
-- @tparam[opt] string name
-- @usage
-- local input = nn.Input{ shape = { 8 } }
-- local same = nn.Sequential{ nn.layers.InputLayer{ shape = { 8 } }, Dense{ 1 } }
layer.layers.Input = function(...)
  local input = InputLayer(...)
  input.output = symbolic.new(input, {}, input:build({}))
  return input.output
end

return layer.layers.Input
