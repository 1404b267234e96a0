--- The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl, "Algorithms for hyper-parameter
-- optimization", NIPS 2011), in rounds: all points of a round are chosen from the scores of earlier rounds, so that the
-- result does not depend on which trial ends first.
--
-- The points seen are parted into a few good ones and the rest, and a density is laid over either part. Of some
-- candidates drawn from the good one's, that with the greatest ratio of the two is taken: it has the greatest expected
-- improvement.
local draws = require "nn.search.draws"
local notation = require "nn.support.notation"

local Tpe = { options = { trials = 20 } }
Tpe.__index = Tpe

local CANDIDATES = 24
local MOST_DRAWS = 1000 -- of a parameter for one candidate
local WIDEST, NARROWEST = 0.2, 0.01
local LEAST_CHANGE = 0.1 -- how often a choice is made anew
local GOOD = 0.15        -- the share of points that count as good
local MOST_GOOD = 25
local PER_ROUND = 4      -- trials, where the number of rounds is not given
local FEWEST_STARTS = 5  -- points drawn by chance before the first estimate
local SHARE_OF_STARTS = 0.2

--- @tparam function sampler from `draws.sampler`
-- @tparam table options trials; rounds (one for every four trials after the random ones); seed; starts: how many points
-- are known already
function Tpe.new(sampler, options)
  local wanted = math.max(FEWEST_STARTS, math.ceil(options.trials * SHARE_OF_STARTS))
  local starts = math.max(0, math.min(wanted - (options.known or 0), options.trials))
  local rest = options.trials - starts
  local rounds = options.rounds and math.max(1, options.rounds - (starts > 0 and 1 or 0))
  return setmetatable({
    sampler = sampler, seed = options.seed, planned = options.trials, drawn = 0, seen = {}, starts = starts,
    size = rounds and math.ceil(rest / rounds) or PER_ROUND,
  }, Tpe)
end

-- ---- densities ------------------------------------------------------------------------------------------------------
-- A density is a mean of hills, one around each point seen and a flat one for what nothing is known about. A hill is a
-- product over the parameters, so that what goes well together stays together (as in Falkner, Klein and Hutter, "BOHB",
-- ICML 2018); it is flat along a parameter that its point does not have. Numbers have positions in 0 .. 1.

local function normal_cdf(z)
  -- Abramowitz and Stegun 26.2.17; seven digits.
  local t = 1 / (1 + 0.2316419 * math.abs(z))
  local tail = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z > 0 and 1 - tail or tail
end

-- How far two points lie apart along the parameter in which they differ most.
local function distance(a, b)
  local most = 0
  for name, each in pairs(a.drawn) do
    local other = b.drawn[name]
    local apart = other and math.abs(each.position - other.position) or 0
    most = math.max(most, each.space.kind == "choice" and apart > 0 and 1 or apart)
  end
  return most
end

-- How wide the hill around each point is, as a share of a parameter's range: as far as its nearest neighbour.
local function widths_of(points)
  local widths, narrowest = {}, math.max(NARROWEST, 1 / (2 * (#points + 2)))
  for i, point in ipairs(points) do
    local least = WIDEST
    for k, other in ipairs(points) do
      if k ~= i then least = math.min(least, distance(point, other)) end
    end
    widths[i] = math.max(least, narrowest)
  end
  return widths
end

-- The height at x of the hill around `middle`, along one parameter.
local function height_along(from, middle, x, width)
  if from.kind == "choice" then
    width = math.max(width, LEAST_CHANGE)
    local same = math.floor(middle * from.count) == math.floor(x * from.count)
    return (same and 1 - width or 0) * from.count + width
  end
  local z = (x - middle) / width
  local mass = normal_cdf((1 - middle) / width) - normal_cdf(-middle / width)
  return math.exp(-z * z / 2) / (width * mass * math.sqrt(2 * math.pi))
end

local function height(points, drawn, widths)
  local sum = 1
  for k, point in ipairs(points) do
    local width = widths[k]
    local product = 1
    for name, each in pairs(drawn) do
      local seen = point.drawn[name]
      if seen then product = product * height_along(each.space, seen.position, each.position, width) end
    end
    sum = sum + product
  end
  return sum / (#points + 1)
end

-- A position on the hill around another.
local function near(from, middle, width, uniform)
  if from.kind == "choice" then return uniform() < math.max(width, LEAST_CHANGE) and uniform() or middle end
  while true do
    local radius = math.sqrt(-2 * math.log(1 - uniform()))
    local x = middle + width * radius * math.cos(2 * math.pi * uniform())
    if x >= 0 and x < 1 then return x end
  end
end

-- ---- choosing -------------------------------------------------------------------------------------------------------

-- The best few of the points and the others; of equal ones the earlier is better.
local function part(done)
  local order = table.move(done, 1, #done, 1, {})
  local place = {}
  for i, point in ipairs(done) do place[point] = i end
  table.sort(order, function(a, b)
    if a.loss ~= b.loss then return a.loss < b.loss end
    return place[a] < place[b]
  end)
  local count = math.min(MOST_GOOD, math.max(1, math.ceil(GOOD * #order)))
  return table.move(order, 1, count, 1, {}), table.move(order, count + 1, #order, 1, {})
end

-- A point on the hills around good ones.
local function candidate(self, source, number, good, widths)
  local hill = math.floor(source("the hill of a candidate", number) * (#good + 1)) + 1
  local around, width = good[hill], widths[hill]
  local params, drawn = draws.run(self.sampler, function(name, from)
    local taken = 0
    local function uniform()
      taken = taken + 1
      return source(name, number * MOST_DRAWS + taken)
    end
    local seen = around and around.drawn[name]
    return seen and near(from, seen.position, width, uniform) or uniform()
  end)
  return { params = params, drawn = drawn }
end

-- The most promising of some candidates.
local function choose(self, number, good, bad)
  local source, best, best_ratio = draws.source(self.seed, number), nil, nil
  local good_widths, bad_widths = widths_of(good), widths_of(bad)
  for i = 1, CANDIDATES do
    local point = candidate(self, source, i, good, good_widths)
    local ratio = height(good, point.drawn, good_widths) / height(bad, point.drawn, bad_widths)
    if self.seen[notation.key(point.params)] then ratio = 0 end
    if not best or ratio > best_ratio then best, best_ratio = point, ratio end
  end
  best.number = number
  draws.is_new(self.seen, best.params)
  return best
end

--- The points of the next round; nil when there are no more. What a round has chosen already counts as bad for the rest
-- of it, so that its points keep apart.
-- @tparam {point,...} done each with drawn and loss, the smaller the better
function Tpe:propose(done)
  if self.drawn == self.planned then return nil end
  local points = {}
  local is_start = self.drawn < self.starts
  local last = is_start and self.starts or math.min(self.drawn + self.size, self.planned)
  local good, bad = {}, {}
  if not is_start then good, bad = part(done) end
  for number = self.drawn + 1, last do
    local point = is_start and draws.random(self.sampler, self.seed, number, self.seen)
      or choose(self, number, good, bad)
    points[#points + 1] = point
    bad[#bad + 1] = point
  end
  self.drawn = last
  return points
end

return Tpe
