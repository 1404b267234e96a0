--- Texts as words.
-- @submodule nn.preprocessing
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"

local words = {}

-- Keras' filters: what is no letter, digit or apostrophe.
words.FILTERS = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n"

local OPTIONS = { { "filters", words.FILTERS }, { "lower", true }, { "split", " " } }

local signature = arguments.signature("text_to_word_sequence", OPTIONS)

-- The bytes of a text as the inside of a Lua character class, neighbours as ranges: "abcz" -> "a-cz". A class is
-- searched entry by entry for each character of a text, so that few entries make a difference of several times.
local function class_of(text)
  local has, entries = {}, {}
  for _, byte in ipairs { text:byte(1, -1) } do has[byte] = true end
  local byte = 0
  while byte <= 255 do
    local last = byte
    while has[byte] and has[last + 1] do last = last + 1 end
    if has[byte] then
      -- Some characters cannot begin a range.
      local is_range = last > byte and not string.char(byte):find "[%%%]%^]"
      entries[#entries + 1] = is_range and string.char(byte) .. "-" .. string.char(last)
        or string.char(byte):gsub("%W", "%%%0")
      last = is_range and last or byte
    end
    byte = last + 1
  end
  return table.concat(entries)
end

-- The Lua pattern of a word: a run of bytes that are neither filtered nor the one that splits.
-- @tparam string filters
-- @tparam string split one byte
function words.pattern(filters, split)
  if type(filters) ~= "string" then blame("filters: expected a text of characters, got %s", blame.got(filters)) end
  if type(split) ~= "string" or #split ~= 1 then
    blame("split: expected one character, got %s", type(split) == "string" and ("%q"):format(split) or blame.got(split))
  end
  return "[^" .. class_of(filters .. split) .. "]+"
end

--- The words of a text.
-- @function text_to_word_sequence
-- @tparam string text
-- @tparam[opt] table options filters (punctuation, tabs and line ends, but no apostrophe: they separate words too);
-- lower (true: ASCII letters become small ones); split (" ")
-- @treturn {string,...}
-- @usage nn.preprocessing.text_to_word_sequence("Don't stop!") --> { "don't", "stop" }
function words.split(text, options)
  if type(text) ~= "string" then blame("text_to_word_sequence: expected a text, got %s", blame.got(text)) end
  local given, list = signature(options), {}
  if given.lower then text = text:lower() end
  for word in text:gmatch(words.pattern(given.filters, given.split)) do list[#list + 1] = word end
  return list
end

return words
