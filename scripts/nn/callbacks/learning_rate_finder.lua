--- Looking for a learning rate.
-- @submodule nn.callbacks

local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"
local optimizer_state = require "nn.models.optimizer_state"

local SMOOTHING = 0.9 -- of the losses, as weight of those before
local SETTLED = 10    -- batches after which the smoothed loss is more than chance
local DIVERGED = 2    -- times the lowest loss: there the rate is too large
local HOPELESS = 4    -- times the lowest loss: training stops

local methods = {}

function methods:start()
  self.rates, self.losses, self.smoothed = {}, {}, {}
  self.average, self.seen, self.lowest = 0, 0, math.huge
end

-- ---- the model as it was --------------------------------------------------------------------------------------------

local function remember(model)
  local slots = {}
  for name, slot in pairs(optimizer_state.tensors(model)) do slots[name] = slot:copy() end
  return {
    weights = model:get_weights(), slots = slots, rate = model.optimizer.learning_rate,
    calls = model.optimizer:calls(),
  }
end

local function put_back(model, before)
  model:set_weights(before.weights)
  optimizer_state.restore_slots(model, before.slots)
  model.optimizer.learning_rate = before.rate
  model.optimizer:set_calls(before.calls)
end

-- ---- moments --------------------------------------------------------------------------------------------------------

function methods:on_train_begin()
  self:start()
  self.before = remember(self.model)
  if not (self.steps or self.params.steps) then
    blame "LearningRateFinder: steps is missing: the dataset does not know how many batches it has"
  end
  self.total = self.steps or self.params.steps * self.params.epochs
end

function methods:on_epoch_begin()
  self.sum = 0
end

function methods:on_train_batch_begin()
  local part = self.total > 1 and #self.rates / (self.total - 1) or 0
  self.model.optimizer.learning_rate = self.min_rate * (self.max_rate / self.min_rate) ^ part
end

-- The loss of this batch alone: the epoch's numbers are means over all its batches so far.
local function loss_of_batch(self, batch, mean)
  local before = self.sum
  self.sum = mean * (batch + 1)
  return self.sum - before
end

local function add(self, loss)
  self.rates[#self.rates + 1] = self.model.optimizer.learning_rate
  self.losses[#self.losses + 1] = loss
  self.average, self.seen = SMOOTHING * self.average + (1 - SMOOTHING) * loss, self.seen + 1
  local smooth = self.average / (1 - SMOOTHING ^ self.seen)
  self.smoothed[#self.smoothed + 1] = smooth
  if self.seen >= SETTLED then self.lowest = math.min(self.lowest, smooth) end
  return smooth
end

function methods:on_train_batch_end(batch, logs)
  local smooth = add(self, loss_of_batch(self, batch, logs.loss))
  if smooth > HOPELESS * self.lowest or #self.rates >= self.total then self.model.stop_training = true end
end

function methods:on_train_end(logs)
  if logs and logs.loss ~= logs.loss then add(self, 0 / 0) end -- not even a number: the batch that ended training
  if self.before then put_back(self.model, self.before) end
end

-- ---- what came out --------------------------------------------------------------------------------------------------

--- The first rate, after the lowest loss, at which the loss is twice the lowest.
-- @function finder:diverged_at
-- @treturn ?number nil where the loss never diverged
-- @usage
-- local finder = nn.callbacks.LearningRateFinder{}
-- model:fit(x, y, { epochs = 20, batch_size = 1, verbose = 0, callbacks = { finder } })
-- print(finder:diverged_at())
function methods:diverged_at()
  local from = math.min(SETTLED, #self.smoothed)
  for i = from, #self.smoothed do
    if self.smoothed[i] <= self.smoothed[from] then from = i end
  end
  for i = from, #self.smoothed do
    local loss = self.smoothed[i]
    if loss ~= loss or loss > DIVERGED * self.smoothed[from] then return self.rates[i] end
  end
end

--- Half the rate at which the loss diverges: a good one to begin with.
-- @function finder:suggestion
-- @treturn number
-- @raise where the loss did not diverge
-- @usage
-- local finder = nn.callbacks.LearningRateFinder{}
-- model:fit(x, y, { epochs = 20, batch_size = 1, verbose = 0, callbacks = { finder } })
-- model.optimizer.learning_rate = finder:suggestion()
function methods:suggestion()
  local rate = self:diverged_at()
  if not rate then
    blame("LearningRateFinder: the loss did not diverge from rate %g to %g: train more batches, or raise max_rate",
      self.rates[1] or self.min_rate, self.rates[#self.rates] or self.max_rate)
  end
  return rate / 2
end

--- The loss over the rate.
-- @function finder:plot
-- @treturn table a figure, as nn.plot.curves makes
-- @usage
-- local finder = nn.callbacks.LearningRateFinder{}
-- model:fit(x, y, { epochs = 20, batch_size = 1, verbose = 0, callbacks = { finder } })
-- lab:figure("Learning rate", finder:plot())
function methods:plot()
  local rate = self:diverged_at()
  return require "nn.plot.curves" {
    title = "Loss over the learning rate", x_label = "learning rate", y_label = "loss", log_x = true,
    series = {
      { name = "of each batch", x = self.rates, y = self.losses, dashed = true },
      { name = "smoothed", x = self.rates, y = self.smoothed },
    },
    caption = rate and ("The loss diverges at a rate of %.2g; half of that is suggested."):format(rate) or nil,
  }
end

local function check(class, a)
  base.number(class, a, "min_rate", 1e-30)
  base.number(class, a, "max_rate", a.min_rate)
  if a.steps ~= nil then base.whole(class, a, "steps", 2) end
end

--- Looks for a good learning rate: the rate grows by the same factor at each batch until the loss diverges; half the
-- rate at which it does is suggested. Afterwards the model is as it was before: weights, optimizer, rate.
-- `rates`, `losses` and `smoothed` are lists of numbers, one a batch.
-- @function LearningRateFinder
-- @tparam[opt=1e-5] number min_rate of the first batch
-- @tparam[opt=10] number max_rate of the last batch
-- @tparam[opt] integer steps batches from the first rate to the last (all that fit is asked for)
-- @usage local finder = nn.callbacks.LearningRateFinder{}
-- model:fit(x, y, { epochs = 20, batch_size = 1, verbose = 0, callbacks = { finder } })
-- model.optimizer.learning_rate = finder:suggestion()
base.define {
  class = "LearningRateFinder",
  arguments = { { "min_rate", 1e-5 }, { "max_rate", 10.0 }, { "steps" } },
  methods = methods,
  check = check,
}
