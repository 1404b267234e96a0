--- Figures: charts and pictures that have been described but not yet written.
-- @module nn.plot.figure
local csv_file = require "nn.support.csv_file"
local files = require "nn.plot.files"
local gnuplot = require "nn.plot.gnuplot"
local text = require "nn.plot.text"

local figure = {}

-- Texts on one line each, as gnuplot reads them.
local function on_one_line(row, count)
  local cells = {}
  for i = 1, count do cells[i] = type(row[i]) == "string" and text.clean(row[i]) or row[i] end
  return cells
end

--- The text of a CSV file.
-- @tparam {string,...} columns their names
-- @tparam {table,...} rows lists of as many cells; nil is an empty one
-- @treturn string
function figure.csv(columns, rows)
  local lines = {}
  for i, row in ipairs(rows) do lines[i] = on_one_line(row, #columns) end
  return csv_file.text(on_one_line(columns, #columns), lines)
end

local Figure = {}
Figure.__index = Figure

-- One line in the place of a chart that could not be drawn.
local function apology(alt, reason, csv)
  return ("*%s: the chart could not be drawn (%s). Its numbers are in [%s](%s).*"):format(
    text.markdown(alt), text.markdown(reason), text.markdown(csv), text.link(csv))
end

--- Writes the chart: NAME.csv (its numbers), NAME.gp (gnuplot's script) and NAME.svg. Without gnuplot the last is
-- missing, the Markdown says so, and a warning goes to standard error, once a run.
-- @tparam string folder such as "reports/lab/charts"; made if it is not there
-- @tparam string name of the files; nn.plot.slug makes one from any text
-- @treturn table `markdown`: the picture and its caption, with links as seen from the folder above; `files`: the
--   names of the files written, as seen from there too
-- @raise ends the program with status 4 where a file cannot be written
-- @usage local written = nn.plot.curves{ series = { { y = { 3, 2, 1 } } } }:write("reports/lab/charts", "loss")
function Figure:write(folder, name)
  files.prepare(folder, name)
  files.write(folder .. "/" .. name .. ".csv", figure.csv(self.columns, self.rows))
  files.write(folder .. "/" .. name .. ".gp", gnuplot.script(name, self))
  local ok, reason = gnuplot.draw(folder, name)
  local base = files.last_part(folder) .. "/" .. name
  if not ok then
    return { markdown = apology(self.alt, reason, base .. ".csv"), files = { base .. ".gp", base .. ".csv" } }
  end
  return {
    markdown = figure.picture(self.alt, base .. ".svg", self.caption),
    files = { base .. ".svg", base .. ".gp", base .. ".csv" },
  }
end

--- A picture with its caption below it.
-- @tparam string alt words for those who do not see it
-- @tparam string path
-- @tparam[opt] string caption
-- @treturn string Markdown
function figure.picture(alt, path, caption)
  return ("![%s](%s)"):format(text.markdown(alt), text.link(path)) .. figure.caption(caption)
end

--- A caption as a paragraph of its own, or nothing.
-- @tparam[opt] string words
-- @treturn string Markdown that begins with an empty line, or ""
function figure.caption(words)
  local line = text.markdown(words or ""):match("^%s*(.-)%s*$")
  return line == "" and "" or "\n\n*" .. line .. "*"
end

--- Makes the figure of a chart.
-- @tparam table chart `frame`: from frame.new; `plots`, `commands`: as for its method script; `columns`, `rows`: of
--   the CSV file; `alt`, `caption`: words for the report
-- @treturn table with the method write
function figure.chart(chart)
  return setmetatable({
    width = chart.frame.width, height = chart.frame.height,
    body = chart.frame:script(chart.plots, chart.commands),
    columns = chart.columns, rows = chart.rows, alt = chart.alt, caption = chart.caption,
  }, Figure)
end

return figure
