--- Losses (`nn.losses`), with Keras' names, defaults and semantics.
--
-- An object gives a number: `nn.losses.MeanSquaredError{}(y_true, y_pred, sample_weight)`; the function of the same
-- name in snake case gives the loss of each sample: `nn.losses.mean_squared_error(y_true, y_pred)`, a tensor of y_pred's
-- shape without its last axis. Shapes that do not fit are errors, never broadcast.
--
-- Every class takes `reduction` ("sum_over_batch_size", which is also called "mean"; "sum"; "mean_with_sample_weight";
-- "none": a tensor of all losses) and `name`. Those with an `axis` compute along it, counted from 1 or from the end.
local graph = require "engine.graph"
local objects = require "engine.objects"
local align = require "nn.align"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local Family = require "nn.family"
local names = require "nn.names"
local tensor = require "nn.tensor"

local losses, family = Family.new("loss")

-- Each with its name in the engine, which has no use for "none": training needs a number.
local REDUCTIONS = { sum_over_batch_size = "mean", mean = "mean", sum = "sum",
  mean_with_sample_weight = "mean_with_sample_weight", none = "none" }

-- Arguments of the classes that the engine does not take.
local NOT_ENGINES = { reduction = true, name = true, dtype = true, axis = true }

--- The engine's arguments among those given; `lists` are those it takes as lists of numbers.
local function engine_values(given, lists)
  local values = {}
  for name, value in pairs(given) do
    if not NOT_ENGINES[name] then
      values[name] = lists[name] and tensor.tensor(type(value) == "table" and value or { value }) or value
    end
  end
  return values
end

-- Targets and predictions with the axes of one loss at the end, and how many these are.
local function arrange(engine, axis, y_true, y_pred)
  local class_ids = objects.wants_class_ids(engine)
  local prediction = align.floats(y_pred)
  local order, axes, in_place = align.to_end(engine, axis, prediction.ndim)
  if not in_place and class_ids then
    prediction = align.floats(prediction:transpose(order))
  end
  local target
  target, prediction = align.pair(engine, y_true, prediction, class_ids)
  if not in_place and not class_ids then
    target = target:reshape(prediction.shape)
    target, prediction = align.floats(target:transpose(order)), align.floats(prediction:transpose(order))
  end
  return target, prediction, axes
end

--- One loss for each sample, or for each place that is left without the axes of one loss: a tensor, or a number.
local function per_sample(engine, values, axis, y_true, y_pred)
  local target, prediction, axes = arrange(engine, axis, y_true, y_pred)
  local result = objects.loss(engine, values, target, prediction, axes)
  return result.ndim == 0 and result:item() or result, target
end

--- All losses as one number.
-- @tparam number|tensor values
-- @tparam string reduction
-- @param sample_weight nil, a number, or a tensor
-- @tparam[opt] tensor counts 1 where a loss counts in a mean, 0 where it does not
local function reduce(values, reduction, sample_weight, counts)
  if type(values) == "number" then
    if type(sample_weight or 1) == "number" then return values * (sample_weight or 1) end
    values = tensor.full(align.floats(sample_weight).shape, values)
  end
  local weight = sample_weight and align.weights("loss", sample_weight, values.shape)
  if weight then values = values * weight end
  if reduction == "none" then return values end
  local sum = values:sum()
  if reduction == "sum" then return sum end
  local by_weight = reduction == "mean_with_sample_weight" and weight
  local divisor
  if by_weight then
    divisor = (counts and weight * counts or weight):sum()
  else
    divisor = counts and counts:sum() or values.size
  end
  return divisor ~= 0 and sum / divisor or 0.0
end

local function check_axis(class, axis, may_be_several)
  if type(axis) == "table" and not may_be_several then blame("%s: axis: expected one position, got a table", class) end
  for _, a in ipairs(type(axis) == "table" and axis or { axis }) do
    if math.type(a) ~= "integer" or a == 0 then
      blame("%s: axis: expected a position such as 1 or -1, got %s", class, tostring(a))
    end
  end
end

local methods = {}

--- The engine's arguments.
function methods:config()
  return engine_values(self.arguments, self.lists)
end

--- The axis or axes of one loss; nil: all.
function methods:axis()
  if self.has_axis then return self.arguments.axis end
  return -1
end

--- How training takes this loss.
-- @tparam {integer,...} shape of the predictions, samples first
-- @treturn table the fields of a job's output that tell of the loss
function methods:in_training(shape)
  local class = self.class_name
  local _, axes, in_place = align.to_end(class, self:axis(), #shape)
  if not in_place then blame("%s: axis: in training a loss is taken along the last axes", class) end
  local reduction = REDUCTIONS[self.arguments.reduction]
  if reduction == "none" then blame('%s: reduction "none" gives no number that training could make smaller', class) end
  return { loss = self.engine, loss_config = self:config(), reduction = reduction, loss_axes = axes }
end

function methods:__call(y_true, y_pred, sample_weight)
  local result, target = per_sample(self.engine, self:config(), self:axis(), y_true, y_pred)
  local ignored = self.arguments.ignore_class
  local counts = ignored and target:ne(ignored):astype "float32":reshape(result.shape)
  return reduce(result, self.arguments.reduction, sample_weight, counts)
end

local MEAN = "sum_over_batch_size"
local class_of = {} -- of the functions

--- Defines a loss of the engine: its class and its function.
-- @tparam string class
-- @tparam table list arguments in Keras' order; reduction and name follow where the list does not hold them
-- @tparam[opt] table options aliases: further names; name: of objects, if not the engine's; lists: names of
-- arguments that may be lists of numbers; check: of the arguments; several_axes: whether axis
-- may be a list
local function define(class, list, options)
  options = options or {}
  local engine, lists = names.snake_case(class), options.lists or {}
  local all, own, has_axis, has_reduction = {}, {}, false, false
  for i, entry in ipairs(list) do
    all[i] = entry
    has_axis, has_reduction = has_axis or entry[1] == "axis", has_reduction or entry[1] == "reduction"
    if entry[1] == "axis" or not NOT_ENGINES[entry[1]] then own[#own + 1] = entry end
  end
  if not has_reduction then
    all[#all + 1], all[#all + 2] = { "reduction", MEAN }, { "name", options.name or engine }
  end
  all[#all + 1] = { "dtype" }

  local construct = family.define {
    class = class,
    arguments = all,
    aliases = options.aliases,
    check = function(a, object)
      if not REDUCTIONS[a.reduction] then
        blame("%s: reduction: expected sum_over_batch_size, sum, mean, mean_with_sample_weight or none, got %s", class,
          tostring(a.reduction))
      end
      if a.axis ~= nil then check_axis(class, a.axis, options.several_axes) end
      if options.check then options.check(a) end
      arguments.check_dtype(class, a.dtype)
      graph.check_loss(engine, object:config(), class)
    end,
    methods = setmetatable({ engine = engine, has_axis = has_axis, lists = lists, __call = methods.__call },
      { __index = methods }),
  }

  local signature = arguments.signature(engine, own)
  local function of_samples(y_true, y_pred, given)
    local values, axis = signature(given), -1
    if has_axis then axis = values.axis end
    return (per_sample(engine, engine_values(values, lists), axis, y_true, y_pred))
  end
  losses[engine] = of_samples
  class_of[of_samples] = construct
  for _, alias in ipairs(options.aliases or {}) do losses[alias] = of_samples end
end

local LOGITS, SMOOTHING, AXIS = { "from_logits", false }, { "label_smoothing", 0 }, { "axis", -1 }

-- ---- classes -------------------------------------------------------------------------------------------------------

--- -log of the probability given to the true class; y_true holds class ids from 0. Samples of ignore_class do not
-- count.
-- @usage nn.losses.SparseCategoricalCrossentropy{ from_logits = true, ignore_class = -1 }
define("SparseCategoricalCrossentropy", { LOGITS, { "ignore_class" }, { "reduction", MEAN }, AXIS,
  { "name", "sparse_categorical_crossentropy" } })

--- -sum(y log p) for one-hot or soft labels.
-- @usage nn.losses.CategoricalCrossentropy{ label_smoothing = 0.1 }
define("CategoricalCrossentropy", { LOGITS, SMOOTHING, AXIS })

--- -sum(alpha (1 - p)^gamma y log p): easy cases count little. alpha is a number or a list, one for each class.
-- @usage nn.losses.CategoricalFocalCrossentropy{ gamma = 2 }
define("CategoricalFocalCrossentropy", { { "alpha", 0.25 }, { "gamma", 2.0 }, LOGITS, SMOOTHING, AXIS }, {
  lists = { alpha = true },
})

--- (1 - p^q) / q for the probability p of the true class, a class id: robust against wrong labels.
-- @usage nn.losses.CategoricalGeneralizedCrossEntropy{ q = 0.7 }
define("CategoricalGeneralizedCrossEntropy", { { "q", 0.5 } }, {
  check = function(a)
    if type(a.q) ~= "number" or not (a.q > 0 and a.q < 1) then
      blame("CategoricalGeneralizedCrossEntropy: q: expected a number between 0 and 1, got %s", tostring(a.q))
    end
  end,
})

--- Mean of -(y log p + (1 - y) log(1 - p)).
-- @usage nn.losses.BinaryCrossentropy{ from_logits = true }
define("BinaryCrossentropy", { LOGITS, SMOOTHING, AXIS }, { aliases = { "bce" } })

--- Binary cross-entropy times (1 - p_t)^gamma, where p_t is the probability of the true label; with
-- apply_class_balancing also times alpha for label 1 and 1 - alpha for label 0.
-- @usage nn.losses.BinaryFocalCrossentropy{ gamma = 2 }
define("BinaryFocalCrossentropy", { { "apply_class_balancing", false }, { "alpha", 0.25 }, { "gamma", 2.0 }, LOGITS,
  SMOOTHING, AXIS })

--- Mean of (y - p)^2.
define("MeanSquaredError", {}, { aliases = { "mse" } })

--- Mean of |y - p|.
define("MeanAbsoluteError", {}, { aliases = { "mae" } })

--- Mean of 100 |y - p| / |y|.
define("MeanAbsolutePercentageError", {}, { aliases = { "mape" } })

--- Mean of (log(y + 1) - log(p + 1))^2.
define("MeanSquaredLogarithmicError", {}, { aliases = { "msle" } })

--- Mean of e^2 / 2 for errors up to delta, beyond it growing only linearly.
-- @usage nn.losses.Huber{ delta = 1.5 }
define("Huber", { { "delta", 1.0 } }, { name = "huber_loss" })

--- Mean of log(cosh(p - y)).
define("LogCosh", {}, { aliases = { "logcosh" } })

--- Minus the cosine of the angle between y and p.
-- @usage nn.losses.CosineSimilarity{ axis = 1 }
define("CosineSimilarity", { AXIS })

--- sum(y log(y / p)).
define("KLDivergence", {}, { aliases = { "kld", "kullback_leibler_divergence" } })

--- Mean of p - y log(p).
define("Poisson", {})

--- Mean of max(1 - y p, 0) for labels of -1 and 1; labels of 0 and 1 are made such.
define("Hinge", {})

--- Mean of max(1 - y p, 0)^2; labels as for Hinge.
define("SquaredHinge", {})

--- max(neg - pos + 1, 0) with neg = max((1 - y) p) and pos = sum(y p).
define("CategoricalHinge", {})

--- 1 - 2 sum(y p) / (sum(y) + sum(p)), along the axes named by axis; without them one number for the whole batch.
-- @usage nn.losses.Dice{ axis = { 2, 3, 4 } }
define("Dice", { { "reduction", MEAN }, { "name", "dice" }, { "axis" } }, { several_axes = true })

--- As Dice, with alpha weighing what was predicted wrongly and beta what was missed.
-- @usage nn.losses.Tversky{ alpha = 0.3, beta = 0.7 }
define("Tversky", { { "alpha", 0.5 }, { "beta", 0.5 }, { "reduction", MEAN }, { "name", "tversky" }, { "axis" } }, {
  several_axes = true,
})

--- The loss that a user's value stands for: a name, an object, or a function of this module.
function losses.get(value)
  return family.get(class_of[value] and class_of[value]() or value, "loss")
end
losses.family = family

return losses
