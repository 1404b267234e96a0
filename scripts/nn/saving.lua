--- Classes of one's own in stored models (`nn.saving`).
-- @module nn.saving
local blame = require "nn.support.blame"

local saving = {}

local registered = {} -- by the name in files: "package>Name"
local given = nil -- those of the load_model that runs now, by name

local function is_class(value)
  local meta = type(value) == "table" and getmetatable(value)
  return meta and meta.is_class or false
end

--- Makes a class known under a name, so that models with its objects can be loaded.
-- @function register
-- @tparam string package a name that keeps classes of different scripts apart
-- @tparam table class as `nn.layers.Layer:extend` gives it
-- @treturn table the class
-- @usage
-- local Double = nn.layers.Layer:extend{ name = "Double", call = function(self, x) return 2 * x end }
-- nn.saving.register("lab", Double)
function saving.register(package, class)
  if type(package) ~= "string" or package == "" or package:find ">" then
    blame("saving.register: expected the name of a package, got %s", blame.got(package))
  elseif not is_class(class) then
    blame("saving.register: expected a class, such as nn.layers.Layer:extend gives, got %s", blame.got(class))
  end
  class.registered_name = package .. ">" .. class.class_name
  registered[class.registered_name] = class
  return class
end

-- Custom objects as load_model takes them: a list of classes, or a table of them by name.
local function by_name(objects)
  local list = {}
  for key, class in pairs(objects) do
    if not is_class(class) then
      blame("custom_objects: expected classes, such as { MyLayer }, got %s", blame.got(class))
    end
    list[type(key) == "string" and key or class.class_name] = class
    list[class.registered_name or class.class_name] = class
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
    blame("custom_objects: expected a list of classes, got %s", blame.got(objects))
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

return saving
