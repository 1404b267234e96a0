--- What makes a dataset of another one: batches, another order, other elements.
-- @submodule nn.data
local arguments = require "nn.support.arguments"
local batches = require "nn.data.batches"
local blame = require "nn.support.blame"
local elements = require "nn.data.elements"
local kinds = require "nn.support.kinds"
local object = require "nn.data.object"
local orders = require "nn.data.orders"
local random = require "nn.random"

local methods, new = object.methods, object.new

-- ---- what methods are given -----------------------------------------------------------------------------------------

-- Reads `shuffle(100, { seed = 1 })` and `shuffle{ 100, seed = 1 }` alike.
local function reader(name, list)
  local signature = arguments.signature(name, list)
  return function(first, options)
    local given = {}
    for key, value in pairs(type(first) == "table" and not getmetatable(first) and first or { first }) do
      given[key] = value
    end
    if options ~= nil and type(options) ~= "table" then
      blame("%s: expected a table of options, got %s", name, blame.got(options))
    end
    for key, value in pairs(options or {}) do given[key] = value end
    return signature(given)
  end
end

local COUNT = kinds.whole(1)
local TIMES = { text = "a whole number, or -1 for all", fits = function(value)
  return math.type(value) == "integer" and value >= -1
end }
local SEED = kinds.integer
local FUNCTION = { "f", arguments.required, kinds.func }

local read = {
  batch = reader("batch", { { "batch_size", arguments.required, COUNT }, { "drop_remainder", false },
    { "num_parallel_calls" }, { "deterministic" } }),
  padded_batch = reader("padded_batch", { { "batch_size", arguments.required, COUNT },
    { "padded_shapes", nil, kinds.list }, { "padding_values" }, { "drop_remainder", false } }),
  shuffle = reader("shuffle", { { "buffer_size", arguments.required, COUNT }, { "seed", nil, SEED },
    { "reshuffle_each_iteration", true } }),
  take = reader("take", { { "count", arguments.required, TIMES } }),
  skip = reader("skip", { { "count", arguments.required, TIMES } }),
  repeated = reader("repeated", { { "count", -1, TIMES } }),
  map = reader("map", { FUNCTION, { "num_parallel_calls" }, { "deterministic" } }),
  filter = reader("filter", { FUNCTION }),
  enumerate = reader("enumerate", { { "start", 0, kinds.integer } }),
  shard = reader("shard", { { "num_shards", arguments.required, COUNT }, { "index", arguments.required, COUNT } }),
  prefetch = reader("prefetch", { { "buffer_size", -1, TIMES } }),
}

-- ---- the methods ----------------------------------------------------------------------------------------------------

--- Puts neighbouring elements together: tensors and numbers are stacked along a new first axis.
-- @function dataset:batch
-- @tparam integer batch_size how many
-- @tparam[opt] table options drop_remainder (false): leaves out a last batch that is smaller
-- @treturn Dataset
-- @raise while it is read, if elements of one batch have different shapes
-- @usage nn.data.Dataset.range(10):batch(4, { drop_remainder = true })
function methods:batch(batch_size, options)
  local given = read.batch(batch_size, options)
  return new(batches.batch(self, { batch_size = given.batch_size, drop_remainder = given.drop_remainder }))
end

--- As `batch`, but tensors that are shorter than the longest of their batch are filled up.
-- @function dataset:padded_batch
-- @tparam integer batch_size
-- @tparam[opt] table options padded_shapes: the lengths to fill up to, -1 for the longest: one list, or a list of them,
-- one for each value; padding_values (0): a number, or a list of them; drop_remainder (false)
-- @treturn Dataset
-- @usage
-- local sentences = nn.data.Dataset.from_generator(function()
--   return coroutine.wrap(function()
--     coroutine.yield({ 3, 1, 2 }, 0)
--     coroutine.yield({ 5 }, 1)
--   end)
-- end)
-- for x, y in sentences:padded_batch(2):iterate() do print(x, y) end
function methods:padded_batch(batch_size, options)
  local given = read.padded_batch(batch_size, options)
  return new(batches.padded_batch(self, { batch_size = given.batch_size, padded_shapes = given.padded_shapes,
    padding_values = given.padding_values, drop_remainder = given.drop_remainder }))
end

--- Takes batches apart: an element for each row.
-- @function dataset:unbatch
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):batch(4):unbatch()
function methods:unbatch()
  return new(elements.unbatch(self))
end

--- Shuffles, by the rule of tf.data: a buffer holds the next elements, and one of them is taken at random. With a
-- buffer as large as the dataset all orders are equally likely.
-- @function dataset:shuffle
-- @tparam integer buffer_size
-- @tparam[opt] table options seed (that of the model in `fit`); reshuffle_each_iteration (true): whether each epoch has
-- an order of its own
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):shuffle(10, { seed = 1 })
function methods:shuffle(buffer_size, options)
  local given = read.shuffle(buffer_size, options)
  if not given.reshuffle_each_iteration then given.seed = given.seed or random.next_seed() end -- one for all its uses
  return new(orders.shuffle(self, { buffer_size = given.buffer_size, seed = given.seed,
    reshuffle_each_iteration = given.reshuffle_each_iteration }))
end

--- The first elements.
-- @function dataset:take
-- @tparam integer count -1 for all
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):take(3)
function methods:take(count)
  local given = read.take(count)
  return new(orders.take(self, given.count == -1 and math.maxinteger or given.count))
end

--- All but the first elements.
-- @function dataset:skip
-- @tparam integer count -1 for all
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):skip(3)
function methods:skip(count)
  local given = read.skip(count)
  if given.count == -1 then return new(orders.take(self, 0)) end
  return new(orders.skip(self, given.count))
end

--- The dataset several times, one after the other. `dataset["repeat"](dataset, 2)` is the same.
-- @function dataset:repeated
-- @tparam[opt=-1] integer count -1: without end
-- @treturn Dataset
-- @usage nn.data.Dataset.range(3):repeated(2)
function methods:repeated(count)
  local given = read.repeated(count)
  return new(orders.repeated(self, given.count == -1 and math.huge or given.count))
end

methods["repeat"] = methods.repeated

--- Applies a function to each element.
-- @function dataset:map
-- @tparam function f takes the values of an element, returns those of the new one
-- @tparam[opt] table options num_parallel_calls, deterministic: accepted; functions are called one after the other
-- @treturn Dataset
-- @usage
-- local dataset = nn.data.Dataset.from_tensor_slices{ nn.ones{ 4, 2 }, nn.zeros{ 4 } }
-- dataset:map(function(x, y) return x / 255, y end)
function methods:map(f, options)
  return new(elements.map(self, read.map(f, options).f))
end

--- The elements for which a function returns true, or a number other than 0.
-- @function dataset:filter
-- @tparam function f takes the values of an element
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):filter(function(i) return i % 2 == 0 end)
function methods:filter(f)
  return new(elements.filter(self, read.filter(f).f))
end

--- Puts a number before the values of each element.
-- @function dataset:enumerate
-- @tparam[opt=0] integer start
-- @treturn Dataset
-- @usage for i, x in nn.data.Dataset.range(5, 8):enumerate():iterate() do print(i, x) end
function methods:enumerate(start)
  return new(elements.enumerate(self, read.enumerate(start).start))
end

--- The elements of this dataset, then those of another.
-- @function dataset:concatenate
-- @tparam Dataset other
-- @treturn Dataset
-- @usage nn.data.Dataset.range(3):concatenate(nn.data.Dataset.range(3))
function methods:concatenate(other)
  return new(elements.concatenate(self, object.check(other, "concatenate")))
end

--- Every num_shards-th element.
-- @function dataset:shard
-- @tparam integer num_shards
-- @tparam integer index which of them, from 1 to num_shards
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):shard(2, 1)
function methods:shard(num_shards, index)
  local given = read.shard(type(num_shards) == "table" and num_shards or { num_shards, index })
  if given.index > given.num_shards then
    blame("shard: index: expected a number from 1 to %d, got %d", given.num_shards, given.index)
  end
  return new(orders.shard(self, given.num_shards, given.index))
end

--- Keeps the elements in memory the first time they are read to the end. What is before it is random only once: all
-- epochs have the same elements in the same order, so shuffle and draw after it. Pictures of
-- `image_dataset_from_directory` are kept as bytes, and each epoch still has its own order of them.
-- @function dataset:cache
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):map(function(i) return i * i end):cache()
function methods:cache()
  return new(orders.cache(self))
end

--- Accepted for scripts that come from tf.data; changes nothing: elements are made when they are asked for.
-- @function dataset:prefetch
-- @tparam[opt] integer buffer_size, also `nn.data.AUTOTUNE`
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):batch(5):prefetch(nn.data.AUTOTUNE)
function methods:prefetch(buffer_size)
  read.prefetch(buffer_size)
  return new(orders.prefetch(self))
end
