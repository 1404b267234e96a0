--- Other sizes of images, and places between their pixels.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- ---- Resize: each axis alone, as a matrix of weights ---------------------------------------------------------------

-- Where the middle of an output's place lies in the input, from 0. o: a start and an end of the part that is resized.
local COORDINATES = {
  half_pixel = function(x, o) return (x + 0.5) / o.scale - 0.5 end,
  half_pixel_symmetric = function(x, o)
    local adjustment = o.target / (o.scale * o.length)
    local center = o.length / 2
    return center * (1 - adjustment) + (x + 0.5) / o.scale - 0.5
  end,
  pytorch_half_pixel = function(x, o) return o.target > 1 and (x + 0.5) / o.scale - 0.5 or 0 end,
  align_corners = function(x, o) return o.target > 1 and x * (o.length - 1) / (o.target - 1) or 0 end,
  asymmetric = function(x, o) return x / o.scale end,
  tf_half_pixel_for_nn = function(x, o) return (x + 0.5) / o.scale end,
  tf_crop_and_resize = function(x, o)
    if o.target > 1 then return o.first * (o.length - 1) + x * (o.last - o.first) * (o.length - 1) / (o.target - 1) end
    return 0.5 * (o.first + o.last) * (o.length - 1)
  end,
}

local NEAREST = {
  round_prefer_floor = function(x) return math.ceil(x - 0.5) end,
  round_prefer_ceil = function(x) return math.floor(x + 0.5) end,
  floor = math.floor, ceil = math.ceil,
}

-- What a pixel at a distance counts.
local KERNELS = {
  linear = { reach = 1, weight = function(d) return math.max(0, 1 - d) end },
  -- Keys 1981
  cubic = { reach = 2, weight = function(d, a)
    if d <= 1 then return ((a + 2) * d - (a + 3)) * d * d + 1 end
    if d < 2 then return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a end
    return 0
  end },
}

-- The pixels that a place reads: list of { position from 0, weight }.
local function sources(x, a, o)
  local mode = a.mode or "nearest"
  if mode == "nearest" then
    local nearest = NEAREST[a.nearest_mode or "round_prefer_floor"] or value.invalid "has an unknown nearest_mode"
    return { { nearest(x), 1 } }
  end
  local kernel = KERNELS[mode] or value.invalid("has an unknown mode %s", mode)
  local stretch = a.antialias == 1 and math.max(1, 1 / o.scale) or 1
  local reach, list, sum = kernel.reach * stretch, {}, 0
  for at = math.ceil(x - reach), math.floor(x + reach) do
    local weight = kernel.weight(math.abs(x - at) / stretch, a.cubic_coeff_a or -0.75)
    local is_outside = at < 0 or at >= o.length
    if weight ~= 0 and not (is_outside and a.exclude_outside == 1) then
      list[#list + 1], sum = { at, weight }, sum + weight
    end
  end
  for _, each in ipairs(list) do each[2] = each[2] / sum end
  return list
end

-- The matrix (target, length) of an axis, and by output whether it lies outside of the input.
local function matrix_of(a, o)
  local rows, outside = {}, {}
  local mode = a.coordinate_transformation_mode or (a.version_10 and "asymmetric" or "half_pixel")
  local where = COORDINATES[mode] or value.invalid("has an unknown coordinate_transformation_mode %s", mode)
  for i = 1, o.target do
    local row, x = {}, where(i - 1, o)
    for k = 1, o.length do row[k] = 0.0 end
    for _, each in ipairs(sources(x, a, o)) do
      local at = math.max(0, math.min(o.length - 1, each[1])) + 1
      row[at] = row[at] + each[2]
    end
    rows[i], outside[i] = row, mode == "tf_crop_and_resize" and (x < 0 or x > o.length - 1) and 1 or 0
  end
  return tensor.tensor(rows), tensor.tensor(outside)
end

local function resized(numbers, axis, matrix)
  return ops.moveaxis(ops.tensordot(numbers, matrix, { { axis }, { 2 } }), -1, axis)
end

-- Scales and lengths of the axes that are resized, by position from 1.
local function targets_of(x, a, scales, sizes)
  local list, result = a.axes or {}, {}
  for i = 1, #list == 0 and x.data.ndim or 0 do list[i] = i - 1 end
  for i, axis in ipairs(list) do
    local at = axis < 0 and axis + x.data.ndim + 1 or axis + 1
    local length = x.data.shape[at]
    local target = sizes and sizes[i] or math.floor(length * scales[i] + 1e-9)
    value.check_lengths { target, length }
    result[at] = { length = length, target = target, scale = scales and scales[i] or target / length, index = i }
  end
  local policy = a.keep_aspect_ratio_policy
  if sizes and policy and policy ~= "stretch" then
    local chosen
    for _, o in pairs(result) do
      local pick = policy == "not_larger" and math.min or math.max
      chosen = chosen and pick(chosen, o.scale) or o.scale
    end
    for _, o in pairs(result) do o.scale, o.target = chosen, math.floor(chosen * o.length + 0.5) end
  end
  return result, #list
end

local function resize(x, a, scales, sizes, roi)
  local targets, count = targets_of(x, a, scales, sizes)
  local result, outside = x.data, nil
  for axis = 1, x.data.ndim do
    local o = targets[axis]
    if o and o.target < 1 then value.invalid "a target length is less than 1" end
    if o then o.first, o.last = roi and roi[o.index] or 0, roi and roi[count + o.index] or 1 end
    local is_cropped = a.coordinate_transformation_mode == "tf_crop_and_resize"
    if o and (o.target ~= o.length or o.scale ~= 1 or is_cropped) then
      local matrix, beyond = matrix_of(a, o)
      local shape = {}
      for i = 1, x.data.ndim do shape[i] = i == axis and o.target or 1 end
      result = resized(result, axis, matrix)
      if is_cropped then outside = (outside or 0) + beyond:reshape(shape) end
    end
  end
  if outside then result = ops.where(ops.greater(outside, 0), a.extrapolation_value or 0, result) end
  return x:like(result)
end

function operators.Resize(call, x, roi, scales, sizes)
  local a = {}
  for name, each in pairs(call.attributes) do a[name] = each end
  if call.version < 11 then -- the second input holds the scales
    a.version_10, a.nearest_mode = true, "floor"
    return resize(x, a, roi:list())
  end
  local wanted = sizes and sizes.data.size > 0 and sizes:integers() or nil
  return resize(x, a, scales and scales.data.size > 0 and scales:list() or nil, wanted,
    roi and roi.data.size > 0 and roi:list() or nil)
end

function operators.Upsample(call, x, scales)
  local a = call.attributes
  return resize(x, { mode = a.mode == "bilinear" and "linear" or a.mode, version_10 = true, nearest_mode = "floor" },
    scales and scales:list() or a.scales)
end

function operators.CenterCropPad(call, x, shape)
  local result, wanted = x.data, shape:integers()
  local axes = call.attributes.axes
  for i, target in ipairs(wanted) do
    local axis = axes and axes[i] or i - 1
    local at = axis < 0 and axis + x.data.ndim + 1 or axis + 1
    local length, widths = result.shape[at], {}
    for k = 1, x.data.ndim do
      local missing = k == at and math.max(0, target - length) or 0
      widths[k] = { missing // 2, missing - missing // 2 }
    end
    if target < length then result = value.part(result, at, target, (length - target) // 2) end
    if target > length then result = ops.pad(result, widths) end
  end
  return x:like(result)
end

-- ---- GridSample ----------------------------------------------------------------------------------------------------

-- A place in the input for a coordinate from -1 to 1.
local function unnormalized(grid, length, is_aligned)
  if is_aligned then return (grid + 1) / 2 * (length - 1) end
  return ((grid + 1) * length - 1) / 2
end

local function reflected(x, low, high)
  local span = high - low
  if span <= 0 then return x * 0 end
  local distance = ops.abs(x - low)
  local rest = distance - ops.floor(distance / (2 * span)) * (2 * span)
  return ops.where(ops.greater(rest, span), 2 * span - rest, rest) + low
end

-- Places that lie outside brought inside, as padding_mode says.
local function inside(x, length, a)
  local mode, is_aligned = a.padding_mode or "zeros", a.align_corners == 1
  if mode == "reflection" then
    x = is_aligned and reflected(x, 0, length - 1) or reflected(x, -0.5, length - 0.5)
  end
  return mode == "zeros" and x or ops.clip(x, 0, length - 1)
end

-- Along one axis the pixels that are read: list of { positions, weights }.
local function taps(x, length, a, mode)
  if mode == "nearest" then return { { inside(ops.round(x), length, a), 1 } } end
  if mode ~= "cubic" then x = inside(x, length, a) end
  local low, list = ops.floor(x), {}
  local reach = mode == "cubic" and 2 or 1
  for k = 1 - reach, reach do
    local at = low + k
    local d = ops.abs(x - at)
    local weight = 1 - d
    if mode == "cubic" then
      local c = -0.75
      weight = ops.where(ops.less_equal(d, 1), ((c + 2) * d - (c + 3)) * d * d + 1,
        ((c * d - 5 * c) * d + 8 * c) * d - 4 * c)
    end
    list[#list + 1] = { mode == "cubic" and inside(at, length, a) or at, weight }
  end
  return list
end

function operators.GridSample(call, x, grid)
  local a, rank = call.attributes, x.data.ndim - 2
  local mode = ({ bilinear = "linear", bicubic = "cubic" })[a.mode] or a.mode or "linear"
  local batch, channels = x.data.shape[1], x.data.shape[2]
  local places, points, count = {}, grid.data.size // (batch * rank), 1
  for i = 1, rank do places[i], count = x.data.shape[i + 2], count * x.data.shape[i + 2] end
  local flat = x.data:contiguous():reshape { batch, channels, count }
  local coordinates = grid.data:contiguous():reshape { batch, points, rank }
  local combined = { { tensor.zeros { batch, points }, tensor.ones { batch, points } } }
  for i = 1, rank do -- the grid has the last axis first
    local column = coordinates[{ {}, {}, rank - i + 1 }]
    local wider = {}
    for _, tap in ipairs(taps(unnormalized(column, places[i], a.align_corners == 1), places[i], a, mode)) do
      local is_inside = ops.logical_and(ops.greater_equal(tap[1], 0), ops.less(tap[1], places[i]))
      local at = ops.clip(tap[1], 0, places[i] - 1)
      for _, each in ipairs(combined) do
        wider[#wider + 1] = { each[1] * places[i] + at, each[2] * tap[2] * is_inside }
      end
    end
    combined = wider
  end
  local sum
  for _, each in ipairs(combined) do
    local index = ops.broadcast_to(each[1]:reshape { batch, 1, points }, { batch, channels, points })
    local part = ops.take_along_axis(flat, index, 3) * each[2]:reshape { batch, 1, points }
    sum = sum and sum + part or part
  end
  local shape = grid:shape()
  return x:like(sum:reshape { batch, channels, table.unpack(shape, 2, #shape - 1) })
end


return operators
