-- Data sets: IDX files, checksums, where files are looked for, downloads (from a server on this machine), the loaders.
local lfs = require "lfs"
local fakes = require "tests.support.experiment_fakes"
local tensor = require "nn.tensor"
local data = require "engine.data"
local blame = require "nn.support.blame"
local command = require "nn.cli.data"
local datasets = require "nn.datasets"
local fetch = require "nn.datasets.fetch"
local idx = require "nn.datasets.idx"
local locate = require "nn.datasets.locate"
local shell = require "nn.support.shell"

local folder, environment, said
local real = { getenv = os.getenv, stderr = io.stderr }

local function write(path, contents)
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents)
  return path
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local contents = file:read "a"
  file:close()
  return contents
end

local function temporary(name)
  return folder .. "/" .. name
end

-- The status and the message of a fatal error.
local function fatal(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert(blame.is_fatal(err), tostring(err))
  return err.status, err.message
end

local function names_in(path)
  local names = {}
  for name in lfs.dir(path) do
    if name ~= "." and name ~= ".." then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- An IDX file of unsigned bytes, unless a type code is given.
local function idx_file(dims, body, type_code)
  return string.pack("BBBB", 0, 0, type_code or 8, #dims) .. string.pack((">I4"):rep(#dims), table.unpack(dims)) .. body
end

local IMAGES = idx_file({ 2, 2, 3 }, "abcdefghijkl")
local LABELS = idx_file({ 2 }, "\1\7")

-- A data set in the files of MNIST, with these contents in FOLDER/tiny.
local function tiny_set(images, labels, checksums)
  lfs.mkdir(temporary "tiny")
  local set = { name = "tiny", mirrors = {}, files = idx.files {} }
  for i, file in ipairs(set.files) do
    local contents = i % 2 == 1 and images or labels
    write(temporary("tiny/" .. file.name), contents)
    file.checksum = checksums and checksums[i] or data.hash(contents)
  end
  return set
end

setup(function() folder = fakes.folder() end)
teardown(fakes.clean)

before_each(function()
  os.execute(("rm -rf %s/*"):format(folder))
  environment, said = { NNRUN_DATA = folder, HOME = temporary "home" }, {}
  os.getenv = function(name) return environment[name] end -- luacheck: ignore
  io.stderr = { write = function(_, ...) said[#said + 1] = table.concat { ... } end } -- luacheck: ignore
end)

after_each(function()
  os.getenv, io.stderr = real.getenv, real.stderr -- luacheck: ignore
end)

describe("a file", function()
  it("is read whole, gzip'ed or not", function()
    local text = ("some text "):rep(100000)
    local path = write(temporary "text", text)
    assert.equal(text, data.read_file(path))
    os.execute(("gzip -k %s"):format(path))
    assert.equal(text, data.read_file(path .. ".gz"))
    assert.equal("", data.read_file(write(temporary "empty", "")))
  end)

  it("that is not there, or a folder, is a message", function()
    assert.same({ nil, temporary "x" .. ": cannot be opened: No such file or directory" },
      { data.read_file(temporary "x") })
    assert.same({ nil, folder .. ": is a folder, not a file" }, { data.read_file(folder) })
  end)

  it("with damaged gzip data is a message of zlib's", function()
    local path = write(temporary "text", ("some text "):rep(1000))
    os.execute(("gzip %s"):format(path))
    local packed = read(path .. ".gz")
    local function message(contents) return select(2, data.read_file(write(temporary "bad.gz", contents))) end
    assert.matches("bad.gz: at byte %d+: the gzip data is damaged: unexpected end of file", message(packed:sub(1, -5)))
    assert.matches("damaged: incorrect data check", message(packed:sub(1, -9) .. "crc!" .. packed:sub(-4)))
    assert.matches("bad.gz: at byte %d+: the gzip data is damaged", message(packed:sub(1, 18) .. ("\255"):rep(30)))
    assert.matches("damaged: unexpected end of file", message(packed:sub(1, 12)))
  end)
end)

describe("a hash", function()
  it("of one text is what xxhsum -H128 says", function()
    assert.equal("99aa06d3014798d86001c324468d497f", data.hash "")
    assert.equal("06b05ab6733a618578af5f94892f3950", data.hash "abc")
  end)

  it("of a tensor tells type, shape and values apart, but not views from copies", function()
    local t = tensor.tensor({ { 1, 2 }, { 3, 4 } }, "uint8")
    local seen = { [data.hash(t)] = true }
    for _, other in ipairs { t:astype "int32", t:reshape { 4 }, t:reshape { 1, 4 }, t + 1, t:transpose() } do
      assert.is_nil(seen[data.hash(other)])
      seen[data.hash(other)] = true
    end
    assert.equal(data.hash(t:transpose():copy()), data.hash(t:transpose()))
  end)

  it("of several values depends on each, on their order and on their limits", function()
    local seen = {}
    for _, values in ipairs { { "ab", "c" }, { "a", "bc" }, { "c", "ab" }, { "abc" }, { "a", "b", "c" } } do
      local hash = data.hash(table.unpack(values))
      assert.matches("^" .. ("%x"):rep(32) .. "$", hash)
      assert.is_nil(seen[hash])
      seen[hash] = true
    end
  end)

  it("of anything else is an error", function()
    assert.error_matches(function() data.hash(12) end, "expected strings and tensors, got a number")
    assert.error(function() data.hash() end)
  end)
end)

describe("an IDX file", function()
  local function failure(contents, ndim)
    local value, message = data.read_idx(write(temporary "x.idx", contents), ndim)
    assert.is_nil(value)
    return (message:gsub("^.*/x.idx: ", ""))
  end

  it("becomes a tensor of its shape, with its checksum", function()
    local t, checksum = data.read_idx(write(temporary "x.idx", IMAGES), 3)
    assert.same({ 2, 2, 3 }, t.shape)
    assert.equal("uint8", t.dtype)
    assert.equal(("e"):byte(), t[{ 1, 2, 2 }])
    assert.equal(("l"):byte(), t[{ 2, 2, 3 }])
    assert.equal(data.hash(IMAGES), checksum)
    assert.same({ 0 }, data.read_idx(write(temporary "x.idx", idx_file({ 0 }, ""))).shape)
  end)

  it("says at which byte it is not one", function()
    local nothing = "at byte 0: expected 4 bytes of magic number, found 0 (the file is truncated)"
    assert.equal(nothing, failure "")
    assert.equal("at byte 0: expected the two zero bytes that begin an IDX file, found 0x48 0x65", failure "Hello")
    assert.equal("at byte 2: expected type code 0x08 (unsigned byte), found 0x0D (32-bit float)",
      failure(idx_file({ 2 }, "12345678", 0x0D)))
    assert.equal("at byte 3: expected 3 axes, found 1", failure(LABELS, 3))
    assert.equal("at byte 3: expected 1 to 8 axes, found 0", failure(idx_file({}, "")))
    assert.equal("at byte 3: expected 1 to 8 axes, found 9", failure(idx_file({ 1, 1, 1, 1, 1, 1, 1, 1, 1 }, "1")))
    assert.equal("at byte 4: expected 12 bytes of axis lengths, found 5 (the file is truncated)",
      failure(IMAGES:sub(1, 9)))
  end)

  it("says how much is missing, or that there is too much", function()
    assert.equal("at byte 16: expected 12 bytes of pixels, found 11 (the file is truncated)",
      failure(IMAGES:sub(1, -2)))
    assert.equal("at byte 8: expected 2 bytes of labels, found 0 (the file is truncated)", failure(LABELS:sub(1, -3)))
    assert.equal("at byte 16: expected 47040000 bytes of pixels, found 1203 (the file is truncated)",
      failure(idx_file({ 60000, 28, 28 }, ("x"):rep(1203))))
    assert.equal("at byte 28: expected the end of the file, found more bytes (the file is too long)",
      failure(IMAGES .. "x"))
  end)

  it("whose gzip data stops early says so", function()
    local path = write(temporary "x.idx", IMAGES)
    os.execute("gzip -f " .. path)
    local packed = read(path .. ".gz")
    assert.equal("at byte 28: the gzip data is damaged: unexpected end of file", failure(packed:sub(1, -5)))
    assert.matches("at byte %d+: expected 12 bytes of %a+ ?%a*, found %d+ %(the file is truncated%)",
      failure(packed:sub(1, -14)))
  end)

  it("is refused before memory is asked for what it cannot hold", function()
    local most = 2 ^ 32 - 1 | 0
    assert.equal("at byte 16: expected 3367254359280 bytes of pixels, found 1 (the file is truncated)",
      failure(idx_file({ most, 28, 28 }, "x")))
    assert.equal("at byte 4: expected axis lengths that a file can hold, found 4294967295x4294967295x4294967295 "
      .. "for 1 bytes of pixels", failure(idx_file({ most, most, most }, "x")))
    assert.matches("at byte 4: expected axis lengths", failure(idx_file({ 0, most, most, most }, "x")))
  end)

  it("that is garbage gives messages, never a crash", function()
    local path = write(temporary "x", idx_file({ 50, 4, 4 }, ("0123456789abcdef"):rep(50)))
    os.execute("gzip -k " .. path)
    math.randomseed(20, 7)
    local strange = {}
    for _, source in ipairs { read(path), read(path .. ".gz") } do
      for _ = 1, 250 do
        local bytes = { source:byte(1, math.random(0, 3) == 0 and math.random(#source) or -1) }
        for _ = 1, math.random(8) do bytes[math.random(math.min(#bytes, 40))] = math.random(0, 255) end
        local t, message = data.read_idx(write(path, string.char(table.unpack(bytes))))
        local sound = t and #message == 32 or not t and message:find(path .. ": ", 1, true) == 1
        if not sound then strange[#strange + 1] = message end
      end
    end
    assert.same({}, strange)
  end)
end)

describe("the folders of data sets", function()
  local iris = datasets.iris.set

  it("are $NNRUN_DATA, data, and the user's", function()
    assert.same({ folder, "data", temporary "home/.local/share/nnrun" }, locate.folders())
    environment.NNRUN_DATA, environment.XDG_DATA_HOME = "", "/somewhere"
    assert.same({ "data", "/somewhere/nnrun" }, locate.folders())
    environment.XDG_DATA_HOME = "relative is not allowed"
    assert.same({ "data", temporary "home/.local/share/nnrun" }, locate.folders())
  end)

  it("are searched in order, for packed and plain files", function()
    assert.is_nil(locate.find({ name = "no such set" }, iris.files[1]))
    lfs.mkdir(temporary "iris")
    local plain = write(temporary "iris/iris.data", "")
    assert.equal(plain, locate.find(iris, iris.files[1]))
    local packed = write(temporary "iris/iris.data.gz", "")
    assert.equal(packed, locate.find(iris, iris.files[1]))
  end)
end)

describe("a data set in the files of MNIST", function()
  it("loads, and is known by its values afterwards", function()
    local set = tiny_set(IMAGES, LABELS)
    local before = #datasets.loaded()
    local x_train, y_train, x_test, y_test = idx.load(set)
    assert.same({ 2, 2, 3 }, x_train.shape)
    assert.same({ 1, 7 }, y_test:totable())
    local source = datasets.source_of(x_test)
    assert.equal("tiny", source.name)
    assert.is_false(source.synthetic)
    assert.equal(temporary "tiny", source.folder)
    assert.same({ file = "train-images-idx3-ubyte.gz", checksum = data.hash(IMAGES) }, source.files[1])
    assert.equal(source, datasets.source_of(y_train))
    assert.equal(source, datasets.loaded()[before + 1])
    idx.load(set)
    assert.equal(before + 1, #datasets.loaded())
    assert.is_nil(datasets.source_of(x_train + 1))
  end)

  it("with a damaged file ends the program and says what to do", function()
    local status, message = fatal(idx.load, tiny_set(IMAGES:sub(1, -4), LABELS))
    assert.equal(3, status)
    assert.equal(temporary "tiny/train-images-idx3-ubyte.gz" .. ": at byte 16: expected 12 bytes of pixels, found 9 "
      .. "(the file is truncated); fetch it again with: " .. shell.program .. " data fetch tiny", message)
  end)

  it("with images and labels of different number ends the program", function()
    local _, message = fatal(idx.load, tiny_set(IMAGES, idx_file({ 3 }, "\1\2\3")))
    assert.matches("tiny/train%-labels.*: expected a label for each of the 2 images in .*, found 3 labels", message)
  end)

  it("with a wrong checksum is never used", function()
    local wrong = ("0"):rep(32)
    local set = tiny_set(IMAGES, LABELS, { [4] = wrong })
    local status, message = fatal(idx.load, set)
    assert.equal(3, status)
    assert.matches("tiny/t10k%-labels.*: expected checksum 0+ .*, found " .. data.hash(LABELS), message)
  end)
end)

describe("the loaders", function()
  -- Restores the real search path; pending where the set is not on this machine.
  local function need(name)
    os.getenv = real.getenv -- luacheck: ignore
    for _, file in ipairs(datasets[name].set.files) do
      if not locate.find(datasets[name].set, file) then
        pending(name .. " is not on this machine (set NNRUN_DATA)")
        return false
      end
    end
    return true
  end

  for _, name in ipairs { "mnist", "fashion_mnist" } do
    it("give " .. name, function()
      if not need(name) then return end
      local x_train, y_train, x_test, y_test = datasets[name].load_data()
      assert.same({ 60000, 28, 28 }, x_train.shape)
      assert.same({ 60000 }, y_train.shape)
      assert.same({ 10000, 28, 28 }, x_test.shape)
      assert.same({ 10000 }, y_test.shape)
      assert.same({ 0, 255 }, { x_train:min(), x_train:max() })
      assert.same({ 0, 9 }, { y_train:min(), y_train:max() })
      assert.equal(name == "mnist" and 5 or 9, y_train[1])
      assert.is_false(datasets.source_of(x_train).synthetic)
    end)
  end

  it("give iris", function()
    if not need "iris" then return end
    local x, y = datasets.iris.load_data()
    assert.same({ 150, 4 }, x.shape)
    assert.equal("float32", x.dtype)
    assert.near(0.2, x[{ 35, 4 }], 1e-6) -- 0.1 in the copy with errors
    assert.near(5.8433, x:mean { axis = 1 }[1], 1e-3)
    assert.same({ 50, 50, 50 }, { y:eq(0):sum(), y:eq(1):sum(), y:eq(2):sum() })
    assert.equal("uint8", y.dtype)
  end)

  it("give California housing, split by a seed", function()
    if not need "california_housing" then return end
    local x_train, y_train, x_test, y_test = datasets.california_housing.load_data()
    assert.same({ { 16512, 8 }, { 16512 }, { 4128, 8 }, { 4128 } },
      { x_train.shape, y_train.shape, x_test.shape, y_test.shape })
    assert.equal(14999, math.min(y_train:min(), y_test:min()))
    assert.equal(500001, math.max(y_train:max(), y_test:max()))
    -- the mean of the median incomes, and of the rooms per household, over all 20,640 rows
    local function mean(column) return x_train[{ {}, column }]:mean() * 0.8 + x_test[{ {}, column }]:mean() * 0.2 end
    assert.near(3.8707, mean(1), 1e-3)
    assert.near(5.4290, mean(3), 1e-3)
    assert.near(-119.57, mean(8), 1e-2)
    local again = datasets.california_housing.load_data { seed = 113 }
    local other, _, rest = datasets.california_housing.load_data { seed = 1, test_split = 0.5 }
    assert.equal(data.hash(x_train), data.hash(again))
    assert.same({ 10320, 10320 }, { #other, #rest })
    assert.is_not.equal(x_train[{ 1, 8 }], other[{ 1, 8 }])
  end)

  it("give IMDB as texts", function()
    if not need "imdb" then return end
    local x_train, y_train, x_test, y_test = datasets.imdb.load_data()
    assert.same({ 25000, 25000 }, { #x_train, #x_test })
    assert.same({ 12500, 12500 }, { y_train:sum(), y_test:sum() })
    assert.near(50, y_train[{ { 1, 100 } }]:sum(), 30)
    assert.equal("imdb", datasets.source_of(x_train).name)
  end)

  it("give Tiny Shakespeare as a text", function()
    if not need "tinyshakespeare" then return end
    local text = datasets.tinyshakespeare.load_data()
    assert.equal(1115394, #text)
    assert.equal("First Citizen:", text:match "[^\n]*")
  end)

  it("give Don Quijote as a text in UTF-8", function()
    if not need "don_quijote" then return end
    local text = datasets.don_quijote.load_data()
    assert.equal(2045106, utf8.len(text))
    assert.equal("don_quijote", datasets.source_of(text).name)
  end)

  it("give series with their dates", function()
    if not need "etth1" or not need "airline_passengers" then return end
    local passengers, months = datasets.airline_passengers.load_data()
    assert.same({ { 144 }, 112, 432 }, { passengers.shape, passengers[1], passengers[144] })
    assert.same({ 144, "1949-01", "1960-12" }, { #months, months[1], months[144] })
    local values, hours = datasets.etth1.load_data()
    assert.same({ { 17420, 7 }, 17420, "2016-07-01 01:00:00" }, { values.shape, #hours, hours[2] })
    assert.near(27.787, values[{ 2, 7 }], 1e-5)
    assert.equal(7, #datasets.etth1.feature_names)
  end)

  it("give a vector for each word", function()
    if not need "glove" then return end
    local words, vectors = datasets.glove.load_data()
    assert.same({ 11925, "the", "of", { 11925, 25 } }, { #words, words[1], words[2], vectors.shape })
    assert.near(-0.010167, vectors[{ 1, 1 }], 1e-7)
    assert.near(-0.069893, vectors[{ 2, 25 }], 1e-7)
  end)

  it("refuse arguments they do not know", function()
    assert.error_matches(function() datasets.mnist.load_data { synthetc = true } end, "synthetc")
    assert.error_matches(function() datasets.mnist.load_data { synthetic = "yes" } end, 'true, false or nil, got "yes"')
    assert.error_matches(function() datasets.iris.load_data { seed = 1 } end, "seed")
    assert.error_matches(function() datasets.california_housing.load_data { test_split = 1 } end, "between 0 and 1")
  end)
end)

describe("downloads", function()
  local server, address, port_file

  setup(function()
    port_file = os.tmpname()
    os.remove(port_file)
    server = io.popen(("python3 tests/support/http_server.py %s/served %s"):format(folder, port_file), "w")
    for _ = 1, 100 do
      if read(port_file) then break end
      os.execute "sleep 0.05"
    end
    address = "http://127.0.0.1:" .. assert(read(port_file), "the test server did not start") .. "/"
  end)

  teardown(function()
    server:close()
    os.remove(port_file)
  end)

  before_each(function()
    lfs.mkdir(temporary "served")
    lfs.mkdir(temporary "served/tiny")
    write(temporary "served/tiny/a.txt", "contents of a")
  end)

  local file = { name = "a.txt", checksum = data.hash "contents of a" }
  local set = { name = "tiny", files = { file } }

  local function get(...)
    local mirrors = {}
    for i, kind in ipairs { ... } do mirrors[i] = address .. kind end
    return fetch.file(set, file, { mirrors = mirrors })
  end

  local function target_names()
    return names_in(temporary "home/.local/share/nnrun/tiny")
  end

  it("put the file where it will be found", function()
    local path = get "good"
    assert.equal(temporary "home/.local/share/nnrun/tiny/a.txt", path)
    assert.equal("contents of a", read(path))
    assert.equal(path, locate.find(set, file))
    assert.same({ "a.txt" }, target_names())
    assert.matches("tiny: downloading http://127.0.0.1", table.concat(said))
  end)

  it("keep a packed file packed", function()
    os.execute(("gzip %s/served/tiny/a.txt"):format(folder))
    local path = get "good"
    assert.matches("a.txt.gz$", path)
    assert.equal("contents of a", data.read_file(path))
    assert.same({ "a.txt.gz" }, target_names())
  end)

  it("go on to the next mirror after 404, a cut connection, or another file", function()
    for _, kind in ipairs { "missing", "cut", "wrong" } do
      assert.equal("contents of a", read(get(kind, "good")))
      assert.same({ "a.txt" }, target_names())
      os.remove(temporary "home/.local/share/nnrun/tiny/a.txt")
    end
  end)

  it("leave nothing behind when every mirror fails, and say why each did", function()
    local path, message = get("missing", "cut", "wrong")
    assert.is_nil(path)
    assert.matches("tiny: a.txt could not be downloaded\n", message)
    assert.matches("/missing/tiny/a.txt: The requested URL returned error: 404", message)
    assert.matches("/cut/tiny/a.txt: transfer closed with %d bytes remaining", message)
    assert.matches("/wrong/tiny/a.txt: expected checksum " .. file.checksum .. ", found %x+", message)
    assert.same({}, target_names())
  end)

  it("leave nothing behind when no server answers", function()
    local path, message = fetch.file(set, file, { mirrors = { "http://127.0.0.1:9" } })
    assert.is_nil(path)
    assert.matches("http://127.0.0.1:9/tiny/a.txt: Failed to connect", message)
    assert.same({}, target_names())
  end)

  it("take one file out of an archive", function()
    os.execute(("cd %s/served && mkdir d && cp tiny/a.txt d/ && touch d/0 && tar -czf tiny/d.tgz d"):format(folder))
    local function from(member)
      local urls = { address .. "good/tiny/d.tgz" }
      return fetch.file(set, { name = "a.txt", checksum = file.checksum, member = member, urls = urls })
    end
    assert.equal("contents of a", read(from "d/a.txt"))
    assert.same({ "a.txt" }, target_names())
    assert.matches("the archive has no d/b.txt", select(2, from "d/b.txt"))
  end)

  it("say so when curl is not there", function()
    local program = require "nn.support.program"
    local run = program.run
    finally(function() program.run = run end)
    program.run = function(words) return run(words, { environment = { PATH = "/nonexistent" } }) end
    assert.matches("the program curl is not installed", select(2, get "good"))
  end)

  it("end the program, leaving nothing, when they are interrupted", function()
    lfs.mkdir(temporary "served/iris")
    write(temporary "served/iris/iris.data", ("flowers "):rep(10000))
    local program = real.getenv "NNRUN" or "./nnrun"
    -- A terminal sends the signal to all of the process group.
    local script = write(temporary "interrupt.py", [[
import os, signal, subprocess, sys, time
run = subprocess.Popen(sys.argv[1:], start_new_session=True)
time.sleep(0.5)
os.killpg(run.pid, signal.SIGINT)
sys.exit(run.wait())
]])
    assert.same({ nil, "exit", 130 }, { os.execute(
      ("HOME=%s/home NNRUN_DATA= NNRUN_MIRROR=%sslow python3 %s %s data fetch iris 2>%s/said"):format(
        folder, address, script, program, folder)) })
    assert.matches("stopped by Ctrl%-C", read(temporary "said"))
    assert.same({}, names_in(temporary "home/.local/share/nnrun/iris"))
  end)

  it("come over https from every public address", function()
    local plain = {}
    for name, module in pairs(datasets) do
      local described = type(module) == "table" and module.set or {}
      local addresses = { table.unpack(described.mirrors or {}) }
      for _, each in ipairs(described.files or {}) do
        table.move(each.urls or {}, 1, #(each.urls or {}), #addresses + 1, addresses)
      end
      for _, url in ipairs(addresses) do
        if not url:find "^https://" then plain[#plain + 1] = name .. " " .. url end
      end
    end
    assert.same({}, plain)
  end)

  it("that cannot be written say so", function()
    write(temporary "home", "a file where the folder should be")
    assert.matches("tiny: no folder to download to: " .. temporary "home", select(2, get "good"))
  end)

  describe("of a set that is loaded", function()
    local mnist = datasets.mnist
    local mirrors = mnist.set.mirrors
    before_each(function() mnist.set.mirrors = { address .. "missing/" } end)
    after_each(function() mnist.set.mirrors = mirrors end)

    it("are made at once", function()
      local tiny = tiny_set(IMAGES, LABELS)
      for _, name in ipairs(names_in(temporary "tiny")) do
        os.rename(temporary("tiny/" .. name), temporary("served/tiny/" .. name))
      end
      tiny.mirrors = { address .. "missing/", address .. "good/tiny/" }
      local x_train = idx.load(tiny)
      assert.equal(temporary "home/.local/share/nnrun/tiny", datasets.source_of(x_train).folder)
      assert.same(4, #target_names())
    end)

    it("fail: mnist alone falls back to generated digits, loudly", function()
      local x_train, y_train, x_test, y_test = mnist.load_data()
      assert.same({ { 60000, 28, 28 }, { 60000 }, { 10000, 28, 28 }, { 10000 } },
        { x_train.shape, y_train.shape, x_test.shape, y_test.shape })
      assert.same({ x_train:min(), x_train:max(), y_train:max() }, { 0, 255, 9 })
      assert.matches("WARNING: mnist: these are NOT the MNIST images", table.concat(said))
      local source = datasets.source_of(y_test)
      assert.is_true(source.synthetic)
      assert.matches("could not be downloaded", source.reason)
    end)

    it("fail: that is an error where digits must not be generated", function()
      local status, message = fatal(mnist.load_data, { synthetic = false })
      assert.equal(3, status)
      assert.matches("mnist: train%-images%-idx3%-ubyte.gz could not be downloaded", message)
    end)

    it("are not tried where digits are asked for", function()
      local digits = data.digits
      finally(function() data.digits = digits end)
      local asked = {}
      data.digits = function(n, seed)
        asked[#asked + 1] = { n, seed }
        return digits(10, seed)
      end
      local x_train, _, x_test = mnist.load_data { synthetic = true }
      assert.is_true(datasets.source_of(x_train).synthetic)
      assert.is_nil(datasets.source_of(x_train).reason)
      assert.same({}, said)
      assert.same({ { 60000, 1 }, { 10000, 2 } }, asked)
      assert.is_not.equal(data.hash(x_train), data.hash(x_test))
    end)
  end)

  describe("by the command", function()
    local real_write = io.write
    local printed
    local iris = { action = "fetch", name = { "iris" } }

    before_each(function()
      printed = {}
      io.write = function(...) printed[#printed + 1] = table.concat { ... } end -- luacheck: ignore
      environment.NNRUN_MIRROR = address .. "good"
      lfs.mkdir(temporary "served/iris")
    end)
    after_each(function() io.write = real_write end) -- luacheck: ignore

    it("of a set nobody has give status 3", function()
      assert.equal(3, command.run(iris))
      assert.same({}, printed)
      assert.matches("iris: iris.data could not be downloaded", table.concat(said))
    end)

    it("are listed", function()
      lfs.mkdir(temporary "iris")
      assert.equal(0, command.run {})
      assert.matches("iris +not found; fetch with: %S*nnrun data fetch iris\n", table.concat(printed))
      write(temporary "iris/iris.data", "5.1,3.5\n")
      printed = {}
      assert.equal(3, command.run { action = "list" })
      assert.matches("iris +%d+ bytes  wrong: iris.data +" .. temporary "iris" .. "\n", table.concat(printed))
    end)

    it("replace a damaged file where it is", function()
      local set_file = datasets.iris.set.files[1]
      finally(function() set_file.variant = "74ac05b5842c1879040e9890849a2ec1" end)
      set_file.variant = data.hash "flowers"
      write(temporary "served/iris/iris.data", "flowers")
      lfs.mkdir(temporary "iris")
      write(temporary "iris/iris.data.gz", "damaged")
      assert.equal(0, command.run(iris))
      assert.equal(temporary "iris/iris.data\n", table.concat(printed))
      assert.same({ "iris.data" }, names_in(temporary "iris"))
      said = {}
      assert.equal(0, command.run(iris))
      assert.same({}, said)
    end)
  end)
end)
