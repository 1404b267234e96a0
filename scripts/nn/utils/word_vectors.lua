--- Vectors of words that were learned elsewhere, as GloVe, word2vec and fastText publish them.
-- @submodule nn.utils
local read_file = require("engine.data").read_file
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local random = require "nn.random"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local word_vectors = {}

local read = arguments.signature("load_word_vectors", {
  { "missing", "zeros", kinds.one_of("zeros", "uniform") }, { "seed", nil, kinds.integer },
})

local CHECK_EVERY = 10000 -- lines

-- The row of each word, from 1.
local function rows_of(vocabulary)
  if type(vocabulary) ~= "table" then
    blame("load_word_vectors: vocabulary: expected a list of words in the order of their ids, got %s",
      blame.got(vocabulary))
  end
  local rows = {}
  for i, word in ipairs(vocabulary) do rows[word] = rows[word] or i end
  return rows
end

local function numbers_of(text)
  local list = {}
  for number in text:gmatch "%S+" do list[#list + 1] = tonumber(number) or blame("%s is no number", number) end
  return list
end

-- The vectors of the words in `rows`, by row; and how many numbers a vector has.
local function find(text, rows, path)
  local found, width, line = {}, nil, 0
  for word, numbers in text:gmatch "([^ \t\n]+)[ \t]+([^\n]*)" do
    line = line + 1
    if line % CHECK_EVERY == 0 then stop.check() end
    local row, is_header = rows[word], line == 1 and not numbers:find "%S%s+%S"
    if row and not found[row] and not is_header then
      local vector = numbers_of(numbers)
      width = width or #vector
      if #vector ~= width then
        blame("load_word_vectors: %s: line %d: expected %d numbers, as before, got %d", path, line, width, #vector)
      end
      found[row] = vector
    end
  end
  return found, width
end

--- The vectors of a vocabulary's words, read from a text file: a line is a word and its numbers. A first line of two
-- numbers, as word2vec and fastText write it, is left out.
-- @function load_word_vectors
-- @tparam string path of the file, which may be packed (.gz)
-- @tparam {string,...} vocabulary the words in the order of their ids, as `vectorization:get_vocabulary()` gives them
-- @tparam[opt] table options missing ("zeros"; "uniform": from -0.05 to 0.05): the vectors of words that the file has
-- not; seed of "uniform"
-- @treturn tensor float32 (words, numbers of a vector): a row for each word
-- @treturn integer how many of the words the file has
-- @raise if the file cannot be read, has none of the words, or its vectors differ in length
-- @usage
-- local file <close> = io.open("vectors.txt", "w")
-- file:write("good 0.5 1\nbad -0.5 1\n")
-- file:flush()
-- local vocabulary = { "", "[UNK]", "bad", "good" }
-- local vectors, known = nn.utils.load_word_vectors("vectors.txt", vocabulary)
-- local layer = Embedding{ 4, 2, embeddings_initializer = nn.initializers.Constant{ vectors }, trainable = false }
function word_vectors.load(path, vocabulary, options)
  local given, rows = read(options), rows_of(vocabulary)
  if type(path) ~= "string" then blame("load_word_vectors: expected the path of a file, got %s", blame.got(path)) end
  local text, message = read_file(path)
  if not text then blame("load_word_vectors: %s", message) end
  local found, width = find(text, rows, path)
  if not width then blame("load_word_vectors: %s has none of the %d words", path, #vocabulary) end
  local shape, known = { #vocabulary, width }, 0
  local matrix = given.missing == "zeros" and tensor.zeros(shape)
    or random.uniform { shape = shape, minval = -0.05, maxval = 0.05, seed = given.seed }
  for row, vector in pairs(found) do matrix[row], known = tensor.tensor(vector), known + 1 end
  return matrix, known
end

return word_vectors
