--- Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, JMLR 18, 2018): successive halving several times over,
-- from many points that begin with few epochs to few that have all of them, as it is not known which way pays.
local Halving = require "nn.search.halving"

local Hyperband = { options = { min_epochs = 1, max_epochs = false, factor = 3 } }
Hyperband.__index = Hyperband

--- @tparam function sampler from `draws.sampler`
-- @tparam table options min_epochs (1), max_epochs, factor (3), seed
function Hyperband.new(sampler, options)
  local factor, most = options.factor, options.max_epochs
  local last = math.floor(math.log(most / options.min_epochs, factor) + 1e-9)
  local self = { brackets = {}, current = 1, planned = 0 }
  local first = 1
  for s = last, 0, -1 do
    local trials = math.ceil((last + 1) / (s + 1) * factor ^ s - 1e-9)
    local bracket = Halving.new(sampler, {
      trials = trials, min_epochs = most / factor ^ s - 1e-9, max_epochs = most, factor = factor, seed = options.seed,
      first = first,
    })
    self.brackets[#self.brackets + 1] = bracket
    self.planned, first = self.planned + bracket.planned, first + trials
  end
  return setmetatable(self, Hyperband)
end

--- The points of the next step of the current bracket; nil when there are no more.
function Hyperband:propose()
  while self.brackets[self.current] do
    local points = self.brackets[self.current]:propose()
    if points then return points end
    self.current = self.current + 1
  end
end

return Hyperband
