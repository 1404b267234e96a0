--- Advice about what a model is compiled with: does the output fit the loss, is the learning rate sane?
local activation = require "nn.advice.activation"
local advice = require "nn.advice"

local settings = {}

local BY_CLASS = { categorical_crossentropy = true, sparse_categorical_crossentropy = true,
  categorical_focal_crossentropy = true }
local YES_NO = { binary_crossentropy = true, binary_focal_crossentropy = true }
local DISTANCE = { mean_squared_error = true, mean_absolute_error = true }

local PROBABILITY, DISTRIBUTION, quoted = activation.PROBABILITY, activation.DISTRIBUTION, activation.quoted

-- What an optimizer learns with, from barely to wildly.
local RATES = {
  sgd = { 1e-6, 1 }, adagrad = { 1e-6, 1 }, ftrl = { 1e-6, 1 }, adadelta = { 1e-5, 10 }, adafactor = { 1e-6, 1 },
  lion = { 1e-8, 0.01 }, lamb = { 1e-7, 0.1 }, adam = { 1e-7, 0.1 }, adamw = { 1e-7, 0.1 }, adamax = { 1e-7, 0.1 },
  nadam = { 1e-7, 0.1 }, rmsprop = { 1e-7, 0.1 },
}

local function check_classes(node, name, loss, own, units, from_logits)
  if units == 1 then
    advice.about(node, "loss_and_output", 'the output %s has one unit, but %s chooses between several; use activation '
      .. '= "sigmoid" and the loss "binary_crossentropy", or one unit a class', name, loss)
  elseif from_logits and DISTRIBUTION[own] then
    advice.about(node, "output_activation", "the output %s has %s and the loss from_logits = true: softmax is taken "
      .. "twice; leave one of them out", name, quoted(own))
  elseif not from_logits and not DISTRIBUTION[own] then
    advice.about(node, "output_activation", 'the output %s has %s, but %s wants probabilities that add up to 1; use '
      .. 'activation = "softmax", or none and from_logits = true in the loss', name, quoted(own), loss)
  end
end

local function check_yes_no(node, name, loss, own, units, from_logits)
  if DISTRIBUTION[own] and not from_logits then
    advice.about(node, "loss_and_output", 'the output %s has softmax over %d units, but %s takes each unit for a '
      .. 'question of its own; use "categorical_crossentropy", or "sparse_categorical_crossentropy" for class ids',
      name, units, loss)
  elseif from_logits and PROBABILITY[own] then
    advice.about(node, "output_activation", "the output %s has %s and the loss from_logits = true: sigmoid is taken "
      .. "twice; leave one of them out", name, quoted(own))
  elseif not from_logits and not PROBABILITY[own] then
    advice.about(node, "output_activation", 'the output %s has %s, but %s wants probabilities; use activation = '
      .. '"sigmoid", or none and from_logits = true in the loss', name, quoted(own), loss)
  end
end

-- Whether a layer that is nothing but an activation follows a layer that has the same one.
local function is_repeated(node, own)
  local before = node.inputs[1]
  return (DISTRIBUTION[own] or PROBABILITY[own]) and #node.layer.weights == 0 and before ~= nil
    and activation.of(before.layer) == own
end

local function check_output(node, output)
  local own, units = activation.of(node.layer), node.shape[#node.shape] or 1
  if not own then return end
  local loss, from_logits = output.loss.engine, output.loss.arguments and output.loss.arguments.from_logits
  if is_repeated(node, own) then
    advice.about(node, "output_activation", "the output %s has %s, and so has the layer before it: %s is taken twice; "
      .. "leave one of them out", output.name, quoted(own), own)
  elseif units == 1 and DISTRIBUTION[own] then
    advice.about(node, "softmax_one_unit", 'the output %s is softmax over one unit, which is always 1; use activation '
      .. '= "sigmoid", or one unit a class', output.name)
  elseif BY_CLASS[loss] then
    check_classes(node, output.name, loss, own, units, from_logits)
  elseif YES_NO[loss] then
    check_yes_no(node, output.name, loss, own, units, from_logits)
  elseif DISTANCE[loss] and DISTRIBUTION[own] then
    advice.about(node, "loss_and_output", 'the output %s has %s; probabilities of classes are learned faster with '
      .. '"categorical_crossentropy" than with %s', output.name, quoted(own), loss)
  end
end

local function check_rate(optimizer)
  local rate, limits = optimizer.learning_rate, RATES[optimizer.engine]
  if type(rate) ~= "number" or not limits then return end
  if rate == 0 then
    advice.about(optimizer, "learning_rate", "the learning rate is 0: nothing will be learned")
  elseif rate < limits[1] or rate > limits[2] then
    advice.about(optimizer, "learning_rate", "a learning rate of %g is far too %s for %s in most cases; start with its "
      .. "default and change it by factors of 3", rate, rate > limits[2] and "large" or "small", optimizer.class_name)
  end
end

--- Looks at a compiled model whose outputs are known.
-- @tparam table model
-- @tparam {table,...} outputs see nn.models.outputs
function settings.check(model, outputs)
  for i, output in ipairs(outputs) do
    if output.loss then check_output(model.outputs[i], output) end
  end
  check_rate(model.optimizer)
end

return settings
