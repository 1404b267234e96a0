--- The folder of an experiment: finished trials, published whole by one rename.
--
--     reports/NAME/trials/ID/  a finished trial
--     reports/NAME/working/    trials that are being trained, or can be gone on with (see nn.claim)
--     reports/NAME/working/STEM.stage  where a trial ended that another one goes on from with more epochs
--     reports/NAME/seals.jsonl  by what later changes of all of them are found (see nn.ledger)
--     reports/NAME/.lock       locked by the process that writes experiment.json and the report
local lfs = require "lfs"
local process = require "engine.process"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local claim = require "nn.trials.claim"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local json = require "nn.support.json"
local Ledger = require "nn.store.ledger"
local record_types = require "nn.store.record_types"
local schema = require "nn.support.schema"
local seal = require "nn.store.seal"

local Store = {}
Store.__index = Store

local CANNOT_WRITE = 4 -- exit status
-- What has been left alone for so long nobody will go on with.
local FORGOTTEN_SECONDS = 7 * 24 * 3600

--- Ends the program (exit status 4) where something could not be written.
-- @param ok what a function of files gave
-- @tparam ?string message why, where that was nothing
-- @return ok
function Store.check(ok, message)
  if not ok then blame.fatal(CANNOT_WRITE, "cannot write the reports: %s", message) end
  return ok
end

local must = Store.check

--- The folder of an experiment. Nothing is written before `open`.
-- @tparam string folder such as "reports/mnist_lab"
-- @tparam[opt] {[string]=string} sources texts to be kept in it, by their paths within it
function Store.new(folder, sources)
  return setmetatable({
    folder = folder, trials = folder .. "/trials", charts = folder .. "/charts", working = folder .. "/working",
    sources = sources or {}, is_open = false,
  }, Store)
end

--- Makes what is missing of the folder, keeps the sources in it and clears away what nobody needs; once. The methods
-- that write do this by themselves. Ends the program (exit status 4) where it cannot be written.
function Store:open()
  if self.is_open then return end
  self.is_open = true
  for _, name in ipairs { "trials", "charts", "working" } do must(files.make_folder(self[name])) end
  for path, text in pairs(self.sources) do self:keep(path, text) end
  self:clear_leftovers()
end

--- Keeps a text that is named by its contents.
function Store:keep(path, text)
  path = self.folder .. "/" .. path
  if files.read(path) == text then return end
  must(files.make_folder(path:match "^(.*)/"))
  Store.write(path, text)
end

-- ---- several processes on one experiment ----------------------------------------------------------------------------

--- Whether this process is the one that writes experiment.json and the report: the first one that asks, and when that
-- has ended, the next one.
-- @treturn boolean
function Store:leads()
  if self.lead then return true end
  self:open()
  local fd, message = claim.lock(self.folder .. "/.lock")
  if fd == nil then must(nil, message) end
  self.lead = fd or nil
  return fd ~= false
end

--- Lets another process lead.
function Store:close()
  if not self.lead then return end
  process.unlock(self.lead)
  process.close(self.lead)
  self.lead = nil
end

--- Claims a trial.
-- @treturn table|boolean the claim; false where another process has it
function Store:claim(id)
  self:open()
  local claimed, message = claim.acquire(self.working, id)
  if claimed == nil then must(nil, message) end
  return claimed
end

--- Removes what dead processes left: halves of files, and what is left of trials that are published, or that nobody has
-- gone on with for a week.
function Store:clear_leftovers()
  for _, folder in ipairs { self.folder, self.charts, self.working, self.folder .. "/source" } do
    files.clear_unfinished(folder)
  end
  for _, name in ipairs(files.list(self.working)) do
    local id, path = name:match "^(%x+)", self.working .. "/" .. name
    local touched = lfs.attributes(path, "modification") or os.time()
    local published = id and lfs.attributes(self.trials .. "/" .. id, "modification")
    local is_needless = id and (published and published >= touched or os.time() - touched > FORGOTTEN_SECONDS)
    local claimed = is_needless and self:claim(id)
    if claimed then
      files.remove(claimed.folder)
      files.remove(path)
      claimed:finish()
    end
  end
end

--- The file in which a stage of a search is kept for the next.
-- @tparam string stem what the trials have in common
function Store:stage(stem)
  return ("%s/%s.stage"):format(self.working, stem)
end

--- Removes it.
-- @tparam ?string stem
function Store:forget_stage(stem)
  if stem then files.remove(self:stage(stem)) end
end

-- ---- trials ---------------------------------------------------------------------------------------------------------

--- Writes one file of this experiment, or of a trial's working folder, in one go.
-- @tparam string path
-- @tparam string ... contents, in pieces
function Store.write(path, ...)
  must(files.write(path, ...))
end

--- Makes a claim's folder the trial's own, in place of an earlier one, and seals it.
-- @tparam string id
-- @tparam string working
function Store:publish(id, working)
  local place = self.trials .. "/" .. id
  local earlier = working .. ".old"
  files.remove(earlier)
  must(process.fsync(working))
  local entry = { what = "trial", id = id, seal = seal.trial(working) }
  local replaces = lfs.attributes(place, "mode") == "directory"
  -- A kill between the two leaves a trial with two lines, one of which it fits, or one without a line that fits its own
  -- seal (see `sealing.adopt`): neither looks like a change.
  if replaces then must(Ledger.of(self.folder):add { entry }) end
  local ok, message = files.rename(working, place)
  if not ok and lfs.attributes(place, "mode") == "directory" then
    must(files.rename(place, earlier))
    ok, message = files.rename(working, place)
  end
  must(ok, message)
  must(process.fsync(self.trials))
  files.remove(earlier)
  if not replaces then must(Ledger.of(self.folder):add { entry }) end
end

-- What a JSON text holds, if it is of a type; else nil and what is wrong.
local function decode(text, kind)
  local value, message = json.decode(text)
  if value == nil then return nil, message or "it is empty" end
  local fault = schema.fault(value, kind)
  if fault then return nil, fault end
  return value
end

--- The record in the text of a trial.json.
-- @tparam ?string text
-- @treturn ?table nil where it is none
-- @treturn ?string then what is wrong with it
function Store.decode(text)
  if not text then return nil, "it is not there" end
  return decode(text, record_types.trial)
end

--- What an experiment.json holds.
-- @tparam string folder of the experiment
-- @treturn ?table nil where there is none that can be read
-- @treturn ?string then what is wrong with it, with its path
-- @treturn ?string its text
function Store.manifest(folder)
  local path = folder .. "/experiment.json"
  local text, why = files.read(path)
  if not text then return nil, why end
  local value, fault = decode(text, record_types.experiment)
  return value, fault and ("%s is damaged: %s"):format(path, fault), text
end

--- The record of a finished trial.
-- @treturn ?table what trial.json holds; nil where there is none that can be read
-- @treturn ?string its text
function Store:read(id)
  local text = files.read(("%s/%s/trial.json"):format(self.trials, id))
  return Store.decode(text), text
end

--- The columns of a trial's history.csv as Keras' `history.history`: all but `epoch` and `seconds`.
-- @treturn {[string]={number,...}}
function Store:history(id)
  local history = csv_file.columns(files.read(("%s/%s/history.csv"):format(self.trials, id)) or "")
  history.epoch, history.seconds = nil, nil
  for name, values in pairs(history) do as_list(values, name) end
  return history
end

return Store
