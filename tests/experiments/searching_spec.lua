-- Searches, ablations, the test lockbox and report --check on a whole experiment with the fake model.
local Experiment = require "nn.experiment"
local Progress = require "nn.trials.progress"
local ablation = require "nn.search.ablation"
local check = require "nn.report.check"
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local json = require "nn.support.json"
local lockbox = require "nn.experiment.lockbox"
local models = require "nn.models"
local layers = require "nn.layers"
local report = require "nn.report"
local session = require "nn.experiment.session"
local space = require "nn.search.space"
local stats = require "nn.stats"
local tensor = require "nn.tensor"

local x, y = tensor.arange(24):reshape { 12, 2 }, tensor.tensor({ 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1 }, "uint8")

describe("an experiment that searches", function()
  local real = { print = Progress.print, write = report.write }
  local reports, said

  setup(function()
    report.write = function(folder) return folder .. "/report.md" end
    Progress.print = function(_, line) said[#said + 1] = line end
  end)

  teardown(function()
    report.write, Progress.print = real.write, real.print
    session.start {}
    fakes.clean()
  end)

  before_each(function() reports, said = fakes.folder(), {} end)

  local function declare(given, jobs)
    session.start { reports = reports, jobs = jobs or 2 }
    local all = {
      name = "lab", train = { x[{ { 1, 4 } }], y[{ { 1, 4 } }] }, validation = { x[{ { 5, 8 } }], y[{ { 5, 8 } }] },
      params = { level = 0.5, act = "none", epochs = 3, extra = 0 }, build = fakes.build, objective = "val_accuracy",
    }
    for name, value in pairs(given or {}) do all[name] = value end
    local lab = Experiment.new(all)
    lab.is_printed = true
    return lab
  end

  local function manifest() return json.decode(files.read(reports .. "/lab/experiment.json")) end

  local function params_of(result)
    local list = {}
    for i, variant in ipairs(result.variants) do list[i] = variant.params end
    return list
  end

  local LEVEL = { level = space.uniform(0, 0.9) }

  for _, method in ipairs { "random", "tpe", "halving" } do
    it("tries the same with any number of jobs, and after a restart: " .. method, function()
      local options = { method = method, trials = 9 }
      local first = declare(nil, 1):sweep("A", LEVEL, options)
      local entry = manifest().sections[1]
      reports = fakes.folder()
      local lab = declare(nil, 3)
      assert.same(params_of(first), params_of(lab:sweep("A", LEVEL, options)))
      assert.same(entry.variants, manifest().sections[1].variants)
      local again = declare():sweep("A", LEVEL, options)
      for _, each in ipairs(again.trials) do assert.is_true(each.reused) end
    end)
  end

  it("records what was searched, and how", function()
    local lab = declare { seeds = { 1, 2 } }
    local result = lab:sweep("A", LEVEL, { method = "random", trials = 3, with = { extra = 2 } })
    assert.equal(6, #result.trials)
    local section = manifest().sections[1]
    assert.equal("random", section.method)
    assert.same({ level = "uniform(0, 0.9)" }, section.spaces)
    assert.equal(3, #section.variants)
    assert.same({ done = 6, planned = 6 }, manifest().progress)
    assert.equal(2, result.best.params.extra)
  end)

  it("gives halving's trials their epochs", function()
    local result = declare():sweep("A", LEVEL, { method = "halving" })
    local epochs = {}
    for i, params in ipairs(params_of(result)) do epochs[i] = params.epochs end
    assert.same({ 1, 1, 1, 3 }, epochs)
    assert.equal(3, result.best.params.epochs)
  end)

  it("turns spaces with a count of values into a grid", function()
    local result = declare():sweep("A", { level = space.quantized(0.1, 0.3, 0.1), extra = space.int_uniform(1, 2) })
    assert.equal(6, #result.trials)
  end)

  it("tries the same but once where there is nothing else", function()
    for _, method in ipairs { "random", "tpe" } do
      local result = declare():sweep("A", { level = { 0.25, 0.5 } }, { method = method, trials = 9, rounds = 3 })
      assert.equal(2, #result.variants, method)
      assert.equal(0.5, result.best.params.level)
      session.start { reports = reports }
    end
  end)

  it("starts from trials already done", function()
    local lab = declare()
    local first = lab:sweep("A", LEVEL, { method = "random", trials = 12 })
    local result = lab:sweep("B", LEVEL, { method = "tpe", trials = 8, start = first })
    local sum = 0
    for _, params in ipairs(params_of(result)) do sum = sum + params.level end
    assert(sum / 8 > 0.55, sum / 8) -- the higher the better; by chance it would be 0.45
  end)

  it("ends trials that fall behind the median of earlier rounds, and trains them whole where nobody demands", function()
    local lab = declare()
    local what = { level = { 0.5, 0.6, 0.7, 0.8, 0.1, 0.9, 0.2 } }
    local result = lab:sweep("A", what, { pruner = "median" })
    local states = {}
    for i, each in ipairs(result.trials) do states[i] = each.status end
    assert.same({ "complete", "complete", "complete", "complete", "pruned", "complete", "pruned" }, states)
    local pruned = result.trials[5]
    assert.equal(1, pruned.epochs)
    assert.is_nil(pruned.score)
    assert.matches("its best val_accuracy after epoch 1, 0.11, is worse than the median of earlier trials, 0.66",
      pruned.reason, 1, true)
    assert.equal(0, lab.failures)
    lab = declare()
    local again = lab:sweep("A", what, { pruner = "median" })
    assert.is_true(again.trials[5].reused)
    lab = declare()
    assert.equal("complete", lab:sweep("A", what).trials[5].status)
  end)

  it("takes a model apart, one thing at a time or in every combination", function()
    local lab = declare { seeds = { 1, 2 } }
    local one = lab:ablate({ level = 0.4 }, { extra = 1, epochs = { 1, 2 } })
    local changed = {}
    for i, params in ipairs(params_of(one)) do changed[i] = { params.level, params.epochs, params.extra } end
    assert.same({ { 0.4, 3, 0 }, { 0.4, 1, 0 }, { 0.4, 2, 0 }, { 0.4, 3, 1 } }, changed)
    local all = lab:ablate({ level = 0.4 }, { extra = 1, epochs = { 1, 2 } }, { factorial = true, title = "All" })
    assert.equal(6, #all.variants)
    assert.same({ level = 0.4, act = "none", epochs = 3, extra = 0 }, all.variants[1].params)
    assert.equal("factorial", manifest().sections[2].method)
  end)

  it("recovers known effects within their intervals", function()
    local varied = { { name = "a", values = { 0, 1 } }, { name = "b", values = { "x", "y", "z" } },
      { name = "c", values = { false, true } } }
    local function truth(p)
      return (p.a == 1 and 0.03 or 0) + (p.b == "y" and 0.01 or 0) + (p.b == "z" and -0.02 or 0)
        + (p.a == 1 and p.b == "z" and 0.04 or 0)
    end
    local expected = { a = 0.03 + 0.04 / 3, ["b=y"] = 0.01, ["b=z"] = -0.02 + 0.04 / 2, ["c=true"] = 0,
      ["a b=z"] = 0.04, ["a b=y"] = 0, ["a c=true"] = 0, ["b=y c=true"] = 0, ["b=z c=true"] = 0 }
    local state = 7
    local function noise()
      state = state * 48271 % 2147483647
      return (state / 2147483647 - 0.5) / 100
    end
    local memo = {}
    local function score(p, seed)
      local key = ("%s %s %s %d"):format(p.a, p.b, p.c, seed)
      memo[key] = memo[key] or truth(p) + noise()
      return memo[key]
    end
    local effects, inside = ablation.effects(varied, 6, score), 0
    assert.equal(9, #effects)
    for _, effect in ipairs(effects) do
      local parts = {}
      for i, change in ipairs(effect.changes) do
        parts[i] = change.name == "a" and "a" or change.name .. "=" .. tostring(change.value)
      end
      local low, high = stats.t_interval(effect.values, 0.999)
      local wanted = expected[table.concat(parts, " ")]
      assert(wanted and low <= wanted and wanted <= high, table.concat(parts, " "))
      inside = inside + 1
    end
    assert.equal(9, inside)
  end)

  describe("guards its test data:", function()
    local test = { x[{ { 9, 12 } }], y[{ { 9, 12 } }] }
    local model

    setup(function()
      model = models.Sequential { layers.Dense { 2, activation = "softmax", input_shape = { 2 } } }
      model:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy" }
    end)

    local function uses() return #manifest().test_uses end

    local function conclusion_of(lab)
      lab:conclude()
      local section = lab.manifest.sections[#lab.manifest.sections]
      return section.text and json.decode(section.text) or section
    end

    it("a clean script uses them once a trial, none before the choice", function()
      local lab = declare { test = test, seeds = { 1, 2 } }
      lab:sweep("A", { level = { 0.1, 0.2 } })
      assert.equal(0, conclusion_of(lab).before_choice)
      assert.equal(2, uses())
      assert.not_matches("independent check", table.concat(manifest().warnings, "\n"))
    end)

    it("evaluating, predicting and validating on them, on views and on copies is counted; on other data not", function()
      local lab = declare { test = test }
      lab:sweep("A", { level = { 0.1 } })
      model:evaluate(test[1], test[2])
      model:predict(x[{ { 10, 11 } }])
      model:predict(test[1]:copy())
      model:fit(x[{ { 1, 4 } }], y[{ { 1, 4 } }], { validation_data = test, verbose = 0 })
      model:evaluate(x[{ { 1, 8 } }], y[{ { 1, 8 } }])
      model:predict(x[{ { 5, 8 } }])
      local section = conclusion_of(lab)
      assert.equal(4, section.before_choice)
      assert.equal(5, uses())
      assert.matches("evaluate at .*searching_spec.lua:%d+", manifest().test_uses[1].what)
      assert.matches("had models evaluated on the test data before the choice %(evaluate at .*searching_spec.lua:%d+%)",
        table.concat(manifest().warnings, "\n"))
    end)

    it("copies of some of their rows are known, rows that other parts have too are not", function()
      local lab = declare { test = test }
      lab:sweep("A", { level = { 0.1 } })
      model:predict(x[{ { 10, 11 } }]:copy())
      model:predict(tensor.concatenate({ x[{ { 9, 12 } }], x[{ { 1, 3 } }] }, { axis = 1 }))
      model:predict(x[{ { 1, 8 } }]:copy())
      model:predict(x[{ { 9, 12 } }] * 2)
      assert.equal(2, conclusion_of(lab).before_choice)
    end)

    it("what comes after the choice is counted, but is not before it", function()
      for _ = 1, 2 do -- the second run finds out nothing new
        local lab = declare { test = test }
        lab:sweep("A", { level = { 0.1 } })
        local section = conclusion_of(lab)
        model:evaluate(test[1], test[2])
        lab:close "complete"
        assert.equal(0, section.before_choice)
        assert.equal(2, uses())
        assert.not_matches("independent check", table.concat(manifest().warnings, "\n"))
      end
    end)

    it("the same use in a later run is not counted again: at another line, or with other last bits", function()
      local function looks(epochs, noise)
        local lab = declare { test = test }
        lab:sweep("A", { level = { 0.1 } })
        local trained = models.Sequential { layers.Dense { 2, activation = "softmax", input_shape = { 2 } } }
        trained:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy" }
        rawset(trained, "seed", 7)
        trained:fit(x[{ { 1, 4 } }], y[{ { 1, 4 } }], { epochs = epochs, verbose = 0 })
        local weights = trained:get_weights()
        weights[1] = weights[1] + noise
        trained:set_weights(weights)
        trained:evaluate(test[1], test[2])
        return conclusion_of(lab).before_choice
      end
      assert.equal(1, looks(1, 0))
      assert.equal(2, uses())
      assert.equal(1, looks(1, 1e-6))
      assert.equal(2, uses())
      assert.equal(2, looks(3, 0)) -- another model, and what was found out about the first
      assert.equal(3, uses())
    end)

    it("a model evaluated before the experiment was declared is counted too", function()
      session.start { reports = reports }
      lockbox.seal({}, {}, {}, function() end)
      collectgarbage()
      local fresh = { test[1]:copy(), test[2]:copy() }
      collectgarbage()
      model:evaluate(fresh[1], fresh[2])
      local lab = declare { test = fresh }
      lab:sweep("A", { level = { 0.1 } })
      assert.equal(1, conclusion_of(lab).before_choice)
    end)

    it("who reads test results before the choice is warned, once", function()
      local lab = declare { test = test, test_every_trial = true }
      local result = lab:sweep("A", { level = { 0.1, 0.2 } })
      assert.not_matches("read the test results", table.concat(manifest().warnings, "\n"))
      for _, each in ipairs(result.trials) do assert(math.abs(each.params.level - each.test.accuracy) < 1e-6) end
      lab:conclude()
      local _, count = table.concat(manifest().warnings, "\n"):gsub("read the test results of trials", "")
      assert.equal(1, count)
    end)

    it("reading them after the choice is no sin", function()
      local lab = declare { test = test, test_every_trial = true }
      local result = lab:sweep("A", { level = { 0.1, 0.2 } })
      lab:conclude()
      assert.is_table(result.best.test)
      assert.not_matches("read the test results", table.concat(manifest().warnings, "\n"))
    end)

    it("choosing by them is possible, and said", function()
      assert.error_matches(function() declare { test = test, objective = "test_accuracy" } end,
        "objective test_accuracy needs test_every_trial = true")
      reports = fakes.folder()
      local lab = declare { test = test, objective = "test_accuracy", test_every_trial = true }
      local result = lab:sweep("A", { level = { 0.1, 0.3, 0.2 } })
      assert.equal(0.3, result.best.params.level)
      assert.matches("chosen by test_accuracy, so the test score is no independent check",
        table.concat(manifest().warnings, "\n"))
    end)

    it("sharing them with training or validation data is said", function()
      local lab = declare { test = { x[{ { 4, 9 } }], y[{ { 4, 9 } }] } }
      local text = table.concat(lab.manifest.warnings, "\n")
      assert.matches("the test data contain some of the training data", text)
      assert.matches("the test data contain some of the validation data", text)
    end)
  end)

  describe("has a report that", function()
    local page

    local function written(seeds)
      report.write = real.write
      local lab = declare { seeds = seeds }
      lab:sweep("Level", { level = { 0.1, 0.2, 0.3 } })
      lab:close "complete"
      report.write = function(folder) return folder .. "/report.md" end
      page = files.read(reports .. "/lab/report.md")
      return reports .. "/lab"
    end

    it("says with few seeds that nothing can be significant, and what number would do", function()
      written { 1, 2, 3 }
      assert.matches("3 seeds are too few for a test; `--seeds 7` would do.", page, 1, true)
    end)

    it("says what differs from the baseline where there are enough", function()
      written { 1, 2, 3, 4, 5, 6, 7 }
      assert.matches("Intervals and p-values are corrected for 2 comparisons", page, 1, true)
      assert.matches("Compared with `level = 0.1`, `level = 0.2` is better by 0.1000, in 7 of 7 seeds; `level = 0.3` "
        .. "is better by 0.2000, in 7 of 7 seeds.", page, 1, true)
    end)

    it("says nothing of the kind with one seed", function()
      written { 1 }
      assert.not_matches("Holm", page)
    end)

    it("can be checked: the first line that differs is named", function()
      local folder = written { 1, 2 }
      assert.is_nil(check.difference(folder))
      local function edited(name, pattern, new, expected)
        local before = files.read(folder .. "/" .. name)
        local after, count = before:gsub(pattern, new, 1)
        assert.equal(1, count)
        fakes.write(folder .. "/" .. name, after)
        assert.matches(expected, check.difference(folder))
        fakes.write(folder .. "/" .. name, before)
        assert.is_nil(check.difference(folder))
      end
      local id = manifest().sections[1].variants[1].trials[1]
      edited("report.md", "0%.1300", "0.1310", "report.md:%d+: differs from what the folders say\n.*0.1310.*\n.*0.1300")
      edited("trials.csv", "0%.13,", "0.14,", "trials.csv:%d+: differs")
      edited("trials/" .. id .. "/history.csv", "0%.13,", "0.14,", "history.csv:4: val_accuracy is 0.14")
      edited("trials/" .. id .. "/trial.json", '"score": 0%.13', '"score":0.15', "trial.json: the score is 0.15")
      edited("charts/level-score.csv", "0%.13", "0.19", "level%-score.csv:%d+: differs")
      os.remove(folder .. "/trials.csv")
      assert.matches("trials.csv is missing", check.difference(folder))
    end)
  end)
end)
