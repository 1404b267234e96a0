--- A layer whose kernel is kept at the spectral norm 1.
-- @submodule nn.layers
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local initializers = require "nn.initializers"
local inner = require "nn.layers.base.inner"
local layer = require "nn.layers.base"
local variables = require "nn.tape.variables"

local Spectral = {}

local IS_KERNEL = { kernel = true, embeddings = true }

local function check_kernel(self)
  if not IS_KERNEL[self.inner.weight_names[1]] then
    blame.at(self.where, "%s: the layer %s has no kernel; wrap one that has, such as Dense or Conv2D", self:title(),
      self.inner.name)
  end
end

-- Its own weights are those of the layer within, and the vector of the power iterations after the kernel, as in Keras.
local function take_weights(self)
  local within = self.inner
  local kernel = within.weights[1]
  local u = initializers.TruncatedNormal { stddev = 0.02 } { 1, kernel.shape[kernel.ndim] }
  self.weights, self.weight_names, self.weight_is_state = { kernel, u }, { within.weight_names[1], "vector_u" },
    { false, true }
  for i = 2, #within.weights do
    self.weights[i + 1], self.weight_names[i + 1] = within.weights[i], within.weight_names[i]
    self.weight_is_state[i + 1] = within.weight_is_state[i]
  end
  for i, weight in ipairs(self.weights) do
    variables.register(weight, { owner = self, index = i })
    self.weight_names[i] = i == 2 and "vector_u" or within.name .. "/" .. self.weight_names[i]
  end
  self.weights = as_list(self.weights, "weights")
end

function Spectral:build(input_shapes)
  local outputs = table.pack(self.inner:build(input_shapes))
  if not self.weights then
    check_kernel(self)
    take_weights(self)
  end
  self.output_shape, self.input_shapes = self.inner.output_shape, input_shapes
  return table.unpack(outputs, 1, outputs.n)
end

function Spectral:lower_into(emit, inputs, shapes, is_output)
  local within = self.inner
  if not self.weights then self:build(shapes) end
  local kernel = self.weights[1]
  local node = emit {
    layer = "spectral_normalization", inputs = inputs, owner = self, what = self:title(),
    config = { power_iterations = self.arguments.power_iterations, kernel = kernel.shape },
    params = { kernel, self.weights[2] },
    regularizers = { within.weight_regularizers[1] }, constraints = { within.weight_constraints[1] },
  }
  return within:lower_into(function(each)
    if each.owner == within then each.owner = self end
    return emit(each)
  end, { node }, shapes, is_output)
end

--- Another layer whose kernel is divided by its spectral norm, its largest singular value, at each step of training. It
-- keeps the layer from changing what it is given by more than a factor of 1, which stabilizes adversarial networks.
-- @function SpectralNormalization
-- @tparam layer layer one with a kernel, such as Dense or Conv2D, or an Embedding
-- @tparam[opt=1] integer power_iterations at each step, to estimate the norm
-- Weights: the layer's kernel, vector_u (1, the kernel's last length), which the estimate begins with at the next step,
-- and the layer's further weights.
-- @usage SpectralNormalization{ Dense{ 8 }, input_shape = { 4 } }
layer.define {
  class = "SpectralNormalization",
  arguments = { { "layer", layer.required }, { "power_iterations", 1 } },
  check = function(a, object)
    object.inner, a.layer = inner.read(a.layer, "SpectralNormalization: layer")
    if math.type(a.power_iterations) ~= "integer" or a.power_iterations < 1 then
      blame("SpectralNormalization: power_iterations: expected a whole number of at least 1, got %s",
        blame.got(a.power_iterations))
    end
  end,
  methods = Spectral,
  examples = {
    { { { class_name = "Dense", config = { units = 3, activation = "tanh", kernel_regularizer = "l2" } },
      power_iterations = 60 }, { 4 } },
    { { { class_name = "Conv2D", config = { filters = 2, kernel_size = 2 } }, power_iterations = 60 }, { 3, 3, 2 } },
  },
}
