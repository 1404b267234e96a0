--- What datasets of files in folders have in common, one folder a class: options, labels, parts for validation.
local arrays = require "nn.utils.arrays"
local blame = require "nn.support.blame"
local random = require "nn.random"
local tensor = require "nn.tensor"

local labelled_files = {}

-- The kind of the option batch_size.
labelled_files.BATCH_SIZE = { text = "a whole number of at least 1, or false for single samples", fits = function(value)
  return value == false or math.type(value) == "integer" and value >= 1
end }

local function check_split(given, what)
  local split = given.validation_split
  if split ~= nil and (type(split) ~= "number" or not (split > 0 and split < 1)) then
    blame("%s: validation_split: expected a fraction between 0 and 1, got %s", what, blame.got(split))
  elseif (split == nil) ~= (given.subset == nil) then
    blame("%s: validation_split and subset go together; give both or neither", what)
  elseif split and given.shuffle and given.seed == nil then
    blame("%s: with validation_split and shuffle give a seed too, or the parts of two calls would overlap", what)
  end
end

--- Checks options that belong together, and brings labels and label_mode to one form.
-- @tparam table given options
-- @tparam string what the function, for messages
-- @treturn table given, with the field what
function labelled_files.check(given, what)
  check_split(given, what)
  if (given.labels or "none") == "none" or (given.label_mode or "none") == "none" then
    given.labels, given.label_mode = "none", "none"
  end
  given.what = what
  return given
end

--- The paths of files.
-- @tparam {{path=},...} list
function labelled_files.paths(list)
  local paths = {}
  for i, entry in ipairs(list) do paths[i] = entry.path end
  return paths
end

--- The labels of files as label_mode says.
-- @tparam {{label=},...} list
-- @tparam table given options
-- @tparam {string,...} class_names
-- @treturn ?tensor nil without labels
function labelled_files.labels(list, given, class_names)
  local mode = given.label_mode
  if mode == "none" then return nil end
  local ids, classes = {}, #class_names
  for i, entry in ipairs(list) do
    ids[i] = entry.label
    classes = math.max(classes, entry.label + 1)
  end
  local y = tensor.tensor(ids, "int32")
  if mode == "categorical" then return arrays.to_categorical(y, classes) end
  if mode == "int" then return y end
  if classes ~= 2 then blame('%s: label_mode "binary" wants two classes, there are %d', given.what, classes) end
  return y:reshape({ #ids, 1 }):astype "float32"
end

local function shuffled(list, seed)
  local order, result = random.permutation(#list, seed):totable(), {}
  for i, position in ipairs(order) do result[i] = list[position + 1] end
  return result
end

local function say(given, list, class_names, training)
  if not given.verbose then return end
  io.stderr:write(("Found %d %ss"):format(#list, given.kind.noun),
    given.label_mode ~= "none" and (" of %d classes"):format(#class_names) or "")
  if given.subset == "both" then
    io.stderr:write(("; using %d for training and %d for validation"):format(training, #list - training))
  elseif given.subset then
    io.stderr:write(("; using %d for %s"):format(given.subset == "training" and training or #list - training,
      given.subset))
  end
  io.stderr:write(".\n")
end

--- The dataset that was asked for, or the two for training and validation.
-- @tparam {table,...} list files
-- @tparam table given options; kind: what the files are, of nn.data.folder
-- @tparam {string,...} class_names
-- @tparam function dataset_of (list, given, class_names) -> Dataset
-- @treturn Dataset
-- @treturn ?Dataset
function labelled_files.parts(list, given, class_names, dataset_of)
  if given.shuffle then list = shuffled(list, given.seed) end
  local training = #list - math.floor((given.validation_split or 0) * #list)
  say(given, list, class_names, training)
  local function part(first, last)
    if last < first then blame("%s: no %ss are left of %d for one of the parts", given.what, given.kind.noun, #list) end
    return dataset_of(table.move(list, first, last, 1, {}), given, class_names)
  end
  if given.subset == "both" then return part(1, training), part(training + 1, #list) end
  if given.subset == "validation" then return part(training + 1, #list) end
  return part(1, training)
end

return labelled_files
