--- What SimpleRNN, LSTM and GRU share: arguments, the engine's node, masks, and states that are given or kept.
-- @submodule nn.layers
local activations = require "nn.activations"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"
local tensor = require "nn.tensor"

local recurrent = {}

local Recurrent = {}

-- ---- arguments -----------------------------------------------------------------------------------------------------

local WEIGHTS = {
  { "kernel_initializer", "glorot_uniform" }, { "recurrent_initializer", "orthogonal" },
  { "bias_initializer", "zeros" },
}
local RULES = {
  { "kernel_regularizer" }, { "recurrent_regularizer" }, { "bias_regularizer" }, { "activity_regularizer" },
  { "kernel_constraint" }, { "recurrent_constraint" }, { "bias_constraint" }, { "dropout", 0 },
  { "recurrent_dropout", 0 }, { "seed" },
}
local SEQUENCE = {
  { "return_sequences", false }, { "return_state", false }, { "go_backwards", false }, { "stateful", false },
  { "unroll", false }, { "zero_output_for_mask", false },
}

local function append(list, entries) return table.move(entries, 1, #entries, #list + 1, list) end

-- The arguments of a layer, or of its cell, in Keras' order.
-- @tparam {table,...} before what follows the units
-- @tparam {table,...} between what stands before the regularizers
-- @tparam {table,...} last what only this class has
-- @tparam boolean is_cell
function recurrent.arguments(before, between, last, is_cell)
  local list = append({ { "units", layer.required }, { "activation", "tanh" } }, before)
  append(append(append(append(list, { { "use_bias", true } }), WEIGHTS), between), RULES)
  return append(is_cell and list or append(list, SEQUENCE), append(last, { { "implementation", 2 } }))
end

-- Raises an error if an argument is no fraction.
function recurrent.check_rate(a, class, name)
  local rate = a[name]
  if type(rate) ~= "number" or not (rate >= 0 and rate <= 1) then
    blame("%s: %s: expected a fraction from 0 to 1, got %s", class, name, blame.got(rate))
  end
end

-- Checks bound arguments.
function recurrent.check(a, object)
  recurrent.check_rate(a, object.class_name, "dropout")
  recurrent.check_rate(a, object.class_name, "recurrent_dropout")
  if a.recurrent_activation then object.recurrent_activation = activations.get(a.recurrent_activation) end
  object.activation = object.activation or activations.get "linear"
end

-- ---- the engine's node ---------------------------------------------------------------------------------------------

local OF_ENGINE = { "units", "use_bias", "return_sequences", "return_state", "go_backwards", "zero_output_for_mask",
  "dropout", "recurrent_dropout", "seed", "reset_after" }

function Recurrent:config()
  local config, a = {}, self.arguments
  for _, name in ipairs(OF_ENGINE) do config[name] = a[name] end
  for name, value in pairs(self.activation.config) do config[name] = value end
  for name, value in pairs(self.recurrent_activation and self.recurrent_activation.config or {}) do
    config[name == "activation" and "recurrent_activation" or "recurrent_" .. name] = value
  end
  return config
end

function Recurrent:get_config()
  local config = layer.methods.get_config(self)
  if self.recurrent_activation then config.recurrent_activation = self.recurrent_activation:plain() end
  return config
end

function Recurrent:lower_into(emit, inputs)
  local a = self.arguments
  local node = self:emit(function(node)
    node.keeps_state = a.stateful and self or nil
    return emit(node)
  end, inputs)
  local outputs, count = { node }, 1 + (a.return_state and self.state_count or 0)
  for i = 1, count > 1 and count or 0 do outputs[i] = { node, i } end
  local penalty = self.activity_regularizer
  if penalty then
    outputs[1] = self:emit_plain(emit, "activity_regularization", penalty:config(), { outputs[1] })
  end
  return table.unpack(outputs)
end

-- The bias that LSTM begins with has 1 for the forget gates.
function Recurrent:initial(param)
  local a = self.arguments
  if param.name ~= "bias" or not a.unit_forget_bias then return layer.methods.initial(self, param) end
  local bias = a.bias_initializer(param.shape):copy()
  bias[{ { a.units + 1, 2 * a.units } }] = 1
  return bias
end

-- ---- masks and states ----------------------------------------------------------------------------------------------

-- The engine knows a mask by its second axis; the others of what a layer reads are the sequence and states.
function Recurrent:prepare_inputs(inputs, count)
  local mask = inputs[count + 1]
  if not mask then return inputs end
  local is_column = #mask.shape == 2 and mask.shape[2] == 1 -- as layers within layers pass them on
  if #mask.shape ~= 1 and not is_column then
    blame("%s: mask: expected shape (n, %s), a number for each step, got samples of shape %s", self:title(),
      align.text { inputs[1].shape[1] }, align.text(mask.shape))
  end
  inputs[count + 1] = masks.column(mask)
  return inputs
end

function Recurrent:compute_mask(inputs)
  local last = inputs[#inputs]
  return self.arguments.return_sequences and masks.of_column(last) or nil
end

-- A call with initial states is one that reads a list: the sequence, then the states.
function recurrent.with_states(inputs, states)
  if states == nil then return inputs end
  local list = type(inputs) == "table" and not getmetatable(inputs) and table.move(inputs, 1, #inputs, 1, {})
    or { inputs }
  if #list > 1 then blame "initial_state: the states are in the list of inputs already; leave out one of both" end
  states = type(states) == "table" and not getmetatable(states) and states or { states }
  return table.move(states, 1, #states, 2, list)
end

-- Calling a layer: as any other; initial_state among the options is what its states begin with.
function Recurrent.__call(self, inputs, options)
  if type(options) ~= "table" or options.initial_state == nil then return layer.call(self, inputs, options) end
  local others = {}
  for name, value in pairs(options) do others[name] = name ~= "initial_state" and value or nil end
  return layer.call(self, recurrent.with_states(inputs, options.initial_state), others)
end

-- ---- states that are kept ------------------------------------------------------------------------------------------

-- The states that a stateful layer goes on from, for batches of so many rows; made when they are first wanted.
-- @tparam integer rows
-- @treturn {tensor,...} each (rows, units)
function Recurrent:states_for(rows)
  local kept = self.kept_states
  if kept and #kept[1] ~= rows and not self.is_reset then
    blame.at(self.where, "%s: it is stateful and keeps the states of %d rows, but a batch has %d; call reset_state() "
      .. "before batches of another size", self:title(), #kept[1], rows)
  elseif not kept or #kept[1] ~= rows then
    kept = {}
    for i = 1, self.state_count do kept[i] = tensor.zeros { rows, self.arguments.units } end
    self.kept_states = kept
  end
  self.is_reset = false
  return kept
end

--- Sets the states that a stateful layer has kept to 0.
-- @function recurrent:reset_state
-- @usage
-- local memory = LSTM{ 3, stateful = true, input_shape = { 4, 2 } }
-- memory:reset_state()
function Recurrent:reset_state()
  for _, state in ipairs(self.kept_states or {}) do state[{}] = 0 end
  self.is_reset = true
end

-- The same for all layers in a layer.
function recurrent.reset_all(self)
  for _, each in ipairs(self.all_layers) do
    if each.reset_state then each:reset_state() end
  end
end

recurrent.methods = Recurrent

-- Declares a recurrent layer.
-- @tparam table definition class, engine, state_count, arguments, examples; check (optional)
function recurrent.define(definition)
  local methods = {}
  for name, method in pairs(Recurrent) do methods[name] = method end
  methods.state_count, methods.argument_names = definition.state_count, { recurrent_kernel = "recurrent" }
  return layer.define {
    class = definition.class, engine = definition.engine, arguments = definition.arguments,
    merges = true, reads_mask = true, second_inputs = { "mask" }, methods = methods,
    check = recurrent.check, examples = definition.examples,
  }
end

return recurrent
