--- A dot and an interval for each variant, below each other: room for many variants with long names.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"
local names = require "nn.plot.names"
local points = require "nn.plot.points"
local text = require "nn.plot.text"

local FIELDS = { "title", "x_label", "y_label", "points", "log_x", "baseline", "caption" }
local LINE, GAP = 20, 6 -- pixels

local function labels_and_rows(list)
  local labels, rows, kept = {}, {}, {}
  for i, point in ipairs(list) do
    labels[i] = text.clean(point.label or "variant " .. i)
    if check.finite(point.value) then
      rows[#rows + 1] = { point.value, i, point.low, point.high, labels[i] }
      kept[#kept + 1] = point
    end
  end
  return labels, rows, kept
end

--- Draws one row for each variant, in the order given, the first at the top.
-- @tparam table spec
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.x_label what is measured, with its unit
-- @tparam[opt] string spec.y_label
-- @tparam {table,...} spec.points each `{ label =, x =, low =, high =, color = }`; x is the number. A variant whose
--   number is NaN keeps its row, empty
-- @tparam[opt=false] boolean spec.log_x
-- @tparam[opt] table spec.baseline `{ x, low, high }`, drawn as a vertical band
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where there is no point or something else than a number
-- @usage nn.plot.dots{ x_label = "val_accuracy", points = { { label = "adam", x = .97, low = .96, high = .98 } } }
-- @function dots
return function(spec)
  arguments.check(spec, FIELDS, "plot.dots")
  local list = points.read(spec.points, "plot.dots", "x")
  local baseline = points.baseline(spec.baseline, "plot.dots", "x")
  local labels, rows, kept = labels_and_rows(list)
  local _, most_lines = names.wrap(labels)
  local low, high = points.range(kept, baseline, spec.log_x, "plot.dots: x")
  local chart = frame.new {
    title = spec.title, above = baseline and 18, plot_height = math.max(80, (LINE * most_lines + GAP) * #labels),
    x = { label = spec.x_label, low = low, high = high, log = spec.log_x },
    y = { label = spec.y_label, categories = labels, reversed = true },
  }
  return figure.chart {
    frame = chart, commands = points.band(baseline, chart.x, true),
    plots = points.plots(kept, "xerrorbars"),
    columns = { text.clean(spec.x_label or "x"), "row", "low", "high", "label" }, rows = rows,
    alt = spec.title or spec.x_label or "variants", caption = spec.caption or points.caption(kept, baseline),
  }
end
