-- Convolutions, at each level of vector code this processor has, held against loops that cannot be wrong.
local kernels = require "engine.kernels"
local nn = require "nn"
local windows = require "engine.windows"

local LEVELS = kernels.levels()

local seed = 0
local function numbers(count)
  seed = seed + 1
  return nn.random.uniform { shape = { count }, minval = -1, maxval = 1, seed = seed }
end

local function cells(size) return size[1] * size[2] * size[3] end

-- Calls visit(cell of the image, cell of the kernel, cell of the output) for each product of one channel; all from 0.
local function walk(w, sizes, visit)
  local image, output, before = sizes.image, sizes.output, sizes.before
  local function along(axis, next)
    for q = 0, output[axis] - 1 do
      for k = 0, w.kernel[axis] - 1 do
        local i = q * w.stride[axis] + k * w.dilation[axis] - before[axis]
        if i >= 0 and i < image[axis] then next(i, k, q) end
      end
    end
  end
  along(1, function(i1, k1, q1)
    along(2, function(i2, k2, q2)
      along(3, function(i3, k3, q3)
        visit((i1 * image[2] + i2) * image[3] + i3, (k1 * w.kernel[2] + k2) * w.kernel[3] + k3,
          (q1 * output[2] + q2) * output[3] + q3)
      end)
    end)
  end)
end

-- y, x and the kernel's gradient by the same loops: every product belongs to one sum of each.
local function naive(w, sizes, images, x, y, kernel)
  local out = { x = {}, y = {}, kernel = {} }
  local channels, filters = w.channels, w.filters
  local depth, columns = channels // w.groups, filters // w.groups
  for i = 1, #x do out.x[i] = 0 end
  for i = 1, #y do out.y[i] = 0 end
  for i = 1, #kernel do out.kernel[i] = 0 end
  for n = 0, images - 1 do
    walk(w, sizes, function(cell, tap, q)
      for f = 0, filters - 1 do
        local at_y = (n * cells(sizes.output) + q) * filters + f + 1
        for c = 0, depth - 1 do
          local at_x = (n * cells(sizes.image) + cell) * channels + f // columns * depth + c + 1
          local at_kernel = (tap * depth + c) * filters + f + 1
          out.y[at_y] = out.y[at_y] + x[at_x] * kernel[at_kernel]
          out.x[at_x] = out.x[at_x] + y[at_y] * kernel[at_kernel]
          out.kernel[at_kernel] = out.kernel[at_kernel] + x[at_x] * y[at_y]
        end
      end
    end)
  end
  return out
end

local function window(t)
  for _, name in ipairs { "kernel", "stride", "dilation" } do t[name] = t[name] or { 1, 1, 1 } end
  t.groups = t.groups or 1
  return t
end

local function assert_near(want, got, tolerance, what)
  local off = #want == 0 and 0 or (got:flatten() - nn.tensor(want)):abs():max()
  assert.is_true(off <= tolerance, ("%s: off by %g"):format(what, off))
end

local function relu(list, bias)
  local out = {}
  for i, value in ipairs(list) do out[i] = math.max(0, value + bias[(i - 1) % #bias + 1]) end
  return out
end

local function check(what, w, images, levels)
  w = window(w)
  local sizes = windows.sizes(w)
  local x, y = numbers(images * cells(sizes.image) * w.channels), numbers(images * cells(sizes.output) * w.filters)
  local kernel = numbers(cells(w.kernel) * w.channels // w.groups * w.filters)
  local y_bias, x_bias = numbers(w.filters), numbers(w.channels)
  local want = naive(w, sizes, images, x:totable(), y:totable(), kernel:totable())
  local chain = 2e-7 * (#kernel // w.filters + 4)
  for _, level in ipairs(levels or LEVELS) do
    local label = what .. ", " .. level
    assert_near(want.y, windows.convolve(level, w, images, 1, x, kernel), chain, label .. ", y")
    assert_near(relu(want.y, y_bias:totable()), windows.convolve(level, w, images, 1, x, kernel, y_bias, true), chain,
      label .. ", y with bias and relu")
    assert_near(want.x, windows.convolve_transposed(level, w, images, 1, y, kernel),
      2e-7 * (#kernel * w.groups // w.channels + 4), label .. ", x")
    assert_near(relu(want.x, x_bias:totable()),
      windows.convolve_transposed(level, w, images, 1, y, kernel, x_bias, true),
      2e-7 * (#kernel * w.groups // w.channels + 4), label .. ", x with bias and relu")
    local dkernel, dbias = windows.kernel_gradient(level, w, images, 1, x, y)
    assert_near(want.kernel, dkernel, 2e-7 * (images * cells(sizes.output) + 4), label .. ", kernel")
    assert_near(y:reshape { -1, w.filters }:sum(1):totable(), dbias, 1e-6 * (images * cells(sizes.output) + 4),
      label .. ", bias")
  end
end

describe("a convolution", function()
  it("of one image and one channel", function()
    check("1x5", { image = { 1, 1, 5 }, kernel = { 1, 1, 2 }, channels = 1, filters = 1 }, 1)
    check("3x3", { image = { 1, 5, 6 }, kernel = { 1, 3, 3 }, channels = 1, filters = 1, padding = "same" }, 1)
  end)

  it("has tiles of all widths and numbers of filters", function()
    for width = 1, 16 do
      check("width " .. width, { image = { 1, 2, width }, kernel = { 1, 1, 3 }, channels = 3, filters = 5,
        padding = "same" }, 1)
    end
    for _, filters in ipairs { 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50, 65 } do
      check("filters " .. filters, { image = { 1, 4, 7 }, kernel = { 1, 2, 3 }, channels = 2, filters = filters }, 2)
    end
    for _, channels in ipairs { 1, 4, 8, 16, 17, 32, 35 } do
      check("channels " .. channels, { image = { 1, 5, 4 }, kernel = { 1, 2, 2 }, channels = channels, filters = 6,
        padding = "same" }, 2)
    end
  end)

  it("pads as Keras does, with every stride and dilation", function()
    for _, padding in ipairs { "valid", "same", "causal" } do
      for stride = 1, 3 do
        for dilation = 1, 3 do
          for kernel = 1, 4 do
            check(("%s, stride %d, dilation %d, kernel %d"):format(padding, stride, dilation, kernel),
              { image = { 1, 11, 10 }, kernel = { 1, kernel, 3 }, stride = { 1, stride, 2 },
                dilation = { 1, dilation, 1 }, channels = 2, filters = 3, padding = padding }, 1, { LEVELS[1] })
            check(("%s, stride %d, dilation %d, kernel %d of the last axis"):format(padding, stride, dilation, kernel),
              { image = { 1, 4, 13 }, kernel = { 1, 2, kernel }, stride = { 1, 2, stride },
                dilation = { 1, 1, dilation }, channels = 3, filters = 2, padding = padding }, 1, { LEVELS[1] })
          end
        end
      end
    end
  end)

  it("has few channels and many filters, so that its transpose adds products of whole kernels", function()
    for _, padding in ipairs { "valid", "same", "causal" } do
      for stride = 1, 3 do
        check(("%s, stride %d"):format(padding, stride), { image = { 1, 7, 8 }, kernel = { 1, 4, 3 },
          stride = { 1, stride, 4 - stride }, dilation = { 1, 2, 1 }, channels = stride, filters = 17,
          padding = padding }, 2)
      end
    end
    check("three axes", { image = { 3, 4, 5 }, kernel = { 2, 3, 5 }, stride = { 2, 1, 2 }, channels = 2, filters = 16,
      padding = "same" }, 3)
    check("a kernel larger than the image", { image = { 1, 2, 2 }, kernel = { 1, 5, 7 }, channels = 1, filters = 20,
      padding = "same" }, 2)
    check("more images than are computed at a time", { image = { 1, 1, 60 }, kernel = { 1, 1, 60 }, channels = 4,
      filters = 16, padding = "same" }, 19, { LEVELS[1] })
  end)

  it("has groups", function()
    for _, groups in ipairs { 2, 3, 6 } do
      check(groups .. " groups", { image = { 1, 5, 6 }, kernel = { 1, 3, 2 }, channels = 6, filters = 12,
        groups = groups, padding = "same" }, 2)
    end
    check("wide groups", { image = { 1, 4, 5 }, kernel = { 1, 2, 2 }, stride = { 1, 1, 2 }, channels = 36,
      filters = 70, groups = 2 }, 1)
  end)

  it("has a kernel for each channel alone", function()
    for _, channels in ipairs { 2, 3, 15, 16, 17, 35 } do
      check(channels .. " channels alone", { image = { 1, 4, 9 }, kernel = { 1, 3, 3 }, channels = channels,
        filters = channels, groups = channels, padding = "same" }, 2)
    end
    for kernel = 1, 5 do
      check("alone, stride 2, kernel " .. kernel, { image = { 2, 7, 15 }, kernel = { 2, 2, kernel },
        stride = { 1, 2, 2 }, channels = 5, filters = 5, groups = 5 }, 2, { LEVELS[1] })
      check("alone, dilated, kernel " .. kernel, { image = { 1, 5, 14 }, kernel = { 1, 2, kernel },
        dilation = { 1, 2, 3 }, channels = 4, filters = 4, groups = 4, padding = "same" }, 2, { LEVELS[1] })
    end
  end)

  it("has three axes", function()
    check("3-D", { image = { 4, 5, 6 }, kernel = { 2, 3, 3 }, channels = 2, filters = 3 }, 2)
    check("3-D, same, strides", { image = { 5, 4, 7 }, kernel = { 3, 2, 3 }, stride = { 2, 1, 2 }, channels = 2,
      filters = 3, padding = "same" }, 2)
    check("3-D, dilated", { image = { 6, 5, 7 }, kernel = { 2, 2, 3 }, dilation = { 3, 2, 2 }, channels = 2,
      filters = 3 }, 1)
  end)

  it("has a kernel larger than the image if padding makes room", function()
    check("5x5 on 2x3", { image = { 1, 2, 3 }, kernel = { 1, 5, 5 }, channels = 2, filters = 3, padding = "same" }, 2)
    assert.are.same({ 1, 0, 0 }, windows.sizes(window { image = { 1, 2, 3 }, kernel = { 1, 5, 5 } }).output)
  end)

  it("of one cell is a dense product", function()
    check("1x1", { image = { 1, 5, 7 }, channels = 19, filters = 21 }, 3)
    check("1x1, stride 2", { image = { 1, 5, 7 }, stride = { 1, 2, 2 }, channels = 3, filters = 4 }, 2)
  end)

  it("goes over the edges of chunks, blocks and slabs", function()
    check("large images", { image = { 1, 70, 90 }, kernel = { 1, 2, 3 }, channels = 2, filters = 2,
      padding = "same" }, 2, { LEVELS[1] })
    check("many images", { image = { 1, 3, 4 }, kernel = { 1, 2, 3 }, channels = 1, filters = 2, padding = "same" },
      300, { LEVELS[1] })
    check("many channels", { image = { 1, 3, 3 }, kernel = { 1, 3, 3 }, channels = 160, filters = 7,
      padding = "same" }, 6, { LEVELS[1] })
  end)
end)

describe("many small images side by side", function()
  it("give what each gives alone", function()
    for _, images in ipairs { 7, 8, 9, 28, 29, 57 } do
      check("5x5 on 6x5, images " .. images, { image = { 1, 6, 5 }, kernel = { 1, 5, 5 }, channels = 17, filters = 18 },
        images, { LEVELS[1] })
    end
    check("one output", { image = { 1, 3, 4 }, kernel = { 1, 3, 4 }, channels = 16, filters = 20 }, 15)
    check("same", { image = { 1, 3, 3 }, kernel = { 1, 5, 5 }, channels = 16, filters = 16, padding = "same" }, 10)
    check("stride 2", { image = { 1, 7, 8 }, kernel = { 1, 3, 5 }, stride = { 1, 2, 2 }, channels = 16, filters = 19,
      padding = "same" }, 9)
    check("stride 3, kernel 1", { image = { 1, 7, 4 }, kernel = { 1, 1, 1 }, stride = { 1, 3, 3 }, channels = 16,
      filters = 17 }, 9)
    check("dilated", { image = { 1, 7, 7 }, kernel = { 1, 2, 3 }, dilation = { 1, 3, 2 }, channels = 16,
      filters = 16 }, 11)
    check("steps", { image = { 1, 1, 7 }, kernel = { 1, 1, 5 }, channels = 20, filters = 16, padding = "causal" }, 12)
    check("strides of an axis that is not there", { image = { 1, 3, 3 }, kernel = { 1, 3, 3 }, stride = { 2, 1, 1 },
      channels = 16, filters = 16, padding = "same" }, 9)
  end)
end)

describe("a convolution with strides", function()
  it("far larger than its kernel takes no longer", function()
    check("strides of 100000", { image = { 1, 3, 40 }, kernel = { 1, 2, 3 }, stride = { 1, 100000, 100000 },
      channels = 2, filters = 3 }, 2)
    check("strides of 100000, dilated", { image = { 1, 5, 9 }, kernel = { 1, 2, 3 }, stride = { 1, 100000, 100000 },
      dilation = { 1, 3, 4 }, channels = 2, filters = 3 }, 2)
    check("strides of 100000, same", { image = { 1, 3, 40 }, kernel = { 1, 2, 3 }, stride = { 1, 100000, 100000 },
      channels = 2, filters = 2, groups = 2, padding = "same" }, 2, { LEVELS[1] })
  end)

  it("that share a divisor with the dilation leaves cells out", function()
    for _, dilation in ipairs { 2, 3, 4, 6 } do
      check("stride 4, dilation " .. dilation, { image = { 1, 1, 30 }, kernel = { 1, 1, 4 }, stride = { 1, 1, 4 },
        dilation = { 1, 1, dilation }, channels = 3, filters = 2, padding = "same" }, 2, { LEVELS[1] })
    end
  end)
end)

describe("a transposed convolution", function()
  local function image_of(t)
    t.transposed = true
    return windows.sizes(window(t)).image[3]
  end

  it("has as many outputs as Keras'", function()
    for _, case in ipairs {
      { "same", 5, 3, 2, 1, 10 }, { "valid", 5, 3, 2, 1, 11 }, { "valid", 5, 2, 3, 1, 15 }, { "same", 4, 2, 3, 1, 12 },
      { "valid", 4, 3, 1, 2, 8 },
    } do
      local padding, output, kernel, stride, dilation, want = table.unpack(case)
      assert.equal(want, image_of { output = { 1, 1, output }, kernel = { 1, 1, kernel }, stride = { 1, 1, stride },
        dilation = { 1, 1, dilation }, padding = padding })
    end
  end)

  it("is the transposed sum where strides leave gaps too", function()
    for kernel = 1, 4 do
      for stride = 1, 4 do
        check(("kernel %d, stride %d"):format(kernel, stride), { output = { 1, 3, 4 }, kernel = { 1, 2, kernel },
          stride = { 1, 3, stride }, channels = 2, filters = 3, padding = "same", transposed = true }, 2, { LEVELS[1] })
      end
    end
  end)
end)

describe("threads", function()
  it("change no bit of a convolution", function()
    for _, w in ipairs {
      { image = { 1, 12, 12 }, kernel = { 1, 5, 5 }, channels = 32, filters = 64 },
      { image = { 1, 4, 4 }, kernel = { 1, 3, 3 }, channels = 16, filters = 16, padding = "same" },
      { image = { 1, 30, 31 }, kernel = { 1, 3, 3 }, stride = { 1, 2, 2 }, channels = 3, filters = 20,
        padding = "same" },
      { image = { 1, 1, 200 }, kernel = { 1, 1, 3 }, dilation = { 1, 1, 2 }, channels = 8, filters = 8,
        padding = "causal" },
      { image = { 1, 9, 8 }, kernel = { 1, 3, 3 }, channels = 40, filters = 40, groups = 40, padding = "same" },
    } do
      w = window(w)
      local images, level, sizes = 9, LEVELS[1], windows.sizes(w)
      local x = numbers(images * cells(sizes.image) * w.channels)
      local y = numbers(images * cells(sizes.output) * w.filters)
      local kernel = numbers(cells(w.kernel) * w.channels // w.groups * w.filters)
      local function results(threads)
        return windows.convolve(level, w, images, threads, x, kernel),
          windows.convolve_transposed(level, w, images, threads, y, kernel),
          (windows.kernel_gradient(level, w, images, threads, x, y))
      end
      local alone = { results(1) }
      for threads = 2, 4 do
        for i, got in ipairs { results(threads) } do
          assert.equal(0, (got:flatten() - alone[i]:flatten()):abs():max())
        end
      end
    end
  end)

  it("pad more images than a team has parts", function()
    local w = window { image = { 1, 1, 2 }, kernel = { 1, 1, 2 }, channels = 1, filters = 1, padding = "same" }
    local images = 70000
    local x, kernel = numbers(2 * images), nn.tensor { 1, 10 }
    local y = windows.convolve(LEVELS[1], w, images, 2, x, kernel):reshape { images, 2 }
    x = x:reshape { images, 2 }
    assert.is_true((y[{ {}, 1 }] - x[{ {}, 1 }] - x[{ {}, 2 }] * 10):abs():max() < 1e-5)
    assert.equal(0, (y[{ {}, 2 }] - x[{ {}, 2 }]):abs():max())
  end)

  it("nor does the number of images", function()
    for _, w in ipairs {
      { image = { 1, 9, 10 }, kernel = { 1, 3, 3 }, channels = 4, filters = 6, padding = "same" },
      { image = { 1, 4, 4 }, kernel = { 1, 3, 3 }, channels = 16, filters = 20, padding = "same" },
    } do
      w = window(w)
      local size = cells(w.image) * w.channels
      local x, kernel = numbers(9 * size), numbers(9 * w.channels * w.filters)
      local all = windows.convolve(LEVELS[1], w, 9, 1, x, kernel)
      for i = 1, 9 do
        local one = windows.convolve(LEVELS[1], w, 1, 1, x[{ { (i - 1) * size + 1, i * size } }], kernel)
        assert.equal(0, (one[1] - all[i]):abs():max())
      end
    end
  end)
end)
