--- A recurrent layer around any cell.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local cells = require "nn.layers.recurrent.cells"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"
local recurrent = require "nn.layers.recurrent.base"
local tensor = require "nn.tensor"

local OPTIONS = { "return_sequences", "return_state", "go_backwards", "stateful", "zero_output_for_mask" }

-- The cells in a cell that the engine has as layers, in order; nil if one is another.
local function engine_cells(cell)
  local list = cell.class_name == "StackedRNNCells" and cell.cells or { cell }
  for _, each in ipairs(list) do
    if not each.layer_class then return nil end
  end
  return list
end

-- ---- cells of the engine: a layer for each --------------------------------------------------------------------------

-- Layers of the cells' arguments; they and the cells have the same weights.
local function layers_for(list, a)
  local layers = {}
  for i, cell in ipairs(list) do
    local config = cell:get_config()
    config.return_sequences, config.return_state = i < #list or a.return_sequences, true
    config.go_backwards, config.stateful = i == 1 and a.go_backwards, a.stateful
    config.zero_output_for_mask = i == #list and a.zero_output_for_mask
    layers[i] = layer.layers[cell.layer_class](config)
  end
  return layers
end

local function call_layers(self, x, ...)
  local states, first, after, flip = { ... }, 1, {}, require("nn.ops").flip
  local mask = x.mask
  for i, each in ipairs(self.layers_of_cells) do
    local count = each.state_count
    local initial = #states > 0 and table.move(states, first, first + count - 1, 1, {}) or nil
    local results = { each(x, { initial_state = initial }) }
    if i == 1 and mask and self.arguments.go_backwards then mask = flip(mask, 2) end
    x, first = results[1], first + count
    if mask and i < #self.layers_of_cells then x.mask = mask end
    table.move(results, 2, #results, #after + 1, after)
    local cell = self.engine_cells[i]
    for _, name in ipairs { "weights", "weight_names", "weight_is_state", "weight_regularizers",
      "weight_constraints" } do cell[name] = each[name] end
  end
  if self.arguments.return_state then return x, table.unpack(after) end
  return x
end

-- ---- other cells: unrolled ------------------------------------------------------------------------------------------

-- States of zeros, as many rows as the input has.
local function zero_states(x, sizes)
  local ops, states = require "nn.ops", {}
  local one = x[{ {}, 1 }]
  while #one.shape > 1 do one = ops.sum(one, -1) end
  local zero = ops.zeros_like(ops.sum(one, 2, true))
  for i, size in ipairs(sizes) do states[i] = zero + tensor.zeros { size } end
  return states
end

local function select_where(mask, new, old) return require("nn.ops").where(mask, new, old) end

local function call_unrolled(self, x, ...)
  local ops, a, mask, steps = require "nn.ops", self.arguments, x.mask, x.shape[1]
  local states, outputs, last = { ... }, {}, nil
  if #states == 0 then states = zero_states(x, cells.sizes_of { self.cell }) end
  for i = 1, steps do
    local t = a.go_backwards and steps - i + 1 or i
    local results = { self.cell(table.move(states, 1, #states, 2, { x[{ {}, t }] })) }
    local counts, output = mask and ops.reshape(mask[{ {}, t }], { -1, 1 }), results[1]
    for k = 1, #states do
      states[k] = mask and select_where(counts, results[k + 1], states[k]) or results[k + 1]
    end
    if mask then
      local before = not a.zero_output_for_mask and last or ops.zeros_like(output)
      output = select_where(counts, output, before)
    end
    outputs[i], last = output, output
  end
  local y = a.return_sequences and ops.stack(outputs, 2) or last
  if a.return_state then return y, table.unpack(states) end
  return y
end

-- ---- the layer ------------------------------------------------------------------------------------------------------

local function start(a, object)
  local given = composed.layer_of(a.cell)
  if type(given) == "table" and not getmetatable(given) and #given > 0 then
    given = layer.layers.StackedRNNCells { given }
  end
  cells.check("RNN: cell", given)
  object.cell, object.engine_cells = given, engine_cells(given)
  if object.engine_cells then
    object.layers_of_cells = layers_for(object.engine_cells, a)
    composed.adopt(object, object.layers_of_cells)
  elseif a.stateful then
    blame "RNN: stateful: only for cells of nnrun's own; give initial_state instead"
  else
    composed.adopt(object, given)
  end
end

--- A recurrent layer of any cell: one of nnrun's, a list of them, or a layer of your own (`nn.layers.Layer:extend`).
-- That one has a field `state_size`, a number or a list of them; its call takes the list of a step's input and its
-- states, and gives the step's output and the new states. It is unrolled over the steps.
-- @function RNN
-- @tparam layer|{layer,...} cell
-- @tparam[opt] boolean return_sequences (false) whether the output of each step is given, not only the last
-- @tparam[opt] boolean return_state (false) whether the last states are given too, as further results
-- @tparam[opt] boolean go_backwards (false) whether the last step is processed first
-- @tparam[opt] boolean stateful (false) whether a batch goes on from the states that the last one ended with
-- @tparam[opt] boolean unroll accepted, and changes nothing
-- @tparam[opt] boolean zero_output_for_mask (false) whether a masked step gives 0, not the output before it
-- Options of a call: `mask` and `initial_state`, as of LSTM.
-- @usage RNN{ LSTMCell{ 32 }, return_sequences = true }
composed.define {
  class = "RNN",
  merges = true, reads_mask = true, second_inputs = { "mask" },
  arguments = {
    { "cell", layer.required }, { "return_sequences", false }, { "return_state", false }, { "go_backwards", false },
    { "stateful", false }, { "unroll", false }, { "zero_output_for_mask", false },
  },
  check = start,
  call = function(self, x, ...)
    if #x.shape ~= 2 and self.engine_cells then
      blame.at(self.where, "%s: wants samples of (steps, features), got %s", self:title(), table.concat(x.shape, "x"))
    end
    return (self.engine_cells and call_layers or call_unrolled)(self, x, ...)
  end,
  methods = {
    takes_mask = true,
    prepare_inputs = recurrent.methods.prepare_inputs,
    reset_state = recurrent.reset_all,
    compute_mask = recurrent.methods.compute_mask,
    __call = recurrent.methods.__call,
    get_config = function(self)
      local config = { name = self.name, trainable = self.trainable, cell = composed.plain(self.cell) }
      for _, name in ipairs(OPTIONS) do config[name] = self.arguments[name] end
      return config
    end,
  },
  examples = {
    { { layer.layers.LSTMCell { 3 }, return_sequences = true }, { 4, 2 } },
    { { { layer.layers.GRUCell { 3 }, layer.layers.LSTMCell { 2 } }, go_backwards = true }, { 4, 2 } },
  },
}
