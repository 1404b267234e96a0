--- Targets brought beside predictions. Shapes must match exactly but for a last axis of 1 that one side lacks, and for
-- class ids, of which there is one a row: nothing is ever broadcast.
local blame = require "nn.blame"
local tensor = require "nn.tensor"

local align = {}

--- "28x28", "scalar".
function align.text(shape)
  return #shape == 0 and "scalar" or table.concat(shape, "x")
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
  t = t:astype "float32"
  return t:reshape(t.shape) -- contiguous
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

return align
