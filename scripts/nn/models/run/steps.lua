--- Batches that Lua takes: used in place of a job (nn.models.run.job), where a model of one's own has a `train_step` or
-- `test_step`, or runs eagerly. The step is called for each batch, and what it returns are the batch's numbers.
local blame = require "nn.support.blame"
local eager = require "nn.models.eager"
local eager_step = require "nn.models.run.eager_step"
local feed = require "nn.models.feed"
local functions = require "nn.support.functions"
local invoke = require "nn.support.invoke"
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

-- @tparam string name "train_step" or "test_step"
-- @tparam table outputs of the model, for the metrics of a model without such a step
local function new(model, name, source, outputs, size)
  local own = model[name]
  local self = setmetatable({ model = model, name = name, step = own or eager_step[name], source = source, sums = {},
    samples = 0, size = math.min(size or ROWS, source.n), mode = name == "train_step" and "train" or "evaluate",
    metrics = {}, names = {} }, Steps)
  if not own then self.metrics, self.names = eager_step.metrics(model, outputs, source) end
  self.engine = setmetatable({ steps = self }, Engine)
  return self
end

--- As Job.trainer; for a model with a `train_step`, or one that runs eagerly, what takes steps in Lua.
function Steps.trainer(model, source, outputs, size)
  if not (model.train_step or model.run_eagerly) then return Job.trainer(model, source, outputs, size) end
  return new(model, "train_step", source, outputs, size)
end

--- As Job.evaluator; for a model with a `test_step`, or one that runs eagerly, what takes steps in Lua.
function Steps.evaluator(model, source, outputs, size, keras_size)
  if not (model.test_step or model.run_eagerly) then
    return Job.evaluator(model, source, outputs, size, keras_size)
  end
  return new(model, "test_step", source, outputs, size or keras_size)
end

-- ---- as a job ------------------------------------------------------------------------------------------------------

function Steps:feed(source)
  self.source, self.size, self.order = source, source.n, nil
  return true
end

function Steps.share_metrics() end

function Steps:clear()
  self.sums, self.samples = {}, 0
  for _, entry in ipairs(self.metrics) do entry.metric:reset_state() end
end

--- As Job:own_metrics.
function Steps:own_metrics() return self.metrics end

-- Some rows of one tensor, or of each of several, as a step takes them.
local function rows_of(self, tensors, first, last)
  local order, list = self.order, {}
  for i, t in pairs(tensors) do
    list[i] = order and ops.take(t, order[{ { first, last } }], { axis = 1 }) or t[{ { first, last } }]
  end
  if next(tensors) == nil then return nil end
  return #tensors == 1 and list[1] or list
end

local function number_of(self, name, value)
  if tensor.is_tensor(value) and value.size == 1 then value = value:reshape { 1 }[1] end
  if type(name) == "string" and type(value) == "number" then return value end
  blame.at(functions.where(self.step), "%s: expected a number for each name in what it returns, got %s for %s",
    self.name, blame.got(value), tostring(name))
end

-- Calls the step with some rows.
-- @return what it returns
-- @treturn {{name=,value=},...} what layers gave to add_metric
local function call_step(self, first, last)
  local source = self.source
  local x, y = rows_of(self, source.inputs, first, last), rows_of(self, source.targets, first, last)
  local weights = source.weights and rows_of(self, source.weights, first, last)
  if feed.reads_data(self.model) then feed.note_read(x) end
  if not self.model.run_eagerly then return invoke(self.step, self.model, x, y, weights), {} end
  return eager.during(invoke, self.step, self.model, x, y, weights, self.metrics)
end

-- Calls the step for one batch and adds up its numbers.
-- @treturn boolean whether the loss is finite
local function take_step(self, batch)
  local count = self.order and #self.order or self.source.n
  local first = (batch - 1) * self.size + 1
  local last = math.min(first + self.size - 1, count)
  local logs, added = call_step(self, first, last)
  if type(logs) ~= "table" or getmetatable(logs) then
    blame.at(functions.where(self.step), "%s: it is to return a table of numbers by name, such as { loss = 0.5 }, "
      .. "got %s", self.name, blame.got(logs))
  end
  local rows = last - first + 1
  self.samples = self.samples + rows
  for name, value in pairs(logs) do self.sums[name] = (self.sums[name] or 0) + rows * number_of(self, name, value) end
  for _, each in ipairs(added) do
    self.sums[each.name] = (self.sums[each.name] or 0) + rows * number_of(self, each.name, each.value)
  end
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

-- A result without axes as a number.
local function plain(result)
  return tensor.is_tensor(result) and result.size == 1 and result:item() or result
end

--- As Job:results: in the order of a job, and then by name.
function Steps:results()
  local logs, order = {}, {}
  for name, sum in pairs(self.sums) do logs[name] = sum / self.samples end
  for _, entry in ipairs(self.metrics) do logs[entry.name] = plain(entry.metric:result()) end
  for name in pairs(logs) do order[#order + 1] = name end
  local place = { loss = 1 }
  for i, name in ipairs(self.names) do place[name] = i end
  table.sort(order, function(a, b)
    if place[a] and place[b] then return place[a] < place[b] end
    if place[a] or place[b] then return place[a] ~= nil end
    return a < b
  end)
  self.model.metrics_names = order
  return logs, order
end

return Steps
