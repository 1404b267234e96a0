--- Where the files of a figure go, and how they come there whole: beside their place first, then renamed.
-- @module nn.plot.files
local blame = require "nn.support.blame"
local files = require "nn.support.files"

local plot_files = {}

local function require_written(path, done, message)
  if not done then blame.fatal(4, "cannot write %s: %s", path, message) end
end

--- Makes a folder, unless it is there, and checks a name for files in it.
-- @tparam string folder
-- @tparam string name the common beginning of the files' names, without folder
-- @raise ends the program with status 4 where the folder cannot be made
function plot_files.prepare(folder, name)
  if type(folder) ~= "string" or folder == "" then
    blame("write: expected the path of a folder, got %s", blame.got(folder))
  end
  if type(name) ~= "string" or name == "" or name:find("[/%c]") or name:find("^%.") then
    blame("write: expected a file name without folder and ending, got %q; nn.plot.slug makes one", tostring(name))
  end
  require_written(folder, files.make_folder(folder))
end

--- Writes a whole file.
-- @tparam string path
-- @tparam string contents
-- @raise ends the program with status 4 where the file cannot be written
function plot_files.write(path, contents)
  require_written(path, files.write(path, contents))
end

--- Has a file written by a function that raises an error where it cannot.
-- @tparam string path
-- @tparam function save takes a path
-- @raise ends the program with status 4 where the file cannot be written
function plot_files.save(path, save)
  local beside = files.unfinished(path, path:match "%.%w+$")
  local done, message = pcall(save, beside)
  if done then done, message = os.rename(beside, path) end
  if not done then os.remove(beside) end
  if blame.is_fatal(message) then error(message, 0) end
  require_written(path, done, message)
end

--- The last part of a path: the folder with which a report's links begin.
-- @tparam string path
-- @treturn string "charts" for "reports/lab/charts/"
function plot_files.last_part(path)
  return path:match("([^/]+)/*$") or "."
end

return plot_files
