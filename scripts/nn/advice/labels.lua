--- Advice about the labels of a classifier: whether they fit its loss, its units and the weights of its classes.
local engine = require "engine.objects"
local advice = require "nn.advice"
local facts = require "nn.advice.facts"
local memoize = require "nn.support.memoize"

local labels = {}

-- Fewer samples of a class say little about what is missing: where a class has 14 samples, another as frequent is
-- missing by chance once in exp(14), a million times.
local FEWEST = 14
local SURE = 24 -- of (a - b)^2 / (a + b): counts differ so much by chance once in a million times

local YES_NO = { binary_crossentropy = true, binary_focal_crossentropy = true }
local ONE_HOT = { categorical_crossentropy = true, categorical_focal_crossentropy = true }

--- How labels are written for a loss.
-- @tparam string loss as the engine calls it
-- @treturn ?string "ids", "one-hot" or "yes-no"; nil for losses of no classes
function labels.kind(loss)
  if engine.is_pairwise(loss) then return nil end -- its labels tell samples apart; they are no units
  return engine.wants_class_ids(loss) and "ids" or ONE_HOT[loss] and "one-hot" or YES_NO[loss] and "yes-no" or nil
end

-- How many samples each class has, by id.
local count_ids = memoize(function(ids)
  local counts = {}
  for _, value in ipairs(ids:flatten():totable()) do
    local id = math.tointeger(value)
    if id then counts[id] = (counts[id] or 0) + 1 end
  end
  return counts
end, true)

local count_columns = memoize(function(target)
  local counts = {}
  for i, sum in ipairs(target:astype("float32"):reshape({ -1, target.shape[target.ndim] }):sum(1):totable()) do
    if sum > 0 then counts[i - 1] = sum end
  end
  return counts
end, true)

--- How many samples each class has.
-- @tparam tensor target
-- @tparam string kind see `labels.kind`
-- @treturn {[integer]=number} by class id; those without samples are left out
function labels.count(target, kind)
  return (kind == "one-hot" and count_columns or count_ids)(target)
end

-- ---- the loss -------------------------------------------------------------------------------------------------------

local function check_one_hot(model, node, target, output)
  local sums = facts.sample(target):sum(-1)
  if sums:max() <= 1.01 and sums:min() >= 0.99 then return end
  advice.at(model.compiled_at, node, "loss_and_labels", 'the labels of a sample of the output %s add up to %.3g, but '
    .. '%s wants one class a sample; where several can be true at once use activation = "sigmoid" and '
    .. '"binary_crossentropy"', output.name, sums:max() > 1.01 and sums:max() or sums:min(), output.loss.engine)
end

local function check_loss(model, node, target, output, kind)
  if kind == "ids" or not advice.is_wanted("loss_and_labels", node) then return end
  local low, high = target:min(), target:max()
  if low < 0 or high > 1 then
    advice.at(model.compiled_at, node, "loss_and_labels", "the labels of the output %s run from %g to %g, but %s "
      .. "wants them from 0 to 1; %s", output.name, low, high, output.loss.engine, kind == "yes-no"
        and "for several classes use sparse_categorical_crossentropy"
        or "for class ids use sparse_categorical_crossentropy")
  elseif kind == "one-hot" and target.ndim > 1 then
    check_one_hot(model, node, target, output)
  end
end

-- ---- units ----------------------------------------------------------------------------------------------------------

-- Whether ids are those of the words that the model reads: then unit 0 may stand for padding, or a word be rare.
local function is_vocabulary(model, units)
  for _, node in ipairs(model.order) do
    local layer = node.layer
    if layer.class_name == "Embedding" and layer.arguments.input_dim == units then return true end
  end
  return false
end

-- The lowest and highest id of a set without gaps, and how many samples the rarest has; nil where there are gaps.
local function extent(counts)
  local low, high, rarest, classes = math.huge, -1, math.huge, 0
  for id, count in pairs(counts) do
    low, high, rarest, classes = math.min(low, id), math.max(high, id), math.min(rarest, count), classes + 1
  end
  if classes > 0 and high - low + 1 == classes then return low, high, rarest end
end

local function units_text(low, high, units)
  if low == 1 and high == units - 1 then
    return "unit 0", "class ids count from 0: subtract 1 from them and take one unit less"
  end
  local first = high + 1
  return first == units - 1 and "unit " .. first or ("units %d to %d"):format(first, units - 1),
    ("%d units are enough"):format(first)
end

local function check_units(model, node, output, kind, parts)
  local units = output.shape[#output.shape] or 1
  if kind == "yes-no" or output.loss.arguments.ignore_class ~= nil or units < 2 then return end
  if #output.shape > 1 or not advice.is_wanted("unused_units", node) or is_vocabulary(model, units) then return end
  local counts = {}
  for _, target in ipairs(parts) do
    if kind == "one-hot" and target.ndim ~= 2 then return end
    for id, count in pairs(labels.count(target, kind)) do counts[id] = (counts[id] or 0) + count end
  end
  local low, high, rarest = extent(counts)
  if not low or rarest < FEWEST or low > 1 or low == 0 and high >= units - 1 or low == 1 and high ~= units - 1 then
    return
  end
  local which, remedy = units_text(low, high, units)
  advice.at(model.compiled_at, node, "unused_units", "the output %s has %d units, but the labels run from %d to %d: no "
    .. "label uses %s; %s", output.name, units, low, high, which, remedy)
end

-- ---- weights --------------------------------------------------------------------------------------------------------

-- The ids of the largest and the smallest class.
local function extremes(counts)
  local largest, smallest
  for id, count in pairs(counts) do
    if not largest or count > counts[largest] or count == counts[largest] and id < largest then largest = id end
    if not smallest or count < counts[smallest] or count == counts[smallest] and id < smallest then smallest = id end
  end
  return largest, smallest
end

local function check_weights(model, target, kind, class_weight)
  if type(class_weight) ~= "table" or not advice.is_wanted("class_weight", model) then return end
  local counts = labels.count(target, kind)
  local largest, smallest = extremes(counts)
  if not largest or largest == smallest then return end
  local many, few = counts[largest], counts[smallest]
  local heavy, light = class_weight[largest] or 1, class_weight[smallest] or 1
  if heavy <= light or (many - few) ^ 2 / (many + few) < SURE then return end
  advice.about(model, "class_weight", 'class %d has %d samples and the weight %g, class %d has %d and the weight %g: '
    .. 'this makes the larger class count even more; give the rare class the larger weight, or class_weight = '
    .. '"balanced"', largest, many // 1, heavy, smallest, few // 1, light)
end

--- Looks at the labels of a fit.
-- @tparam table model
-- @tparam table training targets
-- @tparam {table,...} others parts of the data with targets that are held out
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam ?table class_weight as `fit` takes it
function labels.check(model, training, others, outputs, class_weight)
  for i, output in ipairs(outputs) do
    local kind, target = labels.kind(output.loss.engine), training.targets[i]
    if kind then
      check_loss(model, model.outputs[i], target, output, kind)
      local parts = { target }
      for _, part in ipairs(others) do parts[#parts + 1] = part.targets[i] end
      check_units(model, model.outputs[i], output, kind, parts)
      if #outputs == 1 then check_weights(model, target, kind, class_weight) end
    end
  end
end

return labels
