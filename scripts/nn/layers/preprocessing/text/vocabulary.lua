--- A vocabulary: words, or whole numbers, and their ids from 0. First comes a place for masked entries (in mode "int",
-- if there is a mask token), then those for unknown words, then the words.
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local fingerprint = require "nn.support.fingerprint"
local stop = require "nn.support.stop"

local Vocabulary = {}
Vocabulary.__index = Vocabulary

--- A vocabulary without words.
-- @tparam table settings title: how messages call the layer; kind: "string" or "integer"; mask_token, oov_token,
-- num_oov_indices, max_tokens, output_mode, pad_to_max_tokens
function Vocabulary.new(settings)
  local self = setmetatable({ settings = settings, words = nil, ids = {}, idf = nil }, Vocabulary)
  self.has_mask = settings.mask_token ~= nil and settings.output_mode == "int"
  self.first_unknown = self.has_mask and 1 or 0
  self.first_word = self.first_unknown + settings.num_oov_indices
  return self
end

local function title(self) return self.settings.title end

-- The tokens before the words.
local function special(self)
  local list = {}
  if self.has_mask then list[1] = self.settings.mask_token end
  for _ = 1, self.settings.num_oov_indices do list[#list + 1] = self.settings.oov_token end
  return list
end

-- ---- words that are given ------------------------------------------------------------------------------------------

local function begins_with(list, head)
  for i, each in ipairs(head) do
    if list[i] ~= each then return false end
  end
  return #head > 0
end

local function normal(self, token, position)
  if self.settings.kind == "string" and type(token) == "string" then return token end
  local number = self.settings.kind == "integer" and type(token) == "number" and math.tointeger(token)
  if number then return number end
  blame("%s: vocabulary: expected %s at position %d, got %s", title(self),
    self.settings.kind == "string" and "a text" or "a whole number", position, blame.got(token))
end

local function read_file(self, path)
  local list, text = {}, files.read(path)
  if not text then blame("%s: vocabulary: the file %s cannot be read", title(self), path) end
  for line in text:gmatch "([^\r\n]*)\r?\n?" do
    list[#list + 1] = self.settings.kind == "integer" and math.tointeger(tonumber(line)) or line
  end
  while list[#list] == "" do list[#list] = nil end
  return list
end

-- Numbers the words, and raises an error if one is there twice or is a special token.
local function number_words(self, words)
  local ids, settings = {}, self.settings
  for i, word in ipairs(words) do
    if ids[word] then
      blame("%s: vocabulary: %s is there twice, at positions %d and %d", title(self), blame.got(word),
        ids[word] - self.first_word + 1, i)
    elseif word == settings.mask_token or settings.num_oov_indices > 0 and word == settings.oov_token then
      blame("%s: vocabulary: %s stands for %s; it may only be among the special tokens at the beginning", title(self),
        blame.got(word), word == settings.mask_token and "masked entries" or "unknown words")
    end
    ids[word] = self.first_word + i - 1
  end
  return ids
end

local function mean(list)
  local sum = 0
  for _, each in ipairs(list) do sum = sum + each end
  return #list > 0 and sum / #list or 0
end

-- Weights of all ids: unknown words weigh as much as words on average.
local function weights_for_all(self, weights, has_special)
  local all, average = {}, mean(weights)
  if has_special then return table.move(weights, 1, #weights, 1, all) end
  for i = 1, self.first_word do all[i] = average end
  return table.move(weights, 1, #weights, #all + 1, all)
end

local function check_weights(self, weights, count)
  if self.settings.output_mode ~= "tf_idf" then
    if weights ~= nil then blame('%s: idf_weights belong to output_mode = "tf_idf" only', title(self)) end
    return
  end
  if type(weights) ~= "table" or #weights ~= count then
    blame('%s: idf_weights: output_mode = "tf_idf" wants a number for each of the %d words of the vocabulary, got %s',
      title(self), count, type(weights) == "table" and #weights or blame.got(weights))
  end
end

--- Sets the words.
-- @tparam {string|integer,...}|string given in the order of their ids, with or without the special tokens before them;
-- or a file of them, one a line
-- @tparam[opt] {number,...} idf_weights one for each entry of given
function Vocabulary:set(given, idf_weights)
  if type(given) == "string" then given = read_file(self, given) end
  if type(given) == "userdata" then given = given:totable() end
  if type(given) ~= "table" or #given == 0 then
    blame("%s: vocabulary: expected a list of at least one entry, or a file's path, got %s", title(self),
      type(given) == "table" and "an empty list" or blame.got(given))
  end
  if type(idf_weights) == "userdata" then idf_weights = idf_weights:totable() end
  check_weights(self, idf_weights, #given)
  local head, words = special(self), {}
  local has_special = begins_with(given, head)
  for i = has_special and #head + 1 or 1, #given do words[#words + 1] = normal(self, given[i], i) end
  local ids = number_words(self, words)
  local most = self.settings.max_tokens
  if most and #words + self.first_word > most then
    blame("%s: vocabulary: with special tokens it has %d entries, more than max_tokens = %d", title(self),
      #words + self.first_word, most)
  end
  self.words, self.ids = words, ids
  self.idf = idf_weights and weights_for_all(self, idf_weights, has_special)
end

-- ---- words that are learned ----------------------------------------------------------------------------------------

--- Learns the most frequent words of documents; of equally frequent ones, the last in the order of bytes come first.
-- @tparam function each_document calls its argument with each document, a list of words
function Vocabulary:learn(each_document)
  local counts, documents, last, total = {}, {}, {}, 0
  local counts_documents = self.settings.output_mode == "tf_idf"
  each_document(function(document)
    total = total + 1
    if total % 256 == 0 then stop.check() end
    for _, word in ipairs(document) do
      counts[word] = (counts[word] or 0) + 1
      if counts_documents and last[word] ~= total then
        last[word], documents[word] = total, (documents[word] or 0) + 1
      end
    end
  end)
  if self.settings.mask_token ~= nil then counts[self.settings.mask_token] = nil end
  if self.settings.oov_token ~= nil then counts[self.settings.oov_token] = nil end
  local words = {}
  for word in pairs(counts) do words[#words + 1] = word end
  if #words == 0 then blame("%s: adapt: there are no words in the data", title(self)) end
  table.sort(words, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a > b
  end)
  local most = self.settings.max_tokens and math.max(self.settings.max_tokens - self.first_word, 0) or #words
  for i = #words, most + 1, -1 do words[i] = nil end
  self.words, self.ids, self.idf = words, number_words(self, words), nil
  if self.settings.output_mode ~= "tf_idf" then return end
  local weights = {}
  for i, word in ipairs(words) do weights[i] = math.log(1 + total / (1 + documents[word])) end
  self.idf = weights_for_all(self, weights)
end

-- ---- asking --------------------------------------------------------------------------------------------------------

--- Raises an error if there are no words yet.
function Vocabulary:require_words()
  if not self.words then
    blame("%s has no vocabulary yet: call adapt(data) first, or give vocabulary = { ... }", title(self))
  end
end

--- All entries in the order of their ids.
-- @tparam boolean with_special whether to begin with the special tokens
-- @treturn {string|integer,...}
function Vocabulary:list(with_special)
  local list = with_special and special(self) or {}
  return table.move(self.words or {}, 1, #(self.words or {}), #list + 1, list)
end

--- How many ids there are.
function Vocabulary:size() return self.first_word + #(self.words or {}) end

--- How long vectors over the vocabulary are.
function Vocabulary:width()
  return self.settings.pad_to_max_tokens and self.settings.max_tokens or self:size()
end

--- The id of a word.
-- @tparam string|integer word
-- @treturn integer -1 for a masked entry where vectors leave it out
function Vocabulary:id(word)
  local id = self.ids[word]
  if id then return id end
  if word == self.settings.mask_token then return self.has_mask and 0 or -1 end
  local bins = self.settings.num_oov_indices
  if bins == 1 then return self.first_unknown end
  if bins == 0 then
    blame("%s: %s is not in the vocabulary, and num_oov_indices = 0 leaves no id for unknown words", title(self),
      blame.got(word))
  end
  if type(word) == "string" then return self.first_unknown + fingerprint.bin(fingerprint.of(word), bins) end
  return self.first_unknown + word % bins
end

--- The word of an id; the token for unknown words if there is none.
function Vocabulary:word(id)
  if self.has_mask and id == 0 then return self.settings.mask_token end
  local word = id >= self.first_word and self.words[id - self.first_word + 1]
  return word or self.settings.oov_token
end

--- The weight of an id for "tf_idf".
function Vocabulary:weight(id) return self.idf[id + 1] end

return Vocabulary
