--- Advice about the data of a fit. Ranges are judged by a sample of rows, so that much data takes no longer; what a
-- tensor's numbers say is found out once, however many models are fitted to it.
local engine = require "engine.data"
local objects = require "engine.objects"
local advice = require "nn.advice"
local remembered = require "nn.remembered"

local data = {}

local ROWS = 1000       -- judged of larger sets, fewer where rows are long:
local NUMBERS = 1 << 21 -- judged, unless that were too few rows
local FAR = 10          -- root mean square of a feature that is too large
local DIFFERENT = 5     -- times
local FEWEST = 20       -- rows that say something about a scale
local FEWEST_ROWS = 100 -- of a sample
local NOTICEABLE = 0.02 -- of the validation rows

-- Layers that leave numbers as they are.
local PASSING = { Flatten = true, Reshape = true, Permute = true, Dropout = true, InputLayer = true }

--- Rows at equal distances, as (rows, features). They are copied once, for models are fitted to the same data again.
-- @function data.sample
-- @tparam tensor t
-- @treturn tensor
data.sample = remembered(function(t)
  local rows = math.max(FEWEST_ROWS, math.min(ROWS, NUMBERS * #t // math.max(1, t.size)))
  if #t > rows then
    local positions = {}
    for i = 1, rows do positions[i] = 1 + (i - 1) * #t // rows end
    t = t:gather(positions)
  end
  return t
end)

--- What a sample of rows says: the lowest and the highest number, the mean square of all, and of the feature where it
-- is largest.
local range_of = remembered(function(t)
  local rows = data.sample(t)
  rows = rows:reshape({ #rows, -1 }):astype "float32"
  local squares = rows * rows
  return { low = rows:min(), high = rows:max(), mean_square = squares:mean(), largest = squares:mean(1):max() }
end)

--- The position of the first sample with a number that is not finite, and how many have one.
local function broken_samples(t)
  local first, count = nil, 0
  for i, sum in ipairs((t:reshape { #t, -1 } * 0):sum(2):totable()) do
    if sum ~= 0 then first, count = first or i, count + 1 end
  end
  return first, count
end

-- Of the whole, as one number that is not finite among millions is enough; the sum tells whether there is any.
local sum_of = remembered(function(t) return t:sum() end)

local function check_finite(tensors, what)
  if not advice.is_wanted "not_finite" then return end
  for _, t in ipairs(tensors) do
    local sum = t.dtype == "float32" and sum_of(t) or 0
    local first, count
    if sum - sum ~= 0 then first, count = broken_samples(t) end
    if first then
      advice.about(t, "not_finite", "%d of %d samples of the %s have numbers that are nan or inf, sample %d the first, "
        .. "and make the loss nan; leave them out, or fill in what is missing", count, #t, what, first)
    end
  end
end

-- Whether an input reaches a Dense layer as it is: others bring it to a scale of their own, or look ids up.
local function reaches_dense(model, input)
  local as_it_is = { [input] = true }
  for _, node in ipairs(model.order) do
    if as_it_is[node.inputs[1]] then
      if node.layer.class_name == "Dense" then return true end
      as_it_is[node] = PASSING[node.layer.class_name]
    end
  end
  return false
end

local function check_range(model, inputs)
  if not advice.is_wanted "input_range" then return end
  for i, input in ipairs(model.inputs) do
    local range = range_of(inputs[i])
    if range.largest > FAR * FAR and reaches_dense(model, input) then
      local low, high = range.low, range.high
      advice.about(range, "input_range", "the inputs run from %.4g to %.4g; networks learn best from numbers near 0: "
        .. "%s", low, high, low >= 0 and high <= 255 and high > 100 and "divide them by 255"
          or "bring them to one scale with nn.preprocessing.StandardScaler")
    end
  end
end

-- ---- training data beside others -----------------------------------------------------------------------------------

local function size_of(t) return math.sqrt(range_of(t).mean_square) end

--- Compares the scale of inputs with that of the model's training inputs.
-- @tparam table model
-- @tparam {tensor,...} inputs
-- @tparam string what names them, such as "validation"
function data.check_scale(model, inputs, what)
  if not model.input_sizes or not advice.is_wanted "input_scale" then return end
  for i, trained in ipairs(model.input_sizes) do
    local size = #inputs[i] >= FEWEST and size_of(inputs[i]) or trained
    if size > trained * DIFFERENT or size * DIFFERENT < trained then
      advice.about(inputs[i], "input_scale", "the %s inputs are %s times as large as the training inputs (root mean "
        .. "square %.3g, in training %.3g); scale both in the same way", what,
        ("%.3g"):format(size / trained), size, trained)
    end
  end
end

local function remember_sizes(model, inputs)
  model.input_sizes = nil
  if not advice.is_wanted "input_scale" then return end
  local sizes = {}
  for i, t in ipairs(inputs) do
    sizes[i] = size_of(t)
    if #t < FEWEST or sizes[i] == 0 then return end
  end
  model.input_sizes = sizes
end

local function check_shared(training, held_out)
  if not advice.is_wanted "shared_rows" or #training.inputs ~= 1 then return end
  local x, x_held_out = training.inputs[1], held_out.inputs[1]
  if x.dtype ~= x_held_out.dtype or x.size * #x_held_out ~= x_held_out.size * #x then return end
  local shared, total = engine.shared_rows(x, x_held_out), #x_held_out
  local is_narrow = x.size // #x < 3 -- where equal rows are no wonder
  if shared < 2 or shared / total < NOTICEABLE or is_narrow and shared < total then return end
  advice.about(x_held_out, "shared_rows", "%d of %d validation rows are in the training data too, so that they cannot "
    .. "tell how well the model does on new data; split before augmenting, and drop duplicates", shared, total)
end

-- ---- labels --------------------------------------------------------------------------------------------------------

local LABELS = { binary_crossentropy = "ids", binary_focal_crossentropy = "ids", categorical_crossentropy = "one-hot",
  categorical_focal_crossentropy = "one-hot" }

local function kind_of_labels(loss)
  if objects.is_pairwise(loss) then return nil end -- its labels tell samples apart; new ones are as good
  return objects.wants_class_ids(loss) and "ids" or LABELS[loss]
end

-- The set of class ids among labels.
local function classes_in(target, kind)
  local set = {}
  local is_one_hot = kind == "one-hot"
  local ids = is_one_hot and target:reshape({ -1, target.shape[target.ndim] }):max(1) or target:flatten()
  for i, value in ipairs(ids:totable()) do
    local id = is_one_hot and value > 0 and i - 1 or not is_one_hot and math.tointeger(value)
    if id then set[id] = true end
  end
  return set
end

local function lacking(has, lacks)
  local least
  for id in pairs(has) do
    if not lacks[id] and (not least or id < least) then least = id end
  end
  return least
end

local function check_classes(training, held_out, outputs)
  if not advice.is_wanted "missing_class" then return end
  for i, output in ipairs(outputs) do
    local kind, target = kind_of_labels(output.loss.engine), training.targets[i]
    if kind == "one-hot" and target.ndim == 1 then kind = "ids" end -- other advice says that the loss does not fit
    local is_yes_no = LABELS[output.loss.engine] == "ids"
    if kind and not (is_yes_no and target.size > #target) then
      local trained, held = classes_in(target, kind), classes_in(held_out.targets[i], kind)
      local missing, unseen = lacking(trained, held), lacking(held, trained)
      if missing or unseen then
        advice.about(target, "missing_class", "class %d is in the %s data but not in the %s data; shuffle before "
          .. "splitting, or use nn.utils.train_test_split with stratify", missing or unseen,
          missing and "training" or "validation",
          missing and "validation" or "training")
      end
    end
  end
end

-- Whether the model was fitted to as many samples before: most likely to the same ones, as in a loop of short fits.
local function is_seen(model, training, held_out)
  local key = #training.inputs[1] .. ":" .. (held_out and #held_out.inputs[1] or 0)
  local before = model.advised_on
  model.advised_on = key
  return before == key
end

--- Looks at the data of a fit.
-- @tparam table model
-- @tparam table training inputs, targets
-- @tparam ?table held_out the validation data, likewise
-- @tparam {table,...} outputs as compile.outputs gives them
function data.check(model, training, held_out, outputs)
  if is_seen(model, training, held_out) then return end
  check_finite(training.inputs, "inputs")
  check_finite(training.targets, "targets")
  check_range(model, training.inputs)
  remember_sizes(model, training.inputs)
  if not held_out then return end
  check_finite(held_out.inputs, "validation inputs")
  check_finite(held_out.targets, "validation targets")
  data.check_scale(model, held_out.inputs, "validation")
  check_shared(training, held_out)
  check_classes(training, held_out, outputs)
end

--- Looks at the data of an experiment once, where all its trials come from: the trials need not look again.
-- @tparam table model one of its models
-- @tparam table training inputs, targets; it remembers that it was looked at
-- @tparam ?table held_out the validation data, likewise
function data.of_experiment(model, training, held_out)
  local is_model = type(model) == "table" and model.compiled and model.outputs and model.order
  if not is_model or #model.inputs ~= #training.inputs or #model.outputs ~= #training.targets then return end
  if training.advised then
    is_seen(model, training, held_out)
    model.input_sizes = training.advised.input_sizes
  else
    data.check(model, training, held_out, require("nn.models.compile").outputs(model))
    training.advised = { input_sizes = model.input_sizes }
  end
end

return data
