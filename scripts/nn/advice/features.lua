--- Single features of training inputs that are of no use, or too good to be true.
local facts = require "nn.advice.facts"

local features = {}

local FEWEST = 20        -- rows
local MOST = 64          -- features of a table; what has more is made of pixels or words, many of which are always 0
local ISOLATED = 2       -- times the range of all other values, to the next of them
local REPEATED = 3       -- rows with the isolated value
local MOST_ZEROS = 0.5   -- of the rows: with more, 0 is the usual value, as of counts and weights of words
local DISTINCT = 10      -- other values, for a feature that is no category

local function is_table(t) return t.ndim == 2 and t.shape[2] <= MOST and #t >= FEWEST end

local function positions_of(mask)
  local list = {}
  for i, value in ipairs(mask:totable()) do
    if value ~= 0 then list[#list + 1] = i end
  end
  return list
end

--- Features with one value in all rows. Zeros say nothing where other features are never below 0: they may be counts,
-- pixels or categories.
-- @tparam tensor t training inputs
-- @treturn {integer,...} positions
function features.constant(t)
  if not is_table(t) then return {} end
  local columns, constant = facts.columns(t), {}
  local others = columns.deviation:gt(0)
  local has_dense_others = (columns.low:ne(0) * others):sum() * 2 > others:sum()
  for _, i in ipairs(positions_of(columns.low:eq(columns.high))) do
    if columns.low[i] ~= 0 or has_dense_others then constant[#constant + 1] = i end
  end
  return others:sum() > 0 and constant or {}
end

-- Whether so many of a column's other values differ that they are numbers, not categories.
local function is_numeric(column, but)
  local seen, count = {}, 0
  for _, value in ipairs(column:totable()) do
    if value ~= but and value == value and not seen[value] then
      seen[value], count = true, count + 1
    end
  end
  return count >= DISTINCT
end

-- The values at one end of each column, and how far they are from the next in ranges of the others.
local function isolation(matrix, ends, other_ends, least_or_most)
  local is_end = matrix:eq(ends)
  local others = matrix * (1 - is_end) + other_ends * is_end
  local next_values = others[least_or_most](others, 1)
  local gap, range = (next_values - ends):abs(), (other_ends - next_values):abs()
  return gap / (range + 1e-30), is_end:sum(1)
end

--- Values that stand for what is missing: repeated in a feature, and far from all its other values.
-- @tparam tensor t
-- @treturn {{position=integer,value=number,count=integer},...} of a sample of the rows
function features.sentinels(t)
  local is_column = t.ndim == 1 or t.ndim == 2 and t.shape[2] == 1
  if not is_table(is_column and t:reshape { -1, 1 } or t) or facts.columns(t).broken > 0 then return {} end
  local matrix, found = facts.matrix(t), {}
  local low, high = matrix:min(1), matrix:max(1)
  for _, side in ipairs { { low, high, "min" }, { high, low, "max" } } do
    local ends = side[1]
    local far, counts = isolation(matrix, ends, side[2], side[3])
    local is_rare = (ends:ne(0) + counts:le(#matrix * MOST_ZEROS)):gt(0)
    for _, i in ipairs(positions_of(far:gt(ISOLATED) * counts:ge(REPEATED) * low:ne(high) * is_rare)) do
      if is_numeric(matrix[{ {}, i }], ends[i]) then
        found[#found + 1] = { position = i, value = ends[i], count = math.tointeger(counts[i]) or counts[i] }
      end
    end
  end
  return found
end

return features
