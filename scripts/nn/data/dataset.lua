--- Datasets after tf.data: elements that come one after the other, and what is done to them on the way. Nothing is
-- computed before a dataset is read, and each reading begins anew.
--
--     local Dataset = nn.data.Dataset
--     local train = Dataset.from_tensor_slices{ x_train, y_train }:shuffle(10000):batch(100)
--     for x, y in train:iterate() do print(x.shape[1], y.shape[1]) end
--     model:fit(train, { epochs = 5 })
--
-- An element is one value or several: numbers, tensors, texts, lists of them or tables of them by names. `fit` and
-- `evaluate` take batches of x, y and, if there is a third value, weights of the samples; `predict` takes x.
--
-- What is random follows from a seed and the number of the epoch. So each epoch has an order of its own, and the same
-- one in the next run. That holds as well for what the functions of `map`, `filter` and `from_generator` draw from
-- `nn.random` and `math.random`.
--
-- Rows of tensors that are only shuffled, taken, skipped, repeated and batched are gathered by the engine: `fit` is
-- then as fast as on the tensors, and `shuffle(#x):batch(n)` gives the weights that `batch_size = n` gives there.
-- @module nn.data
local arguments = require "nn.support.arguments"
local batches = require "nn.data.batches"
local blame = require "nn.support.blame"
local elements = require "nn.data.elements"
local kinds = require "nn.support.kinds"
local node = require "nn.data.node"
local orders = require "nn.data.orders"
local pass = require "nn.data.pass"
local properties = require "nn.support.properties"
local random = require "nn.random"
local sources = require "nn.data.sources"
local spec = require "nn.data.spec"
local stop = require "nn.support.stop"

local Dataset, methods, meta = {}, {}, { __name = "nn.Dataset" }

local INFINITE, UNKNOWN = -1, -2 -- tf.data's numbers

--- Whether a value is a dataset.
-- @function Dataset.is
-- @param value
-- @treturn boolean
-- @usage assert(not nn.data.Dataset.is(nn.ones{ 3 }))
function Dataset.is(value)
  return getmetatable(value) == meta
end

local function new(fields) return setmetatable(fields, meta) end

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

-- ---- where datasets begin -------------------------------------------------------------------------------------------

--- The rows of tensors, one after the other.
-- @function Dataset.from_tensor_slices
-- @param x a tensor, or a list of numbers or texts: elements of one value; `{ x, y }`: elements of two values, x[i] and
-- y[i], which may be lists of tensors themselves; `{ image = x, label = y }`: one value, a table by these names
-- @treturn Dataset
-- @raise if they differ in how many rows they have
-- @usage
-- local dataset = nn.data.Dataset.from_tensor_slices{ nn.ones{ 6, 2 }, nn.zeros{ 6 } }
-- for x, y in dataset:batch(4):iterate() do print(#x, #y) end -- 4 4, then 2 2
function Dataset.from_tensor_slices(x)
  return new(sources.slices(x))
end

--- What a function of the script gives. It is called at the beginning of each epoch.
-- @function Dataset.from_generator
-- @tparam function f () -> an iterator as the generic `for` takes it: a function that gives the values of the next
-- element at each call and nil after the last, such as `coroutine.wrap(...)`. Tables of numbers become tensors
-- @treturn Dataset
-- @raise where elements differ in the number, the type or the axes of their values
-- @usage
-- local squares = nn.data.Dataset.from_generator(function()
--   return coroutine.wrap(function()
--     for i = 1, 100 do coroutine.yield({ i / 100 }, i * i / 1e4) end
--   end)
-- end)
function Dataset.from_generator(f)
  return new(sources.generator(f))
end

--- Whole numbers: `range(5)` has 0 to 4, `range(2, 5)` has 2 to 4, `range(0, 10, 5)` has 0 and 5.
-- @function Dataset.range
-- @tparam integer start 0 if only one number is given
-- @tparam[opt] integer stop the first number that is left out
-- @tparam[opt=1] integer step
-- @treturn Dataset
-- @usage for i in nn.data.Dataset.range(3):iterate() do print(i) end
function Dataset.range(start, stop_at, step)
  if stop_at == nil then start, stop_at = 0, start end
  return new(sources.range(start, stop_at, step or 1))
end

local function check_dataset(value, what)
  if not Dataset.is(value) then blame("%s: expected a dataset, got %s", what, blame.got(value)) end
  return value
end

--- Several datasets side by side: an element has a value from each. It ends with the shortest.
-- @function Dataset.zip
-- @tparam {Dataset,...} datasets a list, or a table by names: then an element is one table by these names
-- @treturn Dataset
-- @usage
-- local numbers = nn.data.Dataset.range(3)
-- for a, b in nn.data.Dataset.zip{ numbers, numbers:skip(1) }:iterate() do print(a, b) end
function Dataset.zip(datasets)
  if type(datasets) ~= "table" or Dataset.is(datasets) or next(datasets) == nil then
    blame("zip: expected a list of datasets, got %s", blame.got(datasets))
  end
  if #datasets > 0 then
    for i, each in ipairs(arguments.check_list("zip", datasets)) do check_dataset(each, ("zip: [%d]"):format(i)) end
    return new(elements.zip(table.move(datasets, 1, #datasets, 1, {})))
  end
  local names, inputs = {}, {}
  for name in pairs(datasets) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do inputs[i] = check_dataset(datasets[name], "zip: " .. name) end
  return new(elements.zip(inputs, names))
end

-- ---- transformations ------------------------------------------------------------------------------------------------

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
  return new(elements.concatenate(self, check_dataset(other, "concatenate")))
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
-- @tparam[opt] integer buffer_size
-- @treturn Dataset
-- @usage nn.data.Dataset.range(10):batch(5):prefetch(1)
function methods:prefetch(buffer_size)
  read.prefetch(buffer_size)
  return new(orders.prefetch(self))
end

-- ---- reading --------------------------------------------------------------------------------------------------------

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

-- All that the elements depend on; not who reads them.
function meta.__digest(self)
  return { self.kind.name, self.settings, self.inputs }
end

function meta.__tostring(self)
  local count = self:cardinality()
  return ("<Dataset %s, %s elements>"):format(self.kind.name,
    count == INFINITE and "endless" or count == UNKNOWN and "unknown number of" or tostring(count))
end

arguments.limit_methods("dataset", methods, Dataset.is)
properties.add(meta, { methods = methods, title = "the dataset", fields = { element_spec = spec.of },
  readable = { "class_names", "file_paths" } })

--- The batches of an object with `__len` and `get(i)`, as a dataset.
-- @local
function Dataset.of_sequence(object, is_shuffled)
  return new(sources.sequence(object, is_shuffled))
end

--- A node of another module, as a dataset.
-- @local
-- @tparam node self
-- @tparam[opt] table of_files file_paths and class_names
function Dataset.of_node(self, of_files)
  self.file_paths, self.class_names = of_files and of_files.file_paths, of_files and of_files.class_names
  return new(self)
end

return { Dataset = Dataset, INFINITE_CARDINALITY = INFINITE, UNKNOWN_CARDINALITY = UNKNOWN }
