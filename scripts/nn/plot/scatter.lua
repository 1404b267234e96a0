--- One quantity against another, such as accuracy against seconds, with the best bargains marked.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local labels = require "nn.plot.labels"
local text = require "nn.plot.text"

local signature = arguments.signature("plot.scatter", {
  { "x", arguments.required }, { "y", arguments.required }, { "labels" }, { "colors" }, { "title" }, { "x_label" },
  { "y_label" }, { "log_x" }, { "log_y" }, { "pareto" }, { "caption" },
})

local function read_points(spec)
  local x = check.numbers(spec.x, "plot.scatter: x")
  local y = check.numbers(spec.y, "plot.scatter: y")
  if #x ~= #y then blame("plot.scatter: x has %d numbers, y has %d", #x, #y) end
  local names = spec.labels and check.texts(spec.labels, #x, "plot.scatter: labels") or {}
  local list = {}
  for i = 1, #x do
    local color = check.count(spec.colors and spec.colors[i], 1, ("plot.scatter: colors[%d]"):format(i))
    if check.finite(x[i]) and check.finite(y[i]) then
      list[#list + 1] = { x = x[i], y = y[i], label = names[i], color = color, order = i }
    end
  end
  return list
end

-- The points that no other beats in y at the same or a smaller x come first, by x; then the others.
local function front_first(list, pareto)
  if not pareto then return list, 0 end
  local sign = pareto == "max" and 1 or -1
  table.sort(list, function(a, b)
    if a.x ~= b.x then return a.x < b.x end
    if a.y ~= b.y then return a.y * sign > b.y * sign end
    return a.order < b.order
  end)
  local front, others = {}, {}
  for _, point in ipairs(list) do
    local last = front[#front]
    local better = not last or point.y * sign > last.y * sign
    table.insert(better and front or others, point)
  end
  local count = #front
  return table.move(others, 1, #others, count + 1, front), count
end

-- The places that the line along the front takes, so that names keep off it.
local function line_boxes(chart, list, front)
  local boxes = {}
  for i = 1, front - 1 do
    local left, low = chart:pixel(list[i].x, list[i].y)
    local right, high = chart:pixel(list[i + 1].x, list[i + 1].y)
    if high < low then low, high = high, low end
    local level = select(2, chart:pixel(list[i].x, list[i].y))
    boxes[#boxes + 1] = { left = left, right = right, low = level - 1, high = level + 1 }
    boxes[#boxes + 1] = { left = right - 1, right = right + 1, low = low, high = high }
  end
  return boxes
end

local function scale_of(list, field, label, log)
  local values = {}
  for i, point in ipairs(list) do values[i] = point[field] end
  local low, high = check.range(values, log, "plot.scatter: " .. field)
  return { label = label, low = low, high = high, log = log }
end

local function plots_of(list, front)
  local plots = {}
  if front > 1 then
    plots[1] = ("data every ::0::%d using 1:2 with steps %s"):format(front - 1,
      "linewidth 1.5 dashtype (4,3) linecolor rgb '#4D4D4D'")
  end
  for i, point in ipairs(list) do
    plots[#plots + 1] = ("data every ::%d::%d using 1:2 with points pointtype %d pointsize 0.8 lc rgb %s"):format(
      i - 1, i - 1, frame.mark(point.color), frame.color(point.color))
  end
  return plots
end

--- Draws a point for each pair of numbers, named where there is room.
-- @tparam table spec
-- @tparam {number,...} spec.x also as the first positional argument; a list or a tensor
-- @tparam {number,...} spec.y also as the second
-- @tparam[opt] {string,...} spec.labels names of the points
-- @tparam[opt] {integer,...} spec.colors numbers of the variants' colours
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.x_label with its unit
-- @tparam[opt] string spec.y_label with its unit
-- @tparam[opt=false] boolean spec.log_x
-- @tparam[opt=false] boolean spec.log_y
-- @tparam[opt] string spec.pareto "max" or "min": draws the line of the points that no other with as small an x
--   beats in y
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where the lists differ in length, are empty, or hold something else than numbers
-- @usage
-- nn.plot.scatter{ seconds, accuracy, labels = names, x_label = "time (s)", y_label = "accuracy", pareto = "max" }
-- @function scatter
return function(spec)
  spec = signature(spec)
  if spec.pareto and spec.pareto ~= "max" and spec.pareto ~= "min" then
    blame("plot.scatter: pareto: expected \"max\" or \"min\", got %s", blame.got(spec.pareto))
  end
  local list, front = front_first(read_points(spec), spec.pareto)
  local chart = frame.new {
    title = spec.title, x = scale_of(list, "x", spec.x_label, spec.log_x),
    y = scale_of(list, "y", spec.y_label, spec.log_y),
  }
  local rows = {}
  for i, point in ipairs(list) do
    rows[i] = { point.x, point.y, spec.pareto and (i <= front and 1 or 0) or nil, point.label }
  end
  return figure.chart {
    frame = chart, commands = labels.place(chart, list, line_boxes(chart, list, front)), plots = plots_of(list, front),
    rows = rows, columns = { text.clean(spec.x_label or "x"), text.clean(spec.y_label or "y"), "on_front", "label" },
    alt = spec.title or "scatter plot",
    caption = spec.caption or front > 1 and "The dashed line joins the points that no cheaper point beats." or nil,
  }
end
