--- Targets brought beside predictions. Shapes must match exactly but for a last axis of 1 that one side lacks, and for
-- class ids, of which there is one a row: nothing is ever broadcast.
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"

local align = {}

--- "28x28", "scalar".
function align.text(shape)
  return #shape == 0 and "scalar" or (table.concat(shape, "x"):gsub("%-1", "None")) -- an open axis
end

local function same(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do
    if a[i] ~= b[i] then return false end
  end
  return true
end
align.same = same

local function without_last(shape)
  return table.move(shape, 1, #shape - 1, 1, {})
end

--- Whether targets of that shape fit predictions of that one.
-- @tparam {integer,...} target
-- @tparam {integer,...} prediction
-- @tparam boolean class_ids whether the targets are one class id a row
function align.fits(target, prediction, class_ids)
  local rows = without_last(prediction)
  local rows_1 = table.move(rows, 1, #rows, 1, {})
  rows_1[#rows_1 + 1] = 1
  if class_ids then return same(target, rows) or same(target, rows_1) end
  return same(target, prediction) or (prediction[#prediction] == 1 and same(target, rows))
    or (target[#target] == 1 and same(without_last(target), prediction))
end

--- A contiguous float32 tensor of what may be a tensor, a nested table or a number.
function align.floats(value)
  local t = tensor.is_tensor(value) and value or tensor.tensor(value)
  return (t.dtype == "float32" and t or t:astype "float32"):contiguous()
end

--- Predictions beside targets of the same values that have one axis more or less, a last one of 1: where either is a
-- plain list, its values are samples; otherwise the last axis goes.
-- @treturn tensor the predictions
function align.beside(y_true, y_pred)
  local target, prediction = align.floats(y_true), align.floats(y_pred)
  local more = prediction.ndim - target.ndim
  if more == 0 or not align.fits(target.shape, prediction.shape) then return prediction end
  if prediction.ndim == 1 then return prediction:reshape { -1, 1 } end
  return more == 1 and target.ndim > 1 and prediction:reshape(without_last(prediction.shape)) or prediction
end

--- Both sides as contiguous float32 tensors of shapes that fit.
-- @tparam string what starts the message of an error
function align.pair(what, y_true, y_pred, class_ids)
  local target, prediction = align.floats(y_true), align.floats(y_pred)
  if not align.fits(target.shape, prediction.shape, class_ids) then
    blame("%s: y_true of shape %s does not fit y_pred of shape %s%s", what, align.text(target.shape),
      align.text(prediction.shape), class_ids and " (wanted: one class id a row)" or "")
  end
  return target, prediction
end

--- The axes as positions from 1, in order.
-- @tparam integer|{integer,...} axis from 1, or from the end if negative
-- @tparam integer ndim
local function positions(what, axis, ndim)
  local list = {}
  for i, a in ipairs(type(axis) == "table" and axis or { axis }) do
    if math.type(a) ~= "integer" or a == 0 or math.abs(a) > ndim then
      blame("%s: axis: a tensor of %d axes has no axis %s", what, ndim, tostring(a))
    end
    list[i] = a < 0 and a + ndim + 1 or a
  end
  table.sort(list)
  for i = 2, #list do
    if list[i] == list[i - 1] then blame("%s: axis: axis %d is there twice", what, list[i]) end
  end
  return list
end

--- The order that brings axes to the end.
-- @tparam nil|integer|{integer,...} axis nil: all of them
-- @treturn {integer,...} an order for transpose
-- @treturn integer how many axes then stand at the end
-- @treturn boolean whether they stood there before
function align.to_end(what, axis, ndim)
  if axis == nil then axis = table.move({ 1, 2, 3, 4, 5, 6, 7, 8 }, 1, ndim, 1, {}) end
  local last, is_last, order, moved = positions(what, axis, ndim), {}, {}, false
  for _, a in ipairs(last) do is_last[a] = true end
  for a = 1, ndim do
    if not is_last[a] then
      order[#order + 1] = a
      moved = moved or last[1] < a
    end
  end
  return table.move(last, 1, #last, #order + 1, order), #last, not moved
end

--- Weights beside values of that shape, Keras' way: a number for all; or a tensor whose axes are the first ones of the
-- values, each as long or 1. A last axis of 1 that the values lack is dropped.
-- @tparam string what starts the message of an error
-- @tparam number|tensor|table weight
-- @tparam {integer,...} shape
-- @treturn tensor float32, contiguous, of that shape
function align.weights(what, weight, shape)
  if type(weight) == "number" then return tensor.full(shape, weight) end
  local floats = align.floats(weight)
  local given = floats.shape
  if #given == #shape + 1 and given[#given] == 1 then given[#given] = nil end
  local padded = table.move(given, 1, #given, 1, {})
  for axis = #given + 1, #shape do padded[axis] = 1 end
  for axis, length in ipairs(padded) do
    if length ~= shape[axis] and length ~= 1 then
      blame("%s: sample_weight of shape %s does not fit values of shape %s", what, align.text(floats.shape),
        align.text(shape))
    end
  end
  return tensor.zeros(shape) + floats:reshape(padded)
end

return align
