--- Metrics (`nn.metrics`), with Keras' names, arguments and semantics.
--
-- A metric is computed over the whole split from sums, never as an average of batch averages. Usable alone:
-- `local m = nn.metrics.BinaryAccuracy{}; m:update_state(y_true, y_pred, sample_weight); m:result()`; and in
-- `model:compile{ metrics = { "accuracy", nn.metrics.AUC{} } }`, by name or as an object. Every class takes `name`.
-- @module nn.metrics
local arguments = require "nn.support.arguments"
local functions = require "nn.support.functions"
local losses = require "nn.losses"
local Metric = require "nn.metrics.base"
local names = require "nn.support.names"
require "nn.metrics.means"
require "nn.metrics.values"
require "nn.metrics.own"
require "nn.metrics.thresholds"
require "nn.metrics.auc"
require "nn.metrics.scores"
require "nn.metrics.regions"

local metrics, family = Metric.metrics, Metric.family

local ACCURACY = { accuracy = true, acc = true }
local CROSSENTROPY = { crossentropy = true, ce = true }

local function kind_of(prediction, target)
  if prediction[#prediction] == 1 then return "Binary" end
  return (#target < #prediction or target[#target] == 1) and "SparseCategorical" or "Categorical"
end

--- Whether a name means another metric for other shapes of targets and predictions.
-- @function is_by_shape
-- @tparam string value such as "accuracy"
-- @treturn boolean
-- @usage nn.metrics.is_by_shape "accuracy" --> true
function metrics.is_by_shape(value)
  local name = type(value) == "string" and value:lower()
  return name and (ACCURACY[name] or CROSSENTROPY[name]) or false
end

--- The metric that a user's value stands for, and the name it has in the history.
-- @function resolve
-- @param value a name or an object
-- @tparam {integer,...} prediction shape of the predictions, samples first
-- @tparam {integer,...} target shape of the targets
-- @treturn table the metric
-- @treturn string its name in the history: the name as given, or the object's
-- @usage local metric, name = nn.metrics.resolve("accuracy", { 100, 10 }, { 100 })
function metrics.resolve(value, prediction, target)
  if metrics.is_by_shape(value) then
    local what = ACCURACY[value:lower()] and "Accuracy" or "Crossentropy"
    return metrics[kind_of(prediction, target) .. what](), value
  end
  local metric = metrics.get(value)
  if type(value) == "string" then return metric, value end
  metric.arguments.name = metric.arguments.name or names.unique(metric.class_name)
  return metric, metric.arguments.name
end

-- Counts by true and predicted class; see nn.metrics.confusion_matrix.
metrics.confusion_matrix = require "nn.metrics.confusion_matrix"

-- Precision, recall and F1 of each class as a text or a table; see nn.metrics.classification_report.
metrics.classification_report = require "nn.metrics.classification_report"

-- The functions of the losses that are metrics too: one value for each sample.
for _, name in ipairs { "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
  "mean_squared_logarithmic_error", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
  "categorical_focal_crossentropy", "sparse_categorical_crossentropy", "kl_divergence", "poisson", "hinge",
  "squared_hinge", "categorical_hinge", "huber", "log_cosh" } do
  metrics[name] = losses[name]
end

arguments.limit_all(metrics)

-- The functions with a class of the same name.
local class_of = {}
for _, name in ipairs(family.names) do
  local of_samples = rawget(metrics, name)
  if name:find "_" and of_samples then class_of[of_samples] = name end
end

--- The metric that a user's value stands for.
-- `serialize` gives an object's class and arguments as plain values, from which `deserialize` (or `get`) makes another.
-- @function get
-- @param value a name such as "auc", an object, a function of this module or of one's own (y_true, y_pred), or
-- { class_name =, config = }
-- @treturn table the object
-- @raise where there is none of that name; the error tells the nearest
-- @usage
-- local object = nn.metrics.get "auc"
-- print(nn.metrics.deserialize(nn.metrics.serialize(object)).class_name)
function metrics.get(value)
  if type(value) == "function" and not class_of[value] and not family.class_names[value] then
    local metric = metrics.MeanMetricWrapper { value, name = functions.name(value) }
    rawset(metric, "is_unnamed", functions.name(value) == nil)
    return metric
  end
  return family.get(class_of[value] or value, "metrics")
end
metrics.serialize, metrics.deserialize = family.serialize, metrics.get
metrics.family = family

return metrics
