--- Parts of a tensor, and what is put around it.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"
local integers = require "nn.ops.integers"

local ops, required = base.ops, arguments.required

--- A part: so many elements from a position on, along each axis. Positions count from 1, as in t[{ ... }].
-- @function slice
-- @tparam tensor inputs
-- @tparam {integer,...} start_indices a position for each axis, from the end if negative
-- @tparam {integer,...} shape of the part; -1: up to the end
-- @treturn tensor of inputs' type
-- @usage nn.ops.slice(x, { 3, 1 }, { 2, -1 }) -- rows 3 and 4
base.define { "slice", operands = { "inputs" }, options = { { "start_indices", required }, { "shape", required } },
  config = function(options) return { start = options.start_indices, shape = options.shape } end,
  integers = function(x, options)
    local config = { start = options.start_indices, shape = options.shape }
    return integers.moved(x, function(part) return base.run("slice", config, { part }) end)
  end }

-- ---- getitem -------------------------------------------------------------------------------------------------------

local function position_of(index, length, axis)
  if length < 0 then
    blame("getitem: axis %d counts the samples, whose number is not known yet; take all of them, as x[{ {}, 1 }] does",
      axis)
  end
  local position = index < 0 and index + length + 1 or index
  if position < 1 or position > length then
    blame("getitem: axis %d: position %d is out of range for a length of %d", axis, index, length)
  end
  return position
end

-- Start, length and step of a range along an axis.
local function range_of(range, length, axis)
  if #range == 0 then return 1, -1, 1 end
  for i = 1, #range do
    if math.type(range[i]) ~= "integer" or #range == 1 or #range > 3 or i == 3 and range[i] < 1 then
      blame("getitem: axis %d: a range is {}, { first, last } or { first, last, step } with a positive step", axis)
    end
  end
  local first, last = position_of(range[1], length, axis), position_of(range[2], length, axis)
  if first > last then blame("getitem: the range { %d, %d } of axis %d is empty", range[1], range[2], axis) end
  return first, last - first + 1, range[3] or 1
end

--- What t[key] gives, as an operation: a position, or for each axis a position, a range { first, last } or { first,
-- last, step }, or {} for everything; or a mask. Positions count from 1, from the end if negative.
-- @function getitem
-- @tparam tensor x
-- @tparam integer|table|tensor key a mask has 0 and 1 for each element along the first axes
-- @treturn tensor also where no axis is left; of x's type
-- @usage
-- nn.ops.getitem(x, { { 1, 10, 2 }, -1 }) -- the last column of every other row
-- nn.ops.getitem(x, x:gt(0))
base.compose { "getitem", options = { { "key", required } },
  compute = function(x, options)
    local key, shape = options.key, base.shape_of(x)
    if tensor.is_tensor(key) then
      local rest = table.move(shape, key.ndim + 1, #shape, 2, { -1 })
      return ops.take(ops.reshape(x, rest), ops.nonzero(ops.ravel(key))[1], 1)
    end
    local config, left = { start = {}, shape = {}, step = {} }, {}
    local indices = base.list(key)
    if #indices > #shape then blame("getitem: got %d indices for a tensor of %d axes", #indices, #shape) end
    for axis, index in ipairs(indices) do
      local first, count, step = nil, 1, 1
      if type(index) == "table" then
        first, count, step = range_of(index, shape[axis], axis)
      elseif math.type(index) == "integer" then
        first = position_of(index, shape[axis], axis)
      else
        blame("getitem: axis %d: expected a position or a range such as { 1, 100 }, got %s", axis, blame.got(index))
      end
      config.start[axis], config.shape[axis], config.step[axis] = first, count, step
      if type(index) == "table" then left[#left + 1] = count < 0 and shape[axis] or (count + step - 1) // step end
    end
    table.move(shape, #indices + 1, #shape, #left + 1, left)
    local function part_of(part) return ops.reshape(base.run("slice", config, { part }), left) end
    if tensor.is_tensor(x) and x.dtype ~= "float32" then return integers.moved(x, part_of) end
    return part_of(x)
  end }

--- A copy in which a part is replaced; see `slice`.
-- @function slice_update
-- @tparam tensor inputs
-- @tparam {integer,...} start_indices a position from 1 for each axis
-- @tparam tensor updates with as many axes
-- @treturn tensor float32; of integers by integers, of inputs' type
-- @usage nn.ops.slice_update(x, { 3, 1 }, nn.zeros{ 2, 4 })
base.compose { "slice_update", operands = { "inputs" },
  options = { { "start_indices", required }, { "updates", required } },
  compute = function(x, options)
    local start, updates = options.start_indices, base.tensor(options.updates, "slice_update")
    if tensor.is_tensor(x) and x.dtype ~= "float32" and tensor.is_tensor(updates) and updates.dtype ~= "float32" then
      local copy, place = x:copy(), {}
      for axis, first in ipairs(start) do place[axis] = { first, first + updates.shape[axis] - 1 } end
      copy[place] = updates
      return copy
    end
    return base.run("slice_update", { start = start }, { x, updates })
  end }

-- ---- pad -----------------------------------------------------------------------------------------------------------

-- How many elements before and behind each axis: a number for all, { before, after } for all, or a pair for each.
local function widths_of(given, ndim)
  local before, after = {}, {}
  local pairs_given = type(given) == "table" and type(given[1]) == "table"
  if pairs_given and #given ~= ndim and #given ~= 1 then
    blame("pad: pad_width: expected { before, after } for each of %d axes, got %d", ndim, #given)
  end
  for axis = 1, ndim do
    local width = pairs_given and (given[axis] or given[1]) or given
    before[axis] = type(width) == "table" and width[1] or width
    after[axis] = type(width) == "table" and (width[2] or width[1]) or width
  end
  return before, after
end

--- More elements before and behind those of a tensor.
-- @function pad
-- @tparam tensor x
-- @tparam integer|table pad_width how many: a number, { before, after }, or { before, after } for each axis
-- @tparam[opt="constant"] string mode "constant"; "edge": the outermost element again; "reflect": as in a mirror that
-- stands on the outermost element; "symmetric": behind it
-- @tparam[opt=0] number constant_values for "constant"
-- @treturn tensor of x's type
-- @usage
-- nn.ops.pad(images, { { 0, 0 }, { 2, 2 }, { 2, 2 } })
-- nn.ops.pad({ 1, 2, 3 }, 2, "reflect") --> [3. 2. 1. 2. 3. 2. 1.]
base.compose { "pad", options = { { "pad_width", required }, { "mode", "constant" }, { "constant_values", 0 } },
  compute = function(x, options)
    local before, after = widths_of(options.pad_width, #base.shape_of(x))
    local config = { before = before, after = after, mode = options.mode, value = options.constant_values }
    local function padded(part) return base.run("pad", config, { part }) end
    if not (tensor.is_tensor(x) and x.dtype ~= "float32") then return padded(x) end
    local value = config.value
    config.value = 0
    local moved = integers.moved(x, padded)
    if value == 0 then return moved end
    config.value = 1
    return (moved + padded(tensor.zeros(x.shape)):astype "int32" * value):astype(x.dtype)
  end }
