--- Axes: how far one reaches, its ticks, and the gnuplot commands that draw it.
-- @module nn.plot.axis
local names = require "nn.plot.names"
local text = require "nn.plot.text"
local ticks = require "nn.plot.ticks"

local axis = {}

local FREE = 0.04 -- share of the range that is left free on either side of the data

-- Room for data that is all at one place, or so close that no tick could tell it apart.
local function widen(low, high)
  local size = math.max(math.abs(low), math.abs(high))
  if high - low > 1e-9 * size then return low, high end
  if size == 0 then return low - 1, high + 1 end
  return low - 0.05 * size, high + 0.05 * size
end

local function linear_range(spec)
  local low, high = widen(spec.low or 0, spec.high or 1)
  local free = FREE * (high - low)
  if spec.integers then free = math.min(free, 0.5) end
  local bottom = low - free
  if bottom < 0 and low >= 0 then bottom = 0 end
  return bottom, high + free
end

local function log_range(spec)
  local low, high = spec.low or 0.1, spec.high or 1
  local length = math.log(high) - math.log(low)
  if length < 1e-9 then return low / 2, high * 2 end
  local free = math.exp(FREE * length)
  return low / free, high * free
end

local Axis = {}
Axis.__index = Axis

--- Where a value lies between the ends of the axis.
-- @tparam number value
-- @treturn number 0 at the low end, 1 at the high end
function Axis:share(value)
  if self.log then return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low)) end
  return (value - self.low) / (self.high - self.low)
end

--- The room that the labels of the ticks need.
-- @treturn number width of the widest in pixels
-- @treturn integer the most lines that one has
function Axis:label_size()
  local width, lines = 0, 1
  for _, tick in ipairs(self.ticks) do
    width, lines = math.max(width, text.widest(tick.lines)), math.max(lines, #tick.lines)
  end
  return width, lines
end

-- Twelve digits: a tick at 0.97000015 must not stand at 0.97.
local function exact(value)
  return (("%.12g"):format(value):gsub(",", "."))
end

--- The gnuplot command for the ticks.
-- @tparam string letter "x", "y" or "cb"
-- @treturn string
function Axis:tick_command(letter)
  local entries = {}
  for i, tick in ipairs(self.ticks) do
    -- gnuplot takes the labels of ticks, and only those, as formats
    local label = text.quote(tick.lines):gsub("%%", "%%%%")
    entries[i] = label .. " " .. exact(tick.at) .. (tick.minor and " 1" or "")
  end
  return ("set %stics %s(%s)"):format(letter, self.slanted and "rotate by 40 right " or "", table.concat(entries, ", "))
end

--- The gnuplot commands for the range and the ticks.
-- @tparam string letter "x" or "y"
-- @treturn string
function Axis:commands(letter)
  local from, to = self.low, self.high
  if self.reversed then from, to = to, from end
  return ("set %srange [%s:%s]\n%s%s"):format(letter, exact(from), exact(to),
    self.log and "set logscale " .. letter .. "\n" or "", self:tick_command(letter))
end

--- Makes an axis.
-- @tparam table spec `low`, `high`: ends of the data (nothing finite: nil); `log`: logarithmic; `integers`: no ticks
--   between whole numbers; `at`: `{ at = number, text = string }` in ascending order, ticks to be preferred;
--   `categories`: names that stand at 1, 2, 3, ...; `reversed`: counts downwards; `vertical`; `zero`: of a logarithmic
--   axis, where 0 stands apart, below `from`, where the numbers begin
-- @tparam number pixels its length
-- @treturn table with `low`, `high` and `ticks`
function axis.new(spec, pixels)
  local self = setmetatable({
    log = spec.log, integers = spec.integers, vertical = spec.vertical, reversed = spec.reversed, pixels = pixels,
    zero = spec.zero, from = spec.from,
  }, Axis)
  if spec.categories then
    self.low, self.high = 0.5, #spec.categories + 0.5
    self.ticks, self.slanted = names.ticks(spec.categories, pixels, spec.vertical)
    return self
  end
  self.low, self.high = (spec.log and log_range or linear_range)(spec)
  self.ticks = spec.at and ticks.wanted(self, spec.at) or (spec.log and ticks.logarithmic or ticks.linear)(self)
  if spec.log then
    local minor = ticks.paper(self)
    table.move(minor, 1, #minor, #self.ticks + 1, self.ticks)
  end
  if spec.zero then self.ticks = ticks.with_zero(self.ticks, spec.zero, spec.from) end
  return self
end

return axis
