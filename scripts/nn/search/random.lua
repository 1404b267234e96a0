--- Random search: each trial's parameters are drawn by chance, from a stream of its own.
local draws = require "nn.search.draws"

local Random = { options = { trials = 20 } }
Random.__index = Random

--- @tparam function sampler from `draws.sampler`
-- @tparam table options trials, rounds (1), seed
function Random.new(sampler, options)
  local size = math.ceil(options.trials / (options.rounds or 1))
  return setmetatable({
    sampler = sampler, seed = options.seed, planned = options.trials, size = size, drawn = 0, seen = {},
  }, Random)
end

--- The points of the next round; nil when there are no more.
function Random:propose()
  if self.drawn == self.planned then return nil end
  local points = {}
  for number = self.drawn + 1, math.min(self.drawn + self.size, self.planned) do
    points[#points + 1] = draws.random(self.sampler, self.seed, number, self.seen)
  end
  self.drawn = self.drawn + #points
  return points
end

return Random
