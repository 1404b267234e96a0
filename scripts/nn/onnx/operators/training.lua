--- Operators of the domain ai.onnx.preview.training: one step of an optimizer.
local ops = require "nn.ops"

local operators = {}

-- Inputs are the rate, the step's number, then for all weights: the weights, the gradients, and each state.
-- f(call, rate, step, weight, gradient, states) returns the weight and its states
local function optimizer(name, state_count, f)
  operators["ai.onnx.preview.training." .. name] = function(call, rate, step, ...)
    local given, results = { ... }, {}
    local count = #given // (2 + state_count)
    for i = 1, count do
      local states = {}
      for k = 1, state_count do states[k] = given[(k + 1) * count + i].data end
      local new = { f(call.attributes, rate:item(), step:item(), given[i].data, given[count + i].data,
        table.unpack(states)) }
      for k, each in ipairs(new) do results[(k - 1) * count + i] = given[i]:like(each) end
    end
    return table.unpack(results)
  end
end

local function penalized(a, weight, gradient) return weight * (a.norm_coefficient or 0) + gradient end

optimizer("Adagrad", 1, function(a, rate, step, weight, gradient, squares)
  gradient = penalized(a, weight, gradient)
  squares = squares + ops.square(gradient)
  rate = rate / (1 + step * (a.decay_factor or 0))
  return weight - gradient * rate / (ops.sqrt(squares) + (a.epsilon or 1e-6)), squares
end)

optimizer("Adam", 2, function(a, rate, step, weight, gradient, mean, squares)
  local alpha, beta = a.alpha or 0.9, a.beta or 0.999
  gradient = penalized(a, weight, gradient)
  mean = mean * alpha + gradient * (1 - alpha)
  squares = squares * beta + ops.square(gradient) * (1 - beta)
  if step > 0 then rate = rate * math.sqrt(1 - beta ^ step) / (1 - alpha ^ step) end
  weight = weight - mean * rate / (ops.sqrt(squares) + (a.epsilon or 1e-6))
  return weight * (1 - (a.norm_coefficient_post or 0)), mean, squares
end)

optimizer("Momentum", 1, function(a, rate, step, weight, gradient, momentum)
  gradient = penalized(a, weight, gradient)
  momentum = momentum * (a.alpha or 0) + gradient * (step > 0 and (a.beta or 0) or 1)
  local change = a.mode == "nesterov" and gradient + momentum * (a.alpha or 0) or momentum
  return weight - change * rate, momentum
end)

return operators
