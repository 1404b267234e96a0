--- Whether the system ended processes because memory ran out: what a kill without a word may mean.
local files = require "nn.support.files"

local oom = {}

local VOLUNTEERS = 500 -- of 1000: as if half of the memory there is were in use too

local function count_in(path)
  return tonumber((files.read(path) or ""):match "oom_kill (%d+)")
end

-- What tells it of this process's control group, version 1 or 2.
local function group_files()
  local text = files.read "/proc/self/cgroup" or ""
  local own, memory = text:match "0::([^\n]*)", text:match "%d+:memory:([^\n]*)"
  local paths = {}
  if memory then paths[1] = "/sys/fs/cgroup/memory" .. memory .. "/memory.oom_control" end
  if own then paths[#paths + 1] = "/sys/fs/cgroup" .. own .. "/memory.events" end
  -- In a container the path may be that outside, and the folder that of this process.
  paths[#paths + 1] = "/sys/fs/cgroup/memory/memory.oom_control"
  paths[#paths + 1] = "/sys/fs/cgroup/memory.events"
  return paths
end

--- How many processes were ended for lack of memory so far: in this control group, or where that does not tell, on the
-- whole machine.
-- @treturn integer a number that rises with each; 0 where the system does not tell
function oom.kills()
  for _, path in ipairs(group_files()) do
    local count = count_in(path)
    if count then return count end
  end
  return count_in "/proc/vmstat" or 0
end

--- Makes this process the one to be ended before others where memory runs out: a trial, not the sweep.
function oom.volunteer()
  local file <close> = io.open("/proc/self/oom_score_adj", "w")
  if file then file:write(tostring(VOLUNTEERS)) end
end

--- Whether a message says that memory ran out.
function oom.is_told(message)
  return message:find("not enough memory", 1, true) ~= nil
end

return oom
