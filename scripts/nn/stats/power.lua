--- How large a difference a test over the seeds can find, by simulation.
-- @module nn.stats.power
local stats = require "nn.stats"

local power = {}

local known = {} -- detectable ratios, by seeds and comparisons

local SIMULATIONS = 2000
local TOLERANCE = 1e-3 -- of a detectable difference, in standard deviations
local PROMISED = 0.8   -- "four times in five"

-- Standard normal numbers, the same each time: Lehmer's generator, Box and Muller's transformation.
local function normal_source(state)
  local function uniform()
    state = state * 48271 % 2147483647
    return state / 2147483647
  end
  return function() return math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform()) end
end

-- One simulated sweep: the noise at each seed, and the spread that an earlier sweep with as many seeds would have
-- estimated where the true one is 1: the root of a chi-squared number over its degrees of freedom.
local function draw(source, seeds)
  local noise, squares = {}, 0
  for k = 1, seeds do noise[k] = source() end
  for _ = 2, seeds do squares = squares + source() ^ 2 end
  return { noise = noise, estimate = math.sqrt(squares / math.max(1, seeds - 1)) }
end

local function draws(seeds)
  local source, list = normal_source(20260131), {}
  for i = 1, SIMULATIONS do list[i] = draw(source, seeds) end
  return list
end

-- The share of simulated sweeps in which a true difference is found.
local function share_found(list, level, difference_of)
  local found = 0
  for _, each in ipairs(list) do
    local differences, shift = {}, difference_of(each)
    for k, noise in ipairs(each.noise) do differences[k] = shift + noise end
    if stats.is_significant(differences, level) then found = found + 1 end
  end
  return found / #list
end

--- How likely a true difference is found: of so many comparisons, corrected for as the first of Holm's.
-- @tparam number ratio of the difference to the true standard deviation of the paired differences
-- @tparam integer seeds
-- @tparam[opt=1] integer comparisons
-- @treturn number 0 to 1, give or take 0.01
-- @usage power.of(1.2, 10)
function power.of(ratio, seeds, comparisons)
  return share_found(draws(seeds), 0.05 / (comparisons or 1), function() return ratio end)
end

-- The ratio that keeps the promise, where the spread is estimated from as many seeds.
local function solve(seeds, comparisons)
  local list, low, high = draws(seeds), 0.0, 1.0
  local function keeps(ratio)
    return share_found(list, 0.05 / comparisons, function(each) return ratio * each.estimate end) >= PROMISED
  end
  while not keeps(high) do low, high = high, 2 * high end
  while high - low > TOLERANCE do
    local middle = (low + high) / 2
    if keeps(middle) then high = middle else low = middle end
  end
  return high
end

--- How large a difference must be to be found four times in five. As its size is told in estimated standard deviations,
-- which may be too small, it is larger than it would have to be if the true one were known: over sweeps repeated with
-- the same seeds, the promise holds on average.
-- @tparam integer seeds that both variants share
-- @tparam[opt=1] integer comparisons corrected for
-- @treturn ?number in estimated standard deviations of the paired differences; nil where no difference can be called
-- significant
-- @usage power.detectable(10)
function power.detectable(seeds, comparisons)
  comparisons = comparisons or 1
  if seeds < stats.fewest_seeds(comparisons) then return nil end
  local key = seeds .. " " .. comparisons
  known[key] = known[key] or solve(seeds, comparisons)
  return known[key]
end

--- The difference that the comparisons of one sweep would find four times in five. Each pair has its own spread and its
-- own number of seeds; the median over the pairs is told, which one bad variant does not spoil.
-- @tparam {{differences={number,...}},...} compared
-- @tparam integer comparisons corrected for
-- @treturn ?number nil where nothing can be found, or where no two runs differ
-- @usage power.difference({ { differences = { 0.2, 0.1, 0.3, 0.2, 0.1, 0.4 } } }, 1)
function power.difference(compared, comparisons)
  local list = {}
  for _, each in ipairs(compared) do
    local ratio = power.detectable(#each.differences, comparisons)
    if ratio then list[#list + 1] = ratio * stats.sd(each.differences) end
  end
  local middle = #list > 0 and stats.median(list)
  return middle and middle > 0 and middle or nil
end

return power
