--- Families of objects that a user may give by name, by table or as an object: initializers, losses, optimizers ...
--
-- A family is the module table the user sees: `nn.initializers.HeUniform{ seed = 1 }` makes an object, and wherever an
-- initializer is expected the name "he_uniform" stands for `HeUniform{}`. An object is a plain table that can be
-- printed and stored: its class, its arguments with all defaults, and where in the script it was made.
local absent = require "nn.support.absent"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local names = require "nn.support.names"
local nearest = require "nn.support.nearest"
local properties = require "nn.support.properties"

local Family = {}

local modules = setmetatable({}, { __mode = "k" }) -- by family

-- What all objects can do.

local function get_config(self)
  local config = {}
  for name, value in pairs(self.arguments) do config[name] = Family.plain(value) end
  return config
end

-- The name that a signature with such an argument gives its objects: as given, or the class' in snake case.
local function name_of(self) return self.arguments.name or names.snake_case(self.class_name) end

local function takes_name(signature)
  for _, entry in ipairs(signature) do
    if entry[1] == "name" then return true end
  end
  return false
end

local function text_of(self)
  return self.name and ("<%s name=%s>"):format(self.class_name, self.name) or ("<%s>"):format(self.class_name)
end

-- Where it was made, and what `fit` gives a callback, are no part of an object.
local NOT_CONTENTS = { where = true, model = true, params = true }

--- What an object stands for in a digest (see nn.digest): its arguments, and what it has come to hold.
local function contents(self)
  local fields = {}
  for name, value in next, self do
    if not NOT_CONTENTS[name] then fields[name] = value end
  end
  return fields
end

local function from_config(self, config) return getmetatable(self).construct(config) end

-- What messages call an object.
local function title_of(self) return self.title and self:title() or self.class_name end

--- The base tables of methods, each before what inherits from it.
local function limit_methods(kind, methods, is)
  while type(methods) == "table" do
    arguments.limit_methods(kind, methods, is)
    local meta = getmetatable(methods)
    methods = meta and meta.__index
  end
end

--- A new, empty family.
-- @tparam string kind what its members are called in messages, such as "initializer"
-- @tparam string module the module below `nn` whose loading defines its members, such as "initializers"
-- @tparam[opt] table options has_second_names: whether each name that stands for an object is a constructor too, as in
-- Keras `he_uniform` is beside `HeUniform`; settable, watched, readable, fixed: plain fields of its objects, see
-- nn.properties
function Family.new(kind, module, options)
  options = options or {}
  local family, classes, known, record = {}, {}, {}, { of_function = false }
  local constructors, class_names = {}, {}
  modules[family] = module

  local function learn(name, construct)
    if not classes[name] then known[#known + 1] = name end
    classes[name] = construct
    if options.has_second_names or name:find "^%u" then family[name] = construct end
  end

  --- The constructor of a name. The members are defined when the module is loaded, and a script need not have named it.
  local function constructor(name)
    local function find() return type(name) == "string" and (classes[name] or classes[name:lower()]) or nil end
    local found = find()
    if found then return found end
    require("nn." .. module)
    return find()
  end

  --- Whether a value is an object of this family.
  local function is(value)
    local meta = type(value) == "table" and getmetatable(value)
    return meta and meta.family == family or false
  end

  --- Adds a class to a family.
  -- @tparam table definition class: its name; arguments: its signature; aliases: further names (in capitals: of the
  -- constructor too); methods: what its objects can do (`__call` included); fields: those that are computed, name ->
  -- function of the object; readable: plain fields that may be nil; hint: as of nn.properties; check: a function of the
  -- bound arguments that raises where they make no sense
  -- @treturn function the constructor
  local function define(definition)
    local class, methods = definition.class, definition.methods
    local meta = { __name = class, __tostring = text_of, family = family, __digest = methods.__digest or contents,
      __call = methods.__call and arguments.limit_call(class, methods.__call) }
    methods.get_config, methods.from_config = methods.get_config or get_config, from_config
    limit_methods(kind, methods, is)
    properties.add(meta, {
      methods = methods, kind = kind, title = title_of, hint = definition.hint, settable = options.settable,
      watched = options.watched, fixed = options.fixed,
      fields = definition.fields or takes_name(definition.arguments) and { name = name_of } or nil,
      readable = table.move(options.readable or {}, 1, #(options.readable or {}), 1, { "class_name",
        table.unpack(definition.readable or {}) }),
      arguments = function(self) return self.arguments end, argument_names = arguments.names_of(definition.arguments),
    })
    local signature = arguments.signature(class, definition.arguments)
    local function construct(given, ...)
      arguments.check_one(class, ...)
      local object = { class_name = class, where = blame.here(), arguments = signature(given) }
      setmetatable(object, meta)
      if definition.check then definition.check(object.arguments, object) end
      return object
    end
    meta.construct = construct
    constructors[#constructors + 1], class_names[construct] = class, class
    learn(names.snake_case(class), construct)
    learn(class, construct)
    learn(class:lower(), construct)
    for _, alias in ipairs(definition.aliases or {}) do learn(alias, construct) end
    return construct
  end

  --- Whether a class or another name stands for something of this family.
  local function is_known(name) return constructor(name) ~= nil end

  --- The object that a user's value stands for; nil stays nil.
  -- @param value a name, an object, or { class_name =, config = } as stored by `serialize`
  -- @tparam string what the argument's name, for messages
  local function get(value, what)
    if value == nil or is(value) then return value end
    local of_function = record.of_function
    if of_function and type(value) == "function" and not class_names[value] then return of_function(value) end
    if of_function and type(value) == "table" and value.class_name == "Function" then
      return of_function(value.config.fn)
    end
    if type(value) == "table" and value.registered_name then
      local class = require("nn.saving").find_class(value.registered_name, kind)
      return class(require("nn.support.stored").restore(value.config))
    end
    local name, config = value, nil
    if type(value) == "table" and value.class_name then name, config = value.class_name, value.config end
    local construct = constructor(name)
    if construct then return construct(config) end
    if type(name) == "function" then
      local class = class_names[name]
      blame("%s: %s", what, class and ("expected an object, got the class %s; call it: %s{}"):format(class, class)
        or ("a function of your own cannot be a%s %s yet"):format(kind:find "^[aeiou]" and "n" or "", kind))
    elseif type(name) ~= "string" then
      blame("%s: expected a name such as %q or an object of nn.%s, got %s", what, known[1], module, blame.got(name))
    end
    local reason = absent.reason(module, name)
    if reason then blame("%s: there is no %s %s%s", what, kind, name, reason) end
    local near = nearest(name, known)
    local as_text = name:find "^[%w_]+$" and name or ("%q"):format(name)
    blame("%s: unknown %s %s; %s", what, kind, as_text, near and ("did you mean %q?"):format(near)
      or ("expected a name such as %q"):format(known[1]))
  end

  --- The plain table that stands for an object in a stored model.
  local function serialize(object)
    if not is(object) then blame("serialize: expected a %s, got %s", kind, blame.got(object)) end
    return Family.plain(object)
  end

  record.define, record.get, record.is, record.is_known = define, get, is, is_known
  record.serialize, record.names, record.class_names = serialize, known, class_names
  return setmetatable(family, {
    __index = function(_, name)
      if constructor(name) and rawget(family, name) then return rawget(family, name) end
      local near = nearest(tostring(name), constructors)
      blame("there is no %s %s%s", kind, tostring(name),
        absent.reason(module, name) or near and ("; did you mean %s?"):format(near) or "")
    end,
  }), record
end

--- A value as stored: objects of any family become { class_name =, config = }.
-- Functions stay what they are; `digest.stored` gives them a name.
function Family.plain(value)
  local meta = type(value) == "table" and getmetatable(value)
  if not (meta and meta.family) then return value end
  return { class_name = value.class_name, config = value:get_config(),
    registered_name = require("nn.saving").registered_name(value) }
end

--- The module below `nn` of a family, such as "losses".
function Family.module_of(family) return modules[family] end

return Family
