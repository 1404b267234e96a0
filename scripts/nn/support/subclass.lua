--- Classes of one's own of a family of objects, such as `nn.losses.Loss:extend{ name =, call = }`.
--
-- An object is what a family makes: it has class_name and arguments, and is accepted wherever one of the family is.
-- What its constructor was given can be read as fields of `self`, and a script may set further ones.
local blame = require "nn.support.blame"
local names = require "nn.support.names"

local subclass = {}

local function check_definition(base, options, definition)
  local what = base .. ":extend"
  if type(definition) ~= "table" or getmetatable(definition) then
    local required = table.concat(options.required, ", ")
    blame("%s: expected a table with name and %s, got %s", what, required, blame.got(definition))
  elseif type(definition.name) ~= "string" then
    blame("%s: name: expected the name of the class, got %s", what, blame.got(definition.name))
  end
  for _, name in ipairs(options.required) do
    if type(definition[name]) ~= "function" then
      blame("%s: %s: %s: expected a %s, got %s", what, definition.name, name, options.signature,
        blame.got(definition[name]))
    end
  end
end

local function get_config(self) return require("nn.support.stored").config_of(self, self.arguments) end

-- What an object stands for in a digest: its class' functions, and what it was given.
local function digest(self)
  local code = {}
  for name, value in pairs(self.definition) do code[name] = value end
  return { class_name = self.class_name, arguments = self.arguments, definition = code }
end

local function new_object(class, options, meta, given)
  given = given == nil and {} or given
  if type(given) ~= "table" or getmetatable(given) then
    blame("%s: expected a table of arguments, such as %s{ name = ... }, got %s", class.class_name, class.class_name,
      blame.got(given))
  end
  local values = { name = names.snake_case(class.class_name) }
  for _, source in ipairs { options.defaults or {}, class.definition.defaults or {}, given } do
    for name, value in pairs(source) do values[name] = value end
  end
  local object = setmetatable({ class_name = class.registered_name or class.class_name, where = blame.here(),
    definition = class.definition, class = class, arguments = values }, meta)
  if options.check then options.check(object) end
  if class.definition.init then class.definition.init(object) end
  return object
end

--- Gives a family its base class, on which `:extend` is called.
-- @tparam table family the module that users see
-- @tparam string base its name there, such as "Loss"
-- @tparam table options kind: what messages call an object; required: the functions that a definition must have,
-- and signature: what they are called with; methods: what objects can do; call: what a call of one does; defaults: of
-- arguments; hidden: functions of a definition that replace no method; check: function(object)
function subclass.define(family, base, options)
  local hidden = options.hidden or {}
  local function extend(_, definition)
    check_definition(base, options, definition)
    local class = { class_name = definition.name, definition = definition }
    local meta = { __name = definition.name, family = family, __call = options.call, __digest = digest }
    function meta.__index(self, name)
      local own = not hidden[name] and name ~= "name" and definition[name]
      if own ~= nil and own ~= false then return own end
      local method = options.methods[name]
      if method ~= nil then return method end
      if name == "get_config" then return get_config end
      return rawget(self, "arguments")[name]
    end
    function meta.__tostring(self) return ("<%s name=%s>"):format(definition.name, self.name) end
    return setmetatable(class, {
      __call = function(_, given) return new_object(class, options, meta, given) end, is_class = true,
      __tostring = function() return "<class " .. definition.name .. ">" end,
    })
  end
  rawset(family, base, setmetatable({ extend = extend }, {
    __tostring = function() return "<class " .. base .. ">" end,
  }))
end

return subclass
