--- Functions of the script as objects of a family: `function(shape)` as an initializer, `function(w)` as a regularizer.
local blame = require "nn.support.blame"
local functions = require "nn.support.functions"

-- @tparam table family the module that users see
-- @tparam table methods what the objects can do; __call: what a call of one does
-- @treturn function(f) which gives the object of a function; its `arguments.fn` is the function
return function(family, methods)
  local meta = { __name = "nn.function", family = family, __call = methods.__call }
  meta.__index = setmetatable({
    get_config = function(self) return { fn = self.arguments.fn } end,
    title = function(self) return functions.name(self.arguments.fn) or self.class_name end,
  }, { __index = methods })
  function meta.__digest(self) return { self.class_name, self.arguments.fn } end
  function meta.__tostring(self) return ("<Function %s>"):format(self:title()) end
  return function(f)
    if type(f) ~= "function" then
      blame("this was a function of a script, which no file holds: build the model in the script, and load its weights")
    end
    return setmetatable({ class_name = "Function", where = functions.where(f), arguments = { fn = f } }, meta)
  end
end
