--- Sequences for training (`nn.preprocessing.sequence`), by the names of the books.
-- @module nn.preprocessing.sequence
local generator = require "nn.preprocessing.sequence.generator"
local sequences = require "nn.preprocessing.sequences"
local skipgrams = require "nn.preprocessing.sequence.skipgrams"

return {
  TimeseriesGenerator = generator.new,
  make_sampling_table = skipgrams.table,
  pad_sequences = sequences.pad,
  skipgrams = skipgrams.pairs,
}
