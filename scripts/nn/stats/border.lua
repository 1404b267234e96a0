--- Whether the best of the numbers tried lies at their border, so that better ones may lie beyond.
local objective = require "nn.experiment.objective"

local border = {}

local FEWEST_VALUES = 3 -- of two values the best is always at the border

--- The one variant that alone has the best mean.
-- @tparam string mode "max" or "min"
-- @tparam {[integer]=number,...} means by position, nil where there is none
-- @tparam integer count of positions
-- @treturn ?integer its position; nil where several share it
function border.winner(mode, means, count)
  local best, is_shared
  for i = 1, count do
    local mean = means[i] and objective.rounded(means[i])
    if mean and (not best or objective.better(mode, mean, objective.rounded(means[best]))) then
      best, is_shared = i, false
    elseif mean and mean == objective.rounded(means[best]) then
      is_shared = true
    end
  end
  return not is_shared and best or nil
end

--- The end of some numbers that a value is. 0 is none: nothing lies below it for a rate, a momentum or a count.
-- @tparam table values
-- @param value
-- @treturn ?string "smallest" or "largest"
function border.of(values, value)
  local least, most = math.huge, -math.huge
  for _, each in ipairs(values) do
    if type(each) ~= "number" then return nil end
    least, most = math.min(least, each), math.max(most, each)
  end
  if #values < FEWEST_VALUES or value == 0 then return nil end
  return value == least and "smallest" or value == most and "largest" or nil
end

return border
