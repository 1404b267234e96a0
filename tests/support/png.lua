-- PNG files made by hand: of kinds that nnrun does not write, and damaged ones whose checksums are right.
local png = {}

png.SIGNATURE = "\x89PNG\r\n\x1a\n"

function png.crc32(text)
  local crc = 0xFFFFFFFF
  for i = 1, #text do
    crc = crc ~ text:byte(i)
    for _ = 1, 8 do crc = crc >> 1 ~ (crc & 1) * 0xEDB88320 end
  end
  return crc ~ 0xFFFFFFFF
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + text:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

function png.chunk(kind, data)
  return (">s4"):pack(data):sub(1, 4) .. kind .. data .. (">I4"):pack(png.crc32(kind .. data))
end

-- A zlib stream that holds the text as it is.
local function stored(text)
  return "\x78\x01\x01" .. ("<I2I2"):pack(#text, ~#text & 0xFFFF) .. text .. (">I4"):pack(adler32(text))
end

-- A picture whose rows are given as the file holds them, without their filter bytes.
-- colour: 0 grey, 2 RGB, 6 RGB and alpha
function png.make(width, height, depth, colour, rows)
  local header = (">I4I4BBBBB"):pack(width, height, depth, colour, 0, 0, 0)
  return png.SIGNATURE .. png.chunk("IHDR", header) .. png.chunk("IDAT", stored("\0" .. table.concat(rows, "\0")))
    .. png.chunk("IEND", "")
end

-- The same file with the checksums of its chunks as they should be, as far as there are whole chunks.
function png.mend(bytes)
  local parts, at = { bytes:sub(1, 8) }, 9
  while at + 11 <= #bytes do
    local length = (">I4"):unpack(bytes, at)
    if at + 11 + length > #bytes then break end
    parts[#parts + 1] = png.chunk(bytes:sub(at + 4, at + 7), bytes:sub(at + 8, at + 7 + length))
    at = at + 12 + length
  end
  return table.concat(parts) .. bytes:sub(at)
end

return png
