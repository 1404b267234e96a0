-- Layers that change pictures at random: their numbers where a draw is known (golden/augmentation.json), what they
-- draw, and what their draws depend on.
local json = require "dkjson"
local expect = require "tests.support.expect"
local golden = require "tests.support.golden"
local machine = require "engine.machine"
local nn = require "nn"

local L, TRAINING = nn.layers, { training = true }

local function pictures(count, height, width, channels)
  return nn.random.uniform { shape = { count, height or 8, width or 9, channels or 3 }, maxval = 255, seed = 5 }
end

-- Layers that change every picture, in training.
local function random_layers(options)
  local function with(arguments)
    for name, value in pairs(options or {}) do arguments[name] = value end
    return arguments
  end
  return {
    L.RandomRotation(with { 0.2 }), L.RandomTranslation(with { 0.3, 0.3 }), L.RandomZoom(with { 0.3 }),
    L.RandomShear(with { 0.3, 0.2 }), L.RandomPerspective(with { { 1, 1 } }), L.RandomBrightness(with { 0.3 }),
    L.RandomContrast(with { 0.9 }), L.RandomSaturation(with { 1 }), L.RandomHue(with { 1 }),
    L.RandomColorDegeneration(with { 1 }), L.RandomSharpness(with { 1 }), L.Solarization(with { 0.3, 0.6 }),
    L.RandomGaussianBlur(with { { 1, 1 } }), L.RandomColorJitter(with { brightness_factor = 0.3, hue_factor = 0.5 }),
    L.RandomFlip(with {}), L.RandomInvert(with {}), L.RandomGrayscale(with {}),
    L.RandomPosterization(with { { 2, 6 } }), L.RandAugment(with {}),
  }
end

describe("layers that change pictures at random", function()
  for i, case in ipairs(json.decode(golden.read "tests/golden/augmentation.json", 1, nil, nil, nil)) do
    it(("give the numbers of Keras' formulas: %s, case %d"):format(case.layer, i), function()
      local x = nn.tensor { case.input }
      local case_is = { expected = case.expected, tolerance = { atol = 2e-3, rtol = 1e-5 } }
      assert.is_nil(golden.differs(case_is, L[case.layer](case.config)(x, TRAINING)))
      local unit = {}
      for name, value in pairs(case.config) do unit[name] = value end
      unit.data_format = "channels_first"
      local first = L[case.layer](unit)(nn.ops.transpose(x, { 1, 4, 2, 3 }), TRAINING)
      assert.is_nil(golden.differs(case_is, nn.ops.transpose(first, { 1, 3, 4, 2 })))
    end)
  end

  it("change nothing outside training", function()
    local x = pictures(2)
    for _, each in ipairs(random_layers()) do
      assert.are.equal(x:bytes(), each(x):bytes(), each.class_name)
    end
  end)

  it("draw for each sample, and again at each seed", function()
    local one = pictures(1)
    local x = nn.concatenate({ one, one, one, one, one, one, one, one }, 1)
    for _, each in ipairs(random_layers { seed = 3 }) do
      local y = each(x, TRAINING)
      local distinct, count = {}, 0
      for i = 1, 8 do
        local bytes = y[i]:bytes()
        count, distinct[bytes] = count + (distinct[bytes] and 0 or 1), true
      end
      assert.is_true(count >= 2, each.class_name .. " gives the same for eight samples")
      local config = each:get_config()
      config.seed = 4
      assert.are_not.equal(y:bytes(), L[each.class_name](config)(x, TRAINING):bytes(), each.class_name)
    end
  end)

  it("give a sample the same whatever stands beside it", function()
    local x, other = pictures(4), pictures(4) * 0
    other[{ { 2, 2 } }] = x[{ { 2, 2 } }]
    for _, each in ipairs(random_layers { seed = 3 }) do
      local y = each(x, TRAINING)
      assert.are.equal(y[2]:bytes(), each(other, TRAINING)[2]:bytes(), each.class_name)
      assert.are.equal(y[1]:bytes(), each(x[{ { 1, 1 } }], TRAINING)[1]:bytes(), each.class_name)
    end
  end)

  it("pick as many of several changes as asked for, each about as often", function()
    local x, picked = nn.full({ 110, 2, 2, 3 }, 100), 0
    local y = L.RandAugment { num_ops = 1, factor = { 1, 1 }, seed = 1 }(x, TRAINING)
    for i = 1, 110 do picked = picked + (y[i]:bytes() == x[i]:bytes() and 0 or 1) end
    -- A grey area is changed by brightness, contrast, posterization, solarization and equalization at most.
    assert.is_true(picked > 15 and picked < 70, tostring(picked))
    expect.fails("RandAugment: num_ops: expected a whole number from 1 to 11, got 12", function()
      L.RandAugment { num_ops = 12 }
    end)
  end)

  it("flip about half of the pictures, to the bit", function()
    local x = pictures(200, 3, 4, 1)
    local y, flipped = L.RandomFlip { "horizontal", seed = 1 }(x, TRAINING), 0
    for i = 1, 200 do
      local is_same = y[i]:bytes() == x[i]:bytes()
      assert.is_true(is_same or y[i]:bytes() == nn.ops.flip(x[i], 2):bytes())
      flipped = flipped + (is_same and 0 or 1)
    end
    assert.is_true(flipped > 75 and flipped < 125, tostring(flipped))
  end)

  it("draw evenly over the whole range", function()
    local x = nn.zeros { 2000, 1, 1, 1 }
    local y = L.RandomBrightness { { -0.5, 0.25 }, value_range = { -1, 1 }, seed = 2 }(x, TRAINING)
    assert.is_true(y:min() >= -1 and y:min() < -0.98 and y:max() <= 0.5 and y:max() > 0.48)
    assert.is_near(-0.25, y:mean(), 0.04)
    local changed = L.RandomInvert { { 0.2, 0.2 }, seed = 2 }(x, TRAINING):mean() / 255
    assert.is_near(0.2, changed, 0.04)
  end)

  it("cut a batch out at one place, and the middle outside training", function()
    local x = nn.arange(2 * 6 * 7):reshape { 2, 6, 7, 1 }
    local places = {}
    for seed = 1, 60 do
      local y = L.RandomCrop { 4, 4, seed = seed }(x, TRAINING)
      local first = math.tointeger(y[{ 1, 1, 1, 1 }])
      places[first] = true
      local row, column = first // 7, first % 7
      for i = 1, 2 do
        assert.are.equal(x[i][{ { row + 1, row + 4 }, { column + 1, column + 4 } }]:contiguous():bytes(), y[i]:bytes())
      end
    end
    local count = 0
    for _ in pairs(places) do count = count + 1 end
    assert.are.equal(12, count)
    local whole = L.RandomCrop { 3, 3 }(x)
    local resized = nn.ops.image.resize(x, { 3, 3 }, { crop_to_aspect_ratio = true })
    assert.is_true((whole - resized):abs():max() < 1e-4)
  end)

  it("erase one rectangle of a picture, no larger than asked for", function()
    local x = nn.zeros { 100, 20, 30, 2 }
    local y = L.RandomErasing { { 0.7, 0.7 }, { 0.1, 0.4 }, fill_value = 9, seed = 1 }(x, TRAINING)
    local changed = 0
    for i = 1, 100 do
      local erased = y[i][{ {}, {}, 1 }]:eq(9):astype "float32"
      assert.are.equal(erased:sum() * 9 * 2, y[i]:sum())
      local rows, columns = nn.ops.max(erased, 2):sum(), nn.ops.max(erased, 1):sum()
      assert.are.equal(rows * columns, erased:sum())
      if rows > 0 then
        changed = changed + 1
        assert.is_true(rows >= 20 * 0.1 ^ 0.5 - 1 and rows <= 20 * 0.4 ^ 0.5 + 1)
        assert.is_true(columns >= 30 * 0.1 ^ 0.5 - 1 and columns <= 30 * 0.4 ^ 0.5 + 1)
      end
    end
    assert.is_true(changed > 55 and changed < 85, tostring(changed))
    local noise = L.RandomErasing { { 1, 1 }, { 1, 1 }, value_range = { -1, 1 } }(x, TRAINING)
    assert.is_near(0, noise:mean(), 0.02)
    assert.are.same({ -1, 1 }, { noise:min(), noise:max() })
    local each = L.RandomErasing { { 1, 1 }, { 1, 1 }, { 1, 2, 3 } }(nn.zeros { 1, 2, 2, 3 }, TRAINING)
    assert.are.same({ 1, 2, 3 }, each[1][1][1]:totable())
  end)

  it("mix pictures and labels in the same proportion", function()
    local count = 12
    local values = nn.arange(count)
    local x = values:reshape { count, 1, 1, 1 } + nn.zeros { count, 8, 10, 1 }
    local labels = nn.utils.to_categorical(values:astype "int32", count)
    for _, seed in ipairs { 1, 2, 3 } do
      local mixed, mixed_labels = L.MixUp { 1, seed = seed } ({ x, labels }, TRAINING)
      local told = nn.ops.matmul(mixed_labels, values:reshape { count, 1 }):flatten()
      assert.is_true((mixed[{ {}, 3, 5, 1 }] - told):abs():max() < 1e-4)
      assert.are_not.equal(x:bytes(), mixed:bytes())
      local cut, cut_labels = L.CutMix { { 1, 1 }, seed = seed } ({ x, labels }, TRAINING)
      for i = 1, count do
        local own = cut_labels[i][i]
        local share = cut[i]:eq(i - 1):astype("float32"):mean()
        local partner = nn.ops.argmax(cut_labels[i] - labels[i] * 2):item()
        assert.is_near(1, cut_labels[i]:sum(), 1e-5)
        assert.is_true(own > 0.999 or (cut[i]:eq(i - 1) + cut[i]:eq(partner)):min() == 1)
        assert.is_true(math.abs(own - share) < 0.26)
      end
    end
    local same, same_labels = L.MixUp {} { x, labels }
    assert.are.same({ x:bytes(), labels:bytes() }, { same:bytes(), same_labels:bytes() })
  end)

  it("train with any number of threads to the same bits", function()
    local before = machine.blas().threads
    local function trained(threads)
      machine.set_threads(threads)
      nn.utils.set_random_seed(7)
      local model = nn.Sequential {
        L.RandomRotation { 0.2, input_shape = { 64, 64, 3 } }, L.RandomHue { 0.5 }, L.RandomGaussianBlur {},
        L.GlobalAveragePooling2D {}, L.Dense { 2 },
      }
      model:compile { optimizer = "sgd", loss = "mse" }
      model:fit(pictures(24, 64, 64), nn.zeros { 24, 2 }, { epochs = 2, batch_size = 12, verbose = 0 })
      machine.set_threads(before)
      return expect.bits(model)
    end
    assert.are.equal(trained(1), trained(3))
  end)

  it("say what they want", function()
    expect.fails("RandomRotation: factor: expected a number from -1 to 1, or a list { lowest, highest } of two, got 2",
      L.RandomRotation, { 2 })
    expect.fails('RandomZoom: fill_mode: expected constant, nearest, reflect, wrap or mirror, got "edge"', L.RandomZoom,
      { 0.2, fill_mode = "edge" })
    expect.fails("RandomBrightness: value_range: expected { lowest, highest }, such as { 0, 255 } or { 0, 1 }, got 255",
      L.RandomBrightness, { 0.2, value_range = 255 })
    expect.fails("RandomGaussianBlur: kernel_size: expected an odd whole number up to 255, or a list of two, got 4",
      L.RandomGaussianBlur, { kernel_size = 4 })
    expect.fails("wants pictures of three channels (red, green, blue), got 4x4x1", L.RandomHue { 0.1 },
      nn.Input { shape = { 4, 4, 1 } })
    expect.fails("wants pictures (height, width, channels), got samples of 4x4", L.RandomFlip {},
      nn.Input { shape = { 4, 4 } })
  end)
end)
