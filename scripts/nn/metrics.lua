--- Metrics (`nn.metrics`), with Keras' names and semantics.
--
-- A metric is computed over the whole split from sums, never as an average of batch averages. Usable alone:
-- `local m = nn.metrics.BinaryAccuracy{}; m:update_state(y_true, y_pred); m:result()`.
local objects = require "engine.objects"
local align = require "nn.align"
local Family = require "nn.family"
local losses = require "nn.losses"
local names = require "nn.names"

local metrics, family = Family.new("metric")

local function config_of(list)
  return function(self)
    local values = {}
    for _, entry in ipairs(list) do values[entry[1]] = self.arguments[entry[1]] end
    return values
  end
end

local function with_name(list, name)
  local all = table.move(list, 1, #list, 1, {})
  all[#all + 1] = { "name", name }
  return all
end

--- A metric of the engine.
local function define(class, list, aliases)
  local engine = names.snake_case(class)
  family.define {
    class = class,
    arguments = with_name(list, engine),
    aliases = aliases,
    methods = {
      engine = engine,
      is_loss = false,
      config = config_of(list),
      update_state = function(self, y_true, y_pred)
        self.state = self.state or objects.metric(engine, self:config())
        local target, prediction = align.pair(engine, y_true, y_pred, objects.wants_class_ids(engine))
        self.state:update(target, prediction)
      end,
      result = function(self) return self.state and self.state:result() or 0.0 end,
      reset_state = function(self) self.state = nil end,
    },
  }
end

--- The mean of a loss over all samples.
local function define_mean_loss(class, list, aliases)
  local engine = names.snake_case(class)
  family.define {
    class = class,
    arguments = with_name(list, engine),
    aliases = aliases,
    methods = {
      engine = engine,
      is_loss = true,
      config = config_of(list),
      update_state = function(self, y_true, y_pred)
        local values = losses[engine](y_true, y_pred, self:config())
        self.sum, self.count = (self.sum or 0) + values:sum(), (self.count or 0) + values.size
      end,
      result = function(self) return self.sum and self.sum / self.count or 0.0 end,
      reset_state = function(self) self.sum, self.count = nil, nil end,
    },
  }
end

--- How often (y_pred > threshold) equals y_true.
define("BinaryAccuracy", { { "threshold", 0.5 } })
--- How often the largest prediction stands where the one-hot label has its 1.
define("CategoricalAccuracy", {})
--- How often the largest prediction is that of the class id.
define("SparseCategoricalAccuracy", {})
define_mean_loss("MeanSquaredError", {}, { "mse" })
define_mean_loss("MeanAbsoluteError", {}, { "mae" })
define_mean_loss("BinaryCrossentropy", { { "from_logits", false }, { "label_smoothing", 0 } })
define_mean_loss("CategoricalCrossentropy", { { "from_logits", false }, { "label_smoothing", 0 } })
define_mean_loss("SparseCategoricalCrossentropy", { { "from_logits", false } })

local ACCURACY = { accuracy = true, acc = true, Accuracy = true }

--- What "accuracy" means for predictions and targets of these shapes (keras/trainers/compile_utils.py).
local function accuracy_for(prediction, target)
  if prediction[#prediction] == 1 then return metrics.BinaryAccuracy() end
  if #target < #prediction or target[#target] == 1 then return metrics.SparseCategoricalAccuracy() end
  return metrics.CategoricalAccuracy()
end

--- The metric that a user's value stands for, and the name it has in the history.
-- @param value a name or an object
-- @tparam {integer,...} prediction shape of the predictions, samples first
-- @tparam {integer,...} target shape of the targets
-- @treturn table the metric
-- @treturn string its name in the history: the name as given, or the object's
function metrics.resolve(value, prediction, target)
  if type(value) == "string" and ACCURACY[value] then return accuracy_for(prediction, target), value end
  local metric = family.get(value, "metrics")
  return metric, type(value) == "string" and value or metric.arguments.name
end

--- Counts by true and predicted class; see nn.confusion_matrix.
metrics.confusion_matrix = require "nn.confusion_matrix"

--- The metric that a user's value stands for.
function metrics.get(value) return family.get(value, "metrics") end
metrics.family = family

return metrics
