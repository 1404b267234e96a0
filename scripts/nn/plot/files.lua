--- Writing the files of a figure.
local blame = require "nn.blame"
local lfs = require "lfs"

local files = {}

-- A folder and the folders above it, as far as they do not exist.
local function make_folder(path)
  if path == "" or lfs.attributes(path, "mode") == "directory" then return end
  make_folder((path:gsub("/*[^/]+/*$", "")))
  lfs.mkdir(path)
end

--- Makes a folder, unless it is there, and checks a name for files in it.
-- @tparam string folder
-- @tparam string name the common beginning of the files' names, without folder
-- @raise ends the program with status 4 where the folder cannot be made
function files.prepare(folder, name)
  if type(folder) ~= "string" or folder == "" then
    blame("write: expected the path of a folder, got %s", tostring(folder))
  end
  if type(name) ~= "string" or name == "" or name:find("[/%c]") or name:find("^%.") then
    blame("write: expected a file name without folder and ending, got %q; nn.plot.slug makes one", tostring(name))
  end
  make_folder(folder)
end

--- Writes a whole file.
-- @tparam string path
-- @tparam string contents
-- @raise ends the program with status 4 where the file cannot be written
function files.write(path, contents)
  local file, message = io.open(path, "wb")
  local done = file and file:write(contents) and file:close()
  if not done then blame.fatal(4, "cannot write %s: %s", path, message or "the disk may be full") end
end

--- The last part of a path: the folder a report's links begin with.
-- @tparam string path
-- @treturn string "charts" for "reports/lab/charts/"
function files.last_part(path)
  return path:match("([^/]+)/*$") or "."
end

return files
