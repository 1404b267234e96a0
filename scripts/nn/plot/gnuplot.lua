--- Runs gnuplot. A chart that cannot be drawn is a line in the report and one warning a run, never an error.
-- @module nn.plot.gnuplot
local files = require "nn.plot.files"
local text = require "nn.plot.text"

local gnuplot = {}

local GREY = "'#4D4D4D'"

-- A word for the shell: inside single quotes nothing has a meaning but the quote.
local function shell_quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The whole script of a chart. It names its files without folder, so `cd charts && gnuplot NAME.gp` draws it again.
-- @tparam string name of the files
-- @tparam table chart `width` and `height` in pixels, `body`: commands that read the file whose name is in `data`
-- @treturn string
function gnuplot.script(name, chart)
  local size = text.number(chart.width) .. "," .. text.number(chart.height)
  local lines = {
    "# Draw this chart again with: gnuplot " .. shell_quote(name .. ".gp"),
    "set encoding utf8",
    "set terminal svg size " .. size .. " fixed font 'sans-serif," .. text.SIZE
      .. "' background '#FFFFFF' rounded noenhanced",
    "if (!exists('picture')) picture = " .. text.quote(name .. ".svg"),
    "set output picture",
    "data = " .. text.quote(name .. ".csv"),
    "set datafile separator comma",
    "set datafile columnheaders",
    "set datafile commentschars ''",
    "set border 3 linecolor rgb " .. GREY,
    "set tics nomirror scale 0.5 textcolor rgb '#333333'",
    "set grid linecolor rgb '#E3E3E3' linetype 1 linewidth 1",
    "set bars small",
    chart.body,
  }
  return table.concat(lines, "\n")
end

local warned = false

-- One warning says it all: what is missing for one chart is missing for the others.
local function warn_once(reason)
  if warned then return end
  warned = true
  io.stderr:write("nnrun: warning: charts are not drawn: ", reason, "\n")
end

local function failure(status, output, is_signal)
  if status == 127 then
    return "gnuplot is not installed", "gnuplot is not installed (Debian's package is gnuplot-nox); "
      .. "`nnrun report NAME` draws the charts later"
  end
  if is_signal then output = ("it crashed (signal %d)"):format(status) end
  local said = text.clean(output):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  if said == "" then said = ("it ended with status %s and said nothing"):format(status) end
  return "gnuplot failed: " .. said, "gnuplot failed: " .. said
end

-- What a command printed, its exit status, and whether that is the signal that ended it.
local function run(command)
  local pipe, message = io.popen(command, "r")
  if not pipe then return message, -1 end
  local output = pipe:read "a"
  local _, how, status = pipe:close()
  return output, status, how == "signal"
end

--- Draws `folder/name.gp`, whose picture is `folder/name.svg`. No half of a picture is ever there, nor an old one where
-- the new one failed.
-- @tparam string folder
-- @tparam string name
-- @treturn boolean whether it worked
-- @treturn ?string why not
function gnuplot.draw(folder, name)
  -- "./" keeps cd from taking "-" for an option and gnuplot from taking "-x.gp" for one
  local place = folder:find("^/") and folder or "./" .. folder
  local picture, unfinished = name .. ".svg", files.beside(name .. ".svg")
  local command = ("cd %s && LC_ALL=C exec gnuplot -d -e %s %s 2>&1 </dev/null"):format(
    shell_quote(place), shell_quote("picture = " .. text.quote(unfinished)), shell_quote("./" .. name .. ".gp"))
  local output, status, is_signal = run(command)
  if status == 0 and os.rename(folder .. "/" .. unfinished, folder .. "/" .. picture) then return true end
  os.remove(folder .. "/" .. unfinished)
  os.remove(folder .. "/" .. picture)
  local reason, warning = failure(status, output, is_signal)
  warn_once(warning)
  return false, reason
end

return gnuplot
