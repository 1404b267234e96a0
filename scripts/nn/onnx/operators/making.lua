--- Operators that make tensors: constants, ranges, random numbers.
local ops = require "nn.ops"
local random = require "nn.random"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

local limited = value.check_lengths

function operators.Constant(call)
  local a = call.attributes
  if a.value then return a.value end
  if a.value_float then return value.scalar(a.value_float, "float32") end
  if a.value_int then return value.scalar(a.value_int, "int64") end
  if a.value_floats then return value.of_list(a.value_floats, "float32") end
  if a.value_ints then return value.of_list(a.value_ints) end
  value.invalid "holds no numbers"
end

function operators.ConstantOfShape(call, shape)
  local of = call.attributes.value or value.scalar(0, "float32")
  return of:like(tensor.full(limited(shape:integers()), of:item(), value.held_as(of.type)))
end

function operators.Range(_, start, limit, delta)
  local first, step = start:item(), delta:item()
  if step == 0 then value.invalid "delta is 0" end
  local count = limited { math.max(0, math.ceil((limit:item() - first) / step)) }[1]
  return start:like(tensor.arange(count) * step + first)
end

function operators.EyeLike(call, x)
  local rows, columns, k = x.data.shape[1], x.data.shape[2], call.attributes.k or 0
  limited { rows, columns }
  local type = value.names[call.attributes.dtype or 0] or x.type
  return value.new(ops.eye(rows, { M = columns, k = k }), type)
end

function operators.OneHot(call, indices, depth, values)
  local count, axis = math.tointeger(depth:item()), call.attributes.axis or -1
  limited { indices.data.size, count }
  local at = axis < 0 and axis + indices.data.ndim + 2 or axis + 1
  local positions = indices.data:astype "float32"
  positions = ops.where(ops.less(positions, 0), positions + count, positions)
  local inside = ops.logical_and(ops.greater_equal(positions, 0), ops.less(positions, count))
  local hot = ops.one_hot(ops.where(inside, positions, 0), count, at) * ops.expand_dims(inside, at)
  local off, on = table.unpack(values:list())
  return values:like(hot * (on - off) + off)
end

-- ---- random numbers: of the sequence that nn.utils.set_random_seed begins ------------------------------------------

local function uniform(a, shape)
  return random.uniform { shape = limited(shape), minval = a.low or 0, maxval = a.high or 1 }
end

local function normal(a, shape)
  return random.normal { shape = limited(shape), mean = a.mean or 0, stddev = a.scale or 1 }
end

local function drawn(name, draw)
  operators[name] = function(call) return value.new(draw(call.attributes, call.attributes.shape), "float32") end
  operators[name .. "Like"] = function(call, x) return value.new(draw(call.attributes, x:shape()), "float32") end
end
drawn("RandomUniform", uniform)
drawn("RandomNormal", normal)

function operators.Bernoulli(call, x)
  return value.new(ops.less(uniform({}, x:shape()), x.data), value.names[call.attributes.dtype or 0] or x.type)
end

return operators
