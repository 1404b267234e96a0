--- Data made ready for a network (`nn.preprocessing`): features of one scale, categories, dates and texts as numbers,
-- values for what is missing.
-- @module nn.preprocessing
local dates = require "nn.preprocessing.dates"
local encoders = require "nn.preprocessing.encoders"
local SimpleImputer = require "nn.preprocessing.imputer"
local scalers = require "nn.preprocessing.scalers"
local sequences = require "nn.preprocessing.sequences"
local Tokenizer = require "nn.preprocessing.tokenizer"
local words = require "nn.preprocessing.words"

return {
  StandardScaler = scalers.StandardScaler,
  MinMaxScaler = scalers.MinMaxScaler,
  OneHotEncoder = encoders.OneHotEncoder,
  OrdinalEncoder = encoders.OrdinalEncoder,
  SimpleImputer = SimpleImputer,
  date_features = dates.date_features,
  image = require "nn.preprocessing.image",
  Tokenizer = Tokenizer.new,
  sequence = require "nn.preprocessing.sequence",
  text = require "nn.preprocessing.text",
  pad_sequences = sequences.pad,
  text_to_word_sequence = words.split,
}
