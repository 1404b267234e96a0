--- What became of trials that have no score, in words.
local FATES = { timeout = "timed out", ["out of memory"] = "ran out of memory", missing = "is missing",
  unreadable = "is unreadable", pruned = "was pruned" }
local OF_SEVERAL = { missing = "are missing", unreadable = "are unreadable", pruned = "were pruned" }

local fates = {}

--- What became of trials that ended so: "failed", "timed out", "is missing", "are missing".
-- @tparam string status
-- @tparam[opt=1] integer count
-- @treturn string
function fates.verb(status, count)
  return (count or 1) > 1 and OF_SEVERAL[status] or FATES[status] or status
end

--- Trials that ended in the same way for the same reason, in one line.
-- @tparam integer count
-- @tparam string status
-- @tparam string reason
-- @treturn string
-- @usage fates.gathered(27, "failed", "lab.lua:3: boo") --> "27 trials failed for the same reason: lab.lua:3: boo"
function fates.gathered(count, status, reason)
  return ("%d trials %s for the same reason: %s"):format(count, fates.verb(status, count), reason)
end

return fates
