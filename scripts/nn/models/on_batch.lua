--- `model:train_on_batch`, `test_on_batch`, `predict_on_batch`, and a model's call on tensors: one batch a time.
--
-- Making a job costs far more than running it. So the last job of each mode is kept for a model and fed the next batch,
-- if that has the same shapes and the model is compiled as it was.
-- @submodule nn.models
local advice = require "nn.advice.data"
local arguments = require "nn.support.arguments"
local as_defined = require "nn.models.as_defined"
local compile = require "nn.models.compile"
local eager = require "nn.models.eager"
local evaluation = require "nn.models.evaluation"
local feed = require "nn.models.feed"
local graphs = require "nn.models.graphs"
local Job = require "nn.models.run.job"
local lockbox = require "nn.experiment.lockbox"
local random = require "nn.random"
local recording = require "nn.tape.recording"
local Source = require "nn.models.run.source"
local Steps = require "nn.models.run.steps"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

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
  local jobs = kept[model]
  local job = jobs and jobs[mode]
  if not job then return nil end
  jobs[mode] = nil
  job:reset_metrics()
  return job:is_made_for(model) and job or nil
end

local function keep(model, job)
  local jobs = kept[model] or {}
  kept[model], jobs[job.mode] = jobs, job
end

-- A batch of single tensors, not looked at: if a job takes it in place of its last one, it fits the model as that did.
local function batch_of(model, x, y)
  if feed.reads_data(model) then return nil end
  if not tensor.is_tensor(x) or y ~= nil and not tensor.is_tensor(y) then return nil end
  return { inputs = { x }, targets = y and { y } }
end

local function is_weighted(options) return options.sample_weight ~= nil or options.class_weight ~= nil end

-- A batch with targets and a job that holds it.
-- @tparam string what names the call in messages
-- @tparam function make (source, outputs) -> a new job
-- @treturn table the job
-- @treturn table the batch: a source, or what a job can be fed
local function job_for(model, mode, x, y, options, what, make)
  compile.require(model, what)
  local last, batch = take(model, mode), not is_weighted(options) and y ~= nil and batch_of(model, x, y)
  if last and batch and last:feed(batch) then return last, batch end
  local source, outputs = feed.source(model, x, y, what .. ": ", options, last and last.outputs)
  source.is_seen_once = true
  if last and last:feed(source) then return last, source end
  return make(source, outputs), source
end

-- A batch that Lua takes (nn.models.run.steps).
local function in_lua(model, x, y, options, what, make)
  compile.require(model, what)
  local source, outputs = feed.source(model, x, y, what .. ": ", options)
  if what == "test_on_batch" then lockbox.touch(model, source.inputs, what) end
  local steps = make(model, source, outputs, source.n)
  if steps:run(1, 1) == "stopped" then stop.check() end
  return evaluation.as_asked(options, steps:results())
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
  if model.run_eagerly or model.train_step then
    return in_lua(model, x, y, options, "train_on_batch", Steps.trainer)
  end
  local job = job_for(model, "train", x, y, options, "train_on_batch", function(source, outputs)
    return Job.trainer(model, source, outputs, source.n)
  end)
  job:run_all()
  keep(model, job)
  return evaluation.as_asked(options, job:results())
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
  if model.run_eagerly or model.test_step then
    return in_lua(model, x, y, options, "test_on_batch", Steps.evaluator)
  end
  local job, batch = job_for(model, "evaluate", x, y, options, "test_on_batch", function(source, outputs)
    return Job.evaluator(model, source, outputs, nil, source.n)
  end)
  lockbox.touch(model, batch.inputs, "test_on_batch")
  advice.of_use(model, batch.inputs)
  job:run_all()
  keep(model, job)
  return evaluation.as_asked(options, job:results())
end

-- @tparam string what names x in messages
-- @tparam[opt] string verb what the lockbox is told, if the batch is a use of the model that counts
local function predict(model, x, what, verb)
  local job, batch = take(model, "predict"), batch_of(model, x)
  if not (job and batch and job:feed(batch)) then
    local inputs, n = feed.inputs(model, x, what)
    batch = Source.new { inputs = inputs, n = n, is_seen_once = true }
    if not (job and job:feed(batch)) then job = Job.predictor(model, batch) end
  end
  if verb then lockbox.touch(model, batch.inputs, verb) end
  job:run_all()
  keep(model, job)
  return as_defined(model, job:predictions())
end

--- What the model gives for one batch; as predict.
-- @function model:predict_on_batch
-- @tparam tensor x
-- @treturn tensor (n, ...) float32
-- @usage local p = model:predict_on_batch(x)
function on_batch.predict(model, x)
  return predict(model, x, "predict_on_batch: x", "predict_on_batch")
end

-- What the model gives for one batch of tensors; with training, as it computes while it is trained. A tape records it.
-- @tparam table options training (false)
function on_batch.apply(model, x, options)
  local training = options ~= nil and read_call(options).training
  if eager.is_on() then return eager.call(model, x, training) end
  if recording.is_on() or graphs.has_further(model) then return graphs.call(model, x, training) end
  if not training then return predict(model, x, "x") end
  local inputs, n = feed.inputs(model, x, "x")
  local job = Job.predictor(model, Source.new { inputs = inputs, n = n }, n, random.next_seed())
  job:run_all()
  return as_defined(model, job:predictions())
end

return on_batch
