--- Losses of one's own: a function of targets and predictions, or a class that `nn.losses.Loss:extend` gives.
--
-- Both compute with nn.ops and arithmetic. `fit` calls the function once, with symbolic tensors, and what it does
-- becomes part of the graph that is trained, at the speed of built-in losses. Called on tensors it computes at once.
-- @submodule nn.losses
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"
local invoke = require "nn.support.invoke"
local Loss = require "nn.losses.base"
local masks = require "nn.losses.masks"
local recording = require "nn.tape.recording"
local subclass = require "nn.support.subclass"
local tensor = require "nn.tensor"
local value = require "nn.losses.value"

local methods = { engine = "value", is_own = true }

-- ---- in training ---------------------------------------------------------------------------------------------------

-- The engine's arguments: none, as the graph computes the loss.
function methods.config() return {} end

-- How training takes this loss; see Loss.methods.
function methods:in_training()
  local reduction = Loss.REDUCTIONS[self.arguments.reduction]
  if reduction == "none" then
    blame('%s: reduction "none" gives no number that training could make smaller', self.class_name)
  end
  return { loss = "value", loss_config = {}, reduction = reduction, loss_axes = 0, is_value = true,
    is_of_batch = reduction ~= "mean" }
end

-- What messages call the loss, and where its function was written.
local function place(self) return "the loss " .. self.name, functions.where(self:call_of()) end

-- The loss as a value of a graph.
-- @tparam symbolic y_true
-- @tparam symbolic y_pred
-- @treturn symbolic
function methods:trace(y_true, y_pred)
  local title, where = place(self)
  return value.trace(self:bound_call(), title, where, y_true, y_pred)
end

-- ---- on tensors ----------------------------------------------------------------------------------------------------

local function reduce(values, reduction, sample_weight, mask)
  local ops = require "nn.ops"
  local weights = sample_weight ~= nil and align.weights("loss", sample_weight,
    values.ndim == 0 and type(sample_weight) ~= "number" and align.floats(sample_weight).shape or values.shape)
  if mask then weights = weights and weights * mask or mask end
  if weights then values = ops.multiply(values, weights) end
  if reduction == "none" then return values end
  if reduction == "sum" then return ops.sum(values) end
  if reduction == "mean_with_sample_weight" and weights then
    local sum = weights:sum()
    return sum ~= 0 and ops.sum(values) / sum or ops.sum(values) * 0
  end
  if mask then return ops.sum(values) / math.max(mask:sum(), 1) end
  return ops.mean(values)
end

function methods:__call(y_true, y_pred, sample_weight)
  local title, where = place(self)
  local prediction = tensor.is_tensor(y_pred) and y_pred or align.floats(y_pred)
  local values = value.compute(self:bound_call(), title, where, y_true, prediction)
  local result = reduce(values, Loss.REDUCTIONS[self.arguments.reduction], sample_weight,
    masks.beside(y_pred, values.shape))
  return result.ndim > 0 and result or recording.is_tracked(result) and result or result:item()
end

-- What the loss is the mean of; see Loss.methods.
function methods:row_values(y_true, y_pred)
  if Loss.REDUCTIONS[self.arguments.reduction] ~= "mean" then return nil end
  local title, where = place(self)
  local values = value.compute(self:bound_call(), title, where, y_true, y_pred)
  return values.ndim > 0 and values or nil
end

local function check_reduction(class, reduction)
  if not Loss.REDUCTIONS[reduction] then
    blame("%s: reduction: expected sum_over_batch_size, sum, mean, mean_with_sample_weight or none, got %s", class,
      blame.got(reduction))
  end
end

-- What losses can do whose function is told by the object.
-- @tparam function call_of of the object -> function(y_true, y_pred)
local function of_call(call_of)
  return setmetatable({ call_of = call_of, bound_call = call_of, __call = methods.__call }, { __index = methods })
end

-- ---- functions -----------------------------------------------------------------------------------------------------

local of_function = of_call(function(self) return self.arguments.fn end)

--- A Lua function of (y_true, y_pred) as a loss, for a reduction or a name of its own; elsewhere the function itself
-- will do. It gives one number for each sample, or one for all.
-- @function LossFunctionWrapper
-- @tparam function fn computes with nn.ops
-- @tparam[opt="sum_over_batch_size"] string reduction
-- @tparam[opt] string name that of the function where it was written
-- @usage
-- local function absolute(y_true, y_pred) return nn.ops.mean(nn.ops.abs(y_true - y_pred), { axis = -1 }) end
-- local loss = nn.losses.LossFunctionWrapper{ absolute, reduction = "sum" }
-- model:compile{ optimizer = "adam", loss = absolute }
local wrap = Loss.family.define {
  class = "LossFunctionWrapper", methods = of_function,
  arguments = { { "fn", arguments.required }, { "reduction", "sum_over_batch_size" }, { "name" }, { "dtype" } },
  check = function(a)
    if type(a.fn) ~= "function" then
      blame("LossFunctionWrapper: fn: expected a function of y_true and y_pred, got %s", blame.got(a.fn))
    end
    check_reduction("LossFunctionWrapper", a.reduction)
    a.name = a.name or functions.name(a.fn)
  end,
}

-- The loss that a function of the script's stands for.
function Loss.of_function(f) return wrap { f } end

-- ---- classes -------------------------------------------------------------------------------------------------------

local of_class = setmetatable({
  call_of = function(self) return self.definition.call end,
  bound_call = function(self)
    return function(y_true, y_pred) return invoke(self.definition.call, self, y_true, y_pred) end
  end,
}, { __index = methods })

--- A class of losses from a Lua function. Its objects are made as built-in losses are, `MyLoss{ delta = 2 }`, and what
-- they are given becomes fields of `self`. Further functions of the definition become methods.
-- @function Loss:extend
-- @tparam table class name: its name; call: function(self, y_true, y_pred), which computes with nn.ops one
-- number for each sample, or one for all; init (optional): function(self), called by the constructor
-- @treturn table the class; its constructor also takes reduction and name
-- @usage
-- local Huberish = nn.losses.Loss:extend{ name = "Huberish",
--   call = function(self, y_true, y_pred)
--     local error = nn.ops.abs(y_true - y_pred)
--     return nn.ops.mean(nn.ops.where(nn.ops.less(error, self.delta), error ^ 2, error), { axis = -1 })
--   end }
-- model:compile{ optimizer = "adam", loss = Huberish{ delta = 1 } }
subclass.define(Loss.losses, "Loss", {
  kind = "loss", required = { "call" }, signature = "function(self, y_true, y_pred)", methods = of_class,
  call = methods.__call, defaults = { reduction = "sum_over_batch_size" },
  check = function(self) check_reduction(self.class_name, self.arguments.reduction) end,
})

return { of_call = of_call, check_reduction = check_reduction }
