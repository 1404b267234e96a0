--- Whether the system ended processes because memory ran out: what a kill without a word may mean.
local files = require "nn.files"

local oom = {}

local function count_in(path)
  return tonumber((files.read(path) or ""):match "oom_kill (%d+)")
end

-- The folders of this process's control group, by version 2 or 1.
local function group_files()
  local text = files.read "/proc/self/cgroup" or ""
  local own, memory = text:match "0::([^\n]*)", text:match "%d+:memory:([^\n]*)"
  return {
    own and "/sys/fs/cgroup" .. own .. "/memory.events", "/sys/fs/cgroup/memory.events",
    memory and "/sys/fs/cgroup/memory" .. memory .. "/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control",
  }
end

--- How many processes were ended for lack of memory so far: in this control group, and on the whole machine.
-- @treturn integer a number that rises with each; 0 where the system does not tell
function oom.kills()
  local most = count_in "/proc/vmstat" or 0
  for _, path in pairs(group_files()) do most = math.max(most, count_in(path) or 0) end
  return most
end

--- Whether a message says that memory ran out.
function oom.is_told(message)
  return message:find("not enough memory", 1, true) ~= nil
end

return oom
