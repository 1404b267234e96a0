local lfs = require "lfs"
local machine = require "engine.machine"
local process = require "engine.process"
local blame = require "nn.support.blame"
local claim = require "nn.trials.claim"
local files = require "nn.support.files"
local json = require "nn.support.json"
local Store = require "nn.store"
local fakes = require "tests.support.experiment_fakes"

describe("nn.json", function()
  it("writes the same value as the same text", function()
    assert.equal('{"a":[1,2.5,"x"],"b":{"c":true}}', json.encode { b = { c = true }, a = { 1, 2.5, "x" } })
    assert.equal("[1,1.0]", json.encode { 1, 1.0 })
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
  end)

  it("gives every number back as it was, those that JSON has no word for too", function()
    local numbers = { 1, 1.0, -0.0, 0.1 + 0.2, 2 ^ 53, 9007199254740993, math.maxinteger, math.mininteger, 5e-324,
      1e300, math.huge, -math.huge }
    local copies = json.decode(json.encode { numbers }) [1]
    for i, x in ipairs(numbers) do
      assert.equal(math.type(x), math.type(copies[i]))
      assert.equal(("%q"):format(x), ("%q"):format(copies[i]))
    end
    local nan = json.decode(json.encode(0 / 0))
    assert.is_true(nan ~= nan)
    assert.equal('{"$number":"-inf"}', json.encode(-math.huge))
  end)

  it("takes nothing that a user stores for such a number", function()
    for _, value in ipairs { { ["$number"] = "inf" }, { ["$$number"] = "nan" }, { ["$number"] = 1, b = { "$number" } },
      { a = { ["$number"] = "inf", ["$"] = 2 } } } do
      assert.same(value, json.decode_plain(json.encode(value)))
    end
    assert.same({ ["$number"] = "none" }, json.decode_plain '{"$number":"none"}')
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

describe("nn.claim", function()
  it("says so where there are no locks", function()
    local folder, flock = fakes.folder(), process.flock
    process.flock = function() return nil, "No locks available" end
    local got, message = claim.acquire(folder, "abc")
    local ok, problem = pcall(function() Store.new(folder):leads() end)
    process.flock = flock
    assert.is_nil(got)
    assert.matches("abc.lease: cannot be locked, and trials are shared out by locks %(No locks available%)", message)
    assert.is_false(ok)
    assert.equal(4, problem.status)
  end)

  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  it("is one process's at a time, and free when that has died", function()
    local mine = assert(claim.acquire(folder, "abc"))
    assert.is_false(claim.acquire(folder, "abc"))
    local other = claim.acquire(folder, "abcd")
    assert.equal(folder .. "/abcd", other.folder)
    other:finish()
    mine:leave()
    local parent, pid = process.pid(), process.fork()
    if pid == 0 then
      process.die_with_parent(parent)
      while not claim.acquire(folder, "abc") do process.poll({}, 1) end
      while true do process.poll({}, 1000) end
    end
    assert.is_true(fakes.wait_for(function()
      local got = claim.acquire(folder, "abc")
      if got then got:leave() end
      return got == false
    end))
    process.kill(pid, "KILL")
    process.wait(pid)
    claim.acquire(folder, "abc"):finish()
    assert.same({}, files.list(folder))
  end)

  it("is given back also where a process forked meanwhile lives on", function()
    local mine = claim.acquire(folder, "abc")
    local pid = process.fork()
    if pid == 0 then
      while true do process.poll({}, 1000) end
    end
    mine:leave()
    local again = claim.acquire(folder, "abc")
    process.kill(pid, "KILL")
    process.wait(pid)
    assert.is_table(again)
    again:finish()
  end)

  it("counts deaths in a row, from the last checkpoint that got further", function()
    local mine = claim.acquire(folder, "abc")
    local function expect(attempts, deaths) assert.same({ attempts, deaths }, { mine:count() }) end
    expect(0, 0)
    mine:begin()
    mine:begin()
    expect(2, 2)
    assert.equal(2, mine.attempt)
    mine:stopped()
    expect(2, 1)
    mine:begin()
    mine:reached(3)
    expect(3, 1)
    mine:begin()
    mine:reached(2)
    expect(4, 2)
    process.write(mine.fd, "garbage\n{\n7\n[]\n{\"epoch\":\"x\"}\n")
    expect(4, 2)
    mine:finish()
  end)
end)

describe("nn.store", function()
  local folder, store

  before_each(function()
    folder = fakes.folder() .. "/lab"
    store = Store.new(folder)
    store:open()
  end)

  teardown(fakes.clean)

  local function publish(id, record)
    local mine = assert(store:claim(id))
    assert(files.make_folder(mine.folder))
    fakes.write(mine.folder .. "/trial.json", record)
    store:publish(id, mine.folder)
    mine:finish()
  end

  it("publishes a folder whole and in place of an earlier one", function()
    assert.is_nil(store:read "abc")
    publish("abc", '{"id":"abc","status":"failed","metrics":{}}')
    assert.equal("failed", store:read("abc").status)
    publish("abc", '{"id":"abc","status":"complete","metrics":{}}')
    assert.equal("complete", store:read("abc").status)
    assert.same({ "abc" }, files.list(store.trials))
    assert.same({}, files.list(store.working))
  end)

  it("takes a damaged record for none", function()
    for _, text in ipairs { "", "{", "7", '{"status":"comp', '{"status":"complete"}' } do
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

  it("clears away what dead processes were writing, wherever that is", function()
    local dead = assert(process.fork(function() return 0 end))
    process.wait(dead)
    local alive = assert(process.fork(function() return process.poll({}, 60000) and 0 end))
    local here = machine.hostname()
    local left = {}
    assert(files.make_folder(folder .. "/source"))
    for _, place in ipairs { folder, store.charts, store.working, folder .. "/source" } do
      for _, name in ipairs { "report.md.%d@%s.new", "1.png.%d@%s.new.png" } do
        fakes.write(place .. "/" .. name:format(dead, here), "half")
      end
      for _, name in ipairs { ("a.%d@%s.new"):format(alive, here), ("a.%d@other.host.new"):format(dead), "a.new" } do
        left[#left + 1] = place .. "/" .. name
        fakes.write(left[#left], "being written")
      end
    end
    store:clear_leftovers()
    process.kill(alive, "KILL")
    process.wait(alive)
    for _, path in ipairs(left) do assert.equal("being written", files.read(path), path) end
    for _, place in ipairs { folder, store.charts, store.working, folder .. "/source" } do
      for _, name in ipairs(files.list(place)) do assert.is_nil(name:find("." .. dead .. "@" .. here, 1, true)) end
    end
  end)

  it("clears away what nobody needs: of published trials, and what is a week old", function()
    local long_ago = os.time() - 8 * 24 * 3600
    for _, id in ipairs { "a1", "b2", "c3" } do
      local mine = assert(store:claim(id))
      mine:begin()
      assert(files.make_folder(mine.folder))
      fakes.write(mine.checkpoint, "")
      if id ~= "c3" then mine:leave() end
    end
    for _, name in ipairs(files.list(store.working)) do
      if not name:find "^b2" then lfs.touch(store.working .. "/" .. name, long_ago) end
    end
    Store.new(folder):open()
    assert.same({ "b2", "b2.checkpoint", "b2.lease", "c3", "c3.checkpoint", "c3.lease" }, files.list(store.working))
    assert(files.make_folder(store.trials .. "/b2"))
    Store.new(folder):open()
    assert.same({ "c3", "c3.checkpoint", "c3.lease" }, files.list(store.working))
  end)

  it("lets one at a time lead", function()
    local other = Store.new(folder)
    assert.is_true(store:leads())
    assert.is_true(store:leads())
    assert.is_false(other:leads())
    store:close()
    assert.is_true(other:leads())
    assert.is_false(store:leads())
  end)

  it("ends the program with status 4 where it cannot write", function()
    fakes.write(folder .. "/file", "")
    for _, action in ipairs {
      function() Store.new(folder .. "/file/lab"):open() end,
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
