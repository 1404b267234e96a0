--- The objective against one parameter.
-- @submodule nn.plot
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local points = require "nn.plot.points"
local text = require "nn.plot.text"

local FIELDS = { "title", "x_label", "y_label", "points", "categories", "log_x", "log_y", "baseline", "caption" }
local JITTER = 0.07 -- between points of one category, in categories

-- Categories in the order in which they come; points of the same one stand beside each other.
local function place_in_categories(list)
  local names, position, count = {}, {}, {}
  for i, point in ipairs(list) do
    if point.x == nil then point.x = point.label end
    if point.x == nil then blame("plot.factor: points[%d]: expected x, the name of a category", i) end
    if point.label == nil then point.label = tostring(point.x) end
    local key = tostring(point.x)
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

-- Ticks stand where parameters were tried.
local function place_on_scale(list, log)
  local values, ticks = {}, {}
  for i, point in ipairs(list) do
    point.at = check.number(point.x, ("plot.factor: points[%d].x (categories = true takes names)"):format(i))
    values[i] = point.at
    if check.finite(point.at) then
      local name = text.clean(point.label or ("%.4g"):format(point.at):gsub(",", "."))
      ticks[point.at] = { at = point.at, text = name }
    end
  end
  local low, high = check.range(values, log, "plot.factor: x")
  local at = {}
  for _, tick in pairs(ticks) do at[#at + 1] = tick end
  table.sort(at, function(a, b) return a.at < b.at end)
  return { low = low, high = high, log = log, at = #at > 0 and at or nil }
end

local function drawable_of(list)
  local kept = {}
  for _, point in ipairs(list) do
    if check.finite(point.at) and check.finite(point.value) then kept[#kept + 1] = point end
  end
  return kept
end

local function rows_of(list)
  local rows = {}
  for i, point in ipairs(list) do
    rows[i] = { point.at, point.value, point.low, point.high, point.label }
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
-- @tparam[opt=false] boolean spec.log_x
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
  return figure.chart {
    frame = chart, commands = points.band(baseline, chart.y, false),
    plots = points.plots(kept, "yerrorbars"),
    columns = { text.clean(spec.x_label or "x"), text.clean(spec.y_label or "y"), "low", "high", "label" },
    rows = rows_of(kept), alt = spec.title or spec.y_label or "factor",
    caption = spec.caption or points.caption(kept, baseline),
  }
end
