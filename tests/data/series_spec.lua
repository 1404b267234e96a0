-- Series and texts as datasets, and what Keras 2 has for sequences. Numbers of Keras' documentation and tests.
local lfs = require "lfs"
local files = require "nn.support.files"
local nn = require "nn"

local sequence = nn.preprocessing.sequence

local function says(part, f)
  local ok, message = pcall(f)
  assert.is_false(ok, "it was taken")
  assert.is_truthy(message:find(part, 1, true), message)
end

describe("timeseries_dataset_from_array", function()
  local data = nn.arange(100)

  local function batches(...)
    local list = {}
    for x, y in nn.utils.timeseries_dataset_from_array(...):iterate() do
      list[#list + 1] = { x:totable(), nn.is_tensor(y) and y:totable() }
    end
    return list
  end

  it("has Keras' windows", function()
    local all = batches(data, nil, { sequence_length = 10, sampling_rate = 2, sequence_stride = 3 })
    assert.are.equal(1, #all)
    assert.are.equal(28, #all[1][1])
    assert.are.same({ 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 }, all[1][1][1])
    assert.are.same({ 81, 83, 85, 87, 89, 91, 93, 95, 97, 99 }, all[1][1][28])
  end)

  it("has the target of each window", function()
    local all = batches(data[{ { 1, 90 } }], data[{ { 11, 100 } }], { sequence_length = 10, batch_size = 32 })
    assert.are.same({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, all[1][1][1])
    assert.are.equal(10, all[1][2][1])
    assert.are.equal(3, #all)
    assert.are.equal(81 - 64, #all[3][2])
    assert.are.equal(90, all[3][2][17])
  end)

  it("uses a part of the rows, and keeps further axes", function()
    local rows = nn.arange(40):reshape { 10, 2, 2 }
    local options = { sequence_length = 2, start_index = 3, end_index = 6, batch_size = false }
    local all = batches(rows, nn.arange(10), options)
    assert.are.equal(3, #all)
    assert.are.same(rows[{ { 3, 4 } }]:totable(), all[1][1])
    assert.are.same(rows[{ { 5, 6 } }]:totable(), all[3][1])
    local _, y = nn.utils.timeseries_dataset_from_array(rows, nn.arange(10), { sequence_length = 2, start_index = 3 })
      :iterate()()
    assert.are.equal(2, y[1])
  end)

  it("has an order of its own in each epoch, and all windows in each", function()
    local dataset = nn.utils.timeseries_dataset_from_array(data, data,
      { sequence_length = 5, batch_size = 7, shuffle = true, seed = 3 })
    local orders = {}
    for epoch = 1, 2 do
      local seen, order = {}, {}
      for x, y in dataset:iterate() do
        for i = 1, #y do
          assert.are.equal(x[i][1], y[i])
          seen[y[i]], order[#order + 1] = true, y[i]
        end
      end
      assert.are.equal(96, #order)
      for i = 0, 95 do assert.is_true(seen[i]) end
      orders[epoch] = table.concat(order, " ")
    end
    assert.are_not.equal(orders[1], orders[2])
    assert.are.equal(14, dataset:cardinality())
  end)

  it("trains a model", function()
    local series = nn.ops.sin(nn.arange(60) / 5):reshape { 60, 1 }
    local dataset = nn.utils.timeseries_dataset_from_array(series[{ { 1, 55 } }], series[{ { 6, 60 } }],
      { sequence_length = 5, batch_size = 16, shuffle = true })
    local model = nn.Sequential { nn.layers.Flatten { input_shape = { 5, 1 } }, nn.layers.Dense { 1 } }
    model:compile { loss = "mse", optimizer = nn.optimizers.Adam { 0.05 } }
    local history = model:fit(dataset, { epochs = 20, verbose = 0 })
    assert.is_true(history.history.loss[20] < 0.1 * history.history.loss[1])
  end)

  it("says what does not fit", function()
    says("a window takes 101 rows, but there are 100", function()
      nn.utils.timeseries_dataset_from_array(data, nil, { sequence_length = 101 })
    end)
    says("start_index and end_index", function()
      nn.utils.timeseries_dataset_from_array(data, nil, { sequence_length = 2, end_index = 101 })
    end)
    says("sequence_length is missing", function() nn.utils.timeseries_dataset_from_array(data, nil, {}) end)
  end)
end)

describe("TimeseriesGenerator", function()
  local data = nn.arange(50):reshape { 50, 1 }

  it("has Keras' batches", function()
    local generator = sequence.TimeseriesGenerator { data, data, length = 10, sampling_rate = 2, batch_size = 2 }
    assert.are.equal(20, #generator)
    local x, y = generator:get(1)
    assert.are.same({ { { 0 }, { 2 }, { 4 }, { 6 }, { 8 } }, { { 1 }, { 3 }, { 5 }, { 7 }, { 9 } } }, x:totable())
    assert.are.same({ { 10 }, { 11 } }, y:totable())
    says("from 1 to 20", function() generator:get(21) end)
  end)

  it("knows strides, parts, odd lengths and the other direction", function()
    local generator = sequence.TimeseriesGenerator { data, data, length = 3, stride = 4, batch_size = 2,
      start_index = 11, end_index = 31, sampling_rate = 2, reverse = true }
    assert.are.equal(3, #generator) -- targets 13, 17, 21, 25, 29
    local x, y = generator:get(3)
    assert.are.same({ { 29 } }, y:totable())
    assert.are.same({ { { 28 }, { 26 } } }, x:totable())
  end)

  it("draws windows at random, and trains a model", function()
    local generator = sequence.TimeseriesGenerator { data, data, length = 4, batch_size = 20, shuffle = true, seed = 2 }
    local x, y = generator:get(2)
    assert.is_true((y - x[{ {}, 4 }] - 1):abs():max() == 0)
    assert.are_not.same(y:totable(), (select(2, generator:get(1))):totable())
    local model = nn.Sequential { nn.layers.Flatten { input_shape = { 4, 1 } }, nn.layers.Dense { 1 } }
    model:compile { loss = "mse", optimizer = nn.optimizers.SGD { 1e-4 } }
    local history = model:fit(generator, { epochs = 2, verbose = 0 })
    assert.is_true(history.history.loss[2] < history.history.loss[1])
  end)
end)

describe("skipgrams", function()
  it("are all neighbours, and as many random pairs", function()
    local couples, labels = sequence.skipgrams({ 1, 2, 0, 3 }, 4, { window_size = 2, negative_samples = 0,
      shuffle = false })
    assert.are.same({ { 1, 2 }, { 2, 1 }, { 2, 3 }, { 3, 2 } }, couples)
    assert.are.same({ 1, 1, 1, 1 }, labels)
    couples, labels = sequence.skipgrams({ 1, 2, 3, 4 }, 5, { window_size = 1, seed = 4, categorical = true })
    assert.are.equal(12, #couples)
    local real = 0
    for i, label in ipairs(labels) do
      real = real + label[2]
      if label[2] == 1 then assert.are.equal(1, math.abs(couples[i][1] - couples[i][2])) end
      assert.is_true(couples[i][2] >= 1 and couples[i][2] <= 4)
    end
    assert.are.equal(6, real)
  end)

  it("leave frequent words out", function()
    local table_of = sequence.make_sampling_table(4, 1e-2)
    for i, want in ipairs { 0.0996828303504002, 0.0996828303504002, 0.1731654611766799, 0.2345007268267319 } do
      assert.is_near(want, table_of[i], 1e-6)
    end
    local couples = sequence.skipgrams({ 1, 2, 1 }, 3, { sampling_table = nn.tensor { 0, 0, 1 }, negative_samples = 0 })
    for _, couple in ipairs(couples) do assert.are.equal(2, couple[1]) end
    assert.are.equal(2, #couples)
  end)
end)

describe("nn.preprocessing.text", function()
  it("hashes words into ids", function()
    local text = nn.preprocessing.text
    assert.are.same(text.one_hot("A good, GOOD film", 50), text.hashing_trick("a good good film", 50))
    local ids = text.one_hot("A good, GOOD film", 50)
    assert.are.equal(ids[2], ids[3])
    for _, id in ipairs(ids) do assert.is_true(id >= 1 and id <= 49) end
    local function length(word) return #word - 1 end
    assert.are.same({ 1, 3, 1 }, text.hashing_trick("a bcd e", 50, { hash_function = length }))
    assert.are.equal(nn.preprocessing.Tokenizer, text.Tokenizer)
  end)
end)

describe("text_dataset_from_directory", function()
  local folder, stderr

  setup(function()
    stderr, io.stderr = io.stderr, { write = function() end } -- luacheck: ignore
    folder = os.tmpname()
    os.remove(folder)
    for _, name in ipairs { "", "/good", "/bad" } do lfs.mkdir(folder .. name) end
    for i = 1, 3 do
      files.write(("%s/good/%d.txt"):format(folder, i), "good " .. i)
      files.write(("%s/bad/%d.txt"):format(folder, i), "bad " .. i)
    end
    files.write(folder .. "/bad/notes.md", "no text")
  end)

  teardown(function()
    io.stderr = stderr -- luacheck: ignore
    os.execute(("rm -r '%s'"):format(folder))
  end)

  it("gives texts and labels", function()
    local dataset = nn.utils.text_dataset_from_directory(folder, { batch_size = 4, shuffle = false })
    assert.are.same({ "bad", "good" }, dataset.class_names)
    local all, labels = {}, {}
    for x, y in dataset:iterate() do
      table.move(x, 1, #x, #all + 1, all)
      for i = 1, #y do labels[#labels + 1] = y[i] end
    end
    assert.are.same({ "bad 1", "bad 2", "bad 3", "good 1", "good 2", "good 3" }, all)
    assert.are.same({ 0, 0, 0, 1, 1, 1 }, labels)
    assert.are.equal(2, dataset:cardinality())
  end)

  it("has parts, other labels, short and single texts", function()
    local options = { validation_split = 0.34, subset = "both", seed = 1, label_mode = "categorical" }
    local train, validation = nn.utils.text_dataset_from_directory(folder, options)
    local x, y = train:iterate()()
    assert.are.same({ 4, 2 }, { #x, y.shape[2] })
    assert.are.equal(2, #validation:iterate()())
    local single = nn.utils.text_dataset_from_directory(folder,
      { batch_size = false, shuffle = false, max_length = 3, labels = "none" })
    assert.are.equal("bad", single:iterate()())
    says("no folder", function() nn.utils.text_dataset_from_directory(folder .. "/none") end)
  end)

  it("trains a model that reads texts", function()
    local dataset = nn.utils.text_dataset_from_directory(folder, { batch_size = 2, label_mode = "binary" })
    local words = nn.layers.TextVectorization { output_mode = "multi_hot" }
    words:adapt(dataset)
    local model = nn.Sequential { words, nn.layers.Dense { 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy", optimizer = nn.optimizers.Adam { 0.1 } }
    model:fit(dataset, { epochs = 30, verbose = 0 })
    local p = model:predict { "good 1", "bad 2" }
    assert.is_true(p[1][1] > 0.5 and p[2][1] < 0.5)
  end)
end)
