--- Files and folders: written whole or not at all, and still there after a power cut.
-- What fails gives nil and a message that names the path.
local lfs = require "lfs"
local machine = require "engine.machine"
local process = require "engine.process"

local files = {}

--- Makes a folder and those above it, where they are missing.
-- @tparam string path
-- @treturn ?boolean true; nil and a message where that cannot be
function files.make_folder(path)
  local mode = lfs.attributes(path, "mode")
  if mode == "directory" then return true end
  if mode then return nil, path .. ": is not a folder" end
  local above = path:match "^(.*[^/])/+[^/]+/*$"
  if above then
    local ok, message = files.make_folder(above)
    if not ok then return nil, message end
  end
  local ok, message = lfs.mkdir(path)
  if not ok and lfs.attributes(path, "mode") ~= "directory" then return nil, path .. ": " .. message end
  return true
end

--- The names in a folder, sorted, hidden ones included; none where there is no such folder.
-- @tparam string path
-- @treturn {string,...}
function files.list(path)
  local names = {}
  if lfs.attributes(path, "mode") ~= "directory" then return names end
  for name in lfs.dir(path) do
    if name ~= "." and name ~= ".." then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- Removes a file, or a folder with all that is in it. What is not there is no error.
-- @tparam string path
function files.remove(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for _, name in ipairs(files.list(path)) do files.remove(path .. "/" .. name) end
  end
  os.remove(path)
end

--- Gives a file or folder another name, in place of a file of that name.
-- @tparam string from
-- @tparam string to
-- @treturn ?boolean true; nil and a message where that cannot be
function files.rename(from, to)
  local ok, message = os.rename(from, to)
  if not ok then return nil, to .. ": " .. message end
  return true
end

--- The contents of a file.
-- @tparam string path
-- @treturn ?string nil and a message where it cannot be read
function files.read(path)
  local file <close>, message = io.open(path, "rb")
  if not file then return nil, message end
  local text, why = file:read "a"
  if not text then return nil, path .. ": " .. why end
  return text
end

local function write_pieces(path, ...)
  local file, message = io.open(path, "wb")
  if not file then return nil, message end
  local ok, why = file:write(...)
  local closed, why_not_closed = file:close()
  if not (ok and closed) then return nil, path .. ": " .. (why or why_not_closed) end
  return process.fsync(path)
end

-- ---- files that are being written -----------------------------------------------------------------------------------

-- What has been left alone for so long nobody will go on with.
local FORGOTTEN_SECONDS = 7 * 24 * 3600

--- The name of a file until it is whole. It tells who writes it: "trial.json.123@host.new".
-- @tparam string path
-- @tparam[opt=""] string ending for those who look at it: ".png"
-- @treturn string
function files.unfinished(path, ending)
  return ("%s.%d@%s.new%s"):format(path, process.pid(), machine.hostname(), ending or "")
end

local function is_abandoned(path, pid, host)
  if host == machine.hostname() and (pid == process.pid() or not process.exists(pid)) then return true end
  return os.time() - (lfs.attributes(path, "modification") or os.time()) > FORGOTTEN_SECONDS
end

--- Removes what dead processes have begun to write in a folder. To be called while this process writes nothing there.
-- @tparam string folder
function files.clear_unfinished(folder)
  for _, name in ipairs(files.list(folder)) do
    local pid, host = name:match "%.(%d+)@(.+)%.new%.?%w*$"
    local path = folder .. "/" .. name
    if pid and is_abandoned(path, tonumber(pid), host) then os.remove(path) end
  end
end

--- Writes a file in one go: beside its place, then renamed into it, so that no reader ever sees a half.
-- @tparam string path
-- @tparam string ... the contents, in pieces
-- @treturn ?boolean true; nil and a message where that cannot be
function files.write(path, ...)
  local beside = files.unfinished(path)
  local ok, message = write_pieces(beside, ...)
  if ok then ok, message = files.rename(beside, path) end
  if ok then return true end
  os.remove(beside)
  if message:sub(1, #beside) == beside then message = path .. message:sub(#beside + 1) end
  return nil, message
end

return files
