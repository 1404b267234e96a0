-- nn.ops: every operation against numbers computed elsewhere (golden/operations.json), and every gradient of the
-- engine's table against finite differences, for each use that these cases make of it.
local engine = require "engine.operations"
local graph = require "engine.graph"
local json = require "dkjson"
local base = require "nn.ops.base"
local expect = require "tests.support.expect"
local golden = require "tests.support.golden"
local nn = require "nn"

local function read_cases()
  local cases = {}
  for _, name in ipairs { "operations", "operations_attention", "operations_ctc", "operations_convolution",
    "operations_images", "operations_linear", "operations_moving" } do
    local list = json.decode(golden.read("tests/golden/" .. name .. ".json"), 1, json.null, nil, nil)
    table.move(list, 1, #list, #cases + 1, cases)
  end
  return cases
end

local function title(case)
  return case.op .. " " .. json.encode(case.arguments):sub(1, 60)
end

-- An argument of a case as a script writes it.
local function argument(value)
  if type(value) == "boolean" then return value end
  if type(value) ~= "table" then return golden.numbers(value) end
  if value.int32 then return nn.tensor(value.int32, "int32") end
  if #value > 0 or next(value) == nil then return golden.numbers(value) end
  local options = {}
  for name, each in pairs(value) do
    if type(each) == "boolean" then options[name] = each else options[name] = golden.numbers(each) end
  end
  return options
end

-- The function of a name in nn.ops, which may be in a module within it: "image.resize".
local function operation_of(name)
  local value = nn.ops
  for part in name:gmatch "[^.]+" do value = value[part] end
  return value
end

-- The result of a case, and the operations of the table that it came to: { name, config, inputs, output }.
local function compute(case)
  local given, records = {}, {}
  for i, value in ipairs(case.arguments) do given[i] = argument(value) end
  base.recorder = function(...) records[#records + 1] = { ... } end
  local returned = table.pack(pcall(operation_of(case.op), table.unpack(given)))
  base.recorder = nil
  if not returned[1] then error(title(case) .. ": " .. tostring(returned[2]), 0) end
  local results = table.pack(table.unpack(returned, 2, returned.n))
  return case.results and type(results[1]) == "table" and results[1] or results, records
end

-- ---- values --------------------------------------------------------------------------------------------------------

local function flat(value, out)
  if type(value) ~= "table" then out[#out + 1] = value
  else for _, each in ipairs(value) do flat(each, out) end end
  return out
end

local function shape_of(value)
  local shape = {}
  while type(value) == "table" do
    shape[#shape + 1] = #value
    value = value[1]
  end
  return shape
end

local function is_near(want, have)
  if want ~= want then return have ~= have end
  return want == have or math.abs(want - have) <= 1e-6 + 3e-6 * math.abs(want)
end

local function check_result(case, expected, result)
  assert.is_true(nn.is_tensor(result), title(case) .. " gives no tensor")
  assert.same(shape_of(expected), table.move(result.shape, 1, result.ndim, 1, {}), title(case))
  local want, have = flat(expected, {}), flat(result:totable(), {})
  for i, number in ipairs(want) do
    assert.is_true(is_near(number, have[i]), ("%s: number %d: expected %s, got %s"):format(title(case), i, number,
      have[i]))
  end
end

local function check_values(case, results)
  local expected = case.results and golden.numbers(case.results) or { golden.numbers(case.expected) }
  assert.are.equal(#expected, #results, title(case))
  for i, each in ipairs(expected) do check_result(case, each, results[i]) end
end

-- ---- gradients -----------------------------------------------------------------------------------------------------

-- Numbers that differ from each other, so that no gradient is right by chance.
local function upstream(shape)
  local count = 1
  for _, length in ipairs(shape) do count = count * length end
  return (nn.arange(count) * 0.7):sin():reshape(shape) + 1.5
end

-- The derivative of the sum of upstream * output by each number of an input, by central differences.
local function numeric(name, config, inputs, which, weights)
  local changed = table.move(inputs, 1, #inputs, 1, {})
  changed[which] = inputs[which]:astype("float32"):copy()
  local numbers = changed[which]:reshape { changed[which].size }
  local slopes = {}
  local function output() return (engine.apply(name, config, changed) * weights):sum() end
  for i = 1, #numbers do
    local value = numbers[i]
    local step = 2.0 ^ -9 * math.max(1, math.abs(value))
    numbers[i] = value + step
    local above, upper = output(), numbers[i]
    numbers[i] = value - step
    local below, lower = output(), numbers[i]
    numbers[i], slopes[i] = value, (above - below) / (upper - lower)
  end
  return slopes
end

-- Inputs that are positions, or say where elements come from: no gradient passes through them.
local POSITIONS = { warp = { 2 }, take = { 2 }, take_along_axis = { 2 }, segment_sum = { 2 }, segment_max = { 2 },
  update_rows = { 2 }, ctc_loss = { 2, 3, 4 } }

local function is_position(name, input)
  for _, each in ipairs(POSITIONS[name] or {}) do
    if each == input then return true end
  end
  return false
end

local function check_gradient(case, name, config, inputs, output)
  local weights, wanted = upstream(output.shape), {}
  for i in ipairs(inputs) do wanted[i] = true end
  local gradients = engine.gradient(name, config, inputs, output, weights, wanted)
  for i, gradient in ipairs(gradients) do
    assert.same(inputs[i].shape, gradient.shape)
    local exact, size = flat(gradient:totable(), {}), 0
    for _, slope in ipairs(exact) do size = math.max(size, math.abs(slope)) end
    local slopes = is_position(name, i) and (gradient * 0):reshape { -1 }:totable()
      or numeric(name, config, inputs, i, weights)
    for at, slope in ipairs(slopes) do
      local both_nan = slope ~= slope and exact[at] ~= exact[at]
      local is_close = both_nan or math.abs(slope - exact[at]) <= 1e-3 + 4e-3 * size
      assert.is_true(is_close, ("%s: %s, gradient of input %d, number %d: expected about %g, got %g"):format(
        title(case), name, i, at, slope, exact[at]))
    end
  end
end

-- ---- in a graph ----------------------------------------------------------------------------------------------------

-- An operation as a node of a graph whose variables are its inputs.
local function graph_of(name, config, inputs)
  local nodes, positions = {}, {}
  for i, input in ipairs(inputs) do
    local value = input:astype("float32"):contiguous()
    nodes[i] = { layer = "variable", config = { shape = value.shape }, inputs = {}, params = { value } }
    positions[i] = i
  end
  nodes[#nodes + 1] = { operation = name, config = config, inputs = positions }
  return graph.new { nodes = nodes, inputs = {}, outputs = { #nodes }, training = true }
end

local function can_be_variables(inputs)
  for _, input in ipairs(inputs) do
    if input.dtype ~= "float32" or input.size == 0 then return false end
  end
  return true
end

local function check_graph(case, name, config, inputs, output)
  local self = graph_of(name, config, inputs)
  assert.is_true(self:forward({})[1]:bytes() == output:bytes(), title(case) .. ": another value in a graph")
  if not engine.has_gradient(name) then return end
  local weights, wanted = upstream(output.shape), {}
  for i in ipairs(inputs) do wanted[i] = true end
  self:backward { weights }
  local expected, found = engine.gradient(name, config, inputs, output, weights, wanted), self:gradients()
  for i, gradient in ipairs(expected) do
    assert.is_true(gradient:bytes() == found[i]:bytes(), title(case) .. ": another gradient in a graph")
  end
end

describe("nn.ops", function()
  local cases, is_used, has_case = read_cases(), {}, {}

  it("gives the numbers of PyTorch and NumPy", function()
    for _, case in ipairs(cases) do
      local result, records = compute(case)
      check_values(case, result)
      has_case[operation_of(case.op)] = true
      for _, record in ipairs(records) do is_used[record[1]] = true end
    end
  end)

  it("has a case for each of its names", function()
    local lacking = {}
    for _, name in ipairs { "is_tensor", "ndim", "shape", "size" } do has_case[nn.ops[name]] = true end -- see below
    for _, module in ipairs { nn.ops, nn.ops.image } do
      for name, operation in pairs(module) do
        if type(operation) == "function" and not has_case[operation] then lacking[#lacking + 1] = name end
      end
    end
    assert.same({}, lacking)
  end)

  it("uses each operation of the engine's table in some case", function()
    local lacking = {}
    for _, name in ipairs(engine.names()) do
      if not is_used[name] then lacking[#lacking + 1] = name end
    end
    assert.same({}, lacking)
  end)

  it("has the gradients that finite differences confirm", function()
    for _, case in ipairs(cases) do
      local _, records = compute(case)
      for _, record in ipairs(case.kink and {} or records) do
        if engine.has_gradient(record[1]) then check_gradient(case, table.unpack(record)) end
      end
    end
  end)

  it("gives the same bits in a graph, gradients too", function()
    for _, case in ipairs(cases) do
      local _, records = compute(case)
      for _, record in ipairs(records) do
        if record[4].size > 0 and can_be_variables(record[3]) then check_graph(case, table.unpack(record)) end
      end
    end
  end)

  it("tells what a tensor is", function()
    local x = nn.zeros { 2, 3 }
    assert.same({ { 2, 3 }, 2, 6, true, false }, { nn.ops.shape(x), nn.ops.ndim(x), nn.ops.size(x), nn.ops.is_tensor(x),
      nn.ops.is_tensor { 1 } })
    assert.same({ -1, 3 }, nn.ops.shape(nn.Input { shape = { 3 } }))
  end)

  it("differentiates numbers between pixels by both pixels and coordinates", function()
    local row, place = nn.tensor { 1, 4, 9 }, nn.tensor { { 0.25, 1.5 } }
    local tape <close> = nn.GradientTape()
    tape:watch { row, place }
    local total = nn.ops.sum(nn.ops.image.map_coordinates(row, place, 1))
    local by_row, by_place = table.unpack(tape:gradient(total, { row, place }))
    assert.same({ { 0.75, 0.75, 0.5 }, { { 3, 5 } } }, { by_row:totable(), by_place:totable() })
  end)

  it("distorts pictures by noise that a seed names", function()
    local photos = nn.random.uniform { shape = { 2, 6, 5, 3 }, seed = 1 }
    local function distorted(seed) return nn.ops.image.elastic_transform(photos, 3, 1, { seed = seed }) end
    assert.is_true(distorted(1):bytes() == distorted(1):bytes())
    assert.is_false(distorted(1):bytes() == distorted(2):bytes())
    local white = nn.ops.image.elastic_transform(nn.ones { 2, 4, 4, 1 }, 3, 1, { seed = 1 })
    assert.is_true((white - 1):abs():max() < 1e-6)
  end)

  it("has no median of numbers of which one is NaN", function()
    local x = nn.tensor { { 1, 2, 4 }, { 1, 0 / 0, 3 } }
    assert.are.equal("[ 2. nan]", tostring(nn.ops.median(x, 2)))
    assert.are.equal("[ 4. nan]", tostring(nn.ops.quantile(x, 1, { axis = 2, method = "higher" })))
    expect.fails("median: x: expected at least one number, got none", nn.ops.median, nn.zeros { 0 })
  end)

  it("names the operation, what it expected and what it got", function()
    expect.fails("exp: x is missing", nn.ops.exp)
    expect.fails('exp: expected a tensor, a number or a nested table, got "x"', nn.ops.exp, "x")
    expect.fails("exp: unknown argument axis; it takes none", nn.ops.exp, { 1 }, { axis = 2 })
    expect.fails("operations_spec.lua:", function() nn.ops.exp "x" end)
    local x = nn.zeros { 2, 3 }
    expect.fails("reshape: cannot reshape 2x3 (6 elements) to 4", nn.ops.reshape, x, { 4 })
    expect.fails("take: expected whole numbers from -2 to 1 as positions, got 5", nn.ops.take, x, { 5 }, 1)
    expect.fails("take: expected whole numbers from -2 to 1 as positions, got 0.5", nn.ops.take, x, { 0.5 }, 1)
    expect.fails("concatenate: tensor 2 of the list has shape 3x3, which does not fit 2x3: only axis 2 may differ",
      nn.ops.concatenate, { x, nn.zeros { 3, 3 } }, 2)
    expect.fails("scatter: indices: axis 2 has positions from 0 to 2, got 3", nn.ops.scatter, { { 0, 3 } },
      { 5 }, { 2, 3 })
    expect.fails("segment_sum: expected whole numbers from 0 to 2 as positions, got 5", nn.ops.segment_sum, x,
      { 0, 5 }, 3)
    expect.fails("slice: axis 2: 1 elements from position 4 on are out of range for a length of 3", nn.ops.slice, x,
      { 1, 4 }, { 1, 1 })
    local images = nn.zeros { 2, 5, 5, 3 }
    expect.fails("conv: the images have 3 channels, but the kernel 2; expected as many, or a divisor (groups)",
      nn.ops.conv, images, nn.zeros { 3, 3, 2, 4 })
    expect.fails("conv: the kernel has 4 filters, which its 3 groups of channels do not divide", nn.ops.conv, images,
      nn.zeros { 3, 3, 1, 4 })
    expect.fails('conv: the kernel of 6x3x3x4 is larger than the images of 2x5x5x3; use padding = "same"', nn.ops.conv,
      images, nn.zeros { 6, 3, 3, 4 })
    expect.fails("max_pool: strides: expected a whole number of at least 1, or a list of two of them, got 0",
      nn.ops.max_pool, images, 2, 0)
    expect.fails("image.gaussian_blur: kernel_size: expected odd whole numbers, got 4", nn.ops.image.gaussian_blur,
      images, 4)
    expect.fails("image.rgb_to_grayscale: expected pictures of 3 channels, got 4", nn.ops.image.rgb_to_grayscale,
      nn.zeros { 2, 2, 4 })
    expect.fails("image.rgb_to_hsv: expected pictures of float32, got uint8; divide them by 255",
      nn.ops.image.rgb_to_hsv, images:astype "uint8")
    local corners = { { 0, 0 }, { 4, 0 }, { 0, 4 }, { 4, 4 } }
    expect.fails("image.perspective_transform: three of the four points of picture 1 lie on one line",
      nn.ops.image.perspective_transform, images, corners, { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 4, 4 } })
    expect.fails("image.map_coordinates: order: expected 0 or 1, got 2", nn.ops.image.map_coordinates, { 1, 2 },
      { { 0 } }, 2)
    expect.fails("bincount: expected whole numbers from 0 on, got -1", nn.ops.bincount, { 0, -1 })
    expect.fails("bincount: expected whole numbers from 0 on, got 1.5", nn.ops.bincount, { 0, 1.5 })
    expect.fails("split: expected a number of parts that divides 2 elements, got 5", nn.ops.split, x, 5)
  end)
end)

describe("the engine's table of operations", function()
  it("is sorted", function()
    local names = engine.names()
    local sorted = table.move(names, 1, #names, 1, {})
    table.sort(sorted)
    assert.same(sorted, names)
  end)

  it("keeps integers exact that float32 does not hold", function()
    local x = nn.tensor({ 2147483647, -2147483648, 16777217, 0 }, "int32")
    assert.same({ 0, 16777217, -2147483648, 2147483647 }, nn.ops.flip(x):totable())
    assert.same({ 7, 2147483647, -2147483648, 16777217, 0, 7 }, nn.ops.pad(x, 1, "constant", 7):totable())
    for _, name in ipairs { "sort", "diag", "flip" } do
      assert.are.equal("uint8", nn.ops[name](nn.tensor({ 3, 1 }, "uint8")).dtype)
    end
  end)

  it("gives only the gradients that are wanted", function()
    local x = nn.tensor { 1, 2 }
    local gradients = engine.gradient("sin", {}, { x }, x:sin(), nn.ones { 2 }, { false })
    assert.same({ false }, gradients)
  end)

  it("infers shapes of batches that are not known yet", function()
    assert.same({ -1, 3 }, engine.infer("sin", {}, { { -1, 3 } }))
    assert.same({ -1, 784 }, engine.infer("reshape", { shape = { -1, 784 } }, { { -1, 28, 28 } }))
    assert.same({ -28, 28 }, engine.infer("reshape", { shape = { -1, 28 } }, { { -1, 784 } }))
    assert.same({ -2, 3 }, engine.infer("concatenate", { axis = 1 }, { { -1, 3 }, { -1, 3 } }))
    assert.same({ -1, 2 }, engine.infer("slice", { start = { 1, 2 }, shape = { -1, 2 } }, { { -1, 3 } }))
    assert.same({ -1, 5, 4 }, engine.infer("take", { axis = 1 }, { { 10, 4 }, { -1, 5 } }))
    assert.same({ -1, 4, 3 }, engine.infer("transpose", { axes = { 1, 3, 2 } }, { { -1, 3, 4 } }))
  end)

  it("refuses what the length of an unknown batch would decide", function()
    for _, case in ipairs { { "pad", { before = { 1, 0 }, after = { 0, 0 } } }, { "argsort", { axis = 1 } },
      { "slice", { start = { 2 }, shape = { -1 } } }, { "diagonal", {} }, { "broadcast_to", { shape = { 5, 3 } } } } do
      local shape, message = engine.infer(case[1], case[2], { { -1, 3 } })
      assert.is_nil(shape)
      assert.matches("^" .. case[1] .. ": ", message)
    end
  end)
end)
