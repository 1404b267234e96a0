--- Inputs that are mostly zeros, such as MNIST's pixels or multi-hot text, as compressed rows (engine/sparse.h).
--
-- Compressing takes about as long as a small model's epoch, so rows are kept for as long as their tensor lives,
-- together
-- with a hash of the contents they were made from. What is done once in a parent process serves all that it forks.
local data = require "engine.data"
local job = require "engine.job"

local compressed = {}

-- tensor -> { hash =, rows = or false }
local kept = setmetatable({}, { __mode = "k" })

local function of(tensor)
  tensor = tensor:contiguous()
  local hash, known = data.hash(tensor), kept[tensor]
  if not known or known.hash ~= hash then
    known = { hash = hash, rows = job.compress(tensor) or false }
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
