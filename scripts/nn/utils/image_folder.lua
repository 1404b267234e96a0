--- Pictures in folders, one folder a class, as a dataset.
-- @submodule nn.utils
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local channels_of = require "nn.image.channels"
local Dataset = require("nn.data").Dataset
local folder = require "nn.data.folder"
local kinds = require "nn.support.kinds"
local labelled_files = require "nn.utils.labelled_files"
local pictures = require "nn.data.pictures"
local resizing = require "nn.image.resizing"

local image_folder = {}

local WHAT = "image_dataset_from_directory"

local signature = arguments.options(WHAT, {
  { "labels", "inferred" }, { "label_mode", "int", kinds.one_of("int", "categorical", "binary", "none", false) },
  { "class_names" }, { "color_mode", "rgb", kinds.one_of("grayscale", "rgb", "rgba") },
  { "batch_size", 32, labelled_files.BATCH_SIZE },
  { "image_size", { 256, 256 } }, { "shuffle", true }, { "seed", nil, kinds.integer }, { "validation_split" },
  { "subset", nil, kinds.one_of("training", "validation", "both") }, { "interpolation", "bilinear" },
  { "follow_links", false }, { "crop_to_aspect_ratio", false }, { "pad_to_aspect_ratio", false },
  { "data_format", "channels_last", kinds.one_of("channels_last", "channels_first") }, { "verbose", true },
  { "on_error", "error", kinds.one_of("error", "skip") }, { "cache_memory", pictures.CACHE_MEMORY, kinds.number },
})

-- ---- what is asked for ----------------------------------------------------------------------------------------------

local function read_options(options)
  local given = signature(options)
  if given.interpolation == "area" then given.interpolation = "box" end
  resizing.check(WHAT, given.image_size, given.interpolation, "image_size")
  if given.crop_to_aspect_ratio and given.pad_to_aspect_ratio then
    blame("%s: give crop_to_aspect_ratio or pad_to_aspect_ratio, not both", WHAT)
  end
  given.kind = folder.PICTURES
  return labelled_files.check(given, WHAT)
end

-- ---- files and labels -----------------------------------------------------------------------------------------------

local NAMED = 3

-- The pictures that can be read; standard error says which were left out.
local function without_broken(list)
  local broken, kept, reasons = pictures.broken(labelled_files.paths(list)), {}, {}
  for i, entry in ipairs(list) do
    if broken[i] then
      reasons[#reasons + 1] = ("\n  %s: %s"):format(entry.path, broken[i])
    else
      kept[#kept + 1] = entry
    end
  end
  if #reasons == 0 then return kept end
  if #kept == 0 then blame("%s: none of the %d pictures can be read%s", WHAT, #list, reasons[1]) end
  io.stderr:write(("%s: left out %d of %d pictures that cannot be read:%s%s\n"):format(WHAT, #reasons, #list,
    table.concat(reasons, "", 1, math.min(NAMED, #reasons)), #reasons > NAMED and "\n  ..." or ""))
  return kept
end

-- ---- datasets -------------------------------------------------------------------------------------------------------

local function dataset_of(list, given, class_names)
  local fit = given.crop_to_aspect_ratio and "crop" or given.pad_to_aspect_ratio and "pad" or "stretch"
  local paths = labelled_files.paths(list)
  return Dataset.of_node(pictures.node {
    settings = {
      what = WHAT, files = pictures.files(paths), y = labelled_files.labels(list, given, class_names),
      form = { size = given.image_size, channels = channels_of[given.color_mode], interpolation = given.interpolation,
        fit = fit },
      batch_size = given.batch_size or nil, is_shuffled = given.shuffle, seed = given.seed,
      is_channels_first = given.data_format == "channels_first",
    },
    cache_memory = given.cache_memory,
  }, { file_paths = paths, class_names = class_names })
end

--- The pictures below a folder as a dataset of batches; each folder in it is a class. Threads decode the next batches
-- while a model is trained with one, so a folder may be larger than memory. What fits into `cache_memory` is decoded
-- once. An epoch's order follows from the seed and its number. EXIF orientation is applied. Pictures that are much
-- larger than `image_size` are decoded at a half, a quarter or an eighth of their size if they are JPEG.
-- @function image_dataset_from_directory
-- @tparam string directory holds one folder a class, with PNG, JPEG and BMP files, also in folders below
-- @tparam[opt] table options labels ("inferred" from the folders, "none", or class ids in the order of the paths);
-- label_mode ("int": int32 (n); "categorical": one-hot float32 (n, classes); "binary": float32 (n, 1); "none": no
-- labels); class_names (the folders' names, sorted, or in the order given here); color_mode ("rgb", "grayscale",
-- "rgba"); batch_size (32; false: single pictures); image_size ({ 256, 256 }: height, width); shuffle (true: an order
-- of its own for each epoch); seed; validation_split (a fraction: the last part) with subset ("training", "validation",
-- "both"); interpolation ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"), without antialias as in
-- Keras; follow_links (false: into linked folders); crop_to_aspect_ratio, pad_to_aspect_ratio (false: the proportions
-- change); data_format ("channels_last", "channels_first"); verbose (true: standard error says what was found);
-- on_error ("error": a picture that cannot be read is an error when it is its turn; "skip": all are read once at the
-- beginning, and those are left out); cache_memory (200: MB that decoded pictures may take, else they are decoded in
-- each epoch)
-- @treturn Dataset of x: float32 from 0 to 255, whole numbers, (n, height, width, channels), and y, if there are
-- labels. It has `class_names`, of which the first has class id 0, and `file_paths`
-- @treturn ?Dataset the part for validation, with subset "both"
-- @raise if there is no such folder, it has fewer than two classes, or a class has no pictures
-- @usage
-- local lfs = require "lfs"
-- for _, folder in ipairs{ "pets", "pets/cats", "pets/dogs" } do lfs.mkdir(folder) end
-- nn.image.save("pets/cats/1.png", nn.full({ 8, 8, 3 }, 50, "uint8"))
-- nn.image.save("pets/dogs/1.png", nn.full({ 8, 8, 3 }, 90, "uint8"))
-- local train = nn.utils.image_dataset_from_directory("pets", { image_size = { 4, 4 }, batch_size = 2 })
-- for images, labels in train:iterate() do print(images.shape[2], labels) end
function image_folder.load(directory, options)
  local given = read_options(options)
  local list, class_names = folder.find(directory, given)
  if given.on_error == "skip" then list = without_broken(list) end
  return labelled_files.parts(list, given, class_names, dataset_of)
end

return image_folder
