--- What callbacks have in common: their family, and the few things several of them do.
local blame = require "nn.support.blame"
local Family = require "nn.support.family"

-- What `fit` calls of a callback.
local HOOKS = {
  "on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_test_begin", "on_test_end",
  "on_train_batch_begin", "on_train_batch_end", "on_train_progress",
}

local SETTABLE = { "model", "params", table.unpack(HOOKS) }

local callbacks, family = Family.new("callback", "callbacks", { settable = SETTABLE })

local base = { callbacks = callbacks, family = family, hooks = HOOKS }

--- Moments at which a callback of the vocabulary does nothing unless it says otherwise. Batches are not among them: one
-- that looks at every batch makes training slower.
base.moments = {}
for _, what in ipairs { "train", "epoch", "test" } do
  base.moments["on_" .. what .. "_begin"] = function() end
  base.moments["on_" .. what .. "_end"] = function() end
end

--- Adds a callback to the vocabulary. Its arguments become attributes of the same names, and with `start`, where there
-- is one, it is ready for use.
-- @tparam table definition class; arguments: as Family's; methods: on_epoch_end and the like, start;
-- check: a function of the class's name and the arguments
function base.define(definition)
  if not getmetatable(definition.methods) then setmetatable(definition.methods, { __index = base.moments }) end
  return family.define {
    class = definition.class, arguments = definition.arguments, methods = definition.methods,
    hint = definition.hint,
    check = function(a, object)
      if definition.check then definition.check(definition.class, a) end
      for name, value in pairs(a) do object[name] = value end
      if object.start then object:start() end
    end,
  }
end

--- Says something while a model trains, on standard error.
-- @tparam string format as in string.format
function base.say(format, ...)
  io.stderr:write(format:format(...), "\n")
end

--- Raises an error unless an argument is a whole number of at least `least`.
function base.whole(class, a, name, least)
  if math.type(a[name]) ~= "integer" or a[name] < least then
    blame("%s: %s: expected a whole number of at least %d, got %s", class, name, least, blame.got(a[name]))
  end
end

--- Raises an error unless an argument is a number in a range.
-- @tparam string class
-- @tparam table a the arguments
-- @tparam string name of the argument
-- @tparam number least -math.huge for none
-- @tparam[opt] number most
function base.number(class, a, name, least, most)
  local value = a[name]
  if type(value) ~= "number" or not (value >= least and value <= (most or math.huge)) then
    local range = most and (" from %g to %g"):format(least, most)
      or least > -math.huge and (" of at least %g"):format(least) or ""
    blame("%s: %s: expected a number%s, got %s", class, name, range, blame.got(value))
  end
end

--- The learning rate of the callback's model, which must not follow a schedule.
-- @treturn number
function base.learning_rate(self)
  local rate = self.model.optimizer.learning_rate
  if type(rate) ~= "number" then
    blame("%s: the optimizer's learning rate follows a schedule; give it a number, so that it can be changed",
      self.class_name)
  end
  return rate
end

--- Adds a number to what is known of an epoch: history and display show it.
-- @tparam table logs
-- @tparam[opt] {string,...} order the names in the order of display
function base.log(logs, order, name, value)
  if order and logs[name] == nil then order[#order + 1] = name end
  logs[name] = value
end

return base
