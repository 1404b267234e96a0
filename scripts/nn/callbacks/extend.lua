--- Callbacks of one's own as classes.
-- @submodule nn.callbacks
local base = require "nn.callbacks.base"
local blame = require "nn.support.blame"

-- Fields of a callback from what its constructor was given. A checkpoint stores all of them; `arguments` tells it
-- whether there are functions among them.
local function fields_of(name, given)
  if given ~= nil and (type(given) ~= "table" or getmetatable(given)) then
    blame("%s: expected a table of its fields, got %s", name, blame.got(given))
  end
  local fields = { class_name = name, arguments = given or {} }
  for key, value in pairs(given or {}) do fields[key] = value end
  return fields
end

--- A class of callbacks from Lua functions. What its objects are given becomes fields of `self`. For one callback a
-- plain table of such functions does as well.
-- @function Callback.extend
-- @tparam table class name (optional), the functions that `fit` calls, such as on_epoch_end = function(self, epoch,
-- logs), and whatever else its objects have
-- @treturn table the class
-- @usage
-- local Patience = nn.callbacks.Callback:extend{ name = "Patience",
--   on_epoch_end = function(self, epoch, logs)
--     if epoch + 1 >= self.epochs then self.model.stop_training = true end
--   end }
-- local callback = Patience{ epochs = 3 }
local function extend(_, class)
  if type(class) ~= "table" or getmetatable(class) then
    blame("Callback:extend: expected a table of functions such as on_epoch_end, got %s", blame.got(class))
  end
  local name = class.name or "Callback"
  if type(name) ~= "string" then blame("Callback:extend: name: expected a text, got %s", blame.got(name)) end
  local meta = { __name = name, __index = class }
  function meta.__tostring() return ("<callback %s>"):format(name) end
  return setmetatable({ class_name = name }, {
    __call = function(_, given) return setmetatable(fields_of(name, given), meta) end,
    __tostring = function() return "<class " .. name .. ">" end,
  })
end

rawset(base.callbacks, "Callback",
  setmetatable({ extend = extend }, { __tostring = function() return "<class Callback>" end }))

return extend
