--- Values of a graph: a tensor, and the type that ONNX gives it.
--
-- Tensors are float32, int32 or uint8. So int64 is held in 32 bits, and a number that does not fit is an error, but for
-- those that mean "up to the end" (beyond 2^62), which become the greatest or least int32. bool is uint8, 0 or 1.
local data = require "engine.data"
local tensor = require "nn.tensor"

local Value = {}
Value.__index = Value

-- ONNX' number of a type -> its name, and the type of the tensor that holds it.
local NAMES = { [1] = "float32", [2] = "uint8", [3] = "int8", [4] = "uint16", [5] = "int16", [6] = "int32",
  [7] = "int64", [9] = "bool", [10] = "float16", [11] = "float64", [12] = "uint32", [13] = "uint64" }
local CODES = {}
for code, name in pairs(NAMES) do CODES[name] = code end

local function held_as(type)
  return type:find "^float" and "float32" or type == "bool" and "uint8" or "int32"
end

local MAX_AXES, MAX_BYTES = 8, 1 << 40
local LEAST, GREATEST = -(1 << 31), (1 << 31) - 1

local value = { names = NAMES, codes = CODES, held_as = held_as }

local function invalid(format, ...) error({ problem = format:format(...) }, 0) end
value.invalid = invalid

--- A value.
-- @tparam tensor numbers
-- @tparam string type ONNX' name: "float32", "int64", "bool" ...
function value.new(numbers, type)
  local dtype = held_as(type)
  if numbers.dtype ~= dtype then numbers = numbers:astype(dtype) end
  return setmetatable({ data = numbers, type = type }, Value)
end

function value.is(any) return getmetatable(any) == Value end

--- A value of numbers in a list, in row-major order.
-- @tparam {number,...} list
-- @tparam[opt="int64"] string type
-- @tparam[opt] {integer,...} shape (one axis)
function value.of_list(list, type, shape)
  type = type or "int64"
  shape = shape or { #list }
  local numbers = #list == 0 and tensor.zeros({ 0 }, held_as(type)) or tensor.tensor(list, held_as(type))
  return value.new(numbers:reshape(shape), type)
end

--- A value without axes.
function value.scalar(number, type) return value.new(tensor.full({}, number, held_as(type)), type) end

--- The lengths of its axes, as a new list.
function Value:shape() return table.move(self.data.shape, 1, self.data.ndim, 1, {}) end

function Value:is_float() return self.data.dtype == "float32" end

--- Another tensor of the same type.
function Value:like(numbers) return value.new(numbers, self.type) end

--- All numbers, in order.
-- @treturn {number,...}
function Value:list()
  if self.data.size == 0 then return {} end
  return self.data:contiguous():reshape { -1 }:totable()
end

--- All numbers as integers, for axes, lengths and positions.
function Value:integers()
  local list = self:list()
  for i, each in ipairs(list) do
    list[i] = math.tointeger(each) or invalid("expected whole numbers, got %s", tostring(each))
  end
  return list
end

--- The one number.
function Value:item()
  if self.data.size ~= 1 then invalid("expected one number, got %d", self.data.size) end
  return self:list()[1]
end

-- How many numbers a node may make: a damaged length is an error, and does not fill the memory.
value.most = 1 << 28

--- Raises an error for lengths that make no sense.
-- @tparam {integer,...} shape
-- @treturn {integer,...} the shape
function value.check_lengths(shape)
  local count = 1
  for _, length in ipairs(shape) do
    if length < 0 or length > value.most // math.max(count, 1) then
      invalid "its shape makes no sense, or is too large"
    end
    count = count * length
  end
  return shape
end

--- A part of a tensor along an axis, which may be empty.
-- @tparam tensor numbers
-- @tparam integer axis from 1
-- @tparam integer count
-- @tparam[opt=0] integer first from 0
function value.part(numbers, axis, count, first)
  local shape = table.move(numbers.shape, 1, numbers.ndim, 1, {})
  if count == 0 then
    shape[axis] = 0
    return tensor.zeros(shape, numbers.dtype)
  end
  local key = {}
  for i = 1, axis - 1 do key[i] = {} end
  key[axis] = { (first or 0) + 1, (first or 0) + count }
  return numbers[key]
end

-- ---- tensors of a file ---------------------------------------------------------------------------------------------

local function count_of(dims)
  if #dims > MAX_AXES then invalid("has %d axes; a tensor has at most %d", #dims, MAX_AXES) end
  local count, room = 1, 1
  for _, length in ipairs(dims) do
    if length < 0 or length > MAX_BYTES // room then invalid "has lengths that make no sense" end
    count, room = count * length, room * math.max(length, 1)
  end
  return count
end

-- What lies beyond 32 bits in the bytes of int64, cut where it means "up to the end".
local function clamped(bytes, count)
  local list = {}
  for i = 1, count do
    local each = ("<i8"):unpack(bytes, 8 * i - 7)
    if math.abs(each >> 1) >= 1 << 61 then each = each < 0 and LEAST or GREATEST end
    if each < LEAST or each > GREATEST then invalid("has the number %d, which takes more than 32 bits", each) end
    list[i] = each
  end
  return list
end

-- Tensors whose numbers are whole and not given as bytes.
local function from_integers(proto, name, count)
  local list = name == "int64" and proto.int64_data or (name == "uint64" or name == "uint32") and proto.uint64_data
    or proto.int32_data
  if #list ~= count then invalid("has %d numbers; its shape takes %d", #list, count) end
  if name == "float16" then return nil, ("<" .. ("I2"):rep(count)):pack(table.unpack(list)) end
  local pieces = {}
  for i, each in ipairs(list) do pieces[i] = ("<i8"):pack(each) end
  return table.concat(pieces)
end

-- The bytes of a tensor, and the type that they have.
local function bytes_of(proto, name, count)
  if proto.raw_data then return proto.raw_data, name end
  if name == "float32" then return proto.float_data, name end
  if name == "float64" then return proto.double_data, name end
  local wide, halves = from_integers(proto, name, count)
  return wide or halves, wide and "int64" or name
end

--- The value in a tensor of a file.
-- @tparam table proto the message
-- @treturn Value
-- @raise a table with problem
function value.read(proto)
  local name = NAMES[proto.data_type or 0]
  if proto.data_location == 1 or #proto.external_data > 0 then
    invalid "has its numbers in another file, which is not read; store the model as one file"
  end
  if not name then invalid("has a type (%d) that is not read; numbers are", proto.data_type or 0) end
  local count = count_of(proto.dims)
  local bytes, type = bytes_of(proto, name, count)
  local expected = count * data.number_size(type)
  if #bytes ~= expected then invalid("has %d bytes of numbers; its shape takes %d", #bytes, expected) end
  if count == 0 then return value.new(tensor.zeros(proto.dims, held_as(name)), name) end
  local numbers = data.numbers(bytes, 1, type, proto.dims, false)
  if not numbers and type == "int64" then return value.of_list(clamped(bytes, count), name, proto.dims) end
  if not numbers then invalid "has numbers that take more than 32 bits" end
  return value.new(numbers, name)
end

--- The message of a tensor.
-- @tparam string name
-- @tparam tensor numbers
-- @tparam string type
function value.write(name, numbers, type)
  local message = { name = name, dims = table.move(numbers.shape, 1, numbers.ndim, 1, {}), data_type = CODES[type] }
  if type == "int64" then
    local list = numbers.size > 0 and numbers:reshape { -1 }:totable() or {}
    for i, each in ipairs(list) do list[i] = ("<i8"):pack(math.tointeger(each)) end
    message.raw_data = table.concat(list)
  else
    message.raw_data = numbers:contiguous():bytes()
  end
  return message
end

return value
