--- Operators that take elements by their positions, or put some there.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

local function place(axis, ndim) return axis < 0 and axis + ndim + 1 or axis + 1 end

-- Positions from 0; negative ones count from the end.
local function positions(indices, length)
  local given = indices.data:astype "float32"
  return ops.where(ops.less(given, 0), given + length, given)
end

function operators.Gather(call, x, indices)
  local at = place(call.attributes.axis or 0, x.data.ndim)
  local taken = ops.take(x.data, positions(indices, x.data.shape[at]):reshape { -1 }, at)
  local shape = x:shape()
  table.remove(shape, at)
  for i, length in ipairs(indices:shape()) do table.insert(shape, at + i - 1, length) end
  return x:like(taken:reshape(shape))
end

function operators.GatherElements(call, x, indices)
  local at = place(call.attributes.axis or 0, x.data.ndim)
  local wanted, source = positions(indices, x.data.shape[at]), x.data
  for axis = 1, x.data.ndim do -- of the other axes as much as the indices have
    if axis ~= at and indices.data.shape[axis] < source.shape[axis] then
      source = ops.take(source, tensor.arange(indices.data.shape[axis]), axis)
    end
  end
  return x:like(ops.take_along_axis(source, wanted, at))
end

-- The position in a flat tensor of each index tuple (the last axis of indices), over the axes after `skipped`.
local function flat_positions(indices, shape, skipped)
  local own = indices:shape()
  local depth = table.remove(own)
  local tuples = indices.data:astype "float32":reshape { -1, depth }
  local flat = tensor.zeros { tuples.shape[1] }
  for i = 1, depth do
    local length = shape[skipped + i] or value.invalid "its indices have more numbers than the tensor has axes"
    local column = tuples[{ {}, i }]
    column = ops.where(ops.less(column, 0), column + length, column)
    if column.size > 0 and (column:min() < 0 or column:max() >= length) then
      value.invalid "an index is out of range"
    end
    flat = flat * length + column
  end
  return flat, own, depth
end

local function product(list, first, last)
  local result = 1
  for i = first, last do result = result * list[i] end
  return result
end

function operators.GatherND(call, x, indices)
  local batch, shape = call.attributes.batch_dims or 0, x:shape()
  local flat, result, depth = flat_positions(indices, shape, batch)
  local rows, inner = product(shape, 1, batch), product(shape, batch + 1, batch + depth)
  if batch > 0 then -- each part of the batch reads its own rows
    local part = tensor.arange(rows):reshape { rows, 1 } * inner
    flat = (flat:reshape { rows, -1 } + part):reshape { -1 }
  end
  table.move(shape, batch + depth + 1, #shape, #result + 1, result)
  local table_of_rows = x.data:contiguous():reshape { rows * inner, product(shape, batch + depth + 1, #shape) }
  return x:like(ops.take(table_of_rows, flat, 1):reshape(result))
end

-- ---- scattering ----------------------------------------------------------------------------------------------------

local COMBINE = {
  none = function(_, new) return new end,
  add = function(old, new) return old + new end,
  mul = function(old, new) return old * new end,
  max = math.max, min = math.min,
}

local function combine_of(call)
  local name = call.attributes.reduction or "none"
  return COMBINE[name] or value.invalid("has an unknown reduction %s", name)
end

local function from_list(x, list)
  return x:like(tensor.tensor(list, x.data.dtype):reshape(x.data.shape))
end

function operators.ScatterND(call, x, indices, updates)
  local shape, combine = x:shape(), combine_of(call)
  local flat, _, depth = flat_positions(indices, shape, 0)
  local width, result, new = product(shape, depth + 1, #shape), x:list(), updates:list()
  for i, row in ipairs(flat.size > 0 and flat:totable() or {}) do
    local first = math.tointeger(row) * width
    for k = 1, width do result[first + k] = combine(result[first + k], new[(i - 1) * width + k]) end
  end
  return from_list(x, result)
end

function operators.ScatterElements(call, x, indices, updates)
  local shape, own, combine = x:shape(), indices:shape(), combine_of(call)
  local at = place(call.attributes.axis or 0, #shape)
  local result, new, where = x:list(), updates:list(), indices:integers()
  local counter = {}
  for axis = 1, #shape do counter[axis] = 0 end
  for i, index in ipairs(where) do
    if index < 0 then index = index + shape[at] end
    if index < 0 or index >= shape[at] then value.invalid "an index is out of range" end
    local flat = 0
    for axis = 1, #shape do flat = flat * shape[axis] + (axis == at and index or counter[axis]) end
    result[flat + 1] = combine(result[flat + 1], new[i])
    for axis = #shape, 1, -1 do -- the next place of the indices
      counter[axis] = counter[axis] + 1
      if counter[axis] < own[axis] then break end
      counter[axis] = 0
    end
  end
  return from_list(x, result)
end
operators.Scatter = operators.ScatterElements

-- ---- parts ---------------------------------------------------------------------------------------------------------

-- Positions from 0 of a range along an axis, as Python takes it.
local function range_of(first, last, step, length)
  local list = {}
  if step == 0 then value.invalid "a step is 0" end
  local low, high = step > 0 and 0 or -1, step > 0 and length or length - 1
  local function limit(at) return math.max(low, math.min(high, at < 0 and at + length or at)) end
  for at = limit(first), limit(last) - (step > 0 and 1 or -1), step do list[#list + 1] = at end
  return list
end

function operators.Slice(call, x, starts, ends, axes, steps)
  local a, result = call.attributes, x.data
  local first, last = starts and starts:integers() or a.starts, ends and ends:integers() or a.ends
  local given, step = axes and axes:integers() or a.axes, steps and steps:integers()
  for i in ipairs(first) do
    local at = place(given and given[i] or i - 1, x.data.ndim)
    local length = result.shape[at]
    local list = range_of(first[i], last[i], step and step[i] or 1, length)
    result = #list == 0 and value.part(result, at, 0)
      or #list < length and list[1] <= list[#list] and (step and step[i] or 1) == 1
      and value.part(result, at, #list, list[1]) or ops.take(result, tensor.tensor(list), at)
  end
  return x:like(result)
end

-- How many elements before and behind each axis; negative ones are taken away.
local function widths_of(call, x, pads, axes)
  local given = pads and pads:integers() or call.attributes.pads or call.attributes.paddings
  local list, before, after = axes and axes:integers(), {}, {}
  for axis = 1, x.data.ndim do before[axis], after[axis] = 0, 0 end
  local count = #given // 2
  for i = 1, count do
    local at = place(list and list[i] or i - 1, x.data.ndim)
    before[at], after[at] = given[i], given[count + i]
  end
  return before, after
end

-- Positions along an axis of `length` numbers, with some before and behind.
local SOURCES = {
  edge = function(at, length) return math.max(0, math.min(length - 1, at)) end,
  wrap = function(at, length) return at % length end,
  reflect = function(at, length)
    local period = math.max(1, 2 * (length - 1))
    at = at % period
    return at < length and at or period - at
  end,
}

function operators.Pad(call, x, pads, constant, axes)
  local mode = call.attributes.mode or "constant"
  local before, after = widths_of(call, x, pads, axes)
  local fill = constant and constant.data.size > 0 and constant:item() or call.attributes.value or 0
  local result, widths, is_wider, shape = x.data, {}, false, {}
  for axis = 1, x.data.ndim do shape[axis] = x.data.shape[axis] + before[axis] + after[axis] end
  value.check_lengths(shape)
  for axis = 1, x.data.ndim do
    local length, source = x.data.shape[axis], SOURCES[mode]
    local low, high = before[axis], after[axis]
    if low + length + high < 0 then value.invalid "takes more away than there is" end
    if not source then -- what is taken away comes first
      if low < 0 or high < 0 then
        local first, last = math.max(0, -low), length - math.max(0, -high)
        result = value.part(result, axis, math.max(0, last - first), first)
      end
    elseif low ~= 0 or high ~= 0 then
      local list = {}
      for at = -low, length + high - 1 do list[#list + 1] = source(at, length) end
      result = ops.take(result, tensor.tensor(list), axis)
    end
    widths[axis] = { math.max(0, low), math.max(0, high) }
    is_wider = is_wider or low > 0 or high > 0
  end
  if SOURCES[mode] or not is_wider then return x:like(result) end
  return x:like(ops.pad(result, { pad_width = widths, constant_values = fill }))
end

return operators
