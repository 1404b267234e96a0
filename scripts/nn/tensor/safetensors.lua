--- Named tensors in one file, in the format of the safetensors library, which other tools read and write too.
--
-- The file is the length of the header (8 bytes, little-endian), the header (JSON: name -> dtype, shape, data_offsets;
-- `__metadata__`: strings by name), then the tensors' bytes one after the other.
-- Format: https://huggingface.co/docs/safetensors
local data = require "engine.data"
local files = require "nn.support.files"
local json = require "nn.support.json"

local safetensors = {}

local CODES = { float32 = "F32", uint8 = "U8", int32 = "I32" }
-- Of those that are read some are converted: fractions to float32, whole numbers to int32, which has to hold them.
local TYPES = { F32 = "float32", F64 = "float64", F16 = "float16", BF16 = "bfloat16", U8 = "uint8", BOOL = "bool",
  I8 = "int8", I16 = "int16", U16 = "uint16", I32 = "int32", U32 = "uint32", I64 = "int64", U64 = "uint64" }
local ALIGNMENT = 8
local MAX_HEADER = 100 * 1000 * 1000

local function sorted_names(tensors)
  local names = {}
  for name in pairs(tensors) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Writes tensors to a file; a file of that name is replaced in one go.
-- @tparam string path
-- @tparam {[string]=tensor} tensors
-- @tparam[opt] {[string]=string} metadata
-- @treturn ?boolean true; nil and a message where the file cannot be written
-- @usage safetensors.write("weights.safetensors", { ["dense/kernel"] = kernel }, { format = "nnrun" })
function safetensors.write(path, tensors, metadata)
  local header, pieces, offset = json.object {}, {}, 0
  if metadata then header.__metadata__ = json.object(metadata) end
  for i, name in ipairs(sorted_names(tensors)) do
    local values = tensors[name]
    local bytes = values:bytes()
    header[name] = {
      dtype = CODES[values.dtype], shape = json.list(values.shape), data_offsets = { offset, offset + #bytes },
    }
    pieces[i], offset = bytes, offset + #bytes
  end
  local text = json.encode(header)
  text = text .. (" "):rep(-#text % ALIGNMENT)
  return files.write(path, string.pack("<I8", #text), text, table.unpack(pieces))
end

local function is_count(value)
  return math.type(value) == "integer" and value >= 0
end

--- Bytes that a tensor of the header takes, nil where its shape makes no sense.
local function size_of(entry)
  local size = data.number_size(TYPES[entry.dtype])
  if type(entry.shape) ~= "table" then return nil end
  for _, length in ipairs(entry.shape) do
    if not is_count(length) or length > 0 and size > math.maxinteger // length then return nil end
    size = size * length
  end
  return size
end

--- What is wrong with the header's words on one tensor, nil if nothing is.
local function fault(entry, available)
  if type(entry) ~= "table" or not TYPES[entry.dtype] then
    local found = type(entry) == "table" and entry.dtype or entry
    return "expected a dtype such as F32, BF16 or I64, found " .. tostring(found)
  end
  local size = size_of(entry)
  if not size then return "its shape is no list of lengths" end
  local first, last = table.unpack(type(entry.data_offsets) == "table" and entry.data_offsets or {})
  if not (is_count(first) and is_count(last) and first <= last and last <= available) then
    return ("its data_offsets do not lie within the file's %d bytes of data"):format(available)
  end
  if last - first ~= size then
    return ("its shape takes %d bytes, its data_offsets span %d"):format(size, last - first)
  end
end

--- The names of two tensors whose bytes overlap, nil where none do.
local function overlap(header)
  local spans = {}
  for name, entry in pairs(header) do
    if name ~= "__metadata__" and entry.data_offsets[1] < entry.data_offsets[2] then
      spans[#spans + 1] = { name = name, first = entry.data_offsets[1], last = entry.data_offsets[2] }
    end
  end
  table.sort(spans, function(a, b) return a.first < b.first end)
  for i = 2, #spans do
    if spans[i].first < spans[i - 1].last then return spans[i - 1].name, spans[i].name end
  end
end

local function read_header(text)
  local length = #text >= 8 and string.unpack("<I8", text)
  if not length or length < 2 or length > MAX_HEADER or length > #text - 8 then
    return nil, "not a safetensors file (the header's length makes no sense)"
  end
  local header, message = json.decode(text:sub(9, 8 + length))
  if type(header) ~= "table" then return nil, "not a safetensors file: " .. (message or "its header is no object") end
  return header, 8 + length
end

-- The entries of the metadata that are texts: the format knows no others.
local function texts_of(metadata)
  local texts = {}
  for name, text in pairs(type(metadata) == "table" and metadata or {}) do
    if type(text) == "string" then texts[name] = text end
  end
  return texts
end

--- Reads the tensors of a file.
-- @tparam string path
-- @treturn ?{[string]=tensor} nil and a message where the file cannot be read or is damaged
-- @treturn {[string]=string} metadata
-- @usage local tensors, metadata = safetensors.read "weights.safetensors"
function safetensors.read(path)
  local text, message = files.read(path)
  if not text then return nil, message end
  local header, start = read_header(text)
  if not header then return nil, path .. ": " .. start end
  for name, entry in pairs(header) do
    local wrong = name ~= "__metadata__" and fault(entry, #text - start)
    if wrong then return nil, ("%s: tensor %s: %s"):format(path, name, wrong) end
  end
  local one, other = overlap(header)
  if one then return nil, ("%s: the bytes of tensors %s and %s overlap"):format(path, one, other) end
  local tensors = {}
  for name, entry in pairs(header) do
    if name ~= "__metadata__" then
      local shape = table.move(entry.shape, 1, #entry.shape, 1, {})
      local values, problem = data.numbers(text, start + entry.data_offsets[1] + 1, TYPES[entry.dtype], shape)
      if not values then return nil, ("%s: tensor %s: %s"):format(path, name, problem) end
      tensors[name] = values
    end
  end
  return tensors, texts_of(header.__metadata__)
end

return safetensors
