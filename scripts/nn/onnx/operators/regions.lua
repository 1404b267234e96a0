--- Regions of images: boxes that overlap least, and what lies in them.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- ---- NonMaxSuppression ---------------------------------------------------------------------------------------------

-- Corners of a box: as they are (in any order), or from the center and the lengths.
local function corners(box, is_center)
  if is_center then
    local x, y, w, h = table.unpack(box)
    return y - h / 2, x - w / 2, y + h / 2, x + w / 2
  end
  local y1, x1, y2, x2 = table.unpack(box)
  return math.min(y1, y2), math.min(x1, x2), math.max(y1, y2), math.max(x1, x2)
end

-- How much of two boxes together lies in both.
local function overlap(a, b)
  local height = math.max(0, math.min(a[3], b[3]) - math.max(a[1], b[1]))
  local width = math.max(0, math.min(a[4], b[4]) - math.max(a[2], b[2]))
  local both = height * width
  local all = (a[3] - a[1]) * (a[4] - a[2]) + (b[3] - b[1]) * (b[4] - b[2]) - both
  return all > 0 and both / all or 0
end

-- The boxes of one class, the best first, without those that overlap one before.
local function chosen(boxes, scores, most, limit, least)
  local order, kept = {}, {}
  for i, score in ipairs(scores) do
    if not least or score > least then order[#order + 1] = i end
  end
  table.sort(order, function(i, j) return scores[i] > scores[j] or scores[i] == scores[j] and i < j end)
  for _, i in ipairs(order) do
    local is_free = #kept < most
    for _, k in ipairs(is_free and kept or {}) do is_free = is_free and overlap(boxes[i], boxes[k]) <= limit end
    if is_free then kept[#kept + 1] = i end
  end
  return kept
end

function operators.NonMaxSuppression(call, boxes, scores, most, limit, least)
  local list, is_center = {}, call.attributes.center_point_box == 1
  local count = most and most:item() or 0
  for batch = 1, boxes.data.shape[1] do
    local given = boxes.data[batch]:totable()
    for i, box in ipairs(given) do given[i] = { corners(box, is_center) } end
    for class, row in ipairs(scores.data[batch]:totable()) do
      for _, i in ipairs(chosen(given, row, count, limit and limit:item() or 0, least and least:item())) do
        table.move({ batch - 1, class - 1, i - 1 }, 1, 3, #list + 1, list)
      end
    end
  end
  return value.of_list(list, "int64", { #list // 3, 3 })
end

-- ---- RoiAlign ------------------------------------------------------------------------------------------------------

-- What a point between pixels reads: list of { position, weight } along an axis.
local function between(at, length)
  if at < -1 or at > length then return {} end
  at = math.max(0, at)
  local low = math.min(math.floor(at), length - 1)
  local high = math.min(low + 1, length - 1)
  local share = low == length - 1 and 0 or at - low
  return { { low, 1 - share }, { high, share } }
end

-- The points of one part of a region along an axis.
local function points(start, size, part, count)
  local list = {}
  for i = 1, count do list[i] = start + part * size + (i - 0.5) * size / count end
  return list
end

local function region(picture, box, a, is_half)
  local scale, height, width = a.spatial_scale or 1, a.output_height or 1, a.output_width or 1
  local rows, columns, channels = #picture[1], #picture[1][1], #picture
  local offset = is_half and 0.5 or 0
  local x1, y1 = box[1] * scale - offset, box[2] * scale - offset
  local w, h = (box[3] - box[1]) * scale, (box[4] - box[2]) * scale
  if not is_half then w, h = math.max(w, 1), math.max(h, 1) end
  local ratio, is_max, result = a.sampling_ratio or 0, a.mode == "max", {}
  local down, across = ratio > 0 and ratio or math.ceil(h / height), ratio > 0 and ratio or math.ceil(w / width)
  value.check_lengths { channels, height, width, math.max(1, down), math.max(1, across) }
  for c = 1, channels do
    for i = 0, height - 1 do
      for j = 0, width - 1 do
        local sum, best = 0, nil
        for _, y in ipairs(points(y1, h / height, i, down)) do
          for _, x in ipairs(points(x1, w / width, j, across)) do
            local at, greatest = 0, nil
            for _, p in ipairs(between(y, rows)) do
              for _, q in ipairs(between(x, columns)) do
                local each = picture[c][p[1] + 1][q[1] + 1] * p[2] * q[2]
                at, greatest = at + each, greatest and math.max(greatest, each) or each
              end
            end
            sum, best = sum + at, best and math.max(best, greatest or 0) or greatest or 0
          end
        end
        result[#result + 1] = is_max and (best or 0) or sum / math.max(1, down * across)
      end
    end
  end
  return result
end

function operators.RoiAlign(call, x, rois, batch)
  local a, list, boxes, places = call.attributes, {}, rois.data:totable(), batch:integers()
  local mode = a.coordinate_transformation_mode or (call.version >= 16 and "half_pixel" or "output_half_pixel")
  for i, box in ipairs(boxes) do
    local numbers = region(x.data[places[i] + 1]:totable(), box, a, mode == "half_pixel")
    table.move(numbers, 1, #numbers, #list + 1, list)
  end
  return value.of_list(list, "float32", { #boxes, x.data.shape[2], a.output_height or 1, a.output_width or 1 })
end

-- ---- Col2Im --------------------------------------------------------------------------------------------------------

-- The sum of columns (n, channels * cells of a block, places) where their blocks overlap.
function operators.Col2Im(call, x, image_shape, block_shape)
  local a, image, block = call.attributes, image_shape:integers(), block_shape:integers()
  local rank, cells, kernel = #image, 1, {}
  for i, length in ipairs(block) do cells, kernel[i] = cells * length, length end
  local padding = require "nn.onnx.operators.padding"
  local strides, rates = padding.list(a.strides, rank, 1), padding.list(a.dilations, rank, 1)
  local n, channels, places = x.data.shape[1], x.data.shape[2] // cells, {}
  for i = 1, rank do
    local room = image[i] + (a.pads and a.pads[i] + a.pads[rank + i] or 0) - (kernel[i] - 1) * rates[i] - 1
    places[i] = room // strides[i] + 1
  end
  value.check_lengths(image)
  -- A transposed convolution whose kernel has a one for each cell.
  local flat = x.data:contiguous():reshape { n * channels, cells, table.unpack(places) }
  local ones = ops.eye(cells):reshape { cells, 1, table.unpack(kernel) }
  local transposed = require("nn.onnx.operators.convolution").ConvTranspose
  local result = transposed({ attributes = { strides = strides, dilations = rates, pads = a.pads },
    version = call.version }, x:like(flat), value.new(ones, "float32"))
  local summed, widths = result.data, {}
  for i = 1, rank do widths[i + 2] = { 0, image[i] - summed.shape[i + 2] } end
  widths[1], widths[2] = { 0, 0 }, { 0, 0 }
  return x:like(ops.pad(summed, widths):reshape { n, channels, table.unpack(image) })
end

-- ---- AffineGrid ----------------------------------------------------------------------------------------------------

-- Coordinates from -1 to 1 along an axis: of the corners, or of the middles of pixels.
local function line(length, is_aligned)
  if is_aligned then return length > 1 and tensor.arange(length) * (2 / (length - 1)) - 1 or tensor.zeros { 1 } end
  return (tensor.arange(length) * 2 + 1) / length - 1
end

function operators.AffineGrid(call, theta, size)
  local lengths, parts = value.check_lengths(size:integers()), {}
  local rank, places = #lengths - 2, table.move(lengths, 3, #lengths, 1, {})
  for i = rank, 1, -1 do -- the last axis comes first
    local own = {}
    for k = 1, rank do own[k] = k == i and places[i] or 1 end
    local along = line(places[i], call.attributes.align_corners == 1):reshape(own)
    parts[#parts + 1] = ops.reshape(ops.broadcast_to(along, places), { 1, -1 })
  end
  parts[#parts + 1] = tensor.ones(parts[1].shape)
  local points_of = tensor.concatenate { parts, axis = 1 } -- (rank + 1, points)
  local moved = ops.transpose(ops.matmul(theta.data, points_of), { 1, 3, 2 })
  local shape = { lengths[1] }
  table.move(places, 1, rank, 2, shape)
  shape[#shape + 1] = rank
  return theta:like(moved:contiguous():reshape(shape))
end

return operators
