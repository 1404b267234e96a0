--- Weights of pretrained networks: from a file of the user's, or from Keras' public home, kept in `pretrained` of the
-- folder of data sets.
--
-- A file is described by `name`; `url`, the address it stands under; `md5`, as Keras' sources name it (some have none);
-- `also`, other names under which a folder may have the same weights, those of the top included.
local lfs = require "lfs"
local blame = require "nn.support.blame"
local checksum = require "nn.datasets.checksum"
local fetch = require "nn.datasets.fetch"
local h5_weights = require "nn.applications.h5_weights"
local locate = require "nn.datasets.locate"

local weights = {}

-- Addresses to use in place of Keras', each laid out as a folder of data sets.
weights.mirrors = nil

local FOLDER = "pretrained"

--- Raises an error where `weights` is nothing that can be loaded.
-- @tparam string class of the network, for messages
-- @param given "imagenet", a path, or false
function weights.check(class, given)
  if given == "imagenet" or given == "none" or given == false then return end
  if type(given) == "string" and lfs.attributes(given, "mode") == "file" then return end
  blame('%s: weights: expected "imagenet", the path of a file, or false for random numbers, got %s', class,
    type(given) == "string" and ("%q, and there is no such file"):format(given) or blame.got(given))
end

local function find(set, file)
  for _, name in ipairs { file.name, table.unpack(file.also or {}) } do
    local path = locate.find(set, { name = name })
    if path then return path, name == file.name end
  end
end

--- The path of a file of pretrained networks, downloaded where it is nowhere, and compared with its checksum. Ends the
-- program (status 3) where it cannot be had or is damaged.
-- @tparam table file see above
-- @treturn string path
-- @treturn boolean whether it is the file itself, and not another one with the same weights
function weights.path(file)
  local set = { name = FOLDER, mirrors = { file.url } }
  local path, is_itself = find(set, file)
  local message = path and is_itself and checksum.of_file(file, path)
  if message then blame.fatal(3, "%s: %s; remove the file, and it is downloaded again", path, message) end
  if path then return path, is_itself end
  path, message = fetch.file(set, file, { mirrors = weights.mirrors })
  if not path then blame.fatal(3, "%s", message) end
  return path, true
end

--- Gives a network its weights.
-- @tparam table model
-- @tparam table definition see network.lua
-- @tparam table given the arguments
-- @tparam {integer,...} shape of a picture
function weights.load(model, definition, given, shape)
  local path = given.weights
  if not path then return end
  if path == "imagenet" then path = weights.path(definition.weights(given, shape)) end
  if path:find "%.h5$" and not path:find "%.weights%.h5$" then return h5_weights.load(model, path) end
  model:load_weights(path)
end

return weights
