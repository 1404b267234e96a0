--- What an object has: methods, fields that are computed, and plain fields that are declared. A script that reads or
-- sets anything else of it gets an error with the nearest name. nnrun's own code may keep what it wants in an object.
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local contains = require "nn.support.contains"
local nearest = require "nn.support.nearest"

local properties = {}

-- Where an object keeps its fixed fields: as they are not its own, Lua asks each time one of them is set.
local FIXED = {}

--- Moves fixed fields that an object has as its own to where they belong.
-- @tparam table object
-- @tparam {string,...} names
function properties.fix(object, names)
  local fixed = {}
  for _, name in ipairs(names) do fixed[name], object[name] = object[name], nil end
  return rawset(object, FIXED, fixed)
end

local ASKING = 3 -- on the stack, seen from here: who caused the metamethod to be called

-- Functions of the standard library may look for fields that are not there, but `ipairs` wants elements.
local function is_asked_by_script(name)
  local is_own, is_c = blame.is_own(ASKING)
  if is_c and math.type(name) == "integer" then is_own, is_c = blame.is_own(ASKING + 1) end
  return not (is_own or is_c)
end

--- The names of methods, those inherited too.
local function add_names(names, methods)
  while type(methods) == "table" do
    for name in pairs(methods) do
      if type(name) == "string" and not name:find "^__" then names[#names + 1] = name end
    end
    local meta = getmetatable(methods)
    methods = meta and meta.__index
  end
end

local function did_you_mean(name, known)
  local near = nearest(tostring(name), known)
  return near and ("; did you mean %s?"):format(near) or ""
end

--- The one reason for a name that Keras has and nnrun has not.
local function absent(kind, name)
  return kind and require "nn.support.absent".reason(kind, name)
end

--- Gives objects their fields.
-- @tparam table meta the objects' metatable; gets __index and __newindex, and __names, which lists all names for the
-- prompt
-- @tparam table definition
-- @tparam table definition.methods what the objects can do
-- @tparam[opt] {[string]=function} definition.fields those that are computed: name -> function of the object
-- @tparam[opt] {string,...} definition.settable plain fields that a script may set; they may be nil
-- @tparam[opt] {[string]=function} definition.watched of the settable fields: function(object, value), called before a
-- script's value is set; it may raise
-- @tparam[opt] {string,...} definition.readable plain fields that a script may read; they may be nil
-- @tparam[opt] function definition.arguments of the object: what its constructor was given, which can be read by name
-- @tparam[opt] {string,...} definition.argument_names
-- @tparam[opt] {string,...} definition.fixed plain fields that a script may read, but nnrun alone may set
-- @tparam function|string definition.title what messages call the object
-- @tparam[opt] string definition.kind in nn.absent, for names that only Keras has
-- @tparam[opt] function definition.hint function(object, name) -> what else an unknown name may mean, or nil
function properties.add(meta, definition)
  local methods, fields, title = definition.methods, definition.fields or {}, definition.title
  local settable, readable = definition.settable or {}, definition.readable or {}
  local argument_names, may_be_nil = definition.argument_names or {}, {}
  for _, names in ipairs { settable, readable } do
    for _, name in ipairs(names) do may_be_nil[name] = true end
  end

  local is_fixed, watched = {}, definition.watched or {}
  for _, name in ipairs(definition.fixed or {}) do is_fixed[name] = true end
  for name in pairs(watched) do is_fixed[name] = true end -- else Lua would not ask

  local function title_of(self) return type(title) == "string" and title or title(self) end

  function meta.__names()
    local names = {}
    for name in pairs(fields) do names[#names + 1] = name end
    for _, list in ipairs { settable, readable, argument_names, definition.fixed or {} } do
      table.move(list, 1, #list, #names + 1, names)
    end
    add_names(names, methods)
    return names
  end

  function meta.__index(self, name)
    local compute = fields[name]
    if compute then return compute(self) end
    if is_fixed[name] then return (rawget(self, FIXED) or {})[name] end
    local method = methods[name]
    if method ~= nil or may_be_nil[name] or not is_asked_by_script(name) then return method end
    if contains(argument_names, name) then return definition.arguments(self)[name] end
    if type(name) == "string" and name:find "^__" then return nil end -- what libraries look for in any table
    local reason = absent(definition.kind, name) or definition.hint and definition.hint(self, name)
    blame("%s has no %s%s", title_of(self), tostring(name), reason or did_you_mean(name, meta.__names()))
  end

  function meta.__newindex(self, name, value)
    if not (settable[1] and contains(settable, name)) and is_asked_by_script() then
      local is_known = contains(meta.__names(), name)
      if is_known then
        blame("%s: %s cannot be set%s", title_of(self), tostring(name),
          contains(argument_names, name) and "; give it when the object is made" or "")
      end
      blame("%s has no %s that could be set%s", title_of(self), tostring(name),
        absent(definition.kind, name) or did_you_mean(name, meta.__names()))
    end
    if not is_fixed[name] then return rawset(self, name, value) end
    if watched[name] and is_asked_by_script() then watched[name](self, value) end
    if not rawget(self, FIXED) then rawset(self, FIXED, {}) end
    rawget(self, FIXED)[name] = value
  end
end

local function is_object(value) return type(value) == "table" and getmetatable(value) ~= nil end

--- The metatable of a class that has no family: its arguments are plain fields of its objects.
-- @tparam string class
-- @tparam table methods
-- @tparam {{string,...},...} list its signature
-- @tparam[opt] {string,...} learned further fields
-- @treturn table
function properties.class(class, methods, list, learned)
  local meta, names = { __name = "nn." .. class }, arguments.names_of(list)
  table.move(learned or {}, 1, #(learned or {}), #names + 1, names)
  local base = methods
  while base do
    arguments.limit_methods(class:lower(), base, is_object)
    base = getmetatable(base) and getmetatable(base).__index
  end
  properties.add(meta, { methods = methods, readable = names, title = class })
  return meta
end

return properties
