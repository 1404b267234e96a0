--- Metrics of values that the script computes itself: their mean, their sum.
-- @submodule nn.metrics
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Metric = require "nn.metrics.base"
local tensor = require "nn.tensor"

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

local function as_tensor(value) return tensor.is_tensor(value) and value or tensor.tensor(value) end

--- The mean of what a Lua function of (y_true, y_pred, arguments) gives: a value for each sample, or for its parts.
-- Training cannot watch it, since the engine calls no Lua: use it alone, on what `predict` gives.
-- @function MeanMetricWrapper
-- @tparam function fn such as the functions of `nn.losses` and `nn.metrics`
-- @tparam[opt="mean_metric_wrapper"] string name
-- @tparam[opt] table arguments is passed to the function as third argument
-- @usage
-- local m = nn.metrics.MeanMetricWrapper{ function(y_true, y_pred) return (y_true - y_pred):abs() end }
-- m:update_state(y_true, y_pred)
-- print(m:result())
define {
  class = "MeanMetricWrapper",
  arguments = { { "fn", arguments.required }, { "name", "mean_metric_wrapper" }, DTYPE, { "arguments" } },
  check = function(a)
    local meta = getmetatable(a.fn)
    if type(a.fn) ~= "function" and not (meta and meta.__call) then
      blame("MeanMetricWrapper: fn: expected a function of y_true and y_pred, got %s", blame.got(a.fn))
    end
  end,
  methods = {
    update_state = function(self, y_true, y_pred, sample_weight)
      local a = self.arguments
      local values = a.fn(as_tensor(y_true), as_tensor(y_pred), a.arguments)
      if type(values) ~= "number" and not tensor.is_tensor(values) then
        blame("MeanMetricWrapper: its function is to give a tensor of values, got %s", blame.got(values))
      end
      add_to_mean(self, values, sample_weight)
    end,
    reset_state = forget,
    result = mean_of_values,
  },
}

return metrics
