-- nn.preprocessing.image: pictures changed at random, and single pictures by Keras' names.
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local message_of = require("tests.support.expect").message_of
local nn = require "nn"
local image = nn.preprocessing.image

local folder
local stderr = io.stderr

setup(function()
  folder = fakes.folder()
  io.stderr = { write = function() end } -- luacheck: ignore
  for id, name in ipairs { "cats", "dogs" } do
    files.make_folder(folder .. "/pets/" .. name)
    for i = 1, 4 do
      nn.image.save(("%s/pets/%s/%d.png"):format(folder, name, i), nn.full({ 4, 4, 3 }, 100 * id + i, "uint8"))
    end
  end
end)

teardown(function()
  io.stderr = stderr -- luacheck: ignore
  fakes.clean()
end)

local function picture(rows)
  return nn.tensor(rows):reshape { #rows, #rows[1], 1 }
end

local function rows_of(x) return x:reshape { x.shape[1], x.shape[2] }:totable() end

local NUMBERS = picture { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 13, 14, 15, 16 } }

-- The numbers follow by hand from Keras' matrices, as scipy.ndimage.affine_transform applies them.
describe("ImageDataGenerator applies", function()
  local function applied(parameters, settings)
    return image.ImageDataGenerator(settings):apply_transform(NUMBERS, parameters):round() -- of the last bits
  end

  it("flips", function()
    assert.are.same({ { 4, 3, 2, 1 }, { 8, 7, 6, 5 }, { 12, 11, 10, 9 }, { 16, 15, 14, 13 } },
      rows_of(applied { flip_horizontal = true }))
    assert.are.same({ { 13, 14, 15, 16 }, { 9, 10, 11, 12 }, { 5, 6, 7, 8 }, { 1, 2, 3, 4 } },
      rows_of(applied { flip_vertical = true }))
  end)

  it("shifts, of rows and of columns", function()
    assert.are.same({ { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 13, 14, 15, 16 }, { 13, 14, 15, 16 } },
      rows_of(applied { tx = 1 }))
    assert.are.same({ { 0, 1, 2, 3 }, { 0, 5, 6, 7 }, { 0, 9, 10, 11 }, { 0, 13, 14, 15 } },
      rows_of(applied({ ty = -1 }, { fill_mode = "constant" })))
    assert.are.same({ { 1, 1, 2, 3 }, { 5, 5, 6, 7 }, { 9, 9, 10, 11 }, { 13, 13, 14, 15 } },
      rows_of(applied({ ty = -1 }, { fill_mode = "reflect" })))
  end)

  it("a shift and then a flip", function()
    assert.are.same({ 3, 2, 1, 9 },
      rows_of(applied({ ty = -1, flip_horizontal = true }, { fill_mode = "constant", cval = 9 }))[1])
  end)

  it("rotations about the centre, counted as Keras does", function()
    assert.are.same({ { 4, 8, 12, 16 }, { 3, 7, 11, 15 }, { 2, 6, 10, 14 }, { 1, 5, 9, 13 } },
      rows_of(applied { theta = -90 }))
    assert.are.same({ { 13, 9, 5, 1 }, { 14, 10, 6, 2 }, { 15, 11, 7, 3 }, { 16, 12, 8, 4 } },
      rows_of(applied { theta = 90 }))
  end)

  it("zooms: 2 shows the double", function()
    local constant = image.ImageDataGenerator { fill_mode = "constant" }
    assert.are.same({ { 0, 0, 0, 0 }, { 0, 3.5, 5.5, 0 }, { 0, 11.5, 13.5, 0 }, { 0, 0, 0, 0 } },
      rows_of(constant:apply_transform(NUMBERS, { zx = 2, zy = 2 })))
    local nearest = image.ImageDataGenerator { interpolation_order = 0 }
    assert.are.same({ 1, 2, 2, 3 }, rows_of(nearest:apply_transform(NUMBERS, { zy = 0.5, ty = -0.4 }))[1])
  end)

  it("shears", function()
    -- Row r of the result, at column c, is row r' = r - sin(s) (c - 1.5) and column 1.5 + cos(s) (c - 1.5).
    local s = math.rad(30)
    local got = image.ImageDataGenerator {}:apply_transform(NUMBERS, { shear = 30 })
    local row, column = 1 - math.sin(s) * 0.5, 1.5 + math.cos(s) * 0.5
    assert.is_true(math.abs(got[2][3]:item() - (1 + 4 * row + column)) < 1e-4)
  end)

  it("shifts of channels, within the picture's numbers, and brightness", function()
    assert.are.same({ 4, 5, 6, 7 }, rows_of(applied { channel_shift_intensity = 3 })[1])
    assert.are.same({ 16, 16, 16, 16 }, rows_of(applied { channel_shift_intensity = 3 })[4])
    assert.are.same({ 1, 3, 4, 6 }, rows_of(applied { brightness = 1.5 })[1])
    assert.are.same({ 100, 200, 255, 255 }, rows_of(applied { brightness = 100 })[1])
  end)
end)

describe("ImageDataGenerator draws", function()
  it("within the ranges, and the same for the same seed", function()
    local generator = image.ImageDataGenerator { rotation_range = 40, width_shift_range = 0.5,
      height_shift_range = { 1, 2 }, shear_range = 5, zoom_range = { 0.5, 2 }, channel_shift_range = 9,
      brightness_range = { 0.5, 1 },
      horizontal_flip = true }
    local least, most, flips, shifts = {}, {}, 0, {}
    for seed = 1, 300 do
      local p = generator:get_random_transform({ 10, 20, 3 }, seed)
      for name, value in pairs(p) do
        if type(value) == "number" then
          least[name] = math.min(least[name] or value, value)
          most[name] = math.max(most[name] or value, value)
        end
      end
      flips, shifts[p.tx] = flips + (p.flip_horizontal and 1 or 0), true
      assert.is_false(p.flip_vertical)
      assert.are.same(p, generator:get_random_transform({ 10, 20, 3 }, seed))
    end
    local function spans(name, low, high)
      assert.is_true(least[name] >= low and least[name] < low + (high - low) / 10, name)
      assert.is_true(most[name] <= high and most[name] > high - (high - low) / 10, name)
    end
    spans("theta", -40, 40)
    spans("ty", -10, 10)
    spans("shear", -5, 5)
    spans("zx", 0.5, 2)
    spans("channel_shift_intensity", -9, 9)
    spans("brightness", 0.5, 1)
    assert.is_true(flips > 100 and flips < 200)
    assert.are.same({ [1] = true, [2] = true, [-1] = true, [-2] = true }, shifts)
  end)
end)

describe("ImageDataGenerator brings to scale", function()
  local x = nn.tensor { { { { 1, 10 } }, { { 3, 30 } } }, { { { 5, 50 } }, { { 7, 70 } } } } -- (2, 2, 1, 2)

  it("what it is asked to", function()
    local function first(settings)
      local generator = image.ImageDataGenerator(settings)
      generator:fit(x)
      return generator:standardize(x)[1]:flatten():totable()
    end
    assert.are.same({ 2, 20, 6, 60 }, first { rescale = 2 })
    assert.are.same({ 4, 22, 8, 62 }, first { preprocessing_function = function(one) return one + 1 end, rescale = 2 })
    assert.are.same({ -10, -1, -8, 19 }, first { samplewise_center = true })
    assert.are.same({ -3, -30, -1, -10 }, first { featurewise_center = true })
    local scaled = first { featurewise_std_normalization = true }
    assert.is_true(math.abs(scaled[1] - -3 / math.sqrt(5)) < 1e-4)
    scaled = first { samplewise_std_normalization = true }
    assert.is_true(math.abs(scaled[4] - 19 / math.sqrt((100 + 1 + 64 + 361) / 4)) < 1e-4)
  end)

  it("or says what is missing", function()
    assert.matches("need generator:fit%(x%) first", message_of(function()
      image.ImageDataGenerator { featurewise_center = true }:standardize(x)
    end))
    assert.matches("fit: expected pictures %(n, height, width, channels%)", message_of(function()
      image.ImageDataGenerator {}:fit(nn.ones { 3, 3 })
    end))
    assert.matches('fill_mode: expected "nearest"', message_of(image.ImageDataGenerator, { fill_mode = "mirror" }))
    assert.matches("unknown argument rotation; known are",
      message_of(image.ImageDataGenerator, { rotation = 3 }))
    assert.matches("zoom_range: expected a number from 0 to 1",
      message_of(image.ImageDataGenerator, { zoom_range = 2 }))
  end)
end)

describe("ImageDataGenerator gives", function()
  local x, y = nn.arange(10):reshape { 10, 1, 1, 1 }, nn.arange(10)

  local function read(dataset)
    local list = {}
    for a in dataset:iterate() do table.move(a:flatten():totable(), 1, #a, #list + 1, list) end
    return list
  end

  it("batches from tensors", function()
    local dataset = image.ImageDataGenerator { rescale = 2 }:flow(x, y, { batch_size = 4, shuffle = false })
    assert.are.equal(3, dataset:cardinality())
    assert.are.same({ 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 }, read(dataset))
    for a, b in image.ImageDataGenerator { rescale = 3 }:flow(x, y, { seed = 2 }):iterate() do
      assert.are.same((b * 3):totable(), a:flatten():totable())
      assert.are_not.same(y:totable(), b:totable())
    end
  end)

  it("parts of them", function()
    local generator = image.ImageDataGenerator { validation_split = 0.3 }
    assert.are.same({ 0, 1, 2 }, read(generator:flow(x, y, { subset = "validation", shuffle = false })))
    assert.are.same({ 3, 4, 5, 6, 7, 8, 9 }, read(generator:flow(x, y, { subset = "training", shuffle = false })))
    assert.matches("give ImageDataGenerator a validation_split", message_of(function()
      image.ImageDataGenerator {}:flow(x, y, { subset = "training" })
    end))
  end)

  it("the same changes for the same seed and epoch, others in others", function()
    local pictures = nn.random.uniform { shape = { 6, 8, 8, 1 }, seed = 1 }
    local function make()
      return image.ImageDataGenerator { rotation_range = 90, horizontal_flip = true }:flow(pictures, nil,
        { batch_size = 2, seed = 5, shuffle = false })
    end
    local one, two = make(), make()
    local first = read(one)
    assert.are.same(first, read(two))
    assert.are_not.same(first, read(one))
    assert.are_not.same(pictures:flatten():totable(), first)
  end)

  it("batches from a folder, with labels in each mode", function()
    local generator = image.ImageDataGenerator { rescale = 1 / 255 }
    local function batch(options)
      options.target_size, options.shuffle = { 2, 2 }, false
      local dataset = generator:flow_from_directory(folder .. "/pets", options)
      local a, b = dataset:iterate()()
      return a, b, dataset
    end
    local a, b, dataset = batch {}
    assert.are.same({ 8, 2, 2, 3 }, a.shape)
    assert.are.same({ 8, 2 }, b.shape)
    assert.is_true(math.abs(a[1][1][1][1] - 101 / 255) < 1e-6)
    assert.are.same({ "cats", "dogs" }, dataset.class_names)
    assert.are.same({ 0, 0, 0, 0, 1, 1, 1, 1 }, select(2, batch { class_mode = "binary" }):totable())
    assert.are.equal("int32", select(2, batch { class_mode = "sparse" }).dtype)
    local _, ids, turned = batch { class_mode = "sparse", classes = { "dogs", "cats" } }
    assert.are.same({ 0, 1 }, { ids[1], ids[8] })
    assert.matches("dogs/1.png", turned.file_paths[1])
    assert.is_nil(select(2, batch { class_mode = "none" }))
    local own, target = batch { class_mode = "input" }
    assert.are.same(own:totable(), target:totable())
  end)

  it("parts of each class of a folder", function()
    local generator = image.ImageDataGenerator { validation_split = 0.25 }
    local function paths(subset)
      return generator:flow_from_directory(folder .. "/pets", { subset = subset }).file_paths
    end
    assert.are.same({ folder .. "/pets/cats/1.png", folder .. "/pets/dogs/1.png" }, paths "validation")
    assert.are.equal(6, #paths "training")
  end)

  it("what a model trains on, with the same bits", function()
    local function weights()
      nn.utils.set_random_seed(3)
      local model = nn.Sequential { nn.layers.Flatten { input_shape = { 4, 4, 3 } },
        nn.layers.Dense { 1, activation = "sigmoid" } }
      model:compile { loss = "binary_crossentropy" }
      local train = image.ImageDataGenerator { rescale = 1 / 255, rotation_range = 40, zoom_range = 0.2 }
        :flow_from_directory(folder .. "/pets",
          { target_size = { 4, 4 }, batch_size = 3, class_mode = "binary", seed = 1 })
      model:fit(train, { epochs = 2, steps_per_epoch = 3, verbose = 0 })
      return model:get_weights()[1]:totable()
    end
    assert.are.same(weights(), weights())
  end)
end)

describe("a single picture", function()
  it("is read, computed with and written by Keras' names", function()
    local pixels = nn.tensor({ { { 0, 10, 20 }, { 30, 40, 255 } } }, "uint8")
    nn.utils.save_img(folder .. "/x.png", pixels, { scale = false })
    local loaded = nn.utils.load_img(folder .. "/x.png")
    assert.are.same(pixels:totable(), loaded:totable())
    assert.are.same({ 2, 4, 3 }, nn.utils.load_img(folder .. "/x.png", { target_size = { 2, 4 } }).shape)
    local numbers = nn.utils.img_to_array(loaded)
    assert.are.equal("float32", numbers.dtype)
    local first = nn.utils.img_to_array(loaded, { data_format = "channels_first" })
    assert.are.same({ { { 0, 30 } }, { { 10, 40 } }, { { 20, 255 } } }, first:totable())
    assert.are.same(loaded:totable(), nn.utils.array_to_img(first, { data_format = "channels_first" }):totable())
    assert.are.same({ { { 0 }, { 255 } } }, nn.utils.array_to_img(nn.tensor { { { -2 }, { 2 } } }):totable())
    assert.are.same({ { { 0 }, { 0 } } }, nn.utils.array_to_img(nn.tensor { { { 3 }, { 3 } } }):totable())
  end)

  it("is refused if it is none", function()
    assert.matches("img_to_array: expected a picture", message_of(nn.utils.img_to_array, nn.ones { 4 }))
    assert.matches("array_to_img: expected a picture", message_of(nn.utils.array_to_img, "x.png"))
    assert.matches("load_img: unknown argument grayscale", message_of(nn.utils.load_img, "x.png", { grayscale = true }))
  end)
end)
