--- Contact sheets: many small pictures side by side in one, as bytes.
-- @module nn.plot.sheet
local sheet = {}

local WIDTH = 720 -- pixels of a page

-- The rows of a picture, with every pixel repeated.
local function scaled_rows(picture, width, channels, scale)
  local rows, length = {}, width * channels
  for first = 1, #picture, length do
    local row = picture:sub(first, first + length - 1)
    rows[#rows + 1] = row:gsub(("."):rep(channels), function(pixel) return pixel:rep(scale) end)
  end
  return rows
end

--- Columns and scale for a sheet that fits the width of a page.
-- @tparam integer count of pictures
-- @tparam integer width of one
-- @treturn integer columns
function sheet.columns(count, width)
  local wanted = count <= 10 and count or math.max(10, math.ceil((2 * count) ^ 0.5))
  return math.max(1, math.min(wanted, (WIDTH - 1) // (width + 1)))
end

--- The largest whole scale, up to 6, at which a sheet fits the width of a page.
-- @tparam integer columns
-- @tparam integer width of one picture
-- @treturn integer
function sheet.scale(columns, width)
  return math.max(1, math.min(6, ((WIDTH - 1) // columns - 1) // width))
end

--- Puts pictures side by side, with lines of one pixel between and around them.
-- @tparam {string,...} pictures row-major bytes of each
-- @tparam table layout `height`, `width`, `channels` of each picture; `columns`; `scale`: how often each pixel is
--   repeated
-- @tparam string line the bytes of one pixel of the lines
-- @treturn string bytes
-- @treturn integer height
-- @treturn integer width
function sheet.compose(pictures, layout, line)
  local columns, scale = layout.columns, layout.scale
  local empty = line:rep(layout.width * scale)
  local width = columns * (layout.width * scale + 1) + 1
  local rows = { line:rep(width) }
  for first = 1, #pictures, columns do
    local across = {}
    for i = 1, columns do
      local picture = pictures[first + i - 1]
      across[i] = picture and scaled_rows(picture, layout.width, layout.channels, scale) or {}
    end
    for y = 1, layout.height do
      local parts = {}
      for i = 1, columns do parts[i] = across[i][y] or empty end
      local row = line .. table.concat(parts, line) .. line
      for _ = 1, scale do rows[#rows + 1] = row end
    end
    rows[#rows + 1] = line:rep(width)
  end
  return table.concat(rows), #rows, width
end

return sheet
