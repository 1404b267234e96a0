--- Names for layers and models that were given none: dense, dense_1, dense_2, ... as Keras numbers them.
local names = {}

local used = {}

--- "BatchNormalization" -> "batch_normalization", "PReLU" -> "p_re_lu": Keras' rule, oddities included.
function names.snake_case(class)
  return (class:gsub("(.)(%u%l+)", "%1_%2"):gsub("(%l)(%u)", "%1_%2"):lower())
end

--- The next free name of a class.
-- @usage names.unique("Dense") --> "dense", then "dense_1"
function names.unique(class)
  local base = names.snake_case(class)
  local count = used[base] or 0
  used[base] = count + 1
  return count == 0 and base or base .. "_" .. count
end

--- A name that is not taken: the given one, or that with a number from 1.
-- @tparam string name
-- @tparam {[string]=any} taken
function names.numbered(name, taken)
  local free, number = name, 0
  while taken[free] do
    number = number + 1
    free = ("%s_%d"):format(name, number)
  end
  return free
end

--- Starts numbering anew, so that a model built twice has the same names twice.
function names.reset()
  used = {}
end

--- The numbering as it is now, for `names.restore`.
function names.state()
  local copy = {}
  for base, count in pairs(used) do copy[base] = count end
  return copy
end

--- Goes on from an earlier numbering.
-- @tparam table state as `names.state` gave it
function names.restore(state) used = state end

return names
