--- Values and names as people read them: on one line, with nothing hidden, and so that different ones never look alike.
local json = require "nn.support.json"

local notation = {}

-- ---- texts ----------------------------------------------------------------------------------------------------------

-- Characters that do not show, or that turn the direction of the text around them: soft hyphen, C1 controls, marks and
-- overrides of direction, zero-width ones, line separators, what is no character. Joiners stay: scripts need them.
local function is_hidden(code)
  return code == 0xAD or code >= 0x7F and code < 0xA0 or code == 0x61C or code == 0x200B or code == 0x200E
    or code == 0x200F or code >= 0x2028 and code <= 0x202E or code >= 0x2060 and code <= 0x206F or code == 0xFEFF
    or code & 0xFFFE == 0xFFFE
end

-- Spaces beside the ordinary one.
local function is_space(code)
  return code == 0xA0 or code >= 0x2000 and code <= 0x200A or code == 0x202F or code == 0x205F or code == 0x3000
end

local function byte_escape(c)
  return ("\\x%02X"):format(c:byte())
end

-- Writes what `hides(code)` is true of, and bytes that are no UTF-8, as Lua would write them in a string.
local function escape(text, hides)
  local parts, first = {}, 1
  while first <= #text do
    local length, bad = utf8.len(text, first)
    local good = text:sub(first, length and #text or bad - 1)
    parts[#parts + 1] = good:gsub("[\xC2-\xF4][\x80-\xBF]+", function(letter)
      local code = utf8.codepoint(letter)
      return hides(code) and ("\\u{%X}"):format(code) or nil
    end)
    if length then break end
    parts[#parts + 1] = byte_escape(text:sub(bad, bad))
    first = bad + 1
  end
  return table.concat(parts)
end

--- A text on one line: line ends and tabs become blanks; what does not show, and bytes that are no UTF-8, are written
-- as Lua would write them (`\x1B`, `\u{202E}`).
-- @tparam string text
-- @treturn string
-- @usage notation.legible "two\nlines" --> "two lines"
function notation.legible(text)
  if not text:find "[^ -~]" then return text end
  return escape(text:gsub("%s", " "):gsub("[%c\127]", byte_escape), is_hidden)
end

--- The same for a text of several lines, such as a message with a traceback.
-- @tparam string text
-- @treturn string
-- @usage notation.lines "one\ntwo" --> "one\ntwo"
function notation.lines(text)
  return (text:gsub("[^\n]+", notation.legible))
end

local NAMED = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

--- A text in double quotes as Lua would write it, with nothing hidden: blanks that follow another one are escapes too.
-- @tparam string text
-- @treturn string
function notation.quoted(text)
  text = text:gsub('[%c\127"\\]', function(c) return NAMED[c] or byte_escape(c) end)
  text = escape(text, function(code) return is_hidden(code) or is_space(code) end)
  return '"' .. text:gsub("( )( +)", function(one, more) return one .. ("\\x20"):rep(#more) end) .. '"'
end

-- What a text without quotes would be taken for.
local TAKEN = {
  ["true"] = true, ["false"] = true, ["nil"] = true, nan = true, inf = true, ["-inf"] = true, ["-"] = true,
}

-- Whether a text can be shown without quotes.
local function is_plain(text, in_table)
  if text == "" or TAKEN[text] or tonumber(text) or text:find "^[%s\"{]" or text:find "%s$" or text:find "  " then
    return false
  end
  if in_table and text:find '[,={}"]' then return false end
  return not text:find "[^ -~]" or escape(text, is_space) == text and notation.legible(text) == text
end

-- ---- values ---------------------------------------------------------------------------------------------------------

local function tidy(text)
  return (text:gsub("e([+-])0*", "e%1"):gsub("e%+", "e"))
end

local function with_digits(x, digits)
  return tidy(("%%.%dg"):format(digits):format(x))
end

-- Six digits.
local function short_number(x)
  if math.type(x) == "integer" then return tostring(x) end
  return x ~= x and "nan" or with_digits(x, 6)
end

-- As many digits as it takes to read the number back.
local function exact_number(x)
  if math.type(x) == "integer" then return tostring(x) end
  if x ~= x then return "nan" end
  for digits = 6, 16 do
    local text = with_digits(x, digits)
    if tonumber(text) == x then return text end
  end
  return with_digits(x, 17)
end

local text_of

local function key_text(key)
  return type(key) == "string" and key:find "^[%a_][%w_]*$" and key or ("[%s]"):format(notation.quoted(tostring(key)))
end

local function table_text(value, number)
  local parts, names = {}, {}
  for i, item in ipairs(value) do parts[i] = text_of(item, number, true) end
  for key in pairs(value) do
    if type(key) == "string" then names[#names + 1] = key end
  end
  table.sort(names)
  for _, name in ipairs(names) do parts[#parts + 1] = key_text(name) .. " = " .. text_of(value[name], number, true) end
  return #parts > 0 and "{ " .. table.concat(parts, ", ") .. " }" or "{}"
end

function text_of(value, number, in_table)
  if value == nil then return "-" end
  if type(value) == "table" then return table_text(value, number) end
  if type(value) == "number" then return number(value) end
  if type(value) ~= "string" then return tostring(value) end
  return is_plain(value, in_table) and value or notation.quoted(value)
end

--- A value in a few words, as a script would write it: 0.001, relu, { 50, 50 }. A string has quotes only where it would
-- be taken for something else ("1", "true", "a "). Six digits of a number are shown; "-" stands for nil.
-- @param value anything JSON holds
-- @treturn string
-- @usage notation.text { 50, 0.1, name = "x" } --> "{ 50, 0.1, name = x }"
function notation.text(value)
  return text_of(value, short_number)
end

--- The same with all digits.
-- @param value anything JSON holds
-- @treturn string
-- @usage notation.exact(0.1 + 0.2) --> "0.30000000000000004"
function notation.exact(value)
  return text_of(value, exact_number)
end

-- Whole numbers as integers and tables without marks, so that what Lua takes for equal becomes the same JSON.
local function canonical(value)
  if type(value) == "number" then return math.tointeger(value) or value end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = canonical(each) end
  return copy
end

--- A text that two values share only where they are equal: 1 and 1.0 are, 1 and "1" are not.
-- @param value anything JSON holds, or nil
-- @treturn string
function notation.key(value)
  return value == nil and "nil" or json.encode(canonical(value))
end

--- Whether two values are equal, tables by what is in them.
-- @treturn boolean
function notation.same(a, b)
  return notation.key(a) == notation.key(b)
end

-- Cuts the middle out of a text of more than so many letters.
local function cut(text, most)
  local length = utf8.len(text)
  if length <= most then return text end
  local left = most // 2
  return text:sub(1, utf8.offset(text, left + 1) - 1) .. "…" .. text:sub(utf8.offset(text, left - most + 1))
end

-- Texts of at most so many letters (and a number): those that differ still do.
local function shortener(texts, most)
  local full_of, short_of, count = {}, {}, 0
  for _, full in ipairs(texts) do
    local short = cut(full, most)
    if full_of[short] and full_of[short] ~= full then
      count = count + 1
      short = ("%s (%d)"):format(short, count + 1)
    end
    full_of[short], short_of[full] = full, short_of[full] or short
  end
  return function(full) return short_of[full] or cut(full, most) end
end

--- How to write the values of one parameter: as `notation.text`, with as many digits as tell them all apart.
-- @tparam table list all of its values; those that are not in it are written as if they were alone
-- @tparam[opt] integer most letters of a text, of which longer ones lose their middle
-- @treturn function function(value) -> text
-- @usage notation.namer { 0.3, 0.1 + 0.2 }(0.3) --> "0.3"
function notation.namer(list, most)
  local key_of, is_ambiguous = {}, {}
  for _, value in pairs(list) do
    local text, key = notation.text(value), notation.key(value)
    is_ambiguous[text] = is_ambiguous[text] or key_of[text] ~= nil and key_of[text] ~= key
    key_of[text] = key
  end
  local function name(value)
    local text = notation.text(value)
    return is_ambiguous[text] and notation.exact(value) or text
  end
  if not most then return name end
  local texts = {}
  for _, value in pairs(list) do texts[#texts + 1] = name(value) end
  local short = shortener(texts, most)
  return function(value) return short(name(value)) end
end

--- The same for several parameters.
-- @tparam {table,...} settings all values that each of them has, by name: the parameters of every variant
-- @tparam[opt] integer most as of `namer`
-- @treturn function function(name, value) -> text
-- @usage notation.namers { { width = 50 }, { width = "50" } }("width", "50") --> '"50"'
function notation.namers(settings, most)
  local lists, namers = {}, {}
  for _, params in ipairs(settings) do
    for name, value in pairs(params) do
      lists[name] = lists[name] or {}
      table.insert(lists[name], value)
    end
  end
  for name, list in pairs(lists) do namers[name] = notation.namer(list, most) end
  return function(name, value) return (namers[name] or notation.text)(value) end
end

return notation
