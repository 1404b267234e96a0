--- A model between any inputs and outputs.
-- @submodule nn.models
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local Model = require "nn.models.model"
local symbolic = require "nn.layers.base.symbolic"

local signature = arguments.signature("Model", {
  { "inputs", arguments.required }, { "outputs", arguments.required }, { "name" }, { "trainable", true },
})

--- The symbolic tensors of a list, of a table by names (in alphabetic order), or one alone; the names where there are
-- any.
local function list_of(value, what)
  local list, by_name = symbolic.is(value) and { value } or value, nil
  if type(list) == "table" and #list == 0 and next(list) ~= nil then
    by_name = {}
    for name in pairs(list) do by_name[#by_name + 1] = name end
    table.sort(by_name)
    local ordered = {}
    for i, name in ipairs(by_name) do ordered[i] = value[name] end
    list = ordered
  end
  if type(list) ~= "table" or next(list) == nil then
    blame("Model: %s: expected at least one symbolic tensor, got %s", what, blame.got(value))
  end
  arguments.check_list("Model: " .. what, list)
  for i, each in ipairs(list) do
    if not symbolic.is(each) then
      blame("Model: %s: expected what a layer gave at position %s, got %s", what, by_name and by_name[i] or i,
        blame.got(each))
    end
  end
  return list, by_name
end

local functional = {}

--- A model from its inputs to its outputs. Both may lie within another model, whose layers and weights it then shares.
-- @function Model
-- @tparam table definition inputs, outputs: symbolic tensors, lists of them, or tables of them by name;
-- name, trainable (true)
-- @usage
-- local input = nn.Input{ shape = { 8 } }
-- local whole = nn.Model{ inputs = { input }, outputs = { Dense{ 1 }(Dense{ 5 }(input)) } }
-- local features = nn.Model{ inputs = model.inputs, outputs = model:get_layer{ name = "hidden" }.output }
function functional.new(definition, ...)
  arguments.check_one("Model", ...)
  local given = signature(definition)
  local inputs, input_names = list_of(given.inputs, "inputs")
  local outputs, output_names = list_of(given.outputs, "outputs")
  local self = Model.new("Functional", given.name)
  self.input_names, self.output_names, self.gives_names = input_names, output_names, output_names ~= nil
  self.trainable = given.trainable
  self:connect(inputs, outputs)
  self.layers = as_list(self.all_layers, "layers")
  return self
end

return functional
