--- `model:evaluate` and `model:predict`.
-- @submodule nn.models
local advice = require "nn.advice.data"
local arguments = require "nn.support.arguments"
local compile = require "nn.models.compile"
local feed = require "nn.models.feed"
local Job = require "nn.models.run.job"
local kinds = require "nn.support.kinds"
local lockbox = require "nn.experiment.lockbox"
local outcome = require "nn.advice.outcome"
local Source = require "nn.models.run.source"

local evaluation = {}

local BATCH_SIZE, VERBOSE = { "batch_size", nil, kinds.whole(1) }, { "verbose", 0, kinds.verbose }

local read_evaluate = arguments.options("evaluate", {
  BATCH_SIZE, VERBOSE, { "sample_weight" }, { "return_dict", false },
})
local read_predict = arguments.options("predict", { BATCH_SIZE, VERBOSE })

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
-- @tparam tensor x
-- @tparam tensor y
-- @tparam[opt] table options batch_size (32; the result depends on it only where a batch's loss is not the mean of its
-- samples' losses: sums, masks, ignored classes, penalties, pairs), verbose (0), sample_weight, return_dict (false)
-- @treturn number loss
-- @treturn number ... the metrics, in the order of compile; or with return_dict one table by name
-- @usage local loss, accuracy = model:evaluate(x_test, y_test)
function evaluation.evaluate(model, x, y, options)
  options = read_evaluate(options)
  compile.require(model, "evaluate")
  local source, outputs = feed.source(model, x, y, "evaluate: ", options)
  lockbox.touch(model, source.inputs, "evaluate")
  local job = Job.evaluator(model, source, outputs, options.batch_size)
  advice.of_use(model, source.inputs, source.targets, outputs)
  job:run_all()
  local results, names = job:results()
  outcome.check_numbers(model, "evaluate", results, names)
  return evaluation.as_asked(options, results, names)
end

-- Predictions in the form in which the model was defined: one tensor, a list, or a table by names.
function evaluation.as_defined(model, outputs)
  if not model.gives_names then return #outputs == 1 and outputs[1] or outputs end
  local by_name = {}
  for i, name in ipairs(model.output_names) do by_name[name] = outputs[i] end
  return by_name
end

--- What the model gives for samples.
-- @function model:predict
-- @tparam tensor x
-- @tparam[opt] table options batch_size (does not change the result), verbose
-- @treturn tensor (n, ...) float32; for several outputs a list of tensors
-- @usage local p = model:predict(x_test)
function evaluation.predict(model, x, options)
  options = read_predict(options)
  local inputs, n = feed.inputs(model, x, "predict: x")
  lockbox.touch(model, inputs, "predict")
  advice.of_use(model, inputs)
  local job = Job.predictor(model, Source.new { inputs = inputs, n = n }, options.batch_size)
  job:run_all()
  return evaluation.as_defined(model, job:predictions())
end

return evaluation
