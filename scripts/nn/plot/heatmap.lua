--- A number for each pair of two things, such as the accuracy for each width and each learning rate.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local axis = require "nn.plot.axis"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local grid = require "nn.plot.grid"
local hover = require "nn.plot.hover"
local text = require "nn.plot.text"
local ticks = require "nn.plot.ticks"

local FIELDS = { "title", "x_label", "y_label", "matrix", "x_names", "y_names", "decimals", "caption" }
-- Light all along, so that dark numbers can be read everywhere.
local PALETTE = "0 '#F7FBFF', 0.5 '#BDD7EC', 1 '#6BAED6'"
local BAR_SPACE = 100

-- Decimals that tell twenty steps between the ends apart.
local function fitting_decimals(low, high)
  local size = math.max(math.abs(low), math.abs(high))
  return ticks.decimals(ticks.nice_step(math.max((high - low) / 20, 1e-6 * size, 1e-9)))
end

local function rows_of(matrix, x_names, y_names, decimals)
  local rows, longest = {}, 1
  for i, line in ipairs(matrix) do
    for j, value in ipairs(line) do
      if check.finite(value) then
        local words = math.abs(value) < 1e6 and text.fixed(value, decimals) or ("%.2e"):format(value)
        longest = math.max(longest, #words)
        rows[#rows + 1] = { j, i, value, words, x_names[j], y_names[i] }
      end
    end
  end
  return rows, longest
end

local function plots_of(count, size)
  if count == 0 then return {} end
  local texts = hover.clause("1:2", hover.words({ 6 }, ", ", { 5 }, ": ", { 4 }), count)
  return { grid.cells("3", size ~= nil), texts, size and grid.numbers("4", size) }
end

-- A scale of colours right of the plot, for cells too small to hold their numbers.
local function color_bar(chart, low, high)
  local scale = axis.new({ low = low, high = high, vertical = true }, chart.plot_height)
  local x, bottom = chart.left + chart.plot_width + 14, chart.bottom
  return {
    ("set colorbox vertical user origin screen %s, screen %s size screen %s, screen %s noborder"):format(
      text.number(x / chart.width), text.number(bottom / chart.height), text.number(14 / chart.width),
      text.number(chart.plot_height / chart.height)),
    scale:tick_command("cb"),
  }
end

--- Draws a matrix as coloured cells, with the numbers inside where there is room and a scale of colours where there
-- is not.
-- @tparam table spec
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.x_label what the columns are
-- @tparam[opt] string spec.y_label what the rows are
-- @tparam table spec.matrix a list of rows, or a tensor (rows, columns); the first row is drawn at the top; a cell
--   with NaN stays grey
-- @tparam[opt] {string,...} spec.x_names of the columns (their positions if left out)
-- @tparam[opt] {string,...} spec.y_names of the rows
-- @tparam[opt] integer spec.decimals of the numbers in the cells (as many as tell them apart)
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where rows differ in length, names are too many or few, or there is something else than a number
-- @usage nn.plot.heatmap{ matrix = { { .96, .97 }, { .95, .98 } }, x_names = { 50, 100 }, y_names = { "relu", "tanh"
--   } }
-- @function heatmap
return function(spec)
  arguments.check(spec, FIELDS, "plot.heatmap")
  local matrix = grid.matrix(spec.matrix, "plot.heatmap: matrix")
  local x_names = grid.names(spec.x_names, #matrix[1], 1, "plot.heatmap: x_names")
  local y_names = grid.names(spec.y_names, #matrix, 1, "plot.heatmap: y_names")
  local low, high = check.range(grid.values(matrix))
  low, high = low or 0, high or 1
  local rows, longest = rows_of(matrix, x_names, y_names, spec.decimals or fitting_decimals(low, high))
  local chart = grid.frame(spec, x_names, y_names)
  local size = grid.letter_size(chart, longest)
  if not size then chart = grid.frame(spec, x_names, y_names, BAR_SPACE) end
  local commands = grid.commands(PALETTE, low, high > low and high or low + 1)
  if not size then commands = table.move(color_bar(chart, low, high), 1, 2, #commands + 1, commands) end
  return figure.chart {
    frame = chart, commands = commands, plots = plots_of(#rows, size),
    columns = { "column", "row", "value", "text", text.clean(spec.x_label or "x"), text.clean(spec.y_label or "y") },
    rows = rows, alt = spec.title or "heatmap", caption = spec.caption,
  }
end
