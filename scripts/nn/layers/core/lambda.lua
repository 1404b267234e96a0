--- A Lua function as a layer.
--
-- A function that computes with nn.ops and arithmetic becomes nodes of the graph, and layers before it learn. One that
-- does something else with its tensors is called with them. Without a gradient, what such a Lambda gives is computed
-- before a run, for all samples, and is data to the layers after it; training with such a Lambda after layers that
-- learn is an error. With one, it is a node of the graph like any other, and both functions are called for each batch.
-- @submodule nn.layers
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local Lambda = {}

function Lambda:config() return {} end

-- Applies the function to real tensors.
function Lambda:apply(inputs)
  local a = self.arguments
  local given = #inputs == 1 and inputs[1] or inputs
  local result = a["function"](given, a.arguments)
  if not tensor.is_tensor(result) or result.ndim == 0 or result.shape[1] ~= inputs[1].shape[1] then
    blame.at(self.where, "%s: its function is to give a tensor with as many samples as it was given, got %s",
      self:title(),
      blame.got(result))
  end
  return result
end

-- The graph of the function, if all that it does with its inputs is done by nn.ops and arithmetic.
-- @tparam {{integer,...},...} input_shapes
-- @treturn ?table inputs, output: symbolic tensors; nil if the function does something else
local function traced(self, input_shapes)
  local inputs, a = {}, self.arguments
  for i, shape in ipairs(input_shapes) do inputs[i] = symbolic.new({ name = "x", is_hidden = true }, {}, shape) end
  local given = #inputs == 1 and inputs[1] or inputs
  local ok, output = pcall(require("nn.ops.trace").call, a["function"], {}, given, a.arguments)
  if ok and symbolic.is(output) and not output.shape.is_whole then return { inputs = inputs, output = output } end
end

function Lambda:build(input_shapes)
  local graph = not self.arguments.gradient and not self.arguments.output_shape and traced(self, input_shapes)
  rawset(self, "is_traced", graph and true or false)
  if graph then
    self.output_shape, self.input_shapes, self.weights = graph.output.shape, input_shapes, {}
    return graph.output.shape
  end
  local inputs = {}
  for i, shape in ipairs(input_shapes) do inputs[i] = tensor.zeros { 1, table.unpack(shape) } end
  local shape = self.arguments.output_shape
  if not shape then
    local result = self:apply(inputs)
    shape = table.move(result.shape, 2, result.ndim, 1, {})
  end
  self.output_shape, self.input_shapes, self.weights = shape, input_shapes, {}
  return shape
end

-- The gradients of the inputs, in their shapes.
function Lambda:gradients(inputs, dy)
  local a = self.arguments
  local single = #inputs == 1
  local result = a.gradient(single and inputs[1] or inputs, dy, a.arguments)
  local list = single and { result } or result
  for i, input in ipairs(inputs) do
    local slope = type(list) == "table" and list[i]
    if not tensor.is_tensor(slope) or not align.same(slope.shape, input.shape) then
      blame.at(self.where, "%s: its gradient is to give %s of the shape of its input, %s, got %s", self:title(),
        single and "a tensor" or "a list of tensors, each", align.text(input.shape),
        tensor.is_tensor(slope) and align.text(slope.shape) or tostring(slope))
    end
    inputs[i] = align.floats(slope):contiguous()
  end
  return inputs
end

function Lambda:lower_into(emit, inputs, shapes)
  if self.is_traced then
    local graph, lowering, position = traced(self, shapes), require "nn.models.lowering", {}
    for i, input in ipairs(graph.inputs) do position[input] = inputs[i] end
    lowering.lower_order(emit, position, symbolic.order { graph.output }, {}, false)
    return position[graph.output]
  end
  if not self.arguments.gradient then
    blame("%s: a Lambda without a gradient within a model that is called as a layer is not supported", self:title())
  end
  return emit {
    owner = self, layer = "lambda", config = { shape = self.output_shape }, inputs = inputs, what = self:title(),
    forward = function(values) return align.floats(self:apply(values)):contiguous() end,
    gradient = function(values, dy) return self:gradients(values, dy) end,
  }
end

function Lambda:__call(inputs, options)
  if tensor.is_tensor(inputs) then return self:apply { inputs } end
  if layer.is_list_of(inputs, tensor.is_tensor) then return self:apply(inputs) end
  return getmetatable(layer.layers.Identity {}).__call(self, inputs, options)
end

--- A Lua function of tensors.
-- @function Lambda
-- @tparam function function of a tensor (n, ...), or a list of them for several inputs, that gives a tensor (n, ...)
-- @tparam[opt] {integer,...} output_shape of a sample (found by calling the function)
-- @tparam[opt] table arguments is passed to the function as second argument, to gradient as third
-- @tparam[opt] function gradient function(x, dy) that gives the gradient of x; if the function does more than nn.ops
-- and arithmetic, layers before it learn only with one
-- A model with one can be saved if the function has a name, as in `local function double(x) return 2 * x end`, and is
-- loaded with `custom_objects = { double }`.
-- @usage Lambda{ function(x) return x ^ 2 end }
-- @usage Lambda{ function(x) return x ^ 2 end, gradient = function(x, dy) return dy * x * 2 end }
layer.define {
  class = "Lambda",
  merges = true,
  arguments = { { "function", layer.required }, { "output_shape" }, { "mask" }, { "arguments" }, { "gradient" } },
  check = function(a)
    if type(a["function"]) ~= "function" then
      blame("Lambda: expected a function, got %s%s", tostring(a["function"]),
        type(a["function"]) == "string" and " (functions cannot be stored with a model)" or "")
    elseif a.gradient ~= nil and type(a.gradient) ~= "function" then
      blame("Lambda: gradient: expected a function (x, dy), got %s", tostring(a.gradient))
    elseif a.mask then
      blame "Lambda: mask is not supported; leave it out"
    end
  end,
  methods = Lambda,
}
