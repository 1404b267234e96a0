--- Points with intervals, and the baseline they are compared with: what the charts of factors and of variants share.
-- @module nn.plot.points
local arguments = require "nn.support.arguments"
local check = require "nn.plot.check"
local frame = require "nn.plot.frame"
local hover = require "nn.plot.hover"
local text = require "nn.plot.text"

local points = {}

local FIELDS = { "low", "high", "label", "color" }

--- Reads a list of points.
-- @tparam table given
-- @tparam string what the function, for messages
-- @tparam string value name of the field that holds the number: "x" or "y"
-- @treturn {table,...} each with `value`, `low`, `high`, `color`, `label` and the other field as it was
function points.read(given, what, value)
  local list = {}
  for i, point in ipairs(check.list(given, what .. ": points")) do
    local where = ("%s: points[%d]"):format(what, i)
    arguments.check(point, value == "y" and { "x", "y", table.unpack(FIELDS) } or { "x", table.unpack(FIELDS) }, where)
    list[i] = {
      x = point.x, label = point.label, color = check.count(point.color, 1, where .. ".color"),
      value = check.number(point[value], where .. "." .. value),
      low = check.optional(point.low, where .. ".low"), high = check.optional(point.high, where .. ".high"),
    }
  end
  return list
end

--- Reads a baseline: `{ value, low, high }`, with the names of the signature instead of positions, or a number alone.
-- @param given
-- @tparam string what the function, for messages
-- @tparam string value the name of the first: "x" or "y"
-- @treturn ?table `{ value =, low =, high = }`
function points.baseline(given, what, value)
  if given == nil then return nil end
  what = what .. ": baseline"
  local bound = arguments.signature(what, { { value, arguments.required }, { "low" }, { "high" } })(given)
  return {
    value = check.number(bound[value], what), low = check.optional(bound.low, what .. ".low"),
    high = check.optional(bound.high, what .. ".high"),
  }
end

--- The range of points, intervals and baseline.
-- @tparam {table,...} list
-- @tparam ?table baseline
-- @tparam boolean log whether the axis is logarithmic
-- @tparam string what for the error about values that such an axis cannot hold
-- @treturn ?number lowest
-- @treturn ?number highest
function points.range(list, baseline, log, what)
  local values, ends = {}, {}
  for _, point in ipairs(list) do
    values[#values + 1] = point.value
    table.move({ point.value, point.low or point.value, point.high or point.value }, 1, 3, #ends + 1, ends)
  end
  check.range(values, log, what)
  if baseline then
    local value = baseline.value
    table.move({ value, baseline.low or value, baseline.high or value }, 1, 3, #ends + 1, ends)
  end
  return check.range(check.drawable(ends, log))
end

local function has_interval(point)
  return point.low and point.high
end

-- "width = 50: 0.9659 (0.9622 to 0.9693)"; without an interval the brackets are left out.
local function words_of(value)
  local interval = hover.words(" (", 3, " to ", 4, ")")
  return ("%s.(strlen(strcol(3)) && strlen(strcol(4)) ? %s : '')"):format(hover.words({ 5 }, ": ", value), interval)
end

--- The clauses that draw points row by row: neighbours of one colour share a clause.
-- @tparam {table,...} list
-- @tparam string style "xerrorbars" or "yerrorbars"
-- @tparam[opt=1] integer x the column of the CSV file that holds x
-- @treturn {string,...}
function points.plots(list, style, x)
  local plots, first, barred = {}, 1, false
  for i, point in ipairs(list) do
    local color = point.color
    barred = barred or has_interval(point)
    if i == #list or list[i + 1].color ~= color then
      local rows = ("data every ::%d::%d using %d:"):format(first - 1, i - 1, x or 1)
      if barred then
        plots[#plots + 1] = ("%s2:3:4 with %s pointtype 0 linewidth 1.5 linecolor rgb %s"):format(
          rows, style, frame.color(color))
      end
      plots[#plots + 1] = ("%s2 with points pointtype %d pointsize 0.8 linecolor rgb %s"):format(
        rows, frame.mark(color), frame.color(color))
      first, barred = i + 1, false
    end
  end
  if #list > 0 then
    local words = words_of(style == "xerrorbars" and 1 or 2)
    plots[#plots + 1] = hover.clause(("%d:2"):format(x or 1), words, #list)
  end
  return plots
end

local function span(vertical, low, high, extra)
  local from, to = "graph 0, first %s", "graph 1, first %s"
  if vertical then from, to = "first %s, graph 0", "first %s, graph 1" end
  return (from .. " to " .. to .. " " .. extra):format(text.number(low), text.number(high))
end

--- The commands that draw the baseline: a band over its interval, a line at its value and its name at the line's end.
-- @tparam ?table baseline
-- @tparam table scale the axis of the values
-- @tparam boolean vertical whether values run along x, so that the band is vertical
-- @treturn {string,...}
function points.band(baseline, scale, vertical)
  local value = baseline and check.drawable({ baseline.value }, scale.log)[1]
  if not value then return {} end
  local low, high = baseline.low, baseline.high
  local commands = {
    "set arrow from " .. span(vertical, value, value,
      "nohead back linewidth 1.5 dashtype (2,3) linecolor rgb '#4D4D4D'"),
    ("set label 'baseline' at %s textcolor rgb '#4D4D4D'"):format(vertical
      and ("first %s, graph 1 center offset 0, 0.7"):format(text.number(value))
      or ("graph 1, first %s left offset 0.7, 0"):format(text.number(value))),
  }
  if low and high and high >= value then
    local bottom = scale.log and math.max(low, scale.low) or low
    commands[#commands + 1] = "set object rectangle from " .. span(vertical, bottom, high,
      "behind fillcolor rgb '#E4E4E4' fillstyle solid noborder")
  end
  return commands
end

--- A sentence that says what bars and band are, where the caller has none.
-- @tparam {table,...} list
-- @tparam ?table baseline
-- @treturn ?string
function points.caption(list, baseline)
  local sentences = {}
  for _, point in ipairs(list) do
    if has_interval(point) and #sentences == 0 then sentences[1] = "Bars are 95 % intervals." end
  end
  if baseline and baseline.low and baseline.high then
    sentences[#sentences + 1] = "The grey band is the interval of the baseline."
  end
  return #sentences > 0 and table.concat(sentences, " ") or nil
end

return points
