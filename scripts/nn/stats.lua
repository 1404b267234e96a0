--- Means and their uncertainty: what a report may claim about a handful of training runs.
--
-- Two kinds of 95 % interval are used. Over several seeds, Student's t interval for the mean: it tells how far the
-- mean of as many other seeds may lie. For a single accuracy, Wilson's interval: it tells how far the accuracy on as
-- many other samples may lie, and says nothing about other seeds.
-- @module nn.stats
local stats = {}

--- The arithmetic mean.
-- @tparam {number,...} values at least one
-- @treturn number
function stats.mean(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  return sum / #values
end

--- The standard deviation of a sample (dividing by n - 1).
-- @tparam {number,...} values at least two
-- @treturn number
function stats.sd(values)
  local mean, squares = stats.mean(values), 0
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return math.sqrt(squares / (#values - 1))
end

-- P(|T| < t) for Student's t: the finite sums for a whole number of degrees of freedom in Abramowitz and Stegun,
-- Handbook of Mathematical Functions, 26.7.3 (odd) and 26.7.4 (even).
local function t_within(t, df)
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

--- How many standard errors an interval around a mean reaches to either side (Student's t).
-- @tparam integer df degrees of freedom, at least 1: the number of values less one
-- @tparam[opt=0.95] number level between 0 and 1
-- @treturn number
-- @usage stats.t_quantile(2)  --> 4.3027
function stats.t_quantile(df, level)
  return solve(function(t) return t_within(t, df) end, level or 0.95)
end

--- The same for the normal distribution.
-- @tparam[opt=0.95] number level
-- @treturn number
-- @usage stats.normal_quantile()  --> 1.9600
function stats.normal_quantile(level)
  return solve(normal_within, level or 0.95)
end

--- The interval for the mean of a normal population (Student, "The probable error of a mean", Biometrika 6, 1908).
-- @tparam {number,...} values at least two
-- @tparam[opt=0.95] number level
-- @treturn number its lower end
-- @treturn number its upper end
function stats.t_interval(values, level)
  local mean = stats.mean(values)
  local reach = stats.t_quantile(#values - 1, level) * stats.sd(values) / math.sqrt(#values)
  return mean - reach, mean + reach
end

--- The interval for a proportion (Wilson, "Probable inference, the law of succession, and statistical inference",
-- Journal of the American Statistical Association 22, 1927).
-- @tparam number proportion the share seen, 0 to 1
-- @tparam integer n of how many
-- @tparam[opt=0.95] number level
-- @treturn number its lower end
-- @treturn number its upper end
-- @usage stats.wilson_interval(0.98, 10000)  --> 0.97707, 0.98256
function stats.wilson_interval(proportion, n, level)
  local z = stats.normal_quantile(level)
  local scale = 1 / (1 + z * z / n)
  local middle = scale * (proportion + z * z / (2 * n))
  local reach = scale * z * math.sqrt(proportion * (1 - proportion) / n + z * z / (4 * n * n))
  return math.max(0, middle - reach), math.min(1, middle + reach)
end

return stats
