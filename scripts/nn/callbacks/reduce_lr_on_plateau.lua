--- Rates that fall when nothing improves.
-- @submodule nn.callbacks

local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"
local Monitor = require "nn.callbacks.monitor"

local methods = {}

function methods:start()
  self.wait, self.cooldown_counter, self.best = 0, 0, nil
end

function methods:on_train_begin()
  self:start()
end

local function reduce(self, epoch, rate)
  if rate <= self.min_lr then return end
  rate = math.max(rate * self.factor, self.min_lr)
  self.model.optimizer.learning_rate = rate
  if self.verbose > 0 then base.say("Epoch %d: learning rate reduced to %g", epoch + 1, rate) end
  self.cooldown_counter, self.wait = self.cooldown, 0
end

function methods:on_epoch_end(epoch, logs, order)
  local rate = base.learning_rate(self)
  base.log(logs, order, "learning_rate", rate)
  local current = self:monitored(logs)
  if current == nil then return end
  if self.cooldown_counter > 0 then self.cooldown_counter, self.wait = self.cooldown_counter - 1, 0 end
  if self:is_improvement(current, self.best) then
    self.best, self.wait = current, 0
  elseif self.cooldown_counter <= 0 then
    self.wait = self.wait + 1
    if self.wait >= self.patience then reduce(self, epoch, rate) end
  end
end

local function check(class, a)
  Monitor.check_mode(class, a)
  base.number(class, a, "factor", 0)
  if a.factor >= 1 then blame("%s: factor: expected less than 1, got %g", class, a.factor) end
  base.whole(class, a, "patience", 0)
  base.whole(class, a, "cooldown", 0)
  base.whole(class, a, "verbose", 0)
  base.number(class, a, "min_delta", -math.huge)
  base.number(class, a, "min_lr", 0)
end

--- Makes the learning rate smaller when a number no longer improves. The rate of each epoch is in the history.
-- @function ReduceLROnPlateau
-- @tparam[opt="val_loss"] string monitor
-- @tparam[opt=0.1] number factor new rate = rate * factor
-- @tparam[opt=10] integer patience epochs without improvement after which the rate is reduced
-- @tparam[opt=0] integer verbose 1: say so
-- @tparam[opt="auto"] string mode "min", "max", or "auto": as the metric says
-- @tparam[opt=0.0001] number min_delta a smaller change is no improvement
-- @tparam[opt=0] integer cooldown epochs to wait after a reduction before counting again
-- @tparam[opt=0] number min_lr lowest rate
-- @raise where the optimizer's rate follows a schedule
-- @usage nn.callbacks.ReduceLROnPlateau{ factor = 0.5, patience = 3 }
base.define {
  class = "ReduceLROnPlateau",
  arguments = {
    { "monitor", "val_loss" }, { "factor", 0.1 }, { "patience", 10 }, { "verbose", 0 }, { "mode", "auto" },
    { "min_delta", 1e-4 }, { "cooldown", 0 }, { "min_lr", 0.0 },
  },
  methods = Monitor.methods(methods),
  check = check,
}
