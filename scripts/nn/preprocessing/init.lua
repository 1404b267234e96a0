--- Data made ready for a network (`nn.preprocessing`): features of one scale, texts as numbers.
-- @module nn.preprocessing
local scalers = require "nn.preprocessing.scalers"
local sequences = require "nn.preprocessing.sequences"
local Tokenizer = require "nn.preprocessing.tokenizer"
local words = require "nn.preprocessing.words"

return {
  StandardScaler = scalers.StandardScaler,
  MinMaxScaler = scalers.MinMaxScaler,
  Tokenizer = Tokenizer.new,
  pad_sequences = sequences.pad,
  text_to_word_sequence = words.split,
}
