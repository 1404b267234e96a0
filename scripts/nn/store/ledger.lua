--- An experiment's seals, one a line: reports/NAME/seals.jsonl. Lines are only ever added, each with the hash of the
-- line before it, so that a line that is changed, removed or inserted later is found.
--
--     {"at":TIME,"before":HASH,"id":ID,"seal":{FILE:HASH,...},"what":"trial"}            a trial was published
--     {"at":TIME,"before":HASH,"id":STATUS,"seal":{FIELD:HASH,...},"what":"experiment"}  experiment.json was written
--     {"at":TIME,"before":HASH,"id":PATH,"seal":HASH,"what":"file"}                      a chart or report was written
--     {"at":TIME,"before":HASH,"id":PATH,"what":"removed"}                               a file or folder was removed
--
-- Any number of processes may add lines: the file is locked while one does. Where one dies meanwhile, half a line
-- stays; the next line begins below it.
local lfs = require "lfs"
local process = require "engine.process"
local hash = require("engine.data").hash
local claim = require "nn.trials.claim"
local files = require "nn.support.files"
local json = require "nn.support.json"

local Ledger = {}
Ledger.__index = Ledger

Ledger.FILE = "seals.jsonl"

local LOCK_TICK = 2 -- milliseconds between two attempts to lock the file

--- The seals of an experiment. Nothing is read or written yet.
-- @tparam string folder of the experiment
function Ledger.new(folder)
  local self = setmetatable({ path = folder .. "/" .. Ledger.FILE }, Ledger)
  self:forget()
  return self
end

local by_folder = {}

--- The seals of an experiment, the same object each time: what it has read need not be read again.
-- @tparam string folder of the experiment
function Ledger.of(folder)
  by_folder[folder] = by_folder[folder] or Ledger.new(folder)
  return by_folder[folder]
end

function Ledger:forget()
  -- size: bytes that were read; count: lines; head: the hash of the last one; rest: what stands after it.
  -- last, before: by kind and id, where the last line about it begins, and the one before that. The lines are read
  -- again when they are asked for: a long sweep has many.
  self.size, self.count, self.head, self.rest, self.last, self.before = 0, 0, "", "", {}, {}
end

-- Takes in a line that begins at a byte of the file.
function Ledger:take(line, position)
  local id, what = line:match '"id":"([^"]*)".*"what":"(%a+)"}$'
  if id then
    local key = what == "experiment" and "" or id
    local last, before = self.last[what] or {}, self.before[what] or {}
    self.last[what], self.before[what] = last, before
    last[key], before[key] = position, last[key]
  end
  self.count, self.head = self.count + 1, hash(line)
end

--- Reads the lines that were added since it was last called.
-- @treturn Ledger itself
function Ledger:refresh()
  local about = lfs.attributes(self.path) or { size = 0 }
  if about.size < self.size or about.ino ~= self.inode then self:forget() end -- it was replaced
  self.inode = about.ino
  if about.size == self.size then return self end
  local file <close> = assert(io.open(self.path, "rb"))
  file:seek("set", self.size)
  local text = file:read "a"
  local whole = text:match "^.*\n" or ""
  for position, line in whole:gmatch "()([^\n]*)\n" do self:take(line, self.size + position - 1) end
  self.size, self.rest = self.size + #whole, text:sub(#whole + 1)
  return self
end

-- What a line says; an empty table where it is damaged.
local function entry_at(file, position)
  file:seek("set", position)
  local entry = json.decode(file:read "l" or "")
  return type(entry) == "table" and entry or {}
end

--- The last line about something, and the one before it.
-- @tparam string what "trial", "experiment", "file" or "removed"
-- @tparam[opt=""] string id
-- @treturn ?table as in the file; nil where there is none
-- @treturn ?table
function Ledger:find(what, id)
  id = id or ""
  local file <close> = self:has(what, id) and io.open(self.path, "rb") or nil
  if not file then return nil end
  local before = self.before[what][id]
  return entry_at(file, self.last[what][id]), before and entry_at(file, before)
end

--- Whether there is a line about something.
-- @tparam string what
-- @tparam string id
-- @treturn boolean
function Ledger:has(what, id)
  return (self.last[what] or {})[id] ~= nil
end

--- The ids of all that there are lines about.
-- @tparam string what
-- @treturn {string,...} sorted
function Ledger:ids(what)
  local ids = {}
  for id in pairs(self.last[what] or {}) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids
end

-- Calls a function while the file is locked.
local function locked(path, action)
  local fd, message
  repeat
    fd, message = claim.lock(path)
    if fd == false then process.poll({}, LOCK_TICK) end
  until fd ~= false
  if not fd then return nil, message end
  local ok, why = action(fd)
  process.unlock(fd)
  process.close(fd)
  return ok, why
end

--- Adds lines.
-- @tparam {table,...} entries what, id and seal of each, as above
-- @treturn ?boolean true; nil and a message where they cannot be written
function Ledger:add(entries)
  if #entries == 0 then return true end
  return locked(self.path, function(fd)
    self:refresh()
    local texts, now = {}, os.date "!%Y-%m-%dT%H:%M:%SZ"
    if self.rest ~= "" then texts[1] = "\n" end -- below half a line, which counts as one
    local before = self.rest ~= "" and hash(self.rest) or self.head
    for _, entry in ipairs(entries) do
      local line = json.encode { at = now, before = before, id = entry.id, seal = entry.seal, what = entry.what }
      texts[#texts + 1], before = line .. "\n", hash(line)
    end
    local ok, message = process.write(fd, table.concat(texts))
    if ok then ok, message = process.fsync(self.path) end
    self:refresh()
    return ok, message and ("%s: %s"):format(self.path, message)
  end)
end

--- Where the chain stands: what a file written now can say about the lines before it.
-- @treturn {lines=integer,hash=string}
function Ledger:state()
  self:refresh()
  return { lines = self.count, hash = self.head }
end

--- Reads the file from its beginning and follows the chain.
-- @tparam string path
-- @treturn {string,...} what is wrong with it
-- @treturn {string,...} what else there is to say: lines that were not written to their end
-- @treturn {string,...} the hash of each line
function Ledger.verify(path)
  local faults, remarks, heads = {}, {}, {}
  for line, stop in (files.read(path) or ""):gmatch "([^\n]*)(\n?)" do
    if line == "" and stop == "" then break end
    local number, entry = #heads + 1, json.decode(line)
    if type(entry) ~= "table" then
      remarks[#remarks + 1] = ("%s:%d: was not written to its end, as the process that wrote it was killed")
        :format(path, number)
    elseif entry.before ~= (heads[number - 1] or "") then
      faults[#faults + 1] = ("%s:%d: does not follow from the line before it: a line was changed, removed or inserted")
        :format(path, number)
    end
    heads[number] = hash(line)
  end
  return faults, remarks, heads
end

return Ledger
