--- New tensors, and what can be asked of one.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops, required = base.ops, arguments.required

-- A function of options alone.
local function maker(name, options, compute)
  base.compose { name, operands = {}, options = options, compute = compute }
end

local function dtype_of(x) return tensor.is_tensor(x) and x.dtype or "float32" end

-- A tensor of x's shape, of one number. That of a symbolic tensor is made from it, as its batch is not known.
local function like(x, value, dtype)
  if symbolic.is(x) then return ops.add(ops.multiply(x, 0), value) end
  return tensor.full(x.shape, value, dtype or dtype_of(x))
end

--- A tensor of zeros.
-- @function zeros
-- @tparam {integer,...} shape
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.zeros{ 2, 3 }
ops.zeros = arguments.limit("zeros", function(shape, dtype) return tensor.zeros(shape, dtype) end)

--- A tensor of ones.
-- @function ones
-- @tparam {integer,...} shape
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.ones{ 2, 3 }
ops.ones = arguments.limit("ones", function(shape, dtype) return tensor.ones(shape, dtype) end)

--- A tensor of one number.
-- @function full
-- @tparam {integer,...} shape
-- @tparam number fill_value
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.full({ 2, 3 }, 0.5)
ops.full = arguments.limit("full", function(shape, value, dtype) return tensor.full(shape, value, dtype) end)

--- Zeros of another tensor's shape.
-- @function zeros_like
-- @tparam tensor x
-- @tparam[opt] string dtype by default x's
-- @treturn tensor
-- @usage nn.ops.zeros_like(x)
base.compose { "zeros_like", options = { { "dtype" } },
  compute = function(x, options) return like(x, 0, options.dtype) end }

--- Ones of another tensor's shape.
-- @function ones_like
-- @tparam tensor x
-- @tparam[opt] string dtype by default x's
-- @treturn tensor
-- @usage nn.ops.ones_like(x)
base.compose { "ones_like", options = { { "dtype" } },
  compute = function(x, options) return like(x, 1, options.dtype) end }

--- One number in another tensor's shape.
-- @function full_like
-- @tparam tensor x
-- @tparam number fill_value
-- @tparam[opt] string dtype by default x's
-- @treturn tensor
-- @usage nn.ops.full_like(x, 0.5)
base.compose { "full_like", options = { { "fill_value", required }, { "dtype" } },
  compute = function(x, options) return like(x, options.fill_value, options.dtype) end }

--- Numbers at equal distances; see `nn.arange`.
-- @function arange
-- @tparam number start or, alone, stop
-- @tparam[opt] number stop not part of the result
-- @tparam[opt=1] number step
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.arange(0, 1, 0.25)
maker("arange", { { "start", required }, { "stop" }, { "step", 1 }, { "dtype", "float32" } }, function(options)
  local start, stop = options.start, options.stop
  if stop == nil then start, stop = 0, start end
  return tensor.arange(start, stop, options.step, options.dtype)
end)

--- So many numbers at equal distances, from start to stop.
-- @function linspace
-- @tparam number start
-- @tparam number stop
-- @tparam[opt=50] integer num
-- @tparam[opt=true] boolean endpoint whether stop is the last number
-- @treturn tensor float32
-- @usage nn.ops.linspace(0, 1, 5) --> [0. 0.25 0.5 0.75 1.]
maker("linspace", { { "start", required, kinds.number }, { "stop", required, kinds.number },
  { "num", 50, kinds.whole(0) }, { "endpoint", true } }, function(options)
  local start, stop, num = options.start, options.stop, options.num
  local numbers, distances = {}, options.endpoint and math.max(num - 1, 1) or num
  for i = 1, num do numbers[i] = start + (stop - start) * ((i - 1) / distances) end
  return tensor.tensor(numbers)
end)

--- A matrix with ones on a diagonal.
-- @function eye
-- @tparam integer N rows
-- @tparam[opt=N] integer M columns
-- @tparam[opt=0] integer k which diagonal; above the main one if positive
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.eye(3)
maker("eye", { { "N", required, kinds.whole(0) }, { "M", nil, kinds.whole(0) }, { "k", 0, kinds.integer },
  { "dtype", "float32" } }, function(options)
  local rows, columns = options.N, options.M or options.N
  local distance = tensor.arange(columns) - tensor.arange(rows):reshape { rows, 1 }
  return distance:eq(options.k):astype(options.dtype)
end)

--- A square matrix with ones on its diagonal.
-- @function identity
-- @tparam integer n
-- @tparam[opt="float32"] string dtype
-- @treturn tensor
-- @usage nn.ops.identity(3)
maker("identity", { { "n", required, kinds.whole(0) }, { "dtype", "float32" } }, function(options)
  return ops.eye(options.n, { dtype = options.dtype })
end)

--- For each tensor of one axis, its numbers over the grid of all of them.
-- @function meshgrid
-- @tparam {tensor,...} x
-- @tparam[opt="xy"] string indexing "xy": the first one goes along the second axis, as in a picture; "ij": along the
-- first
-- @treturn {tensor,...} of one shape
-- @usage local columns, rows = table.unpack(nn.ops.meshgrid{ nn.arange(4), nn.arange(3) }) -- both 3x4
base.compose { "meshgrid", options = { { "indexing", "xy" } }, converts = false,
  compute = function(list, options)
    if options.indexing ~= "xy" and options.indexing ~= "ij" then
      blame("meshgrid: indexing: expected \"xy\" or \"ij\", got %s", blame.got(options.indexing))
    end
    local grids, shape, axes = {}, {}, {}
    for i = 1, #list do axes[i] = options.indexing == "xy" and i <= 2 and #list > 1 and 3 - i or i end
    for i, each in ipairs(list) do
      grids[i] = base.tensor(each, "meshgrid")
      shape[axes[i]] = grids[i].size
    end
    for i, each in ipairs(grids) do
      local own = {}
      for axis = 1, #shape do own[axis] = axis == axes[i] and -1 or 1 end
      grids[i] = ops.broadcast_to(ops.reshape(each, own), shape)
    end
    return grids
  end }

-- ---- asked of one --------------------------------------------------------------------------------------------------

--- The lengths of the axes.
-- @function shape
-- @tparam tensor x
-- @treturn {integer,...} -1 for a batch whose length is not known
-- @usage local rows = nn.ops.shape(x)[1]
base.compose { "shape", compute = function(x) return base.shape_of(x) end }

--- The number of axes.
-- @function ndim
-- @tparam tensor x
-- @treturn integer
-- @usage nn.ops.ndim(x) --> 2
base.compose { "ndim", compute = function(x) return #base.shape_of(x) end }

--- The number of elements.
-- @function size
-- @tparam tensor x
-- @treturn integer
-- @usage nn.ops.size(x) --> 48
base.compose { "size", compute = function(x)
  if symbolic.is(x) then blame("size: the length of the batch is not known; expected a tensor") end
  return x.size
end }

--- Whether a value is a tensor, symbolic ones too.
-- @function is_tensor
-- @param value
-- @treturn boolean
-- @usage nn.ops.is_tensor(x) --> true
ops.is_tensor = arguments.limit("is_tensor", function(x) return tensor.is_tensor(x) or symbolic.is(x) end)

--- A copy of another type. To integers, fractions are cut off, and no gradient passes.
-- @function cast
-- @tparam tensor x
-- @tparam string dtype "float32", "uint8" or "int32"; values that it cannot hold are an error
-- @treturn tensor
-- @usage nn.ops.cast(y, "float32")
base.compose { "cast", options = { { "dtype", required, kinds.one_of("float32", "uint8", "int32") } },
  compute = function(x, options)
    if options.dtype == "float32" and dtype_of(x) == "float32" then return base.copy(x) end
    if symbolic.is(x) then blame("cast: a symbolic tensor is float32, got dtype %s", options.dtype) end
    return x:astype(options.dtype)
  end }

--- A tensor from a number, a nested table or a tensor; a tensor of that type is given back as it is.
-- @function convert_to_tensor
-- @tparam tensor|number|table x
-- @tparam[opt] string dtype by default the tensor's own, or float32
-- @treturn tensor
-- @usage nn.ops.convert_to_tensor({ 1, 2, 3 }, "int32")
base.compose { "convert_to_tensor", options = { { "dtype" } },
  compute = function(x, options)
    if options.dtype == nil or dtype_of(x) == options.dtype then return x end
    return x:astype(options.dtype)
  end }
