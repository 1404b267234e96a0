--- Metrics of values that the script computes itself: their mean, their sum.
-- @submodule nn.metrics
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"
local Metric = require "nn.metrics.base"
local value = require "nn.losses.value"

local define, metrics = Metric.define, Metric.metrics

local DTYPE = { "dtype" }

-- Values times their weights, and the weights (nil: none are given).
local function weighted(self, values, sample_weight)
  local floats = align.floats(values)
  if sample_weight == nil then return floats end
  local weight = align.weights(self.class_name, sample_weight, floats.shape)
  return floats * weight, weight
end

-- A sample counts once however many values it has, and so does a batch that has one weight for all.
local function add_to_mean(self, values, sample_weight)
  local floats, weight = weighted(self, values, sample_weight)
  local samples = type(sample_weight) == "number" and 1 or floats.ndim > 0 and #floats or 1
  local each = samples / math.max(floats.size, 1)
  self.total = (self.total or 0) + floats:sum() * each
  self.count = (self.count or 0) + (weight and weight:sum() or floats.size) * each
end

local function add_to_sum(self, values, sample_weight)
  self.total = (self.total or 0) + weighted(self, values, sample_weight):sum()
end

local function mean_of_values(self) return (self.count or 0) ~= 0 and self.total / self.count or 0.0 end

local function forget(self) self.total, self.count = nil, nil end

--- The weighted mean of values: `m:update_state(values, sample_weight)`.
-- @function Mean
-- @usage
-- local m = nn.metrics.Mean{}
-- m:update_state({ 1, 3 })
-- print(m:result())
define {
  class = "Mean", arguments = { { "name", "mean" }, DTYPE },
  methods = {
    update_state = add_to_mean, reset_state = forget,
    result = mean_of_values,
  },
}

--- The weighted sum of values: `m:update_state(values, sample_weight)`.
-- @function Sum
-- @usage
-- local m = nn.metrics.Sum{}
-- m:update_state({ 1, 3 })
-- print(m:result())
define {
  class = "Sum", arguments = { { "name", "sum" }, DTYPE },
  methods = {
    update_state = add_to_sum, reset_state = forget,
    result = function(self) return (self.total or 0) + 0.0 end,
  },
}

-- Where the function of a metric was written.
local function place(self)
  local fn = self.arguments.fn
  return type(fn) == "function" and functions.where(fn) or self.where
end

local function values_of(self, y_true, y_pred)
  return value.compute(self.arguments.fn, "the metric " .. self.name, place(self), y_true, align.floats(y_pred),
    self.arguments.arguments)
end

local own_traits = Metric.own_traits

--- The mean of what a Lua function of (y_true, y_pred, arguments) gives: one number for each sample, or one for all.
-- In compile the function itself will do, and is watched under the name that it was given where it was written. It
-- computes with nn.ops; `fit` calls it once, with symbolic tensors, and watches the graph that it makes.
-- @function MeanMetricWrapper
-- @tparam function fn such as the functions of `nn.losses` and `nn.metrics`
-- @tparam[opt="mean_metric_wrapper"] string name
-- @tparam[opt] table arguments is passed to the function as third argument
-- @tparam[opt] table traits what its values mean: better ("max" or "min"), low, high, proportion (true for a share of
-- the samples). Without `better` nothing is said of which value is better
-- @usage
-- local m = nn.metrics.MeanMetricWrapper{ function(y_true, y_pred) return (y_true - y_pred):abs() end }
-- m:update_state(y_true, y_pred)
-- print(m:result())
define {
  class = "MeanMetricWrapper", engine = "value", uses_mask = true,
  arguments = { { "fn", arguments.required }, { "name", "mean_metric_wrapper" }, DTYPE, { "arguments" }, { "traits" } },
  check = function(a, object)
    local meta = getmetatable(a.fn)
    if type(a.fn) ~= "function" and not (meta and meta.__call) then
      blame("MeanMetricWrapper: fn: expected a function of y_true and y_pred, got %s", blame.got(a.fn))
    end
    rawset(object, "traits", own_traits("MeanMetricWrapper", a.traits))
  end,
  methods = {
    is_traced = true, is_unnamed = false,
    check_fit = function() end, -- tracing tells
    trace = function(self, y_true, y_pred)
      return value.trace(self.arguments.fn, "the metric " .. self.name, place(self), y_true, y_pred,
        self.arguments.arguments)
    end,
    update_state = function(self, y_true, y_pred, sample_weight)
      add_to_mean(self, values_of(self, y_true, y_pred), sample_weight)
    end,
    row_values = function(self, y_true, y_pred)
      local values = values_of(self, y_true, y_pred)
      return values.ndim > 0 and values or nil
    end,
    reset_state = forget,
    result = mean_of_values,
  },
}

return metrics
