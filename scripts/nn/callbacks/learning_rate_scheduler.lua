--- Rates set at each epoch.
-- @submodule nn.callbacks

local arguments = require "nn.support.arguments"
local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"

local methods = {}

function methods:on_epoch_begin(epoch)
  local rate = self.schedule(epoch, base.learning_rate(self))
  if type(rate) ~= "number" or rate ~= rate or rate < 0 then
    blame("LearningRateScheduler: expected the schedule to give a number of at least 0, got %s", blame.got(rate))
  end
  self.model.optimizer.learning_rate = rate
  if self.verbose > 0 then base.say("Epoch %d: learning rate %g", epoch + 1, rate) end
end

function methods:on_epoch_end(_, logs, order)
  base.log(logs, order, "learning_rate", base.learning_rate(self))
end

local function check(class, a)
  base.whole(class, a, "verbose", 0)
  local meta = type(a.schedule) == "table" and getmetatable(a.schedule)
  if type(a.schedule) ~= "function" and not (meta and meta.__call) then
    blame("%s: schedule: expected a function(epoch, learning_rate), got %s", class, blame.got(a.schedule))
  end
end

--- Sets the learning rate at the beginning of each epoch. The rate of each epoch is in the history.
-- @function LearningRateScheduler
-- @tparam function schedule of the epoch (from 0) and the rate so far; gives the new rate
-- @tparam[opt=0] integer verbose 1: say so
-- @raise where the optimizer's rate follows a schedule of its own
-- @usage nn.callbacks.LearningRateScheduler(function(epoch, rate) return epoch < 10 and rate or rate * 0.9 end)
base.define {
  class = "LearningRateScheduler",
  arguments = { { "schedule", arguments.required }, { "verbose", 0 } },
  methods = methods,
  check = check,
}
