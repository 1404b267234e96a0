-- Experiments over datasets: trials that are killed go on in the same bits; what is known of the data, and what is not.
local fakes = require "tests.support.experiment_fakes"
local files = require "nn.support.files"
local json = require "nn.support.json"
local nn = require "nn"
local runs = require "tests.support.runs"

-- A lab over `dataset`, which the script before it makes of x and y.
local function lab_over(dataset, more)
  return [[
local nn = require "nn"
local process = require "engine.process"
nn.utils.set_random_seed(1)
local Dataset = nn.data.Dataset
local x = nn.random.normal{ shape = { 300, 6 } }
local y = (x[{ {}, 1 }] * x[{ {}, 2 }]):gt(0)
local slices = Dataset.from_tensor_slices{ x, y }
local lab = nn.Experiment{
  name = "lab", train = ]] .. dataset .. [[, validation = slices:batch(50), objective = "val_accuracy",
  params = { width = 4, epochs = 6 },
  build = function(p)
    local model = nn.Sequential{
      nn.layers.Dense{ p.width, activation = "relu", input_shape = { 6 } }, nn.layers.Dropout{ 0.2 },
      nn.layers.Dense{ 2, activation = "softmax" },
    }
    model:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
}
]] .. (more or "lab:trial{}\n")
end

local function read(path) return assert(files.read(path), path) end

local function only_id(reports)
  local ids = files.list(reports .. "/lab/trials")
  assert.equal(1, #ids)
  return ids[1]
end

local function wait_for_epoch(reports, epoch)
  return fakes.wait_for(function()
    for _, name in ipairs(files.list(reports .. "/lab/working")) do
      local text = name:find "%.lease$" and files.read(reports .. "/lab/working/" .. name) or ""
      local pid, reached = text:match '^.*"pid":(%d+).-\n.*"epoch":([%d.]+)'
      if pid and fakes.is_alive(tonumber(pid)) and tonumber(reached) >= epoch then return true end
    end
  end)
end

describe("an experiment over a dataset", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function run(script, ...)
    return runs.run(folder, script, ...)
  end

  local function err() return files.read(folder .. "/err") or "" end

  -- Whether a trial that is killed after `epoch` ends as one that is not.
  local function goes_on(script, epoch)
    assert.equal(0, run(script, "-q --reports whole"), err())
    local reports = folder .. "/killed"
    local pid = runs.start(folder, script, "-q -j1 --reports", reports, "--checkpoint 0.05")
    assert.is_truthy(wait_for_epoch(reports, epoch), err())
    runs.kill(pid, folder, true)
    assert.equal(0, run(script, "-q --reports", reports, "--checkpoint 0.05"), err())
    assert.matches("attempt 2 goes on after epoch %d+", read(("%s/lab/trials/%s/log.txt"):format(reports,
      only_id(reports))))
    assert.same(runs.results(folder .. "/whole"), runs.results(reports))
  end

  local SLOW = "slices:shuffle(40):map(function(a, b) process.poll({}, 1) return a + "
    .. "nn.random.normal{ shape = { 6 }, stddev = 0.1 }, b end)"

  for name, case in pairs {
    ["in memory"] = { "slices:shuffle(300):batch(2)", "lab:trial{ epochs = 1000 }\n", 10 },
    ["that streams"] = { SLOW .. ":batch(10)", nil, 1.2 },
    ["that does not know its length"] = { SLOW .. ":filter(function() return true end):batch(10)", nil, 1 },
    ["whose epochs have a number of steps"] = { SLOW .. ":repeated():batch(10)",
      "lab:trial{ steps_per_epoch = 25 }\n", 1.2 },
  } do
    it(name .. " goes on after a kill in the same bits", function()
      local script = lab_over(case[1], case[2])
      if case[2] and case[2]:find "steps_per_epoch" then
        script = script:gsub("epochs = 6", "epochs = 6, steps_per_epoch = 25")
      end
      goes_on(script, case[3])
    end)
  end

  it("of a folder of pictures goes on after a kill in the same bits", function()
    for _, class in ipairs { "cats", "dogs" } do
      files.make_folder(folder .. "/pets/" .. class)
      for i = 1, 20 do
        local pixels = nn.random.uniform { shape = { 8, 8, 3 }, maxval = class == "cats" and 255 or 200, seed = i }
        nn.image.save(("%s/pets/%s/%d.png"):format(folder, class, i), pixels:astype "uint8")
      end
    end
    local script = [[
local nn = require "nn"
nn.utils.set_random_seed(1)
local pets = nn.utils.image_dataset_from_directory("pets", { image_size = { 8, 8 }, batch_size = 2, seed = 3,
  verbose = false })
local lab = nn.Experiment{
  name = "lab", train = pets, objective = "accuracy", params = { epochs = 200 },
  build = function()
    local model = nn.Sequential{
      nn.layers.Rescaling{ 1 / 255, input_shape = { 8, 8, 3 } }, nn.layers.RandomRotation{ 0.1 },
      nn.layers.Conv2D{ 2, 3, activation = "relu" }, nn.layers.MaxPooling2D{}, nn.layers.Flatten{},
      nn.layers.Dropout{ 0.2 }, nn.layers.Dense{ 2, activation = "softmax" },
    }
    model:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
}
lab:trial{}
]]
    goes_on(script, 5)
  end)

  it("trains as over its tensors", function()
    local dataset = lab_over "slices:shuffle(300):batch(25)"
    local tensors = lab_over("{ x, y }"):gsub("params = {", "params = { batch_size = 25,")
    assert.equal(0, run(dataset, "-q --reports a"), err())
    assert.equal(0, run(tensors, "-q --reports b"), err())
    local function history(reports)
      local id = only_id(folder .. reports)
      return (read(("%s%s/lab/trials/%s/history.csv"):format(folder, reports, id)):gsub(",[^,\n]*\n", "\n"))
    end
    assert.equal(history "/a", history "/b")
  end)

  it("knows its trials again, unless the dataset is another", function()
    assert.equal(0, run(lab_over "slices:shuffle(300):batch(25)", "-q --reports r"), err())
    local id = only_id(folder .. "/r")
    assert.equal(0, run(lab_over "slices:shuffle(300):batch(25)", "-q --reports r"), err())
    assert.equal(id, only_id(folder .. "/r"))
    assert.equal(0, run(lab_over "slices:shuffle(300):batch(30)", "-q --reports r"), err())
    assert.equal(2, #files.list(folder .. "/r/lab/trials"))
  end)

  it("says in the report what it is, and what has no fingerprint", function()
    local script = lab_over("Dataset.from_generator(function() local i = 0 return function() i = i + 1 "
      .. "if i < 9 then return x, y end end end):prefetch(1)")
    assert.equal(0, run(script, "-q --reports r"), err())
    assert.matches("from_generator, prefetch", read(folder .. "/r/lab/report.md"), 1, true)
    local unknown = "local routine = coroutine.create(print)\n" .. lab_over(
      "slices:map(function(a, b) local _ = routine return a, b end):batch(25)")
    assert.equal(0, run(unknown, "-q --reports u"), err())
    assert.matches("is a coroutine", read(folder .. "/u/lab/report.md"), 1, true)
  end)

  it("counts what the script lets models see of the test data through datasets", function()
    local script = lab_over("slices:take(200):batch(25)", [[
local t = lab:trial{}
local test = Dataset.from_tensor_slices{ held:copy(), labels }
t.model:evaluate(test:shuffle(40):map(function(a, b) return a * 2, b end):batch(8))
]]):gsub("validation = slices:batch%(50%)", "%0, test = Dataset.from_tensor_slices{ held, labels }:batch(8)")
      :gsub("local slices", "local held, labels = nn.random.normal{ shape = { 40, 6 } }, nn.zeros({ 40 }, 'int32')\n%0")
    assert.equal(0, run(script, "-q --reports r"), err())
    local uses = json.decode(read(folder .. "/r/lab/experiment.json")).test_uses
    assert.equal(1, #uses)
    assert.matches("^evaluate at lab.lua", uses[1].what)
  end)

  for expected, dataset in pairs {
    ["train: the dataset gives single samples, not batches of them; add :batch(32)"] = "slices",
    ["train: the dataset is empty"] = "slices:take(0):batch(3)",
    ["train: expected a dataset of batches of x and y"] = "Dataset.from_tensor_slices(x):batch(3)",
  } do
    it("is refused: " .. expected, function()
      assert.equal(2, run(lab_over(dataset), "-q --reports r"))
      assert.matches(expected, err(), 1, true)
    end)
  end

  it("is dry-run", function()
    fakes.write(folder .. "/lab.lua", lab_over(SLOW .. ":batch(10)"))
    local out = folder .. "/check"
    assert.is_true(os.execute(("cd '%s' && '%s' check lab.lua --reports c >'%s' 2>&1"):format(folder, runs.PROGRAM,
      out)), files.read(out))
    assert.matches("38", read(out), 1, true) -- its parameters
  end)
end)
