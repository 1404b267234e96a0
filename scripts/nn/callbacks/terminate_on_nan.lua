--- Ending training that has failed.
-- @submodule nn.callbacks

local base = require "nn.callbacks.base"

local methods = {}

local function look(self, logs)
  local loss = logs and logs.loss
  if loss and (loss ~= loss or math.abs(loss) == math.huge) then self.model.stop_training = true end
end

function methods:on_batch_end(_, logs)
  look(self, logs)
end

function methods:on_epoch_end(_, logs)
  look(self, logs)
end

--- Stops training when the loss is not finite. `fit` does so by itself, at the very batch; this is for loops of one's
-- own.
-- @function TerminateOnNaN
-- @usage nn.callbacks.TerminateOnNaN{}
base.define { class = "TerminateOnNaN", arguments = {}, methods = methods }
