--- Which classes are taken for which: `nn.metrics.confusion_matrix`.
-- @submodule nn.metrics
local objects = require "engine.objects"
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

--- Class ids from ids (n) or (n, 1), or from one-hot labels or probabilities (n, classes).
local function class_ids(value, what)
  local t = tensor.is_tensor(value) and value or tensor.tensor(value)
  if t.size > 0 and t:isnan():max() == 1 then blame("confusion_matrix: %s holds NaN, which is no class", what) end
  if t.ndim == 2 and t.shape[2] > 1 then return t:argmax { axis = 2 } end
  if t.ndim == 2 then t = t:flatten() end
  if t.ndim ~= 1 then
    blame("confusion_matrix: %s: expected class ids (n) or probabilities (n, classes), got shape %s", what,
      table.concat(t.shape, "x"))
  end
  if #t > 0 and (t:min() < 0 or t:ne(t:floor()):max() > 0) then
    blame("confusion_matrix: %s: expected class ids, whole numbers from 0", what)
  end
  return t
end

--- Counts samples by true class (rows) and predicted class (columns), class 0 first.
-- @function confusion_matrix
-- @tparam tensor y_true class ids (n), or one-hot labels (n, classes)
-- @tparam tensor y_pred class ids (n), or probabilities (n, classes), of which the largest counts
-- @tparam[opt] table options num_classes (the largest class id + 1), weights (n)
-- @treturn tensor int32 (classes, classes); float32 with weights
-- @usage nn.metrics.confusion_matrix(y_test, model:predict(x_test))
return function(y_true, y_pred, options)
  options = arguments.check(options or {}, { "num_classes", "weights" }, "confusion_matrix")
  local truth, predicted = class_ids(y_true, "y_true"), class_ids(y_pred, "y_pred")
  if #truth ~= #predicted then
    blame("confusion_matrix: y_true has %d samples, y_pred has %d", #truth, #predicted)
  end
  local largest = #truth > 0 and math.tointeger(math.max(truth:max(), predicted:max())) or -1
  local classes = options.num_classes or largest + 1
  if largest >= classes then
    blame("confusion_matrix: num_classes is %d, but there is a class %d", classes, largest)
  end
  if #truth == 0 then return tensor.zeros({ classes, classes }, "int32") end
  local weights = options.weights and align.weights("confusion_matrix", options.weights, truth.shape)
  local state = objects.metric("class_counts", { num_classes = classes })
  state:update(align.floats(truth), align.floats(predicted), weights)
  return tensor.tensor(state:sums(), weights and "float32" or "int32"):reshape { classes, classes }
end
