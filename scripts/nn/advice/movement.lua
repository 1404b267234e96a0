--- Advice on a learning rate that is far too small, which weights and loss tell that hardly moved.
local advice = require "nn.advice"
local learned = require "nn.experiment.learned"

local movement = {}

local FEWEST_EPOCHS = 3
local KEPT = 4096 -- numbers of a weight that are compared
-- Of what they were, the loss fell by less than 5 % and no weight moved by 1 %. For that Adam with its default rate
-- needs about ten steps.
local FALLEN, MOVED = 0.05, 0.01

-- The weights that are trained and are no biases.
local function kernels(model)
  local list = {}
  for _, weight in ipairs(model.trainable_weights) do
    if weight.ndim > 1 then list[#list + 1] = weight end
  end
  return list
end

local function some_numbers(weights)
  local list = {}
  for i, weight in ipairs(weights) do
    list[i] = weight:flatten()[{ { 1, math.min(weight.size, KEPT) } }]:copy()
  end
  return list
end

--- What is to be known of a model before it is trained; nil where some of its weights were learned before.
-- @tparam table model
-- @tparam integer epochs that it will be trained
-- @treturn ?{tensor,...} for `movement.check`
function movement.before(model, epochs)
  if epochs < FEWEST_EPOCHS then return nil end
  local weights = kernels(model)
  for _, weight in ipairs(weights) do
    if learned.is(weight) then return nil end
  end
  return some_numbers(weights)
end

-- By how much of what it was a weight has moved, at most.
local function largest_move(before, after)
  local most = 0
  for i, weight in ipairs(before) do
    local size = (weight * weight):mean()
    local moved = ((after[i] - weight) * (after[i] - weight)):mean()
    most = math.max(most, size > 0 and math.sqrt(moved / size) or moved > 0 and 1 or 0)
  end
  return most
end

--- Looks at a fit that has ended. Weights that did not move at all had no gradient, whatever the rate.
-- @tparam table model
-- @tparam ?{tensor,...} before from `movement.before`
-- @tparam {number,...} losses of the epochs
-- @treturn boolean whether weights and loss hardly moved
function movement.check(model, before, losses)
  local rate = model.optimizer.learning_rate
  local fallen = losses[1] - losses[#losses]
  if not before or type(rate) ~= "number" or fallen > FALLEN * math.abs(losses[1]) then return false end
  local moved = largest_move(before, some_numbers(kernels(model)))
  if moved == 0 or moved >= MOVED then return false end
  local piece = advice.about(model, "slow_learning", "in %d epochs the training loss went from %.4g to %.4g, and no "
    .. "weight moved by more than %.2g %% of its size: a learning rate of %g is too small for so few steps; try one "
    .. "100 times larger", #losses, losses[1], losses[#losses], 100 * moved, rate)
  if piece then piece.size = 1 - moved end
  return true
end

return movement
