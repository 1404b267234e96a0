--- Products: of matrices, over any axes, and what is made of them.
--
-- Inverses, determinants, solving and decompositions of matrices are not here.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local base = require "nn.ops.base"

local ops = base.ops
local PAIR = { "x1", "x2" }

--- The matrix product over the last two axes; the axes before are broadcast. A vector is a row on the left and a
-- column on the right.
-- @function matmul
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.matmul(t, nn.ones{ 3, 5 })
base.define { "matmul", operands = PAIR }

local function range(first, last)
  local list = {}
  for i = first, last do list[#list + 1] = i end
  return list
end

local function product_of(lengths)
  local product = 1
  for _, length in ipairs(lengths) do product = product * length end
  return product
end

local function pick(list, positions)
  local picked = {}
  for i, position in ipairs(positions) do picked[i] = list[position] end
  return picked
end

local function joined(...)
  local list = {}
  for _, part in ipairs { ... } do table.move(part, 1, #part, #list + 1, list) end
  return list
end

local function without(ndim, axes)
  local left, goes = {}, {}
  for _, axis in ipairs(axes) do goes[axis] = true end
  for axis = 1, ndim do
    if not goes[axis] then left[#left + 1] = axis end
  end
  return left
end

-- The axes of both sides that are multiplied and summed.
local function contracted(axes, x1, x2)
  if math.type(axes) == "integer" then return range(x1.ndim - axes + 1, x1.ndim), range(1, axes) end
  local function positions(list, ndim)
    local found = {}
    for i, axis in ipairs(type(list) == "table" and list or { list }) do
      if math.type(axis) ~= "integer" or axis == 0 or math.abs(axis) > ndim then
        blame("tensordot: axes: a tensor of %d axes has no axis %s", ndim, tostring(axis))
      end
      found[i] = axis < 0 and axis + ndim + 1 or axis
    end
    return found
  end
  if type(axes) ~= "table" or #axes ~= 2 then
    blame("tensordot: axes: expected a number of axes or two lists of them, got %s", blame.got(axes))
  end
  return positions(axes[1], x1.ndim), positions(axes[2], x2.ndim)
end

--- The sum of products over axes of both sides.
-- @function tensordot
-- @tparam tensor x1
-- @tparam tensor x2
-- @tparam[opt=2] integer|table axes the number of last axes of x1 and first ones of x2, or two lists of axes
-- @treturn tensor float32: the other axes of x1, then those of x2
-- @usage nn.ops.tensordot(t, t, { { 2 }, { 2 } }) -- shape 2x2
base.compose { "tensordot", operands = PAIR, options = { { "axes", 2 } }, compute = function(x1, x2, options)
  local axes1, axes2 = contracted(options.axes, x1, x2)
  local free1, free2 = without(x1.ndim, axes1), without(x2.ndim, axes2)
  local summed1, summed2 = pick(x1.shape, axes1), pick(x2.shape, axes2)
  for i = 1, math.max(#summed1, #summed2) do
    if summed1[i] ~= summed2[i] then
      blame("tensordot: the axes do not fit together: lengths %s against %s", table.concat(summed1, ", "),
        table.concat(summed2, ", "))
    end
  end
  local lengths1, lengths2, n = pick(x1.shape, free1), pick(x2.shape, free2), product_of(summed1)
  local left = ops.reshape(ops.transpose(x1, joined(free1, axes1)), { product_of(lengths1), n })
  local right = ops.reshape(ops.transpose(x2, joined(axes2, free2)), { n, product_of(lengths2) })
  return ops.reshape(ops.matmul(left, right), joined(lengths1, lengths2))
end }

--- NumPy's dot: the product of numbers with a tensor; else the sum over the last axis of x1 and the last but one of x2.
-- @function dot
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.dot({ 1, 2 }, { 3, 4 }):item() --> 11.0
base.compose { "dot", operands = PAIR, compute = function(x1, x2)
  if x1.ndim == 0 or x2.ndim == 0 then return ops.multiply(x1, x2) end
  return ops.tensordot(x1, x2, { { -1 }, { x2.ndim == 1 and 1 or -2 } })
end }

--- The sum of products over the last axis of both.
-- @function inner
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.inner(t, t)
base.compose { "inner", operands = PAIR, compute = function(x1, x2)
  if x1.ndim == 0 or x2.ndim == 0 then return ops.multiply(x1, x2) end
  return ops.tensordot(x1, x2, { { -1 }, { -1 } })
end }

--- The products of all pairs; both sides are taken as vectors.
-- @function outer
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor
-- @usage nn.ops.outer({ 1, 2 }, { 1, 10, 100 })
base.compose { "outer", operands = PAIR, compute = function(x1, x2)
  return ops.multiply(ops.reshape(x1, { -1, 1 }), ops.reshape(x2, { 1, -1 }))
end }

--- The sum of the products of all elements; both sides are taken as vectors.
-- @function vdot
-- @tparam tensor x1
-- @tparam tensor x2
-- @treturn tensor float32
-- @usage nn.ops.vdot(t, t)
base.compose { "vdot", operands = PAIR,
  compute = function(x1, x2) return ops.matmul(ops.reshape(x1, { -1 }), ops.reshape(x2, { -1 })) end }

-- ---- norms ---------------------------------------------------------------------------------------------------------

--- The norm of vectors: `ord` 2 (the default; the root of the sum of squares, over any axes), 1, `math.huge`,
-- `-math.huge` or another power.
-- @function norm
-- @tparam tensor x
-- @tparam[opt=2] number ord also "fro" and "euclidean", which are 2
-- @tparam[opt] integer|{integer,...} axis
-- @tparam[opt=false] boolean keepdims
-- @treturn tensor float32
-- @usage nn.ops.norm(x, { axis = -1 })
base.compose { "norm", options = { { "ord" }, { "axis" }, { "keepdims", false } }, compute = function(x, options)
  local ord, over = options.ord or 2, { axis = options.axis, keepdims = options.keepdims }
  if ord == 2 or ord == "fro" or ord == "euclidean" then return ops.sqrt(ops.sum(ops.square(x), over)) end
  if type(ord) ~= "number" or ord == 0 then
    blame('norm: ord: expected a number other than 0, "fro" or "euclidean", got %s', blame.got(ord))
  end
  local size = ops.abs(x)
  if ord == math.huge then return ops.max(size, over) end
  if ord == -math.huge then return ops.min(size, over) end
  return ops.power(ops.sum(ops.power(size, ord), over), 1 / ord)
end }

--- Divided by the norm along an axis, or by epsilon if that is greater.
-- @function normalize
-- @tparam tensor x
-- @tparam[opt=-1] integer|{integer,...} axis
-- @tparam[opt=2] number order
-- @tparam[opt=1e-7] number epsilon
-- @treturn tensor float32, of the same shape
-- @usage nn.ops.normalize(x, 1)
base.compose { "normalize", options = { { "axis", -1 }, { "order", 2 }, { "epsilon", 1e-7 } },
  compute = function(x, options)
    local over = { axis = options.axis, keepdims = true }
    if options.order == 2 then -- the root of 0 has no gradient
      return ops.multiply(x, ops.rsqrt(ops.maximum(ops.sum(ops.square(x), over), options.epsilon ^ 2)))
    end
    local norm = ops.norm(x, { ord = options.order, axis = options.axis, keepdims = true })
    return ops.divide(x, ops.maximum(norm, options.epsilon))
  end }

-- ---- einsum --------------------------------------------------------------------------------------------------------

local function letters_of(text, what)
  if text:find "[^%a]" then blame("einsum: subscripts: expected letters as in \"ij,jk->ik\", got %q", what) end
  local list, seen = {}, {}
  for letter in text:gmatch "%a" do
    if seen[letter] then blame("einsum: %q has %s twice in one tensor; see diagonal", what, letter) end
    list[#list + 1], seen[letter] = letter, true
  end
  return list, seen
end

-- The letters of the result, by default in the order of the alphabet those that occur once.
local function result_letters(text, inputs, what)
  if text then return letters_of(text, what) end
  local count, once = {}, {}
  for letter in inputs:gmatch "%a" do count[letter] = (count[letter] or 0) + 1 end
  for letter, n in pairs(count) do
    if n == 1 then once[#once + 1] = letter end
  end
  table.sort(once)
  return letters_of(table.concat(once), what)
end

local function position_of(letters)
  local position = {}
  for i, letter in ipairs(letters) do position[letter] = i end
  return position
end

local function positions(letters, of)
  local position = position_of(of)
  local list = {}
  for i, letter in ipairs(letters) do list[i] = position[letter] end
  return list
end

-- Without the letters that nobody wants any more.
local function sum_out(x, letters, is_wanted)
  local axes, left = {}, {}
  for i, letter in ipairs(letters) do
    if is_wanted[letter] then left[#left + 1] = letter else axes[#axes + 1] = i end
  end
  return #axes > 0 and ops.sum(x, axes) or x, left
end

-- The product of two; a letter of both that is wanted further on is one of the batch.
local function multiply_pair(a, letters_a, b, letters_b, is_wanted)
  local in_a, in_b, wanted_a, wanted_b = position_of(letters_a), position_of(letters_b), {}, {}
  for letter in pairs(is_wanted) do wanted_a[letter], wanted_b[letter] = true, true end
  for letter in pairs(in_b) do wanted_a[letter] = true end
  for letter in pairs(in_a) do wanted_b[letter] = true end
  a, letters_a = sum_out(a, letters_a, wanted_a)
  b, letters_b = sum_out(b, letters_b, wanted_b)
  local batch, summed, free_a, free_b = {}, {}, {}, {}
  for _, letter in ipairs(letters_a) do
    local group = not in_b[letter] and free_a or is_wanted[letter] and batch or summed
    group[#group + 1] = letter
  end
  for _, letter in ipairs(letters_b) do
    if not in_a[letter] then free_b[#free_b + 1] = letter end
  end
  local function lengths(letters, x, of) return pick(x.shape, positions(letters, of)) end
  local batch_shape, shape_a, shape_b = lengths(batch, a, letters_a), lengths(free_a, a, letters_a),
    lengths(free_b, b, letters_b)
  local n, count = product_of(lengths(summed, a, letters_a)), product_of(batch_shape)
  local left = ops.reshape(ops.transpose(a, positions(joined(batch, free_a, summed), letters_a)),
    { count, product_of(shape_a), n })
  local right = ops.reshape(ops.transpose(b, positions(joined(batch, summed, free_b), letters_b)),
    { count, n, product_of(shape_b) })
  return ops.reshape(ops.matmul(left, right), joined(batch_shape, shape_a, shape_b)), joined(batch, free_a, free_b)
end

-- The tensors' letters; every letter means one length.
local function read_inputs(text, tensors, what)
  local list, length = {}, {}
  for part in (text .. ","):gmatch "([^,]*)," do list[#list + 1] = letters_of(part, what) end
  if #list ~= #tensors then blame("einsum: %q is for %d tensors, got %d", what, #list, #tensors) end
  for i, letters in ipairs(list) do
    if #letters ~= tensors[i].ndim then
      blame("einsum: tensor %d has %d axes, but %q gives it %d", i, tensors[i].ndim, what, #letters)
    end
    for axis, letter in ipairs(letters) do
      local own = tensors[i].shape[axis]
      length[letter] = length[letter] or own
      if length[letter] ~= own then
        blame("einsum: %s is %d long in one tensor and %d in another", letter, length[letter], own)
      end
    end
  end
  return list, length
end

--- Einstein's sums: each letter names an axis; letters that the result lacks are summed over.
-- @function einsum
-- @tparam string subscripts such as "bij,bjk->bik"; no "..." and no letter twice in one tensor
-- @tparam tensor ... one for each part between commas
-- @treturn tensor float32
-- @usage nn.ops.einsum("ij,kj->ik", t, t)
function ops.einsum(subscripts, ...)
  if type(subscripts) ~= "string" then
    blame('einsum: subscripts: expected a text such as "ij,jk->ik", got %s', blame.got(subscripts))
  end
  local tensors = { ... }
  for i, each in ipairs(tensors) do tensors[i] = base.tensor(each, "einsum") end
  local text = subscripts:gsub("%s", "")
  local inputs, output = text:match "^(.-)%->(.*)$"
  inputs = inputs or text
  local letters, length = read_inputs(inputs, tensors, subscripts)
  local result, in_result = result_letters(output, inputs, subscripts)
  for _, letter in ipairs(result) do
    if not length[letter] then blame("einsum: %s of the result is in no tensor: %q", letter, subscripts) end
  end
  local x, left = tensors[1], letters[1]
  for i = 2, #tensors do
    local is_wanted = {}
    for letter in pairs(in_result) do is_wanted[letter] = true end
    for later = i + 1, #tensors do
      for _, letter in ipairs(letters[later]) do is_wanted[letter] = true end
    end
    x, left = multiply_pair(x, left, tensors[i], letters[i], is_wanted)
  end
  x, left = sum_out(x, left, in_result)
  return ops.transpose(x, positions(result, left))
end
