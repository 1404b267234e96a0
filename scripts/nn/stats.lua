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
local function solve(f, value, tolerance)
  local low, high = 0.0, 1.0
  while f(high) < value do low, high = high, 2 * high end
  while true do
    local middle = (low + high) / 2
    if middle == low or middle == high or high - low < (tolerance or 0) then return middle end
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

-- ---- differences ----------------------------------------------------------------------------------------------------

--- Up to so many pairs all signs are tried; with more, Student's t stands in.
stats.MOST_EXACT = 12

-- How many ways there are to choose some of the sorted numbers from position i on so that their sum stays within room;
-- counting ends beyond `most`.
local function count_subsets(sorted, i, room, most)
  local count = 1
  for k = i, #sorted do
    if sorted[k] > room or count > most then break end
    count = count + count_subsets(sorted, k + 1, room - sorted[k], most - count)
  end
  return count
end

-- Of all ways to give the differences signs, how many make their sum as large as it is or larger, either way.
local function count_flips(differences, most)
  local sizes, total, sum = {}, 0, 0
  for i, difference in ipairs(differences) do
    sizes[i], total, sum = math.abs(difference), total + math.abs(difference), sum + difference
  end
  table.sort(sizes)
  local room = (total - math.abs(sum)) / 2 + 1e-9 * total
  return 2 * count_subsets(sizes, 1, room, most)
end

--- The exact sign-flip test (Fisher, "The design of experiments", 1935, section 21): how likely it is that the mean of
-- paired differences is as far from 0 if each might as well have had the other sign.
-- @tparam {number,...} differences
-- @treturn number p, two-sided; with n differences never below 2 / 2^n
-- @usage stats.sign_flip{ 0.2, 0.1, 0.3, 0.2, 0.1, 0.4 }  --> 0.03125
function stats.sign_flip(differences)
  local ways = 2.0 ^ #differences
  return math.min(1, count_flips(differences, ways) / ways)
end

--- The paired t-test.
-- @tparam {number,...} differences at least two
-- @treturn number p, two-sided
function stats.t_test(differences)
  local mean, sd = stats.mean(differences), stats.sd(differences)
  if sd == 0 then return mean == 0 and 1 or 0 end
  return math.max(0, 1 - t_within(math.abs(mean) / sd * math.sqrt(#differences), #differences - 1))
end

--- Whether the mean of paired differences may be 0: the sign-flip test for up to stats.MOST_EXACT of them, the paired
-- t-test for more.
-- @tparam {number,...} differences one a seed
-- @treturn number p, two-sided; 1 with fewer than two
function stats.paired_test(differences)
  if #differences < 2 then return 1 end
  return #differences <= stats.MOST_EXACT and stats.sign_flip(differences) or stats.t_test(differences)
end

-- The means of all subsets of a list that are not empty, sorted.
local function subset_means(values)
  local sums, counts = { [0] = 0 }, { [0] = 0 }
  local means = {}
  for i, value in ipairs(values) do
    local size = 1 << (i - 1)
    for subset = 0, size - 1 do
      local other = size + subset
      sums[other], counts[other] = sums[subset] + value, counts[subset] + 1
      means[other] = sums[other] / counts[other]
    end
  end
  table.sort(means)
  return means
end

--- The interval for the mean of paired differences that agrees with `stats.paired_test`: 0 lies outside of it exactly
-- where the test finds the mean different from 0. For the sign-flip test its ends are means of subsets of the
-- differences (Hartigan, "Using subsample values as typical values", Journal of the American Statistical Association
-- 64, 1969).
-- @tparam {number,...} differences at least two
-- @tparam number level of the test, such as 0.05
-- @treturn ?number its lower end; nil where the test can find nothing with so few
-- @treturn ?number its upper end
-- @usage stats.paired_interval({ 0.2, 0.1, 0.3, 0.2, 0.1, 0.4 }, 0.05)  --> 0.1, 0.4
function stats.paired_interval(differences, level)
  if #differences > stats.MOST_EXACT then return stats.t_interval(differences, 1 - level) end
  local rank = math.floor(level / 2 * 2.0 ^ #differences + 1e-9)
  if rank < 1 then return nil end
  local means = subset_means(differences)
  return means[rank], means[#means + 1 - rank]
end

--- Corrects the p-values of several tests, so that a true "no difference" is called one in at most 5 % of all such
-- families (Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
-- 1979).
-- @tparam {number,...} ps
-- @treturn {number,...} in the same order; below 0.05 is significant
-- @usage stats.holm{ 0.01, 0.04, 0.03 }  --> { 0.03, 0.06, 0.06 }
function stats.holm(ps)
  local order, adjusted, highest = {}, {}, 0
  for i = 1, #ps do order[i] = i end
  table.sort(order, function(a, b)
    if ps[a] ~= ps[b] then return ps[a] < ps[b] end
    return a < b
  end)
  for rank, i in ipairs(order) do
    highest = math.max(highest, math.min(1, (#ps - rank + 1) * ps[i]))
    adjusted[i] = highest
  end
  return adjusted
end

--- How many seeds it takes before any of several differences can be called significant at all.
-- @tparam integer comparisons corrected for
-- @tparam[opt=0.05] number level
-- @treturn integer
-- @usage stats.fewest_seeds(1)  --> 6
function stats.fewest_seeds(comparisons, level)
  local exact = math.ceil(1 + math.log(comparisons / (level or 0.05), 2) - 1e-9)
  return math.min(math.max(exact, 2), stats.MOST_EXACT + 1)
end

-- ---- power ----------------------------------------------------------------------------------------------------------

local SIMULATIONS = 400

-- Whether a test at this level calls differences significant.
local function is_significant(differences, level)
  local n = #differences
  if n > stats.MOST_EXACT then return stats.t_test(differences) <= level end
  local most = math.floor(level * 2.0 ^ n + 1e-9)
  return most >= 2 and count_flips(differences, most) <= most
end

-- Standard normal numbers, the same each time: Lehmer's generator, Box and Muller's transformation.
local function normals(count)
  local list, state = {}, 20260131
  local function uniform()
    state = state * 48271 % 2147483647
    return state / 2147483647
  end
  for i = 1, count do list[i] = math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform()) end
  return list
end

--- How likely a true difference is found, by simulation: of so many comparisons, corrected for as the first of Holm's.
-- @tparam number ratio of the difference to the standard deviation of the paired differences
-- @tparam integer seeds
-- @tparam[opt=1] integer comparisons
-- @treturn number 0 to 1, give or take 0.025
function stats.power(ratio, seeds, comparisons)
  local noise, found, level = normals(SIMULATIONS * seeds), 0, 0.05 / (comparisons or 1)
  for i = 1, SIMULATIONS do
    local differences = {}
    for k = 1, seeds do differences[k] = ratio + noise[(i - 1) * seeds + k] end
    if is_significant(differences, level) then found = found + 1 end
  end
  return found / SIMULATIONS
end

--- How large a difference must be to be found four times in five.
-- @tparam integer seeds
-- @tparam[opt=1] integer comparisons
-- @treturn ?number in standard deviations of the paired differences; nil where no difference can be called significant
function stats.detectable(seeds, comparisons)
  if seeds < stats.fewest_seeds(comparisons or 1) then return nil end
  return solve(function(ratio) return stats.power(ratio, seeds, comparisons) end, 0.8, 1e-3)
end

return stats
