local lfs = require "lfs"
local files = require "nn.support.files"
local json = require "nn.support.json"
local fakes = require "tests.support.experiment_fakes"

local NNRUN = require("tests.support.runs").PROGRAM

local LAB = [[
local nn = require "nn"
nn.advice.silence()
nn.utils.set_random_seed(1)
local x = nn.random.normal{ shape = { 60, 4 } }
local y = x[{ {}, 1 }]:gt(0)
if arg[1] == "other data" then x[1] = x[1] + 1 end
local lab = nn.Experiment{
  name = "lab", title = "A lab", train = { x, y }, validation = { x, y }, test = { x, y }, seeds = { 1, 2 },
  params = { width = 3, epochs = 3, batch_size = 20, learning_rate = 0.01, broken = false },
  objective = "val_accuracy",
  build = function(p)
    if p.broken then error("a broken build") end
    local model = nn.Sequential{
      nn.layers.Dense{ p.width, activation = "relu", input_shape = { 4 } },
      nn.layers.Dense{ 2, activation = "softmax" },
    }
    model:compile{ optimizer = nn.optimizers.Adam{ learning_rate = p.learning_rate },
      loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
}
]]

describe("commands", function()
  local folder -- with the finished experiment; tests that change something have a copy

  local function read(name) return assert(files.read(folder .. "/" .. name)) end

  -- Exit status, standard output, standard error.
  local function nnrun(arguments)
    local _, how, code = os.execute(("cd '%s' && '%s' %s >out 2>err </dev/null"):format(folder, NNRUN, arguments))
    assert.equal("exit", how)
    return code, read "out", read "err"
  end

  local function prints(arguments)
    local status, out, err = nnrun(arguments)
    assert.equal(0, status, err)
    return out
  end

  local function refuses(arguments, pattern)
    local status, out, err = nnrun(arguments)
    assert.equal(2, status, out .. err)
    assert.matches(pattern, err)
    return err
  end

  local function trials() return json.decode(prints "runs lab --format json") end

  local function record_path(id) return ("%s/reports/lab/trials/%s/trial.json"):format(folder, id) end

  local function change(id, action)
    local record = json.decode(assert(files.read(record_path(id))))
    action(record)
    fakes.write(record_path(id), json.encode(record, true))
  end

  local function lines(text)
    local list = {}
    for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
    return list
  end

  local original

  setup(function()
    folder = fakes.folder()
    original = folder
    fakes.write(folder .. "/lab.lua", LAB .. 'lab:sweep("Width", { width = { 2, 4 } })\n')
    prints "lab.lua -q"
  end)

  before_each(function() folder = original end)
  teardown(fakes.clean)

  local function own_copy()
    folder = fakes.folder()
    assert(os.execute(("cp -rp '%s/.' '%s'"):format(original, folder)))
  end

  describe("runs", function()
    it("lists experiments", function()
      local rows = lines(prints "runs")
      assert.equal(2, #rows)
      assert.matches("^experiment +trials +complete +incomplete +best +objective", rows[1])
      assert.matches("^lab +4 +4 +0 +0%.%d%d%d%d +val_accuracy +complete +%d.* A lab$", rows[2])
    end)

    it("lists trials, what varies first", function()
      local rows = lines(prints "runs lab")
      assert.equal(5, #rows)
      assert.matches("^id +width +seed +val_accuracy +status +time +section$", rows[1])
      local row = table.concat(rows, "\n", 2):match "[^\n]* 2 +1 [^\n]*"
      assert.matches("^%x+ +2 +1 +0%.%d+ +complete +%d.* Width$", row)
    end)

    it("speaks csv, json and md", function()
      local rows = lines(prints "runs lab --format csv")
      assert.matches("^id,experiment,section,seed,status,reason,score,param.batch_size,", rows[1])
      assert.equal(5, #rows)
      local list = trials()
      assert.equal(4, #list)
      assert.same({ batch_size = 20, broken = false, epochs = 3, learning_rate = 0.01, width = list[1].params.width },
        list[1].params)
      assert.equal(list[1].score, list[1].metrics.val_accuracy)
      assert.matches("^| id | width | seed |[^\n]*\n| %-%-%-[^\n]*\n| %x+ | %d | %d | 0", prints "runs lab --format md")
      assert.equal(1, #json.decode(prints "runs --format json"))
    end)

    it("fits the terminal and keeps score and status", function()
      local _, how, code = os.execute(("cd '%s' && COLUMNS=45 '%s' runs lab >out 2>err"):format(folder, NNRUN))
      assert.same({ "exit", 0 }, { how, code })
      for _, line in ipairs(lines(read "out")) do assert.is_true(#line <= 45, line) end
      assert.matches("^id +width +val_accuracy +status\n", read "out")
      assert.matches("not shown for lack of room: seed, time, section", read "err")
    end)

    it("names the nearest of what it does not know", function()
      refuses("runs labb", "no experiment labb in reports; did you mean lab%?")
      refuses("runs something_else", "there are: lab")
      refuses("runs lab --reports nowhere", "there is none in nowhere")
      refuses("runs --format yaml", "must be one of 'table', 'csv', 'json', 'md'")
    end)

    it("lists nothing where there is nothing", function()
      assert.equal("[]\n", prints "runs --format json --reports nowhere")
      local status, _, err = nnrun "runs --reports nowhere"
      assert.equal(0, status)
      assert.matches("no experiments in nowhere", err)
    end)

    it("goes on where index or records are damaged", function()
      own_copy()
      fakes.write(record_path(trials()[1].id), "{ half")
      fakes.write(folder .. "/reports/index.sqlite", ("garbage"):rep(1000))
      local list = trials()
      assert.equal(4, #list)
      local unreadable = 0
      for _, each in ipairs(list) do
        if each.status == "unreadable" then unreadable = unreadable + 1 end
      end
      assert.equal(1, unreadable)
      assert.matches("lab +4 +3 +1 ", prints "runs")
    end)
  end)

  describe("show", function()
    it("tells everything about a trial", function()
      local id = trials()[1].id
      local out = prints("show " .. id:sub(1, 6))
      for _, word in ipairs { id, "val_accuracy", "learning_rate", "Epochs", "fit.batch_size", "weights.safetensors",
        "environment.flags", "source.copy", "Adam" } do
        assert.is_truthy(out:find(word, 1, true), word)
      end
    end)

    it("speaks csv, json and md", function()
      local shown = json.decode(prints "show @last --format json")
      assert.equal(3, #shown.history.val_loss)
      assert.equal(0, shown.exit_status)
      assert.equal(3, #shown.weights.epochs)
      assert.matches("\nparams,width,%d\n", prints "show @last --format csv")
      assert.matches("^# Trial %x+\n\n## Trial\n\n| name | value |\n", prints "show @last --format md")
    end)

    it("has memory in units that people read", function()
      assert.matches("\npeak_memory +[%d.]+ MB *\n", prints "show @last")
      assert.matches("trial,peak_memory,%d+\n", prints "show @last --format csv")
    end)

    it("finds the best as lab.best does", function()
      local sums, best = {}, nil
      for _, each in ipairs(trials()) do
        local width = each.params.width
        sums[width] = (sums[width] or 0) + each.score
        best = best and sums[best] >= sums[width] and best or width
      end
      local shown = json.decode(prints "show @best --format json")
      assert.same({ best, 1 }, { shown.params.width, shown.seed })
    end)

    it("calls best what the report calls best: a mean over seeds, not the luckiest trial", function()
      own_copy()
      local lucky, steady = trials()[1].params.width, nil
      for _, each in ipairs(trials()) do
        if each.params.width ~= lucky then steady = steady or each.params.width end
      end
      for _, each in ipairs(trials()) do
        local score = each.params.width == steady and 0.9 or each.seed == 1 and 0.99 or 0.5
        change(each.id, function(record) record.score = score end)
      end
      assert.equal(0.9, json.decode(prints "runs --format json")[1].best)
      assert.equal(steady, json.decode(prints "show @best --format json").params.width)
      prints "report lab"
      local name = steady == 3 and "the defaults" or ("`width = %d`"):format(steady)
      assert.equal(name, read("reports/lab/report.md"):match "The best variant is (.-) %(%[")
      assert.matches("as in the report: the mean over its seeds", prints "runs --help")
    end)

    it("says which trial it does not know, or cannot tell apart", function()
      local id = trials()[1].id
      local wrong = id:sub(1, -2) .. "x"
      assert.is_truthy(refuses("show " .. wrong, "no trial"):find("did you mean " .. id .. "?", 1, true))
      refuses("show zzzz", "nnrun runs EXPERIMENT` lists them")
      refuses("show @first", "@last or @best")
      refuses("show ''", "no trial")
      refuses("show @last --reports nowhere", "there is none in nowhere")
      refuses("show @last --experiment la", "did you mean lab%?")
      own_copy()
      assert(os.execute(("cd '%s/reports/lab/trials' && cp -rp %s %sff"):format(folder, id, id)))
      assert.equal(id, json.decode(prints("show " .. id .. " --format json")).id)
      refuses("show " .. id:sub(1, 11), "could be any of 2: .*give more of its id")
      assert(os.execute(("cd '%s/reports' && cp -rp lab twin"):format(folder)))
      refuses("show " .. id, "%-%-experiment NAME chooses")
      assert.matches("reports/twin/trials/", prints("show " .. id .. " --experiment twin"))
    end)

    it("says what to do about a damaged record", function()
      own_copy()
      local id = trials()[1].id
      for _, text in ipairs { "", "{", "3", "{}", '{ "id": "x", "status": "complete", "metrics": 3 }' } do
        fakes.write(record_path(id), text)
        refuses("show " .. id, "trial.json is damaged: .*; remove that folder")
      end
    end)

    it("of which a history is missing is found by report --check", function()
      own_copy()
      local path = record_path(trials()[1].id):gsub("trial.json$", "history.csv")
      fakes.write(path, "")
      local status, out = nnrun "report lab --check"
      assert.equal(1, status)
      assert.matches("history.csv: has no epochs, trial.json has the metrics of epoch", out)
    end)
  end)

  describe("compare", function()
    it("tells what differs", function()
      local list = trials()
      local one, other
      for _, each in ipairs(list) do
        if each.seed == 1 then one, other = other, each end
      end
      local out = prints(("compare %s %s"):format(one.id, other.id))
      assert.matches("params +width +%d +%d", out)
      assert.matches("metrics +val_loss +", out)
      assert.is_nil(out:find "learning_rate")
      local rows = json.decode(prints(("compare %s %s --format json"):format(one.id, other.id)))
      assert.same({ "params", "width", one.params.width, other.params.width },
        { rows[1].part, rows[1].name, rows[1][one.id], rows[1][other.id] })
    end)

    it("wants two different trials", function()
      refuses("compare @last", "at least 2 arguments")
      refuses("compare @last @last", "named twice")
      refuses("compare @last nothing", "no trial nothing")
    end)
  end)

  describe("verify", function()
    it("finds the same weights again", function()
      assert.matches("the same weights in every layer after each of 3 epochs", prints "verify @last")
      assert.is_nil(lfs.attributes(folder .. "/reports/lab/trials/.tmp"))
    end)

    it("does not need the script that was changed since", function()
      own_copy()
      fakes.write(folder .. "/lab.lua", "error 'gone'")
      assert.matches("the same weights", prints "verify @last")
    end)

    it("names the first epoch and layer that differ", function()
      own_copy()
      local id = trials()[2].id
      change(id, function(record)
        record.weights.epochs[2][2] = ("0"):rep(16)
        record.weights.epochs[3][1] = ("0"):rep(16)
      end)
      local status, out = nnrun("verify " .. id)
      assert.equal(1, status)
      assert.matches("differs: epoch 2, layer dense_1\n", out)
    end)

    it("sees weights that were changed, and compares them alone where there are no hashes", function()
      own_copy()
      local id = trials()[2].id
      local path = ("%s/reports/lab/trials/%s/weights.safetensors"):format(folder, id)
      local text = files.read(path)
      fakes.write(path, text:sub(1, -2) .. string.char(text:byte(-1) ~ 1))
      change(id, function(record) record.weights = nil end)
      local status, out = nnrun("verify " .. id)
      assert.equal(1, status)
      assert.matches("no hashes.*differs: weights.safetensors, layer dense", out)
      os.remove(path)
      refuses("verify " .. id, "neither weights nor their hashes")
    end)

    it("sees that the data changed", function()
      own_copy()
      local id = trials()[2].id
      change(id, function(record) record.source.arguments = { "other data" } end)
      local status, out = nnrun("verify " .. id)
      assert.equal(1, status)
      assert.matches("the data of the trial is not what it was\n.*differs: epoch 1, layer dense", out)
    end)

    it("compares the metrics of all epochs, and those of the record", function()
      own_copy()
      local id = trials()[2].id
      local path = ("%s/reports/lab/trials/%s/history.csv"):format(folder, id)
      local whole = files.read(path)
      fakes.write(path, (whole:gsub("\n2,[^,]+", "\n2,0.125")))
      local status, out = nnrun("verify " .. id)
      assert.equal(1, status)
      assert.matches("history.csv: was changed after the trial was sealed", out)
      assert.matches("differs: history.csv, epoch 2: %S+ was 0.125, now it is 0.%d+\n", out)
      fakes.write(path, whole)
      change(id, function(record) record.metrics.val_loss = 0.125 end)
      status, out = nnrun("verify " .. id)
      assert.equal(1, status)
      assert.matches("trial.json: a field was changed after it was sealed: metrics", out)
      assert.matches("differs: metrics of the record: val_loss was 0.125, now it is", out)
    end)

    it("sees that a file was changed that training does not make again", function()
      own_copy()
      local id = trials()[2].id
      fakes.write(("%s/reports/lab/trials/%s/log.txt"):format(folder, id), "all well\n")
      local status, out = nnrun("verify " .. id)
      assert.equal(1, status)
      assert.matches("log.txt: was changed after the trial was sealed", out)
      assert.matches("the same weights and metrics, but its files or its data are not what they were", out)
    end)

    it("sees that the test data changed", function()
      own_copy()
      fakes.write(folder .. "/shift", "0")
      fakes.write(folder .. "/lab.lua", LAB:gsub("test = { x, y }",
        'test = { x + tonumber(io.open("shift"):read "a"), y }') .. 'lab:trial()\n')
      prints "lab.lua -q --seeds 1 --reports shifted"
      assert.matches("the same weights", prints "verify @last --reports shifted")
      fakes.write(folder .. "/shift", "1")
      local status, out = nnrun "verify @last --reports shifted"
      assert.equal(1, status)
      assert.matches("the test data are others: their hash was %x+, now it is %x+\n", out)
    end)

    it("says why it cannot", function()
      own_copy()
      local id = trials()[1].id
      change(id, function(record) record.status = "crashed" end)
      refuses("verify " .. id, "no weights to compare: it is crashed")
      change(id, function(record) record.status, record.source.copy = "complete", "source/gone.lua" end)
      refuses("verify " .. id, "the script of trial %x+ is not there: reports/lab/source/gone.lua")
    end)
  end)

  describe("check", function()
    local function check(script, arguments)
      fakes.write(folder .. "/try.lua", script)
      return nnrun("check try.lua " .. (arguments or ""))
    end

    before_each(function() folder = fakes.folder() end)

    it("builds every variant and trains none", function()
      local status, out, err = check(LAB .. [[
local widths = lab:sweep("Width", { width = { 2, 4 } })
lab:sweep("Rate", { learning_rate = { 0.1, 0.2 } }, { with = { width = widths.best.params.width } })
lab:figure("Loss", nn.plot.history(lab.best.history, { metric = "loss" }))
lab:conclude()
lab:report()
]])
      assert.equal(0, status, err)
      assert.equal(5, #lines(out))
      assert.matches("Width +width=2 +2 +16 +%d[^\n]*B ", out)
      assert.matches("8 trials; about .* with %d jobs?; up to ", err)
      assert.matches("chooses by results", err)
      assert.is_nil(lfs.attributes(folder .. "/reports"))
    end)

    it("names variants that would not run", function()
      local status, out = check(LAB .. 'lab:sweep("Broken", { broken = { false, true } })\n', "--format json")
      assert.equal(1, status)
      local rows = json.decode(out)
      assert.is_nil(rows[1].problem)
      assert.matches("try.lua:12: a broken build", rows[2].problem)
    end)

    it("finds labels that are no classes, and an objective that nobody reports", function()
      local status, out = check((LAB:gsub("Dense{ 2, activation", "Dense{ 1, activation")) .. "lab:trial{}\n")
      assert.equal(2, status, out)
      assert.matches("the labels run from 0 to 1, but the output [%w_]+ is for the labels 0 to 0", read "err")
      status, out = check((LAB:gsub('objective = "val_accuracy"', 'objective = "val_auc"')) .. "lab:trial{}\n")
      assert.equal(2, status, out)
      assert.matches("objective val_auc: the model has no such metric; it has: accuracy, loss", read "err")
    end)

    it("knows what callbacks do: an objective of theirs, an early end, a process that dies", function()
      local head = LAB:gsub('"val_accuracy"', '"half", mode = "max"'):gsub("build =", "callbacks = acts, %0")
      local status, out, err = check([[
local nn = require "nn"
local process = require "engine.process"
local function acts(p)
  return { {
    on_epoch_end = function(self, epoch, logs)
      process.poll({}, 20)
      logs.half = logs.val_accuracy / 2
      self.model.stop_training = p.width == 4 and epoch == 2
      if p.width == 5 then process.kill(process.pid(), "KILL") end
    end,
  } }
end
]] .. head .. 'lab:sweep("Width", { width = { 3, 4, 5 } })\n', "-j1 epochs=100 --seeds 1 --format json")
      assert.equal(1, status, err)
      local rows = json.decode(out)
      assert.is_true(rows[1].trial >= 2)
      assert.is_true(rows[2].trial < 0.5 * rows[1].trial) -- three of a hundred epochs
      assert.matches("its process ended with signal 9", rows[3].problem)
    end)

    -- Scripts that run, and depend on what came out.
    local DEPENDENT = {
      ["an ablation of whatever was best"] = [[
lab:sweep("Width", { width = { 2, 3 } })
lab:ablate(lab.best.params, { width = lab.best.params.width, batch_size = 10 })
lab:ablate(lab.best.params, { width = lab.best.params.width })
lab:ablate(lab.best.params, { width = lab.best.params.width }, { factorial = true })
]],
      ["values beside the best one"] = [[
local width = lab:sweep("Width", { width = { 2, 3 } }).best.params.width
lab:sweep("Fine", { width = { width, 2, 3, width + 1 } })
]],
      ["histories and metrics, to the last epoch"] = [[
local best = lab:sweep("Width", { width = { 2, 3 } }, { with = { epochs = 7 } }).best
assert(#best.history.val_loss == 7 and best.epochs == 7 and best.history.accuracy[best.scored_epoch])
assert(best.metrics.val_loss + best.history.loss[7] > 0 and best.seconds > 0)
lab:trial{ epochs = best.epochs + 1 }
]],
      ["models, figures and the test result"] = [[
lab:sweep("Width", { width = { 2, 3 } })
assert(#lab.best.model:predict(x) == 60)
lab:figure("Loss", nn.plot.history(lab.best.history))
lab:figure("Weights", nn.plot.weights(lab.best.model.layers[1], { image_shape = { 2, 2 } }))
local result = lab:conclude()
lab:note(("%.3f %.3f"):format(result.score, result.test[1].metrics.accuracy))
]],
      ["files"] = [[
local best = lab:trial()
for _, name in ipairs { "history.csv", "log.txt", "trial.json", "weights.safetensors" } do
  assert(io.open(("%s/trials/%s/%s"):format(lab.folder, best.id, name))):close()
end
assert(io.open(lab:report())):close()
]],
      ["its arguments, and os.exit"] = 'lab:trial{ width = tonumber(assert(arg[1])) }\nos.exit(0)\nerror "no"\n',
      ["a condition of its own"] = 'lab:trial()\nassert(lab.best.score > 2, "too bad")\n',
    }

    it("accepts scripts that depend on results", function()
      for name, rest in pairs(DEPENDENT) do
        local status, out, err = check(LAB .. rest, "-- 7")
        assert.equal(0, status, name .. ": " .. err)
        assert.matches("^section +variant", out, name)
      end
      local _, _, err = check(LAB .. DEPENDENT["a condition of its own"])
      assert.matches("note: the script ended by an error of its own: try.lua:%d+: too bad\n", err)
    end)

    it("prints the table in spite of a later mistake, and keeps what the script prints apart", function()
      local status, out, err = check(LAB .. 'lab:trial()\nprint "said"\nlab:swep("W", {})\n', "--format csv")
      assert.equal(2, status)
      assert.matches("^section,.*\nTrial,defaults,2,", out)
      assert.is_nil(out:find("said", 1, true))
      assert.matches("said\n", err)
      assert.matches("nnrun: try.lua:%d+: an experiment has no swep; did you mean sweep%?\n$", err)
    end)

    it("chooses as the real run did where its trials are there", function()
      local script = LAB .. 'lab:sweep("Width", { width = { 2, 30 } })\n'
        .. "print(lab.best.id, lab.best.history.val_loss[3])\n"
      fakes.write(folder .. "/try.lua", script)
      local printed = prints "try.lua -q":match "^[^\n]*\n"
      local _, _, err = check(script)
      assert.is_truthy(err:find(printed, 1, true), err)
    end)

    it("takes NAME=VALUE and wants an experiment", function()
      local status, out = check(LAB .. "lab:trial{}\n", "width=7 --seeds 3 --format csv")
      assert.equal(0, status)
      assert.matches("\nTrial,defaults,3,51,", out)
      status = check "local nn = require 'nn'"
      assert.equal(2, status)
      assert.matches("declares no experiment", read "err")
      assert.equal(2, (check "lab:"))
      refuses("check nowhere.lua", "cannot open nowhere.lua")
    end)
  end)

  describe("provenance", function()
    it("is kept once, beside the trials", function()
      local record = json.decode(assert(files.read(record_path(trials()[1].id))))
      assert.equal("lab.lua", record.source.script)
      assert.equal(files.read(folder .. "/lab.lua"), files.read(folder .. "/reports/lab/" .. record.source.copy))
      assert.equal(1, #files.list(folder .. "/reports/lab/source"))
      assert.matches("^%-O", record.environment.flags)
      assert.is_true(record.peak_memory > 0)
    end)

    it("names the commit of the script and what was changed since", function()
      own_copy()
      assert(os.execute(([[cd '%s' && git init -q . && git add lab.lua &&
        git -c user.name=a -c user.email=a@b commit -qm first && echo '-- changed' >> lab.lua]]):format(folder)))
      prints "lab.lua -q --fresh"
      local source = json.decode(files.read(folder .. "/reports/lab/experiment.json")).source
      assert.matches("^%x+$", source.commit)
      assert.equal(40, #source.commit)
      assert.matches("%+%-%- changed\n", files.read(folder .. "/reports/lab/" .. source.diff))
    end)
  end)

  describe("repl", function()
    local repl = require "nn.cli.repl"

    local function type_in(text)
      fakes.write(folder .. "/typed", text)
      local _, _, code = os.execute(("cd '%s' && '%s' repl <typed >out 2>err"):format(folder, NNRUN))
      return code, read "out", read "err"
    end

    it("prints expressions and reads chunks of several lines", function()
      local status, out = type_in "1 + 1\nfor i = 1, 2 do\nprint(i * 10)\nend\nx = nn.zeros{ 2 }\nx.shape[1]\n"
      assert.same({ 0, "2\n10\n20\n2\n" }, { status, out })
    end)

    it("shows what is in a table", function()
      local _, out = type_in("{ 1, { x = 'a\"b' }, [9] = true, nn.layers.Dense{ 2 } }\n"
        .. "print({}, nil, { { { { { 1 } } } } })\n")
      assert.equal('{ 1, { x = "a\\"b" }, <Dense name=dense>, [9] = true }\n{}\tnil\t{ { { { { ... } } } } }\n', out)
      assert.equal("{ 60, 28 }\n", prints "-e 'print(nn.zeros{ 60, 28 }.shape)'")
      assert.equal("2\n", prints "-e 1+1")
      assert.equal("{ 60, 28 }\t2\n", prints "-e 'nn.zeros{ 60, 28 }.shape, 2'")
      assert.equal("a", prints "-e 'io.write(arg[1])' a")
      assert.equal("", prints "-e 'x = 1'")
      assert.equal("nn.datasets.iris: class_names, feature_names, load_data\n", prints "-e nn.datasets.iris")
      assert.equal("function nn.datasets.iris.load_data\n", prints "-e nn.datasets.iris.load_data")
      refuses("-e '1 +'", "unexpected symbol near <eof>")
      refuses("-e 'for i = 1, 2 do'", "'end' expected near <eof>")
      refuses("-e 'x = = 1'", "unexpected symbol near '='")
      refuses("-e nn.datasets.iris.lod_data", "did you mean nn.datasets.iris.load_data%?")
      assert.not_matches("%f[%w](%w+), %1%f[%W]", prints "-e nn")
    end)

    it("shows what is in a module, and helps", function()
      local _, out = type_in "nn\nnn.layers\nnn.layers.Dense\nprint(nn.losses)\nhelp\nhelp()\n"
      assert.matches("^nn: Experiment, .*Input, .*layers, .*\nnn.layers: Activation, .*Dense.*\n"
        .. "function nn.layers.Dense\nnn.losses: BinaryCrossentropy, ", out)
      assert.equal(2, select(2, out:gsub("Tab completes a name", "")))
      assert.is_nil(out:find "0x")
    end)

    it("goes on after a mistake", function()
      local status, out, err = type_in "error 'boo'\n) (\n'still here'\n"
      assert.same({ 1, "still here\n" }, { status, out })
      assert.matches("boo\n.*unexpected symbol near '%)'", err)
    end)

    it("completes names", function()
      local environment = { nn = require "nn", numbers = {} }
      assert.same({ "nn.callbacks" }, repl.complete("nn.callb", environment))
      assert.same({ "nn.layers.Dense" }, repl.complete("nn.layers.Dens", environment))
      assert.same({ "nil", "nn", "not", "numbers" }, repl.complete("n", environment))
      assert.same({}, repl.complete("nothing.at.all", environment))
      assert.same({}, repl.complete("nn..", environment))
    end)

    it("knows what is unfinished", function()
      for text, unfinished in pairs { ["f("] = true, ["if x then"] = true, ["x = = 1"] = false, ["1"] = false } do
        assert.equal(unfinished, (select(3, repl.compile(text, {}))), text)
      end
    end)
  end)

  it("an option with a wrong value is named", function()
    for option, expected in pairs {
      ["--seeds 0"] = "a whole number from 1 to 10000", ["-j x"] = "a whole number from 1",
      ["--max-failures -1"] = "a whole number from 1", ["--trial-timeout 0"] = "seconds, more than 0",
      ["--checkpoint no"] = "seconds, 0 or more" } do
      local name = option:match "^(%-%-%S+)" or "--jobs"
      refuses("lab.lua " .. option:gsub(" ", "="):gsub("^%-j=", "-j "), "nnrun: " .. name:gsub("%-", "%%-")
        .. ": expected " .. expected .. ", got '")
    end
    refuses("check lab.lua --seeds 0", "nnrun: %-%-seeds: expected a whole number from 1 to 10000, got '0'")
  end)

  it("help is --help, of the program or of a command", function()
    assert.equal(prints "--help", prints "help")
    assert.equal(prints "runs --help", prints "help runs")
    refuses("help Dense", "there is no command Dense")
  end)

  it("-e has a help and takes arguments", function()
    assert.matches("^Usage: nnrun %-e CODE", prints "-e --help")
    assert.equal("3\t4\n", prints "-e 'print(arg[1], select(2, ...))' 3 4")
  end)

  it("doctor looks at locks, fork, programs, terminal and locale", function()
    local out = prints "doctor"
    for _, word in ipairs { "fork       safe", "locks work", "gnuplot", "Graphviz", "terminal   none", "locale",
      "SQLite     3" } do
      assert.is_truthy(out:find(word, 1, true), word)
    end
    local _, missing = nnrun "doctor --reports /proc"
    assert.matches("reports    missing: /proc cannot be written", missing)
  end)

  it("doctor knows where locks reach no other computer", function()
    local mounts = "22 1 8:1 / / rw,relatime - ext4 /dev/root rw\n"
      .. "36 22 0:300 / /a rw shared:7 - nfs4 host:/a rw,vers=4.2,local_lock=none,addr=1\n"
      .. "37 22 0:301 / /b rw shared:8 - nfs host:/b rw,vers=3,nolock,local_lock=all\n"
      .. "38 22 0:302 / /c rw - nfs host:/c rw,local_lock=flock,addr=1\n"
    local has = require("nn.cli.doctor").has_own_locks
    local function device(minor) return minor & 0xff | (minor & ~0xff) << 12 end
    assert.is_false(has(mounts, 0x801))
    assert.is_false(has(mounts, device(300)))
    assert.is_true(has(mounts, device(301)))
    assert.is_true(has(mounts, device(302)))
    assert.is_false(has("", 1))
  end)
end)
