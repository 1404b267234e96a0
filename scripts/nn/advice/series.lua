--- Mistakes with series: windows that overlap from one part of the data to another, and a scaler that saw what comes
-- later.
local engine = require "engine.data"
local facts = require "nn.advice.facts"

local series = {}

local FEWEST = 20      -- rows
local STEPS = 5        -- of a window, which are enough to tell windows apart
local REPEATED = 0.1   -- share of windows that are there several times, beyond which equal ones say nothing
local OVERLAPPING = 0.3 -- share of the held-out windows; few overlap where one part follows the other
local ROUNDING = 1e-6  -- of a range
local MISSED = 0.01    -- part of the range that training does not reach
local NEAR, FAR = 0.02, 0.1 -- distance of means from 0 and of deviations from 1: of both parts, and of training alone

-- ---- windows --------------------------------------------------------------------------------------------------------

-- Hashes of some steps of each window, from a position in its middle on.
local function hashes(t, shift)
  local first = t.shape[2] // 2 - STEPS // 2 + shift
  return facts.hashes { t[{ {}, { first, first + STEPS - 1 } }]:contiguous() }
end

--- How many windows begin one step after one of the training windows. Where windows were cut from a series before they
-- were shared out at random, most do.
-- @tparam tensor training (windows, steps) or (windows, steps, features)
-- @tparam tensor other
-- @treturn ?integer nil where there are too few to tell
function series.overlap(training, other)
  if training.ndim < 2 or training.ndim > 3 or #training < FEWEST or #other < FEWEST then return nil end
  local steps = training.shape[2]
  if steps < STEPS + 2 or other.ndim ~= training.ndim or other.shape[2] ~= steps then return nil end
  local later = hashes(training, 1)
  local _, single = engine.distinct_rows(later)
  if single < (1 - REPEATED) * #training then return nil end
  local shared = engine.common_rows(engine.row_set(later), hashes(other, 0))
  return shared > OVERLAPPING * #other and shared or nil
end

-- ---- scalers --------------------------------------------------------------------------------------------------------

-- Whether both parts together reach exactly two whole numbers, one of which training alone does not come near.
local function is_range_of_both(training, other)
  local low, high = math.min(training.low:min(), other.low:min()), math.max(training.high:max(), other.high:max())
  local size = high - low
  local function is_whole(value) return math.abs(value - math.floor(value + 0.5)) <= ROUNDING * size end
  if not (size > 0 and size <= 2 and is_whole(low) and is_whole(high)) then return false end
  return training.low:min() > low + MISSED * size or training.high:max() < high - MISSED * size
end

-- Whether both parts together have mean 0 and deviation 1 in each feature, and training alone has not.
local function is_standard_of_both(training, other, share)
  local mean = training.mean * share + other.mean * (1 - share)
  local squares = (training.deviation ^ 2 + training.mean ^ 2) * share
    + (other.deviation ^ 2 + other.mean ^ 2) * (1 - share)
  local deviation = (squares - mean ^ 2):maximum(0):sqrt()
  local varies = training.deviation:gt(0)
  if varies:sum() == 0 then return false end
  local function distance(m, d) return (m:abs():maximum((d - 1):abs()) * varies):max() end
  return distance(mean, deviation) < NEAR and distance(training.mean, training.deviation) > FAR
end

--- Whether a scaler was fitted to the training data and to what comes after them.
-- @tparam tensor training in the order of time
-- @tparam tensor other
-- @treturn boolean
function series.is_scaled_with(training, other)
  if training.dtype ~= "float32" or other.dtype ~= "float32" or #training < FEWEST or #other < 1 then return false end
  local a, b = facts.columns(training), facts.columns(other)
  if a.broken > 0 or b.broken > 0 or a.low.size ~= b.low.size then return false end
  return is_range_of_both(a, b) or is_standard_of_both(a, b, #training / (#training + #other))
end

return series
