--- A model between any inputs and outputs.
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local Model = require "nn.models.model"
local symbolic = require "nn.symbolic"

local signature = arguments.signature("Model", {
  { "inputs", arguments.required }, { "outputs", arguments.required }, { "name" },
})

local function list_of(value, what)
  local list = symbolic.is(value) and { value } or value
  if type(list) ~= "table" or #list == 0 then blame("Model: %s: expected at least one symbolic tensor", what) end
  for i, each in ipairs(list) do
    if not symbolic.is(each) then
      blame("Model: %s: expected what a layer gave at position %d, got %s", what, i, tostring(each))
    end
  end
  return list
end

local functional = {}

--- A model from its inputs to its outputs.
-- @tparam table definition inputs, outputs: symbolic tensors or lists of them; name (optional)
-- @usage nn.Model{ inputs = { input }, outputs = { output } }
function functional.new(definition)
  local given = signature(definition)
  local inputs, outputs = list_of(given.inputs, "inputs"), list_of(given.outputs, "outputs")
  for i, input in ipairs(inputs) do
    if #input.inputs > 0 then blame("Model: inputs: %s at position %d is not an nn.Input", tostring(input), i) end
  end
  local self = Model.new("Functional", given.name)
  self:connect(inputs, outputs)
  self.layers = self.all_layers
  return self
end

return functional
