--- A product over any axes.
-- @submodule nn.layers
local align = require "nn.losses.align"
local axis_lists = require "nn.ops.axis_lists"
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"
local open_axes = require "nn.layers.base.open_axes"

local LETTERS = "abcdefghijklmnopqrstuvwxyz"

-- ---- the equation --------------------------------------------------------------------------------------------------

local function blame_equation(self, text)
  blame.at(self.where, "%s: equation: expected letters as in \"abc,cd->abd\", got %s", self:title(), blame.got(text))
end

-- The equation's three parts for an input of so many axes: "..." becomes letters that are not there yet.
local function parts_of(self, ndim)
  local text = self.arguments.equation
  local bare = type(text) == "string" and text:gsub("%s", "") or ""
  local input, kernel, output = bare:match "^([%a.]+),(%a+)%->([%a.]+)$"
  if not input then blame_equation(self, text) end
  local named = input:gsub("%.%.%.", "")
  local free = LETTERS:gsub("[" .. named .. kernel .. output:gsub("%.", "") .. "]", "")
  free = free:sub(1, math.max(ndim - #named, 0))
  if named ~= input then
    input, output = input:gsub("%.%.%.", free), output:gsub("%.%.%.", free)
  end
  if (input .. output):find "%." then blame_equation(self, text) end
  if #input ~= ndim then
    blame.at(self.where, "%s: equation: %s has %d axes for its input, the samples' among them, got an input of %d",
      self:title(), text, #input, ndim)
  end
  return input, kernel, output
end

-- By letter the length of its axis; of the axis of samples -1.
local function lengths_of(self, input, output, shape)
  local length, given = { [input:sub(1, 1)] = -1 }, self.arguments.output_shape
  for i = 1, #shape do length[input:sub(i + 1, i + 1)] = shape[i] end
  local first = #output - #given
  if first < 1 then
    blame.at(self.where, "%s: output_shape: %s gives %d axes besides that of the samples, got %d lengths", self:title(),
      self.arguments.equation, #output - 1, #given)
  end
  for i = 1, #given do
    local letter = output:sub(first + i, first + i)
    local known = length[letter]
    if given[i] > 0 and known and known ~= given[i] then
      blame.at(self.where, "%s: output_shape: %s is %d long in the input, got %d", self:title(), letter, known,
        given[i])
    end
    length[letter] = known or given[i] > 0 and given[i] or nil
  end
  return length
end

-- The lengths of some letters' axes.
local function shape_of(self, letters, length)
  local shape = {}
  for letter in letters:gmatch "." do
    if not length[letter] or length[letter] < 0 then
      blame.at(self.where, "%s: output_shape: expected a length for the axis %s of %s, got { %s }", self:title(),
        letter, self.arguments.equation, table.concat(self.arguments.output_shape, ", "))
    end
    shape[#shape + 1] = length[letter]
  end
  return shape
end

-- ---- weights --------------------------------------------------------------------------------------------------------

-- An initializer that sees the kernel as a matrix from all axes that are summed over to all others, as in Keras.
local function initializer_of(self, input, kernel, output, length)
  local inner = self.arguments.kernel_initializer
  return function(shape)
    local fan_in, fan_out, is_plain = 1, 1, true
    for letter in kernel:gmatch "." do
      if output:find(letter, 1, true) then fan_out = fan_out * length[letter]
      else fan_in = fan_in * length[letter] end
      is_plain = is_plain and not (input:find(letter, 1, true) and output:find(letter, 1, true))
    end
    return is_plain and inner { fan_in, fan_out }:reshape(shape) or inner(shape)
  end
end

local function bias_shape(self, output, length)
  local axes, first = self.arguments.bias_axes, nil
  local shape = {}
  for i = 1, #output do
    local letter = output:sub(i, i)
    local is_in = axes:find(letter, 1, true)
    first = first or is_in and i
    if first then shape[#shape + 1] = is_in and shape_of(self, letter, length)[1] or 1 end
  end
  for letter in axes:gmatch "." do
    if not output:find(letter, 1, true) or letter == output:sub(1, 1) then
      blame.at(self.where, "%s: bias_axes: expected letters of the result but for the samples' axis, got %s",
        self:title(), letter)
    end
  end
  return shape
end

local function build(self, shape)
  local a = self.arguments
  local input, kernel, output = parts_of(self, #shape + 1)
  local length = lengths_of(self, input, output, shape)
  self.kernel = composed.add_weight(self, { shape = shape_of(self, kernel, length), name = "kernel",
    initializer = initializer_of(self, input, kernel, output, length), regularizer = a.kernel_regularizer,
    constraint = a.kernel_constraint })
  if a.bias_axes == nil then return end
  self.bias = composed.add_weight(self, { shape = bias_shape(self, output, length), name = "bias",
    initializer = a.bias_initializer, regularizer = a.bias_regularizer, constraint = a.bias_constraint })
end

-- ---- the call -------------------------------------------------------------------------------------------------------

local function multiply(self, x)
  local ops, base = require "nn.ops", require "nn.ops.base"
  local input, kernel, output = parts_of(self, #x.shape + 1)
  local axes = axis_lists.dense_axes(input, kernel, output)
  local made = axes and table.move(self.kernel.shape, axes + 1, #kernel, 1, {})
  if axes and (not self.bias or align.same(self.bias.shape, made)) then
    return base.run("dense", { axes = axes }, { x, self.kernel, self.bias })
  end
  local y = ops.einsum(("%s,%s->%s"):format(input, kernel, output), x, self.kernel)
  return self.bias and y + self.bias or y
end

local function call(self, x)
  local a = self.arguments
  if #x.shape + 1 < 2 then
    blame.at(self.where, "%s: wants samples with at least one axis, got single numbers", self:title())
  end
  local y = multiply(self, x)
  if self.activation.name ~= "linear" then y = layer.layers.Activation { a.activation } (y) end
  local penalty = self.activity_regularizer
  return penalty and masks.new({ y }, y.shape, "activity_regularization", penalty:config()) or y
end

local function check(a, object)
  a.output_shape = open_axes.normal(type(a.output_shape) == "table" and a.output_shape or { a.output_shape })
  for _, length in ipairs(a.output_shape) do
    if math.type(length) ~= "integer" or length == 0 then
      blame("EinsumDense: output_shape: expected a list of lengths, -1 for one that the input decides, got %s",
        blame.got(length))
    end
  end
  if a.bias_axes ~= nil and (type(a.bias_axes) ~= "string" or a.bias_axes == "") then
    blame("EinsumDense: bias_axes: expected letters such as \"d\", got %s", blame.got(a.bias_axes))
  end
  if a.lora_rank or a.lora_alpha then blame "EinsumDense: lora_rank is not supported; leave it out" end
  object.activation = object.activation or require("nn.activations").get "linear"
end

--- A layer that multiplies over any axes: activation(einsum(equation, x, kernel) + bias).
-- @function EinsumDense
-- @tparam string equation letters for the axes of the input, the kernel and the output, the samples' axis first; "..."
-- in input and output stands for any axes
-- @tparam integer|{integer,...} output_shape the lengths of the output without the samples' axis and without those of
-- "..."; -1 for one that the input decides
-- @tparam[opt] string|activation activation (none)
-- @tparam[opt] string bias_axes the letters of the bias's axes; none: no bias
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform"); it sees the kernel as a matrix from all axes
-- that are summed over to all others
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer
-- @tparam[opt] string|regularizer bias_regularizer
-- @tparam[opt] string|constraint kernel_constraint
-- @tparam[opt] string|constraint bias_constraint
-- @tparam[opt] string|regularizer activity_regularizer on what the layer gives
-- Weights: kernel and bias, with the axes that the equation and bias_axes name.
-- @usage EinsumDense{ "abc,cd->abd", output_shape = { -1, 8 }, bias_axes = "d", input_shape = { 5, 3 } }
return composed.define {
  class = "EinsumDense",
  passes_mask = true,
  arguments = {
    { "equation", layer.required }, { "output_shape", layer.required }, { "activation" }, { "bias_axes" },
    { "kernel_initializer", "glorot_uniform" }, { "bias_initializer", "zeros" }, { "kernel_regularizer" },
    { "bias_regularizer" }, { "kernel_constraint" }, { "bias_constraint" }, { "activity_regularizer" },
    { "lora_rank" }, { "lora_alpha" },
  },
  check = check, build = build, call = call,
  examples = {
    { { "abc,cd->abd", { -1, 3 }, bias_axes = "d", activation = "tanh" }, { 2, 4 } },
    { { "abcd,cde->abe", { 2, 3 }, bias_axes = "be", bias_initializer = "random_uniform" }, { 2, 2, 2 } },
    { { "...x,yx->...y", 3, kernel_regularizer = "l2" }, { 2, 4 } },
  },
}
