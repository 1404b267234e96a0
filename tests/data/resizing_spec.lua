-- nn.image.resize: Keras' numbers, and every pair of sizes.
local expect = require "tests.support.expect"
local nn = require "nn"

local resize = nn.image.resize

-- One channel, given as rows.
local function picture(rows)
  local x = nn.tensor(rows)
  return x:reshape { 1, x.shape[1], x.shape[2], 1 }
end

local function near(want, got)
  want = nn.tensor(want)
  assert.are.same({ 1, want.shape[1], want.shape[2], 1 }, got.shape)
  assert.is_true((got:reshape(want.shape) - want):abs():max() < 1e-5, tostring(got))
end

local SMALL = { { -0.92, -0.38, -0.13, 0.12 }, { 0.03, -0.46, 0.81, 0.02 }, { -0.81, 0.49, 1.0, 0.67 } }
local SQUARE = { { 0.53, -0.96, 0.82, 0.81 }, { 0.18, 0.65, 0.94, 0.71 }, { 0.79, -0.3, -0.62, 0.96 },
  { -0.59, 0.09, -0.23, -0.64 } }

describe("a picture resized", function()
  it("has the numbers of Keras' Resizing", function()
    near({
      { -0.92, -0.785, -0.515, -0.3175, -0.1925, -0.0675, 0.0575, 0.12 },
      { -0.6825, -0.611875, -0.470625, -0.27375, -0.02125, 0.1025, 0.0975, 0.095 },
      { -0.2075, -0.265625, -0.381875, -0.18625, 0.32125, 0.4425, 0.1775, 0.045 },
      { -0.18, -0.190625, -0.211875, 0.0475, 0.5875, 0.68875, 0.35125, 0.1825 },
      { -0.6, -0.386875, 0.039375, 0.4275, 0.7775, 0.84125, 0.61875, 0.5075 },
      { -0.81, -0.485, 0.165, 0.6175, 0.8725, 0.9175, 0.7525, 0.67 },
    }, resize(picture(SMALL), { 6, 8 }))
    near({
      { -0.92, -0.92, -0.38, -0.38, -0.13, -0.13, 0.12, 0.12 },
      { -0.92, -0.92, -0.38, -0.38, -0.13, -0.13, 0.12, 0.12 },
      { 0.03, 0.03, -0.46, -0.46, 0.81, 0.81, 0.02, 0.02 }, { 0.03, 0.03, -0.46, -0.46, 0.81, 0.81, 0.02, 0.02 },
      { -0.81, -0.81, 0.49, 0.49, 1.0, 1.0, 0.67, 0.67 }, { -0.81, -0.81, 0.49, 0.49, 1.0, 1.0, 0.67, 0.67 },
    }, resize(picture(SMALL), { 6, 8 }, { interpolation = "nearest" }))
    near({
      { 0, 0.53, -0.96, 0.82, 0.81, 0 }, { 0, 0.18, 0.65, 0.94, 0.71, 0 }, { 0, 0.79, -0.3, -0.62, 0.96, 0 },
      { 0, -0.59, 0.09, -0.23, -0.64, 0 },
    }, resize(picture(SQUARE), { 4, 6 }, { pad_to_aspect_ratio = true }))
  end)

  it("is cut to its middle where the proportions shall stay, as Keras' CenterCrop does it", function()
    near({ { 0.77, 0.66375, 0.3075, -0.18 }, { 0.52, 0.605156, 0.605156, 0.52 },
      { 0.06625, 0.090469, 0.162188, 0.2575 }, { -0.44, -0.70875, -0.87375, -0.88 } }, resize(picture {
      { -0.14, 0.77, 0.6, -0.18, -0.45, 0.79 }, { -0.23, 0.37, 0.69, 0.94, -0.95, -0.71 },
      { 0.79, -0.44, -0.87, -0.88, 0.76, 0.34 },
    }, { 4, 4 }, { crop_to_aspect_ratio = true }))
  end)

  it("takes the nearest pixels where it shrinks", function()
    local x = nn.tensor { { { 0 }, { 1 }, { 2 }, { 3 }, { 4 } } }
    assert.are.same({ 0, 2, 4 }, resize(x, { 1, 3 }, { interpolation = "nearest" }):flatten():totable())
  end)

  it("leaves pixels out without antialias, and none with it", function()
    local x = nn.tensor { { { 9 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } } }
    assert.are.same({ 0, 0 }, resize(x, { 1, 2 }):flatten():totable())
    assert.is_true(resize(x, { 1, 2 }, { antialias = true })[1][1][1] > 0.5)
    assert.are.same({ 2.25, 0 }, resize(x, { 1, 2 }, { interpolation = "box" }):flatten():totable())
  end)

  it("keeps its type and its number of axes", function()
    local bytes = nn.tensor({ { { 0 }, { 3 } } }, "uint8")
    assert.are.same({ 0, 1, 2, 3 }, resize(bytes, { 1, 4 }):flatten():totable())
    assert.are.equal("uint8", resize(bytes, { 1, 4 }).dtype)
    assert.are.equal("int32", resize(bytes:astype "int32", { 1, 4 }).dtype)
    assert.are.same({ 1, 4, 1 }, resize(bytes, { 1, 4 }).shape)
    assert.are.same({ 3, 2, 2, 1 }, resize(nn.zeros { 3, 1, 2, 1 }, { 2, 2 }).shape)
  end)

  it("stays constant where it is, at any pair of sizes", function()
    local wrong = {}
    for from = 1, 300, 13 do
      for to = 1, 300, 17 do
        for _, interpolation in ipairs { "nearest", "bilinear", "bicubic", "box" } do
          for _, antialias in ipairs { false, true } do
            local options = { interpolation = interpolation, antialias = antialias }
            local y = resize(nn.ones { from, 1, 1 }, { to, 1 }, options)
            if #y ~= to or (y - 1):abs():max() > 1e-5 then wrong[#wrong + 1] = { from, to, interpolation } end
          end
        end
      end
    end
    assert.are.same({}, wrong)
    for _, pair in ipairs { { 28, 20 }, { 224, 150 }, { 256, 180 }, { 300, 224 } } do
      local y = resize(nn.full({ pair[1], pair[1], 3 }, 7, "uint8"), { pair[2], pair[2] })
      assert.are.same({ 7, 7 }, { y:min(), y:max() })
    end
  end)

  it("says what is wrong", function()
    local x = nn.zeros { 2, 2, 1 }
    for message, arguments in pairs {
      ["expected pictures (height, width, channels)"] = { nn.zeros { 2, 2 }, { 1, 1 } },
      ["got a tensor of 0x2x1"] = { nn.zeros { 0, 2, 1 }, { 1, 1 } },
      ["size: expected { height, width } in pixels"] = { x, 28 },
      ["got { 2, 0 }"] = { x, { 2, 0 } },
      ["got {}"] = { x },
      ['interpolation: expected "nearest"'] = { x, { 1, 1 }, { interpolation = "lanczos" } },
      ["unknown argument interpolate; did you mean interpolation?"] = { x, { 1, 1 }, { interpolate = "box" } },
      ["not both"] = { x, { 1, 1 }, { pad_to_aspect_ratio = true, crop_to_aspect_ratio = true } },
      ['expected a table of options, got "box"'] = { x, { 1, 1 }, "box" },
    } do
      expect.fails(message, function() resize(table.unpack(arguments, 1, 3)) end)
    end
  end)
end)
