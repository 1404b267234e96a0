--- Keyword arguments, checked: Keras' signatures as tables.
--
--     local signature = arguments.signature("Dense", { { "units", arguments.required }, { "activation" }, {
-- "use_bias", true } })
--     signature { 32, activation = "relu" }   --> { units = 32, activation = "relu", use_bias = true }
--
-- Leading positionals are Keras' leading positionals. An argument that the signature does not know is an error that
-- names it and the nearest known one, at the script's line.
local blame = require "nn.support.blame"
local contains = require "nn.support.contains"
local kinds = require "nn.support.kinds"
local nearest = require "nn.support.nearest"

local arguments = {}

--- Marks an argument without a default.
arguments.required = setmetatable({}, { __tostring = function() return "required" end })

local function unknown(what, key, names)
  local near = nearest(tostring(key), names)
  blame("%s: unknown argument %s%s", what, tostring(key),
    near and ("; did you mean %s?"):format(near) or #names > 0 and "; known are: " .. table.concat(names, ", ")
      or "; it takes none")
end

--- Raises an error where `given` holds a name that is not among `names`.
-- @tparam table given
-- @tparam {string,...} names
-- @tparam string what starts the message, such as "fit"
function arguments.check(given, names, what)
  local meta = getmetatable(given)
  if type(given) ~= "table" or meta and meta.__name then -- an object, such as a layer's output, is no table of options
    blame("%s: expected a table of options, got %s", what, blame.got(given))
  end
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  local strange = {}
  for key in pairs(given) do
    if not known[key] then strange[#strange + 1] = key end
  end
  table.sort(strange, function(a, b) return tostring(a) < tostring(b) end)
  if strange[1] ~= nil then unknown(what, strange[1], names) end
  return given
end

--- Raises an error where a script passes more than `most` arguments. nnrun's own code may: one call fits all kinds of
-- an object then.
-- @tparam integer hidden how many of them the script does not write, such as self
local function check_count(what, most, hidden, ...)
  for i = most + 1, select("#", ...) do
    local surplus, taken = select(i, ...), most - hidden
    if surplus ~= nil and not blame.is_own(3) then
      blame("%s: takes %s, got %s besides", what, taken == 0 and "no arguments" or taken == 1 and "one argument"
        or ("at most %d arguments"):format(taken), blame.got(surplus))
    end
  end
end

-- How many parameters a function has; math.huge for one that takes any number.
local function parameter_count(f)
  local info = debug.getinfo(f, "u")
  return info.isvararg and math.huge or info.nparams
end

local limited = setmetatable({}, { __mode = "k" }) -- one with several names stays one function

--- A function that refuses more arguments than it has parameters: nothing that a script passes is ignored.
-- @tparam string what it is called in messages
-- @tparam function f one that takes any number is returned as it is
-- @treturn function
function arguments.limit(what, f)
  local most = parameter_count(f)
  if most == math.huge then return f end
  limited[f] = limited[f] or function(...)
    check_count(what, most, 0, ...)
    return f(...)
  end
  return limited[f]
end

--- The same for what is called when an object is.
-- @tparam string what
-- @tparam function call of the object and what the script writes
function arguments.limit_call(what, call)
  local most = parameter_count(call)
  return function(...)
    check_count(what, most, 1, ...)
    return call(...)
  end
end

--- Limits all functions of a table in place; tables within it too.
-- @tparam table module
function arguments.limit_all(module)
  for name, value in pairs(module) do
    if type(value) == "function" then
      module[name] = arguments.limit(name, value)
    elseif type(value) == "table" and not getmetatable(value) then
      arguments.limit_all(value)
    end
  end
  return module
end

local are_limited = setmetatable({}, { __mode = "k" }) -- tables of methods; classes share some

--- Makes methods refuse surplus arguments, and say so where they are called with a dot instead of a colon.
-- @tparam string kind what the object is called, such as "layer"
-- @tparam table methods names that begin with "_" or "on_" are left alone
-- @tparam function is_self whether a value is such an object
function arguments.limit_methods(kind, methods, is_self)
  if are_limited[methods] then return methods end
  are_limited[methods] = true
  for name, method in pairs(methods) do
    if type(method) == "function" and not name:find "^_" and not name:find "^on_" then
      local most = parameter_count(method)
      methods[name] = function(self, ...)
        if not is_self(self) then
          blame("%s: call it with a colon, as %s:%s(...), not with a dot", name, kind, name)
        end
        check_count(name, most, 1, self, ...)
        return method(self, ...)
      end
    end
  end
  return methods
end

--- Raises an error where a list has nothing (nil) at a position before its last, or unknown names besides positions.
-- @tparam string what starts the message, such as "Sequential"
-- @tparam table list
-- @tparam[opt] {string,...} names that it may have
-- @treturn table the list
function arguments.check_list(what, list, names)
  local count = 0
  while list[count + 1] ~= nil do count = count + 1 end
  for key in pairs(list) do
    if math.type(key) ~= "integer" then
      if not contains(names or {}, key) then unknown(what, key, names or {}) end
    elseif key > count or key < 1 then
      blame("%s: there is nothing (nil) at position %d of the list", what, count + 1)
    end
  end
  return list
end

--- Raises an error where a dtype is given that nothing here computes in.
function arguments.check_dtype(what, dtype)
  if dtype ~= nil and dtype ~= "float32" then blame("%s: dtype: only float32, got %s", what, blame.got(dtype)) end
end

--- The names of a signature's arguments.
function arguments.names_of(list)
  local names = {}
  for i, entry in ipairs(list) do names[i] = entry[1] end
  return names
end

--- Raises an error where more than one table came: Dense(32, "relu") instead of Dense{ 32, "relu" }.
-- @tparam string what the name of the thing called
-- @param ... what came besides the first argument
function arguments.check_one(what, ...)
  if select("#", ...) > 0 then
    blame("%s: expected one table, %s{ ... }, got %s besides", what, what, blame.got((...)))
  end
end

--- A function that turns what a caller gave into a table of all arguments.
-- @tparam string what the name of the thing called, for messages
-- @tparam {{string,any,kind},...} list arguments in Keras' order, each with its default (none: nil) and its kind (of
-- nn.kinds; none: any value, but true or false where that is the default)
-- @treturn function(given) given: a table of positionals and names, or nothing
function arguments.signature(what, list)
  local names, position = arguments.names_of(list), {}
  for i, name in ipairs(names) do position[name] = i end
  return function(given)
    if given == nil then given = {} end
    if type(given) ~= "table" or getmetatable(given) then given = { given } end
    local values = {}
    for key, value in pairs(given) do
      local name = math.type(key) == "integer" and names[key] or key
      if math.type(key) == "integer" and not names[key] then
        blame("%s: takes at most %d positional arguments, got %d", what, #names, key)
      elseif not position[name] then
        unknown(what, name, names)
      elseif values[name] ~= nil then
        blame("%s: %s is given twice, by position and by name", what, name)
      end
      values[name] = value
    end
    for _, entry in ipairs(list) do
      local name, default = entry[1], entry[2]
      local kind = entry[3] or type(default) == "boolean" and kinds.boolean
      local value = values[name]
      if value == nil and default == arguments.required then
        blame("%s: %s is missing", what, name)
      elseif value == nil then
        values[name] = default
      elseif kind and not kind.fits(value) then
        blame("%s: %s: expected %s, got %s", what, name, kind.text, blame.got(value))
      end
    end
    return values
  end
end

--- As `signature`, for options that have no positions: anything but a table of names is an error.
-- @tparam string what starts the messages
-- @tparam {{string,any,kind},...} list
-- @treturn function(given) given: a table of options, or nothing
function arguments.options(what, list)
  local signature, names = arguments.signature(what, list), arguments.names_of(list)
  return function(given)
    return signature(arguments.check(given == nil and {} or given, names, what))
  end
end

return arguments
