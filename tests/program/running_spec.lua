-- Sweeps of several processes, killed ones, and what is left of them: the same table whatever happens on the way.
local lfs = require "lfs"
local process = require "engine.process"
local blame = require "nn.support.blame"
local claim = require "nn.trials.claim"
local Experiment = require "nn.experiment"
local files = require "nn.support.files"
local json = require "nn.support.json"
local oom = require "nn.trials.oom"
local Progress = require "nn.trials.progress"
local report = require "nn.report"
local session = require "nn.experiment.session"
local tensor = require "nn.tensor"
local fakes = require "tests.support.experiment_fakes"
local kills = require "tests.support.kills"
local runs = require "tests.support.runs"

local LAB = runs.LAB
local SWEEP = LAB .. 'lab:sweep("Width", { width = { 2, 3, 4 }, optimizer = { "Adam", "SGD" } })\n'

local function err_of(folder)
  return files.read(folder .. "/err") or ""
end

local function manifest(reports)
  return json.decode(files.read(reports .. "/lab/experiment.json"))
end

local function record_of(reports)
  local id = assert(files.list(reports .. "/lab/trials")[1])
  return json.decode(files.read(("%s/lab/trials/%s/trial.json"):format(reports, id))), id
end

local function has_lease(reports)
  return fakes.wait_for(function() return #runs.workers(reports) > 0 end)
end

-- Waits until so many trials that run (1) have made a checkpoint after so many epochs or more.
local function wait_for_epoch(reports, epoch, trials)
  return fakes.wait_for(function()
    local count = 0
    for _, name in ipairs(files.list(reports .. "/lab/working")) do
      local text = name:find "%.lease$" and files.read(reports .. "/lab/working/" .. name) or ""
      local pid, reached = text:match '^.*"pid":(%d+).-\n.*"epoch":([%d.]+)'
      if pid and fakes.is_alive(tonumber(pid)) and tonumber(reached) >= epoch then count = count + 1 end
    end
    return count >= (trials or 1)
  end)
end

describe("a sweep", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function run(script, ...)
    return runs.run(folder, script, ...)
  end

  describe("gives the same table", function()
    local whole

    before_each(function()
      assert.equal(0, run(SWEEP, "-q -j1 --reports whole"), err_of(folder))
      whole = runs.table(folder .. "/whole")
    end)

    it("whatever the number of jobs, and of what is the same bits", function()
      assert.equal(0, run(SWEEP, "-q -j2 --reports two"))
      assert.equal(whole, runs.table(folder .. "/two"))
      assert.same(runs.results(folder .. "/whole"), runs.results(folder .. "/two"))
    end)

    it("in another order", function()
      local other = LAB .. 'lab:sweep("Width", { width = { 4, 2, 3 }, optimizer = { "SGD", "Adam" } })\n'
      assert.equal(0, run(other, "-q -j2 --reports other"))
      assert.equal(runs.sorted_table(folder .. "/whole"), runs.sorted_table(folder .. "/other"))
    end)

    it("where two processes in different folders work on it together", function()
      local elsewhere = fakes.folder()
      local script = SWEEP .. 'lab:sweep("Rate", { rate = { 0.1, 0.2, 0.3, 0.4 } }, { with = { epochs = 20 } })\n'
      assert.equal(0, run(script, "-q --reports alone"))
      local first = runs.start(folder, script, "-j1 --reports", folder .. "/both")
      local second = runs.start(elsewhere, script, "-j1 --reports", folder .. "/both")
      assert.equal(0, runs.wait(first), err_of(folder))
      assert.equal(0, runs.wait(second), err_of(elsewhere))
      assert.equal(runs.table(folder .. "/alone"), runs.table(folder .. "/both"))
      local trained = 0
      for _, text in ipairs { err_of(folder), err_of(elsewhere) } do
        trained = trained + select(2, text:gsub(" m?s  %(%d+/%d+%)\n", ""))
      end
      assert.equal(10, trained)
      assert.equal("complete", manifest(folder .. "/both").status)
      assert.same({}, files.list(folder .. "/both/lab/working"))
    end)
  end)

  it("loses nothing to kill -9 of workers and parents, and trains nothing twice", function()
    local result = kills.run(10, 20, 7)
    assert.equal(0, result.lost)
    assert.is_true(result.equal)
  end)

  it("waits for what another process trains without burning time", function()
    local slow = LAB .. "acts.slow = { { on_epoch_end = function() process.poll({}, 250) end } }\n"
      .. 'lab:trial{ act = "slow" }\n'
    local first = runs.start(folder, slow, "-q --reports", folder .. "/both")
    assert.is_truthy(has_lease(folder .. "/both"))
    local elsewhere = fakes.folder()
    local second = runs.start(elsewhere, slow, "--reports", folder .. "/both")
    assert.is_truthy(fakes.wait_for(function()
      return err_of(elsewhere):find("waiting for 1 trial that another nnrun trains", 1, true)
    end), err_of(elsewhere))
    local function ticks()
      local stat = files.read(("/proc/%d/stat"):format(runs.pid(elsewhere))) or ""
      local user, system = stat:match "%) %a %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ (%d+) (%d+)"
      return user and user + system
    end
    process.poll({}, 300) -- threads of the matrix products spin for a moment before they sleep
    local before = ticks()
    process.poll({}, 200)
    local after = ticks()
    assert.is_true(before and after and after - before <= 5, tostring(before) .. " " .. tostring(after))
    assert.equal(0, runs.wait(first))
    assert.equal(0, runs.wait(second))
    assert.matches("reused", err_of(elsewhere))
  end)

  it("takes over what a process leaves that dies", function()
    local script = LAB .. 'acts.slow = { { on_epoch_end = function() process.poll({}, 50) end } }\n'
      .. 'lab:sweep("Slow", { act = { "slow" }, width = { 2, 3 } })\n'
    local first = runs.start(folder, script, "-q -j2 --reports", folder .. "/both")
    assert.is_truthy(has_lease(folder .. "/both"))
    local elsewhere = fakes.folder()
    local second = runs.start(elsewhere, script, "-q --reports", folder .. "/both")
    process.poll({}, 100)
    runs.kill(first, folder)
    assert.equal(0, runs.wait(second), err_of(elsewhere))
    assert.equal(2, #files.list(folder .. "/both/lab/trials"))
  end)

  describe("in stages", function()
    local HALVING = [[
      local function stages(rate)
        local result = lab:sweep("Stages", { rate = nn.space.log_uniform(1e-3, 1e-1), optimizer = rate },
          { method = "halving", trials = 9, max_epochs = 9 })
        for _, each in ipairs(result.trials) do
          print(("{ rate = %a, optimizer = %q, epochs = %d },"):format(each.params.rate, each.params.optimizer,
            each.params.epochs))
        end
      end
      stages(nn.space.choice{ "Adam", "RMSprop" })
    ]]

    local PLAIN = LAB:gsub("callbacks = callbacks,", "") -- they might depend on the number of epochs

    -- How many trials went on from another one.
    local function count(reports)
      local gone_on = 0
      for _, id in ipairs(files.list(reports .. "/lab/trials")) do
        local log = files.read(("%s/lab/trials/%s/log.txt"):format(reports, id)) or ""
        if log:find "goes on after epoch %d+\n" then gone_on = gone_on + 1 end
      end
      return gone_on
    end

    it("goes on from the stage before, to the bits of training in one go", function()
      assert.equal(0, run(PLAIN .. HALVING, "-q --reports staged"), err_of(folder))
      assert.equal(4, count(folder .. "/staged")) -- of 9 + 3 + 1
      assert.same({}, files.list(folder .. "/staged/lab/working"))
      local variants = files.read(folder .. "/out"):gsub("%S+%.md\n", "")
      assert.equal(0, run(PLAIN .. 'lab:sweep("Alone", {' .. variants .. "})\n", "-q --reports alone"), err_of(folder))
      assert.equal(0, count(folder .. "/alone"))
      assert.same(runs.results(folder .. "/alone"), runs.results(folder .. "/staged"))
    end)

    it("begins each anew where a schedule depends on the number of epochs", function()
      local lab = PLAIN:gsub("= p.rate", "= nn.optimizers.schedules.CosineDecay{ p.rate, p.epochs }")
      assert.equal(0, run(lab .. HALVING, "-q --reports staged"), err_of(folder))
      assert.equal(0, count(folder .. "/staged"))
    end)
  end)

  it("shares its data between workers", function()
    local script = LAB .. "local data = nn.ones{ 4000000 }\n"
      .. "acts.wait = { { on_epoch_end = function() while data do process.poll({}, 1000) end end } }\n"
      .. 'lab:sweep("Wait", { act = { "wait" }, width = { 2, 3 } })\n'
    -- Proportional set sizes of nnrun and all its workers, in kilobytes.
    local function memory(jobs)
      local reports = ("%s/jobs%d"):format(folder, jobs)
      local pid = runs.start(folder, script, "-q --reports", reports, "-j", jobs)
      local workers = fakes.wait_for(function()
        local list = runs.workers(reports)
        return #list == jobs and list
      end)
      process.poll({}, 200)
      local sum = 0
      for _, each in ipairs { runs.pid(folder), table.unpack(workers) } do
        sum = sum + assert(files.read(("/proc/%d/smaps_rollup"):format(each))):match "Pss:%s+(%d+)"
      end
      runs.kill(pid, folder, true)
      return sum
    end
    local one, two = memory(1), memory(2)
    assert.is_true(two < 1.2 * one, ("%d kB with two workers, %d kB with one"):format(two, one))
  end)

  it("takes no more memory the longer it is", function()
    if os.getenv "SANITIZED" then return pending "the sanitizer keeps freed memory" end
    local script = LAB .. [[
      local function rss()
        for line in io.lines "/proc/self/status" do
          local size = line:match "^VmRSS:%s+(%d+)"
          if size then return tonumber(size) end
        end
      end
      for section = 1, 3 do
        local rates = {}
        for i = 1, 40 do rates[i] = section + i / 100 end
        lab:sweep("Section " .. section, { rate = rates }, { with = { epochs = 1, batch_size = 300 } })
        collectgarbage()
        print(rss(), collectgarbage "count" // 1 | 0)
      end
    ]]
    assert.equal(0, run(script, "-q"), err_of(folder))
    local sizes = {}
    for size in files.read(folder .. "/out"):gmatch "%d+" do sizes[#sizes + 1] = tonumber(size) end
    assert.is_true(sizes[5] - sizes[3] < 1000, table.concat(sizes, " "))
    -- What a script sees of 80 trials; tables grow in leaps, so that one section alone may take more.
    assert.is_true(sizes[6] - sizes[2] < 80 * 2, table.concat(sizes, " "))
  end)
end)

describe("a trial that is killed", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function run(script, ...)
    return runs.run(folder, script, ...)
  end

  -- Kills a run after so many epochs, goes on, and compares with one left alone.
  local function check(script, expected_log)
    assert.equal(0, run(script, "-q --reports whole"), err_of(folder))
    local whole = runs.results(folder .. "/whole")
    for _, epoch in ipairs { 3, 11 } do
      local reports = ("%s/killed%d"):format(folder, epoch)
      local pid = runs.start(folder, script, "-q -j1 --checkpoint 0 --reports", reports)
      assert.is_truthy(wait_for_epoch(reports, epoch))
      runs.kill(pid, folder)
      assert.equal(0, run(script, "-q --checkpoint 0 --reports", reports), err_of(folder))
      local _, id = record_of(reports)
      assert.matches(expected_log, files.read(("%s/lab/trials/%s/log.txt"):format(reports, id)))
      assert.same(whole, runs.results(reports))
    end
  end

  it("goes on after its last checkpoint and ends in the same bits", function()
    for _, params in ipairs { 'optimizer = "Adam"', 'optimizer = "RMSprop", rate = 0.03' } do
      folder = fakes.folder()
      check(LAB .. "lab:trial{ epochs = 25, " .. params .. " }\n", "attempt 2 goes on after epoch %d+\n")
    end
  end)

  describe("within an epoch", function()
    -- Kills it again and again within epochs; true where it went on within one.
    local function check_within(script, options)
      assert.equal(0, run(script, "-q --reports whole"), err_of(folder))
      local reports = folder .. "/killed"
      for _, epoch in ipairs { 0.1, 0.5, 1.2 } do
        local pid = runs.start(folder, script, "-q -j1 --reports", reports, options)
        assert.is_truthy(wait_for_epoch(reports, epoch), err_of(folder))
        runs.kill(pid, folder, true)
      end
      assert.equal(0, run(script, "-q --reports", reports, options), err_of(folder))
      local _, id = record_of(reports)
      local log = files.read(("%s/lab/trials/%s/log.txt"):format(reports, id))
      assert.matches("attempt %d goes on after epoch %d+, batch %d+\n", log)
      assert.same(runs.results(folder .. "/whole"), runs.results(reports))
    end

    it("goes on there, with the same sums of loss and metrics", function()
      local lab = LAB:gsub("{ 300, 6 }", "{ 60000, 6 }"):gsub("input_shape", 'kernel_regularizer = "l2", %0')
        :gsub('{ "accuracy" }', '{ "accuracy", "sparse_categorical_crossentropy" }')
      check_within(lab .. "lab:trial{ epochs = 4, batch_size = 1, width = 200 }\n", "--checkpoint 0.1")
    end)

    it("does not begin the epoch again for callbacks", function()
      check_within(LAB .. [[
        acts = setmetatable(acts, { __index = function() return { {
          begun = 0, batches = 0,
          on_epoch_begin = function(self) self.begun = self.begun + 1 end,
          on_train_batch_end = function(self) self.batches = self.batches + 1 process.poll({}, 10) end,
          on_epoch_end = function(self, _, logs) logs.begun, logs.batches = self.begun, self.batches end,
          state = function(self) return { begun = self.begun, batches = self.batches } end,
          restore = function(self, state) self.begun, self.batches = state.begun, state.batches end,
        } } end })
        lab:trial{ epochs = 3, act = "slow" }
      ]], "--checkpoint 0.05")
    end)
  end)

  it("keeps what callbacks remember, if they tell it", function()
    check(LAB .. [[
      local function halve_when_worse()
        return {
          bad = 0, best = { loss = 1 / 0 }, seen = nn.zeros{ 2 },
          on_epoch_end = function(self, epoch, logs)
            if logs.val_loss >= self.best.loss then self.bad = self.bad + 1 end
            self.best.loss = math.min(self.best.loss, logs.val_loss)
            self.seen[1] = self.seen[1] + epoch
            self.model.optimizer.learning_rate = 0.05 * 0.7 ^ self.bad * (1 + self.seen[1] / 1000)
            process.poll({}, 5)
          end,
          state = function(self) return { bad = self.bad, best = self.best, seen = self.seen } end,
          restore = function(self, state) for name, value in pairs(state) do self[name] = value end end,
        }
      end
      acts = setmetatable(acts, { __index = function() return { halve_when_worse() } end })
      lab:trial{ epochs = 25, act = "halve" }
    ]], "attempt 2 goes on after epoch %d+\n")
  end)

  it("keeps what nn.callbacks and optimizers remember", function()
    check(LAB .. [[
      acts.usual = {
        nn.callbacks.EarlyStopping{ monitor = "val_loss", patience = 8, restore_best_weights = true },
        nn.callbacks.ReduceLROnPlateau{ monitor = "val_loss", patience = 1, factor = 0.8 },
      }
      nn.optimizers.Odd = function(given)
        return nn.optimizers.Nadam{ learning_rate = given.learning_rate, gradient_accumulation_steps = 4,
          use_ema = true, ema_momentum = 0.9, clipnorm = 1 }
      end
      lab:trial{ epochs = 40, act = "usual", optimizer = "Odd", rate = 0.1 }
    ]], "attempt 2 goes on after epoch %d+\n")
  end)

  it("begins anew where a callback does not tell what it remembers", function()
    local script = LAB .. "acts.slow = { { on_epoch_end = function() process.poll({}, 10) end } }\n"
      .. 'lab:trial{ act = "slow" }\n'
    local pid = runs.start(folder, script, "-q --checkpoint 0")
    assert.is_truthy(has_lease(folder .. "/reports"))
    runs.kill(pid, folder)
    assert.equal(0, run(script, "-q --checkpoint 0"))
    local _, id = record_of(folder .. "/reports")
    assert.matches("attempt 2 begins anew: a callback has no state",
      files.read(("%s/reports/lab/trials/%s/log.txt"):format(folder, id)))
  end)

  it("has no checkpoints from when a callback cannot be stored any more", function()
    local script = LAB .. [[
      acts.open = { {
        on_epoch_end = function(self, epoch) self.memory = epoch > 2 and io.stdout or epoch end,
        state = function(self) return { self.memory } end, restore = function() end,
      } }
      lab:trial{ act = "open" }
    ]]
    assert.equal(0, run(script, "-q --checkpoint 0"), err_of(folder))
    local record, id = record_of(folder .. "/reports")
    assert.equal("complete", record.status)
    assert.matches("a callback remembers what cannot be stored",
      files.read(("%s/reports/lab/trials/%s/log.txt"):format(folder, id)))
  end)

  it("ignores a checkpoint that is damaged, and says so", function()
    local script = LAB .. "lab:trial{ epochs = 60 }\n"
    assert.equal(0, run(script, "-q --reports whole"))
    local reports = folder .. "/killed"
    local pid = runs.start(folder, script, "-q --checkpoint 0 --reports", reports)
    assert.is_truthy(wait_for_epoch(reports, 2))
    runs.kill(pid, folder)
    for _, name in ipairs(files.list(reports .. "/lab/working")) do
      if name:find "%.checkpoint$" then
        local path = reports .. "/lab/working/" .. name
        fakes.write(path, files.read(path):sub(1, 700))
      end
    end
    assert.equal(0, run(script, "-q --reports", reports))
    assert.same(runs.results(folder .. "/whole"), runs.results(reports))
    local id = files.list(reports .. "/lab/trials")[1]
    assert.matches("warning: .*%.checkpoint: .*; the trial begins anew",
      files.read(("%s/lab/trials/%s/log.txt"):format(reports, id)))
  end)

  it("three times in a row has failed, and the sweep goes on", function()
    local script = LAB .. 'acts.die = { { on_epoch_end = function() process.kill(process.pid(), "KILL") end } }\n'
      .. 'lab:sweep("Act", { act = { "die", "none" } })\n'
    assert.equal(1, run(script, "-j1"))
    assert.matches("act=die  failed: its process died 3 times in a row, the last time by signal KILL", err_of(folder))
    assert.matches("act=none  val_accuracy", err_of(folder))
    assert.same({}, files.list(folder .. "/reports/lab/working"))
  end)

  it("three times together with its parent has failed", function()
    local script = LAB .. [[
      acts.die = { { on_epoch_end = function()
        local parent = io.open "/proc/self/stat":read "a":match "%) %a (%d+)"
        process.kill(tonumber(parent), "KILL")
        process.poll({}, 5000)
      end } }
    ]] .. 'lab:sweep("Act", { act = { "die", "none" } })\n'
    for _ = 1, 3 do run(script, "-q -j1") end
    assert.equal(1, run(script, "-j1"))
    assert.matches("act=die  failed: the process that trained it died 3 times in a row", err_of(folder))
  end)
end)

-- Scripts that end or break the process in which a trial is trained.
describe("a trial whose process", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function train(act, ...)
    local script = LAB .. ("acts.odd = { { on_epoch_end = function() %s end } }\n"):format(act)
      .. 'lab:sweep("Act", { act = { "odd", "none" } })\n'
    return runs.run(folder, script, "-j1", ...)
  end

  it("is told to stop while the run is not, three times, has failed", function()
    local kill = 'process.kill(process.pid(), "%s")'
    for _, act in ipairs { "os.exit(75)", kill:format "TERM", kill:format "INT" } do
      assert.equal(1, train(act, "--fresh"))
      assert.matches("act=odd  failed: its process died 3 times in a row, the last time with status 75", err_of(folder))
      assert.matches("act=none  val_accuracy", err_of(folder))
    end
    assert.equal(1, train("os.exit(75)", "--fresh --max-failures 1"))
  end)

  it("ends by os.exit has crashed, and closes nothing of the run", function()
    assert.equal(1, train "os.exit(0, true)")
    assert.matches("act=odd  crashed: its process ended with status 0 and left no result", err_of(folder))
    assert.matches("act=none  val_accuracy", err_of(folder))
  end)

  it("has lost what it needs to end in good order ends all the same", function()
    for _, act in ipairs { "io.stdout, io.stderr = nil, nil", "_G.error, _G.xpcall, _G.pcall = nil, nil, nil",
      "debug.sethook(function() error 'hooked' end, '', 1)", "_G.tostring = error io.stderr = nil error {}" } do
      folder = fakes.folder()
      local status = train(act, "-q")
      assert.is_true(status == 0 or status == 1, act)
      assert.equal(2, #files.list(folder .. "/reports/lab/trials"), act)
      assert.same({}, files.list(folder .. "/reports/lab/working"), act)
    end
  end)

  it("hangs when SIGTERM comes to the run is ended, and has not died", function()
    local script = LAB .. [[
      acts.hang = { { on_epoch_end = function() while true do pcall(error) end end } }
      acts.deaf = { { on_epoch_end = function() (("a"):rep(40)):find(("a?"):rep(40) .. ("a"):rep(40) .. "b") end } }
      lab:sweep("Act", { act = { "hang", "deaf" } })
    ]]
    local pid = runs.start(folder, script, "-j2 --checkpoint 0")
    assert.is_truthy(fakes.wait_for(function() return #runs.workers(folder .. "/reports") == 2 end))
    process.poll({}, 300)
    process.kill(runs.pid(folder), "TERM")
    assert.equal(75, runs.wait(pid))
    assert.same({}, runs.workers(folder .. "/reports"))
    for _, name in ipairs(files.list(folder .. "/reports/lab/working")) do
      if name:find "%.lease$" then
        local claimed = assert(claim.acquire(folder .. "/reports/lab/working", name:match "^%x+"))
        assert.equal(0, select(2, claimed:count()))
      end
    end
  end)
end)

describe("a run", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local SLOW = LAB .. 'lab:sweep("Slow", { width = { 20, 30 } }, { with = { epochs = 100000 } })\n'

  local function stop(signal, ...)
    local pid = runs.start(folder, SLOW, "-j2 --checkpoint 0", ...)
    assert.is_truthy(wait_for_epoch(folder .. "/reports", 5, 2))
    process.kill(runs.pid(folder), signal)
    return pid
  end

  it("that gets SIGTERM or SIGUSR1 ends with 75 and goes on from its checkpoints", function()
    for _, signal in ipairs { "TERM", "USR1" } do
      assert.equal(75, runs.wait(stop(signal)))
    end
    assert.is_nil(files.read(folder .. "/reports/lab/experiment.json")) -- no trial has ended
    local count = 0
    for _, name in ipairs(files.list(folder .. "/reports/lab/working")) do
      count = count + (name:find "%.checkpoint$" and 1 or 0)
    end
    assert.equal(2, count)
    runs.wait(stop "TERM")
    local logs = ""
    for _, name in ipairs(files.list(folder .. "/reports/lab/working")) do
      logs = logs .. (files.read(folder .. "/reports/lab/working/" .. name .. "/log.txt") or "")
    end
    assert.matches("goes on after epoch", logs)
    assert.matches("  width=20  resumed after epoch %d+\n", err_of(folder))
    assert.equal(0, #files.list(folder .. "/reports/lab/trials"))
  end)

  it("that gets Ctrl-C twice stops at once, without a report", function()
    local pid = stop "INT"
    process.kill(runs.pid(folder), "INT")
    local began = process.monotonic()
    assert.equal(130, runs.wait(pid))
    assert.is_true(process.monotonic() - began < 2)
    assert.is_nil(files.read(folder .. "/reports/lab/report.md"))
  end)

  it("that gets SIGTERM while gnuplot hangs ends, with gnuplot and all that began", function()
    local path = folder .. "/pids"
    assert(files.make_folder(folder .. "/bin"))
    fakes.write(folder .. "/bin/gnuplot", ("#!/bin/sh\nsleep 600 & echo $! $$ >>'%s'\nwait\n"):format(path))
    os.execute(("chmod +x '%s/bin/gnuplot'"):format(folder))
    local paths = folder .. "/bin:" .. os.getenv "PATH"
    fakes.write(folder .. "/lab.lua", LAB .. "lab:trial{ epochs = 1 }\n")
    local pid = assert(process.fork(function()
      process.redirect(assert(process.open_for_append(folder .. "/err")), 2)
      assert(lfs.chdir(folder))
      return process.become({ runs.PROGRAM, "lab.lua" }, { PATH = paths })
    end))
    assert(fakes.wait_for(function() return files.read(path) end, 30))
    process.kill(pid, "TERM")
    assert.equal(75, runs.wait(pid))
    for each in files.read(path):gmatch "%d+" do
      assert.is_true(fakes.wait_for(function() return not fakes.is_alive(tonumber(each)) end))
    end
    assert.equal(1, #files.list(folder .. "/reports/lab/trials"))
  end)

  it("ends after as many failures as it may have", function()
    local script = LAB .. 'acts.fail = { { on_epoch_end = function() error "told to" end } }\n'
      .. 'lab:sweep("Act", { act = { "fail" }, width = { 2, 3, 4, 5 } })\n'
    assert.equal(1, runs.run(folder, script, "-q -j1 --max-failures 2"))
    assert.matches("stopped after 2 failures %(%-%-max%-failures%)", err_of(folder))
    assert.equal(2, #files.list(folder .. "/reports/lab/trials"))
  end)

  it("names a trial that ran out of memory as such", function()
    local script = LAB .. "acts.greedy = { { on_epoch_end = function() nn.zeros{ 2 ^ 39 | 0 } end } }\n"
      .. 'lab:sweep("Act", { act = { "greedy", "none" } })\n'
    assert.equal(1, runs.run(folder, script))
    assert.matches("act=greedy  out of memory: lab.lua:%d+: not enough memory for a tensor", err_of(folder))
  end)

  it("tells a trial that the system ended as memory ran out from one that was killed", function()
    local group, remove = runs.memory_group(300000000)
    if not group then return pending "no control group with a limit of memory can be made here" end
    local script = ('local group = assert(io.open("%s/cgroup.procs", "w"))\n'):format(group) .. LAB .. [[
      group:write(process.pid())
      group:close()
      acts.greedy = { { on_epoch_end = function()
        local all = {}
        for i = 1, 400 do all[i] = nn.ones{ 1000000 } end
      end } }
      acts.die = { { on_epoch_end = function() process.kill(process.pid(), "KILL") end } }
      lab:sweep("Act", { act = { "greedy", "die", "none" } })
    ]]
    local status = runs.run(folder, script, "-j1")
    local text = err_of(folder)
    assert(fakes.wait_for(function() return files.read(group .. "/cgroup.procs") == "" end))
    remove()
    assert.equal(1, status, text)
    assert.matches("act=greedy  out of memory: the system ended its process %(signal KILL%), as memory ran out", text)
    assert.matches("act=die  failed: its process died 3 times in a row, the last time by signal KILL", text)
    assert.matches("act=none  val_accuracy", text)
  end)

  describe("on a disk that is full", function()
    -- What is on a small disk after a run: its status, and the texts of all files by path.
    local function run_on_disk(kilobytes, sweep)
      local disk = folder .. "/disk"
      assert(files.make_folder(disk))
      local mount = "mount -t tmpfs -o size=%dk none '%s' 2>/dev/null"
      if not os.execute(mount:format(kilobytes, disk)) then return nil end
      local status = runs.run(folder, LAB .. sweep, "-q --checkpoint 0 --reports disk/reports")
      local texts = {}
      local listing <close> = io.popen(("find '%s' -type f"):format(disk))
      for path in listing:lines() do texts[path] = files.read(path) end
      os.execute(("umount '%s'"):format(disk))
      return status, texts
    end

    local function check_whole(texts)
      for path, text in pairs(texts) do
        assert.is_nil(path:find "%.new", path)
        if path:find "%.svg$" then assert.matches("</svg>%s*$", text, path) end
        if path:find "%.json$" then assert.is_table(json.decode(text), path) end
      end
    end

    it("ends with 4 and takes nothing half-written for a result", function()
      local sweep = 'lab:sweep("Width", { width = { 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400 } }, '
      local status, texts = run_on_disk(400, sweep .. "{ with = { epochs = 3 } })\n")
      if not status then return pending "a small disk cannot be mounted here" end
      assert.equal(4, status)
      assert.matches("cannot write .*No space left on device", err_of(folder))
      check_whole(texts)
      local count = 0
      for path, text in pairs(texts) do
        if path:find "/trials/%x+/trial%.json$" then
          assert.equal("complete", json.decode(text).status)
          count = count + 1
        end
      end
      assert.is_true(count > 0 and count < 10)
    end)

    it("leaves no half of a chart or report", function()
      for _, kilobytes in ipairs { 48, 64, 80, 96, 112 } do
        local status, texts = run_on_disk(kilobytes, "lab:trial{ epochs = 2 }\n")
        if not status then return pending "a small disk cannot be mounted here" end
        if status ~= 0 then
          assert.equal(4, status)
          assert.matches("nnrun: cannot write [^\n]*No space left on device\n$", err_of(folder))
        end
        check_whole(texts)
      end
    end)
  end)

  describe("in this process", function()
    local real = { print = Progress.print, write = report.write, kills = oom.kills }

    after_each(function()
      Progress.print, report.write, oom.kills = real.print, real.write, real.kills
      session.start {}
    end)

    local function declare(params)
      session.start { reports = folder, jobs = 1 }
      Progress.print = function() end
      local x = tensor.zeros { 4, 2 }
      return Experiment.new {
        name = "lab", train = { x, tensor.zeros { 4 } }, validation = { x, tensor.zeros { 4 } }, params = params,
        objective = "val_accuracy", build = fakes.build,
      }
    end

    it("writes the report again now and then while trials run", function()
      report.write = function(path) -- in a process of its own
        local seen = files.read(folder .. "/seen") or files.read(path .. "/experiment.json")
        fakes.write(folder .. "/seen", seen)
      end
      local lab = declare { level = 0, act = "none" }
      lab.began = lab.began - 60
      lab:sweep("Level", { level = { 0.1, 0.2, 0.3 } })
      assert.same({ done = 1, planned = 3 }, json.decode(files.read(folder .. "/seen")).progress)
    end)

    it("ends where that report cannot be written, as where another cannot", function()
      report.write = function(path) blame.fatal(4, "cannot write %s", path) end
      local lab = declare { level = 0, act = "none" }
      local ok, problem = pcall(lab.sweep, lab, "Level", { level = { 0.1 } })
      assert.is_false(ok)
      assert.same({ 4, "cannot write " .. lab.folder }, { problem.status, problem.message })
    end)

    it("tells a kill for lack of memory from others", function()
      report.write = function(path) return path end
      local count = 0
      oom.kills = function()
        count = count + 1
        return count
      end
      local trial = declare({ level = 0, act = "die" }):trial()
      assert.equal("out of memory", trial.status)
      assert.matches("as memory ran out", trial.reason)
    end)
  end)
end)

describe("nn.oom", function()
  it("counts kills where the system tells", function()
    local count = oom.kills()
    assert.equal("integer", math.type(count))
    assert.equal(count, oom.kills())
  end)

  it("knows messages", function()
    assert.is_true(oom.is_told "lab.lua:3: not enough memory")
    assert.is_false(oom.is_told "enough")
  end)
end)

