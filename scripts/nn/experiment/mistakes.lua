--- What a classifier gets wrong on the test data: the confusion matrix, and the mistakes that it was most sure of.
local activations = require "nn.activations"
local baseline = require "nn.experiment.baseline"
local Outputs = require "nn.models.outputs"
local plot = require "nn.plot"
local reporting = require "nn.experiment.reporting"
local split = require "nn.experiment.split"
local tensor = require "nn.tensor"

local mistakes = {}

local WORST = 10 -- mistakes shown

-- Predictions as probabilities, where the loss takes them for logits.
local function probabilities(model, predictions)
  local output = tensor.is_tensor(predictions) and model.outputs and #model.outputs == 1 and Outputs.of(model)[1]
  if not output or not output.loss.arguments.from_logits then return predictions end
  return activations[baseline.kind(output, predictions) == "yes-no" and "sigmoid" or "softmax"](predictions)
end

--- Predicted classes and how sure the model was of them.
-- @treturn ?tensor ids, nil where predictions are no classes
-- @treturn tensor probabilities
local function classes_of(predictions)
  if not tensor.is_tensor(predictions) or predictions.ndim ~= 2 then return nil end
  if predictions.shape[2] > 1 then return predictions:argmax { axis = 2 }, predictions:max { axis = 2 } end
  local flat = predictions:flatten()
  if flat:min() < 0 or flat:max() > 1 then return nil end
  local ids = flat:gt(0.5)
  return ids, ids * flat + (1 - ids) * (1 - flat)
end

--- Counts by true class (rows) and predicted class.
local function count_pairs(truth, predicted, classes)
  local matrix = {}
  for i = 1, classes do
    matrix[i] = {}
    for k = 1, classes do matrix[i][k] = 0 end
  end
  for i, id in ipairs(truth) do
    local row, column = matrix[id // 1 + 1 | 0], predicted[i] // 1 + 1 | 0
    row[column] = row[column] + 1
  end
  return matrix
end

local function name_of(lab, id)
  return lab.class_names and lab.class_names[id + 1] or tostring(id)
end

--- Positions of the wrong predictions the model was most sure of.
local function worst_mistakes(truth, predicted, sureness)
  local wrong = {}
  for i, id in ipairs(truth) do
    if id ~= predicted[i] then wrong[#wrong + 1] = i end
  end
  table.sort(wrong, function(a, b)
    if sureness[a] ~= sureness[b] then return sureness[a] > sureness[b] end
    return a < b
  end)
  return table.move(wrong, 1, math.min(#wrong, WORST), 1, {})
end

local function mistakes_figure(lab, wrong, truth, predicted, sureness)
  local captions = {}
  for i, position in ipairs(wrong) do
    captions[i] = ("true %s, predicted %s (%.1f %%)"):format(name_of(lab, truth[position] // 1 | 0),
      name_of(lab, predicted[position] // 1 | 0), 100 * sureness[position])
  end
  return plot.images(split.pictures(lab.test, wrong), {
    captions = captions, caption = "Test samples with a wrong prediction; the most confident ones first",
  })
end

--- Adds the confusion matrix and the worst mistakes, where the targets are classes and the predictions theirs.
-- @tparam table lab the experiment
-- @tparam table entry the section of the manifest: gets `confusion` and figures
-- @tparam table model compiled
-- @param predictions what it makes of the test data
-- @treturn boolean whether they are classes
function mistakes.add(lab, entry, model, predictions)
  predictions = probabilities(model, predictions)
  local ids = #lab.test.targets == 1 and split.class_ids(lab.test.targets[1], lab.class_names ~= nil)
  local predicted, sureness = classes_of(predictions)
  local classes = predicted and math.max(predictions.shape[2], 2)
  if not ids or not predicted or ids:max() >= classes then return false end
  local truth = ids:totable()
  predicted, sureness = predicted:totable(), sureness:totable()
  entry.confusion = count_pairs(truth, predicted, classes)
  local names = lab.class_names and #lab.class_names == classes and lab.class_names or nil
  local function take(markdown) table.insert(entry.figures, markdown) end
  reporting.draw(lab, plot.confusion { matrix = entry.confusion, class_names = names }, "confusion", take)
  local wrong = worst_mistakes(truth, predicted, sureness)
  if #wrong > 0 and split.has_pictures(lab.test) then
    reporting.draw(lab, mistakes_figure(lab, wrong, truth, predicted, sureness), "mistakes", take)
  end
  return true
end

return mistakes
