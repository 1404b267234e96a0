--- Operators that make one number of those along some axes.
local ops = require "nn.ops"
local value = require "nn.onnx.value"

local operators = {}

-- The axes that a node reduces, as positions from 1: given as an attribute or, in later versions, as an input.
local function axes_of(call, x, axes)
  local list = axes and axes:integers() or call.attributes.axes
  if not list or #list == 0 then
    if call.attributes.noop_with_empty_axes == 1 then return {} end
    list = {}
    for axis = 1, x.data.ndim do list[axis] = axis - 1 end
  end
  local positions = {}
  for i, axis in ipairs(list) do positions[i] = axis < 0 and axis + x.data.ndim + 1 or axis + 1 end
  return positions
end

-- f(tensor, { axis, keepdims }); before and after are applied to the numbers, also where no axis is reduced.
-- empty: what stands for no numbers at all
local function reduction(name, f, empty, before, after)
  operators[name] = function(call, x, axes)
    local positions = axes_of(call, x, axes)
    local numbers = before and before(x.data) or x.data
    local keepdims = call.attributes.keepdims ~= 0
    if #positions > 0 and x.data.size == 0 then
      numbers = ops.full(ops.sum(numbers, { axis = positions, keepdims = keepdims }).shape, empty)
    elseif #positions > 0 then
      numbers = f(numbers, { axis = positions, keepdims = keepdims })
    end
    return x:like(after and after(numbers) or numbers)
  end
end

reduction("ReduceSum", ops.sum, 0)
reduction("ReduceMean", ops.mean, 0)
reduction("ReduceMax", ops.max, -math.huge)
reduction("ReduceMin", ops.min, math.huge)
reduction("ReduceProd", ops.prod, 1)
reduction("ReduceL1", ops.sum, 0, ops.abs)
reduction("ReduceL2", ops.sum, 0, ops.square, ops.sqrt)
reduction("ReduceSumSquare", ops.sum, 0, ops.square)
reduction("ReduceLogSum", ops.sum, 0, nil, ops.log)

function operators.ReduceLogSumExp(call, x, axes)
  local positions = axes_of(call, x, axes)
  if #positions == 0 then return x end
  local options = { axis = positions, keepdims = call.attributes.keepdims ~= 0 }
  if x.data.size == 0 then return x:like(ops.full(ops.sum(x.data, options).shape, -math.huge)) end
  return x:like(ops.logsumexp(x.data, options))
end

-- The position, from 0, of the first or last extreme.
local function position(name, f)
  operators[name] = function(call, x)
    local a = call.attributes
    local axis = (a.axis or 0) < 0 and a.axis + x.data.ndim + 1 or (a.axis or 0) + 1
    local numbers = x.data:astype "float32"
    if a.select_last_index == 1 then numbers = ops.flip(numbers, axis) end
    local found = f(numbers, { axis = axis, keepdims = a.keepdims ~= 0 })
    if a.select_last_index == 1 then found = x.data.shape[axis] - 1 - found end
    return value.new(found, "int64")
  end
end
position("ArgMax", ops.argmax)
position("ArgMin", ops.argmin)

function operators.CumSum(call, x, axis)
  local a, at = call.attributes, axis:item()
  at = math.tointeger(at < 0 and at + x.data.ndim + 1 or at + 1)
  local numbers = x.data:astype "float32"
  if a.reverse == 1 then numbers = ops.flip(numbers, at) end
  local sums = ops.cumsum(numbers, at)
  if a.exclusive == 1 then sums = sums - numbers end
  return x:like(a.reverse == 1 and ops.flip(sums, at) or sums)
end

return operators
