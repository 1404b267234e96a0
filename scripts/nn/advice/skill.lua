--- Advice on what a trained model predicts: always the same class, or nothing better than an answer that needs no
-- learning (see `nn.baseline`). Judged on validation data, where there are any.
local advice = require "nn.advice"
local baseline = require "nn.experiment.baseline"
local lagged = require "nn.experiment.lagged"
local losses = require "nn.losses"
local tensor = require "nn.tensor"

local skill = {}

-- How many rows are predicted, and by how many standard errors a model must be better than the constant answer. A
-- clear result ends the test after few rows; otherwise the last stage decides. A model that has learned nothing passes
-- it by chance once in twenty times.
local STAGES = { { rows = 500, sure = 4 }, { rows = 5000, sure = 1.645 } }
local FEWEST = 20    -- rows, for a test
local FEWEST_SEEN = 3 -- samples of other classes than the one that is always predicted
local FAR = 6        -- standard errors, where there is no doubt

-- Rows at equal distances, of all tensors the same.
local function sample(tensors, n, rows)
  if n <= rows then return tensors end
  local positions, some = {}, {}
  for i = 1, rows do positions[i] = 1 + (i - 1) * n // rows end
  for k, t in ipairs(tensors) do some[k] = t:gather(positions) end
  return some
end

-- ---- classes --------------------------------------------------------------------------------------------------------

-- The class ids of targets and of predictions; nil where the targets are no classes.
local function classes_of(kind, output, target, predicted)
  if kind == "one-hot" then return target:argmax { axis = 2 }, predicted:argmax { axis = 2 } end
  if kind == "ids" then return target:flatten(), predicted:argmax { axis = 2 } end
  local truth = target:flatten()
  if (output.shape[1] or 1) > 1 or truth:eq(0):sum() + truth:eq(1):sum() < truth.size then return nil end
  return truth, predicted:flatten():gt(output.loss.arguments.from_logits and 0 or 0.5)
end

-- The class that most training samples have.
local function most_frequent(row)
  if row.shape[2] == 1 then return row[{ 1, 1 }] > 0.5 and 1 or 0 end
  return row:argmax { axis = 2 }[1] // 1 | 0
end

local function measures_accuracy(output)
  if #output.metrics == 0 then return true end
  for _, entry in ipairs(output.metrics) do
    local name = type(entry.given) == "table" and entry.given.class_name or entry.given
    if type(name) == "string" and name:lower():find "acc" then return true end
  end
  return false
end

local function is_one_class(truth, ids)
  return ids:min() == ids:max() and truth:ne(ids[1]):sum() >= FEWEST_SEEN
end

-- Whether the model is right more often than a constant answer, by more than chance: of the samples where only one of
-- the two is right (McNemar, Psychometrika 12, 1947).
local function is_more_often_right(truth, ids, constant, sure)
  local right, base = truth:eq(ids), truth:eq(constant)
  local won, lost = (right * (1 - base)):sum(), (base * (1 - right)):sum()
  return won - lost > sure * math.sqrt(won + lost), right:mean(), base:mean()
end

-- ---- losses ---------------------------------------------------------------------------------------------------------

-- The loss of each sample.
local function each_loss(loss, truth, predicted)
  local stored = losses.serialize(loss)
  stored.config.reduction = "none"
  local values = losses.deserialize(stored)(truth, predicted)
  return values:reshape({ #predicted, -1 }):mean { axis = 2 }
end

-- Whether some losses are lower than others of the same samples, by more than chance (a paired test).
local function is_lower(values, others, sure)
  local gain = others - values
  local mean, sd = gain:mean(), gain:std()
  return mean > sure * sd / math.sqrt(#gain), values:mean(), others:mean()
end

-- ---- what is said ---------------------------------------------------------------------------------------------------

local REMEDY = "; see that labels belong to their samples and that inputs tell something about them, train longer or "
  .. "with a larger learning rate"

local function one_class(case, truth, ids)
  local id = ids[1] // 1 | 0
  local share = truth:eq(id):mean()
  return { name = "one_class", node = case.node, size = 1 - share, text = ("the output %s predicts class %d for all of "
    .. "%d %s samples, of which %.4g %% are of that class; lower the learning rate, scale the inputs, or weigh classes "
    .. "by class_weight"):format(case.output.name, id, #truth, case.part, 100 * share) }
end

-- What is better by no more than chance is said to be so.
local function no_better(case, what, measured, score, base)
  local seems_better = measured == "loss" and score < base or measured == "accuracy" and score > base
  return { name = "no_better", node = case.node, size = math.abs(score - base), text = ("the output %s is %s than %s: "
    .. "its %s %s is %.4f, that of the answer %.4f, on %d samples%s"):format(case.output.name,
    seems_better and "not clearly better" or "no better", what, case.part, measured, score, base, #case.target,
    REMEDY) }
end

local ANSWERS = { mean = "the mean of the training targets", median = "the median of the training targets",
  shares = "the shares of the classes" }

-- What is wrong with the classes that are predicted, and whether that settles the matter.
local function look_at_classes(case)
  local truth, ids = classes_of(case.kind, case.output, case.target, case.predicted)
  if not truth then return nil, false end
  if is_one_class(truth, ids) then return one_class(case, truth, ids), true end
  if case.is_weighted then return nil, true end -- it was not to be right most often
  local id = most_frequent((baseline.row(case.kind, case.trained, case.width, { arguments = {} })))
  local is_better, score, base = is_more_often_right(truth, ids, id, case.sure)
  if is_better then return nil, true end
  if not measures_accuracy(case.output) then return nil, false end
  return no_better(case, ("always answering class %d"):format(id), "accuracy", score, base), true
end

local function look_at_loss(case)
  local loss = case.output.loss
  local row, answer = baseline.row(case.kind, case.trained, case.width, loss)
  local own = each_loss(loss, case.target, case.predicted)
  local constant = each_loss(loss, case.target, row * tensor.ones { #case.target, 1 })
  local is_better, score, base = is_lower(own, constant, case.sure)
  if not is_better then return no_better(case, "always answering " .. ANSWERS[answer], "loss", score, base) end
  if not case.previous or case.kind ~= "numbers" or case.width > 1 then return nil end
  local repeated = each_loss(loss, case.target, case.previous:reshape { -1, 1 })
  is_better, score, base = is_lower(own, repeated, case.sure)
  return not is_better and no_better(case, "answering the previous value", "loss", score, base) or nil
end

local function look_at(case)
  case.kind = baseline.kind(case.output, case.target)
  if not case.kind then return nil end
  if case.kind == "numbers" then return look_at_loss(case) end
  local found, is_settled = look_at_classes(case)
  return is_settled and found or not is_settled and look_at_loss(case) or nil
end

-- ---- what the history tells -----------------------------------------------------------------------------------------

-- The accuracy in the history; nil where a name that stands for it was not given.
local function logged_accuracy(output, last)
  for _, entry in ipairs(output.metrics) do
    local value = (entry.given == "accuracy" or entry.given == "acc") and last(entry.given)
    if value then return value end
  end
end

-- Whether the history shows that a classifier is far better than a constant answer, so that it need not predict.
local function is_far_better(output, trained, target, last)
  local kind, n = baseline.kind(output, target), #target
  local accuracy = kind and kind ~= "numbers" and logged_accuracy(output, last)
  if not accuracy or kind == "yes-no" and target.size > n then return false end
  local id = most_frequent((baseline.row(kind, trained, output.shape[1] or 1, { arguments = {} })))
  local ids = kind == "one-hot" and target:argmax { axis = 2 } or target
  local base = ids:eq(id):mean()
  return accuracy - base > FAR * math.sqrt(base * (1 - base) / n)
end

local function say(found)
  local piece = advice.about(found.node, found.name, "%s", found.text)
  if piece then piece.size = found.size end
end

-- What is wrong with the predictions of some rows, by output.
local function look(model, training, part, outputs, how)
  local n = #part.inputs[1]
  local inputs, targets = sample(part.inputs, n, how.rows), sample(part.targets, n, how.rows)
  local predicted, list = require("nn.models.evaluation").outputs(model, inputs), {}
  for i, output in ipairs(outputs) do
    list[#list + 1] = look_at { node = model.outputs[i], output = output, width = output.shape[1] or 1,
      target = targets[i], trained = training.targets[i], predicted = predicted[i], is_weighted = how.is_weighted,
      part = how.part, sure = how.sure, previous = how.previous and how.previous(inputs) }
  end
  return list
end

--- Looks at what a trained model predicts.
-- @tparam table model
-- @tparam table training inputs, targets
-- @tparam ?table held_out the validation data, likewise
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam boolean is_weighted whether samples or classes were weighted
-- @tparam {[string]={number,...},...} history of the fit
function skill.check(model, training, held_out, outputs, is_weighted, history)
  local part = held_out or training
  local n = #part.inputs[1]
  if n < FEWEST then return end
  local function last(name)
    local values = history[(held_out and "val_" or "") .. name]
    return values and values[#values]
  end
  if #outputs == 1 and is_far_better(outputs[1], training.targets[1], part.targets[1], last) then return end
  local previous = #outputs == 1 and baseline.kind(outputs[1], part.targets[1]) == "numbers"
    and lagged.find(training.inputs, training.targets[1])
  local found
  for _, stage in ipairs(STAGES) do
    found = look(model, training, part, outputs, { rows = stage.rows, sure = n > stage.rows and stage.sure
      or STAGES[#STAGES].sure, previous = previous, is_weighted = is_weighted,
      part = held_out and "validation" or "training" })
    if #found == 0 or n <= stage.rows then break end
  end
  for _, each in ipairs(found) do say(each) end
end

return skill
