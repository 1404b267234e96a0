--- How a run was asked to stop, and what that means for its end.
local process = require "engine.process"
local blame = require "nn.support.blame"

local stop = {}

local PREEMPTED, INTERRUPTED, SIGNALLED = 75, 130, 128
local UNREAD = "PIPE" -- nobody reads standard output any more: nothing is said about the end

process.set_interruption(blame.new_fatal(INTERRUPTED, "interrupted"))

local function signal()
  local requests = process.stop_requests()
  return requests < 0 and process.signal_name(-requests) or requests > 0 and "INT" or nil
end

--- Whether somebody wants this process to stop.
-- @treturn boolean
function stop.is_requested()
  return process.stop_requests() ~= 0
end

--- The exit status that says so: 130 after Ctrl-C, 75 after SIGTERM and SIGUSR1, 141 where nobody reads standard
-- output.
-- @treturn ?integer nil where nobody wants to stop
function stop.status()
  local name = signal()
  if name == "INT" then return INTERRUPTED end
  if name == UNREAD then return SIGNALLED + 13 end
  return name and PREEMPTED
end

--- "stopped by Ctrl-C", or "stopped by SIGTERM"; "stopped" where nobody wants it.
-- @treturn string
function stop.reason()
  local name = signal()
  if name == "INT" then return "stopped by Ctrl-C" end
  return name and "stopped by SIG" .. name or "stopped"
end

--- Whether the user is still there to read how a stopped run ended.
-- @treturn boolean
function stop.is_told()
  return signal() ~= UNREAD
end

--- Raises the wish to stop as an error that ends the script.
function stop.check()
  if stop.is_requested() then blame.fatal(stop.status(), "%s", stop.reason()) end
end

return stop
