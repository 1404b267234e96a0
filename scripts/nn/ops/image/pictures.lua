--- What operations on pictures share: which axes are which, and types.
local blame = require "nn.support.blame"
local base = require "nn.ops.base"
local tensor = require "nn.tensor"

local pictures = {}

--- The `run` of nn.image.steps for tensors and symbolic tensors.
function pictures.run(operation, config, input) return base.run(operation, config, { input }) end

--- Where the channels are.
function pictures.is_first(options, name)
  local format = options.data_format
  if format ~= nil and format ~= "channels_last" and format ~= "channels_first" then
    blame("%s: data_format: expected channels_last or channels_first, got %s", name, blame.got(format))
  end
  return format == "channels_first"
end

--- Calls compute with a batch whose channels are last, and brings the result back.
-- @tparam tensor|symbolic x (n, places, channels), or (n, channels, places) if `is_first`
-- @tparam boolean is_first
-- @tparam function compute
function pictures.channels_last(x, is_first, compute)
  if not is_first then return compute(x) end
  local to_last, to_first = { 1 }, { 1, #base.shape_of(x) }
  for axis = 3, #base.shape_of(x) do
    to_last[#to_last + 1], to_first[#to_first + 1] = axis, axis - 1
  end
  to_last[#to_last + 1] = 2
  return base.ops.transpose(compute(base.ops.transpose(x, to_last)), to_first)
end

--- Calls compute(images, axes) with a batch of pictures and the axes of height and width. One picture alone becomes a
-- batch of one, and is one again in the result; integers become float32, and integers of their type again.
-- @tparam string name for messages
-- @param x a picture (height, width, channels) or a batch of them
-- @tparam table options data_format
-- @tparam function compute
function pictures.apply(name, x, options, compute)
  local shape = base.shape_of(x)
  if #shape ~= 3 and #shape ~= 4 then
    blame("%s: expected a picture of 3 axes or a batch of 4, got %d axes", name, #shape)
  end
  local batch = #shape == 3 and base.ops.expand_dims(x, 1) or x
  local result = compute(batch, pictures.is_first(options, name) and { 3, 4 } or { 2, 3 })
  if #shape == 3 then result = base.ops.squeeze(result, 1) end
  if not tensor.is_tensor(x) or x.dtype == "float32" then return result end
  result = result:round()
  return (x.dtype == "uint8" and result:clip(0, 255) or result):astype(x.dtype)
end

--- A size { height, width }; an error if it is none.
function pictures.check_size(size, name)
  local is_size = type(size) == "table" and #size == 2
  for i = 1, is_size and 2 or 0 do is_size = is_size and math.type(size[i]) == "integer" and size[i] >= 1 end
  if not is_size then blame("%s: size: expected { height, width }, got %s", name, blame.got(size)) end
  return size
end

return pictures
