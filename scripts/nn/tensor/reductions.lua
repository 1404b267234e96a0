--- Reductions: `sum`, `mean`, `argmax` and so on, over one axis, several or all.
-- @submodule nn.tensor
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check_self = require "nn.tensor.check_self"
local engine = require "engine.tensor"

local methods = engine.methods

-- Which axes to reduce, as a set, and how many they are.
local function axis_set(t, axis, what)
  local set, count = {}, 0
  for _, a in ipairs(type(axis) == "table" and axis or { axis }) do
    local position = math.tointeger(a)
    if not position or position == 0 or math.abs(position) > t.ndim then
      blame("%s: a tensor of %d axes has no axis %s", what, t.ndim, tostring(a))
    end
    if position < 0 then position = position + t.ndim + 1 end
    count = count + (set[position] and 0 or 1)
    set[position] = true
  end
  return set, count
end

-- The same tensor with the axes in the set merged into one, the last; and the shape that keeps them with length 1.
local function with_merged(t, set)
  local order, merged_shape, merged_axes, kept_shape = {}, {}, {}, t.shape
  for axis, length in ipairs(t.shape) do
    if set[axis] then
      merged_axes[#merged_axes + 1], kept_shape[axis] = axis, 1
    else
      order[#order + 1], merged_shape[#merged_shape + 1] = axis, length
    end
  end
  local length = 1
  for _, axis in ipairs(merged_axes) do
    order[#order + 1], length = axis, length * t.shape[axis]
  end
  merged_shape[#merged_shape + 1] = length
  return t:transpose(order):reshape(merged_shape), kept_shape
end

local function all_axes(t)
  local list = {}
  for axis = 1, t.ndim do list[axis] = axis end
  return list
end

local function reduce(t, op, a)
  if a.axis == nil and not a.keepdims then return engine.total(t, op) end
  local axis = a.axis == nil and all_axes(t) or a.axis
  local set, count = axis_set(t, axis, op)
  if count == t.ndim and not a.keepdims then return engine.total(t, op) end
  if count == 1 and not a.keepdims then return engine.reduce(t, op, next(set)) end
  local merged, kept_shape = with_merged(t, set)
  local result = engine.reduce(merged, op, -1)
  return a.keepdims and result:reshape(kept_shape) or result
end

local function reduction(name, op)
  local signature = arguments.signature(name, { { "axis" }, { "keepdims", false } })
  return function(self, options)
    check_self(self, name)
    return reduce(self, op or name, signature(options))
  end
end

--- The sum over one axis, several, or (without an argument) everything; sums run in double precision.
-- @function tensor:sum
-- @tparam[opt] table options axis (a position or a list of them), keepdims (false): keep reduced axes with length 1.
-- A number stands for `{ axis = number }`.
-- @treturn number|tensor a Lua number where no axis is left; int32 for tensors of integers, else float32
-- @usage
-- t:sum()
-- t:sum(1)
-- t:sum{ axis = { 1, 2 }, keepdims = true }
methods.sum = reduction "sum"

--- The mean, a float32 tensor or a float; an error where there are no elements. Arguments as for `sum`.
-- @function tensor:mean
-- @usage t:mean{ axis = -1, keepdims = true }
methods.mean = reduction "mean"

--- The variance (of the population: divided by n). Arguments as for `sum`.
-- @function tensor:var
-- @usage t:var{ axis = 1 }
methods.var = reduction "var"

local variance = reduction("std", "var")

--- The standard deviation, the root of `var`. Arguments as for `sum`.
-- @function tensor:std
-- @usage t:std(1)
function methods.std(self, options)
  local result = variance(self, options)
  return engine.is_tensor(result) and result:sqrt() or math.sqrt(result)
end

--- The least element; NaN if there is one. Arguments as for `sum`.
-- @function tensor:min
-- @usage t:min()
methods.min = reduction "min"

--- The greatest element; NaN if there is one. Arguments as for `sum`.
-- @function tensor:max
-- @usage t:max(2)
methods.max = reduction "max"

--- Where the least element is, the first of several: a class id, so it counts from 0. Where there is NaN: the first
-- NaN, as in NumPy. Arguments as for `sum`.
-- @function tensor:argmin
-- @usage t:argmin(-1)
methods.argmin = reduction "argmin"

--- Where the greatest element is, the first of several: a class id, so it counts from 0. Where there is NaN: the first
-- NaN, as in NumPy. Arguments as for `sum`.
-- @function tensor:argmax
-- @treturn integer|tensor int32
-- @usage local predicted = model:predict(x):argmax(-1)
methods.argmax = reduction "argmax"
