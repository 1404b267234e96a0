--- Advice about callbacks that watch a number of each epoch: is it the right one, and is more of it better?
local advice = require "nn.advice"
local objective = require "nn.experiment.objective"
local traits = require "nn.models.traits"

local monitoring = {}

local WATCHING = { EarlyStopping = true, ReduceLROnPlateau = true, ModelCheckpoint = true }

local WORDS = { max = "larger", min = "smaller" }

--- Whether a mode contradicts what a metric says of itself.
-- @tparam string name such as "val_accuracy"
-- @tparam ?string mode "min", "max" or "auto"
-- @tparam table known traits by name, see `nn.models.traits`
-- @treturn ?string what mode would be right; nil where nothing is wrong
function monitoring.contradiction(name, mode, known)
  local better = (objective.traits(name, known) or {}).better
  if better and mode and mode ~= "auto" and mode ~= better then return better end
end

local function check_mode(callback, known)
  local right = monitoring.contradiction(callback.monitor, callback.mode, known)
  if not right or callback.class_name == "ModelCheckpoint" and not callback.save_best_only then return end
  advice.at(callback.where, callback, "monitor_mode", '%s watches %s with mode = "%s", but %s values of it are better; '
    .. 'use mode = "%s", or leave it out', callback.class_name, callback.monitor, callback.mode, WORDS[right], right)
end

local function watches_training(callback, known)
  return callback.class_name == "EarlyStopping" and not callback.monitor:find "^val_"
    and objective.traits(callback.monitor, known) ~= nil
end

-- Whether both parts are the same rows, as in a truth table, of which there is no other.
local function is_same(training, held_out)
  for i, t in ipairs(training.inputs) do
    local other = held_out.inputs[i]
    if t ~= other and (#t ~= #other or t:ne(other):max() > 0) then return false end
  end
  return true
end

--- Looks at the callbacks of a fit.
-- @tparam table model compiled, with known outputs
-- @tparam {table,...} callbacks
-- @tparam table training inputs
-- @tparam ?table held_out the validation data, likewise
function monitoring.check(model, callbacks, training, held_out)
  local known
  for _, callback in ipairs(callbacks) do
    if type(callback) == "table" and WATCHING[callback.class_name] and type(callback.monitor) == "string" then
      known = known or traits.of(model)
      check_mode(callback, known)
      if held_out and watches_training(callback, known) and not is_same(training, held_out) then
        advice.at(callback.where, callback, "early_stopping", 'EarlyStopping watches %s, which is measured on the '
          .. 'training data and goes on improving where the model overfits; use monitor = "val_%s"', callback.monitor,
          callback.monitor)
      end
    end
  end
end

return monitoring
