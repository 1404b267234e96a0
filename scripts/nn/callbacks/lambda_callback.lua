--- Callbacks of functions.
-- @submodule nn.callbacks

local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"

local MOMENTS = {
  "on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin", "on_train_batch_end",
  "on_test_begin", "on_test_end",
}

local list = {}
for i, name in ipairs(MOMENTS) do list[i] = { name } end

local function check(class, a)
  for name, value in pairs(a) do
    if type(value) ~= "function" then blame("%s: %s: expected a function, got %s", class, name, blame.got(value)) end
  end
end

--- A callback of functions. A plain table of functions does as well.
-- @function LambdaCallback
-- @tparam[opt] function on_epoch_begin (epoch, logs); epochs and batches count from 0
-- @tparam[opt] function on_epoch_end (epoch, logs)
-- @tparam[opt] function on_train_begin (logs)
-- @tparam[opt] function on_train_end (logs)
-- @tparam[opt] function on_train_batch_begin (batch, logs)
-- @tparam[opt] function on_train_batch_end (batch, logs)
-- @tparam[opt] function on_test_begin (logs)
-- @tparam[opt] function on_test_end (logs)
-- @usage nn.callbacks.LambdaCallback{ on_epoch_end = function(epoch, logs) print(epoch, logs.loss) end }
base.define { class = "LambdaCallback", arguments = list, methods = {}, check = check }
