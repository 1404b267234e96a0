-- Statistics against printed tables and worked examples.
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
