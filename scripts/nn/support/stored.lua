--- Objects, functions and tensors of a script as plain values that a file can hold, and back.
--
-- An object is { class_name =, config =, module = } and, if its class is the script's, registered_name. A function is
-- stored by its name alone: whoever loads it has it (nn.saving).
local digest = require "nn.support.digest"
local Family = require "nn.support.family"
local functions = require "nn.support.functions"
local is_model = require "nn.models.is_model"
local saving = require "nn.saving"
local tensor = require "nn.tensor"

local stored = {}

local function architecture() return require "nn.models.architecture" end

local function is_plain(value)
  local meta = type(value) == "table" and debug.getmetatable(value)
  return type(value) == "table" and (not meta or meta.__jsontype ~= nil)
end

local function entry_of(value)
  if is_model(value) then
    local entry = architecture().entry(value)
    entry.module = "models"
    return entry
  end
  local meta = type(value) == "table" and getmetatable(value)
  if not (type(meta) == "table" and meta.family) then return nil end
  local entry = Family.plain(value)
  entry.module = Family.module_of(meta.family)
  return entry
end

-- A copy of nested tables, with what stands for each of the values in them.
local function map(value, change, above)
  local changed = change(value)
  if changed ~= nil then return changed end
  if not is_plain(value) or above[value] then return value end
  local copy = debug.setmetatable({}, debug.getmetatable(value))
  above[value] = true
  for key, each in next, value do copy[key] = map(each, change, above) end
  above[value] = nil
  return copy
end

--- The config of an object whose class is the script's: what its constructor was given, and what the class' own
-- get_config says. Objects in it become entries; functions and tensors stay what they are.
-- @tparam table object
-- @tparam table given to the constructor, by names
function stored.config_of(object, given)
  local definition = object.definition
  local config = definition.get_config and definition.get_config(object) or {}
  for name, value in pairs(given) do
    if config[name] == nil then config[name] = map(value, entry_of, {}) end
  end
  return config
end

local function function_entry(f, unnamed)
  local name = saving.name_of(f) or functions.name(f)
  if not name then unnamed(f) end
  return { class_name = "function", config = name or "" }
end

local function tensor_entry(t)
  return { class_name = "tensor", config = { dtype = t.dtype, shape = table.move(t.shape, 1, t.ndim, 1, {}),
    values = t:flatten():totable() } }
end

--- The same config as a file can hold it.
-- @param value
-- @tparam function unnamed (f) is told of each function that has no name, which no one can load
function stored.plain(value, unnamed)
  return map(value, function(each)
    if type(each) == "function" then return function_entry(each, unnamed) end
    if tensor.is_tensor(each) then return tensor_entry(each) end
    if type(each) ~= "table" then return nil end
    return not is_plain(each) and digest.stored(each) or nil
  end, {})
end

local function tensor_of(config)
  if #config.shape == 0 then return tensor.full({}, config.values[1]) end
  return tensor.tensor(config.values, config.dtype):reshape(config.shape)
end

local restore

local function restore_one(value)
  if not is_plain(value) or value.config == nil then return nil end
  if value.class_name == "function" then return saving.find_function(value.config) end
  if value.class_name == "tensor" then return tensor_of(value.config) end
  local module = value.module
  if module == nil then return nil end
  local entry = { class_name = value.class_name, registered_name = value.registered_name,
    config = restore(value.config) }
  if module == "models" or module == "layers" then return architecture().from_entry(entry) end
  return require("nn." .. module).get(entry, module)
end

--- The values that a stored config stands for.
-- @param value what `config_of` or `plain` gave
-- @raise if a class or a function is not known here
function restore(value) return map(value, restore_one, {}) end
stored.restore = restore

return stored
