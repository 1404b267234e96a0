--- Integers through operations that compute in float32 and only move elements.
local engine = require "engine.tensor"

local integers = {}

local MOST_EXACT = 2 ^ 24 -- float32 holds every whole number up to this

local function is_exact(x)
  return x.dtype == "uint8" or x.size == 0 or x:max() <= MOST_EXACT and x:min() >= -MOST_EXACT
end

--- A tensor whose elements were moved, in its own type, exactly.
-- @tparam tensor x of integers
-- @tparam function move of a tensor; places without an element of it must get 0
-- @treturn tensor
function integers.moved(x, move)
  if is_exact(x) then return move(x):astype(x.dtype) end
  local bytes, moved = engine.from_bytes(x:bytes(), "uint8", { x.size, 4 }), {}
  for i = 1, 4 do moved[i] = move(bytes[{ {}, i }]:reshape(x.shape)):astype "uint8" end
  return engine.from_bytes(engine.stack(moved, -1):bytes(), "int32", moved[1].shape)
end

return integers
