--- Inputs that a script makes up to see what a model does, such as the points of a grid: they are no test data.
local facts = require "nn.advice.facts"

local MANY = 8       -- features, of which nobody makes a grid
local EVEN = 1.05    -- the longest step of a line, in shortest steps

-- Whether numbers follow each other at equal distances.
local function is_line(values)
  table.sort(values)
  local least, most = math.huge, 0
  for i = 2, #values do
    local step = values[i] - values[i - 1]
    if step > 0 then least, most = math.min(least, step), math.max(most, step) end
  end
  return most < EVEN * least
end

--- Whether inputs are points of a grid or of a line, or vary in a few features only.
-- @tparam table profile of the training inputs, from `scale.profile`
-- @tparam tensor t
-- @treturn boolean
return function(profile, t)
  local columns, matrix = facts.columns(t), facts.matrix(t)
  local varied = profile.columns.deviation:gt(0)
  if columns.low.size ~= varied.size then return false end
  local stands = (columns.deviation:eq(0) * varied):sum()
  if stands > 0 and stands * 2 >= varied:sum() then return true end
  if columns.low.size > MANY or not profile.is_continuous then return false end
  local first = matrix[{ {}, 1 }]
  return not facts.is_continuous(first) or is_line(first:totable())
end
