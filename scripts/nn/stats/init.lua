--- Means and their uncertainty: what a report may claim about a handful of training runs.
--
-- Three kinds of 95 % interval are used. Student's t interval over seeds covers the mean over all seeds, on the same
-- samples. Wilson's interval covers the accuracy of one run over all samples. That of nn.sampling covers the score over
-- all seeds and all samples.
-- @module nn.stats
local quantiles = require "nn.stats.quantiles"

local stats = {}

--- The arithmetic mean.
-- @tparam {number,...} values at least one
-- @treturn number
function stats.mean(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  return sum / #values
end

--- The middle one of some values, or the mean of the two in the middle.
-- @tparam {number,...} values at least one
-- @treturn number
-- @usage stats.median{ 3, 1, 2, 9 }  --> 2.5
function stats.median(values)
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  return (sorted[(#sorted + 1) // 2] + sorted[#sorted // 2 + 1]) / 2
end

--- The standard deviation of a sample (dividing by n - 1).
-- @tparam {number,...} values at least two
-- @treturn number
function stats.sd(values)
  local mean, squares = stats.mean(values), 0
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return math.sqrt(squares / (#values - 1))
end

stats.t_quantile, stats.normal_quantile = quantiles.t, quantiles.normal

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
-- @tparam number n of how many
-- @tparam[opt=0.95] number level
-- @tparam[opt] number z standard errors to either side, in place of the level's
-- @treturn number its lower end
-- @treturn number its upper end
-- @usage stats.wilson_interval(0.98, 10000)  --> 0.97707, 0.98256
function stats.wilson_interval(proportion, n, level, z)
  z = z or stats.normal_quantile(level)
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
  return math.max(0, 1 - quantiles.t_within(math.abs(mean) / sd * math.sqrt(#differences), #differences - 1))
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

--- Whether a test at this level finds the mean of paired differences different from 0; as `paired_test`, but faster.
-- @tparam {number,...} differences at least two
-- @tparam number level such as 0.05
-- @treturn boolean
-- @usage stats.is_significant({ 0.2, 0.1, 0.3, 0.2, 0.1, 0.4 }, 0.05)  --> true
function stats.is_significant(differences, level)
  local n = #differences
  if n > stats.MOST_EXACT then return stats.t_test(differences) <= level end
  local most = math.floor(level * 2.0 ^ n + 1e-9)
  return most >= 2 and count_flips(differences, most) <= most
end

return stats
