--- The engine's layers as nodes: name -> function(g, n) that returns the names of the outputs.
--
-- n has config and params as the engine's node, inputs (names), shapes (of the inputs) and outputs (their shapes).
-- What acts in training alone passes its input on.
local activations = require "nn.onnx.export.activations"
local graph = require "engine.graph"
local ops = require "nn.ops"
local tensor = require "nn.tensor"

local layers = {}

local function pass_on(_, n) return table.unpack(n.inputs) end
for _, name in ipairs { "activity_regularization", "alpha_dropout", "dropout", "gaussian_dropout", "gaussian_noise",
  "mix", "random_erasing", "spectral_normalization" } do
  layers[name] = pass_on
end

-- What a node gives for one picture (height, width, channels), in inference.
local function picture_of(node_layer, config, picture)
  local made = graph.new { inputs = { 1 }, outputs = { 2 }, rows = 1, training = false, watch = { false }, nodes = {
    { layer = "input", config = { shape = picture.shape }, inputs = {}, what = "input" },
    { layer = node_layer, config = config, inputs = { 1 }, what = node_layer } } }
  return made:forward({ picture:reshape { 1, table.unpack(picture.shape) } }, false)[1][1]
end

-- In inference a crop is a resized middle: each axis alone is a product with a matrix, whose columns are what becomes
-- of the unit vectors. All other kinds pass their input on.
function layers.image_transform(g, n)
  if n.config.kind ~= "crop" then return n.inputs[1] end
  local height, width = n.shapes[1][1], n.shapes[1][2]
  local rows = ops.broadcast_to(ops.eye(height):reshape { height, 1, height }, { height, width, height })
  local columns = ops.broadcast_to(ops.eye(width):reshape { 1, width, width }, { height, width, width })
  local by_row = picture_of("image_transform", n.config, rows)[{ {}, 1 }]:contiguous()
  local by_column = picture_of("image_transform", n.config, columns)[1]:contiguous()
  local y = g:transpose(n.inputs[1], { 0, 3, 1, 2 }) -- (n, channels, height, width)
  y = g:binary("MatMul", g:constant(by_row), g:binary("MatMul", y, g:constant(ops.transpose(by_column))))
  return g:transpose(y, { 0, 2, 3, 1 })
end

-- ---- core ----------------------------------------------------------------------------------------------------------

function layers.variable(g, n) return g:constant(n.params[1]) end

function layers.activation(g, n)
  return activations[n.config.activation or "linear"](g, n.inputs[1], n.config, n.shapes[1])
end

function layers.dense(g, n)
  local kernel, bias = g:constant(n.params[1]), n.params[2] and g:constant(n.params[2])
  local y
  if #n.shapes[1] == 1 then
    y = g:add("Gemm", { n.inputs[1], kernel, bias })
  else
    y = g:add("MatMul", { n.inputs[1], kernel })
    if bias then y = g:add("Add", { y, bias }) end
  end
  return activations[n.config.activation or "linear"](g, y, n.config, n.outputs[1])
end

function layers.embedding(g, n)
  return g:add("Gather", { g:constant(n.params[1]), g:as_integers(n.inputs[1]) }, { axis = 0 })
end

function layers.glu(g, n)
  local half = n.outputs[1][#n.outputs[1]]
  local a, b = g:add("Split", { n.inputs[1], g:integers { half, half } }, { axis = -1 }, 2)
  return g:binary("Mul", a, g:map("Sigmoid", b))
end

function layers.mask(g, n)
  local counts = g:as_floats(g:add("Not", { g:binary("Equal", n.inputs[1], n.config.mask_value or 0) }))
  return n.config.any_feature and g:reduce("ReduceMax", counts, { -1 }) or counts
end

-- Exactly 0 where the mask is 0, also in a row that is masked altogether.
function layers.masked_softmax(g, n)
  local scores = g:add("Where", { g:as_bool(n.inputs[2]), n.inputs[1], g:number(-1e9) })
  return g:binary("Mul", g:add("Softmax", { scores }, { axis = -1 }), g:as_floats(g:as_bool(n.inputs[2])))
end

function layers.prelu(g, n) return g:add("PRelu", { n.inputs[1], g:constant(n.params[1]) }) end

-- ---- merging -------------------------------------------------------------------------------------------------------

local MERGES = { add = "Add", subtract = "Sub", multiply = "Mul", average = "Add", maximum = "Max", minimum = "Min" }

-- Samples of fewer axes get axes of length 1 behind the one that counts samples.
local function aligned(g, n)
  local most, list = 0, {}
  for _, shape in ipairs(n.shapes) do most = math.max(most, #shape) end
  for i, shape in ipairs(n.shapes) do
    local axes = {}
    for axis = 1, most - #shape do axes[axis] = axis end
    list[i] = #axes > 0 and g:add("Unsqueeze", { n.inputs[i], g:integers(axes) }) or n.inputs[i]
  end
  return list
end

function layers.merge(g, n)
  local operation, list = n.config.operation or "add", aligned(g, n)
  local result = list[1]
  for i = 2, #list do result = g:binary(MERGES[operation], result, list[i]) end
  return operation == "average" and g:binary("Div", result, #list) or result
end

function layers.concatenate(g, n)
  return g:add("Concat", n.inputs, { axis = n.config.axis or -1 })
end

function layers.dot(g, n)
  local function rows(i)
    local shape = n.shapes[i]
    local count = 1
    for axis = 1, #shape - 1 do count = count * shape[axis] end
    return g:reshape(n.inputs[i], { count, shape[#shape] })
  end
  local y = g:binary("MatMul", rows(1), g:transpose(rows(2), { 0, 2, 1 }))
  return g:reshape(y, n.outputs[1])
end

-- ---- reshaping -----------------------------------------------------------------------------------------------------

local function to_shape(g, n) return g:reshape(n.inputs[1], n.outputs[1]) end
layers.flatten, layers.reshape = to_shape, to_shape

function layers.permute(g, n) return g:transpose(n.inputs[1], { 0, table.unpack(n.config.dims) }) end

function layers.repeat_vector(g, n)
  local x = g:add("Unsqueeze", { n.inputs[1], g:integers { 1 } })
  return g:add("Expand", { x, g:integers { 1, n.config.n, 1 } })
end

-- ---- preprocessing -------------------------------------------------------------------------------------------------

function layers.normalization(g, n)
  local mean, deviation = n.params[1], ops.maximum(ops.sqrt(n.params[2]), 1e-7)
  if n.config.invert then
    return g:binary("Add", g:binary("Mul", n.inputs[1], g:constant(deviation)), g:constant(mean))
  end
  return g:binary("Div", g:binary("Sub", n.inputs[1], g:constant(mean)), g:constant(deviation))
end

function layers.rescaling(g, n)
  return g:binary("Add", g:binary("Mul", n.inputs[1], g:constant(n.params[1])), g:constant(n.params[2]))
end

local function with_last_axis(g, x) return g:add("Unsqueeze", { x, g:integers { -1 } }) end

-- How many boundaries are at or below a value.
function layers.discretization(g, n)
  local is_above = g:binary("GreaterOrEqual", with_last_axis(g, n.inputs[1]), g:constant(n.params[1]))
  return g:reduce("ReduceSum", g:as_floats(is_above), { -1 })
end

function layers.category_encoding(g, n)
  local c, shape = n.config, n.shapes[1]
  local ids, rank = g:map("Floor", n.inputs[1]), #shape
  local found = g:as_floats(g:binary("Equal", with_last_axis(g, ids), g:constant(tensor.arange(c.num_tokens))))
  if n.inputs[2] then found = g:binary("Mul", found, with_last_axis(g, n.inputs[2])) end
  if c.output_mode == "one_hot" or rank == 0 then return g:reshape(found, n.outputs[1]) end
  return g:reduce(c.output_mode == "count" and "ReduceSum" or "ReduceMax", found, { -2 })
end

return { layers = layers, operations = {} }
