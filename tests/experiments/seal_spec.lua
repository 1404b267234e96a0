-- What is changed in a finished experiment is found; what nnrun does itself is not taken for a change.
local check = require "nn.report.check"
local files = require "nn.support.files"
local identity = require "nn.trials.identity"
local gnuplot = require "nn.plot.gnuplot"
local json = require "nn.support.json"
local Ledger = require "nn.store.ledger"
local process = require "engine.process"
local report = require "nn.report"
local seal = require "nn.store.seal"
local sealing = require "nn.store.sealing"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"

local SCRIPT = [[
local nn = require "nn"
local x = nn.random.uniform { shape = { 60, 4 }, seed = 1 }
local y = x[{ {}, 1 }]:gt(0.5)
local test = nn.random.uniform { shape = { 20, 4 }, seed = 2 }
local lab = nn.Experiment {
  name = "lab", train = { x, y }, validation = { x, y }, test = { test, test[{ {}, 1 }]:gt(0.5) },
  class_names = { "no", "yes" }, params = { width = 3, rate = 0.1, epochs = 2, batch_size = 20 }, seeds = { 1, 2 },
  objective = "val_accuracy",
  build = function(p)
    local m = nn.Sequential { nn.layers.Dense { p.width, input_shape = { 4 }, activation = "relu" },
      nn.layers.Dense { 2, activation = "softmax" } }
    m:compile { optimizer = nn.optimizers.Adam { learning_rate = p.rate }, loss = "sparse_categorical_crossentropy",
      metrics = { "accuracy" } }
    return m
  end,
}
lab:sweep("Width", { width = { 2, 3 } })
lab:figure("Weights", nn.plot.weights(lab.best.model.layers[1], { image_shape = { 2, 2 } }))
lab:conclude()
]]

local function run(folder, ...)
  assert.equal(0, runs.run(folder, SCRIPT, "-q", ...), files.read(folder .. "/err"))
end

local function copy(from, to)
  assert(os.execute(("cp -r '%s' '%s'"):format(from, to)))
end

describe("The seals of an experiment", function()
  local original, folder, ids, draw, fsync
  local count = 0

  setup(function()
    original = fakes.folder()
    run(original)
    ids = json.decode(files.read(original .. "/reports/lab/experiment.json")).sections[1].variants[1].trials
    draw, fsync = gnuplot.draw, process.fsync
    gnuplot.draw = function() return true end -- what is not drawn again is the same
    process.fsync = function() return true end -- luacheck: ignore
  end)

  teardown(function()
    gnuplot.draw, process.fsync = draw, fsync -- luacheck: ignore
    fakes.clean()
  end)

  before_each(function()
    count = count + 1
    folder = ("%s/copy%d"):format(original, count)
    copy(original .. "/reports/lab", folder)
  end)

  after_each(function() files.remove(folder) end)

  local function edit(name, pattern, new)
    local before = assert(files.read(folder .. "/" .. name))
    local after, number = before:gsub(pattern, new, 1)
    assert.equal(1, number, pattern)
    assert.not_equal(before, after)
    assert(files.write(folder .. "/" .. name, after))
  end

  -- Changes a JSON file as somebody would who writes it again whole.
  local function forge(name, change)
    local value = json.decode(files.read(folder .. "/" .. name))
    change(value)
    assert(files.write(folder .. "/" .. name, json.encode(value, true), "\n"))
  end

  local function of_trial(name) return ("trials/%s/%s"):format(ids[1], name) end

  local function forge_trial(change) forge(of_trial "trial.json", change) end

  -- ... who gives the trial a new seal too.
  local function forge_with_seal(change)
    local path = of_trial "trial.json"
    local record = json.decode(files.read(folder .. "/" .. path))
    change(record)
    assert(files.write(folder .. "/" .. path, seal.record(record, folder .. "/trials/" .. ids[1])))
  end

  local function section(manifest, kind)
    for _, each in ipairs(manifest.sections) do
      if each.kind == kind then return each end
    end
  end

  local function swap(a, b)
    local trials = folder .. "/trials/"
    assert(os.rename(trials .. a, trials .. "x") and os.rename(trials .. b, trials .. a)
      and os.rename(trials .. "x", trials .. b))
  end

  local function append(name, text)
    assert(files.write(folder .. "/" .. name, (files.read(folder .. "/" .. name) or "") .. text))
  end

  local function remove(name)
    assert(os.remove(folder .. "/" .. name))
  end

  local function copy_of_script() return "source/" .. files.list(folder .. "/source")[1] end

  -- Name, what is done, words of the check; the last entry where writing the report again mends it.
  local MENDED = true
  local ALTERATIONS = {
    { "a digit in report.md", function() edit("report.md", "0%.(%d)", "0.9%1") end, { "report.md:%d+: differs" },
      MENDED },
    { "a line of report.md removed", function() edit("report.md", "\n[^\n]+accuracy[^\n]*\n", "\n") end,
      { "report.md:%d+: differs" }, MENDED },
    { "report.md gone", function() remove "report.md" end, { "report.md is missing" }, MENDED },
    { "a digit in trials.csv", function() edit("trials.csv", ",0%.(%d)", ",0.9%1") end, { "trials.csv:%d+: differs" },
      MENDED },
    { "a number of a chart", function() edit("charts/width-loss.csv", "0%.(%d)", "0.9%1") end,
      { "width%-loss.csv:%d+: differs" }, MENDED },
    { "the score", function() forge_trial(function(r) r.score = r.score + 0.1 end) end,
      { "trial.json: a field was changed.*: score" } },
    { "a metric", function() forge_trial(function(r) r.metrics.val_loss = 0.01 end) end,
      { "history.csv:3: val_loss", "trial.json: a field was changed.*: metrics" } },
    { "the seed", function() forge_trial(function(r) r.seed = 77 end) end,
      { "changed after it was sealed: seed", "does not lead to the id" } },
    { "the status", function() forge_trial(function(r) r.status = "diverged" end) end, { "trial.json.*: status" } },
    { "the epochs", function() forge_trial(function(r) r.epochs = 9 end) end, { "trial.json.*: epochs" } },
    { "the seconds", function() forge_trial(function(r) r.seconds = 1e-3 end) end, { "trial.json.*: seconds" } },
    { "a metric of an epoch", function() edit(of_trial "history.csv", "\n1,0%.(%d)", "\n1,0.9%1") end,
      { "history.csv: was changed" } },
    { "a score in history.csv", function() edit(of_trial "history.csv", "\n2,0%.(%d)", "\n2,0.9%1") end,
      { "history.csv:3: ", "history.csv: was changed" } },
    { "history.csv gone", function() remove(of_trial "history.csv") end,
      { "history.csv: has no epochs", "history.csv: is gone" } },
    { "swapped folders", function() swap(ids[1], ids[2]) end,
      { ids = { 1, 2 }, "trials/ID1/trial.json: is the record of trial ID2", "trials/ID2/trial.json" } },
    { "swapped folders with their ids", function()
      swap(ids[1], ids[2])
      forge("trials/" .. ids[1] .. "/trial.json", function(r) r.id = ids[1] end)
      forge("trials/" .. ids[2] .. "/trial.json", function(r) r.id = ids[2] end)
    end, { "does not lead to the id ID1", "does not lead to the id ID2", "weights.safetensors: was changed" } },
    { "a trial deleted", function() files.remove(folder .. "/trials/" .. ids[1]) end, { "trials/ID1: is gone" } },
    { "trial.json gone", function() remove(of_trial "trial.json") end, { "trial.json: is gone" } },
    { "trial.json damaged", function() edit(of_trial "trial.json", "{", "[") end, { "trial.json: is damaged" } },
    { "a parameter", function() forge_trial(function(r) r.params.rate = 0.5 end) end, { "trial.json.*: params" } },
    { "a setting of the training", function() forge_trial(function(r) r.fit.batch_size = 10 end) end,
      { "trial.json.*: fit", "does not lead to the id" } },
    { "a data fingerprint", function() forge_trial(function(r) r.data.train = ("0"):rep(32) end) end,
      { "trial.json.*: data", "does not lead to the id" } },
    { "the hash of the test data", function() forge_trial(function(r) r.test_data = ("0"):rep(32) end) end,
      { "trial.json.*: test_data" } },
    { "a weight hash", function() forge_trial(function(r) r.weights.epochs[1][1] = ("0"):rep(16) end) end,
      { "trial.json.*: weights" } },
    { "weights", function() edit(of_trial "weights.safetensors", ".$", "x") end,
      { "weights.safetensors: was changed" } },
    { "weights gone", function() remove(of_trial "weights.safetensors") end, { "weights.safetensors: is gone" } },
    { "another trial's weights", function()
      copy(folder .. "/trials/" .. ids[2] .. "/weights.safetensors", folder .. "/" .. of_trial "weights.safetensors")
    end, { "trials/ID1/weights.safetensors: was changed" } },
    { "the log", function() append(of_trial "log.txt", "all well\n") end, { "log.txt: was changed" } },
    { "a file beside", function() append(of_trial "note.txt", "x") end, { "note.txt: was added" } },
    { "the seal gone from trial.json", function()
      forge_trial(function(r) r.seal, r.metrics.loss = nil, 0.1 end)
    end, { "trial.json: its seal was removed" } },
    { "a validation loss forged in both files", function()
      forge_trial(function(r) r.metrics.val_loss = 0.25 end)
      edit(of_trial "history.csv", "(\n2,[^,]+,[^,]+,[^,]+,)[^,]+", "%10.25")
    end, { "trial.json.*: metrics", "history.csv: was changed" } },
    { "a validation loss forged in both files, with a new seal", function()
      edit(of_trial "history.csv", "(\n2,[^,]+,[^,]+,[^,]+,)[^,]+", "%10.25")
      forge_with_seal(function(r) r.metrics.val_loss = 0.25 end)
    end, { "trial.json: was changed together with its seal", "history.csv: was changed" } },
    { "a parameter, with a new seal", function() forge_with_seal(function(r) r.params.rate = 0.5 end) end,
      { "trial.json: was changed together with its seal" } },
    { "the copy of the script", function() append(copy_of_script(), "\n-- more\n") end,
      { "source/%x+.lua: was changed" } },
    { "the copy of the script gone", function() remove(copy_of_script()) end, { "source/%x+.lua: is gone" } },
    { "a picture of the script replaced", function()
      copy(folder .. "/charts/width-loss.svg", folder .. "/charts/figure_weights.png")
    end, { "figure_weights.png: was changed" } },
    { "a picture of the script gone", function() remove "charts/figure_weights.png" end,
      { "figure_weights.png: is gone" } },
    { "confusion.svg replaced", function() append("charts/confusion.svg", "<!-- -->") end,
      { "confusion.svg: was changed" } },
    { "confusion.csv", function() edit("charts/confusion.csv", "%d", "9") end, { "confusion.csv: was changed" } },
    { "confusion.csv gone", function() remove "charts/confusion.csv" end, { "confusion.csv: is gone" } },
    { "a test result", function()
      forge("experiment.json", function(m) section(m, "conclusion").test.trials[1].metrics.accuracy = 0.99 end)
    end, { "experiment.json: a field was changed after it was sealed: sections" } },
    { "the chosen variant", function()
      forge("experiment.json", function(m) section(m, "conclusion").variant.params.width = 2 end)
    end, { "experiment.json.*: sections" } },
    { "test uses", function() forge("experiment.json", function(m) m.test_uses = json.list {} end) end,
      { "experiment.json.*: test_uses" } },
    { "a warning deleted", function() forge("experiment.json", function(m) table.remove(m.warnings) end) end,
      { "experiment.json.*: warnings" } },
    { "the fingerprint of the test data", function()
      forge("experiment.json", function(m) m.data.test.fingerprint = ("0"):rep(32) end)
    end, { "experiment.json.*: data" } },
    { "a trial left out of the report", function()
      forge("experiment.json", function(m) table.remove(section(m, "sweep").variants[1].trials) end)
    end, { "experiment.json.*: sections" } },
    { "a line of the seals removed", function() edit("seals.jsonl", "\n[^\n]+\n", "\n") end,
      { "seals.jsonl:2: does not follow" } },
    { "a line of the seals changed", function()
      forge_with_seal(function(r) r.score = 1 end)
      local now = seal.file(folder .. "/" .. of_trial "trial.json")
      edit("seals.jsonl", '("id":"' .. ids[1] .. '".-"trial.json":")%x+', "%1" .. now)
    end, { "seals.jsonl:%d+: does not follow" } },
    { "the last lines of the seals removed", function() edit("seals.jsonl", "^([^\n]+\n).*$", "%1") end,
      { "seals.jsonl: line %d+ is not the one that experiment.json names" } },
    { "all seals gone", function() remove "seals.jsonl" end, { "seals.jsonl: line %d+ is not the one" } },
  }

  local function expect(words)
    local text = table.concat(check.differences(folder), "\n")
    for _, each in ipairs(words) do
      assert.matches((each:gsub("ID(%d)", function(i) return ids[tonumber(i)] end)), text)
    end
  end

  it("name every change of a file, also when the report was written again", function()
    assert.same({}, check.differences(folder))
    for _, each in ipairs(ALTERATIONS) do
      local name, alter, words, is_mended = table.unpack(each)
      files.remove(folder)
      copy(original .. "/reports/lab", folder)
      alter()
      local ok, problem = pcall(expect, words)
      assert(ok, ("%s: %s"):format(name, tostring(problem)))
      if files.read(folder .. "/experiment.json") then report.write(folder) end
      ok, problem = pcall(is_mended and function() assert.same({}, check.differences(folder)) end or expect, words)
      assert(ok, ("%s, written again: %s"):format(name, tostring(problem)))
    end
  end)

  it("say of a report that was written again that files were changed, until they are as they were", function()
    local before = files.read(folder .. "/" .. of_trial "trial.json")
    forge_trial(function(r) r.params.rate = 0.5 end)
    copy(folder, original .. "/reports/changed")
    local function command(options)
      return os.execute(("cd '%s' && '%s' report changed %s >out 2>err"):format(original, runs.PROGRAM, options))
    end
    assert.is_true(command "")
    assert.matches("warning: reports/changed/trials/%x+/trial.json: a field was changed",
      files.read(original .. "/err"))
    local page = files.read(original .. "/reports/changed/report.md")
    assert.matches("this report cannot be trusted: `?trials/" .. ids[1] .. "/trial.json", page)
    assert.equal(1, select(3, command "--check"))
    assert.not_matches("report.md:", files.read(original .. "/out"))
    assert(files.write(original .. "/reports/changed/" .. of_trial "trial.json", before))
    assert.is_true(command "")
    assert.is_true(command "--check")
    files.remove(original .. "/reports/changed")
  end)

  it("say in the next run that experiment.json was changed", function()
    local elsewhere = fakes.folder()
    assert(files.make_folder(elsewhere .. "/reports"))
    copy(folder, elsewhere .. "/reports/lab")
    folder, elsewhere = elsewhere .. "/reports/lab", elsewhere
    forge("experiment.json", function(m) m.test_uses = json.list {} end)
    run(elsewhere)
    assert.matches("experiment.json was changed after an earlier run wrote it %(test_uses%)",
      files.read(folder .. "/report.md"))
    assert.same({}, check.differences(folder))
    run(elsewhere)
    assert.not_matches("was changed after", files.read(folder .. "/report.md"))
  end)

  it("pass over half a line that a killed process left, and add the next one below", function()
    edit("seals.jsonl", "$", '{"at":"2026')
    local list, remarks = check.differences(folder)
    assert.same({}, list)
    assert.matches("seals.jsonl:%d+: was not written to its end", remarks[1])
    assert(Ledger.new(folder):add { { what = "removed", id = "charts/nothing.svg" } })
    list, remarks = check.differences(folder)
    assert.same({}, list)
    assert.equal(1, #remarks)
    edit("seals.jsonl", '\n{"at":"2026\n', "\n")
    assert.matches("does not follow", check.difference(folder))
  end)

  it("know what was removed on purpose", function()
    remove(of_trial "weights.safetensors")
    sealing.removed(folder, { of_trial "weights.safetensors" })
    assert.same({}, check.differences(folder))
  end)

  it("tell a trial that its process did not live to add from one of another origin", function()
    local text = files.read(folder .. "/seals.jsonl")
    local manifest = files.read(folder .. "/experiment.json")
    -- as it is when the run was killed after the last trial was published: nothing was written after it
    local first = text:match '^([^\n]+\n)'
    assert(files.write(folder .. "/seals.jsonl", first))
    forge("experiment.json", function(m) m.status, m.seal = "running", nil end)
    local list, remarks = check.differences(folder)
    assert.not_matches("trials/", table.concat(list, "\n"))
    assert.matches("is not in seals.jsonl yet, as its process was killed", table.concat(remarks, "\n"))
    assert(files.write(folder .. "/seals.jsonl", text) and files.write(folder .. "/experiment.json", manifest))
    copy(folder .. "/trials/" .. ids[1], folder .. "/trials/0123456789ab")
    assert.matches("trials/0123456789ab: is not in seals.jsonl", check.difference(folder))
  end)

  it("are missed in the folders of earlier versions, without an error", function()
    remove "seals.jsonl"
    forge("experiment.json", function(m) m.seal = nil end)
    for _, id in ipairs(files.list(folder .. "/trials")) do
      forge("trials/" .. id .. "/trial.json", function(r) r.seal, r.identity = nil, nil end)
    end
    report.write(folder)
    remove "seals.jsonl"
    local list, remarks = check.differences(folder)
    assert.same({}, list)
    assert.matches("experiment.json is not sealed %(made by an earlier version of nnrun%)", remarks[1])
    assert.matches("4 trials are not sealed %(made by an earlier version of nnrun%)", remarks[2])
  end)
end)

-- What is done with an experiment in the course of its life.
describe("An experiment that nobody changed has whole seals", function()
  local SMALL = SCRIPT:gsub("lab:figure[^\n]*\n", ""):gsub("seeds = { 1, 2 }", "seeds = { 1 }")
  local SLOW = runs.LAB:gsub("epochs = %d+", "epochs = 30") .. 'lab:sweep("Width", { width = { 2, 3, 4, 5 } })\n'
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function is_whole()
    local list, remarks = check.differences(folder .. "/reports/lab")
    assert.same({}, list)
    assert.same({}, remarks)
  end

  local function finish(script, ...)
    assert.equal(0, runs.run(folder, script, "-q", ...), files.read(folder .. "/err"))
    is_whole()
  end

  it("after a second run, one with more seeds, one that trains again, and when a trial was removed", function()
    finish(SMALL)
    finish(SMALL)
    finish(SMALL, "--seeds 2")
    finish(SMALL, "--fresh")
    local trials = folder .. "/reports/lab/trials/"
    files.remove(trials .. files.list(trials)[1])
    assert.matches("is gone", check.difference(folder .. "/reports/lab"))
    finish(SMALL, "--seeds 2")
  end)

  it("after kills, and when the run was gone on with", function()
    for i = 1, 2 do
      local pid = runs.start(folder, SLOW, "-q -j2 --checkpoint 0")
      fakes.wait_for(function() return #runs.workers(folder .. "/reports") > 0 end)
      process.poll({}, 100 * i)
      runs.kill(pid, folder, i == 2)
      if files.read(folder .. "/reports/lab/experiment.json") then
        assert.same({}, (check.differences(folder .. "/reports/lab")))
      end
    end
    finish(SLOW)
  end)

  it("with two processes at work", function()
    local one, other = runs.start(folder, SLOW, "-q -j1"), runs.start(folder, SLOW, "-q -j1")
    assert.equal(0, runs.wait(one))
    assert.equal(0, runs.wait(other))
    is_whole()
  end)

  local function ids_follow_from_records()
    local ids = files.list(folder .. "/reports/lab/trials")
    for _, id in ipairs(ids) do
      assert.equal(id, identity.of_record(files.read(("%s/reports/lab/trials/%s/trial.json"):format(folder, id))))
    end
    return #ids
  end

  it("with all that an id may be made of", function()
    local script = SMALL:gsub("params = {", [[class_weight = { [0] = 1, [1] = 5 }, keep = "best",
      callbacks = function() return {} end,
      params = { limit = 1 / 0, list = { 1, { 2.5, "a\n  \"b\": 1" } }, ]], 1)
    finish(script)
    assert.equal(2, ids_follow_from_records())
  end)

  it("with models that cannot be built or have no hash", function()
    local script = SMALL:gsub("build = function%(p%)", '%0 assert(p.width ~= 2, "too narrow")', 1)
      :gsub("params = {", "callbacks = function() return thread and {} end, %0", 1)
    script = "local thread = coroutine.create(print)\n" .. script
    assert.equal(1, runs.run(folder, script, "-q"))
    is_whole()
    assert.equal(2, ids_follow_from_records())
    assert.matches("too narrow", files.read(folder .. "/reports/lab/report.md"))
    assert.matches("it cannot be compared with that of an earlier run", files.read(folder .. "/reports/lab/report.md"))
  end)
end)
