--- A stack of layers, each reading the one before.
-- @submodule nn.models
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local Model = require "nn.models.model"
local symbolic = require "nn.layers.base.symbolic"

local Sequential = setmetatable({ __name = "nn.model", __tostring = Model.__tostring,
  __call = Model.__call, __digest = Model.__digest }, { __index = Model })

--- The input that the stack itself tells: an Input at its head, or the first layer's input_shape.
local function declared_input(self)
  local first = self.layers[1]
  if self.head then return self.head end
  if first and first.reads_data then
    local shape = first.arguments.input_shape or { 1 }
    return first:is_ready() and layer.layers.Input { shape = shape, name = self.input_name }
  end
  local shape = first and (Model.is(first) and first.inputs and first.inputs[1].shape or
    first.arguments and first.arguments.input_shape)
  return shape and layer.layers.Input { shape = shape, name = self.input_name }
end

--- Connects the layers from an input on.
local function connect(self, input)
  local output = input
  self.input_name, self.output_names = input.layer.name, nil
  for position, each in ipairs(self.layers) do
    each.position, each.input, each.output = position, nil, nil
    output = each(output)
  end
  self:connect({ input }, { output })
end

--- Connects the stack as soon as its input is known.
local function refresh(self)
  local input = declared_input(self)
  if input and #self.layers > 0 then connect(self, input) end
end

local function append(self, item)
  if symbolic.is(item) and #item.inputs == 0 and #self.layers == 0 then
    self.head = item
  elseif layer.is(item) and item.class_name == "InputLayer" and #self.layers == 0 then
    item.output = symbolic.new(item, {}, item:build {})
    self.head = item.output
  elseif layer.is(item) or Model.is(item) then
    self.layers[#self.layers + 1] = item
  else
    blame("Sequential: expected a layer at position %d, got %s", #self.layers + 1, type(item) == "function"
      and "a function; call it with its arguments, as Dense{ 10 }" or blame.got(item))
  end
end

local NAMES = { "layers", "name", "trainable" }

--- The layers of a definition, whose names have been checked.
local function layers_in(definition)
  if type(definition) ~= "table" or getmetatable(definition) then
    blame("Sequential: expected a list of layers, got %s", blame.got(definition))
  end
  if definition.layers == nil then return arguments.check_list("Sequential", definition, NAMES) end
  arguments.check(definition, NAMES, "Sequential")
  if type(definition.layers) ~= "table" then
    blame("Sequential: layers: expected a list of layers, got %s", blame.got(definition.layers))
  end
  return arguments.check_list("Sequential: layers", definition.layers)
end

--- A stack of layers.
-- @function Sequential
-- @tparam table definition the layers in order; name (optional), trainable (true)
-- @usage local model = nn.Sequential{ Flatten{ input_shape = { 28, 28 } }, Dense{ 10, activation = "softmax" } }
local function new(definition, ...)
  definition = definition or {}
  arguments.check_one("Sequential", ...)
  local list = layers_in(definition)
  local self = setmetatable(Model.new("Sequential", definition.name), Sequential)
  for _, item in ipairs(list) do append(self, item) end
  self.trainable = definition.trainable ~= false
  refresh(self)
  return self
end

--- Adds a layer at the end.
-- @function model:add
-- @param item a layer or a model
-- @raise where its input does not fit
-- @usage model:add(Dense{ 2 })
function Sequential:add(item)
  self:require_idle("add")
  append(self, item)
  refresh(self)
end

--- Removes the last layer and returns it.
-- @function model:pop
-- @treturn table the layer
-- @usage local last = model:pop()
function Sequential:pop()
  self:require_idle("pop")
  if #self.layers == 0 then blame "pop: the model has no layers" end
  local last = table.remove(self.layers)
  self.inputs, self.outputs, self.output_names = nil, nil, nil
  refresh(self)
  return last
end

--- Gives the stack its weights for samples of a shape, where that was not declared.
-- @function model:build
-- @tparam {integer,...} shape without the samples' axis
-- @usage
-- local stack = nn.Sequential{ Dense{ 3 } }
-- stack:build{ 4 }
function Sequential:build(shape)
  if self.outputs then return end
  if #self.layers == 0 then blame("%s: the model has no layers", self.name) end
  connect(self, layer.layers.Input { shape = shape, name = self.input_name })
end

Model.finish(Sequential)
Sequential.new = new -- no method

return Sequential
