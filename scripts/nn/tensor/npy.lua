--- One array in a `.npy` file of NumPy's: a header, then the numbers.
--
-- The file is "\x93NUMPY", two bytes of version, the length of the header (little-endian, 2 bytes in version 1, else
-- 4), the header, a Python dictionary such as `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, and the
-- bytes.
-- Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
local data = require "engine.data"

local npy = {}

local MAGIC = "\x93NUMPY"
local ALIGNMENT = 64 -- of the numbers in the file
local MAX_AXES, MAX_NUMBERS = 8, 1 << 40

-- Types of numbers by NumPy's letter and number of bytes.
local TYPES = {
  b1 = "bool", i1 = "int8", u1 = "uint8", i2 = "int16", u2 = "uint16", i4 = "int32", u4 = "uint32", i8 = "int64",
  u8 = "uint64", f2 = "float16", f4 = "float32", f8 = "float64",
}
local CODES = { float32 = "<f4", uint8 = "|u1", int32 = "<i4" }
-- What other letters stand for, for messages.
local OTHERS = { c = "complex numbers", U = "texts", S = "texts", a = "texts", O = "objects of Python's", V = "records",
  M = "dates", m = "spans of time" }

-- ---- reading --------------------------------------------------------------------------------------------------------

-- The dictionary's text and the position of the numbers.
local function split(text)
  if text:sub(1, #MAGIC) ~= MAGIC or #text < #MAGIC + 4 then return nil, "is no .npy file" end
  local major = text:byte(#MAGIC + 1)
  if major < 1 or major > 3 then return nil, ("has version %d of the format, not 1 to 3"):format(major) end
  local format = major == 1 and "<s2" or "<s4"
  local ok, header, first = pcall(string.unpack, format, text, #MAGIC + 3)
  if not ok then return nil, "is cut off within its header" end
  return header, first
end

local function type_of(code)
  local order, letter, size = code:match "^([<>=|]?)(%a)(%d*)$"
  local name = letter and TYPES[letter .. size]
  if name then return name, order == ">" end
  local what = OTHERS[letter or ""]
  return nil, ("holds values of the type %q%s, which no tensor has"):format(code, what and " (" .. what .. ")" or "")
end

-- "3, 4" -> { 3, 4 }, and how many numbers that are; nil where it makes no sense.
local function lengths_of(text)
  local shape, count, room = {}, 1, 1
  for word in text:gmatch "[^,%s]+" do
    local length = math.tointeger(tonumber(word:match "^(%d+)L?$"))
    if not length or length > MAX_NUMBERS // room then return nil end
    shape[#shape + 1], count, room = length, count * length, room * math.max(length, 1)
  end
  return shape, count
end

-- What the header says: shape, type, is_big_endian, is_fortran; nil and what is wrong.
local function read_header(header)
  local code = header:match "['\"]descr['\"]%s*:%s*['\"]([^'\"]*)['\"]"
  local order = header:match "['\"]fortran_order['\"]%s*:%s*(%a+)"
  local lengths = header:match "['\"]shape['\"]%s*:%s*%(([^()]*)%)"
  if header:find "['\"]descr['\"]%s*:%s*%[" then
    return nil, "holds records of several fields; save each field as an array of its own"
  end
  if not (code and lengths and (order == "True" or order == "False")) then
    return nil, "has a header without descr, fortran_order and shape"
  end
  local shape, count = lengths_of(lengths)
  if not shape then return nil, ("has a shape that makes no sense: (%s)"):format(lengths) end
  if #shape > MAX_AXES then return nil, ("has %d axes; a tensor has at most %d"):format(#shape, MAX_AXES) end
  local name, is_big_endian = type_of(code)
  if not name then return nil, is_big_endian end
  return { shape = shape, count = count, type = name, is_big_endian = is_big_endian, is_fortran = order == "True" }
end

local function reversed(list)
  local result = {}
  for i = #list, 1, -1 do result[#result + 1] = list[i] end
  return result
end

--- The array in the contents of a file.
-- @tparam string text
-- @treturn ?tensor float32 from fractions, uint8 from bool and uint8, int32 from other whole numbers; nil and what is
-- wrong, to be put behind the file's name
function npy.decode(text)
  local header, first = split(text)
  if not header then return nil, first end
  local about, message = read_header(header)
  if not about then return nil, message end
  local expected, found = about.count * data.number_size(about.type), #text - first + 1
  if found ~= expected then
    return nil, ("has %d bytes of numbers; its header promises %d"):format(found, expected)
  end
  local shape = about.is_fortran and reversed(about.shape) or about.shape
  local values, problem = data.numbers(text, first, about.type, shape, about.is_big_endian)
  if not values then return nil, "cannot be read as a tensor: " .. problem end
  return about.is_fortran and #shape > 1 and values:transpose():contiguous() or values
end

-- ---- writing --------------------------------------------------------------------------------------------------------

--- What precedes a tensor's bytes in a file.
-- @tparam tensor values
-- @treturn string
function npy.header(values)
  local lengths = table.concat(values.shape, ", ") .. (values.ndim == 1 and "," or "")
  local text = ("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"):format(CODES[values.dtype], lengths)
  local used = #MAGIC + 4 + #text + 1
  return MAGIC .. string.pack("<BBs2", 1, 0, text .. (" "):rep(-used % ALIGNMENT) .. "\n")
end

return npy
