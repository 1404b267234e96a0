--- Inputs that are mostly zeros, such as MNIST's pixels or multi-hot text, as compressed rows
-- (engine/products/sparse_batch.h).
-- Compressing takes about as long as predicting, so the rows are memoize.
local job = require "engine.job"
local memoize = require "nn.support.memoize"

local compressed = {}

local rows_of = memoize(function(tensor) return job.compress(tensor) or false end)

--- Compressed rows of each tensor, false for those that have too few zeros to gain by it.
-- @tparam {tensor,...} tensors (n, ...), contiguous
-- @treturn {userdata|false,...} as engine.job takes them
function compressed.of_all(tensors)
  local list = {}
  for i, tensor in ipairs(tensors) do list[i] = rows_of(tensor) end
  return list
end

return compressed
