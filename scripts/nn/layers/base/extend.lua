--- Layers of one's own: `nn.layers.Layer:extend{ name =, build =, call = }` gives a class that is used as the built-in
-- ones (see custom.lua for what its objects do).
-- @submodule nn.layers
local blame = require "nn.support.blame"
local contains = require "nn.support.contains"
local Custom = require "nn.layers.base.custom"
local invoke = require "nn.support.invoke"
local layer = require "nn.layers.base"
local names = require "nn.support.names"
local nearest = require "nn.support.nearest"
local own_weights = require "nn.layers.base.own_weights"

local KNOWN = { "name", "init", "build", "call", "get_config", "supports_masking" }
local FUNCTIONS = { "init", "build", "get_config", "train_step", "test_step", "compute_loss" }
local FILLED = { "weights", "input", "output", "input_shapes", "output_shape" } -- when its inputs are known
local COMMON = { name = true, trainable = true, input_shape = true, dtype = true }

-- What the constructor was given becomes fields, in the order of their names, so that layers among them have one.
local function set_given(object, given)
  local list = {}
  for name in pairs(given) do
    if not COMMON[name] then list[#list + 1] = name end
  end
  table.sort(list, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(list) do
    if Custom[name] or layer.fields[name] or contains(KNOWN, name) or contains(FILLED, name)
      or rawget(object, name) ~= nil then
      blame("%s: %s: layers have a field of that name already; choose another one", object.class_name, name)
    end
    object.given[name], object[name] = given[name], given[name]
  end
end

local function new_object(class, meta, given)
  given = given == nil and {} or given
  if type(given) ~= "table" or getmetatable(given) then given = { given } end
  local object = setmetatable({}, meta)
  local own = { class = class, class_name = class.registered_name or class.class_name, where = blame.here(),
    definition = class.definition, arguments = { input_shape = given.input_shape }, given = {}, own = {}, plain = {},
    second_inputs = {}, merges = true, all_layers = {}, is_part = {}, own_weights = own_weights.new(),
    name = given.name or names.unique(class.class_name), is_named = given.name ~= nil,
    trainable = given.trainable ~= false, passes_mask = class.definition.supports_masking }
  own.weight_names, own.weight_is_state = own.own_weights.names, own.own_weights.is_state
  own.weight_regularizers, own.weight_constraints = own.own_weights.regularizers, own.own_weights.constraints
  for name, value in pairs(own) do rawset(object, name, value) end
  set_given(object, given)
  if class.definition.init then invoke(class.definition.init, object) end
  return object
end

-- Raises an error where a definition of a class is none.
-- @tparam string what "Layer:extend", for messages
-- @tparam {string,...} known the fields that have a meaning
-- @tparam table definition
local function check_definition(what, known, definition)
  if type(definition) ~= "table" or getmetatable(definition) then
    blame("%s: expected a table with name and call, got %s", what, blame.got(definition))
  elseif type(definition.name) ~= "string" then
    blame("%s: name: expected the name of the class, got %s", what, blame.got(definition.name))
  elseif type(definition.call) ~= "function" then
    blame("%s: %s: call: expected a function(self, x, options), got %s", what, definition.name,
      blame.got(definition.call))
  end
  for _, name in ipairs(FUNCTIONS) do
    if definition[name] ~= nil and type(definition[name]) ~= "function" then
      blame("%s: %s: %s: expected a function, got %s", what, definition.name, name, blame.got(definition[name]))
    end
  end
  for name in pairs(definition) do
    local near = not contains(known, name) and nearest(tostring(name), known)
    if near then
      blame("%s: %s: did you mean %s by %s? A method needs a name that is less like it", what, definition.name,
        near, tostring(name))
    end
  end
end

--- A class of layers from Lua functions. Its objects are made as built-in layers are, `MyLayer{ units = 3 }`, and what
-- they are given becomes fields of `self`. A layer or model that is assigned to a field belongs to the layer, with its
-- weights, and so does an nn.Variable. Further functions of the definition become methods.
-- @function Layer.extend
-- @tparam table class name: its name; call: function(self, x, options), which gives a tensor or several, made
-- with nn.ops and with layers; build (optional): function(self, shape), shape that of a sample, where `self:add_weight`
-- makes weights; init (optional): function(self), called by the constructor; get_config (optional): function(self) that
-- gives further fields to store; supports_masking (false): whether a mask goes on to the next layer
-- @treturn table the class
-- @usage
-- local Linear = nn.layers.Layer:extend{ name = "Linear",
--   build = function(self, shape)
--     self.w = self:add_weight{ shape = { shape[#shape], self.units }, name = "w" }
--     self.b = self:add_weight{ shape = { self.units }, initializer = "zeros", name = "b" }
--   end,
--   call = function(self, x) return nn.ops.matmul(x, self.w) + self.b end }
-- local model = nn.Sequential{ nn.Input{ shape = { 4 } }, Linear{ units = 3 } }
local function extend(_, definition)
  check_definition("Layer:extend", KNOWN, definition)
  local methods = setmetatable({}, { __index = function(_, name)
    return Custom[name] or layer.methods[name]
  end })
  for name, value in pairs(definition) do
    if not contains(KNOWN, name) then methods[name] = value end
  end
  local class = { class_name = definition.name, definition = definition }
  local meta = { __name = definition.name, family = layer.layers, __call = Custom.__call, __digest = Custom.__digest }
  function meta.__index(self, name)
    local field = layer.fields[name]
    if field then return field(self) end
    return methods[name]
  end
  function meta.__newindex(self, name, value)
    Custom.adopt(self, value, name)
    rawset(self, name, value)
  end
  function meta.__tostring(self) return ("<%s %s>"):format(definition.name, self.name) end
  return setmetatable(class, { __call = function(_, given) return new_object(class, meta, given) end, is_class = true,
    __tostring = function() return "<class " .. definition.name .. ">" end })
end

rawset(layer.layers, "Layer", setmetatable({ extend = extend }, { __tostring = function() return "<class Layer>" end }))

-- For layers of nnrun's own that are made of others (composed.lua), their methods and what an object begins with; and
-- for models of one's own.
return { methods = Custom, adopt = Custom.adopt, new_weights = own_weights.new, check_definition = check_definition }
