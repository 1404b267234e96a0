--- Which axis shows the values of a parameter best, and in which order they stand there.
-- @module nn.report.scales
local scales = {}

local SPAN = 30       -- numbers that span more are drawn on a logarithmic axis
local DECADE = 10     -- so are those that span more than that beside 0
local EVEN = 1.05     -- how much the ratios of numbers in a geometric sequence may differ
local NEAREST = 0.015 -- of the axis; numbers that are nearer to each other get a place each, as names do
local MOST_NAMES = 12

local function is_finite(value)
  return type(value) == "number" and value - value == 0
end

local function ascending(a, b)
  if a ~= a or b ~= b then return a == a and b ~= b end -- NaN comes last
  return a < b
end

--- Values in the order in which they are drawn: numbers by size; else as the script has them.
-- @tparam table list
-- @tparam[opt] string field of its entries that holds the value
-- @treturn table a new list
function scales.sorted(list, field)
  local sorted = table.move(list, 1, #list, 1, {})
  local function value_of(entry)
    if field then return entry[field] end
    return entry
  end
  for _, entry in ipairs(sorted) do
    if type(value_of(entry)) ~= "number" then return sorted end
  end
  table.sort(sorted, function(a, b) return ascending(value_of(a), value_of(b)) end)
  return sorted
end

--- Whether numbers, all above 0, differ so much that only a logarithmic axis shows them all.
-- @tparam {number,...} numbers
-- @treturn boolean
function scales.is_spread(numbers)
  local low, high = math.huge, -math.huge
  for _, value in ipairs(numbers) do low, high = math.min(low, value), math.max(high, value) end
  return low > 0 and high < math.huge and high / low > SPAN
end

-- Whether each number, of three or more, is the same multiple of the one before: 4, 16, 64.
local function is_geometric(sorted)
  local least, most = math.huge, 0
  for i = 2, #sorted do
    local ratio = sorted[i] / sorted[i - 1]
    least, most = math.min(least, ratio), math.max(most, ratio)
  end
  return #sorted > 2 and most / least < EVEN
end

local function is_crowded(sorted, is_log)
  local function place(x) return is_log and math.log(x) or x end
  local length = place(sorted[#sorted]) - place(sorted[1])
  for i = 2, #sorted do
    if place(sorted[i]) - place(sorted[i - 1]) < NEAREST * length then return true end
  end
  return false
end

local function wants_log(positive, has_zero, space)
  if #positive < 2 then return false end
  local ratio = positive[#positive] / positive[1]
  return space ~= nil and space:find "^log_uniform" ~= nil or scales.is_spread(positive) or is_geometric(positive)
    or has_zero and ratio >= DECADE
end

--- The axis for the values of a parameter.
-- @tparam table values different ones
-- @tparam[opt] string space that a search drew them from, as text
-- @treturn string "linear"; "log" (numbers above 0, and perhaps 0); or "names": each has a place of its own
function scales.of(values, space)
  local numbers = scales.sorted(values)
  local positive, has_zero = {}, false
  for _, value in ipairs(numbers) do
    if not is_finite(value) then return "names" end
    has_zero = has_zero or value == 0
    positive[#positive + 1] = value > 0 and value or nil
  end
  local has_negative = numbers[1] < 0
  local is_log = not has_negative and wants_log(positive, has_zero, space)
  local is_listed = not space and #numbers <= MOST_NAMES
  if is_listed and is_crowded(is_log and positive or numbers, is_log) then return "names" end
  return is_log and "log" or "linear"
end

return scales
