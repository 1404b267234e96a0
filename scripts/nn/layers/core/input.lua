--- Where data enter a model.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local symbolic = require "nn.layers.base.symbolic"

local InputLayer = layer.define {
  class = "InputLayer",
  engine = "input",
  arguments = { { "shape", layer.required } },
}

--- A model's input: a symbolic tensor of samples of that shape.
-- @function Input
-- @tparam {integer,...} shape of one sample, without the samples' axis
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
