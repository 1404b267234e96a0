--- Passes: one reading of a dataset from its beginning to its end, and the random numbers drawn in it.
--
-- A pass has a seed and the number of the epoch. All that is random in a dataset follows from these two and from its
-- own place: which transformation, and which element. So a pass can be repeated, and gone on with in its middle.
local engine_random = require "engine.random"
local random = require "nn.random"
local tensor = require "nn.tensor"

local pass = {}

local derive = engine_random.derive

--- @tparam integer|function seed or a function that gives it, called if anything random asks for it
-- @tparam integer epoch
function pass.new(seed, epoch)
  return { seed = seed, epoch = epoch, branch = 0 }
end

local function own_seed(self)
  if type(self.seed) == "function" then return self.seed() end
  return self.seed
end

--- The pass over a part of a dataset, such as a repetition. That over the first one is the pass itself.
-- @tparam table self
-- @tparam integer part from 0
function pass.part(self, part)
  if part == 0 then return self end
  return { seed = self.seed, epoch = self.epoch, branch = derive(self.branch, part) }
end

--- A pass in which nothing depends on the epoch or on who reads, for what is done once for all epochs.
function pass.once()
  return pass.new(0, 1)
end

--- The seed of one transformation.
-- @tparam table self
-- @tparam[opt] integer own the seed that the script gave it
-- @tparam integer place tells apart those without one
function pass.seed_of(self, own, place)
  local seed = own or own_seed(self)
  if not own and place > 0 then seed = derive(seed, place) end
  return self.branch == 0 and seed or derive(seed, self.branch)
end

--- The order in which a dataset of entries gives them in a pass.
-- @tparam table self
-- @tparam node source its settings say is_shuffled and seed
-- @tparam integer count of entries
-- @treturn tensor int32, positions from 0
function pass.order(self, source, count)
  local settings = source.settings
  if not settings.is_shuffled then return tensor.arange(count, "int32") end
  return engine_random.permutation(pass.seed_of(self, settings.seed, source.depth), self.epoch, count)
end

local function after(earlier, next_number, ...)
  random.restore(earlier)
  math.randomseed(next_number) -- Lua tells no state to go back to
  return ...
end

--- Calls a function of the script for one element. What it draws from `nn.random` and `math.random` depends on the pass
-- and the element alone, and the script's own numbers go on as if it had drawn none.
-- @tparam integer seed of the transformation, from `seed_of`
-- @tparam integer epoch
-- @tparam integer element its number
-- @tparam function f
-- @param ... its arguments
function pass.call(seed, epoch, element, f, ...)
  local earlier, next_number = random.state(), math.random(0)
  random.set_seed(derive(derive(seed, epoch), element))
  return after(earlier, next_number, f(...))
end

return pass
