--- What a trial reads while it is trained: its callbacks may go by files, variables of the environment and what
-- programs print. What `build` reads is in the model that it makes.
--
-- Lua's functions are watched from the beginning, as a script may keep one: `local open = io.open`.
local after_note = require("engine.watch").after_note
local blame = require "nn.support.blame"
local data = require "engine.data"
local files = require "nn.support.files"
local json = require "nn.support.json"

local reads = {}

local SYSTEM = { "^/proc/", "^/dev/", "^/sys/" }
local VARIABLE, OUTPUT = "$", "output of "
local ABSENT, UNKNOWN = "absent", "unknown"

--- What stands for the contents of what was read.
-- @tparam string name a path; "$NAME" for a variable; "output of COMMAND", which nobody can know
local function checksum(name)
  if name:sub(1, #OUTPUT) == OUTPUT then return UNKNOWN end
  local contents
  if name:sub(1, #VARIABLE) == VARIABLE then
    contents = os.getenv(name:sub(#VARIABLE + 1))
  else
    contents = files.read(name)
  end
  return contents and data.hash(contents) or ABSENT
end

local Watch = {}
Watch.__index = Watch

local watch -- of this process, where it trains a trial

function Watch:read(name)
  if type(name) ~= "string" or self.checksums[name] ~= nil or name:sub(1, #self.own) == self.own then return end
  for _, pattern in ipairs(SYSTEM) do
    if name:find(pattern) then return end
  end
  self.checksums[name] = ABSENT -- reading it now comes here again
  self.checksums[name] = checksum(name)
end

function Watch:written(path)
  if type(path) == "string" then self.written_files[path] = true end
end

local function read(name)
  if watch then watch:read(name) end
end

local function written(path)
  if watch then watch:written(path) end
end

local CALLER = 3 -- above the note and the function of engine.watch

local function read_variable(name)
  if type(name) == "string" and not blame.is_own(CALLER) then read(VARIABLE .. name) end
end

local function read_output(command)
  if type(command) == "string" then read(OUTPUT .. command) end
end

local function opened(path, mode)
  local is_read = mode == nil or type(mode) == "string" and mode:find "^r[^+]*$"
  return (is_read and read or written)(path)
end

local function note_calls(module, notes)
  for name, note in pairs(notes) do module[name] = after_note(module[name], note) end
end

--- Watches from now on what the script reads by Lua's functions. To be called once, before there is a script.
function reads.begin()
  note_calls(io, { open = opened, lines = read, input = read, popen = read_output })
  note_calls(os, { getenv = read_variable, rename = function(_, path) written(path) end })
  note_calls(_G, { dofile = read, loadfile = read })
  note_calls(data, { read_file = read, read_idx = read })
  note_calls(require "lfs", { attributes = read, mkdir = written })
  local search = package.searchers[2]
  package.searchers[2] = function(module)
    if watch then read((package.searchpath(module, package.path))) end
    return search(module)
  end
end

--- Notes from now on what this process reads. It is meant for the process of one trial and has no end.
-- @tparam string own the folder of nnrun's own files, which do not count
-- @treturn table watch
function reads.watch(own)
  watch = setmetatable({ own = own .. "/", checksums = {}, written_files = {} }, Watch)
  return watch
end

--- What was read and not written by the trial itself.
-- @treturn ?table name -> checksum; nil where nothing was
function Watch:found()
  local found = {}
  for name, value in pairs(self.checksums) do found[name] = not self.written_files[name] and value or nil end
  return next(found) and json.object(found) or nil
end

--- Whether what was read is as it was. What a program printed never is.
-- @tparam ?{[string]=string} found by `found`, in an earlier run
-- @treturn boolean
function reads.are_same(found)
  for name, value in pairs(type(found) == "table" and found or {}) do
    if value == UNKNOWN or checksum(name) ~= value then return false end
  end
  return true
end

--- What was read that cannot be compared with a later run.
-- @tparam ?{[string]=string} found
-- @treturn {string,...}
function reads.unknown(found)
  local list = {}
  for name, value in pairs(type(found) == "table" and found or {}) do
    if value == UNKNOWN then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

return reads
