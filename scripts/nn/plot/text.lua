--- Text on its way into a chart: cleaned, measured, shortened, and quoted for gnuplot, CSV, Markdown and file names.
-- @module nn.plot.text
local markdown = require "nn.report.markdown"
local notation = require "nn.support.notation"

local text = {}

--- The height of ordinary text on a chart, in pixels.
text.SIZE = 13

--- Makes any value a line of valid UTF-8 that XML can hold, with nothing hidden (see `notation.legible`).
-- @param value anything
-- @treturn string
-- @usage text.clean("two\nlines") --> "two lines"
function text.clean(value)
  return notation.legible(tostring(value))
end

-- Widths in units of the letter size, as in DejaVu Sans, the widest of the usual sans-serif fonts.
local function letter_width(letter)
  if utf8.codepoint(letter) >= 0x1100 then return letter:find("^\xE2") and 0.7 or 1 end
  if letter:find("^[ijlI.,:;'|!%[%]()ftr ]$") then return 0.37 end
  if letter:find("^[mwMW@%%]$") then return 0.96 end
  return 0.63
end

--- About how wide a line will be drawn.
-- @tparam string line valid UTF-8
-- @tparam[opt=text.SIZE] number size letter size in pixels
-- @treturn number pixels
function text.width(line, size)
  local width = 0
  for letter in line:gmatch(utf8.charpattern) do width = width + letter_width(letter) end
  return width * (size or text.SIZE)
end

--- The widest of a list of lines.
-- @tparam {string,...} lines
-- @treturn number pixels; 0 for an empty list
function text.widest(lines)
  local widest = 0
  for _, line in ipairs(lines) do widest = math.max(widest, text.width(line)) end
  return widest
end

--- Cuts the middle out of a line that is too wide: both ends may be what tells it from others.
-- @tparam string line
-- @tparam number pixels
-- @treturn string
-- @usage text.shorten("optimizer=adam, learning_rate=0.001", 130) --> "optimizer…=0.001"
function text.shorten(line, pixels)
  local letters = {}
  for letter in line:gmatch(utf8.charpattern) do letters[#letters + 1] = letter end
  local short, left, right = line, (#letters + 1) // 2, #letters // 2
  while text.width(short) > pixels and left + right > 1 do
    if left > right then left = left - 1 else right = right - 1 end
    short = table.concat(letters, "", 1, left) .. "…" .. table.concat(letters, "", #letters - right + 1)
  end
  return short
end

--- The same for several lines: those that differ still do, if need be by a number after them.
-- @tparam {string,...} lines
-- @tparam number pixels
-- @treturn {string,...}
function text.shorten_all(lines, pixels)
  local short, looks, count, line_of = {}, {}, {}, {}
  for i, line in ipairs(lines) do
    short[i] = text.shorten(line, pixels)
    local look = short[i]:gsub("%s+", "")
    if line_of[look] ~= nil and line_of[look] ~= line then count[look] = 0 end
    looks[i], line_of[look] = look, line
  end
  for i, look in ipairs(looks) do
    if count[look] then
      count[look] = count[look] + 1
      local number = (" (%d)"):format(count[look])
      short[i] = text.shorten(lines[i], pixels - text.width(number)) .. number
    end
  end
  return short
end

--- The words of a line; "name = value" is one where it is not too wide for that.
local function words_of(line, pixels)
  local words = {}
  for word in line:gsub(" = ", "\0=\0"):gmatch("%S+") do
    word = word:gsub("%z", " ")
    if text.width(word) <= pixels then
      words[#words + 1] = word
    else
      for part in word:gmatch("%S+") do words[#words + 1] = part end
    end
  end
  return words
end

--- Breaks a line at blanks into lines no wider than that; a single word that is wider is shortened.
-- @tparam string line
-- @tparam number pixels
-- @tparam[opt=text.SIZE] number size letter size in pixels
-- @treturn {string,...}
function text.wrap(line, pixels, size)
  pixels = pixels * text.SIZE / (size or text.SIZE)
  local lines = {}
  for _, word in ipairs(words_of(line, pixels)) do
    local longer = #lines > 0 and lines[#lines] .. " " .. word
    if longer and text.width(longer) <= pixels then
      lines[#lines] = longer
    else
      lines[#lines + 1] = text.shorten(word, pixels)
    end
  end
  return lines
end

--- A gnuplot string, in double quotes. (In single quotes a text that begins with an apostrophe is lost.)
-- @tparam string|{string,...} lines one line without control characters, or several to be drawn below each other
-- @treturn string
function text.quote(lines)
  local line = type(lines) == "table" and table.concat(lines, "\n") or lines
  return '"' .. line:gsub('["\\`]', "\\%0"):gsub("\n", "\\n") .. '"'
end

--- A number as gnuplot, CSV readers and people everywhere read it: with a decimal point, whatever the locale.
-- @tparam number value
-- @treturn string at most nine digits, enough for any float32; "nan" and "inf" by name
function text.number(value)
  if value ~= value then return "nan" end
  if math.abs(value) == math.huge then return value > 0 and "inf" or "-inf" end
  if value % 1 == 0 and math.abs(value) < 1e15 then return ("%d"):format(value) end
  return (("%.9g"):format(value):gsub(",", "."))
end

--- A number with that many decimals.
-- @tparam number value
-- @tparam integer decimals
-- @treturn string
function text.fixed(value, decimals)
  return (("%." .. decimals .. "f"):format(value):gsub(",", "."):gsub("^%-(0%.?0*)$", "%1"))
end

--- Plain words as Markdown shows them unchanged, in a paragraph or a table cell.
-- @param value anything
-- @treturn string
function text.markdown(value)
  return markdown.escape(tostring(value))
end

--- A file name as the target of a Markdown link.
-- @tparam string path
-- @treturn string
function text.link(path)
  return (path:gsub("[^%w%-_.~/]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- A name for files: small letters, digits and underscores.
-- @tparam string value
-- @treturn string "chart" where nothing is left
-- @usage text.slug("Width & depth (50 %)") --> "width_depth_50"
function text.slug(value)
  local slug = tostring(value):lower():gsub("[^a-z0-9]+", "_"):gsub("^_+", ""):sub(1, 60):gsub("_+$", "")
  return slug == "" and "chart" or slug
end

return text
