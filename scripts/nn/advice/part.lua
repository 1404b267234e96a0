--- Advice about one part of the data, most of it about the training data.
local facts = require "nn.advice.facts"
local features = require "nn.advice.features"
local labels = require "nn.advice.labels"
local leaks = require "nn.advice.leaks"
local once = require "nn.advice.once"

local part = {}

local FAR = 10    -- root mean square of a feature that is too large
local FEWEST = 20 -- rows that say something about a range

-- Losses of a regression.
part.NUMBERS = { mean_squared_error = true, mean_absolute_error = true, huber = true, log_cosh = true, poisson = true,
  mean_absolute_percentage_error = true, mean_squared_logarithmic_error = true }

-- Layers that leave numbers as they are.
local PASSING = { Flatten = true, Reshape = true, Permute = true, Dropout = true, InputLayer = true }

-- ---- numbers that are none ------------------------------------------------------------------------------------------

local function find_broken(tensors, what, spoils, say)
  for _, t in ipairs(tensors) do
    local columns = facts.columns(t)
    if columns.broken > 0 then
      say("not_finite", t, "%d of %d samples of the %s have numbers that are nan or inf, sample %d the first, and make "
        .. "the %s nan; leave them out, or fill in what is missing", columns.broken, #t, what, columns.first, spoils)
    end
  end
end

--- Looks for numbers that are not finite.
-- @tparam table self name ("training", "validation", "test"), inputs, targets (nil where there are none)
function part.check_finite(self)
  local prefix, spoils = self.name == "training" and "" or self.name .. " ", self.name == "test" and "result" or "loss"
  once.give(once.things({ "finite", self.name }, self.inputs, self.targets or {}), function(say)
    find_broken(self.inputs, prefix .. "inputs", spoils, say)
    find_broken(self.targets or {}, prefix .. "targets", spoils, say)
  end)
end

-- ---- inputs ---------------------------------------------------------------------------------------------------------

-- Whether an input reaches a Dense layer as it is: others bring it to a scale of their own, or look ids up.
local function reaches_dense(model, input)
  local as_it_is = { [input] = true }
  for _, node in ipairs(model.order) do
    if as_it_is[node.inputs[1]] then
      if node.layer.class_name == "Dense" then return true end
      as_it_is[node] = PASSING[node.layer.class_name]
    end
  end
  return false
end

local function find_range(t, say)
  local range = facts.range(t)
  local low, high = range.low, range.high
  if #t < FEWEST or facts.columns(t).broken > 0 or range.largest <= FAR * FAR then return end
  say("input_range", t, "the inputs run from %.4g to %.4g; networks learn best from numbers near 0: %s", low, high,
    low >= 0 and high <= 255 and high > 100 and "divide them by 255"
      or "bring them to one scale with nn.preprocessing.StandardScaler")
end

local function find_features(t, say)
  for _, j in ipairs(features.constant(t)) do
    say("constant_feature", t, "feature %d of the inputs is %g in all %d samples and tells nothing; leave it out", j,
      facts.columns(t).low[j], #t)
  end
  for _, each in ipairs(features.sentinels(t)) do
    say("sentinel", t, "feature %d of the inputs is %g in many samples, far from all its other values; if that stands "
      .. "for a missing value, leave these samples out or fill in what is missing", each.position, each.value)
  end
end

--- Looks at training inputs: their range, and single features.
-- @tparam table model
-- @tparam {tensor,...} inputs
function part.check_inputs(model, inputs)
  for i, input in ipairs(model.inputs) do
    if reaches_dense(model, input) then
      once.give(once.things({ "inputs", inputs[i] }), function(say)
        find_range(inputs[i], say)
        find_features(inputs[i], say)
      end)
    end
  end
end

-- ---- targets --------------------------------------------------------------------------------------------------------

-- The tensor that holds the class of each sample.
local function ids_of(target)
  return target.ndim > 1 and target.size > #target and target:argmax { axis = -1 } or target
end

local function find_class_leak(inputs, target, loss, say)
  if labels.kind(loss) == "yes-no" and target.size > #target then return end -- several questions
  local at, strength = leaks.of_class(inputs, ids_of(target))
  if not at then return end
  say("leaky_feature", inputs, "feature %d of the inputs tells the class nearly alone (%.3g %% of its variance lies "
    .. "between the classes); leave it out if it is not known before the class is", at, 100 * strength)
end

local function find_number_leak(inputs, target, say)
  local at, strength = leaks.of_number(inputs, target)
  if not at then return end
  say("leaky_feature", inputs, "feature %d of the inputs is nearly the target (rank correlation %.4g); leave it out if "
    .. "it is not known before the target is", at, strength)
end

local function find_target_sentinels(target, say)
  for _, each in ipairs(features.sentinels(target)) do
    say("sentinel", target, "the targets are %g in many samples, far from all others; if that stands for a missing "
      .. "value, leave these samples out", each.value)
  end
end

--- Looks at training targets, and at features that give them away.
-- @tparam table training inputs, targets
-- @tparam {string,...} losses of the outputs, as the engine names them
function part.check_targets(training, losses)
  local one_input = #training.inputs == 1 and training.inputs[1]
  once.give(once.things({ "targets" }, training.inputs, training.targets, losses), function(say)
    for i, loss in ipairs(losses) do
      local target = training.targets[i]
      if one_input and #losses == 1 and labels.kind(loss) then
        find_class_leak(one_input, target, loss, say)
      elseif part.NUMBERS[loss] and target.size == #target then
        if one_input then find_number_leak(one_input, target, say) end
        find_target_sentinels(target, say)
      end
    end
  end)
end

return part
