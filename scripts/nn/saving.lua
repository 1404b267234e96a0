--- Classes and functions of one's own in stored models (`nn.saving`).
-- @module nn.saving
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"

local saving = {}

local registered = {} -- by the name in files: "package>Name"
local names = setmetatable({}, { __mode = "k" }) -- of functions that are registered
local given = nil -- those of the load_model that runs now, by name

local function is_class(value)
  local meta = type(value) == "table" and getmetatable(value)
  return meta and meta.is_class or false
end

local function register_function(package, f)
  local name = functions.name(f)
  if not name then
    blame "saving.register: the function has no name; write it as local function my_loss(...), and register that"
  end
  names[f] = package .. ">" .. name
  registered[names[f]] = f
  return f
end

--- Makes a class or a function known under a name, so that models with it can be loaded.
-- @function register
-- @tparam string package a name that keeps classes and functions of different scripts apart
-- @tparam table|function class as `nn.layers.Layer:extend` and the like give it, or a function with a name
-- @treturn table|function the same
-- @usage
-- local Double = nn.layers.Layer:extend{ name = "Double", call = function(self, x) return 2 * x end }
-- nn.saving.register("lab", Double)
function saving.register(package, class)
  if type(package) ~= "string" or package == "" or package:find ">" then
    blame("saving.register: expected the name of a package, got %s", blame.got(package))
  elseif type(class) == "function" then
    return register_function(package, class)
  elseif not is_class(class) then
    blame("saving.register: expected a class, such as nn.layers.Layer:extend gives, or a function, got %s",
      blame.got(class))
  end
  class.registered_name = package .. ">" .. class.class_name
  registered[class.registered_name] = class
  return class
end

local function own_name(object)
  if type(object) == "function" then return functions.name(object) end
  return object.class_name
end

-- Custom objects as load_model takes them: a list of classes and functions, or a table of them by name.
local function by_name(objects)
  local list = {}
  for key, object in pairs(objects) do
    if type(object) ~= "function" and not is_class(object) then
      blame("custom_objects: expected classes and functions, such as { MyLayer, my_loss }, got %s", blame.got(object))
    end
    local name = type(key) == "string" and key or own_name(object)
    if not name then
      blame("custom_objects: the function at position %s has no name; give it one, as in { my_loss = f }",
        tostring(key))
    end
    list[name] = object
    if is_class(object) then list[object.registered_name or name] = object end
    if names[object] then list[names[object]] = object end
  end
  return list
end

-- Calls a function while some classes are known.
-- @tparam ?table objects
-- @tparam function f
-- @return what it returns
function saving.with(objects, f, ...)
  if objects == nil then return f(...) end
  if type(objects) ~= "table" or getmetatable(objects) then
    blame("custom_objects: expected a list of classes and functions, got %s", blame.got(objects))
  end
  local outer = given
  given = by_name(objects)
  local _ <close> = setmetatable({}, { __close = function() given = outer end })
  return f(...)
end

-- The class of one's own that a stored name means; nil if none is known.
-- @tparam string name
-- @treturn ?table
function saving.find(name)
  return given and given[name] or registered[name]
end

-- What an object's class is called in files; nil if that is one of nnrun's.
-- @tparam table object
-- @treturn ?string "package>Name"
function saving.registered_name(object)
  local class = rawget(object, "class")
  return class and (class.registered_name or "Custom>" .. class.class_name)
end

local ADVICE = "%s: if it is of your script, give load_model custom_objects = { %s }, or call "
  .. "nn.saving.register before"

-- The class of a script's own that `registered_name` gave the name of.
-- @tparam string name
-- @tparam string kind what messages call an object
-- @treturn table
function saving.find_class(name, kind)
  local own = tostring(name):match "[^>]*$"
  local class = saving.find(name) or saving.find(own)
  if is_class(class) then return class end
  blame(ADVICE, ("there is no %s %s"):format(kind, own), own)
end

-- The name that a function was registered under.
function saving.name_of(f) return names[f] end

-- The function of a script that a file has the name of.
-- @tparam string name
-- @treturn function
function saving.find_function(name)
  local own = tostring(name):match "[^>]*$"
  if own == "" then
    blame("it has a function without a name, which no file holds: give load_model compile = false, and compile the "
      .. "model")
  end
  local f = saving.find(name) or saving.find(own)
  if type(f) == "function" then return f end
  blame(ADVICE, "there is no function " .. own, own)
end

return saving
