--- Brings the rows of a data set into a random order that is the same each time.
local random = require "engine.random"
local blame = require "nn.support.blame"

--- Shuffles lists in step, in place.
-- @tparam integer seed
-- @param ... lists of one length
return function(seed, ...)
  if math.type(seed) ~= "integer" then blame("seed: expected an integer, got %s", blame.got(seed)) end
  local order = random.permutation(seed, 0, #(...)):totable()
  for _, list in ipairs { ... } do
    local old = table.move(list, 1, #list, 1, {})
    for i, position in ipairs(order) do list[i] = old[position + 1] end
  end
end
