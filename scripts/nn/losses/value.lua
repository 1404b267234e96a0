--- What a function of targets and predictions gives: one number for each sample, or one for all. The same function
-- computes on tensors, and in a graph on symbolic ones.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local invoke = require "nn.support.invoke"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local value = {}

local function ops() return require "nn.ops" end

-- How many axes there are, that of the samples included.
local function rank_of(x)
  if tensor.is_tensor(x) then return x.ndim end
  return #x.shape + (x.shape.is_whole and 0 or 1)
end

local function ends_with_1(x) return x.shape[#x.shape] == 1 end

--- Brings targets and predictions to as many axes, as Keras does: if one side has an axis more, of length 1, at its
-- end. So labels (n) and predictions (n, 1) are subtracted sample by sample. Others stay as they are.
-- @treturn tensor|symbolic y_true
-- @treturn tensor|symbolic y_pred
function value.pair(y_true, y_pred)
  local more = rank_of(y_true) - rank_of(y_pred)
  if more == 1 and ends_with_1(y_true) then
    if rank_of(y_pred) > 1 then return ops().squeeze(y_true, -1), y_pred end
    return y_true, ops().expand_dims(y_pred, -1)
  elseif more == -1 and ends_with_1(y_pred) then
    if rank_of(y_true) > 1 then return y_true, ops().squeeze(y_pred, -1) end
    return ops().expand_dims(y_true, -1), y_pred
  end
  return y_true, y_pred
end

local function product(shape)
  local count = 1
  for _, length in ipairs(shape) do count = count * length end
  return count
end

local NUMBERS = "one number for each sample, or one for all, computed from y_pred with nn.ops or arithmetic"

-- Raises an error about what a function returned.
local function refuse(title, where, got)
  blame.at(where, "%s: expected %s, got %s", title, NUMBERS, got)
end

--- What a function gave in a graph.
-- @param result
-- @tparam symbolic y_pred
-- @tparam string title of the function, for messages
-- @tparam string where it was written
-- @treturn symbolic
local function check_symbolic(result, y_pred, title, where)
  if result == nil then refuse(title, where, "nothing; does it lack a return?") end
  if not symbolic.is(result) then refuse(title, where, blame.got(result) .. ", which no prediction can change") end
  local shape = result.shape
  if shape.is_whole and product(shape) ~= 1 then refuse(title, where, tostring(result)) end
  for _, node in ipairs(symbolic.order { result }) do
    if node == y_pred then return shape.is_whole and #shape > 0 and ops().reshape(result, {}) or result end
  end
  refuse(title, where, "a tensor that does not depend on y_pred")
end

--- Traces a function.
-- @tparam function f
-- @tparam string title of it, for messages
-- @tparam string where it was written
-- @tparam symbolic y_true
-- @tparam symbolic y_pred
-- @param ... further arguments
-- @treturn symbolic samples, or a whole value without axes
function value.trace(f, title, where, y_true, y_pred, ...)
  local target, prediction = value.pair(y_true, y_pred)
  return check_symbolic(require("nn.ops.trace").call(f, {}, target, prediction, ...), y_pred, title, where)
end

--- Calls a function with tensors.
-- @treturn tensor of numbers, one for each sample or one for all
function value.compute(f, title, where, y_true, y_pred, ...)
  local target, prediction = value.pair(align.floats(y_true), y_pred)
  local result = invoke(f, target, prediction, ...)
  if type(result) == "number" then return tensor.full({}, result) end
  if result == nil then refuse(title, where, "nothing; does it lack a return?") end
  if not tensor.is_tensor(result) then refuse(title, where, blame.got(result)) end
  if result.ndim > 0 and result.size > 1 and #result ~= #prediction then
    refuse(title, where, ("a tensor of %s for %d samples"):format(align.text(result.shape), #prediction))
  end
  return result
end

return value
