--- The metrics of a trial: those of the weights that it keeps.
--
-- As a rule these are the weights that an epoch ended with, and its row of the history has their metrics. With use_ema,
-- or where a callback changes weights outside of the epochs, no epoch was validated with them: then they are evaluated
-- after the training.
local blame = require "nn.support.blame"
local is_model = require "nn.models.is_model"
local lockbox = require "nn.experiment.lockbox"
local Outputs = require "nn.models.outputs"
local parameters = require "nn.experiment.parameters"
local sample_weights = require "nn.models.sample_weights"
local tensor = require "nn.tensor"

local scoring = {}

local function measure(model, x, y, weights, batch_size)
  return lockbox.quietly(model.evaluate, model, x, y,
    { sample_weight = weights, batch_size = batch_size, verbose = 0, return_dict = true })
end

-- As `fit` weighs the training samples.
local function training_weights(model, lab, options)
  if options.class_weight == nil then return options.sample_weight or lab.train.weights[1] end
  local outputs, inputs = Outputs.of(model), lab.train.inputs
  return sample_weights.of(nil, options.class_weight, lab.train.targets, #inputs[1], outputs)[1]
end

-- A stream is evaluated as it comes, without the weights of classes.
local function measure_training(model, lab, options)
  if lab.train.is_stream then
    return model:evaluate(lab.train.dataset, { steps = options.steps_per_epoch, verbose = 0, return_dict = true })
  end
  return measure(model, lab.train.x, lab.train.y, training_weights(model, lab, options), options.batch_size)
end

--- What a model scores on the test data, in batches of the size of those that it was trained and validated with: a loss
-- that is a sum depends on that size, and stateful layers take no other.
-- @tparam table model
-- @tparam table lab the experiment
-- @tparam[opt] integer batch_size (32)
-- @treturn {[string]=number} the metrics that are one number each: records have no room for others
function scoring.on_test(model, lab, batch_size)
  local numbers = {}
  for name, value in pairs(measure(model, lab.test.x, lab.test.y, nil, batch_size)) do
    if type(value) == "number" then numbers[name] = value end
  end
  return numbers
end

--- What the model of a loop of the script's own scores on the test data: what the experiment's `evaluate` says, or, of
-- a model that is compiled, what `model:evaluate` does.
-- @tparam table lab the experiment
-- @param given the model, several by name, or nil where the trial gave none
-- @tparam table params
-- @treturn ?{[string]=number} nil where nobody says how to evaluate it
function scoring.of_loop(lab, given, params)
  if not lab.evaluate then
    return is_model(given) and given.compiled and scoring.on_test(given, lab, params.batch_size) or nil
  end
  local test = { lab.test.x, lab.test.y, x = lab.test.x, y = lab.test.y }
  local found = lockbox.quietly(lab.evaluate, given, test, parameters.strict(params))
  local numbers = {}
  for name, value in pairs(type(found) == "table" and not getmetatable(found) and found or {}) do
    if tensor.is_tensor(value) and value.size == 1 then value = value:item() end
    numbers[name] = type(name) == "string" and type(value) == "number" and value or nil
  end
  if next(numbers) == nil then
    blame("evaluate: expected numbers by name, such as { accuracy = 0.9 }, got %s", blame.got(found))
  end
  return numbers
end

--- Loss and metrics of the model as it is, by the names that `fit` gives them.
-- @tparam table model
-- @tparam table lab the experiment
-- @tparam table options of the fit
-- @treturn {[string]=number|tensor}
function scoring.measure(model, lab, options)
  local logs = measure_training(model, lab, options)
  local held_out = options.validation_data
  local validated = held_out and measure(model, held_out[1], held_out[2], held_out[3], options.batch_size) or {}
  for name, value in pairs(validated) do logs["val_" .. name] = value end
  return logs
end

--- Sets the recorder's metrics to those of the weights that the model has now.
-- @tparam table model
-- @tparam table lab the experiment
-- @tparam table options of the fit
-- @tparam table recorder the epochs' metrics
-- @tparam table fingerprints the epochs' weights
function scoring.of_kept_weights(model, lab, options, recorder, fingerprints)
  local epoch = fingerprints:epoch_of_weights(recorder.scored_epoch)
  if epoch then
    recorder:score_epoch(epoch)
  else
    recorder:score_anew(scoring.measure(model, lab, options))
  end
end

return scoring
