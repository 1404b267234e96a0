--- Callbacks (`nn.callbacks`): what is to happen while `fit` trains, one file each, with Keras' names and defaults.
--
--     local stopping = nn.callbacks.EarlyStopping{ patience = 5 }
--     model:fit(x, y, { epochs = 100, validation_split = 0.1, callbacks = { stopping } })
--
-- Each can be driven by hand as well: set `callback.model`, then call `callback:on_train_begin({})`,
-- `callback:on_epoch_end(epoch, { val_loss = 0.3 })` and so on; epochs and batches count from 0, as in Keras. One's own
-- callback is a table of such functions; see `nn.models.calls`.
-- @module nn.callbacks
require "nn.callbacks.early_stopping"
require "nn.callbacks.model_checkpoint"
require "nn.callbacks.reduce_lr_on_plateau"
require "nn.callbacks.learning_rate_scheduler"
require "nn.callbacks.learning_rate_finder"
require "nn.callbacks.csv_logger"
require "nn.callbacks.terminate_on_nan"
require "nn.callbacks.lambda_callback"
require "nn.callbacks.history"
require "nn.callbacks.progbar_logger"
require "nn.callbacks.extend"

local base = require "nn.callbacks.base"

local callbacks = base.callbacks
callbacks.family, callbacks.hooks = base.family, base.hooks

return callbacks
