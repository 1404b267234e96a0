--- Operators whose result depends on what is true, largest, or new.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

local function place(axis, ndim) return axis < 0 and axis + ndim + 1 or axis + 1 end

function operators.NonZero(_, x)
  local ndim, rows = math.max(1, x.data.ndim), {}
  local axes = ops.nonzero(x.data:contiguous():reshape(x.data.ndim == 0 and { 1 } or x.data.shape))
  local count = axes[1].size
  if count == 0 then return value.new(tensor.zeros({ ndim, 0 }, "int32"), "int64") end
  for axis = 1, ndim do rows[axis] = axes[axis]:reshape { 1, count } end
  return value.new(tensor.concatenate { rows, axis = 1 }, "int64")
end

function operators.TopK(call, x, k)
  local a = call.attributes
  local at, count = place(a.axis or -1, x.data.ndim), k and math.tointeger(k:item()) or a.k
  if count > x.data.shape[at] then value.invalid("wants %d of %d numbers", count, x.data.shape[at]) end
  local numbers = x.data:astype "float32"
  local order = ops.argsort(a.largest == 0 and numbers or -numbers, at) -- stable: of equal numbers the first
  local first = value.part(order, at, count):contiguous()
  if count == 0 then return x:like(value.part(x.data, at, 0)), value.new(first, "int64") end
  return x:like(ops.take_along_axis(x.data, first, at)), value.new(first, "int64")
end

function operators.Compress(call, x, condition)
  local axis, list = call.attributes.axis, {}
  for i, each in ipairs(condition:list()) do
    if each ~= 0 then list[#list + 1] = i - 1 end
  end
  local source = axis and x.data or x.data:contiguous():reshape { -1 }
  local at = axis and place(axis, x.data.ndim) or 1
  if #list == 0 then return x:like(value.part(source, at, 0)) end
  return x:like(ops.take(source, tensor.tensor(list), at))
end

-- The parts of a tensor along an axis, each as text that only equal parts share.
local function parts_of(x, at)
  local moved = ops.moveaxis(x.data, at, 1)
  local count = moved.shape[1]
  local rows, parts = moved:contiguous():reshape { count, -1 }, {}
  for i = 1, count do parts[i] = { key = rows[i]:bytes(), numbers = rows[i]:totable(), position = i - 1 } end
  return parts
end

local function is_less(a, b)
  for i, each in ipairs(a.numbers) do
    if each ~= b.numbers[i] then return each < b.numbers[i] end
  end
  return a.position < b.position
end

function operators.Unique(call, x)
  local a = call.attributes
  local source = a.axis and x or x:like(x.data:contiguous():reshape { -1 })
  local at, by_key, distinct = a.axis and place(a.axis, x.data.ndim) or 1, {}, {}
  local parts = parts_of(source, at)
  for _, part in ipairs(parts) do
    if not by_key[part.key] then
      by_key[part.key], distinct[#distinct + 1], part.count = part, part, 0
    end
    by_key[part.key].count = by_key[part.key].count + 1
  end
  if a.sorted ~= 0 then table.sort(distinct, is_less) end
  local first, inverse, counts = {}, {}, {}
  for i, part in ipairs(distinct) do first[i], counts[i], part.place = part.position, part.count, i - 1 end
  for i, part in ipairs(parts) do inverse[i] = by_key[part.key].place end
  return x:like(ops.take(source.data, tensor.tensor(first), at)), value.of_list(first), value.of_list(inverse),
    value.of_list(counts)
end

function operators.Trilu(call, x, k)
  local ndim, shift = x.data.ndim, k and k:item() or 0
  local rows, columns = x.data.shape[ndim - 1], x.data.shape[ndim]
  local distance = tensor.arange(columns):reshape { 1, columns } - tensor.arange(rows):reshape { rows, 1 }
  local is_kept = call.attributes.upper == 0 and ops.less_equal(distance, shift) or call.attributes.upper ~= 0
    and ops.greater_equal(distance, shift)
  return x:like(ops.where(is_kept, x.data, 0))
end

function operators.ReverseSequence(call, x, lengths)
  local batch, time = (call.attributes.batch_axis or 1) + 1, (call.attributes.time_axis or 0) + 1
  local steps, rows, list = x.data.shape[time], {}, lengths:integers()
  for i = 1, x.data.shape[batch] do
    rows[i] = {}
    for t = 1, steps do rows[i][t] = t <= list[i] and list[i] - t or t - 1 end
  end
  local shape = {}
  for axis = 1, x.data.ndim do shape[axis] = axis == batch and #rows or axis == time and steps or 1 end
  local order = tensor.tensor(rows)
  if time < batch then order = ops.transpose(order) end
  return x:like(ops.take_along_axis(x.data, ops.broadcast_to(order:reshape(shape), x.data.shape), time))
end

return operators
