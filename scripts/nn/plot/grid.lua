--- A table of coloured cells with their numbers inside: what heatmaps and confusion matrices share.
-- @module nn.plot.grid
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local frame = require "nn.plot.frame"
local tensor = require "nn.tensor"
local text = require "nn.plot.text"

local grid = {}

--- Reads a matrix: a list of rows, or a tensor with two axes.
-- @tparam table matrix
-- @tparam string what for messages
-- @treturn {{number,...},...} rows
function grid.matrix(matrix, what)
  if tensor.is_tensor(matrix) then matrix = matrix:totable() end
  local width
  for i, row in ipairs(check.list(matrix, what)) do
    local where = ("%s[%d]"):format(what, i)
    width = width or #check.numbers(row, where)
    if #check.numbers(row, where) ~= width then
      blame("%s: row 1 has %d numbers, this row has %d", where, width, #row)
    end
  end
  return matrix
end

--- All numbers of a matrix in one list.
-- @tparam {{number,...},...} matrix
-- @treturn {number,...}
function grid.values(matrix)
  local values = {}
  for _, row in ipairs(matrix) do table.move(row, 1, #row, #values + 1, values) end
  return values
end

--- Names for rows or columns.
-- @tparam ?table given
-- @tparam integer count how many there must be
-- @tparam integer first the number that stands for the first where no names are given
-- @tparam string what for messages
-- @treturn {string,...}
function grid.names(given, count, first, what)
  if given then return check.texts(given, count, what) end
  local names = {}
  for i = 1, count do names[i] = tostring(first + i - 1) end
  return names
end

--- Lays out the cells, the first row at the top.
-- @tparam table spec `title`, `x_label`, `y_label`
-- @tparam {string,...} x_names
-- @tparam {string,...} y_names
-- @tparam[opt] integer right more free pixels right of the plot
-- @treturn table from frame.new
function grid.frame(spec, x_names, y_names, right)
  return frame.new {
    title = spec.title, right = right, plot_height = math.min(640, math.max(110, 36 * #y_names)),
    x = { label = spec.x_label, categories = x_names },
    y = { label = spec.y_label, categories = y_names, reversed = true },
  }
end

--- The size of letters that fit into a cell.
-- @tparam table chart from grid.frame
-- @tparam integer letters in the longest number
-- @treturn ?integer pixels; nil where they would be too small to read
function grid.letter_size(chart, letters)
  local across = chart.plot_width / (chart.x.high - chart.x.low)
  local down = chart.plot_height / (chart.y.high - chart.y.low)
  local size = math.floor(math.min(text.SIZE, 0.8 * down, across / (0.66 * letters + 0.5)))
  return size >= 7 and size or nil
end

--- The clause that draws the cells; columns 1 and 2 of the CSV file are the positions in x and y, from 1.
-- @tparam string shade a `using` expression for the colour in the palette
-- @tparam boolean apart whether white lines part the cells; small cells rather overlap a little than let light
--   through
-- @treturn string
function grid.cells(shade, apart)
  local half = apart and "0.5" or "0.53"
  return ("data using 1:2:($1-%s):($1+%s):($2-%s):($2+%s):%s with boxxyerror palette fillstyle solid %s"):format(
    half, half, half, half, shade, apart and "border linecolor rgb '#FFFFFF'" or "noborder")
end

--- The clause that writes into the cells.
-- @tparam string words a `using` expression for the text
-- @tparam integer size of the letters in pixels
-- @treturn string
function grid.numbers(words, size)
  return ("data using 1:2:%s with labels font ',%d' textcolor rgb '#222222'"):format(words, size)
end

--- The commands before a plot of cells: colours, and no lines behind them.
-- @tparam string palette what follows `set palette defined`
-- @tparam number low the value of its lower end
-- @tparam number high the value of its upper end
-- @treturn {string,...}
function grid.commands(palette, low, high)
  return {
    "unset grid", "unset colorbox", "set palette defined (" .. palette .. ")", "set palette maxcolors 0",
    ("set cbrange [%s:%s]"):format(text.number(low), text.number(high)),
    -- what has no value stays grey
    "set object rectangle from graph 0, graph 0 to graph 1, graph 1 behind "
      .. "fillcolor rgb '#EEEEEE' fillstyle solid noborder",
  }
end

return grid
