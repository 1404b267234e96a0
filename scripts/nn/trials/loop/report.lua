--- What a training loop of a script's own tells of itself: the third argument of an experiment's `train`.
-- @submodule nn.experiment
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Models = require "nn.trials.loop.models"
local own_state = require "nn.trials.loop.state"
local properties = require "nn.support.properties"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local methods, meta = {}, { __name = "nn.Report" }

-- What is no number of the history.
local OWN = { epoch = true, model = true, state = true }

local report = { ENDED = {} } -- the error that ends a loop before its time

-- ---- one epoch ------------------------------------------------------------------------------------------------------

-- The losses of training: that one is not finite ends the trial.
local function is_training_loss(name)
  return not name:find "^val_" and (name == "loss" or name:find "_loss$") ~= nil
end

-- loss first, then the other numbers of training, then those of validation.
local function in_order(numbers)
  local names = {}
  for name in pairs(numbers) do names[#names + 1] = name end
  local function rank(name) return name == "loss" and 1 or name:find "^val_" and 3 or 2 end
  table.sort(names, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    return a < b
  end)
  return names
end

local function numbers_of(given)
  local numbers = {}
  for name, value in pairs(given) do
    if type(name) ~= "string" then
      blame("report: expected numbers by name, such as report{ epoch = 1, loss = 0.5 }, got %s at position %s",
        blame.got(value), tostring(name))
    elseif not name:find "%S" or name:find "%c" then
      blame("report: expected a name that has text and no line break, got %s", blame.got(name))
    end
    if tensor.is_tensor(value) and value.size == 1 then value = value:item() end
    if not OWN[name] and type(value) ~= "number" then
      blame("report: %s: expected a number, got %s", name, blame.got(value))
    end
    if not OWN[name] then numbers[name] = value + 0.0 end
  end
  if next(numbers) == nil then
    blame "report: expected at least one number, such as report{ epoch = 1, loss = 0.5 }"
  end
  return numbers
end

local function check_epoch(self, epoch)
  local expected = self.epochs + 1
  if epoch ~= nil and (type(epoch) ~= "number" or epoch ~= expected) then
    blame("report: epoch: expected %d, as %s, got %s", expected,
      self.epochs == 0 and "this is the first one" or ("epoch %d was the last one"):format(self.epochs),
      blame.got(epoch))
  end
end

local function diverged(numbers)
  for _, name in ipairs(in_order(numbers)) do
    local value = numbers[name]
    if is_training_loss(name) and value - value ~= 0 then return name end
  end
end

-- Notes an epoch: `report{ epoch = 1, loss = 0.5, val_accuracy = 0.9, model = m }`.
local function take(self, given)
  if type(given) ~= "table" or getmetatable(given) then
    blame("report: expected a table, as in report{ epoch = 1, loss = 0.5 }, got %s", blame.got(given))
  end
  stop.check()
  local numbers = numbers_of(given)
  check_epoch(self, given.epoch)
  if given.model ~= nil then self.models = Models.of(given.model) end
  if given.state ~= nil then
    own_state.check(given.state)
    self.state = given.state
  end
  self.epochs = self.epochs + 1
  local name = diverged(numbers)
  self.hooks.epoch(self, numbers, in_order(numbers))
  if name then
    self.outcome, self.reason = "diverged", ("%s is not finite at epoch %d"):format(name, self.epochs)
    error(report.ENDED, 0)
  end
end
meta.__call = arguments.limit_call("report", take)

-- ---- methods --------------------------------------------------------------------------------------------------------

--- Names what the loop works on, so that a trial that is killed goes on after its last epoch, in the same bits. To be
-- called once, when all is made and before the loop. What is not named has to be the same at the beginning of each
-- epoch; of random numbers those of `nn.random` are kept, and `math.random` begins anew after each report.
-- @function report:resume
-- @tparam table state models, layers, optimizers, metrics, datasets, variables, tensors, numbers and texts, by name.
-- They are made as they were, numbers and texts in this table
-- @treturn integer how many epochs are done: 0 unless the trial goes on
-- @usage
-- local loop = nn.Experiment{ name = "loop", data = { x, y }, params = { epochs = 2 },
--   train = function(p, data, report)
--   local w, sgd = nn.Variable(nn.zeros{ 4, 1 }), nn.optimizers.SGD{ 0.1 }
--   for epoch = report:resume{ w = w, sgd = sgd } + 1, p.epochs do
--     local tape <close> = nn.GradientTape()
--     local loss = nn.ops.mean(nn.ops.matmul(data.train.x, w) ^ 2)
--     sgd:apply({ tape:gradient(loss, w) }, { w })
--     report{ epoch = epoch, loss = loss }
--   end
-- end }
-- loop:trial()
function methods:resume(state)
  if self.can_resume then blame "report:resume: it was called already" end
  if self.epochs > 0 then blame "report:resume: call it before the loop, not after a report" end
  own_state.check(state)
  self.state, self.can_resume = state, true
  self.hooks.resume(self)
  return self.epochs
end

--- Tells how far an epoch is, for the terminal.
-- @function report:progress
-- @tparam integer done batches
-- @tparam integer total batches of an epoch
-- @tparam[opt] number loss
-- @usage
-- local loop = nn.Experiment{ name = "loop", data = { x, y }, train = function(p, data, report)
--   for batch = 1, 10 do report:progress(batch, 10) end
--   report{ loss = 0 }
-- end }
-- loop:trial()
function methods:progress(done, total, loss)
  stop.check()
  if type(done) ~= "number" or type(total) ~= "number" then
    blame("progress: expected two numbers, as in report:progress(batch, batches), got %s and %s", blame.got(done),
      blame.got(total))
  end
  if tensor.is_tensor(loss) then loss = loss:item() end
  self.hooks.progress(self, math.max(0, math.min(1, done / total)), loss)
end

arguments.limit_methods("report", methods, function(value) return getmetatable(value) == meta end)
properties.add(meta, { methods = methods, title = "report", readable = { "trial", "epochs", "models", "state", "hooks",
  "can_resume", "outcome", "reason" } })

-- @tparam table trial see nn.trials.own_files
-- @tparam table hooks what is done: epoch(self, numbers, names), resume(self), progress(self, part, loss)
-- @treturn table report, which `train` gets; outcome and reason where the loop ended before its time
function report.new(trial, hooks)
  return setmetatable({ trial = trial, hooks = hooks, epochs = 0 }, meta)
end

return report
