-- JPEG pictures of every kind: grey, in colour, for printing, turned by a camera, damaged.
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local image = require "nn.image"
local jpeg = require "tests.support.jpeg"

local folder

setup(function() folder = fakes.folder() end)
teardown(fakes.clean)

local function write(bytes)
  assert(files.write(folder .. "/x.jpg", bytes))
  return folder .. "/x.jpg"
end

-- The colour of each block, from a pixel in its middle.
local function blocks(pixels)
  local rows = {}
  for y = 1, pixels.shape[1] // 8 do
    rows[y] = {}
    for x = 1, pixels.shape[2] // 8 do rows[y][x] = pixels[8 * y - 4][8 * x - 4]:totable() end
  end
  return rows
end

local function load(bytes, options) return blocks(image.load(write(bytes), options)) end

local RGB = { { { 10, 20, 30 }, { 200, 100, 50 } } }

describe("a JPEG picture", function()
  it("in grey has the same number three times as RGB, and is opaque", function()
    local bytes = jpeg.make { { { 7 }, { 250 } } }
    assert.are.same({ { { 7 }, { 250 } } }, load(bytes, { color_mode = "grayscale" }))
    assert.are.same({ { { 7, 7, 7 }, { 250, 250, 250 } } }, load(bytes))
    assert.are.same({ { { 7, 7, 7, 255 }, { 250, 250, 250, 255 } } }, load(bytes, { color_mode = "rgba" }))
  end)

  it("in RGB is as it is stored, and becomes grey as Pillow makes it", function()
    local bytes = jpeg.make(RGB, jpeg.ADOBE)
    assert.are.same(RGB, load(bytes))
    assert.are.same({ { { 18 }, { 124 } } }, load(bytes, { color_mode = "grayscale" }))
    assert.are.same({ 200, 100, 50, 255 }, load(bytes, { color_mode = "rgba" })[1][2])
  end)

  it("in luminance and differences becomes RGB", function()
    local bytes = jpeg.make { { { 100, 128, 128 }, { 76, 85, 255 } } }
    assert.are.same({ { { 100, 100, 100 }, { 254, 0, 0 } } }, load(bytes))
  end)

  -- Inverted, as Adobe's programs store it: 255 stands for no ink.
  it("for printing becomes RGB: light that each ink and black let through", function()
    local inks = { { 255, 255, 255, 255 }, { 0, 255, 255, 255 }, { 255, 255, 255, 0 }, { 204, 102, 0, 128 } }
    local bytes = jpeg.make({ inks }, jpeg.ADOBE)
    assert.are.same({ { { 255, 255, 255 }, { 0, 255, 255 }, { 0, 0, 0 }, { 102, 51, 0 } } }, load(bytes))
    assert.are.same({ { 255 }, { 179 }, { 0 }, { 60 } }, load(bytes, { color_mode = "grayscale" })[1])
    assert.are.same({ 102, 51, 0, 255 }, load(bytes, { color_mode = "rgba" })[1][4])
  end)

  it("is turned as the camera was held", function()
    local stored = { { { 10 }, { 20 }, { 30 } }, { { 40 }, { 50 }, { 60 } } }
    local upright = {
      { { 10, 20, 30 }, { 40, 50, 60 } }, { { 30, 20, 10 }, { 60, 50, 40 } },
      { { 60, 50, 40 }, { 30, 20, 10 } }, { { 40, 50, 60 }, { 10, 20, 30 } },
      { { 10, 40 }, { 20, 50 }, { 30, 60 } }, { { 40, 10 }, { 50, 20 }, { 60, 30 } },
      { { 60, 30 }, { 50, 20 }, { 40, 10 } }, { { 30, 60 }, { 20, 50 }, { 10, 40 } },
    }
    for orientation, want in ipairs(upright) do
      for _, order in ipairs { "<", ">" } do
        local rows = load(jpeg.make(stored, jpeg.exif(orientation, order)), { color_mode = "grayscale" })
        for _, row in ipairs(rows) do
          for x, pixel in ipairs(row) do row[x] = pixel[1] end
        end
        assert.are.same(want, rows, "orientation " .. orientation)
      end
    end
    for _, other in ipairs { jpeg.exif(0, "<"), jpeg.exif(9, ">"), (jpeg.exif(6, "<"):gsub("Exif", "Exit")) } do
      assert.are.same({ 16, 24, 1 }, image.load(write(jpeg.make(stored, other)), { color_mode = "grayscale" }).shape)
    end
  end)

  it("that is damaged is an error, but bytes too many between its parts are none", function()
    local bytes, grey = jpeg.make { { { 7 }, { 250 } } }, { color_mode = "grayscale" }
    assert.are.same({ { { 7 }, { 250 } } }, load(bytes:sub(1, -3) .. "\0\0\0" .. bytes:sub(-2), grey))
    local function message(damaged) return select(2, pcall(image.load, write(damaged))) end
    local refusal = "x.jpg: is damaged, or of a kind that cannot be read: "
    assert.matches(refusal .. ".+", message(bytes:sub(1, -5) .. bytes:sub(-2)))
    assert.matches(refusal .. ".*12", message((bytes:gsub("\xFF\xC0\0\11\8", "\xFF\xC0\0\11\12"))))
    assert.matches("x.jpg: is ", message "\xFF\xD8\xFF\xD9")
    assert.matches("x.jpg: is ", message "\xFF\xD8")
  end)
end)
