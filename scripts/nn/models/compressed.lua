--- Inputs that are mostly zeros, such as MNIST's pixels or multi-hot text, as compressed rows (engine/sparse.h).
--
-- Compressing takes about as long as predicting, so rows are kept for as long as their tensor lives and is not assigned
-- to. What is done once in a parent process serves all that it forks.
local engine_tensor = require "engine.tensor"
local job = require "engine.job"

local compressed = {}

-- tensor -> { changes =, rows = or false }
local kept = setmetatable({}, { __mode = "k" })

local function of(tensor)
  tensor = tensor:contiguous()
  local changes, known = engine_tensor.changes(tensor), kept[tensor]
  if not known or not changes or known.changes ~= changes then
    known = { changes = changes, rows = job.compress(tensor) or false }
    kept[tensor] = known
  end
  return known.rows
end

--- Compressed rows of each tensor, false for those that have too few zeros to gain by it.
-- @tparam {tensor,...} tensors (n, ...), contiguous
-- @treturn {userdata|false,...} as engine.job takes them
function compressed.of_all(tensors)
  local list = {}
  for i, tensor in ipairs(tensors) do list[i] = of(tensor) end
  return list
end

return compressed
