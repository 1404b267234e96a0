--- What may be said about the variants of one sweep: each against a baseline, paired by seed, corrected for how many
-- there are; ranks, tied where the data cannot separate them; and the simplest that is as good as the best.
local stats = require "nn.stats"

local comparison = {}

local LEVEL = 0.05

-- The differences of two variants at the seeds that both have a score for.
local function differences_of(a, b)
  local list = {}
  for seed, score in pairs(a.scores) do
    if b.scores[seed] then list[#list + 1] = { seed = seed, value = score - b.scores[seed] } end
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

--- Each variant against the baseline.
-- @tparam {{scores={[seed]=number}},...} items
-- @tparam table baseline one of them, or one like them
-- @treturn {{item=,differences=,mean=,low=,high=,p=,adjusted=,is_significant=},...} without the baseline and without
-- those that share fewer than two seeds with it; low, high: 95 % interval (Student's t), not corrected; p: see
-- `stats.paired_test`; adjusted: by Holm's method over the list
function comparison.with_baseline(items, baseline)
  local list, ps = {}, {}
  for _, item in ipairs(items) do
    local differences = item ~= baseline and differences_of(item, baseline) or {}
    if #differences >= 2 then
      local low, high = stats.t_interval(differences)
      list[#list + 1] = {
        item = item, differences = differences, mean = stats.mean(differences), low = low, high = high,
        p = stats.paired_test(differences),
      }
      ps[#ps + 1] = list[#list].p
    end
  end
  for i, adjusted in ipairs(stats.holm(ps)) do
    list[i].adjusted, list[i].is_significant = adjusted, adjusted <= LEVEL
  end
  return list
end

-- Which pairs of items the data separate, corrected over all pairs.
local function separated_pairs(items)
  local ps, pair = {}, {}
  for i = 1, #items do
    for k = i + 1, #items do
      ps[#ps + 1], pair[#pair + 1] = stats.paired_test(differences_of(items[i], items[k])), { i, k }
    end
  end
  local apart = {}
  for n, adjusted in ipairs(stats.holm(ps)) do
    if adjusted <= LEVEL then apart[pair[n][1] .. " " .. pair[n][2]] = true end
  end
  return apart
end

--- Ranks of items that come best first. One has the rank of the first of its group as long as the data do not separate
-- the two. Where no variant differs from the baseline, nothing is separated.
-- @tparam {table,...} items best first
-- @tparam boolean any_significant whether some variant differs from the baseline
-- @treturn {integer,...}
function comparison.ranks(items, any_significant)
  local apart, ranks, leader = any_significant and separated_pairs(items) or {}, {}, 1
  for i = 1, #items do
    if apart[leader .. " " .. i] then leader = i end
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
