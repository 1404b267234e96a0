--- Saving while training goes on.
-- @submodule nn.callbacks

local arguments = require "nn.support.arguments"
local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local fill = require "nn.callbacks.template"
local Monitor = require "nn.callbacks.monitor"

local methods = {}

function methods:start()
  self.best, self.batches = self.initial_value_threshold, 0
  -- Only where it is wanted: a model whose callbacks look at every batch trains more slowly.
  if self.save_freq ~= "epoch" then self.on_train_batch_end = self.after_batch end
end

local function is_due(self, epoch, logs)
  if not self.save_best_only then return true end
  local current = self:monitored(logs)
  if current == nil or not self:is_improvement(current, self.best) then return false end
  if self.verbose > 0 then base.say("Epoch %d: %s is now %g", epoch + 1, self.monitor, current) end
  self.best = current
  return true
end

local function save(self, epoch, batch, logs)
  if not is_due(self, epoch, logs) then return end
  local values = { epoch = epoch + 1, batch = batch and batch + 1 }
  for name, value in pairs(logs) do values[name] = value end
  local path = fill(self.filepath, values, "ModelCheckpoint: filepath")
  local folder = path:match "^(.*[^/])/+[^/]*$"
  local ok, message = true, nil
  if folder then ok, message = files.make_folder(folder) end
  if not ok then blame("ModelCheckpoint: %s", message) end
  local verb = self.save_weights_only and "save_weights" or "save"
  if not self.model[verb] then
    blame "ModelCheckpoint: the model cannot be saved whole; add save_weights_only = true"
  end
  self.model[verb](self.model, path)
  if self.verbose > 0 then base.say("Epoch %d: saved to %s", epoch + 1, path) end
end

function methods:on_epoch_begin(epoch)
  self.epoch = epoch
end

function methods:on_epoch_end(epoch, logs)
  if self.save_freq == "epoch" then save(self, epoch, nil, logs) end
end

function methods:after_batch(batch, logs)
  self.batches = self.batches + 1
  if self.batches % self.save_freq == 0 then save(self, self.epoch or 0, batch, logs) end
end

local function check(class, a)
  Monitor.check_mode(class, a)
  if type(a.filepath) ~= "string" or not a.filepath:find "%.safetensors$" then
    blame("%s: filepath: expected a name that ends in .safetensors, got %s", class, blame.got(a.filepath))
  end
  base.whole(class, a, "verbose", 0)
  if a.initial_value_threshold ~= nil then base.number(class, a, "initial_value_threshold", -math.huge) end
  if a.save_freq ~= "epoch" then base.whole(class, a, "save_freq", 1) end
end

--- Saves the model after each epoch, or each so many batches.
-- @function ModelCheckpoint
-- @tparam string filepath ends in .safetensors. `{epoch}` (from 1), `{batch}` (from 1, with save_freq in batches) and
--   the name of any number of the epoch stand for their values, `{epoch:02d}` and `{val_loss:.4f}` for formatted ones
-- @tparam[opt="val_loss"] string monitor
-- @tparam[opt=0] integer verbose 1: say so
-- @tparam[opt=false] boolean save_best_only only when the number watched has improved
-- @tparam[opt=false] boolean save_weights_only by model:save_weights instead of model:save
-- @tparam[opt="auto"] string mode "min", "max", or "auto": as the metric says
-- @tparam[opt="epoch"] string|integer save_freq "epoch", or a number of batches
-- @tparam[opt] number initial_value_threshold only what is better than this is saved
-- @usage nn.callbacks.ModelCheckpoint{ "weights/{epoch:02d}-{val_loss:.4f}.safetensors", save_weights_only = true }
base.define {
  class = "ModelCheckpoint",
  arguments = {
    { "filepath", arguments.required }, { "monitor", "val_loss" }, { "verbose", 0 }, { "save_best_only", false },
    { "save_weights_only", false }, { "mode", "auto" }, { "save_freq", "epoch" }, { "initial_value_threshold" },
  },
  methods = Monitor.methods(methods),
  check = check,
}
