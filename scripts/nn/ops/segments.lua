--- Rows by ids: combined, scattered, replaced. Ids count from 0.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops, required = base.ops, arguments.required

local function segments(name)
  base.compose { name, operands = { "data", "segment_ids" }, options = { { "num_segments" }, { "sorted", false } },
    compute = function(data, ids, options)
      local count = options.num_segments
      if not count and tensor.is_tensor(ids) then count = ids.size > 0 and math.tointeger(ids:max() + 1) or 0 end
      if not count then blame("%s: num_segments is missing", name) end
      return base.run(name, { num_segments = count }, { data, ids })
    end }
end

--- The sums of the rows that have the same id.
-- @function segment_sum
-- @tparam tensor data
-- @tparam tensor|{integer,...} segment_ids one for each row, from 0
-- @tparam[opt] integer num_segments how many rows the result has; by default up to the greatest id
-- @tparam[opt=false] boolean sorted whether the ids are; it makes no difference
-- @treturn tensor float32; 0 for an id that does not occur
-- @usage nn.ops.segment_sum(x, class_ids, 3) -- a row for each class
segments "segment_sum"

--- The greatest elements of the rows that have the same id. Equal elements share the gradient.
-- @function segment_max
-- @tparam tensor data
-- @tparam tensor|{integer,...} segment_ids one for each row, from 0
-- @tparam[opt] integer num_segments how many rows the result has; by default up to the greatest id
-- @tparam[opt=false] boolean sorted whether the ids are; it makes no difference
-- @treturn tensor float32; -inf for an id that does not occur
-- @usage nn.ops.segment_max(x, class_ids, 3)
segments "segment_max"

local function product(list, first, last)
  local count = 1
  for i = first, last do count = count * list[i] end
  return count
end

-- The places of index rows (n, depth) among the first `depth` axes of a shape that are one: the sum of index times
-- stride. Each index is checked: one that is too great would be another place.
local function places_of(name, indices, shape)
  local index_shape = base.shape_of(base.known(indices, name))
  local depth = index_shape[2]
  if #index_shape ~= 2 or depth > #shape then
    blame("%s: indices: expected rows of up to %d positions, got shape %s", name, #shape,
      table.concat(index_shape, "x"))
  end
  local strides = {}
  for axis = 1, depth do
    strides[axis] = product(shape, axis + 1, depth)
    local column = indices[{ {}, axis }]
    if column.size > 0 and (column:min() < 0 or column:max() >= shape[axis]) then
      blame("%s: indices: axis %d has positions from 0 to %d, got %g", name, axis, shape[axis] - 1,
        column:min() < 0 and column:min() or column:max())
    end
  end
  return (indices * tensor.tensor(strides)):sum { axis = 2 }, depth
end

-- The shape with its first `depth` axes as one of `count` elements.
local function merged(shape, depth, count)
  return table.move(shape, depth + 1, #shape, 2, { count })
end

--- A tensor of zeros to which values are added at positions; several values at one position are summed.
-- @function scatter
-- @tparam tensor|table indices (n, depth), each row a position along the first axes, from 0
-- @tparam tensor values (n, ...)
-- @tparam {integer,...} shape of the result
-- @treturn tensor float32
-- @usage nn.ops.scatter({ { 0, 1 }, { 1, 2 } }, { 5, 6 }, { 2, 3 }) --> [[0. 5. 0.] [0. 0. 6.]]
base.compose { "scatter", operands = { "indices", "values" }, options = { { "shape", required } },
  compute = function(indices, values, options)
    local places, depth = places_of("scatter", indices, options.shape)
    local rows = ops.reshape(values, merged(options.shape, depth, places.size))
    return ops.reshape(ops.segment_sum(rows, places, product(options.shape, 1, depth)), options.shape)
  end }

--- A copy in which values are replaced at positions; of several values for one position the last counts.
-- @function scatter_update
-- @tparam tensor inputs
-- @tparam tensor|table indices (n, depth), each row a position along the first axes, from 0
-- @tparam tensor updates (n, ...)
-- @treturn tensor float32
-- @usage nn.ops.scatter_update({ 1, 2, 3 }, { { 0 }, { 2 } }, { 8, 9 }) --> [8. 2. 9.]
base.compose { "scatter_update", operands = { "inputs", "indices", "updates" },
  compute = function(x, indices, updates)
    local shape = base.shape_of(x)
    local places, depth = places_of("scatter_update", indices, shape)
    local rows = ops.reshape(x, merged(shape, depth, product(shape, 1, depth)))
    local replaced = base.run("update_rows", {},
      { rows, places, ops.reshape(updates, merged(shape, depth, places.size)) })
    return ops.reshape(replaced, shape)
  end }
