--- Plain values and tensors in one file, read back as they were to the bit: what a checkpoint is stored as.
--
-- The file is in the safetensors format; the values are JSON in its metadata, where tensors and tables are
-- `{ tensor = name }` and `{ pairs = { { key, value }, ... } }`.
local data = require "engine.data"
local json = require "nn.support.json"
local safetensors = require "nn.tensor.safetensors"
local tensor = require "nn.tensor"

local snapshot = {}

local PLAIN = { string = true, boolean = true, number = true }

local function pack_table(value, pack)
  local list = json.list {}
  for key, each in pairs(value) do list[#list + 1] = { pack(key), pack(each) } end
  return { pairs = list }
end

-- Gives nil for what cannot be stored, by raising `false`.
local function packer(tensors)
  local count = 0
  local function pack(value)
    if PLAIN[type(value)] then return value end
    if tensor.is_tensor(value) then
      count = count + 1
      tensors[tostring(count)] = value
      return { tensor = tostring(count) }
    elseif type(value) == "table" and not getmetatable(value) then
      return pack_table(value, pack)
    end
    error(("a %s cannot be stored"):format(type(value)), 0)
  end
  return pack
end

--- Whether a value can be stored: strings, numbers, booleans, tensors, and tables of them that hold no circle.
-- @treturn boolean
-- @usage snapshot.can_store{ wait = 2, best_weights = { tensor } } --> true
function snapshot.can_store(value)
  return (pcall(packer {}, value))
end

-- A checksum of all that is stored: whoever goes on from a checkpoint goes on from what was written, or not at all.
local function checksum_of(state, tensors)
  local names, parts = {}, { state }
  for name in pairs(tensors) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do parts[#parts + 1] = data.hash(name, tensors[name]) end
  return data.hash(table.concat(parts))
end

--- Writes a value to a file, in one go.
-- @tparam string path
-- @param value one that `can_store` accepts
-- @treturn ?boolean true; nil and a message where the file cannot be written
function snapshot.write(path, value)
  local tensors = {}
  local state = json.encode { packer(tensors)(value) }
  return safetensors.write(path, tensors, { state = state, checksum = checksum_of(state, tensors) })
end

local function unpack_value(value, tensors)
  if type(value) ~= "table" then return value end
  if value.tensor then return tensors[value.tensor] end
  local result = {}
  for _, pair in ipairs(value.pairs) do
    result[unpack_value(pair[1], tensors)] = unpack_value(pair[2], tensors)
  end
  return result
end

--- Reads what `write` has written.
-- @tparam string path
-- @return the value; nil and a message where there is no such file or it is damaged
function snapshot.read(path)
  local tensors, metadata = safetensors.read(path)
  if not tensors then return nil, metadata end
  if not metadata.state or metadata.checksum ~= checksum_of(metadata.state, tensors) then
    return nil, path .. " is damaged: its checksum is wrong"
  end
  return unpack_value(json.decode(metadata.state)[1], tensors)
end

return snapshot
