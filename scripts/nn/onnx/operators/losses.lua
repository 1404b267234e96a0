--- Losses of classes.
local ops = require "nn.ops"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"

local operators = {}

-- The negative log likelihood: of log probabilities (n, classes, places) and classes (n, places).
local function loss_of(call, logs, target, weight)
  local reduction, ignored = call.attributes.reduction or "mean", call.attributes.ignore_index
  local classes, wanted = logs.shape[2], target.data:astype "float32"
  local counts = ignored and ops.not_equal(wanted, ignored) or tensor.ones(wanted.shape)
  local known = ops.where(counts, wanted, 0)
  if known.size > 0 and (known:min() < 0 or known:max() >= classes) then value.invalid "a class is out of range" end
  local picked = -ops.squeeze(ops.take_along_axis(logs, ops.expand_dims(known, 2), 2), 2)
  local weights = weight and ops.take(weight.data, known:reshape { -1 }, 1):reshape(wanted.shape) * counts or counts
  local losses = picked * weights
  if reduction == "none" then return losses end
  if reduction == "sum" then return ops.sum(losses) end
  return ops.sum(losses) / ops.sum(weights)
end

function operators.NegativeLogLikelihoodLoss(call, x, target, weight)
  return x:like(loss_of(call, x.data, target, weight))
end

function operators.SoftmaxCrossEntropyLoss(call, scores, target, weight)
  local logs = ops.log_softmax(scores.data, 2)
  return scores:like(loss_of(call, logs, target, weight)), scores:like(logs)
end

return operators
