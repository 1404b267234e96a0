--- Lists of axes and lengths, as products over any axes need them.
local axis_lists = {}

--- first, first + 1, ... last.
function axis_lists.range(first, last)
  local list = {}
  for i = first, last do list[#list + 1] = i end
  return list
end

--- The product of lengths, 1 of none; -1, what is left, if a length is not known yet.
function axis_lists.product_of(lengths)
  local product = 1
  for _, length in ipairs(lengths) do product = product * length end
  return product < 0 and -1 or product
end

--- What stands at those positions.
function axis_lists.pick(list, positions)
  local picked = {}
  for i, position in ipairs(positions) do picked[i] = list[position] end
  return picked
end

--- How many letters at the end of `a` are those at the start of `b`, if a sum over these leaves the others as `result`
-- has them: then it is one product, of tensors as they are.
-- @tparam string a the letters of a tensor's axes, as in einsum
-- @tparam string b
-- @tparam string result
-- @treturn ?integer nil if it is another sum
function axis_lists.dense_axes(a, b, result)
  for n = 1, math.min(#a, #b) do
    if a:sub(-n) == b:sub(1, n) and a:sub(1, -n - 1) .. b:sub(n + 1) == result then return n end
  end
end

--- Lists one after the other.
function axis_lists.joined(...)
  local list = {}
  for _, part in ipairs { ... } do table.move(part, 1, #part, #list + 1, list) end
  return list
end

--- The axes of 1 to ndim that are not in the list.
function axis_lists.without(ndim, axes)
  local left, goes = {}, {}
  for _, axis in ipairs(axes) do goes[axis] = true end
  for axis = 1, ndim do
    if not goes[axis] then left[#left + 1] = axis end
  end
  return left
end

return axis_lists
