--- The pictures, or texts, below a folder: their paths, and the classes that they belong to.
local lfs = require "lfs"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local folder = {}

-- What may be looked for. others: files of the same kind that nothing here reads.
folder.PICTURES = { noun = "picture", extensions = { png = true, jpg = true, jpeg = true, bmp = true },
  text = ".png, .jpg, .jpeg, .bmp", others = { gif = true, webp = true, tif = true, tiff = true },
  refusal = "only PNG, JPEG and BMP pictures are read; convert it, or take it out of the folder" }
folder.TEXTS = { noun = "text", extensions = { txt = true }, text = ".txt", others = {} }

local function is_folder(path) return lfs.attributes(path, "mode") == "directory" end

local function is_link(path) return lfs.symlinkattributes(path, "mode") == "link" end

local function is_hidden(name) return name:sub(1, 1) == "." end

-- ---- classes --------------------------------------------------------------------------------------------------------

--- The folders in a folder, sorted, without hidden ones.
function folder.subfolders(directory)
  local found = {}
  for _, name in ipairs(files.list(directory)) do
    if not is_hidden(name) and is_folder(directory .. "/" .. name) then found[#found + 1] = name end
  end
  return found
end

-- Raises an error if the names are not those of the folders.
local function check_names(what, wanted, found)
  if type(wanted) ~= "table" then blame("%s: class_names: expected a list, got %s", what, blame.got(wanted)) end
  local sorted = table.move(wanted, 1, #wanted, 1, {})
  for i, name in ipairs(sorted) do
    if type(name) ~= "string" then blame("%s: class_names: [%d]: expected a text, got %s", what, i, blame.got(name)) end
  end
  table.sort(sorted)
  if table.concat(sorted, "/") ~= table.concat(found, "/") then
    blame("%s: class_names are %s, but the folders are %s", what, table.concat(sorted, ", "), table.concat(found, ", "))
  end
end

local function find_classes(what, directory, wanted, kind)
  local found = folder.subfolders(directory)
  if wanted then check_names(what, wanted, found) end
  if #found == 1 then
    blame("%s: %s has one folder, %s, and so one class, but a classifier needs two; for %ss without classes give "
      .. 'labels = "none"', what, directory, found[1], kind.noun)
  end
  return wanted or found
end

-- ---- files ----------------------------------------------------------------------------------------------------------

local function identity(path)
  local attributes = lfs.attributes(path)
  return ("%s:%s"):format(attributes.dev, attributes.ino)
end

-- Adds the files in a folder and those below it, in the order of their names. `around` has the folders that this one
-- is in: a link to one of them would have no end.
local function collect(list, at, options, label, around)
  local own = identity(at)
  if around[own] then return end
  around[own] = true
  for _, name in ipairs(files.list(at)) do
    local path, extension = at .. "/" .. name, (name:match "%.(%w+)$" or ""):lower()
    if is_hidden(name) then
      goto continue
    elseif is_folder(path) then
      if options.follow_links or not is_link(path) then collect(list, path, options, label, around) end
    elseif options.kind.extensions[extension] then
      list[#list + 1] = { path = path, label = label }
    elseif options.kind.others[extension] then
      blame("%s: %s: %s", options.what, path, options.kind.refusal)
    end
    ::continue::
  end
  around[own] = nil
  stop.check()
end

local function give_labels(what, list, labels, kind)
  labels = tensor.is_tensor(labels) and labels:flatten():totable() or labels
  if type(labels) ~= "table" or #labels ~= #list then
    blame('%s: labels: expected "inferred", "none", or %d class ids, one a %s, got %s', what, #list,
      kind.noun, type(labels) == "table" and #labels or blame.got(labels))
  end
  local ids, names = {}, {}
  for i, entry in ipairs(list) do
    local id = math.tointeger(labels[i])
    if not id or id < 0 then
      blame("%s: labels: [%d]: expected a class id, a whole number from 0, got %s", what, i, blame.got(labels[i]))
    end
    entry.label, ids[id] = id, true
  end
  for id in pairs(ids) do names[#names + 1] = id end
  table.sort(names)
  for i, id in ipairs(names) do names[i] = tostring(id) end
  return names
end

local function blame_empty(options, where)
  blame("%s: there are no %ss (%s) %s", options.what, options.kind.noun, options.kind.text, where)
end

--- Finds files of a kind. Hidden files and folders, whose names begin with a point, are left out.
-- @tparam string directory
-- @tparam table options what: begins messages; kind: folder.PICTURES or folder.TEXTS; labels:
-- "inferred", "none", or a list of class ids in the order of the paths; class_names: nil, or the folders in the order
-- of their class ids; follow_links
-- @treturn {{path=,label=},...} sorted by class and path; label: from 0, nil without labels
-- @treturn {string,...} names of the classes
function folder.find(directory, options)
  local what, list = options.what, {}
  if type(directory) ~= "string" or not is_folder(directory) then
    blame("%s: %s is no folder", what, type(directory) == "string" and directory or blame.got(directory))
  end
  if options.labels ~= "inferred" then
    if options.class_names then blame('%s: class_names needs labels = "inferred"', what) end
    collect(list, directory, options, nil, {})
    if #list == 0 then blame_empty(options, "in " .. directory) end
    return list, options.labels ~= "none" and give_labels(what, list, options.labels, options.kind) or {}
  end
  local names = find_classes(what, directory, options.class_names, options.kind)
  for id, name in ipairs(names) do
    local before = #list
    collect(list, directory .. "/" .. name, options, id - 1, {})
    if #list == before then blame_empty(options, ("in %s/%s"):format(directory, name)) end
  end
  if #list == 0 then blame_empty(options, "in folders of " .. directory) end
  return list, names
end

return folder
