--- The folds of a cross-validation. Semantics are scikit-learn's.
-- @submodule nn.utils
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local random = require "nn.random"
local samples = require "nn.utils.samples"

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
  local classes, folds, largest = samples.by_class(labels), {}, 0
  for c, counts in ipairs(deal(classes, k)) do
    local list = {}
    for fold, count in ipairs(counts) do
      for _ = 1, count do list[#list + 1] = fold end
    end
    if seed then list = samples.shuffled(list, seed + c) end
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
  local n = math.type(options.data) == "integer" and options.data or samples.check_data(options.data, "k_fold")
  if math.type(options.k) ~= "integer" or options.k < 2 or options.k > n then
    blame("k_fold: k: expected a whole number from 2 to the number of samples, %d, got %s", n, blame.got(options.k))
  end
  return options, n
end

--- The folds of a cross-validation: every sample is in the test part of exactly one.
-- @function k_fold
-- @tparam table given the number of samples, or data with one entry a sample; k (5); shuffle (false); stratify (labels:
-- each fold gets each class in its proportion); seed (of the shuffle; the next of the running sequence)
-- @treturn {{train={integer,...},test={integer,...}},...} positions, in ascending order, as `x:gather` takes them
-- @usage
-- for i, fold in ipairs(nn.utils.k_fold{ x, k = 4, stratify = y }) do
--   model:fit(x:gather(fold.train), y:gather(fold.train), { epochs = 10 })
-- end
return function(given)
  local options, n = read_folds(given)
  local seed = options.shuffle and (options.seed or random.next_seed()) or nil
  local folds
  if options.stratify ~= nil then
    folds = stratified_folds(samples.labels_of(options.stratify, n, "k_fold"), options.k, seed)
  else
    folds = plain_folds(n, options.k, seed and samples.shuffled(samples.range(1, n), seed) or samples.range(1, n))
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
