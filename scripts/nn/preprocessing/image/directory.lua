--- The folder that `flow_from_directory` reads, as a dataset of pictures that are not changed yet.
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local channels_of = require "nn.image.channels"
local folder = require "nn.data.folder"
local kinds = require "nn.support.kinds"
local labelled_files = require "nn.utils.labelled_files"
local pictures = require "nn.data.pictures"
local random = require "nn.random"
local resizing = require "nn.image.resizing"
local tensor = require "nn.tensor"

local directory = {}

local WHAT = "flow_from_directory"

local options = arguments.options(WHAT, {
  { "target_size", { 256, 256 } }, { "color_mode", "rgb", kinds.one_of("grayscale", "rgb", "rgba") }, { "classes" },
  { "class_mode", "categorical", kinds.one_of("categorical", "binary", "sparse", "input", "none", false) },
  { "batch_size", 32, kinds.whole(1) }, { "shuffle", true }, { "seed", nil, kinds.integer }, { "follow_links", false },
  { "subset", nil, kinds.one_of("training", "validation") }, { "interpolation", "nearest" },
  { "keep_aspect_ratio", false },
})

-- The part of each class that is asked for: the first fraction is for validation, as in Keras.
local function part_of(list, subset, split)
  if not subset then return list end
  if split == 0 then blame("%s: subset: give ImageDataGenerator a validation_split too", WHAT) end
  local counts, seen, result = {}, {}, {}
  for _, entry in ipairs(list) do counts[entry.label or 0] = (counts[entry.label or 0] or 0) + 1 end
  for _, entry in ipairs(list) do
    local label = entry.label or 0
    seen[label] = (seen[label] or 0) + 1
    local is_held_out = seen[label] <= math.floor(counts[label] * split)
    if is_held_out == (subset == "validation") then result[#result + 1] = entry end
  end
  if #result == 0 then blame("%s: subset: no pictures are left of %d", WHAT, #list) end
  return result
end

local function labels_of(list, mode, classes)
  if mode == "none" or mode == "input" then return nil end
  local ids = {}
  for i, entry in ipairs(list) do ids[i] = entry.label end
  local y = tensor.tensor(ids, "int32")
  if mode == "sparse" then return y end
  if mode == "categorical" then return require("nn.utils").to_categorical(y, classes) end
  if classes ~= 2 then blame('%s: class_mode "binary" wants two classes, there are %d', WHAT, classes) end
  return y:astype "float32"
end

--- @tparam string path
-- @tparam ?table given as `flow_from_directory` takes it
-- @tparam number split the fraction for validation
-- @treturn node
-- @treturn table file_paths, class_names and the seed
-- @treturn string class_mode
function directory.dataset(path, given, split)
  given = options(given)
  resizing.check(WHAT, given.target_size, given.interpolation)
  local mode = given.class_mode or "none"
  local has_classes = mode ~= "none" and mode ~= "input"
  local list, class_names = folder.find(path, { what = WHAT, kind = folder.PICTURES,
    labels = has_classes and "inferred" or "none", class_names = has_classes and given.classes or nil,
    follow_links = given.follow_links })
  list = part_of(list, given.subset, split)
  io.stderr:write(("Found %d pictures of %d classes.\n"):format(#list, #class_names))
  local paths = labelled_files.paths(list)
  local seed = given.seed
  if given.shuffle and not seed then seed = random.next_seed() end
  local node = pictures.node {
    settings = {
      what = WHAT, files = pictures.files(paths), y = labels_of(list, mode, #class_names),
      form = { size = given.target_size, channels = channels_of[given.color_mode], interpolation = given.interpolation,
        fit = given.keep_aspect_ratio and "crop" or "stretch" },
      batch_size = given.batch_size, is_shuffled = given.shuffle, seed = seed,
    },
    cache_memory = pictures.CACHE_MEMORY,
  }
  return node, { file_paths = paths, class_names = class_names, seed = seed }, mode
end

return directory
