local process = require "engine.process"
local files = require "nn.support.files"
local json = require "nn.support.json"
local Progress = require "nn.trials.progress"
local fakes = require "tests.support.experiment_fakes"

local NNRUN = require("tests.support.runs").PROGRAM

-- An experiment with a real, tiny model. Its parameter `act` can make a trial go wrong.
local LAB = [[
local nn = require "nn"
local process = require "engine.process"
local note = io.open("pid", "w")
note:write(process.pid())
note:close()
nn.utils.set_random_seed(1)
nn.advice.silence() -- all three parts of the data are one
local x = nn.random.normal{ shape = { 60, 4 } }
local y = x[{ {}, 1 }]:gt(0)
local acts = {
  crash = function() process.kill(process.pid(), "ABRT") end,
  hang = function() while true do process.poll({}, 1000) end end,
  fail = function() error("told to fail", 0) end,
  slow = function() process.poll({}, 300) end,
  wreck = function() os.execute "rm -rf reports/lab/trials; touch reports/lab/trials" end,
}
local lab = nn.Experiment{
  name = "lab", train = { x, y }, validation = { x, y }, test = { x, y }, seeds = { 1, 2 },
  params = { width = 3, epochs = 2, batch_size = 20, learning_rate = 0.01, act = "none", fast = true },
  objective = "val_accuracy",
  build = function(p)
    local model = nn.Sequential{
      nn.layers.Dense{ p.width, activation = "relu", input_shape = { 4 } },
      nn.layers.Dense{ 2, activation = "softmax" },
    }
    model:compile{ optimizer = nn.optimizers.Adam{ learning_rate = p.learning_rate },
      loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
  callbacks = function(p) return { { on_epoch_end = acts[p.act] } } end,
}
]]

local SWEEP = LAB .. 'lab:sweep("Width", { width = { 2, 3, 4 } })\n'

describe("nnrun SCRIPT", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function command(arguments)
    return ("cd '%s' && exec '%s' lab.lua %s >out 2>err </dev/null"):format(folder, NNRUN, arguments or "")
  end

  local function read(name)
    return assert(files.read(folder .. "/" .. name))
  end

  -- Runs a script; gives exit status, standard output, standard error.
  local function run(script, arguments)
    fakes.write(folder .. "/lab.lua", script)
    local _, how, code = os.execute(command(arguments))
    assert.equal("exit", how)
    return code, read "out", read "err"
  end

  -- Begins to run a script in a process group of its own.
  local function start(script, arguments)
    fakes.write(folder .. "/lab.lua", script)
    local pid = assert(process.fork())
    if pid == 0 then
      process.new_group()
      local _, _, code = os.execute(command(arguments))
      process.exit_now(code)
    end
    return pid
  end

  local function manifest()
    return json.decode(read "reports/lab/experiment.json")
  end

  local function trials()
    return files.list(folder .. "/reports/lab/trials")
  end

  -- trials.csv up to the columns of time.
  local function table_of_trials(reports)
    local lines = {}
    for line in read(reports .. "/lab/trials.csv"):gmatch "[^\n]+" do
      local cells = {}
      for cell in (line .. ","):gmatch "([^,]*)," do cells[#cells + 1] = cell end
      lines[#lines + 1] = cells
    end
    local first_of_time
    for i, name in ipairs(lines[1]) do
      if name == "seconds" then first_of_time = i end
    end
    for i, cells in ipairs(lines) do lines[i] = table.concat(cells, ",", 1, first_of_time - 1) end
    return table.concat(lines, "\n")
  end

  local function wait_for_trials(count)
    return fakes.wait_for(function()
      local published = 0
      for _, name in ipairs(trials()) do
        if not name:match "^%." then published = published + 1 end
      end
      return published >= count
    end)
  end

  it("trains, reports, and prints where", function()
    local status, out, err = run(SWEEP .. "print(arg[1], arg[0], ..., lab.best.id)\nlab:conclude()", "epochs=1 -- word")
    local path = "reports/lab@epochs=1"
    assert.equal(0, status, err)
    local best, answer = out:match "^word\tlab.lua\tword\t(%x+)\n(.*)reports/lab@epochs=1/report.md\n$"
    assert.matches("^The best variant is .-: validation accuracy 0%.%d+ %(2 runs only%), test accuracy 0%.%d+", answer)
    assert.matches("\nThe next is .- %(0%.%d+, 0%.%d+ lower%)%. 2 seeds are too few to test all three variants against "
      .. "each other; %-%-seeds 7 would do%.\n$", answer)
    assert.is_string(best, out)
    local all = json.decode(read(path .. "/experiment.json"))
    assert.equal("complete", all.status)
    assert.same({ done = 6, planned = 6 }, all.progress)
    assert.same({ epochs = 1 }, all.overrides)
    assert.equal("lab.lua", all.script)
    assert.same({ NNRUN, "lab.lua", "epochs=1", "--", "word" }, all.command)
    assert.equal(6, #files.list(folder .. "/" .. path .. "/trials"))
    assert.matches("Width", read(path .. "/report.md"))
    assert.is_nil(err:find "[\r\27]")
    assert.equal(6, select(2, err:gsub("val_accuracy %d.%d+  %d+ ms  %(%d/6%)\n", "")))
  end)

  it("gives the same numbers whatever the number of jobs, and again", function()
    run(SWEEP, "-q -j1 --reports one")
    run(SWEEP, "-q -j2 --reports two")
    assert.equal(table_of_trials "one", table_of_trials "two")
    local before = table_of_trials "two"
    local _, _, err = run(SWEEP, "-j2 --reports two")
    assert.equal(6, select(2, err:gsub("reused", "")))
    run(SWEEP, "-q -j2 --reports two --fresh")
    assert.equal(before, table_of_trials "two")
  end)

  it("gives a trial the same numbers whatever ran before it, and each seed its own", function()
    local function rows(script, reports)
      run(script, "-q --reports " .. reports)
      local list, scores = {}, {}
      for row in table_of_trials(reports):gmatch "\n([^\n]+)" do
        list[#list + 1] = row
        scores[row:match "[^,]*,[^,]*,[^,]*,(.*)"] = true
      end
      table.sort(list)
      return list, scores
    end
    local forwards, scores = rows(SWEEP, "one")
    local before = "nn.random.normal{ shape = { 5 } }\nnn.layers.Dense{ 3 }\n"
    assert.same(forwards, (rows(LAB .. before .. 'lab:sweep("Width", { width = { 4, 2, 3 } })', "two")))
    local count = 0
    for _ in pairs(scores) do count = count + 1 end
    assert.equal(6, count)
  end)

  it("shows what it is told to", function()
    local status, out, err = run(SWEEP, "-q --seeds 1")
    assert.equal(0, status)
    assert.equal("reports/lab/report.md\n", out)
    for line in err:gmatch "[^\n]+" do assert.matches("^warning: ", line) end
    assert.equal(3, #trials())
    err = select(3, run(SWEEP, "-v --fresh --seeds 1"))
    assert.matches("width=2  epoch 1/2  accuracy [%d.]+  loss [%d.]+  val_accuracy [%d.]+  val_loss [%d.]+\n", err)
  end)

  describe("ends with status 2", function()
    local function check(script, arguments, message)
      local status, out, err = run(script, arguments)
      assert.equal(2, status)
      assert.equal("", out)
      assert.matches(message, err)
      assert.equal(1, select(2, err:gsub("\n", "")), err)
    end

    it("after an error in the script, told in one line", function()
      check("local a = {}\nlocal b = a.x.y", "", "^nnrun: lab.lua:2: attempt to index a nil value %(field 'x'%)\n$")
      check("local = 1", "", "^nnrun: lab.lua:1: <name> expected near '='\n$")
      check("\nerror { code = 7, why = 'wrong' }", "", '^nnrun: lab.lua:2: error: { code = 7, why = "wrong" }\n$')
      check("error()", "", "^nnrun: lab.lua:1: error: nil\n")
      check("error(setmetatable({}, { __tostring = function() return 'mine' end }))", "", "^nnrun: mine\n")
    end)

    it("after a name nobody knows", function()
      check("local a = 1\nlocal x = tostrin(a)", "", "^nnrun: lab.lua:2: unknown name tostrin; did you mean tostring?")
      check("width = 1\nprint(widht)", "", "^nnrun: lab.lua:2: unknown name widht; did you mean width?")
      check("local layer = Dense { 3 }", "", "^nnrun: lab.lua:1: unknown name Dense; did you mean nn.layers.Dense?")
      check("local x = nn.zeros { 3 }", "", 'unknown name nn; begin with: local nn = require "nn"\n$')
    end)

    it("after an override that no experiment knows", function()
      check(LAB, "epoch=1", "^nnrun: epoch=...: the experiment has no parameter epoch; did you mean epochs?")
      check(LAB, "epochs=many", 'epochs=many: expected a number, got "many"')
      check(LAB, "fast=1", "fast=1: expected true or false")
      check(LAB, "words", "words: expected NAME=VALUE")
    end)

    it("after an override that nobody reads", function()
      check("local a = 1", "widht=3", "^nnrun: widht=3: nobody reads it, as lab.lua declares no experiment; words ")
    end)

    it("of an experiment that would take the index's place", function()
      for _, name in ipairs { "index.sqlite", "index.sqlite-wal", "Index.sqlite" } do
        local status, _, err = run((LAB:gsub('name = "lab"', ('name = "%s"'):format(name))))
        assert.equal(2, status)
        assert.matches("^nnrun: lab.lua:%d+: Experiment: name: [iI]ndex.sqlite%S* is the file that lists all ", err)
      end
      assert.same({}, files.list(folder .. "/reports"))
    end)

    it("without a byte that could do harm to a terminal", function()
      local _, _, err = run 'error "\27[31mred\0\255"'
      assert.equal("nnrun: lab.lua:1: \\x1B[31mred\\x00\\xFF\n", err)
    end)

    it("where the system gives too little to start a trial", function()
      fakes.write(folder .. "/lab.lua", LAB .. 'lab:trial{ act = "none" }')
      local line = "cd '%s' && { ulimit -n 7; exec '%s' lab.lua -q; } >out 2>err </dev/null"
      local _, _, status = os.execute(line:format(folder, NNRUN))
      assert.equal(2, status)
      assert.matches("nnrun: cannot start another process: Too many open files; fewer", read "err")
      assert.same({}, files.list(folder .. "/reports/lab/working"))
    end)

    it("of a reports folder without a name", function()
      local status, _, err = run(LAB, "--reports ''")
      assert.equal(2, status)
      assert.matches("^nnrun: %-%-reports: expected a folder, got ''\n", err)
    end)

    it("after an option it does not know", function()
      local status, _, err = run(LAB, "--jbos 2")
      assert.equal(2, status)
      assert.matches("unknown option '%-%-jbos'", err)
      status, _, err = run(LAB, "-j none")
      assert.equal(2, status)
      assert.matches("expected a whole number from 1, got 'none'", err)
    end)

    it("where there is no such script", function()
      local _, _, code = os.execute(("cd '%s' && '%s' nowhere.lua 2>err"):format(folder, NNRUN))
      assert.equal(2, code)
      assert.matches("^nnrun: cannot open nowhere.lua", read "err")
    end)

    it("where no variant can be built", function()
      local status, _, err = run(LAB:gsub("p.width,", "p.widht + 1,") .. "lab:trial()", "-q --seeds 1")
      assert.equal(2, status)
      assert.matches("^nnrun: lab.lua:%d+: there is no parameter widht; did you mean width%?\n$", err)
    end)
  end)

  it("tells with --trace where in nnrun an error came from", function()
    local status, _, err = run("local nn = require 'nn'\nnn.Experiment{}", "--trace")
    assert.equal(2, status)
    assert.matches("^nnrun: lab.lua:2: Experiment: name is missing\nstack traceback:\n.*experiment/init.lua", err)
  end)

  it("refuses more seeds than make sense", function()
    local status, _, err = run(SWEEP, "--seeds 1e9")
    assert.equal(2, status)
    assert.matches("%-%-seeds: expected a whole number from 1 to 10000, got '1e9'", err)
  end)

  it("warns of an override that every section overrules", function()
    local _, _, err = run(SWEEP, "width=9 epochs=1 --seeds 1")
    assert.matches("warning: width=9 changed nothing: each section sets width itself", err)
    assert.is_nil(err:find("epochs=1 changed", 1, true))
    _, _, err = run(SWEEP .. "lab:trial()", "width=9 epochs=1 --seeds 1")
    assert.is_nil(err:find("changed nothing", 1, true))
  end)

  it("scores the epoch whose weights a callback restored", function()
    local stopping = LAB:gsub("callbacks = function.-\n", [[callbacks = function()
      return nn.callbacks.EarlyStopping{ mode = "max", patience = 3, restore_best_weights = true } -- the worst
    end,
]])
    local status, out = run(stopping .. [[
local trial = lab:trial({ epochs = 12 })
local loss, accuracy = trial.model:evaluate(x, y)
local most = math.max(table.unpack(trial.history.val_loss))
print(#trial.history.val_loss > trial.scored_epoch, trial.history.val_loss[trial.scored_epoch] == most,
  math.abs(trial.metrics.val_loss - loss) < 1e-6, trial.score == accuracy)
]], "--seeds 1")
    assert.equal(0, status)
    assert.matches("^true\ttrue\ttrue\ttrue\n", out)
    assert.matches("after the last epoch, or after the earlier epoch whose weights a callback restored",
      read "reports/lab/report.md")
  end)

  it("keeps what a script did before an error", function()
    local status, out, err = run(SWEEP .. "oops()", "-q --seeds 1")
    assert.equal(2, status)
    assert.matches("unknown name oops", err)
    assert.equal("reports/lab/report.md\n", out)
    assert.equal("error", manifest().status)
    assert.matches("Ended by an error.-after 3 of 3 trials: `lab.lua:%d+: unknown name oops",
      read "reports/lab/report.md")
    assert.equal(3, #trials())
  end)

  describe("ends with status 1", function()
    it("after a trial that failed, and reports it", function()
      local status, out, err = run(LAB .. 'lab:sweep("Act", { act = { "crash", "fail", "none" } })', "--seeds 1")
      assert.equal(1, status)
      assert.matches("report.md", out)
      assert.matches("act=crash  crashed: its process was ended by signal ABRT", err)
      assert.matches("act=fail  failed: told to fail", err)
      assert.matches("nnrun: 2 trials ended without a result", err)
      assert.equal("complete", manifest().status)
    end)

    it("after a trial that took too long", function()
      local status, _, err = run(LAB .. 'lab:trial{ act = "hang" }', "--seeds 1 --trial-timeout 0.5")
      assert.equal(1, status)
      assert.matches("timeout: not finished after 0.5 s", err)
    end)

    it("after the first failure with --fail-fast", function()
      local status, _, err = run(LAB .. 'lab:sweep("Act", { act = { "fail", "none" } })', "-j1 --fail-fast")
      assert.equal(1, status)
      assert.matches("stopped after the first failure", err)
      assert.equal(1, #trials())
      assert.equal("error", manifest().status)
      assert.matches("Ended by an error.-after 1 of 4 trials: `stopped after the first failure",
        read "reports/lab/report.md")
    end)

    it("where all trials of a sweep diverge", function()
      local status = run(LAB .. 'lab:sweep("Rate", { learning_rate = { 1e38 } })', "-q")
      assert.equal(1, status)
      assert.equal("diverged", json.decode(read("reports/lab/trials/" .. trials()[1] .. "/trial.json")).status)
    end)
  end)

  describe("ends with status 4", function()
    it("where the reports folder cannot be written", function()
      fakes.write(folder .. "/file", "")
      local status, out, err = run(LAB, "--reports file/reports")
      assert.equal(4, status)
      assert.equal("", out)
      assert.matches("nnrun: cannot write the reports: file: is not a folder\n$", err)
    end)

    it("where files may not grow, and leaves no halves", function()
      fakes.write(folder .. "/lab.lua", LAB .. 'lab:trial{ act = "none" }')
      local statuses = {}
      for _, blocks in ipairs { 1, 8, 16, 1000 } do
        files.remove(folder .. "/reports")
        local _, _, status = os.execute(("ulimit -f %d; %s"):format(blocks, command "-q --seeds 1"))
        statuses[#statuses + 1] = status
        if status ~= 0 then assert.matches("nnrun: cannot write .*File too large\n$", read "err") end
        for name in io.popen(("find '%s/reports' -type f"):format(folder)):lines() do
          assert.is_nil(name:find "%.new", name)
          if name:find "%.svg$" then assert.matches("</svg>%s*$", files.read(name), name) end
          if name:find "%.json$" then assert.is_table(json.decode(files.read(name)), name) end
        end
      end
      assert.same({ 4, 4, 4, 0 }, statuses)
    end)

    it("where a worker cannot write", function()
      local status, _, err = run(LAB .. 'lab:trial{ act = "wreck" }', "-q --seeds 1")
      assert.equal(4, status)
      assert.matches("cannot write the reports: reports/lab/trials/", err)
    end)
  end)

  describe("stopped by Ctrl-C", function()
    local SLOW = LAB .. 'lab:sweep("Fast", { width = { 2, 3 } })\n'
      .. 'lab:sweep("Slow", { width = { 2, 3 } }, { with = { act = "slow", epochs = 20 } })\n'

    it("keeps what was finished, says how to go on, and goes on", function()
      local pid = start(SLOW, "-j2")
      assert.is_true(wait_for_trials(4))
      fakes.wait_for(function() return #files.list(folder .. "/reports/lab/working") == 4 end)
      process.kill(-pid, "INT")
      local _, how, code = process.wait(pid)
      assert.equal("exit", how)
      assert.equal(130, code)
      assert.equal("reports/lab/report.md\n", read "out")
      assert.matches(
        "nnrun: stopped by Ctrl%-C; finished trials are kept %(4 so far%); to go on: /.*nnrun lab.lua %-j2\n$",
        read "err")
      assert.equal("interrupted", manifest().status)
      assert.equal(4, #trials())
      assert.matches("[Ii]nterrupted", read "reports/lab/report.md")
      local status, _, err = run(SWEEP, "--seeds 1")
      assert.equal(0, status)
      assert.equal(2, select(2, err:gsub("reused", "")))
      assert.equal("complete", manifest().status)
    end)

    it("or by SIGTERM to it alone", function()
      local pid = start(SLOW, "-j2")
      assert.is_true(wait_for_trials(4))
      fakes.wait_for(function() return #files.list(folder .. "/reports/lab/working") == 4 end)
      process.kill(tonumber(read "pid"), "TERM")
      local _, how, code = process.wait(pid)
      assert.equal("exit", how)
      assert.equal(75, code)
      assert.equal("interrupted", manifest().status)
      assert.equal(4, #trials())
      assert.matches("interrupted: stopped by SIGTERM", read "err")
      assert.matches("nnrun: stopped by SIGTERM; finished trials are kept", read "err")
    end)
  end)

  it("leaves no worker and no half a trial behind when it is killed", function()
    local script = LAB .. 'lab:sweep("Slow", { width = { 2, 3 } }, { with = { act = "slow", epochs = 50 } })\n'
    local pid = start(script, "-j2")
    local workers = assert(fakes.wait_for(function()
      local list = {}
      for _, name in ipairs(files.list(folder .. "/reports/lab/working")) do
        local text = name:find "%.lease$" and files.read(folder .. "/reports/lab/working/" .. name)
        list[#list + 1] = text and tonumber(text:match '"pid":(%d+)')
      end
      return #list == 2 and list
    end))
    process.kill(tonumber(read "pid"), "KILL")
    process.wait(pid)
    for _, worker in ipairs(workers) do
      assert.is_true(fakes.wait_for(function() return not fakes.is_alive(worker) end))
    end
    assert.is_nil(files.read(folder .. "/reports/lab/experiment.json"))
    assert.equal(0, #trials())
    local status, _, err = run(SWEEP, "--seeds 1")
    assert.equal(0, status, err)
    assert.is_nil(err:find "reused")
    assert.equal(3, #trials())
  end)
end)

describe("nn.progress", function()
  teardown(fakes.clean)

  -- What a progress writes to standard error.
  local function written(options, act)
    local path = fakes.folder() .. "/err"
    local pid = assert(process.fork())
    if pid == 0 then
      process.redirect(assert(process.open_for_append(path)), 2)
      local ok = pcall(act, Progress.new(options))
      io.stderr:flush()
      process.exit_now(ok and 0 or 1)
    end
    local _, _, code = process.wait(pid)
    assert.equal(0, code)
    return files.read(path)
  end

  local plan = { label = "width=5 seed 1", epochs = 4 }

  local function two_trials(progress)
    progress:begin { title = "Width", objective = "val_accuracy", total = 2 }
    progress:started(plan)
    progress:heard(plan, { epoch = 1, part = 0.5, logs = { loss = 0.25, val_accuracy = 0.9 }, is_epoch = true })
    progress:tick()
    progress:finished(plan, { status = "complete", score = 0.95, seconds = 1.25 })
    progress:finished({ label = "width=6 seed 1" }, { status = "failed", reason = "why\nmore", seconds = 0 })
    progress:close()
  end

  it("is plain lines where there is no terminal", function()
    assert.equal("Width\n  width=5 seed 1  val_accuracy 0.9500  1.2 s  (1/2)\n"
      .. "  width=6 seed 1  failed: why  0 ms  (2/2)\n", written({}, two_trials))
  end)

  it("gathers trials that ended alike in one line", function()
    local function failures(progress)
      progress:begin { title = "Width", objective = "val_accuracy", total = 4 }
      for i, reason in ipairs { "boo", "boo", "other", "boo" } do
        progress:finished({ label = "width=" .. i }, { status = "failed", reason = reason, seconds = 0 })
      end
      progress:close()
    end
    assert.equal("Width\n  width=1  failed: boo  0 ms  (1/4)\n  width=3  failed: other  0 ms  (3/4)\n"
      .. "  3 trials failed for the same reason: boo\n", written({}, failures))
    assert.matches("width=4  failed: boo", written({ verbose = true }, failures))
  end)

  it("tells of each epoch when verbose, of nothing when quiet", function()
    assert.matches("\n  width=5 seed 1  epoch 1/4  loss 0.2500  val_accuracy 0.9000\n",
      written({ verbose = true }, two_trials))
    assert.equal("", written({ quiet = true }, two_trials))
    assert.equal("warning: a\nwarning: b\n", written({ quiet = true }, function(progress)
      for _, text in ipairs { "a", "b", "a" } do progress:warn(text) end
    end))
  end)

  it("redraws running trials in place on a terminal, with colours if they may be", function()
    local text = written({ terminal = true }, two_trials)
    assert.matches("  width=5 seed 1  epoch 2/4   37%%  loss 0.2500  val_accuracy 0.9000  1 s left", text)
    assert.matches("Width: 0 of 2 trials done, %d+ ms\n\27%[2A\27%[J  width=5 seed 1  val_accuracy 0.9500", text)
    assert.is_nil(text:find "\27%[%d+m")
    text = written({ terminal = true, color = true }, two_trials)
    assert.matches("\27%[31mfailed\27%[0m: why", text)
    assert.matches("^\27%[1mWidth\27%[0m\n", text)
  end)

  it("cuts lines to the terminal and aligns tables", function()
    local long = { label = ("x"):rep(200), epochs = 4 }
    local text = written({ terminal = true }, function(progress)
      progress:begin { title = "T", objective = "o", total = 1 }
      progress:started(long)
      progress:tick()
    end)
    for line in text:gmatch "[^\n]+" do assert.is_true(#line <= 79) end
    assert.equal("  name  v\n     a  1\n  bb  ü9\n" , written({}, function(progress)
      progress:table({ "name", "v" }, { { "a", "1" } })
      progress:table({ "bb", "ü9" }, {})
    end))
  end)

  it("writes the scores of a section with one number of decimals", function()
    local progress = Progress.new {}
    progress.section = { objective = "val_mae" }
    assert.equal("val_mae 89.63", progress:score_text(89.6296))
    assert.equal("val_mae 460.00", progress:score_text(460))
    progress.section = { objective = "val_hits", traits = { low = 0, high = 1 } }
    assert.equal("val_hits 0.0500", progress:score_text(0.05))
  end)

  it("knows words for times and counts", function()
    for seconds, text in pairs {
      [0.0316] = "32 ms", [3.14] = "3.1 s", [42] = "42 s", [83] = "1:23 min", [7384] = "2:03 h",
    } do
      assert.equal(text, Progress.duration(seconds))
    end
    assert.equal("2 complete, 1 failed", Progress.count_text { complete = 2, failed = 1 })
    assert.equal("complete", Progress.count_text { complete = 2 })
    assert.equal("defaults", Progress.label({ a = 1 }, {}))
    assert.equal('a=1 b={ 1, 2 }', Progress.label({ a = 1, b = { 1, 2 } }, { "a", "b" }))
  end)
end)
