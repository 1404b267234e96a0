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
  for i, each in ipairs(value) do texts[i] = type(each) == "table" and text_of(each) or tostring(each) end
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
  if a.data_format ~= nil then spatial.choice(a, class, "data_format", { "channels_last", "channels_first" }) end
end

local function largest(list) return math.max(table.unpack(list)) end

--- Checks how a convolution's kernel moves: kernel_size, strides, dilation_rate, padding and data_format.
-- @tparam table a the layer's arguments
-- @tparam string class of the layer, for messages
-- @tparam integer rank how many axes of places there are
-- @tparam {string,...} paddings that are allowed
function spatial.windows(a, class, rank, paddings)
  for _, name in ipairs { "kernel_size", "strides", "dilation_rate" } do spatial.numbers(a, class, name, rank) end
  spatial.padding(a, class, paddings)
  spatial.format(a, class)
  if largest(a.strides) > 1 and largest(a.dilation_rate) > 1 then
    blame("%s: strides above 1 do not go with a dilation_rate above 1; leave one of them at 1", class)
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

local function pair_of(value)
  if is_whole(value, 0) then return { value, value } end
  local is_pair = type(value) == "table" and #value == 2 and is_whole(value[1], 0) and is_whole(value[2], 0)
  return is_pair and { value[1], value[2] } or nil
end

--- Numbers before and behind each axis: an argument that is a number, a number for each axis, or pairs becomes a list
-- of pairs in place. With one axis the list may be the pair itself.
-- @tparam table a the layer's arguments
-- @tparam string class of the layer, for messages
-- @tparam string name of the argument
-- @tparam integer rank how many axes of places there are
function spatial.pairs(a, class, name, rank)
  local given, list = a[name], {}
  if rank == 1 and type(given) == "table" and #given == 2 then given = { given } end
  for axis = 1, rank do
    local value = given
    if type(given) == "table" then value = #given == rank and given[axis] or nil end
    list[axis] = pair_of(value)
    if not list[axis] then
      blame("%s: %s: expected a whole number of at least 0%s, got %s", class, name,
        rank == 1 and ", or { before, after }"
          or (", %d of them, or { before, after } for each of %d axes"):format(rank, rank), text_of(given))
    end
  end
  a[name] = list
end

--- Checks an argument that is one of several words.
-- @tparam {string,...} words
function spatial.choice(a, class, name, words)
  for _, word in ipairs(words) do
    if a[name] == word then return end
  end
  blame("%s: %s: expected %s or %s, got %s", class, name, table.concat(words, ", ", 1, #words - 1), words[#words],
    blame.got(a[name]))
end

--- The axes of places of a batch, from 1, the samples' axis first. Samples of another number of axes are an error.
-- @tparam table self the layer
-- @tparam {integer,...} shape of a sample
-- @tparam integer rank how many axes of places there are
-- @treturn {integer,...}
function spatial.axes(self, shape, rank)
  if #shape ~= rank + 1 then
    blame.at(self.where, "%s: wants samples of %s, got %s", self:title(),
      rank == 1 and "places and channels" or ("%d axes of places and one of channels"):format(rank), text_of(shape))
  end
  local axes, first = {}, self.arguments.data_format == "channels_first" and 3 or 2
  for i = 1, rank do axes[i] = first + i - 1 end
  return axes
end

--- Adds operations as nodes: the `run` of nn.image.steps.
-- @treturn function run(operation, config, input) -> position of the node
function spatial.runner(self, emit)
  return function(operation, config, input)
    return emit { operation = operation, config = config, inputs = { input }, what = self:title() }
  end
end

--- The shape of a batch, of n samples.
function spatial.batch(shape) return { -1, table.unpack(shape) } end

return spatial
