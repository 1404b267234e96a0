--- When the files of an experiment are sealed, and whether experiment.json still is as it was then. Trials are sealed
-- where they are published (see `Store:publish`).
local json = require "nn.support.json"
local Ledger = require "nn.store.ledger"
local seal = require "nn.store.seal"
local Store = require "nn.store"

local sealing = {}

--- Adds the line of a published trial that the process which published it did not live to add.
-- @tparam table store
-- @tparam string id
function sealing.adopt(store, id)
  local ledger = Ledger.of(store.folder)
  if ledger:has("trial", id) or ledger:refresh():has("trial", id) then return end
  local folder = store.trials .. "/" .. id
  local record, text = store:read(id)
  if not record or not seal.is_intact(record, text, folder) then return end
  Store.check(ledger:add { { what = "trial", id = id, seal = seal.trial(folder) } })
end

--- Seals files of an experiment as they are now; those that are sealed so already are passed over.
-- @tparam string folder of the experiment
-- @tparam {string,...} paths within it
function sealing.files(folder, paths)
  local entries, ledger = {}, Ledger.of(folder):refresh()
  for _, path in ipairs(paths) do
    local now, known = seal.file(folder .. "/" .. path), ledger:find("file", path)
    if now and not (known and known.seal == now) then
      entries[#entries + 1] = { what = "file", id = path, seal = now }
    end
  end
  Store.check(ledger:add(entries))
end

--- Notes that a file or folder of an experiment is removed on purpose, so that nobody takes it for lost.
-- @tparam string folder of the experiment
-- @tparam {string,...} paths within it, such as "trials/0123456789ab" or "trials/0123456789ab/weights.safetensors"
-- @usage sealing.removed("reports/lab", { "trials/0123456789ab" })
function sealing.removed(folder, paths)
  local entries = {}
  for i, path in ipairs(paths) do entries[i] = { what = "removed", id = path } end
  Store.check(Ledger.of(folder):add(entries))
end

-- ---- experiment.json ------------------------------------------------------------------------------------------------

-- Fields that change while trials run and say nothing about a result.
local VOLATILE, UNSETTLED = { seconds = true }, { seconds = true, progress = true }

local function fields_of(text)
  local status = text:match '\n  "status": "(%a+)"'
  return seal.fields(text, status == "running" and UNSETTLED or VOLATILE)
end

local function differences(entry, fields)
  return seal.differences(type(entry.seal) == "table" and entry.seal or {}, fields)
end

--- Writes experiment.json and its seal.
-- @tparam string folder of the experiment
-- @tparam table manifest
function sealing.write_manifest(folder, manifest)
  local ledger = Ledger.of(folder)
  manifest.seal = ledger:state()
  local text = json.encode(manifest, true) .. "\n"
  local fields, last = fields_of(text), ledger:find "experiment"
  if not last or #differences(last, fields) > 0 then
    Store.check(ledger:add { { what = "experiment", id = manifest.status or "", seal = fields } })
  end
  Store.write(folder .. "/experiment.json", text)
end

--- The fields in which an experiment.json differs from its seal.
--
-- A process that was killed may have sealed what it did not write any more: then the seal before counts, unless both
-- are of an experiment that had come to its end.
-- @tparam Ledger ledger
-- @tparam string text of the file
-- @treturn ?{string,...} nil where it was never sealed
function sealing.manifest_changes(ledger, text)
  local last, before = ledger:refresh():find "experiment"
  if not last then return nil end
  local fields = fields_of(text)
  local changes = differences(last, fields)
  local may_be_before = before and (last.id == "running" or before.id == "running")
  return may_be_before and #changes > 0 and #differences(before, fields) == 0 and {} or changes
end

return sealing
