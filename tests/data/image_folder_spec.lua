-- nn.utils.image_dataset_from_directory: which pictures, which labels, in which order, and what is wrong with them.
local lfs = require "lfs"
local engine = require "engine.pictures"
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local jpeg = require "tests.support.jpeg"
local nn = require "nn"
local process = require "engine.process"

local root, said
local stderr = io.stderr

local function write(path, contents)
  files.make_folder(path:match "(.*)/")
  assert(files.write(path, contents))
end

local function picture(path, value, height, width)
  files.make_folder(path:match "(.*)/")
  nn.image.save(path, nn.full({ height or 4, width or 6, 3 }, value, "uint8"))
end

setup(function() root = fakes.folder() end)

teardown(fakes.clean)

before_each(function()
  said = {}
  io.stderr = { write = function(_, ...) said[#said + 1] = table.concat { ... } end } -- luacheck: ignore
  for i = 1, 3 do picture(("%s/pets/cats/%d.png"):format(root, i), 10 * i) end
  picture(root .. "/pets/dogs/1.PNG", 100)
  picture(root .. "/pets/dogs/small/1.bmp", 110, 9, 9)
  write(root .. "/pets/dogs/notes.txt", "no picture")
end)

after_each(function()
  io.stderr = stderr -- luacheck: ignore
  files.remove(root .. "/pets")
end)

local function load(options, folder)
  options = options or {}
  options.image_size, options.verbose = options.image_size or { 2, 3 }, options.verbose or false
  return nn.utils.image_dataset_from_directory(folder or root .. "/pets", options)
end

local function message_of(...)
  local ok, message = pcall(load, ...)
  assert.is_false(ok)
  assert.matches("image_folder_spec.lua:%d+: ", message)
  return message
end

-- The batches of an epoch, and their first pixels in one list.
local function read(dataset)
  local batches, first = {}, {}
  for x, y in dataset:iterate() do
    batches[#batches + 1] = { x = x, y = y }
    for i = 1, #x do first[#first + 1] = x[i]:flatten()[1] end
  end
  return batches, first
end

local function pixels_of(dataset) return (select(2, read(dataset))) end

describe("image_dataset_from_directory", function()
  it("takes folders as classes", function()
    local dataset = load { shuffle = false, batch_size = 3 }
    local batches, first = read(dataset)
    assert.are.same({ 10, 20, 30, 100, 110 }, first)
    assert.are.same({ 3, 2, 3, 3 }, batches[1].x.shape)
    assert.are.same({ 2, 2, 3, 3 }, batches[2].x.shape)
    assert.are.equal("float32 int32", batches[1].x.dtype .. " " .. batches[1].y.dtype)
    assert.are.same({ { 0, 0, 0 }, { 1, 1 } }, { batches[1].y:totable(), batches[2].y:totable() })
    assert.are.same({ "cats", "dogs" }, dataset.class_names)
    assert.are.equal(root .. "/pets/cats/1.png", dataset.file_paths[1])
    assert.are.equal(2, dataset:cardinality())
  end)

  it("gives labels in each mode", function()
    local function first(options)
      options.shuffle = false
      return read(load(options))[1]
    end
    assert.are.same({ 5, 2 }, first { label_mode = "categorical" }.y.shape)
    assert.are.same({ { 0 }, { 0 }, { 0 }, { 1 }, { 1 } }, first { label_mode = "binary" }.y:totable())
    assert.are.equal("float32", first { label_mode = "binary" }.y.dtype)
    assert.is_nil(first { label_mode = "none" }.y)
    assert.is_nil(first { label_mode = false }.y)
    assert.is_nil(first { labels = "none" }.y)
    assert.are.same({ 7, 8, 9, 0, 1 }, first { labels = { 7, 8, 9, 0, 1 } }.y:totable())
    assert.are.same({ 0, 0, 1, 1, 1 }, first { class_names = { "dogs", "cats" } }.y:totable())
  end)

  it("brings pictures into the form asked for", function()
    local function shape(options) return read(load(options))[1].x.shape end
    assert.are.same({ 5, 2, 3, 1 }, shape { color_mode = "grayscale" })
    assert.are.same({ 5, 2, 3, 4 }, shape { color_mode = "rgba" })
    assert.are.same({ 5, 3, 2, 3 }, shape { data_format = "channels_first" })
    local single = load { batch_size = false, shuffle = false }
    assert.are.equal(5, single:cardinality())
    local x, y = single:iterate()()
    assert.are.same({ 2, 3, 3 }, x.shape)
    assert.are.equal(0, y)
    write(root .. "/colours/a/1.jpg", jpeg.make({ { { 10, 20, 30 } } }, jpeg.ADOBE))
    local first = { labels = "none", data_format = "channels_first", image_size = { 1, 1 } }
    x = read(load(first, root .. "/colours"))[1].x
    assert.are.same({ { { { 10 } }, { { 20 } }, { { 30 } } } }, x:totable())
  end)

  it("splits into parts that do not overlap", function()
    local options = { color_mode = "grayscale", validation_split = 0.4, seed = 5, subset = "training" }
    local a = load(options)
    options.subset = "validation"
    local b = load(options)
    options.subset = "both"
    local c, d = load(options)
    assert.are.same({ 3, 2 }, { #a.file_paths, #b.file_paths })
    assert.are.same({ a.file_paths, b.file_paths }, { c.file_paths, d.file_paths })
    local all = table.move(pixels_of(b), 1, 2, 4, pixels_of(a))
    table.sort(all)
    assert.are.same({ 10, 20, 30, 100, 110 }, all)
  end)

  it("gives each epoch an order of its own, which follows from the seed", function()
    local one, two = load { seed = 7, batch_size = 2 }, load { seed = 7, batch_size = 2 }
    local orders, differ = {}, false
    for epoch = 1, 5 do
      orders[epoch] = pixels_of(one)
      assert.are.same(orders[epoch], pixels_of(two))
      differ = differ or table.concat(orders[epoch], " ") ~= table.concat(orders[1], " ")
    end
    assert.is_true(differ)
  end)

  it("can be gone on with in the middle of an epoch", function()
    for _, size in ipairs { 2, false } do -- two pictures, or the two rows of one
      local whole = pixels_of(load { seed = 3, batch_size = size, color_mode = "grayscale" })
      for done = 1, 2 do
        local rest = pixels_of(load { seed = 3, batch_size = size, color_mode = "grayscale" }:skip(done))
        assert.are.same(table.move(whole, 2 * done + 1, #whole, 1, {}), rest)
      end
    end
  end)

  it("gives the same batches for any number of threads", function()
    local paths, order = load {}.file_paths, nn.tensor({ 4, 1, 3, 0, 2, 2, 1 }, "int32")
    local function batches(threads, start)
      local list = {}
      local stream = engine.open(paths, 3, 3, 3, "bilinear", "stretch", order, 2, start, threads, nil)
      for x in function() return (stream:next(false)) end do list[#list + 1] = x:totable() end
      stream:close()
      return list
    end
    local once = batches(0, 0)
    assert.are.equal(4, #once)
    assert.are.same(once, batches(1, 0))
    assert.are.same(once, batches(4, 0))
    assert.are.same({ once[3], once[4] }, batches(3, 2))
    assert.are.same({}, batches(1, 9))
  end)

  it("ends at once if the program is asked to stop", function()
    local script = root .. "/endless.lua"
    write(script, ([[
      local nn = require "nn"
      local dataset = nn.utils.image_dataset_from_directory(%q, { image_size = { 600, 600 }, verbose = false,
        cache_memory = 0 })
      io.stdout:write "started\n"
      io.stdout:flush()
      for x in dataset:repeated():iterate() do nn.random.normal { shape = { 10 } } end
    ]]):format(root .. "/pets"))
    local status = { os.execute(("timeout --preserve-status -s INT 1 %s %s >/dev/null 2>%s/said"):format(
      os.getenv "NNRUN" or "./nnrun", script, root)) }
    assert.are.same({ nil, "exit", 130 }, status)
    assert.matches("stopped by Ctrl%-C", files.read(root .. "/said"))
  end)

  it("brings pictures to one size as Keras does: without antialias", function()
    local wide = nn.tensor({ { { 9 }, { 0 }, { 0 }, { 0 }, { 80 }, { 40 }, { 0 }, { 0 } } }, "uint8")
    files.make_folder(root .. "/wide")
    nn.image.save(root .. "/wide/1.png", wide)
    local function row(options)
      options.image_size, options.color_mode, options.labels = { 1, 2 }, "grayscale", "none"
      return read(load(options, root .. "/wide"))[1].x:flatten():totable()
    end
    assert.are.same({ 0, 20 }, row {})
    assert.are.same({ 0, 80 }, row { crop_to_aspect_ratio = true })
    assert.are.same({ 0, 0 }, row { pad_to_aspect_ratio = true, interpolation = "nearest" })
  end)

  it("decodes large JPEG pictures small, and gives nearly what decoding them whole gives", function()
    local rows = {}
    for y = 1, 40 do
      rows[y] = {}
      for x = 1, 60 do rows[y][x] = { (y * 4 + x * 2) % 256 } end
    end
    write(root .. "/large/1.jpg", jpeg.make(rows, jpeg.exif(6, "<")))
    local grey = { labels = "none", color_mode = "grayscale", image_size = { 60, 40 } }
    local small = read(load(grey, root .. "/large"))[1].x[1]
    local whole = nn.image.load(root .. "/large/1.jpg", { color_mode = "grayscale", target_size = { 60, 40 },
      interpolation = "box" })
    assert.is_true((small - whole):abs():max() <= 1)
  end)

  it("leaves hidden files and linked folders out", function()
    picture(root .. "/pets/.cache/1.png", 1)
    write(root .. "/pets/cats/._1.png", "of another system")
    picture(root .. "/other/9.png", 90)
    lfs.link(root .. "/other", root .. "/pets/cats/linked", true)
    lfs.link(root .. "/pets/cats", root .. "/pets/cats/round", true)
    assert.are.equal(5, #load {}.file_paths)
    assert.are.equal(6, #load { follow_links = true }.file_paths)
  end)

  it("says what it found, unless told not to", function()
    load { verbose = true }
    assert.are.equal("Found 5 pictures of 2 classes.\n", table.concat(said))
    said = {}
    load { verbose = true, validation_split = 0.2, subset = "both", seed = 1 }
    assert.matches("using 4 for training and 1 for validation", table.concat(said))
  end)

  it("trains a model, also on what stays in memory, and with the same bits", function()
    local function weights(dataset)
      nn.utils.set_random_seed(3)
      local model = nn.Sequential { nn.layers.Rescaling { 1 / 255, input_shape = { 2, 3, 3 } }, nn.layers.Flatten {},
        nn.layers.Dense { 2, activation = "softmax" } }
      model:compile { loss = "sparse_categorical_crossentropy" }
      model:fit(dataset, { epochs = 3, verbose = 0 })
      return model:get_weights()[1]:totable()
    end
    local once = weights(load { batch_size = 2, seed = 4 })
    assert.are.same(once, weights(load { batch_size = 2, seed = 4, cache_memory = 0 }))
    assert.are.same(once, weights(load { batch_size = 2, seed = 4, cache_memory = 0 }:cache()))
    assert.are_not.same(once, weights(load { batch_size = 2, seed = 5 }))
  end)

  it("reads a file once if it stays in memory", function()
    local dataset, again = load { cache_memory = 1 }, load { cache_memory = 0 }
    read(dataset)
    read(again)
    files.remove(root .. "/pets/cats")
    assert.are.equal(5, #pixels_of(dataset))
    assert.is_false(pcall(pixels_of, again))
  end)

  it("is identified by the pictures and their labels, wherever they are", function()
    local digest = require "nn.support.digest"
    local one = digest.of(load { seed = 1 })
    os.execute(("cp -r %s/pets %s/copied"):format(root, root))
    assert.are.equal(one, digest.of(load({ seed = 1 }, root .. "/copied")))
    assert.are_not.equal(one, digest.of(load { seed = 2 }))
    assert.are_not.equal(one, digest.of(load { seed = 1, image_size = { 3, 3 } }))
    picture(root .. "/copied/cats/2.png", 21)
    assert.are_not.equal(one, digest.of(load({ seed = 1 }, root .. "/copied")))
    files.remove(root .. "/copied")
  end)

  it("can be read in another process while it is read here", function()
    local dataset = load { shuffle = false, batch_size = 1, cache_memory = 0 }
    local next_batch = dataset:iterate()
    assert.are.equal(10, next_batch():flatten()[1])
    local child = process.fork(function()
      local found = { next_batch():flatten()[1], next_batch():flatten()[1] }
      assert(files.write(root .. "/child", table.concat(found, " ")))
      return 0
    end)
    process.wait(child)
    assert.are.equal("20.0 30.0", files.read(root .. "/child"))
    assert.are.equal(20, next_batch():flatten()[1])
  end)

  it("refuses pictures that it cannot read, or leaves them out", function()
    write(root .. "/pets/dogs/0.jpg", "")
    write(root .. "/pets/cats/4.png", "garbage")
    local ok, message = pcall(read, load { shuffle = false })
    assert.is_false(ok)
    assert.matches("image_folder_spec.lua:%d+: image_dataset_from_directory: .*/cats/4.png: is not a PNG", message)
    assert.matches('; take it out of the folder, or give on_error = "skip"', message)
    local dataset = load { on_error = "skip", shuffle = false }
    assert.are.same({ 10, 20, 30, 100, 110 }, pixels_of(dataset))
    assert.matches("left out 2 of 7 pictures that cannot be read:\n.*4.png: is not .*\n.*0.jpg: is empty",
      table.concat(said))
    assert.matches("none of the 1 pictures can be read", (function()
      write(root .. "/bad/1.png", "x")
      return message_of({ labels = "none", on_error = "skip" }, root .. "/bad")
    end)())
    write(root .. "/moving/a.gif", "GIF89a")
    assert.matches("a.gif: only PNG, JPEG and BMP", message_of({ labels = "none" }, root .. "/moving"))
  end)

  it("says what is wrong with folders", function()
    assert.matches("/none is no folder", message_of({}, root .. "/none"))
    assert.matches("1.png is no folder", message_of({}, root .. "/pets/cats/1.png"))
    files.make_folder(root .. "/empty/a")
    files.make_folder(root .. "/empty/b")
    assert.matches("there are no pictures %(.png, .jpg, .jpeg, .bmp%) in .*/empty/a", message_of({}, root .. "/empty"))
    assert.matches("there are no pictures .* in folders of .*/small", message_of({}, root .. "/pets/dogs/small"))
    picture(root .. "/single/only/1.png", 1)
    assert.matches('has one folder, only, and so one class, .* labels = "none"', message_of({}, root .. "/single"))
  end)

  it("says what is wrong with arguments", function()
    assert.matches("image_size: expected { height, width }", message_of { image_size = 28 })
    assert.matches("unknown argument colour_mode", message_of { colour_mode = "rgb" })
    assert.matches("go together", message_of { validation_split = 0.5 })
    assert.matches("give a seed too", message_of { validation_split = 0.5, subset = "training" })
    assert.matches('subset: expected "training", "validation" or "both", got "x"', message_of { subset = "x" })
    assert.matches("the folders are cats, dogs", message_of { class_names = { "cats" } })
    assert.matches('class_names needs labels = "inferred"', message_of { class_names = { "a" }, labels = "none" })
    assert.matches("batch_size: expected a whole number", message_of { batch_size = 0 })
    assert.matches("5 class ids, one a picture, got 2", message_of { labels = { 1, 2 } })
    assert.matches("labels: %[2%]: expected a class id", message_of { labels = { 1, -2, 1, 1, 1 } })
    assert.matches("not both", message_of { crop_to_aspect_ratio = true, pad_to_aspect_ratio = true })
    assert.matches('"binary" wants two classes, there are 3',
      message_of { label_mode = "binary", labels = { 0, 1, 2, 0, 1 } })
  end)
end)
