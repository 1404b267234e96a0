-- Fresh seeds for the chosen variant, and the intervals of what a conclusion measured, in real runs.
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"
local json = require "nn.support.json"

local NNRUN = require("tests.support.runs").PROGRAM

-- `WIDTHS`, `SEEDS`, `COMPILE`, `CONFIRM` and `EARLY` are put in place.
local SCRIPT = [[
local nn = require "nn"
nn.advice.silence()
local x = nn.random.normal{ shape = { 200, 3 }, seed = 1 }
local y = (x[{ {}, 1 }] * x[{ {}, 2 }]):gt(0)
local function part(from, to) return { x[{ { from, to } }], y[{ { from, to } }] } end
local lab = nn.Experiment{
  name = "lab", train = part(1, 80), validation = part(81, 120), test = part(121, 200), CONFIRM
  params = { width = 2, epochs = 2, batch_size = 10 }, seeds = SEEDS, objective = "val_accuracy",
  build = function(p)
    local model = nn.Sequential{ nn.layers.Dense{ p.width, input_shape = { 3 }, activation = "relu" },
      nn.layers.Dense{ 2, activation = "softmax" } }
    model:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy", MORE } }
    return model
  end,
}
lab:sweep("Width", { width = WIDTHS })
local found = lab:conclude()
local fresh = found.fresh
print(("chosen %.6f"):format(found.score), #found.test)
if fresh then print(("fresh %.6f"):format(fresh.score or -1), table.concat(fresh.seeds, " "), #fresh.test) end
print(#lab.trials, lab.best.seed)
]]

describe("the chosen variant", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function sh(command)
    local _, _, code = os.execute(("cd '%s' && %s >out 2>err </dev/null"):format(folder, command:gsub("NNRUN", NNRUN)))
    return code, files.read(folder .. "/out"), files.read(folder .. "/err")
  end

  local function run(places, arguments)
    local script = SCRIPT:gsub("%f[%u]%u%u%u%u+%f[%U]", function(word)
      return places[word] or ({ WIDTHS = "{ 2, 3 }", SEEDS = "{ 1, 2, 3 }", CONFIRM = "", MORE = "" })[word]
    end)
    fakes.write(folder .. "/lab.lua", script)
    local code, out, err = sh("NNRUN lab.lua " .. (arguments or "-q"))
    assert.equal(0, code, err)
    return out, files.read(folder .. "/reports/lab/report.md"), err
  end

  local function manifest()
    return assert(json.decode(files.read(folder .. "/reports/lab/experiment.json")))
  end

  local function section(kind)
    for _, each in ipairs(manifest().sections) do
      if each.kind == kind then return each end
    end
  end

  local function contains(text, part)
    assert(text:find(part, 1, true), ("not found: %s\nin:\n%s"):format(part, text))
  end

  it("is trained with fresh seeds where the script says so, and their score is quoted", function()
    local out, page = run { CONFIRM = "confirm = 3," }
    assert.matches("fresh [%d.]+\t4 5 6\t3\n6\t1\n", out) -- no part of the sweep's trials
    local fresh = section("conclusion").fresh
    assert.same({ 4, 5, 6 }, { table.unpack(fresh.seeds) })
    assert.equal(3, #fresh.test.trials)
    local said = page:match "%*%*Result%.%*%*[^\n]+"
    assert.matches("validation accuracy [%d.]+ %(95 %% interval for new samples and new seeds [%d.]+ to [%d.]+%) on "
      .. "three fresh seeds, [%d.]+ on the three seeds that chose it; test accuracy of the fresh seeds %*%*[%d.]+ %(95 "
      .. "%% interval for new samples and new seeds [%d.]+ to [%d.]+%)%*%*; .- The next is `width = 3` %([%d.]+, "
      .. "[%d.]+ lower on the three seeds that chose%)", said)
    assert.matches("On three fresh seeds its validation accuracy is [%d.]+ %(95 %% interval for new samples and new "
      .. "seeds [%d.]+ to [%d.]+; over seeds alone [%d.]+ to [%d.]+%)", page)
    contains(out, ("%.4f"):format(fresh.score))
    contains(page, "Its trials with fresh seeds: [")
    contains(page, "Test result of each trial that chose it: [")
    contains(page, "The test set was used once for each of the six trained networks, after the choice.")
    contains(page, "Fresh seeds had no part in the choice, but the same validation samples had. The test result "
      .. "is free of both, but still varies with the 80 test samples.")
    contains(page, "2 variants in 1 section, 3 seeds each: 6 trials.")
    assert.not_matches("tends to be too good", said)
    assert.equal(9, select(2, files.read(folder .. "/reports/lab/trials.csv"):gsub("\n", "")) - 1)
  end)

  it("has five of them by default from 20 trials of several variants on, and none before", function()
    contains(run { WIDTHS = "{ 2, 3, 4, 5, 6 }", SEEDS = "{ 1, 2, 3, 7 }" }, "8 9 10 11 12\t5\n20\t")
    local out, page = run { WIDTHS = "{ 2, 3, 4 }" }
    assert.not_matches("fresh", out)
    assert.is_nil(section("conclusion").fresh)
    assert.matches("As the best of three, its validation accuracy tends to be too good%.",
      page:match "%*%*Result%.%*%*[^\n]+")
    local many = {}
    for seed = 1, 20 do many[seed] = seed end
    assert.not_matches("fresh", (run { WIDTHS = "{ 2 }", SEEDS = "{ " .. table.concat(many, ", ") .. " }" }))
    assert.not_matches("fresh", (run { WIDTHS = "{ 2, 3, 4, 5, 6 }", SEEDS = "{ 1, 2, 3, 7 }",
      CONFIRM = "confirm = 0," }))
  end)

  it("is not trained again when the script runs again, and the report can be written again", function()
    local out, page = run { CONFIRM = "confirm = 2," }
    local again, _, err = run({ CONFIRM = "confirm = 2," }, "")
    assert.equal(out, again)
    assert.equal(8, select(2, err:gsub("reused", "")))
    assert.equal(0, (sh "NNRUN report lab --check"))
    assert.equal(0, (sh "NNRUN report lab"))
    assert.equal(page:match "%*%*Result%.%*%*[^\n]+",
      files.read(folder .. "/reports/lab/report.md"):match "%*%*Result%.%*%*[^\n]+")
    local code, listed = sh "NNRUN check lab.lua"
    assert.equal(0, code)
    assert.matches("Fresh seeds", listed)
    local _, best = sh "NNRUN show @best --format json"
    local _, chosen = sh("NNRUN show " .. section("conclusion").variant.trials[1] .. " --format json")
    assert.equal(chosen, best)
  end)

  it("has fresh seeds that follow those of --seeds", function()
    local out = run({ CONFIRM = "confirm = 1," }, "-q --seeds 5")
    contains(out, "\t6\t1\n")
    contains(out, "on a fresh seed, ")
  end)

  it("goes on with them where it was interrupted", function()
    run { CONFIRM = "confirm = 0," }
    os.execute(("rm -r '%s/reports/lab/experiment.json'"):format(folder))
    local out, _, err = run({ CONFIRM = "confirm = 2," }, "")
    assert.matches("fresh [%d.]+\t4 5\t2\n", out)
    assert.equal(6, select(2, err:gsub("reused", "")))
  end)

  it("has intervals for new samples and new seeds, of means over samples alone", function()
    local _, page = run { MORE = "nn.metrics.MeanIoU{ 2, sparse_y_pred = false, name = \"overlap\" }" }
    local found = section("conclusion").intervals
    local mean = 0
    for _, trial in ipairs(section("conclusion").test.trials) do mean = mean + trial.metrics.accuracy / 3 end
    assert(found.test.accuracy.low < mean and mean < found.test.accuracy.high)
    assert(found.test.loss.low > 0)
    assert(found.validation.accuracy.high - found.validation.accuracy.low
      > found.test.accuracy.high - found.test.accuracy.low) -- of half as many samples
    assert.is_nil(found.test.overlap)
    assert.matches("test overlap [%d.]+ %(95 %% interval over seeds [%d.]+ to [%d.]+; it does not cover other "
      .. "samples%)", page)
  end)

  it("cannot have a negative or broken number of fresh seeds", function()
    for _, value in ipairs { "-1", "2.5", '"5"', "true" } do
      fakes.write(folder .. "/lab.lua", (SCRIPT:gsub("%f[%u]%u%u%u%u+%f[%U]", { WIDTHS = "{ 2 }", SEEDS = "{ 1 }",
        CONFIRM = "confirm = " .. value .. ",", MORE = "" })))
      local code, _, err = sh "NNRUN lab.lua -q"
      assert.equal(2, code)
      contains(err, "lab.lua:6: Experiment: confirm: expected how many fresh seeds the chosen variant gets, a whole "
        .. "number from 0, got ")
    end
  end)
end)
