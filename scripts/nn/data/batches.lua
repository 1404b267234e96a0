--- Transformations that make batches: batch and padded_batch.
local is_tensor = require("engine.tensor").is_tensor
local blame = require "nn.support.blame"
local node = require "nn.data.node"
local structure = require "nn.data.structure"
local tensor = require "nn.tensor"

local batches = {}

local function count(self)
  local below, settings = node.count(self.inputs[1]), self.settings
  if not below or below == math.huge then return below end
  return settings.drop_remainder and below // settings.batch_size
    or (below + settings.batch_size - 1) // settings.batch_size
end

-- The next batch as a list of elements; nil after the last.
local function gather(self, read)
  local list, size = {}, self.settings.batch_size
  while #list < size do
    local element = read()
    if not element then break end
    list[#list + 1] = element
  end
  if #list == 0 or self.settings.drop_remainder and #list < size then return nil end
  return list
end

local function open(self, over, start, join)
  local read = node.open(self.inputs[1], over, start * self.settings.batch_size)
  return function()
    local list = gather(self, read)
    return list and structure.batch(list, self.kind.name, join)
  end
end

-- ---- batch ----------------------------------------------------------------------------------------------------------

local batch = { name = "batch", count = count }

function batch.plan(self)
  local below, size = node.plan(self.inputs[1]), self.settings.batch_size
  if not below or below.batch then return nil end
  local rows = self.settings.drop_remainder and below.count // size * size or below.count
  return { columns = below.columns, count = rows, batch = size, positions = function(over)
    local positions = below.positions(over)
    if rows == below.count then return positions end
    return positions and rows > 0 and positions[{ { 1, rows } }]:copy() or positions
  end }
end

function batch.open(self, over, start) return open(self, over, start) end

--- @tparam node input
-- @tparam table settings batch_size, drop_remainder
function batches.batch(input, settings)
  return node.new(batch, settings, { input }, true)
end

-- ---- padded_batch ---------------------------------------------------------------------------------------------------

local padded = { name = "padded_batch", count = count }

-- The lengths of a batch's samples: those asked for, else the longest.
local function lengths_of(leaves, wanted, what)
  local lengths, ndim = {}, leaves[1].ndim
  for axis = 1, ndim do
    local longest = 0
    for i, leaf in ipairs(leaves) do
      if not is_tensor(leaf) or leaf.ndim ~= ndim or leaf.dtype ~= leaves[1].dtype then
        blame("%s: the elements of one batch must have the same number of axes and the same type, but number %d "
          .. "differs from the first", what, i)
      end
      longest = math.max(longest, leaf.shape[axis])
    end
    local asked = wanted and wanted[axis]
    if asked and asked >= 0 and longest > asked then
      blame("%s: padded_shapes: axis %d: a sample of length %d does not fit into %d", what, axis, longest, asked)
    end
    lengths[axis] = asked and asked >= 0 and asked or longest
  end
  return lengths
end

local function place_of(leaf, i)
  local place = { i }
  for axis, length in ipairs(leaf.shape) do
    if length == 0 then return nil end
    place[axis + 1] = { 1, length }
  end
  return place
end

local function pad(leaves, wanted, value, what)
  local shape = lengths_of(leaves, wanted, what)
  table.insert(shape, 1, #leaves)
  local result = tensor.full(shape, value, leaves[1].dtype)
  for i, leaf in ipairs(leaves) do
    local place = place_of(leaf, i)
    if place then result[place] = leaf end
  end
  return result
end

-- What was given for one value: for all, or a list with an entry for each.
local function entry_of(given, value, is_entry)
  if given == nil or is_entry(given) then return given end
  return given[value]
end

local function is_shape(given) return type(given[1]) ~= "table" and type(given[2]) ~= "table" end

local function is_number(given) return type(given) == "number" end

function padded.open(self, over, start)
  local settings = self.settings
  return open(self, over, start, function(leaves, what, value)
    if not is_tensor(leaves[1]) then return structure.stack(leaves, what) end
    return pad(leaves, entry_of(settings.padded_shapes, value, is_shape),
      entry_of(settings.padding_values, value, is_number) or 0, what)
  end)
end

--- @tparam node input
-- @tparam table settings batch_size, padded_shapes, padding_values, drop_remainder
function batches.padded_batch(input, settings)
  return node.new(padded, settings, { input }, true)
end

return batches
