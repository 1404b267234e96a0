--- Inputs on another scale than those that a model was trained with.
--
-- Training rows are split in two: the even ones give mean and standard deviation of each feature, the odd ones are
-- brought to that scale and compared with the other rows, so that neither side was used for the scale. Two things are
-- compared: the size of a row (the mean square of its features, as a logarithm) and the place of all rows. Both are
-- judged by a t value, and have to be large as well.
--
-- Data in order, such as a time series, may change on their way without any mistake. Where neighbouring training rows
-- are alike, or the last ones differ from those before them, only very different sizes are told.
local engine = require "engine.data"
local facts = require "nn.advice.facts"
local memoize = require "nn.support.memoize"

local scale = {}

local FEWEST = 20      -- rows
local T = 5            -- of which chance gives one in a million
local SIZE = 0.6       -- logarithm of a mean square: a factor of 1.35
local FEATURE_SIZE = 0.4 -- the same of one feature, whose mean square is less sure
local SHIFT = 0.5      -- standard deviations, root mean square over the features
local DIFFERENT = 5    -- times, whatever the training data do
local LAST = 0.2       -- share of the training rows
local NEIGHBOURS = 400 -- rows whose next ones are looked at
local ALIKE, ONE_ALIKE = 0.15, 0.3 -- correlation with the next row: mean over the features, and of one of a few
local FEW = 8          -- features
local EXACT = 1e-4     -- how near the mean of a part must be to 0, its deviation to 1
local ROUNDING = 1e-6  -- of a range
local ONCE = 2         -- features that reach each end of a range once

-- ---- two tables of rows ---------------------------------------------------------------------------------------------

local function every_second(matrix, first)
  local positions = {}
  for i = first, #matrix, 2 do positions[#positions + 1] = i end
  return matrix:gather(positions)
end

-- Rows on the scale of a reference, without features that are constant there.
local function standardize(reference, matrix)
  return (matrix - reference.mean) * reference.factor
end

-- Mean, variance and count of the logarithms of the sizes of rows.
local function describe_sizes(z)
  local n, sum, squares = 0, 0, 0
  for _, size in ipairs((z * z):mean(2):totable()) do
    if size == size and size < math.huge then
      local value = math.log(math.max(size, 1e-12))
      n, sum, squares = n + 1, sum + value, squares + value * value
    end
  end
  local mean = sum / math.max(1, n)
  return { n = n, mean = mean, variance = math.max(0, squares / math.max(1, n) - mean * mean) }
end

local function new_reference(matrix)
  if #matrix < 2 * FEWEST then return nil end
  local found = engine.columns(every_second(matrix, 2))
  local varies = found.deviation:gt(found.mean:abs() * 1e-6)
  if varies:max() == 0 then return nil end
  local reference = { mean = found.mean, factor = varies / (found.deviation + (1 - varies)) }
  reference.z = standardize(reference, every_second(matrix, 1))
  reference.sizes = describe_sizes(reference.z)
  return reference
end

local function t_value(a, b)
  return (b.mean - a.mean) / math.sqrt(a.variance / a.n + b.variance / b.n + 1e-12)
end

-- The mean and the variance of one number for each row: its place on a line.
local function along(z, direction)
  local places = (z * direction):sum(2)
  return { n = #z, mean = places:mean(), variance = places:var() }
end

-- Whether rows lie elsewhere. Their even half gives the direction, the odd half is judged.
local function is_shifted(reference, z)
  local center = reference.z:mean(1)
  local even, odd = every_second(z, 2), every_second(z, 1)
  local direction = even:mean(1) - center
  local moved = (direction * (odd:mean(1) - center)):mean()
  return moved > SHIFT * SHIFT and t_value(along(reference.z, direction), along(odd, direction)) > T
end

-- Whether most of the features differ: a single one, such as the year, may change by itself.
local function is_general(reference, z)
  local varies = reference.factor:gt(0)
  local ratio = ((z * z):mean(1) + 1e-12) / ((reference.z * reference.z):mean(1) + 1e-12)
  local is_moved = ratio:log():abs():gt(FEATURE_SIZE) + (z:mean(1) - reference.z:mean(1)):abs():gt(SHIFT)
  return (is_moved:gt(0) * varies):sum() * 2 > varies:sum()
end

-- Whether rows differ in size or place from those of a reference.
local function differs(reference, matrix)
  local z = standardize(reference, matrix)
  local sizes = describe_sizes(z)
  if sizes.n < FEWEST or not is_general(reference, z) then return false end
  local is_other_size = math.abs(sizes.mean - reference.sizes.mean) > SIZE
    and math.abs(t_value(reference.sizes, sizes)) > T
  return is_other_size or is_shifted(reference, z)
end

-- ---- parts that were scaled on their own ----------------------------------------------------------------------------

local function is_standardized(columns, rows)
  local varies = columns.deviation:gt(0)
  if varies:sum() == 0 then return false end
  local off = (columns.mean:abs() * varies):max()
  local unbiased = math.sqrt((rows - 1) / rows) -- of scalers that divide by n - 1
  local function is_one(deviation) return ((columns.deviation - deviation) * varies):abs():max() < EXACT end
  return off < EXACT and (is_one(1) or is_one(unbiased))
end

-- Whether all features reach the same two ends, which are whole numbers as a scaler's, and some of them each end once:
-- values of a few kinds reach them often.
local function fills_range(t, columns)
  local low, high = columns.low:min(), columns.high:max()
  local rounding = ROUNDING * (high - low)
  local function is_whole(value) return math.abs(value - math.floor(value + 0.5)) <= rounding end
  if columns.low.size < 2 or low == high or not (is_whole(low) and is_whole(high)) then return false end
  if columns.low:max() > low + rounding or columns.high:min() < high - rounding then return false end
  local rows = t:reshape { #t, -1 }
  local is_once = rows:le(low + rounding):sum(1):eq(1) * rows:ge(high - rounding):sum(1):eq(1)
  return is_once:sum() >= ONCE
end

-- Which scaler was fitted to these inputs: all features have exactly mean 0 and deviation 1 ("standard"), or go from
-- one end of a range to the other ("range"); nil where none was. Numbers such as -1 and 1 need no scaler for that.
local function scaler_of(t)
  local columns = facts.columns(t)
  if #t < FEWEST or columns.broken > 0 then return nil end
  if is_standardized(columns, #t) then return facts.is_continuous(facts.matrix(t)[{ {}, 1 }]) and "standard" or nil end
  return t.dtype == "float32" and fills_range(t, columns) and "range" or nil
end

-- ---- training data and others ---------------------------------------------------------------------------------------

local function are_in_order(t)
  local matrix = facts.features(t[{ { 1, math.min(NEIGHBOURS, #t) } }])
  local n = #matrix
  local z = (matrix - matrix:mean(1)) / (matrix:std(1) + 1e-30)
  local alike = (z[{ { 1, n - 1 } }] * z[{ { 2, n } }]):mean(1)
  return alike:mean() > math.max(ALIKE, 4 / math.sqrt(n))
    or alike.size <= FEW and alike:max() > math.max(ONE_ALIKE, 4 / math.sqrt(n))
end

local function drifts(matrix)
  local first = math.floor(#matrix * (1 - LAST))
  local reference = new_reference(matrix[{ { 1, first } }])
  return reference ~= nil and #matrix - first >= FEWEST and differs(reference, matrix[{ { first + 1, #matrix } }])
end

--- What has to be known of training inputs to judge others.
-- @function scale.profile
-- @tparam tensor t
-- @treturn table
scale.profile = memoize(function(t)
  local matrix, range = facts.matrix(t), facts.range(t)
  local is_clean = facts.columns(t).broken == 0
  local has_order = not is_clean or #t < FEWEST or are_in_order(t) or drifts(matrix)
  return {
    size = #t >= FEWEST and is_clean and math.sqrt(range.mean_square) or 0,
    mean = matrix:mean(), deviation = matrix:std(),
    has_order = has_order, reference = not has_order and new_reference(matrix) or nil,
    columns = facts.columns(t), rows = #t,
    width = t.size // #t, is_continuous = facts.is_continuous(matrix[{ {}, 1 }]),
  }
end, true)

--- What is wrong with the scale of inputs.
-- @tparam table profile of the training inputs
-- @tparam tensor t
-- @tparam string what names them, such as "test"
-- @treturn ?string
function scale.fault(profile, t, what)
  if #t < FEWEST or profile.size == 0 or t.size // #t ~= profile.width then return nil end
  if facts.columns(t).broken > 0 then return nil end -- which is said elsewhere
  local matrix = facts.matrix(t)
  local size = math.sqrt(facts.range(t).mean_square)
  local ratio = size / profile.size
  if not (ratio > DIFFERENT or ratio < 1 / DIFFERENT or profile.reference and differs(profile.reference, matrix)) then
    return nil
  end
  if ratio > 1.3 or ratio < 1 / 1.3 then
    return ("the %s inputs are %.3g times as large as the training inputs (root mean square %.3g, in training %.3g); "
      .. "scale both in the same way"):format(what, ratio, size, profile.size)
  end
  return ("the %s inputs are on another scale than the training inputs (mean %.3g and standard deviation %.3g, in "
    .. "training %.3g and %.3g); scale both in the same way"):format(what, matrix:mean(), matrix:std(), profile.mean,
    profile.deviation)
end

--- The kind of scaler that was fitted to inputs which are no training data. Those of training need not look scaled:
-- they may be a part of what was scaled, the rest of which is for validation.
-- @tparam table profile of the training inputs
-- @tparam tensor t
-- @treturn ?string "standard" or "range"
function scale.separate_scaler(profile, t)
  return t.size // #t == profile.width and scaler_of(t) or nil
end

return scale
