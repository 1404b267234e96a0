--- A value as a hash: values that do the same have the same one, in every process, and after edits of the script that
-- change nothing.
--
-- Numbers, strings and booleans count by value (1 and 1.0 are one number), tensors and tables by content, functions by
-- what they compute: their code, what they have captured, and the script's globals that they read. Modules of Lua and
-- of nnrun count by name, but what a script has put into Lua's modules counts by content. An object stands for what its
-- metatable's `__digest(object)` gives. Where two things are the same one, such as a table that holds itself, that
-- counts too.
local hash = require("engine.data").hash
local is_tensor = require("engine.tensor").is_tensor
local blame = require "nn.support.blame"
local bytecode = require "nn.support.bytecode"

local digest = {}

local LABEL_DIGITS = 12 -- of a function in a text

-- ---- what counts by name --------------------------------------------------------------------------------------------

local is_of_lua = { _G = true, package = true, string = true, table = true, math = true, io = true, os = true,
  coroutine = true, utf8 = true, debug = true }

local function is_ours(name) return is_of_lua[name] or package.preload[name] ~= nil end

local original = {} -- what Lua's modules hold, without what a script puts there

--- Takes it that what Lua's modules hold now is not the script's.
function digest.note_modules()
  for module in pairs(is_of_lua) do
    original[module] = {}
    for name, value in next, package.loaded[module] do original[module][name] = value end
  end
end

digest.note_modules()

local function is_of_script(module, name, value)
  return is_of_lua[module] and not rawequal(original[module][name], value)
    and not (type(value) == "function" and blame.is_own_source(debug.getinfo(value, "S").source))
end

local function is_c_function(value)
  return type(value) == "function" and debug.getinfo(value, "S").what == "C"
end

local function counts_by_name(value, module)
  return type(value) == "function" and (is_ours(module) or is_c_function(value))
    or type(value) == "userdata" and is_of_lua[module]
end

local function count_modules()
  local count = 0
  for _ in pairs(package.loaded) do count = count + 1 end
  return count
end

local known = { names = {}, modules = 0 }

--- Names of modules, of the functions in them, and of what Lua opens itself, such as io.stdout.
local function names_by_value()
  local count = count_modules()
  if known.modules == count then return known.names end
  local names = {}
  local function add(value, name)
    if not names[value] or name < names[value] then names[value] = name end
  end
  for module, contents in pairs(package.loaded) do
    if is_ours(module) and type(contents) ~= "boolean" then add(contents, module) end
    -- what `nn` itself has comes from other modules, and only when it is asked for
    for field, value in next, type(contents) == "table" and module ~= "nn" and contents or {} do
      if counts_by_name(value, module) and not is_of_script(module, field, value) then
        add(value, ("%s.%s"):format(module, tostring(field)))
      end
    end
  end
  known = { names = names, modules = count }
  return names
end

-- ---- values ---------------------------------------------------------------------------------------------------------

local Writer = {}
Writer.__index = Writer

local function new_writer(what)
  return setmetatable({ what = what and what .. ": " or "", where = "", path = {}, problems = {}, pieces = {},
    seen = {}, count = 0, names = names_by_value() }, Writer)
end

--- Adds a text; its kind and length keep neighbours apart.
function Writer:add(kind, text)
  self.pieces[#self.pieces + 1] = ("%s%d:%s"):format(kind, #text, text)
end

--- Adds what is at a place, which messages name.
function Writer:add_at(place, value)
  table.insert(self.path, place)
  self:value(value)
  table.remove(self.path)
end

--- Notes what cannot be told.
function Writer:fail(what)
  self:add("unknown", what)
  table.insert(self.problems, ("%s%s%s is %s"):format(self.where, self.what, table.concat(self.path, ", "), what))
end

local function number_text(x)
  if x ~= x then return "nan" end
  local is_minus_zero = x == 0 and 1 / x < 0
  return not is_minus_zero and math.tointeger(x) and ("%d"):format(x) or ("%a"):format(x)
end

--- What would be added for a list.
function Writer:aside(list)
  local inner = new_writer()
  inner.seen, inner.count = setmetatable({}, { __index = self.seen }), self.count
  inner:value(list)
  return table.concat(inner.pieces)
end

--- The keys of a table in an order that does not depend on addresses.
function Writer:sorted_keys(t)
  local keys, order = {}, {}
  for key in next, t do
    local kind = type(key)
    keys[#keys + 1] = key
    if kind == "number" then
      order[key] = kind .. number_text(key)
    elseif kind == "string" or kind == "boolean" then
      order[key] = kind .. tostring(key)
    else
      order[key] = kind .. self:aside { key, rawget(t, key) } -- with the value, as two keys may look alike
    end
  end
  table.sort(keys, function(a, b) return order[a] < order[b] end)
  return keys
end

local function place_of(key)
  return type(key) == "string" and ("field %q"):format(key) or ("entry %s"):format(tostring(key))
end

function Writer:table(t)
  local meta = debug.getmetatable(t)
  local stands_for = meta and rawget(meta, "__digest")
  if stands_for then return self:value(stands_for(t)) end
  local keys = self:sorted_keys(t)
  self:add("table", tostring(#keys))
  for _, key in ipairs(keys) do
    self:value(key)
    self:add_at(place_of(key), rawget(t, key))
  end
  if meta then self:add_at("its metatable", meta) end
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function read_global(environment, name) return environment[name] end

--- What a function finds under the name of a global. An environment of the script's own may look it up by a function.
local function global_of(environment, name)
  local value = rawget(environment, name)
  if value == nil then value = rawget(_G, name) end
  local meta = debug.getmetatable(environment)
  if value ~= nil or not meta or meta.__is_of_script then return value end
  local ok, found = pcall(read_global, environment, name)
  return ok and found or nil
end

--- Adds the globals that a function reads.
function Writer:globals(names, environment)
  for _, name in ipairs(sorted(names)) do
    local value = global_of(environment, name)
    self:add("global", name)
    if not rawequal(value, environment) then self:add_at(("global %q"):format(name), value) end
  end
end

--- Adds the modules of the script that a function may load.
function Writer:modules(strings)
  for _, name in ipairs(sorted(strings)) do
    local module = package.loaded[name]
    if module ~= nil and not is_ours(name) then self:add_at(("module %q"):format(name), module) end
  end
end

--- Adds what the script has put into Lua's modules, as far as a function may use it: as `math.rate`, or as a method of
-- texts.
function Writer:additions(strings)
  for _, module in ipairs(sorted(is_of_lua)) do
    for _, name in ipairs(module ~= "_G" and sorted(strings) or {}) do
      local value = rawget(package.loaded[module], name)
      if value ~= nil and is_of_script(module, name, value) then
        self:add("addition", module .. "." .. name)
        self:add_at(("field %q of %s"):format(name, module), value)
      end
    end
  end
end

--- The globals that a function reads: where it asks for them by their names, or loads code, any of the words in its
-- strings.
local function globals_of(read, strings)
  if not (read._G or read.load) then return read end
  local names = {}
  for name in pairs(read) do names[name] = true end
  for text in pairs(strings) do
    for word in text:gmatch "[%a_][%w_]*" do names[word] = true end
  end
  return names
end

local function is_environment(name, value)
  if type(value) ~= "table" then return false end
  return name == "_ENV" or rawequal(value, _G) or (debug.getmetatable(value) or {}).__is_of_script
end

function Writer:captured(f, globals, strings)
  for i = 1, debug.getinfo(f, "u").nups do
    local name, value = debug.getupvalue(f, i)
    if is_environment(name, value) then
      self:globals(name == "_ENV" and globals_of(globals, strings) or globals_of({ _G = true }, strings), value)
      if globals.require then self:modules(strings) end
    else
      self:add_at(("upvalue %q"):format(name), value)
    end
  end
  self:additions(strings)
end

function Writer:lua_function(f)
  local info, outer, path = debug.getinfo(f, "S"), self.where, self.path
  local code, globals, strings = bytecode.of(f)
  self:add("code", code)
  self.where, self.path = ("%s:%d: "):format(info.short_src, info.linedefined), {}
  self:captured(f, globals, strings)
  self.where, self.path = outer, path
end

local write = {
  ["nil"] = function(self) self:add("nil", "") end,
  boolean = function(self, value) self:add("boolean", tostring(value)) end,
  number = function(self, value) self:add("number", number_text(value)) end,
  string = function(self, value) self:add("string", value) end,
  table = Writer.table,
  thread = function(self) self:fail "a coroutine" end,
  userdata = function(self, value)
    if is_tensor(value) then return self:add("tensor", hash(value)) end
    self:fail "a userdata"
  end,
  ["function"] = function(self, value)
    if is_c_function(value) then return self:fail "a C function" end
    self:lua_function(value)
  end,
}

local IS_SHARED = { table = true, ["function"] = true }

function Writer:value(value)
  if IS_SHARED[type(value)] then
    if self.seen[value] then return self:add("again", tostring(self.seen[value])) end
    self.count = self.count + 1
    self.seen[value] = self.count
  end
  local name = value ~= nil and self.names[value]
  if name then return self:add("module", name) end
  write[type(value)](self, value)
end

--- The hash of a value.
-- @param value
-- @tparam[opt] string what it is, for `problems`
-- @treturn string 32 hexadecimal digits
-- @treturn {string,...} problems: what has no hash, such as a coroutine or an open file, and where it is
-- @usage local id, problems = digest.of(function(x) return x * rate end)
function digest.of(value, what)
  local writer = new_writer(what)
  writer:value(value)
  return hash(table.concat(writer.pieces)), writer.problems
end

--- The kind of a value and the beginning of its hash, such as "function 5d0cc23b1a2f".
local function label(value)
  local kind = is_tensor(value) and "tensor" or type(value)
  return ("%s %s"):format(kind, digest.of(value):sub(1, LABEL_DIGITS))
end

--- Whether all keys are names, or all are positions.
local function has_plain_keys(t)
  local count, names = 0, 0
  for key in next, t do
    count, names = count + 1, names + (type(key) == "string" and 1 or 0)
  end
  return names == count or names == 0 and #t == count
end

local STORED = { string = true, number = true, boolean = true, ["nil"] = true }

local function stored(value, above)
  if STORED[type(value)] then return value end
  local meta = debug.getmetatable(value)
  local is_marked = type(value) == "table" and meta and meta.__jsontype
  if type(value) ~= "table" or meta and not is_marked or above[value] or not has_plain_keys(value) then
    return label(value)
  end
  local copy = setmetatable({}, is_marked and meta or nil)
  above[value] = true
  for key, each in next, value do copy[key] = stored(each, above) end
  above[value] = nil
  return copy
end

--- The same value as JSON can hold it: in place of functions, tensors and objects stand texts such as "function
-- 5d0cc23b1a2f", the same for those that do the same.
-- @param value such as a config
-- @usage json.encode(digest.stored(model:get_config()))
function digest.stored(value)
  return stored(value, {})
end

return digest
