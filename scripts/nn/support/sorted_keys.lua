--- The keys of a table in the alphabetical order of their texts.
-- @tparam table map
-- @treturn {any,...}
return function(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end
