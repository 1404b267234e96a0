-- Statistics against printed tables and worked examples.
local power = require "nn.stats.power"
local stats = require "nn.stats"

local function near(expected, actual, tolerance)
  assert(math.abs(expected - actual) <= tolerance, ("expected %.9g, got %.9g"):format(expected, actual))
end

describe("nn.stats", function()
  it("gives mean and standard deviation of a sample", function()
    near(5, stats.mean { 2, 4, 4, 4, 5, 5, 7, 9 }, 1e-12)
    near(math.sqrt(32 / 7), stats.sd { 2, 4, 4, 4, 5, 5, 7, 9 }, 1e-12)
    near(0.97, stats.mean { 0.97 }, 0)
  end)

  it("gives Student's t as tables print it", function()
    local two_sided = { -- degrees of freedom, 90 %, 95 %, 99 %
      { 1, 6.314, 12.706, 63.657 }, { 2, 2.920, 4.303, 9.925 }, { 3, 2.353, 3.182, 5.841 }, { 4, 2.132, 2.776, 4.604 },
      { 5, 2.015, 2.571, 4.032 }, { 9, 1.833, 2.262, 3.250 }, { 10, 1.812, 2.228, 3.169 }, { 29, 1.699, 2.045, 2.756 },
      { 30, 1.697, 2.042, 2.750 }, { 60, 1.671, 2.000, 2.660 }, { 120, 1.658, 1.980, 2.617 },
    }
    for _, row in ipairs(two_sided) do
      near(row[2], stats.t_quantile(row[1], 0.90), 5.1e-4)
      near(row[3], stats.t_quantile(row[1]), 5.1e-4)
      near(row[4], stats.t_quantile(row[1], 0.99), 5.1e-4)
    end
  end)

  it("gives the normal quantiles, which t approaches", function()
    near(1.644854, stats.normal_quantile(0.90), 5e-7)
    near(1.959964, stats.normal_quantile(), 5e-7)
    near(2.575829, stats.normal_quantile(0.99), 5e-7)
    near(stats.normal_quantile(), stats.t_quantile(100001), 5e-5)
  end)

  it("gives the interval of a mean as for Student's own sleep data", function()
    local low, high = stats.t_interval { 1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4 }
    near(0.7001142, low, 1e-6)
    near(2.4598858, high, 1e-6)
  end)

  it("gives an interval without width where all values are the same", function()
    assert.same({ 0.5, 0.5 }, { stats.t_interval { 0.5, 0.5, 0.5 } })
  end)

  -- The four examples of Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
  -- 17, 1998, table I, method 3.
  it("gives Wilson's interval as in Newcombe's examples", function()
    for _, row in ipairs {
      { 81, 263, 0.2553, 0.3662 }, { 15, 148, 0.0624, 0.1605 }, { 0, 20, 0, 0.1611 }, { 1, 29, 0.0061, 0.1718 },
    } do
      local low, high = stats.wilson_interval(row[1] / row[2], row[2])
      near(row[3], low, 5e-5)
      near(row[4], high, 5e-5)
    end
  end)

  it("keeps Wilson's interval within 0 and 1", function()
    local low, high = stats.wilson_interval(0, 7)
    assert(low >= 0 and low < 1e-9)
    assert(high < 1)
    low, high = stats.wilson_interval(1, 7)
    assert(low > 0)
    assert(high <= 1 and high > 1 - 1e-9)
  end)

  it("gives the width known for 98 % of 10,000", function()
    local low, high = stats.wilson_interval(0.98, 10000)
    near(0.0027, (high - low) / 2, 5e-5)
  end)
end)

describe("nn.stats, of paired differences,", function()
  it("gives the exact sign-flip p-value", function()
    near(2 / 64, stats.sign_flip { 0.2, 0.1, 0.3, 0.2, 0.1, 0.4 }, 0)
    near(6 / 16, stats.sign_flip { 1, -1, 2, 3 }, 0) -- counted by hand
    near(1, stats.sign_flip { 1, -1 }, 0)
    near(1, stats.sign_flip { 0, 0, 0 }, 0)
    -- Darwin's 15 pairs of plants in eighths of an inch, Fisher's own example: 1726 of 32768 ways.
    near(1726 / 32768, stats.sign_flip { 49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48 }, 1e-12)
  end)

  it("gives the paired t-test's p-value", function()
    -- t = 2.148 with 14 degrees of freedom for Darwin's pairs: Fisher gives 0.0497.
    near(0.0497, stats.t_test { 49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48 }, 1e-4)
    near(0, stats.t_test { 1, 1, 1 }, 0)
    near(1, stats.t_test { 0, 0, 0 }, 0)
  end)

  it("tests exactly as long as there are few", function()
    local few, many = {}, {}
    for i = 1, 12 do few[i] = i end
    for i = 1, 13 do many[i] = i end
    near(2 / 4096, stats.paired_test(few), 0)
    near(stats.t_test(many), stats.paired_test(many), 0)
    near(1, stats.paired_test { 3 }, 0)
  end)

  it("gives the interval that agrees with the test, whatever is taken off the differences", function()
    local differences, state = {}, 7
    for count = 6, 14 do
      for i = 1, count do
        state = state * 48271 % 2147483647
        differences[i] = state / 2147483647 - 0.3
      end
      for _, level in ipairs { 0.05, 0.05 / 3 } do
        local low, high = stats.paired_interval(differences, level)
        for shift = -1, 1, 0.02 do
          local moved = {}
          for i = 1, count do moved[i] = differences[i] - shift end
          if low then
            assert.equal(stats.paired_test(moved) > level, shift >= low and shift <= high, ("%d %g"):format(count,
              shift))
          else
            assert(stats.paired_test(moved) > level)
          end
        end
      end
    end
    assert.is_nil(stats.paired_interval({ 1, 2, 3, 4, 5 }, 0.05))
    -- by hand: of four differences, at 1/8 the smallest and the largest
    assert.same({ 1, 8 }, { stats.paired_interval({ 1, 8, 2, 4 }, 1 / 8) })
  end)

  it("corrects by Holm's method", function()
    local adjusted = stats.holm { 0.01, 0.04, 0.03 }
    near(0.03, adjusted[1], 1e-12)
    near(0.06, adjusted[2], 1e-12)
    near(0.06, adjusted[3], 1e-12)
    assert.same({ 1, 1 }, stats.holm { 0.7, 0.9 })
    assert.same({}, stats.holm {})
  end)

  it("tells how many seeds it takes", function()
    assert.equal(6, stats.fewest_seeds(1))
    assert.equal(7, stats.fewest_seeds(2))
    assert.equal(8, stats.fewest_seeds(4))
    assert.equal(13, stats.fewest_seeds(1e6))
    assert.is_nil(power.detectable(5))
    near(0, power.of(9, 5), 0)
  end)

  it("gives the power of the t-test as tables do", function()
    -- G*Power, two-sided 0.05: 20 pairs, effect 0.6604 has power 0.80.
    near(0.80, power.of(0.6604, 20), 0.04)
    assert(power.of(power.detectable(10, 3), 10, 3) > 0.83) -- as the spread that it is told in is an estimate
    near(0.05, power.of(0, 20), 0.025)
  end)
end)

describe("nn.calibrate", function()
  local calibrate = require("nn.stats.calibrate").calibrate

  it("finds that null sweeps are left alone and a planted half point is found as often as claimed", function()
    for _, case in ipairs { { variants = 5, seeds = 8 }, { variants = 4, seeds = 14 }, { variants = 2, seeds = 6 } } do
      case.families = 400
      local result = calibrate(case)
      print(("\n  %d variants, %2d seeds: flagged %.3f, found %.3f, claimed %.3f"):format(case.variants, case.seeds,
        result.flagged, result.found, result.claimed))
      assert(result.flagged < 0.05, result.flagged)
      near(result.claimed, result.found, 0.06)
    end
  end)

  it("flags nothing with five seeds, however large the difference", function()
    local result = calibrate { seeds = 5, families = 50, difference = 1 }
    near(0, result.flagged, 0)
    near(0, result.found, 0)
    near(0, result.claimed, 0)
  end)

  it("takes real runs", function()
    local seeds, calls = {}, 0
    calibrate { variants = 2, seeds = 2, families = 3, run = function(seed)
      calls, seeds[seed] = calls + 1, true
      return calls
    end }
    assert.equal(12, calls)
    local count = 0
    for _ in pairs(seeds) do count = count + 1 end
    assert.equal(12, count)
  end)

  it("refuses what makes no sense", function()
    assert.error_matches(function() calibrate { seeds = 1 } end, "seeds: expected a whole number from 2, got 1")
    assert.error_matches(function() calibrate { run = 7 } end, "run: expected a function")
    assert.error_matches(function() calibrate { sedes = 7 } end, "unknown argument sedes; did you mean seeds?")
  end)
end)
