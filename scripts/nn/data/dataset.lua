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
local blame = require "nn.support.blame"
local elements = require "nn.data.elements"
local object = require "nn.data.object"
local properties = require "nn.support.properties"
local sources = require "nn.data.sources"
local spec = require "nn.data.spec"
require "nn.data.transformations"

local Dataset, new = {}, object.new

--- Whether a value is a dataset.
-- @function Dataset.is
-- @param value
-- @treturn boolean
-- @usage assert(not nn.data.Dataset.is(nn.ones{ 3 }))
function Dataset.is(value) return object.is(value) end

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

--- Several datasets side by side: an element has a value from each. It ends with the shortest.
-- @function Dataset.zip
-- @tparam {Dataset,...} datasets a list, or a table by names: then an element is one table by these names
-- @treturn Dataset
-- @usage
-- local numbers = nn.data.Dataset.range(3)
-- for a, b in nn.data.Dataset.zip{ numbers, numbers:skip(1) }:iterate() do print(a, b) end
function Dataset.zip(datasets)
  if type(datasets) ~= "table" or object.is(datasets) or next(datasets) == nil then
    blame("zip: expected a list of datasets, got %s", blame.got(datasets))
  end
  if #datasets > 0 then
    for i, each in ipairs(arguments.check_list("zip", datasets)) do object.check(each, ("zip: [%d]"):format(i)) end
    return new(elements.zip(table.move(datasets, 1, #datasets, 1, {})))
  end
  local names, inputs = {}, {}
  for name in pairs(datasets) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do inputs[i] = object.check(datasets[name], "zip: " .. name) end
  return new(elements.zip(inputs, names))
end

--- The batches of an object with `__len` and `get(i)`, as a dataset.
-- @local
function Dataset.of_sequence(sequence, is_shuffled)
  return new(sources.sequence(sequence, is_shuffled))
end

--- A node of another module, as a dataset.
-- @local
-- @tparam node self
-- @tparam[opt] table of_files file_paths and class_names
function Dataset.of_node(self, of_files)
  self.file_paths, self.class_names = of_files and of_files.file_paths, of_files and of_files.class_names
  return new(self)
end

arguments.limit_methods("dataset", object.methods, object.is)
properties.add(object.meta, { methods = object.methods, title = "the dataset", fields = { element_spec = spec.of },
  readable = { "class_names", "file_paths" },
  hint = function(_, name)
    return math.type(name) and "-th element by itself; write for x, y in dataset:iterate() do ... end"
  end })

-- AUTOTUNE is what tf.data's users give prefetch and map: accepted like any other number there.
return { Dataset = Dataset, AUTOTUNE = -1, INFINITE_CARDINALITY = object.INFINITE,
  UNKNOWN_CARDINALITY = object.UNKNOWN }
