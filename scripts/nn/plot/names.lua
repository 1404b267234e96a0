--- The names of categories beside an axis: broken into lines, slanted or thinned out, so that none touches another.
-- @module nn.plot.names
local text = require "nn.plot.text"

local names = {}

local LINE = text.SIZE + 3 -- pixels from one line to the next, at least
local UPRIGHT, SLANTED, BESIDE = 160, 150, 270 -- pixels, the widest a name may be
local MOST_LINES = 3

--- Breaks names that stand beside a vertical axis. Those that are too long are shortened.
-- @tparam {string,...} list
-- @tparam[opt=3] integer most_lines that one may have
-- @treturn {{string,...},...} the lines of each
-- @treturn integer the most lines that one has
function names.wrap(list, most_lines)
  most_lines = most_lines or MOST_LINES
  local pixels = BESIDE * most_lines
  while true do
    local all, most = {}, 1
    for i, name in ipairs(text.shorten_all(list, pixels)) do
      all[i] = text.wrap(name, BESIDE)
      most = math.max(most, #all[i])
    end
    if most <= most_lines then return all, most end
    pixels = 0.9 * pixels
  end
end

-- The lines of names that stand upright below a horizontal axis, or nil where one is too wide for that.
local function upright(list, slot)
  local all = {}
  for i, name in ipairs(list) do
    for word in name:gmatch("%S+") do
      if text.width(word) > slot then return nil end
    end
    all[i] = text.wrap(name, slot)
    if #all[i] > MOST_LINES then return nil end
  end
  return all
end

local function shortened(list, pixels)
  local all = {}
  for i, name in ipairs(text.shorten_all(list, pixels)) do all[i] = { name } end
  return all
end

-- The lines of each name, the stride from one that is shown to the next, and whether they are slanted.
local function below(list, slot)
  local widest = text.widest(list)
  if slot < LINE and widest <= 40 then return shortened(list, SLANTED), math.ceil((widest + 10) / slot), false end
  local all = slot >= LINE and upright(list, math.min(slot - 8, UPRIGHT))
  return all or shortened(list, SLANTED), math.ceil(LINE / slot), not all
end

local function beside(list, slot)
  if slot >= 2 * LINE then return (names.wrap(list, math.min(MOST_LINES, slot // LINE))), 1 end
  return shortened(list, BESIDE), math.ceil(LINE / slot)
end

--- Ticks at 1, 2, 3, ... with names.
-- @tparam {string,...} list
-- @tparam number pixels the length of the axis
-- @tparam boolean vertical
-- @treturn {table,...} each `{ at = number, lines = { string, ... } }`
-- @treturn boolean whether the labels are slanted
function names.ticks(list, pixels, vertical)
  local lines, stride, slanted = (vertical and beside or below)(list, pixels / #list)
  local ticks = {}
  for i = 1, #list, stride do ticks[#ticks + 1] = { at = i, lines = lines[i] } end
  return ticks, slanted
end

return names
