--- Whether the files of an experiment still are as they were sealed: its trials, experiment.json, its charts, the
-- copies of its script.
-- @module nn.report.seals
local lfs = require "lfs"
local hash = require("engine.data").hash
local files = require "nn.support.files"
local format = require "nn.report.format"
local identity = require "nn.trials.identity"
local Ledger = require "nn.store.ledger"
local seal = require "nn.store.seal"
local sealing = require "nn.store.sealing"
local Store = require "nn.store"

local seals = {}

local RECORD = "trial.json"

-- Of one experiment: what was found so far.
local Check = {}
Check.__index = Check

function Check:fault(path, text, ...)
  table.insert(self.faults, ("%s/%s: %s"):format(self.folder, path, text:format(...)))
end

function Check:remark(text, ...)
  table.insert(self.remarks, text:format(...))
end

function Check:exists(path)
  return lfs.attributes(self.folder .. "/" .. path, "mode") ~= nil
end

function Check:is_removed(path)
  return self.ledger:has("removed", path)
end

-- ---- trials ---------------------------------------------------------------------------------------------------------

local function hashes_of(entry)
  return entry and type(entry.seal) == "table" and entry.seal or {}
end

-- The hashes of a trial's files as the last line about it has them, or the line before, if they fit that one; nil
-- without a line.
function Check:line_of_trial(id, found)
  local last, before = self.ledger:find("trial", id)
  if before and #seal.differences(hashes_of(before), found) == 0 then return hashes_of(before) end
  return last and hashes_of(last)
end

-- Compares the files of a trial's folder with their hashes. What was changed in trial.json is told by `record`.
function Check:files_of_trial(place, sealed, found)
  for _, name in ipairs(seal.differences(sealed, found)) do
    local path = place .. "/" .. name
    if found[name] == nil then
      if not self:is_removed(path) then self:fault(path, "is gone") end
    elseif sealed[name] == nil then
      self:fault(path, "was added after the trial was sealed")
    elseif name ~= RECORD then
      self:fault(path, "was changed after the trial was sealed")
    end
  end
end

local function changed_fields(names)
  return ("%s changed after it was sealed: %s"):format(#names == 1 and "a field was" or "fields were",
    table.concat(names, ", "))
end

-- Compares a record with its own seal, and that with the line in the experiment's seals.
function Check:record(path, id, record, text, is_as_published)
  local own_id = identity.of_record(text)
  local changed = record.seal and seal.differences(record.seal.fields, seal.fields(text)) or {}
  if #changed > 0 then self:fault(path, "%s", changed_fields(changed)) end
  if record.id ~= id then
    self:fault(path, "is the record of trial %s, not of %s", record.id, id)
  elseif own_id and own_id ~= id then
    self:fault(path, "does not lead to the id %s: its data, settings, model or seed were changed", id)
  elseif record.seal and #changed == 0 and not is_as_published then
    self:fault(path, "was changed together with its seal: %s has another hash of it", Ledger.FILE)
  elseif not record.seal and (record.identity or self.ledger:has("trial", id)) then
    self:fault(path, "its seal was removed")
  elseif not record.seal then
    self.unsealed = self.unsealed + 1
  end
end

function Check:trial(id)
  local place = "trials/" .. id
  local path, folder = place .. "/" .. RECORD, self.folder .. "/" .. place
  if not self:exists(place) then
    if not self:is_removed(place) then self:fault(place, "is gone: it was the folder of a finished trial") end
    return
  end
  local text, found = files.read(folder .. "/" .. RECORD), seal.trial(folder)
  local record, damage = Store.decode(text)
  local line = self:line_of_trial(id, found)
  if record then
    self:record(path, id, record, text, not line or line[RECORD] == found[RECORD])
    self:source(record.source)
  elseif text then
    self:fault(path, "is damaged: %s", damage)
  end
  if line then
    self:files_of_trial(place, line, found)
  elseif record and record.seal then
    record.seal.files[RECORD] = found[RECORD]
    self:files_of_trial(place, record.seal.files, found)
    self:trial_without_line(place)
  end
end

-- It was published a moment before its process was killed, or was put there by somebody else.
function Check:trial_without_line(place)
  if self.manifest.status == "complete" then
    self:fault(place, "is not in %s: nnrun did not finish it in this folder; run the script again to add it",
      Ledger.FILE)
  else
    self:remark("%s/%s is not in %s yet, as its process was killed; the next run of the script adds it", self.folder,
      place, Ledger.FILE)
  end
end

function Check:trials()
  local ids = {}
  for _, id in ipairs(self.ledger:ids "trial") do ids[id] = true end
  for _, name in ipairs(files.list(self.folder .. "/trials")) do ids[name] = true end
  local list = {}
  for id in pairs(ids) do list[#list + 1] = id end
  table.sort(list)
  for _, id in ipairs(list) do self:trial(id) end
  if self.unsealed > 0 then
    self:remark("%s not sealed (made by an earlier version of nnrun): a change of %s files may not be found",
      format.count(self.unsealed, "trial") .. (self.unsealed == 1 and " is" or " are"),
      self.unsealed == 1 and "its" or "their")
  end
end

-- ---- the copies of the script ---------------------------------------------------------------------------------------

local NAME = "^source/(%x+)%.%w+$" -- a copy is named by its contents

-- The copies that a record names, each once.
function Check:source(source)
  for _, field in ipairs { "copy", "diff" } do
    local path = type(source) == "table" and source[field]
    if type(path) == "string" and not self.sources[path] then
      self.sources[path] = true
      local text, name = files.read(self.folder .. "/" .. path), path:match(NAME)
      if not text then
        self:fault(path, "is gone: the copy of the script that trials were trained by")
      elseif name and hash(text):sub(1, #name) ~= name then
        self:fault(path, "was changed: it is not what its name says")
      end
    end
  end
end

-- ---- the record of the experiment, its charts -----------------------------------------------------------------------

function Check:experiment()
  local text = files.read(self.folder .. "/experiment.json") or ""
  local manifest, ledger = self.manifest, self.ledger
  self:source(manifest.source)
  local changes = sealing.manifest_changes(ledger, text)
  local chain = type(manifest.seal) == "table" and manifest.seal
  if not changes and not chain then
    self:remark("%s/experiment.json is not sealed (made by an earlier version of nnrun)", self.folder)
  elseif changes and #changes > 0 then
    self:fault("experiment.json", "%s", changed_fields(changes))
  end
  if chain and chain.lines > 0 and self.heads[chain.lines] ~= chain.hash then
    self:fault(Ledger.FILE, "line %d is not the one that experiment.json names: lines were removed or changed",
      chain.lines)
  end
end

-- Files that the report computes again are compared by whoever does.
function Check:charts()
  for _, path in ipairs(self.ledger:ids "file") do
    local now, last = seal.file(self.folder .. "/" .. path), self.ledger:find("file", path)
    if path:find "^charts/" and now ~= last.seal and not self:is_removed(path) then
      self.charts_changed[path] = now and "was changed after it was drawn" or "is gone"
    end
  end
end

local function new_check(folder, manifest)
  return setmetatable({
    folder = folder, manifest = manifest, ledger = Ledger.new(folder):refresh(), faults = {}, remarks = {},
    unsealed = 0, sources = {}, charts_changed = {},
  }, Check)
end

-- All that was changed, charts too.
local function changes_of(self)
  local list, paths = table.move(self.faults, 1, #self.faults, 1, {}), {}
  for path in pairs(self.charts_changed) do paths[#paths + 1] = path end
  table.sort(paths)
  for _, path in ipairs(paths) do
    list[#list + 1] = ("%s/%s: %s"):format(self.folder, path, self.charts_changed[path])
  end
  return list
end

--- Holds an experiment's files against their seals.
-- @tparam string folder of the experiment
-- @tparam table manifest what its experiment.json holds
-- @treturn table `changes`: all files that were changed, a text each; `faults`: those that are no charts; `charts`: of
--   each chart's file that is not as it was drawn, by its path in the folder, what is wrong with it; `remarks`: what
--   else there is to say
-- @usage for _, text in ipairs(require("nn.report.seals").check("reports/lab", manifest).changes) do print(text) end
function seals.check(folder, manifest)
  local self = new_check(folder, manifest)
  local broken, torn, heads = Ledger.verify(self.ledger.path)
  self.heads = heads
  table.move(broken, 1, #broken, 1, self.faults)
  table.move(torn, 1, #torn, 1, self.remarks)
  self:experiment()
  self:trials()
  self:charts()
  return { changes = changes_of(self), faults = self.faults, charts = self.charts_changed, remarks = self.remarks }
end

--- The files of one trial that were changed after they were sealed.
-- @tparam string folder of the experiment
-- @tparam string id
-- @treturn {string,...} a text each; empty where none was
-- @usage for _, text in ipairs(require("nn.report.seals").of_trial("reports/lab", "0123456789ab")) do print(text) end
function seals.of_trial(folder, id)
  local self = new_check(folder, Store.manifest(folder) or {})
  self:trial(id)
  return self.faults
end

return seals
