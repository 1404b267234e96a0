--- How a tensor is written as text: as NumPy writes arrays.
local LINE_WIDTH, EDGE_ITEMS, THRESHOLD, FRACTION_DIGITS = 75, 3, 1000, 8

local ELLIPSIS = "..."

-- ---- numbers -------------------------------------------------------------------------------------------------------

local function is_finite(x) return x - x == 0 end

local function float32(x) return (("<f"):unpack(("<f"):pack(x))) end

local function special(x)
  return x ~= x and "nan" or x > 0 and "inf" or "-inf"
end

-- The fewest digits that give a float32 back: "1.5e+10", and how many of them follow the point.
local function shortest(x)
  for digits = 0, 8 do
    local text = ("%." .. digits .. "e"):format(x)
    if float32(tonumber(text)) == x then return text, digits end
  end
end

-- How many digits the shortest positional form has after the point.
local function fraction_digits(x)
  local text, digits = shortest(x)
  return math.max(0, digits - tonumber(text:match("e(.*)")))
end

-- A number that stands alone.
local function format_scalar(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if not is_finite(x) then return special(x) end
  local size, text = math.abs(x), shortest(x)
  if size ~= 0 and (size < 1e-4 or size >= 1e16) then return text end
  return ("%." .. math.max(1, fraction_digits(x)) .. "f"):format(tonumber(text))
end

-- ---- columns -------------------------------------------------------------------------------------------------------

local function right_justified(words)
  local width = 0
  for _, word in ipairs(words) do width = math.max(width, #word) end
  for i, word in ipairs(words) do words[i] = (" "):rep(width - #word) .. word end
  return words
end

-- Scientific notation where the numbers are huge or tiny or far apart.
local function wants_exponent(values)
  local least, greatest = math.huge, 0
  for _, x in ipairs(values) do
    if is_finite(x) and x ~= 0 then
      least, greatest = math.min(least, math.abs(x)), math.max(greatest, math.abs(x))
    end
  end
  return greatest > 0 and (greatest >= 1e8 or least < 1e-4 or float32(greatest / least) > 1000)
end

-- As many digits for each number as the one that needs most.
local function format_scientific(values)
  local digits, words = 0, {}
  for _, x in ipairs(values) do
    digits = math.max(digits, is_finite(x) and select(2, shortest(x)) or 0)
  end
  for i, x in ipairs(values) do
    local word = ("%." .. digits .. "e"):format(x)
    words[i] = not is_finite(x) and special(x) or digits == 0 and word:gsub("e", ".e") or word
  end
  return words
end

-- Points one below the other: each number has the digits it needs, then spaces.
local function format_positional(values)
  local words, most = {}, 0
  for i, x in ipairs(values) do
    local digits = is_finite(x) and math.min(FRACTION_DIGITS, fraction_digits(x))
    words[i] = digits and ("%#." .. digits .. "f"):format(x):gsub("0+$", "") or special(x)
    most = math.max(most, #(words[i]:match("%.(.*)") or ""))
  end
  for i, word in ipairs(words) do
    local digits = word:match("%.(.*)")
    words[i] = digits and word .. (" "):rep(most - #digits) or word
  end
  return words
end

local function format_integers(values)
  local words = {}
  for i, x in ipairs(values) do words[i] = ("%d"):format(x) end
  return words
end

local function format_columns(values, dtype)
  local format = dtype ~= "float32" and format_integers or wants_exponent(values) and format_scientific
    or format_positional
  return right_justified(format(values))
end

-- ---- layout --------------------------------------------------------------------------------------------------------

-- Calls visit with each position that is shown, and with nothing where some are left out.
local function each_shown(length, summarize, visit)
  local skip = summarize and length > 2 * EDGE_ITEMS
  for i = 1, skip and EDGE_ITEMS or length do visit(i) end
  if skip then
    visit(nil)
    for i = length - EDGE_ITEMS + 1, length do visit(i) end
  end
end

-- Appends the numbers that are shown to values.
local function collect(t, summarize, values)
  each_shown(#t, summarize, function(i)
    if not i then return end
    if t.ndim == 1 then
      values[#values + 1] = t[i]
    else
      collect(t[i], summarize, values)
    end
  end)
end

-- "1. 2. ... 9.", broken into lines of at most that width that begin with the indent.
local function layout_row(words, indent, width)
  local lines, line = {}, indent
  for _, word in ipairs(words) do
    if #line + #word > width and #line > #indent then
      lines[#lines + 1] = line:gsub(" +$", "")
      line = indent
    end
    line = line .. word .. " "
  end
  lines[#lines + 1] = line:sub(1, -2)
  return table.concat(lines, "\n"):sub(#indent + 1)
end

-- next_word gives the words of the shown numbers one by one. The closing bracket takes one column of the width.
local function layout(t, summarize, next_word, indent, width)
  local parts = {}
  each_shown(#t, summarize, function(i)
    parts[#parts + 1] = not i and ELLIPSIS or t.ndim == 1 and next_word()
      or layout(t[i], summarize, next_word, indent .. " ", width - 1)
  end)
  local inside = t.ndim == 1 and layout_row(parts, indent, width - 1)
    or table.concat(parts, ("\n"):rep(t.ndim - 1) .. indent)
  return "[" .. inside .. "]"
end

--- A tensor as NumPy's `str` writes an array: columns aligned, more than 1000 elements abridged.
-- @tparam tensor t
-- @treturn string
-- @usage
-- print(nn.tensor{ { 1, 2.5 }, { -3, 4 } })
-- --> [[ 1.   2.5]
-- -->  [-3.   4. ]]
return function(t)
  if t.ndim == 0 then return format_scalar(t:item()) end
  if t.size == 0 then return "[]" end
  local summarize, values, shown = t.size > THRESHOLD, {}, 0
  collect(t, summarize, values)
  local words = format_columns(values, t.dtype)
  return layout(t, summarize, function()
    shown = shown + 1
    return words[shown]
  end, " ", LINE_WIDTH)
end
