--- What convolutions and pools share: the places around images.
local ops = require "nn.ops"
local value = require "nn.onnx.value"

local padding = {}

--- A list of the attribute, or of one number where it is left out.
function padding.list(given, rank, default)
  local list = {}
  for i = 1, rank do list[i] = given and given[i] or default end
  return list
end

--- The lengths of the axes of places.
function padding.places(x) return table.move(x.data.shape, 3, x.data.ndim, 1, {}) end

--- How many places a window spans.
function padding.spans(sizes, rates)
  local list = {}
  for i, size in ipairs(sizes) do list[i] = (size - 1) * rates[i] + 1 end
  return list
end

--- How many places go before and behind each axis.
-- @tparam table a the node's attributes: auto_pad, pads
-- @treturn {integer,...} before
-- @treturn {integer,...} after
function padding.pads(a, places, spans, strides)
  local before, after, auto = {}, {}, a.auto_pad or "NOTSET"
  for i, length in ipairs(places) do
    before[i], after[i] = a.pads and a.pads[i] or 0, a.pads and a.pads[#places + i] or 0
    if auto:find "^SAME" then
      local total = math.max(0, (-(-length // strides[i]) - 1) * strides[i] + spans[i] - length)
      before[i] = auto == "SAME_UPPER" and total // 2 or total - total // 2
      after[i] = total - before[i]
    elseif auto == "VALID" then
      before[i], after[i] = 0, 0
    end
  end
  return before, after
end

--- Images with more places around them.
-- @tparam tensor images (n, channels, places)
function padding.pad(images, before, after, fill)
  local widths, is_wider, shape = { { 0, 0 }, { 0, 0 } }, false, { images.shape[1], images.shape[2] }
  for i in ipairs(before) do
    if before[i] < 0 or after[i] < 0 then value.invalid "has negative pads" end
    widths[i + 2], shape[i + 2] = { before[i], after[i] }, images.shape[i + 2] + before[i] + after[i]
    is_wider = is_wider or before[i] > 0 or after[i] > 0
  end
  if not is_wider then return images:contiguous() end
  value.check_lengths(shape)
  return ops.pad(images, { pad_width = widths, constant_values = fill })
end

return padding
