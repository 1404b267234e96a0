--- Normalizations as nodes.
local tensor = require "nn.tensor"

local layers = {}

-- gamma and beta of a layer that may lack either.
local function scale_and_center(n)
  local c, next_param = n.config, 0
  local function take(is_there)
    next_param = next_param + (is_there and 1 or 0)
    return is_there and n.params[next_param] or nil
  end
  local gamma = take(c.scale ~= false)
  local beta = take(c.center ~= false and not c.rms_scaling)
  return gamma, beta, next_param
end

function layers.batch_normalization(g, n)
  local gamma, beta, count = scale_and_center(n)
  local mean, variance, rank = n.params[count + 1], n.params[count + 2], #n.shapes[1] + 1
  local y = g:add("BatchNormalization", { g:channels_first(n.inputs[1], rank),
    g:constant(gamma or tensor.ones(mean.shape)), g:constant(beta or tensor.zeros(mean.shape)), g:constant(mean),
    g:constant(variance) }, { epsilon = (n.config.epsilon or 1e-3) + 0.0 })
  return g:channels_last(y, rank)
end

local function inverse_root(g, mean, epsilon)
  return g:map("Reciprocal", g:map("Sqrt", g:binary("Add", mean, epsilon)))
end

local function square(g, x) return g:binary("Mul", x, x) end

local function product(list, first)
  local result = 1
  for i = first, #list do result = result * list[i] end
  return result
end

function layers.layer_normalization(g, n)
  local c, x, shape = n.config, n.inputs[1], n.shapes[1]
  local axes, epsilon = c.axes or 1, (c.epsilon or 1e-3) + 0.0
  local gamma, beta = scale_and_center(n)
  if not c.rms_scaling then
    local row = table.move(shape, #shape - axes + 1, #shape, 1, {})
    return g:add("LayerNormalization", { x, g:constant(gamma or tensor.ones(row)), beta and g:constant(beta) },
      { axis = -axes, epsilon = epsilon })
  end
  local last = g.last(axes)
  local centered = g:binary("Sub", x, g:reduce("ReduceMean", x, last, true))
  local y = g:binary("Mul", x, inverse_root(g, g:reduce("ReduceMean", square(g, centered), last, true), epsilon))
  return gamma and g:binary("Mul", y, g:constant(gamma)) or y
end

function layers.rms_normalization(g, n)
  local mean = g:reduce("ReduceMean", square(g, n.inputs[1]), g.last(n.config.axes or 1), true)
  local y = g:binary("Mul", n.inputs[1], inverse_root(g, mean, n.config.epsilon or 1e-6))
  return g:binary("Mul", y, g:constant(n.params[1]))
end

function layers.unit_normalization(g, n)
  local sum = g:reduce("ReduceSum", square(g, n.inputs[1]), g.last(n.config.axes or 1), true)
  return g:binary("Div", n.inputs[1], g:map("Sqrt", g:binary("Max", sum, 1e-12)))
end

-- Groups of the last axis, each over all places of a sample.
function layers.group_normalization(g, n)
  local c, shape = n.config, n.shapes[1]
  local features = shape[#shape]
  local groups = c.groups == -1 and features or c.groups or 32
  local x = g:reshape(n.inputs[1], { product(shape, 1) // features, groups, features // groups })
  local centered = g:binary("Sub", x, g:reduce("ReduceMean", x, { 1, 3 }, true))
  local variance = g:reduce("ReduceMean", square(g, centered), { 1, 3 }, true)
  local y = g:reshape(g:binary("Mul", centered, inverse_root(g, variance, c.epsilon or 1e-3)), shape)
  local gamma, beta = scale_and_center(n)
  if gamma then y = g:binary("Mul", y, g:constant(gamma)) end
  return beta and g:binary("Add", y, g:constant(beta)) or y
end

return { layers = layers, operations = {} }
