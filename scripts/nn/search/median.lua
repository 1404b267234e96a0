--- The median rule (Golovin et al., "Google Vizier", KDD 2017), in rounds: a trial ends early where its best score so
-- far is worse than the median of what the trials of earlier rounds had reached by then. Nothing is compared within a
-- round, so it does not matter which trial is ahead.
local objective = require "nn.experiment.objective"

local median = {}

local DEFAULTS = { trials = 4, epochs = 1 }

--- The best value up to each epoch.
local function best_so_far(values, mode)
  local list, best = {}, nil
  for epoch, value in ipairs(values) do
    if value == value and objective.better(mode, value, best) then best = value end
    list[epoch] = best
  end
  return list
end

local function middle(values)
  table.sort(values)
  local half = #values // 2
  return #values % 2 == 1 and values[half + 1] or (values[half] + values[half + 1]) / 2
end

--- What a trial has to reach by each epoch.
-- @tparam {{number,...},...} histories the objective, epoch by epoch, of earlier trials
-- @tparam string mode "max" or "min"
-- @tparam[opt] table options trials (4): as many must have got to an epoch before one is ended there; epochs (1): none
-- is ended before it has so many
-- @treturn {[integer]=number} by epoch; epochs at which nothing is demanded are left out
function median.demands(histories, mode, options)
  options = setmetatable(options or {}, { __index = DEFAULTS })
  local at, demands = {}, {}
  for _, history in ipairs(histories) do
    for epoch, best in pairs(best_so_far(history, mode)) do
      at[epoch] = at[epoch] or {}
      table.insert(at[epoch], best)
    end
  end
  for epoch, values in pairs(at) do
    if epoch >= options.epochs and #values >= options.trials then demands[epoch] = middle(values) end
  end
  return demands
end

return median
