-- CIFAR-10 and CIFAR-100: the binary files, read from a folder of data sets.
local blame = require "nn.support.blame"
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local nn = require "nn"

local real = { getenv = os.getenv, stderr = io.stderr }
local folder, environment, said

setup(function() folder = fakes.folder() end)
teardown(fakes.clean)

before_each(function()
  os.execute(("rm -rf %s/*"):format(folder))
  environment, said = { NNRUN_DATA = folder, HOME = folder .. "/home" }, {}
  os.getenv = function(name) return environment[name] end -- luacheck: ignore
  io.stderr = { write = function(_, ...) said[#said + 1] = table.concat { ... } end } -- luacheck: ignore
end)

after_each(function()
  os.getenv, io.stderr = real.getenv, real.stderr -- luacheck: ignore
end)

-- A record whose reds, greens and blues count up from a number each.
local function record(labels, red, green, blue)
  local planes = {}
  for _, first in ipairs { red, green, blue } do
    local bytes = {}
    for i = 0, 1023 do bytes[i + 1] = string.char((first + i) % 256) end
    planes[#planes + 1] = table.concat(bytes)
  end
  return labels .. table.concat(planes)
end

local function write(name, contents)
  files.make_folder(folder .. "/" .. name:match "(.*)/")
  assert(files.write(folder .. "/" .. name, contents))
end

local function message_of(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return blame.is_fatal(err) and err.message or err
end

describe("cifar10", function()
  it("has pictures with channels last, and a column of class ids", function()
    for i = 1, 5 do
      write(("cifar10/cifar-10-batches-bin/data_batch_%d.bin"):format(i), record(string.char(i), i, 100, 200))
    end
    write("cifar10/test_batch.bin", record("\9", 1, 2, 3) .. record("\0", 4, 5, 6))
    local x_train, y_train, x_test, y_test = nn.datasets.cifar10.load_data()
    assert.are.same({ 5, 32, 32, 3 }, x_train.shape)
    assert.are.same({ { 1 }, { 2 }, { 3 }, { 4 }, { 5 } }, y_train:totable())
    assert.are.same({ 3, 100, 200 }, x_train[3][1][1]:totable())
    assert.are.same({ 3 + 33, 100 + 33, 200 + 33 }, x_train[3][2][2]:totable())
    assert.are.same({ { 9 }, { 0 } }, y_test:totable())
    assert.are.same({ 5, 6, 7 }, x_test[2][1][2]:totable())
    assert.are.equal("uint8 uint8", x_train.dtype .. " " .. y_train.dtype)
    assert.are.same({}, said)
    assert.are.equal("cifar10", nn.datasets.source_of(y_test).name)
    assert.are.equal(6, #nn.datasets.source_of(x_train).files)
  end)

  it("says which part of it is there", function()
    write("cifar10/data_batch_1_first4000.bin", record("\1", 1, 2, 3))
    write("cifar10/test_batch_first1000.bin", record("\2", 1, 2, 3))
    local x_train = nn.datasets.cifar10.load_data()
    assert.are.equal(1, #x_train)
    assert.matches("cifar10: only the first 4,000 training and 1,000 test pictures are there", said[1])
    assert.matches("the first 4,000", nn.datasets.source_of(x_train).name)
  end)

  it("says how it is got if it is missing", function()
    local message = message_of(nn.datasets.cifar10.load_data)
    assert.matches("cifar10: data_batch_1.bin is in none of the folders of data sets %(" .. folder, message)
    assert.matches("curl %-L https://www.cs.toronto.edu/~kriz/cifar%-10%-binary.tar.gz | tar xz %-C .*"
      .. "home/.local/share/nnrun/cifar10", message)
  end)

  it("is an error if it is damaged", function()
    write("cifar10/data_batch_1_first4000.bin", record("\1", 1, 2, 3):sub(1, -2))
    write("cifar10/test_batch_first1000.bin", record("\10", 1, 2, 3))
    assert.matches("first4000.bin: expected records of 3073 bytes each, found 3072 bytes",
      message_of(nn.datasets.cifar10.load_data))
    write("cifar10/data_batch_1_first4000.bin", record("\1", 1, 2, 3))
    assert.matches("first1000.bin: expected class ids from 0 to 9, found 10", message_of(nn.datasets.cifar10.load_data))
    write("cifar10/test_batch_first1000.bin", "")
    assert.matches("found 0 bytes", message_of(nn.datasets.cifar10.load_data))
  end)

  it("has ten names", function() assert.are.equal(10, #nn.datasets.cifar10.class_names) end)

  it("is what the first real pictures are", function()
    environment.NNRUN_DATA = real.getenv "NNRUN_DATA"
    if not environment.NNRUN_DATA or not io.open(environment.NNRUN_DATA .. "/cifar10/batches.meta.txt") then
      return pending "cifar10 is not in NNRUN_DATA"
    end
    local x_train, y_train = nn.datasets.cifar10.load_data()
    assert.are.equal(59, x_train[1][1][1][1]) -- the frog that Keras' data begin with
    assert.are.same({ { 6 }, { 9 }, { 9 }, { 4 }, { 1 } }, y_train[{ { 1, 5 } }]:totable())
  end)
end)

describe("cifar100", function()
  before_each(function()
    write("cifar100/train.bin", record("\19\99", 1, 2, 3))
    write("cifar100/cifar-100-binary/test.bin", record("\4\0", 1, 2, 3))
  end)

  it("has class ids, or groups of classes", function()
    local x_train, y_train, _, y_test = nn.datasets.cifar100.load_data()
    assert.are.same({ 1, 32, 32, 3 }, x_train.shape)
    assert.are.same({ 1, 2, 3 }, x_train[1][1][1]:totable())
    assert.are.same({ 99, 0 }, { y_train:item(), y_test:item() })
    _, y_train, _, y_test = nn.datasets.cifar100.load_data { label_mode = "coarse" }
    assert.are.same({ 19, 4 }, { y_train:item(), y_test:item() })
    assert.are.equal(100, #nn.datasets.cifar100.class_names)
    assert.are.equal(20, #nn.datasets.cifar100.coarse_class_names)
  end)

  it("refuses other labels", function()
    assert.matches('cifar_spec.lua:%d+: .*label_mode: expected "fine" or "coarse", got "both"', message_of(function()
      nn.datasets.cifar100.load_data { label_mode = "both" }
    end))
  end)
end)
