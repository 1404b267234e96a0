--- From what a user passes as x and y to a source that a job can run on.
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local objects = require "engine.objects"
local open_axes = require "nn.layers.base.open_axes"
local Outputs = require "nn.models.outputs"
local sample_weights = require "nn.models.sample_weights"
local Source = require "nn.models.run.source"
local tensor = require "nn.tensor"

local feed = {}

local text = align.text

-- Tensors that a model's layers such as TextVectorization have given: they are not to be read a second time.
local is_read = setmetatable({}, { __mode = "k" })

-- The layer by which a model reads an input's data; nil if it takes tensors as they are.
local function reader_of(input) return input and rawget(input.layer, "reader") end

--- Whether a model reads some of its data by a layer such as TextVectorization.
function feed.reads_data(model)
  for _, input in ipairs(model.inputs or {}) do
    if reader_of(input) then return true end
  end
  return false
end

--- Remembers that tensors are rows of what `feed.inputs` gave.
-- @tparam tensor|{tensor,...} rows
function feed.note_read(rows)
  for _, each in ipairs(tensor.is_tensor(rows) and { rows } or rows) do is_read[each] = true end
end

-- What a layer that gives vectors reads: a flat list has a sample an entry, not one sample with all of them.
local function as_samples(value, input)
  local reader, shape = reader_of(input), input.layer.data_shape
  if reader.arguments.output_mode == "int" or #shape ~= 1 or shape[1] ~= 1 then return value end
  if tensor.is_tensor(value) then return value.ndim == 1 and value:reshape { -1, 1 } or value end
  if type(value) ~= "table" or type(value[1]) == "table" or tensor.is_tensor(value[1]) then return value end
  local samples = {}
  for i = 1, #value do samples[i] = { value[i] } end
  return samples
end

--- A tensor of what may be a tensor or a nested table, contiguous.
-- @tparam[opt] symbolic input of the model, which may have a layer that reads it, such as TextVectorization
local function as_tensor(value, what, input)
  local reader = reader_of(input)
  if value == nil then blame("%s is missing (nil)", what) end
  if reader and not is_read[value] then
    value = reader(as_samples(type(value) == "string" and { value } or value, input))
  end
  if type(value) == "string" or type(value) == "table" and type(value[1]) == "string" then
    blame("%s: expected numbers, got texts; a model that takes texts begins with TextVectorization{}", what)
  end
  local t = tensor.is_tensor(value) and value or tensor.tensor(value)
  if t.ndim == 0 then blame("%s: expected a tensor with an axis of samples, got a single number", what) end
  if t.shape[1] == 0 then blame("%s has no samples (shape %s)", what, text(t.shape)) end
  for axis = 2, t.ndim do
    if t.shape[axis] == 0 then
      blame("%s of shape %s is empty: its axis %d has length 0", what, text(t.shape), axis)
    end
  end
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

-- Raises an error for model:fit{ x, y, epochs = 3 }, where one table stands for all arguments.
local function refuse_options(value, names, what)
  local call = what:match "^(.-): x$"
  if not call or type(value) ~= "table" or getmetatable(value) or value[1] == nil then return end
  local known, options = {}, {}
  for _, name in ipairs(names) do known[name] = true end
  for key in pairs(value) do
    if type(key) == "string" and not known[key] then options[#options + 1] = key .. " = ..." end
  end
  table.sort(options)
  if options[1] then
    blame("%s: x and y are arguments of their own, and options come last: model:%s(x, y, { %s })", call, call,
      table.concat(options, ", "))
  end
end

--- A list of tensors from one tensor, a list of them, or a table of them by the names of the model's inputs or outputs.
-- @tparam string noun "input" or "output"
-- @tparam[opt] {symbolic,...} inputs of the model
local function list_of(value, names, noun, what, inputs)
  if value == nil then blame("%s is missing (nil)", what) end
  refuse_options(value, names, what)
  local count, named = #names, in_order(value, names, what)
  local is_list = named ~= value
    or type(value) == "table" and not tensor.is_tensor(value)
    and (tensor.is_tensor((select(2, next(value)))) or inputs and count > 1 and reader_of(inputs[1]) ~= nil)
  local list = is_list and named or { value }
  if is_list then arguments.check_list(what, list) end
  if #list ~= count then blame_count(count, #list, noun, what) end
  local tensors = {}
  for i = 1, count do
    local name = count == 1 and what or ("%s[%d]"):format(what, i)
    tensors[i] = as_tensor(list[i], name, inputs and inputs[i])
  end
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
  if open_axes.fits(sample, shape) or open_axes.fits(with_1, shape) then return t end
  if sample[#sample] == 1 and open_axes.fits(table.move(sample, 1, #sample - 1, 1, {}), shape) then return t end
  blame("%s: input %s wants samples of %s, got %s (a tensor of %s)%s", what, name, text(shape), text(sample),
    text(t.shape), input_hint(t.shape, sample, shape))
end

-- The shape of a sample of x; of several tensors a list of shapes, if the model may be built for that.
local function shapes_in(model, x, what)
  local first = model.layers and model.layers[1]
  if first and first.reads_data then return { 1 } end
  if not (model.takes_shapes and type(x) == "table" and tensor.is_tensor(x[1])) then
    return sample_shape(as_tensor(x, what))
  end
  local shapes = {}
  for i, each in ipairs(x) do shapes[i] = sample_shape(each) end
  return shapes
end

--- The data of a model's inputs.
-- @tparam table model built; or a Sequential without a declared input, which is built for the shape of x
-- @param x a tensor (n, ...), or a list of them for several inputs
-- @tparam string what names x in messages
-- @treturn {tensor,...} one an input
-- @treturn integer how many samples
function feed.inputs(model, x, what)
  if not model.outputs and model.build then model:build(shapes_in(model, x, what)) end
  model:require_built(what)
  local tensors = list_of(x, model.input_names, "input", what, model.inputs)
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
-- @tparam {table,...} outputs see nn.models.outputs
-- @param y a tensor (n, ...), or a list of them for several outputs
-- @tparam integer n how many samples x has
function feed.targets(outputs, y, n, what)
  local names = {}
  for i, output in ipairs(outputs) do names[i] = output.name end
  local tensors = list_of(y, names, "output", what)
  for i, output in ipairs(outputs) do
    local target = tensors[i]
    local shape = { n, table.unpack(open_axes.fill(output.shape, sample_shape(target))) }
    if #target ~= n then blame("%s has %d samples, x has %d", what, #target, n) end
    local class_ids = objects.wants_class_ids(output.loss.engine)
    if not output.loss.is_own and not align.fits(target.shape, shape, class_ids) then
      blame("%s of shape %s does not fit the output %s of shape %s under the loss %s%s%s", what, text(target.shape),
        output.name, text(shape), output.loss.engine, class_ids and ", which wants one class id a row" or "",
        hint(target.shape, shape, class_ids))
    end
  end
  return tensors
end

-- Whether a step of the script's own, which may learn without targets, takes the batches of a call.
local function needs_no_targets(model, what)
  if what == "fit: " or what == "train_on_batch: " or what:find "batch %d+ of the dataset" then
    return model.train_step ~= nil
  end
  return model.test_step ~= nil
end

--- A source of samples in memory, for a model and its compiled outputs.
-- @tparam table model compiled
-- @param x as for `feed.inputs`
-- @param y as for `feed.targets`
-- @tparam string what begins the messages: "fit: " names x as "fit: x"
-- @tparam table options sample_weight, class_weight: see nn.models.sample_weights
-- @tparam[opt] {table,...} outputs see nn.models.outputs; the model's
-- @treturn table the source
-- @treturn {table,...} the outputs
function feed.source(model, x, y, what, options, outputs)
  local inputs, n = feed.inputs(model, x, what .. "x")
  outputs = outputs or Outputs.of(model)
  local targets = y == nil and needs_no_targets(model, what) and {} or feed.targets(outputs, y, n, what .. "y")
  local weights = sample_weights.of(options.sample_weight, options.class_weight, targets, n, outputs)
  return Source.new { inputs = inputs, targets = targets, weights = weights, n = n }, outputs
end

return feed
