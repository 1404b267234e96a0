--- What may be said about the variants of one sweep: which differ, by paired tests over the seeds that are corrected
-- for their number; ranks, tied where the data cannot separate them; and the simplest that is as good as the best.
local stats = require "nn.stats"

local comparison = {}

local LEVEL = 0.05

--- The differences of two variants at the seeds that both have a score for.
-- @tparam {scores={[seed]=number}} a
-- @tparam {scores={[seed]=number}} b
-- @tparam[opt] {[seed]=true} but seeds that are left out
-- @treturn {number,...} a minus b, in the order of the seeds
function comparison.differences(a, b, but)
  local list = {}
  for seed, score in pairs(a.scores) do
    local is_shared = b.scores[seed] and not (but and but[seed])
    if is_shared then list[#list + 1] = { seed = seed, value = score - b.scores[seed] } end
  end
  table.sort(list, function(x, y) return x.seed < y.seed end)
  for i, each in ipairs(list) do list[i] = each.value end
  return list
end

local function mean_of(item)
  local values = {}
  for _, score in pairs(item.scores) do values[#values + 1] = score end
  table.sort(values)
  return #values > 0 and stats.mean(values) or nil, values
end

-- ---- tests ----------------------------------------------------------------------------------------------------------

local function order_by_p(tests)
  local order = table.move(tests, 1, #tests, 1, {})
  local position = {}
  for i, test in ipairs(tests) do position[test] = i end
  table.sort(order, function(a, b)
    if a.p ~= b.p then return a.p < b.p end
    return position[a] < position[b]
  end)
  return order
end

-- Tests a family of pairs by Holm's method. `level` of each is the one at which Holm's method tests it, or would have
-- tested the first that fails: an interval at that level agrees with the outcome.
local function test_all(tests)
  local ps = {}
  for i, test in ipairs(tests) do
    test.p = stats.paired_test(test.differences)
    ps[i] = test.p
  end
  for i, adjusted in ipairs(stats.holm(ps)) do
    tests[i].adjusted, tests[i].is_significant = adjusted, adjusted <= LEVEL
  end
  local count = #tests
  for _, test in ipairs(order_by_p(tests)) do
    test.level = LEVEL / count
    if test.is_significant then count = count - 1 end
  end
  return tests
end

-- All pairs of items that share two seeds at least.
local function all_pairs(items)
  local list = {}
  for i = 1, #items do
    for k = i + 1, #items do
      local differences = comparison.differences(items[i], items[k])
      if #differences >= 2 then list[#list + 1] = { a = items[i], b = items[k], differences = differences } end
    end
  end
  return list
end

-- The other way round, so that the second of a pair comes first.
local function turned(test)
  local negated = {}
  for i, value in ipairs(test.differences) do negated[i] = -value end
  test.a, test.b, test.differences = test.b, test.a, negated
  return test
end

local function pairs_with(items, baseline)
  local list = {}
  for _, item in ipairs(items) do
    local differences = item ~= baseline and comparison.differences(item, baseline) or {}
    if #differences >= 2 then list[#list + 1] = { a = item, b = baseline, differences = differences } end
  end
  return list
end

--- Each variant against the baseline.
-- @tparam {{scores={[seed]=number}},...} items
-- @tparam table baseline one of them
-- @tparam[opt=false] boolean is_chosen whether the baseline was chosen by its score, as the best: then the tests are
-- corrected for all pairs, among which the choice was made
-- @treturn {{item=,differences=,mean=,p=,adjusted=,is_significant=,level=},...} without the baseline and without
-- those that share fewer than two seeds with it; p: see `stats.paired_test`; adjusted: by Holm's method; level: for
-- `stats.paired_interval`, so that the interval agrees with the test
-- @treturn integer how many tests were corrected for
function comparison.with_baseline(items, baseline, is_chosen)
  local tests = test_all(is_chosen and all_pairs(items) or pairs_with(items, baseline))
  local list = {}
  for _, test in ipairs(tests) do
    if test.a == baseline then turned(test) end
    if test.b == baseline then
      test.item, test.mean = test.a, stats.mean(test.differences)
      list[#list + 1] = test
    end
  end
  return list, #tests
end

-- Which pairs of items the data separate, corrected over all pairs.
local function separated_pairs(items)
  local apart = {}
  for _, item in ipairs(items) do apart[item] = {} end
  for _, test in ipairs(test_all(all_pairs(items))) do apart[test.a][test.b] = test.is_significant end
  return apart
end

--- Ranks of items that come best first. One has the rank of the first of its group as long as the data do not separate
-- the two. Where no variant differs from the baseline, nothing is separated.
-- @tparam {table,...} items best first
-- @tparam boolean any_significant whether some variant differs from the baseline
-- @treturn {integer,...}
function comparison.ranks(items, any_significant)
  local ranks, leader = {}, 1
  local apart = any_significant and separated_pairs(items)
  for i, item in ipairs(items) do
    if apart and apart[items[leader]][item] then leader = i end
    ranks[i] = leader
  end
  return ranks
end

--- The item with the fewest parameters among those whose mean lies within one standard error of the best one's.
-- @tparam {{scores=,parameters=},...} items best first
-- @treturn ?table nil where the best has fewer than two scores
function comparison.simplest(items)
  local best, values = mean_of(items[1])
  if #values < 2 then return nil end
  local error_of_best, simplest = stats.sd(values) / math.sqrt(#values), items[1]
  for _, item in ipairs(items) do
    local mean = mean_of(item)
    local is_near = mean and math.abs(mean - best) <= error_of_best
    if is_near and (item.parameters or math.huge) < (simplest.parameters or math.huge) then simplest = item end
  end
  return simplest, error_of_best
end

return comparison
