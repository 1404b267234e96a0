--- Boundaries that divide data into bins of about equal counts, by the summaries Keras' Discretization keeps
-- (keras/layers/preprocessing/discretization.py).
local quantiles = {}

--- Every step-th of the sorted values, with the weight of those it stands for.
local function summarize(values, epsilon)
  table.sort(values)
  local increment = #values * epsilon
  local step, summary = math.max(increment, 1), { values = {}, weights = {} }
  for i = math.floor(increment), #values - 1, math.floor(step) do
    table.insert(summary.values, values[i + 1])
    table.insert(summary.weights, step)
  end
  return summary
end

--- Linear interpolation of y over ascending x; the ends beyond.
local function interpolate(at, x, y)
  if at <= x[1] then return y[1] end
  for i = 2, #x do
    if at <= x[i] then return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]) end
  end
  return y[#y]
end

local function compress(summary, epsilon)
  local n = #summary.values
  if n * epsilon < 1 then return summary.values end
  local sums, total, shares, bins = {}, 0, {}, {}
  for i, weight in ipairs(summary.weights) do
    total = total + weight
    sums[i] = total
  end
  for i, sum in ipairs(sums) do shares[i] = sum / total end
  local i = 0
  while i * epsilon < 1 - 1e-12 do
    bins[i + 1] = interpolate(epsilon + i * epsilon, shares, summary.values)
    i = i + 1
  end
  return bins
end

--- The boundaries between bins.
-- @tparam {number,...} values is sorted in place
-- @tparam integer bins how many
-- @tparam number epsilon how exactly: the share of the data a boundary may be off
-- @treturn {number,...} bins - 1 boundaries, ascending
function quantiles.boundaries(values, bins, epsilon)
  local summary = summarize(values, epsilon)
  local kept = compress(summary, epsilon)
  if #kept ~= #summary.values then
    summary = { values = kept, weights = {} }
    for i in ipairs(kept) do summary.weights[i] = 1 end
  end
  local result = compress(summary, 1 / bins)
  result[#result] = nil
  return result
end

return quantiles
