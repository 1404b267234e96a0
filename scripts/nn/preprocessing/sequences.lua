--- Lists of different lengths as one tensor.
-- @submodule nn.preprocessing
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local sequences = {}

local ENDS = { pre = true, post = true }

local signature = arguments.signature("pad_sequences", {
  { "maxlen" }, { "dtype", "int32" }, { "padding", "pre" }, { "truncating", "pre" }, { "value", 0 },
})

local function check(given)
  if given.maxlen ~= nil and (math.type(given.maxlen) ~= "integer" or given.maxlen < 0) then
    blame("pad_sequences: maxlen: expected a whole number, got %s", blame.got(given.maxlen))
  end
  for _, name in ipairs { "padding", "truncating" } do
    if not ENDS[given[name]] then
      blame('pad_sequences: %s: expected "pre" or "post", got %s', name, blame.got(given[name]))
    end
  end
end

-- The sequences as lists, and the length of the longest.
local function read(lists)
  if type(lists) ~= "table" then blame("pad_sequences: expected a list of lists, got %s", blame.got(lists)) end
  local result, longest = {}, 0
  if not tensor.is_tensor(lists) then arguments.check_list("pad_sequences", lists) end
  for i, list in ipairs(lists) do
    if tensor.is_tensor(list) then list = list:totable() end
    if type(list) ~= "table" then
      blame("pad_sequences: expected a list at position %d, got %s", i, blame.got(list))
    end
    result[i], longest = list, math.max(longest, #list)
  end
  return result, longest
end

-- The shape of an entry, from the first there is: none for numbers.
local function entry_shape(lists)
  for _, list in ipairs(lists) do
    if #list > 0 then return type(list[1]) == "table" and tensor.tensor(list[1]).shape or {} end
  end
  return {}
end

-- The entries that stay, and where the first of them goes, from 1.
local function place(list, given, length)
  local count = math.min(#list, length)
  local first = given.truncating == "pre" and #list - count + 1 or 1
  return first, count, given.padding == "pre" and length - count + 1 or 1
end

local function convert(value, whole)
  if type(value) ~= "number" then blame("pad_sequences: expected numbers in the lists, got %s", blame.got(value)) end
  return whole and (value < 0 and math.ceil(value) or math.floor(value)) or value
end

--- Brings lists to one length: short ones are filled up, long ones cut.
-- @function pad_sequences
-- @tparam {{number,...},...} lists of numbers, or of entries that are lists of one shape
-- @tparam[opt] table options maxlen (the length of the longest); dtype ("int32": fractions are cut off); padding
-- ("pre": filled at the front, or "post"); truncating ("pre": cut at the front, or "post"); value (0) to fill with
-- @treturn tensor (number of lists, maxlen, ...)
-- @usage nn.preprocessing.pad_sequences({ { 1 }, { 2, 3 } }) --> { { 0, 1 }, { 2, 3 } }
function sequences.pad(lists, options)
  local given = signature(options)
  check(given)
  local longest
  lists, longest = read(lists)
  local length, shape = given.maxlen or longest, entry_shape(lists)
  local whole = given.dtype ~= "float32"
  local result = tensor.full({ #lists, length, table.unpack(shape) }, convert(given.value, whole), given.dtype)
  local flat = #shape == 0 and result:flatten()
  for i, list in ipairs(lists) do
    local first, count, to = place(list, given, length)
    local row = (i - 1) * length + to - 1
    for k = 1, count do
      if flat then
        flat[row + k] = convert(list[first + k - 1], whole)
      else
        result[{ i, to + k - 1 }] = tensor.tensor(list[first + k - 1]):astype(given.dtype)
      end
    end
  end
  return result
end

return sequences
