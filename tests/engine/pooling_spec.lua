-- Pooling, at each level of vector code this processor has, held against loops that cannot be wrong.
local kernels = require "engine.kernels"
local nn = require "nn"
local windows = require "engine.windows"

local LEVELS = kernels.levels()

local function cells(size) return size[1] * size[2] * size[3] end

local function window(t)
  for _, name in ipairs { "kernel", "stride" } do t[name] = t[name] or { 1, 1, 1 } end
  t.dilation, t.filters, t.groups = { 1, 1, 1 }, t.channels, t.channels
  return t
end

-- Calls visit(number of the output, cells of the image that it sees in row-major order), from 0.
local function walk(w, sizes, visit)
  local image, output, before = sizes.image, sizes.output, sizes.before
  local function seen(axis, q)
    local list = {}
    for k = 0, w.kernel[axis] - 1 do
      local i = q * w.stride[axis] + k - before[axis]
      if i >= 0 and i < image[axis] then list[#list + 1] = i end
    end
    return list
  end
  local number = 0
  for q1 = 0, output[1] - 1 do
    for q2 = 0, output[2] - 1 do
      for q3 = 0, output[3] - 1 do
        local list = {}
        for _, i1 in ipairs(seen(1, q1)) do
          for _, i2 in ipairs(seen(2, q2)) do
            for _, i3 in ipairs(seen(3, q3)) do list[#list + 1] = (i1 * image[2] + i2) * image[3] + i3 end
          end
        end
        visit(number, list)
        number = number + 1
      end
    end
  end
end

local function naive(w, sizes, images, x, dy)
  local out = { max = {}, max_dx = {}, mean = {}, mean_dx = {} }
  for i = 1, #x do out.max_dx[i], out.mean_dx[i] = 0, 0 end
  for n = 0, images - 1 do
    walk(w, sizes, function(number, list)
      for c = 1, w.channels do
        local at = (n * cells(sizes.output) + number) * w.channels + c
        local best, sum = nil, 0
        for _, cell in ipairs(list) do
          local i = (n * cells(sizes.image) + cell) * w.channels + c
          sum = sum + x[i]
          out.mean_dx[i] = out.mean_dx[i] + dy[at] / #list
          if not best or x[i] > x[best] then best = i end
        end
        out.max[at], out.mean[at] = x[best], sum / #list
        out.max_dx[best] = out.max_dx[best] + dy[at]
      end
    end)
  end
  return out
end

local function assert_near(want, got, tolerance, what)
  local off = (got:flatten() - nn.tensor(want)):abs():max()
  assert.is_true(off <= tolerance, ("%s: off by %g"):format(what, off))
end

local seed = 0

-- Whole numbers, few enough for ties.
local function numbers(count)
  seed = seed + 1
  return nn.random.uniform({ shape = { count }, minval = -4, maxval = 4, seed = seed }):floor()
end

local function check(what, w, images)
  w = window(w)
  local sizes = windows.sizes(w)
  local x, dy = numbers(images * cells(sizes.image) * w.channels), numbers(images * cells(sizes.output) * w.channels)
  local want = naive(w, sizes, images, x:totable(), dy:totable())
  for _, level in ipairs(LEVELS) do
    local y, places = windows.max_pool(level, w, images, 1, x)
    assert_near(want.max, y, 0, what .. ", largest, " .. level)
    assert_near(want.max_dx, windows.max_pool_gradient(level, w, images, 1, places, dy), 0,
      what .. ", gradient of the largest, " .. level)
    local mean, dx = windows.average_pool(level, w, images, 1, x, dy)
    assert_near(want.mean, mean, 2e-6, what .. ", mean, " .. level)
    assert_near(want.mean_dx, dx, 1e-5, what .. ", gradient of the mean, " .. level)
  end
end

describe("pooling", function()
  it("of every number of channels", function()
    for _, channels in ipairs { 1, 3, 4, 7, 8, 9, 15, 16, 17, 33 } do
      check(channels .. " channels", { image = { 1, 4, 5 }, kernel = { 1, 2, 2 }, stride = { 1, 2, 2 },
        channels = channels }, 2)
    end
  end)

  it("has windows that overlap, leave gaps or reach over the edge", function()
    for _, padding in ipairs { "valid", "same" } do
      for kernel = 1, 4 do
        for stride = 1, 4 do
          check(("%s, kernel %d, stride %d"):format(padding, kernel, stride), { image = { 1, 6, 7 },
            kernel = { 1, kernel, 3 }, stride = { 1, stride, 2 }, channels = 2, padding = padding }, 1)
        end
      end
    end
  end)

  it("has one to three axes, and large windows", function()
    check("steps", { image = { 1, 1, 9 }, kernel = { 1, 1, 3 }, stride = { 1, 1, 3 }, channels = 3 }, 2)
    check("volumes", { image = { 4, 3, 5 }, kernel = { 2, 2, 2 }, stride = { 2, 1, 2 }, channels = 3,
      padding = "same" }, 2)
    check("256 cells", { image = { 1, 20, 18 }, kernel = { 1, 16, 16 }, stride = { 1, 2, 2 }, channels = 5 }, 1)
    check("300 cells", { image = { 1, 20, 18 }, kernel = { 1, 20, 15 }, channels = 17 }, 1)
  end)

  it("lets through what is not a number", function()
    local w = window { image = { 1, 1, 4 }, kernel = { 1, 1, 4 }, channels = 1 }
    for _, level in ipairs(LEVELS) do
      for place = 1, 4 do
        local x = nn.tensor { 1, 3, 2, 0 }
        x[place] = 0 / 0
        local y, places = windows.max_pool(level, w, 1, 1, x)
        assert.is_true(y:item() ~= y:item())
        assert.equal(7, windows.max_pool_gradient(level, w, 1, 1, places, nn.tensor { 7 }):flatten()[place])
      end
    end
  end)

  it("gives the same bits for any number of threads", function()
    local w = window { image = { 1, 9, 9 }, kernel = { 1, 3, 3 }, stride = { 1, 2, 2 }, channels = 6, padding = "same" }
    local x, dy = numbers(130 * 81 * 6), numbers(130 * 25 * 6)
    local function results(threads)
      local y, places = windows.max_pool(LEVELS[1], w, 130, threads, x)
      local mean, dx = windows.average_pool(LEVELS[1], w, 130, threads, x, dy)
      return { y, windows.max_pool_gradient(LEVELS[1], w, 130, threads, places, dy), mean, dx }
    end
    local alone = results(1)
    for i, got in ipairs(results(3)) do assert.equal(alone[i]:bytes(), got:bytes()) end
  end)
end)
