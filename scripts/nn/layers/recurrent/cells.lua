--- One step of a recurrent layer, as a layer: for RNN, or to be called step by step.
--
-- A cell is called with the list of a step's input (n, in) and the states before it (n, units); without states they are
-- 0. It gives the step's output, then the states after it.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"
local recurrent = require "nn.layers.recurrent.base"

local Cell = {}

function Cell:config()
  local config = recurrent.methods.config(self)
  config.return_state = true
  return config
end

function Cell:lower_into(emit, inputs, shapes)
  local features = shapes[1][1]
  if #shapes[1] ~= 1 then
    blame.at(self.where, "%s: a cell wants the features of one step, got %s", self:title(),
      table.concat(shapes[1], "x"))
  end
  local reads = table.move(inputs, 1, #inputs, 1, {})
  reads[1] = self:emit_plain(emit, "reshape", { target_shape = { 1, features } }, { inputs[1] })
  local node, outputs = self:emit(emit, reads), {}
  for i = 1, 1 + self.state_count do outputs[i] = { node, i } end
  return table.unpack(outputs)
end

-- How many states it has, and how long each is.
local function state_size(self)
  local units = self.arguments.units
  return self.state_count == 1 and units or { units, units }
end

local function define(class, engine, of, before, between, last, examples)
  local methods = {}
  for name, method in pairs(Cell) do methods[name] = method end
  for _, name in ipairs { "get_config", "initial" } do methods[name] = recurrent.methods[name] end
  methods.state_count, methods.argument_names = engine == "lstm" and 2 or 1, { recurrent_kernel = "recurrent" }
  methods.layer_class, methods.is_cell = of, true
  layer.define { class = class, engine = engine, merges = true, methods = methods, examples = examples,
    arguments = recurrent.arguments(before, between, last, true),
    check = function(a, object)
      recurrent.check(a, object)
      object.state_size, object.output_size = state_size(object), a.units
    end }
end

--- One step of SimpleRNN, with its arguments up to `seed`.
-- @function SimpleRNNCell
-- @tparam integer units
-- @usage
-- local cell = SimpleRNNCell{ 3 }
-- local output, h = cell{ x, nn.zeros{ #x, 3 } }
define("SimpleRNNCell", "simple_rnn", "SimpleRNN", {}, {}, {},
  { { { 3 }, { 4 } }, { { 3 }, { { 4 }, { 3 } } } })
--- One step of LSTM, with its arguments up to `seed`.
-- @function LSTMCell
-- @tparam integer units
-- @usage
-- local cell = LSTMCell{ 3 }
-- local output, h, c = cell{ x, nn.zeros{ #x, 3 }, nn.zeros{ #x, 3 } }
define("LSTMCell", "lstm", "LSTM", { { "recurrent_activation", "sigmoid" } }, { { "unit_forget_bias", true } }, {},
  { { { 3 }, { 4 } }, { { 3 }, { { 4 }, { 3 }, { 3 } } } })
--- One step of GRU, with its arguments up to `seed`.
-- @function GRUCell
-- @tparam integer units
-- @usage
-- local cell = GRUCell{ 3 }
-- local output, h = cell{ x, nn.zeros{ #x, 3 } }
define("GRUCell", "gru", "GRU", { { "recurrent_activation", "sigmoid" } }, {}, { { "reset_after", true } },
  { { { 3 }, { 4 } }, { { 3 }, { { 4 }, { 3 } } } })

-- ---- cells one after the other --------------------------------------------------------------------------------------

-- How many states a cell has.
local function count_of(cell) return type(cell.state_size) == "table" and #cell.state_size or 1 end

local function sizes_of(cells)
  local sizes = {}
  for _, cell in ipairs(cells) do
    local own = type(cell.state_size) == "table" and cell.state_size or { cell.state_size }
    table.move(own, 1, #own, #sizes + 1, sizes)
  end
  return sizes
end

local function check_cell(class, cell)
  if not layer.is(cell) and not (type(cell) == "table" and rawget(cell, "own_weights")) or not cell.state_size then
    blame("%s: expected cells, such as LSTMCell{ 32 } or a layer of your own with a field state_size, got %s", class,
      blame.got(cell))
  end
end

local function run_cells(self, x, ...)
  local states, first, after = { ... }, 1, {}
  for _, cell in ipairs(self.cells) do
    local count = count_of(cell)
    local results = { cell(table.move(states, first, first + count - 1, 2, { x })) }
    x, first = results[1], first + count
    table.move(results, 2, #results, #after + 1, after)
  end
  return x, table.unpack(after)
end

--- Several cells as one: each reads what the one before gives.
-- @function StackedRNNCells
-- @tparam {layer,...} cells
-- @usage RNN{ StackedRNNCells{ { LSTMCell{ 8 }, GRUCell{ 4 } } } }
composed.define {
  class = "StackedRNNCells",
  merges = true,
  arguments = { { "cells", layer.required } },
  check = function(a, object)
    if type(a.cells) ~= "table" or #a.cells == 0 then
      blame("StackedRNNCells: cells: expected a list of cells, got %s", blame.got(a.cells))
    end
    object.cells = {}
    for i, given in ipairs(a.cells) do
      object.cells[i] = composed.layer_of(given)
      check_cell("StackedRNNCells", object.cells[i])
    end
    object.state_size, object.output_size = sizes_of(object.cells), object.cells[#object.cells].output_size
    composed.adopt(object, object.cells)
  end,
  call = run_cells,
  methods = {
    is_cell = true,
    get_config = function(self)
      local cells = {}
      for i, cell in ipairs(self.cells) do cells[i] = composed.plain(cell) end
      return { name = self.name, trainable = self.trainable, cells = cells }
    end,
  },
  examples = { { { { layer.layers.GRUCell { 3 }, layer.layers.SimpleRNNCell { 2 } } }, { { 4 }, { 3 }, { 2 } } } },
}

return { check = check_cell, sizes_of = sizes_of }
