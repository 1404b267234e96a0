--- Pairs of words for word2vec (Mikolov and others, 2013).
-- @submodule nn.preprocessing.sequence
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local random = require "nn.random"
local tensor = require "nn.tensor"

local skipgrams = {}

local signature = arguments.signature("skipgrams", {
  { "window_size", 4, kinds.whole(1) }, { "negative_samples", 1, kinds.not_negative }, { "shuffle", true },
  { "categorical", false }, { "sampling_table" }, { "seed", nil, kinds.integer },
})

local BLOCK = 1024 -- random numbers that are drawn at a time

-- Random numbers from 0 to below 1, one a call.
local function uniform_numbers(seed)
  local numbers, used = {}, 0
  seed = seed or random.next_seed()
  return function()
    if used == #numbers then
      numbers, used = random.uniform({ shape = { BLOCK }, seed = seed }):totable(), 0
      seed = seed + 1
    end
    used = used + 1
    return numbers[used]
  end
end

-- Each word with its neighbours; 0 stands for no word. Frequent words are left out as the table says.
local function neighbours(sequence, given, draw)
  local couples, keep = {}, given.sampling_table
  if tensor.is_tensor(keep) then keep = keep:totable() end
  for i, word in ipairs(sequence) do
    if word ~= 0 and not (keep and keep[word + 1] < draw()) then
      for k = math.max(i - given.window_size, 1), math.min(i + given.window_size, #sequence) do
        if k ~= i and sequence[k] ~= 0 then couples[#couples + 1] = { word, sequence[k] } end
      end
    end
  end
  return couples
end

local function shuffle(list, draw)
  for i = #list, 2, -1 do
    local k = math.floor(draw() * i) + 1
    list[i], list[k] = list[k], list[i]
  end
  return list
end

-- Adds words with words drawn at random, which are hardly neighbours.
local function add_negatives(couples, count, vocabulary_size, draw)
  local words = {}
  for i, couple in ipairs(couples) do words[i] = couple[1] end
  shuffle(words, draw)
  local real = #words
  for i = 0, count - 1 do
    local other = math.min(1 + math.floor(draw() * (vocabulary_size - 1)), vocabulary_size - 1)
    couples[#couples + 1] = { words[i % real + 1], other }
  end
end

local function labels_for(real, all, is_categorical)
  local labels = {}
  for i = 1, all do
    local label = i <= real and 1 or 0
    labels[i] = is_categorical and { 1 - label, label } or label
  end
  return labels
end

local function shuffled_alike(couples, labels, draw)
  local order, first, second = {}, {}, {}
  for i = 1, #couples do order[i] = i end
  for i, position in ipairs(shuffle(order, draw)) do first[i], second[i] = couples[position], labels[position] end
  return first, second
end

local function check_ids(sequence, vocabulary_size)
  for i, id in ipairs(sequence) do
    if math.tointeger(id) == nil or id < 0 or id >= vocabulary_size then
      blame("skipgrams: sequence: expected ids from 0 to %d (vocabulary_size is %d), got %s at position %d",
        vocabulary_size - 1, vocabulary_size, blame.got(id), i)
    end
  end
end

--- Pairs of ids that are neighbours in a sequence, label 1, and pairs drawn at random, label 0.
-- @function skipgrams
-- @tparam {integer,...} sequence ids of words; 0 is no word
-- @tparam integer vocabulary_size the largest id plus one
-- @tparam[opt] table options window_size (4): how far neighbours are; negative_samples (1): random pairs for each real
-- one; shuffle (true); categorical (false: labels 0 and 1; true: { 1, 0 } and { 0, 1 }); sampling_table (none): the
-- probability to take each id, as `make_sampling_table` gives them; seed
-- @treturn {{integer,integer},...} couples: the word and its neighbour
-- @treturn {integer,...} labels
-- @usage local couples, labels = nn.preprocessing.sequence.skipgrams({ 1, 2, 3 }, 4, { window_size = 1, seed = 1 })
function skipgrams.pairs(sequence, vocabulary_size, options)
  local given = signature(options)
  if tensor.is_tensor(sequence) then sequence = sequence:totable() end
  if type(sequence) ~= "table" then blame("skipgrams: expected a list of ids, got %s", blame.got(sequence)) end
  if math.type(vocabulary_size) ~= "integer" or vocabulary_size < 2 then
    blame("skipgrams: vocabulary_size: expected a whole number of at least 2, got %s", blame.got(vocabulary_size))
  end
  check_ids(sequence, vocabulary_size)
  local draw = uniform_numbers(given.seed)
  local couples = neighbours(sequence, given, draw)
  local real = #couples
  local negatives = math.floor(real * given.negative_samples)
  if negatives > 0 then add_negatives(couples, negatives, vocabulary_size, draw) end
  local labels = labels_for(real, #couples, given.categorical)
  if given.shuffle then return shuffled_alike(couples, labels, draw) end
  return couples, labels
end

local EULER = 0.577

local read_table = arguments.signature("make_sampling_table", { { "size", arguments.required, kinds.whole(1) },
  { "sampling_factor", 1e-5, kinds.number } })

--- The probability to take a word in skipgrams, by its rank: the more frequent, the less often. It supposes that the
-- i-th most frequent word has a frequency of 1 / (i (log(i) + 0.577) + 1/2 - 1/(12 i)) (Zipf's law).
-- @function make_sampling_table
-- @tparam integer size how many words
-- @tparam[opt=1e-5] number sampling_factor the larger, the more frequent words stay
-- @treturn tensor (size); position i + 1 is that of rank i
-- @usage local keep = nn.preprocessing.sequence.make_sampling_table(1000)
function skipgrams.table(size, sampling_factor)
  local given = read_table { size, sampling_factor }
  local list = {}
  for i = 0, given.size - 1 do
    local rank = math.max(i, 1)
    local inverse = rank * (math.log(rank) + EULER) + 0.5 - 1 / (12 * rank)
    list[i + 1] = math.min(1, math.sqrt(given.sampling_factor * inverse))
  end
  return tensor.tensor(list)
end

return skipgrams
