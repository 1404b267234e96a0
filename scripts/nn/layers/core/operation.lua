--- An operation of nn.ops as a layer: what `nn.ops.exp(x)` is for a symbolic x.
-- @submodule nn.layers
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local names = require "nn.support.names"
local tensor = require "nn.tensor"

local Operation = {}

-- The operands in order: what it reads, and constants in between.
function Operation:lower_into(emit, inputs)
  local constants, operands, next_input = self.constants, {}, 1
  local function emit_constant(value)
    return emit { layer = "variable", config = { shape = value.shape }, inputs = {}, params = { value },
      is_constant = true, what = self:title() }
  end
  for i = 1, #inputs + self.constant_count do
    operands[i] = constants[i] and emit_constant(constants[i]) or inputs[next_input]
    next_input = next_input + (constants[i] and 0 or 1)
  end
  return emit { operation = self.arguments.operation, config = self.arguments.config, inputs = operands,
    what = self:title(), is_penalty = rawget(self, "is_penalty"), metric_name = rawget(self, "metric_name") }
end

-- Scripts know the operation, not the layer.
function Operation:reject(problem)
  blame.at(self.where, "%s: %s", self.arguments.operation, problem)
end

-- What it gives for tensors; also without an axis of samples.
function Operation:__call(inputs, options)
  local list = tensor.is_tensor(inputs) and { inputs } or inputs
  if not layer.is_list_of(list, tensor.is_tensor) then return layer.call(self, inputs, options) end
  local operands, next_input = {}, 1
  for i = 1, #list + self.constant_count do
    operands[i] = self.constants[i] or list[next_input]
    next_input = next_input + (self.constants[i] and 0 or 1)
  end
  return require("nn.ops.base").run(self.arguments.operation, self.arguments.config, operands)
end

function Operation:get_config()
  local constants = {}
  for position, value in pairs(self.constants) do
    constants[#constants + 1] = { position = position, shape = table.move(value.shape, 1, value.ndim, 1, {}),
      values = value:flatten():totable() }
  end
  table.sort(constants, function(a, b) return a.position < b.position end)
  return { name = self.name, trainable = self.trainable, operation = self.arguments.operation,
    config = self.arguments.config, constants = constants }
end

-- A constant as it is stored, as a tensor.
local function stored(constant)
  if #constant.shape == 0 then return constant.position, tensor.full({}, constant.values[1]) end
  return constant.position, tensor.tensor(constant.values):reshape(constant.shape)
end

local function read_constants(given)
  local constants, count = {}, 0
  for position, value in pairs(given) do
    if not tensor.is_tensor(value) then position, value = stored(value) end
    constants[position] = align.floats(value):contiguous()
    count = count + 1
  end
  return constants, count
end

--- An operation of nn.ops within a model. Scripts need not call it: `nn.ops.exp(x)` and `2 * x` do, if x is symbolic.
-- @function Operation
-- @tparam string operation its name in the engine's table
-- @tparam[opt] table config its arguments there
-- @tparam[opt] table constants by position the operands that are tensors; the others are what the layer reads
-- @usage
-- local input = nn.Input{ shape = { 3 } }
-- local model = nn.Model{ inputs = input, outputs = nn.ops.exp(2 * input) }
layer.define {
  class = "Operation",
  merges = true,
  arguments = { { "operation", layer.required }, { "config", {} }, { "constants", {} } },
  check = function(a, object)
    object.constants, object.constant_count = read_constants(a.constants)
    object.name = a.name or names.unique(a.operation)
  end,
  methods = Operation,
  examples = { { { "exp" }, { 3 } }, { { "multiply", constants = { tensor.tensor { 1, 2, 3 } } }, { 3 } } },
}
