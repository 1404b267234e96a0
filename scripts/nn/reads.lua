--- Which files a trial reads while it is trained, and what is in them: its callbacks may go by that. What `build` reads
-- is in the model that it makes.
local data = require "engine.data"
local files = require "nn.files"
local json = require "nn.json"

local reads = {}

local SYSTEM = { "^/proc/", "^/dev/", "^/sys/" }

local function checksum(path)
  local contents = files.read(path)
  return contents and data.hash(contents)
end

local Watch = {}
Watch.__index = Watch

function Watch:read(path)
  if type(path) ~= "string" or self.read_files[path] ~= nil or path:sub(1, #self.own) == self.own then return end
  for _, pattern in ipairs(SYSTEM) do
    if path:find(pattern) then return end
  end
  self.read_files[path] = false -- as it is where there is no such file; and reading it now comes here again
  self.read_files[path] = checksum(path) or false
end

function Watch:written(path)
  if type(path) == "string" then self.written_files[path] = true end
end

--- Puts a function before another one.
local function before(module, name, note)
  local original = module[name]
  module[name] = function(...)
    note(...)
    return original(...)
  end
end

--- Notes from now on what this process reads. It is meant for the process of one trial and has no end.
-- @tparam string own the folder of nnrun's own files, which do not count
-- @treturn table watch
function reads.watch(own)
  local self = setmetatable({ own = own .. "/", read_files = {}, written_files = {} }, Watch)
  local function read(path) self:read(path) end
  before(io, "open", function(path, mode)
    local is_read = mode == nil or type(mode) == "string" and mode:find "^r[^+]*$"
    self[is_read and "read" or "written"](self, path)
  end)
  before(os, "rename", function(_, path) self:written(path) end)
  for _, entry in ipairs { { io, "lines" }, { io, "input" }, { _G, "dofile" }, { _G, "loadfile" },
    { data, "read_file" }, { data, "read_idx" } } do before(entry[1], entry[2], read) end
  before(package.searchers, 2, function(module) read((package.searchpath(module, package.path))) end)
  return self
end

--- What was read and not written by the trial itself.
-- @treturn ?table path -> checksum; nil where nothing was
function Watch:found()
  local found = {}
  for path, value in pairs(self.read_files) do found[path] = value and not self.written_files[path] and value or nil end
  return next(found) and json.object(found) or nil
end

--- Whether files hold what they held.
-- @tparam ?{[string]=string} found by `found`, in an earlier run
-- @treturn boolean
function reads.are_same(found)
  for path, value in pairs(type(found) == "table" and found or {}) do
    if checksum(path) ~= value then return false end
  end
  return true
end

return reads
