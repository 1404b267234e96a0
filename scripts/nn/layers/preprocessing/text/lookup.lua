--- Words and whole numbers as ids, and back.
-- @submodule nn.layers
local Vocabulary = require "nn.layers.preprocessing.text.vocabulary"
local base = require "nn.layers.preprocessing.text.base"
local blame = require "nn.support.blame"
local encoding = require "nn.layers.preprocessing.text.encoding"
local nested = require "nn.layers.preprocessing.text.nested"
local words = require "nn.layers.preprocessing.text.words"

local MODES = { "int", "one_hot", "multi_hot", "count", "tf_idf" }

local Lookup = words.add_to {}

-- An entry of the data as the vocabulary has it.
local function entry_of(self, value)
  if self.kind == "string" and type(value) == "string" then return value end
  local number = self.kind == "integer" and type(value) == "number" and math.tointeger(value)
  if number then return number end
  blame("%s: expected %s, got %s", self:title(), self.kind == "string" and "texts" or "whole numbers",
    blame.got(value))
end

-- Calls take with each document: the entries of the last axis.
function Lookup:each_document(data, take)
  local flat, shape = nested.flatten(data, self:title() .. ": adapt")
  local length = shape[#shape] or 1
  for first = 1, #flat, length do
    local document = table.move(flat, first, first + length - 1, 1, {})
    for i, value in ipairs(document) do document[i] = entry_of(self, value) end
    take(document)
  end
end

-- Ids back to entries.
local function decode(self, data)
  local flat, shape = nested.flatten(data, self:title())
  for i, id in ipairs(flat) do
    local whole = type(id) == "number" and math.tointeger(id)
    if not whole then blame("%s: with invert = true it wants ids, got %s", self:title(), blame.got(id)) end
    flat[i] = self.vocabulary_of:word(whole)
  end
  return self.kind == "string" and nested.build(flat, shape) or nested.tensor(flat, shape, "int32")
end

function Lookup:encode(data)
  local vocabulary = self.vocabulary_of
  vocabulary:require_words()
  if self.arguments.invert then return decode(self, data) end
  local flat, shape = nested.flatten(data, self:title())
  for i, value in ipairs(flat) do flat[i] = vocabulary:id(entry_of(self, value)) end
  return encoding.tensor(flat, shape, self.arguments.output_mode, vocabulary:width(), function(id)
    return vocabulary:weight(id)
  end)
end

function Lookup:shape_for(shape)
  if self.arguments.invert and self.kind == "string" then
    blame("%s: with invert = true it gives texts, with which no layer computes", self:title())
  end
  if self.arguments.output_mode == "int" then return shape end
  self.vocabulary_of:require_words()
  return encoding.shape(shape, self.arguments.output_mode, self.vocabulary_of:width())
end

local function check(a, object)
  local class = object.class_name
  encoding.check(a, class, MODES)
  words.check_sizes(a, class)
  if math.type(a.num_oov_indices) ~= "integer" or a.num_oov_indices < 0 then
    blame("%s: num_oov_indices: expected a whole number of at least 0, got %s", class, blame.got(a.num_oov_indices))
  elseif a.invert and a.output_mode ~= "int" then
    blame('%s: invert = true goes with output_mode = "int" only, got %q', class, a.output_mode)
  elseif a.invert and a.num_oov_indices > 1 then
    blame("%s: invert = true goes with num_oov_indices 0 or 1, got %d", class, a.num_oov_indices)
  end
  object.vocabulary_of = Vocabulary.new { title = class, kind = object.kind, mask_token = a.mask_token,
    oov_token = a.oov_token, num_oov_indices = a.num_oov_indices, max_tokens = a.max_tokens,
    output_mode = a.output_mode, pad_to_max_tokens = a.pad_to_max_tokens }
  words.start(object, a)
end

local function methods_of(kind)
  local methods = { kind = kind }
  for name, method in pairs(Lookup) do methods[name] = method end
  return methods
end

--- Words as ids: 0 for unknown ones, or 1 if there is a mask_token, which is 0; then the words of the vocabulary. In
-- other modes than "int" there is no place for the mask.
-- @function StringLookup
-- @tparam[opt] integer max_tokens the size of the vocabulary that adapt learns, special tokens included (unlimited)
-- @tparam[opt] integer num_oov_indices (1) how many ids unknown words have; with more than 1 a hash chooses; 0: an
-- unknown word is an error
-- @tparam[opt] string mask_token (none) a word that stands for nothing
-- @tparam[opt] string oov_token ("[UNK]") what unknown words are read back as
-- @tparam[opt] {string,...}|string vocabulary instead of adapt: words, or a file with a word a line
-- @tparam[opt] {number,...} idf_weights for "tf_idf": the weight of each word of vocabulary
-- @tparam[opt] boolean invert (false) whether to turn ids into words
-- @tparam[opt] string output_mode "int" (default); "one_hot": a vector a word; "multi_hot", "count", "tf_idf": a vector
-- for the words of the last axis
-- @tparam[opt] boolean pad_to_max_tokens (false) whether vectors are max_tokens long whatever is learned
-- @tparam[opt] string encoding ("utf-8") accepted; texts are compared byte by byte
-- @usage
-- local lookup = StringLookup{ vocabulary = { "cat", "dog" } }
-- local ids = lookup{ "dog", "bird" } --> 2, 0
base.define {
  class = "StringLookup",
  arguments = {
    { "max_tokens" }, { "num_oov_indices", 1 }, { "mask_token" }, { "oov_token", "[UNK]" }, { "vocabulary" },
    { "idf_weights" }, { "invert", false }, { "output_mode", "int" }, { "pad_to_max_tokens", false },
    { "sparse", false }, { "encoding", "utf-8" },
  },
  check = check,
  methods = methods_of "string",
}

--- Whole numbers as ids, as StringLookup does with words; of several ids for unknown numbers, the remainder chooses.
-- @function IntegerLookup
-- @tparam[opt] integer max_tokens the size of the vocabulary that adapt learns, special tokens included (unlimited)
-- @tparam[opt] integer num_oov_indices (1) how many ids unknown numbers have; 0: an unknown number is an error
-- @tparam[opt] integer mask_token (none) a number that stands for nothing
-- @tparam[opt] integer oov_token (-1) what unknown numbers are read back as
-- @tparam[opt] {integer,...}|tensor vocabulary instead of adapt
-- @tparam[opt] string vocabulary_dtype accepted; numbers are whole
-- @tparam[opt] {number,...} idf_weights for "tf_idf": the weight of each number of vocabulary
-- @tparam[opt] boolean invert (false) whether to turn ids into numbers
-- @tparam[opt] string output_mode "int" (default), "one_hot", "multi_hot", "count", "tf_idf"
-- @tparam[opt] boolean pad_to_max_tokens (false) whether vectors are max_tokens long whatever is learned
-- @usage
-- local lookup = IntegerLookup{ vocabulary = { 12, 36 } }
-- local ids = lookup{ 36, 5 } --> 2, 0
base.define {
  class = "IntegerLookup",
  arguments = {
    { "max_tokens" }, { "num_oov_indices", 1 }, { "mask_token" }, { "oov_token", -1 }, { "vocabulary" },
    { "vocabulary_dtype", "int64" }, { "idf_weights" }, { "invert", false }, { "output_mode", "int" },
    { "sparse", false }, { "pad_to_max_tokens", false },
  },
  check = check,
  methods = methods_of "integer",
}
