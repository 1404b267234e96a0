--- How many standard errors a symmetric interval reaches to either side.
-- @module nn.stats.quantiles
local quantiles = {}

--- P(|T| < t) for Student's t: the finite sums in Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3
-- (odd) and 26.7.4 (even).
-- @tparam number t
-- @tparam integer df degrees of freedom
-- @treturn number
-- @usage quantiles.t_within(2, 10)  --> 0.9266
function quantiles.t_within(t, df)
  local angle = math.atan(t / math.sqrt(df))
  local sine, cosine = math.sin(angle), math.cos(angle)
  local odd = df % 2 == 1
  local term, sum = odd and cosine or 1.0, 0.0
  for i = odd and 3 or 2, df, 2 do
    sum = sum + term
    term = term * cosine * cosine * (i - 1) / i
  end
  return odd and 2 / math.pi * (angle + sine * sum) or sine * sum
end

-- P(|Z| < z) for the normal distribution: the series in Marsaglia, "Evaluating the normal distribution", Journal of
-- Statistical Software 11(4), 2004.
local function normal_within(z)
  local term, sum, i = z, 0.0, 1
  while sum + term ~= sum do
    sum = sum + term
    i = i + 2
    term = term * z * z / i
  end
  return 2 * sum * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
end

-- The x >= 0 where a rising function takes that value, by doubling and halving.
local function solve(f, value)
  local low, high = 0.0, 1.0
  while f(high) < value do low, high = high, 2 * high end
  while true do
    local middle = (low + high) / 2
    if middle == low or middle == high then return middle end
    if f(middle) < value then low = middle else high = middle end
  end
end

--- How many standard errors an interval around a mean reaches to either side (normal distribution).
-- @tparam[opt=0.95] number level
-- @treturn number
-- @usage quantiles.normal()  --> 1.9600
function quantiles.normal(level)
  return solve(normal_within, level or 0.95)
end

-- From here on t is nearly linear in 1 / df.
local MANY = 200

--- How many standard errors an interval around a mean reaches to either side (Student's t). Between whole
-- degrees of freedom the logarithm of t is interpolated in 1 / df, as tables advise.
-- @tparam number df degrees of freedom, at least 1: the number of values less one; need not be whole
-- @tparam[opt=0.95] number level between 0 and 1
-- @treturn number
-- @usage quantiles.t(2)  --> 4.3027
function quantiles.t(df, level)
  level = level or 0.95
  local function at(whole) return solve(function(t) return quantiles.t_within(t, whole) end, level) end
  if df >= MANY then
    local z = quantiles.normal(level)
    return z + (at(MANY) - z) * MANY / df
  end
  local below = df // 1 | 0
  if below == df then return at(below) end
  local share = (1 / below - 1 / df) / (1 / below - 1 / (below + 1))
  return at(below) ^ (1 - share) * at(below + 1) ^ share
end

return quantiles
