--- The operations of nn.ops as nodes. Their axes count that of the samples, from 1.
local activations = require "nn.onnx.export.activations"
local tensor = require "nn.tensor"

local operations = {}

-- ---- one input -----------------------------------------------------------------------------------------------------

for name, op_type in pairs { abs = "Abs", arccos = "Acos", arccosh = "Acosh", arcsin = "Asin", arcsinh = "Asinh",
  arctan = "Atan", arctanh = "Atanh", ceil = "Ceil", cos = "Cos", cosh = "Cosh", det = "Det", erf = "Erf", exp = "Exp",
  floor = "Floor", log = "Log", negative = "Neg", reciprocal = "Reciprocal", round = "Round", sign = "Sign",
  sin = "Sin", sinh = "Sinh", sqrt = "Sqrt", tan = "Tan", tanh = "Tanh" } do
  operations[name] = function(g, n) return g:add(op_type, { n.inputs[1] }) end
end

function operations.activation(g, n)
  return activations[n.config.activation or "linear"](g, n.inputs[1], n.config, n.shapes[1])
end

function operations.stop_gradient(_, n) return n.inputs[1] end
function operations.square(g, n) return g:binary("Mul", n.inputs[1], n.inputs[1]) end
function operations.rsqrt(g, n) return g:map("Reciprocal", g:map("Sqrt", n.inputs[1])) end
function operations.expm1(g, n) return g:binary("Sub", g:map("Exp", n.inputs[1]), 1) end
function operations.log1p(g, n) return g:map("Log", g:binary("Add", n.inputs[1], 1)) end
function operations.log2(g, n) return g:binary("Mul", g:map("Log", n.inputs[1]), 1 / math.log(2)) end
function operations.log10(g, n) return g:binary("Mul", g:map("Log", n.inputs[1]), 1 / math.log(10)) end
function operations.isnan(g, n) return g:as_floats(g:add("IsNaN", { n.inputs[1] })) end
function operations.isinf(g, n) return g:as_floats(g:add("IsInf", { n.inputs[1] })) end

function operations.isfinite(g, n)
  local is_not = g:add("Or", { g:add("IsNaN", { n.inputs[1] }), g:add("IsInf", { n.inputs[1] }) })
  return g:as_floats(g:add("Not", { is_not }))
end

function operations.logical_not(g, n) return g:as_floats(g:binary("Equal", n.inputs[1], 0)) end

-- ---- two inputs ----------------------------------------------------------------------------------------------------

for name, op_type in pairs { add = "Add", subtract = "Sub", multiply = "Mul", divide = "Div", power = "Pow",
  maximum = "Max", minimum = "Min", matmul = "MatMul" } do
  operations[name] = function(g, n) return g:add(op_type, { n.inputs[1], n.inputs[2] }) end
end

for name, op_type in pairs { equal = "Equal", greater = "Greater", greater_equal = "GreaterOrEqual", less = "Less",
  less_equal = "LessOrEqual" } do
  operations[name] = function(g, n) return g:as_floats(g:add(op_type, { n.inputs[1], n.inputs[2] })) end
end

for name, op_type in pairs { logical_and = "And", logical_or = "Or", logical_xor = "Xor" } do
  operations[name] = function(g, n)
    return g:as_floats(g:add(op_type, { g:as_bool(n.inputs[1]), g:as_bool(n.inputs[2]) }))
  end
end

function operations.not_equal(g, n)
  return g:as_floats(g:add("Not", { g:add("Equal", { n.inputs[1], n.inputs[2] }) }))
end

function operations.floor_divide(g, n) return g:map("Floor", g:binary("Div", n.inputs[1], n.inputs[2])) end

function operations.mod(g, n)
  local whole = operations.floor_divide(g, n)
  return g:binary("Sub", n.inputs[1], g:binary("Mul", whole, n.inputs[2]))
end

function operations.divide_no_nan(g, n)
  local is_zero = g:binary("Equal", n.inputs[2], 0)
  local divisor = g:add("Where", { is_zero, g:number(1), n.inputs[2] })
  return g:add("Where", { is_zero, g:number(0), g:binary("Div", n.inputs[1], divisor) })
end

function operations.hypot(g, n)
  local function square(x) return g:binary("Mul", x, x) end
  return g:map("Sqrt", g:binary("Add", square(n.inputs[1]), square(n.inputs[2])))
end

function operations.logaddexp(g, n)
  local a, b = n.inputs[1], n.inputs[2]
  local distance = g:map("Neg", g:map("Abs", g:binary("Sub", a, b)))
  return g:binary("Add", g:binary("Max", a, b), g:map("Log", g:binary("Add", g:map("Exp", distance), 1)))
end

function operations.where(g, n)
  return g:add("Where", { g:as_bool(n.inputs[1]), n.inputs[2], n.inputs[3] })
end

-- ---- along axes ----------------------------------------------------------------------------------------------------

local function from_zero(axis) return axis > 0 and axis - 1 or axis end

local function axes_of(g, n)
  local axes = {}
  for i, axis in ipairs(n.config.axis or {}) do axes[i] = from_zero(axis) end
  if #axes == 0 then
    for i = 1, g.rank(n.shapes[1]) do axes[i] = i - 1 end
  end
  return axes
end

for name, op_type in pairs { sum = "ReduceSum", mean = "ReduceMean", max = "ReduceMax", min = "ReduceMin",
  prod = "ReduceProd", logsumexp = "ReduceLogSumExp" } do
  operations[name] = function(g, n) return g:reduce(op_type, n.inputs[1], axes_of(g, n), n.config.keepdims) end
end

-- An operation along one axis, or, if none is given, over all numbers in order.
local function along(g, n)
  local axis = n.config.axis or 0
  if axis ~= 0 then return n.inputs[1], from_zero(axis) end
  return g:add("Reshape", { n.inputs[1], g:integers { -1 } }), 0
end

for name, op_type in pairs { argmax = "ArgMax", argmin = "ArgMin" } do
  operations[name] = function(g, n)
    local x, axis = along(g, n)
    return g:as_floats(g:add(op_type, { x }, { axis = axis, keepdims = n.config.keepdims or false }))
  end
end

function operations.cumsum(g, n)
  local x, axis = along(g, n)
  return g:add("CumSum", { x, g:number(axis, "int64") })
end

function operations.argsort(g, n)
  local axis = n.config.axis or -1
  local position = axis < 0 and axis + g.rank(n.shapes[1]) or axis - 1
  local length = n.shapes[1][n.shapes[1].is_whole and position + 1 or position]
  local _, order = g:add("TopK", { n.inputs[1], g:integers { length } },
    { axis = position, largest = n.config.descending or false }, 2)
  return g:as_floats(order)
end

function operations.flip(g, n)
  local y = n.inputs[1]
  for _, axis in ipairs(axes_of(g, n)) do y = g:flip(y, axis) end
  return y
end

function operations.concatenate(g, n) return g:add("Concat", n.inputs, { axis = from_zero(n.config.axis or -1) }) end

-- ---- shapes and parts ----------------------------------------------------------------------------------------------

function operations.reshape(g, n) return g:reshape(n.inputs[1], n.outputs[1]) end

function operations.broadcast_to(g, n)
  local shape = g.lengths(n.outputs[1])
  if not n.outputs[1].is_whole then shape[1] = 1 end -- the samples are there already
  return g:add("Expand", { n.inputs[1], g:integers(shape) })
end

function operations.transpose(g, n)
  local rank, order = g.rank(n.shapes[1]), {}
  local axes = n.config.axes or {}
  for i = 1, rank do order[i] = from_zero(axes[i] or rank - i + 1) end
  for i, axis in ipairs(order) do order[i] = axis < 0 and axis + rank or axis end
  return g:transpose(n.inputs[1], order)
end

local END = (1 << 31) - 1

function operations.slice(g, n)
  local c, starts, ends, axes, steps = n.config, {}, {}, {}, {}
  for i, first in ipairs(c.start) do
    local count = c.shape[i] or -1
    starts[i], axes[i], steps[i] = from_zero(first), i - 1, c.step and c.step[i] or 1
    ends[i] = count < 0 and END or starts[i] + count
    if starts[i] < 0 and ends[i] >= 0 then ends[i] = END end
  end
  return g:add("Slice", { n.inputs[1], g:integers(starts), g:integers(ends), g:integers(axes), g:integers(steps) })
end

-- Positions of a part, for ScatterND: a list of axes' positions for each of its numbers.
function operations.slice_update(g, n)
  local shape, updates, list = n.shapes[1], n.shapes[2], {}
  if not (shape.is_whole and updates.is_whole) then return nil end
  local count = 1
  for _, length in ipairs(updates) do count = count * length end
  for flat = 0, count - 1 do
    local rest, row = flat, {}
    for axis = #updates, 1, -1 do
      local start = n.config.start[axis] or 1
      row[axis], rest = rest % updates[axis] + (start < 0 and start + shape[axis] or start - 1), rest // updates[axis]
    end
    list[flat + 1] = row
  end
  local indices = tensor.tensor(list, "int32"):reshape { table.unpack(updates, 1, #updates) }
  return g:add("ScatterND", { n.inputs[1], g:constant(indices, "int64"), n.inputs[2] })
end

function operations.take(g, n)
  return g:add("Gather", { n.inputs[1], g:as_integers(n.inputs[2]) }, { axis = from_zero(n.config.axis) })
end

function operations.take_along_axis(g, n)
  return g:add("GatherElements", { n.inputs[1], g:as_integers(n.inputs[2]) }, { axis = from_zero(n.config.axis) })
end

function operations.one_hot(g, n)
  local axis = n.config.axis or -1
  return g:add("OneHot", { g:as_integers(n.inputs[1]), g:number(n.config.num_classes, "int64"),
    g:constant(tensor.tensor { 0, 1 }) }, { axis = from_zero(axis) })
end

-- "symmetric" is what ONNX has no mode for: its places are taken one by one.
local function symmetric(g, n)
  local c, y = n.config, n.inputs[1]
  local offset = n.shapes[1].is_whole and 0 or 1
  for axis, before in ipairs(c.before) do
    local length, list = n.shapes[1][axis - offset], {}
    if before + c.after[axis] > 0 then
      for at = -before, length + c.after[axis] - 1 do
        local place = at % (2 * length)
        list[#list + 1] = place < length and place or 2 * length - 1 - place
      end
      y = g:add("Gather", { y, g:integers(list) }, { axis = axis - 1 })
    end
  end
  return y
end

function operations.pad(g, n)
  local c = n.config
  if c.mode == "symmetric" then return symmetric(g, n) end
  local widths = table.move(c.after, 1, #c.after, #c.before + 1, table.move(c.before, 1, #c.before, 1, {}))
  return g:add("Pad", { n.inputs[1], g:integers(widths), g:number(c.value or 0) }, { mode = c.mode or "constant" })
end

-- The last axes of x with the first of the kernel.
function operations.dense(g, n)
  local axes, x, kernel = n.config.axes, n.shapes[1], n.shapes[2]
  local width, units, rows = 1, 1, { is_whole = x.is_whole }
  for i = 1, #x - axes do rows[i] = x[i] end
  for i = 1, axes do width = width * kernel[i] end
  for i = axes + 1, #kernel do units = units * kernel[i] end
  rows[#rows + 1] = width
  local matrix = g:add("Reshape", { n.inputs[2], g:integers { width, units } })
  local y = g:reshape(g:binary("MatMul", g:reshape(n.inputs[1], rows), matrix), n.outputs[1])
  return n.inputs[3] and g:binary("Add", y, n.inputs[3]) or y
end

return { layers = {}, operations = operations }
