--- Names beside points, placed so that they cover neither points nor each other.
-- @module nn.plot.labels
local text = require "nn.plot.text"

local labels = {}

local SIZE = 12
local WIDEST = 240 -- pixels, of a name
-- Places around a point, the best first: distance in pixels, and which end of the text is there.
local PLACES = {
  { 8, 0, "left" }, { -8, 0, "right" }, { 0, 13, "center" }, { 0, -13, "center" },
  { 7, 11, "left" }, { 7, -11, "left" }, { -7, 11, "right" }, { -7, -11, "right" },
}
local SHIFT = { left = 0, center = 0.5, right = 1 }

local function overlap(a, b)
  return a.left < b.right and b.left < a.right and a.low < b.high and b.low < a.high
end

local function free(box, boxes, chart)
  if box.left < 0 or box.right > chart.plot_width + chart.right - 4 or box.low < 0 or box.high > chart.plot_height then
    return false
  end
  for _, other in ipairs(boxes) do
    if overlap(box, other) then return false end
  end
  return true
end

local function box_at(x, y, width, place)
  local left = x + place[1] - SHIFT[place[3]] * width
  return { left = left, right = left + width, low = y + place[2] - SIZE / 2, high = y + place[2] + SIZE / 2 }
end

local function command(chart, name, x, y, place)
  return ("set label %s at screen %s, screen %s %s font ',%d' textcolor rgb '#333333'"):format(
    text.quote(name), text.number((chart.left + x + place[1]) / chart.width),
    text.number((chart.bottom + y + place[2]) / chart.height), place[3], SIZE)
end

--- Chooses a place for each name. One that fits nowhere is left out; it is in the CSV file.
-- @tparam table chart from frame.new
-- @tparam {table,...} list points `{ x =, y =, label = }`; the first get the best places
-- @tparam {table,...} boxes places already taken, `{ left =, right =, low =, high = }` in pixels of the plot
-- @treturn {string,...} gnuplot commands
function labels.place(chart, list, boxes)
  local commands = {}
  for _, point in ipairs(list) do
    local x, y = chart:pixel(point.x, point.y)
    boxes[#boxes + 1] = { left = x - 5, right = x + 5, low = y - 5, high = y + 5 }
  end
  local names = {}
  for i, point in ipairs(list) do names[i] = point.label or "" end
  names = text.shorten_all(names, WIDEST)
  for i, point in ipairs(list) do
    local x, y = chart:pixel(point.x, point.y)
    local width = text.width(names[i], SIZE)
    for _, place in ipairs(point.label and PLACES or {}) do
      local box = box_at(x, y, width, place)
      if free(box, boxes, chart) then
        boxes[#boxes + 1] = box
        commands[#commands + 1] = command(chart, names[i], x, y, place)
        break
      end
    end
  end
  return commands
end

return labels
