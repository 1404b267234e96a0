local process = require "engine.process"
local blame = require "nn.blame"
local files = require "nn.files"
local json = require "nn.json"
local Store = require "nn.store"
local fakes = require "tests.support.experiment_fakes"

describe("nn.json", function()
  it("writes the same value as the same text", function()
    assert.equal('{"a":[1,2.5,"x"],"b":{"c":true}}', json.encode { b = { c = true }, a = { 1, 2.5, "x" } })
    assert.equal("[1,1]", json.encode { 1, 1.0 })
    assert.equal("[]", json.encode {})
    assert.equal("{}", json.encode(json.object {}))
    assert.equal('{"a":[]}', json.encode { a = json.list {} })
  end)

  it("writes numbers with as many digits as they need", function()
    for _, x in ipairs { 0.1, 1 / 3, 1e-7, 1e300, 2 ^ 53 + 2.0, -0.5, 123456789.125, 5e-324 } do
      assert.equal(x, tonumber(json.encode(x)))
    end
    assert.equal("0.1", json.encode(0.1))
    assert.equal("9007199254740993", json.encode(9007199254740993))
    assert.equal("[null,null]", json.encode { 0 / 0, 1 / 0 })
  end)

  it("escapes what strings may not hold", function()
    local text = 'a "quoted" \\ line\n\0\1 and ü'
    assert.equal(text, json.decode(json.encode(text)))
  end)

  it("indents for readers, with lists of plain values on one line", function()
    local value = { a = { 1, 2 }, b = { json.object {} } }
    assert.equal('{\n  "a": [1,2],\n  "b": [\n    {}\n  ]\n}', json.encode(value, true))
  end)

  it("keeps empty lists and objects apart when it reads", function()
    local text = '{"a":[],"b":{}}'
    assert.equal(text, json.encode(json.decode(text)))
  end)

  it("refuses what cannot be stored", function()
    assert.error_matches(function() json.encode { f = print } end, "function cannot be stored")
    assert.error_matches(function() json.encode { x = 2, [true] = 1 } end, "keys such as true")
    assert.error_matches(function() json.encode { 1, x = 2 } end, "names and positions")
  end)

  it("says what is no JSON", function()
    for _, text in ipairs { "", "{", "[1,", "nonsense", '{"a"', ("["):rep(300000) } do
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.is_string(message)
    end
  end)
end)

describe("nn.files", function()
  teardown(fakes.clean)

  it("replaces a file in one go", function()
    local path = fakes.folder() .. "/file"
    assert.is_true(files.write(path, "one"))
    assert.is_true(files.write(path, "two", " three"))
    assert.equal("two three", files.read(path))
    assert.same({ "file" }, files.list(path:match "(.*)/"))
  end)

  it("leaves what was there where writing fails", function()
    local folder = fakes.folder()
    assert(files.make_folder(folder .. "/taken/inside"))
    local ok, message = files.write(folder .. "/taken", "text")
    assert.is_nil(ok)
    assert.matches("taken", message)
    assert.same({ "taken" }, files.list(folder))
    assert.is_nil((files.write(folder .. "/no/such/folder", "text")))
  end)

  it("makes and removes folders", function()
    local folder = fakes.folder()
    assert.is_true(files.make_folder(folder .. "/a/b/c"))
    assert.is_true(files.make_folder(folder .. "/a/b/c"))
    fakes.write(folder .. "/a/file", "x")
    local ok, message = files.make_folder(folder .. "/a/file/d")
    assert.is_nil(ok)
    assert.matches("a/file", message)
    files.remove(folder .. "/a")
    assert.same({}, files.list(folder))
    assert.same({}, files.list(folder .. "/nowhere"))
  end)
end)

describe("nn.store", function()
  local folder, store

  before_each(function()
    folder = fakes.folder() .. "/lab"
    store = Store.open(folder)
  end)

  teardown(fakes.clean)

  local function publish(id, record)
    local working = store:working_folder(id, process.pid())
    assert(files.make_folder(working))
    fakes.write(working .. "/trial.json", record)
    store:publish(id, working)
  end

  it("publishes a folder whole and in place of an earlier one", function()
    assert.is_nil(store:read "abc")
    publish("abc", '{"status":"failed"}')
    assert.equal("failed", store:read("abc").status)
    publish("abc", '{"status":"complete"}')
    assert.equal("complete", store:read("abc").status)
    assert.same({ "abc" }, files.list(store.trials))
  end)

  it("takes a damaged record for none", function()
    for _, text in ipairs { "", "{", "7", '{"status":"comp' } do
      publish("abc", text)
      assert.is_nil(store:read "abc")
    end
  end)

  it("reads histories, damaged ones too", function()
    publish("abc", "{}")
    local path = store.trials .. "/abc/history.csv"
    assert.same({}, store:history "abc")
    fakes.write(path, "")
    assert.same({}, store:history "abc")
    fakes.write(path, "epoch,loss,val_loss,seconds\n1,0.5,0.25,0.1\n2,nan,0.125,0.1\n3,0.1")
    local history = store:history "abc"
    assert.same({ 0.25, 0.125 }, history.val_loss)
    assert.equal(0.5, history.loss[1])
    assert.is_true(history.loss[2] ~= history.loss[2])
    assert.is_nil(history.epoch)
  end)

  it("clears away what dead processes left, and nothing else", function()
    publish("abc", "{}")
    for _, id in ipairs { "dead", "alive" } do assert(files.make_folder(store:working_folder(id, 1))) end
    fakes.write(store:working_folder("dead", 1) .. "/log.txt", "")
    local lock = assert(Store.lock(store:working_folder("alive", 1) .. "/log.txt"))
    assert(files.make_folder(store:working_folder("beginning", 1)))
    Store.open(folder)
    assert.same({ ".alive.1", ".beginning.1", "abc" }, files.list(store.trials))
    process.close(lock)
    Store.open(folder)
    assert.same({ ".beginning.1", "abc" }, files.list(store.trials))
  end)

  it("ends the program with status 4 where it cannot write", function()
    fakes.write(folder .. "/file", "")
    for _, action in ipairs {
      function() Store.open(folder .. "/file/lab") end,
      function() Store.write(folder .. "/nowhere/x", "text") end,
      function() store:publish("abc", folder .. "/nowhere") end,
    } do
      local ok, problem = pcall(action)
      assert.is_false(ok)
      assert.is_true(blame.is_fatal(problem))
      assert.equal(4, problem.status)
      assert.matches("cannot write the reports: .*lab/", problem.message)
    end
  end)
end)
