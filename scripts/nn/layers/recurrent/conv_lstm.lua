--- LSTM whose products are convolutions.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"
local recurrent = require "nn.layers.recurrent.base"
local spatial = require "nn.layers.base.spatial"
local tensor = require "nn.tensor"
local activations = require "nn.activations"

-- Dropout of the inputs is the same at all steps; that of states is drawn once, as factors.
local function dropouts(a, rank)
  local Dropout, list = layer.layers.Dropout, {}
  local shape = { -1, 1 }
  for axis = 3, rank + 3 do shape[axis] = -1 end
  local of_inputs = a.dropout > 0
    and Dropout { a.dropout, name = "input_dropout", noise_shape = shape, seed = a.seed } or nil
  local of_states = a.recurrent_dropout > 0
    and Dropout { a.recurrent_dropout, name = "state_dropout", seed = a.seed and a.seed + 1 } or nil
  list[#list + 1] = of_inputs
  list[#list + 1] = of_states
  return of_inputs, of_states, list
end

-- The convolution of the input has no bias and that of the state has one, so that the weights are in Keras' order.
local function start(a, object, rank)
  local Conv = layer.layers[("Conv%dD"):format(rank)]
  if a.stateful then blame("%s: stateful is not supported; give initial_state", object.class_name) end
  recurrent.check_rate(a, object.class_name, "dropout")
  recurrent.check_rate(a, object.class_name, "recurrent_dropout")
  spatial.windows(a, object.class_name, rank, { "valid", "same" })
  if math.type(a.filters) ~= "integer" or a.filters < 1 then
    blame("%s: filters: expected a whole number of at least 1, got %s", object.class_name, blame.got(a.filters))
  end
  object.is_channels_first = a.data_format == "channels_first"
  object.activation = object.activation or activations.get "linear"
  object.recurrent_activation = activations.get(a.recurrent_activation or "linear")
  object.input_conv = Conv { 4 * a.filters, a.kernel_size, name = "input_conv", strides = a.strides,
    padding = a.padding, use_bias = false, dilation_rate = a.dilation_rate, kernel_initializer = a.kernel_initializer,
    kernel_regularizer = a.kernel_regularizer, kernel_constraint = a.kernel_constraint }
  object.state_conv = Conv { 4 * a.filters, a.kernel_size, name = "state_conv", padding = "same", use_bias = a.use_bias,
    kernel_initializer = a.recurrent_initializer, kernel_regularizer = a.recurrent_regularizer,
    kernel_constraint = a.recurrent_constraint, bias_initializer = a.bias_initializer,
    bias_regularizer = a.bias_regularizer, bias_constraint = a.bias_constraint }
  object.input_conv.title = function() return object:title() end
  object.state_conv.initial = function(self, param)
    local value = layer.methods.initial(self, param)
    if param.name ~= "bias" or not a.unit_forget_bias then return value end
    value = value:copy()
    value[{ { a.filters + 1, 2 * a.filters } }] = 1
    return value
  end
  local inner
  object.input_dropout, object.state_dropout, inner = dropouts(a, rank)
  composed.adopt(object, { object.input_conv, object.state_conv, table.unpack(inner) })
end

local function zeros_like_state(z, filters)
  local ops = require "nn.ops"
  return ops.zeros_like(ops.sum(z, -1, true)) + tensor.zeros { filters }
end

local function apply(activation, x) return layer.layers.Activation { activation }(x) end

-- From the input's product and the states to the next states.
local function step(self, z, h, c)
  local gates = require("nn.ops").split(z + self.state_conv(h), 4, -1)
  local i, f = apply(self.recurrent_activation, gates[1]), apply(self.recurrent_activation, gates[2])
  local next_c = f * c + i * apply(self.activation, gates[3])
  return apply(self.recurrent_activation, gates[4]) * apply(self.activation, next_c), next_c
end

-- The mask of a step, with as many axes as a state.
local function mask_of_step(mask, t, ndim)
  local shape = { -1 }
  for axis = 1, ndim do shape[axis + 1] = 1 end
  return require("nn.ops").reshape(mask[{ {}, t }], shape)
end

-- Channels, which are last inside, where data_format says.
local function to_last(self, x, axis)
  return x and self.is_channels_first and require("nn.ops").moveaxis(x, axis, -1) or x
end

local function from_last(self, x, axis)
  return self.is_channels_first and require("nn.ops").moveaxis(x, -1, axis) or x
end

local function call(self, x, h, c)
  local ops, a, steps, mask = require "nn.ops", self.arguments, x.shape[1], x.mask
  local outputs, last, factors = {}, nil, nil
  x, h, c = to_last(self, x, 3), to_last(self, h, 2), to_last(self, c, 2)
  if self.input_dropout then x = self.input_dropout(x) end
  for i = 1, steps do
    local t = a.go_backwards and steps - i + 1 or i
    local z = self.input_conv(x[{ {}, t }])
    h, c = h or zeros_like_state(z, a.filters), c or zeros_like_state(z, a.filters)
    factors = factors or self.state_dropout and self.state_dropout(ops.zeros_like(h) + 1)
    local next_h, next_c = step(self, z, factors and h * factors or h, c)
    local output = next_h
    if mask then
      local counts = mask_of_step(mask, t, #h.shape)
      output = ops.where(counts, next_h, not a.zero_output_for_mask and last or ops.zeros_like(next_h))
      next_h, next_c = ops.where(counts, next_h, h), ops.where(counts, next_c, c)
    end
    h, c, outputs[i], last = next_h, next_c, output, output
  end
  local y = a.return_sequences and from_last(self, ops.stack(outputs, 2), 3) or from_last(self, last, 2)
  if a.return_state then return y, from_last(self, h, 2), from_last(self, c, 2) end
  return y
end

local function define(rank, examples)
  composed.define {
    class = ("ConvLSTM%dD"):format(rank),
    merges = true, reads_mask = true, second_inputs = { "mask" },
    arguments = {
      { "filters", layer.required }, { "kernel_size", layer.required }, { "strides", 1 }, { "padding", "valid" },
      { "data_format" }, { "dilation_rate", 1 }, { "activation", "tanh" }, { "recurrent_activation", "sigmoid" },
      { "use_bias", true }, { "kernel_initializer", "glorot_uniform" }, { "recurrent_initializer", "orthogonal" },
      { "bias_initializer", "zeros" }, { "unit_forget_bias", true }, { "kernel_regularizer" },
      { "recurrent_regularizer" }, { "bias_regularizer" }, { "activity_regularizer" }, { "kernel_constraint" },
      { "recurrent_constraint" }, { "bias_constraint" }, { "dropout", 0 }, { "recurrent_dropout", 0 }, { "seed" },
      { "return_sequences", false }, { "return_state", false }, { "go_backwards", false }, { "stateful", false },
      { "unroll", false }, { "zero_output_for_mask", false },
    },
    check = function(a, object) start(a, object, rank) end,
    call = call,
    methods = {
      takes_mask = true,
      prepare_inputs = recurrent.methods.prepare_inputs,
      compute_mask = recurrent.methods.compute_mask,
      get_config = recurrent.methods.get_config,
      __call = recurrent.methods.__call,
    },
    examples = examples,
  }
end

--- LSTM on (steps, places, channels): both products are convolutions (Shi et al. 2015); that of the state keeps its
-- size. Samples keep their places' axis in all outputs and states.
-- @function ConvLSTM1D
-- @tparam integer filters how many channels it gives
-- @tparam integer|{integer,...} kernel_size
-- @tparam[opt] integer|{integer,...} strides (1) of the input's convolution; also dilation_rate (1)
-- @tparam[opt] string padding "valid" (default) or "same", of the input's convolution
-- @tparam[opt] string|activation activation ("tanh")
-- @tparam[opt] string|activation recurrent_activation ("sigmoid")
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] boolean unit_forget_bias (true) whether the bias of f begins with 1
-- @tparam[opt] boolean return_sequences (false); also return_state, go_backwards, zero_output_for_mask, as of LSTM
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform"); also recurrent_initializer ("orthogonal"),
-- bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer; also recurrent_regularizer, bias_regularizer
-- @tparam[opt] string|constraint kernel_constraint; also recurrent_constraint, bias_constraint
-- @tparam[opt] number dropout (0) the fraction of inputs that training leaves out, the same ones at all steps; also
-- recurrent_dropout (0), of the state; seed (the model's)
-- @tparam[opt] string data_format "channels_last" (default), or "channels_first"
-- Not here: activity_regularizer, stateful. `unroll` changes nothing.
-- @usage ConvLSTM1D{ 4, 3, padding = "same" }
define(1, { { { 2, 2 }, { 3, 4, 2 } }, { { 2, 3, padding = "same", return_sequences = true }, { 2, 4, 1 } } })
--- LSTM on (steps, rows, columns, channels). Arguments as of ConvLSTM1D.
-- @function ConvLSTM2D
-- @usage ConvLSTM2D{ 4, { 3, 3 }, return_sequences = true }
define(2, { { { 2, 2, use_bias = false }, { 2, 3, 3, 1 } },
  { { 1, 2, data_format = "channels_first", return_sequences = true }, { 2, 2, 3, 3 } } })
--- LSTM on (steps, depth, rows, columns, channels). Arguments as of ConvLSTM1D.
-- @function ConvLSTM3D
-- @usage ConvLSTM3D{ 2, { 1, 2, 2 } }
define(3, { { { 1, 2 }, { 2, 2, 2, 2, 1 } } })
