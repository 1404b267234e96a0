--- Intersection over union: how much of what is, or is taken for, a class is both. From a confusion matrix.
-- @submodule nn.metrics
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Metric = require "nn.metrics.base"

local define, metrics = Metric.define, Metric.metrics

local EPSILON, LEAST = 1e-7, 1e-9

local required = arguments.required
local CLASSES, IDS, NAME, DTYPE = { "num_classes", required }, { "target_class_ids", required }, { "name" }, { "dtype" }
local IGNORED, SPARSE_TRUE, SPARSE_PRED = { "ignore_class" }, { "sparse_y_true", true }, { "sparse_y_pred", true }
local AXIS = { "axis", -1 }

--- Intersection and union of one class, an id from 0.
local function overlap(sums, class, classes)
  local row, column = 0, 0
  for other = 0, classes - 1 do
    row = row + sums[class * classes + other + 1]
    column = column + sums[other * classes + class + 1]
  end
  local both = sums[class * classes + class + 1]
  return both, row + column - both
end

--- The mean over the classes that occur.
local function result_of(self, sums)
  if #sums == 0 then return 0.0 end
  local classes, wanted, sum, valid = self.arguments.num_classes or 2, self.arguments.target_class_ids, 0.0, 0
  for i = 1, wanted and #wanted or classes do
    local both, either = overlap(sums, wanted and wanted[i] or i - 1, classes)
    sum = sum + both / (either + EPSILON)
    valid = valid + (either > LEAST and 1 or 0)
  end
  return sum / (valid + EPSILON)
end

local function check_ids(class, a)
  if not a.target_class_ids then return end
  local classes = a.num_classes or 2
  if type(a.target_class_ids) ~= "table" or #a.target_class_ids == 0 then
    blame("%s: target_class_ids: expected a list of class ids, got %s", class, blame.got(a.target_class_ids))
  end
  for _, id in ipairs(a.target_class_ids) do
    if math.type(id) ~= "integer" or id < 0 or id >= classes then
      blame("%s: target_class_ids: expected class ids from 0 to %d, got %s", class, classes - 1, blame.got(id))
    end
  end
end

local function check_width(self, prediction, target)
  local classes = self.arguments.num_classes or 2
  local config = self:config()
  if config.sparse_y_pred == false and prediction[#prediction] > classes then
    blame("%s: num_classes is %d, but predictions have %d", self.class_name, classes, prediction[#prediction])
  end
  local ignored = config.ignore_class
  if not target or target.size == 0 or config.sparse_y_true == false or target:max() < classes then return end
  if not ignored or (target:ge(classes) * target:ne(ignored)):max() > 0 then
    blame("%s: num_classes is %d, but there is a class %g", self.class_name, classes, target:max())
  end
end

--- One-hot targets of predictions that are class ids are made class ids first.
local function prepare(self, y_true, y_pred)
  local config = self:config()
  if config.sparse_y_true == false and config.sparse_y_pred then
    y_true = align.floats(y_true):argmax { axis = self.arguments.axis }
  end
  return Metric.methods.prepare(self, y_true, y_pred)
end

local function wants_ids(self)
  local config = self:config()
  return config.sparse_y_true ~= false and config.sparse_y_pred == false
end

local function define_iou(class, list, config)
  define {
    class = class, arguments = list, engine = "class_counts", config = config, traits = Metric.traits.score,
    check = function(a, object)
      check_ids(class, a)
      if object:config().sparse_y_pred ~= false then object.weights = "value" end
    end,
    methods = { result_of = result_of, check_width = check_width, prepare = prepare, wants_ids = wants_ids },
  }
end

local function sparse(a)
  return { num_classes = a.num_classes, ignore_class = a.ignore_class, sparse_y_true = a.sparse_y_true,
    sparse_y_pred = a.sparse_y_pred }
end

local function one_hot(a)
  return { num_classes = a.num_classes, ignore_class = a.ignore_class, sparse_y_true = false,
    sparse_y_pred = a.sparse_y_pred }
end

--- The mean over the classes named.
-- @function IoU
-- @tparam integer num_classes
-- @tparam {integer,...} target_class_ids
-- @tparam[opt] integer ignore_class
-- @tparam[opt=true] boolean sparse_y_true whether targets are class ids
-- @tparam[opt=true] boolean sparse_y_pred whether predictions are class ids
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.IoU{ num_classes = 3, target_class_ids = { 0 } }
-- m:update_state(class_ids, class_ids)
-- print(m:result())
define_iou("IoU", { CLASSES, IDS, NAME, DTYPE, IGNORED, SPARSE_TRUE, SPARSE_PRED, AXIS }, sparse)

--- The mean over all classes that occur.
-- @function MeanIoU
-- @tparam integer num_classes
-- @tparam[opt] integer ignore_class
-- @tparam[opt=true] boolean sparse_y_true whether targets are class ids
-- @tparam[opt=true] boolean sparse_y_pred whether predictions are class ids
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.MeanIoU{ num_classes = 3 }
-- m:update_state(class_ids, class_ids)
-- print(m:result())
define_iou("MeanIoU", { CLASSES, NAME, DTYPE, IGNORED, SPARSE_TRUE, SPARSE_PRED, AXIS }, sparse)

--- IoU of one-hot targets, and of predictions of which the largest counts.
-- @function OneHotIoU
-- @tparam integer num_classes
-- @tparam {integer,...} target_class_ids
-- @tparam[opt] integer ignore_class
-- @tparam[opt=false] boolean sparse_y_pred whether predictions are class ids
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.OneHotIoU{ num_classes = 3, target_class_ids = { 0, 2 } }
-- m:update_state(labels, y_pred)
-- print(m:result())
define_iou("OneHotIoU", { CLASSES, IDS, NAME, DTYPE, IGNORED, { "sparse_y_pred", false }, AXIS }, one_hot)

--- MeanIoU of one-hot targets, and of predictions of which the largest counts.
-- @function OneHotMeanIoU
-- @tparam integer num_classes
-- @tparam[opt] integer ignore_class
-- @tparam[opt=false] boolean sparse_y_pred whether predictions are class ids
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.OneHotMeanIoU{ num_classes = 3 }
-- m:update_state(labels, y_pred)
-- print(m:result())
define_iou("OneHotMeanIoU", { CLASSES, NAME, DTYPE, IGNORED, { "sparse_y_pred", false }, AXIS }, one_hot)

--- IoU of two classes, where predictions of at least threshold are of class 1.
-- @function BinaryIoU
-- @tparam[opt] {integer,...} target_class_ids ({ 0, 1 })
-- @tparam[opt=0.5] number threshold
-- @usage
-- local m = nn.metrics.BinaryIoU{ target_class_ids = { 1 }, threshold = 0.3 }
-- m:update_state(labels, y_pred)
-- print(m:result())
define_iou("BinaryIoU", { { "target_class_ids", { 0, 1 } }, { "threshold", 0.5 }, NAME, DTYPE }, function(a)
  return { num_classes = 2, threshold = a.threshold, sparse_y_true = true, sparse_y_pred = true }
end)

return metrics
