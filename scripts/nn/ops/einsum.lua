--- Einstein's sums, as transposes, reshapes and batched matrix products.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local axis_lists = require "nn.ops.axis_lists"
local base = require "nn.ops.base"

local ops = base.ops
local pick, joined, product_of = axis_lists.pick, axis_lists.joined, axis_lists.product_of

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
  local function lengths(letters, x, of) return pick(base.shape_of(x), positions(letters, of)) end
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
    local shape = base.shape_of(tensors[i])
    if #letters ~= #shape then
      blame("einsum: tensor %d has %d axes, but %q gives it %d", i, #shape, what, #letters)
    end
    for axis, letter in ipairs(letters) do
      local own = shape[axis]
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
  local axes = #tensors == 2 and axis_lists.dense_axes(table.concat(letters[1]), table.concat(letters[2]),
    table.concat(result))
  if axes then return base.run("dense", { axes = axes }, tensors) end
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
