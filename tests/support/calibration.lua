--- Simulated runs whose truth is known, and how often the statistics of the reports hold on them.
local collapse = require "nn.stats.collapse"
local comparison = require "nn.stats.comparison"
local power = require "nn.stats.power"
local sampling = require "nn.stats.sampling"
local stats = require "nn.stats"

local calibration = {}

-- ---- random numbers -------------------------------------------------------------------------------------------------

local function normal()
  return math.sqrt(-2 * math.log(1 - math.random())) * math.cos(2 * math.pi * math.random())
end

-- ---- accuracies -----------------------------------------------------------------------------------------------------

local function logistic(x) return 1 / (1 + math.exp(-x)) end

-- The mean of logistic(middle + sd * Z), by the trapezoidal rule.
local function mean_logistic(middle, sd)
  local sum, weights = 0, 0
  for z = -8, 8, 0.01 do
    local weight = math.exp(-z * z / 2)
    sum, weights = sum + weight * logistic(middle + sd * z), weights + weight
  end
  return sum / weights
end

-- Where the middle lies for a mean accuracy.
local function middle_for(accuracy, sd)
  local low, high = -60, 60
  for _ = 1, 60 do
    local middle = (low + high) / 2
    if mean_logistic(middle, sd) < accuracy then low = middle else high = middle end
  end
  return low
end

-- Whether each run is right at each sample: P = logistic(middle + a(seed) + b(sample)), the b shared by all runs.
-- With `identical` all runs are right at the same samples.
local function accuracy_runs(case, middle)
  local runs, of_seed = {}, {}
  for s = 1, case.seeds do runs[s], of_seed[s] = {}, math.exp(-case.sd_seed * normal()) end
  for i = 1, case.samples do
    local odds = math.exp(-middle - case.sd_sample * normal())
    local same = math.random()
    for s = 1, case.seeds do
      if case.identical then
        runs[s][i] = same < case.accuracy and 1 or 0
      else
        runs[s][i] = math.random() * (1 + odds * of_seed[s]) < 1 and 1 or 0
      end
    end
  end
  return runs
end

local function table_of(runs)
  local scores = sampling.new()
  for _, values in ipairs(runs) do scores:add(values) end
  return scores
end

local function means_of(runs)
  local means = {}
  for s, values in ipairs(runs) do means[s] = stats.mean(values) end
  return means
end

local function covers(low, high, truth)
  return low ~= nil and truth >= low - 1e-12 and truth <= high + 1e-12
end

--- How often the intervals of accuracies hold the accuracy over all seeds and samples.
-- @tparam table case seeds, samples, accuracy, sd_seed and sd_sample (of the log odds), identical, families, seed
-- @treturn table both: of the interval for new samples and new seeds; seeds: of Student's over the seeds alone (nil
-- with fewer than 3)
function calibration.accuracy(case)
  math.randomseed(case.seed or 1)
  local middle = middle_for(case.accuracy, math.sqrt(case.sd_seed ^ 2 + case.sd_sample ^ 2))
  local both, seeds = 0, 0
  for _ = 1, case.families do
    local runs = accuracy_runs(case, middle)
    local low, high = table_of(runs):interval { proportion = true, low = 0, high = 1 }
    if covers(low, high, case.accuracy) then both = both + 1 end
    if case.seeds >= 3 then
      low, high = stats.t_interval(means_of(runs))
      if covers(low, high, case.accuracy) then seeds = seeds + 1 end
    end
  end
  return { both = both / case.families, seeds = case.seeds >= 3 and seeds / case.families or nil }
end

--- The same for squared errors: residual = seed's offset + sample's + the rest, all normal.
-- @tparam table case seeds, samples, sd_seed, sd_sample, sd_rest, families, seed
-- @treturn number
function calibration.squared_error(case)
  math.randomseed(case.seed or 1)
  local truth, held = case.sd_seed ^ 2 + case.sd_sample ^ 2 + case.sd_rest ^ 2, 0
  for _ = 1, case.families do
    local runs, of_seed = {}, {}
    for s = 1, case.seeds do runs[s], of_seed[s] = {}, case.sd_seed * normal() end
    for i = 1, case.samples do
      local of_sample = case.sd_sample * normal()
      for s = 1, case.seeds do runs[s][i] = (of_seed[s] + of_sample + case.sd_rest * normal()) ^ 2 end
    end
    local low, high = table_of(runs):interval { low = 0 }
    if covers(low, high, truth) then held = held + 1 end
  end
  return held / case.families
end

-- ---- comparisons ----------------------------------------------------------------------------------------------------

local DRAWS = {
  normal = normal,
  ["heavy tails"] = function() return normal() / math.sqrt((normal() ^ 2 + normal() ^ 2 + normal() ^ 2) / 3) end,
  bounded = function() return -math.abs(normal()) end,
}

-- A sweep of equal variants that share the luck of their seeds.
local function sweep_of(case)
  local items, draw, common = {}, DRAWS[case.noise or "normal"], {}
  for seed = 1, case.seeds do common[seed] = normal() end
  for v = 1, case.variants do
    items[v] = { scores = {} }
    for seed = 1, case.seeds do items[v].scores[seed] = common[seed] + draw() end
  end
  return items
end

--- How often something is called different in a sweep of equal variants.
-- @tparam table case variants, seeds, noise ("normal", "heavy tails", "bounded"), families, seed
-- @treturn number
function calibration.null(case)
  math.randomseed(case.seed or 1)
  local flagged = 0
  for _ = 1, case.families do
    local items, any = sweep_of(case), false
    for _, each in ipairs(comparison.with_baseline(items, items[1])) do any = any or each.is_significant end
    if any then flagged = flagged + 1 end
  end
  return flagged / case.families
end

--- How often the difference that a report promises to find four times in five is found: the spread is taken from one
-- sweep, the difference planted in another.
-- @tparam table case variants, seeds, noise, families, seed
-- @treturn number
function calibration.promise(case)
  math.randomseed(case.seed or 1)
  local found = 0
  for _ = 1, case.families do
    local first = sweep_of(case)
    local difference = power.difference(comparison.with_baseline(first, first[1]))
    local second = sweep_of(case)
    for seed, score in pairs(second[2].scores) do second[2].scores[seed] = score + difference end
    if comparison.with_baseline(second, second[1])[1].is_significant then found = found + 1 end
  end
  return found / case.families
end

--- Two variants with the same mean, of which one is better but for a run that collapses now and then: how often they
-- are called different, and how often a run is said to have collapsed.
-- @tparam table case seeds, chance (of a collapse), families, seed
-- @treturn table flagged, named; seen: in how many sweeps a run collapsed
function calibration.rare_collapse(case)
  math.randomseed(case.seed or 1)
  local flagged, named, seen, depth = 0, 0, 0, 0.87
  for _ = 1, case.families do
    local steady, other, any = { scores = {} }, { scores = {} }, false
    for seed = 1, case.seeds do
      steady.scores[seed] = 0.97 - case.chance * depth + 0.002 * normal()
      local collapses = math.random() < case.chance
      other.scores[seed], any = 0.97 + 0.002 * normal() - (collapses and depth or 0), any or collapses
    end
    if any then seen = seen + 1 end
    if comparison.with_baseline({ steady, other }, steady)[1].is_significant then flagged = flagged + 1 end
    if select(2, collapse.of(other.scores, "max", 0.1)) > 0 then named = named + 1 end
  end
  return { flagged = flagged / case.families, named = named / case.families, seen = seen / case.families }
end

-- ---- the best of several --------------------------------------------------------------------------------------------

--- How often the interval over seeds of the best of equal variants holds the truth, on the seeds that chose it and on
-- fresh ones.
-- @tparam table case variants, seeds, fresh, families, seed
-- @treturn table chosen, fresh
function calibration.best(case)
  math.randomseed(case.seed or 1)
  local chosen, fresh = 0, 0
  for _ = 1, case.families do
    local best
    for _ = 1, case.variants do
      local scores = {}
      for s = 1, case.seeds do scores[s] = normal() end
      if not best or stats.mean(scores) > stats.mean(best) then best = scores end
    end
    local again = {}
    for s = 1, case.fresh do again[s] = normal() end
    local low, high = stats.t_interval(best)
    if covers(low, high, 0) then chosen = chosen + 1 end
    low, high = stats.t_interval(again)
    if covers(low, high, 0) then fresh = fresh + 1 end
  end
  return { chosen = chosen / case.families, fresh = fresh / case.families }
end

return calibration
