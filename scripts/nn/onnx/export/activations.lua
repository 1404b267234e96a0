--- Activations of the engine as nodes.
-- by_name: function(g, x, config, shape) -> name
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local by_name = { linear = function(_, x) return x end }

for name, op_type in pairs { relu = "Relu", sigmoid = "Sigmoid", tanh = "Tanh", softplus = "Softplus",
  softsign = "Softsign", exponential = "Exp" } do
  by_name[name] = function(g, x) return g:map(op_type, x) end
end

function by_name.selu(g, x) return g:map("Selu", x) end
function by_name.leaky_relu(g, x, c) return g:map("LeakyRelu", x, { alpha = c.negative_slope + 0.0 }) end
function by_name.elu(g, x, c) return g:map("Elu", x, { alpha = (c.alpha or 1) + 0.0 }) end
function by_name.celu(g, x, c) return g:map("Celu", x, { alpha = (c.alpha or 1) + 0.0 }) end

local function clip(g, x, low, high)
  return g:add("Clip", { x, low and g:number(low) or "", high and g:number(high) })
end

function by_name.relu6(g, x) return clip(g, x, 0, 6) end
function by_name.hard_tanh(g, x) return clip(g, x, -1, 1) end

-- max_value where x is above that, x between, negative_slope (x - threshold) below the threshold
function by_name.general_relu(g, x, c)
  local threshold = c.threshold or 0
  local below = g:binary("Mul", g:binary("Sub", x, threshold), c.negative_slope or 0)
  local result = g:add("Where", { g:binary("GreaterOrEqual", x, threshold), x, below })
  if not c.max_value or c.max_value == math.huge then return result end
  return g:add("Where", { g:binary("GreaterOrEqual", x, c.max_value), g:number(c.max_value), result })
end

function by_name.gelu(g, x)
  local inner = g:map("Erf", g:binary("Mul", x, math.sqrt(0.5)))
  return g:binary("Mul", g:binary("Mul", x, 0.5), g:binary("Add", inner, 1))
end

function by_name.gelu_tanh(g, x)
  local cube = g:binary("Mul", g:binary("Mul", g:binary("Mul", x, x), x), 0.044715)
  local inner = g:map("Tanh", g:binary("Mul", g:binary("Add", x, cube), math.sqrt(2 / math.pi)))
  return g:binary("Mul", g:binary("Mul", x, 0.5), g:binary("Add", inner, 1))
end

function by_name.squareplus(g, x, c)
  local root = g:map("Sqrt", g:binary("Add", g:binary("Mul", x, x), c.b or 4))
  return g:binary("Mul", g:binary("Add", x, root), 0.5)
end

function by_name.soft_shrink(g, x, c)
  return g:map("Shrink", x, { lambd = c.threshold + 0.0, bias = c.threshold + 0.0 })
end

function by_name.hard_shrink(g, x, c) return g:map("Shrink", x, { lambd = c.threshold + 0.0, bias = 0.0 }) end

function by_name.threshold(g, x, c)
  return g:add("Where", { g:binary("Greater", x, c.threshold), x, g:number(c.default_value) })
end

function by_name.silu(g, x) return g:binary("Mul", x, g:map("Sigmoid", x)) end
function by_name.hard_sigmoid(g, x) return g:map("HardSigmoid", x, { alpha = 1 / 6, beta = 0.5 }) end
function by_name.hard_sigmoid_keras2(g, x) return g:map("HardSigmoid", x, { alpha = 0.2, beta = 0.5 }) end
function by_name.hard_silu(g, x) return g:binary("Mul", x, by_name.hard_sigmoid(g, x)) end
function by_name.mish(g, x) return g:binary("Mul", x, g:map("Tanh", g:map("Softplus", x))) end
function by_name.log_sigmoid(g, x) return g:map("Neg", g:map("Softplus", g:map("Neg", x))) end
function by_name.tanh_shrink(g, x) return g:binary("Sub", x, g:map("Tanh", x)) end
function by_name.step(g, x) return g:as_floats(g:binary("GreaterOrEqual", x, 0)) end

function by_name.sparse_sigmoid(g, x) return clip(g, g:binary("Mul", g:binary("Add", x, 1), 0.5), 0, 1) end

function by_name.sparse_plus(g, x)
  local ramp = clip(g, g:binary("Add", x, 1), 0, nil)
  local middle = g:binary("Mul", g:binary("Mul", ramp, ramp), 0.25)
  return g:add("Where", { g:binary("GreaterOrEqual", x, 1), x, middle })
end

-- ---- by row: over the last `axes` axes -----------------------------------------------------------------------------

local function over_rows(f)
  return function(g, x, c, shape)
    local axes = c.axes or 1
    if axes == 1 then return f(g, x, shape[#shape]) end
    local rows, width = table.move(shape, 1, #shape - axes, 1, { is_whole = shape.is_whole }), 1
    for i = #shape - axes + 1, #shape do width = width * shape[i] end
    rows[#rows + 1] = width
    return g:reshape(f(g, g:reshape(x, rows), width), shape)
  end
end

by_name.softmax = over_rows(function(g, x) return g:add("Softmax", { x }, { axis = -1 }) end)
by_name.log_softmax = over_rows(function(g, x) return g:add("LogSoftmax", { x }, { axis = -1 }) end)

-- Martins and Astudillo 2016: of the numbers in order, those count that lie above (their sum - 1) / their count.
by_name.sparsemax = over_rows(function(g, x, width)
  local sorted = g:add("TopK", { x, g:integers { width } }, { axis = -1 }, 2)
  local sums = g:add("CumSum", { sorted, g:number(-1, "int64") })
  local ranks = g:constant(tensor.arange(1, width + 1))
  local counts = g:as_floats(g:binary("Greater", g:binary("Add", g:binary("Mul", sorted, ranks), 1), sums))
  local count = g:reduce("ReduceSum", counts, { -1 }, true)
  local sum = g:reduce("ReduceSum", g:binary("Mul", sorted, counts), { -1 }, true)
  return g:map("Relu", g:binary("Sub", x, g:binary("Div", g:binary("Sub", sum, 1), count)))
end)

return setmetatable(by_name, { __index = function(_, name)
  blame("export: ONNX has no operators for the activation %s", name)
end })
