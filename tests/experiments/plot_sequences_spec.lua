-- nn.plot.word_weights, attention, projection and forecast: the numbers that they draw.
local files = require "nn.support.files"
local nn = require "nn"
local plot = require "nn.plot"

local layers = nn.layers
local folder

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
end)

after_each(function() files.remove(folder) end)

-- The rows of the CSV file that a figure writes, without the head: lists of cells.
local function rows_of(figure)
  figure:write(folder .. "/charts", "x")
  local rows = {}
  for line in files.read(folder .. "/charts/x.csv"):gmatch "[^\n]+" do
    local cells = {}
    for cell in (line .. ","):gmatch "([^,]*)," do cells[#cells + 1] = cell end
    rows[#rows + 1] = cells
  end
  table.remove(rows, 1)
  return rows
end

local function numbers(rows, column)
  local list = {}
  for i, row in ipairs(rows) do list[i] = tonumber(row[column]) end
  return list
end

local function assert_near(want, got)
  assert.equal(#want, #got)
  for i, value in ipairs(want) do assert.is_near(value, got[i], 1e-5) end
end

describe("word weights", function()
  local VECTORS = nn.tensor { { 9, 9 }, { 1, 0 }, { 0, 2 }, { 1, 1 } }
  local WORDS = { "good", "bad", "film" }

  -- The mean of the vectors of four words, times (1, -1) for class 0 and (0, 1) for class 1.
  local function reader(trainable)
    local model = nn.Sequential { nn.Input { shape = { 4 } }, layers.Embedding { 4, 2, trainable = trainable },
      layers.GlobalAveragePooling1D {}, layers.Dense { 2 } }
    model:set_weights { VECTORS, nn.tensor { { 1, 0 }, { -1, 1 } }, nn.zeros { 2 } }
    return model
  end

  it("are gradient times input, added up over the places of a word; ids without a word are left out", function()
    local rows = rows_of(plot.word_weights(reader(), nn.tensor({ 2, 1, 2, 0 }, "int32"), { words = WORDS }))
    assert.same({ "bad", "good" }, { rows[1][3], rows[2][3] })
    assert_near({ -1, 0.25 }, numbers(rows, 2))
  end)

  it("are of the class that is asked for, at most so many, also where the vectors are not trained", function()
    local model = reader(false)
    local rows = rows_of(plot.word_weights(model, nn.tensor({ { 3, 1, 2, 3 } }, "int32"), {
      words = function(id) return WORDS[id] end, class = 1, count = 2,
    }))
    assert.same({ "bad", "film" }, { rows[1][3], rows[2][3] })
    assert_near({ 0.5, 0.5 }, numbers(rows, 2))
    assert.is_false(model.layers[1].trainable)
  end)

  it("need an Embedding layer, a class and words", function()
    local ids = nn.tensor({ 1, 1, 1, 1 }, "int32")
    local dense = nn.Sequential { nn.Input { shape = { 4 } }, layers.Dense { 1 } }
    assert.error_matches(function() plot.word_weights(dense, ids, { words = WORDS }) end, "with an Embedding layer")
    assert.error_matches(function() plot.word_weights(reader(), ids, { words = WORDS, class = 2 }) end,
      "got 1x2 and class 2")
    assert.error_matches(function() plot.word_weights(reader(), ids, {}) end, "from ids to words, got nil")
    assert.error_matches(function() plot.word_weights(reader(), ids, { words = {} }) end, "none of the ids has a word")
  end)
end)

describe("a projection", function()
  it("finds the line on which vectors lie", function()
    local vectors = nn.tensor { { 0, 0, 1 }, { 3, 4, 1 }, { 6, 8, 1 }, { 9, 12, 1 } }
    local figure = plot.projection { vectors, labels = { "a", "b", "c", "d" } }
    local rows = rows_of(figure)
    assert_near({ -7.5, -2.5, 2.5, 7.5 }, numbers(rows, 1))
    assert_near({ 0, 0, 0, 0 }, numbers(rows, 2))
    assert.equal("axis 1 (100 % of the variance)", figure.columns[1])
  end)

  it("has the axis of the largest variance first", function()
    local vectors = nn.tensor { { 1, 0, 0 }, { -1, 0, 0 }, { 0, 3, 0 }, { 0, -3, 0 } }
    local rows = rows_of(plot.projection { vectors })
    assert_near({ 0, 0, 3, -3 }, numbers(rows, 1))
    assert_near({ 1, -1, 0, 0 }, numbers(rows, 2))
  end)

  it("wants a matrix", function()
    assert.error_matches(function() plot.projection { nn.tensor { 1, 2 } } end, "two rows and two columns, got 2")
  end)
end)

describe("attention", function()
  local HEADS = nn.tensor { { { 1, 0 }, { 0.5, 0.5 } }, { { 1, 0 }, { 0.1, 0.9 } } }

  it("is drawn of one head, or in the mean", function()
    assert_near({ 1, 0, 0.1, 0.9 }, numbers(rows_of(plot.attention { HEADS, head = 2 }), 3))
    local rows = rows_of(plot.attention { HEADS, queries = { "to", "be" } })
    assert_near({ 1, 0, 0.3, 0.7 }, numbers(rows, 3))
  end)

  it("refuses other shapes and heads", function()
    assert.error_matches(function() plot.attention { nn.zeros { 2 } } end, "of one sample, got 2")
    assert.error_matches(function() plot.attention { HEADS, head = 3 } end, "from 1 to 2, got 3")
  end)
end)

describe("forecasts", function()
  it("stand beside the truth from the position that they forecast first", function()
    local yesterday = { name = "yesterday", values = { 3, 4 }, from = 2 }
    local rows = rows_of(plot.forecast { { 3, 4, 6 }, { yesterday }, first = 11 })
    assert.same({ 11, 12, 13, 12, 13 }, numbers(rows, 1))
    assert.same({ 3, 4, 6, 3, 4 }, numbers(rows, 2))
    assert.same({ "truth", "yesterday" }, { rows[1][5], rows[4][5] })
  end)

  it("name what they do not know", function()
    assert.error_matches(function() plot.forecast { { 1 }, { { values = { 1 }, form = 2 } } } end, "form")
  end)
end)
