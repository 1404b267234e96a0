--- JSON: the same value gives the same text, always, and the text gives the same value back.
--
-- Keys are sorted. A number has as many digits as it takes to read it back exactly; a float has a point or an exponent,
-- an integer has none. JSON has no word for what is not finite, so that is an object: `{"$number":"inf"}`, "-inf" or
-- "nan". A key of the user's that could be taken for that one gets one more `$`, which is removed when it is read.
-- Bytes that are not UTF-8 are `\udc80` to `\udcff`, as in Python's surrogateescape. All files and all listings
-- (`--format json`) are written so.
local dkjson = require "dkjson"
local blame = require "nn.support.blame"

local json = {}

local Object, List, Encoded = { __jsontype = "object" }, { __jsontype = "array" }, { __jsontype = "encoded" }

--- Marks a table as an object, so that an empty one is written as {}.
function json.object(value) return setmetatable(value, Object) end

--- Marks a table as a list, so that an empty one is written as [].
function json.list(value) return debug.setmetatable(value, List) end -- of nn.list too, whose metatable is protected

--- Marks text as JSON already: what does not change any more need not be encoded again.
-- @tparam string text from `encode`
function json.encoded(text) return setmetatable({ text = text }, Encoded) end

local NUMBER = "$number"
local NOT_FINITE = { inf = math.huge, ["-inf"] = -math.huge, nan = 0 / 0 }

local function encode_number(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  for name, value in pairs(NOT_FINITE) do
    if x == value or x ~= x and name == "nan" then return ('{"%s":"%s"}'):format(NUMBER, name) end
  end
  local text
  for digits = 15, 17 do
    text = ("%%.%dg"):format(digits):format(x)
    if tonumber(text) == x then break end
  end
  return text:find "[.e]" and text or text .. ".0"
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

--- JSON with its bytes that are no UTF-8, which stand within its texts, as escapes.
-- @tparam string text
-- @treturn string
function json.escape_bytes(text)
  local parts, first = {}, 1
  while true do
    local length, bad = utf8.len(text, first)
    if length then break end
    parts[#parts + 1] = text:sub(first, bad - 1) .. ("\\udc%02x"):format(text:byte(bad))
    first = bad + 1
  end
  return table.concat(parts) .. text:sub(first)
end

local function encode_string(text)
  text = text:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end)
  return '"' .. (utf8.len(text) and text or json.escape_bytes(text)) .. '"'
end

local function encode_key(key)
  return encode_string(key:find "^%$+number$" and "$" .. key or key)
end

local function is_list(value)
  local meta = getmetatable(value)
  local kind = meta and meta.__jsontype
  return kind == "array" or kind ~= "object" and (#value > 0 or next(value) == nil)
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then blame("a table with keys such as %s cannot be stored", tostring(key)) end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local encode

--- Puts the parts of a list or object together, one a line where they are to be indented.
local function join(open, parts, close, margin)
  if #parts == 0 then return open .. close end
  if not margin then return open .. table.concat(parts, ",") .. close end
  return open .. "\n" .. margin .. "  " .. table.concat(parts, ",\n" .. margin .. "  ") .. "\n" .. margin .. close
end

local function encode_list(value, margin)
  local parts, is_flat, count = {}, true, 0
  for _ in pairs(value) do count = count + 1 end
  if count ~= #value then blame "a table with both names and positions, or with gaps, cannot be stored" end
  for i = 1, #value do
    is_flat = is_flat and type(value[i]) ~= "table"
    parts[i] = encode(value[i], margin and margin .. "  ")
  end
  return join("[", parts, "]", not is_flat and margin or nil)
end

local function encode_object(value, margin)
  local parts = {}
  for i, key in ipairs(sorted_keys(value)) do
    parts[i] = encode_key(key) .. (margin and ": " or ":") .. encode(value[key], margin and margin .. "  ")
  end
  return join("{", parts, "}", margin)
end

function encode(value, margin)
  local kind = type(value)
  if kind == "table" then
    if getmetatable(value) == Encoded then return value.text end
    return (is_list(value) and encode_list or encode_object)(value, margin)
  elseif kind == "number" then
    return encode_number(value)
  elseif kind == "string" then
    return encode_string(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return blame("a %s cannot be stored; expected numbers, strings, booleans and tables of them", kind)
end

--- A value as JSON.
-- @param value a number, string, boolean or table of them
-- @tparam[opt=false] boolean|string readable with line breaks and margins; the margin that all lines have but the first
-- @treturn string
function json.encode(value, readable)
  return encode(value, readable == true and "" or readable or nil)
end

-- The only key of a table; nil where there is none, or are several.
local function only_key(value)
  local key = next(value)
  return key ~= nil and next(value, key) == nil and key or nil
end

local SURROGATE = "\xED([\xB2\xB3])([\x80-\xBF])" -- U+DC80 to U+DCFF as a reader of JSON gives them

local function restore_bytes(text)
  return (text:gsub(SURROGATE, function(a, b) return string.char((a:byte() & 3) << 6 | b:byte() & 0x3F) end))
end

-- What the file means by its objects and texts: numbers that are not finite, keys without the `$` that protects them,
-- bytes that are no UTF-8.
local function restore(value)
  if type(value) == "string" then return restore_bytes(value) end
  if type(value) ~= "table" then return value end
  local number = only_key(value) == NUMBER and NOT_FINITE[value[NUMBER]]
  if number then return number end
  local result = setmetatable({}, getmetatable(value))
  for key, each in pairs(value) do
    local name = type(key) == "string" and restore_bytes(key:match "^%$(%$+number)$" or key) or key
    result[name] = restore(each)
  end
  return result
end

local function decode(text, ...)
  local ok, value, stop, message = pcall(dkjson.decode, text, 1, nil, ...)
  if not ok then return nil, "JSON nested too deeply" end
  local rest = not message and text:find("%S", stop)
  if rest then stop, message = rest, "something follows the value" end
  if message then return nil, ("not valid JSON at byte %d: %s"):format(stop, message) end
  if text:find('"$', 1, true) or text:find("\\udc", 1, true) then value = restore(value) end
  return value
end

--- A text that another reader of JSON, such as SQLite, found in what was written here: bytes that are not UTF-8 are
-- bytes again.
-- @tparam string text
-- @treturn string
function json.text(text)
  return text:find("\xED", 1, true) and restore_bytes(text) or text
end

--- The opposite: a text as such a reader finds it.
-- @tparam string text
-- @treturn string
function json.foreign_text(text)
  return utf8.len(text) and text or (json.escape_bytes(text):gsub("\\udc(%x%x)", function(digits)
    return utf8.char(0xDC00 + tonumber(digits, 16))
  end))
end

--- The value that a JSON text stands for; null is nil.
-- @tparam string text
-- @return nil and a message where it is not JSON
function json.decode(text)
  return decode(text)
end

--- As decode, but as tables without marks, as a script would write them: fit for arguments.
-- @tparam string text
-- @return nil and a message where it is not JSON
function json.decode_plain(text)
  return decode(text, nil)
end

return json
