--- GloVe: vectors of words, learned from which words stand near each other in 27 billion words of tweets (Pennington
-- and others, 2014). Here are its 11,925 most common English words, in 25 dimensions.
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local contents = require "nn.datasets.contents"
local sources = require "nn.datasets.sources"
local tensor = require "nn.tensor"

local signature = arguments.signature("glove.load_data", {})
local glove = {}

glove.set = {
  name = "glove",
  files = { { name = "glove.twitter.27B.25d.common12k.txt", checksum = "fb5f8a038fd1ad1a1d5079785fb53867" } },
}

-- A line is the word and its numbers.
local function parse(text)
  local words, vectors = {}, {}
  for word, numbers in text:gmatch "([^ \n]+) ([^\n]+)" do
    local vector = {}
    for number in numbers:gmatch "%S+" do vector[#vector + 1] = tonumber(number) end
    words[#words + 1], vectors[#vectors + 1] = word, vector
  end
  return words, tensor.tensor(vectors)
end

--- Loads the vectors from a folder of data sets. A set that is missing or damaged ends the program (status 3).
-- @function glove.load_data
-- @tparam[opt] table options none yet
-- @treturn {string,...} words, 11,925, the most common first
-- @treturn tensor vectors, float32, (11925, 25): a row for each word
-- @usage local words, vectors = nn.datasets.glove.load_data()
function glove.load_data(options)
  signature(options)
  local texts, paths = contents.read(glove.set)
  return sources.remember(sources.of_files(glove.set, paths), parse(texts[1]))
end

return glove
