--- One part of an experiment's data (training, validation or test): inputs and targets, checked and described.
local is_tensor = require("engine.tensor").is_tensor
local blame = require "nn.support.blame"
local datasets = require "nn.datasets"
local compressed = require "nn.models.compressed"
local digest = require "nn.support.digest"
local from_dataset = require "nn.experiment.from_dataset"
local json = require "nn.support.json"

local split = {}

local MAX_CLASSES = 1000
local SMALLEST, LARGEST = 8, 512 -- pixels a side of what is shown as a picture

local function tensors_of(value, what)
  local list = is_tensor(value) and { value } or value
  if type(list) ~= "table" or #list == 0 then
    blame("%s: expected a tensor or a list of tensors, got %s", what, value == nil and "nothing" or blame.got(value))
  end
  for _, each in ipairs(list) do
    if type(each) == "string" then
      blame("%s: expected tensors, got texts; apply nn.layers.TextVectorization{} to them before", what)
    elseif not is_tensor(each) then
      blame("%s: expected tensors, got %s", what, blame.got(each))
    end
    if each.ndim == 0 then blame("%s: expected a tensor with one entry a sample, got a single number", what) end
  end
  return list
end

local function check_counts(x, y, what)
  local count = #x[1]
  if count == 0 then blame("%s: there are no samples in it", what) end
  for _, list in ipairs { x, y } do
    for _, each in ipairs(list) do
      if #each ~= count then
        blame("%s: x and y differ in samples: shapes %s and %s", what, table.concat(x[1].shape, "x"),
          table.concat(each.shape, "x"))
      end
    end
  end
  return count
end

local function facts(each)
  return { shape = each.shape, dtype = each.dtype, min = each:min(), max = each:max() }
end

--- Whether each row has a single 1 among zeros.
local function is_one_hot(y)
  return y.ndim == 2 and y.shape[2] > 1 and y:min() == 0 and y:max() == 1 and y:sum { axis = 2 }:min() == 1
    and y:sum { axis = 2 }:max() == 1
end

-- Whether all numbers are 0 or 1, as the labels of yes and no are.
local function is_yes_or_no(y)
  return y:min() == 0 and y:max() == 1 and (y * y - y):abs():max() == 0
end

--- The class of each sample as a flat tensor of ids, nil where y does not hold classes.
-- Whole numbers of an integer type from 0, or a one-hot row each; of another type 0 and 1, and others only where
-- classes are named.
-- @tparam tensor y targets
-- @tparam boolean is_named whether the experiment has class names
function split.class_ids(y, is_named)
  if is_one_hot(y) then return y:argmax { axis = 2 } end
  if y.ndim > 2 or y.ndim == 2 and y.shape[2] ~= 1 then return nil end
  local is_whole = y.dtype ~= "float32" or is_yes_or_no(y) or is_named and y:eq(y:floor()):min() == 1
  if not is_whole then return nil end
  if y:min() < 0 or y:max() >= MAX_CLASSES then return nil end
  return y:flatten()
end

local function count_classes(y, class_names)
  local ids = split.class_ids(y, class_names ~= nil)
  if not ids then return nil end
  local counts = {}
  for id = 0, math.max(ids:max() // 1 | 0, class_names and #class_names - 1 or 0) do counts[id + 1] = 0 end
  for _, id in ipairs(ids:totable()) do counts[id // 1 + 1 | 0] = counts[id // 1 + 1 | 0] + 1 end
  return counts
end

--- Where the data came from: known for what a data set returned, and guessed for what was computed from it where the
-- script loaded one set only.
local function source_of(x)
  local loaded = datasets.loaded()
  return datasets.source_of(x) or #loaded == 1 and loaded[1] or nil
end

local function sorted(list)
  local keys = {}
  for key in pairs(list) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- Which tensor is which counts too: weights of the second output are not weights of the first.
local function fingerprint(x, y, weights)
  return (digest.of { x, y, weights })
end

local function map(list, f)
  local result = {}
  for _, key in ipairs(sorted(list)) do result[#result + 1] = f(list[key]) end
  return result
end

--- The weights of the samples, by the outputs' positions; an output may have none.
local function weights_of(given, outputs, samples, what)
  if given == nil then return {} end
  local list = is_tensor(given) and { given } or given
  local is_list = type(list) == "table" and next(list) ~= nil
  for output, each in pairs(is_list and list or {}) do
    is_list = is_list and is_tensor(each) and each.ndim > 0 and #each == samples and math.type(output) == "integer"
      and output >= 1 and output <= outputs
  end
  if not is_list then
    blame("%s: sample_weight: expected a tensor with a weight for each of %d samples, got %s", what, samples,
      blame.got(given))
  end
  return list
end

-- What a dataset as a part of the data is: { x, y, weights }, and for training what nn.experiment.from_dataset tells.
local function of_dataset(dataset, what, sample_weight)
  if what ~= "train" then return from_dataset.gather(dataset, what) end
  if sample_weight ~= nil then
    blame "train: a dataset gives the weights of the samples itself, as a third value beside x and y"
  end
  local about = from_dataset.describe(dataset, what)
  about.dataset, about.tensors = dataset, from_dataset.hash_of_tensors(dataset)
  return about.given, about
end

-- What the record says of a training dataset: of a stream the shapes of one sample.
local function describe_dataset(self, about)
  local card = self.card
  card.fingerprint, card.dataset = about.fingerprint, from_dataset.text(about.dataset)
  self.dataset, self.tensors = about.dataset, about.tensors
  self.is_stream, self.unknown = about.is_stream, about.unknown
  self.sample_weight = nil -- the dataset has them
  if not about.is_stream then return self end
  card.samples, card.classes = nil, nil
  for _, list in ipairs { card.x, card.y } do
    for _, each in ipairs(list) do each.shape = table.move(each.shape, 2, #each.shape, 1, {}) end
  end
  return self
end

local function check_entries(given, what, may_lack_targets)
  local is_list, may_have_weights = type(given) == "table", what == "validation"
  if may_lack_targets and is_list and #given == 1 then return end
  if is_list and (#given == 2 or #given == 3 and may_have_weights) then return end
  blame("%s: expected { x, y }%s, got %s%s", what, may_have_weights and " or { x, y, sample_weight }" or "",
    is_list and #given .. " entries" or blame.got(given),
    what == "train" and is_list and #given == 3 and "; weights of its samples are given as sample_weight" or "")
end

--- Checks and describes one part of the data.
-- @tparam {x,y}|Dataset given as `fit` takes them, each a tensor or a list of tensors; for validation also { x, y,
-- sample_weight }; or a dataset, or an object with batches
-- @tparam string what "train", "validation" or "test"
-- @tparam ?{string,...} class_names
-- @tparam ?tensor|{tensor,...} sample_weight of training
-- @tparam[opt] boolean may_lack_targets whether { x } will do
-- @treturn {x=,y=,sample_weight=,inputs={tensor,...},targets={tensor,...},card=table} the first three as given; card:
-- what the record of the experiment says about them. Of a training dataset also dataset; is_stream: whether x and y are
-- its first batch alone; unknown: what of it has no fingerprint
function split.new(given, what, class_names, sample_weight, may_lack_targets)
  local dataset, about = from_dataset.of(given, true), nil
  if dataset then
    given, about = of_dataset(dataset, what, sample_weight)
    if about then sample_weight = given[3] end
    if what == "test" then given[3] = nil end
  end
  if not about then check_entries(given, what, may_lack_targets) end
  local x, y = tensors_of(given[1], what .. " x"), {}
  if given[2] ~= nil or not may_lack_targets then y = tensors_of(given[2], what .. " y") end
  if what == "validation" then sample_weight = given[3] end
  local samples = check_counts(x, y, what)
  local weights = weights_of(sample_weight, #y, samples, what)
  if what ~= "test" then compressed.of_all(x) end -- once here, for all the workers that are forked
  local self = {
    x = given[1], y = given[2], sample_weight = sample_weight, inputs = x, targets = y, weights = weights,
    card = {
      x = map(x, facts), y = map(y, facts), samples = samples, fingerprint = fingerprint(x, y, weights),
      sample_weight = sample_weight ~= nil and map(weights, facts) or nil,
      classes = #y == 1 and count_classes(y[1], class_names) or nil, source = source_of(x[1]),
    },
  }
  return about and describe_dataset(self, about) or self
end

--- Makes sure that the data are those that the experiment was declared with: its trials are known by them.
-- @tparam table self
-- @tparam string what "train", "validation" or "test"
function split.check_unchanged(self, what)
  local now = self.dataset and from_dataset.hash_of_tensors(self.dataset)
    or fingerprint(self.inputs, self.targets, self.weights)
  if now == (self.dataset and self.tensors or self.card.fingerprint) then return end
  blame("%s: these data were changed after nn.Experiment was given them; change them before it, or give it a copy "
    .. "(x:copy())", what)
end

--- Class weights as JSON can hold them.
-- @tparam ?table|string class_weight
function split.stored_weights(class_weight)
  if type(class_weight) ~= "table" then return class_weight end
  local stored = json.object {}
  for id, weight in pairs(class_weight) do stored[tostring(id)] = weight end
  return stored
end

--- Whether the inputs are pictures: (n, height, width), or (n, height, width, channels) with 1 or 3 of them.
function split.has_pictures(self)
  local shape = self.inputs[1].shape
  local is_picture = #shape == 3 or #shape == 4 and (shape[4] == 3 or shape[4] == 1)
  return #self.inputs == 1 and is_picture and math.min(shape[2], shape[3]) >= SMALLEST
    and math.max(shape[2], shape[3]) <= LARGEST
end

--- Some of the inputs as pictures that can be shown: uint8 as they are, others scaled to 0 .. 1 where they leave it.
-- @tparam table self
-- @tparam {integer,...} positions
function split.pictures(self, positions)
  local facts_of_all, some = self.card.x[1], self.inputs[1]:gather(positions)
  local low, high = facts_of_all.min, facts_of_all.max
  if facts_of_all.dtype == "uint8" or low >= 0 and high <= 1 then return some end
  return (some - low) / (high - low)
end

return split
