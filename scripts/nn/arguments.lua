--- Keyword arguments, checked: Keras' signatures as tables.
--
--     local signature = arguments.signature("Dense", { { "units", arguments.required }, { "activation" }, {
-- "use_bias", true } })
--     signature { 32, activation = "relu" }   --> { units = 32, activation = "relu", use_bias = true }
--
-- Leading positionals are Keras' leading positionals. An argument that the signature does not know is an error that
-- names it and the nearest known one, at the script's line.
local blame = require "nn.blame"
local nearest = require "nn.nearest"

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
  if type(given) ~= "table" then
    blame("%s: expected a table of options, got %s", what, blame.got(given))
  end
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  for key in pairs(given) do
    if not known[key] then unknown(what, key, names) end
  end
  return given
end

--- Raises an error where a dtype is given that nothing here computes in.
function arguments.check_dtype(what, dtype)
  if dtype ~= nil and dtype ~= "float32" then blame("%s: dtype: only float32, got %s", what, blame.got(dtype)) end
end

local function names_of(list)
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

--- Raises an error where a named option is there and is no whole number of at least that.
-- @tparam string what starts the message, such as "fit"
function arguments.check_whole(what, options, name, least)
  local value = options[name]
  if value ~= nil and (math.type(value) ~= "integer" or value < least) then
    blame("%s: %s: expected a whole number of at least %d, got %s", what, name, least, blame.got(value))
  end
end

--- A function that turns what a caller gave into a table of all arguments.
-- @tparam string what the name of the thing called, for messages
-- @tparam {{string,any},...} list arguments in Keras' order, each with its default (none: nil)
-- @treturn function(given) given: a table of positionals and names, or nothing
function arguments.signature(what, list)
  local names, position = names_of(list), {}
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
      if values[name] == nil and default == arguments.required then
        blame("%s: %s is missing", what, name)
      elseif values[name] == nil then
        values[name] = default
      end
    end
    return values
  end
end

--- As `signature`, for options that have no positions: anything but a table of names is an error.
-- @tparam string what starts the messages
-- @tparam {{string,any},...} list
-- @treturn function(given) given: a table of options, or nothing
function arguments.options(what, list)
  local signature, names = arguments.signature(what, list), names_of(list)
  return function(given)
    return signature(arguments.check(given == nil and {} or given, names, what))
  end
end

return arguments
