--- The look that all charts share: size, colours, margins, title, axes and a legend that never covers data.
-- Everything is placed in pixels here, so that a chart is the same on every machine.
local axis = require "nn.plot.axis"
local text = require "nn.plot.text"

local frame = {}

-- Okabe and Ito's colours for colour-blind readers, without their yellow, which is too faint for a line on white.
local COLORS = { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4D4D4D" }
local MARKS = { 7, 9, 5, 13, 11 } -- gnuplot's filled circle, triangle, square, diamond, triangle downwards
local WIDTH, PLOT_HEIGHT = 720, 330
local TITLE_SIZE, LABEL_SIZE = 15, 14
local GNUPLOT_LINE = 1.5 -- gnuplot's distance of lines in an SVG legend, in letter sizes
local LEGEND_WIDTH, LEGEND_LINE, LEGEND_SAMPLE = 200, 20, 60

--- The colour of a variant, the same in every chart.
-- @tparam integer index from 1; after the last colour they begin again
-- @treturn string as gnuplot takes it: `'#0072B2'` with its quotes
function frame.color(index)
  return "'" .. COLORS[(index - 1) % #COLORS + 1] .. "'"
end

--- The point type of a variant: where the colours begin again, the marks differ.
-- @tparam integer index from 1
-- @treturn integer gnuplot's `pt`
function frame.mark(index)
  return MARKS[(index - 1) // #COLORS % #MARKS + 1]
end

-- Where the legend goes: right of the plot, or below it in columns where names are long.
local function place_legend(legend)
  if #legend == 0 then return { right = 0, below = 0 } end
  local names = {}
  for i, entry in ipairs(legend) do names[i] = text.shorten(entry.name, WIDTH - 100) end
  local width = text.widest(names) + LEGEND_SAMPLE
  if width <= LEGEND_WIDTH then return { right = width, below = 0, rows = #legend } end
  local columns = math.max(1, (WIDTH - 40) // (width + 10))
  local rows = math.ceil(#legend / columns)
  return { right = 0, below = rows * LEGEND_LINE + 18, rows = rows }
end

local function legend_commands(self, legend)
  if #legend == 0 then return "set key off" end
  local x, y = self.left + self.plot_width + 10, self.top - 6
  if self.legend.below > 0 then x, y = 16, self.height - self.legend.below + 2 end
  return ("set key at screen %s, screen %s left top Left reverse vertical maxrows %d samplen 2 spacing %s"):format(
    text.number(x / self.width), text.number(1 - y / self.height), self.legend.rows,
    text.fixed(LEGEND_LINE / text.SIZE / GNUPLOT_LINE, 3))
end

-- How far labels reach below the plot: one line, or as much as slanted ones need.
local function tick_depth(x)
  local width, lines = x:label_size()
  return x.slanted and width * math.sin(math.rad(40)) + 22 or 3 + 20 * lines
end

local function lines_of(label, pixels, size)
  return label and text.wrap(text.clean(label), pixels, size) or {}
end

local function measure(self, spec)
  self.legend = place_legend(spec.legend or {})
  self.plot_height = math.max(spec.plot_height or PLOT_HEIGHT,
    self.legend.below == 0 and LEGEND_LINE * (self.legend.rows or 0) - 10 or 0)
  self.title = lines_of(spec.title, WIDTH - 60, TITLE_SIZE)
  self.y_label = lines_of(spec.y.label, self.plot_height, LABEL_SIZE)
  self.x_label = lines_of(spec.x.label, WIDTH - 200, LABEL_SIZE)
  spec.y.vertical = true
  self.y = axis.new(spec.y, self.plot_height)
  self.left = 14 + 21 * #self.y_label + math.max((self.y:label_size()), 16) + 10
  self.right = math.max(30, self.legend.right + 10, spec.right or 0)
  self.plot_width = WIDTH - self.left - self.right
  self.x = axis.new(spec.x, self.plot_width)
  self.top = 14 + 22 * #self.title + (spec.above or 0)
  self.depth = tick_depth(self.x)
  self.bottom = self.depth + 21 * #self.x_label + 10 + self.legend.below
  self.height = math.floor(self.top + self.plot_height + self.bottom + 0.5)
  self.width = WIDTH
end

local function margin_commands(self)
  local function at(side, share) return ("set %smargin at screen %s"):format(side, text.number(share)) end
  return table.concat({
    at("l", self.left / self.width), at("r", 1 - self.right / self.width),
    at("t", 1 - self.top / self.height), at("b", self.bottom / self.height),
  }, "\n")
end

-- Titles are labels at fixed places: gnuplot's own would move with its guess of the widths of ticks. Pixels count from
-- the lower left corner.
local function title_commands(self)
  local commands = {}
  local function add(lines, x, y, style)
    if #lines == 0 then return end
    commands[#commands + 1] = ("set label %s at screen %s, screen %s center %s"):format(
      text.quote(lines), text.number(x / self.width), text.number(y / self.height), style)
  end
  add(self.title, self.width / 2, self.height - 18, ("font ',%d'"):format(TITLE_SIZE))
  add(self.x_label, self.left + self.plot_width / 2, self.bottom - self.depth - 14, ("font ',%d'"):format(LABEL_SIZE))
  add(self.y_label, 18, self.bottom + self.plot_height / 2, ("rotate by 90 font ',%d'"):format(LABEL_SIZE))
  return commands
end

local function legend_entries(legend)
  local entries = {}
  for i, entry in ipairs(legend) do
    entries[i] = ("keyentry %s title %s"):format(entry.style, text.quote(text.shorten(entry.name, WIDTH - 100)))
  end
  return entries
end

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

local Frame = {}
Frame.__index = Frame

--- Where a point is drawn.
-- @tparam number x
-- @tparam number y
-- @treturn number pixels from the left edge of the plot
-- @treturn number pixels from its lower edge
function Frame:pixel(x, y)
  return self.x:share(x) * self.plot_width, self.y:share(y) * self.plot_height
end

--- A column of the CSV file for `using` that may reach below a logarithmic axis: such values are drawn at its end.
-- @tparam integer column
-- @tparam[opt="y"] string letter of the axis
-- @treturn string
function Frame:above_zero(column, letter)
  local scale = self[letter or "y"]
  if not scale.log then return tostring(column) end
  return ("($%d > 0 ? $%d : %s)"):format(column, column, text.number(scale.low))
end

--- The gnuplot script, but for its first lines, which name the files.
-- @tparam {string,...} plots clauses of one `plot` command, such as `data using 1:2 with lines`
-- @tparam[opt] {string,...} commands to stand before it
-- @treturn string
function Frame:script(plots, commands)
  local lines, clauses = title_commands(self), {}
  for i, clause in ipairs(plots) do clauses[i] = clause .. " notitle" end
  if #plots == 0 then
    clauses[1] = "NaN notitle"
    lines[#lines + 1] = "set label 'no finite values to draw' at graph 0.5, graph 0.5 center"
  end
  append(lines, {
    margin_commands(self), legend_commands(self, self.entries), self.x:commands("x"), self.y:commands("y"),
  })
  append(lines, commands or {})
  append(clauses, legend_entries(self.entries))
  lines[#lines + 1] = "plot " .. table.concat(clauses, ", \\\n  ") .. "\n"
  return table.concat(lines, "\n")
end

--- Lays out a chart.
-- @tparam table spec `title`; `x`, `y`: as for `axis.new`, with a `label`; `legend`: a list of `{ name =, style = }`
--   with a style such as `with lines lw 2`; `plot_height` in pixels (330); `above`, `right`: more free pixels there
-- @treturn table with the methods above
function frame.new(spec)
  local self = setmetatable({ entries = spec.legend or {} }, Frame)
  measure(self, spec)
  return self
end

return frame
