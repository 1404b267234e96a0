--- Whether the statistics of the reports keep what they promise: sweeps are made in which all variants are the same,
-- and others in which one is better by a known difference, and it is counted what a report would say.
-- @submodule nn
local stream = require "engine.random"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local comparison = require "nn.stats.comparison"
local power = require "nn.stats.power"
local stats = require "nn.stats"

local signature = arguments.signature("calibrate", {
  { "run" }, { "variants", 5 }, { "seeds", 8 }, { "families", 200 }, { "difference", 0.005 }, { "sd", 0.002 },
  { "seed", 1 },
})

local TWO_TO_62 = 2.0 ^ 62

-- A score as of a network with 97 % accuracy: normal around it.
local function simulated(sd)
  return function(seed)
    local u, v = stream.derive(seed, 1) / TWO_TO_62, stream.derive(seed, 2) / TWO_TO_62
    return 0.97 + sd * math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
  end
end

local function check(a)
  for _, name in ipairs { "variants", "seeds", "families" } do
    local least = name == "families" and 1 or 2
    if math.type(a[name]) ~= "integer" or a[name] < least then
      blame("calibrate: %s: expected a whole number from %d, got %s", name, least, blame.got(a[name]))
    end
  end
  if a.run ~= nil and type(a.run) ~= "function" then
    blame("calibrate: run: expected a function(seed) that returns a score, got %s", blame.got(a.run))
  end
end

-- A sweep of equal variants: every score is of a run with a seed of its own.
local function family(a, run, number)
  local items = {}
  for variant = 1, a.variants do
    items[variant] = { scores = {} }
    for seed = 1, a.seeds do
      items[variant].scores[seed] = run(stream.derive(stream.derive(a.seed, number), variant * 1000 + seed))
    end
  end
  return items
end

local function sorted(items)
  local order, mean = table.move(items, 1, #items, 1, {}), {}
  for i, item in ipairs(items) do mean[item] = { stats.mean(item.scores), i } end
  table.sort(order, function(x, y)
    if mean[x][1] ~= mean[y][1] then return mean[x][1] > mean[y][1] end
    return mean[x][2] < mean[y][2]
  end)
  return order
end

-- Whether a report would call anything in a sweep of equals different.
local function is_flagged(items)
  local any = false
  for _, each in ipairs(comparison.with_baseline(items, items[1])) do any = any or each.is_significant end
  local ranks = comparison.ranks(sorted(items), any)
  return any or ranks[#ranks] > 1
end

--- Makes null sweeps and sweeps with a planted difference.
-- @function calibrate
-- @tparam[opt] table options
-- @tparam[opt] function options.run function(seed) -> score, such as a training run with that seed; without it normal
-- numbers with the standard deviation `sd`
-- @tparam[opt=5] integer options.variants in a sweep, the first is the baseline
-- @tparam[opt=8] integer options.seeds of each variant
-- @tparam[opt=200] integer options.families sweeps of either kind, made of the same runs
-- @tparam[opt=0.005] number options.difference planted in the second variant: 0.005 is half a point of accuracy
-- @tparam[opt=0.002] number options.sd of simulated scores
-- @tparam[opt=1] integer options.seed of the whole
-- @treturn table flagged: the share of null sweeps in which something is called different, to be below 0.05; found: the
-- share of the others in which the second variant is; claimed: the power for that difference which the spread seen
-- implies; families
-- @usage print(nn.calibrate{ families = 100 }.flagged)
local function calibrate(options)
  local a = signature(options)
  check(a)
  local run = a.run or simulated(a.sd)
  local flagged, found, squares, pairs_seen = 0, 0, 0, 0
  for number = 1, a.families do
    local items = family(a, run, number)
    if is_flagged(items) then flagged = flagged + 1 end
    local differences = comparison.with_baseline(items, items[1])[1].differences
    squares, pairs_seen = squares + stats.sd(differences) ^ 2, pairs_seen + 1
    for seed, score in ipairs(items[2].scores) do items[2].scores[seed] = score + a.difference end
    if comparison.with_baseline(items, items[1])[1].is_significant then found = found + 1 end
  end
  local sd = math.sqrt(squares / pairs_seen)
  return {
    families = a.families, flagged = flagged / a.families, found = found / a.families, sd = sd,
    claimed = sd > 0 and power.of(a.difference / sd, a.seeds, a.variants - 1) or 1,
  }
end

return { calibrate = calibrate }
