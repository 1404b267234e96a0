--- Texts for training (`nn.preprocessing.text`), by the names of the books.
-- @module nn.preprocessing.text
local Tokenizer = require "nn.preprocessing.tokenizer"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local fingerprint = require "nn.support.fingerprint"
local words = require "nn.preprocessing.words"

local text = {}

local signature = arguments.signature("hashing_trick", { { "hash_function" }, { "filters", words.FILTERS },
  { "lower", true }, { "split", " " } })

local function check_count(n, what)
  if math.type(n) ~= "integer" or n < 2 then
    blame("%s: n: expected a whole number of at least 2, got %s", what, blame.got(n))
  end
end

--- The words of a text as ids from 1 to n - 1 by a hash: different words may have one id, but no vocabulary is needed.
-- @function hashing_trick
-- @tparam string input
-- @tparam integer n
-- @tparam[opt] table options hash_function (FarmHash): a function of a word that returns a whole number; filters,
-- lower, split as of text_to_word_sequence
-- @treturn {integer,...}
-- @usage local ids = nn.preprocessing.text.hashing_trick("a good film", 50)
function text.hashing_trick(input, n, options)
  local given = signature(options)
  check_count(n, "hashing_trick")
  local ids = words.split(input, { filters = given.filters, lower = given.lower, split = given.split })
  for i, word in ipairs(ids) do
    local hash = (given.hash_function or fingerprint.of)(word)
    if math.type(hash) ~= "integer" then
      blame("hashing_trick: hash_function: expected it to return a whole number, got %s", blame.got(hash))
    end
    ids[i] = 1 + fingerprint.bin(hash, n - 1)
  end
  return ids
end

local read_one_hot = arguments.signature("one_hot", { { "filters", words.FILTERS }, { "lower", true },
  { "split", " " } })

--- The words of a text as ids from 1 to n - 1 by a hash, and no vectors, whatever the name says.
-- @function one_hot
-- @tparam string input
-- @tparam integer n
-- @tparam[opt] table options filters, lower, split as of text_to_word_sequence
-- @treturn {integer,...}
-- @usage local ids = nn.preprocessing.text.one_hot("a good film", 50)
function text.one_hot(input, n, options)
  local given = read_one_hot(options)
  check_count(n, "one_hot")
  return text.hashing_trick(input, n, given)
end

text.Tokenizer = Tokenizer.new
text.text_to_word_sequence = words.split

return text
