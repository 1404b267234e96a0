--- Where datasets begin: rows of tensors, numbers in a row, a function of the script, an object that has batches.
local is_tensor = require("engine.tensor").is_tensor
local blame = require "nn.support.blame"
local engine_random = require "engine.random"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local plan = require "nn.data.plan"
local structure = require "nn.data.structure"
local tensor = require "nn.tensor"

local sources = {}

-- ---- rows of tensors ------------------------------------------------------------------------------------------------

local slices = { name = "from_tensor_slices" }

function slices.plan(self)
  return plan.of_rows(self.settings.columns, self.settings.rows)
end

-- The values of an element: those of a list that are not one tensor or one list of texts, else one value.
local function columns_of(given)
  local value = structure.normal(given, "from_tensor_slices")
  if structure.is_leaf(value) or #value == 0 then return { n = 1, value } end
  return { n = #value, table.unpack(value) }
end

local function tensors_in(columns)
  local list = {}
  for _, leaf in ipairs(structure.leaves(columns)) do
    if is_tensor(leaf) then list[#list + 1] = leaf end
  end
  return list
end

--- Rows of tensors.
-- @param given as `Dataset.from_tensor_slices` takes it
-- @treturn node
function sources.slices(given)
  local columns = columns_of(given)
  local rows = structure.row_count(columns, "from_tensor_slices")
  if rows == 0 then blame "from_tensor_slices: there are no samples" end
  local self = node.new(slices, { columns = columns, rows = rows }, {}, false)
  self.tensors = tensors_in(columns)
  return self
end

-- ---- numbers --------------------------------------------------------------------------------------------------------

local range = { name = "range", plan = slices.plan }

local function whole(value, name)
  if math.type(value) ~= "integer" then blame("range: %s: expected a whole number, got %s", name, blame.got(value)) end
end

--- Whole numbers from start to below stop.
-- @treturn node
function sources.range(start, stop, step)
  whole(start, "start")
  whole(stop, "stop")
  whole(step, "step")
  if step == 0 then blame "range: step: expected a number other than 0" end
  local list = {}
  for value = start, step > 0 and stop - 1 or stop + 1, step do list[#list + 1] = value end
  local columns = { n = 1, #list > 0 and tensor.tensor(list, "int32") or tensor.zeros({ 0 }, "int32") }
  return node.new(range, { columns = columns, rows = #list }, {}, false)
end

-- ---- a function of the script ---------------------------------------------------------------------------------------

local generator = { name = "from_generator" }

function generator.count() return nil end

-- Calls f and gives what it gave, as the generic `for` of Lua takes it.
local function start_generator(f)
  local step, state, control = f()
  local meta = getmetatable(step)
  if type(step) ~= "function" and not (meta and meta.__call) then
    blame("from_generator: expected a function that returns an iterator, as ipairs does, or coroutine.wrap(...); it "
      .. "returned %s", blame.got(step))
  end
  return step, state, control
end

local function has_same_form(a, b)
  if a.n ~= b.n then return false end
  local x, y = structure.leaves(a), structure.leaves(b)
  for i = 1, math.max(#x, #y) do
    if is_tensor(x[i]) ~= is_tensor(y[i]) or type(x[i]) ~= type(y[i]) then return false end
    if is_tensor(x[i]) and (x[i].ndim ~= y[i].ndim or x[i].dtype ~= y[i].dtype) then return false end
  end
  return true
end

local function form_text(element)
  local texts = {}
  for i, leaf in ipairs(structure.leaves(element)) do
    texts[i] = is_tensor(leaf) and ("a %s tensor with %d axes"):format(leaf.dtype, leaf.ndim) or "a " .. type(leaf)
  end
  return table.concat(texts, " and ")
end

-- Elements may differ in lengths, which padded_batch makes equal, but not in what they are.
local function check_form(self, element, number)
  self.first = self.first or element
  if has_same_form(self.first, element) then return end
  blame("from_generator: element %d is %s, but the first was %s", number, form_text(element), form_text(self.first))
end

function generator.open(self, over, start)
  local seed = pass.seed_of(over, nil, self.depth)
  local step, state, control = pass.call(seed, over.epoch, 0, start_generator, self.settings.f)
  local number, is_over = 0, false
  return node.drop(function()
    if is_over then return nil end -- a coroutine that has ended must not be called again
    local found = table.pack(pass.call(seed, over.epoch, number + 1, step, state, control))
    control = found[1]
    is_over = control == nil
    if is_over then return nil end
    number = number + 1
    local element = structure.element("from_generator: element %d", number, table.unpack(found, 1, found.n))
    check_form(self, element, number)
    return element
  end, start)
end

--- What a function of the script gives.
-- @tparam function f () -> an iterator, as the generic `for` takes it
-- @treturn node
function sources.generator(f)
  if type(f) ~= "function" then
    blame("from_generator: expected a function that returns an iterator, got %s", blame.got(f))
  end
  return node.new(generator, { f = f }, {})
end

-- ---- an object that has batches -------------------------------------------------------------------------------------

local sequence = { name = "sequence" }

-- Objects of nnrun's own have __names, and a function as __index.
local function method_of(object, name)
  local meta = getmetatable(object)
  local inherited = meta and (type(meta.__index) == "table" and meta.__index[name] or meta.__names and object[name])
  local own = rawget(object, name) or inherited or meta and meta[name]
  return type(own) == "function" and own or nil
end

--- Whether a value is an object with `__len` and `get(i)`, as Keras' PyDataset.
function sources.is_sequence(value)
  return type(value) == "table" and not structure.is_leaf(value) and method_of(value, "__len") ~= nil
    and method_of(value, "get") ~= nil
end

function sequence.count(self)
  local object = self.settings.object
  local count = method_of(object, "__len")(object)
  if math.type(count) ~= "integer" or count < 0 then
    blame("__len: expected the number of batches, got %s", blame.got(count))
  end
  return count
end

function sequence.open(self, over, start)
  local object, count, seed = self.settings.object, sequence.count(self), pass.seed_of(over, nil, 0)
  local order = self.settings.is_shuffled and count > 0
    and engine_random.permutation(seed, over.epoch, count):totable()
  local get, done = method_of(object, "get"), start
  return function()
    if done >= count then return nil end
    done = done + 1
    local number = order and order[done] + 1 or done
    return structure.element("get(%d)", number, pass.call(seed, over.epoch, number, get, object, number))
  end
end

--- The batches of an object with `__len` and `get(i)`.
-- @tparam table object
-- @tparam boolean is_shuffled whether each epoch takes the batches in an order of its own
-- @treturn node
function sources.sequence(object, is_shuffled)
  return node.new(sequence, { object = object, is_shuffled = is_shuffled }, {}, true)
end

return sources
