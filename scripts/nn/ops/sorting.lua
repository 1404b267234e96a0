--- Orders, and where numbers stand in them. Positions count from 0; NaN is greater than every number.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops, required = base.ops, arguments.required

-- The order of x along an axis, in float32; without an axis, x as one axis.
local function order_of(x, axis, descending)
  if axis == nil then x, axis = ops.ravel(x), 1 end
  return x, axis, base.run("argsort", { axis = axis, descending = descending or false }, { x })
end

local function whole(result)
  return tensor.is_tensor(result) and result:astype "int32" or result
end

--- The positions at which the elements are found in ascending order; equal elements keep theirs.
-- @function argsort
-- @tparam tensor x
-- @tparam[opt=-1] integer axis
-- @treturn tensor int32, positions from 0
-- @usage nn.ops.argsort{ 3, 1, 2 } --> [1 2 0]
base.compose { "argsort", options = { { "axis", -1 } },
  compute = function(x, options)
    local _, _, order = order_of(x, options.axis)
    return whole(order)
  end }

--- The elements in ascending order.
-- @function sort
-- @tparam tensor x
-- @tparam[opt=-1] integer axis
-- @treturn tensor of x's type
-- @usage nn.ops.sort(x, 1)
base.compose { "sort", options = { { "axis", -1 } },
  compute = function(x, options)
    local y, axis, order = order_of(x, options.axis)
    return ops.take_along_axis(y, order, axis)
  end }

--- The k greatest elements along the last axis, the greatest first, and where they are.
-- @function top_k
-- @tparam tensor x
-- @tparam integer k
-- @tparam[opt=true] boolean sorted they are in any case
-- @treturn tensor the elements, of x's type
-- @treturn tensor int32, their positions from 0; of equal elements the first one comes first
-- @usage local values, classes = nn.ops.top_k(y_pred, 2)
base.compose { "top_k", options = { { "k", required }, { "sorted", true } },
  compute = function(x, options)
    local shape = base.shape_of(x)
    if math.type(options.k) ~= "integer" or options.k < 0 or options.k > (shape[#shape] or 0) then
      blame("top_k: k: expected a whole number up to %s, got %s", shape[#shape] or 0, blame.got(options.k))
    end
    local _, _, order = order_of(x, -1, true)
    local start = {}
    for axis = 1, #shape do start[axis] = 1 end
    shape[#shape] = options.k
    for axis = 1, #shape - 1 do shape[axis] = -1 end
    local positions = ops.slice(order, start, shape)
    return ops.take_along_axis(x, positions, -1), whole(positions)
  end }

--- Whether the right class is among the k with the highest scores. Classes that tie with the k-th count as well.
-- @function in_top_k
-- @tparam tensor targets class ids from 0, (samples)
-- @tparam tensor predictions scores, (samples, classes); if the right one's is not finite, it is not among them
-- @tparam integer k
-- @treturn tensor uint8, 1 where it is
-- @usage nn.ops.in_top_k(class_ids, y_pred, 2)
base.compose { "in_top_k", operands = { "targets", "predictions" },
  options = { { "k", required, kinds.whole(1) } },
  compute = function(targets, predictions, options)
    local score = ops.take_along_axis(predictions, ops.expand_dims(targets, -1), -1)
    local better = ops.sum(ops.greater(predictions, score), -1)
    return ops.logical_and(ops.less(better, options.k), ops.isfinite(ops.squeeze(score, -1)))
  end }

--- Before which element of a sorted list each value would have to be inserted.
-- @function searchsorted
-- @tparam tensor|{number,...} sorted_sequence ascending, one axis
-- @tparam tensor values
-- @tparam[opt="left"] string side of equal elements: "left" or "right"
-- @treturn tensor int32, from 0 to the list's length
-- @usage nn.ops.searchsorted({ 1, 2, 3 }, { 0.5, 2 }) --> [0 1]
base.compose { "searchsorted", operands = { "sorted_sequence", "values" }, options = { { "side", "left" } },
  compute = function(sorted, values, options) return whole(base.run("searchsorted", options, { sorted, values })) end }

--- Into which bin each value falls.
-- @function digitize
-- @tparam tensor x
-- @tparam {number,...}|tensor bins where the bins begin, ascending
-- @treturn tensor int32: 0 below the first number, 1 from it up to the second ...
-- @usage nn.ops.digitize({ 0.5, 1, 2.5 }, { 1, 2 }) --> [0 1 2]
base.compose { "digitize", operands = { "x", "bins" },
  compute = function(x, bins) return ops.searchsorted(bins, x, "right") end }

--- How often each whole number from 0 occurs.
-- @function bincount
-- @tparam tensor|{integer,...} x one axis
-- @tparam[opt] tensor weights what each one counts, instead of 1
-- @tparam[opt=0] integer minlength
-- @treturn tensor int32, or float32 with weights: a count for 0, 1, ... up to the greatest of x
-- @usage nn.ops.bincount(y) --> [4 4 4]
base.compose { "bincount", options = { { "weights" }, { "minlength", 0 } },
  compute = function(x, options)
    local least, most = 0, options.minlength - 1
    if base.known(x, "bincount").size > 0 then least, most = x:min(), math.max(most, x:max()) end
    local length = math.tointeger(most + 1)
    if least ~= least or least < 0 or not length then
      blame("bincount: expected whole numbers from 0 on, got %s", blame.got(least >= 0 and most or least))
    end
    local weights = options.weights and base.tensor(options.weights, "bincount") or tensor.ones(x.shape)
    local counts = ops.segment_sum(weights, x, length)
    return options.weights and counts or whole(counts)
  end }
