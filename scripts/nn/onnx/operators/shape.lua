--- Operators that change the axes of a tensor, or tell of them.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- A position from 1 for an axis from 0.
local function place(axis, ndim) return axis < 0 and axis + ndim + 1 or axis + 1 end

local function reshaped(x, shape) return x:like(x.data:contiguous():reshape(shape)) end

function operators.Reshape(call, x, shape)
  local wanted = shape and shape:integers() or table.move(call.attributes.shape, 1, #call.attributes.shape, 1, {})
  local known, open = 1, nil
  for i, length in ipairs(wanted) do
    if length == 0 and call.attributes.allowzero ~= 1 then wanted[i] = x.data.shape[i] end
    if wanted[i] == -1 then open = i else known = known * wanted[i] end
  end
  if open then wanted[open] = known > 0 and x.data.size // known or 0 end
  return reshaped(x, wanted)
end

function operators.Flatten(call, x)
  local axis, rows = call.attributes.axis or 1, 1
  if axis < 0 then axis = axis + x.data.ndim end
  for i = 1, axis do rows = rows * x.data.shape[i] end
  local columns = 1
  for i = axis + 1, x.data.ndim do columns = columns * x.data.shape[i] end
  return reshaped(x, { rows, columns })
end

function operators.Squeeze(call, x, axes)
  local given, left, is_named = axes and axes:integers() or call.attributes.axes, {}, {}
  for _, axis in ipairs(given or {}) do is_named[place(axis, x.data.ndim)] = true end
  for axis, length in ipairs(x:shape()) do
    if given and is_named[axis] and length ~= 1 then value.invalid("axis %d has length %d, not 1", axis - 1, length) end
    if given and not is_named[axis] or not given and length ~= 1 then left[#left + 1] = length end
  end
  return reshaped(x, left)
end

function operators.Unsqueeze(call, x, axes)
  local given, shape = axes and axes:integers() or call.attributes.axes, x:shape()
  local positions = {}
  for i, axis in ipairs(given) do positions[i] = place(axis, #shape + #given) end
  table.sort(positions)
  for _, position in ipairs(positions) do table.insert(shape, position, 1) end
  return reshaped(x, shape)
end

function operators.Transpose(call, x)
  local axes = {}
  for i = 1, x.data.ndim do axes[i] = call.attributes.perm and call.attributes.perm[i] + 1 or x.data.ndim - i + 1 end
  return #axes < 2 and x or x:like(ops.transpose(x.data, axes))
end

function operators.Shape(call, x)
  local shape, a = x:shape(), call.attributes
  local function limit(at)
    return math.max(0, math.min(#shape, at < 0 and at + #shape or at))
  end
  local first, last = limit(a.start or 0), limit(a["end"] or #shape)
  return value.of_list(table.move(shape, first + 1, last, 1, {}))
end

function operators.Size(_, x) return value.scalar(x.data.size, "int64") end

function operators.Expand(_, x, shape)
  local target = ops.add(tensor.zeros(x.data.shape), tensor.zeros(value.check_lengths(shape:integers()))).shape
  return x:like(ops.broadcast_to(x.data, target))
end

function operators.Tile(call, x, repeats, axis)
  if call.version < 6 then -- so many times along one axis
    local list = {}
    for i = 1, x.data.ndim do list[i] = i == axis:item() + 1 and math.tointeger(repeats:item()) or 1 end
    return x:like(ops.tile(x.data, value.check_lengths(list)))
  end
  return x:like(ops.tile(x.data, value.check_lengths(repeats:integers())))
end

function operators.Concat(call, ...)
  local parts, first, axis = {}, (...), call.attributes.axis or 1
  for i, each in ipairs { ... } do parts[i] = each.data end
  local at = place(axis, first.data.ndim)
  local filled = {} -- empty parts add nothing
  for _, each in ipairs(parts) do
    if each.size > 0 then filled[#filled + 1] = each end
  end
  if #filled == 0 then filled = parts end -- their lengths add up all the same
  return first:like(#filled == 1 and filled[1] or tensor.concatenate { filled, axis = at })
end

-- The lengths of the parts along an axis.
local function lengths_of(call, length, given)
  if given and #given > 0 then return given end
  local parts = call.attributes.num_outputs or call.outputs
  local most, lengths = -(-length // parts), {}
  for i = 1, parts do lengths[i] = math.max(0, math.min(most, length - (i - 1) * most)) end
  return lengths
end

function operators.Split(call, x, split)
  local at = place(call.attributes.axis or 0, x.data.ndim)
  local lengths = lengths_of(call, x.data.shape[at], split and split:integers() or call.attributes.split)
  local parts, first = {}, 0
  for i, length in ipairs(lengths) do
    if length < 0 or first + length > x.data.shape[at] then value.invalid "its parts do not fit the input" end
    parts[i] = x:like(length > 0 and ops.take(x.data, tensor.arange(first, first + length), at)
      or value.part(x.data, at, 0))
    first = first + length
  end
  return table.unpack(parts)
end

-- Pixels of depth become places, or places depth.
function operators.DepthToSpace(call, x)
  local b, n, c, h, w = call.attributes.blocksize, table.unpack(x:shape())
  local depth = c // (b * b)
  if call.attributes.mode == "CRD" then
    local split = x.data:contiguous():reshape { n, depth, b, b, h, w }
    return x:like(ops.transpose(split, { 1, 2, 5, 3, 6, 4 }):reshape { n, depth, h * b, w * b })
  end
  local split = x.data:contiguous():reshape { n, b, b, depth, h, w }
  return x:like(ops.transpose(split, { 1, 4, 5, 2, 6, 3 }):reshape { n, depth, h * b, w * b })
end

function operators.SpaceToDepth(call, x)
  local b, n, c, h, w = call.attributes.blocksize, table.unpack(x:shape())
  local split = x.data:contiguous():reshape { n, c, h // b, b, w // b, b }
  return x:like(ops.transpose(split, { 1, 4, 6, 2, 3, 5 }):reshape { n, c * b * b, h // b, w // b })
end

return operators
