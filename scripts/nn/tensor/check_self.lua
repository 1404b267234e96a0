--- Makes sure that a method was called with a tensor, which it is not where a dot stands for the colon.
-- @param self
-- @tparam string name of the method
-- @treturn tensor self
local blame = require "nn.support.blame"
local engine = require "engine.tensor"

return function(self, name)
  if not engine.is_tensor(self) then blame("expected a tensor; methods are called with a colon: t:%s()", name) end
  return self
end
