--- Made-up points in the plane for first experiments, with scikit-learn's names: x (n, 2), and class ids y (n) that
-- count from 0.
-- @submodule nn.datasets
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local random = require "nn.random"
local stream = require "engine.random"
local tensor = require "nn.tensor"

local generated = {}

local SIZE = { "n_samples", 100, kinds.whole(2) }
local SHUFFLE, NOISE, SEED = { "shuffle", true }, { "noise", 0 }, { "random_state", nil, kinds.whole(0) }

local NOISE_STEP, ORDER_STEP, PLACE_STEP = 1, 2, 3 -- of the seed's stream

-- Points and classes as tensors, with noise, in random order.
local function finish(points, classes, given)
  local seed = given.random_state or random.next_seed()
  local x, y = tensor.tensor(points), tensor.tensor(classes)
  if given.noise > 0 then x = x + stream.normal(seed, NOISE_STEP, { #points, 2 }, 0, given.noise) end
  if not given.shuffle then return x, y end
  local order = stream.permutation(seed, ORDER_STEP, #points) + 1
  return x:gather(order), y:gather(order)
end

-- Adds `count` points of a class: at(t) gives the point for t from 0 to 1, `last` whether 1 is among them.
local function add(points, classes, class, count, last, at)
  for i = 0, count - 1 do
    local t = i / math.max(last and count - 1 or count, 1)
    points[#points + 1], classes[#classes + 1] = { at(t) }, class
  end
end

local function reader(name, list)
  local read = arguments.signature("datasets." .. name, list)
  return function(options)
    local given = read(options)
    if not kinds.number.fits(given.noise) or given.noise < 0 then
      blame("%s: noise: expected a standard deviation of at least 0, got %s", name, blame.got(given.noise))
    end
    return given
  end
end

local read_circles = reader("make_circles", { SIZE, SHUFFLE, NOISE, SEED, { "factor", 0.8 } })

--- A large circle (class 0) around a small one (class 1).
-- @function make_circles
-- @tparam[opt] table options n_samples (100), shuffle (true), noise (0: the standard deviation of what is added to
-- each coordinate), random_state (a seed; the next one if left out), factor (0.8: the small circle's radius)
-- @treturn tensor x (n, 2)
-- @treturn tensor y (n) class ids
-- @usage local x, y = nn.datasets.make_circles{ n_samples = 300, noise = 0.05, factor = 0.5 }
function generated.make_circles(options)
  local given = read_circles(options)
  if type(given.factor) ~= "number" or not (given.factor >= 0 and given.factor < 1) then
    blame("make_circles: factor: expected a number from 0 to below 1, got %s", blame.got(given.factor))
  end
  local points, classes, outer = {}, {}, given.n_samples // 2
  local function circle(radius)
    return function(t) return radius * math.cos(2 * math.pi * t), radius * math.sin(2 * math.pi * t) end
  end
  add(points, classes, 0, outer, false, circle(1))
  add(points, classes, 1, given.n_samples - outer, false, circle(given.factor))
  return finish(points, classes, given)
end

local read_moons = reader("make_moons", { SIZE, SHUFFLE, NOISE, SEED })

--- Two half circles that reach into each other.
-- @function make_moons
-- @tparam[opt] table options n_samples (100), shuffle (true), noise (0), random_state
-- @treturn tensor x (n, 2)
-- @treturn tensor y (n) class ids
-- @usage local x, y = nn.datasets.make_moons{ n_samples = 300, noise = 0.1 }
function generated.make_moons(options)
  local given = read_moons(options)
  local points, classes, upper = {}, {}, given.n_samples // 2
  add(points, classes, 0, upper, true, function(t) return math.cos(math.pi * t), math.sin(math.pi * t) end)
  add(points, classes, 1, given.n_samples - upper, true, function(t)
    return 1 - math.cos(math.pi * t), 0.5 - math.sin(math.pi * t)
  end)
  return finish(points, classes, given)
end

local read_spirals = reader("make_spirals", { SIZE, SHUFFLE, NOISE, SEED, { "turns", 1.5 },
  { "arms", 2, kinds.whole(2) } })

--- Spirals from the middle outwards, one for each class.
-- @function make_spirals
-- @tparam[opt] table options n_samples (100), shuffle (true), noise (0), random_state, turns (1.5), arms (2)
-- @treturn tensor x (n, 2), at most 1 from the middle before noise
-- @treturn tensor y (n) class ids
-- @usage local x, y = nn.datasets.make_spirals{ n_samples = 400, noise = 0.02 }
function generated.make_spirals(options)
  local given = read_spirals(options)
  local points, classes, left = {}, {}, given.n_samples
  for arm = 0, given.arms - 1 do
    local count = left // (given.arms - arm)
    left = left - count
    add(points, classes, arm, count, true, function(t)
      local radius, angle = 0.05 + 0.95 * t, 2 * math.pi * (given.turns * t + arm / given.arms)
      return radius * math.cos(angle), radius * math.sin(angle)
    end)
  end
  return finish(points, classes, given)
end

local read_xor = reader("make_xor", { SIZE, NOISE, SEED })

--- Points of the square from -1 to 1, of class 1 if exactly one of their coordinates is above 0: exclusive or.
-- @function make_xor
-- @tparam[opt] table options n_samples (100), noise (0), random_state
-- @treturn tensor x (n, 2)
-- @treturn tensor y (n) class ids
-- @usage local x, y = nn.datasets.make_xor{ n_samples = 200 }
function generated.make_xor(options)
  local given = read_xor(options)
  given.random_state, given.shuffle = given.random_state or random.next_seed(), false
  local places = stream.uniform(given.random_state, PLACE_STEP, { given.n_samples, 2 }, -1, 1)
  local points, classes = places:totable(), {}
  for i, point in ipairs(points) do classes[i] = (point[1] > 0) ~= (point[2] > 0) and 1 or 0 end
  return finish(points, classes, given)
end

return generated
