--- What all metrics have in common. The engine adds up; what the sums say is told by each metric's `result_of`.
-- @submodule nn.metrics
local objects = require "engine.objects"
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"

local metrics, family = Family.new("metric", "metrics")

local methods = {}

local Metric = { metrics = metrics, family = family, methods = methods }

-- Raises an error where the metric cannot hold targets of that shape against predictions of that one.
function methods:check_fit(target, prediction, name)
  if not self.engine then
    blame("metrics: %s cannot be watched in training, where no Lua runs: use it alone, on what predict gives", name)
  end
  if not align.fits(target, prediction, self:wants_ids()) then
    blame("metrics: %s does not fit targets of shape %s and an output of shape %s%s", name, align.text(target),
      align.text(prediction), self:wants_ids() and " (it wants one class id a row)" or "")
  end
  local _, axes, in_place = align.to_end(name, self.arguments.axis or -1, #prediction)
  if not in_place or axes > 1 then blame("metrics: %s: in training a metric is taken along the last axis", name) end
  if self.check_width then self:check_width(prediction) end
end

-- Whether targets are class ids, one a row of predictions.
function methods:wants_ids() return self.targets == "ids" end

--- A tensor with its axes in that order, the last ones merged into one.
local function with_axes_last(t, order, axes)
  local moved = t:transpose(order)
  local shape = table.move(moved.shape, 1, moved.ndim - axes, 1, {})
  shape[#shape + 1] = -1
  return align.floats(moved:reshape(shape))
end

-- Targets and predictions as the engine takes them.
function methods:prepare(y_true, y_pred)
  local name, axis = self.class_name, self.arguments.axis or -1
  local prediction = self:wants_ids() and align.floats(y_pred) or align.beside(y_true, y_pred)
  local order, axes, in_place = align.to_end(name, axis, prediction.ndim)
  if in_place and axes == 1 then return align.pair(name, y_true, prediction, self:wants_ids()) end
  if self:wants_ids() then
    return align.pair(name, y_true, align.floats(prediction:transpose(order)), true)
  end
  local target, aligned = align.pair(name, y_true, prediction)
  return with_axes_last(target:reshape(aligned.shape), order, axes), with_axes_last(aligned, order, axes)
end

-- What compares predictions with each other or with thresholds, where NaN has no place.
local COMPARES = {
  threshold_counts = true, class_counts = true, label_counts = true, binary_accuracy = true,
  categorical_accuracy = true, sparse_categorical_accuracy = true, top_k_categorical_accuracy = true,
  sparse_top_k_categorical_accuracy = true,
}

local function check_ranks(self, prediction)
  if COMPARES[self.engine] and prediction.size > 0 and prediction:isnan():max() == 1 then
    blame("%s: update_state: y_pred holds NaN, which is neither above nor below anything", self.class_name)
  end
end

--- Adds a batch.
-- @function metric:update_state
-- @tparam tensor y_true
-- @tparam tensor y_pred
-- @param sample_weight nil, a number, or a tensor whose axes are the first ones of the values that are averaged
-- @usage m:update_state(y_true, y_pred)
function methods:update_state(y_true, y_pred, sample_weight)
  local target, prediction = self:prepare(y_true, y_pred)
  check_ranks(self, prediction)
  local weight
  if sample_weight ~= nil then
    if prediction.ndim == 1 and self.weights ~= "value" then -- one value a sample
      target, prediction = target:reshape { -1, 1 }, prediction:reshape { -1, 1 }
    end
    local shape = prediction.shape
    if self.weights ~= "value" then shape[#shape] = nil end
    weight = align.weights(self.class_name, sample_weight, shape)
  end
  if self.check_width then self:check_width(prediction.shape, target) end
  self.state = self.state or objects.metric(self.engine, self:config(), self.is_loss)
  self.state:update(target, prediction, weight)
end

--- What has been found since the last reset.
-- @function metric:result
-- @treturn number|tensor a tensor where Keras gives an array
-- @usage
-- m:update_state(y, predicted)
-- print(m:result())
function methods:result() return self:result_of(self.state and self.state:sums() or {}) end

--- Forgets everything that was added.
-- @function metric:reset_state
-- @usage m:reset_state()
function methods:reset_state() self.state = nil end

-- A weighted mean: 0 where nothing was added.
function methods:result_of(sums)
  return (sums[2] or 0) ~= 0 and sums[1] / sums[2] or 0.0
end

-- What the metric is the mean of: a tensor with a number for each row of the predictions, or for each of their values
-- where these have weights of their own; nil where the metric is no such mean.
function methods:row_values(y_true, y_pred)
  if not self.engine or self.result_of ~= methods.result_of then return nil end
  local target, prediction = self:prepare(y_true, y_pred)
  if self.is_loss then return objects.loss(self.engine, self:config(), target, prediction, 1) end
  if self.weights == "value" then
    local shape = prediction.shape
    shape[#shape + 1] = 1
    target, prediction = target:reshape(shape), prediction:reshape(shape)
  end
  return objects.metric_values(self.engine, self:config(), target, prediction)
end

-- What a metric's values mean. better: "max" or "min", nil where neither is; low, high: the bounds of its values, nil
-- where there is none; proportion: whether it is a share of the samples, such as an accuracy.
Metric.traits = {
  share = { better = "max", low = 0, high = 1, proportion = true },
  score = { better = "max", low = 0, high = 1 },
  correlation = { better = "max", low = -1, high = 1 },
  explained = { better = "max", high = 1 },
  hits = { better = "max", low = 0 },
  error = { better = "min", low = 0 },
  loss = { better = "min" },
}

local TRAITS = { "better", "low", "high", "proportion" }

-- What a script says of a metric of its own.
-- @tparam string what starts the message of an error
-- @tparam ?table given
-- @treturn table
function Metric.own_traits(what, given)
  if given == nil then return {} end
  arguments.check(given, TRAITS, what .. ": traits")
  if given.better ~= nil and given.better ~= "max" and given.better ~= "min" then
    blame('%s: traits: better: expected "max" or "min", got %s', what, blame.got(given.better))
  end
  return given
end

-- Adds a metric to the family.
-- @tparam table definition class; arguments: in Keras' order, with name and dtype; aliases; engine: what adds up;
-- is_loss: whether that is a loss; targets: "ids" for class ids; weights: "value" where each value may have its own;
-- uses_mask: whether, in a model, rows that a mask leaves out do not count; traits: see `Metric.traits`;
-- config: a function from arguments to the engine's; check: of the arguments; methods: further ones or others
function Metric.define(definition)
  local own = { engine = definition.engine, is_loss = definition.is_loss or false, targets = definition.targets,
    weights = definition.weights, uses_mask = definition.uses_mask, traits = definition.traits or {} }
  -- The engine's arguments.
  function own:config() return definition.config and definition.config(self.arguments) or {} end
  for name, method in pairs(definition.methods or {}) do own[name] = method end
  return family.define {
    class = definition.class, arguments = definition.arguments, aliases = definition.aliases,
    methods = setmetatable(own, { __index = methods }),
    check = function(a, object)
      arguments.check_dtype(definition.class, a.dtype)
      if definition.check then definition.check(a, object) end
      if own.engine then objects.metric(own.engine, object:config(), own.is_loss) end
    end,
  }
end

return Metric
