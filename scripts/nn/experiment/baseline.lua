--- What a model scores that has learned nothing: one that always gives the same answer, or in a series the previous
-- value.
local objects = require "engine.objects"
local lagged = require "nn.experiment.lagged"
local metrics = require "nn.metrics"
local objective = require "nn.experiment.objective"
local Outputs = require "nn.models.outputs"
local stats = require "nn.stats"
local tensor = require "nn.tensor"

local baseline = {}

-- Losses of a distance between numbers, of which the mean is the natural constant answer.
local DISTANCES = {
  mean_squared_error = true, mean_absolute_error = true, mean_absolute_percentage_error = true,
  mean_squared_logarithmic_error = true, huber = true, log_cosh = true, poisson = true,
}
-- The median is the constant with the least mean absolute error; for the others the mean is the honest choice.
local BY_MEDIAN = { mean_absolute_error = true, mean_absolute_percentage_error = true }

local YES_NO = { binary_crossentropy = true, binary_focal_crossentropy = true }
local ONE_HOT = { categorical_crossentropy = true, categorical_focal_crossentropy = true }

local ACCURACY = { BinaryAccuracy = true, CategoricalAccuracy = true, SparseCategoricalAccuracy = true }

local SMALLEST = 1e-7 -- probability, as in Keras' losses

--- What an output is compared with.
-- @tparam table output see nn.models.outputs
-- @tparam tensor target
-- @treturn ?string "ids", "one-hot", "yes-no" or "numbers"; nil where no constant answer suits
function baseline.kind(output, target)
  local loss, width = output.loss.engine, output.shape[1] or 1
  if #output.shape > 1 or objects.is_pairwise(loss) or output.loss.arguments.ignore_class ~= nil then return nil end
  if objects.wants_class_ids(loss) then return "ids" end
  if target.size ~= #target * width then return nil end
  return ONE_HOT[loss] and "one-hot" or YES_NO[loss] and "yes-no" or DISTANCES[loss] and "numbers" or nil
end

-- The share of each class among ids.
local function shares(ids, width)
  local counts, all = {}, ids:flatten():totable()
  for k = 1, width do counts[k] = 0 end
  for _, id in ipairs(all) do counts[id // 1 + 1 | 0] = (counts[id // 1 + 1 | 0] or 0) + 1 / #all end
  return tensor.tensor { counts }
end

local function medians(columns)
  local row = {}
  for k = 1, columns.shape[2] do row[k] = stats.median(columns[{ {}, k }]:totable()) end
  return tensor.tensor { row }
end

local function as_logits(row, kind)
  local p = row:clip(SMALLEST, 1 - SMALLEST)
  return kind == "yes-no" and (p / (1 - p)):log() or p:log()
end

--- The best constant answer that the training targets suggest.
-- @tparam string kind see `baseline.kind`
-- @tparam tensor target of training
-- @tparam integer width of the output
-- @tparam table measure a loss or a metric that it is for
-- @treturn tensor one row of predictions
-- @treturn string what it is: "mean", "median" or "shares" (of the classes, as probabilities)
function baseline.row(kind, target, width, measure)
  if kind == "ids" then
    local row = shares(target, width)
    return measure.arguments.from_logits and as_logits(row, kind) or row, "shares"
  end
  local columns = target:astype("float32"):reshape { #target, -1 }
  if kind == "numbers" and BY_MEDIAN[measure.engine] then return medians(columns), "median" end
  local row = columns:mean { axis = 1 }:reshape { 1, -1 }
  if kind == "numbers" then return row, "mean" end
  return measure.arguments.from_logits and as_logits(row, kind) or row, "shares"
end

-- What a constant answer is called, and the class that it is where the measure counts right classes.
local function name_of(answer, row, measure)
  if not ACCURACY[measure.class_name] then return answer end
  local width = row.shape[2]
  if width == 1 then return "class", row[{ 1, 1 }] > 0.5 and 1 or 0 end
  if measure.class_name == "BinaryAccuracy" then return "labels" end
  return "class", row:argmax { axis = 2 }[1] // 1 | 0
end

-- What computes a metric of the history: the model's loss, or one of its metrics, as a new object.
local function measure_of(output, name, target)
  if name == "loss" then return output.loss end
  for _, entry in ipairs(Outputs.metrics(output, target, #target)) do
    if entry.name == name then return metrics.deserialize(metrics.serialize(entry.metric)) end
  end
end

local function result_of(measure, y_true, y_pred)
  if not measure.update_state then return measure(y_true, y_pred) end
  measure:reset_state()
  local ok = pcall(measure.update_state, measure, y_true, y_pred) -- training tells what a metric refuses
  return ok and measure:result() or nil
end

local function is_number(value) return type(value) == "number" and value - value == 0 end

-- The score of the previous value, where the data are a series.
local function of_series(measure, train, part, truth)
  local previous = lagged.find(train.inputs, train.targets[1])
  return previous and result_of(measure, truth, previous(part.inputs):reshape(truth.shape))
end

--- The score of an answer that needs no learning, by the objective.
-- @tparam table lab the experiment
-- @tparam table model compiled
-- @tparam table part of the data, as of `split.new`
-- @treturn ?table `score`; `answer`: "class" (then `class`, its id), "labels", "shares", "mean", "median" or
-- "previous"; nil where the model has several outputs, or no such answer suits it
function baseline.score(lab, model, part)
  local outputs = model.outputs and part and Outputs.of(model) or {}
  if #outputs ~= 1 or #part.targets ~= 1 or lab.train.is_stream then return nil end
  local output, target, trained = outputs[1], part.targets[1], lab.train.targets[1]
  local kind, width = baseline.kind(output, target), output.shape[1] or 1
  local measure = kind and measure_of(output, (lab.objective:gsub("^val_", ""):gsub("^test_", "")), target)
  if not measure then return nil end
  local row, answer = baseline.row(kind, trained, width, measure)
  local truth = kind == "ids" and target:reshape { -1, 1 } or target:astype("float32"):reshape { -1, width }
  local found = { score = result_of(measure, truth, row * tensor.ones { #truth, 1 }) }
  found.answer, found.class = name_of(answer, row, measure)
  local of_last = kind == "numbers" and width == 1 and of_series(measure, lab.train, part, truth)
  local better = measure.traits and measure.traits.better or "min"
  if is_number(of_last) and objective.better(better, of_last, found.score) then
    found = { answer = "previous", score = of_last }
  end
  return is_number(found.score) and found or nil
end

--- The same on the data that the objective is measured on, for the record.
-- @treturn ?table also `metric`, the objective's name
function baseline.of(lab, model)
  if lab.objective:find "^test_" then return nil end
  local found = baseline.score(lab, model, lab.objective:find "^val_" and lab.validation or lab.train)
  if found then found.metric = lab.objective end
  return found
end

return baseline
