--- Advice about what came out of a fit.
local advice = require "nn.advice"
local facts = require "nn.advice.facts"

local outcome = {}

local FEWEST_EPOCHS = 3
local FEWEST_SAMPLES = 50 -- with fewer a unit is easily 0 for all
local NOTICEABLE = 0.5 -- of a layer's units; networks that learn well have some

local function check_loss(model, losses)
  if #losses < FEWEST_EPOCHS then return end
  local least = math.huge
  for i = 2, #losses do least = math.min(least, losses[i]) end
  if least < losses[1] or losses[1] == 0 then return end
  advice.about(model, "loss_not_falling", "the training loss did not fall in %d epochs (%.4g at first, %.4g at last); "
    .. "try a learning rate 10 times smaller or larger, and see that inputs are scaled and labels belong to their "
    .. "samples", #losses, losses[1], losses[#losses])
end

local function relu_nodes(model)
  local list, is_output = {}, {}
  for _, node in ipairs(model.outputs) do is_output[node] = true end
  for _, node in ipairs(model.order) do
    local activation = node.layer.activation
    if not is_output[node] and node.layer.class_name == "Dense" and activation and activation.name == "relu" then
      list[#list + 1] = node
    end
  end
  return list
end

local function check_units(model, inputs)
  local nodes = relu_nodes(model)
  if #nodes == 0 then return end
  local hidden = require("nn.models").Model { inputs = model.inputs, outputs = nodes, name = "advice" }
  local samples = {}
  for i, t in ipairs(inputs) do samples[i] = facts.sample(t) end
  local values = hidden:predict(#samples == 1 and samples[1] or samples)
  for i, node in ipairs(nodes) do
    local value, units = #nodes == 1 and values or values[i], node.shape[#node.shape]
    local dead = value:reshape({ -1, units }):max(1):eq(0):sum()
    if dead / units >= NOTICEABLE then
      advice.about(node, "dead_units", "%s: %d of %d relu units are 0 for all of %d training samples and learn no "
        .. 'more; lower the learning rate, scale the inputs, or try "leaky_relu"', node.layer:title(), dead, units,
        #samples[1])
    end
  end
end

--- Names the results of an evaluation that are nan.
-- @tparam table model
-- @tparam string what "evaluate", or "fit: validation"
-- @tparam {[string]=number|tensor} results
-- @tparam {string,...} order their names
function outcome.check_numbers(model, what, results, order)
  local names = {}
  for _, name in ipairs(order) do
    local value = results[name]
    if value ~= value or type(value) ~= "number" and value:isnan():max() == 1 then names[#names + 1] = name end
  end
  if #names == 0 then return end
  advice.about(model, "nan_metric", "%s: %s: nan, because the predictions or the targets hold nan; look for nan in the "
    .. "data, or try a smaller learning rate", what, table.concat(names, ", "))
end

--- Looks at a fit that has ended.
-- @tparam table model
-- @tparam {tensor,...} inputs the training data
-- @tparam table history
function outcome.check(model, inputs, history)
  if history.outcome ~= "complete" or #history.epoch == 0 then return end
  check_loss(model, history.history.loss)
  if #inputs[1] >= FEWEST_SAMPLES and advice.is_wanted "dead_units" then check_units(model, inputs) end
end

return outcome
