--- SimpleRNN, LSTM and GRU: ONNX' own operators where they have the activations, else unrolled over the steps.
local activations = require "nn.onnx.export.activations"
local blame = require "nn.support.blame"
local ops = require "nn.ops"
local tensor = require "nn.tensor"

local layers = {}

-- What ONNX' operators have, and compute as nnrun does.
local NAMES = { tanh = "Tanh", sigmoid = "Sigmoid", relu = "Relu", softsign = "Softsign", softplus = "Softplus" }

-- The engine's order of gates -> ONNX'.
local GATES = { simple_rnn = { 1 }, lstm = { 1, 4, 2, 3 }, gru = { 1, 2, 3 } }
local OPERATORS = { simple_rnn = "RNN", lstm = "LSTM", gru = "GRU" }

-- Columns (gate by gate) as rows in ONNX' order, with one direction in front.
local function reordered(kernel, units, order)
  local parts = {}
  for i, gate in ipairs(order) do parts[i] = kernel[{ {}, { (gate - 1) * units + 1, gate * units } }]:contiguous() end
  local all = ops.transpose(#parts == 1 and parts[1] or tensor.concatenate { parts, axis = 2 })
  return all:contiguous():reshape { 1, table.unpack(all.shape) }
end

local function bias_of(bias, units, order)
  local rows = bias:contiguous():reshape { -1, #order * units } -- with reset_after one for each product
  local first = reordered(rows[{ { 1, 1 } }], units, order):reshape { 1, -1 }
  local second = #rows > 1 and reordered(rows[{ { 2, 2 } }], units, order):reshape { 1, -1 } or ops.zeros_like(first)
  return tensor.concatenate { first, second, axis = 2 }
end

local function params_of(n)
  local c = n.config
  return n.params[1], n.params[2], c.use_bias ~= false and n.params[3] or nil
end

-- ---- ONNX' operators -----------------------------------------------------------------------------------------------

local function native(g, n, kind, x, states)
  local c, order = n.config, GATES[kind]
  local kernel, recurrent, bias = params_of(n)
  local units, own = c.units, {}
  if kind ~= "simple_rnn" then own[1] = NAMES[c.recurrent_activation] end
  own[#own + 1] = NAMES[c.activation]
  if kind == "lstm" then own[3] = own[2] end
  local inputs = { g:transpose(x, { 1, 0, 2 }), g:constant(reordered(kernel, units, order)),
    g:constant(reordered(recurrent, units, order)), bias and g:constant(bias_of(bias, units, order)) or "", "" }
  for i, state in ipairs(states) do inputs[5 + i] = g:add("Unsqueeze", { state, g:integers { 0 } }) end
  local y, h, cell = g:add(OPERATORS[kind], inputs, { hidden_size = units, activations = own,
    linear_before_reset = kind == "gru" and (c.reset_after ~= false) or nil }, kind == "lstm" and 3 or 2)
  local function squeezed(state) return state and g:add("Squeeze", { state, g:integers { 0 } }) end
  local sequence = g:transpose(g:add("Squeeze", { y, g:integers { 1 } }), { 1, 0, 2 })
  return c.return_sequences and sequence or squeezed(h), squeezed(h), squeezed(cell)
end

-- ---- unrolled ------------------------------------------------------------------------------------------------------

local function with_prefix(c)
  local own = { activation = c.recurrent_activation }
  for name, value in pairs(c) do own[name:match "^recurrent_(.+)$" or ""] = value end
  own.activation = c.recurrent_activation
  return own
end

-- By kind a step: x is that of the step times the kernel, with the bias.
local STEPS = {}

function STEPS.simple_rnn(g, s, x, states)
  return { s.activate(g:binary("Add", x, g:binary("MatMul", states[1], s.recurrent))) }
end

local function columns(g, x, first, count)
  return g:add("Slice", { x, g:integers { first }, g:integers { first + count }, g:integers { -1 } })
end

function STEPS.lstm(g, s, x, states)
  local z, u = g:binary("Add", x, g:binary("MatMul", states[1], s.recurrent)), s.units
  local i, f = s.gate(columns(g, z, 0, u)), s.gate(columns(g, z, u, u))
  local candidate, o = s.activate(columns(g, z, 2 * u, u)), s.gate(columns(g, z, 3 * u, u))
  local c = g:binary("Add", g:binary("Mul", f, states[2]), g:binary("Mul", i, candidate))
  return { g:binary("Mul", o, s.activate(c)), c }
end

function STEPS.gru(g, s, x, states)
  local h, u = states[1], s.units
  local function product(part, gate)
    local inner = g:binary("MatMul", part, s.parts[gate])
    return s.second_bias and g:binary("Add", inner, s.second_bias[gate]) or inner
  end
  local z = s.gate(g:binary("Add", columns(g, x, 0, u), product(h, 1)))
  local r = s.gate(g:binary("Add", columns(g, x, u, u), product(h, 2)))
  local inner = s.second_bias and g:binary("Mul", r, product(h, 3)) or s.reset_after
    and g:binary("Mul", r, product(h, 3)) or product(g:binary("Mul", r, h), 3)
  local candidate = s.activate(g:binary("Add", columns(g, x, 2 * u, u), inner))
  local kept = g:binary("Mul", z, h)
  return { g:binary("Add", kept, g:binary("Mul", g:binary("Sub", 1, z), candidate)) }
end

-- What a step needs of the layer.
local function settings(g, n, kind)
  local c, units = n.config, n.config.units
  local _, recurrent, bias = params_of(n)
  local shape, gates = { units }, with_prefix(c)
  local s = { units = units, recurrent = g:constant(recurrent), reset_after = c.reset_after ~= false }
  function s.activate(x) return activations[c.activation or "linear"](g, x, c, shape) end
  function s.gate(x) return activations[gates.activation or "linear"](g, x, gates, shape) end
  if kind ~= "gru" then return s end
  s.parts = {}
  local rows = bias and bias:contiguous():reshape { -1, 3 * units }
  s.second_bias = rows and #rows > 1 and {} or nil
  for gate = 1, 3 do
    local span = { (gate - 1) * units + 1, gate * units }
    s.parts[gate] = g:constant(recurrent[{ {}, span }]:contiguous())
    if s.second_bias then s.second_bias[gate] = g:constant(rows[{ 2, span }]:contiguous()) end
  end
  return s
end

-- States of zeros, as many rows as there are samples.
local function zeros(g, x, units)
  local row = g:reduce("ReduceSum", x, { 1, 2 }, false) -- (n)
  local column = g:add("Unsqueeze", { g:binary("Mul", row, 0), g:integers { 1 } })
  return g:binary("Add", column, g:constant(tensor.zeros { 1, units }))
end

local function unrolled(g, n, kind, x, states, mask)
  local c, steps = n.config, n.shapes[1][1]
  if steps < 0 then
    blame("export: %s has a mask, or an activation that ONNX' %s lacks, so its steps are written one by one; build the "
      .. "model with an Input whose number of steps is known and set its weights", n.title, OPERATORS[kind])
  end
  local kernel, _, bias = params_of(n)
  local s, width = settings(g, n, kind), kernel.shape[2]
  if #states == 0 then
    for i = 1, kind == "lstm" and 2 or 1 do states[i] = zeros(g, x, c.units) end
  end
  local all = g:binary("MatMul", x, g:constant(kernel))
  if bias then all = g:binary("Add", all, g:constant(bias:contiguous():reshape { -1, width }[1]:contiguous())) end
  local function at(value, t) return g:add("Gather", { value, g:number(t, "int64") }, { axis = 1 }) end
  local outputs, last = {}, zeros(g, x, c.units)
  local nothing = last
  for t = 0, steps - 1 do
    local new = STEPS[kind](g, s, at(all, t), states)
    local counts = mask and g:as_bool(at(mask, t)) -- (n, 1)
    local output = new[1]
    if counts then
      output = g:add("Where", { counts, output, c.zero_output_for_mask and nothing or last })
      for i, state in ipairs(states) do new[i] = g:add("Where", { counts, new[i], state }) end
    end
    states, last = new, output
    outputs[t + 1] = g:add("Unsqueeze", { output, g:integers { 1 } })
  end
  local y = c.return_sequences and g:add("Concat", outputs, { axis = 1 }) or last
  return y, states[1], states[2]
end

local function define(kind)
  layers[kind] = function(g, n)
    local c, x, states, mask = n.config, n.inputs[1], {}, nil
    for i = 2, #n.inputs do
      if #n.shapes[i] == 2 then mask = n.inputs[i] else states[#states + 1] = n.inputs[i] end
    end
    if c.go_backwards then
      x, mask = g:flip(x, 1), mask and g:flip(mask, 1)
    end
    local has_gates = kind == "simple_rnn" or NAMES[c.recurrent_activation or "linear"]
    if NAMES[c.activation or "linear"] and has_gates and not mask then return native(g, n, kind, x, states) end
    return unrolled(g, n, kind, x, states, mask)
  end
end
define "simple_rnn"
define "lstm"
define "gru"

return { layers = layers, operations = {} }
