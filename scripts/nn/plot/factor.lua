--- The objective against one parameter.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local notation = require "nn.support.notation"
local points = require "nn.plot.points"
local text = require "nn.plot.text"

local FIELDS = { "title", "x_label", "y_label", "points", "categories", "log_x", "log_y", "baseline", "caption" }
local JITTER = 0.07 -- between points of one category, in categories
local LEAST_GAP, MOST_GAP = 0.12, 0.4 -- of the numbers' part of a logarithmic axis, between them and 0

-- Categories in the order in which they come; points of the same one stand beside each other.
local function place_in_categories(list)
  local names, position, count = {}, {}, {}
  for i, point in ipairs(list) do
    if point.x == nil then point.x = point.label end
    if point.x == nil then blame("plot.factor: points[%d]: expected x, the name of a category", i) end
    if point.label == nil then point.label = notation.text(point.x) end
    local key = notation.key(point.x)
    if not position[key] then
      names[#names + 1] = text.clean(point.label)
      position[key], count[key] = #names, 0
    end
    point.key, point.at, point.turn = key, position[key], count[key]
    count[key] = point.turn + 1
  end
  for _, point in ipairs(list) do
    local step = math.min(JITTER, 0.7 / count[point.key])
    point.at = point.at + (point.turn - (count[point.key] - 1) / 2) * step
  end
  return { categories = names }
end

-- Ticks stand where parameters were tried, each with its name.
local function ticks_of(list)
  local ticks, at = {}, {}
  for _, point in ipairs(list) do
    if check.finite(point.at) and not point.is_zero then
      ticks[point.at] = text.clean(point.label or notation.text(point.at))
    end
  end
  for place, name in pairs(ticks) do at[#at + 1] = { at = place, text = name } end
  table.sort(at, function(a, b) return a.at < b.at end)
  return #at > 0 and at or nil
end

-- Where 0 stands on a logarithmic axis: as far below the least number as numbers are from each other.
local function place_of_zero(low, high, count)
  local length = math.log(high) - math.log(low)
  local gap = length > 0 and math.min(MOST_GAP, math.max(LEAST_GAP, 1 / math.max(1, count - 1))) * length or 1
  return math.exp(math.log(low) - gap)
end

-- Numbers on a scale. On a logarithmic one 0 stands apart.
local function place_on_scale(list, log)
  local numbers, has_zero = {}, false
  for i, point in ipairs(list) do
    point.at = check.number(point.x, ("plot.factor: points[%d].x (categories = true takes names)"):format(i))
    point.is_zero = log and point.at == 0
    has_zero = has_zero or point.is_zero
    if not point.is_zero then numbers[#numbers + 1] = point.at end
  end
  local low, high = check.range(numbers, log, "plot.factor: x")
  local x = { low = low, high = high, log = log, at = ticks_of(list) }
  if has_zero then
    low, high = low or 1, high or 1
    x.zero, x.from = place_of_zero(low, high, #(x.at or {})), low
    x.low, x.high = x.zero, high
    for _, point in ipairs(list) do point.at = point.is_zero and x.zero or point.at end
  end
  return x
end

-- Two strokes across the axis where it is broken.
local function break_commands(chart)
  local x = chart.x
  if not x.zero then return {} end
  local middle = chart.left + chart.plot_width * (x:share(x.zero) + x:share(x.from)) / 2
  local function stroke(shift)
    return ("set arrow from screen %s, screen %s to screen %s, screen %s nohead front linecolor rgb '#4D4D4D'"):format(
      text.number((middle + shift - 3) / chart.width), text.number((chart.bottom - 6) / chart.height),
      text.number((middle + shift + 3) / chart.width), text.number((chart.bottom + 6) / chart.height))
  end
  local gap = ("set object rectangle from screen %s, screen %s to screen %s, screen %s front %s"):format(
    text.number((middle - 3) / chart.width), text.number((chart.bottom - 3) / chart.height),
    text.number((middle + 3) / chart.width), text.number((chart.bottom + 3) / chart.height),
    "fillcolor rgb '#FFFFFF' fillstyle solid noborder")
  return { gap, stroke(-3), stroke(3) }
end

local function drawable_of(list)
  local kept = {}
  for _, point in ipairs(list) do
    if check.finite(point.at) and check.finite(point.value) then kept[#kept + 1] = point end
  end
  return kept
end

-- The last column, where a point is drawn, is there only where that is not the number itself.
local function rows_of(list, has_zero)
  local rows = {}
  for i, point in ipairs(list) do
    rows[i] = { has_zero and point.x or point.at, point.value, point.low, point.high, point.label, point.at }
  end
  return rows
end

--- Draws the objective against one varied parameter: a dot and an interval for each value, beside a baseline.
-- @tparam table spec
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.x_label the parameter, with its unit
-- @tparam[opt] string spec.y_label the objective
-- @tparam {table,...} spec.points each `{ x =, y =, low =, high =, label =, color = }`; x is a number, or with
--   `categories` anything that has a name; label stands at its tick instead of x. Points with NaN are left out
-- @tparam[opt=false] boolean spec.categories
-- @tparam[opt=false] boolean spec.log_x a point at 0 stands apart, left of a break in the axis
-- @tparam[opt=false] boolean spec.log_y
-- @tparam[opt] table spec.baseline `{ y, low, high }`, drawn as a horizontal band
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where there is no point or something else than a number
-- @usage nn.plot.factor{ x_label = "width (units)", points = { { x = 50, y = .967, low = .965, high = .969 } } }
-- @function factor
return function(spec)
  arguments.check(spec, FIELDS, "plot.factor")
  local list = points.read(spec.points, "plot.factor", "y")
  local baseline = points.baseline(spec.baseline, "plot.factor", "y")
  local x = spec.categories and place_in_categories(list) or place_on_scale(list, spec.log_x)
  local kept = drawable_of(list)
  local low, high = points.range(kept, baseline, spec.log_y, "plot.factor: y")
  x.label = spec.x_label
  local chart = frame.new {
    title = spec.title, right = baseline and 80, x = x,
    y = { label = spec.y_label, low = low, high = high, log = spec.log_y },
  }
  local commands = points.band(baseline, chart.y, false)
  for _, command in ipairs(break_commands(chart)) do commands[#commands + 1] = command end
  local columns = { text.clean(spec.x_label or "x"), text.clean(spec.y_label or "y"), "low", "high", "label" }
  columns[6] = x.zero and "position" or nil
  return figure.chart {
    frame = chart, commands = commands, plots = points.plots(kept, "yerrorbars", x.zero and 6), columns = columns,
    rows = rows_of(kept, x.zero), alt = spec.title or spec.y_label or "factor",
    caption = spec.caption or points.caption(kept, baseline),
  }
end
