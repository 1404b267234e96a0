-- Intervals over seeds and samples together, and what simulations say of them and of the tests.
local calibration = require "tests.support.calibration"
local power = require "nn.stats.power"
local quantiles = require "nn.stats.quantiles"
local sampling = require "nn.stats.sampling"
local stats = require "nn.stats"

local SHARE = { proportion = true, low = 0, high = 1 }

local function near(expected, actual, tolerance)
  assert(math.abs(expected - actual) <= tolerance, ("expected %.9g, got %.9g"):format(expected, actual))
end

local function table_of(runs)
  local scores = sampling.new()
  for _, values in ipairs(runs) do scores:add(values) end
  return scores
end

local function repeated(value, count)
  local list = {}
  for i = 1, count do list[i] = value end
  return list
end

describe("quantiles", function()
  it("of t between whole degrees of freedom are those of the integral", function()
    -- by Simpson's rule over the density
    for df, t in pairs { [1.5] = 6.0167, [2.5] = 3.5747, [4.3] = 2.7017, [13.3] = 2.1554 } do
      near(t, quantiles.t(df), 0.03 * t)
    end
    near(1.96390, quantiles.t(600), 1e-4)
    near(quantiles.normal(), quantiles.t(math.huge), 1e-12)
  end)
end)

describe("the interval for new samples and new seeds", function()
  it("is that of the two-way table by hand", function()
    -- mean squares: runs 6, samples 4.5, rest 0.5
    local low, high = table_of({ { 1, 2, 3 }, { 2, 4, 6 } }):interval()
    local reach = math.sqrt(10 / 6) * quantiles.t(100 / 46.25)
    near(3 - reach, low, 1e-9)
    near(3 + reach, high, 1e-9)
  end)

  it("of one run is Student's over the samples, or Wilson's", function()
    local low, high = table_of({ { 1, 2, 4, 9 } }):interval()
    assert.same({ stats.t_interval { 1, 2, 4, 9 } }, { low, high })
    local values = repeated(1, 40)
    values[3], values[20] = 0, 0
    low, high = table_of({ values }):interval(SHARE)
    local expected_low, expected_high = stats.wilson_interval(38 / 40, 40)
    near(expected_low, low, 1e-3)
    near(expected_high, high, 1e-3)
  end)

  it("is no narrower for eight runs that are the same than for one", function()
    local values, runs = repeated(1, 200), {}
    for i = 1, 200, 9 do values[i] = 0 end
    for s = 1, 8 do runs[s] = values end
    local low, high = table_of(runs):interval(SHARE)
    local one_low, one_high = table_of({ values }):interval(SHARE)
    near(one_low, low, 1e-9)
    near(one_high, high, 1e-9)
  end)

  it("where all are right says what so many samples can say", function()
    local runs = {}
    for s = 1, 8 do runs[s] = repeated(1, 30) end
    local low, high = table_of(runs):interval(SHARE)
    near(0.8865, low, 1e-3) -- Wilson's of 30 of 30
    near(1, high, 1e-9)
    low, high = table_of({ repeated(0, 30), repeated(0, 30) }):interval(SHARE)
    near(0, low, 1e-9)
    near(1 - 0.8865, high, 1e-3)
  end)

  it("stays within the bounds of the metric, and needs two samples", function()
    local low = table_of({ { 0, 0, 0, 5 }, { 0, 0, 1, 5 } }):interval { low = 0 }
    assert.equal(0, low)
    assert.is_nil(table_of({ { 1 }, { 0 } }):interval(SHARE))
    assert.is_nil(sampling.new():interval(SHARE))
  end)
end)

describe("in simulations", function()
  it("the interval for new samples and new seeds holds", function()
    for _, case in ipairs {
      { 3, 100, 0.6 }, { 8, 100, 0.9 }, { 20, 100, 0.97 }, { 3, 1000, 0.97 }, { 8, 1000, 0.995 }, { 20, 1000, 0.6 },
    } do
      local held = calibration.accuracy { seeds = case[1], samples = case[2], accuracy = case[3], sd_seed = 0.1,
        sd_sample = 2, families = 300 }
      assert(held.both >= 0.92, ("%d seeds, %d samples, %g: %.3f"):format(case[1], case[2], case[3], held.both))
      -- the interval over seeds alone promises less, and holds less the more seeds there are
      if case[1] >= 8 then assert(held.seeds < 0.9, held.seeds) end
    end
    assert(calibration.squared_error { seeds = 8, samples = 100, sd_seed = 0.1, sd_sample = 1, sd_rest = 0.5,
      families = 300 } >= 0.91)
  end)

  it("equal variants are seldom called different", function()
    for _, noise in ipairs { "normal", "heavy tails", "bounded" } do
      local flagged = calibration.null { noise = noise, variants = 5, seeds = 8, families = 500 }
      assert(flagged <= 0.06, ("%s: %.3f"):format(noise, flagged))
    end
  end)

  it("four times in five is four times in five", function()
    for _, case in ipairs { { 2, 8 }, { 2, 16 }, { 5, 10 } } do
      local found = calibration.promise { variants = case[1], seeds = case[2], families = 1500 }
      assert(found >= 0.77 and found <= 0.86, ("%d variants, %d seeds: %.3f"):format(case[1], case[2], found))
    end
  end)

  it("fresh seeds hold where the seeds that chose do not", function()
    local held = calibration.best { variants = 40, seeds = 8, fresh = 5, families = 500 }
    assert(held.chosen < 0.7, held.chosen)
    assert(held.fresh >= 0.92, held.fresh)
  end)
end)

describe("power", function()
  it("takes each pair with the seeds that it shares", function()
    local function differences(count)
      local list = {}
      for i = 1, count do list[i] = i % 2 == 0 and 1 or -1 end
      return { differences = list }
    end
    local few, many = differences(8), differences(20)
    near(power.detectable(8, 3) * stats.sd(few.differences), power.difference({ few, few, many }, 3), 1e-12)
    near(power.detectable(20, 3) * stats.sd(many.differences), power.difference({ few, many, many }, 3), 1e-12)
    assert.is_nil(power.difference({ differences(3) }, 3)) -- no test with three seeds
    assert.is_nil(power.difference({ { differences = { 1, 1, 1, 1, 1, 1, 1, 1 } } }, 1)) -- no spread
  end)
end)
