--- What was found out about a tensor, kept for as long as the tensor lives and is not assigned to. What is found once
-- in a parent process serves all that it forks.
local engine_tensor = require "engine.tensor"

local MOST = 100 -- parts of one tensor: a script may cut it into any number of slices

-- The tensor whose memory a tensor sees, and which part of it.
local function place_of(tensor)
  local owner, address = engine_tensor.place(tensor)
  return owner, ("%d %s %s"):format(address, tensor.dtype, table.concat(tensor.shape, "x"))
end

--- Makes a function remember.
-- @tparam function find tensor, contiguous -> anything but nil
-- @tparam[opt=false] boolean by_place whether what was found serves all views of the same memory, such as the slices
-- that fit makes anew each time; it is then kept for as long as that memory
-- @treturn function likewise, of any tensor; it calls `find` once for each
-- @usage local total = remembered(function(t) return t:sum() end)
return function(find, by_place)
  local kept = setmetatable({}, { __mode = "k" }) -- tensor -> { changes =, values = by place }
  return function(tensor)
    tensor = tensor:contiguous()
    local owner, place = tensor, ""
    if by_place then owner, place = place_of(tensor) end
    local changes, known = engine_tensor.changes(tensor), kept[owner]
    if not known or not changes or known.changes ~= changes or known.count >= MOST and not known.values[place] then
      known = { changes = changes, values = {}, count = 0 }
      kept[owner] = known
    end
    if known.values[place] == nil then known.values[place], known.count = find(tensor), known.count + 1 end
    return known.values[place]
  end
end
