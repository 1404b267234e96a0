--- Advice about what came out of a fit.
local advice = require "nn.advice"
local facts = require "nn.advice.facts"
local movement = require "nn.advice.movement"
local skill = require "nn.advice.skill"

local outcome = {}

local FEWEST_EPOCHS = 3
local FEWEST_SAMPLES = 50 -- with fewer a unit is easily 0 for all
local NUMBERS = 1 << 21   -- that a first look at the units computes, unless that were too few samples
local NOTICEABLE = 0.5 -- of all units that have died; networks that learn well have some idle ones
local MOST = 0.8 -- of all units that are dead, however they became so. A layer all dead is enough, too
local FEWEST_STEPS = 20 -- for a rate to show, and for a look at the units of a large network to be short beside them
-- In fewer steps Adam with its default rate moves no weight by more than 0.1: nothing is to be expected of a model.
local ENOUGH_STEPS = 100

local function check_loss(model, losses)
  local least = math.huge
  for i = 2, #losses do least = math.min(least, losses[i]) end
  if least < losses[1] or losses[1] == 0 then return false end
  local piece = advice.about(model, "loss_not_falling", "the training loss did not fall in %d epochs (%.4g at first, "
    .. "%.4g at last); try a learning rate 10 times smaller or larger, and see that inputs are scaled and labels "
    .. "belong to their samples", #losses, losses[1], losses[#losses])
  if piece then piece.size = losses[#losses] / losses[1] end
  return true
end

-- ---- units ----------------------------------------------------------------------------------------------------------

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

-- Which units of a layer had a gradient, or a bias to begin with: ones where that cannot be told.
local function had_gradient(layer)
  local bias = select(2, layer:get_weights())
  return bias and bias:ne(0) or 1
end

-- How many units of all layers there are, how many are dead, and how many of these have died: the others are 0 since
-- the weights were drawn, as half of all are where inputs have one sign. The second result is the layer with the
-- largest share of dead units, and its own numbers.
local function count_dead(nodes, values)
  local all = { dead = 0, units = 0, died = 0 }
  local worst
  for i, node in ipairs(nodes) do
    local width = node.shape[#node.shape]
    local is_dead = values[i]:reshape({ -1, width }):max(1):eq(0)
    local count = is_dead:sum() // 1 | 0
    all.dead, all.units = all.dead + count, all.units + width
    all.died = all.died + (is_dead * had_gradient(node.layer)):sum()
    if not worst or count / width > worst.dead / worst.units then
      worst = { node = node, dead = count, units = width }
    end
  end
  return all, worst
end

-- How many samples a first look takes: few of a network that computes much for each, such as one of images.
local function samples_of_first_look(model)
  local numbers = 0
  for _, node in ipairs(model.order) do
    local size = 1
    for _, n in ipairs(node.shape) do size = size * n end
    numbers = numbers + size
  end
  return math.max(FEWEST_SAMPLES, NUMBERS // numbers)
end

-- What `count_dead` finds, if it is worth a word. What is dead for all samples is so for some: most networks need no
-- second look.
local function find_dead(model, nodes, samples, steps)
  local first = samples_of_first_look(model)
  if first < #samples[1] and steps < FEWEST_STEPS then return end
  local hidden = require("nn.models").Model { inputs = model.inputs, outputs = nodes, name = "advice" }
  local all, worst
  for _, rows in ipairs { first, #samples[1] } do
    local some = {}
    for i, t in ipairs(samples) do some[i] = facts.thin(t, rows) end
    all, worst = count_dead(nodes, require("nn.models.evaluation").outputs(hidden, some))
    local is_noticeable = all.died >= NOTICEABLE * all.units or all.dead >= MOST * all.units
    if not is_noticeable and worst.dead < worst.units then return end
    if rows >= #samples[1] then break end
  end
  return all, worst
end

local function check_units(model, inputs, steps)
  local nodes = relu_nodes(model)
  if #nodes == 0 or not advice.is_wanted("dead_units", model) then return end
  local samples = {}
  for i, t in ipairs(inputs) do samples[i] = facts.sample(t) end
  local all, worst = find_dead(model, nodes, samples, steps)
  if not all then return end
  local piece = advice.about(model, "dead_units", "%s: %d of %d relu units are 0 for all of %d training samples and "
    .. 'learn no more; lower the learning rate, scale the inputs, or try "leaky_relu"', worst.node.layer:title(),
    worst.dead, worst.units, #samples[1])
  if piece then piece.size = all.dead / all.units end
end

-- ---- a fit ----------------------------------------------------------------------------------------------------------

-- The first cause that is found is said alone: what follows from it is no news.
local function check_training(model, fitted, history)
  local losses = history.loss
  if #losses < FEWEST_EPOCHS or check_loss(model, losses) or not fitted.training then return end
  local is_long = #fitted.training.inputs[1] >= FEWEST_SAMPLES and fitted.steps >= FEWEST_STEPS
  if is_long and movement.check(model, fitted.before, losses) or fitted.steps < ENOUGH_STEPS then return end
  skill.check(model, fitted.training, fitted.held_out, fitted.outputs, fitted.is_weighted, history)
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
-- @tparam table history
-- @tparam table fitted training (nil where they were not in memory), held_out (likewise): inputs, targets; outputs, see
-- nn.models.outputs; is_weighted: whether samples or classes were weighted; before: from `movement.before`; steps of
-- the optimizer
function outcome.check(model, history, fitted)
  if history.outcome ~= "complete" or #history.epoch == 0 then return end
  check_training(model, fitted, history.history)
  if not fitted.training or #fitted.training.inputs[1] < FEWEST_SAMPLES then return end
  check_units(model, fitted.training.inputs, fitted.steps)
end

return outcome
