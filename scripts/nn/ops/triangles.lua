--- Diagonals and triangles of matrices. A diagonal above the main one has a positive number, one below a negative.
-- @submodule nn.ops
local base = require "nn.ops.base"
local integers = require "nn.ops.integers"

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
