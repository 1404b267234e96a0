--- What a Lua function computes: its instructions and constants, without what a debugger wants to know. It does not
-- depend on the function's place in a file, on comments, or on the names of local variables.
--
-- The format is that of string.dump in Lua 5.4 (ldump.c, lopcodes.h).
local bytecode = {}

local HEADER = 32 -- bytes before the function: signature, sizes of numbers, count of captured values
local GETUPVAL, GETTABUP = 9, 11
local PAYLOADS = { [0x03] = 8, [0x13] = 8 } -- bytes of a constant that is an integer or a float
local STRINGS = { [0x04] = true, [0x14] = true }

local Reader = {}
Reader.__index = Reader

function Reader:size()
  local value = 0
  repeat
    local byte = self.code:byte(self.at)
    self.at, value = self.at + 1, value << 7 | byte & 0x7f
  until byte & 0x80 ~= 0 -- the last one
  return value
end

function Reader:bytes(count)
  self.at = self.at + count
  return self.code:sub(self.at - count, self.at - 1)
end

function Reader:string()
  local size = self:size() -- 0 for none
  return size > 0 and self:bytes(size - 1) or nil
end

--- Takes it that the bytes from a position on are part of what is computed.
function Reader:keep(from)
  self.kept[#self.kept + 1] = self.code:sub(from, self.at - 1)
end

function Reader:constants()
  local from, names = self.at, {}
  for i = 0, self:size() - 1 do
    local kind = self.code:byte(self.at)
    self.at = self.at + 1
    if STRINGS[kind] then
      names[i] = self:string() or ""
      self.strings[names[i]] = true
    else
      self:bytes(PAYLOADS[kind] or 0)
    end
  end
  self:keep(from)
  return names
end

--- Which captured values of a function within are the environment.
function Reader:environments(outer)
  local from, inner = self.at, {}
  for i = 0, self:size() - 1 do
    local is_local, position = self:bytes(3):byte(1, 2)
    inner[i] = is_local == 0 and outer[position]
  end
  self:keep(from)
  return inner
end

--- Notes the globals that instructions read.
function Reader:note_globals(instructions, names, is_environment)
  for at = 1, #instructions, 4 do
    local word = string.unpack("<I4", instructions, at)
    local operation, captured, constant = word & 0x7f, word >> 16 & 0xff, word >> 24
    if is_environment[captured] and operation == GETTABUP then
      self.globals[names[constant]] = true
    elseif is_environment[captured] and operation == GETUPVAL then -- too many constants for one instruction
      for _, name in pairs(names) do self.globals[name] = true end
    end
  end
end

function Reader:sizes(count)
  for _ = 1, count do self:size() end
end

--- Lines of instructions, names of local variables and of captured values; all empty in stripped code.
function Reader:skip_debug()
  self:bytes(self:size())
  self:sizes(2 * self:size())
  for _ = 1, self:size() do
    self:string()
    self:sizes(2)
  end
  for _ = 1, self:size() do self:string() end
end

function Reader:read_function(outer, is_outermost)
  self:string() -- the source's name
  self:sizes(2) -- its first and last line
  local from = self.at
  self:bytes(3)
  local instructions = self:bytes(4 * self:size())
  self:keep(from)
  local names = self:constants()
  local inner = self:environments(outer)
  local is_environment = is_outermost and outer or inner
  self:note_globals(instructions, names, is_environment)
  for _ = 1, self:size() do self:read_function(is_environment) end
  self:skip_debug()
end

--- @tparam function f a Lua function
-- @treturn string what it computes; captured values apart
-- @treturn {[string]=boolean} the names of the globals that it reads; all its strings where there are too many to tell
-- @treturn {[string]=boolean} its strings
-- @usage bytecode.of(function(x) return math.floor(x) end) --> "...", { math = true }, { math = true, floor = true }
function bytecode.of(f)
  local is_environment, i = {}, 1
  repeat
    local name = debug.getupvalue(f, i)
    is_environment[i - 1] = name == "_ENV"
    i = i + 1
  until not name
  local reader = setmetatable({ code = string.dump(f, true), at = HEADER + 1, kept = {}, globals = {}, strings = {} },
    Reader)
  reader:read_function(is_environment, true)
  return table.concat(reader.kept), reader.globals, reader.strings
end

return bytecode
