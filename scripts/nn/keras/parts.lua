--- What layers and models of one's own hold, by the names under which Keras keeps it: the fields, which have to be
-- called as in Python. A list gives its layers names of their class: `blocks/dense`, `blocks/dense_1`.
--
-- Keras goes through an object's attributes in the order of their names. Models have an attribute `layers`, too, so
-- what comes after it is found there.
local is_model = require "nn.models.is_model"
local sorted_keys = require "nn.support.sorted_keys"

local parts = {}

local HIDDEN = { all_layers = true, layers = true }

-- The object whose weights and layers they are: that of a model is its core.
local function holder(object) return is_model(object) and object.core or object end

--- Whether it is a layer or a model that a script's class made.
function parts.is_own(object)
  local core = holder(object)
  return core ~= nil and rawget(core, "class") ~= nil and rawget(core, "own_weights") ~= nil
end

--- The weights that are its own and no part's.
-- @treturn {table,...} as `named_weights` gives them
function parts.own_weights(object)
  local core, list = holder(object), {}
  for _, weight in ipairs(core:named_weights()) do
    if weight.layer == core then list[#list + 1] = weight end
  end
  return list
end

local function fields_of(object)
  local fields = is_model(object) and object.own_fields or object
  local names = {}
  for name in pairs(fields) do
    if type(name) == "string" and not HIDDEN[name] then names[name] = true end
  end
  return fields, sorted_keys(names)
end

--- Its layers and models.
-- @param object
-- @tparam function keys_of the names of the layers of a list
-- @treturn {{layer=,path=,other=},...} in the order in which they were made; path as of the field, other within
-- `layers`, which models have
function parts.of(object, keys_of)
  local core, by_layer, list = holder(object), {}, {}
  local fields, names = fields_of(object)
  for _, name in ipairs(names) do
    local value = rawget(fields, name)
    if core.is_part[value] then
      by_layer[value] = by_layer[value] or name
    elseif type(value) == "table" and not getmetatable(value) and core.is_part[value[1]] then
      for i, key in ipairs(keys_of(value)) do by_layer[value[i]] = by_layer[value[i]] or name .. "/" .. key end
    end
  end
  local keys = keys_of(core.all_layers)
  for i, layer in ipairs(core.all_layers) do
    list[i] = { layer = layer, path = by_layer[layer] or "layers/" .. keys[i], other = "layers/" .. keys[i] }
  end
  return list
end

--- Where Keras writes such a part.
-- @param object
-- @tparam table part
function parts.path(object, part)
  return is_model(object) and part.path > "layers" and part.other or part.path
end

return parts
