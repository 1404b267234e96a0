--- How pictures are cut or padded to the proportions of a size.
local proportions = {}

--- The middle of pictures that has the proportions of a size.
-- @tparam integer height of the pictures
-- @tparam integer width
-- @tparam {integer,integer} size height and width wanted
-- @treturn {integer,integer} first row and column, from 1
-- @treturn {integer,integer} how many rows and columns
function proportions.middle(height, width, size)
  local rows = math.max(1, math.min(height, width * size[1] // size[2]))
  local columns = math.max(1, math.min(width, height * size[2] // size[1]))
  return { (height - rows) // 2 + 1, (width - columns) // 2 + 1 }, { rows, columns }
end

--- The margins that give pictures the proportions of a size.
-- @treturn integer rows above, and as many below
-- @treturn integer columns on the left, and as many on the right
function proportions.margins(height, width, size)
  local above = (math.max(height, width * size[1] // size[2]) - height) // 2
  local left = (math.max(width, height * size[2] // size[1]) - width) // 2
  return above, left
end

return proportions
