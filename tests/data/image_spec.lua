-- nn.image: pictures read and written; garbage gives messages.
local lfs = require "lfs"
local fakes = require "tests.support.experiment_fakes"
local png = require "tests.support.png"
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

  it("becomes grey as Pillow makes it", function()
    image.save(temporary "x.png", tensor.tensor({ { { 1, 2, 3 }, { 200, 30, 4 }, { 0, 0, 255 } } }, "uint8"))
    assert.same({ { { 2 }, { 78 }, { 29 } } }, image.load(temporary "x.png", { color_mode = "grayscale" }):totable())
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

  it("is what Pillow makes of it", function()
    local steps = {}
    for i = 0, 29 do steps[i + 1] = i * i * 37 % 256 end
    image.save(path, tensor.tensor(steps, "uint8"):reshape { 5, 6 })
    local want = {
      nearest = { { 0, 148, 77, 157 }, { 208, 84, 133, 197 }, { 64, 180, 93, 141 } },
      box = { { 28, 106, 114, 141 }, { 159, 84, 67, 197 }, { 102, 194, 152, 129 } },
      bilinear = { { 25, 86, 112, 125 }, { 137, 102, 125, 132 }, { 105, 145, 146, 138 } },
      bicubic = { { 17, 85, 111, 125 }, { 145, 96, 131, 132 }, { 104, 148, 148, 139 } },
    }
    for interpolation, pixels in pairs(want) do
      local got = tensor.tensor(load({ 3, 4 }, interpolation))
      assert.is_true((got - pixels):abs():max() <= 1, interpolation .. tostring(got))
    end
  end)

  it("keeps its proportions where told to", function()
    image.save(path, tensor.tensor({ { 10, 20, 30, 40 }, { 50, 60, 70, 80 } }, "uint8"))
    local pixels = image.load(path, { color_mode = "grayscale", target_size = { 2, 2 }, keep_aspect_ratio = true })
    assert.same({ { { 20 }, { 30 } }, { { 60 }, { 70 } } }, pixels:totable())
  end)

  it("mixes colours as far as they are opaque", function()
    image.save(path, tensor.tensor({ { { 200, 0, 0, 255 }, { 0, 100, 0, 0 } } }, "uint8"))
    local pixels = image.load(path, { color_mode = "rgba", target_size = { 1, 1 }, interpolation = "box" })
    assert.same({ { { 200, 0, 0, 128 } } }, pixels:totable())
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
    for _, size in ipairs { {}, { 28 }, { 0, 5 }, { -1, 5 }, { 5, 1e9 }, { 2.5, 3 }, { "a", 3 }, { 1, 2, 3 } } do
      fails("target_size: expected { height, width }", function() image.load(path, { target_size = size }) end)
    end
    fails('interpolation: expected', function() image.load(path, { interpolation = "best" }) end)
    fails("colour_mode", function() image.load(path, { colour_mode = "rgb" }) end)
  end)

  it("says what is wrong with a file", function()
    fails(temporary "none.png" .. ": No such file or directory", function()
      image.load(temporary "none.png")
    end)
    fails("x.png: is not a PNG, JPEG or BMP picture that can be read", function()
      image.load(write(temporary "x.png", "no picture"))
    end)
    fails("x.png: is empty", function() image.load(write(temporary "x.png", "")) end)
    fails("is damaged: it cannot hold the 65000x65000 pixels it promises", function()
      image.save(temporary "x.jpg", noise(2, 2, 3))
      image.load(write(temporary "x.jpg", (read(temporary "x.jpg"):gsub("(\xFF\xC0...)....", "%1\253\232\253\232"))))
    end)
    fails("Is a directory", function() image.load(folder, { target_size = { 2, 2 } }) end)
  end)

  it("is what damage gives, never other pixels", function()
    local whole = noise(20, 30, 3)
    for _, name in ipairs { "x.png", "x.bmp", "x.jpg" } do
      image.save(temporary(name), whole)
      local bytes = read(temporary(name))
      for _, part in ipairs { 0.1, 0.5, 0.9, 0.99 } do
        fails(name .. ": is ", function() image.load(write(temporary(name), bytes:sub(1, #bytes * part // 1))) end)
      end
      fails(name .. ": is ", function() image.load(write(temporary(name), bytes:sub(1, -2))) end)
    end
    image.save(temporary "x.png", whole)
    local bytes = read(temporary "x.png")
    for at = 9, #bytes, 97 do
      local damaged = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 0x10) .. bytes:sub(at + 1)
      fails("x.png: is ", function() image.load(write(temporary "x.png", damaged)) end)
    end
  end)

  it("is what a PNG whose pixels do not fit its header gives", function()
    local sound = png.make(2, 2, 8, 0, { "\1\2", "\3\4" })
    assert.same({ { { 1 }, { 2 } }, { { 3 }, { 4 } } },
      image.load(write(temporary "x.png", sound), { color_mode = "grayscale" }):totable())
    for message, bytes in pairs {
      ["its pixels take 6 bytes, the header promises 9"] = png.make(2, 3, 8, 0, { "\1\2", "\3\4" }),
      ["the header promises 3"] = png.make(2, 1, 8, 0, { "\1\2", "\3\4" }),
      ["or their checksum is wrong"] = png.mend((sound:gsub("\3\4", "\3\5", 1))),
      ["the checksum of the part at byte 33 is wrong"] = sound:gsub("\3\4", "\3\5", 1),
      ["its end is missing"] = sound:sub(1, -13),
    } do
      fails(message, function() image.load(write(temporary "x.png", bytes)) end)
    end
    local after = image.load(write(temporary "x.png", sound .. "more"), { color_mode = "grayscale" })
    assert.same({ 2, 2, 1 }, after.shape)
  end)

  it("is what a JPEG without all of its parts gives", function()
    image.save(temporary "x.jpg", gradient(40, 40, 3))
    local bytes = read(temporary "x.jpg")
    local scan = bytes:find "\xFF\xDA"
    fails("its end is missing", function() image.load(write(temporary "x.jpg", bytes:sub(1, scan + 40))) end)
    fails("not all of its colours have pixels", function()
      image.load(write(temporary "x.jpg", bytes:sub(1, scan - 1) .. "\xFF\xD9"))
    end)
    fails("a stretch of its pixels is missing", function()
      image.load(write(temporary "x.jpg", bytes:sub(1, -3) .. "\xFF\xD3" .. bytes:sub(-2)))
    end)
  end)

  it("is what 16 bits a channel give, unless a type that holds them is asked for", function()
    local path = write(temporary "deep.png", png.make(2, 1, 16, 0, { "\1\2\255\254" }))
    fails('deep.png: has 16 bits a channel, which uint8 cannot hold; read it with dtype = "int32"', function()
      image.load(path)
    end)
    local deep = image.load(path, { color_mode = "grayscale", dtype = "int32" })
    assert.same({ { { 258 }, { 65534 } } }, deep:totable())
    assert.equal("int32", deep.dtype)
    image.save(temporary "x.png", noise(2, 2, 1))
    assert.same(image.load(temporary "x.png"):totable(), image.load(temporary "x.png", { dtype = "int32" }):totable())
    fails('dtype: expected "uint8" or "int32", got "float64"', function() image.load(path, { dtype = "float64" }) end)
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
    fails("nn.image.save: unknown argument quality", function() image.save(path, noise(2, 2, 3), { quality = 3 }) end)
    fails("nn.image.save: expected a table of options, got 3", function() image.save(path, noise(2, 2, 3), 3) end)
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
        local garbage = string.char(table.unpack(bytes))
        if name == "seed.png" and i % 3 == 0 then garbage = png.mend(garbage) end
        local pixels, message = data.decode_image(garbage, 3, "uint8")
        if not pixels and not message:find "^is " then strange[#strange + 1] = message end
        if i % 10 == 0 then data.decode_image(garbage, 1, "int32") end
      end
    end
    assert.same({}, strange)
  end)
end)
