--- One trial, trained in a process of its own: from the parameters to a published folder.
local process = require "engine.process"
local blame = require "nn.blame"
local files = require "nn.files"
local json = require "nn.json"
local objective = require "nn.objective"
local safetensors = require "nn.safetensors"
local Store = require "nn.store"
local trial = require "nn.trial"

local worker = {}

local PUBLISHED, STOPPED = 0, 75 -- exit codes of the process

-- ---- what happens epoch by epoch ------------------------------------------------------------------------------------

local function is_validation(name) return name:sub(1, 4) == "val_" end

--- Columns of history.csv: loss, metrics, val_loss, validation metrics, then the learning rate.
local function columns_of(logs)
  local function rank(name)
    if name == "learning_rate" then return 5 end
    return (is_validation(name) and 3 or 1) + ((name == "loss" or name == "val_loss") and 0 or 1)
  end
  local columns = {}
  for name in pairs(logs) do columns[#columns + 1] = name end
  table.sort(columns, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    return a < b
  end)
  return columns
end

local function copy_of(list)
  local copies = {}
  for i, entry in ipairs(list) do copies[i] = { name = entry.name, tensor = entry.tensor:copy() } end
  return copies
end

--- A callback that writes history.csv, tells the parent, and remembers the epoch that counts and its weights.
local Recorder = {}
Recorder.__index = Recorder

function Recorder.new(lab, path, send)
  local file = assert(io.open(path, "w"))
  return setmetatable({ lab = lab, file = file, send = send, epochs = 0, metrics = {} }, Recorder)
end

function Recorder:write_row(logs)
  if not self.columns then
    self.columns = columns_of(logs)
    self.file:write(table.concat({ "epoch", table.unpack(self.columns) }, ","), ",seconds\n")
  end
  local cells = { tostring(self.epochs) }
  for _, name in ipairs(self.columns) do
    local value = logs[name] or 0 / 0
    cells[#cells + 1] = value ~= value and "nan" or ("%.9g"):format(value)
  end
  cells[#cells + 1] = ("%.4g"):format(process.monotonic() - self.began)
  self.file:write(table.concat(cells, ","), "\n")
  self.file:flush()
end

function Recorder:is_best(logs)
  local score, best = logs[self.lab.objective], self.metrics[self.lab.objective]
  return score == score and objective.better(self.lab.mode, score, best)
end

function Recorder:on_epoch_begin()
  self.began = process.monotonic()
end

function Recorder:on_train_progress(done, total, logs)
  self.send { epoch = self.epochs, part = total > 0 and done / total or 0, logs = logs or {} }
end

function Recorder:on_epoch_end(_, logs)
  self.epochs = self.epochs + 1
  self:write_row(logs)
  self.send { epoch = self.epochs, part = 0, logs = logs, is_epoch = true }
  local keeps_best = self.lab.keep == "best"
  if keeps_best and not self:is_best(logs) then return end
  self.metrics, self.scored_epoch = {}, self.epochs
  for name, value in pairs(logs) do self.metrics[name] = value end
  if keeps_best then self.best_weights = copy_of(self.model:named_weights()) end
end

-- ---- the trial ------------------------------------------------------------------------------------------------------

--- Only methods count as a callback's functions: the recorder's own table is kept plain.
local function as_callback(recorder)
  local callback = {}
  for _, name in ipairs { "on_epoch_begin", "on_epoch_end", "on_train_progress" } do
    callback[name] = function(self, ...)
      recorder.model = self.model
      return recorder[name](recorder, ...)
    end
  end
  return callback
end

local function fit(lab, plan, model, recorder)
  local callbacks = lab.callbacks and table.move(lab.callbacks(plan.params), 1, 1000, 1, {}) or {}
  callbacks[#callbacks + 1] = as_callback(recorder)
  local options = { verbose = 0, callbacks = callbacks }
  for name, value in pairs(plan.fit) do options[name] = value end
  if lab.validation then options.validation_data = { lab.validation.x, lab.validation.y } end
  return model:fit(lab.train.x, lab.train.y, options)
end

local function put_back(model, weights)
  local tensors = {}
  for i, entry in ipairs(weights) do tensors[i] = entry.tensor end
  model:set_weights(tensors)
end

local function train(lab, plan, folder, record, recorder)
  local model = trial.build(lab, plan.params, plan.seed)
  local history = fit(lab, plan, model, recorder)
  record.status, record.reason = history.outcome or "complete", history.reason
  if record.status ~= "complete" then return end
  if recorder.best_weights then put_back(model, recorder.best_weights) end
  if lab.test_every_trial then
    record.test = model:evaluate(lab.test.x, lab.test.y, { verbose = 0, return_dict = true })
  end
  Store.check(safetensors.write(folder .. "/weights.safetensors", model:named_weights(),
    { format = "nnrun", trial = plan.id }))
end

local function with_traceback(message)
  if type(message) == "string" then io.stderr:write(debug.traceback(message, 2), "\n") end
  return message
end

--- From now on this process writes to the trial's log; the lock on it says that the process lives.
local function open_folder(folder)
  Store.check(files.make_folder(folder))
  local log = assert(Store.lock(folder .. "/log.txt"))
  process.redirect(assert(process.open_for_append "/dev/null"), 0)
  process.redirect(log, 1)
  process.redirect(log, 2)
  io.stdout:setvbuf "line"
end

local function train_and_publish(lab, plan, send)
  local folder = lab.store:working_folder(plan.id, process.pid())
  open_folder(folder)
  local record = trial.new_record(lab, plan)
  local began = process.monotonic()
  local recorder = Recorder.new(lab, folder .. "/history.csv", send)
  local ok, message = xpcall(train, with_traceback, lab, plan, folder, record, recorder)
  if blame.is_fatal(message) then error(message, 0) end
  if process.stop_requests() ~= 0 or record.status == "interrupted" then return STOPPED end
  if not ok then record.status, record.reason = "failed", tostring(message) end
  recorder.file:close()
  record.metrics, record.scored_epoch = json.object(recorder.metrics), recorder.scored_epoch
  record.score = record.status == "complete" and recorder.metrics[lab.objective] or nil
  record.epochs, record.peak_memory = recorder.epochs, process.peak_memory()
  record.seconds, record.finished = process.monotonic() - began, trial.now()
  Store.write(folder .. "/trial.json", json.encode(record, true), "\n")
  lab.store:publish(plan.id, folder)
  return PUBLISHED
end

--- Trains a trial and publishes its folder. To be called in a process of its own, whose output goes to the trial's log.
-- @tparam table lab the experiment
-- @tparam table plan what to train, from `trial.plan`
-- @tparam function send tells the parent: `{ epoch =, part =, logs =, is_epoch = }`, or `{ fatal =, status = }`
-- @treturn integer the exit code: 0 published, 75 stopped by the user, else nothing could be written
function worker.run(lab, plan, send)
  local ok, result = xpcall(train_and_publish, with_traceback, lab, plan, send)
  if ok then return result end
  if process.stop_requests() ~= 0 then return STOPPED end
  if blame.is_fatal(result) then send { fatal = result.message, status = result.status } end
  return 1
end

return worker
