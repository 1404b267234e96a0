--- Fourier transforms. Complex numbers are a last axis of two: real and imaginary part.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- The matrices (places, frequencies) of cosines and sines.
local function waves(places, frequencies, period)
  local k = tensor.arange(places):reshape { places, 1 } * tensor.arange(frequencies):reshape { 1, frequencies }
  local angle = ops.mod(k, period) * (2 * math.pi / period)
  return ops.cos(angle), ops.sin(angle)
end

-- x: (..., places), each part a tensor or nil; gives (..., frequencies, 2).
local function transformed(real, imaginary, frequencies, period, is_inverse)
  local places = real.shape[real.ndim]
  value.check_lengths { places, frequencies }
  local cosine, sine = waves(places, frequencies, period)
  if not is_inverse then sine = -sine end -- exp(-i a) = cos a - i sin a
  local re, im = ops.matmul(real, cosine), ops.matmul(real, sine)
  if imaginary then
    re, im = re - ops.matmul(imaginary, sine), im + ops.matmul(imaginary, cosine)
  end
  local result = ops.stack({ re, im }, -1)
  return is_inverse and result / period or result
end

-- Exactly so many places along the last axis.
local function with_length(x, length)
  local own = x.shape[x.ndim]
  if length <= own then return value.part(x, x.ndim, length):contiguous() end
  local widths = {}
  for axis = 1, x.ndim do widths[axis] = { 0, axis == x.ndim and length - own or 0 } end
  return ops.pad(x, widths)
end

function operators.DFT(call, x, dft_length, axis_input)
  local a, ndim = call.attributes, x.data.ndim
  local axis = axis_input and math.tointeger(axis_input:item()) or a.axis or (call.version >= 20 and -2 or 1)
  local at = axis < 0 and axis + ndim + 1 or axis + 1
  local function part(index)
    local one = ops.squeeze(value.part(x.data, ndim, 1, index), -1)
    return ops.moveaxis(one, at, -1)
  end
  local length = dft_length and math.tointeger(dft_length:item()) or x.data.shape[at]
  if length < 1 then value.invalid "its length makes no sense" end
  value.check_lengths { length, length }
  local real = with_length(part(0), length)
  local imaginary = x.data.shape[ndim] == 2 and with_length(part(1), length) or nil
  local frequencies = a.onesided == 1 and length // 2 + 1 or length
  local result = transformed(real, imaginary, frequencies, length, a.inverse == 1)
  return x:like(ops.moveaxis(result, ndim - 1, at))
end

function operators.STFT(call, signal, step, window, frame_length)
  local hop, x = math.tointeger(step:item()), signal.data
  local length = frame_length and math.tointeger(frame_length:item()) or window.data.size
  local places = x.shape[2]
  if hop < 1 or length < 1 or length > places then value.invalid "its frames do not fit the signal" end
  local count, list = (places - length) // hop + 1, {}
  value.check_lengths { count, length }
  for frame = 0, count - 1 do
    for i = 0, length - 1 do list[#list + 1] = frame * hop + i end
  end
  local batch = x.shape[1]
  local function frames(index)
    local one = value.part(x:contiguous():reshape { batch, places, -1 }, 3, 1, index):contiguous()
    local cut = ops.take(one:reshape { batch, places }, tensor.tensor(list), 2):reshape { batch, count, length }
    return window and cut * window.data or cut
  end
  local is_complex = x.ndim == 3 and x.shape[3] == 2
  local frequencies = call.attributes.onesided ~= 0 and length // 2 + 1 or length
  return signal:like(transformed(frames(0), is_complex and frames(1) or nil, frequencies, length))
end

local function to_mel(f) return 2595 * math.log(1 + f / 700, 10) end
local function from_mel(m) return 700 * (10 ^ (m / 2595) - 1) end

function operators.MelWeightMatrix(call, bins, length, rate, low, high)
  local count, size = math.tointeger(bins:item()), math.tointeger(length:item())
  local spectrum = size // 2 + 1
  value.check_lengths { spectrum, count }
  local first, last, places, rows = to_mel(low:item()), to_mel(high:item()), {}, {}
  for i = 0, count + 1 do -- the corners of the triangles, as bins of the spectrum
    local hertz = from_mel(first + i * (last - first) / (count + 2))
    places[i] = math.floor((size + 1) * hertz / rate:item())
  end
  for k = 1, spectrum do rows[k] = tensor.zeros({ count }):totable() end
  for i = 0, count - 1 do
    local left, center, right = places[i], places[i + 1], places[i + 2]
    if center == left and rows[center + 1] then rows[center + 1][i + 1] = 1.0 end
    for j = left, center - 1 + (center > left and 1 or 0) do
      if rows[j + 1] then rows[j + 1][i + 1] = (j - left) / (center - left) end
    end
    for j = center, right - 1 do
      if rows[j + 1] then rows[j + 1][i + 1] = (right - j) / (right - center) end
    end
  end
  return value.new(tensor.tensor(rows), value.names[call.attributes.output_datatype or 1])
end

return operators
