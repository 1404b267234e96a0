--- Who trains a trial: a claim, which is a lock on the trial's lease file and ends with its holder, however that ends.
--
--     reports/NAME/working/ID.lease       locked while somebody trains; a line for each attempt and each checkpoint
--     reports/NAME/working/ID/            the folder that will be published
--     reports/NAME/working/ID.checkpoint  where to go on
--
-- The lease file says how often the trial's process died without getting any further: a trial that kills whatever
-- trains it would otherwise do so for ever.
local lfs = require "lfs"
local machine = require "engine.machine"
local process = require "engine.process"
local files = require "nn.support.files"
local json = require "nn.support.json"

local Claim = {}
Claim.__index = Claim

local claim = {}

--- Locks a file for this process.
-- @tparam string path
-- @treturn ?integer its descriptor; false where somebody else has the lock; nil and a message where there are no locks
function claim.lock(path)
  local fd, message = process.open_for_append(path)
  if not fd then return nil, message end
  local locked, why = process.flock(fd, true, true)
  if locked then return fd end
  process.close(fd)
  if locked == false then return false end
  local text = "%s: cannot be locked, and trials are shared out by locks (%s); --reports DIR names another folder"
  return nil, text:format(path, why)
end

--- Claims a trial.
-- @tparam string working the folder of what is being worked on
-- @tparam string id
-- @treturn ?table the claim: folder, checkpoint (paths); false where somebody else has it; nil and a message where the
-- lease cannot be written
function claim.acquire(working, id)
  local stem = working .. "/" .. id
  local path = stem .. ".lease"
  while true do
    local fd, message = claim.lock(path)
    if not fd then return fd, message end
    if process.is_same_file(fd, path) then
      return setmetatable({ fd = fd, path = path, folder = stem, checkpoint = stem .. ".checkpoint" }, Claim)
    end
    process.close(fd) -- whoever had it removed it between the two calls above
  end
end

function Claim:note(line)
  return process.write(self.fd, json.encode(line) .. "\n")
end

--- How often the trial was begun, and how often in a row it died since it last got further.
-- @treturn integer attempts
-- @treturn integer deaths the attempt that runs now is counted as one
function Claim:count()
  local attempts, deaths, furthest = 0, 0, 0
  for text in (files.read(self.path) or ""):gmatch "[^\n]+" do
    local line = json.decode(text)
    line = type(line) == "table" and line or {}
    if line.attempt then
      attempts, deaths = attempts + 1, deaths + 1
    elseif line.stopped then
      deaths = math.max(0, deaths - 1)
    elseif type(line.epoch) == "number" and line.epoch > furthest then
      furthest, deaths = line.epoch, 1
    end
  end
  return attempts, deaths
end

--- Notes that this process begins to train.
-- @treturn ?boolean true; nil and a message where it could not be noted
function Claim:begin()
  self.attempt = self:count() + 1
  return self:note { attempt = self.attempt, pid = process.pid(), host = machine.hostname(),
    started = os.date "!%Y-%m-%dT%H:%M:%SZ" }
end

--- Notes that there is a checkpoint after so many epochs, which need not be whole.
function Claim:reached(epoch)
  return self:note { epoch = epoch }
end

--- Notes that the attempt ended because the whole run was told to stop.
function Claim:stopped()
  return self:note { stopped = true }
end

local function give_back(self)
  process.unlock(self.fd)
  process.close(self.fd)
end

--- Ends the claim on a trial that is published.
function Claim:finish()
  files.remove(self.checkpoint)
  files.remove(self.path)
  give_back(self)
end

--- Ends the claim on a trial that is not published: what the next one can go on from stays.
function Claim:leave()
  local has_checkpoint = lfs.attributes(self.checkpoint) ~= nil
  if not has_checkpoint then files.remove(self.folder) end
  if not has_checkpoint and select(2, self:count()) == 0 then files.remove(self.path) end
  give_back(self)
end

return claim
