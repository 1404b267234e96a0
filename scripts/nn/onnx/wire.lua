--- Protocol buffers as bytes: reads and writes the messages of `schema.lua` as Lua tables.
--
-- A message is a list of fields, each a key (8 * number + kind of bytes) and its value: a whole number of 7 bits a
-- byte, 8 bytes, a length and as many bytes, or 4 bytes.
-- Format: https://protobuf.dev/programming-guides/encoding/
local schema = require "nn.onnx.schema"

local wire = {}

local MAX_DEPTH = 100 -- messages within messages
local VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5

local function damaged(what, at) error({ problem = ("%s at byte %d"):format(what, at) }, 0) end

-- ---- reading -------------------------------------------------------------------------------------------------------

local function read_varint(text, at, last)
  local value, shift = 0, 0
  for place = at, last do
    local byte = text:byte(place)
    value = value | (byte & 127) << shift
    if byte < 128 then return value, place + 1 end
    shift = shift + 7
    if shift > 63 then damaged("a number is longer than 64 bits", at) end
  end
  damaged("it is cut off", at)
end

-- The first and the last byte of what has a length, and where it goes on.
local function read_span(text, at, last)
  local length, first = read_varint(text, at, last)
  if length < 0 or length > last - first + 1 then damaged("a field is longer than what holds it", at) end
  return first, first + length - 1
end

local function need(at, count, last)
  if at + count - 1 > last then damaged("it is cut off", at) end
  return at + count
end

local function skip(text, kind, at, last)
  if kind == VARINT then return (select(2, read_varint(text, at, last))) end
  if kind == FIXED64 then return need(at, 8, last) end
  if kind == FIXED32 then return need(at, 4, last) end
  if kind == LENGTH then return select(2, read_span(text, at, last)) + 1 end
  damaged("no field begins", at)
end

local function varints(text, first, last, list)
  while first <= last do
    list[#list + 1], first = read_varint(text, first, last)
  end
  return list
end

local decode

local WIDTH = { floats = 4, doubles = 8 }

-- Reads the value of a field. By kind of the field: function(text, at, last, depth, what is there already) -> value,
-- where it goes on; nil where the bytes are of another kind.
local readers = {
  int = { [VARINT] = read_varint },
  float = { [FIXED32] = function(text, at, last) return ("<f"):unpack(text, need(at, 4, last) - 4), at + 4 end },
  bytes = { [LENGTH] = function(text, at, last)
    local first, to = read_span(text, at, last)
    return text:sub(first, to), to + 1
  end },
  ints = {
    [VARINT] = function(text, at, last, _, list)
      list = list or {}
      list[#list + 1], at = read_varint(text, at, last)
      return list, at
    end,
    [LENGTH] = function(text, at, last, _, list)
      local first, to = read_span(text, at, last)
      return varints(text, first, to, list or {}), to + 1
    end,
  },
}

local function packed(kind, width, wire_kind)
  readers[kind] = {
    -- Numbers of which each has a key are joined in the end.
    [wire_kind] = function(text, at, last, _, list)
      local after = need(at, width, last)
      list = list or {}
      list[#list + 1] = text:sub(at, after - 1)
      return list, after
    end,
    [LENGTH] = function(text, at, last, _, list)
      local first, to = read_span(text, at, last)
      if (to - first + 1) % width ~= 0 then damaged("a list of numbers is cut off", at) end
      list = list or {}
      list[#list + 1] = text:sub(first, to)
      return list, to + 1
    end,
  }
end
packed("floats", WIDTH.floats, FIXED32)
packed("doubles", WIDTH.doubles, FIXED64)

local function read_message(name)
  return { [LENGTH] = function(text, at, last, depth)
    local first, to = read_span(text, at, last)
    return decode(text, name, first, to, depth + 1), to + 1
  end }
end
for name in pairs(schema) do readers[name] = read_message(name) end

--- The fields of a message by their names; lists are there always, other fields only where the bytes have them.
function decode(text, name, first, last, depth)
  if depth > MAX_DEPTH then damaged("more than " .. MAX_DEPTH .. " messages lie within each other", first) end
  local fields, message, at = schema[name], {}, first
  for _, field in pairs(fields) do
    if field[2]:find "^%[" or field[2] == "ints" then message[field[1]] = {} end
  end
  while at <= last do
    local key
    key, at = read_varint(text, at, last)
    local field, kind = fields[key >> 3], key & 7
    local element = field and field[2]:match "^%[(.+)%]$"
    local read = field and readers[element or field[2]][kind]
    if not read then
      at = skip(text, kind, at, last)
    else
      local value
      value, at = read(text, at, last, depth, not element and message[field[1]] or nil)
      if element then table.insert(message[field[1]], value) else message[field[1]] = value end
    end
  end
  for _, field in pairs(fields) do
    if WIDTH[field[2]] then message[field[1]] = table.concat(message[field[1]] or {}) end
  end
  return message
end

--- Reads a message.
-- @tparam string text
-- @tparam string name in the schema
-- @treturn ?table nil and what is wrong with the bytes
function wire.decode(text, name)
  local ok, result = pcall(decode, text, name, 1, #text, 1)
  if ok then return result end
  if type(result) == "table" and result.problem then return nil, result.problem end
  error(result, 0)
end

-- ---- writing -------------------------------------------------------------------------------------------------------

local function varint(value)
  local bytes = {}
  repeat
    local rest = value >> 7 -- a logical shift: negative numbers take ten bytes
    bytes[#bytes + 1] = string.char(value & 127 | (rest ~= 0 and 128 or 0))
    value = rest
  until value == 0
  return table.concat(bytes)
end

local writers = {
  int = function(value) return VARINT, varint(value) end,
  float = function(value) return FIXED32, ("<f"):pack(value) end,
  bytes = function(value) return LENGTH, varint(#value) .. value end,
  floats = function(value) return LENGTH, varint(#value) .. value end,
  doubles = function(value) return LENGTH, varint(#value) .. value end,
  ints = function(list)
    local pieces = {}
    for i, value in ipairs(list) do pieces[i] = varint(value) end
    local text = table.concat(pieces)
    return LENGTH, varint(#text) .. text
  end,
}

--- The bytes of a message.
-- @tparam table message fields by their names
-- @tparam string name in the schema
-- @treturn string
function wire.encode(message, name)
  local numbers, pieces = {}, {}
  for number in pairs(schema[name]) do numbers[#numbers + 1] = number end
  table.sort(numbers)
  for _, number in ipairs(numbers) do
    local field, kind = table.unpack(schema[name][number])
    local element = kind:match "^%[(.+)%]$"
    local value = message[field]
    for _, each in ipairs(element and (value or {}) or { value }) do
      local writer = writers[element or kind] or function(inner)
        return writers.bytes(wire.encode(inner, element or kind))
      end
      local wire_kind, bytes = writer(each)
      pieces[#pieces + 1] = varint(number << 3 | wire_kind) .. bytes
    end
  end
  return table.concat(pieces)
end

return wire
