--- JSON with sorted keys: the same value always gives the same text, fit for comparing and hashing.
local json = require "dkjson"

local function collect(value, keys, seen)
  for key, each in pairs(value) do
    if type(key) == "string" and not seen[key] then
      seen[key] = true
      keys[#keys + 1] = key
    end
    if type(each) == "table" then collect(each, keys, seen) end
  end
end

--- @param value anything JSON can hold
-- @treturn string
local function canonical(value)
  local keys = {}
  if type(value) == "table" then collect(value, keys, {}) end
  table.sort(keys)
  return json.encode(value, { keyorder = keys })
end

return canonical
