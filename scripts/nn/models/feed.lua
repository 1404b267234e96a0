--- From what a user passes as x and y to tensors an engine job can run on.
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local objects = require "engine.objects"
local tensor = require "nn.tensor"

local feed = {}

local text = align.text

--- A tensor of what may be a tensor or a nested table, contiguous.
local function as_tensor(value, what)
  if value == nil then blame("%s is missing (nil)", what) end
  local t = tensor.is_tensor(value) and value or tensor.tensor(value)
  if t.ndim == 0 then blame("%s: expected a tensor with an axis of samples, got a single number", what) end
  if t.shape[1] == 0 then blame("%s has no samples (shape %s)", what, text(t.shape)) end
  return t:contiguous()
end

--- The values of a table by names, in their order; the value itself where it is no such table.
local function in_order(value, names, what)
  if type(value) ~= "table" or tensor.is_tensor(value) or #value > 0 or next(value) == nil then return value end
  arguments.check(value, names, what)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = value[name]
    if list[i] == nil then blame("%s: %s is missing", what, name) end
  end
  return list
end

-- "1 input", "2 outputs".
local function counted(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function blame_count(count, given, noun, what)
  local call, name = what:match "^(.-: )(.*)$"
  blame("%sthe model has %s, but %s holds %s%s", call or "", counted(count, noun), name or what,
    counted(given, "tensor"), count == 1 and noun == "input" and given == 2 and call == "fit: "
    and "; x and y are two arguments: model:fit(x, y, { ... })" or "")
end

--- A list of tensors from one tensor, a list of them, or a table of them by the names of the model's inputs or outputs.
-- @tparam string noun "input" or "output"
local function list_of(value, names, noun, what)
  if value == nil then blame("%s is missing (nil)", what) end
  local count, named = #names, in_order(value, names, what)
  local is_list = named ~= value
    or type(value) == "table" and not tensor.is_tensor(value) and tensor.is_tensor((select(2, next(value))))
  local list = is_list and named or { value }
  if is_list then arguments.check_list(what, list) end
  if #list ~= count then blame_count(count, #list, noun, what) end
  local tensors = {}
  for i = 1, count do tensors[i] = as_tensor(list[i], count == 1 and what or ("%s[%d]"):format(what, i)) end
  return tensors
end

local function sample_shape(t)
  return table.move(t.shape, 2, t.ndim, 1, {})
end

local function listed(shape) return ("{ %s }"):format(table.concat(shape, ", ")) end

local function product(shape)
  local count = 1
  for _, length in ipairs(shape) do count = count * length end
  return count
end

-- What to do where samples have another shape than the model's: a sample without the axis that counts samples, or the
-- same numbers in another arrangement.
local function input_hint(given, sample, shape)
  if align.same(given, shape) then
    return ("; one sample keeps the axis of samples as x[{ { i, i } }] instead of x[i], or by x:reshape%s"):format(
      listed { 1, table.unpack(shape) })
  elseif product(sample) ~= product(shape) then
    return ""
  end
  return ("; %sx:reshape%s has that shape"):format(
    #shape == 1 and ("begin the model with Flatten{ input_shape = %s }, or: "):format(listed(sample)) or "",
    listed { -1, table.unpack(shape) })
end

--- Fits one input's data: the sample's shape exactly, or but for a last axis of 1.
local function fit_input(t, shape, name, what)
  local sample = sample_shape(t)
  local with_1 = table.move(sample, 1, #sample, 1, {})
  with_1[#with_1 + 1] = 1
  if align.same(sample, shape) or align.same(with_1, shape) then return t end
  if sample[#sample] == 1 and align.same(table.move(sample, 1, #sample - 1, 1, {}), shape) then return t end
  blame("%s: input %s wants samples of %s, got %s (a tensor of %s)%s", what, name, text(shape), text(sample),
    text(t.shape), input_hint(t.shape, sample, shape))
end

--- The data of a model's inputs.
-- @tparam table model built; or a Sequential without a declared input, which is built for the shape of x
-- @param x a tensor (n, ...), or a list of them for several inputs
-- @tparam string what names x in messages
-- @treturn {tensor,...} one an input
-- @treturn integer how many samples
function feed.inputs(model, x, what)
  if not model.outputs and model.build then model:build(sample_shape(as_tensor(x, what))) end
  model:require_built(what)
  local tensors = list_of(x, model.input_names, "input", what)
  for i, input in ipairs(model.inputs) do
    tensors[i] = fit_input(tensors[i], input.shape, input.layer.name, what)
    if #tensors[i] ~= #tensors[1] then
      blame("%s: inputs have different numbers of samples: %d and %d", what, #tensors[1], #tensors[i])
    end
  end
  return tensors, #tensors[1]
end

-- Whether targets are one number for each row of an output of several, as class ids are.
local function is_one_a_row(target, output)
  return output[#output] > 1 and align.fits(target, output, true)
end

local function hint(target, output, class_ids)
  if class_ids and align.same(target, output) then
    return "; for one-hot labels use categorical_crossentropy"
  elseif not class_ids and is_one_a_row(target, output) then
    return "; for class ids use sparse_categorical_crossentropy"
  elseif #output > 2 then
    return "; is a Flatten{} missing before the Dense layers?"
  end
  return ""
end

--- The targets of a model's outputs.
-- @tparam {table,...} outputs as compile.outputs gives them
-- @param y a tensor (n, ...), or a list of them for several outputs
-- @tparam integer n how many samples x has
function feed.targets(outputs, y, n, what)
  local names = {}
  for i, output in ipairs(outputs) do names[i] = output.name end
  local tensors = list_of(y, names, "output", what)
  for i, output in ipairs(outputs) do
    local target, shape = tensors[i], { n, table.unpack(output.shape) }
    if #target ~= n then blame("%s has %d samples, x has %d", what, #target, n) end
    local class_ids = objects.wants_class_ids(output.loss.engine)
    if not align.fits(target.shape, shape, class_ids) then
      blame("%s of shape %s does not fit the output %s of shape %s under the loss %s%s%s", what, text(target.shape),
        output.name, text(shape), output.loss.engine, class_ids and ", which wants one class id a row" or "",
        hint(target.shape, shape, class_ids))
    end
  end
  return tensors
end

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
-- @tparam[opt] {table,...} outputs as compile.outputs gives them, for class_weight
-- @treturn {tensor,...}|nil float32, one an output
function feed.weights(sample_weight, class_weight, targets, n, outputs)
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

return feed
