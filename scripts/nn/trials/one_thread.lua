--- Calls a function with one thread for matrix products, as trials are trained: another number of threads gives other
-- last bits.
local machine = require "engine.machine"

--- @tparam function action
-- @param ... its arguments
-- @return what it returns
return function(action, ...)
  local threads = machine.blas().threads
  local _ <close> = setmetatable({}, { __close = function() machine.set_threads(threads) end })
  machine.set_threads(1)
  return action(...)
end
