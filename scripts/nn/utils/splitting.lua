--- Parts of a data set: training and test, or the folds of a cross-validation. Semantics are scikit-learn's.
--
-- Data are tensors, split along the first axis, or Lua lists.
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local random = require "nn.random"
local tensor = require "nn.tensor"

local splitting = {}

-- ---- positions and labels ------------------------------------------------------------------------------------------

--- The entries at some positions.
local function take(data, positions)
  if tensor.is_tensor(data) then return data:gather(positions) end
  local list = {}
  for i, position in ipairs(positions) do list[i] = data[position] end
  return list
end

--- The positions from one to another.
local function range(first, last)
  local list = {}
  for position = first, last do list[#list + 1] = position end
  return list
end

--- The same list in random order.
local function shuffled(list, seed)
  local order, result = random.permutation(#list, seed):totable(), {}
  for i, position in ipairs(order) do result[i] = list[position + 1] end
  return result
end

local function check_data(data, what)
  if not tensor.is_tensor(data) and (type(data) ~= "table" or #data == 0) then
    blame("%s: expected tensors or lists, got %s", what, type(data) == "table" and "an empty table" or tostring(data))
  end
  return #data
end

--- One value a sample that tells its class, from class ids or from rows such as one-hot labels.
local function labels_of(stratify, n, what)
  local count = check_data(stratify, what .. ": stratify")
  if count ~= n then blame("%s: stratify has %d labels for %d samples", what, count, n) end
  local is_flat = not tensor.is_tensor(stratify) or stratify.size == n
  if not is_flat then stratify = stratify:reshape { n, -1 } end
  local labels = tensor.is_tensor(stratify) and (is_flat and stratify:flatten() or stratify):totable() or stratify
  if is_flat then return labels end
  local texts = {}
  for i, row in ipairs(labels) do texts[i] = table.concat(row, ",") end
  return texts
end

--- The positions of each class; classes in the order in which they first occur.
local function by_class(labels)
  local classes, known = {}, {}
  for position, label in ipairs(labels) do
    local class = known[label]
    if not class then
      class = { label = label }
      known[label], classes[#classes + 1] = class, class
    end
    class[#class + 1] = position
  end
  return classes
end

-- ---- training and test ---------------------------------------------------------------------------------------------

--- How many samples a size means: a fraction below 1, or a number of samples.
local function count_of(size, n, name, round)
  local is_count = math.type(size) == "integer"
  if type(size) ~= "number" or size ~= size or size <= 0 or size >= (is_count and n or 1) then
    blame("train_test_split: %s: expected a fraction between 0 and 1, or a number of samples below %d, got %s", name, n,
      tostring(size))
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
  local classes, counts, rest = by_class(labels), {}, {}
  check_classes(classes, train, test)
  for i, class in ipairs(classes) do counts[i] = #class end
  local for_train = shares(counts, train)
  for i, count in ipairs(counts) do rest[i] = count - for_train[i] end
  local for_test, train_list, test_list = shares(rest, test), {}, {}
  for i, class in ipairs(classes) do
    local order = shuffled(class, seed + i)
    table.move(order, 1, for_train[i], #train_list + 1, train_list)
    table.move(order, for_train[i] + 1, for_train[i] + for_test[i], #test_list + 1, test_list)
  end
  return shuffled(train_list, seed), shuffled(test_list, seed)
end

local OPTIONS = { "test_size", "train_size", "shuffle", "stratify", "seed" }

local function read_arrays(given)
  if type(given) ~= "table" or tensor.is_tensor(given) then
    blame("train_test_split: expected a table such as { x, y, test_size = 0.2 }, got %s", tostring(given))
  end
  local options, n = {}, nil
  for key, value in pairs(given) do
    if math.type(key) ~= "integer" then options[key] = value end
  end
  arguments.check(options, OPTIONS, "train_test_split")
  for i, data in ipairs(given) do
    local count = check_data(data, "train_test_split")
    n = n or count
    if count ~= n then blame("train_test_split: data %d has %d samples, the first has %d", i, count, n) end
  end
  return n or blame "train_test_split: there are no data; give { x, y, test_size = 0.2 }"
end

--- Splits data into two parts: each of several tensors or lists in the same way.
-- @tparam table given the data in order, and: test_size, train_size (fractions, rounded up and down, or numbers of
-- samples; 0.25 for testing); shuffle (true); stratify (labels, one a sample: both parts get each class in its
-- proportion); seed (the next of the running sequence)
-- @return the training part and the test part of the first, of the second, ...
-- @usage local x_train, x_test, y_train, y_test = nn.utils.train_test_split{ x, y, test_size = 0.2, stratify = y }
function splitting.train_test_split(given)
  local n = read_arrays(given)
  local train, test = sizes(given, n)
  local train_list, test_list
  if given.shuffle == false then
    if given.stratify ~= nil then blame "train_test_split: stratify needs shuffle = true" end
    train_list, test_list = range(1, train), range(train + 1, train + test)
  elseif given.stratify ~= nil then
    local labels = labels_of(given.stratify, n, "train_test_split")
    train_list, test_list = stratified(labels, train, test, given.seed or random.next_seed())
  else
    local order = shuffled(range(1, n), given.seed)
    test_list, train_list = table.move(order, 1, test, 1, {}), table.move(order, test + 1, test + train, 1, {})
  end
  local parts = {}
  for _, data in ipairs(given) do
    parts[#parts + 1] = take(data, train_list)
    parts[#parts + 1] = take(data, test_list)
  end
  return table.unpack(parts)
end

-- ---- folds ---------------------------------------------------------------------------------------------------------

local fold_signature = arguments.signature("k_fold", {
  { "data", arguments.required }, { "k", 5 }, { "shuffle", false }, { "stratify" }, { "seed" },
})

--- The fold of each sample, 1 to k: k stretches of nearly equal length.
local function plain_folds(n, k, order)
  local folds, next_one = {}, 1
  for fold = 1, k do
    for _ = 1, n // k + (fold <= n % k and 1 or 0) do
      folds[order[next_one]] = fold
      next_one = next_one + 1
    end
  end
  return folds
end

--- How many samples of each class each fold gets: the sorted labels are dealt out like cards.
local function deal(classes, k)
  local counts, dealt = {}, 0
  for c, class in ipairs(classes) do
    counts[c] = {}
    for fold = 1, k do counts[c][fold] = 0 end
    for _ = 1, #class do
      local fold = dealt % k + 1
      counts[c][fold] = counts[c][fold] + 1
      dealt = dealt + 1
    end
  end
  return counts
end

local function stratified_folds(labels, k, seed)
  local classes, folds, largest = by_class(labels), {}, 0
  for c, counts in ipairs(deal(classes, k)) do
    local list = {}
    for fold, count in ipairs(counts) do
      for _ = 1, count do list[#list + 1] = fold end
    end
    if seed then list = shuffled(list, seed + c) end
    for i, position in ipairs(classes[c]) do folds[position] = list[i] end
    largest = math.max(largest, #classes[c])
  end
  if largest < k then
    blame("k_fold: stratify: no class has %d samples, one for each fold; choose a smaller k", k)
  end
  return folds
end

local function read_folds(given)
  local options = fold_signature(given)
  local n = math.type(options.data) == "integer" and options.data or check_data(options.data, "k_fold")
  if math.type(options.k) ~= "integer" or options.k < 2 or options.k > n then
    blame("k_fold: k: expected a whole number from 2 to the number of samples, %d, got %s", n, tostring(options.k))
  end
  return options, n
end

--- The folds of a cross-validation: every sample is in the test part of exactly one.
-- @tparam table given the number of samples, or data with one entry a sample; k (5); shuffle (false); stratify (labels:
-- each fold gets each class in its proportion); seed (of the shuffle; the next of the running sequence)
-- @treturn {{train={integer,...},test={integer,...}},...} positions, in ascending order, as `x:gather` takes them
-- @usage
-- for i, fold in ipairs(nn.utils.k_fold{ x, k = 5, stratify = y }) do
--   model:fit(x:gather(fold.train), y:gather(fold.train), { epochs = 10 })
-- end
function splitting.k_fold(given)
  local options, n = read_folds(given)
  local seed = options.shuffle and (options.seed or random.next_seed()) or nil
  local folds
  if options.stratify ~= nil then
    folds = stratified_folds(labels_of(options.stratify, n, "k_fold"), options.k, seed)
  else
    folds = plain_folds(n, options.k, seed and shuffled(range(1, n), seed) or range(1, n))
  end
  local result = {}
  for fold = 1, options.k do result[fold] = { train = {}, test = {} } end
  for position = 1, n do
    for fold, part in ipairs(result) do
      table.insert(fold == folds[position] and part.test or part.train, position)
    end
  end
  return result
end

return splitting
