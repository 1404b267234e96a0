--- `model:evaluate` and `model:predict`.
-- @submodule nn.models
local advice = require "nn.advice.data"
local arguments = require "nn.arguments"
local batches = require "nn.models.batches"
local blame = require "nn.blame"
local compile = require "nn.models.compile"
local feed = require "nn.models.feed"
local lockbox = require "nn.lockbox"
local random = require "nn.random"

local evaluation = {}

local INTERRUPTED = 130

--- Runs all batches of a job that is not for training; a request to stop ends the program.
local function run_all(self)
  if self.job:run(1, self.batches) == "stopped" then blame.fatal(INTERRUPTED, "interrupted") end
end

-- Loss and metrics over a whole set, as a table; with `as_one` as of one batch.
-- @treturn table name -> number
-- @treturn {string,...} the names in order
function evaluation.measure(model, x, y, options, what, as_one)
  compile.require(model, what)
  local inputs, n = feed.inputs(model, x, what .. ": x")
  lockbox.touch(model, inputs, what)
  local outputs = compile.outputs(model)
  local targets = feed.targets(outputs, y, n, what .. ": y")
  local weights = feed.weights(options.sample_weight, nil, targets, n)
  local self = batches.new("evaluate", model, { inputs = inputs, targets = targets, n = n, weights = weights }, outputs,
    options.batch_size, as_one and n or nil)
  advice.check_scale(model, inputs, "test")
  run_all(self)
  return batches.results(self)
end

-- The values of a table in the order of names, as several results.
function evaluation.in_order(logs, order)
  local values = {}
  for i, name in ipairs(order) do values[i] = logs[name] end
  return table.unpack(values)
end

local function as_asked(options, logs, order)
  if options.return_dict then return logs end
  return evaluation.in_order(logs, order)
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
  options = arguments.check(options or {}, { "batch_size", "verbose", "sample_weight", "return_dict" }, "evaluate")
  arguments.check_whole("evaluate", options, "batch_size", 1)
  return as_asked(options, evaluation.measure(model, x, y, options, "evaluate"))
end

--- Loss and metrics on one batch; as evaluate.
-- @function model:test_on_batch
-- @tparam tensor x
-- @tparam tensor y
-- @tparam[opt] table options sample_weight, return_dict (false)
-- @treturn number loss
-- @treturn number ... the metrics
-- @usage local loss, accuracy = model:test_on_batch(x, y)
function evaluation.test_on_batch(model, x, y, options)
  options = arguments.check(options or {}, { "sample_weight", "return_dict" }, "test_on_batch")
  return as_asked(options, evaluation.measure(model, x, y, options, "test_on_batch", true))
end

--- Predictions in the form in which the model was defined: one tensor, a list, or a table by names.
local function as_defined(model, outputs)
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
  options = arguments.check(options or {}, { "batch_size", "verbose" }, "predict")
  arguments.check_whole("predict", options, "batch_size", 1)
  local inputs, n = feed.inputs(model, x, "predict: x")
  lockbox.touch(model, inputs, "predict")
  local self = batches.predictor(model, inputs, n, options.batch_size)
  run_all(self)
  return as_defined(model, self.job:predictions())
end

-- What the model gives for one batch of tensors; with training, as it computes while it is trained.
-- @tparam table options training (false)
function evaluation.apply(model, inputs, options)
  options = arguments.check(options or {}, { "training" }, "a layer's call")
  local data, n = feed.inputs(model, inputs, "x")
  local self = batches.predictor(model, data, n, n, options.training and random.next_seed() or nil)
  run_all(self)
  return as_defined(model, self.job:predictions())
end

--- What the model gives for one batch; as predict.
-- @function model:predict_on_batch
-- @tparam tensor x
-- @treturn tensor (n, ...) float32
-- @usage local p = model:predict_on_batch(x)
function evaluation.predict_on_batch(model, x)
  return evaluation.predict(model, x)
end

return evaluation
