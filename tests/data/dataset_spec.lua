-- nn.data.Dataset: what each transformation gives, alone and after others, and that all that is random can be repeated.
local nn = require "nn"
local node = require "nn.data.node"
local pass = require "nn.data.pass"

local Dataset = nn.data.Dataset

-- The first values of all elements; tensors as nested tables.
local function values(dataset)
  local list = {}
  for value in dataset:iterate() do list[#list + 1] = nn.is_tensor(value) and value:totable() or value end
  return list
end

local function sorted(list)
  local copy = table.move(list, 1, #list, 1, {})
  table.sort(copy)
  return copy
end

-- A dataset of the same numbers that has no plan: everything goes element by element.
local function streamed(count)
  return Dataset.from_generator(function()
    local i = -1
    return function()
      i = i + 1
      if i < count then return i end
    end
  end)
end

describe("a dataset", function()
  before_each(function() nn.utils.set_random_seed(3) end)

  it("has the rows of tensors, lists and tables by names", function()
    local x, y = nn.arange(6):reshape { 3, 2 }, nn.tensor({ 7, 8, 9 }, "uint8")
    local rows = {}
    for a, b in Dataset.from_tensor_slices({ x, y }):iterate() do rows[#rows + 1] = { a:totable(), b } end
    assert.same({ { { 0, 1 }, 7 }, { { 2, 3 }, 8 }, { { 4, 5 }, 9 } }, rows)
    for both, b in Dataset.from_tensor_slices({ { x, y }, y }):skip(2):iterate() do
      assert.same({ { 4, 5 }, 9, 9 }, { both[1]:totable(), both[2], b })
    end
    for named in Dataset.from_tensor_slices({ image = x, label = y }):batch(3):iterate() do
      assert.same({ 3, 2 }, named.image.shape)
      assert.equal("uint8", named.label.dtype)
    end
    assert.same({ 1, 2, 3 }, values(Dataset.from_tensor_slices { 1, 2, 3 }))
    assert.same({ { "a", "b" }, { "c" } }, values(Dataset.from_tensor_slices({ "a", "b", "c" }):batch(2)))
  end)

  it("counts", function()
    assert.same({ 0, 1, 2 }, values(Dataset.range(3)))
    assert.same({ 2, 3 }, values(Dataset.range(2, 4)))
    assert.same({ 5, 3 }, values(Dataset.range(5, 1, -2)))
    assert.same({}, values(Dataset.range(0)))
  end)

  for name, numbers in pairs { ["in memory"] = Dataset.range, ["that streams"] = streamed } do
    describe(name, function()
      it("makes batches", function()
        assert.same({ { 0, 1, 2 }, { 3, 4 } }, values(numbers(5):batch(3)))
        assert.same({ { 0, 1, 2 } }, values(numbers(5):batch { 3, drop_remainder = true }))
        assert.same({ { 0, 1, 2 } }, values(numbers(5):batch(3, { drop_remainder = true })))
        assert.same({ 0, 1, 2, 3, 4 }, values(numbers(5):batch(3):unbatch()))
        assert.same({ { { 0, 1 }, { 2, 3 } }, { { 4, 5 } } }, values(numbers(6):batch(2):batch(2)))
      end)

      it("takes, skips, repeats and splits", function()
        assert.same({ 0, 1 }, values(numbers(5):take(2)))
        assert.same({ 0, 1, 2, 3, 4 }, values(numbers(5):take(-1)))
        assert.same({ 3, 4 }, values(numbers(5):skip(3)))
        assert.same({}, values(numbers(5):skip(7)))
        assert.same({}, values(numbers(5):skip(-1)))
        assert.same({ { 2, 3 } }, values(numbers(5):batch(2):skip(1):take(1)))
        assert.same({ 0, 1, 0, 1, 0 }, values(numbers(2):repeated():take(5)))
        assert.same({ 0, 1, 0, 1 }, values(numbers(2)["repeat"](numbers(2), 2)))
        assert.same({ { 0, 1 }, { 2 }, { 0, 1 }, { 2 } }, values(numbers(3):batch(2):repeated(2)))
        assert.same({ { 0, 1 }, { 2, 0 }, { 1, 2 } }, values(numbers(3):repeated(2):batch(2)))
        assert.same({ 1, 4 }, values(numbers(6):shard(3, 2)))
        assert.same({}, values(numbers(0):repeated()))
      end)

      it("shuffles with the buffer's rule, each time anew", function()
        local dataset = numbers(50):shuffle(5)
        local first, second = values(dataset), values(dataset)
        assert.not_same(first, second)
        for _, order in ipairs { first, second } do
          assert.same(values(Dataset.range(50)), sorted(order))
          -- element i cannot come before the buffer has reached it
          for place, value in ipairs(order) do assert.is_true(value <= place - 1 + 4) end
        end
        local fixed = numbers(50):shuffle(5, { seed = 4, reshuffle_each_iteration = false })
        assert.same(values(fixed), values(fixed))
        assert.not_same(values(numbers(50):shuffle(50, { seed = 4 })), values(numbers(50):shuffle(50, { seed = 5 })))
      end)

      it("gives the same for the same seed and epoch, from any element on", function()
        local dataset = numbers(20):shuffle(6):map(function(i) return i + nn.random.uniform { shape = { 1 } } end)
          :repeated(2):batch(3):shuffle(4)
        local function read(start)
          local list = {}
          for element in node.open(dataset, pass.new(9, 2), start) do list[#list + 1] = tostring(element[1]) end
          return list
        end
        local all = read(0)
        assert.same(all, read(0))
        assert.equal(14, #all)
        for _, start in ipairs { 1, 7, 13 } do assert.same(table.move(all, start + 1, 14, 1, {}), read(start)) end
      end)

      it("puts datasets together", function()
        assert.same({ 0, 1, 0, 1, 2 }, values(numbers(2):concatenate(numbers(3))))
        local pairs_of = {}
        for a, b in Dataset.zip({ numbers(3), numbers(5):skip(1) }):iterate() do pairs_of[#pairs_of + 1] = { a, b } end
        assert.same({ { 0, 1 }, { 1, 2 }, { 2, 3 } }, pairs_of)
        local found = {}
        for i, value in numbers(5):skip(3):enumerate(1):iterate() do found[#found + 1] = { i, value } end
        assert.same({ { 1, 3 }, { 2, 4 } }, found)
        for both in Dataset.zip({ a = numbers(1), b = numbers(1) }):iterate() do assert.same({ a = 0, b = 0 }, both) end
      end)

      it("maps and filters", function()
        assert.same({ 0, 2, 4 }, values(numbers(3):map(function(i) return 2 * i end)))
        assert.same({ 0, 2, 4 }, values(numbers(5):filter(function(i) return i % 2 == 0 end)))
        assert.same({ 1, 2, 3, 4 }, values(numbers(5):filter(function(i) return i end)))
      end)
    end)
  end

  it("shuffles the same in memory and element by element", function()
    local function order(dataset, epoch)
      local list = {}
      for element in node.open(dataset, pass.new(7, epoch)) do list[#list + 1] = element[1] end
      return list
    end
    for _, size in ipairs { 4, 30, 100 } do
      for epoch = 1, 2 do
        assert.same(order(Dataset.range(30):shuffle(size), epoch), order(streamed(30):shuffle(size), epoch))
      end
    end
  end)

  it("keeps what was computed, once", function()
    local calls = 0
    local dataset = Dataset.range(3):map(function(i)
      calls = calls + 1
      return i + math.random()
    end):cache()
    assert.same(values(dataset), values(dataset))
    assert.equal(3, calls)
  end)

  it("takes a seed only if something in it is random", function()
    nn.utils.set_random_seed(5)
    local expected = nn.random.next_seed()
    nn.utils.set_random_seed(5)
    values(Dataset.range(5):batch(2))
    values(Dataset.range(5):shuffle(5, { seed = 1 }))
    assert.equal(expected, nn.random.next_seed())
    local twice = Dataset.range(50):shuffle(50)
    nn.utils.set_random_seed(6)
    local first = values(twice)
    assert.same(first, (function()
      nn.utils.set_random_seed(6)
      return values(Dataset.range(50):shuffle(50))
    end)())
  end)

  it("leaves the script's random numbers alone", function()
    nn.utils.set_random_seed(5)
    local expected = nn.random.uniform({ shape = { 2 } }):totable()
    nn.utils.set_random_seed(5)
    local read = node.open(Dataset.range(3):map(function() return nn.random.uniform { shape = { 1 } } end),
      pass.new(1, 1))
    assert.is_not_nil(read())
    assert.same(expected, nn.random.uniform({ shape = { 2 } }):totable())
  end)

  it("pads to the longest of each batch, or to given lengths", function()
    local texts = Dataset.from_generator(function()
      return coroutine.wrap(function()
        for i = 1, 3 do
          local ids = {}
          for k = 1, i do ids[k] = k end
          coroutine.yield(ids, i)
        end
      end)
    end)
    assert.same({ { { 1, 0 }, { 1, 2 } }, { { 1, 2, 3 } } }, values(texts:padded_batch(2)))
    assert.same({ { { 1, -1, -1, -1 }, { 1, 2, -1, -1 } } },
      values(texts:take(2):padded_batch { 2, padded_shapes = { { 4 }, {} }, padding_values = { -1, 0 } }))
    assert.has_error(function() values(texts:padded_batch(3, { padded_shapes = { 2 } })) end)
  end)

  it("knows how many elements it has, where that can be known", function()
    local range = Dataset.range(10)
    assert.equal(10, range:cardinality())
    assert.equal(3, range:batch(4):cardinality())
    assert.equal(2, range:batch(4, { drop_remainder = true }):cardinality())
    assert.equal(20, range:map(function(i) return i end):repeated(2):cardinality())
    assert.equal(3, Dataset.range(3):map(function(i) return i end, { num_parallel_calls = nn.data.AUTOTUNE })
      :prefetch(nn.data.AUTOTUNE):cardinality())
    assert.equal(nn.data.INFINITE_CARDINALITY, range:repeated():batch(2):cardinality())
    assert.equal(7, range:repeated():take(7):cardinality())
    assert.equal(nn.data.UNKNOWN_CARDINALITY, range:filter(function() return true end):cardinality())
    assert.equal(4, #range:shard(3, 1))
    assert.has_error(function() return #streamed(3) end)
  end)

  it("tells the shapes and types of its elements", function()
    local dataset = Dataset.from_tensor_slices { nn.ones { 5, 3 }, nn.zeros({ 5 }, "int32") }
    local x, y = table.unpack(dataset:batch(2).element_spec)
    assert.same({ -1, 3 }, x.shape)
    assert.same({ -1 }, y.shape)
    assert.same({ "float32", "int32" }, { x.dtype, y.dtype })
    assert.same({ 3 }, dataset.element_spec[1].shape)
    assert.same({ 2, 3 }, dataset:batch(2, { drop_remainder = true }).element_spec[1].shape)
    assert.equal('TensorSpec(shape = { None, 3 }, dtype = "float32")', tostring(x))
  end)
end)

describe("a dataset says what is wrong:", function()
  local function message(action)
    local ok, text = pcall(action)
    assert.is_false(ok)
    return tostring(text)
  end

  local function generator(...)
    local elements = { ... }
    return Dataset.from_generator(function()
      local i = 0
      return function()
        i = i + 1
        if elements[i] then return table.unpack(elements[i]) end
      end
    end)
  end

  it("a loop without iterate, and an element by its position", function()
    assert.matches("for x, y in dataset:iterate", message(function() for i in Dataset.range(3) do print(i) end end))
    assert.matches("for x, y in dataset:iterate", message(function() return Dataset.range(3)[1] end))
  end)

  it("elements that differ", function()
    assert.matches("element 2 is a float32 tensor with 1 axes, but the first was a number", message(function()
      values(generator({ 1 }, { { 1, 2 } }))
    end), 1, true)
    assert.matches("element 2 is a number, but the first was a number and a number", message(function()
      values(generator({ 1, 2 }, { 1 }))
    end), 1, true)
    assert.matches("number 2 has shape 3 (float32); padded_batch makes lengths equal", message(function()
      values(generator({ { 1, 2 } }, { { 1, 2, 3 } }):batch(2))
    end), 1, true)
    assert.matches("element 1: value 2", message(function() values(generator { 1, print }) end), 1, true)
  end)

  it("functions that give nothing of use", function()
    assert.matches("from_generator: expected a function that returns an iterator", message(function()
      values(Dataset.from_generator(function() return 3 end))
    end), 1, true)
    assert.matches("for element 1 has no value", message(function()
      values(Dataset.range(2):map(function() end))
    end), 1, true)
    assert.matches("expected the function to return true or false", message(function()
      values(Dataset.range(2):filter(function() return "yes" end))
    end), 1, true)
  end)

  it("tensors that do not fit, unknown names", function()
    assert.matches("all must have the same number of samples, got 2 and 3", message(function()
      Dataset.from_tensor_slices { nn.ones { 2, 2 }, nn.ones { 3 } }
    end), 1, true)
    assert.matches("did you mean batch", message(function() return Dataset.range(2):bach(2) end), 1, true)
    assert.matches("unknown argument buffer", message(function() Dataset.range(2):shuffle { buffer = 2 } end), 1, true)
    assert.matches("index: expected a number from 1 to 2, got 3", message(function() Dataset.range(2):shard(2, 3) end),
      1, true)
    assert.matches("with a dot", message(function() Dataset.range(2).batch(2) end), 1, true)
  end)
end)
