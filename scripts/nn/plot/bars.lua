--- Bars from zero, such as how many samples each class has.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local text = require "nn.plot.text"

local FIELDS = { "title", "x_label", "y_label", "names", "values", "series", "caption" }
local GROUP = 0.8 -- of the distance between names, covered by bars
local NUMBER_ROOM = 0.04 -- of the range, for the numbers at the ends of bars
local MOST = 56 -- pixels, the width of a bar

local function read_series(spec)
  local all = {}
  local given = spec.series or { { values = spec.values } }
  for i, series in ipairs(check.list(given, "plot.bars: series")) do
    local what = ("plot.bars: series[%d]"):format(i)
    arguments.check(series, { "name", "values", "color" }, what)
    all[i] = {
      name = text.clean(series.name or "series " .. i), values = check.numbers(series.values, what .. ".values"),
      color = check.count(series.color, i, what .. ".color"),
    }
    if #all[i].values ~= #all[1].values then
      blame("%s: expected %d values as in the first series, got %d", what, #all[1].values, #all[i].values)
    end
  end
  return all
end

local function range(all)
  local low, high = 0, 0
  for _, series in ipairs(all) do
    local least, most = check.range(series.values)
    low, high = math.min(low, least or 0), math.max(high, most or 0)
  end
  if low == high then high = 1 end
  local room = NUMBER_ROOM * (high - low)
  return low < 0 and low - room or 0, high > 0 and high + room or 0
end

local function rows_of(all, names)
  local rows = {}
  for i, name in ipairs(names) do
    local row = { i }
    for j, series in ipairs(all) do row[j + 1] = check.finite(series.values[i]) and series.values[i] or nil end
    row[#all + 2] = name
    rows[i] = row
  end
  return rows
end

local function box_style(series)
  return "with boxes fillstyle solid noborder linecolor rgb " .. frame.color(series.color)
end

local function legend_of(all)
  local legend = {}
  if #all > 1 then
    for i, series in ipairs(all) do legend[i] = { name = series.name, style = box_style(series) } end
  end
  return legend
end

-- The part of the distance between names that each bar takes: few bars need not be fat.
local function bar_width(chart, count, series)
  return math.min(GROUP / series, MOST * count / chart.plot_width)
end

local function bars(all, width)
  local plots = {}
  for j, series in ipairs(all) do
    local shift = text.number((j - (#all + 1) / 2) * width)
    plots[j] = ("data using ($1 + %s):%d:(%s) %s"):format(shift, j + 1, text.number(width * 0.94), box_style(series))
  end
  return plots
end

-- The numbers at the ends of the bars of a single series, where there is room for them.
local function add_numbers(plots, chart, values)
  local widest, whole = 0, true
  for _, value in ipairs(values) do
    whole = whole and value % 1 == 0
    widest = math.max(widest, text.width(whole and text.number(value) or ("%.3g"):format(value)))
  end
  if widest + 6 > chart.plot_width / #values then return end
  local words = whole and "strcol(2)" or "sprintf('%.3g', $2)"
  local function add(side, offset)
    plots[#plots + 1] = ("data using 1:($2 %s ? $2 : NaN):(%s) with labels offset 0, %s tc rgb '#333333'"):format(
      side, words, offset)
  end
  local least, most = check.range(values) -- of a side without any label gnuplot 5.4 crashes
  if most and most >= 0 then add(">= 0", "0.6") end
  if least and least < 0 then add("< 0", "-0.6") end
end

--- Draws a bar for each name, or a group of bars where there are several series.
-- @tparam table spec
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.x_label
-- @tparam[opt] string spec.y_label with its unit
-- @tparam {string,...} spec.names one for each bar
-- @tparam {number,...} spec.values one for each name; or
-- @tparam {table,...} spec.series each `{ name =, values =, color = }`
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where names and values differ in number, or there is something else than a number
-- @usage nn.plot.bars{ y_label = "images", names = { "cat", "dog" }, values = { 120, 80 } }
-- @function bars
return function(spec)
  arguments.check(spec, FIELDS, "plot.bars")
  local all = read_series(spec)
  local names = check.texts(spec.names, #all[1].values, "plot.bars: names")
  local low, high = range(all)
  local chart = frame.new {
    title = spec.title, legend = legend_of(all),
    x = { label = spec.x_label, categories = names }, y = { label = spec.y_label, low = low, high = high },
  }
  local columns, plots = { "position" }, bars(all, bar_width(chart, #names, #all))
  for _, series in ipairs(all) do columns[#columns + 1] = series.name end
  columns[#columns + 1] = "name"
  if #all == 1 then add_numbers(plots, chart, all[1].values) end
  return figure.chart {
    frame = chart, plots = plots, commands = { "set grid noxtics" }, columns = columns,
    rows = rows_of(all, names), alt = spec.title or spec.y_label or "bars", caption = spec.caption,
  }
end
