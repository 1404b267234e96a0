--- Tensors put together, taken apart and repeated.
-- @submodule nn.ops
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local tensor = require "nn.tensor"
local base = require "nn.ops.base"

local ops, required = base.ops, arguments.required

-- The tensors of a list, and whether all are integers.
local function tensors_of(name, list)
  if type(list) ~= "table" or #list == 0 then blame("%s: expected a list of tensors, got %s", name, blame.got(list)) end
  local tensors, are_whole = {}, true
  for i, each in ipairs(list) do
    tensors[i] = base.tensor(each, name)
    are_whole = are_whole and tensor.is_tensor(tensors[i]) and tensors[i].dtype ~= "float32"
  end
  return tensors, are_whole
end

-- An operation on a list of tensors.
local function joining(name, options, compute, operand)
  base.compose { name, operands = { operand or "xs" }, options = options, converts = false, compute = compute }
end

--- Tensors joined along an axis; their other lengths must agree.
-- @function concatenate
-- @tparam {tensor,...} xs
-- @tparam[opt=1] integer axis
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.concatenate({ x, x }, 2)
joining("concatenate", { { "axis", 1 } }, function(xs, options)
  local tensors, are_whole = tensors_of("concatenate", xs)
  if are_whole then return tensor.concatenate(tensors, options.axis) end
  return base.run("concatenate", options, tensors)
end)

--- Tensors of one shape joined along a new axis.
-- @function stack
-- @tparam {tensor,...} x
-- @tparam[opt=1] integer axis of the result
-- @treturn tensor float32; integers stay integers
-- @usage nn.ops.stack{ t, u } --> shape 2x2x3
joining("stack", { { "axis", 1 } }, function(xs, options)
  local tensors = tensors_of("stack", xs)
  for i, each in ipairs(tensors) do tensors[i] = ops.expand_dims(each, options.axis) end
  return ops.concatenate(tensors, options.axis)
end, "x")

--- Tensors side by side: joined along the second axis, those of one axis along the first.
-- @function hstack
-- @tparam {tensor,...} xs
-- @treturn tensor
-- @usage nn.ops.hstack{ t, u } --> shape 2x6
joining("hstack", {}, function(xs)
  local tensors = tensors_of("hstack", xs)
  return ops.concatenate(tensors, #base.shape_of(tensors[1]) > 1 and 2 or 1)
end)

--- Tensors below each other: joined along the first axis; those of one axis become rows.
-- @function vstack
-- @tparam {tensor,...} xs
-- @treturn tensor
-- @usage nn.ops.vstack{ t, u } --> shape 4x3
joining("vstack", {}, function(xs)
  local tensors = tensors_of("vstack", xs)
  for i, each in ipairs(tensors) do
    if #base.shape_of(each) == 1 then tensors[i] = ops.expand_dims(each, 1) end
  end
  return ops.concatenate(tensors, 1)
end)

--- One tensor behind another; without an axis both become one axis.
-- @function append
-- @tparam tensor x1
-- @tparam tensor x2
-- @tparam[opt] integer axis
-- @treturn tensor
-- @usage nn.ops.append({ 1, 2 }, { 3 }) --> [1. 2. 3.]
base.compose { "append", operands = { "x1", "x2" }, options = { { "axis" } },
  compute = function(a, b, options)
    if options.axis then return ops.concatenate({ a, b }, options.axis) end
    return ops.concatenate { ops.ravel(a), ops.ravel(b) }
  end }

-- ---- taken apart ---------------------------------------------------------------------------------------------------

-- The elements first + 1 to last along an axis.
local function part_of(x, axis, first, last)
  local start, shape = {}, {}
  for i = 1, #base.shape_of(x) do start[i], shape[i] = 1, -1 end
  start[axis], shape[axis] = first + 1, last - first
  if shape[axis] == 0 then start[axis] = 1 end
  return ops.slice(x, start, shape)
end

local function parts_of(x, axis, ends)
  local parts, first = {}, 0
  for i, last in ipairs(ends) do
    parts[i] = part_of(x, axis, first, math.max(first, last))
    first = math.max(first, last)
  end
  return parts
end

-- Where parts end, if `count` parts are as equal as possible, the longer ones first.
local function equal_ends(length, count)
  local ends, whole, rest = {}, length // count, length % count
  for i = 1, count do ends[i] = i * whole + math.min(i, rest) end
  return ends
end

--- Parts along an axis.
-- @function split
-- @tparam tensor x
-- @tparam integer|{integer,...} indices_or_sections into how many equal parts; or after how many elements to cut
-- @tparam[opt=1] integer axis
-- @treturn {tensor,...} of x's type
-- @usage
-- local first, second = table.unpack(nn.ops.split(x, 2))
-- local parts = nn.ops.split(x, { 3, 8 }) -- of 3, 5 and 4 rows
base.compose { "split", options = { { "indices_or_sections", required, kinds.one_or_more_integers }, { "axis", 1 } },
  compute = function(x, options)
    local shape, ends = base.shape_of(x), options.indices_or_sections
    local axis = base.axis("split", options.axis, #shape)
    if type(ends) ~= "table" then
      if ends < 1 or shape[axis] % ends ~= 0 then
        blame("split: expected a number of parts that divides %d elements, got %s", shape[axis], blame.got(ends))
      end
      return parts_of(x, axis, equal_ends(shape[axis], ends))
    end
    for _, cut in ipairs(ends) do
      if cut < 0 or cut > shape[axis] then
        blame("split: expected to cut %d elements after 0 to %d of them, got %d", shape[axis], shape[axis], cut)
      end
    end
    return parts_of(x, axis, table.move({ shape[axis] }, 1, 1, #ends + 1, table.move(ends, 1, #ends, 1, {})))
  end }

--- As `split`, but the parts need not be equal: the first ones have one element more.
-- @function array_split
-- @tparam tensor x
-- @tparam integer indices_or_sections into how many parts
-- @tparam[opt=1] integer axis
-- @treturn {tensor,...} of x's type
-- @usage nn.ops.array_split(x, 5)
base.compose { "array_split",
  options = { { "indices_or_sections", required, kinds.one_or_more_integers }, { "axis", 1 } },
  compute = function(x, options)
    local sections, shape = options.indices_or_sections, base.shape_of(x)
    local axis = base.axis("array_split", options.axis, #shape)
    if type(sections) == "table" then return ops.split(x, sections, axis) end
    return parts_of(x, axis, equal_ends(shape[axis], sections))
  end }

--- The tensors that lie along an axis, without it.
-- @function unstack
-- @tparam tensor x
-- @tparam[opt] integer num how many; another number is an error
-- @tparam[opt=1] integer axis
-- @treturn {tensor,...} of x's type
-- @usage local rows = nn.ops.unstack(x)
base.compose { "unstack", options = { { "num" }, { "axis", 1 } },
  compute = function(x, options)
    local shape = base.shape_of(x)
    local axis = base.axis("unstack", options.axis, #shape)
    if options.num and options.num ~= shape[axis] then
      blame("unstack: num: axis %d has %d elements, got %d", axis, shape[axis], options.num)
    end
    local parts = ops.split(x, shape[axis], axis)
    for i, part in ipairs(parts) do parts[i] = ops.squeeze(part, axis) end
    return parts
  end }

-- ---- repeated ------------------------------------------------------------------------------------------------------

-- x with a new axis before or behind `axis` that repeats it; both become one.
local function repeat_axis(x, axis, count, new_axis)
  local shape = base.shape_of(x)
  local stretched, merged = table.move(shape, 1, #shape, 1, {}), table.move(shape, 1, #shape, 1, {})
  table.insert(stretched, new_axis, count)
  merged[axis] = shape[axis] < 0 and -1 or shape[axis] * count
  return ops.reshape(ops.broadcast_to(ops.expand_dims(x, new_axis), stretched), merged)
end

--- Each element several times: 1, 1, 2, 2. Keras' name is `repeat`, which Lua keeps for itself; `nn.ops["repeat"]`
-- is the same.
-- @function repeated
-- @tparam tensor x
-- @tparam integer|{integer,...} repeats how often each; a list has a number for each element along the axis
-- @tparam[opt] integer axis by default x becomes one axis
-- @treturn tensor of x's type
-- @usage nn.ops.repeated({ 1, 2 }, 2) --> [1. 1. 2. 2.]
base.compose { "repeated", aliases = { "repeat" },
  options = { { "repeats", required, kinds.one_or_more_counts }, { "axis" } },
  compute = function(x, options)
    if options.axis == nil then x = ops.ravel(x) end
    local shape, repeats = base.shape_of(x), options.repeats
    local axis = base.axis("repeated", options.axis or 1, #shape)
    if type(repeats) ~= "table" then return repeat_axis(x, axis, repeats, axis + 1) end
    if #repeats ~= shape[axis] then
      blame("repeated: repeats: expected %d numbers, got %d", shape[axis], #repeats)
    end
    local positions = {}
    for i, count in ipairs(repeats) do
      for _ = 1, count do positions[#positions + 1] = i - 1 end
    end
    return ops.take(x, tensor.tensor(positions), axis)
  end }

--- The whole tensor several times: 1, 2, 1, 2.
-- @function tile
-- @tparam tensor x
-- @tparam integer|{integer,...} repeats along each axis; fewer numbers than axes mean the last ones, more new axes
-- @treturn tensor of x's type
-- @usage nn.ops.tile({ 1, 2 }, 2) --> [1. 2. 1. 2.]
base.compose { "tile", options = { { "repeats", required, kinds.one_or_more_counts } },
  compute = function(x, options)
    local repeats = base.list(options.repeats)
    x = base.copy(x)
    while #base.shape_of(x) < #repeats do x = ops.expand_dims(x, 1) end
    local skipped = #base.shape_of(x) - #repeats
    for i, count in ipairs(repeats) do
      if count ~= 1 then x = repeat_axis(x, skipped + i, count, skipped + i) end
    end
    return x
  end }

--- Elements moved along an axis; those that fall off the end come in at the beginning.
-- @function roll
-- @tparam tensor x
-- @tparam integer|{integer,...} shift by how many positions, one for each axis
-- @tparam[opt] integer|{integer,...} axis by default x is moved as one axis
-- @treturn tensor of x's type
-- @usage nn.ops.roll({ 1, 2, 3 }, 1) --> [3. 1. 2.]
base.compose { "roll",
  options = { { "shift", required, kinds.one_or_more_integers }, { "axis", nil, kinds.one_or_more_integers } },
  compute = function(x, options)
    local shape, shifts = base.shape_of(x), base.list(options.shift)
    if options.axis == nil then return ops.reshape(ops.roll(ops.ravel(x), options.shift, 1), shape) end
    x = base.copy(x)
    for i, each in ipairs(base.list(options.axis)) do
      local axis, shift = base.axis("roll", each, #shape), shifts[i] or shifts[1]
      local length = shape[axis]
      shift = length == 0 and 0 or shift % length
      if shift ~= 0 then
        x = ops.concatenate({ part_of(x, axis, length - shift, length), part_of(x, axis, 0, length - shift) }, axis)
      end
    end
    return x
  end }
