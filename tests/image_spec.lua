-- nn.image: pictures read and written; garbage gives messages.
local lfs = require "lfs"
local fakes = require "tests.support.experiment_fakes"
local tensor = require "nn.tensor"
local data = require "engine.data"
local image = require "nn.image"

local folder

local function temporary(name)
  return folder .. "/" .. name
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function write(path, contents)
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents)
  return path
end

-- A smooth picture: what JPEG is made for.
local function gradient(height, width, channels)
  local rows = {}
  for y = 1, height do
    rows[y] = {}
    for x = 1, width do
      rows[y][x] = {}
      for c = 1, channels do rows[y][x][c] = (y * 3 + x * 2 + c * 40) % 256 end
    end
  end
  return tensor.tensor(rows, "uint8")
end

local function noise(height, width, channels)
  math.randomseed(1, 2)
  local bytes = {}
  for i = 1, height * width * channels do bytes[i] = math.random(0, 255) end
  return tensor.tensor(bytes, "uint8"):reshape { height, width, channels }
end

local function assert_same(a, b)
  assert.same(a.shape, b.shape)
  assert.equal("uint8", b.dtype)
  assert.equal(data.hash(a), data.hash(b))
end

setup(function() folder = fakes.folder() end)
teardown(fakes.clean)

describe("a picture saved and loaded", function()
  for _, extension in ipairs { "png", "bmp", "PNG" } do
    it("is the same as " .. extension, function()
      local path = temporary("x." .. extension)
      local grey, colour = noise(5, 7, 1), noise(5, 7, 3)
      image.save(path, colour)
      assert_same(colour, image.load(path))
      image.save(path, grey)
      assert_same(grey, image.load(path, { color_mode = "grayscale" }))
      image.save(path, grey:reshape { 5, 7 })
      assert_same(grey, image.load(path, { color_mode = "grayscale" }))
    end)
  end

  it("keeps its alpha as png", function()
    local pixels = noise(4, 3, 4)
    image.save(temporary "x.png", pixels)
    assert_same(pixels, image.load(temporary "x.png", { color_mode = "rgba" }))
  end)

  it("is nearly the same as jpg", function()
    for channels, mode in pairs { "grayscale", [3] = "rgb" } do
      local pixels = gradient(32, 40, channels)
      for _, name in ipairs { "x.jpg", "x.jpeg" } do
        image.save(temporary(name), pixels)
        local loaded = image.load(temporary(name), { color_mode = mode })
        assert.same(pixels.shape, loaded.shape)
        assert.is_true((loaded - pixels):abs():mean() < 4)
      end
    end
  end)

  it("may be given as floats from 0 to 1, and as a view", function()
    local pixels = noise(6, 6, 1):reshape { 6, 6 }
    image.save(temporary "x.png", pixels / 255)
    assert_same(pixels:reshape { 6, 6, 1 }, image.load(temporary "x.png", { color_mode = "grayscale" }))
    image.save(temporary "x.png", pixels:transpose())
    assert_same(pixels:transpose():copy():reshape { 6, 6, 1 },
      image.load(temporary "x.png", { color_mode = "grayscale" }))
    image.save(temporary "x.png", pixels[{ { 2, 4 }, { 1, 5 } }])
    assert_same(pixels[{ { 2, 4 }, { 1, 5 } }]:copy():reshape { 3, 5, 1 },
      image.load(temporary "x.png", { color_mode = "grayscale" }))
  end)

  it("may have its top row first in a bmp file", function()
    local top_down = "BM" .. ("<I4I4I4"):pack(54 + 8, 0, 54) .. ("<I4i4i4I2I2I4I4I4I4I4I4"):pack(
      40, 1, -2, 1, 24, 0, 0, 0, 0, 0, 0) .. "\3\2\1\0\6\5\4\0"
    local pixels = image.load(write(temporary "x.bmp", top_down))
    assert.same({ { { 1, 2, 3 } }, { { 4, 5, 6 } } }, pixels:totable())
  end)

  it("has as many channels as asked for", function()
    image.save(temporary "x.png", noise(5, 7, 3))
    assert.same({ 5, 7, 1 }, image.load(temporary "x.png", { color_mode = "grayscale" }).shape)
    assert.same({ 5, 7, 4 }, image.load(temporary "x.png", { color_mode = "rgba" }).shape)
    image.save(temporary "x.png", noise(5, 7, 1))
    assert.same({ 5, 7, 3 }, image.load(temporary "x.png").shape)
  end)
end)

describe("a picture of another size", function()
  local path
  before_each(function()
    path = temporary "x.png"
    image.save(path, tensor.tensor({ { 0, 40 }, { 80, 120 } }, "uint8"))
  end)

  local function load(size, interpolation)
    local options = { color_mode = "grayscale", target_size = size, interpolation = interpolation }
    local pixels = image.load(path, options)
    return pixels:reshape { pixels.shape[1], pixels.shape[2] }:totable()
  end

  it("has the nearest pixels", function()
    assert.same({ { 0, 0, 40, 40 }, { 80, 80, 120, 120 } }, load { 2, 4 })
    assert.same({ { 0, 40 }, { 80, 120 }, { 80, 120 } }, load { 3, 2 })
    assert.same({ { 120 } }, load { 1, 1 })
  end)

  it("has means where it shrinks, steps between where it grows", function()
    assert.same({ { 60 } }, load({ 1, 1 }, "box"))
    assert.same({ { 20 }, { 100 } }, load({ 2, 1 }, "box"))
    local row = load({ 2, 4 }, "bilinear")[1]
    assert.same({ 0, 10, 30, 40 }, row)
    assert.equal(4, #load({ 2, 4 }, "bicubic")[1])
  end)

  it("is itself where the size is its own", function()
    for _, interpolation in ipairs { "nearest", "box", "bilinear", "bicubic" } do
      assert.same({ { 0, 40 }, { 80, 120 } }, load({ 2, 2 }, interpolation))
    end
  end)
end)

describe("an error", function()
  local function fails(expected, f, ...)
    local ok, message = pcall(f, ...)
    assert.is_false(ok)
    assert.equal("string", type(message))
    assert(message:find(expected, 1, true), message)
    assert.matches("image_spec.lua:%d+: ", message)
  end

  it("says what is wrong with the arguments of load", function()
    local path = temporary "x.png"
    image.save(path, noise(2, 2, 3))
    fails("expected the path of a picture, got nil", function() image.load() end)
    fails('color_mode: expected "rgb", "grayscale" or "rgba", got "gray"', function()
      image.load(path, { color_mode = "gray" })
    end)
    fails("target_size: expected { height, width } in pixels, 1 to 16384, got 28", function()
      image.load(path, { target_size = 28 })
    end)
    for _, size in ipairs { {}, { 28 }, { 0, 5 }, { -1, 5 }, { 5, 1e9 }, { 2.5, 3 }, { "a", 3 } } do
      fails("target_size: expected { height, width }", function() image.load(path, { target_size = size }) end)
    end
    fails('interpolation: expected', function() image.load(path, { interpolation = "best" }) end)
    fails("colour_mode", function() image.load(path, { colour_mode = "rgb" }) end)
  end)

  it("says what is wrong with a file", function()
    fails(temporary "none.png" .. ": cannot be opened: No such file or directory", function()
      image.load(temporary "none.png")
    end)
    fails("x.png: is not a PNG, JPEG or BMP picture that can be read", function()
      image.load(write(temporary "x.png", "no picture"))
    end)
    fails("is not a PNG", function() image.load(write(temporary "x.png", "")) end)
    fails("is damaged: it cannot hold the 65535x65535 pixels it promises", function()
      image.save(temporary "x.jpg", noise(2, 2, 3))
      image.load(write(temporary "x.jpg", (read(temporary "x.jpg"):gsub("(\xFF\xC0...)....", "%1\255\255\255\255"))))
    end)
    fails("is not a PNG", function() image.load(folder, { target_size = { 2, 2 } }) end)
  end)

  it("says what cannot be saved", function()
    local path = temporary "y.png"
    fails("expected a tensor, got 12", function() image.save(path, 12) end)
    fails("expected a tensor of shape (height, width)", function() image.save(path, tensor.zeros { 4 }) end)
    fails("got (2, 3, 2)", function() image.save(path, tensor.zeros { 2, 3, 2 }) end)
    fails("got (1, 2, 3, 3)", function() image.save(path, tensor.zeros { 1, 2, 3, 3 }) end)
    fails("expected float32 values from 0 to 1, got 0 to 255", function()
      image.save(path, tensor.tensor { { 0, 255 } })
    end)
    fails("expected float32 values from 0 to 1", function() image.save(path, tensor.tensor { { 0.5, 0 / 0 } }) end)
    fails("expected float32 values from 0 to 1", function() image.save(path, tensor.tensor { { -0.1, 0 } }) end)
    fails("got int32", function() image.save(path, tensor.tensor({ { 1 } }, "int32")) end)
    fails("cannot hold a picture of 0x3 pixels", function() image.save(path, tensor.zeros({ 0, 3 }, "uint8")) end)
    assert.is_nil(lfs.attributes(path))
  end)

  it("says where it cannot be saved", function()
    local pixels = noise(2, 2, 3)
    for _, name in ipairs { "x", "x.gif", "x.png.txt", ".png/x" } do
      fails("expected .png, .jpg, .jpeg or .bmp", function() image.save(temporary(name), pixels) end)
    end
    fails("JPEG has no alpha", function() image.save(temporary "x.jpg", noise(2, 2, 4)) end)
    fails("cannot be written: No such file or directory", function() image.save(temporary "none/x.png", pixels) end)
  end)

  it("is all that garbage gives", function()
    math.randomseed(3, 4)
    local strange = {}
    image.save(temporary "seed.png", noise(12, 12, 3))
    image.save(temporary "seed.jpg", gradient(24, 24, 3))
    image.save(temporary "seed.bmp", noise(12, 12, 3))
    for _, name in ipairs { "seed.png", "seed.jpg", "seed.bmp" } do
      local source = read(temporary(name))
      for i = 1, 500 do
        local bytes = { source:byte(1, i % 4 == 0 and math.random(#source) or -1) }
        local reach = i % 2 == 0 and math.min(#bytes, 40) or #bytes
        for _ = 1, math.random(6) do bytes[math.random(reach)] = math.random(0, 255) end
        local path = write(temporary "garbage", string.char(table.unpack(bytes)))
        local pixels, message = data.load_image(path, 3, 8, 8)
        local sound = pixels or message:find(path .. ": ", 1, true) == 1
        if not sound then strange[#strange + 1] = message end
        if i % 10 == 0 then data.load_image(path, 1) end
      end
    end
    assert.same({}, strange)
  end)
end)
