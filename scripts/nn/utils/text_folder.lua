--- Texts in folders, one folder a class, as a dataset.
-- @submodule nn.utils
local Dataset = require("nn.data").Dataset
local arguments = require "nn.support.arguments"
local folder = require "nn.data.folder"
local kinds = require "nn.support.kinds"
local labelled_files = require "nn.utils.labelled_files"
local texts = require "nn.data.texts"

local text_folder = {}

local WHAT = "text_dataset_from_directory"

local signature = arguments.options(WHAT, {
  { "labels", "inferred" }, { "label_mode", "int", kinds.one_of("int", "categorical", "binary", "none", false) },
  { "class_names" }, { "batch_size", 32, labelled_files.BATCH_SIZE }, { "max_length", nil, kinds.whole(1) },
  { "shuffle", true }, { "seed", nil, kinds.integer }, { "validation_split" },
  { "subset", nil, kinds.one_of("training", "validation", "both") }, { "follow_links", false }, { "verbose", true },
})

local function dataset_of(list, given, class_names)
  local paths = labelled_files.paths(list)
  return Dataset.of_node(texts.node {
    what = WHAT, files = texts.files(paths), y = labelled_files.labels(list, given, class_names),
    batch_size = given.batch_size or nil, is_shuffled = given.shuffle, seed = given.seed, max_length = given.max_length,
  }, { file_paths = paths, class_names = class_names })
end

--- The texts below a folder as a dataset of batches; each folder in it is a class. Files are read when it is their
-- turn, so a folder may be larger than memory. An epoch's order follows from the seed and its number.
-- @function text_dataset_from_directory
-- @tparam string directory holds one folder a class, with .txt files, also in folders below
-- @tparam[opt] table options labels ("inferred" from the folders, "none", or class ids in the order of the paths);
-- label_mode ("int": int32 (n); "categorical": one-hot float32 (n, classes); "binary": float32 (n, 1); "none": no
-- labels); class_names (the folders' names, sorted, or in the order given here); batch_size (32; false: single texts);
-- max_length (none: bytes that are kept of a text, its beginning); shuffle (true: an order of its own for each epoch);
-- seed; validation_split (a fraction: the last part) with subset ("training", "validation", "both"); follow_links
-- (false: into linked folders); verbose (true: standard error says what was found)
-- @treturn Dataset of lists of texts and y, if there are labels. It has `class_names`, of which the first has class id
-- 0, and `file_paths`
-- @treturn ?Dataset the part for validation, with subset "both"
-- @raise if there is no such folder, it has fewer than two classes, or a class has no texts
-- @usage
-- local lfs = require "lfs"
-- for _, folder in ipairs{ "films", "films/good", "films/bad" } do lfs.mkdir(folder) end
-- for path, text in pairs{ ["films/good/1.txt"] = "a joy", ["films/bad/1.txt"] = "a bore" } do
--   local file <close> = io.open(path, "w")
--   file:write(text)
-- end
-- local train = nn.utils.text_dataset_from_directory("films", { batch_size = 2 })
-- local vectorization = TextVectorization{}
-- vectorization:adapt(train)
-- for x, y in train:map(function(x, y) return vectorization(x), y end):iterate() do print(x, y) end
function text_folder.load(directory, options)
  local given = labelled_files.check(signature(options), WHAT)
  given.kind = folder.TEXTS
  local list, class_names = folder.find(directory, given)
  return labelled_files.parts(list, given, class_names, dataset_of)
end

return text_folder
