--- The functions between layers (`nn.activations`): `nn.activations.relu(t)` gives a tensor, and the name "relu" stands
-- for the function wherever a layer takes an activation.
--
-- Options follow Keras' signatures: `nn.activations.leaky_relu(t, { negative_slope = 0.1 })`. An activation with
-- options for a layer is made with `nn.activations.with("leaky_relu", { negative_slope = 0.1 })`.
-- @module nn.activations
local Activation = require "nn.activations.activation"
local blame = require "nn.support.blame"
local functions = require "nn.activations.functions"
local nearest = require "nn.support.nearest"

local activations = {}

local ALIASES = { swish = "silu", hard_swish = "hard_silu" }

local function blame_unknown(name)
  if type(name) ~= "string" then
    blame('activation: expected a name such as "relu", got %s', blame.got(name))
  end
  local near = nearest(name, functions.names)
  blame("activation: there is no %s%s", name, near and ("; did you mean %q?"):format(near) or "")
end

--- An activation with options, for a layer's `activation` or to be called with a tensor.
-- @function with
-- @tparam string name
-- @tparam[opt] table options as in Keras' signature
-- @usage Dense{ 50, activation = nn.activations.with("leaky_relu", { negative_slope = 0.1 }) }
function activations.with(name, options)
  name = ALIASES[name] or name
  local entry = functions.by_name[name] or blame_unknown(name)
  local bound = entry.signature(options)
  return Activation.new(name, options, bound, entry.lower(bound))
end

for _, name in ipairs(functions.names) do
  activations[name] = function(x, options) return activations.with(name, options)(x) end
end
for alias, name in pairs(ALIASES) do activations[alias] = activations[name] end

--- The activation that a user's value stands for: nil or a name, an activation, one of the functions of this module, or
-- what `plain` gave.
-- @function get
-- @param value or a function of one's own, from a tensor to one of its shape
-- @treturn table with name and config, the engine's arguments
-- @usage nn.activations.get "relu"
function activations.get(value)
  if value == nil then return activations.with("linear") end
  if getmetatable(value) == Activation then return value end
  if type(value) == "table" then return activations.with(value.name, value.options) end
  for _, name in ipairs(functions.names) do
    if value == activations[name] then return activations.with(name) end
  end
  if type(value) == "function" then return Activation.of_function(value) end
  return activations.with(value)
end
activations.deserialize = activations.get

--- What stands for an activation in a stored model: its name, or a table of name and options.
-- @function serialize
-- @param value as for get
-- @treturn string|table from which `deserialize` (or `get`) makes it again
-- @usage
-- local plain = nn.activations.serialize(nn.activations.with("elu", { alpha = 0.5 }))
-- print(nn.activations.deserialize(plain)(x))
function activations.serialize(value) return activations.get(value):plain() end

return activations
