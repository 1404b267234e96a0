--- What all losses have in common: how targets, predictions and weights are brought together and
-- reduced.
-- @submodule nn.losses
local registry = require "engine.registry"
local objects = require "engine.objects"
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local fused = require "nn.losses.fused"
local masks = require "nn.losses.masks"
local names = require "nn.support.names"
local recording = require "nn.tape.recording"
local taped = require "nn.losses.taped"
local tensor = require "nn.tensor"

local losses, family = Family.new("loss", "losses")

local Loss = { losses = losses, family = family }

-- Each with its name in the engine, which has no use for "none": training needs a number.
local REDUCTIONS = { sum_over_batch_size = "mean", mean = "mean", sum = "sum",
  mean_with_sample_weight = "mean_with_sample_weight", none = "none" }
Loss.REDUCTIONS = REDUCTIONS

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
  local prediction = class_ids and align.floats(y_pred) or align.beside(y_true, y_pred)
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
  y_pred, values = fused.before(engine, values, axis, y_pred)
  local target, prediction, axes = arrange(engine, axis, y_true, y_pred)
  local result = taped.values(engine, values, target, prediction, axes)
  return result.ndim == 0 and not recording.is_tracked(result) and result:item() or result, target
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
  local sum = taped.sum(values)
  if reduction == "sum" then return sum end
  local by_weight = reduction == "mean_with_sample_weight" and weight
  local divisor
  if by_weight then
    divisor = (counts and weight * counts or weight):sum()
  else
    divisor = counts and counts:sum() or values.size
  end
  return divisor ~= 0 and sum / divisor or sum * 0
end

local function check_axis(class, axis, may_be_several)
  if type(axis) == "table" and not may_be_several then blame("%s: axis: expected one position, got a table", class) end
  for _, a in ipairs(type(axis) == "table" and axis or { axis }) do
    if math.type(a) ~= "integer" or a == 0 then
      blame("%s: axis: expected a position such as 1 or -1, got %s", class, blame.got(a))
    end
  end
end

local methods = {}

-- The engine's arguments.
function methods:config()
  return engine_values(self.arguments, self.lists)
end

-- The axis or axes of one loss; nil: all.
function methods:axis()
  if self.has_axis then return self.arguments.axis end
  return -1
end

-- How training takes this loss.
-- @tparam {integer,...} shape of the predictions, samples first
-- @tparam[opt] tensor weights of the samples
-- @tparam boolean is_training whether gradients are wanted
-- @treturn table the fields of a job's output that tell of the loss
function methods:in_training(shape, weights, is_training)
  local class = self.class_name
  if is_training and weights and objects.is_pairwise(self.engine) then
    blame("%s: it holds samples against each other, so weights of samples are not supported; leave them out", class)
  end
  local _, axes, in_place = align.to_end(class, self:axis(), #shape)
  if not in_place then blame("%s: axis: in training a loss is taken along the last axes", class) end
  local reduction = REDUCTIONS[self.arguments.reduction]
  if reduction == "none" then blame('%s: reduction "none" gives no number that training could make smaller', class) end
  -- Whether the loss of several batches is more than the mean of theirs, so that a batch's size matters.
  local is_of_batch = axes == #shape or reduction == "sum" or self.arguments.ignore_class ~= nil
    or weights ~= nil and reduction == "mean_with_sample_weight" or objects.is_pairwise(self.engine)
  return { loss = self.engine, loss_config = self:config(), reduction = reduction, loss_axes = axes,
    is_of_batch = is_of_batch }
end

function methods:__call(y_true, y_pred, sample_weight)
  local result, target = per_sample(self.engine, self:config(), self:axis(), y_true, y_pred)
  local ignored, counts = self.arguments.ignore_class, nil
  if ignored then
    counts = target:ne(ignored):astype "float32":reshape(result.shape)
  elseif objects.is_pairwise(self.engine) then
    counts = result:ne(0):astype "float32"
  end
  local mask = tensor.is_tensor(result) and masks.beside(y_pred, result.shape)
  if mask then
    counts = counts and counts * mask or mask
    sample_weight = sample_weight and align.weights("loss", sample_weight, result.shape) * mask or mask
  end
  return reduce(result, self.arguments.reduction, sample_weight, counts)
end

-- What the loss is the mean of: a tensor with a number for each row of the predictions; nil where it is no such mean.
function methods:row_values(y_true, y_pred)
  if REDUCTIONS[self.arguments.reduction] ~= "mean" or self.arguments.ignore_class or objects.is_pairwise(self.engine)
  then return nil end
  local values = per_sample(self.engine, self:config(), self:axis(), y_true, y_pred)
  return type(values) ~= "number" and values or nil
end

local class_of = {} -- of the functions

--- A signature with what all classes have.
-- @treturn table for the class: reduction and name follow where the list does not hold them, dtype is last
-- @treturn table for the function: what says how one loss is computed
-- @treturn boolean whether there is an axis
local function signatures(list, name)
  local all, own, has = { table.unpack(list) }, {}, {}
  for _, entry in ipairs(list) do
    has[entry[1]] = true
    if entry[1] == "axis" or not NOT_ENGINES[entry[1]] then own[#own + 1] = entry end
  end
  if not has.reduction then all[#all + 1] = { "reduction", "sum_over_batch_size" } end
  if not has.name then all[#all + 1] = { "name", name } end
  all[#all + 1] = { "dtype" }
  return all, own, has.axis or false
end

local function checker(class, engine, options)
  return function(a, object)
    if not REDUCTIONS[a.reduction] then
      blame("%s: reduction: expected sum_over_batch_size, sum, mean, mean_with_sample_weight or none, got %s", class,
        blame.got(a.reduction))
    end
    if a.axis ~= nil then check_axis(class, a.axis, options.several_axes) end
    if options.check then options.check(a) end
    arguments.check_dtype(class, a.dtype)
    registry.check_loss(engine, object:config(), class)
  end
end

-- Defines a loss of the engine: its class and its function.
-- @tparam string class
-- @tparam table list arguments in Keras' order; reduction and name follow where the list does not hold them
-- @tparam[opt] table options aliases: further names; name: of objects, if not the engine's; lists: names of
-- arguments that may be lists of numbers; check: of the arguments; several_axes: whether axis may be a list
function Loss.define(class, list, options)
  options = options or {}
  local engine, lists = names.snake_case(class), options.lists or {}
  local all, own, has_axis = signatures(list, options.name or engine)
  local construct = family.define {
    class = class, arguments = all, aliases = options.aliases, check = checker(class, engine, options),
    methods = setmetatable({ engine = engine, has_axis = has_axis, lists = lists, __call = methods.__call },
      { __index = methods }),
  }
  local signature = arguments.signature(engine, own)
  local of_samples = arguments.limit(engine, function(y_true, y_pred, given)
    local values, axis = signature(given), -1
    if has_axis then axis = values.axis end
    return (per_sample(engine, engine_values(values, lists), axis, y_true, y_pred))
  end)
  losses[engine] = of_samples
  class_of[of_samples] = construct
  for _, alias in ipairs(options.aliases or {}) do losses[alias] = of_samples end
end

-- Adds the function of a class that is not the engine's to nn.losses.
function Loss.add_function(name, f, construct)
  losses[name], class_of[f] = f, construct
end

-- Whether a value is a function of nn.losses.
function Loss.is_known(value) return class_of[value] ~= nil end

--- The loss that a user's value stands for: a name, an object, or a function of this module.
-- `serialize` gives an object's class and arguments as plain values, from which `deserialize` (or `get`) makes another.
-- @function get
-- @param value a name such as "mse", an object, a function of one's own (y_true, y_pred), or { class_name =, config = }
-- @treturn table the object
-- @raise where there is none of that name; the error tells the nearest
-- @usage
-- local object = nn.losses.get "mse"
-- print(nn.losses.deserialize(nn.losses.serialize(object)).class_name)
function losses.get(value)
  local is_own = type(value) == "function" and not class_of[value] and not family.class_names[value]
  if is_own then return Loss.of_function(value) end
  return family.get(class_of[value] and class_of[value]() or value, "loss")
end
losses.serialize, losses.deserialize = family.serialize, losses.get
losses.family = family

return Loss
