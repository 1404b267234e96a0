--- From texts to numbers: each word has an id, the more frequent the smaller. As Keras 2's Tokenizer.
-- @submodule nn.preprocessing
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local properties = require "nn.support.properties"
local tensor = require "nn.tensor"
local words = require "nn.preprocessing.words"

local Tokenizer = {}

local SIGNATURE = {
  { "num_words" }, { "filters", words.FILTERS }, { "lower", true }, { "split", " " }, { "char_level", false },
  { "oov_token" },
}

local signature, meta = arguments.signature("Tokenizer", SIGNATURE), nil -- the metatable needs the methods

local MODES = {}

--- A tokenizer that knows no words yet.
-- After `fit_on_texts` it has `word_index` (word -> id, from 1), `index_word` (id -> word), `word_counts` and
-- `word_docs` (word -> how often, in how many texts), `index_docs` (id -> in how many texts) and `document_count`.
-- @function Tokenizer
-- @tparam[opt] table options num_words (ids below it are used: the num_words - 1 most frequent words), filters
-- (punctuation, tabs, line ends), lower (true; ASCII), split (" "), char_level (false: tokens are words, else the
-- characters of UTF-8), oov_token (a word that stands, with id 1, for those that are not known)
-- @usage
-- local tokenizer = nn.preprocessing.Tokenizer{ num_words = 10000 }
-- tokenizer:fit_on_texts(reviews)
-- local x = nn.preprocessing.pad_sequences(tokenizer:texts_to_sequences(reviews), { maxlen = 200 })
local function new(options, ...)
  arguments.check_one("Tokenizer", ...)
  local self = setmetatable(signature(options), meta)
  if self.num_words ~= nil and (math.type(self.num_words) ~= "integer" or self.num_words < 1) then
    blame("Tokenizer: num_words: expected a whole number of at least 1, got %s", blame.got(self.num_words))
  end
  self.pattern = self.char_level and utf8.charpattern or words.pattern(self.filters, self.split)
  self.word_counts, self.word_docs, self.word_index, self.index_word, self.index_docs = {}, {}, {}, {}, {}
  self.in_order, self.document_count = {}, 0
  return self
end

-- Calls use(token) for each token of a text, or of a list of tokens.
local function each_token(self, text, use)
  if type(text) == "string" then
    if self.lower then text = text:lower() end
    for token in text:gmatch(self.pattern) do use(token) end
  elseif type(text) == "table" then
    for _, token in ipairs(text) do use(self.lower and token:lower() or token) end
  else
    blame("Tokenizer: expected texts or lists of words, got %s", blame.got(text))
  end
end

local function check_list(texts, method)
  if type(texts) ~= "table" then blame("Tokenizer:%s: expected a list, got %s", method, blame.got(texts)) end
end

local function count_tokens(self, text, document)
  local counts, docs, in_order, last = self.word_counts, self.word_docs, self.in_order, self.last_document
  each_token(self, text, function(token)
    local count = counts[token]
    if not count then in_order[#in_order + 1] = token end
    counts[token] = (count or 0) + 1
    if last[token] ~= document then
      last[token], docs[token] = document, (docs[token] or 0) + 1
    end
  end)
end

-- Gives ids by falling counts; of equals, the word seen first comes first.
local function number_words(self)
  local rank, sorted = {}, table.move(self.in_order, 1, #self.in_order, 1, {})
  for i, word in ipairs(sorted) do rank[word] = i end
  local counts = self.word_counts
  table.sort(sorted, function(a, b)
    if counts[a] == counts[b] then return rank[a] < rank[b] end
    return counts[a] > counts[b]
  end)
  if self.oov_token then table.insert(sorted, 1, self.oov_token) end
  self.index_word, self.word_index, self.index_docs = sorted, {}, {}
  for id, word in ipairs(sorted) do self.word_index[word] = id end
  for word, count in pairs(self.word_docs) do self.index_docs[self.word_index[word]] = count end
end

--- Learns the words of texts, beside those it knows from earlier calls.
-- @function tokenizer:fit_on_texts
-- @tparam {string,...} texts or lists of words
-- @usage tokenizer:fit_on_texts(reviews)
function Tokenizer:fit_on_texts(texts)
  check_list(texts, "fit_on_texts")
  self.last_document = {}
  for _, text in ipairs(texts) do
    self.document_count = self.document_count + 1
    count_tokens(self, text, self.document_count)
  end
  self.last_document = nil
  number_words(self)
end

--- Learns in how many of some lists each id occurs, which is all that mode "tfidf" needs.
-- @function tokenizer:fit_on_sequences
-- @tparam {{integer,...},...} sequences
-- @usage tokenizer:fit_on_sequences{ { 1, 2 }, { 3 } }
function Tokenizer:fit_on_sequences(sequences)
  check_list(sequences, "fit_on_sequences")
  self.document_count = self.document_count + #sequences
  for _, list in ipairs(sequences) do
    local seen = {}
    for _, id in ipairs(list) do
      if not seen[id] then seen[id], self.index_docs[id] = true, (self.index_docs[id] or 0) + 1 end
    end
  end
end

--- Texts as lists of ids. Words that are not known, or whose id is not below num_words, are left out, or become the
-- id of oov_token.
-- @function tokenizer:texts_to_sequences
-- @tparam {string,...} texts or lists of words
-- @treturn {{integer,...},...}
-- @usage local ids = tokenizer:texts_to_sequences(reviews)
function Tokenizer:texts_to_sequences(texts)
  check_list(texts, "texts_to_sequences")
  local index, limit = self.word_index, self.num_words or math.huge
  local unknown = self.oov_token and index[self.oov_token]
  local result = {}
  for i, text in ipairs(texts) do
    local list, count = {}, 0
    each_token(self, text, function(token)
      local id = index[token]
      if not id or id >= limit then id = unknown end
      if id then
        count = count + 1
        list[count] = id
      end
    end)
    result[i] = list
  end
  return result
end

--- Lists of ids as texts, words separated by spaces; the inverse of texts_to_sequences but for what that left out.
-- @function tokenizer:sequences_to_texts
-- @tparam {{integer,...},...} sequences
-- @treturn {string,...}
-- @usage print(tokenizer:sequences_to_texts{ { 1, 2 } }[1])
function Tokenizer:sequences_to_texts(sequences)
  check_list(sequences, "sequences_to_texts")
  local texts, limit = {}, self.num_words or math.huge
  for i, list in ipairs(sequences) do
    local tokens = {}
    for _, id in ipairs(list) do
      local word = id < limit and self.index_word[id] or self.oov_token
      tokens[#tokens + 1] = word
    end
    texts[i] = table.concat(tokens, " ")
  end
  return texts
end

-- ---- matrices ------------------------------------------------------------------------------------------------------

-- What stands for a word in a text: from how often it is there, and how many words the text has.
function MODES.binary() return 1 end
function MODES.count(_, _, count) return count end
function MODES.freq(_, _, count, length) return count / length end
function MODES.tfidf(self, id, count)
  return (1 + math.log(count)) * math.log(1 + self.document_count / (1 + (self.index_docs[id] or 0)))
end

local function counts_of(list, limit)
  local counts = {}
  for _, id in ipairs(list) do
    if id < limit then counts[id] = (counts[id] or 0) + 1 end
  end
  return counts
end

local function width_of(self)
  if self.num_words then return self.num_words end
  if #self.index_word == 0 then blame "Tokenizer: give num_words, or call fit_on_texts first" end
  return #self.index_word + 1
end

--- Lists of ids as one row each, in which the word with id i stands at position i + 1 (there is no id 0).
-- @function tokenizer:sequences_to_matrix
-- @tparam {{integer,...},...} sequences
-- @tparam[opt="binary"] string mode "binary", "count", "freq" (count / length of the list) or "tfidf"
-- @treturn tensor float32 (number of lists, num_words), or as many columns as there are words and one more
-- @usage
-- local small = nn.preprocessing.Tokenizer{ num_words = 5 }
-- local rows = small:sequences_to_matrix({ { 1, 2 }, { 3 } }, "binary")
function Tokenizer:sequences_to_matrix(sequences, mode)
  check_list(sequences, "sequences_to_matrix")
  local value_of = MODES[mode or "binary"]
  if not value_of then
    blame('Tokenizer: mode: expected "binary", "count", "freq" or "tfidf", got %s', blame.got(mode))
  elseif mode == "tfidf" and self.document_count == 0 then
    blame 'Tokenizer: mode "tfidf" needs fit_on_texts first'
  end
  local width = width_of(self)
  local result = tensor.zeros { #sequences, width }
  local flat = result:flatten()
  for i, list in ipairs(sequences) do
    for id, count in pairs(counts_of(list, width)) do
      flat[(i - 1) * width + id + 1] = value_of(self, id, count, #list)
    end
  end
  return result
end

--- Texts as rows; `sequences_to_matrix(texts_to_sequences(texts), mode)`.
-- @function tokenizer:texts_to_matrix
-- @tparam {string,...} texts
-- @tparam[opt="binary"] string mode
-- @treturn tensor
-- @usage local x = tokenizer:texts_to_matrix({ "good", "not good" }, "count")
function Tokenizer:texts_to_matrix(texts, mode)
  return self:sequences_to_matrix(self:texts_to_sequences(texts), mode)
end

meta = properties.class("Tokenizer", Tokenizer, SIGNATURE)

return { new = new }
