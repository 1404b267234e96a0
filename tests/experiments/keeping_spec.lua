-- A finished report is never replaced by less: what a run may write into an experiment's folder, and when.
local files = require "nn.support.files"
local json = require "nn.support.json"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"

local LAB = [[
local nn = require "nn"
nn.utils.set_random_seed(1)
nn.advice.silence()
local x = nn.random.normal{ shape = { 60, 4 } }
local y = x[{ {}, 1 }]:gt(0)
local x_test = nn.random.normal{ shape = { 30, 4 } }
local lab = nn.Experiment{
  name = "lab", train = { x, y }, validation = { x, y }, test = { x_test, x_test[{ {}, 1 }]:gt(0) },
  params = { width = 3, epochs = 2, name = "tanh", fast = true }, objective = "val_accuracy",
  build = function(p)
    local model = nn.Sequential{
      nn.layers.Dense{ p.width, activation = p.name, input_shape = { 4 } },
      nn.layers.Dense{ 2, activation = "softmax" },
    }
    model:compile{ loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
}
]]
local SWEEP = LAB .. 'lab:sweep("Width", { width = { 2, 3 } })\n'
local FIGURE = 'lab:figure("Curve", nn.plot.curves{ series = { { y = { 3, 2, %d } } } })\n'
local WHOLE = SWEEP .. FIGURE:format(1) .. "lab:conclude()\n"

describe("the report of an experiment", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function run(script, ...)
    return runs.run(folder, script, ...)
  end

  local function read(path)
    return files.read(folder .. "/" .. path)
  end

  -- The texts of all files of a report.
  local function contents(name)
    local home, all = "reports/" .. name .. "/", {}
    for _, path in ipairs { "report.md", "experiment.json", "trials.csv" } do all[path] = read(home .. path) end
    for _, path in ipairs(files.list(folder .. "/" .. home .. "charts")) do
      all[path] = read(home .. "charts/" .. path)
    end
    return all
  end

  local function shell(words)
    return select(3, os.execute(("cd '%s' && '%s' %s >out 2>err </dev/null"):format(folder, runs.PROGRAM, words)))
  end

  local function status(name)
    shell "runs --format json"
    for _, each in ipairs(json.decode(read "out")) do
      if each.experiment == (name or "lab") then return each.status end
    end
  end

  local MISTAKES = {
    ["a number of epochs that is none"] = { SWEEP:gsub("epochs = 2", "epochs = 0"), "epochs: expected a whole number" },
    ["a typo in a sweep"] = { LAB .. 'lab:sweep("Width", { witdh = { 2 } })', "did you mean width" },
    ["a model that is not returned"] = { SWEEP:gsub("return model", ""), "end it with `return model`" },
    ["a typo in build"] = { SWEEP:gsub("nn.layers.Dense{ 2,", "nn.layers.Dens{ 2,"), "did you mean Dense" },
    ["an error before the sweep"] = { LAB .. 'error "oops"', "oops" },
    ["an error behind trials that were there"] = { WHOLE .. 'error "oops"', "oops" },
    ["an error behind another figure"] = { SWEEP .. FIGURE:format(7) .. 'error "oops"', "oops" },
    ["an error behind lab:report()"] = { SWEEP .. 'lab:note "less"\nlab:report()\nerror "oops"', "oops" },
    ["an objective that nobody reports"] = { SWEEP:gsub('"val_accuracy"', '"val_acc"'), "objective val_acc" },
    ["another one, with trials that are new"] = {
      SWEEP:gsub('"val_accuracy"', '"val_acc"'):gsub("epochs = 2", "epochs = 3"), "objective val_acc" },
  }

  it("stays to the byte where the script ends with an error before anything was trained", function()
    assert.equal(0, run(WHOLE, "-q"))
    local before = contents "lab"
    assert.is_truthy(before["report.md"] and before["trials.csv"] and before["confusion.csv"])
    for name, mistake in pairs(MISTAKES) do
      assert.equal(2, run(mistake[1]), name)
      assert.matches(mistake[2], read "err", 1, true)
      assert.is_nil(read "out":find "report%.md", name)
      assert.same(before, contents "lab", name)
    end
    assert.equal("complete", status())
  end)

  it("is not there after a mistake in the first run, and nothing is said of it", function()
    assert.equal(2, run(LAB .. 'lab:sweep("Width", { witdh = { 2 } })'))
    assert.matches("^nnrun: lab.lua:%d+: there is no parameter witdh; did you mean width%?\n$", read "err")
    assert.equal("", read "out")
    assert.is_nil(read "reports/lab/experiment.json")
  end)

  it("says which error ended the script after trials that are new", function()
    run(WHOLE, "-q")
    assert.equal(2, run(SWEEP .. 'lab:trial{ width = 5 }\nerror "oops"', "-q"))
    assert.equal("reports/lab/report.md\n", read "out")
    local report = read "reports/lab/report.md"
    assert.matches("%*%*Ended by an error%*%* after 3 of 3 trials: `lab.lua:%d+: oops`%.", report)
    assert.is_nil(report:find("Interrupted", 1, true))
    assert.equal("error", status())
    assert.equal(0, run(SWEEP, "-q"))
    assert.equal("complete", status())
  end)

  it("follows a script that changed its notes and figures alone", function()
    run(SWEEP .. FIGURE:format(1), "-q")
    local before = contents "lab"
    assert.equal(0, run(SWEEP .. FIGURE:format(7) .. 'lab:note "A new thought."', "-q"))
    assert.matches("A new thought", read "reports/lab/report.md")
    assert.are_not.equal(before["figure_curve.csv"], contents("lab")["figure_curve.csv"])
  end)

  it("stays where the script is through without a trial", function()
    run(WHOLE, "-q")
    local before = contents "lab"
    assert.equal(0, run(LAB, "-q"))
    assert.matches("warning: the script ran no trial of this experiment; reports/lab/report.md stays as it was",
      read "err")
    assert.same(before, contents "lab")
  end)

  it("counts what an error came after: the test data were used", function()
    run(SWEEP, "-q")
    assert.equal(2, run(SWEEP .. 'lab:conclude()\nerror "oops"', "-q"))
    local manifest = json.decode(read "reports/lab/experiment.json")
    assert.equal("complete", manifest.status)
    assert.equal(1, #manifest.test_uses)
    assert.equal(0, shell "report lab --check")
  end)

  it("says how to go on and how to write it again as the user typed it", function()
    assert.equal(0, run(SWEEP, "-q -j2 --reports r2"))
    local report = files.read(folder .. "/r2/lab/report.md")
    assert.is_truthy(report:find(("```sh\n%s lab.lua -q -j2 --reports r2\n```"):format(runs.PROGRAM), 1, true))
    assert.is_truthy(report:find(("`%s report lab --reports r2` writes this page again"):format(runs.PROGRAM), 1, true))
    assert.equal(0, shell "report lab --reports r2 --check")
    assert.equal(0, shell "report --check --reports r2")
    assert.equal("r2/lab/report.md: every number is as the folders say\n", read "out")
    assert.equal(2, shell "report --check")
    assert.matches("there is no experiment in reports; --reports DIR looks elsewhere", read "err", 1, true)
  end)

  it("follows --seeds, which is said where the script has others", function()
    assert.equal(0, run(SWEEP, "--seeds 2"))
    assert.matches("--seeds 2: the report of lab will be about 2 seeds; without the option about the script's own 1",
      read "err", 1, true)
    assert.equal("reports/lab/report.md\n", read "out")
    run(SWEEP, "--seeds 1")
    assert.is_nil(read "err":find("will be about", 1, true))
  end)

  it("is listed while its first trial runs", function()
    assert(files.make_folder(folder .. "/reports/new/trials"))
    assert.equal("no trial yet", status "new")
    assert(files.make_folder(folder .. "/reports/new/trials/ab12"))
    fakes.write(folder .. "/reports/new/trials/ab12/trial.json", '{"status":"complete"}')
    assert.equal("no experiment.json", status "new")
  end)

  describe("with other defaults", function()
    it("stands beside that of the script and leaves it alone", function()
      run(WHOLE, "-q")
      local before = contents "lab"
      assert.equal(0, run(WHOLE, "name=relu epochs=1"))
      assert.matches("reports/lab@epochs=1,name=relu/report.md\n$", read "out")
      assert.matches("epochs=1, name=relu: the report of this run is reports/lab@epochs=1,name=relu/report.md; "
        .. "that of lab stays as it is\n", read "err", 1, true)
      assert.same(before, contents "lab")
      assert.matches("^# lab, with epochs=1, name=relu\n", read "reports/lab@epochs=1,name=relu/report.md")
      assert.equal(1, #json.decode(read "reports/lab@epochs=1,name=relu/experiment.json").test_uses)
      assert.equal(0, run(WHOLE, "epochs=1 name=relu -q"))
      assert.matches("reports/lab@epochs=1,name=relu/report.md\n$", read "out")
    end)

    it("is that of the script where they are none", function()
      assert.equal(0, run(SWEEP, "epochs=2 fast=true -q"))
      assert.equal("reports/lab/report.md\n", read "out")
      assert.equal(0, run(SWEEP, "fast=false -q"))
      assert.equal("reports/lab@fast=false/report.md\n", read "out")
    end)

    it("leaves nothing where the new value is a mistake", function()
      run(WHOLE, "-q")
      local before = contents "lab"
      assert.equal(2, run(SWEEP, "epochs=0"))
      assert.same(before, contents "lab")
      assert.same({ "lab" }, (function()
        local names = {}
        for _, name in ipairs(files.list(folder .. "/reports")) do
          if not name:find "^index" then names[#names + 1] = name end
        end
        return names
      end)())
    end)

    it("is known to all commands", function()
      run(WHOLE, "epochs=1 -q")
      assert.equal("complete", status "lab@epochs=1")
      assert.equal(0, shell "runs lab@epochs=1")
      assert.matches("width", read "out")
      assert.equal(0, shell "report lab@epochs=1")
      assert.equal(0, shell "report lab@epochs=1 --check")
      assert.equal(0, shell "show @best --experiment lab@epochs=1")
      assert.matches("lab@epochs=1", read "out", 1, true)
      assert.equal(0, shell "verify @last")
      assert.equal(0, shell "check lab.lua epochs=1")
      assert.matches("nothing to train: all 2 trials are there already\n$", read "err")
      local path = folder .. "/reports/lab@epochs=1/trials/"
      path = path .. files.list(path)[1] .. "/trial.json"
      fakes.write(path, (files.read(path):gsub('"complete"', '"failed"')))
      assert.equal(0, shell "check lab.lua epochs=1")
      assert.matches("2 trials, 1 of them there already", read "err")
    end)
  end)
end)
