--- What a classifier says of each place of the plane, and the samples it was trained on.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local tensor = require "nn.tensor"
local text = require "nn.plot.text"

local signature = arguments.signature("plot.decision_boundary", {
  { "model", arguments.required }, { "x", arguments.required }, { "y", arguments.required }, { "title" },
  { "x_label", "x1" }, { "y_label", "x2" }, { "class_names" }, { "resolution", 100 }, { "margin", 0.15 }, { "caption" },
})

local WHITEST = 0.85 -- how pale the colour is of a place where the classes are equally likely

local function read_samples(spec)
  local x, y = spec.x, spec.y
  if not tensor.is_tensor(x) or x.ndim ~= 2 or x.shape[2] ~= 2 then
    blame("plot.decision_boundary: x: expected a tensor (n, 2), the plane, got %s",
      tensor.is_tensor(x) and table.concat(x.shape, "x") or blame.got(x))
  end
  local classes = check.numbers(tensor.is_tensor(y) and y:flatten() or y, "plot.decision_boundary: y")
  if #classes ~= #x then blame("plot.decision_boundary: x has %d samples, y has %d", #x, #classes) end
  for i, class in ipairs(classes) do
    if math.floor(class) ~= class or class < 0 then
      blame("plot.decision_boundary: y: expected class ids from 0, got %s at position %d", class, i)
    end
  end
  return x, classes
end

-- The range of a coordinate, with a margin.
local function range_of(x, column, margin)
  local values = x[{ {}, column }]
  local low, high = values:min(), values:max()
  local room = math.max(high - low, 1e-6) * margin
  return low - room, high + room
end

-- The middles of n cells between two ends.
local function middles(low, high, n)
  local list = {}
  for i = 1, n do list[i] = low + (high - low) * (i - 0.5) / n end
  return list
end

local function predict(model, points)
  local given = type(model) == "function" and model(points) or model:predict(points)
  if not tensor.is_tensor(given) or #given ~= #points then
    blame("plot.decision_boundary: model: expected one prediction for each point, got %s", blame.got(given))
  end
  return given:reshape { #points, -1 }
end

-- For each point the class, from 0, and how sure the model is: from 0, as likely as the next, to 1.
local function decide(predictions)
  local width, list = predictions.shape[2], {}
  for i, row in ipairs(predictions:totable()) do
    if width == 1 then
      list[i] = { row[1] > 0.5 and 1 or 0, math.min(1, math.abs(row[1] - 0.5) * 2) }
    else
      local best, second = 1, nil
      for k = 2, width do
        if row[k] > row[best] then best = k end
      end
      for k = 1, width do
        if k ~= best and (not second or row[k] > row[second]) then second = k end
      end
      list[i] = { best - 1, math.min(1, math.max(0, row[best] - row[second])) }
    end
  end
  return list
end

-- The colour of a class, mixed with white the more, the less sure the model is.
local function shade(class, sureness)
  local red, green, blue = frame.color(class + 1):match "#(%x%x)(%x%x)(%x%x)"
  local white = WHITEST - (WHITEST - 0.5) * sureness
  local function mixed(hex) return math.floor(255 * white + tonumber(hex, 16) * (1 - white) + 0.5) end
  return mixed(red), mixed(green), mixed(blue)
end

local function grid_rows(spec, xs, ys)
  local points, rows = {}, {}
  for _, v in ipairs(ys) do
    for _, u in ipairs(xs) do points[#points + 1] = { u, v } end
  end
  for i, decision in ipairs(decide(predict(spec.model, tensor.tensor(points)))) do
    rows[i] = { points[i][1], points[i][2], decision[1], shade(decision[1], decision[2]) }
  end
  return rows
end

-- The samples, class by class, so that each class is one clause of the plot.
local function sample_rows(rows, x, classes)
  local plots, points, most = {}, x:totable(), 0
  for _, class in ipairs(classes) do most = math.max(most, class) end
  for class = 0, most do
    local first = #rows
    for i, point in ipairs(points) do
      if classes[i] == class then rows[#rows + 1] = { point[1], point[2], math.floor(class) } end
    end
    if #rows > first then
      local dots = ("data every ::%d::%d using 1:2 with points pointtype 7 "):format(first, #rows - 1)
      plots[#plots + 1] = dots .. "pointsize 0.7 linecolor rgb '#FFFFFF'" -- a white edge
      plots[#plots + 1] = dots .. "pointsize 0.5 linecolor rgb " .. frame.color(class + 1)
    end
  end
  return plots, most
end

local function legend_of(names, most)
  local entries = {}
  for class = 0, math.floor(most) do
    entries[class + 1] = { name = names and names[class + 1] or "class " .. class,
      style = "with points pointtype 7 pointsize 0.8 linecolor rgb " .. frame.color(class + 1) }
  end
  return entries
end

--- Draws the plane in the colours of the classes that a model chooses, paler where it is less sure, with the samples as
-- dots.
-- @tparam table spec
-- @tparam table|function spec.model a model, or a function(points) -> predictions; for points (n, 2) it gives
--   probabilities of the classes (n, classes), or of class 1 (n, 1) or (n)
-- @tparam tensor spec.x samples (n, 2)
-- @tparam tensor spec.y their class ids from 0
-- @tparam[opt] string spec.title
-- @tparam[opt="x1"] string spec.x_label
-- @tparam[opt="x2"] string spec.y_label
-- @tparam[opt] {string,...} spec.class_names
-- @tparam[opt=100] integer spec.resolution how many places are asked along each axis
-- @tparam[opt=0.15] number spec.margin around the samples, as a share of their range
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where x is no plane, or the model gives no prediction for each point
-- @usage
-- local points, classes = nn.datasets.make_moons{ n_samples = 200, noise = 0.1 }
-- local figure = nn.plot.decision_boundary{ function(p) return p:gt(0.5)[{ {}, 1 }] end, points, classes }
-- @function decision_boundary
return function(spec)
  spec = signature(spec)
  local x, classes = read_samples(spec)
  local n = check.count(spec.resolution, 100, "plot.decision_boundary: resolution")
  local left, right = range_of(x, 1, spec.margin)
  local bottom, top = range_of(x, 2, spec.margin)
  local rows = grid_rows(spec, middles(left, right, n), middles(bottom, top, n))
  local cells = #rows
  local plots, most = sample_rows(rows, x, classes)
  table.insert(plots, 1, ("data every ::0::%d using 1:2:4:5:6 with rgbimage"):format(cells - 1))
  local chart = frame.new {
    title = spec.title, x = { label = spec.x_label, low = left, high = right },
    y = { label = spec.y_label, low = bottom, high = top }, plot_height = 420,
    legend = legend_of(spec.class_names and check.texts(spec.class_names, most + 1,
      "plot.decision_boundary: class_names"), most),
  }
  return figure.chart {
    frame = chart, plots = plots, rows = rows,
    columns = { text.clean(spec.x_label), text.clean(spec.y_label), "class", "red", "green", "blue" },
    alt = spec.title or "decision boundary",
    caption = spec.caption or "The ground shows the class that the model chooses, paler where it is less sure.",
  }
end
