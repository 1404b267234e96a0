--- What advice wants to know of a tensor, found out once, however many models are fitted to it.
local engine = require "engine.data"
local memoize = require "nn.support.memoize"

local facts = {}

local ROWS = 1000       -- of a sample, fewer where rows are long:
local NUMBERS = 1 << 21 -- of a sample, unless that were too few rows
local FEWEST_ROWS = 100
-- The same of a matrix, of which more is computed.
local MATRIX_NUMBERS, MATRIX_FEWEST, COLUMNS = 1 << 18, 300, 256

-- Positions at equal distances.
local function spread(count, most)
  local positions = {}
  for i = 1, most do positions[i] = 1 + (i - 1) * count // most end
  return positions
end

--- At most so many rows, at equal distances.
-- @tparam tensor t
-- @tparam integer rows
-- @treturn tensor
function facts.thin(t, rows) return #t > rows and t:gather(spread(#t, rows)) or t end

local function thin(t, like, numbers, fewest)
  return facts.thin(t, math.max(fewest, math.min(ROWS, numbers * #like // math.max(1, like.size))))
end

--- Rows at equal distances; all where they are few.
-- @function facts.sample
-- @tparam tensor t
-- @treturn tensor
facts.sample = memoize(function(t) return thin(t, t, NUMBERS, FEWEST_ROWS) end)

--- Samples as (rows, features) of float32; of many features some, at equal distances.
-- @tparam tensor t
-- @treturn tensor
function facts.features(t)
  local rows = t:reshape({ #t, -1 }):astype "float32"
  local width = rows.shape[2]
  if width <= COLUMNS then return rows end
  return rows:transpose():gather(spread(width, COLUMNS)):transpose():contiguous()
end

--- The features of some rows at equal distances.
-- @function facts.matrix
-- @tparam tensor t
-- @treturn tensor (rows, features)
facts.matrix = memoize(function(t) return facts.features(thin(t, t, MATRIX_NUMBERS, MATRIX_FEWEST)) end, true)

--- The entries of another tensor that belong to the rows of a matrix.
-- @tparam tensor t targets
-- @tparam tensor inputs
-- @treturn tensor one axis
function facts.beside(t, inputs) return thin(t, inputs, MATRIX_NUMBERS, MATRIX_FEWEST):flatten() end

--- Of all numbers, by feature: low, high, mean, deviation (tensors); broken: how many samples have a number that is not
-- finite; first: the first of them.
-- @function facts.columns
-- @tparam tensor t
-- @treturn table
facts.columns = memoize(engine.columns, true)

-- A hash of each row.
local hashes_of = memoize(engine.row_hashes, true)

--- The hashes of samples, as `engine.data.common_rows` compares them.
-- @tparam {tensor,...} inputs of one or several tensors
-- @treturn string
function facts.hashes(inputs)
  if #inputs == 1 then return hashes_of(inputs[1]) end
  return engine.row_hashes(table.unpack(inputs))
end

--- Whether more than half of a column's values differ, as those of categories do not.
-- @tparam tensor column
-- @treturn boolean
function facts.is_continuous(column)
  local seen, different = {}, 0
  for _, value in ipairs(column:totable()) do
    if value == value and not seen[value] then seen[value], different = true, different + 1 end
  end
  return different > #column / 2
end

--- What a sample says: the lowest and the highest number, the mean square of all, and that of the feature where it is
-- largest.
-- @function facts.range
-- @tparam tensor t
-- @treturn table low, high, mean_square, largest
facts.range = memoize(function(t)
  local rows = facts.matrix(t)
  local squares = rows * rows
  return { low = rows:min(), high = rows:max(), mean_square = squares:mean(), largest = squares:mean(1):max() }
end, true)

return facts
