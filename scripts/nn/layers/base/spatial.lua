--- What layers over images share: numbers for each axis, padding, and where the channels are.
local blame = require "nn.support.blame"

local spatial = {}

-- What "axes" are called in messages, by how many there are.
local RANKS = { "a list of one", "a list of two", "a list of three" }

local function is_whole(value, least) return math.type(value) == "integer" and value >= least end

local function are_whole(list, rank, least)
  if type(list) ~= "table" or #list ~= rank then return false end
  for _, value in ipairs(list) do
    if not is_whole(value, least) then return false end
  end
  return true
end

local function text_of(value)
  if type(value) ~= "table" or #value == 0 then return blame.got(value) end
  local texts = {}
  for i, each in ipairs(value) do texts[i] = tostring(each) end
  return "{ " .. table.concat(texts, ", ") .. " }"
end

--- An argument that is a number, or one for each axis, becomes a list in place.
-- @tparam table a the layer's arguments
-- @tparam string class of the layer, for messages
-- @tparam string name of the argument
-- @tparam integer rank how many axes an image has
-- @tparam[opt=1] integer least the smallest number allowed
function spatial.numbers(a, class, name, rank, least)
  local value = a[name]
  least = least or 1
  if are_whole(value, rank, least) then return end
  if not is_whole(value, least) then
    blame("%s: %s: expected a whole number of at least %d, or %s of them, got %s", class, name, least, RANKS[rank],
      text_of(value))
  end
  a[name] = {}
  for i = 1, rank do a[name][i] = value end
end

--- Checks `padding`, in capitals or not.
-- @tparam {string,...} allowed
function spatial.padding(a, class, allowed)
  local given = type(a.padding) == "string" and a.padding:lower()
  for _, name in ipairs(allowed) do
    if given == name then
      a.padding = given
      return
    end
  end
  blame("%s: padding: expected %s, got %s", class, table.concat(allowed, " or "), blame.got(a.padding))
end

--- Checks `data_format`.
function spatial.format(a, class)
  if a.data_format ~= nil and a.data_format ~= "channels_last" and a.data_format ~= "channels_first" then
    blame("%s: data_format: expected channels_last or channels_first, got %s", class, blame.got(a.data_format))
  end
end

--- Nodes of a layer whose engine takes the channels last: a method of the layer.
function spatial.nodes(self, emit, inputs, shapes, fused)
  local config, ndim = self:config(), #shapes[1]
  for name, value in pairs(fused or {}) do config[name] = value end
  local channels = self.arguments.data_format == "channels_first" and 1 or ndim
  return self:over_last(emit, inputs[1], { channels }, ndim, function(input)
    return self:emit(emit, { input }, config)
  end)
end

return spatial
