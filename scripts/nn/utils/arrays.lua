--- Tensors brought into the form that training wants: one-hot labels, rows of length 1.
-- @submodule nn.utils
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local arrays = {}

-- Of more classes than that a user has to say that they are meant.
local MOST_CLASSES = 10000000

local categorical = arguments.signature("to_categorical", { { "num_classes" } })

-- As many classes as the largest id asks for.
local function implied_classes(ids)
  local classes = ids.size > 0 and ids:max() + 1 or 0
  if classes > MOST_CLASSES then
    blame("to_categorical: the largest class id is %d, so the labels would take %.1f GB; ids count from 0. "
      .. "If these are meant, give num_classes = %d", classes - 1, 4e-9 * classes * ids.size, classes)
  end
  return classes
end

--- One-hot labels of class ids.
-- @function to_categorical
-- @tparam tensor|table x class ids (n, ...), whole numbers from 0; a last axis of 1 is dropped
-- @tparam[opt] integer|table num_classes the length of the last axis (largest id + 1), or a table with that name
-- @treturn tensor float32 (n, ..., num_classes)
-- @raise where an id is negative or not below num_classes, or so large that it hardly is one
-- @usage nn.utils.to_categorical(y_train, 10)
function arrays.to_categorical(x, num_classes)
  if x == nil then blame "to_categorical: x is missing" end
  local asked = categorical(num_classes).num_classes
  local given = tensor.is_tensor(x) and x or tensor.tensor(x)
  if given.dtype == "float32" and given.size > 0 and given:eq(given:floor()):min() == 0 then
    blame "to_categorical: expected class ids, which are whole numbers from 0; x holds other numbers"
  end
  local ids = given:astype "int32"
  local classes = asked or implied_classes(ids)
  local shape, flat = ids.shape, ids:flatten()
  if #shape > 1 and shape[#shape] == 1 then shape[#shape] = nil end
  if #flat > 0 and (flat:min() < 0 or flat:max() >= classes) then
    blame("to_categorical: class ids run from %d to %d, but num_classes is %d%s", flat:min(), flat:max(), classes,
      flat:min() == 1 and flat:max() == classes and "; ids count from 0: pass y - 1" or "")
  end
  shape[#shape + 1] = classes
  local result = tensor.zeros { #flat * classes }
  for i, id in ipairs(flat:totable()) do result[(i - 1) * classes + id + 1] = 1 end
  return result:reshape(shape)
end

local normal = arguments.signature("normalize", { { "axis", -1 }, { "order", 2 } })

-- The norm along an axis that stays with length 1, as numpy.linalg.norm defines it.
local function norm(x, axis, order)
  local size, over = x:abs(), { axis = axis, keepdims = true }
  if order == math.huge then return size:max(over) end
  if order == -math.huge then return size:min(over) end
  if order == 0 then return size:ne(0):sum(over) end
  if order == 1 then return size:sum(over) end
  if order == 2 then return (size * size):sum(over):sqrt() end
  return (size ^ order):sum(over) ^ (1 / order)
end

--- Divides by the norm along an axis, so that each row (of the last axis, by default) has length 1. What is all zero
-- stays so.
-- @function normalize
-- @tparam tensor|table x
-- @tparam[opt] table options axis (-1), order (2: Euclidean; 1: sum of absolute values; math.huge: the greatest)
-- @treturn tensor float32, of the same shape
-- @usage nn.utils.normalize({ { 3, 4 }, { 0, 0 } }) --> 0.6, 0.8; 0, 0
function arrays.normalize(x, options)
  if x == nil then blame "normalize: x is missing" end
  local given = normal(options)
  if type(given.order) ~= "number" or given.order ~= given.order then
    blame("normalize: order: expected a number such as 2, got %s", blame.got(given.order))
  end
  x = (tensor.is_tensor(x) and x or tensor.tensor(x)):astype "float32"
  local length = norm(x, given.axis, given.order)
  return x / (length + length:eq(0))
end

return arrays
