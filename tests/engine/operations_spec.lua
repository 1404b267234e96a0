-- nn.ops: every operation against numbers computed elsewhere (golden/operations.json), and every gradient of the
-- engine's table against finite differences, for each use that these cases make of it.
local engine = require "engine.operations"
local json = require "dkjson"
local base = require "nn.ops.base"
local expect = require "tests.support.expect"
local golden = require "tests.support.golden"
local nn = require "nn"

local function read_cases()
  return json.decode(golden.read "tests/golden/operations.json", 1, json.null)
end

-- An argument of a case as a script writes it.
local function argument(value)
  if type(value) ~= "table" then return golden.numbers(value) end
  if value.int32 then return nn.tensor(value.int32, "int32") end
  return #value > 0 and type(value[1]) == "table" and nn.is_tensor(value) and value or golden.numbers(value)
end

-- The result of a case, and the operations of the table that it came to: { name, config, inputs, output }.
local function compute(case)
  local given, records = {}, {}
  for i, value in ipairs(case.arguments) do given[i] = argument(value) end
  base.recorder = function(...) records[#records + 1] = { ... } end
  local ok, result = pcall(nn.ops[case.op], table.unpack(given))
  base.recorder = nil
  if not ok then error(result, 0) end
  return result, records
end

local function title(case)
  return case.op .. " " .. json.encode(case.arguments):sub(1, 60)
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

local function check_values(case, result)
  local expected = golden.numbers(case.expected)
  assert.is_true(nn.is_tensor(result), title(case) .. " gives no tensor")
  assert.same(shape_of(expected), table.move(result.shape, 1, result.ndim, 1, {}), title(case))
  local want, have = flat(expected, {}), flat(result:totable(), {})
  for i, number in ipairs(want) do
    assert.is_true(is_near(number, have[i]), ("%s: number %d: expected %s, got %s"):format(title(case), i, number,
      have[i]))
  end
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

local function check_gradient(case, name, config, inputs, output)
  local weights, wanted = upstream(output.shape), {}
  for i in ipairs(inputs) do wanted[i] = true end
  local gradients = engine.gradient(name, config, inputs, output, weights, wanted)
  for i, gradient in ipairs(gradients) do
    assert.same(inputs[i].shape, gradient.shape)
    local exact, size = flat(gradient:totable(), {}), 0
    for _, slope in ipairs(exact) do size = math.max(size, math.abs(slope)) end
    for at, slope in ipairs(numeric(name, config, inputs, i, weights)) do
      assert.is_true(math.abs(slope - exact[at]) <= 1e-3 + 4e-3 * size, ("%s: %s, gradient of input %d, number %d: "
        .. "expected about %g, got %g"):format(title(case), name, i, at, slope, exact[at]))
    end
  end
end

describe("nn.ops", function()
  local cases, is_used, has_case = read_cases(), {}, {}

  it("gives the numbers of PyTorch and NumPy", function()
    for _, case in ipairs(cases) do
      local result, records = compute(case)
      check_values(case, result)
      has_case[nn.ops[case.op]] = true
      for _, record in ipairs(records) do is_used[record[1]] = true end
    end
  end)

  it("has a case for each of its names", function()
    local lacking = {}
    for name, operation in pairs(nn.ops) do
      if type(operation) == "function" and not has_case[operation] then lacking[#lacking + 1] = name end
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

  it("names the operation, what it expected and what it got", function()
    expect.fails("exp: x is missing", nn.ops.exp)
    expect.fails('exp: expected a tensor, a number or a nested table, got "x"', nn.ops.exp, "x")
    expect.fails("exp: unknown argument axis; it takes none", nn.ops.exp, { 1 }, { axis = 2 })
    expect.fails("operations_spec.lua:", function() nn.ops.exp "x" end)
  end)
end)

describe("the engine's table of operations", function()
  it("is sorted", function()
    local names = engine.names()
    local sorted = table.move(names, 1, #names, 1, {})
    table.sort(sorted)
    assert.same(sorted, names)
  end)

  it("gives only the gradients that are wanted", function()
    local x = nn.tensor { 1, 2 }
    local gradients = engine.gradient("sin", {}, { x }, x:sin(), nn.ones { 2 }, { false })
    assert.same({ false }, gradients)
  end)

  it("infers shapes of batches that are not known yet", function()
    assert.same({ -1, 3 }, engine.infer("sin", {}, { { -1, 3 } }))
  end)
end)
