--- HDF5 files, in which Keras keeps weights and models: groups with attributes, groups and data sets in them.
--
-- A file is a tree of tables: a group is { attributes = by name, items = by name, names = of the items in order }; an
-- item is a group, or what a data set holds: a tensor, a text, or a list of texts. What is of another kind is false.
local engine = require "engine.hdf5"
local files = require "nn.support.files"
local sorted_keys = require "nn.support.sorted_keys"
local tensor = require "nn.tensor"

local hdf5 = {}

local Group = {}
Group.__index = Group

local function new_group()
  return setmetatable({ attributes = {}, items = {}, names = {} }, Group)
end

--- Whether an item is a group.
function hdf5.is_group(item) return getmetatable(item) == Group end

--- What stands at a path below a group.
-- @tparam string path such as "layers/dense/vars/0"
-- @return an item; nil if there is none
-- @usage local kernel = hdf5.read("m.weights.h5"):at "layers/dense/vars/0"
function Group:at(path)
  local item = self
  for name in path:gmatch "[^/]+" do
    item = hdf5.is_group(item) and item.items[name] or nil
  end
  return item
end

--- An attribute that may be split over several, `name0`, `name1`: HDF5 keeps at most 64 kB in one.
-- @tparam string name
-- @treturn {string,...} nil if there is none
function Group:texts(name)
  local list = self.attributes[name]
  if type(list) == "string" then return { list } end
  if type(list) == "table" then return list end
  local all, i = nil, 0
  while type(self.attributes[name .. i]) == "table" do
    all = all or {}
    table.move(self.attributes[name .. i], 1, #self.attributes[name .. i], #all + 1, all)
    i = i + 1
  end
  if all or list == nil then return all end
  return {} -- an empty array has no texts, and h5py gives it the type of a number
end

local function add(group, name, item)
  group.items[name] = item
  group.names[#group.names + 1] = name
end

--- Reads a whole file.
-- @tparam string path
-- @tparam[opt] string bytes of the file, if it lies in another one; then the path is what messages call it
-- @treturn ?table its root group; nil and "path: what is wrong"
-- @usage local file = hdf5.read "m.weights.h5"
function hdf5.read(path, bytes)
  if not bytes then
    local file, message = io.open(path, "rb")
    if not file then return nil, message end
    file:close()
  end
  local stream <close>, message = engine.open(path, bytes)
  if not stream then return nil, message end
  local above, group = {}, nil
  while true do
    local kind, name, value = stream:next(path)
    if kind == "G" then
      above[#above + 1] = group
      local new = new_group()
      if group then add(group, name, new) end
      group = new
    elseif kind == ")" and #above > 0 then
      group = table.remove(above)
    elseif kind == "A" and group then
      group.attributes[name] = value
    elseif kind == "D" and group then
      add(group, name, value)
    elseif kind == "Z" and group then
      return group
    elseif kind == "E" then
      return nil, path .. ": " .. name
    elseif kind ~= ")" then
      return nil, path .. ": is damaged: HDF5 cannot read it"
    end
  end
end

-- Whether a text can be a name in a file.
local function check_name(name)
  assert(name ~= "" and name ~= "." and not name:find "[/\0]", "not a name in an HDF5 file: " .. name)
end

local function put(writer, path, group)
  for _, name in ipairs(sorted_keys(group.attributes)) do
    writer:attribute(path == "" and "/" or path, name, group.attributes[name])
  end
  for _, name in ipairs(group.names) do
    local item = group.items[name]
    check_name(name)
    if tensor.is_tensor(item) then
      writer:tensor(path .. "/" .. name, item)
    else
      writer:group(path .. "/" .. name)
      put(writer, path .. "/" .. name, item)
    end
  end
end

--- An empty group, to be filled by `group:add(name, item)`.
hdf5.group = new_group

--- Adds a tensor or a group.
-- @tparam string name
-- @param item
-- @return the item
function Group:add(name, item)
  add(self, name, item)
  return item
end

--- The group of that path, made where it is missing.
-- @tparam string path
function Group:make(path)
  local group = self
  for name in path:gmatch "[^/]+" do group = group.items[name] or group:add(name, new_group()) end
  return group
end

--- The bytes of a file of a group.
-- @tparam table root
-- @treturn string
function hdf5.bytes(root)
  local writer <close> = engine.writer()
  put(writer, "", root)
  return writer:bytes()
end

--- Writes a file.
-- @tparam string path
-- @tparam table root
-- @treturn ?boolean true; nil and a message where that cannot be
function hdf5.write(path, root) return files.write(path, hdf5.bytes(root)) end

return hdf5
