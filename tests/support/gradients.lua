-- Gradients of a model by backpropagation and by finite differences.
local job = require "engine.job"
local tensor = require "nn.tensor"

local gradients = {}

-- A job over one batch that leaves the weights alone: learning rate 0.
local function one_batch(model, x, y, loss, loss_config, weight)
  local nodes, inputs, outputs = model:lower()
  local output = { loss = loss, loss_config = loss_config }
  if type(loss) == "table" then output = loss:in_training { #x[1], table.unpack(model.outputs[1].shape) } end
  output.node, output.target, output.sample_weight = outputs[1], y, weight
  local self = job.new {
    mode = "train", batch_size = #x[1], seed = 5, nodes = nodes, inputs = inputs, data = x, watch = true,
    outputs = { output },
  }
  return function()
    self:set_optimizer("sgd", {}, {}) -- starts anew: dropout draws the same mask again
    self:clear()
    self:run(1, 1, 0.0)
    local sums, penalty = self:results()
    return sums[1].loss + penalty
  end, self
end

-- The derivative of the loss by each number of t, by central differences.
local function numeric(t, loss, step)
  local flat, list = t:reshape { t.size }, {}
  for i = 1, #flat do
    local value = flat[i]
    flat[i] = value + step
    local above = loss()
    flat[i] = value - step
    local below = loss()
    flat[i] = value
    list[i] = (above - below) / (2 * step)
  end
  return tensor.tensor(list)
end

local function norm(t)
  return (t * t):sum() ^ 0.5
end

local function difference(a, b)
  local size = norm(a) + norm(b)
  return size > 1e-6 and norm(a - b) / size or 0
end

-- The weights that are trained.
local function trained_weights(model)
  local list = {}
  for _, weight in ipairs(model:named_weights()) do
    if not weight.is_state then list[#list + 1] = weight end
  end
  return list
end

-- The largest relative difference between the two kinds of gradient, over the weights and over the inputs. x is a
-- tensor
-- or a list of them; loss is the name of one of the engine's, with its config, or an object.
function gradients.differ(model, x, y, loss, loss_config, step, weight)
  x = tensor.is_tensor(x) and { x } or x
  local run, self = one_batch(model, x, y, loss, loss_config, weight)
  run()
  local by_weights, by_inputs, first, worst = self:gradient(), {}, 1, 0
  for i in ipairs(x) do by_inputs[i] = self:input_gradient(i) end
  for _, named in ipairs(trained_weights(model)) do
    local count = named.tensor.size
    local exact = by_weights[{ { first, first + count - 1 } }]
    worst = math.max(worst, difference(exact, numeric(named.tensor, run, step or 1e-2)))
    first = first + count
  end
  local worst_input = 0
  for i, each in ipairs(x) do
    worst_input = math.max(worst_input, difference(by_inputs[i], numeric(each, run, step or 1e-2)))
  end
  return worst, worst_input
end

return gradients
