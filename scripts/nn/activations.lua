--- The functions between layers (`nn.activations`): `nn.activations.relu(t)` gives a tensor, and the name "relu" stands
-- for the function wherever a layer takes an activation.
--
-- Options follow Keras' signatures: `nn.activations.leaky_relu(t, { negative_slope = 0.1 })`. An activation with
-- options is
-- made with `nn.activations.with("leaky_relu", { negative_slope = 0.1 })` and given to a layer.
local objects = require "engine.objects"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local nearest = require "nn.nearest"
local align = require "nn.align"

local activations = {}

-- name -> { signature list, function(bound arguments) -> the engine's config }
local known, names = {}, {}

local Activation = {}
Activation.__index = Activation

-- Those that look at a whole row.
local BY_ROW = { softmax = true, log_softmax = true, sparsemax = true }

local function engine_name(name)
  return function() return { activation = name } end
end

local function define(name, list, lower)
  known[name] = { signature = arguments.signature(name, list or {}), lower = lower or engine_name(name) }
  names[#names + 1] = name
  activations[name] = function(x, options)
    return activations.with(name, options)(x)
  end
end

define("linear")
define("relu", { { "negative_slope", 0 }, { "max_value" }, { "threshold", 0 } }, function(a)
  if a.negative_slope == 0 and not a.max_value and a.threshold == 0 then return { activation = "relu" } end
  return { activation = "general_relu", negative_slope = a.negative_slope, max_value = a.max_value,
    threshold = a.threshold }
end)
define("leaky_relu", { { "negative_slope", 0.2 } }, function(a)
  return { activation = "leaky_relu", negative_slope = a.negative_slope }
end)
define("elu", { { "alpha", 1 } }, function(a) return { activation = "elu", alpha = a.alpha } end)
define("celu", { { "alpha", 1 } }, function(a) return { activation = "celu", alpha = a.alpha } end)
define("gelu", { { "approximate", false } }, function(a)
  return { activation = a.approximate and "gelu_tanh" or "gelu" }
end)
define("squareplus", { { "b", 4 } }, function(a) return { activation = "squareplus", b = a.b } end)
define("soft_shrink", { { "threshold", 0.5 } }, function(a)
  return { activation = "soft_shrink", threshold = a.threshold }
end)
define("hard_shrink", { { "threshold", 0.5 } }, function(a)
  return { activation = "hard_shrink", threshold = a.threshold }
end)
define("threshold", { { "threshold", arguments.required }, { "default_value", arguments.required } }, function(a)
  return { activation = "threshold", threshold = a.threshold, default_value = a.default_value }
end)
for _, name in ipairs { "sigmoid", "tanh", "softmax", "selu", "softplus", "silu", "exponential", "relu6", "softsign",
  "hard_sigmoid", "hard_silu", "hard_tanh", "mish", "log_sigmoid", "sparse_plus", "sparse_sigmoid", "tanh_shrink",
  "step",  "log_softmax", "sparsemax" } do
  define(name)
end

local aliases = { swish = "silu", hard_swish = "hard_silu" }
for alias, name in pairs(aliases) do activations[alias] = activations[name] end

--- An activation with options, for a layer's `activation` or to be called with a tensor.
-- @tparam string name
-- @tparam[opt] table options as in Keras' signature
-- @usage Dense{ 50, activation = nn.activations.with("leaky_relu", { negative_slope = 0.1 }) }
function activations.with(name, options)
  name = aliases[name] or name
  local entry = known[name]
  if not entry then
    local near = type(name) == "string" and nearest(name, names)
    blame("activation: there is no %s%s", tostring(name), near and ("; did you mean %q?"):format(near) or "")
  end
  local bound = entry.signature(options)
  return setmetatable({
    name = name, options = options, config = entry.lower(bound), by_row = BY_ROW[name],
  }, Activation)
end

function Activation:__call(x)

  return objects.activate(self.config, align.floats(x))
end

--- The name, or name and options, that a stored model holds.
function Activation:plain()
  if not self.options or next(self.options) == nil then return self.name end
  return { name = self.name, options = self.options }
end

--- The activation that a user's value stands for: nil or a name, an activation, one of the functions of this module, or
-- what `plain` gave.
-- @param value
-- @treturn table with name and config, the engine's arguments
function activations.get(value)
  if value == nil then return activations.with("linear") end
  if getmetatable(value) == Activation then return value end
  if type(value) == "table" then return activations.with(value.name, value.options) end
  for _, name in ipairs(names) do
    if value == activations[name] then return activations.with(name) end
  end
  return activations.with(value)
end

return activations
