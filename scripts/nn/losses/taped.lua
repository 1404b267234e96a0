--- Losses within a tape: tensors whose gradient by the predictions is the engine's.
local blame = require "nn.support.blame"
local objects = require "engine.objects"
local recording = require "nn.tape.recording"

local taped = {}

-- The gradient of each loss, beside the predictions it belongs to.
local function beside(gradient, prediction)
  local shape = gradient.shape
  for axis = #shape + 1, prediction.ndim do shape[axis] = 1 end
  return gradient:reshape(shape)
end

local function backward(entry, gradients)
  return { entry.derivative * beside(gradients[1], entry.inputs[1]) }
end

-- Of losses that hold rows against each other the engine has the derivative of their sum.
local function pairwise_backward(entry, gradients)
  local gradient = gradients[1]
  if gradient:min() ~= gradient:max() then
    blame("%s: it holds samples against each other, so its gradient is only that of their mean or sum, without weights",
      entry.name)
  end
  return { entry.derivative * gradient:max() }
end

--- One loss for each row, recorded if a tape tracks the predictions.
-- @tparam string engine name of the loss
-- @tparam table config
-- @tparam tensor target
-- @tparam tensor prediction
-- @tparam integer axes of one loss, at the end
-- @treturn tensor
function taped.values(engine, config, target, prediction, axes)
  if not recording.is_on() then return (objects.loss(engine, config, target, prediction, axes)) end
  if recording.is_tracked(target) then
    blame("%s: y_true: a tape tracks it, but there is only a gradient by y_pred: write nn.ops.stop_gradient(y_true), "
      .. "or the loss with nn.ops", engine)
  elseif not recording.is_tracked(prediction) then
    return (objects.loss(engine, config, target, prediction, axes))
  end
  local values, derivative = objects.loss(engine, config, target, prediction, axes, true)
  recording.add { name = engine, inputs = { prediction }, outputs = { values }, derivative = derivative,
    backward = objects.is_pairwise(engine) and pairwise_backward or backward }
  return values
end

--- The sum of losses: a number, or a tensor without axes if a tape tracks them.
function taped.sum(values)
  if recording.is_tracked(values) then return require "nn.ops".sum(values) end
  return values:sum()
end

return taped
