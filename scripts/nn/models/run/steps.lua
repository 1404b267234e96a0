--- Batches that a model's own `train_step` or `test_step` takes: used in place of a job (nn.models.run.job), where a
-- model of one's own has such a function. It is called in Lua for each batch, and what it returns are the batch's
-- numbers.
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"
local Job = require "nn.models.run.job"
local ops = require "nn.ops"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local Steps = {}
Steps.__index = Steps

local ROWS = 32 -- of a batch, if the caller does not say

-- What Run and the sources ask an engine's job for.
local Engine = {}
Engine.__index = Engine

function Engine:batch_size() return self.steps.size end
function Engine:set_order(order) self.steps.order = order end
function Engine.density() return nil end
function Engine:variables() return self.steps.model.trainable_variables end

-- The sums of the numbers over the samples, as plain data.
function Engine:sums()
  local copy = {}
  for name, sum in pairs(self.steps.sums) do copy[name] = sum end
  return { samples = self.steps.samples, by_name = copy }
end

function Engine:set_sums(sums)
  self.steps.samples, self.steps.sums = sums.samples, sums.by_name
end

local function new(model, name, source, size)
  local self = setmetatable({ model = model, name = name, step = model[name], source = source, sums = {}, samples = 0,
    size = math.min(size or ROWS, source.n), mode = name == "train_step" and "train" or "evaluate" }, Steps)
  self.engine = setmetatable({ steps = self }, Engine)
  return self
end

--- As Job.trainer, or for a model with a `train_step` what calls that.
function Steps.trainer(model, source, outputs, size)
  if not model.train_step then return Job.trainer(model, source, outputs, size) end
  return new(model, "train_step", source, size)
end

--- As Job.evaluator, or for a model with a `test_step` what calls that.
function Steps.evaluator(model, source, outputs, size, keras_size)
  if not model.test_step then return Job.evaluator(model, source, outputs, size, keras_size) end
  return new(model, "test_step", source, size or keras_size)
end

-- ---- as a job ------------------------------------------------------------------------------------------------------

function Steps:feed(source)
  self.source, self.size, self.order = source, source.n, nil
  return true
end

function Steps.share_metrics() end

function Steps:clear() self.sums, self.samples = {}, 0 end

-- Some rows of one tensor, or of each of several, as a step takes them.
local function rows_of(self, tensors, first, last)
  local order, list = self.order, {}
  for i, t in pairs(tensors) do
    list[i] = order and ops.take(t, order[{ { first, last } }], { axis = 1 }) or t[{ { first, last } }]
  end
  return #tensors == 1 and list[1] or list
end

local function number_of(self, name, value)
  if tensor.is_tensor(value) and value.size == 1 then value = value:reshape { 1 }[1] end
  if type(name) == "string" and type(value) == "number" then return value end
  blame.at(functions.where(self.step), "%s: expected a number for each name in what it returns, got %s for %s",
    self.name, blame.got(value), tostring(name))
end

-- Calls the step for one batch and adds up its numbers.
-- @treturn boolean whether the loss is finite
local function take_step(self, batch)
  local source = self.source
  local count = self.order and #self.order or source.n
  local first = (batch - 1) * self.size + 1
  local last = math.min(first + self.size - 1, count)
  local logs = self.step(self.model, rows_of(self, source.inputs, first, last),
    rows_of(self, source.targets, first, last), source.weights and rows_of(self, source.weights, first, last))
  if type(logs) ~= "table" or getmetatable(logs) then
    blame.at(functions.where(self.step), "%s: it is to return a table of numbers by name, such as { loss = 0.5 }, "
      .. "got %s", self.name, blame.got(logs))
  end
  local rows = last - first + 1
  self.samples = self.samples + rows
  for name, value in pairs(logs) do self.sums[name] = (self.sums[name] or 0) + rows * number_of(self, name, value) end
  local loss = self.sums.loss or 0
  return loss - loss == 0
end

--- As Job:run.
function Steps:run(first, count)
  for i = 0, count - 1 do
    if stop.is_requested() then return "stopped", i end
    if not take_step(self, first + i) and self.mode == "train" then return "not finite", i end
  end
  return "done", count
end

--- As Job:results: the loss first, then the others by name.
function Steps:results()
  local logs, order = {}, {}
  for name, sum in pairs(self.sums) do logs[name], order[#order + 1] = sum / self.samples, name end
  table.sort(order, function(a, b)
    if a == "loss" or b == "loss" then return a == "loss" and b ~= "loss" end
    return a < b
  end)
  self.model.metrics_names = order
  return logs, order
end

return Steps
