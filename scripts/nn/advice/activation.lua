--- What advice knows of the activation at an output: its name, and between which numbers its values lie.
local activation = {}

local INF = math.huge

-- Sigmoids give each unit a probability of its own; softmax shares one among all units.
activation.PROBABILITY = { sigmoid = true, hard_sigmoid = true, hard_sigmoid_keras2 = true,
  sparse_sigmoid = true }
activation.DISTRIBUTION = { softmax = true, sparsemax = true }

local RANGES = {
  relu = { 0, INF }, relu6 = { 0, 6 }, softplus = { 0, INF }, exponential = { 0, INF }, squareplus = { 0, INF },
  sparse_plus = { 0, INF }, hard_sigmoid_keras2 = { 0, 1 }, sigmoid = { 0, 1 },
  hard_sigmoid = { 0, 1 }, sparse_sigmoid = { 0, 1 }, tanh = { -1, 1 },
  hard_tanh = { -1, 1 }, softsign = { -1, 1 }, log_sigmoid = { -INF, 0 }, log_softmax = { -INF, 0 },
}

--- The activation of a layer.
-- @tparam table layer
-- @treturn ?string nil where the layer has none that is known
function activation.of(layer)
  if layer.class_name == "Softmax" or layer.class_name == "ReLU" then return layer.class_name:lower() end
  return layer.activation and layer.activation.name
end

--- Between which numbers the values of an activation lie.
-- @tparam ?string name
-- @treturn ?number the lowest, or -inf; nil where they may be any number
-- @treturn ?number the highest, or inf
function activation.range(name)
  local range = RANGES[name]
  if range then return range[1], range[2] end
end

--- An activation as a sentence names it.
-- @tparam string name
-- @treturn string
function activation.quoted(name)
  return name == "linear" and "no activation" or ("the activation %q"):format(name)
end

return activation
