-- Random numbers of a sequence of one's own: `dice(seed)` gives a function that is called as math.random is.
local stream = require "engine.random"

return function(seed)
  local step = 0
  return function(low, high)
    step = step + 1
    local number = (stream.derive(seed, step) >> 11) / 2 ^ 53
    if not low then return number end
    if not high then low, high = 1, low end
    return low + math.floor(number * (high - low + 1))
  end
end
