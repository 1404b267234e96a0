--- What CIFAR-10 and CIFAR-100 share: files of records, each some label bytes and then a picture of 32 x 32 pixels.
-- First come all its reds, then all greens, then all blues (cs.toronto.edu/~kriz/cifar.html, "Binary version").
local data = require "engine.data"
local engine_tensor = require "engine.tensor"
local blame = require "nn.support.blame"
local locate = require "nn.datasets.locate"
local notice = require "nn.support.notice"
local shell = require "nn.support.shell"
local sources = require "nn.datasets.sources"
local tensor = require "nn.tensor"

local cifar = {}

local SIDE, CHANNELS = 32, 3
local PIXELS = SIDE * SIDE * CHANNELS

-- The paths of files, beside the set's folder or in the folder that the archive makes; nil if one is nowhere.
local function find_all(set, names)
  local paths = {}
  for i, name in ipairs(names) do
    paths[i] = locate.find(set, { name = name }) or locate.find(set, { name = set.folder .. "/" .. name })
    if not paths[i] then return nil, name end
  end
  return paths
end

local function blame_missing(set, name)
  local folders = locate.folders()
  local target = ("%s/%s"):format(folders[#folders], set.name)
  blame.fatal(3, "%s: %s is in none of the folders of data sets (%s); get the set (about 170 MB) with:\n"
    .. "  mkdir -p %s && curl -L %s | tar xz -C %s", set.name, name, table.concat(folders, ", "), shell.word(target),
    set.url, shell.word(target))
end

local function blame_damaged(path, ...)
  blame.fatal(3, "%s: %s; take the file away and get the set again", path, (...):format(select(2, ...)))
end

-- A file as a tensor of records, and its checksum.
local function read_records(set, path)
  local text, message = data.read_file(path)
  if not text then blame.fatal(3, "%s", message) end
  local size = set.labels + PIXELS
  if #text == 0 or #text % size ~= 0 then
    blame_damaged(path, "expected records of %d bytes each, found %d bytes", size, #text)
  end
  local records = engine_tensor.from_bytes(text, "uint8", { #text // size, size })
  for i, count in ipairs(set.classes) do
    local largest = records[{ {}, { i, i } }]:max()
    if largest >= count then blame_damaged(path, "expected class ids from 0 to %d, found %d", count - 1, largest) end
  end
  return records, data.hash(text)
end

-- Pictures and labels; label: which of the label bytes.
local function split(set, parts, label)
  local records = #parts == 1 and parts[1] or tensor.concatenate(parts, { axis = 1 })
  local pixels = records[{ {}, { set.labels + 1, set.labels + PIXELS } }]
  local x = pixels:reshape { #records, CHANNELS, SIDE, SIDE }:transpose { 1, 3, 4, 2 }:copy()
  return x, records[{ {}, { label, label } }]:copy()
end

local function choose(set)
  local train, test = find_all(set, set.train), find_all(set, set.test)
  if train and test then return train, test, set.name end
  local part = set.part
  local some_train, some_test = part and find_all(set, part.train), part and find_all(set, part.test)
  if not (some_train and some_test) then blame_missing(set, select(2, find_all(set, set.train)) or set.test[1]) end
  io.stderr:write(("%s: only %s are there; do not compare results with published ones\n"):format(set.name, part.what))
  return some_train, some_test, ("%s, %s"):format(set.name, part.what)
end

--- Completes the description of a set: `files` are all that it consists of.
-- @tparam table set see `load`
-- @treturn table set
function cifar.describe(set)
  set.files = {}
  for _, names in ipairs { set.train, set.test } do
    for _, name in ipairs(names) do set.files[#set.files + 1] = { name = name } end
  end
  return set
end

--- Loads such a set. One that is missing or damaged ends the program (status 3).
-- @tparam table set name; url of the archive, and the folder in it; labels: how many label bytes a record has; classes:
-- how many classes each of them knows; train, test: names of files; part: the same for files that hold a part of the
-- pictures, and what they are
-- @tparam[opt=1] integer label which of the label bytes
-- @treturn tensor x_train, uint8, (n, 32, 32, 3)
-- @treturn tensor y_train, uint8, (n, 1)
-- @treturn tensor x_test
-- @treturn tensor y_test
function cifar.load(set, label)
  notice.say("reading " .. set.name)
  local train, test, name = choose(set)
  local source = { name = name, synthetic = false, folder = train[1]:match "(.*)/", files = {} }
  local function read(paths)
    local parts = {}
    for i, path in ipairs(paths) do
      local checksum
      parts[i], checksum = read_records(set, path)
      source.files[#source.files + 1] = { file = path:match "[^/]*$", checksum = checksum }
    end
    return split(set, parts, label or 1)
  end
  local x_train, y_train = read(train)
  return sources.remember(source, x_train, y_train, read(test))
end

return cifar
