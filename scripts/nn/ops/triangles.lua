--- Diagonals and triangles of matrices. A diagonal above the main one has a positive number, one below a negative.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local base = require "nn.ops.base"
local integers = require "nn.ops.integers"
local tensor = require "nn.tensor"

local ops = base.ops

-- 1 where the column minus the row is what `holds` says, else 0.
local function mask_of(rows, columns, holds)
  local distance = tensor.arange(columns) - tensor.arange(rows):reshape { rows, 1 }
  return holds(distance)
end

-- 0 in x's type, so that integers stay what they are.
local function zero_of(x)
  return tensor.zeros({}, tensor.is_tensor(x) and x.dtype or "float32")
end

local function triangle(name, holds)
  base.compose { name, options = { { "k", 0, kinds.integer } },
    compute = function(x, options)
      local shape = base.shape_of(x)
      if #shape < 2 then blame("%s: expected a tensor of two or more axes, got %d", name, #shape) end
      local mask = mask_of(shape[#shape - 1], shape[#shape], function(distance) return holds(distance, options.k) end)
      return ops.where(mask, x, zero_of(x))
    end }
end

--- The lower triangle of the last two axes; 0 elsewhere.
-- @function tril
-- @tparam tensor x
-- @tparam[opt=0] integer k the last diagonal that is kept
-- @treturn tensor of x's type
-- @usage nn.ops.tril(nn.ones{ 4, 4 }) -- what a decoder may attend to
triangle("tril", function(distance, k) return distance:le(k) end)

--- The upper triangle of the last two axes; 0 elsewhere.
-- @function triu
-- @tparam tensor x
-- @tparam[opt=0] integer k the first diagonal that is kept
-- @treturn tensor of x's type
-- @usage nn.ops.triu(nn.ones{ 4, 4 }, 1)
triangle("triu", function(distance, k) return distance:ge(k) end)

--- The elements of a diagonal, along a new last axis.
-- @function diagonal
-- @tparam tensor x
-- @tparam[opt=0] integer offset of the diagonal
-- @tparam[opt=1] integer axis1 the rows
-- @tparam[opt=2] integer axis2 the columns
-- @treturn tensor of x's type
-- @usage nn.ops.diagonal(nn.ones{ 3, 3 })
base.define { "diagonal", options = { { "offset", 0 }, { "axis1", 1 }, { "axis2", 2 } },
  integers = function(x, options)
    return integers.moved(x, function(part) return base.run("diagonal", options, { part }) end)
  end }

--- A matrix with a vector on a diagonal; or, of a matrix, the vector on its diagonal.
-- @function diag
-- @tparam tensor x of one or two axes
-- @tparam[opt=0] integer k which diagonal
-- @treturn tensor of x's type
-- @usage nn.ops.diag{ 1, 2, 3 }
base.compose { "diag", options = { { "k", 0, kinds.integer } },
  compute = function(x, options)
    local shape, k = base.shape_of(x), options.k
    if #shape ~= 1 then return ops.diagonal(x, k) end
    local size = shape[1] + math.abs(k)
    local row = ops.pad(x, { math.max(k, 0), math.max(-k, 0) }) -- element j stands in column j
    local mask = mask_of(size, size, function(distance) return distance:eq(k) end)
    return ops.where(mask, row, zero_of(x))
  end }

--- The sum of a diagonal.
-- @function trace
-- @tparam tensor x
-- @tparam[opt=0] integer offset of the diagonal
-- @tparam[opt=1] integer axis1 the rows
-- @tparam[opt=2] integer axis2 the columns
-- @treturn tensor
-- @usage nn.ops.trace(nn.ones{ 3, 3 }):item() --> 3.0
base.compose { "trace", options = { { "offset", 0 }, { "axis1", 1 }, { "axis2", 2 } },
  compute = function(x, options)
    return ops.sum(ops.diagonal(x, options.offset, options.axis1, options.axis2), -1)
  end }
