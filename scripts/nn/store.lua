--- The folder of an experiment: finished trials, published whole by one rename.
--
--     reports/NAME/trials/ID/      a finished trial
--     reports/NAME/trials/.ID.PID/ one that process PID is working on; its log.txt is locked as long as that lives
local lfs = require "lfs"
local process = require "engine.process"
local blame = require "nn.blame"
local files = require "nn.files"
local json = require "nn.json"

local Store = {}
Store.__index = Store

local CANNOT_WRITE = 4 -- exit status
-- Between a working folder and the lock on its log lie microseconds; an older one without a lock belongs to nobody.
local GRACE_SECONDS = 60

--- Ends the program (exit status 4) where something could not be written.
-- @param ok what a function of files gave
-- @tparam ?string message why, where that was nothing
-- @return ok
function Store.check(ok, message)
  if not ok then blame.fatal(CANNOT_WRITE, "cannot write the reports: %s", message) end
  return ok
end

local must = Store.check

--- Opens the folder of an experiment, makes it where it is missing, and clears away what dead processes left.
-- Ends the program (exit status 4) where it cannot be written.
-- @tparam string folder such as "reports/mnist_lab"
function Store.open(folder)
  local self = setmetatable({ folder = folder, trials = folder .. "/trials", charts = folder .. "/charts" }, Store)
  must(files.make_folder(self.trials))
  must(files.make_folder(self.charts))
  self:clear_leftovers()
  return self
end

--- Locks a log as the sign that its process lives.
-- @treturn ?integer a file descriptor; nil where somebody else holds the lock
function Store.lock(path)
  local fd = must(process.open_for_append(path))
  if process.flock(fd, true, true) then return fd end
  process.close(fd)
end

local function is_abandoned(folder)
  local log = folder .. "/log.txt"
  if not lfs.attributes(log) then
    return os.time() - (lfs.attributes(folder, "modification") or 0) > GRACE_SECONDS
  end
  local fd = Store.lock(log)
  if fd then process.close(fd) end
  return fd ~= nil
end

--- Removes the working folders of processes that live no more.
function Store:clear_leftovers()
  for _, name in ipairs(files.list(self.trials)) do
    local folder = self.trials .. "/" .. name
    if name:match "^%." and is_abandoned(folder) then files.remove(folder) end
  end
end

--- Where process `pid` works on a trial.
function Store:working_folder(id, pid)
  return ("%s/.%s.%d"):format(self.trials, id, pid)
end

--- Writes one file of this experiment, or of a trial's working folder, in one go.
-- @tparam string path
-- @tparam string ... contents, in pieces
function Store.write(path, ...)
  must(files.write(path, ...))
end

--- Makes a working folder the trial's own, in place of an earlier one.
-- @tparam string id
-- @tparam string working
function Store:publish(id, working)
  local place = self.trials .. "/" .. id
  local earlier = working .. ".old"
  must(process.fsync(working))
  if not files.rename(working, place) then
    must(files.rename(place, earlier))
    must(files.rename(working, place))
  end
  must(process.fsync(self.trials))
  files.remove(earlier)
end

--- The record of a finished trial.
-- @treturn ?table what trial.json holds; nil where there is none that can be read
function Store:read(id)
  local text = files.read(("%s/%s/trial.json"):format(self.trials, id))
  local record = text and json.decode(text)
  return type(record) == "table" and record or nil
end

--- The rows of a trial's history.csv as Keras' `history.history`: a list for each column but `epoch` and `seconds`.
-- @treturn {[string]={number,...}}
function Store:history(id)
  local history = {}
  local file <close> = io.open(("%s/%s/history.csv"):format(self.trials, id))
  local header = file and file:read "l"
  if not header then return history end
  local names = {}
  for name in header:gmatch "[^,]+" do
    names[#names + 1], history[name] = name, {}
  end
  for line in file:lines() do
    local column = 0
    for value in line:gmatch "[^,]+" do
      column = column + 1
      local list = history[names[column]]
      if list then list[#list + 1] = tonumber(value) or 0 / 0 end
    end
  end
  history.epoch, history.seconds = nil, nil
  return history
end

return Store
