--- Weights of samples: those a user gives, or those of their classes.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local objects = require "engine.objects"
local tensor = require "nn.tensor"

local sample_weights = {}

local text = align.text

--- How many classes an output tells apart; nil where its loss knows none.
local function class_count(output)
  local width = output.shape[#output.shape]
  if objects.wants_class_ids(output.loss.engine) or width and width > 1 then return width end
  return output.loss.engine == "binary_crossentropy" and 2 or nil
end

--- The class id of each sample, from ids or one-hot rows.
local function class_ids(target, n)
  local is_one_hot = target.ndim > 1 and target.shape[target.ndim] > 1
  if target.ndim > 2 or (not is_one_hot and target.size ~= n) then
    blame("class_weight: targets of shape %s have not one class a sample", text(target.shape))
  end
  if not is_one_hot then
    local ids = align.floats(target:reshape { n })
    if ids:ne(ids:floor()):sum() > 0 then
      blame "class_weight: expected class ids as targets, but y holds numbers that are not whole"
    end
    return ids
  end
  local ones, zeros = target:eq(1):sum { axis = -1 }, target:eq(0):sum()
  if ones:min() ~= 1 or ones:max() ~= 1 or zeros ~= target.size - n then
    blame "class_weight: expected one-hot targets, but rows of y have not exactly one 1"
  end
  return target:argmax { axis = -1 }
end

--- The weights with which each class counts as much as any other: samples / (classes * samples of the class), as in
-- scikit-learn.
local function balanced(ids, n)
  local counts, classes, weights = {}, 0, {}
  for _, id in ipairs(ids:totable()) do
    if not counts[id // 1 | 0] then classes = classes + 1 end
    counts[id // 1 | 0] = (counts[id // 1 | 0] or 0) + 1
  end
  for id, count in pairs(counts) do weights[id] = n / (classes * count) end
  return weights
end

local function check_class_weight(class_weight, ids, classes)
  if type(class_weight) ~= "table" or getmetatable(class_weight) then
    blame('class_weight: expected a table such as { [0] = 1, [1] = 5 }, or "balanced", got %s',
      blame.got(class_weight))
  end
  for id, weight in pairs(class_weight) do
    if math.type(id) ~= "integer" or type(weight) ~= "number" then
      blame("class_weight: expected class ids and numbers, got [%s] = %s", tostring(id), tostring(weight))
    elseif not (weight >= 0 and weight < math.huge) then
      blame("class_weight: [%d]: expected a number of at least 0, got %s", id, tostring(weight))
    elseif classes and (id < 0 or id >= classes) then
      blame("class_weight: there is no class %d: the model has %d classes, whose ids count from 0, so a list of "
        .. "weights begins with [0] = ...", id, classes)
    elseif not classes and ids:eq(id):sum() == 0 then
      blame("class_weight: there is no class %d among the targets", id)
    end
  end
end

--- Weights of the samples by their classes.
local function by_class(class_weight, target, n, output)
  local ids, weights = class_ids(target, n), tensor.ones { n }
  if class_weight == "balanced" then class_weight = balanced(ids, n) end
  check_class_weight(class_weight, ids, class_count(output))
  for id, weight in pairs(class_weight) do weights = weights + ids:eq(id) * (weight - 1) end
  return weights
end

local function check_weights(given, n)
  local weights = align.floats(given)
  if weights.ndim == 0 or #weights ~= n then
    blame("sample_weight: expected a weight for each of %d samples, got shape %s", n, text(weights.shape))
  end
  local sum = weights:sum()
  if sum ~= sum then blame "sample_weight: holds NaN" end
  local shape = weights.shape
  if #shape > 1 and shape[#shape] == 1 then
    shape[#shape] = nil
    return weights:reshape(shape)
  end
  return weights
end

--- Weights of samples: those given, or those of their classes.
-- @param sample_weight nil; a tensor (n), or (n, ...) for the rows of each sample; or for several outputs a list of
-- those, nil for an output without
-- @tparam[opt] table|string class_weight class id -> weight, classes left out weigh 1; or "balanced"
-- @tparam {tensor,...} targets class ids or one-hot labels, one an output
-- @tparam integer n how many samples there are
-- @tparam[opt] {table,...} outputs see nn.models.outputs; for class_weight
-- @treturn {tensor,...}|nil float32, one an output
function sample_weights.of(sample_weight, class_weight, targets, n, outputs)
  if sample_weight == nil and class_weight == nil then return nil end
  if class_weight ~= nil then
    if sample_weight ~= nil then blame "fit: give either class_weight or sample_weight, not both" end
    if #targets > 1 then blame "class_weight is for models with one output; use sample_weight" end
    return { by_class(class_weight, targets[1], n, outputs[1]) }
  end
  local is_list = type(sample_weight) == "table" and tensor.is_tensor((select(2, next(sample_weight))))
  for key in pairs(is_list and sample_weight or {}) do
    if not targets[key] then
      blame("sample_weight: the model has %d outputs, got weights for [%s]", #targets, tostring(key))
    end
  end
  local list = {}
  for i = 1, #targets do
    local given = sample_weight
    if is_list then given = sample_weight[i] end
    list[i] = given ~= nil and check_weights(given, n) or nil
  end
  return list
end

return sample_weights
