-- The benchmark: its table makes sense, its arithmetic is right, and nnrun's own runner answers as the others do.
local data = require "tests.bench.data"
local files = require "nn.support.files"
local json = require "nn.support.json"
local networks = require "tests.bench.networks"
local numbers = require "tests.bench.numbers"
local report = require "tests.bench.report"
local session = require "tests.bench.session"
local workloads = require "tests.bench.workloads"

local NNRUN = require("tests.support.runs").PROGRAM

local OUTPUTS = { crossentropy = true, binary_crossentropy = true, mse = true }
local UNITS = { ["s/epoch"] = true, ["us/step"] = true, ["ms/step"] = true, ["ms/pass"] = true }
local TABLES = { dense = true, images = true, sequences = true }
local CLASSES = { [10] = true, [65] = true } -- digits, pictures, characters

describe("each workload", function()
  local seen = {}
  for _, w in ipairs(workloads) do
    it(w.name .. " is well-formed", function()
      assert.is_nil(seen[w.name])
      seen[w.name] = true
      assert.is_truthy(w.name:match "^[%l%d-]+$")
      assert.is_true(data.knows(w.data))
      assert.is_true(OUTPUTS[w.loss] and UNITS[w.unit] and TABLES[w.table])
      assert.is_true(w.optimizer == "adam" or w.optimizer == "rmsprop")
      assert.is_true(w.task == "train" or w.task == "predict")
      assert.is_true(w.unit ~= "s/epoch" or w.samples <= w.epoch)
      local outputs = w.layers[#w.layers]
      assert.is_true(w.loss == "crossentropy" and CLASSES[outputs] or w.loss ~= "crossentropy" and outputs == 1)
      for _, number in ipairs { w.batch, w.samples, w.epochs, networks.work(w.layers, w.task) } do
        assert.are.equal("integer", math.type(number))
        assert.is_true(number >= 1)
      end
      assert.is_true(w.batch <= w.samples and w.tolerance > 0)
    end)
  end
end)

describe("the arithmetic", function()
  it("gives median and range", function()
    assert.are.same({ 2, 1, 9 }, { numbers.spread { 9, 1, 2 } })
    assert.are.same({ 2.5, 1, 9 }, { numbers.spread { 9, 1, 2, 3 } })
  end)

  it("pairs the runs of a round", function()
    assert.are.same({ 2, 3 }, numbers.ratios({ 4, 3 }, { 2, 1 }))
  end)

  it("turns seconds into the workload's unit", function()
    local w = { unit = "s/epoch", epoch = 50000, samples = 10000, epochs = 2, batch = 300 }
    assert.are.equal(2.5, numbers.in_unit(w, 1))
    w.unit = "us/step"
    assert.are.near(1e6 / 68, numbers.in_unit(w, 1), 1e-9)
    w.unit = "ms/step"
    assert.are.near(1e3 / 68, numbers.in_unit(w, 1), 1e-9)
    w.unit = "ms/pass"
    assert.are.equal(500, numbers.in_unit(w, 1))
  end)

  it("tells noise from a difference", function()
    assert.is_true(numbers.same_score({ 0.95, 0.97 }, { 0.96, 0.94 }, 0))
    assert.is_false(numbers.same_score({ 0.95, 0.951 }, { 0.90, 0.901 }, 0.01))
    assert.is_true(numbers.same_score({ 0.95 }, { 0.90 }, 0.05))
  end)
end)

describe("the multiplications of a network", function()
  it("are those of outputs, weights' gradients and inputs' gradients, but for the data's", function()
    local layers = { "6x6x2", "conv-4-3", "pool-2", 5 } -- 4x4x4, 2x2x4
    local conv, dense = 4 * 4 * 4 * 3 * 3 * 2, 16 * 5
    assert.are.equal(conv + dense, networks.work(layers, "predict"))
    assert.are.equal(2 * conv + 3 * dense, networks.work(layers, "train"))
  end)

  it("count the products with states at each step, and embeddings not at all", function()
    local inputs, states, dense = 7 * 4 * 3 * 5, 7 * 5 * 3 * 5, 5
    assert.are.equal(inputs + states + dense, networks.work({ "7x4", "gru-5", 1 }, "predict"))
    assert.are.equal(2 * inputs + 3 * (states + dense), networks.work({ "7x4", "gru-5", 1 }, "train"))
    assert.are.equal(3 * (inputs + states + 7 * dense), networks.work({ "7", "embedding-9-4", "grus-5", 1 }, "train"))
  end)
end)

describe("the table", function()
  it("shows times, ratios, the floor's fraction, what was skipped, and scores that differ", function()
    local w = { title = "small", unit = "s/epoch", epoch = 10, samples = 10, epochs = 1, batch = 1, tolerance = 0.01,
      task = "train" }
    local runs = {
      nnrun = { seconds = { 1, 2 }, scores = { 0.9, 0.9 } }, floor = { seconds = { 0.5, 1 }, scores = {} },
      slow = { seconds = { 4, 6 }, scores = { 0.5, 0.5 } },
      other = { seconds = {}, scores = {}, skip = "has no rmsprop" },
    }
    local names = { "nnrun", "floor", "slow", "other" }
    local titles = { nnrun = "nnrun", floor = "floor", slow = "Slow", other = "Other" }
    local outcome = { entries = { { workload = w, runs = runs } }, names = names, titles = titles }
    assert.are.equal([[
| workload | nnrun | floor | Slow | Other |
| --- | ---: | ---: | ---: | ---: |
| small (s/epoch) | 1.5 | 0.75 (**50 %**, 50-50) | 5 (**3.50 x**, 3.00-4.00) | has no rmsprop |]],
      report.times(outcome))
    assert.is_truthy(report.scores(outcome):find("| 0.9000 | 0.5000 **differs** |", 1, true))
  end)

  it("comes with what its readers should know of the programs", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() files.remove(folder) end)
    local path = report.write({ threads = 1, runs = 5, entries = {}, names = {}, titles = {},
      remarks = { "skipped: Slow (package slow)", "other kernels" } }, folder)
    assert.is_truthy(files.read(path):find("\n\nskipped: Slow (package slow)\n\nother kernels\n", 1, true))
  end)
end)

describe("nnrun's runner", function()
  local folder = os.tmpname()
  os.remove(folder)

  local function write(name, values)
    assert(files.write(folder .. "/" .. name, string.pack("<" .. ("f"):rep(#values), table.unpack(values))))
  end

  setup(function()
    assert(files.make_folder(folder))
    for _, part in ipairs { "train", "test" } do
      local x, y = {}, {}
      for i = 1, 40 do
        y[i] = i % 2
        x[2 * i - 1], x[2 * i] = y[i], i / 40
      end
      write(part .. ".x", x)
      write(part .. ".y", y)
    end
  end)

  teardown(function() files.remove(folder) end)

  local function answers(...)
    local lines, path = {}, folder .. "/questions"
    for _, w in ipairs { ... } do lines[#lines + 1] = session.line(w, folder, 1) .. "\n" end
    assert(files.write(path, table.concat(lines)))
    local pipe <close> = assert(io.popen(("%s tests/bench/nnrun.lua -- threads=1 <%s"):format(NNRUN, path)))
    local list = {}
    for line in pipe:lines() do list[#list + 1] = json.decode(line) end
    return list
  end

  it("trains, predicts and answers line by line", function()
    local train = { task = "train", layers = { 2, 8, 1 }, loss = "binary_crossentropy", optimizer = "rmsprop",
      rate = 0.05, batch = 4, samples = 40, epochs = 10 }
    local classes = { task = "train", layers = { 2, 8, 2 }, loss = "crossentropy", optimizer = "adam", rate = 0.05,
      batch = 4, samples = 40, epochs = 10 }
    local predict = { task = "predict", layers = { 2, 8, 2 }, loss = "crossentropy", optimizer = "adam", rate = 0.05,
      batch = 16, samples = 40, epochs = 2 }
    local list = answers(train, classes, predict)
    assert.are.equal(3, #list)
    for _, answer in ipairs(list) do assert.is_true(answer.seconds > 0) end
    assert.are.equal(1, list[1].score)
    assert.are.equal(1, list[2].score)
    assert.is_nil(list[3].score)
  end)

  it("builds networks of other layers than dense ones", function()
    local function settings(layers, targets)
      return { task = "train", layers = layers, loss = "binary_crossentropy", optimizer = "adam", rate = 0.05,
        batch = 4, samples = 8, epochs = 1, scored = 8, targets = targets }
    end
    local list = answers(settings { "2x1x1", "convnorm-2-1-same", "conv-2-1", "pool-1", 3, 1 },
      settings { "2x1", "lstms-2", "gru-2", 1 }, settings({ "2", "embedding-3-2", "grus-2", 1 }, 2),
      settings({ "2", "tokens-3-4", "block-2", 1 }, 2))
    assert.are.equal(4, #list)
    for _, answer in ipairs(list) do assert.is_true(answer.seconds > 0 and answer.score >= 0) end
  end)

  it("writes numbers of a thousand and more without an exponent", function()
    local w = { title = "slow", unit = "ms/pass", epochs = 1 }
    local outcome = { entries = { { workload = w, runs = { nnrun = { seconds = { 1.2345 }, scores = {} } } } },
      names = { "nnrun" }, titles = { nnrun = "nnrun" } }
    assert.is_truthy(report.times(outcome):find("| slow (ms/pass) | 1234 |", 1, true))
  end)
end)
