--- `model:train_on_batch`, `test_on_batch`, `predict_on_batch`, and a model's call on tensors: one batch a time.
--
-- Making a job costs far more than running it. So a model keeps its last job of each kind, and gives it the next batch
-- if that has the same shapes and the model is compiled as it was.
-- @submodule nn.models
local advice = require "nn.advice.data"
local arguments = require "nn.support.arguments"
local batches = require "nn.models.batches"
local compile = require "nn.models.compile"
local evaluation = require "nn.models.evaluation"
local feed = require "nn.models.feed"
local lockbox = require "nn.experiment.lockbox"
local random = require "nn.random"

local on_batch = {}

local WEIGHT, AS_TABLE = { "sample_weight" }, { "return_dict", false }
local read_train = arguments.options("train_on_batch", { WEIGHT, { "class_weight" }, AS_TABLE })
local read_test = arguments.options("test_on_batch", { WEIGHT, AS_TABLE })
local read_call = arguments.options("a layer's call", { { "training", false } })

-- ---- jobs that are kept ---------------------------------------------------------------------------------------------

-- By model a table of jobs by their mode.
local kept = setmetatable({}, { __mode = "k" })

-- Takes the last job of a mode away from its model, if it would be made the same way now. While it runs, a function of
-- the user's that uses the same model gets another one.
local function take(model, mode)
  local self = kept[model] and kept[model][mode]
  if not self then return nil end
  kept[model][mode] = nil
  local is_same = self.graph == model.outputs and self.compiled == model.compiled
    and self.optimizer == model.optimizer and self.seed == model.seed
  return is_same and self or nil
end

local function keep(model, mode, self)
  self.graph, self.compiled, self.optimizer, self.seed = model.outputs, model.compiled, model.optimizer, model.seed
  kept[model] = kept[model] or {}
  kept[model][mode] = self
end

-- A batch and a job to run it with.
-- @tparam string what names the call in messages
-- @tparam function make (data, outputs) -> a job as `batches` makes it
-- @treturn table the job
-- @treturn table data
local function job_for(model, mode, x, y, options, what, make)
  compile.require(model, what)
  local last = take(model, mode)
  local inputs, n = feed.inputs(model, x, what .. ": x")
  local outputs = last and last.outputs or compile.outputs(model)
  local targets = feed.targets(outputs, y, n, what .. ": y")
  local weights = feed.weights(options.sample_weight, options.class_weight, targets, n, outputs)
  local data = { inputs = inputs, targets = targets, weights = weights, n = n, is_seen_once = true }
  if last and batches.feed(last, data) then return last, data end
  return make(data, outputs), data
end

-- ---- calls ----------------------------------------------------------------------------------------------------------

--- One update on one batch.
-- @function model:train_on_batch
-- @tparam tensor x
-- @tparam tensor y
-- @tparam[opt] table options sample_weight, class_weight, return_dict (false)
-- @treturn number loss, before the update
-- @treturn number ... the metrics; or with return_dict one table by name
-- @usage local loss, accuracy = model:train_on_batch(x, y)
function on_batch.train(model, x, y, options)
  options = read_train(options)
  model.seed = model.seed or random.next_seed()
  local self = job_for(model, "train", x, y, options, "train_on_batch", function(data, outputs)
    return batches.trainer(model, data, outputs, data.n)
  end)
  batches.run_all(self, model.optimizer)
  keep(model, "train", self)
  return evaluation.as_asked(options, batches.results(self))
end

--- Loss and metrics on one batch; as evaluate.
-- @function model:test_on_batch
-- @tparam tensor x
-- @tparam tensor y
-- @tparam[opt] table options sample_weight, return_dict (false)
-- @treturn number loss
-- @treturn number ... the metrics
-- @usage local loss, accuracy = model:test_on_batch(x, y)
function on_batch.test(model, x, y, options)
  options = read_test(options)
  local self, data = job_for(model, "evaluate", x, y, options, "test_on_batch", function(data, outputs)
    return batches.new("evaluate", model, data, outputs, nil, data.n)
  end)
  lockbox.touch(model, data.inputs, "test_on_batch")
  advice.of_use(model, data.inputs)
  batches.run_all(self)
  keep(model, "evaluate", self)
  return evaluation.as_asked(options, batches.results(self))
end

local function predict(model, inputs, n)
  local data = { inputs = inputs, n = n, is_seen_once = true }
  local self = take(model, "predict")
  if not (self and batches.feed(self, data)) then self = batches.predictor(model, data) end
  batches.run_all(self)
  keep(model, "predict", self)
  return evaluation.as_defined(model, self.job:predictions())
end

--- What the model gives for one batch; as predict.
-- @function model:predict_on_batch
-- @tparam tensor x
-- @treturn tensor (n, ...) float32
-- @usage local p = model:predict_on_batch(x)
function on_batch.predict(model, x)
  local inputs, n = feed.inputs(model, x, "predict_on_batch: x")
  lockbox.touch(model, inputs, "predict_on_batch")
  return predict(model, inputs, n)
end

-- What the model gives for one batch of tensors; with training, as it computes while it is trained.
-- @tparam table options training (false)
function on_batch.apply(model, x, options)
  options = read_call(options)
  local inputs, n = feed.inputs(model, x, "x")
  if not options.training then return predict(model, inputs, n) end
  local self = batches.predictor(model, { inputs = inputs, n = n }, n, random.next_seed())
  batches.run_all(self)
  return evaluation.as_defined(model, self.job:predictions())
end

return on_batch
