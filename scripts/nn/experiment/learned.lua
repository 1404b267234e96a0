--- Which weights hold something learned: those that were trained, or set from elsewhere. The others are as their
-- initializers made them.
local learned = {}

local known = setmetatable({}, { __mode = "k" }) -- weights

--- Notes that weights are no longer as they were initialized.
-- @tparam {tensor,...} weights
function learned.note(weights)
  for _, weight in ipairs(weights) do known[weight] = true end
end

--- Whether a weight holds something learned.
-- @tparam tensor weight
-- @treturn boolean
function learned.is(weight) return known[weight] == true end

return learned
