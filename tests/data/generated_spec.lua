-- Made-up points: scikit-learn's shapes, noise, order and seeds.
local expect = require "tests.support.expect"
local nn = require "nn"

local datasets = nn.datasets

-- Distances from the middle, as a list.
local function radii(x) return ((x ^ 2):sum(2)):sqrt():totable() end

describe("nn.datasets.make_circles", function()
  it("gives circles of radius 1 and factor, half the points each", function()
    local x, y = datasets.make_circles { n_samples = 50, factor = 0.5, shuffle = false }
    assert.are.same({ { 50, 2 }, { 50 } }, { { #x, x.shape[2] }, y.shape })
    for i, radius in ipairs(radii(x)) do assert.is_near(i <= 25 and 1 or 0.5, radius, 1e-6) end
    assert.are.equal(25, y:sum())
    assert.is_near(1, x[1][1], 1e-6)
    assert.is_near(math.cos(2 * math.pi / 25), x[2][1], 1e-6)
  end)
end)

describe("nn.datasets.make_moons", function()
  it("gives scikit-learn's half circles", function()
    local x, y = datasets.make_moons { n_samples = 6, shuffle = false }
    local expected = nn.tensor { { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, 0.5 }, { 1, -0.5 }, { 2, 0.5 } }
    assert.is_true((x - expected):abs():max() < 1e-6)
    assert.are.same({ 0, 0, 0, 1, 1, 1 }, y:totable())
  end)
end)

describe("nn.datasets.make_spirals", function()
  it("gives each arm as many points, turned against each other", function()
    local x, y = datasets.make_spirals { n_samples = 90, arms = 3, shuffle = false }
    local distances = radii(x)
    assert.are.same({ 30, 30, 30 }, { y:eq(0):sum(), y:eq(1):sum(), y:eq(2):sum() })
    assert.is_near(distances[30], distances[60], 1e-5)
    assert.is_true(distances[1] < 0.1 and math.abs(distances[30] - 1) < 1e-5)
  end)
end)

describe("nn.datasets.make_xor", function()
  it("asks whether exactly one coordinate is above 0", function()
    local x, y = datasets.make_xor { n_samples = 40 }
    for i, point in ipairs(x:totable()) do
      assert.are.equal((point[1] > 0) ~= (point[2] > 0) and 1 or 0, y[i])
    end
  end)
end)

describe("made-up points", function()
  it("are the same for a seed, others for another one", function()
    for _, name in ipairs { "make_circles", "make_moons", "make_spirals", "make_xor" } do
      local function bytes(seed) return datasets[name]({ noise = 0.1, random_state = seed }):bytes() end
      assert.is_true(bytes(1) == bytes(1))
      assert.is_false(bytes(1) == bytes(2))
    end
  end)

  it("are as noisy as was asked for", function()
    local exact = datasets.make_circles { n_samples = 4000, shuffle = false }
    local noisy = datasets.make_circles { n_samples = 4000, shuffle = false, noise = 0.2, random_state = 1 }
    assert.is_near(0.2, (noisy - exact):std(), 0.01)
  end)

  it("refuse what makes no sense", function()
    expect.fails("make_moons: noise: expected a standard deviation of at least 0, got -1", datasets.make_moons,
      { noise = -1 })
    expect.fails("make_circles: factor: expected a number from 0 to below 1, got 2", datasets.make_circles,
      { factor = 2 })
    expect.fails("n_samples", datasets.make_xor, { n_samples = 1 })
  end)
end)
