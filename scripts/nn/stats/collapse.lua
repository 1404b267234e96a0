--- Which runs of a variant collapsed: trained to the end, but fell far below their siblings, as a rule to a constant
-- answer. A mean that holds such a run says little of the others.
local stats = require "nn.stats"

local collapse = {}

local FEWEST = 3            -- runs: of two nobody knows which is the odd one
local FAR, PART = 5, 0.5    -- spreads from the median, and of the way from there to the constant answer
local FARTHER, MORE = 10, 5 -- spreads, and runs that it takes, where the score of a constant answer is not known

local NORMAL = 1.4826 -- by which the median distance of normal numbers gives their standard deviation

local function list_of(scores)
  local values = {}
  for _, score in pairs(scores) do values[#values + 1] = score end
  return values
end

-- A standard deviation that a few odd values do not spoil (Hampel, "The influence curve and its role in robust
-- estimation", Journal of the American Statistical Association 69, 1974).
local function spread_of(values, median)
  local distances = {}
  for i, value in ipairs(values) do distances[i] = math.abs(value - median) end
  return NORMAL * stats.median(distances)
end

--- The runs that collapsed.
-- @tparam {[integer]=number} scores of one variant, by seed
-- @tparam string mode "max" or "min"
-- @tparam ?number constant what a model scores that learned a constant answer
-- @treturn {[integer]=true} seeds; empty where the median run is no better than the constant answer
-- @treturn integer how many they are
-- @treturn ?number the median score
-- @usage collapse.of({ 0.97, 0.972, 0.971, 0.1 }, "max", 0.11)  --> { [4] = true }, 1, 0.9705
function collapse.of(scores, mode, constant)
  local values, seeds, count = list_of(scores), {}, 0
  if #values < FEWEST then return seeds, 0 end
  local median, sign = stats.median(values), mode == "min" and 1 or -1
  local spread, way = spread_of(values, median), constant and sign * (constant - median)
  for seed, score in pairs(scores) do
    local below = sign * (score - median)
    local is_far
    if way then
      is_far = way > 0 and below > PART * way and below > FAR * spread
    else
      is_far = #values >= MORE and spread > 0 and below > FARTHER * spread
    end
    if is_far then seeds[seed], count = true, count + 1 end
  end
  return seeds, count, median
end

return collapse
