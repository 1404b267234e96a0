--- Watching one number of each epoch: what several callbacks inherit.
-- They have the arguments monitor, mode ("auto", "min", "max") and, where improvements can be too small, min_delta.
local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"
local objective = require "nn.experiment.objective"
local float32 = require "nn.support.float32"

local Monitor = {}

--- Raises an error where mode is not one.
function Monitor.check_mode(class, a)
  if a.mode ~= "auto" and a.mode ~= "min" and a.mode ~= "max" then
    blame('%s: mode: expected "auto", "min" or "max", got %s', class, blame.got(a.mode))
  end
  if type(a.monitor) ~= "string" then blame("%s: monitor: expected a name, got %s", class, blame.got(a.monitor)) end
end

local methods = setmetatable({}, { __index = base.moments })

--- The value watched; without one, says so once.
-- @treturn ?number
function methods:monitored(logs)
  local value = logs[self.monitor]
  if value == nil and not self.has_warned then
    local names = {}
    for name in pairs(logs) do names[#names + 1] = name end
    table.sort(names)
    base.say("warning: %s: there is no %s; there are: %s", self.class_name, self.monitor, table.concat(names, ", "))
    self.has_warned = true
  end
  return value
end

--- Whether a value is better than another by more than min_delta, in float32 as Keras compares; any finite value is
-- better than none.
function methods:is_improvement(value, reference)
  local mode = self.mode
  if mode == "auto" then
    mode = objective.mode(self.monitor, require("nn.models.traits").of(self.model), self.class_name .. ": monitor")
  end
  local delta = math.abs(self.min_delta or 0)
  if mode == "max" then return float32(value - delta) > float32(reference or -math.huge) end
  return float32(value + delta) < float32(reference or math.huge)
end

--- A table of methods that has these too.
function Monitor.methods(own)
  return setmetatable(own, { __index = methods })
end

return Monitor
