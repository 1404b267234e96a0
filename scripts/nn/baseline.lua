--- What a regression scores that has learned nothing: one that always answers the mean, or the median, of the training
-- targets.
local compile = require "nn.models.compile"
local metrics = require "nn.metrics"
local stats = require "nn.stats"
local tensor = require "nn.tensor"

local baseline = {}

-- Losses of a distance between numbers, which are not those of classes.
local DISTANCES = {
  mean_squared_error = true, mean_absolute_error = true, mean_absolute_percentage_error = true,
  mean_squared_logarithmic_error = true, huber = true, log_cosh = true,
}
-- The median is the constant with the least mean absolute error; for the others the mean is the honest choice.
local BY_MEDIAN = { mean_absolute_error = true, mean_absolute_percentage_error = true }

-- One row with the constant answer for each column of the targets.
local function constants(targets, answer)
  local columns = targets:astype("float32"):reshape { #targets, -1 }
  if answer == "mean" then return columns:mean { axis = 1 }:reshape { 1, -1 } end
  local row = {}
  for k = 1, columns.shape[2] do row[k] = stats.median(columns[{ {}, k }]:totable()) end
  return tensor.tensor { row }
end

-- What computes the objective: the model's loss, or one of its metrics, as a new object.
local function measure_of(output, name)
  if name == "loss" then return output.loss end
  for _, entry in ipairs(output.metrics) do
    local metric = not metrics.is_by_shape(entry.metric) and metrics.get(entry.metric)
    if metric and (entry.metric == name or metric.name == name) then
      return metrics.deserialize(metrics.serialize(metric))
    end
  end
end

local function result_of(measure, y_true, y_pred)
  if not measure.update_state then return measure(y_true, y_pred) end
  measure:update_state(y_true, y_pred)
  return measure:result()
end

--- The score of a constant answer by the objective.
-- @tparam table lab the experiment
-- @tparam table model compiled; with one output that is compared with numbers by a distance
-- @tparam table part of the data, as of `split.new`
-- @treturn ?table `answer` ("mean" or "median"), `score`; nil where the model is no such regression
function baseline.score(lab, model, part)
  local outputs = model.outputs and part and compile.outputs(model) or {}
  if #outputs ~= 1 or #part.targets ~= 1 or not DISTANCES[outputs[1].loss.engine] then return nil end
  local measure = measure_of(outputs[1], (lab.objective:gsub("^val_", ""):gsub("^test_", "")))
  local width = outputs[1].shape[1] or 1
  if not measure or #outputs[1].shape > 1 or part.targets[1].size ~= #part.targets[1] * width then return nil end
  local answer = BY_MEDIAN[measure.engine] and "median" or "mean"
  local truth = part.targets[1]:astype("float32"):reshape { -1, width }
  local score = result_of(measure, truth, constants(lab.train.targets[1], answer) * tensor.ones { #truth, 1 })
  return type(score) == "number" and score - score == 0 and { answer = answer, score = score } or nil
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
