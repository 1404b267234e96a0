--- Which classes a classifier takes for which.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local grid = require "nn.plot.grid"
local hover = require "nn.plot.hover"

local FIELDS = { "title", "matrix", "class_names", "caption" }
-- Errors orange below zero, the diagonal blue above. The root lets one mistake in a hundred be seen.
local PALETTE = "-1 '#F08A3C', -0.5 '#FBC48F', 0 '#FFFFFF', 0.5 '#C6DCEF', 1 '#7FB3DC'"
local SHADE = "($1 == $2 ? sqrt($4) : -sqrt($4))"
local CAPTION = "Rows are true classes, columns predictions. Blue: right, orange: wrong; the darker, the larger the "
  .. "share of the true class. Empty cells are 0."

local function sum(row)
  local total = 0
  for _, value in ipairs(row) do total = total + value end
  return total
end

local function rows_of(matrix, names)
  local rows, longest = {}, 1
  for i, line in ipairs(matrix) do
    local total = sum(line)
    for j, count in ipairs(line) do
      if not (check.finite(count) and count >= 0) then
        blame("plot.confusion: matrix[%d][%d]: expected a count, got %s", i, j, blame.got(count))
      end
      rows[#rows + 1] = { j, i, count, total > 0 and count / total or 0, names[i], names[j] }
      longest = math.max(longest, #("%.0f"):format(count))
    end
  end
  return rows, longest
end

--- Draws a confusion matrix: counts in the cells, shaded by their share of the true class.
-- @tparam table spec
-- @tparam table spec.matrix counts, as from nn.metrics.confusion_matrix: a row for each true class, a column for
--   each predicted one; a list of lists or a tensor
-- @tparam[opt] {string,...} spec.class_names (the class ids, from 0, if left out)
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where the matrix is not square, names are too many or few, or a count is none
-- @usage
-- local matrix = nn.metrics.confusion_matrix(y_test, y_pred)
-- nn.plot.confusion{ matrix = matrix, class_names = { "cat", "dog", "fox" } }
-- @function confusion
return function(spec)
  arguments.check(spec, FIELDS, "plot.confusion")
  local matrix = grid.matrix(spec.matrix, "plot.confusion: matrix")
  if #matrix ~= #matrix[1] then
    blame("plot.confusion: expected as many columns as rows, got %d rows and %d columns", #matrix, #matrix[1])
  end
  local names = grid.names(spec.class_names, #matrix, 0, "plot.confusion: class_names")
  local rows, longest = rows_of(matrix, names)
  local chart = grid.frame({ title = spec.title, x_label = "predicted class", y_label = "true class" }, names, names)
  local size = grid.letter_size(chart, longest)
  return figure.chart {
    frame = chart, commands = grid.commands(PALETTE, -1, 1),
    plots = {
      grid.cells(SHADE, size ~= nil), hover.clause("1:2", hover.words({ 5 }, " taken for ", { 6 }, ": ", 3), #rows),
      size and grid.numbers("($3 > 0 ? strcol(3) : '')", size),
    },
    columns = { "predicted_position", "true_position", "count", "fraction_of_true", "true", "predicted" }, rows = rows,
    alt = spec.title or "confusion matrix", caption = spec.caption or CAPTION,
  }
end
