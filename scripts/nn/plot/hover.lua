--- Values that show when the mouse rests on a point: gnuplot's hypertext, drawn as marks that nobody sees.
-- @module nn.plot.hover
local text = require "nn.plot.text"

local hover = {}

local MOST = 400 -- points of a chart; of more only every nth has a text, so that files stay small

--- A clause of `plot` that lays texts over points.
-- @tparam string columns what follows `using` for the places, such as "1:2"
-- @tparam string words a gnuplot expression for the text, of `hover.words`
-- @tparam integer count of the points
-- @treturn string
function hover.clause(columns, words, count)
  local every = count > MOST and ("every %d "):format(math.ceil(count / MOST)) or ""
  local style = "with labels hypertext point pointtype 5 pointsize 1.2 linecolor rgb '#FF000000'"
  return ("data %susing %s:(%s) %s"):format(every, columns, words, style)
end

--- An expression that puts texts and columns together.
-- @tparam string|integer ... a text as it stands; the number of a column, shown as a number with up to five digits;
--   or `{ column }`, shown as the text that it is
-- @treturn string
-- @usage hover.words({ 5 }, ": epoch ", 1, ", loss ", 2) --> strcol(5).": epoch ".sprintf('%.5g', ...
function hover.words(...)
  local parts = {}
  for i, part in ipairs { ... } do
    if type(part) == "table" then
      parts[i] = ("strcol(%d)"):format(part[1])
    elseif math.type(part) == "integer" then
      -- `$n` would leave out the whole point where another column of it is empty
      parts[i] = ("sprintf('%%.5g', column(%d))"):format(part)
    else
      parts[i] = text.quote(part)
    end
  end
  return table.concat(parts, ".")
end

return hover
