-- A few damaged files of every kind: each is read, or gives one clean message. `make fuzz` tries many.
local fakes = require "tests.support.experiment_fakes"
local fuzz = require "tests.fuzz.fuzz"
local Mutator = require "tests.fuzz.mutate"
local nn = require "nn"
local verdict = require "tests.fuzz.verdict"

-- Whole reports are written.
local SLOW = { trial_records = true, experiment_records = true, histories = true, seals = true }

describe("damaged files give clean messages:", function()
  local folder, stderr = nil, io.stderr

  setup(function()
    folder = fakes.folder()
    io.stderr = { write = function() end, flush = function() end } -- luacheck: ignore
    nn.advice.silence()
  end)

  teardown(function()
    io.stderr = stderr -- luacheck: ignore
    nn.advice.reset()
    fakes.clean()
  end)

  for _, name in ipairs(fuzz.names()) do
    it(name, function()
      local enough = SLOW[name] and 15 or 250
      local faults, count = fuzz.run(name, folder, 1, function(tried) return tried < enough end)
      assert.are.equal(enough, count)
      assert.is_nil(faults[1] and faults[1][1])
    end)
  end
end)

describe("the fuzzer", function()
  it("tells messages of nnrun's own mistakes from clean ones", function()
    for _, message in ipairs { "attempt to index a nil value (field 'x')", "bad argument #1 to 'f' (number expected)",
      "scripts/nn/support/json.lua:3: no", "", "nil" } do
      assert.is_string(verdict.fault(message))
    end
    assert.is_string(verdict.fault({}))
    assert.is_nil(verdict.fault "lab.lua:3: x.csv: line 2, column 1: expected a number")
    assert.is_string(verdict.of(function() return nil .. "x" end))
    assert.is_nil(verdict.of(function() error("x.csv: not so", 0) end))
  end)

  it("damages in the same way for the same seed, and in others for others", function()
    local text = '{"a":[1,2,{"b":true}],"c":"d"}'
    local function copies(seed)
      local mutator, list = Mutator.new(seed), {}
      for i = 1, 20 do list[i] = { mutator:bytes(text), mutator:json(text) } end
      return list
    end
    assert.are.same(copies(1), copies(1))
    assert.are_not.same(copies(1), copies(2))
    local same = 0
    for _, copy in ipairs(copies(3)) do same = same + (copy[1] == text and 1 or 0) end
    assert.is_true(same < 5)
  end)
end)
