--- The projective map that takes four points to four others.
local homography = {}

-- Brings the row with the largest number in column k, among those from k on, to place k.
local function pivot(rows, k)
  local best = k
  for i = k + 1, #rows do
    if math.abs(rows[i][k]) > math.abs(rows[best][k]) then best = i end
  end
  rows[k], rows[best] = rows[best], rows[k]
end

-- Solves linear equations by Gauss's elimination. A row has the coefficients, and the right side after them.
-- @treturn ?{number,...} nil if there is no single solution
local function solve(rows)
  local n, x = #rows, {}
  for k = 1, n do
    pivot(rows, k)
    if rows[k][k] == 0 then return nil end
    for i = k + 1, n do
      local factor = rows[i][k] / rows[k][k]
      for j = k, n + 1 do rows[i][j] = rows[i][j] - factor * rows[k][j] end
    end
  end
  for k = n, 1, -1 do
    x[k] = rows[k][n + 1]
    for j = k + 1, n do x[k] = x[k] - rows[k][j] * x[j] end
    x[k] = x[k] / rows[k][k]
  end
  return x
end

--- The eight numbers of the map, as nn.ops.image.affine_transform takes them.
-- @tparam {{number,number},...} from four points { x, y }
-- @tparam {{number,number},...} to where the map takes each
-- @treturn ?{number,...} nil if three of the points lie on one line
function homography.between(from, to)
  local rows = {}
  for i = 1, 4 do
    local x, y, u, v = from[i][1], from[i][2], to[i][1], to[i][2]
    rows[2 * i - 1] = { x, y, 1, 0, 0, 0, -u * x, -u * y, u }
    rows[2 * i] = { 0, 0, 0, x, y, 1, -v * x, -v * y, v }
  end
  return solve(rows)
end

return homography
