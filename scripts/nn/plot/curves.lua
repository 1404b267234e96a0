--- Learning curves: lines over epochs or steps, with bands.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local hover = require "nn.plot.hover"
local text = require "nn.plot.text"

local FEW = 30 -- up to so many points each has a mark
local FIELDS = { "title", "x_label", "y_label", "series", "styles", "log_x", "log_y", "caption" }
local SERIES_FIELDS = { "name", "x", "y", "low", "high", "dashed", "color" }

local function positions(count)
  local list = {}
  for i = 1, count do list[i] = i end
  return list
end

local function column(given, name, count, what)
  local list = given[name] and check.numbers(given[name], what .. "." .. name)
  if list and #list ~= count then
    blame("%s: y has %d values, but %s has %d", what, count, name, #list)
  end
  return list
end

-- One series with those of its points that are finite. One that stands alone and has no name needs no legend.
local function read_series(given, index, many)
  local what = ("plot.curves: series[%d]"):format(index)
  arguments.check(given, SERIES_FIELDS, what)
  local y = check.numbers(given.y, what .. ".y")
  local x = column(given, "x", #y, what) or positions(#y)
  local low, high = column(given, "low", #y, what), column(given, "high", #y, what)
  local series = {
    name = text.clean(given.name or "series " .. index), named = given.name ~= nil or many, dashed = given.dashed,
    color = check.count(given.color, index, what .. ".color"), banded = low and high, points = {},
  }
  for i = 1, #y do
    if check.finite(x[i]) and check.finite(y[i]) then
      table.insert(series.points, { x[i], y[i], check.optional(low and low[i]), check.optional(high and high[i]) })
    end
  end
  return series
end

local function values_of(all, ...)
  local values = {}
  for _, series in ipairs(all) do
    for _, point in ipairs(series.points) do
      for _, part in ipairs { ... } do values[#values + 1] = point[part] end
    end
  end
  return values
end

local function all_integers(values)
  for _, value in ipairs(values) do
    if value % 1 ~= 0 then return false end
  end
  return true
end

local function axes(spec, all)
  local x, y = values_of(all, 1), values_of(all, 2)
  local x_low, x_high = check.range(x, spec.log_x, "plot.curves: x")
  check.range(y, spec.log_y, "plot.curves: y")
  local y_low, y_high = check.range(check.drawable(values_of(all, 2, 3, 4), spec.log_y))
  return { label = spec.x_label or "epoch", low = x_low, high = x_high, log = spec.log_x, integers = all_integers(x) },
    { label = spec.y_label, low = y_low, high = y_high, log = spec.log_y }
end

local function point_style(mark, is_open, color)
  return ("with points pointtype %d pointsize 0.8 linewidth 1.5 linecolor rgb %s"):format(
    is_open and frame.open(mark) or mark, color)
end

-- Solid lines of few points have a mark on each; where the colours begin again, marks tell lines apart. A single point
-- is no line: its mark is filled where the line would be solid, else open.
local function line_style(series)
  local count, mark = #series.points, frame.mark(series.color)
  if count == 1 then return point_style(mark, series.dashed, frame.color(series.color)) end
  local marked = not series.dashed and (count <= FEW or mark ~= frame.mark(1))
  return ("with %s linewidth 2 linecolor rgb %s%s%s"):format(
    marked and "linespoints" or "lines", frame.color(series.color), series.dashed and " dashtype (7,5)" or "",
    marked and (" pointtype %d pointsize 0.5 pointinterval %d"):format(mark, count <= FEW and 1 or count // 12) or "")
end

-- The entries that say once what solid and dashed lines are, or filled and open marks where nothing has a line.
local function style_entries(all, styles)
  arguments.check(styles, { "solid", "dashed" }, "plot.curves: styles")
  local only_points = true
  for _, series in ipairs(all) do only_points = only_points and #series.points <= 1 end
  local grey = "with lines linewidth 2 linecolor rgb '#4D4D4D'"
  local function style(dashed)
    if only_points then return point_style(frame.mark(1), dashed, "'#4D4D4D'") end
    return grey .. (dashed and " dashtype (7,5)" or "")
  end
  return { name = text.clean(styles.solid or "solid"), style = style(false) },
    { name = text.clean(styles.dashed or "dashed"), style = style(true) }
end

local function legend_of(all, styles)
  local legend = {}
  for _, series in ipairs(all) do
    local listed = series.named and not (styles and series.dashed)
    if listed then legend[#legend + 1] = { name = series.name, style = line_style(series) } end
  end
  if styles then
    local solid, dashed = style_entries(all, styles)
    table.move({ solid, dashed }, 1, 2, #legend + 1, legend)
  end
  return legend
end

-- The lower edge of a band for `using`: gnuplot leaves a hole where it reaches below a logarithmic axis.
local function lower_edge(scale)
  return scale.log and ("($3 > 0 ? $3 : %s)"):format(text.number(scale.low)) or "3"
end

-- The rows of the CSV file, series after series, and the clauses that draw each from its rows. Bands lie below.
local function draw(chart, all)
  local rows, bands, lines = {}, {}, {}
  for _, series in ipairs(all) do
    local first = #rows
    for _, point in ipairs(series.points) do
      rows[#rows + 1] = { point[1], point[2], point[3], point[4], series.name }
    end
    local selection = ("data every ::%d::%d using "):format(first, #rows - 1)
    if series.banded and #rows > first then
      bands[#bands + 1] = ("%s1:%s:4 with filledcurves fillcolor rgb %s %s"):format(
        selection, lower_edge(chart.y), frame.color(series.color), "fillstyle transparent solid 0.18 noborder")
    end
    if #rows > first then lines[#lines + 1] = selection .. "1:2 " .. line_style(series) end
  end
  return rows, table.move(lines, 1, #lines, #bands + 1, bands)
end

local function bands_caption(all)
  for _, series in ipairs(all) do
    if series.banded then return "Bands are 95 % intervals." end
  end
end

--- Draws lines, such as the loss of several variants over the epochs.
-- @tparam table spec
-- @tparam[opt] string spec.title
-- @tparam[opt="epoch"] string spec.x_label with its unit, if it has one
-- @tparam[opt] string spec.y_label
-- @tparam {table,...} spec.series each `{ name =, x =, y =, low =, high =, dashed =, color = }`: x, y, low and high
--   are lists of numbers or tensors with one axis, x counts from 1 if left out; a band fills the space from low to
--   high; color is the number of a variant's colour, the same in all charts (the position in the list if left out).
--   Points with NaN are left out
-- @tparam[opt] table spec.styles `{ solid = "validation", dashed = "training" }`: the legend then explains the
--   dashes once and lists solid lines only
-- @tparam[opt=false] boolean spec.log_x
-- @tparam[opt=false] boolean spec.log_y
-- @tparam[opt] string spec.caption a sentence below the picture
-- @treturn table a figure
-- @raise where there is no series, a list is empty or holds something else than numbers, or lengths differ
-- @usage nn.plot.curves{ y_label = "loss", series = { { name = "relu", y = { 0.9, 0.5, 0.4 } } } }
-- @function curves
return function(spec)
  arguments.check(spec, FIELDS, "plot.curves")
  local all = {}
  for i, given in ipairs(check.list(spec.series, "plot.curves: series")) do
    all[i] = read_series(given, i, #spec.series > 1)
  end
  local x, y = axes(spec, all)
  local chart = frame.new { title = spec.title, x = x, y = y, legend = legend_of(all, spec.styles) }
  local rows, plots = draw(chart, all)
  local columns = { text.clean(x.label), text.clean(y.label or "y"), "low", "high", "series" }
  if #rows > 0 then
    local words = hover.words({ 5 }, ": " .. columns[1] .. " ", 1, ", " .. columns[2] .. " ", 2)
    plots[#plots + 1] = hover.clause("1:2", words, #rows)
  end
  return figure.chart {
    frame = chart, plots = plots, rows = rows, columns = columns,
    alt = spec.title or y.label or "curves", caption = spec.caption or bands_caption(all),
  }
end
