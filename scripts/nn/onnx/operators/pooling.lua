--- Windows over images: the largest number, means, norms.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"
local padding = require "nn.onnx.operators.padding"

local operators = {}

local function product(list)
  local result = 1
  for _, each in ipairs(list) do result = result * each end
  return result
end

-- What a pool needs to know of its windows. Behind the last places stand `extra` more, as ceil_mode wants them.
local function windows_of(call, x)
  local a, places = call.attributes, padding.places(x)
  local rank = #places
  local w = { sizes = padding.list(a.kernel_shape, rank, 1), strides = padding.list(a.strides, rank, 1),
    rates = padding.list(a.dilations, rank, 1), extra = {}, counts = {}, rank = rank }
  w.spans = padding.spans(w.sizes, w.rates)
  w.before, w.after = padding.pads(a, places, w.spans, w.strides)
  for i, length in ipairs(places) do
    local room = length + w.before[i] + w.after[i] - w.spans[i]
    if room < 0 then value.invalid "its windows are larger than the images" end
    local count = room // w.strides[i] + 1
    if a.ceil_mode == 1 then
      count = -(-room // w.strides[i]) + 1
      if (count - 1) * w.strides[i] >= length + w.before[i] then count = count - 1 end -- would begin behind the images
    end
    w.counts[i] = count
    w.extra[i] = math.max(0, (count - 1) * w.strides[i] - room)
  end
  return w
end

local function sum(a, b)
  local list = {}
  for i in ipairs(a) do list[i] = a[i] + b[i] end
  return list
end

-- By cell of the window, what lies under it for all windows.
local function cells(images, w)
  local function next_axis(part, axis)
    if axis > w.rank then return coroutine.yield(part) end
    for cell = 0, w.sizes[axis] - 1 do
      local list = {}
      for i = 1, w.counts[axis] do list[i] = cell * w.rates[axis] + (i - 1) * w.strides[axis] end
      next_axis(ops.take(part, tensor.tensor(list), axis + 2), axis + 1)
    end
  end
  return coroutine.wrap(function() next_axis(images, 1) end)
end

local function is_dilated(w) return math.max(table.unpack(w.rates)) > 1 end

local function pooled(name, images, w)
  if not is_dilated(w) then
    return ops[name .. "_pool"](images, { pool_size = w.sizes, strides = w.strides, data_format = "channels_first" })
  end
  local result
  for part in cells(images, w) do
    result = not result and part or name == "max" and ops.maximum(result, part) or result and result + part
  end
  return name == "max" and result or result / product(w.sizes)
end

-- The position of each largest number in the whole tensor.
local function positions(images, largest, w, x, is_column_major)
  local places = padding.places(x)
  local weights, step, flat = {}, 1, tensor.zeros(places)
  for i = 1, w.rank do
    local axis = is_column_major and i or w.rank - i + 1
    weights[axis], step = step, step * places[axis]
  end
  for axis = 1, w.rank do
    local shape = padding.list(nil, w.rank, 1)
    shape[axis] = places[axis]
    flat = flat + (tensor.arange(places[axis]) * weights[axis]):reshape(shape)
  end
  local rows = x.data.shape[1] * x.data.shape[2]
  local whole = (tensor.arange(rows):reshape { rows, 1 } * step + flat:reshape { 1, -1 }):reshape(x.data.shape)
  local padded, found = padding.pad(whole, w.before, sum(w.after, w.extra), 0), nil
  local values = cells(images, w)
  for place in cells(padded, w) do
    local is_largest = ops.equal(values(), largest)
    local candidate = ops.where(is_largest, place, math.huge)
    found = found and ops.minimum(found, candidate) or candidate
  end
  return value.new(found, "int64")
end

function operators.MaxPool(call, x)
  local w = windows_of(call, x)
  local images = padding.pad(x.data:astype "float32", w.before, sum(w.after, w.extra), -math.huge)
  local result = pooled("max", images, w)
  if call.outputs < 2 then return x:like(result) end
  return x:like(result), positions(images, result, w, x, call.attributes.storage_order == 1)
end

function operators.AveragePool(call, x)
  local w, counts_pads = windows_of(call, x), call.attributes.count_include_pad == 1
  local images = padding.pad(x.data, w.before, sum(w.after, w.extra), 0)
  local shape = { 1, 1, table.unpack(padding.places(x)) }
  local nothing = padding.list(nil, w.rank, 0)
  local counted = padding.pad(tensor.ones(shape), w.before, w.after, counts_pads and 1 or 0)
  counted = padding.pad(counted, nothing, w.extra, 0)
  return x:like(pooled("average", images, w) / pooled("average", counted, w))
end

function operators.LpPool(call, x)
  local p, w = call.attributes.p or 2, windows_of(call, x)
  local images = padding.pad(ops.power(ops.abs(x.data), p), w.before, sum(w.after, w.extra), 0)
  return x:like(ops.power(pooled("average", images, w) * product(w.sizes), 1 / p))
end

local function over_places(name, f)
  operators[name] = function(call, x)
    local axes = {}
    for axis = 3, x.data.ndim do axes[#axes + 1] = axis end
    return x:like(f(x.data, { axis = axes, keepdims = true }, call.attributes.p or 2))
  end
end
over_places("GlobalAveragePool", function(x, o) return ops.mean(x, o) end)
over_places("GlobalMaxPool", function(x, o) return ops.max(x, o) end)
over_places("GlobalLpPool", function(x, o, p) return ops.power(ops.sum(ops.power(ops.abs(x), p), o), 1 / p) end)

function operators.MaxUnpool(call, x, indices, output_shape)
  local w = call.attributes
  local rank = x.data.ndim - 2
  local sizes, strides = padding.list(w.kernel_shape, rank, 1), padding.list(w.strides, rank, 1)
  local shape = { x.data.shape[1], x.data.shape[2] }
  for i = 1, rank do
    local cut = w.pads and w.pads[i] + w.pads[rank + i] or 0
    shape[i + 2] = (x.data.shape[i + 2] - 1) * strides[i] + sizes[i] - cut
  end
  local target = value.check_lengths(output_shape and output_shape:integers() or shape)
  local result, given = {}, x:list()
  for i = 1, product(target) do result[i] = 0.0 end
  for i, index in ipairs(indices:integers()) do -- positions in the result, as in ONNX Runtime
    if not result[index + 1] then value.invalid "an index is out of range" end
    result[index + 1] = given[i]
  end
  return x:like(tensor.tensor(result):reshape(target))
end

return operators
