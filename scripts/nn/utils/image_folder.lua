--- Pictures in folders, one folder a class, as tensors.
-- @submodule nn.utils
local lfs = require "lfs"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local image = require "nn.image"
local random = require "nn.random"
local resizing = require "nn.image.resizing"
local tensor = require "nn.tensor"
local arrays = require "nn.utils.arrays"

local image_folder = {}

local WHAT = "image_dataset_from_directory"
local EXTENSIONS = { png = true, jpg = true, jpeg = true, bmp = true }
local OTHER_PICTURES = { gif = true, webp = true, tif = true, tiff = true }
local CHANNELS = { grayscale = 1, rgb = 3, rgba = 4 }
local LABEL_MODES = { int = true, categorical = true, binary = true, none = true }
local SUBSETS = { training = true, validation = true, both = true }

local signature = arguments.options(WHAT, {
  { "labels", "inferred" }, { "label_mode", "int" }, { "class_names" },
  { "color_mode", "rgb" }, { "image_size", { 256, 256 } }, { "shuffle", true }, { "seed" }, { "validation_split" },
  { "subset" }, { "interpolation", "bilinear" }, { "crop_to_aspect_ratio", false }, { "pad_to_aspect_ratio", false },
})

local function choice(given, name, known)
  if known[given[name]] then return end
  local names = {}
  for each in pairs(known) do names[#names + 1] = each end
  table.sort(names)
  blame("%s: %s: expected one of %s, got %s", WHAT, name, table.concat(names, ", "), blame.got(given[name]))
end

local function check(given)
  choice(given, "label_mode", LABEL_MODES)
  choice(given, "color_mode", CHANNELS)
  resizing.check(WHAT, given.image_size, given.interpolation, "image_size")
  local split = given.validation_split
  if split ~= nil and (type(split) ~= "number" or not (split > 0 and split < 1)) then
    blame("%s: validation_split: expected a fraction between 0 and 1, got %s", WHAT, blame.got(split))
  elseif (split == nil) ~= (given.subset == nil) then
    blame("%s: validation_split and subset go together; give both or neither", WHAT)
  end
  if split == nil then return end
  choice(given, "subset", SUBSETS)
  if given.shuffle and given.seed == nil then
    blame("%s: with validation_split and shuffle give a seed too, or the parts of two calls would overlap", WHAT)
  end
end

-- ---- which pictures there are --------------------------------------------------------------------------------------

local function is_folder(path)
  return lfs.attributes(path, "mode") == "directory"
end

local function find_classes(given)
  local found, wanted = {}, given.class_names
  for _, name in ipairs(files.list(given.directory)) do
    if name:sub(1, 1) ~= "." and is_folder(given.directory .. "/" .. name) then found[#found + 1] = name end
  end
  if not wanted then return found end
  local sorted = table.move(wanted, 1, #wanted, 1, {})
  table.sort(sorted)
  if table.concat(sorted, "/") ~= table.concat(found, "/") then
    blame("%s: class_names are %s, but the folders are %s", WHAT, table.concat(sorted, ", "), table.concat(found, ", "))
  end
  return wanted
end

-- Adds the pictures in a folder and those below it, in the order of their names.
local function collect(list, folder, label)
  for _, name in ipairs(files.list(folder)) do
    local path = folder .. "/" .. name
    local extension = name:match "%.(%w+)$"
    if is_folder(path) then
      if lfs.symlinkattributes(path, "mode") ~= "link" then collect(list, path, label) end
    elseif extension and EXTENSIONS[extension:lower()] then
      list[#list + 1] = { path = path, label = label }
    elseif extension and OTHER_PICTURES[extension:lower()] then
      blame("%s: %s: only PNG, JPEG and BMP pictures are read; convert it, or take it out of the folder", WHAT, path)
    end
  end
end

local function given_labels(list, labels)
  labels = tensor.is_tensor(labels) and labels:flatten():totable() or labels
  if type(labels) ~= "table" or #labels ~= #list then
    blame('%s: labels: expected "inferred", "none", or %d class ids, one a picture, got %s', WHAT, #list,
      type(labels) == "table" and #labels or blame.got(labels))
  end
  for i, entry in ipairs(list) do entry.label = labels[i] end
end

local function find_pictures(given)
  local list = {}
  if type(given.directory) ~= "string" or not is_folder(given.directory) then
    blame("%s: %s is no folder", WHAT, tostring(given.directory))
  end
  local class_names = given.labels == "inferred" and find_classes(given) or {}
  if given.labels == "inferred" then
    for id, name in ipairs(class_names) do collect(list, given.directory .. "/" .. name, id - 1) end
  else
    collect(list, given.directory)
    if given.labels ~= "none" then given_labels(list, given.labels) end
  end
  if #list == 0 then
    blame("%s: there are no pictures (.png, .jpg, .jpeg, .bmp) %s %s", WHAT,
      given.labels == "inferred" and "in folders of" or "in", given.directory)
  end
  return list, class_names
end

-- ---- pictures and labels as tensors --------------------------------------------------------------------------------

local function pixels_of(list, given)
  local height, width = table.unpack(given.image_size)
  local x = tensor.zeros({ #list, height, width, CHANNELS[given.color_mode] }, "uint8")
  for i, entry in ipairs(list) do
    x[i] = image.resize(image.load(entry.path, { color_mode = given.color_mode }), given.image_size, {
      interpolation = given.interpolation, crop_to_aspect_ratio = given.crop_to_aspect_ratio,
      pad_to_aspect_ratio = given.pad_to_aspect_ratio,
    })
  end
  return x
end

local function labels_of(list, given, classes)
  if given.label_mode == "none" or given.labels == "none" then return nil end
  local ids = {}
  for i, entry in ipairs(list) do ids[i] = entry.label end
  local y = tensor.tensor(ids, "int32")
  if given.label_mode == "categorical" then return arrays.to_categorical(y, classes > 0 and classes or nil) end
  if given.label_mode == "binary" then
    if y:max() > 1 then blame('%s: label_mode "binary" wants two classes, there are %d', WHAT, y:max() + 1) end
    return y:reshape({ #ids, 1 }):astype "float32"
  end
  return y
end

local function shuffle(list, seed)
  local order, result = random.permutation(#list, seed):totable(), {}
  for i, position in ipairs(order) do result[i] = list[position + 1] end
  return result
end

--- Reads the pictures below a folder; each folder in it is a class.
-- Unlike Keras', the whole set is returned as tensors, in bytes: give batch_size to `fit`, and divide by 255.
-- @function image_dataset_from_directory
-- @tparam string directory holds one folder a class, with PNG, JPEG and BMP files, also in folders below
-- @tparam[opt] table options labels ("inferred" from the folders, "none", or class ids in the order of the paths);
-- label_mode ("int": int32 (n); "categorical": one-hot float32 (n, classes); "binary": float32 (n, 1); "none");
-- class_names (the folders' names, sorted, or in the order given here); color_mode ("rgb", "grayscale", "rgba");
-- image_size ({ 256, 256 }: height, width); shuffle (true); seed; validation_split (a fraction: the last part) with
-- subset ("training", "validation", "both"); interpolation ("bilinear", "nearest", "bicubic", "box"), without
-- antialias, as in Keras; crop_to_aspect_ratio, pad_to_aspect_ratio (false: the proportions change)
-- @treturn tensor x uint8 (n, height, width, channels)
-- @treturn tensor y; nil without labels. With subset "both" follow x and y of the validation part
-- @treturn {string,...} class_names; class id 0 is the first
-- @usage local x, y, names = nn.utils.image_dataset_from_directory("pets", { image_size = { 64, 64 }, seed = 1 })
function image_folder.load(directory, options)
  local given = signature(options)
  given.directory = directory
  check(given)
  local list, class_names = find_pictures(given)
  if given.shuffle then list = shuffle(list, given.seed) end
  local first_held_out = #list - math.floor((given.validation_split or 0) * #list) + 1
  local training, validation = table.move(list, 1, first_held_out - 1, 1, {}),
    table.move(list, first_held_out, #list, 1, {})
  local function tensors(part)
    if #part == 0 then blame("%s: no pictures are left of %d for one of the parts", WHAT, #list) end
    return pixels_of(part, given), labels_of(part, given, #class_names)
  end
  if given.subset == "both" then
    local x, y = tensors(training)
    local x_held_out, y_held_out = tensors(validation)
    return x, y, x_held_out, y_held_out, class_names
  end
  local x, y = tensors(given.subset == "validation" and validation or training)
  return x, y, class_names
end

return image_folder
