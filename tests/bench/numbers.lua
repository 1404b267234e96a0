--- From seconds to what the tables say.
local numbers = {}

--- Median, least and largest.
-- @tparam {number,...} values
function numbers.spread(values)
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  local low, high = (#sorted + 1) // 2, #sorted // 2 + 1
  return (sorted[low] + sorted[high]) / 2, sorted[1], sorted[#sorted]
end

--- Ratios of runs made in the same round.
function numbers.ratios(values, reference)
  local ratios = {}
  for i, value in ipairs(values) do ratios[i] = value / reference[i] end
  return ratios
end

--- Seconds of a run in the workload's unit.
function numbers.in_unit(workload, seconds)
  if workload.unit == "s/epoch" then return seconds * workload.epoch / (workload.samples * workload.epochs) end
  if workload.unit == "ms/pass" then return seconds * 1000 / workload.epochs end
  local step = seconds / (math.ceil(workload.samples / workload.batch) * workload.epochs)
  return step * (workload.unit == "ms/step" and 1e3 or 1e6)
end

local function mean_and_error(values)
  local sum, squares = 0, 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean = sum / #values
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return mean, #values > 1 and squares / (#values - 1) / #values or 0
end

--- Whether two programs' scores are equal within the seeds' noise (two standard errors) and the workload's tolerance.
-- @treturn boolean
-- @treturn number the mean of a
function numbers.same_score(a, b, tolerance)
  local mean_a, error_a = mean_and_error(a)
  local mean_b, error_b = mean_and_error(b)
  return math.abs(mean_a - mean_b) <= tolerance + 2 * math.sqrt(error_a + error_b), mean_a
end

return numbers
