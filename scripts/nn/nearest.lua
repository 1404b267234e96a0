--- The known name that an unknown one was most likely meant to be.

--- Levenshtein distance, case ignored.
local function distance(a, b)
  a, b = a:lower(), b:lower()
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
    end
  end
  return row[#b]
end

--- @tparam string name
-- @tparam {string,...} known
-- @treturn string|nil the nearest of the known names, nil where none is near
local function nearest(name, known)
  local best, least = nil, math.max(2, #name // 3) + 1
  for _, candidate in ipairs(known) do
    local d = distance(name, candidate)
    if d < least then best, least = candidate, d end
  end
  return best
end

return nearest
