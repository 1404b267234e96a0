--- Whether a list has a value among its entries.
-- @tparam table list
-- @param value
-- @treturn boolean
-- @usage contains({ "relu", "tanh" }, "tanh") --> true
local function contains(list, value)
  for _, each in ipairs(list) do
    if each == value then return true end
  end
  return false
end

return contains
