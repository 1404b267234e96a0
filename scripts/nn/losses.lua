--- Losses (`nn.losses`), with Keras' names, defaults and semantics.
--
-- An object gives a number: `nn.losses.MeanSquaredError{}(y_true, y_pred, sample_weight)`; the function of the same name
-- in snake case gives the loss of each sample: `nn.losses.mean_squared_error(y_true, y_pred)`, a tensor of y_pred's shape
-- without its last axis. Shapes that do not fit are errors, never broadcast.
local graph = require "engine.graph"
local objects = require "engine.objects"
local align = require "nn.align"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local Family = require "nn.family"
local names = require "nn.names"
local tensor = require "nn.tensor"

local losses, family = Family.new("loss")

local REDUCTIONS = { sum_over_batch_size = true, sum = true, mean = true, mean_with_sample_weight = true, none = true }

local function per_sample(engine, config, y_true, y_pred)
  local target, prediction = align.pair(engine, y_true, y_pred, objects.wants_class_ids(engine))
  return objects.loss(engine, config, target, prediction)
end

--- Weights as a tensor that stands beside the losses: a number for all, one a sample, or one a loss.
local function weights_for(sample_weight, values)
  if type(sample_weight) == "number" then return tensor.full(values.shape, sample_weight) end
  local weight = align.floats(sample_weight)
  local shape = weight.shape
  if #shape == values.ndim + 1 and shape[#shape] == 1 then shape[#shape] = nil end
  for axis = #shape + 1, values.ndim do shape[axis] = 1 end
  return tensor.zeros(values.shape) + weight:reshape(shape)
end

local function reduce(values, reduction, sample_weight)
  local weight = sample_weight and weights_for(sample_weight, values)
  if weight then values = values * weight end
  if reduction == "none" then return values end
  local sum = values:sum()
  if reduction == "sum" then return sum end
  local count = reduction == "mean_with_sample_weight" and weight and weight:sum() or values.size
  return count > 0 and sum / count or 0.0
end

--- Defines a loss of the engine: its class and its function.
-- @tparam string class
-- @tparam table list arguments before `reduction` and `name`, which all losses have
-- @tparam {string,...} aliases
local function define(class, list, aliases)
  local engine = names.snake_case(class)
  local own = table.move(list, 1, #list, 1, {})
  table.move({ { "reduction", "sum_over_batch_size" }, { "name", engine } }, 1, 2, #own + 1, own)

  local function config(self)
    local values = {}
    for _, entry in ipairs(list) do values[entry[1]] = self.arguments[entry[1]] end
    return values
  end

  family.define {
    class = class,
    arguments = own,
    aliases = aliases,
    check = function(a, object)
      if not REDUCTIONS[a.reduction] then
        blame("%s: reduction: expected sum_over_batch_size, sum, mean, mean_with_sample_weight or none, got %s", class,
          tostring(a.reduction))
      end
      graph.check_loss(engine, config(object), class)
    end,
    methods = {
      engine = engine,
      config = config,
      __call = function(self, y_true, y_pred, sample_weight)
        local values = per_sample(engine, self:config(), y_true, y_pred)
        return reduce(values, self.arguments.reduction, sample_weight)
      end,
    },
  }

  local signature = arguments.signature(engine, list)
  local function of_samples(y_true, y_pred, options)
    return per_sample(engine, signature(options), y_true, y_pred)
  end
  losses[engine] = of_samples
  for _, alias in ipairs(aliases or {}) do losses[alias] = of_samples end
end

--- -log of the probability given to the true class; y_true holds class ids from 0.
define("SparseCategoricalCrossentropy", { { "from_logits", false } })
--- -sum(y log p) for one-hot or soft labels.
define("CategoricalCrossentropy", { { "from_logits", false }, { "label_smoothing", 0 } })
--- Mean of -(y log p + (1 - y) log(1 - p)).
define("BinaryCrossentropy", { { "from_logits", false }, { "label_smoothing", 0 } })
--- Mean of (y - p)^2.
define("MeanSquaredError", {}, { "mse" })
--- Mean of |y - p|.
define("MeanAbsoluteError", {}, { "mae" })

--- The loss that a user's value stands for.
function losses.get(value) return family.get(value, "loss") end
losses.family = family

return losses
