--- Texts as ids of words, or as vectors over the vocabulary.
-- @submodule nn.layers
local Vocabulary = require "nn.layers.preprocessing.text.vocabulary"
local base = require "nn.layers.preprocessing.text.base"
local blame = require "nn.support.blame"
local encoding = require "nn.layers.preprocessing.text.encoding"
local nested = require "nn.layers.preprocessing.text.nested"
local ngrams = require "nn.layers.preprocessing.text.ngrams"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"
local words = require "nn.layers.preprocessing.text.words"

local TextVectorization = words.add_to {}

local PUNCTUATION = "[!-/:-@[-`{-~]+" -- of ASCII, as ranges: Lua looks for a character entry by entry

-- ---- from a text to words ------------------------------------------------------------------------------------------

local STANDARDIZE = {
  lower_and_strip_punctuation = function(text) return (text:lower():gsub(PUNCTUATION, "")) end,
  lower = function(text) return text:lower() end,
  strip_punctuation = function(text) return (text:gsub(PUNCTUATION, "")) end,
}

local function all_matches(pattern)
  return function(text)
    local list = {}
    for part in text:gmatch(pattern) do list[#list + 1] = part end
    return list
  end
end

local SPLIT = { whitespace = all_matches "%S+", character = all_matches(utf8.charpattern) }

local function checked(self, name, kind, value)
  if type(value) == kind then return value end
  blame("%s: the function %s: expected it to return a %s, got %s", self:title(), name,
    kind == "table" and "list of words" or "text", blame.got(value))
end

-- The words of one text, or of a list of words where nothing is split.
local function words_of(self, text)
  local a = self.arguments
  local standardize, split = self.standardize_with, self.split_with
  local list = type(text) == "table" and table.move(text, 1, #text, 1, {}) or { text }
  for i, each in ipairs(list) do
    if type(each) ~= "string" then blame("%s: expected texts, got %s", self:title(), blame.got(each)) end
    if standardize then list[i] = checked(self, "standardize", "string", standardize(each)) end
  end
  if split then
    list = checked(self, "split", "table", split(list[1]))
    for _, word in ipairs(list) do
      if type(word) ~= "string" then
        blame("%s: the function split: expected it to return a list of words, got %s within", self:title(),
          blame.got(word))
      end
    end
  end
  return a.ngrams and ngrams.of(list, a.ngrams) or list
end

-- The texts of some data, one after the other, and whether it was one alone. Samples may be lists of one text.
local function texts_of(self, data)
  if type(data) == "string" then return { data }, true end
  if tensor.is_tensor(data) then
    blame("%s: expected a list of texts, got a tensor of shape %s", self:title(), nested.text(data.shape))
  end
  local flat, shape = nested.flatten(data, self:title())
  if #shape == 1 then return flat, false end
  if #shape == 2 and shape[2] == 1 and self.split_with then return flat, false end
  if #shape == 2 and not self.split_with then return data, false end
  blame("%s: expected a list of texts, or of lists of one text, got a shape of %s%s", self:title(),
    nested.text(shape), self.split_with and "; words that are split already want split = false" or "")
end

function TextVectorization:each_document(data, take)
  for _, text in ipairs((texts_of(self, data))) do take(words_of(self, text)) end
end

-- ---- from words to numbers -----------------------------------------------------------------------------------------

-- The ids of each text's words, and the most there are.
local function rows_of(self, texts)
  local rows, longest, vocabulary, ids = {}, 0, self.vocabulary_of, self.vocabulary_of.ids
  for i, text in ipairs(texts) do
    if i % 256 == 0 then stop.check() end
    local row = words_of(self, text)
    for k, word in ipairs(row) do row[k] = ids[word] or vocabulary:id(word) end
    rows[i], longest = row, math.max(longest, #row)
  end
  return rows, longest
end

-- Rows of one length: short ones end with zeros, long ones are cut.
local function padded(rows, length)
  local flat, count = {}, 0
  for _, row in ipairs(rows) do
    for k = 1, length do flat[count + k] = row[k] or 0 end
    count = count + length
  end
  return nested.tensor(flat, { #rows, length }, "int32")
end

local function vectors(self, rows)
  local vocabulary, mode = self.vocabulary_of, self.arguments.output_mode
  local width, weight = vocabulary:width(), function(id) return vocabulary:weight(id) end
  local result = tensor.zeros { #rows, width }
  for i, row in ipairs(rows) do
    if #row > 0 then result[i] = encoding.tensor(row, { #row }, mode, width, weight) end
  end
  return result
end

function TextVectorization:encode(data)
  self.vocabulary_of:require_words()
  local texts, is_one = texts_of(self, data)
  local rows, longest = rows_of(self, texts)
  local a = self.arguments
  if a.ragged then return is_one and rows[1] or rows end
  local result = a.output_mode == "int" and padded(rows, a.output_sequence_length or longest) or vectors(self, rows)
  return is_one and result[1] or result
end

function TextVectorization:shape_for()
  local a = self.arguments
  if a.ragged then
    blame("%s: with ragged = true it gives lists of different lengths, with which no layer computes", self:title())
  end
  if a.output_mode == "int" then return { a.output_sequence_length or -1 } end
  self.vocabulary_of:require_words()
  return { self.vocabulary_of:width() }
end

-- ---- arguments -----------------------------------------------------------------------------------------------------

-- The function that an argument stands for; nil for none.
local function function_of(given, known, what)
  if given == false or given == "none" then return nil end
  if type(given) == "function" then return given end
  if known[given] then return known[given] end
  local names = {}
  for name in pairs(known) do names[#names + 1] = ("%q"):format(name) end
  table.sort(names)
  blame("TextVectorization: %s: expected %s, a function of a text, or false for none, got %s", what,
    table.concat(names, ", "), blame.got(given))
end

local function check(a, object)
  encoding.check(a, "TextVectorization", { "int", "multi_hot", "count", "tf_idf" })
  words.check_sizes(a, "TextVectorization")
  object.standardize_with = function_of(a.standardize, STANDARDIZE, "standardize")
  object.split_with = function_of(a.split, SPLIT, "split")
  a.ngrams = ngrams.lengths(a.ngrams, "TextVectorization")
  local length = a.output_sequence_length
  if length ~= nil and (math.type(length) ~= "integer" or length < 1 or a.output_mode ~= "int") then
    blame('TextVectorization: output_sequence_length: expected a whole number of at least 1, with output_mode = "int", '
      .. "got %s with %q", blame.got(length), a.output_mode)
  elseif a.ragged and a.output_mode ~= "int" then
    blame 'TextVectorization: ragged = true goes with output_mode = "int" only'
  end
  object.vocabulary_of = Vocabulary.new { title = "TextVectorization", kind = "string", mask_token = "",
    oov_token = "[UNK]", num_oov_indices = 1, max_tokens = a.max_tokens, output_mode = a.output_mode,
    pad_to_max_tokens = a.pad_to_max_tokens }
  words.start(object, a)
end

--- Texts as numbers. Mode "int" gives a row of ids for each text, 0 after its end, 1 for unknown words; other modes
-- give a vector over the vocabulary, in which unknown words are first.
--
-- It takes a list of texts, or one text, and gives a tensor. It may be the first layer of a model, which then takes
-- texts itself and is saved with the vocabulary.
-- @function TextVectorization
-- @tparam[opt] integer max_tokens the size of the vocabulary that adapt learns, special tokens included (unlimited)
-- @tparam[opt] string|function standardize "lower_and_strip_punctuation" (default; ASCII letters), "lower",
-- "strip_punctuation", a function of a text that returns another, or false
-- @tparam[opt] string|function split "whitespace" (default), "character", a function of a text that returns a list of
-- words, or false: then samples are lists of words
-- @tparam[opt] integer|{integer,...} ngrams how many neighbouring words make one entry: 2 stands for 1 and 2, { 2 } for
-- 2 alone (single words)
-- @tparam[opt] string output_mode "int" (default); "multi_hot": 1 for words that occur; "count": how often; "tf_idf":
-- how often, times log(1 + texts / (1 + texts that have the word))
-- @tparam[opt] integer output_sequence_length the length of all rows of ids (that of the longest)
-- @tparam[opt] boolean pad_to_max_tokens (false) whether vectors are max_tokens long whatever is learned
-- @tparam[opt] {string,...}|string vocabulary instead of adapt: words, or a file with a word a line
-- @tparam[opt] {number,...} idf_weights for "tf_idf": the weight of each word of vocabulary
-- @tparam[opt] boolean ragged (false) whether ids come as lists of different lengths
-- @tparam[opt] string encoding ("utf-8") accepted; texts are compared byte by byte
-- @usage
-- local vectorization = TextVectorization{ max_tokens = 5000, output_sequence_length = 4 }
-- vectorization:adapt{ "foo bar", "bar baz", "baz bada boom" }
-- local ids = vectorization{ "foo qux bar", "qux baz" } --> { { 4, 1, 3, 0 }, { 1, 2, 0, 0 } }
-- local classifier = nn.Sequential{ vectorization, Embedding{ 7, 8 }, GlobalAveragePooling1D{}, Dense{ 1 } }
base.define {
  class = "TextVectorization",
  arguments = {
    { "max_tokens" }, { "standardize", "lower_and_strip_punctuation" }, { "split", "whitespace" }, { "ngrams" },
    { "output_mode", "int" }, { "output_sequence_length" }, { "pad_to_max_tokens", false }, { "vocabulary" },
    { "idf_weights" }, { "sparse", false }, { "ragged", false }, { "encoding", "utf-8" },
  },
  check = check,
  methods = TextVectorization,
}
