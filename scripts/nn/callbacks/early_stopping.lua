--- Ending training early.
-- @submodule nn.callbacks

local base = require "nn.callbacks.base"
local Monitor = require "nn.callbacks.monitor"

local methods = {}

function methods:start()
  self.wait, self.stopped_epoch, self.best_epoch = 0, 0, 0
  self.best, self.best_weights = nil, nil
end

function methods:on_train_begin()
  self:start()
end

local function remember(self, epoch)
  self.best_epoch = epoch
  if self.restore_best_weights then self.best_weights = self.model:get_weights() end
end

function methods:on_epoch_end(epoch, logs)
  local current = self:monitored(logs)
  if current == nil or epoch < self.start_from_epoch then return end
  if self.restore_best_weights and not self.best_weights then remember(self, epoch) end
  self.wait = self.wait + 1
  if self:is_improvement(current, self.best) then
    self.best = current
    remember(self, epoch)
    if self.baseline == nil or self:is_improvement(current, self.baseline) then self.wait = 0 end
  elseif self.wait >= self.patience and epoch > 0 then
    self.stopped_epoch = epoch
    self.model.stop_training = true
  end
end

function methods:on_train_end()
  if self.stopped_epoch > 0 and self.verbose > 0 then base.say("Epoch %d: early stopping", self.stopped_epoch + 1) end
  if not self.best_weights then return end
  if self.verbose > 0 then base.say("Restoring the weights of the best epoch, %d", self.best_epoch + 1) end
  self.model:set_weights(self.best_weights)
end

local function check(class, a)
  Monitor.check_mode(class, a)
  base.whole(class, a, "patience", 0)
  base.whole(class, a, "start_from_epoch", 0)
  base.whole(class, a, "verbose", 0)
  if a.baseline ~= nil then base.number(class, a, "baseline", -math.huge) end
  base.number(class, a, "min_delta", -math.huge)
end

--- Stops training when a number no longer improves.
-- Afterwards `stopped_epoch` (from 0; 0 if it did not stop), `best`, `best_epoch` and `wait` tell what happened.
-- @function EarlyStopping
-- @tparam[opt="val_loss"] string monitor
-- @tparam[opt=0] number min_delta a smaller change is no improvement
-- @tparam[opt=0] integer patience epochs without improvement after which training stops
-- @tparam[opt=0] integer verbose 1: say so
-- @tparam[opt="auto"] string mode "min", "max", or "auto": as the metric says
-- @tparam[opt] number baseline patience also runs while the number is not better than this
-- @tparam[opt=false] boolean restore_best_weights at the end, whether stopped or not
-- @tparam[opt=0] integer start_from_epoch earlier epochs count for nothing
-- @usage model:fit(x, y, { epochs = 100, validation_split = 0.1,
--   callbacks = { nn.callbacks.EarlyStopping{ patience = 5, restore_best_weights = true } } })
base.define {
  class = "EarlyStopping",
  arguments = {
    { "monitor", "val_loss" }, { "min_delta", 0 }, { "patience", 0 }, { "verbose", 0 }, { "mode", "auto" },
    { "baseline" }, { "restore_best_weights", false }, { "start_from_epoch", 0 },
  },
  methods = Monitor.methods(methods),
  check = check,
}
