--- Where data enter a model.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local open_axes = require "nn.layers.base.open_axes"
local symbolic = require "nn.layers.base.symbolic"

local Input = {}

-- As the engine checks it, which knows no open axes.
function Input:config()
  self.arguments.shape = open_axes.normal(self.arguments.shape)
  local shape = self.arguments.shape
  return { shape = type(shape) == "table" and open_axes.fill(shape, 1) or shape }
end

-- The shape, with its open axes.
function Input:build()
  self.output_shape, self.input_shapes, self.weights = self.arguments.shape, {}, {}
  return self.output_shape
end

local function check_batch_size(size)
  if size ~= nil and (math.type(size) ~= "integer" or size < 1) then
    blame("Input: batch_size: expected a whole number of at least 1, got %s", blame.got(size))
  end
end

-- The sample's shape from batch_shape, whose first length is the batch's. Batches of any size do, so that is all.
local function check(a)
  check_batch_size(a.batch_size)
  if a.batch_shape ~= nil then
    local whole = open_axes.normal(a.batch_shape)
    if a.shape ~= nil then blame "Input: give shape or batch_shape, not both" end
    if type(whole) ~= "table" or #whole == 0 then
      blame("Input: batch_shape: expected a list such as { 32, 28, 28 }, the batch's length first, got %s",
        blame.got(a.batch_shape))
    end
    if whole[1] ~= -1 then check_batch_size(whole[1]) end
    a.shape = table.move(whole, 2, #whole, 1, {})
  end
  if a.shape == nil then blame "Input: shape is missing" end
  a.batch_size, a.batch_shape = nil, nil
end

local InputLayer = layer.define {
  class = "InputLayer",
  engine = "input",
  arguments = { { "shape" }, { "batch_size" }, { "batch_shape" } },
  check = check,
  methods = Input,
}

--- A model's input: a symbolic tensor of samples of that shape.
-- @function Input
-- @tparam {integer,...} shape of one sample, without the samples' axis. A length that may differ from batch to batch is
-- nil, or -1: `{ nil, 8 }`; at the end it is -1, as in `{ -1 }`, since Lua keeps no nil there
-- @tparam[opt] integer batch_size accepted as in Keras; how large batches are, `fit` and `predict` are told
-- @tparam[opt] {integer,...} batch_shape in place of shape: the batch's length, or nil, and then the sample's shape
-- @tparam[opt] string name
-- @usage
-- local input = nn.Input{ shape = { 8 } }
-- local same = nn.Sequential{ nn.layers.InputLayer{ shape = { 8 } }, Dense{ 1 } }
layer.layers.Input = function(...)
  local input = InputLayer(...)
  input.output = symbolic.new(input, {}, input:build({}))
  return input.output
end

return layer.layers.Input
