--- Arithmetic that networks of several widths share.
local sizes = {}

--- A number of filters as a multiple of 8, and no more than a tenth below what was asked for.
-- @tparam number count
-- @treturn integer
function sizes.multiple_of_8(count)
  local rounded = math.max(8, math.floor(count + 4) // 8 * 8)
  return rounded < 0.9 * count and rounded + 8 or rounded
end

-- Even lengths have one zero less before than behind, as padding = "same" does; an open length counts as odd.
local function around(length, kernel_size)
  local half = kernel_size // 2
  local less = length == -1 and 1 or 1 - length % 2
  return { half - less, half }
end

--- The zeros before and behind that let a convolution of stride 2 halve a picture.
-- @tparam symbolic x
-- @tparam integer kernel_size
-- @treturn table as ZeroPadding2D takes it
function sizes.halving(x, kernel_size)
  return { around(x.shape[1], kernel_size), around(x.shape[2], kernel_size) }
end

return sizes
