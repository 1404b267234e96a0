-- Models of an experiment that do not fit its data: found when they are built, before any trial is trained.
local Experiment = require "nn.experiment"
local files = require "nn.support.files"
local nn = require "nn"
local pieces = require "nn.advice.pieces"
local Progress = require "nn.trials.progress"
local report = require "nn.report"
local session = require "nn.experiment.session"
local fakes = require "tests.support.experiment_fakes"
local fails = require("tests.support.expect").fails
local runs = require "tests.support.runs"

local Dense = nn.layers.Dense
local x = nn.arange(24):reshape { 6, 4 }
local ids = nn.tensor({ 0, 1, 2, 0, 1, 2 }, "uint8")

describe("a model that does not fit the data", function()
  local real = { print = Progress.print, write = report.write }
  local said

  setup(function()
    report.write = function(folder) return folder .. "/report.md" end
    Progress.print = function(_, line) said[#said + 1] = line end
  end)

  teardown(function()
    report.write, Progress.print = real.write, real.print
    session.start {}
    pieces.reset()
    fakes.clean()
  end)

  before_each(function()
    said = {}
    session.start { reports = fakes.folder(), jobs = 2 }
    pieces.reset()
  end)

  local function declare(given)
    local all = {
      name = "lab", train = { x, ids }, validation = { x, ids }, seeds = { 1, 2 },
      params = { units = 3, loss = "sparse_categorical_crossentropy", metric = "accuracy" },
      build = function(p)
        local model = nn.Sequential { Dense { p.units, activation = "softmax", input_shape = { 4 }, name = "out" } }
        model:compile { loss = p.loss, metrics = { p.metric } }
        return model
      end,
    }
    for name, value in pairs(given) do all[name] = value end
    return Experiment.new(all)
  end

  local one_hot = nn.utils.to_categorical(ids)
  local wide = nn.zeros { 6, 5 }
  local cases = {
    { "class ids under categorical_crossentropy", { params = { units = 3, loss = "categorical_crossentropy",
      metric = "accuracy" } }, "train: y of shape 6 does not fit the output out of shape 6x3 under the loss "
      .. "categorical_crossentropy; for class ids use sparse_categorical_crossentropy" },
    { "one-hot labels under a loss for class ids", { train = { x, one_hot } }, "for one-hot labels use "
      .. "categorical_crossentropy" },
    { "fewer units than classes", { params = { units = 2, loss = "sparse_categorical_crossentropy",
      metric = "accuracy" } }, "train: y: the labels run from 0 to 2, but the output out is for the labels "
      .. "0 to 1" },
    { "samples of another shape", { train = { wide, ids } }, "train: x: input input_layer wants samples of 4, got 5" },
    { "a metric of another kind", { params = { units = 3, loss = "sparse_categorical_crossentropy",
      metric = "categorical_accuracy" } }, "categorical_accuracy" },
    { "validation samples of another shape", { validation = { wide, ids } }, "validation: x: input input_layer wants" },
    { "test labels of another shape", { test = { x, one_hot } }, "test: y of shape 6x3 does not fit the output out" },
  }

  for _, case in ipairs(cases) do
    it("stops the script before any trial: " .. case[1], function()
      local lab = declare(case[2])
      local ok, message = pcall(lab.sweep, lab, "Metric", { metric = { lab.params.metric } })
      assert.is_false(ok)
      assert.is_truthy(message:find(case[3], 1, true), message)
      assert.matches("^tests/models/misfit_spec.lua:%d+: ", message)
      assert.same({}, said)
      assert.same({}, pieces.list())
      assert.same({}, files.list(lab.store.trials))
    end)
  end

  it("is one failed variant among others", function()
    local lab = declare { seeds = { 1 } }
    pieces.silence "input_range"
    pieces.silence "shared_rows"
    local result = lab:sweep("Loss", { loss = { "categorical_crossentropy", "sparse_categorical_crossentropy" } })
    assert.equal("failed", result.trials[1].status)
    assert.matches("for class ids use sparse_categorical_crossentropy$", result.trials[1].reason)
    assert.equal("complete", result.trials[2].status)
    for _, list in ipairs { result.trials, lab.trials, result.variants[2].trials } do
      fails("trials[0]: positions count from 1; the last one is trials[#trials]", function() return list[0] end)
    end
    fails("val_loss[-1]: positions count from 1", function() return result.trials[2].history.val_loss[-1] end)
  end)

  it("leaves the labels alone that the loss ignores", function()
    pieces.silence "input_range"
    pieces.silence "shared_rows"
    local lab = declare { seeds = { 1 }, build = function()
      local model = nn.Sequential { Dense { 2, activation = "softmax", input_shape = { 4 } } }
      model:compile { loss = nn.losses.SparseCategoricalCrossentropy { ignore_class = 2 } }
      return model
    end }
    assert.equal("complete", lab:trial().status)
  end)

  it("leaves the report of an earlier run as it is", function()
    local folder = fakes.folder()
    local script = runs.LAB .. "lab:sweep('Width', { width = { 4, 5 } }, { with = { epochs = 1 } })"
    assert.equal(0, runs.run(folder, script))
    local before = files.read(folder .. "/reports/lab/report.md")
    local wrong = script:gsub("sparse_categorical_crossentropy", "categorical_crossentropy")
    assert.equal(2, runs.run(folder, wrong))
    local err = files.read(folder .. "/err")
    assert.matches("^nnrun: lab.lua:%d+: train: y of shape 300 does not fit the output [^\n]*\n$", err)
    assert.equal(before, files.read(folder .. "/reports/lab/report.md"))
  end)

  it("with class ids in a column is told the same", function()
    local lab = declare { train = { x, ids:reshape { 6, 1 } }, params = { units = 3, metric = "accuracy",
      loss = "categorical_crossentropy" } }
    local _, message = pcall(lab.trial, lab)
    assert.matches("; for class ids use sparse_categorical_crossentropy$", message)
  end)
end)
