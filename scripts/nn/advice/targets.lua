--- Advice about the targets of a regression that the outputs of the model cannot reach in the time it is trained.
local advice = require "nn.advice"
local facts = require "nn.advice.facts"

local targets = {}

local LARGE = 10       -- root mean square that a network does not reach by itself
local VERY_LARGE = 50  -- that makes the gradients of hidden layers explode

local DISTANCES = { mean_squared_error = true, mean_absolute_error = true, huber = true, log_cosh = true }
-- These move a weight by about the learning rate in a step, however large the gradient.
local BY_RATE = { adam = true, adamw = true, adamax = true, nadam = true, rmsprop = true, lion = true, lamb = true,
  adagrad = true, adafactor = true }

local function root_mean_square(t) return math.sqrt((t * t):mean()) end

-- What the model is off by before it is trained: its outputs may begin elsewhere than near 0.
local function distance(model, inputs, target)
  local samples = {}
  for i, t in ipairs(inputs) do samples[i] = facts.sample(t) end
  local predicted = require("nn.models.evaluation").outputs(model, samples)[1]
  local truth = facts.sample(target):astype "float32"
  return root_mean_square(truth:reshape { #truth, -1 } - predicted:reshape { #truth, -1 })
end

local function count_hidden(model)
  local count = 0
  for _, node in ipairs(model.order) do
    if node.layer.class_name == "Dense" and node ~= model.outputs[1] then count = count + 1 end
  end
  return count
end

-- How far the output can move in so many steps: the bias and each weight by the learning rate a step, the weights
-- times inputs of about 1.
local function reach(model, node, steps)
  local inputs = node.inputs[1].shape
  return model.optimizer.learning_rate * steps * (1 + inputs[#inputs])
end

local function is_out_of_reach(model, inputs, target, steps)
  local far = distance(model, inputs, target)
  if BY_RATE[model.optimizer.engine] then return far > LARGE and far > reach(model, model.outputs[1], steps) end
  return far > VERY_LARGE and count_hidden(model) > 0
end

local function is_plain_regression(model, outputs)
  local node = model.outputs[1]
  return #outputs == 1 and #model.outputs == 1 and DISTANCES[outputs[1].loss.engine]
    and node.layer.class_name == "Dense" and type(model.optimizer.learning_rate) == "number"
end

--- Looks at the targets of a regression.
-- @tparam table model
-- @tparam table training inputs, targets
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam integer steps of the optimizer in the whole training
function targets.check(model, training, outputs, steps)
  local target = training.targets[1]
  if not advice.is_wanted("target_range", model) or not is_plain_regression(model, outputs) then return end
  local rows = facts.sample(target):astype "float32"
  if root_mean_square(rows) < LARGE or not is_out_of_reach(model, training.inputs, target, steps) then return end
  advice.about(model, "target_range", "the targets have mean %.4g and standard deviation %.3g, far from the outputs of "
    .. "a new model, which are near 0; scale them with nn.preprocessing.StandardScaler, whose inverse_transform takes "
    .. "predictions back, or train longer with a larger learning rate", rows:mean(), rows:std())
end

return targets
