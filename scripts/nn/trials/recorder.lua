--- A callback that writes history.csv, tells the parent, and remembers the epoch that counts and its weights.
local process = require "engine.process"
local blame = require "nn.support.blame"
local csv_file = require "nn.support.csv_file"
local objective = require "nn.experiment.objective"
local Store = require "nn.store"

local Recorder = {}
Recorder.__index = Recorder

local OWN_COLUMNS = { "epoch", "seconds" } -- of history.csv
local OF_THIS_PROCESS = { lab = true, file = true, path = true, send = true, demands = true, model = true,
  params = true, began = true, began_trial = true }

--- Columns of history.csv: what fit reports in its order, then what callbacks added (the learning rate).
local function columns_of(logs, order)
  local columns, known, added = {}, {}, {}
  for i, name in ipairs(order or {}) do columns[i], known[name] = name, true end
  for name in pairs(logs) do
    if not known[name] then added[#added + 1] = name end
  end
  table.sort(added)
  return table.move(added, 1, #added, #columns + 1, columns)
end

--- The logs that are one number each: a trial's record has no room for metrics with a tensor of values.
local function single_numbers(logs, order)
  local numbers, kept = {}, {}
  for name, value in pairs(logs) do
    if type(value) == "number" then numbers[name] = value end
  end
  for _, name in ipairs(order or {}) do
    if logs[name] == nil or numbers[name] then kept[#kept + 1] = name end
  end
  return numbers, kept
end

--- @tparam table lab the experiment
-- @tparam string path of history.csv
-- @tparam function send tells the parent, see `worker.run`
-- @tparam[opt] {[integer]=number} demands by epoch, the score that a sweep's pruner wants by then
-- @treturn Recorder `epochs` done, `metrics` of the epoch that counts and `scored_epoch`, its number; `best_weights`;
-- `pruned` and `reason`, where the pruner ended the trial
function Recorder.new(lab, path, send, demands)
  local file = Store.check(io.open(path, "w"))
  return setmetatable({
    lab = lab, file = file, path = path, send = send, demands = demands or {}, epochs = 0, metrics = {}, lines = {},
    each_epoch = {},
    began_trial = process.monotonic(), began = process.monotonic(), earlier_seconds = 0,
  }, Recorder)
end

--- Seconds spent on the trial, in earlier attempts too as far as their checkpoints reach.
function Recorder:seconds()
  return self.earlier_seconds + process.monotonic() - self.began_trial
end

--- For a checkpoint: everything but what this process has of its own.
function Recorder:state()
  local state = {}
  for name, value in pairs(self) do
    if not OF_THIS_PROCESS[name] then state[name] = value end
  end
  state.earlier_seconds, state.epoch_seconds = self:seconds(), process.monotonic() - self.began
  return state
end

function Recorder:restore(state)
  for name, value in pairs(state) do self[name] = value end
  self.began = process.monotonic() - self.epoch_seconds -- where it goes on within an epoch
  for _, line in ipairs(self.lines) do self:put(line) end
end

--- Adds a line to the file, so that a reader sees it at once.
function Recorder:put(line)
  local ok, message = self.file:write(line)
  if ok then ok, message = self.file:flush() end
  Store.check(ok, message and ("%s: %s"):format(self.path, message))
end

function Recorder:write(line)
  table.insert(self.lines, line)
  self:put(line)
end

--- Tells the parent at once where the objective is none of the columns (of a diverged epoch some are missing).
function Recorder:check_objective(logs)
  if self.lab.objective:find "^test_" then return end
  if logs[self.lab.objective] == nil and logs.loss == logs.loss then self.send { lacks_objective = self.columns } end
end

-- A row of history.csv.
local function row_of(epoch, cells, seconds)
  local row = table.move(cells, 1, #cells, 2, { epoch })
  row[#row + 1] = seconds
  return row
end

local function check_columns(logs)
  for _, name in ipairs(OWN_COLUMNS) do
    if logs[name] ~= nil then
      blame("history.csv has a column %s already; give the metric, or what a callback adds to logs, another name", name)
    end
  end
end

function Recorder:write_row(logs, order)
  if not self.columns then
    check_columns(logs)
    self.columns = columns_of(logs, order)
    self:write(csv_file.line(row_of("epoch", self.columns, "seconds")))
    self:check_objective(logs)
  end
  local numbers = {}
  for i, name in ipairs(self.columns) do numbers[i] = logs[name] or 0 / 0 end
  local seconds = tonumber(("%.4g"):format(process.monotonic() - self.began))
  self:write(csv_file.line(row_of(self.epochs, numbers, seconds)))
end

function Recorder:is_best(logs)
  local score, best = logs[self.lab.objective], self.metrics[self.lab.objective]
  return score == score and objective.better(self.lab.mode, score, best)
end

function Recorder:on_epoch_begin()
  self.began = process.monotonic()
end

function Recorder:on_train_progress(done, total, logs)
  self.send { epoch = self.epochs, part = total and done / total or 0, logs = { loss = logs.loss } }
end

--- Ends a trial that does not reach what its sweep's pruner demands.
function Recorder:prune(logs)
  local objective_name, demand = self.lab.objective, self.demands[self.epochs]
  local score = logs[objective_name]
  if score == score and objective.better(self.lab.mode, score, self.best_score) then self.best_score = score end
  if not demand or self.best_score and not objective.better(self.lab.mode, demand, self.best_score) then return end
  self.pruned = { epochs = self.epochs, demand = demand }
  self.reason = ("its best %s after epoch %d, %.6g, is worse than the median of earlier trials, %.6g"):format(
    objective_name, self.epochs, self.best_score or 0 / 0, demand)
  self.model.stop_training = true
end

--- The trial's metrics are those of that epoch.
function Recorder:score_epoch(epoch)
  self.metrics, self.scored_epoch = {}, epoch
  for name, value in pairs(self.each_epoch[epoch]) do self.metrics[name] = value end
end

--- The trial's metrics are these, of no epoch. What callbacks added to the last one's, such as the rate, stays.
function Recorder:score_anew(metrics)
  self:score_epoch(self.epochs)
  self.scored_epoch, self.scored_after_training = nil, true
  for name, value in pairs((single_numbers(metrics))) do self.metrics[name] = value end
end

function Recorder:on_epoch_end(_, all_logs, all_order)
  local logs, order = single_numbers(all_logs, all_order)
  self.epochs = self.epochs + 1
  self:write_row(logs, order)
  self.send { epoch = self.epochs, part = 0, logs = logs, is_epoch = true }
  self:prune(logs)
  local keeps_best = self.lab.keep == "best"
  self.each_epoch[self.epochs] = logs
  if keeps_best and not self:is_best(logs) then return end
  self:score_epoch(self.epochs)
  if keeps_best then self.best_weights = self.model:get_weights() end
end

return Recorder
