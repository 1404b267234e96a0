-- Which runs collapsed, against runs that are merely poor or merely vary.
local collapse = require "nn.stats.collapse"

local function seeds_of(scores, mode, constant)
  local found, count = collapse.of(scores, mode, constant)
  local seeds = {}
  for seed in pairs(found) do seeds[#seeds + 1] = seed end
  table.sort(seeds)
  assert.equal(#seeds, count)
  return seeds
end

describe("runs that collapsed", function()
  it("are those at the constant answer whose siblings are far above", function()
    assert.same({ 4 }, seeds_of({ 0.971, 0.972, 0.97, 0.098 }, "max", 0.1))
    assert.same({ 2, 5 }, seeds_of({ 0.97, 0.1, 0.972, 0.971, 0.11, 0.969, 0.973 }, "max", 0.1))
    assert.same({ 1 }, seeds_of({ 8.3, 0.2, 0.21, 0.22 }, "min", 8.4))
  end)

  it("are not those that vary, with few seeds nor with many", function()
    assert.same({}, seeds_of({ 0.97, 0.9701, 0.955 }, "max", 0.1))
    assert.same({}, seeds_of({ 0.97, 0.98, 0.9, 0.96, 0.99 }, "max", 0.1))
    assert.same({}, seeds_of({ 0.2, 0.1, 0.15, 0.12, 0.11 }, "max", 0.1)) -- a poor variant
    assert.same({}, seeds_of({ 0.1, 0.1, 0.1, 0.97 }, "max", 0.1)) -- one that learns by luck
  end)

  it("are not those that are better than the others", function()
    assert.same({}, seeds_of({ 0.5, 0.51, 0.49, 0.99 }, "max", 0.1))
    assert.same({}, seeds_of({ 0.5, 0.51, 0.49, 0.01 }, "min", 1))
  end)

  it("are told from two runs never, and without a constant answer from five on", function()
    assert.same({}, seeds_of({ 0.97, 0.1 }, "max", 0.1))
    assert.same({}, seeds_of({ 0.97, 0.971, 0.972, 0.1 }, "max"))
    assert.same({ 5 }, seeds_of({ 0.97, 0.971, 0.972, 0.973, 0.1 }, "max"))
    assert.same({}, seeds_of({ 1, 1, 1, 1, 0.975 }, "max")) -- one sample
  end)

  it("are seldom found among normal runs", function()
    math.randomseed(3)
    for _, constant in ipairs { 0.1, false } do
      local found = 0
      for _ = 1, 2000 do
        local scores = {}
        for seed = 1, 8 do
          local normal = math.sqrt(-2 * math.log(1 - math.random())) * math.cos(2 * math.pi * math.random())
          scores[seed] = 0.9 + 0.01 * normal
        end
        found = found + select(2, collapse.of(scores, "max", constant or nil))
      end
      assert(found <= 10, found)
    end
  end)
end)
