--- TensorBoard's event files: records of length, checksum and a message of protocol buffers.
-- The formats: TensorFlow's tsl/lib/io/record_writer.h, util/event.proto, framework/summary.proto.
-- @module nn.report.event_file
local event_file = {}

-- CRC-32C (Castagnoli), a byte at a time.
local TABLE = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do crc = crc & 1 == 1 and crc >> 1 ~ 0x82F63B78 or crc >> 1 end
  TABLE[byte] = crc
end

-- The checksum as records hold it: turned and shifted, so that a checksum of checksums is no constant.
local function masked_crc(text)
  local crc = 0xFFFFFFFF
  for i = 1, #text do crc = crc >> 8 ~ TABLE[(crc ~ text:byte(i)) & 255] end
  crc = crc ~ 0xFFFFFFFF
  return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
end

local function record(message)
  local length = ("<I8"):pack(#message)
  return length .. ("<I4"):pack(masked_crc(length)) .. message .. ("<I4"):pack(masked_crc(message))
end

local function varint(value)
  local bytes = ""
  while value > 127 do
    bytes, value = bytes .. string.char(value & 127 | 128), value >> 7
  end
  return bytes .. string.char(value)
end

-- A field of bytes: 8 times its number, and 2 for "a length comes first".
local function bytes_field(number, bytes) return varint(number << 3 | 2) .. varint(#bytes) .. bytes end

--- The bytes of an event file.
-- @tparam number began seconds since 1970
-- @tparam {table,...} events each `{ step =, seconds = after the beginning, values = { [tag] = number } }`
-- @treturn string
-- @usage event_file.text(os.time(), { { step = 1, seconds = 2.5, values = { epoch_loss = 0.4 } } })
function event_file.text(began, events)
  local records = { record(("<Bd"):pack(1 << 3 | 1, began) .. bytes_field(3, "brain.Event:2")) }
  for _, event in ipairs(events) do
    local tags, summary = {}, ""
    for tag in pairs(event.values) do tags[#tags + 1] = tag end
    table.sort(tags)
    for _, tag in ipairs(tags) do
      summary = summary .. bytes_field(1, bytes_field(1, tag) .. ("<Bf"):pack(2 << 3 | 5, event.values[tag]))
    end
    records[#records + 1] = record(("<Bd"):pack(1 << 3 | 1, began + event.seconds)
      .. string.char(2 << 3) .. varint(event.step) .. bytes_field(5, summary))
  end
  return table.concat(records)
end

return event_file
