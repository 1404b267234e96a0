--- RNN, LSTM and GRU, one step after the other.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- Activations by ONNX' name; alpha and beta are those of the node, or the defaults here.
local ACTIVATIONS = {
  relu = function(x) return ops.relu(x) end,
  tanh = function(x) return ops.tanh(x) end,
  sigmoid = function(x) return ops.sigmoid(x) end,
  softsign = function(x) return ops.softsign(x) end,
  softplus = function(x) return ops.softplus(x) end,
  affine = function(x, a, b) return x * (a or 1) + (b or 0) end,
  leakyrelu = function(x, a) return ops.leaky_relu(x, a or 0.01) end,
  thresholdedrelu = function(x, a) return ops.where(ops.greater(x, a or 1), x, 0) end,
  scaledtanh = function(x, a, b) return ops.tanh(x * (b or 1)) * (a or 1) end,
  hardsigmoid = function(x, a, b) return ops.clip(x * (a or 0.2) + (b or 0.5), 0, 1) end,
  elu = function(x, a) return ops.elu(x, a or 1) end,
}

local TAKES_ALPHA = { affine = true, leakyrelu = true, thresholdedrelu = true, scaledtanh = true, hardsigmoid = true,
  elu = true }
local TAKES_BETA = { affine = true, scaledtanh = true, hardsigmoid = true }

-- The functions of one direction, each with the clip before it. Functions that take an alpha or beta get the next one.
local function activations_of(a, direction, defaults)
  local list, alphas, betas = {}, 0, 0
  for at = 1, direction * #defaults do
    local i = (at - 1) % #defaults + 1
    local name = (a.activations and a.activations[at] or defaults[i]):lower()
    local f = ACTIVATIONS[name] or value.invalid("has an unknown activation %s", name)
    alphas, betas = alphas + (TAKES_ALPHA[name] and 1 or 0), betas + (TAKES_BETA[name] and 1 or 0)
    local alpha, beta = (a.activation_alpha or {})[alphas], (a.activation_beta or {})[betas]
    -- As in ONNX Runtime, clip holds for the gates, not for the state before the output's activation.
    local clip = i < 3 and a.clip
    list[i] = function(x)
      if clip then x = ops.clip(x, -clip, clip) end
      return f(x, alpha, beta)
    end
  end
  return list
end

local function columns(x, units, gate) return value.part(x, 2, units, gate * units) end

-- What a cell reads of the weights: by direction the kernels (in, gates * units), and the bias in two parts.
local function weights_of(w, r, b, direction)
  local kernel, recurrent = ops.transpose(w.data[direction]), ops.transpose(r.data[direction])
  local width = kernel.shape[2]
  if not b then return kernel, recurrent, tensor.zeros { 1, width }, tensor.zeros { 1, width } end
  local both = b.data[direction]:contiguous():reshape { 1, 2 * width }
  return kernel, recurrent, value.part(both, 2, width), value.part(both, 2, width, width)
end

-- ---- cells: function(x · kernel of this step, states) -> new states, the first of which is the output ---------------

local function rnn_cell(c)
  local f = c.activations[1]
  return function(x, states)
    return { f(x + ops.matmul(states[1], c.recurrent) + c.recurrent_bias) }
  end
end

local function gru_cell(c)
  local f, g, units = c.activations[1], c.activations[2], c.units
  local candidate, candidate_bias = columns(c.recurrent, units, 2), columns(c.recurrent_bias, units, 2)
  local gates, gates_bias = value.part(c.recurrent, 2, 2 * units), value.part(c.recurrent_bias, 2, 2 * units)
  return function(x, states)
    local h = states[1]
    local both = value.part(x, 2, 2 * units) + ops.matmul(h, gates) + gates_bias
    local z, r = f(columns(both, units, 0)), f(columns(both, units, 1))
    local inner = c.linear_before_reset and r * (ops.matmul(h, candidate) + candidate_bias)
      or ops.matmul(r * h, candidate) + candidate_bias
    local n = g(columns(x, units, 2) + inner)
    return { (1 - z) * n + z * h }
  end
end

-- The gates are i, o, f, c; a peephole adds to i, o and f what the cell's state was.
local function lstm_cell(c)
  local f, g, h, units = c.activations[1], c.activations[2], c.activations[3], c.units
  local function peek(gate, state) return c.peepholes and columns(c.peepholes, units, gate) * state or 0 end
  return function(x, states)
    local state = states[2]
    local all = x + ops.matmul(states[1], c.recurrent) + c.recurrent_bias
    local i = f(columns(all, units, 0) + peek(0, state))
    local forget = c.couples_gates and 1 - i or f(columns(all, units, 2) + peek(2, state))
    local new = forget * state + i * g(columns(all, units, 3))
    local o = f(columns(all, units, 1) + peek(1, new))
    return { o * h(new), new }
  end
end

-- ---- sequences -----------------------------------------------------------------------------------------------------

-- Runs a cell over the steps of one direction. Rows that have ended keep their states and give 0.
-- x: (steps, batch, in); lengths: (batch) or nil
local function run_cell(cell, c, x, states, lengths, is_reverse)
  local steps, outputs = x.shape[1], {}
  for i = 1, steps do
    local t = is_reverse and steps - i + 1 or i
    local projected = ops.matmul(x[t], c.kernel) + c.bias
    local new = cell(projected, states)
    if lengths then
      local counts = ops.less(t - 1, lengths)
      outputs[t] = new[1] * counts
      for k, state in ipairs(states) do new[k] = ops.where(counts, new[k], state) end
    else
      outputs[t] = new[1]
    end
    states = new
  end
  return outputs, states
end

local function initial(given, direction, batch, units)
  return given and given.data[direction]:contiguous() or tensor.zeros { batch, units }
end

-- Shared by all three. o: gates, defaults (of activations), cell, has_cell_state
local function recurrent(name, o)
  operators[name] = function(call, x, w, r, b, lengths, h, c, p)
    local a = call.attributes
    local units, is_batch_first = r.data.shape[3], a.layout == 1
    local input = is_batch_first and ops.transpose(x.data, { 2, 1, 3 }) or x.data
    local batch = input.shape[2]
    local function first_direction(state) -- states of batches first have the directions second
      return state and is_batch_first and state:like(ops.transpose(state.data, { 2, 1, 3 })) or state
    end
    h, c = first_direction(h), first_direction(c)
    local ends = lengths and lengths.data:astype "float32":reshape { batch, 1 }
    local sequences, last = {}, { {}, {} }
    for direction = 1, a.direction == "bidirectional" and 2 or 1 do
      local cell = { units = units, activations = activations_of(a, direction, o.defaults),
        linear_before_reset = a.linear_before_reset == 1, couples_gates = a.input_forget == 1,
        peepholes = p and p.data[direction]:contiguous():reshape { 1, -1 } }
      cell.kernel, cell.recurrent, cell.bias, cell.recurrent_bias = weights_of(w, r, b, direction)
      local states = { initial(h, direction, batch, units) }
      states[2] = o.has_cell_state and initial(c, direction, batch, units) or nil
      local is_reverse = direction == 2 or a.direction == "reverse"
      local outputs, final = run_cell(o.cell(cell), cell, input, states, ends, is_reverse)
      sequences[direction] = tensor.stack { outputs, axis = 1 }
      for k, state in ipairs(final) do last[k][direction] = state end
    end
    local results = { tensor.stack { sequences, axis = is_batch_first and 3 or 2 } }
    if is_batch_first then results[1] = ops.transpose(results[1], { 2, 1, 3, 4 }) end
    for k = 1, o.has_cell_state and 2 or 1 do
      results[k + 1] = tensor.stack { last[k], axis = is_batch_first and 2 or 1 }
    end
    for k, each in ipairs(results) do results[k] = x:like(each) end
    return table.unpack(results)
  end
end

recurrent("RNN", { defaults = { "Tanh" }, cell = rnn_cell })
recurrent("GRU", { defaults = { "Sigmoid", "Tanh" }, cell = gru_cell })
recurrent("LSTM", { defaults = { "Sigmoid", "Tanh", "Tanh" }, cell = lstm_cell, has_cell_state = true })

return operators
