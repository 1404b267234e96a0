--- Measures what a trial would take: trains it for a fraction of a second in a separate process.
local process = require "engine.process"
local blame = require "nn.support.blame"
local Dataset = require "nn.data".Dataset
local Checkpoint = require "nn.trials.checkpoint"
local Fingerprints = require "nn.trials.fingerprints"
local json = require "nn.support.json"
local lockbox = require "nn.experiment.lockbox"
local loop = require "nn.trials.loop"
local loop_report = require "nn.trials.loop.report"
local own_files = require "nn.trials.own_files"
local pool = require "nn.trials.pool"
local Probe = require "nn.trials.dry_run.probe"
local Recorder = require "nn.trials.recorder"
local Store = require "nn.store"
local tensor = require "nn.tensor"
local trial = require "nn.trials.trial"
local worker = require "nn.trials.worker"

local SECONDS = 0.3      -- of training a trial
local SAMPLES = 2000     -- of a short epoch, and of an evaluation
local BYTES = 4          -- of a weight
local LOOP_SECONDS = 10  -- of a loop of the script's own that has not told of an epoch
local INSTRUCTIONS = 10000 -- of Lua between two looks at the clock
local PUBLISHING = 0.003 -- seconds to start a process and publish a folder

local function first_samples(value, count)
  if tensor.is_tensor(value) then return value[{ { 1, count } }] end
  local list = {}
  for i, each in pairs(value) do list[i] = each[{ { 1, count } }] end
  return list
end

--- The first samples of a part of the data: x, y and their weights, if they have any.
local function first_of(part, count)
  count = math.min(count, part.card.samples)
  local weights = part.sample_weight
  local y = part.y and first_samples(part.y, count)
  return first_samples(part.x, count), y, weights and first_samples(weights, count)
end

-- A part of the data with its first samples alone. Sets what `fit` has to be told of them.
local function shortened(part, count, options)
  if not part.dataset then
    local x, y, weights = first_of(part, count)
    options.sample_weight = weights
    return { x = x, y = y }
  end
  local batches = math.max(1, count // #part.inputs[1])
  if not part.is_stream then batches = math.max(1, count * #part.dataset // part.card.samples) end
  local steps = options.steps_per_epoch
  options.steps_per_epoch = steps and math.min(steps, batches)
  return { dataset = steps and part.dataset or part.dataset:take(batches) }
end

local function mute_recorder(lab)
  return Recorder.new(lab, "/dev/null", json.encode)
end

--- Trains as a worker does.
-- @tparam[opt] table claim of the trial; without it no checkpoints are written
-- @tparam[opt] integer only_samples trains one epoch with only so many samples
-- @treturn ?table history, or nil if the probe ended the fit
local function fit(lab, plan, model, probe, recorder, claim, only_samples)
  local callbacks, options = worker.fit_options(lab, plan, Fingerprints.new(), { recorder, probe })
  if claim then
    local before = table.move(callbacks, 1, #callbacks - 1, 1, {})
    local checkpoint = Checkpoint.new { id = plan.id, claim = claim, model = model, callbacks = before }
    if checkpoint then table.insert(callbacks, #callbacks, checkpoint) end -- before the probe, which times it too
  end
  local part = lab.train
  if only_samples then
    part = shortened(part, only_samples, options)
    options.epochs = 1
    if lab.validation then options.validation_data = { first_of(lab.validation, only_samples) } end
  end
  local ok, history = pcall(worker.fit, model, part, options)
  probe.metrics = recorder.epochs > 0 and recorder.metrics or nil
  if ok then return history end
  if history ~= Probe.DONE then error(history, 0) end
end

--- Starts processes that train the same trial, as in the real run: cores compete for caches and memory bandwidth.
-- They are killed when the returned variable is closed.
local function companions(lab, plan, count)
  local pids, parent = {}, process.pid()
  for i = 1, count do
    pids[i] = process.fork(function()
      process.die_with_parent(parent)
      while true do
        fit(lab, plan, trial.build(lab, plan.params, plan.seed), Probe.new(), mute_recorder(lab))
      end
    end)
  end
  return setmetatable(pids, { __close = function()
    for _, pid in ipairs(pids) do
      process.kill(pid, "KILL")
      process.wait(pid)
    end
  end })
end

--- Fits while so many other processes train too.
-- @treturn ?table history, or nil if the time ran out
-- @treturn table the probe
local function timed_fit(lab, plan, model, others, recorder, claim)
  local _ <close> = companions(lab, plan, others)
  local probe = Probe.new(SECONDS)
  return fit(lab, plan, model, probe, recorder, claim), probe
end

--- Trains a short epoch, because the time was up before the first one ended. It gives the metrics, and the time of the
-- validation, which is added to the estimate of the epoch.
local function finish_epoch(lab, plan, model, probe)
  local short = Probe.new()
  local history = fit(lab, plan, model, short, mute_recorder(lab), nil, SAMPLES)
  probe.metrics = short.metrics
  if lab.validation then
    probe.epoch = probe.epoch + short.validation * lab.validation.card.samples
      / math.min(SAMPLES, lab.validation.card.samples)
  end
  return history
end

--- Evaluates on the first of the test data.
-- @treturn table results
-- @treturn number seconds, estimated for all test data
local function evaluate(model, part)
  local x, y = first_of(part, SAMPLES)
  local began = process.monotonic()
  local results = lockbox.quietly(model.evaluate, model, x, y, { verbose = 0, return_dict = true })
  return results, (process.monotonic() - began) * part.card.samples / math.min(SAMPLES, part.card.samples)
end

local function write_files(recorder, folder, model)
  Store.check(recorder.file:close())
  Store.check(process.fsync(folder .. "/history.csv"))
  worker.write_weights(folder, model, { format = "nnrun" })
end

-- Calls a loop of the script's own with the first samples, until it has told of one epoch or the time is up.
-- @treturn table report
-- @treturn table recorder
local function short_loop(lab, plan, folder, send)
  local data, recorder = loop.data(lab), Recorder.new(lab, folder .. "/history.csv", send)
  for name, part in pairs(data) do
    if not Dataset.is(part) then data[name] = loop.part(first_of(lab[name], SAMPLES)) end
  end
  local own = own_files.new(folder, { id = plan.id, params = plan.params, seed = plan.seed })
  local reported = loop_report.new(own, {
    resume = function() end, progress = function() end,
    epoch = function(reported, numbers, order)
      recorder.model = { get_weights = function() end }
      recorder:on_epoch_end(nil, numbers, order)
      reported.outcome = "measured"
      error(loop_report.ENDED, 0)
    end,
  })
  local ends = process.monotonic() + LOOP_SECONDS
  debug.sethook(function()
    if process.monotonic() < ends then return end
    reported.epochs, reported.outcome = math.max(1, reported.epochs), "out of time"
    error(loop_report.ENDED, 0)
  end, "", INSTRUCTIONS)
  loop.call(lab, plan, data, reported)
  debug.sethook()
  return reported, recorder
end

-- The same for a loop of the script's own: one epoch with the first samples, as if all took as long as they.
local function measure_loop(lab, plan, folder, send)
  collectgarbage()
  local began, bytes = process.monotonic(), collectgarbage "count"
  local reported, recorder = short_loop(lab, plan, folder, send)
  local taken, models = process.monotonic() - began, reported.models
  local share = lab.train and lab.train.card.samples and math.max(1, lab.train.card.samples / SAMPLES) or 1
  local metrics = recorder.epochs > 0 and recorder.metrics or { [lab.objective] = 0 }
  plan.parameters = models and models:count_params() or 0
  if models then models:save(folder) end
  Store.check(recorder.file:close())
  return {
    memory = math.floor(1024 * (collectgarbage "count" - bytes)) + BYTES * plan.parameters, epoch = taken * share,
    metrics = json.object(metrics), folder = folder, parameters = plan.parameters,
    seconds = plan.fit.epochs * taken * share + PUBLISHING,
  }
end

local function measure(lab, plan, others, folder, send)
  if lab.loop then return measure_loop(lab, plan, folder, send) end
  local began = process.monotonic()
  local model = trial.build(lab, plan.params, plan.seed)
  local recorder = Recorder.new(lab, folder .. "/history.csv", send)
  local building = process.monotonic() - began
  local claim = { checkpoint = folder .. "/checkpoint", reached = function() return true end }
  local history, probe = timed_fit(lab, plan, model, others, recorder, claim)
  local training = history and probe.trained
  if not probe.metrics then history = finish_epoch(lab, plan, model, probe) end
  began = process.monotonic()
  write_files(recorder, folder, model)
  local writing = process.monotonic() - began
  local facts = {
    memory = probe.memory + BYTES * plan.parameters, epoch = probe.epoch, metrics = json.object(probe.metrics),
    weights = folder .. "/weights.safetensors",
    diverged = history and history.outcome == "diverged" and history.reason or nil,
    seconds = building + probe.setup + (training or plan.fit.epochs * probe.epoch) + writing + PUBLISHING,
  }
  if lab.test_every_trial then
    local results, seconds = evaluate(model, lab.test)
    facts.test, facts.seconds = results, facts.seconds + seconds
  end
  return facts
end

--- Measures in a separate process, as trials are trained.
-- @tparam table lab the experiment
-- @tparam table plan what would be trained, from `trial.plan`
-- @tparam integer others how many processes train the same beside it
-- @treturn table facts; after an error `problem` instead, and `status` if the program must exit
return function(lab, plan, others)
  local facts
  local folder = lab.store.working .. "/" .. plan.id .. ".tried"
  pool.run({ plan }, {
    jobs = 1,
    work = function(_, send)
      worker.open_folder(folder)
      local ok, result = pcall(measure, lab, plan, others, folder, send)
      if not ok then
        result = blame.is_fatal(result) and { problem = result.message, status = result.status }
          or { problem = blame.text(result) }
      end
      send { facts = result }
      return 0
    end,
    on_event = function(_, event) facts = facts or event.facts end,
    on_end = function(_, ending)
      local how = ending.how == "exit" and "status" or "signal"
      facts = facts or { problem = ("its process ended with %s %d"):format(how, ending.code) }
    end,
  })
  return facts or { problem = "interrupted" }
end
