--- Where data sets are looked for: NAME/FILE, gzip'ed or not, in each folder of a short list.
local lfs = require "lfs"

local locate = {}

local function home_folder()
  local shared, home = os.getenv "XDG_DATA_HOME", os.getenv "HOME"
  if shared and shared:sub(1, 1) == "/" then return shared .. "/nnrun" end
  return (home or "") .. "/.local/share/nnrun"
end

--- The folders that are searched, in order. Downloads go to the last.
-- @treturn {string,...} `$NNRUN_DATA` if set, `data`, `$XDG_DATA_HOME/nnrun` (default `~/.local/share/nnrun`)
function locate.folders()
  local chosen = os.getenv "NNRUN_DATA"
  local folders = { "data", home_folder() }
  if chosen and chosen ~= "" then table.insert(folders, 1, chosen) end
  return folders
end

--- The names a file may have on disk or on a mirror: packed first.
-- @tparam string name "iris.data" or "train-images-idx3-ubyte.gz"
-- @treturn {string,string} name with .gz, name without
function locate.names(name)
  local plain = name:gsub("%.gz$", "")
  return { plain .. ".gz", plain }
end

--- The name of a set's folder within a folder of data sets.
-- @tparam table set a data set's description
-- @treturn string its `folder_name`, which several sets may share; its name if it has none
function locate.folder_name(set)
  return set.folder_name or set.name
end

--- The path of a set's file.
-- @tparam table set a data set's description
-- @tparam table file one of `set.files`
-- @treturn ?string nil where no folder has it
function locate.find(set, file)
  for _, folder in ipairs(locate.folders()) do
    for _, name in ipairs(locate.names(file.name)) do
      local path = ("%s/%s/%s"):format(folder, locate.folder_name(set), name)
      if lfs.attributes(path, "mode") == "file" then return path end
    end
  end
end

return locate
