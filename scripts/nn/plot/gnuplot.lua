--- Runs gnuplot. A chart that cannot be drawn is a line in the report and one warning a run, never an error.
-- @module nn.plot.gnuplot
local lfs = require "lfs"
local files = require "nn.plot.files"
local program = require "nn.support.program"
local text = require "nn.plot.text"

local gnuplot = {}

--- Seconds that a chart may take, and more for many numbers. A gnuplot that takes longer hangs, and is not asked again
-- in this run.
gnuplot.patience = 20

local GREY = "'#4D4D4D'"
local BYTES_A_SECOND = 1e5
local LONGEST_PICTURE, LONGEST_REASON = 1 << 26, 200 -- bytes

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

--- What a run knows of its gnuplot: `warned` (whether the user was told that charts are missing) and `gave_up` (why it
-- is not asked again). Plain data, for the processes that write reports.
gnuplot.trouble = {}

-- One warning says it all: what is missing for one chart is missing for the others.
local function warn_once(reason)
  if gnuplot.trouble.warned then return end
  gnuplot.trouble.warned = true
  io.stderr:write("nnrun: warning: charts are not drawn: ", reason, "\n")
end

-- Why a chart was not drawn, and the same as advice.
local function failure(problem, why)
  if why == "missing" then
    return "gnuplot is not installed", "gnuplot is not installed (Debian's package is gnuplot-nox); "
      .. "`nnrun report NAME` draws the charts later"
  end
  local said = text.clean(problem:sub(1, LONGEST_REASON)):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  return "gnuplot failed: " .. said, "gnuplot failed: " .. said
end

-- The picture that gnuplot makes of `folder/name.gp`; nil, a reason and a kind of reason where it makes none.
local function picture_of(folder, name)
  if gnuplot.trouble.gave_up then return nil, gnuplot.trouble.gave_up end
  local size = lfs.attributes(("%s/%s.csv"):format(folder, name), "size") or 0
  -- "./" keeps gnuplot from taking "-x.gp" for an option
  local words = { "gnuplot", "-d", "-e", "picture = '/dev/stdout'", "./" .. name .. ".gp" }
  local picture, problem, why = program.run(words, { folder = folder, environment = { LC_ALL = "C" },
    limit = LONGEST_PICTURE, seconds = gnuplot.patience + size // BYTES_A_SECOND })
  if why == "late" then gnuplot.trouble.gave_up = problem end
  if picture and not picture:find "</svg>%s*$" then return nil, "the picture is not complete" end
  return picture, problem, why
end

--- Draws `folder/name.gp`, whose picture is `folder/name.svg`. No half of a picture is ever there, nor an old one where
-- the new one failed.
-- @tparam string folder
-- @tparam string name
-- @treturn boolean whether it worked
-- @treturn ?string why not
-- @raise ends the program with status 4 where the picture cannot be written
function gnuplot.draw(folder, name)
  local path = ("%s/%s.svg"):format(folder, name)
  local picture, problem, why = picture_of(folder, name)
  if picture then
    files.write(path, picture)
    return true
  end
  os.remove(path)
  local reason, warning = failure(problem, why)
  warn_once(warning)
  return false, reason
end

return gnuplot
