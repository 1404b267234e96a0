--- What layers with a vocabulary have: methods to learn, set and read it.
-- @submodule nn.layers
local Dataset = require("nn.data").Dataset
local blame = require "nn.support.blame"

local words = {}

-- Applies a function to some data: a list at once, a dataset element by element.
local function each_part(data, use)
  if not Dataset.is(data) then return use(data) end
  for value in data:iterate() do use(value) end
end

--- Learns the vocabulary: the most frequent words, or numbers, of data.
-- @function vectorization:adapt
-- @tparam {string,...}|Dataset data texts; for StringLookup words in lists, for IntegerLookup numbers in lists or a
-- tensor. Of a dataset the first value of each element is read
-- @usage
-- local vectorization = TextVectorization{ max_tokens = 1000 }
-- vectorization:adapt(reviews)
function words.adapt(self, data)
  if self.is_given then
    blame("%s: its vocabulary was given, so there is nothing to adapt; make a new layer without vocabulary",
      self:title())
  end
  if data == nil then blame("%s: adapt: the data are missing (nil)", self:title()) end
  self.vocabulary_of:learn(function(take)
    each_part(data, function(part) self:each_document(part, take) end)
  end)
end

--- Sets the vocabulary instead of learning it.
-- @function vectorization:set_vocabulary
-- @tparam {string,...}|string vocabulary in the order of ids, with or without special tokens; or a file, a word a line
-- @tparam[opt] {number,...} idf_weights for output_mode "tf_idf": one for each
-- @usage
-- local vectorization = TextVectorization{ output_mode = "count" }
-- vectorization:set_vocabulary{ "good", "bad" }
function words.set_vocabulary(self, vocabulary, idf_weights)
  self.vocabulary_of:set(vocabulary, idf_weights)
  self.is_given = true
end

--- The words in the order of their ids.
-- @function vectorization:get_vocabulary
-- @tparam[opt=true] boolean include_special_tokens whether "" (padding) and "[UNK]" (unknown words) come first
-- @treturn {string,...}
-- @usage
-- local vectorization = TextVectorization{ vocabulary = { "good", "bad" } }
-- print(table.concat(vectorization:get_vocabulary(), ","))
function words.get_vocabulary(self, include_special_tokens)
  if type(include_special_tokens) == "table" then
    include_special_tokens = include_special_tokens.include_special_tokens
  end
  return self.vocabulary_of:list(include_special_tokens ~= false)
end

--- How many ids there are, those of special tokens included.
-- @function vectorization:vocabulary_size
-- @treturn integer
-- @usage
-- local vectorization = TextVectorization{ vocabulary = { "good", "bad" } }
-- assert(vectorization:vocabulary_size() == 4)
function words.vocabulary_size(self) return self.vocabulary_of:size() end

--- The arguments of the layer, its vocabulary among them, so that a saved model has it.
-- @local
function words.get_config(self)
  local config = { name = self.name, trainable = self.trainable }
  for _, name in ipairs(self.own) do config[name] = self.arguments[name] end
  local known = self.vocabulary_of
  config.vocabulary, config.idf_weights = nil, nil
  if known.words then
    config.vocabulary = known:list(known.idf ~= nil)
    config.idf_weights = known.idf and table.move(known.idf, 1, #known.idf, 1, {})
  end
  return config
end

-- Whether the shape of what the layer gives is known.
function words.is_ready(self) return self.arguments.output_mode == "int" or self.vocabulary_of.words ~= nil end

-- Takes the vocabulary that the arguments give.
function words.start(self, a)
  if a.vocabulary == nil then
    if a.idf_weights ~= nil then blame("%s: idf_weights: give the vocabulary too", self.class_name) end
    return
  end
  self.vocabulary_of:set(a.vocabulary, a.idf_weights)
  self.is_given = true
end

-- Raises an error for sizes that make no sense.
function words.check_sizes(a, class)
  if a.max_tokens ~= nil and (math.type(a.max_tokens) ~= "integer" or a.max_tokens < 2) then
    blame("%s: max_tokens: expected a whole number of at least 2, got %s", class, blame.got(a.max_tokens))
  elseif a.pad_to_max_tokens and not a.max_tokens then
    blame("%s: pad_to_max_tokens: give max_tokens too", class)
  elseif a.pad_to_max_tokens and a.output_mode == "int" then
    blame('%s: pad_to_max_tokens is for vectors, not for output_mode = "int"', class)
  end
end

-- Gives a class of layers these methods.
function words.add_to(methods)
  for _, name in ipairs { "adapt", "set_vocabulary", "get_vocabulary", "vocabulary_size", "get_config", "is_ready" } do
    methods[name] = words[name]
  end
  return methods
end

return words
