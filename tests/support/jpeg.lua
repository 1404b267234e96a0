-- JPEG files made by hand (ITU T.81): of kinds that nnrun does not write, with a colour for each block of 8 x 8 pixels.
local jpeg = {}

local function segment(marker, data) return "\xFF" .. string.char(marker) .. (">I2"):pack(#data + 2) .. data end

-- How many bits a number takes, and these bits, as JPEG codes differences.
local function category(value)
  local bits, size = 0, math.abs(value)
  while size > 0 do bits, size = bits + 1, size >> 1 end
  return bits, value < 0 and value + (1 << bits) - 1 or value
end

local function bits_of(value, count)
  local list = {}
  for i = count - 1, 0, -1 do list[#list + 1] = value >> i & 1 end
  return table.concat(list)
end

-- The coded blocks: a difference of means each, then the mark that no other coefficient follows, which is one bit.
local function coded(rows, components)
  local bits, last = {}, {}
  for _, row in ipairs(rows) do
    for _, colour in ipairs(row) do
      for c = 1, components do
        local mean = 8 * (colour[c] - 128)
        local count, value = category(mean - (last[c] or 0))
        bits[#bits + 1] = bits_of(count, 4) .. bits_of(value, count) .. "0"
        last[c] = mean
      end
    end
  end
  local text = table.concat(bits)
  text = text .. ("1"):rep(-#text % 8)
  local bytes = text:gsub(("%d"):rep(8), function(byte) return string.char(tonumber(byte, 2)) end)
  return (bytes:gsub("\xFF", "\xFF\0"))
end

--- EXIF data with an orientation. order: "<" or ">", which byte of a number comes first.
function jpeg.exif(orientation, order)
  local pack = function(format, ...) return (order .. format):pack(...) end
  return segment(0xE1, "Exif\0\0" .. (order == "<" and "II" or "MM") .. pack("I2I4", 42, 8)
    .. pack("I2", 2) .. pack("I2I2I4I4", 0x0100, 4, 1, 7) .. pack("I2I2I4I2I2", 0x0112, 3, 1, orientation, 0)
    .. pack("I4", 0))
end

--- Adobe's segment: the numbers are the colours themselves, not luminance and differences.
jpeg.ADOBE = segment(0xEE, "Adobe\0\100\0\0\0\0\0")

--- rows of blocks, each a list of numbers: 1 grey, 3 luminance and differences (or RGB), 4 inks, black the last.
-- @param before segments that come first
function jpeg.make(rows, before)
  local components = #rows[1][1]
  local frame, scan = (">BI2I2B"):pack(8, 8 * #rows, 8 * #rows[1], components), string.char(components)
  for c = 1, components do frame, scan = frame .. string.char(c, 0x11, 0), scan .. string.char(c, 0) end
  return "\xFF\xD8" .. (before or "") .. segment(0xDB, "\0" .. ("\1"):rep(64)) .. segment(0xC0, frame)
    .. segment(0xC4, "\0" .. "\0\0\0\12" .. ("\0"):rep(12) .. "\0\1\2\3\4\5\6\7\8\9\10\11")
    .. segment(0xC4, "\16" .. "\1" .. ("\0"):rep(15) .. "\0")
    .. segment(0xDA, scan .. "\0\63\0") .. coded(rows, components) .. "\xFF\xD9"
end

return jpeg
