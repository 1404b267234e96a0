local process = require "engine.process"
local blame = require "nn.support.blame"
local Experiment = require "nn.experiment"
local files = require "nn.support.files"
local grid = require "nn.search.grid"
local json = require "nn.support.json"
local objective = require "nn.experiment.objective"
local overrides = require "nn.experiment.overrides"
local Progress = require "nn.trials.progress"
local report = require "nn.report"
local nn_space = require "nn.search.space"
local session = require "nn.experiment.session"
local tensor = require "nn.tensor"
local fakes = require "tests.support.experiment_fakes"

local x, y = tensor.arange(12):reshape { 6, 2 }, tensor.tensor({ 0, 1, 0, 1, 0, 1 }, "uint8")

describe("an experiment", function()
  local reports, builds
  local real = { print = Progress.print, write = report.write }
  local said

  setup(function()
    -- Charts are the report's business, and what is said is looked at here.
    report.write = function(folder) return folder .. "/report.md" end
    Progress.print = function(_, line) said[#said + 1] = line end
  end)

  teardown(function()
    report.write, Progress.print = real.write, real.print
    session.start {}
    fakes.clean()
  end)

  before_each(function()
    reports, builds, said = fakes.folder(), 0, {}
    session.start { reports = reports, jobs = 2 }
  end)

  local function build(p)
    builds = builds + 1
    return fakes.build(p)
  end

  local function declare(given)
    local all = {
      name = "lab", train = { x, y }, validation = { x, y }, params = { level = 0.5, act = "none", epochs = 2 },
      build = build, objective = "val_accuracy",
    }
    for name, value in pairs(given or {}) do all[name] = value or nil end
    return Experiment.new(all)
  end

  local function declare_without(name)
    return declare { [name] = false }
  end

  -- A run of the same script again.
  local function again(options, given)
    options = options or {}
    options.reports, options.jobs = reports, options.jobs or 2
    session.start(options)
    return declare(given)
  end

  local function manifest()
    return json.decode(files.read(reports .. "/lab/experiment.json"))
  end

  local function record(id)
    return json.decode(files.read(("%s/lab/trials/%s/trial.json"):format(reports, id)))
  end

  local function warnings()
    return table.concat(manifest().warnings, "\n")
  end

  describe("is declared with arguments that", function()
    it("are known and there", function()
      for _, case in ipairs {
        { function() declare { titel = "x" } end, "unknown argument titel; did you mean title" },
        { function() declare_without "name" end, "name is missing" },
        { function() declare_without "train" end, "train is missing" },
        { function() declare_without "build" end, "build is missing" },
      } do
        assert.error_matches(case[1], case[2])
      end
    end)

    it("make sense", function()
      local other = tensor.zeros { 5, 2 }
      for _, case in ipairs {
        { { name = "a/b" }, "name: expected letters" },
        { { name = ".." }, "name: expected letters" },
        { { title = 7 }, "title: expected a string" },
        { { train = x }, "train: expected { x, y }" },
        { { train = { x } }, "train: expected { x, y }, got 1 entries" },
        { { train = { x, { 1, 2 } } }, "train y: expected tensors, got 1" },
        { { train = { other, y } }, "train: x and y differ in samples: shapes 5x2 and 6" },
        { { validation = { tensor.zeros { 0, 2 }, tensor.zeros { 0 } } }, "validation: there are no samples" },
        { { params = { 1, 2 } }, "params: expected a table of defaults by name" },
        { { params = { f = print } }, "params.f: expected a number, a string, a boolean or a table" },
        { { build = "model" }, "build: expected a function" },
        { { callbacks = {} }, "callbacks: expected a function" },
        { { seeds = {} }, "seeds: expected a list" },
        { { seeds = { 1, 1 } }, "seeds: expected different whole numbers" },
        { { seeds = { 1.5 } }, "seeds: expected different whole numbers" },
        { { objective = 7 }, "objective: expected the name of a metric" },
        { { objective = "val_accuracy", validation = false }, "objective val_accuracy needs validation" },
        { { mode = "up" }, 'mode: expected "max" or "min"' },
        { { keep = "first" }, 'keep: expected "last" or "best"' },
        { { class_names = "cat" }, "class_names: expected a list" },
        { { class_names = { "cat" } }, "class_names: expected a name for each of the 2 classes 0 to 1, got 1" },
        { { train = x }, "train: expected { x, y }, got a tensor of 6x2" },
        { { build = require("nn.models").Sequential {} }, "build: expected .*, got a model" },
        { { test_every_trial = true }, "test_every_trial needs test" },
      } do
        assert.error_matches(function() declare(case[1]) end, case[2])
      end
      assert.same({}, files.list(reports))
    end)

    it("names no other experiment has", function()
      declare()
      assert.error_matches(declare, "there is one named lab already")
    end)

    it("point at the script's line", function()
      local chunk = assert(load("local lab = ...\n\nlocal made = lab.new{ nam = 1 }\nreturn made", "@script.lua"))
      local _, message = pcall(chunk, Experiment)
      assert.matches("^script.lua:3: Experiment: unknown argument nam", message)
    end)

    it("may be tensors or lists of them", function()
      local lab = declare { train = { { x, x }, { y } }, validation = false, objective = "loss" }
      assert.equal(2, #lab.manifest.data.train.x)
      assert.is_nil(lab.validation)
    end)
  end)

  it("describes its data", function()
    local lab = declare { test = { x, tensor.tensor { 1.5, 2, 0, 1, 1, 1 } }, class_names = { "even", "odd", "none" } }
    local data = lab.manifest.data
    assert.same({ { shape = { 6, 2 }, dtype = "float32", min = 0, max = 11 } }, data.train.x)
    assert.equal(6, data.train.samples)
    assert.matches("^%x+$", data.train.fingerprint)
    assert.same({ 3, 3, 0 }, data.train.classes)
    assert.equal(data.train.fingerprint, data.validation.fingerprint)
    assert.is_nil(data.test.classes)
    assert.are_not.equal(data.train.fingerprint, data.test.fingerprint)
  end)

  it("counts one-hot classes", function()
    local one_hot = tensor.tensor { { 1, 0, 0 }, { 0, 0, 1 }, { 1, 0, 0 }, { 0, 1, 0 }, { 1, 0, 0 }, { 1, 0, 0 } }
    local lab = declare { train = { x, one_hot } }
    assert.same({ 4, 1, 1 }, lab.manifest.data.train.classes)
  end)

  it("draws a sheet of its samples where they are pictures", function()
    declare({ train = { tensor.zeros({ 6, 8, 8 }, "uint8"), y } }):close "complete"
    assert.matches("charts/samples", manifest().sample_sheet)
    assert.same({ "samples.png" }, files.list(reports .. "/lab/charts"))
  end)

  it("knows what it is not", function()
    local lab = declare()
    assert.error_matches(function() lab:swep() end, "an experiment has no swep; did you mean sweep?")
    assert.error_matches(function() return lab.best end, "best: no trial has a score; none was run yet")
    assert.same({}, lab.trials)
  end)

  describe("sweeps", function()
    it("over all combinations, names in alphabetical order, the last fastest", function()
      local lab = declare()
      local result = lab:sweep("Both", { level = { 0.1, 0.2 }, epochs = { 1, 2 } })
      local found = {}
      for i, trial in ipairs(result.trials) do found[i] = { trial.params.epochs, trial.params.level } end
      assert.same({ { 1, 0.1 }, { 1, 0.2 }, { 2, 0.1 }, { 2, 0.2 } }, found)
      assert.equal(4, #lab.trials)
      local best = result.best
      assert.equal(0.2, best.params.level)
      assert.equal(2, best.epochs)
      assert.near(0.22, best.score, 1e-12)
      assert.equal("complete", best.status)
      assert.equal(1, best.seed)
      assert.equal(5, best.parameters)
      assert.near(0.78, best.metrics.val_loss, 1e-12)
      assert.same({ 0.2 + 0.01, 0.22 }, best.history.val_accuracy)
      assert.equal(best.id, lab.best.id)
      assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x$", best.id)
    end)

    it("takes what `with` says for all variants", function()
      local lab = declare()
      local result = lab:sweep("Level", { level = { 0.1 } }, { with = { epochs = 1 } })
      assert.same({ level = 0.1, epochs = 1, act = "none" }, result.best.params)
      local section = manifest().sections[1]
      assert.same({ epochs = 1 }, section.with)
      assert.same({ epochs = 1, level = 0.1 }, section.variants[1].changed)
      assert.same({ { name = "level", values = { 0.1 } } }, section.varied)
      assert.equal("grid", section.method)
      assert.is_true(section.finished)
    end)

    it("are checked", function()
      local lab = declare()
      for _, case in ipairs {
        { function() lab:sweep() end, "sweep: expected a title, got nil" },
        { function() lab:sweep("A", {}) end, "expected what to vary" },
        { function() lab:sweep("A", { level = {} }) end, "level: expected a list of values to try, got an empty one" },
        { function() lab:sweep("A", { level = 7 }) end, "level: expected a list of values to try, got 7" },
        { function() lab:sweep("A", { level = { x } }) end, "level%[1%]: expected a number" },
        { function() lab:sweep("A", { levle = { 1 } }) end, "there is no parameter levle; did you mean level?" },
        { function() lab:sweep("A", { level = { 1 } }, { with = { epoch = 1 } }) end, "no parameter epoch; did" },
        { function() lab:sweep("A", { level = { 1 } }, { whit = {} }) end, "unknown argument whit; did you mean with" },
        { function() lab:sweep("A", { level = { 1 } }, { method = "tbe" }) end, "no method tbe; did you mean tpe?" },
        { function() lab:sweep("A", { level = { 1 } }, { method = "tpe", start = 7 }) end,
          "start: expected the result" },
        { function() lab:sweep("A", { level = { 1 } }, { pruner = "mean" }) end,
          'pruner: expected "median", got "mean"' },
        { function() lab:sweep("A", { level = nn_space.uniform(0, 1) }) end, "level: a grid wants a list of values" },
        { function() lab:sweep("A", function() end) end, "a grid wants lists of values, got a function" },
        { function() lab:ablate({}, {}) end, "ablate: expected changes by name" },
        { function() lab:ablate({}, { levle = 1 }) end, "there is no parameter levle; did you mean level?" },
        { function() lab:sweep("A", { level = { 1 } }, { trials = 9 }) end, "trials is no option of the method grid" },
        { function() lab.trial {} end, "trial: call it with a colon, as lab:trial%(...%), not with a dot" },
        { function() lab:trial { depth = 1 } end, "no parameter depth; params of the experiment has act, epochs" },
        { function() lab:trial(7) end, "trial: expected parameters by name" },
        { function() lab:note(7) end, "note: expected text" },
        { function() lab:figure("A", 7) end, "figure: expected a figure of nn.plot" },
      } do
        assert.error_matches(case[1], case[2])
      end
      assert.same({}, lab.manifest.sections)
    end)

    it("train each variant once a seed and compare means", function()
      local lab = declare { seeds = { 7, 8, 9 } }
      local result = lab:sweep("Level", { level = { 0.3, 0.2 } })
      assert.equal(6, #result.trials)
      assert.equal("<6 trials of 2 variants>", tostring(result))
      assert.matches('^<trial %x+ { act = "none", epochs = 2, level = 0.3 } seed=7 complete score=%S+>$',
        tostring(result.trials[1]))
      assert.same({ 7, 8, 9, 7, 8, 9 }, { result.trials[1].seed, result.trials[2].seed, result.trials[3].seed,
        result.trials[4].seed, result.trials[5].seed, result.trials[6].seed })
      assert.equal(7, result.best.seed)
      assert.equal(3, #result.variants[2].trials)
      assert.equal(3, #manifest().sections[1].variants[1].trials)
      assert.equal(2, builds)
    end)

    it("go on with what the script chose before", function()
      local lab = declare()
      local level = lab:sweep("Level", { level = { 0.1, 0.3, 0.2 } }).best.params.level
      lab:sweep("Epochs", { epochs = { 1, 3 } }, { with = { level = level } })
      assert.near(0.33, lab.best.score, 1e-12)
      assert.equal(5, #lab.trials)
    end)

    it("write what is asked and what came out", function()
      local lab = declare { title = "A lab", seeds = { 1, 2 } }
      lab:note "Some *text*."
      local result = lab:sweep("Level", { level = { 0.1, 0.2 } })
      local all = manifest()
      assert.equal("A lab", all.title)
      assert.same({ 1, 2 }, all.seeds)
      assert.same({ "val_accuracy", "max", "last", false },
        { all.objective, all.mode, all.keep, all.test_every_trial })
      assert.same({ done = 4, planned = 4 }, all.progress)
      assert.same({ kind = "note", text = "Some *text*." }, all.sections[1])
      assert.same({ "note", "sweep" }, { all.sections[1].kind, all.sections[2].kind })
      local one = record(result.best.id)
      assert.equal("Level", one.title)
      assert.equal("lab", one.experiment)
      assert.same({ class_name = "Fake", level = 0.2 }, one.model)
      assert.same({ batch_size = 32, epochs = 2, shuffle = true }, one.fit)
      assert.equal(all.data.train.fingerprint, one.data.train)
      assert.equal(2, one.scored_epoch)
      assert.is_true(one.peak_memory > 0 and one.seconds > 0)
      assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", one.started)
      assert.same({ "history.csv", "log.txt", "trial.json", "weights.safetensors" },
        files.list(reports .. "/lab/trials/" .. result.best.id))
      local history = files.read(("%s/lab/trials/%s/history.csv"):format(reports, result.best.id))
      assert.matches("^epoch,[%a_,]+,seconds\n1,[%d.,e-]+\n2,[%d.,e-]+\n$", history)
    end)

    it("hand `fit` what is its business", function()
      local seen
      local lab = declare {
        params = { batch_size = 3, shuffle = false, epochs = 1, extra = 1 },
        build = function(p)
          local model = fakes.build(p)
          local fit = model.fit
          function model:fit(a, b, options)
            seen = json.encode { options.batch_size, options.shuffle, options.epochs, options.verbose,
              rawequal(a, x) and rawequal(b, y), rawequal(options.validation_data[1], x) }
            error(seen, 0)
            return fit(self, a, b, options)
          end
          return model
        end,
      }
      assert.equal("[3,false,1,0,true,true]", lab:trial({}).reason)
    end)

    it("give callbacks to `fit`", function()
      local lab = declare {
        callbacks = function(p)
          return { { on_epoch_end = function(_, epoch) if epoch + 1 == p.epochs then error("called", 0) end end } }
        end,
      }
      assert.equal("called", lab:trial({}).reason)
      session.start { reports = reports }
      lab = declare { callbacks = function() return { on_epoch_end = function() error("one alone", 0) end } end }
      assert.equal("one alone", lab:trial({}).reason)
    end)

    it("load the model of a trial", function()
      local lab = declare()
      local trial = lab:sweep("Level", { level = { 0.25, 0.1 } }).best
      assert.same({ 0.25, 2 }, trial.model:get_weights()[1]:totable())
      assert.equal(trial.model, trial.model)
    end)
  end)

  describe("a single trial", function()
    it("gives the trial of the first seed", function()
      local lab = declare { seeds = { 4, 5 } }
      local trial = lab:trial({ level = 0.75 }, { title = "Baseline" })
      assert.equal(4, trial.seed)
      assert.equal(0.75, trial.params.level)
      assert.equal(5, trial.trials[2].seed)
      assert.same({ "trial", "Baseline" }, { manifest().sections[1].kind, manifest().sections[1].title })
      assert.equal(lab:trial().id, lab:trial({}).id)
    end)
  end)

  describe("the objective", function()
    it("is as good as its metric says, whatever it is called", function()
      local known = { hits = { better = "max" }, accuracy_lost = { better = "min" }, odd = {} }
      for name, mode in pairs { val_hits = "max", accuracy_lost = "min", test_hits = "max", val_loss = "min" } do
        assert.equal(mode, objective.mode(name, known, "objective"), name)
      end
      assert.error_matches(function() objective.mode("val_odd", known, "objective") end,
        'objective val_odd: it is not known whether more of it is better; add mode = "max" or "min"')
      assert.error_matches(function() objective.mode("val_accuracy", known, "objective") end,
        'the model has no such metric; it has: accuracy_lost, hits, odd; add metrics = { "accuracy" } to compile')
    end)

    it("takes its mode from the first model, and writes it with what the metrics are", function()
      local lab = declare {}
      assert.is_nil(lab.mode)
      lab:sweep("Level", { level = { 0.1, 0.3 } })
      assert.equal("max", lab.mode)
      assert.equal("max", manifest().mode)
      assert.same({ better = "max", low = 0, high = 1, proportion = true }, manifest().traits.accuracy)
      assert.equal("max", record(lab.trials[1].id).traits.accuracy.better)
    end)

    it("needs a mode where no metric of the model has its name", function()
      assert.error_matches(function() declare { objective = "quality" } :trial() end,
        "objective quality: the model has no such metric; it has: accuracy, loss")
      assert.equal("max", declare { name = "told", objective = "quality", mode = "max" } .mode)
    end)

    it("is made small where less is better", function()
      local lab = declare { objective = "val_loss" }
      assert.equal(0.3, lab:sweep("Level", { level = { 0.1, 0.3, 0.2 } }).best.params.level)
      lab = declare { name = "other", objective = "val_accuracy", mode = "min" }
      assert.equal(0.1, lab:sweep("Level", { level = { 0.3, 0.1, 0.2 } }).best.params.level)
    end)

    it("has a default", function()
      assert.equal("val_loss", declare_without "objective" .objective)
      session.start { reports = reports }
      assert.equal("loss", declare { objective = false, validation = false } .objective)
    end)

    it("has to be reported", function()
      local lab = declare { objective = "val_recall", mode = "max" }
      assert.error_matches(function() lab:sweep("Level", { level = { 0.1, 0.2 } }) end,
        "objective val_recall: no trial reports it; known are: accuracy, loss, val_accuracy, val_loss")
      session.start { reports = reports }
      declare():trial()
      lab = again({}, { objective = "val_auc", mode = "max" })
      assert.error_matches(function() lab:trial() end, "objective val_auc: no trial reports it; known are: accuracy")
    end)

    it("ranks variants by means, those with a failure after all others", function()
      local function variant(...)
        local trials = {}
        for i, score in ipairs { ... } do trials[i] = { score = score or nil } end
        return { trials = trials }
      end
      local half, good, bad, none = variant(0.9, false), variant(0.5, 0.7), variant(0.8, 0.1), variant(false, false)
      assert.equal(good, objective.best("max", { bad, good, half, none }))
      assert.equal(bad, objective.best("min", { half, good, bad }))
      assert.equal(half, objective.best("max", { none, half }))
      assert.is_nil(objective.best("max", { none }))
      local twin = variant(0.6, 0.6)
      assert.equal(good, objective.best("max", { good, twin }))
      local mean, deviation, count = objective.summary(good.trials)
      assert.near(0.6, mean, 1e-12)
      assert.near(math.sqrt(0.02), deviation, 1e-12)
      assert.equal(2, count)
    end)

    it("is that of the last epoch, or with keep = best of the best", function()
      local drop = { act = "drop", level = 0.5, epochs = 3 }
      local last = declare():trial(drop)
      assert.near(0.5, last.score, 1e-12)
      assert.equal(3, last.scored_epoch)
      session.start { reports = reports }
      local best = declare { keep = "best" } :trial(drop)
      assert.near(0.52, best.score, 1e-12)
      assert.equal(2, best.scored_epoch)
      assert.same({ 0.5, 2 }, best.model:get_weights()[1]:totable())
      assert.are_not.equal(last.id, best.id)
    end)
  end)

  describe("a trial that", function()
    local function outcome(act, options)
      session.start { reports = reports, jobs = 2, trial_timeout = options and options.trial_timeout }
      local lab = declare()
      local result = lab:sweep("Act", { act = { act, "none" } })
      assert.equal("complete", result.trials[2].status)
      assert.equal("none", result.best.params.act)
      local status = result.trials[1].status
      assert.error_matches(function() return result.trials[1].model end, "has no model: it is " .. status)
      assert.equal(result.trials[1].status, record(result.trials[1].id).status)
      assert.is_nil(result.trials[1].score)
      return result.trials[1], lab
    end

    it("crashes has a status and the signal's name", function()
      local trial, lab = outcome "crash"
      assert.equal("crashed", trial.status)
      assert.equal("its process was ended by signal ABRT", trial.reason)
      assert.equal(1, lab.failures)
    end)

    it("leaves nothing behind has crashed too", function()
      local trial = outcome "vanish"
      assert.equal("crashed", trial.status)
      assert.matches("ended with status 0 and left no result", trial.reason)
    end)

    it("fails says why, and how in its log", function()
      local trial, lab = outcome "fail"
      assert.equal("failed", trial.status)
      assert.equal("the fake was told to fail", trial.reason)
      assert.matches("stack traceback", files.read(("%s/trials/%s/log.txt"):format(lab.folder, trial.id)))
    end)

    it("hangs is ended", function()
      local trial = outcome("hang", { trial_timeout = 0.3 })
      assert.equal("timeout", trial.status)
      assert.matches("not finished after 0.3 s", trial.reason)
    end)

    it("diverges is kept as such, and is no failure unless all do", function()
      local trial, lab = outcome "diverge"
      assert.equal("diverged", trial.status)
      assert.matches("not finite", trial.reason)
      assert.equal(0, lab.failures)
      assert.is_true(trial.metrics.loss ~= trial.metrics.loss)
      lab:sweep("All", { act = { "diverge" } })
      assert.equal(1, lab.failures)
    end)

    it("cannot be built fails, and the others go on", function()
      local lab = declare {
        build = function(p)
          if p.level > 1 then error("level is too high", 0) end
          return fakes.build(p)
        end,
      }
      local result = lab:sweep("Level", { level = { 2, 0.5 } })
      assert.same({ "failed", "level is too high" }, { result.trials[1].status, result.trials[1].reason })
      assert.equal("complete", result.trials[2].status)
      assert.error_matches(function() lab:sweep("High", { level = { 2, 3 } }) end, "^level is too high$")
    end)

    it("is built wrongly fails", function()
      local lab = declare { build = function() end }
      assert.error_matches(function() lab:trial() end, "build: expected a compiled model, got nothing")
      lab = declare { name = "other", build = function() return "model" end }
      assert.error_matches(function() lab:trial() end, 'build: expected a compiled model, got "model"')
      lab = declare { name = "third", params = { epochs = 0.5 } }
      assert.error_matches(function() lab:trial() end, "epochs: expected a whole number from 1, got 0.5")
    end)

    it("is the only kind there is leaves no best", function()
      local lab = declare()
      local result = lab:sweep("Bad", { act = { "fail", "crash" } })
      assert.error_matches(function() return result.best end,
        "best: no trial has a score; the first failed with: the fake was told to fail")
      assert.error_matches(function() lab:conclude() end,
        "conclude: no trial has a score; the first failed with: the fake was told to fail")
    end)

    it("ends the run with --fail-fast", function()
      session.start { reports = reports, jobs = 1, fail_fast = true }
      local lab = declare()
      local ok, problem = pcall(lab.sweep, lab, "Bad", { { act = "fail" }, { act = "none" } })
      assert.is_false(ok)
      assert.is_true(blame.is_fatal(problem))
      assert.equal(1, problem.status)
      assert.matches("the fake was told to fail", problem.message)
      assert.equal(1, #files.list(lab.store.trials))
    end)
  end)

  describe("a trial that is there already", function()
    it("is not trained again", function()
      local first = declare():sweep("Level", { level = { 0.1, 0.2 } })
      local before = record(first.best.id)
      local lab = again()
      local second = lab:sweep("Level", { level = { 0.1, 0.2, 0.3 } })
      assert.is_true(second.trials[2].reused)
      assert.is_false(second.trials[3].reused)
      assert.same(before, record(first.best.id))
      assert.same(first.best.history, second.trials[2].history)
      assert.equal(first.best.score, second.trials[2].score)
    end)

    it("is shared between sections", function()
      local lab = declare()
      local baseline = lab:trial()
      local result = lab:sweep("Level", { level = { 0.5, 0.6 } })
      assert.equal(baseline.id, result.trials[1].id)
      assert.is_true(result.trials[1].reused)
      assert.equal(2, #files.list(lab.store.trials))
    end)

    it("is shared between variants that differ in nothing that counts", function()
      local lab = declare { params = { level = 0.5, epochs = 1, unused = 1 } }
      local result = lab:sweep("Unused", { unused = { 1, 2 } })
      assert.equal(result.trials[1].id, result.trials[2].id)
      assert.same({ 1, 2 }, { result.trials[1].params.unused, result.trials[2].params.unused })
      assert.same({ done = 1, planned = 1 }, manifest().progress)
    end)

    it("is trained again with --fresh, once a run", function()
      local id = declare():trial().id
      local before = files.read(("%s/lab/trials/%s/trial.json"):format(reports, id))
      process.poll({}, 5)
      local lab = again { fresh = true }
      assert.is_false(lab:trial().reused)
      assert.are_not.equal(before, files.read(("%s/lab/trials/%s/trial.json"):format(reports, id)))
      assert.is_true(lab:trial().reused)
    end)

    it("is tried again where it had no result", function()
      local mended = false
      local function build_with_care(p)
        local model = fakes.build(p)
        if not mended then model.fit = function() error("not yet", 0) end end
        return model
      end
      local lab = declare { build = build_with_care }
      assert.equal("not yet", lab:trial().reason)
      assert.is_true(lab:trial().reused)
      mended = true
      lab = again({}, { build = build_with_care })
      assert.equal("complete", lab:trial().status)
      assert.equal(1, #files.list(lab.store.trials))
    end)

    it("is another where anything that counts is another", function()
      local ids = {}
      local function add(given, params, options)
        local id = again(options, given):trial(params).id
        assert.is_nil(ids[id])
        ids[id] = true
        return id
      end
      local first = add({})
      add({}, { level = 0.25 })
      add({}, { epochs = 1 })
      add({ seeds = { 2 } })
      add({ train = { x * 2, y } })
      add({ validation = { x * 2, y } })
      add({ validation = { x, y }, test = { x, y }, test_every_trial = true })
      add({ keep = "best" })
      add({ keep = "best", objective = "loss" })
      add({ callbacks = function() return {} end })
      add({ callbacks = function() return { {} } end })
      assert.equal(first, again({}, { title = "other", test = { x, y }, objective = "loss" }):trial().id)
    end)
  end)

  it("gives the same records whatever the number of jobs", function()
    local function run(jobs)
      session.start { reports = reports .. "/" .. jobs, jobs = jobs }
      local result = declare { seeds = { 1, 2 } } :sweep("Level", { level = { 0.1, 0.2, 0.3 } })
      local list = {}
      for i, trial in ipairs(result.trials) do
        list[i] = { trial.id, trial.params, trial.seed, trial.score, trial.metrics, trial.history }
      end
      return list
    end
    assert.same(run(1), run(3))
  end)

  describe("warns", function()
    it("of one seed, of no validation data, once", function()
      local lab = declare { validation = false, objective = "accuracy" }
      assert.same({}, said) -- before anything is trained it may still end with an error
      lab:trial()
      assert.matches("a single seed", warnings())
      assert.matches("there are no validation data", warnings())
      local count = #said
      lab:warn(manifest().warnings)
      assert.equal(count, #said)
      assert.same({}, again({}, { seeds = { 1, 2 } }).manifest.warnings)
    end)

    it("of a parameter that was varied and is read by nobody", function()
      local lab = declare { seeds = { 1, 2 }, params = { level = 0.5, act = "none", epochs = 2, dropout = 0 } }
      lab:sweep("Level", { level = { 0.1, 0.3 } })
      assert.equal("", warnings())
      lab:sweep("Both", { level = { 0.1, 0.3 }, dropout = { 0, 0.5 } })
      assert.matches("Both: dropout makes no difference: .* so the same trials; does build read dropout%?", warnings())
      assert.is_nil(warnings():find("level makes", 1, true))
    end)

    it("of changes that change nothing, and of values that are given twice", function()
      local lab = declare()
      lab:ablate({}, { level = 0.5, epochs = 3 })
      assert.matches("ablate: level is 0.5 in the base already, so that change is left out", warnings())
      assert.equal(2, #lab:ablate({}, { level = 0.5, epochs = 3 }, { factorial = true }).variants)
      assert.equal(1, #lab:ablate({}, { level = 0.5 }).variants)
      assert.equal(2, #lab:sweep("A", { level = { 1, 2, 1 } }).variants)
      assert.matches("level: 1 is given twice and tried once", warnings())
    end)

    it("of a best value at the border of a grid", function()
      local lab = declare { seeds = { 1, 2 } }
      lab:sweep("Two", { level = { 0.1, 0.3 } })
      lab:sweep("Words", { act = { "none", "drop", "other" } })
      assert.equal("", warnings())
      lab:sweep("Equal", { act = { "none" }, level = { 0.2, 0.2000000000001, 0.19 } })
      assert.equal("", warnings())
      lab:sweep("Rising", { level = { 0.1, 0.3, 0.2 } })
      assert.matches("Rising: the best level, 0.3, is the largest value tried; larger values may be better", warnings())
      lab = again({}, { mode = "min", seeds = { 1, 2 } })
      require("nn.advice").silence "monitor_mode" -- here the smallest accuracy is wanted
      lab:sweep("Zero", { level = { 0, 0.1, 0.2 } })
      assert.equal("", warnings())
      lab:sweep("Falling", { level = { 0.1, 0.2, 0.3 } })
      assert.matches("Falling: the best level, 0.1, is the smallest value tried", warnings())
    end)
  end)

  describe("the test data", function()
    local test = { x, tensor.tensor({ 0, 0, 0, 1, 1, 1 }, "uint8") }

    it("is used by conclude alone, once a seed", function()
      local lab = declare { test = test, seeds = { 1, 2 } }
      lab:sweep("Level", { level = { 0.25, 0.5 } })
      assert.same({}, manifest().test_uses)
      local result = lab:conclude()
      assert.equal(0.5, result.params.level)
      assert.near(0.52, result.score, 1e-12)
      assert.equal(0.5, result.test[1].metrics.accuracy)
      local all = manifest()
      assert.equal(2, #all.test_uses)
      local section = all.sections[2]
      assert.equal("conclusion", section.kind)
      assert.equal(0, section.before_choice)
      assert.same({ level = 0.5, act = "none", epochs = 2 }, section.variant.params)
      assert.equal(2, #section.test.trials)
      assert.same({ { 3, 0 }, { 3, 0 } }, section.confusion)
      assert.matches("charts/confusion", section.figures[1])
    end)

    it("is counted as used once however often the script runs", function()
      local lab = declare { test = test }
      lab:trial()
      lab:conclude()
      lab = again({}, { test = test })
      lab:trial()
      lab:conclude()
      assert.equal(1, #manifest().test_uses)
      assert.equal(0, manifest().sections[2].before_choice)
      lab = again({}, { test = test })
      lab:sweep("Level", { level = { 0.5, 0.75 } })
      lab:conclude()
      assert.equal(2, #manifest().test_uses)
      assert.equal(1, manifest().sections[2].before_choice)
    end)

    it("is used by every trial that is told to", function()
      local lab = declare { test = test, test_every_trial = true }
      local result = lab:sweep("Level", { level = { 0.25, 0.5 } })
      assert.equal(0.5, result.best.test.accuracy)
      assert.equal(2, #manifest().test_uses)
      lab:conclude()
      assert.equal(2, manifest().sections[2].before_choice)
      assert.equal(record(result.best.id).data.test, manifest().data.test.fingerprint)
    end)

    it("need not be there", function()
      local lab = declare()
      lab:trial()
      assert.is_nil(lab:conclude().test)
      assert.is_nil(manifest().sections[2].test)
    end)
  end)

  it("keeps figures, each under a name of its own", function()
    local lab = declare()
    local figure = {
      write = function(_, folder, name)
        fakes.write(folder .. "/" .. name .. ".svg", "")
        return { markdown = ("![](charts/%s.svg)"):format(name) }
      end,
    }
    lab:figure("A figure", figure)
    lab:figure("A figure", figure)
    assert.same({}, files.list(lab.store.charts))
    lab:close "complete"
    local one, two = table.unpack(manifest().sections)
    assert.same({ kind = "figure", title = "A figure", markdown = one.markdown }, one)
    assert.are_not.equal(one.markdown, two.markdown)
    assert.equal(2, #files.list(lab.store.charts))
  end)

  describe("NAME=VALUE", function()
    local params = { count = 3, rate = 0.1, name = "relu", flag = true, list = { 1 } }

    it("replaces a default, read as its type", function()
      local values, replaced = overrides.apply(params, { "rate=2", "name=5", "flag=false", "count=1e2" })
      assert.same({ count = 100, rate = 2, name = "5", flag = false, list = { 1 } }, values)
      assert.equal("integer", math.type(values.count))
      assert.same({ count = 100, rate = 2, name = "5", flag = false }, replaced)
      assert.same({}, select(2, overrides.apply(params, { "count=3", "flag=true", "rate=1e-1", "name=relu" })))
      assert.equal(3, params.count)
      assert.equal("", overrides.apply(params, { "name=" }).name)
    end)

    it("names a folder, whatever the values are", function()
      assert.equal("lab", overrides.name("lab", {}))
      assert.equal("lab@epochs=1,width=100", overrides.name("lab", { width = 100, epochs = 1 }))
      assert.equal("lab@rate=0.1", overrides.name("lab", { rate = 0.1 }))
      local names = {}
      for _, value in ipairs { "", "/", "..", "a/b", "a b", "a\nb", "é", ("x"):rep(300), ("x"):rep(301), "$(x)" } do
        local name = overrides.name("lab", { name = value })
        assert.matches("^lab@name=[%w_.+~-]+$", name)
        assert.is_true(#name < 40 and not names[name], name)
        names[name] = true
      end
      local many = {}
      for i = 1, 50 do many["parameter" .. i] = i end
      assert.is_true(#overrides.name("lab", many) < 120)
    end)

    it("is refused with status 2 where it makes no sense", function()
      for setting, message in pairs {
        ["cuont=5"] = "no parameter cuont; did you mean count",
        ["count=many"] = 'count=many: expected a number, got "many"',
        ["flag=1"] = "expected true or false",
        ["list=1"] = "its default is a table",
      } do
        local ok, problem = pcall(overrides.apply, params, { setting })
        assert.is_false(ok)
        assert.equal(2, problem.status)
        assert.matches(message, problem.message, 1, true)
      end
    end)

    it("gives way to what a sweep varies", function()
      session.start { reports = reports, settings = { "level=0.9", "epochs=1" } }
      local lab = declare()
      local result = lab:sweep("Level", { level = { 0.1, 0.2 } })
      assert.same({ level = 0.2, epochs = 1, act = "none" }, result.best.params)
      assert.same({ level = 0.9, epochs = 1 }, lab.manifest.overrides)
      assert.same({ level = 0.9, epochs = 1, act = "none" }, lab.manifest.params)
    end)
  end)
end)

describe("a grid", function()
  it("is a table of lists, a list of pairs, or a list of variants", function()
    local varied, chosen = grid.expand { b = { 1, 2 }, a = { "x" } }
    assert.same({ { name = "a", values = { "x" } }, { name = "b", values = { 1, 2 } } }, varied)
    assert.same({ { a = "x", b = 1 }, { a = "x", b = 2 } }, chosen)
    varied, chosen = grid.expand { { "b", { 1, 2 } }, { "a", { 3, 4 } } }
    assert.equal("b", varied[1].name)
    assert.same({ { b = 1, a = 3 }, { b = 1, a = 4 }, { b = 2, a = 3 }, { b = 2, a = 4 } }, chosen)
    varied, chosen = grid.expand { { width = 50 }, { width = 100, depth = 3 }, { width = 50, depth = 2 } }
    assert.same({ { name = "width", values = { 50, 100 } }, { name = "depth", values = { 3, 2 } } }, varied)
    assert.same({ { width = 50 }, { width = 100, depth = 3 }, { width = 50, depth = 2 } }, chosen)
    chosen = select(2, grid.expand { hidden = { { 50, 50 }, { 100 } } })
    assert.same({ { hidden = { 50, 50 } }, { hidden = { 100 } } }, chosen)
  end)

  it("is refused where it is none", function()
    for _, given in ipairs { 7, {}, { 1, 2 }, { { "a", 7 } }, { { { 1 } } }, { a = {} }, { { a = print } } } do
      assert.has_error(function() grid.expand(given) end)
    end
  end)
end)
