--- What every dataset can do: it is read, counted, printed and hashed. What makes a dataset of another one is in
-- transformations.lua.
-- @submodule nn.data
local blame = require "nn.support.blame"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local random = require "nn.random"
local stop = require "nn.support.stop"

local methods, meta = {}, { __name = "nn.Dataset" }

local INFINITE, UNKNOWN = -1, -2 -- tf.data's numbers

local object = { methods = methods, meta = meta, INFINITE = INFINITE, UNKNOWN = UNKNOWN }

-- Whether a value is a dataset.
function object.is(value) return getmetatable(value) == meta end

-- A node as a dataset.
function object.new(self) return setmetatable(self, meta) end

-- Raises an error if a value is no dataset.
-- @tparam string what starts the message
function object.check(value, what)
  if not object.is(value) then blame("%s: expected a dataset, got %s", what, blame.got(value)) end
  return value
end

-- The seed of all readings of a dataset by a script: the next one of `nn.random`, when it is needed.
local function seed_for(self)
  return function()
    if not rawget(self, "seed") then rawset(self, "seed", random.next_seed()) end
    return self.seed
  end
end

--- Reads the dataset from its beginning. Each call has random numbers of its own.
-- @function dataset:iterate
-- @treturn function for the generic `for`: gives the values of the next element
-- @usage for x in nn.data.Dataset.range(3):iterate() do print(x) end
function methods:iterate()
  rawset(self, "passes", self.passes + 1)
  local next_element = node.open(self, pass.new(seed_for(self), self.passes))
  return function()
    stop.check()
    local element = next_element()
    if element then return table.unpack(element, 1, element.n) end
  end
end

--- How many elements there are.
-- @function dataset:cardinality
-- @treturn integer -1 (`nn.data.INFINITE_CARDINALITY`) if it never ends, -2 (`nn.data.UNKNOWN_CARDINALITY`) if only
-- reading it to the end would tell
-- @usage assert(nn.data.Dataset.range(10):batch(4):cardinality() == 3)
function methods:cardinality()
  local count = node.count(self)
  return count == math.huge and INFINITE or count or UNKNOWN
end

local function length(self)
  local count = node.count(self)
  if count and count ~= math.huge then return count end
  blame("the dataset has no length: %s", count and "it never ends" or "only reading it to the end would tell")
end

meta.__len = length

-- What loops in Lua do with it, if `iterate` was forgotten; for `ipairs` see dataset.lua.
function meta.__call()
  blame "a dataset is read with: for x, y in dataset:iterate() do ... end"
end

function meta.__pairs(self)
  local CALLER = 3 -- of pairs, seen from blame.is_own
  if not blame.is_own(CALLER) then meta.__call() end
  return next, self
end

-- All that the elements depend on; not who reads them.
function meta.__digest(self)
  return { self.kind.name, self.settings, self.inputs }
end

function meta.__tostring(self)
  local count = self:cardinality()
  return ("<Dataset %s, %s elements>"):format(self.kind.name,
    count == INFINITE and "endless" or count == UNKNOWN and "unknown number of" or tostring(count))
end

return object
