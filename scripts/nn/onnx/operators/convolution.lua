--- Convolutions. ONNX has the channels first, and kernels of (filters, channels, places).
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"
local padding = require "nn.onnx.operators.padding"

local operators = {}

-- The axes of a kernel in nnrun's order: the places, then the second axis, then the first.
local function kernel_order(rank)
  local order = {}
  for i = 1, rank do order[i] = i + 2 end
  order[rank + 1], order[rank + 2] = 2, 1
  return order
end

-- A kernel with zeros between its cells, as far apart as `rates` say.
local function spread(kernel, rates)
  for axis, rate in ipairs(rates) do
    local shape = table.move(kernel.shape, 1, kernel.ndim, 1, {})
    local wide, widths, count = table.move(shape, 1, #shape, 1, {}), {}, shape[axis]
    table.insert(wide, axis + 1, 1)
    for i = 1, #wide do widths[i] = { 0, i == axis + 1 and rate - 1 or 0 } end
    shape[axis] = count * rate
    kernel = ops.pad(kernel:contiguous():reshape(wide), widths):reshape(shape)
    kernel = value.part(kernel, axis, (count - 1) * rate + 1):contiguous()
  end
  return kernel
end

-- The engine has no strides together with dilation.
local function with_rates(kernel, strides, rates)
  local most_strides, most_rates = math.max(table.unpack(strides)), math.max(table.unpack(rates))
  if most_strides > 1 and most_rates > 1 then return spread(kernel, rates), padding.list(nil, #rates, 1) end
  return kernel, rates
end

local function with_bias(result, bias, rank)
  if not bias then return result end
  local shape = { bias.data.size }
  for i = 1, rank do shape[i + 1] = 1 end
  return result + bias.data:contiguous():reshape(shape)
end

function operators.Conv(call, x, w, bias)
  local a, rank = call.attributes, x.data.ndim - 2
  if rank < 1 or rank > 3 or w.data.ndim ~= rank + 2 then value.invalid "takes one to three axes of places" end
  local kernel, strides = ops.transpose(w.data, kernel_order(rank)), padding.list(a.strides, rank, 1)
  local rates = padding.list(a.dilations, rank, 1)
  local sizes = padding.spans(table.move(w.data.shape, 3, rank + 2, 1, {}), rates)
  local before, after = padding.pads(a, padding.places(x), sizes, strides)
  local images = padding.pad(x.data, before, after, 0)
  kernel, rates = with_rates(kernel, strides, rates)
  local result = ops.conv(images, kernel, { strides = strides, dilation_rate = rates, data_format = "channels_first" })
  return x:like(with_bias(result, bias, rank))
end

-- ---- transposed ----------------------------------------------------------------------------------------------------

-- How many places are cut before and behind each axis, and the lengths that are left.
local function cut_of(a, places, spans, strides)
  local rank = #places
  local extra = padding.list(a.output_padding, rank, 0)
  local before, wanted, given = {}, {}, a.pads or {}
  for i = 1, rank do
    value.check_lengths { places[i], strides[i], spans[i] + extra[i] }
    local whole = (places[i] - 1) * strides[i] + spans[i] + extra[i]
    local auto = a.auto_pad or "NOTSET"
    local target = a.output_shape and a.output_shape[#a.output_shape - rank + i]
      or auto:find "^SAME" and places[i] * strides[i]
    before[i], wanted[i] = given[i] or 0, target
    if target then
      local total = math.max(0, whole - target)
      before[i] = auto == "SAME_UPPER" and total // 2 or total - total // 2
    else
      wanted[i] = whole - before[i] - (given[rank + i] or 0)
    end
  end
  return before, wanted
end

-- One group: the whole result, before places are cut.
local function transposed(images, kernel, strides, rates)
  return ops.conv_transpose(images, kernel, { strides = strides, dilation_rate = rates,
    data_format = "channels_first" })
end

local function channels(numbers, axis, first, count)
  return value.part(numbers, axis, count, first):contiguous()
end

function operators.ConvTranspose(call, x, w, bias)
  local a, rank, groups = call.attributes, x.data.ndim - 2, call.attributes.group or 1
  if rank < 1 or rank > 3 or w.data.ndim ~= rank + 2 then value.invalid "takes one to three axes of places" end
  local strides, rates = padding.list(a.strides, rank, 1), padding.list(a.dilations, rank, 1)
  local spans = padding.spans(table.move(w.data.shape, 3, rank + 2, 1, {}), rates)
  local places = padding.places(x)
  local before, wanted = cut_of(a, places, spans, strides)
  local each, parts = x.data.shape[2] // groups, {}
  for g = 1, groups do
    local kernel = ops.transpose(channels(w.data, 1, (g - 1) * each, each), kernel_order(rank))
    local own
    kernel, own = with_rates(kernel, strides, rates)
    parts[g] = transposed(channels(x.data, 2, (g - 1) * each, each), kernel, strides, own)
  end
  local result = groups == 1 and parts[1] or tensor.concatenate { parts, axis = 2 }
  value.check_lengths(wanted)
  for i = 1, rank do -- cut, or zeros where nothing reaches
    local lead, missing = math.max(0, before[i]), before[i] + wanted[i] - result.shape[i + 2]
    local widths = {}
    for axis = 1, rank + 2 do widths[axis] = { 0, 0 } end
    widths[i + 2] = { math.max(0, -before[i]), math.max(0, missing) }
    result = ops.pad(result, widths)
    result = value.part(result, i + 2, wanted[i], lead):contiguous()
  end
  return x:like(with_bias(result, bias, rank))
end

return operators
