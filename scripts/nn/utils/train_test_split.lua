--- Data in two parts, for training and for testing. Semantics are scikit-learn's.
-- @submodule nn.utils
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local random = require "nn.random"
local samples = require "nn.utils.samples"
local tensor = require "nn.tensor"

--- How many samples a size means: a fraction below 1, or a number of samples.
local function count_of(size, n, name, round)
  local is_count = math.type(size) == "integer"
  if type(size) ~= "number" or size ~= size or size <= 0 or size >= (is_count and n or 1) then
    blame("train_test_split: %s: expected a fraction between 0 and 1, or a number of samples below %d, got %s", name, n,
      blame.got(size))
  end
  return is_count and size or round(size * n) // 1 | 0
end

local function sizes(given, n)
  local test_size, train_size = given.test_size, given.train_size
  if test_size == nil and train_size == nil then test_size = 0.25 end
  local test = test_size and count_of(test_size, n, "test_size", math.ceil)
  local train = train_size and count_of(train_size, n, "train_size", math.floor)
  test, train = test or n - train, train or n - test
  if train + test > n or train == 0 or test == 0 then
    blame("train_test_split: %d samples cannot be split into %d for training and %d for testing", n, train, test)
  end
  return train, test
end

--- Shares of a total, in proportion to counts and never above them; what rounding leaves goes to the largest
-- remainders.
local function shares(counts, total)
  local all, result, order, left = 0, {}, {}, total
  for _, count in ipairs(counts) do all = all + count end
  for i, count in ipairs(counts) do
    result[i], order[i] = count * total // all, i
    left = left - result[i]
  end
  local function remainder(i) return counts[i] * total % all end
  table.sort(order, function(a, b)
    if remainder(a) == remainder(b) then return a < b end
    return remainder(a) > remainder(b)
  end)
  for k = 1, left do result[order[k]] = result[order[k]] + 1 end
  return result
end

local function check_classes(classes, train, test)
  for _, class in ipairs(classes) do
    if #class < 2 then
      blame("train_test_split: stratify: class %s has one sample only; each class needs at least 2", class.label)
    end
  end
  if math.min(train, test) < #classes then
    blame("train_test_split: stratify: %d samples are too few for one of each of the %d classes", math.min(train, test),
      #classes)
  end
end

local function stratified(labels, train, test, seed)
  local classes, counts, rest = samples.by_class(labels), {}, {}
  check_classes(classes, train, test)
  for i, class in ipairs(classes) do counts[i] = #class end
  local for_train = shares(counts, train)
  for i, count in ipairs(counts) do rest[i] = count - for_train[i] end
  local for_test, train_list, test_list = shares(rest, test), {}, {}
  for i, class in ipairs(classes) do
    local order = samples.shuffled(class, seed + i)
    table.move(order, 1, for_train[i], #train_list + 1, train_list)
    table.move(order, for_train[i] + 1, for_train[i] + for_test[i], #test_list + 1, test_list)
  end
  return samples.shuffled(train_list, seed), samples.shuffled(test_list, seed)
end

local OPTIONS = { "test_size", "train_size", "shuffle", "stratify", "seed" }

local function read_arrays(given, ...)
  local is_surplus = select("#", ...) > 0
  if type(given) ~= "table" or tensor.is_tensor(given) or is_surplus then
    blame("train_test_split: expected data and options in one table, train_test_split{ x, y, test_size = 0.2 }, "
      .. "got %s%s", blame.got(is_surplus and (...) or given), is_surplus and " besides" or "")
  end
  local options, n = {}, nil
  for key, value in pairs(given) do
    if math.type(key) ~= "integer" then options[key] = value end
  end
  arguments.check(options, OPTIONS, "train_test_split")
  for i, data in ipairs(given) do
    local count = samples.check_data(data, "train_test_split")
    n = n or count
    if count ~= n then blame("train_test_split: data %d has %d samples, the first has %d", i, count, n) end
  end
  return n or blame "train_test_split: there are no data; give { x, y, test_size = 0.2 }"
end

--- Splits data into two parts: each of several tensors or lists in the same way.
-- @function train_test_split
-- @tparam table given the data in order, and: test_size, train_size (fractions, rounded up and down, or numbers of
-- samples; 0.25 for testing); shuffle (true); stratify (labels, one a sample: both parts get each class in its
-- proportion); seed (the next of the running sequence)
-- @return the training part and the test part of the first, of the second, ...
-- @usage local x_train, x_test, y_train, y_test = nn.utils.train_test_split{ x, y, test_size = 0.2, stratify = y }
return function(given, ...)
  local n = read_arrays(given, ...)
  local train, test = sizes(given, n)
  local train_list, test_list
  if given.shuffle == false then
    if given.stratify ~= nil then blame "train_test_split: stratify needs shuffle = true" end
    train_list, test_list = samples.range(1, train), samples.range(train + 1, train + test)
  elseif given.stratify ~= nil then
    local labels = samples.labels_of(given.stratify, n, "train_test_split")
    train_list, test_list = stratified(labels, train, test, given.seed or random.next_seed())
  else
    local order = samples.shuffled(samples.range(1, n), given.seed)
    test_list, train_list = table.move(order, 1, test, 1, {}), table.move(order, test + 1, test + train, 1, {})
  end
  local parts = {}
  for _, data in ipairs(given) do
    parts[#parts + 1] = samples.take(data, train_list)
    parts[#parts + 1] = samples.take(data, test_list)
  end
  return table.unpack(parts)
end
