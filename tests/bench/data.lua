--- The benchmark's data, written once for all programs: build/bench/data/NAME/{train,test}.{x,y}, raw little-endian
-- float32, row after row; y has one number a sample (a class id, 0 or 1, or a price), or one a step (a character).
local synthetic = require "tests.bench.synthetic"
local files = require "nn.support.files"
local nn = require "nn"

local WORDS = 10000 -- IMDB: how many of the most frequent words are kept
local REVIEWS, TEST_REVIEWS = 15000, 5000

local data = { folder = "build/bench/data" }

local function flat(images)
  return (images:reshape { -1, 784 } / 255):bytes()
end

local function floats(labels)
  return labels:astype("float32"):bytes()
end

local function mnist()
  local x, y, x_test, y_test = nn.datasets.mnist.load_data { synthetic = false }
  local first = { { 1, 50000 } }
  return flat(x[first]), floats(y[first]), flat(x_test), floats(y_test)
end

local function housing()
  local x, y, x_test, y_test = nn.datasets.california_housing.load_data()
  local mean, deviation = x:mean { axis = 1 }, x:std { axis = 1 }
  local function scaled(t) return ((t - mean) / deviation):bytes() end
  return scaled(x), (y / 100000):bytes(), scaled(x_test), (y_test / 100000):bytes()
end

local function words_of(review)
  return review:gsub("<br />", " "):lower():gmatch "[%w']+"
end

--- The most frequent words, each with its column from 0.
local function vocabulary(reviews)
  local counts, words, column = {}, {}, {}
  for i = 1, REVIEWS do
    for word in words_of(reviews[i]) do counts[word] = (counts[word] or 0) + 1 end
  end
  for word in pairs(counts) do words[#words + 1] = word end
  table.sort(words, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  for i = 1, WORDS do column[words[i]] = i - 1 end
  return column
end

local ZERO, ONE = string.pack("<f", 0), string.pack("<f", 1)

--- A review's row: one where the word occurs.
local function multi_hot(review, column)
  local seen, columns, pieces, last = {}, {}, {}, -1
  for word in words_of(review) do
    local c = column[word]
    if c and not seen[c] then seen[c], columns[#columns + 1] = true, c end
  end
  table.sort(columns)
  for _, c in ipairs(columns) do
    pieces[#pieces + 1] = ZERO:rep(c - last - 1) .. ONE
    last = c
  end
  pieces[#pieces + 1] = ZERO:rep(WORDS - 1 - last)
  return table.concat(pieces)
end

local function encoded(reviews, labels, count, column)
  local rows = {}
  for i = 1, count do rows[i] = multi_hot(reviews[i], column) end
  return table.concat(rows), floats(labels[{ { 1, count } }])
end

local function imdb()
  local reviews, labels, test_reviews, test_labels = nn.datasets.imdb.load_data()
  local column = vocabulary(reviews)
  local x, y = encoded(reviews, labels, REVIEWS, column)
  local x_test, y_test = encoded(test_reviews, test_labels, TEST_REVIEWS, column)
  return x, y, x_test, y_test
end

local makers = {
  mnist = mnist, housing = housing, imdb = imdb,
  pictures32 = function() return synthetic.pictures(32, 10, 1536, 200) end,
  pictures150 = function() return synthetic.pictures(150, 2, 240, 40) end,
  reviews = function() return synthetic.reviews(10000, 200, 2560, 200) end,
  characters100 = function() return synthetic.characters(65, 100, 1280, 200) end,
  characters128 = function() return synthetic.characters(65, 128, 640, 200) end,
}

--- The folder of a data set, which is written if it is not there yet.
-- @tparam string name a key of `makers`
-- @treturn string
function data.prepare(name)
  local folder = ("%s/%s"):format(data.folder, name)
  local done = folder .. "/test.y" -- written last
  if io.open(done) then return folder end
  assert(files.make_folder(folder))
  io.stderr:write("bench: writing ", folder, "\n")
  local names, contents = { "train.x", "train.y", "test.x", "test.y" }, { makers[name]() }
  for i, file in ipairs(names) do assert(files.write(folder .. "/" .. file, contents[i])) end
  return folder
end

--- Whether there is such a data set.
function data.knows(name) return makers[name] ~= nil end

return data
