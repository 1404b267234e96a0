--- Metrics of one's own that keep a state: `nn.metrics.Metric:extend`.
--
-- `fit` and `evaluate` call their update_state in Lua after each batch, with its targets and predictions, so a run
-- takes one batch at a time.
-- A metric that is a mean over the samples is faster as a plain function (see MeanMetricWrapper).
-- @submodule nn.metrics
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local initializers = require "nn.initializers"
local Metric = require "nn.metrics.base"
local subclass = require "nn.support.subclass"
local tensor = require "nn.tensor"

local methods = { is_stateful = true }

local read_variable = arguments.options("add_variable", { { "shape", {} }, { "initializer", "zeros" }, { "name" } })

--- Makes a variable that the metric keeps, such as a sum; to be called in `init`. Also `add_weight`.
-- @function counter:add_variable
-- @tparam[opt] table options shape ({}: one number), initializer ("zeros"), name
-- @treturn tensor a variable
-- @usage
-- local Largest = nn.metrics.Metric:extend{ name = "Largest",
--   init = function(self) self.most = self:add_variable() end,
--   update_state = function(self, y_true, y_pred)
--     self.most:assign(nn.ops.maximum(self.most, nn.ops.max(nn.ops.abs(y_true - y_pred))))
--   end,
--   result = function(self) return self.most end }
-- print(Largest{ traits = { better = "min" } })
function methods:add_variable(options)
  local given = read_variable(options)
  local value = initializers.get(given.initializer)(given.shape)
  local variable = require("nn.variable").Variable(value, { name = given.name or "variable", trainable = false })
  local list = self.variables or {}
  self.variables = list
  list[#list + 1] = { variable = variable, start = variable:copy() }
  return variable
end
methods.add_weight = methods.add_variable

-- Sets all variables to what they began with.
function methods:reset_state()
  for _, each in ipairs(self.variables or {}) do each.variable:assign(each.start) end
end

-- Tells its result as a number, or as a tensor if it has several.
function methods:value()
  local result = self:result()
  if tensor.is_tensor(result) then return result.size == 1 and result:item() or result:copy() end
  if type(result) == "number" then return result end
  blame("the metric %s: its result is to return a number or a tensor, got %s", self.name, blame.got(result))
end

-- Its result need not be a mean over the samples.
function methods.row_values() return nil end

-- Any targets and predictions will do; update_state tells.
function methods.check_fit() end

--- A class of metrics from Lua functions. Its objects are made as built-in metrics are, and what they are given becomes
-- fields of `self`.
-- @function Metric:extend
-- @tparam table class name: its name; update_state: function(self, y_true, y_pred, sample_weight), with the
-- tensors of a batch; result: function(self), which gives a number; reset_state (optional): function(self), without
-- which the variables of `add_variable` become what they were at first; init (optional): function(self), called by the
-- constructor
-- @treturn table the class; its constructor also takes name and traits (see MeanMetricWrapper)
-- @usage
-- local Total = nn.metrics.Metric:extend{ name = "Total",
--   init = function(self) self.sum = self:add_variable() end,
--   update_state = function(self, y_true, y_pred) self.sum:assign_add(y_pred:sum()) end,
--   result = function(self) return self.sum end }
-- model:compile{ optimizer = "sgd", loss = "mse", metrics = { Total{} } }
subclass.define(Metric.metrics, "Metric", {
  kind = "metric", required = { "update_state", "result" }, signature = "function(self, ...)", methods = methods,
  check = function(self) rawset(self, "traits", Metric.own_traits(self.class_name, self.arguments.traits)) end,
})
