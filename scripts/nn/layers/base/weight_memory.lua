--- The memory of weights: each has its own at first, and a model moves them into one block.
local engine = require "engine.tensor"

local weight_memory = {}

-- Bytes after which memory that weights have left is given back.
local MUCH = 2 ^ 26

--- A weight that begins with the numbers of a tensor. It is a view: a tensor that holds its own numbers keeps their
-- memory when it is moved.
-- @tparam tensor value float32
-- @treturn tensor
function weight_memory.new(value)
  local memory = engine.empty(value.shape)
  memory[{}] = value
  return memory:reshape(value.shape)
end

--- Moves weights into one block, so that optimizing, saving and restoring are matters of one vector. A weight stays the
-- same tensor; only its memory moves. Memory is given back on the way: weights and block need not fit side by side.
-- @tparam {tensor,...} weights made by `weight_memory.new`
function weight_memory.gather(weights)
  local total, first, left = 0, 1, 0
  for _, weight in ipairs(weights) do total = total + weight.size end
  if total == 0 then return end
  local block = engine.empty { total }
  for _, weight in ipairs(weights) do
    local size = weight.size
    local place = block[{ { first, first + size - 1 } }]:reshape(weight.shape)
    place[{}] = weight
    engine.rebind(weight, place)
    first, left = first + size, left + 4 * size
    if left > MUCH then
      collectgarbage()
      left = 0
    end
  end
end

return weight_memory
