-- What a script declares is taken as a whole, or refused: nothing in it is passed over.
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local nn = require "nn"
local runs = require "tests.support.runs"
local Experiment = require "nn.experiment"
local session = require "nn.experiment.session"

local x, y = nn.random.normal { shape = { 20, 3 }, seed = 1 }, nn.ones { 20, 1 }

local function network()
  local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 3 } } }
  model:compile { optimizer = "sgd", loss = "mse" }
  return model
end

local function declare(given)
  local all = { name = "lab", train = { x, y }, params = { k = 1, epochs = 1 }, build = network }
  for name, value in pairs(given) do all[name] = value end
  return Experiment.new(all)
end

local function refuses(message, f, ...)
  local ok, problem = pcall(f, ...)
  assert.is_false(ok)
  assert.is_truthy(tostring(problem):find(message, 1, true), problem)
  assert.matches("^tests/experiments/declarations_spec.lua:%d+: ", problem)
end

describe("an experiment", function()
  before_each(function() session.start { reports = fakes.folder(), jobs = 1 } end)
  teardown(function()
    session.start {}
    fakes.clean()
  end)

  it("is declared with lists without gaps", function()
    refuses("seeds: there is nothing (nil) at position 2 of the list", declare, { seeds = { 1, nil, 3 } })
    refuses("seeds: unknown argument a", declare, { seeds = { 1, a = 3 } })
    refuses("class_names: there is nothing (nil) at position 1", declare, { class_names = { nil, "b" } })
    refuses('class_names: expected different strings, got "a"', declare, { class_names = { "a", "a" } })
    refuses("params: expected defaults by name, got 3", declare, { params = { [3] = 1 } })
    refuses("params.k: there is nothing (nil) at position 2", declare, { params = { k = { 1, nil, 3 } } })
    refuses("params.k: unknown argument a", declare, { params = { k = { 1, a = 2 } } })
    assert.same({ 1, 2 }, declare { params = { k = { 1, 2 } } }.params.k)
  end)

  it("varies lists without gaps", function()
    local lab = declare {}
    local function sweep(what) return function() lab:sweep("K", what) end end
    refuses("k: there is nothing (nil) at position 2 of the list", sweep { k = { 1, nil, 3 } })
    refuses("k: there is nothing (nil) at position 1 of the list", sweep { k = { [2] = 1 } })
    refuses("k: unknown argument a", sweep { k = { 1, a = 2 } })
    refuses("sweep: there is nothing (nil) at position 2", sweep { { k = 1 }, nil, { k = 2 } })
    refuses("sweep: unknown argument k", sweep { { k = 1 }, k = { 2 } })
  end)
end)

describe("a run", function()
  local LAB = runs.LAB .. "local one = lab:trial()\nprint(one.reason)\n"
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  it("takes a parameter once from the command line", function()
    assert.equal(2, runs.run(folder, LAB, "-q width=1 rate=0.1 width=2"))
    assert.equal("nnrun: width is given twice: width=1 and width=2\n", files.read(folder .. "/err"))
  end)

  it("has a folder of its own for infinite values, which is named after them", function()
    assert.equal(0, runs.run(folder, LAB:gsub("p.rate", "0.1"), "-q rate=-1e999"))
    assert.is_truthy(files.read(folder .. "/reports/lab@rate=-inf/report.md"))
  end)

  it("has no two columns of one name in its history", function()
    local function reason(metric, callback)
      local status = runs.run(folder, (LAB:gsub('metrics = { "accuracy" }',
        ('metrics = { "accuracy", nn.metrics.SparseTopKCategoricalAccuracy{ name = "%s" } }'):format(metric))
        :gsub("none = {}", ("none = { { on_epoch_end = function(self, epoch, logs) %s end } }"):format(callback
        or ""))), "-q")
      return status, files.read(folder .. "/out")
    end
    assert.equal(0, (reason "top"))
    for _, name in ipairs { "val_loss", "val_accuracy" } do
      local status, out = reason(name)
      assert.equal(1, status)
      assert.matches(("%s is the name of %s in validation; give the output or metric of that name another one"):format(
        name, name:sub(5)), out)
    end
    for _, name in ipairs { "epoch", "seconds" } do
      local status, out = reason(name)
      assert.equal(1, status)
      assert.matches("history.csv has a column " .. name .. " already", out)
    end
    assert.equal(1, (reason("top", "logs.seconds = 7")))
  end)
end)

describe("a rate of learning", function()
  it("is at least 0, whoever computes it", function()
    for _, rate in ipairs { -1, 0 / 0, "0.1" } do
      local function schedule() return rate end
      refuses("LearningRateScheduler: expected the schedule to give a number of at least 0, got ", function()
        network():fit(x, y, { verbose = 0, callbacks = { nn.callbacks.LearningRateScheduler(schedule) } })
      end)
      refuses("SGD: the schedule gave " .. (rate == rate and rate or "nan") .. " for a rate", function()
        local model = network()
        model:compile { optimizer = nn.optimizers.SGD { schedule }, loss = "mse" }
        model:fit(x, y, { verbose = 0 })
      end)
    end
  end)
end)

describe("class ids", function()
  it("are whole numbers", function()
    refuses("to_categorical: expected class ids, which are whole numbers from 0; x holds other numbers",
      nn.utils.to_categorical, { 0, 1.5 })
    refuses("to_categorical: expected class ids", nn.utils.to_categorical, { 0, 0 / 0 })
    assert.same({ { 1, 0 }, { 0, 1 } }, nn.utils.to_categorical({ 0, 1 }):totable())
  end)
end)
