--- Random numbers: one seed decides everything (`nn.random`, `nn.utils.set_random_seed`).
--
-- There is one counter here. Whoever needs randomness (an initializer, a model's shuffling and dropout) takes the next
-- seed once, in the order of the script, and from it opens streams of its own (engine/base/rng.c), so that what one
-- part draws never shifts what another part gets.
-- @module nn.random
local stream = require "engine.random"
local process = require "engine.process"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"

local random = {}

local state = { seed = nil, taken = 0 }

--- Makes everything random after it repeatable to the bit, Lua's `math.random` included.
-- @function set_seed
-- @tparam integer seed
-- @usage nn.utils.set_random_seed(42)
function random.set_seed(seed)
  if math.type(seed) ~= "integer" then
    blame("set_random_seed: expected a whole number, got %s", blame.got(seed))
  end
  state.seed, state.taken = seed, 0
  math.randomseed(seed)
end

--- Where the sequence of seeds stands, to be given to `restore`.
-- @function state
-- @usage
-- local before = nn.random.state()
-- local noise = nn.random.normal{ shape = { 3 } }
-- nn.random.restore(before) -- the next numbers are those of noise again
function random.state()
  return { seed = state.seed, taken = state.taken }
end

--- Goes on from an earlier state.
-- @function restore
-- @usage
-- local before = nn.random.state()
-- nn.random.restore(before)
function random.restore(earlier)
  state.seed, state.taken = earlier.seed, earlier.taken
end

--- A seed nobody else has; from the clock and the process where none was set.
-- @function next_seed
-- @treturn integer
-- @usage local seed = nn.random.next_seed()
function random.next_seed()
  if not state.seed then
    state.seed = stream.derive(os.time() * 1000003 + process.pid(), math.floor(process.monotonic() * 1e9))
  end
  state.taken = state.taken + 1
  return stream.derive(state.seed, state.taken)
end

local function sampler(name, list, draw)
  local signature = arguments.signature("random." .. name, list)
  return function(given)
    local a = signature(given)
    return draw(a.seed or random.next_seed(), 0, a.shape, a)
  end
end

--- A float32 tensor of normal numbers.
-- @function normal
-- @tparam table options shape, mean (0), stddev (1), seed (the next of the running sequence)
-- @usage nn.random.normal{ shape = { 3, 4 } }
random.normal = sampler("normal", { { "shape", arguments.required }, { "mean", 0 }, { "stddev", 1 }, { "seed" } },
  function(seed, step, shape, a) return stream.normal(seed, step, shape, a.mean, a.stddev) end)

--- A float32 tensor of normal numbers, redrawn beyond two standard deviations.
-- @function truncated_normal
-- @tparam table options shape, mean (0), stddev (1), seed
-- @usage nn.random.truncated_normal{ shape = { 3, 4 }, stddev = 0.1 }
random.truncated_normal = sampler("truncated_normal",
  { { "shape", arguments.required }, { "mean", 0 }, { "stddev", 1 }, { "seed" } },
  function(seed, step, shape, a) return stream.truncated_normal(seed, step, shape, a.mean, a.stddev) end)

--- A float32 tensor of numbers spread evenly over [minval, maxval).
-- @function uniform
-- @tparam table options shape, minval (0), maxval (1), seed
-- @usage nn.random.uniform{ shape = { 3, 4 }, minval = -1 }
random.uniform = sampler("uniform", { { "shape", arguments.required }, { "minval", 0 }, { "maxval", 1 }, { "seed" } },
  function(seed, step, shape, a) return stream.uniform(seed, step, shape, a.minval, a.maxval) end)

local MOST = 2 ^ 24 -- numbers that a uniform float32 tells apart

--- An int32 tensor of whole numbers from minval to maxval - 1, each as likely as the others.
-- @function randint
-- @tparam table options shape, minval, maxval (at most 2^24 above minval), seed
-- @usage nn.random.randint{ shape = { 3, 4 }, minval = 0, maxval = 10 }
random.randint = sampler("randint",
  { { "shape", arguments.required }, { "minval", arguments.required }, { "maxval", arguments.required }, { "seed" } },
  function(seed, step, shape, a)
    for _, name in ipairs { "minval", "maxval" } do
      if math.type(a[name]) ~= "integer" then
        blame("random.randint: %s: expected a whole number, got %s", name, blame.got(a[name]))
      end
    end
    local count = a.maxval - a.minval
    if count < 1 or count > MOST then
      blame("random.randint: maxval: expected minval + 1 to minval + %d, got %d and minval %d", MOST, a.maxval,
        a.minval)
    end
    return (stream.uniform(seed, step, shape, 0, 1) * count):astype "int32" + a.minval
  end)

--- The whole numbers 0 .. n-1 in random order, an int32 tensor.
-- @function permutation
-- @tparam integer n
-- @tparam[opt] integer seed
-- @usage x:gather(nn.random.permutation(#x) + 1)
function random.permutation(n, seed)
  return stream.permutation(seed or random.next_seed(), 0, n)
end

return random
