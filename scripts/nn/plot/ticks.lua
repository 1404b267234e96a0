--- Where the ticks of an axis of numbers stand, and what stands beside them.
-- gnuplot could choose, but it knows neither the width of a label nor that epochs are whole numbers.
-- @module nn.plot.ticks
local text = require "nn.plot.text"

local ticks = {}

local SUPERSCRIPT = { ["-"] = "⁻", ["0"] = "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" }
local GAP = 8 -- pixels between labels, at least
local X_SPACING, Y_SPACING = 60, 45 -- pixels between ticks, at least

local function power_of_ten(exponent)
  return "10" .. ("%d"):format(exponent):gsub(".", function(c) return SUPERSCRIPT[tonumber(c) or c] end)
end

local function exponent_of(value)
  return math.floor(math.log(value, 10) + 1e-9)
end

--- The smallest of 1, 2, 5, 10, 20, ... times a power of ten that is not below a number.
-- @tparam number least above 0
-- @treturn number
function ticks.nice_step(least)
  local power = 10.0 ^ exponent_of(least)
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if factor * power >= least * (1 - 1e-9) then return factor * power end
  end
  return 20 * power
end

--- How many decimals tell multiples of a step apart.
-- @tparam number step above 0
-- @treturn integer
function ticks.decimals(step)
  return math.max(0, -exponent_of(step))
end

-- Large and small numbers share a power of ten; all have the decimals that the step between them needs.
local function linear_labels(values, step)
  local largest = math.max(math.abs(values[1]), math.abs(values[#values]))
  local plain = largest == 0 or (largest >= 1e-3 and largest < 1e6)
  local exponent = plain and 0 or exponent_of(largest)
  local unit = 10.0 ^ exponent
  local labels = {}
  for i, value in ipairs(values) do
    local digits = text.fixed(value / unit, ticks.decimals(step / unit)):gsub("^%-", "−")
    labels[i] = (plain or value == 0) and digits or digits .. "×" .. power_of_ten(exponent)
  end
  return labels
end

local function multiples(low, high, step)
  local values = {}
  for i = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) do values[#values + 1] = i * step end
  return values
end

-- Whether labels leave a gap between them. Beside a vertical axis each is one line high.
local function fit(axis, values, labels)
  local last = -math.huge
  for i, value in ipairs(values) do
    local half = (axis.vertical and text.SIZE or text.width(labels[i])) / 2
    local middle = axis:share(value) * axis.pixels
    if middle - half < last + GAP then return false end
    last = middle + half
  end
  return true
end

local function list(values, labels)
  local all = {}
  for i, value in ipairs(values) do all[i] = { at = value, lines = { labels[i] } } end
  return all
end

--- Ticks at round numbers.
-- @tparam table axis `low`, `high`, `pixels`, `vertical`, `integers`, and the method `share`
-- @treturn {table,...} each `{ at = number, lines = { label } }`
function ticks.linear(axis)
  local step = (axis.high - axis.low) * (axis.vertical and Y_SPACING or X_SPACING) / axis.pixels
  if axis.integers then step = math.max(1, step) end
  local values, labels
  repeat
    step = ticks.nice_step(step)
    values = multiples(axis.low, axis.high, step)
    labels = #values > 0 and linear_labels(values, step) or {}
    step = step * 1.1
  until fit(axis, values, labels)
  return list(values, labels)
end

local function log_labels(values)
  local plain = values[1] >= 0.99e-4 and values[#values] <= 1.01e5
  local labels = {}
  for i, value in ipairs(values) do
    local exponent = exponent_of(value)
    local factor = math.floor(value / 10.0 ^ exponent + 0.5)
    local power = (factor == 1 and "" or factor .. "×") .. power_of_ten(exponent)
    labels[i] = plain and text.number(value) or power
  end
  return labels
end

-- The factors times every stride-th power of ten, as far as the axis reaches.
local function powers(axis, factors, stride)
  local values = {}
  for exponent = exponent_of(axis.low) // stride * stride, exponent_of(axis.high), stride do
    for _, factor in ipairs(factors) do
      local value = factor * 10.0 ^ exponent
      local share = axis:share(value)
      if share > -1e-9 and share < 1 + 1e-9 then values[#values + 1] = value end
    end
  end
  return values
end

--- Ticks at powers of ten, at 2 and 5 times them where there are few, at every second, third, ... where there are
-- many.
-- @tparam table axis as for `ticks.linear`
-- @treturn {table,...}
function ticks.logarithmic(axis)
  local few = axis.high / axis.low < 1e3
  local stride, factors = 1, few and { 1, 2, 5 } or { 1 }
  local values, labels
  repeat
    values = powers(axis, factors, stride)
    labels = #values > 0 and log_labels(values) or {}
    if #factors > 1 then factors = { 1 } else stride = stride + 1 end
  until fit(axis, values, labels)
  return #values < 2 and ticks.linear(axis) or list(values, labels)
end

--- Ticks without labels at 2, 3, ... 9 times each power of ten, as on logarithmic paper.
-- @tparam table axis as for `ticks.linear`
-- @treturn {table,...} each `{ at = number, lines = { "" }, minor = true }`
function ticks.paper(axis)
  local all = {}
  if axis.high / axis.low > 1e7 then return all end
  for i, value in ipairs(powers(axis, { 2, 3, 4, 5, 6, 7, 8, 9 }, 1)) do
    all[i] = { at = value, lines = { "" }, minor = true }
  end
  return all
end

--- The ticks of a logarithmic axis on which 0 stands apart.
-- @tparam {table,...} all of the whole axis
-- @tparam number zero where 0 stands
-- @tparam number from where the numbers begin; ticks below it go
-- @treturn {table,...}
function ticks.with_zero(all, zero, from)
  local kept = { { at = zero, lines = { "0" } } }
  for _, tick in ipairs(all) do
    if tick.at >= from * (1 - 1e-9) then kept[#kept + 1] = tick end
  end
  return kept
end

--- Ticks where the caller wants them, if their labels have room.
-- @tparam table axis as for `ticks.linear`
-- @tparam {table,...} wanted `{ at = number, text = string }`, in ascending order
-- @treturn ?{table,...}
function ticks.wanted(axis, wanted)
  local values, labels = {}, {}
  for i, tick in ipairs(wanted) do values[i], labels[i] = tick.at, text.shorten(tick.text, 120) end
  return fit(axis, values, labels) and list(values, labels) or nil
end

return ticks
