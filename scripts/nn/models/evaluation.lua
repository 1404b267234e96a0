--- `model:evaluate` and `model:predict`.
-- @submodule nn.models
local advice = require "nn.advice.data"
local arguments = require "nn.support.arguments"
local as_defined = require "nn.models.as_defined"
local blame = require "nn.support.blame"
local compile = require "nn.models.compile"
local eager = require "nn.models.eager"
local feed = require "nn.models.feed"
local from_dataset = require "nn.models.from_dataset"
local Job = require "nn.models.run.job"
local kinds = require "nn.support.kinds"
local lockbox = require "nn.experiment.lockbox"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"
local outcome = require "nn.advice.outcome"
local Source = require "nn.models.run.source"
local Steps = require "nn.models.run.steps"

local evaluation = {}

local BATCH_SIZE, VERBOSE = { "batch_size", nil, kinds.whole(1) }, { "verbose", 0, kinds.verbose }

local STEPS = { "steps", nil, kinds.whole(1) }

local read_evaluate = arguments.options("evaluate", {
  BATCH_SIZE, VERBOSE, { "sample_weight" }, { "return_dict", false }, STEPS,
})
local read_predict = arguments.options("predict", { BATCH_SIZE, VERBOSE, STEPS })

-- Options that datasets leave no room for.
local REFUSED = {
  batch_size = "the dataset's batches have their own size; set it by :batch(n)",
  sample_weight = "a dataset gives the weights itself, as a third value beside x and y",
}

-- Options of a call, whose data may be a dataset.
local function read_options(read, what, given, dataset)
  local options = read(given)
  if dataset then
    from_dataset.refuse(what, given, REFUSED)
  elseif options.steps then
    blame("%s: steps: is for datasets; of tensors, give as many samples as are wanted", what)
  end
  return options
end

-- A source of a dataset that is read once, from its beginning.
local function once(model, dataset, what, options, only_inputs)
  local source, outputs = from_dataset.source(model, dataset, what .. ": ", { seed = model.seed or 0, epoch = 0,
    restarts = true, limit = options.steps, limit_name = "steps", only_inputs = only_inputs })
  lockbox.touch(model, from_dataset.tensors(source), what, source.is_stream)
  return source, outputs
end

-- Runs all batches of a source; a request to stop ends the program.
local function run_all(job, source, model, after)
  source:begin(job, model.seed or 0, 0)
  if Job.run_source(job, source, after) == "stopped" then stop.check() end
end

-- Results as they were asked for: a table by names, or several values in the order of the names.
-- @tparam table options return_dict
function evaluation.as_asked(options, logs, order)
  if options.return_dict then return logs end
  local values = {}
  for i, name in ipairs(order) do values[i] = logs[name] end
  return table.unpack(values)
end

--- Loss and metrics of the model on a set of samples.
-- @function model:evaluate
-- @tparam tensor x or a dataset, as `fit` takes it; then y is left out
-- @tparam tensor y
-- @tparam[opt] table options batch_size (32; the result depends on it only where a batch's loss is not the mean of its
-- samples' losses: sums, masks, ignored classes, penalties, pairs), verbose (0), sample_weight, return_dict (false),
-- steps: how many batches of a dataset (all)
-- @treturn number loss
-- @treturn number ... the metrics, in the order of compile; or with return_dict one table by name
-- @usage local loss, accuracy = model:evaluate(x_test, y_test)
function evaluation.evaluate(model, x, y, options)
  local dataset = from_dataset.of(x)
  if dataset then y, options = nil, from_dataset.arguments("evaluate", y, options) end
  options = read_options(read_evaluate, "evaluate", options, dataset)
  compile.require(model, "evaluate")
  local source, outputs
  if dataset then
    source, outputs = once(model, dataset, "evaluate", options)
  else
    source, outputs = feed.source(model, x, y, "evaluate: ", options)
    lockbox.touch(model, source.inputs, "evaluate")
  end
  local job = source:jobs(function(of)
    return Steps.evaluator(model, of, outputs, options.batch_size, of.batch_size)
  end)
  if not source.is_stream then advice.of_use(model, source.inputs, source.targets, outputs) end
  run_all(job, source, model)
  local results, names = job:results()
  outcome.check_numbers(model, "evaluate", results, names)
  return evaluation.as_asked(options, results, names)
end

-- What the model gives for the batches of a dataset, one after the other.
local function predict_dataset(model, dataset, options)
  local source = once(model, dataset, "predict", options, true)
  local parts = {}
  for i in ipairs(model.outputs) do parts[i] = {} end
  local job = source:jobs(function(of) return Job.predictor(model, of) end)
  run_all(job, source, model, function(done)
    for i, part in ipairs(done:predictions()) do table.insert(parts[i], part) end
  end)
  for i, list in ipairs(parts) do parts[i] = tensor.concatenate(list, 1) end
  return as_defined(model, parts)
end

-- What the model gives for a list of inputs, one tensor for each output. Nothing is noted or advised, so that advice
-- can look at a model.
function evaluation.outputs(model, inputs, batch_size)
  local job = Job.predictor(model, Source.new { inputs = inputs, n = #inputs[1] }, batch_size)
  job:run_all()
  return job:predictions()
end

--- What the model gives for samples.
-- @function model:predict
-- @tparam tensor x or a dataset, of whose batches the first value counts
-- @tparam[opt] table options batch_size (does not change the result), verbose, steps: how many batches of a dataset
-- (all)
-- @treturn tensor (n, ...) float32; for several outputs a list of tensors
-- @usage local p = model:predict(x_test)
function evaluation.predict(model, x, options)
  local dataset = from_dataset.of(x)
  options = read_options(read_predict, "predict", options, dataset)
  if dataset then return predict_dataset(model, dataset, options) end
  local inputs = feed.inputs(model, x, "predict: x")
  lockbox.touch(model, inputs, "predict")
  advice.of_use(model, inputs)
  local outputs_of = model.run_eagerly and eager.predict or evaluation.outputs
  return as_defined(model, outputs_of(model, inputs, options.batch_size))
end

return evaluation
