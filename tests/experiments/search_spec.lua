local comparison = require "nn.stats.comparison"
local stats = require "nn.stats"
local draws = require "nn.search.draws"
local median = require "nn.search.median"
local search = require "nn.search"
local space = require "nn.search.space"
local surface = require "tests.support.recorded_surface"

describe("a space", function()
  it("spreads its values evenly", function()
    assert.equal(-4, space.uniform(-5, 5):at(0.1))
    assert.equal(5, space.uniform(0, 10):at(0.5))
    assert.equal(0.01, space.log_uniform(1e-4, 1):at(0.5))
    assert.same({ 3, 4, 5 }, space.int_uniform(3, 5):list())
    assert.equal(3, space.int_uniform(3, 5):at(0.333))
    assert.equal(4, space.int_uniform(3, 5):at(0.334))
    assert.equal(5, space.int_uniform(3, 5):at(0.999999))
    assert.equal("b", space.choice({ "a", "b" }):at(0.5))
  end)

  it("keeps to its steps", function()
    assert.same({ 32, 64, 96 }, space.quantized(32, 100, 32):list())
    assert.equal("integer", math.type(space.quantized(32, 100, 32):at(0.5)))
    assert.same({ 0.1, 0.2, 0.3 }, space.quantized(0.1, 0.3, 0.1):list())
  end)

  it("knows where a value lies", function()
    for _, each in ipairs { space.uniform(-1, 3), space.log_uniform(1e-3, 10), space.int_uniform(0, 9),
      space.quantized(0, 1, 0.25), space.choice { "x", { 1, 2 }, false } } do
      for u = 0.05, 0.95, 0.1 do
        local value = each:at(u)
        assert.same(value, each:at(each:position(value)))
      end
    end
    assert.is_nil(space.uniform(0, 1):position(1.5))
    assert.is_nil(space.uniform(0, 1):position "a")
    assert.is_nil(space.int_uniform(0, 5):position(2.5))
    assert.is_nil(space.choice({ 1, 2 }):position(3))
  end)

  it("refuses what makes no sense", function()
    for _, case in ipairs {
      { function() space.uniform(2, 1) end, "space.uniform: expected low < high, got 2 and 1" },
      { function() space.uniform(0) end, "space.uniform: high: expected a number, got nil" },
      { function() space.uniform(0, 1 / 0) end, "high: expected a number, got inf" },
      { function() space.log_uniform(0, 1) end, "expected numbers above 0, got low = 0" },
      { function() space.int_uniform(1, 2.5) end, "expected whole numbers, got 1 and 2.5" },
      { function() space.quantized(0, 1, 0) end, "step: expected a number above 0 and at most 1, got 0" },
      { function() space.quantized(0, 1, 2) end, "step: expected a number above 0 and at most 1, got 2" },
      { function() space.choice {} end, "space.choice: expected a list of values, got an empty one" },
      { function() space.choice "relu" end, 'expected a list of values, got "relu"' },
      { function() space.choice { print } end, "space.choice%[1%]: expected a number, a string" },
    } do
      assert.error_matches(case[1], case[2])
    end
  end)
end)

local LINE = { x = space.uniform(-1, 1) }

describe("a search", function()
  local function points(what, options)
    local list = {}
    local _, done = search.minimize(function(p) return p.x and p.x ^ 2 or 0 end, what, options)
    for i, point in ipairs(done) do list[i] = point.params end
    return list
  end

  it("draws the same each time, and other things with another seed", function()
    for _, method in ipairs { "random", "tpe" } do
      local first = points(LINE, { method = method, trials = 15 })
      assert.same(first, points(LINE, { method = method, trials = 15 }))
      assert.not_same(first, points(LINE, { method = method, trials = 15, seed = 2 }))
    end
  end)

  it("draws a parameter as it would without the others", function()
    local both = points({ x = LINE.x, y = space.uniform(0, 1) }, { method = "random", trials = 5 })
    local alone = points(LINE, { method = "random", trials = 5 })
    for i, params in ipairs(both) do assert.equal(alone[i].x, params.x) end
  end)

  it("draws the same in any number of rounds where it is random", function()
    local rounds = points(LINE, { method = "random", trials = 9, rounds = 4 })
    assert.same(points(LINE, { method = "random", trials = 9 }), rounds)
  end)

  it("draws what depends on something else from a function", function()
    local function sampler(draw)
      if draw("optimizer", { "adam", "sgd" }) == "sgd" then draw("momentum", space.uniform(0, 0.9)) end
      return { depth = 2 }
    end
    for _, method in ipairs { "random", "tpe" } do
      local seen = { adam = 0, sgd = 0 }
      search.minimize(function(p)
        seen[p.optimizer] = seen[p.optimizer] + 1
        assert.equal(p.optimizer == "sgd", p.momentum ~= nil)
        assert.equal(2, p.depth)
        return p.momentum and (p.momentum - 0.6) ^ 2 or 1
      end, sampler, { method = method, trials = 40 })
      assert(seen.adam > 0 and seen.sgd > 0)
      if method == "tpe" then assert(seen.sgd > 2 * seen.adam, seen.sgd) end
    end
  end)

  it("does not try the same twice while there is something else", function()
    for _, method in ipairs { "random", "tpe" } do
      local seen, count = {}, 0
      for _, params in ipairs(points({ x = space.int_uniform(1, 8) }, { method = method, trials = 7 })) do
        count = count + (seen[params.x] and 0 or 1)
        seen[params.x] = true
      end
      assert.equal(7, count)
    end
  end)

  it("learns which of some choices is good", function()
    local best, done = search.minimize(function(p) return (p.a == "good" and 0 or 1) + math.abs(p.b - 70) / 100 end,
      { a = { "bad", "worse", "good" }, b = space.int_uniform(1, 100) }, { method = "tpe", trials = 60 })
    assert(best.params.a == "good" and math.abs(best.params.b - 70) <= 3, best.params.b)
    local good = 0
    for _, point in ipairs(done) do good = good + (point.params.a == "good" and 1 or 0) end
    assert(good > 30, good)
  end)

  it("starts from what is known already", function()
    local known = {}
    for i = 1, 10 do
      known[i] = search.replay(LINE, { x = i / 10 - 0.6 })
      known[i].loss = (i / 10 - 0.8) ^ 2
    end
    assert.is_nil(search.replay(LINE, { x = 2 }))
    assert.is_nil(search.replay(LINE, { y = 0 }))
    local _, done = search.minimize(function(p) return (p.x - 0.2) ^ 2 end, LINE,
      { method = "tpe", trials = 16, known = known })
    local near = 0
    for i = 11, 26 do near = near + (math.abs(done[i].params.x - 0.2) < 0.35 and 1 or 0) end
    assert(near >= 9, tostring(near))
  end)

  it("goes on where trials have no result", function()
    local best = search.minimize(function(p) return p.x < 0 and math.huge or p.x end, LINE,
      { method = "tpe", trials = 30 })
    assert(best.params.x < 0.3)
  end)

  it("halves: the best third goes on with three times the epochs", function()
    local method = search.new(LINE, { method = "halving", max_epochs = 9, trials = 9 })
    local sizes, best = {}, nil
    local round = method:propose()
    assert.equal(13, method.planned)
    while round do
      sizes[#sizes + 1] = { #round, round[1].epochs }
      for _, point in ipairs(round) do
        point.loss = math.abs(point.params.x)
        if not best or point.loss < best then best = point.loss end
      end
      local last = round
      round = method:propose()
      if not round then assert.equal(best, last[1].loss) end
    end
    assert.same({ { 9, 1 }, { 3, 3 }, { 1, 9 } }, sizes)
  end)

  it("runs hyperband's brackets", function()
    local sizes = {}
    local method = search.new(LINE, { method = "hyperband", max_epochs = 9 })
    local numbers = {}
    for round in function() return method:propose() end do
      sizes[#sizes + 1] = { #round, round[1].epochs }
      for _, point in ipairs(round) do
        point.loss = point.params.x
        numbers[point.number] = true
      end
    end
    -- Table 1 of the paper for R = 9 and eta = 3.
    assert.same({ { 9, 1 }, { 3, 3 }, { 1, 9 }, { 5, 3 }, { 1, 9 }, { 3, 9 } }, sizes)
    assert.equal(17, #numbers)
  end)

  it("refuses what makes no sense", function()
    for _, case in ipairs {
      { { method = "tbe" }, LINE, "there is no method tbe; did you mean tpe?" },
      { { method = "random", trials = 0 }, LINE, "trials: expected a whole number from 1, got 0" },
      { { method = "random", factor = 3 }, LINE, "factor is no option of the method random" },
      { { method = "halving", max_epochs = 9, rounds = 3 }, LINE, "rounds is no option of the method halving" },
      { { method = "halving", max_epochs = 2, min_epochs = 3 }, LINE, "min_epochs is 3, more than the 2" },
      { { method = "hyperband", max_epochs = 9, trials = 3 }, LINE, "trials is no option of the method hyperband" },
      { { method = "halving", max_epochs = 9, factor = 1 }, LINE, "factor: expected a number above 1, got 1" },
      { { method = "random" }, {}, "expected spaces by name, .* got an empty table" },
      { { method = "random" }, { { "x", { 1 } } }, "expected spaces by name, .* got a list" },
      { { method = "random" }, { x = 7 }, "x: expected a space .* or a list of values, got 7" },
      { { method = "random" }, function() end, "has drawn nothing" },
      { { method = "random" }, function(draw) draw(1, LINE.x) end, "expected a parameter's name, got 1" },
      { { method = "random" }, function(draw) draw("x", 1) end, "draw: x: expected a space" },
      { { method = "random" }, function(draw) draw("x", LINE.x) draw("x", LINE.x) end, "x was drawn already" },
      { { method = "random" }, function(draw) return draw("x", LINE.x) end, "returns nothing or a table" },
    } do
      assert.error_matches(function() search.minimize(function() return 0 end, case[2], case[1]) end, case[3])
    end
  end)
end)

-- ---- better than chance ---------------------------------------------------------------------------------------------

local HILLS = { 1, 1.2, 3, 3.2 }
local SLOPES = { { 10, 3, 17, 3.5, 1.7, 8 }, { 0.05, 10, 17, 0.1, 8, 14 }, { 3, 3.5, 1.7, 10, 17, 8 },
  { 17, 8, 0.05, 10, 0.1, 14 } }
local TOPS = { { 0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886 }, { 0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991 },
  { 0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650 }, { 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381 } }

local function hartmann(p)
  local sum = 0
  for i, height in ipairs(HILLS) do
    local far = 0
    for j = 1, 6 do far = far + SLOPES[i][j] * (p["x" .. j] - TOPS[i][j]) ^ 2 end
    sum = sum - height * math.exp(-far)
  end
  return sum
end

local function branin(p)
  local bow = p.y - 5.1 / (4 * math.pi ^ 2) * p.x ^ 2 + 5 / math.pi * p.x - 6
  return bow ^ 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(p.x) + 10
end

describe("tpe", function()
  local cube = {}
  for j = 1, 6 do cube["x" .. j] = space.uniform(0, 1) end
  local problems = {
    { "Branin", branin, { x = space.uniform(-5, 10), y = space.uniform(0, 15) } },
    { "Hartmann-6", hartmann, cube },
    { "recorded", surface.error, { learning_rate = space.log_uniform(1e-3, 3.16), width = space.int_uniform(4, 128),
      momentum = space.uniform(0, 0.98) } },
  }

  it("knows the test functions", function()
    assert(math.abs(branin { x = math.pi, y = 2.275 } - 0.397887) < 1e-6)
    local top = {}
    for j, x in ipairs { 0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573 } do top["x" .. j] = x end
    assert(math.abs(hartmann(top) + 3.32237) < 1e-5)
    assert(math.abs(surface.error { learning_rate = 1e-3, width = 4, momentum = 0 } - 0.89) < 0.05)
  end)

  for _, problem in ipairs(problems) do
    it("is better than random on " .. problem[1] .. " for at least 8 of 10 seeds", function()
      local wins, lines = 0, {}
      for seed = 1, 10 do
        local function best(method)
          return search.minimize(problem[2], problem[3], { method = method, trials = 60, seed = seed }).loss
        end
        local tpe, random = best "tpe", best "random"
        wins = wins + (tpe < random and 1 or 0)
        lines[seed] = ("  %-10s seed %2d  tpe %9.5f  random %9.5f"):format(problem[1], seed, tpe, random)
      end
      print("\n" .. table.concat(lines, "\n"))
      assert(wins >= 8, wins)
    end)
  end
end)

describe("the median rule", function()
  it("demands the median of the best so far", function()
    local histories = { { 0.5, 0.4, 0.6 }, { 0.7, 0.8 }, { 0.1, 0.2, 0.3 }, { 0.3, 0.5, 0.9 } }
    assert.same({ 0.4, 0.5 }, median.demands(histories, "max"))
    assert.same({ [3] = 0.6 }, median.demands(histories, "max", { trials = 3, epochs = 3 }))
    assert.same({ 0.4, 0.35 }, median.demands(histories, "min"))
    assert.same({}, median.demands({ { 1 } }, "max"))
    assert.same({ 1, 1 }, median.demands({ { 0 / 0, 1 }, { 1 } }, "max", { trials = 1 }))
  end)
end)

describe("draws", function()
  it("are spread over the space", function()
    local sum, low, high = 0, 1, 0
    for number = 1, 500 do
      local u = draws.source(1, number) "x"
      sum, low, high = sum + u, math.min(low, u), math.max(high, u)
    end
    assert(math.abs(sum / 500 - 0.5) < 0.05 and low < 0.02 and high > 0.98)
  end)
end)

describe("a comparison", function()
  local function item(scores, parameters) return { scores = scores, parameters = parameters } end

  it("is paired by seed", function()
    local base = item { 0.1, 0.5, 0.9, 0.2, 0.6, 0.8 }
    local better = item { 0.11, 0.52, 0.91, 0.22, 0.61, 0.83 }
    local list = comparison.with_baseline({ base, better }, base)
    assert.equal(1, #list)
    assert(math.abs(list[1].mean - 0.1 / 6) < 1e-12)
    assert.equal(0.03125, list[1].p)
    assert.is_true(list[1].is_significant)
  end)

  it("uses the seeds that both have, two at least", function()
    local base = item { [1] = 0.5, [3] = 0.6, [4] = 0.7 }
    local list = comparison.with_baseline({ base, item { [3] = 0.7, [4] = 0.9 }, item { [4] = 1 } }, base)
    assert.equal(1, #list)
    assert(math.abs(list[1].mean - 0.15) < 1e-12)
  end)

  it("with the best corrects for all pairs among which it was chosen, and agrees with its intervals", function()
    local items, state = {}, 3
    for i = 1, 4 do
      items[i] = item {}
      for seed = 1, 10 do
        state = state * 48271 % 2147483647
        items[i].scores[seed] = 0.9 + i / 400 + state / 2147483647 / 200
      end
    end
    local plain, chosen = comparison.with_baseline(items, items[4]), comparison.with_baseline(items, items[4], true)
    assert.equal(6, select(2, comparison.with_baseline(items, items[4], true)))
    for i, each in ipairs(chosen) do
      assert.equal(items[i], each.item)
      assert.equal(plain[i].mean, each.mean)
      assert(each.adjusted >= plain[i].adjusted)
      for _, test in ipairs { each, plain[i] } do
        local low, high = stats.paired_interval(test.differences, test.level)
        assert.equal(test.is_significant, low ~= nil and (low > 0 or high < 0))
      end
    end
  end)

  it("ties ranks that the data do not separate", function()
    local a, b, c = {}, {}, {}
    for i = 1, 8 do a[i], b[i], c[i] = 0.9 + i / 1000, 0.9 + (i % 3) / 500, 0.8 + (i * i % 5) / 1000 end
    assert.same({ 1, 1, 3 }, comparison.ranks({ item(a), item(b), item(c) }, true))
    assert.same({ 1, 1, 1 }, comparison.ranks({ item(a), item(b), item(c) }, false))
  end)

  it("names the simplest within one standard error of the best", function()
    local best, near, far = item({ 0.9, 0.8, 1.0 }, 300), item({ 0.85, 0.86, 0.87 }, 200), item({ 0.5, 0.5, 0.5 }, 1)
    local simplest, one = comparison.simplest { best, near, far }
    assert.equal(near, simplest)
    assert(math.abs(one - 0.1 / math.sqrt(3)) < 1e-12)
    assert.is_nil(comparison.simplest { item({ 0.9 }, 3) })
  end)
end)
