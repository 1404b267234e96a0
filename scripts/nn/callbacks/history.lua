--- The numbers of all epochs.
-- @submodule nn.callbacks
local as_list = require "nn.support.list"
local base = require "nn.callbacks.base"

local methods = {}

function methods:start()
  self.history, self.epoch = {}, as_list({}, "epoch")
end

function methods:on_train_begin()
  self.epoch = as_list({}, "epoch")
end

function methods:on_epoch_end(epoch, logs)
  self.epoch[#self.epoch + 1] = epoch
  for name, value in pairs(logs) do
    self.history[name] = self.history[name] or as_list({}, name)
    table.insert(self.history[name], value)
  end
end

--- Keeps the numbers of all epochs: `history[name]` is a list, `epoch` the numbers of the epochs from 0. `fit` returns
-- one.
-- @function History
-- @usage model:fit(x, y, { epochs = 5 }).history.loss[5]
return base.define {
  class = "History", arguments = {}, methods = methods,
  hint = function(self, name) return self.history[name] and ("; did you mean history.history.%s?"):format(name) end,
}
