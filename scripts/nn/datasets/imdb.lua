--- IMDB: 50,000 movie reviews, half of them positive (Maas and others, 2011).
-- @submodule nn.datasets
local tensor = require "nn.tensor"
local arguments = require "nn.support.arguments"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"
local shuffle = require "nn.datasets.shuffle"

local signature = arguments.signature("imdb.load_data", { { "seed", 113 } })
local imdb = {}

imdb.set = {
  name = "imdb",
  files = {
    { name = "train.tsv.gz", checksum = "48c34e1f682f5d378a75696f887c6e08" },
    { name = "test.tsv.gz", checksum = "e513aecc9143dd283beadcbc7d18f4cf" },
  },
}

-- What the class ids 0 and 1 stand for.
imdb.class_names = { "negative", "positive" }

-- A line is the label, a tab and the text.
local function parse(text, seed)
  local reviews, labels = {}, {}
  for label, review in text:gmatch "([01])\t([^\n]*)\n" do
    reviews[#reviews + 1] = review
    labels[#labels + 1] = tonumber(label)
  end
  shuffle(seed, reviews, labels)
  return reviews, tensor.tensor(labels, "uint8")
end

--- Loads IMDB from a folder of data sets: the texts themselves, to be split into words by `nn.preprocessing.Tokenizer`.
-- A set that is missing or damaged ends the program (status 3). The files are ordered by label; what is returned is
-- shuffled, repeatably, but not in the order of Keras.
-- @function imdb.load_data
-- @tparam[opt] table options `seed`: of the shuffle, an integer (default 113)
-- @treturn {string,...} x_train, 25,000 reviews with their HTML line breaks
-- @treturn tensor y_train, 1 where the review is positive, uint8, (25000)
-- @treturn {string,...} x_test, 25,000 reviews
-- @treturn tensor y_test, uint8, (25000)
-- @usage local x_train, y_train, x_test, y_test = nn.datasets.imdb.load_data()
function imdb.load_data(options)
  local seed = signature(options).seed
  local texts, paths = contents.read(imdb.set)
  local x_train, y_train = parse(texts[1], seed)
  local x_test, y_test = parse(texts[2], seed)
  return sources.remember(sources.of_files(imdb.set, paths), x_train, y_train, x_test, y_test)
end

return imdb
