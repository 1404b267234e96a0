--- What was found out about a tensor, kept for as long as the tensor lives and is not assigned to. What is found once
-- in a parent process serves all that it forks.
local engine_tensor = require "engine.tensor"

--- Makes a function remember.
-- @tparam function find tensor, contiguous -> anything but nil
-- @treturn function likewise, of any tensor; it calls `find` once for each
-- @usage local total = remembered(function(t) return t:sum() end)
return function(find)
  local kept = setmetatable({}, { __mode = "k" }) -- tensor -> { changes =, value = }
  return function(tensor)
    tensor = tensor:contiguous()
    local changes, known = engine_tensor.changes(tensor), kept[tensor]
    if not known or not changes or known.changes ~= changes then
      known = { changes = changes, value = find(tensor) }
      kept[tensor] = known
    end
    return known.value
  end
end
