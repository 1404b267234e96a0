--- The look that all charts share: size, colours, margins, title, axes and a legend that never covers data.
-- Everything is placed in pixels here, so that a chart is the same on every machine.
-- @module nn.plot.frame
local axis = require "nn.plot.axis"
local text = require "nn.plot.text"

local frame = {}

-- Okabe and Ito's colours for colour-blind readers, without their yellow, which is too faint for a line on white.
local COLORS = { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4D4D4D" }
local MARKS = { 7, 9, 5, 13, 11 } -- gnuplot's filled circle, triangle, square, diamond, triangle downwards
local WIDTH, PLOT_HEIGHT = 720, 330
local TITLE_SIZE, LABEL_SIZE = 15, 14
local LEGEND_WIDTH, LEGEND_LINE, LEGEND_SAMPLE = 225, 20, 60
-- gnuplot 5.4's own idea of an SVG legend: lines and letters in letter sizes, the sample in pixels.
local GNUPLOT_LINE, GNUPLOT_LETTER, GNUPLOT_SAMPLE = 1.5, 0.7, 47

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

--- The mark with the same outline that is not filled.
-- @tparam integer mark from `frame.mark`
-- @treturn integer
function frame.open(mark)
  return mark - 1
end

local function legend_names(entries)
  local names, most_letters = {}, 0
  for i, entry in ipairs(entries) do names[i] = text.clean(entry.name) end
  names = text.shorten_all(names, WIDTH - 100)
  for _, name in ipairs(names) do most_letters = math.max(most_letters, utf8.len(name)) end
  return names, most_letters
end

-- Columns of a legend below the plot: gnuplot puts as many beside each other as it believes fit the plot's width.
local function legend_columns(self)
  local column = GNUPLOT_SAMPLE + GNUPLOT_LETTER * text.SIZE * self.most_letters
  local fitting = math.max(1, math.floor(self.plot_width / column))
  return text.widest(self.names) + LEGEND_SAMPLE > column and 1 or fitting
end

local function legend_commands(self)
  if #self.names == 0 then return "set key off" end
  local x, y = self.left + self.plot_width + 10, self.top - 6
  if self.legend_below > 0 then x, y = 16, self.height - self.legend_below + 2 end
  return ("set key at screen %s, screen %s left top Left reverse horizontal maxcols %d samplen 2 spacing %s"):format(
    text.number(x / self.width), text.number(1 - y / self.height), self.columns,
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

local function rows_height(count, columns)
  return count > 0 and math.ceil(count / columns) * LEGEND_LINE + 18 or 0
end

-- The legend stands right of the plot, or below it where names are long; a tall one makes the plot taller.
local function measure_legend(self, spec)
  self.entries = spec.legend or {}
  self.names, self.most_letters = legend_names(self.entries)
  local width = #self.names > 0 and text.widest(self.names) + LEGEND_SAMPLE or 0
  self.legend_right = width <= LEGEND_WIDTH and width or 0
  local rows = self.legend_right > 0 and #self.names or 0
  self.plot_height = math.max(spec.plot_height or PLOT_HEIGHT, LEGEND_LINE * rows - 10)
end

local function measure(self, spec)
  measure_legend(self, spec)
  self.title = lines_of(spec.title, WIDTH - 60, TITLE_SIZE)
  self.y_label = lines_of(spec.y.label, self.plot_height, LABEL_SIZE)
  self.x_label = lines_of(spec.x.label, WIDTH - 200, LABEL_SIZE)
  spec.y.vertical = true
  self.y = axis.new(spec.y, self.plot_height)
  self.left = 14 + 21 * #self.y_label + math.max((self.y:label_size()), 16) + 10
  self.right = math.max(30, self.legend_right + 10, spec.right or 0)
  self.plot_width = WIDTH - self.left - self.right
  self.x = axis.new(spec.x, self.plot_width)
  self.top = 14 + 22 * #self.title + (spec.above or 0)
  self.depth = tick_depth(self.x)
  self.columns = self.legend_right > 0 and 1 or legend_columns(self)
  self.legend_below = self.legend_right > 0 and 0 or rows_height(#self.names, self.columns)
  self.bottom = self.depth + 21 * #self.x_label + 10 + self.legend_below
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

local function legend_entries(self)
  local clauses = {}
  for i, entry in ipairs(self.entries) do
    clauses[i] = ("keyentry %s title %s"):format(entry.style, text.quote(self.names[i]))
  end
  return clauses
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
    margin_commands(self), legend_commands(self), self.x:commands("x"), self.y:commands("y"),
  })
  append(lines, commands or {})
  append(clauses, legend_entries(self))
  lines[#lines + 1] = "plot " .. table.concat(clauses, ", \\\n  ") .. "\n"
  return table.concat(lines, "\n")
end

--- Lays out a chart.
-- @tparam table spec `title`; `x`, `y`: as for `axis.new`, with a `label`; `legend`: a list of `{ name =, style = }`
--   with a style such as `with lines lw 2`; `plot_height` in pixels (330); `above`, `right`: more free pixels there
-- @treturn table with the methods above
function frame.new(spec)
  local self = setmetatable({}, Frame)
  measure(self, spec)
  return self
end

return frame
