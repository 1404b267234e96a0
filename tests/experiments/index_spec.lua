local engine = require "engine.index"
local lfs = require "lfs"
local files = require "nn.support.files"
local index = require "nn.store.index"
local fakes = require "tests.support.experiment_fakes"

describe("index of trials", function()
  local reports

  before_each(function() reports = fakes.folder() end)
  teardown(fakes.clean)

  local function put(experiment, id, text)
    assert(files.make_folder(("%s/%s/trials/%s"):format(reports, experiment, id)))
    fakes.write(("%s/%s/trials/%s/trial.json"):format(reports, experiment, id), text)
  end

  local function put_trial(id, width, score)
    put("lab", id, ([[{"id":"%s","status":"complete","seed":1,"score":%g,"params":{"width":%d,"depth":2}}]]):format(id,
      score, width))
  end

  local function select(sql, ...)
    local opened = index.open(reports)
    local rows = opened:select(sql, ...)
    opened:close()
    return rows
  end

  local function ids()
    local list = {}
    for i, row in ipairs(select "SELECT id FROM trials ORDER BY id") do list[i] = row[1] end
    return table.concat(list, " ")
  end

  it("says what the folders say", function()
    put_trial("aa", 50, 0.5)
    put_trial("ab", 100, 0.75)
    fakes.write(reports .. "/lab/experiment.json",
      '{"name":"lab","objective":"val_accuracy","mode":"max","status":"complete"}')
    local rows = select "SELECT id, score, params ->> 'width', seed, reason FROM trials ORDER BY id"
    assert.same({ { "aa", 0.5, 50, 1 }, { "ab", 0.75, 100, 1 } }, rows)
    assert.same({ { "lab", "val_accuracy", '["width"]' } }, select "SELECT name, objective, varied FROM experiments")
  end)

  it("follows trials that come, change and go", function()
    put_trial("aa", 50, 0.5)
    assert.equal("aa", ids())
    put_trial("ab", 50, 0.5)
    assert.equal("aa ab", ids())
    put_trial("ab", 50, 0.25)
    assert.same({ { "ab", 0.25 } }, select("SELECT id, score FROM trials WHERE id = ?", "ab"))
    files.remove(reports .. "/lab/trials/aa")
    assert.equal("ab", ids())
    files.remove(reports .. "/lab")
    assert.equal("", ids())
    assert.same({}, select "SELECT name FROM experiments")
  end)

  it("leaves out folders that are being worked on", function()
    put("lab", ".aa.17", "{}")
    assert(files.make_folder(reports .. "/lab/trials/bb"))
    assert.equal("", ids())
  end)

  it("marks records that cannot be read", function()
    local damaged = { "", "{", "[]", "null", "7", '{"params":3}', ("["):rep(5000), "\0\1\255" }
    for i, text in ipairs(damaged) do put("lab", "a" .. i, text) end
    for _, row in ipairs(select "SELECT id, status, params FROM trials") do
      assert.equal("unreadable", row[2], row[1])
      assert.equal("{}", row[3])
    end
    assert.equal(#damaged, #select "SELECT id FROM trials")
  end)

  it("takes strange names and texts as they are", function()
    put("lab", "aa", [[{"status":"complete","reason":"it's \"odd\"; DROP TABLE trials","params":{"a'b":1}}]])
    assert.same({ { "aa", [[it's "odd"; DROP TABLE trials]] } }, select "SELECT id, reason FROM trials")
  end)

  it("leaves out what is of another type than it should be", function()
    put("lab", "aa", '{"id":"aa","status":"complete","params":{},"metrics":{},"score":"high","seed":[1],"epochs":{}}')
    fakes.write(reports .. "/lab/experiment.json", [[{"objective":"loss","seconds":"long","progress":{"done":"x"},
      "sections":["text",{"variants":["text",{"trials":[{"id":1},"aa"]}]},{"variants":3}]}]])
    assert.same({ { "aa", nil, nil, nil } }, select "SELECT id, score, seed, epochs FROM trials")
    assert.same({ { "aa" } }, select "SELECT trial FROM variants")
    assert.same({ { "lab" } }, select "SELECT name FROM experiments WHERE seconds IS NULL")
  end)

  it("is made anew where it is damaged, of another version or lacks a table", function()
    local path = reports .. "/index.sqlite"
    put_trial("aa", 50, 0.5)
    local function damage(action)
      assert.equal("aa", ids())
      action()
      assert.equal("aa", ids())
    end
    damage(function() os.remove(path) end)
    damage(function() fakes.write(path, "this is no database, but it is long enough " .. ("x"):rep(5000)) end)
    damage(function()
      local text = files.read(path)
      fakes.write(path, text:sub(1, 2000) .. ("\255"):rep(#text - 2000))
    end)
    damage(function() fakes.write(path, files.read(path):sub(1, 5000)) end)
    for _, sql in ipairs { "PRAGMA user_version = 99", "DROP TABLE trials", "ALTER TABLE trials DROP COLUMN score" } do
      damage(function()
        local database = engine.open(path)
        database:execute(sql)
        database:close()
      end)
    end
  end)

  it("is made anew where the damage shows only when it is read", function()
    put_trial("aa", 50, 0.5)
    local opened = index.open(reports)
    opened.database:execute "DROP TABLE experiments"
    assert.same({}, opened:select "SELECT name FROM experiments WHERE name = 'other'")
    opened:close()
  end)

  it("lives in memory where no file can be kept", function()
    put_trial("aa", 50, 0.5)
    assert(lfs.mkdir(reports .. "/index.sqlite"))
    assert(lfs.mkdir(reports .. "/index.sqlite/taken"))
    assert.equal("aa", ids())
  end)

  it("is one that does not exist yet", function()
    reports = reports .. "/nowhere"
    assert.equal("", ids())
    assert.is_nil(lfs.attributes(reports))
  end)

  it("lists thousands of trials at once", function()
    for i = 1, 2500 do put_trial(("%06x"):format(i), i, i / 2500) end
    assert.equal(2500, #select "SELECT id FROM trials")
    put_trial("zz", 1, 1)
    local began = os.clock()
    assert.equal(2501, #select "SELECT id, score, params ->> 'width' FROM trials ORDER BY score")
    assert.is_true(os.clock() - began < 0.25) -- 0.02 when idle
  end)

  it("tells mistakes in SQL", function()
    local database = engine.open ":memory:"
    assert.error_matches(function() database:prepare "SELEKT" end, "^SQLite: ")
    database:close()
    assert.error_matches(function() database:execute "SELECT 1" end, "closed")
  end)

  it("is written by several processes at a time", function()
    local process = require "engine.process"
    for i = 1, 300 do put_trial(("%06x"):format(i), i, 0.5) end
    local pids = {}
    for i = 1, 4 do
      pids[i] = process.fork()
      if pids[i] == 0 then process.exit_now(pcall(index.open, reports) and 0 or 1) end
    end
    for _, pid in ipairs(pids) do
      local _, how, code = process.wait(pid)
      assert.same({ "exit", 0 }, { how, code })
    end
    assert.equal(300, #select "SELECT id FROM trials")
  end)
end)
