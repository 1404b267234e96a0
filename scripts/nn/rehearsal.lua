--- A trial in a fraction of a second: its model is built, a few batches are trained and a few samples evaluated, which
-- tells what it would take. `nnrun check` runs a script with this in place of training.
local process = require "engine.process"
local blame = require "nn.blame"
local files = require "nn.files"
local json = require "nn.json"
local safetensors = require "nn.safetensors"
local tensor = require "nn.tensor"
local trial = require "nn.trial"

local rehearsal = {}

local SECONDS = 0.3     -- of training that are timed
local SAMPLES = 2000    -- evaluated
local STEPS = 100       -- after which variants are compared
local ROWS = 256        -- evaluated at a time, as `fit` does
local BYTES = 4         -- of a weight
local ENDLESS = 1 << 30 -- epochs
local PUBLISHING = 0.01 -- seconds for a process and a folder

-- ---- a few batches --------------------------------------------------------------------------------------------------

local DONE = {} -- what ends the fit

--- A callback that times batches and whole epochs, and ends the fit when it knows enough.
local Probe = {}
Probe.__index = Probe

function Probe.new()
  collectgarbage()
  return setmetatable({ began = process.monotonic(), bytes = collectgarbage "count", epochs = 0 }, Probe)
end

function Probe:on_train_begin()
  self.setup = process.monotonic() - self.began
  collectgarbage()
  self.memory = math.floor(1024 * (collectgarbage "count" - self.bytes))
  self.started = process.monotonic()
end

function Probe:on_epoch_begin()
  self.epoch_began, self.first = process.monotonic(), nil
end

function Probe:on_train_progress(done, total)
  local now = process.monotonic()
  if not self.first then
    self.first = { at = now, batch = done } -- what came before warmed up the caches
  else
    self.epoch = self.epochs == 0 and (now - self.first.at) / (done - self.first.batch) * total or self.epoch
  end
  if now - self.started > SECONDS and self.epoch then error(DONE, 0) end
end

function Probe:on_epoch_end()
  local now = process.monotonic()
  local seconds = now - self.epoch_began
  self.whole = self.epochs > 0 and (self.whole or 0) + seconds or nil -- the first one warms up
  self.epochs = self.epochs + 1
  self.epoch = self.whole and self.whole / (self.epochs - 1) or seconds
  if now - self.started > SECONDS then error(DONE, 0) end
end

local function fit(lab, plan, model, probe)
  local callbacks = lab.callbacks and lab.callbacks(trial.copy(plan.params)) or {}
  callbacks = table.move(callbacks, 1, #callbacks, 1, {})
  callbacks[#callbacks + 1] = probe
  local options = { verbose = 0, callbacks = callbacks }
  for name, value in pairs(plan.fit) do options[name] = value end
  options.epochs = ENDLESS
  local ok, history = pcall(model.fit, model, lab.train.x, lab.train.y, options)
  if ok then return history end
  if history ~= DONE then error(history, 0) end
end

--- Processes that train the same beside this one, as in the real run: cores share their caches and their memory.
-- They end when the variable goes out of scope.
local function companions(lab, plan, count)
  local pids, parent = {}, process.pid()
  io.stdout:flush()
  for i = 1, count do
    pids[i] = process.fork()
    if pids[i] == 0 then
      process.die_with_parent(parent)
      while pcall(function() fit(lab, plan, trial.build(lab, plan.params, plan.seed), Probe.new()) end) do end
      process.exit_now(0)
    end
  end
  return setmetatable(pids, { __close = function()
    for _, pid in ipairs(pids) do
      process.kill(pid, "KILL")
      process.wait(pid)
    end
  end })
end

-- ---- a few samples --------------------------------------------------------------------------------------------------

local function first_samples(value, count)
  if tensor.is_tensor(value) then return value[{ { 1, count } }] end
  local list = {}
  for i, each in ipairs(value) do list[i] = each[{ { 1, count } }] end
  return list
end

--- Results on some samples, and the seconds that all would take.
local function evaluate(model, part, batch_size)
  local count = math.min(part.card.samples, SAMPLES)
  local x, y = first_samples(part.x, count), first_samples(part.y, count)
  local began = process.monotonic()
  local results = model:evaluate(x, y, { verbose = 0, return_dict = true, batch_size = batch_size })
  return results, (process.monotonic() - began) * part.card.samples / count
end

--- A model after so many steps: what a script that chooses by results is given has to compare like with like.
local function model_after_steps(lab, plan)
  local model = trial.build(lab, plan.params, plan.seed)
  local count = math.min(lab.train.card.samples, STEPS * plan.fit.batch_size)
  model:fit(first_samples(lab.train.x, count), first_samples(lab.train.y, count),
    { verbose = 0, batch_size = plan.fit.batch_size })
  return model
end

--- A fit, timed with so many others beside it.
local function timed_fit(lab, plan, model, others)
  local _ <close> = companions(lab, plan, others)
  local probe = Probe.new()
  return fit(lab, plan, model, probe), probe
end

local function measure(lab, plan, others)
  local model = trial.build(lab, plan.params, plan.seed)
  local history, probe = timed_fit(lab, plan, model, others)
  local facts = { memory = probe.memory + BYTES * plan.parameters, setup = probe.setup, epoch = probe.epoch or 0 }
  if history and history.outcome == "diverged" then facts.problem = "diverged: " .. history.reason end
  model = model_after_steps(lab, plan)
  facts.model, facts.metrics = model, evaluate(model, lab.train, ROWS)
  if lab.validation then
    local results, seconds = evaluate(model, lab.validation, ROWS)
    for name, value in pairs(results) do facts.metrics["val_" .. name] = value end
    facts.epoch = facts.epoch + seconds
  end
  facts.seconds = facts.setup + plan.fit.epochs * facts.epoch + PUBLISHING
  if lab.test_every_trial then
    local results, seconds = evaluate(model, lab.test)
    facts.test, facts.seconds = results, facts.seconds + seconds
  end
  return facts
end

-- ---- trials ---------------------------------------------------------------------------------------------------------

local function check_objective(lab, metrics)
  if metrics[lab.objective] then return end
  local known = {}
  for name in pairs(metrics) do known[#known + 1] = name end
  table.sort(known)
  blame("objective %s: no trial reports it; known are: %s", lab.objective, table.concat(known, ", "))
end

--- A folder such as training would leave, for what the script does with it.
local function publish(lab, plan, facts, record)
  local folder = lab.store:working_folder(plan.id, process.pid())
  assert(files.make_folder(folder))
  local names, values, weights = { "epoch" }, { "1" }, {}
  for name, value in pairs(facts.metrics) do
    if type(value) == "number" then names[#names + 1], values[#values + 1] = name, ("%.9g"):format(value) end
  end
  for _, entry in ipairs(facts.model:named_weights()) do weights[entry.name] = entry.tensor end
  lab.store.check(safetensors.write(folder .. "/weights.safetensors", weights, { format = "nnrun" }))
  lab.store.write(folder .. "/history.csv", table.concat(names, ","), ",seconds\n", table.concat(values, ","), ",0\n")
  lab.store.write(folder .. "/trial.json", json.encode(record, true), "\n")
  lab.store:publish(plan.id, folder)
end

--- Trials that take equally long share one measurement.
local function kind_of(plan)
  return json.encode { plan.model, plan.compile, plan.fit }
end

local Rehearsal = {}
Rehearsal.__index = Rehearsal

--- What the real trial reported, where it was trained already: a script that chooses by it chooses as it will.
function Rehearsal:earlier(plan, lab)
  local path = ("%s/%s/trials/%s/trial.json"):format(self.reports, lab.name, plan.id)
  local record = json.decode(files.read(path) or "")
  return type(record) == "table" and record.status == "complete" and record or nil
end

--- What the script is given for a trial.
function Rehearsal:record_of(lab, plan)
  local record = trial.new_record(lab, plan)
  local row = { experiment = lab.name, section = plan.title, variant = plan.label, id = plan.id, seed = plan.seed }
  self.rows[#self.rows + 1] = row
  if plan.failure then
    row.problem, record.status, record.reason = plan.failure, "failed", plan.failure
    return record
  end
  local kind = kind_of(plan)
  local ok, facts = true, self.known[kind]
  if not facts then ok, facts = pcall(measure, lab, plan, self.jobs - 1) end
  if not ok then
    if blame.is_fatal(facts) then error(facts, 0) end
    row.problem, record.status, record.reason = tostring(facts), "failed", tostring(facts)
    return record
  end
  self.known[kind] = facts
  check_objective(lab, facts.metrics)
  row.parameters, row.memory, row.epoch, row.seconds = plan.parameters, facts.memory, facts.epoch, facts.seconds
  row.problem = facts.problem
  local earlier = self:earlier(plan, lab)
  local metrics = earlier and earlier.metrics or facts.metrics
  record.status, record.metrics, record.test = "complete", json.object(metrics), earlier and earlier.test or facts.test
  record.score, record.epochs, record.scored_epoch = metrics[lab.objective], 1, 1
  publish(lab, plan, facts, record)
  return record
end

--- Takes the place of `training.run`.
function Rehearsal:run(lab, plans)
  local threads, ended = process.blas().threads, {}
  process.set_threads(1)
  for _, plan in ipairs(plans) do
    if process.stop_requests() ~= 0 then break end
    ended[plan.id] = { record = self:record_of(lab, plan), reused = false }
  end
  process.set_threads(threads)
  return ended
end

--- @tparam string reports the folder where finished trials may be
-- @tparam integer jobs how many trials are trained at the same time
-- @treturn table rows: what is known of each trial, in order: experiment, section, variant, id, seed, parameters,
-- memory (bytes), epoch and seconds (of an epoch and of the whole trial), problem (where it would not run)
function rehearsal.new(reports, jobs)
  return setmetatable({ reports = reports, jobs = jobs, rows = {}, known = {} }, Rehearsal)
end

--- Seconds that trials take when several are trained at the same time.
-- @tparam {table,...} rows
-- @tparam integer jobs
function rehearsal.total(rows, jobs)
  local sum, longest = 0, 0
  for _, row in ipairs(rows) do
    sum, longest = sum + (row.seconds or 0), math.max(longest, row.seconds or 0)
  end
  return math.max(sum / jobs, longest)
end

return rehearsal
