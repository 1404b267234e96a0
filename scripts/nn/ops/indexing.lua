--- Elements by positions that are data, which count from 0 as class ids do.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"
local integers = require "nn.ops.integers"

local ops, required = base.ops, arguments.required

-- An operation on x and positions; those may be a list of whole numbers.
local function by_positions(name, inputs_for)
  base.compose { name, operands = { "x", "indices" }, options = { { "axis" } },
    compute = function(x, indices, options)
      local axis = options.axis
      if axis == nil then x, axis = ops.ravel(x), 1 end
      local function taken(part)
        local inputs = inputs_for and inputs_for(part, indices, axis) or { part, indices }
        return base.run(name, { axis = axis }, inputs)
      end
      if tensor.is_tensor(x) and x.dtype ~= "float32" then return integers.moved(x, taken) end
      return taken(x)
    end }
end

--- The parts of x at positions along an axis, which count from 0, or from the end if negative.
-- @function take
-- @tparam tensor x
-- @tparam tensor|{integer,...} indices of any shape, which takes the axis' place in the result
-- @tparam[opt] integer axis by default x is one axis
-- @treturn tensor of x's type
-- @usage nn.ops.take(w, y, 1) -- a row of w for each class id in y
by_positions "take"

-- Both stretched to one shape but for the axis.
local function aligned(x, indices, axis)
  local x_shape, shape = base.shape_of(x), base.shape_of(indices)
  if #x_shape ~= #shape then return { x, indices } end
  local at = base.axis("take_along_axis", axis, #shape)
  local x_target, target, differs = {}, {}, false
  for i, length in ipairs(shape) do
    local common = length == 1 and x_shape[i] or length
    x_target[i], target[i] = i == at and x_shape[i] or common, i == at and length or common
    differs = differs or x_target[i] ~= x_shape[i] or target[i] ~= length
  end
  if not differs then return { x, indices } end
  return { ops.broadcast_to(x, x_target), ops.broadcast_to(indices, target) }
end

--- For each place of the result the element of x at a position along an axis, such as what `argsort` gives.
-- @function take_along_axis
-- @tparam tensor x
-- @tparam tensor indices of x's shape but for the axis; positions from 0, or from the end if negative
-- @tparam[opt] integer axis by default x is one axis
-- @treturn tensor of the indices' shape and x's type
-- @usage nn.ops.take_along_axis(x, nn.ops.argsort(x, 2), 2) -- the rows sorted
by_positions("take_along_axis", aligned)

--- Class ids as rows of 0 with a 1 where the class is. Ids that are no class give zeros.
-- @function one_hot
-- @tparam tensor|{integer,...} x ids from 0
-- @tparam integer num_classes
-- @tparam[opt=-1] integer axis of the classes in the result
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.one_hot(y, 3)
base.compose { "one_hot", options = { { "num_classes", required }, { "axis", -1 }, { "dtype", "float32" } },
  compute = function(x, options)
    local result = base.run("one_hot", { num_classes = options.num_classes, axis = options.axis }, { x })
    return options.dtype == "float32" and result or ops.cast(result, options.dtype)
  end }

--- The classes of each sample as one row: 1 for each class that is among its ids.
-- @function multi_hot
-- @tparam tensor|table inputs ids from 0, (samples, ids) or (ids)
-- @tparam integer num_classes
-- @tparam[opt=-1] integer axis of the classes
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.multi_hot({ { 0, 2 }, { 1, 1 } }, 3) --> [[1. 0. 1.] [0. 1. 0.]]
base.compose { "multi_hot", operands = { "inputs" },
  options = { { "num_classes", required }, { "axis", -1 }, { "dtype", "float32" } },
  compute = function(x, options)
    local result = ops.max(ops.one_hot(x, options.num_classes, options.axis), #base.shape_of(x) > 1 and 2 or 1)
    return options.dtype == "float32" and result or ops.cast(result, options.dtype)
  end }

--- Where the elements are that are not 0: for each axis a list of their positions, which count from 0.
-- @function nonzero
-- @tparam tensor x no symbolic one: how many there are depends on the values
-- @treturn {tensor,...} int32, one for each axis
-- @usage local rows, columns = table.unpack(nn.ops.nonzero(x:gt(0)))
base.compose { "nonzero",
  compute = function(x)
    local is_set = base.known(x, "nonzero"):ne(0)
    local count, shape, axes = is_set:sum(), x.shape, {}
    local order = base.run("argsort", { axis = 1, descending = true }, { is_set:reshape { -1 } })
    local places = count > 0 and order[{ { 1, count } }]:astype "int32" or tensor.zeros({ 0 }, "int32")
    for axis = #shape, 1, -1 do
      local rest = (places / shape[axis]):floor():astype "int32"
      axes[axis], places = places - rest * shape[axis], rest
    end
    return axes
  end }
