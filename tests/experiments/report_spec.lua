-- Reports are written from folders, so the tests make such folders: experiments that never ran.
local lfs = require "lfs"
local fake = require("tests.support.report_fakes").new
local write_file = require("tests.support.experiment_fakes").write

local function read_file(path)
  local file <close> = assert(io.open(path, "rb"))
  return (file:read "a")
end

-- All kinds of sections, one seed.
local function one_seed(folder)
  local lab = fake(folder, { class_names = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" } })
  lab:section { kind = "note", text = "Following *Deep Learning for Beginners*, we begin with a **small** network." }
  lab:section { kind = "trial", title = "Baseline", variants = { lab:variant {} } }
  local widths = lab:sweep("Width", { { "width", { 50, 100, 200, 300, 500 } } })
  lab:sweep("Depth", { { "depth", { 2, 3, 4, 5 } } }, { width = 300 })
  lab:sweep("Activation", { { "activation", { "relu", "tanh", "sigmoid" } } })
  lab:sweep("Learning rate", { { "learning_rate", { 0.0001, 0.001, 0.01, 0.02 } } })
  lab:sweep("Rate and width", { { "learning_rate", { 0.0001, 0.001, 0.01 } }, { "width", { 50, 100, 200 } } })
  lab:section { kind = "figure", title = "First-layer weights", markdown = "![weights](charts/weights.png)" }
  lab:conclude(widths.variants[5])
  return lab
end

-- Five seeds, of which some diverged and some failed.
local function five_seeds(folder)
  local lab = fake(folder, { seeds = { 1, 2, 3, 4, 5 }, overrides = { epochs = 5 } })
  lab:section { kind = "trial", title = "Baseline", variants = { lab:variant {} } }
  local widths = lab:sweep("Width", { { "width", { 50, 100, 200, 300, 500 } } })
  lab:sweep("Learning rate", { { "learning_rate", { 0.0001, 0.001, 0.01, 1 } } }, nil, {
    [0.01] = { [2] = { status = "diverged", reason = "the loss was nan in epoch 2", score = false } },
    [1] = {
      { status = "diverged", reason = "the loss was nan in epoch 1", score = false },
      { status = "failed", reason = "lab.lua:14: a | bar\nand a second line", score = false },
      { status = "timeout", reason = "longer than 60 s", score = false },
      { status = "crashed", reason = "killed by SIGSEGV", score = false }, "missing",
    },
  })
  lab:conclude(widths.variants[5])
  return lab
end

local report = require "nn.report"
local blame = require "nn.support.blame"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"

local NNRUN = require("tests.support.runs").PROGRAM

local root

local function remove(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then remove(path .. "/" .. name) end
    end
  end
  os.remove(path)
end

local function exists(path)
  return lfs.attributes(path) ~= nil
end

local function written(lab)
  return read_file(report.write(lab:save()))
end

local function contains(text, part)
  assert(text:find(part, 1, true), ("not found: %s\nin:\n%s"):format(part, text))
end

local function lacks(text, part)
  assert(not text:find(part, 1, true), ("found: %s\nin:\n%s"):format(part, text))
end

-- The lines of a page from one heading to the next of its kind.
local function part_of(page, heading)
  local first = assert(page:find("## " .. heading .. "\n", 1, true), "no heading " .. heading)
  return page:sub(first, (page:find("\n## ", first, true) or #page))
end

-- The sentences below the table of the sweep "Width".
local function said_about(options, scores)
  remove(root .. "/said")
  local lab = fake(root .. "/said", options)
  lab:scored_sweep(scores)
  return part_of(written(lab), "Width"):match("|\n\n([^\n|!]+)\n\n")
end

describe("a report", function()
  local page, folder

  setup(function()
    root = os.tmpname()
    os.remove(root)
    lfs.mkdir(root)
    folder = root .. "/one"
    page = written(one_seed(folder))
  end)

  teardown(function() remove(root) end)

  it("begins with the answer, then sections in their order, the data, how to run it again", function()
    local position = 0
    for _, text in ipairs {
      "# A deep network for MNIST\n", "**Result.** The best variant is `", "\n\nContents: [All "
        .. "variants](#all-variants) · ",
      "## All variants\n", "## How to read the scores\n",
      "looks for the highest validation accuracy: 17 variants in 6 sections, one seed each: 17 trials.",
      "| learning_rate | 0.001   | Learning rate, Rate and width |",
      "Following *Deep Learning for Beginners*, we begin with a **small** network.", "## Baseline\n", "## Width\n",
      "## Depth\n", "## Activation\n", "## Learning rate\n", "## Rate and width\n", "## First-layer weights\n",
      "![weights](charts/weights.png)", "## Conclusion\n", "## Data\n", "## Running it again\n", "```sh\nnnrun "
        .. "experiments/mnist_lab.lua\n```",
      "| processor ",
    } do
      position = assert(page:find(text, position + 1, true), "not found, or not in its place: " .. text)
    end
  end)

  it("says what the trials of a sweep came to", function()
    local part = part_of(page, "Depth")
    contains(part, "Varied: `depth` (2, 3, 4, 5). With `width = 300`. 4 variants, 1 seed each: 4 trials.")
    contains(part, "|     5 |          **0.9720** |              0.9686 to 0.9750 |            0.9929 |         "
      .. "0.09248 |")
    contains(part, "|    599,710 |    37.5 |")
  end)

  it("leads from each number to the folder of its trial", function()
    local count = 0
    for name in page:gmatch "%[(%x+)%] +|" do
      local target = page:match("\n%[" .. name .. "%]: (trials/%x+/)\n")
      assert(target and exists(folder .. "/" .. target .. "trial.json"), name)
      count = count + 1
    end
    assert(count > 17)
  end)

  it("has relative links only, to files that are there", function()
    for target in page:gmatch "%]%((charts/[^)]+%.svg)%)" do
      if not target:find "confusion" then
        assert(exists(folder .. "/" .. target:gsub("svg$", "gp")), target)
        assert(exists(folder .. "/" .. target:gsub("svg$", "csv")), target)
      end
    end
    lacks(page, folder)
    lacks(page, "](/")
  end)

  it("draws the score against what was varied, and learning curves", function()
    for _, name in ipairs {
      "width-score", "width-accuracy", "width-loss", "activation-score", "rate_and_width-score", "baseline-accuracy",
    } do
      assert(exists(folder .. "/charts/" .. name .. ".csv"), name)
    end
    assert.is_false(exists(folder .. "/charts/baseline-score.csv"))
    contains(read_file(folder .. "/charts/learning_rate-score.gp"), "logscale x")
    lacks(read_file(folder .. "/charts/width-score.gp"), "logscale x")
    contains(read_file(folder .. "/charts/activation-score.csv"), "sigmoid")
  end)

  it("describes the data", function()
    local part = part_of(page, "Data")
    contains(part, "| samples     |                  50,000 |                  10,000 |                  10,000 |")
    contains(part, "28 x 28 float32, 0 to 1")
    contains(part, "`train-images-idx3-ubyte.gz` | `0123456789abcdef")
    contains(part, "| 0     | 5,375 (10.8 %) |")
    contains(part_of(page, "All variants"),
      "For comparison: always answering class 5 gives a validation accuracy of 0.1074.")
  end)

  it("tells what the chosen variant does on test data, and how often that was used", function()
    local part = part_of(page, "Conclusion")
    contains(part, "**test accuracy 0.9756 (95 % interval for new samples 0.9724 to 0.9784)**")
    contains(part, "The test set was used once, after the choice.")
    contains(part, "The test result is free of that, but still varies with the 10,000 test samples.")
    contains(part, "| 0     |          990 | 0.9798 |    0.9798 | 3 (4 times) ")
    contains(part, "![confusion matrix](charts/confusion.svg)")
    contains(page:match "%*%*Result%.%*%*[^\n]+", "conclusion is `width = 500`, test accuracy **0.9756")
  end)

  it("does not call the chosen variant the highest where it is not", function()
    lacks(part_of(page, "Conclusion"), "the highest")
  end)

  it("is the same when written again", function()
    local table_of_trials = read_file(folder .. "/trials.csv")
    assert.equal(page, read_file(report.write(folder)))
    assert.equal(table_of_trials, read_file(folder .. "/trials.csv"))
  end)

  describe("compares", function()
    it("means over seeds with Student's interval, and says how many seeds a test takes", function()
      local scores = { [50] = { 0.95, 0.96, 0.97 }, [100] = { 0.98, 0.981, 0.982 } }
      assert.equal("`width = 100` has the highest validation accuracy, 0.9810 (95 % interval over seeds 0.9785 to "
        .. "0.9835). The next is `width = 50` (0.9600, 0.0210 lower).", said_about({ seeds = { 1, 2, 3 } }, scores))
      local text = read_file(root .. "/said/report.md")
      contains(text, "3 seeds are too few for a test; `--seeds 6` would do.")
      contains(text, "| variant       | difference |      95 % interval |\n")
      for _, word in ipairs { "| rank", "| p ", "significant" } do lacks(text, word) end
    end)

    it("variants by a test where there are seeds enough, and never against the interval beside it", function()
      local scores = { [50] = {}, [100] = {}, [200] = {} }
      for seed = 1, 8 do
        scores[50][seed] = 0.95 + seed / 1000
        scores[100][seed] = 0.97 + seed * seed % 7 / 1000
        scores[200][seed] = 0.95 + seed / 1000 + (seed - 3) / 5000
      end
      local seeds = { 1, 2, 3, 4, 5, 6, 7, 8 }
      said_about({ seeds = seeds }, scores)
      local text = read_file(root .. "/said/report.md")
      contains(text, "Intervals and p-values are corrected for 2 comparisons (exact sign-flip test, Holm's method).")
      contains(text, "| `width = 100` |    +0.0174 | +0.0130 to +0.0205 | 0.016 | yes         |")
      contains(text, "| `width = 200` |    +0.0003 | -0.0001 to +0.0007 | 0.172 | no          |")
      contains(text, "Compared with `width = 50`, `width = 100` is better by 0.0174, in 8 of 8 seeds. A failure "
        .. "that is rarer than one run in eight may not show in these runs.")
      contains(text, "The best is significantly better than both others; the next is `width = 200` (0.9548, 0.0171 "
        .. "lower).")
    end)

    it("what is better where less is better, and over how many seeds where runs were lost", function()
      local scores, seeds = { [50] = {}, [100] = {}, [200] = {} }, {}
      for seed = 1, 8 do
        seeds[seed] = seed
        scores[50][seed], scores[100][seed], scores[200][seed] = 1 + seed / 100, 0.84 + seed / 100, 1.46 + seed / 100
      end
      scores[100][8] = "diverged"
      said_about({ seeds = seeds, objective = "val_loss", mode = "min", traits = { loss = { better = "min" } } },
        scores)
      contains(read_file(root .. "/said/report.md"), "Compared with `width = 50`, `width = 100` is better by 0.16000, "
        .. "in 7 of the 7 seeds that both finished; of its 8 runs, 1 diverged; `width = 200` is worse by 0.46000, in 8 "
        .. "of 8 seeds.")
    end)

    it("and names the runs that collapsed, and the differences that rest on them", function()
      local scores, seeds = { [50] = {}, [100] = {}, [200] = {} }, {}
      for seed = 1, 14 do
        seeds[seed] = seed
        scores[50][seed] = 0.95 + seed / 10000
        scores[100][seed] = 0.96 + (seed * 7 % 5) / 10000
        scores[200][seed] = 0.9503 + (seed * 3 % 4) / 10000
      end
      for _, seed in ipairs { 2, 5, 7, 9, 11, 13 } do scores[50][seed] = 0.1 + seed / 1000 end
      said_about({ seeds = seeds }, scores)
      local text = read_file(root .. "/said/report.md")
      contains(text, "Six of the 14 runs of `width = 50` collapsed, to 0.1020, 0.1050, 0.1070, 0.1090, 0.1110 and "
        .. "0.1130; the median run has 0.95")
      contains(text, "`width = 100` is better by 0.3707, in 14 of 14 seeds; without the runs that collapsed it "
        .. "is better by 0.0095; `width = 200` is better by 0.3610, in 8 of 14 seeds; without the runs that "
        .. "collapsed it is worse by 0.0003, which is not significant.")
      contains(text:match "%*%*So far%.%*%*[^\n]+", "Six of the 14 runs of `width = 50` collapsed")
      assert.not_matches("runs of `width = 100` collapsed", text)
    end)

    it("with a power for the seeds that a pair shares", function()
      local scores, seeds = { [50] = {}, [100] = {}, [200] = {} }, {}
      for seed = 1, 10 do
        seeds[seed] = seed
        scores[50][seed], scores[100][seed] = 0.95 + (seed * 3 % 7) / 1000, 0.95 + (seed * 5 % 7) / 1000
        scores[200][seed] = seed > 3 and "failed" or 0.95
      end
      said_about({ seeds = seeds }, scores)
      contains(read_file(root .. "/said/report.md"),
        "With 3 to 10 seeds, half of these comparisons would find a true difference of 0.0")
    end)

    it("single runs, and says that they are single", function()
      local said = said_about({}, { [50] = { 0.95 }, [100] = { 0.98 } })
      assert.equal("`width = 100` has the highest validation accuracy, 0.9800 (95 % interval for new samples 0.9771 to "
        .. "0.9826). The next is `width = 50` (0.9500, 0.0300 lower).", said)
      contains(read_file(root .. "/said/report.md"), "With one seed for each variant, a difference may be luck; "
        .. "`--seeds 6` would allow a test.")
    end)

    it("single runs by a loss, without interval", function()
      local said = said_about({ objective = "val_loss", mode = "min" }, { [50] = { 0.25 }, [100] = { 0.125 } })
      contains(said, "`width = 100` has the lowest validation loss, 0.12")
      contains(said, "The next is `width = 50` (0.25")
      contains(said, " higher).")
    end)

    it("many, of which it names the first", function()
      local scores = {}
      for width = 1, 6 do scores[width * 10] = { 0.9 - width / 10000 } end
      local said = said_about({}, scores)
      contains(said, "The next is `width = 20` (0.8998, 0.0001 lower).")
      -- Among equal variants that of the best often lies apart from another's interval.
      assert.not_matches("margin of error", said)
    end)

    it("only variants that lost no run", function()
      local said = said_about({ seeds = { 1, 2, 3 } }, {
        [50] = { 0.95, 0.951, 0.952 }, [100] = { 0.99, 0.991, "diverged" }, [200] = { "diverged", "timeout", "failed" },
        [300] = { "diverged", "diverged", "diverged" },
      })
      contains(said, "`width = 50` is the only variant whose runs all finished: its validation accuracy is 0.9510 "
        .. "(95 % "
        .. "interval over seeds 0.9485 to 0.9535).")
      contains(said, "The mean of `width = 100` is over 2 of its 3 runs; 1 diverged.")
      contains(said, "`width = 200` has no score: 1 diverged, 1 failed and 1 timed out.")
      contains(said, "`width = 300` has no score: all three runs diverged.")
    end)

    it("and counts variants whose runs ended alike", function()
      local lab, scores = fake(root .. "/alike", {}), {}
      for i = 1, 5 do scores[10 * i] = { "failed" } end
      lab:scored_sweep(scores)
      local text = written(lab)
      contains(part_of(text, "Width"), "Five variants have no score: of each, the only run failed.")
      local lost = part_of(text, "Trials without a result")
      contains(lost, "5 trials failed for the same reason: ")
      contains(lost, "; the first is [")
      lacks(lost, "| trial")
    end)

    it("names variants of a grid by all that it varies, and one number of seeds in all places", function()
      local lab = fake(root .. "/names", { seeds = { 1, 2, 3 } })
      local widths = lab:sweep("Width and depth", { { "width", { 50, 100 } }, { "depth", { 2, 3 } } })
      lab:sweep("Activation", { { "activation", { "relu", "tanh", "sigmoid" } } })
      lab:conclude(widths.variants[3])
      local text = written(lab)
      contains(part_of(text, "Conclusion"), "Chosen: `width = 100, depth = 2`")
      contains(text, "`width = 50, depth = 2`")
      lacks(text, "`width = 100`")
      lacks(text, "the defaults")
      local hints = {}
      for number in text:gmatch "%-%-seeds (%d+)" do hints[#hints + 1] = number end
      assert.is_true(#hints > 1)
      for _, number in ipairs(hints) do assert.equal(hints[1], number) end
    end)

    it("with the score of fresh seeds too, where other variants lost runs", function()
      local lab = fake(root .. "/fresh", { seeds = { 1, 2, 3 } })
      local section = lab:scored_sweep({ [50] = { 0.95, 0.951, 0.952 }, [100] = { 0.99, "diverged", 0.991 } })
      local chosen, seeds, ids, tests = section.variants[1], { 4, 5, 6, 7 }, {}, {}
      for i, seed in ipairs(seeds) do
        local fate = i == 4 and { status = "failed", score = false } or { score = 0.94 + i / 1000 }
        ids[i] = lab:trial(chosen.params, seed, fate)
        tests[i] = i < 4 and { id = ids[i], metrics = { accuracy = 0.93 + i / 1000 } } or nil
      end
      local fresh = { params = chosen.params, changed = chosen.changed, trials = ids }
      lab:section { kind = "confirmation", title = "Fresh seeds", variant = fresh, seeds = seeds,
        chosen = chosen.trials[1] }
      lab:conclude(chosen, { fresh = { variant = fresh, seeds = seeds, score = 0.942, test = { trials = tests } } })
      local text = written(lab)
      local said = text:match "%*%*Result%.%*%*[^\n]+"
      contains(said, "`width = 50` is the only variant whose runs all finished: its validation accuracy is 0.9510 ")
      contains(said, "test accuracy of the fresh seeds **0.9320 (95 % interval over seeds 0.9295 to 0.9345; it does "
        .. "not cover other samples)**; always answering class 5 gives 0.1069. On three of four fresh seeds its "
        .. "validation accuracy is 0.9420 (95 % interval over seeds 0.9395 to 0.9445); the three seeds that chose it "
        .. "gave 0.9510.")
      lacks(said, "As the best of")
      contains(part_of(text, "Trials without a result"), "Fresh seeds")
    end)

    it("two runs without an interval", function()
      local said = said_about({ seeds = { 1, 2 } }, { [50] = { 0.95, "diverged" }, [100] = { 0.93, 0.97 } })
      contains(said, "validation accuracy is 0.9500 (2 runs only).")
      said_about({ seeds = { 1, 2 } }, { [50] = { 0.95, 0.96 }, [100] = { 0.93, 0.97 } })
      local text = read_file(root .. "/said/report.md")
      lacks(text, "seed by seed")
      contains(text, "2 seeds are too few for a test; `--seeds 6` would do.")
      contains(said, "Only one of the 2 runs of `width = 50` has a score; 1 diverged.")
    end)

    it("and warns where the best value is at the border of those tried", function()
      local inside = { [50] = { 0.95 }, [100] = { 0.98 }, [200] = { 0.97 } }
      lacks(said_about({}, inside), "may be better")
      local at_the_end = { [50] = { 0.95 }, [100] = { 0.96 }, [200] = { 0.97 } }
      contains(said_about({}, at_the_end), "The best `width`, 200, is the largest value tried; larger values may be "
        .. "better.")
      lacks(said_about({}, { [50] = { 0.95 }, [100] = { 0.96 } }), "may be better")
      -- but not where one that lost a run scores better
      lacks(said_about({ seeds = { 1, 2 } }, { [50] = { 0.9, 0.9 }, [100] = { 0.8, 0.8 }, [200] = { 0.99,
        "diverged" } }),
        "may be better")
    end)
  end)

  describe("takes equal scores for a tie:", function()
    it("of all variants, with no winner and no border", function()
      local said = said_about({}, { [50] = { 0.3 }, [100] = { 0.3 }, [200] = { 0.3 } })
      assert.equal("All three variants have the same validation accuracy, 0.3000 (95 % interval for new samples 0.2911 "
        .. "to 0.3091).", said)
      local text = read_file(root .. "/said/report.md")
      lacks(text, "**0.3000**")
      contains(text, "**So far.** All three variants have the same validation accuracy")
      lacks(text, "may be luck")
    end)

    it("of means whose last bits differ", function()
      local said = said_about({ seeds = { 1, 2, 3 } }, { [50] = { 0.1, 0.2, 0.3 }, [100] = { 0.3, 0.2, 0.1 } })
      contains(said, "Both variants have the same")
      lacks(read_file(root .. "/said/report.md"), "seed by seed")
    end)

    it("of the first ones", function()
      local said = said_about({}, { [50] = { 0.9 }, [100] = { 0.8 }, [200] = { 0.9 } })
      contains(said, "`width = 50` and `width = 200` share the highest validation accuracy, 0.9000")
      lacks(said, "may be better")
    end)

    it("of a conclusion, which takes the first", function()
      local lab = fake(root .. "/equal", {})
      local section = lab:scored_sweep({ [50] = { 0.9 }, [100] = { 0.9 }, [200] = { 0.8 } })
      lab:conclude(section.variants[1])
      local text = written(lab)
      contains(text:match "%*%*Result%.%*%*[^\n]+", "`width = 50` and `width = 100` share the highest validation "
        .. "accuracy, 0.9000 (95 % interval for new samples 0.8940 to 0.9057). The first of them was chosen, "
        .. "`width = 50`, test accuracy **0.97")
      contains(part_of(text, "Conclusion"), "the first of two variants that share the highest validation accuracy")
    end)

    it("of runs that are all the same", function()
      local said = said_about({ seeds = { 1, 2, 3 } }, { [50] = { 1, 1, 1 }, [100] = { 1, 1, 0.9 } })
      contains(said, "`width = 50` has the highest validation accuracy, 1.0000 in all 3 runs (95 % interval for new "
        .. "samples and new seeds 0.9996 to 1.0000).")
    end)
  end)

  describe("of a search", function()
    local text

    local function search(scores, options)
      remove(root .. "/search")
      local lab = fake(root .. "/search", options)
      local section = lab:scored_sweep(scores)
      section.method = "random"
      text = part_of(written(lab), "Width")
    end

    it("sorts the table by score, those without one last", function()
      search { [10] = { "diverged" }, [20] = { 0.9 }, [30] = { 0.95 }, [40] = { 0.92 }, [60] = { "failed" } }
      local order = {}
      for width in text:gmatch "\n| +(%d+) |" do order[#order + 1] = width end
      assert.same({ "30", "40", "20", "10", "60" }, order)
      contains(text, "The table is sorted by score.")
    end)

    it("compares with the best where the defaults were not drawn, not with the first drawn", function()
      search({ [10] = { 0.9, 0.91, 0.92 }, [20] = { 0.95, 0.96, 0.97 }, [30] = { 0.8, 0.81, 0.82 } }, { seeds = { 1,
        2, 3 } })
      contains(text, "Each variant minus `width = 20`, seed by seed.")
      search({ [10] = { 0.9, 0.91, 0.92 }, [20] = { 0.95, 0.96, 0.97 }, [50] = { 0.8, 0.81, 0.82 } }, { seeds = { 1,
        2, 3 } })
      contains(text, "Each variant minus `width = 50`, seed by seed.")
    end)
  end)

  it("knows what a metric is by what is recorded, not by its name", function()
    local lab = fake(root .. "/hits", { objective = "val_accuracy", mode = "max",
      traits = { accuracy = { better = "max" } } })
    lab:scored_sweep({ [50] = { 1234.5 }, [100] = { 1250 } })
    lacks(part_of(written(lab), "Width"), "95 % interval")
  end)

  it("tells the weights of classes and of samples", function()
    local lab = fake(root .. "/weights", { class_weight = { ["0"] = 1, ["1"] = 2.5 } })
    lab.manifest.data.train.sample_weight = { { shape = { 50000 }, dtype = "float32", min = 0.5, max = 3 } }
    local part = part_of(written(lab), "Data")
    contains(part, "Class weights in training: 1 for 0 and 2.5 for 1.")
    assert.matches("| sample weight |[^|]*one float32, 0%.500 to 3[^|]*|[^|]*%-[^|]*|", part)
    lab.manifest.class_weight = "balanced"
    contains(part_of(written(lab), "Data"), "Class weights in training: `balanced`.")
  end)

  it("writes one number of decimals in a column", function()
    local lab = fake(root .. "/decimals", { objective = "val_mae", mode = "min",
      traits = { mae = { better = "min" } } })
    lab:sweep("Width", { { "width", { 50, 100, 200 } } }, nil, {
      [50] = { { score = 460, metrics = { val_mae = 460 } } }, [100] = { { score = 459.1,
        metrics = { val_mae = 459.1 } } },
      [200] = { { score = 89.6296, metrics = { val_mae = 89.6296 } } },
    })
    local part = part_of(written(lab), "Width")
    for _, text in ipairs { "460.00 |", "459.10 |", "**89.63** |", "(459.10, 369.47 higher)" } do contains(part,
      text) end
  end)

  it("lists all variants of all sections, best first, with links", function()
    local board = part_of(page, "All variants")
    local last = math.huge
    for score in board:gmatch "|%s+%**(0%.%d+)%**%s+|%s+0%." do
      assert(tonumber(score) <= last, score)
      last = tonumber(score)
    end
    assert(last < 1)
    contains(board, "[Rate and width](#rate-and-width)")
  end)

  it("keeps an interval of accuracies within 0 and 1", function()
    contains(said_about({ seeds = { 1, 2, 3 } }, { [50] = { 0.999, 0.97, 0.99 } }), "to 1.0000")
  end)

  it("lists trials that have no result, with reasons that cannot break the table", function()
    local lab = five_seeds(root .. "/five")
    local text = written(lab)
    local part = part_of(text, "Trials without a result")
    contains(part, "| `learning_rate = 1`    |    2 | failed   | lab.lua:14: a \\| bar and a second line |")
    contains(part, "|    5 | missing  | its folder is not there ")
    contains(part, "| diverged | the loss was nan in epoch 2 ")
    contains(part_of(text, "Learning rate"), "] diverged [")
    contains(text, "5 (given on the command line)")
    contains(part_of(text, "Conclusion"),
      "with the highest validation accuracy of the variants whose runs all finished: 0.9")
    contains(part_of(text, "Conclusion"), "[657c08] 0.9756, ")
  end)

  it("writes trials.csv in the order planned, whatever the order in which trials finished", function()
    local function csv_of(name, first_widths)
      local lab = fake(root .. "/" .. name, {})
      for _, width in ipairs(first_widths) do
        lab:variant { width = width }
      end
      lab:sweep("Width", { { "width", { 50, 100 } } })
      lab:sweep("Both", { { "width", { 100, 200 } } })
      written(lab)
      return read_file(lab.folder .. "/trials.csv")
    end
    local text = csv_of("order_a", { 50, 100, 200 })
    assert.equal(text, csv_of("order_b", { 200, 100, 50 }))
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal("id,section,seed,status,reason,activation,batch_size,depth,epochs,learning_rate,width,"
      .. "accuracy,loss,val_accuracy,val_loss,parameters,seconds,started,finished", lines[1])
    assert.equal(4, #lines)
    assert.matches("^%x+,Width,1,complete,,relu,100,2,5,0.001,50,", lines[2])
    assert.matches("^%x+,Width; Both,1,complete,,relu,100,2,5,0.001,100,", lines[3])
    assert.matches("^%x+,Both,1,", lines[4])
  end)

  it("quotes what would break trials.csv, and tells a parameter from a metric of the same name", function()
    local lab = fake(root .. "/quotes", { params = {
      activation = 'a, "b"\nc', depth = 2, epochs = 1, learning_rate = 0.001, loss = "mse", width = 50,
      layers = { 5, 6 },
    } })
    lab:section { kind = "trial", variants = { lab:variant({}, { { status = "failed", reason = "one,\ntwo" } }) } }
    written(lab)
    local text = read_file(lab.folder .. "/trials.csv")
    contains(text, 'depth,epochs,layers,learning_rate,param.loss,width,accuracy,loss,')
    contains(text, ',failed,"one, two","""a, \\""b\\""\\nc""",2,1,"{ 5, 6 }",0.001,mse,50,')
  end)

  describe("can be written while", function()
    it("nothing has run", function()
      contains(written(fake(root .. "/empty", { status = "running" })), "> **Not finished**")
    end)

    it("a sweep is half done", function()
      local lab = fake(root .. "/half", { status = "running", progress = { done = 2, planned = 4 } })
      local section = lab:sweep("Width", { { "width", { 50, 100, 200, 300 } } }, nil,
        { [200] = { "missing" }, [300] = { "missing" } })
      section.finished = false
      local text = written(lab)
      contains(text, "> **Not finished**: 2 of 4 trials done when this page was written.")
      contains(text, "4 variants, 1 seed each: 4 trials. **2 of 4 done so far.**")
      contains(text, " waiting |")
      lacks(text, "## Trials without a result")
      lacks(text, "has no score")
    end)

    it("no trial has a score", function()
      local lab = fake(root .. "/none", { status = "interrupted" })
      lab:sweep("Width", { { "width", { 50, 100 } } }, nil, { [50] = { "missing" }, [100] = { "missing" } })
      local text = written(lab)
      contains(text, "> **Interrupted**")
      contains(text, "No trial has a score yet.")
    end)

    it("files are damaged", function()
      local lab = fake(root .. "/damaged", {})
      local section = lab:sweep("Width", { { "width", { 50, 100, 200 } } })
      local function spoil(i, name, text)
        write_file(("%s/trials/%s/%s"):format(lab.folder, section.variants[i].trials[1], name), text)
      end
      spoil(1, "trial.json", '{"status": "compl')
      spoil(2, "history.csv", "epoch,loss,accuracy\n1,\0\255,,,,\n\n2,nan,0.5\nxyz")
      spoil(3, "trial.json", '{"status": "complete", "score": "high", "metrics": 3, "test": [], "seconds": {}}')
      local text = written(lab)
      contains(text, "unreadable | trial.json is damaged")
      contains(text, "`width = 100`")
    end)
  end)

  it("needs experiment.json, whole", function()
    assert.error_matches(function() report.write(root .. "/nowhere") end, "no experiment has run there")
    lfs.mkdir(root .. "/broken")
    for _, garbage in ipairs { "", "{", "3", '"x"', "\0", "{]" } do
      write_file(root .. "/broken/experiment.json", garbage)
      assert.error_matches(function() report.write(root .. "/broken") end, "experiment%.json is damaged")
    end
  end)

  it("ends the program with status 4 where it cannot be written", function()
    local lab = fake(root .. "/unwritable", {})
    lfs.mkdir(lab:save() .. "/trials.csv")
    local ok, problem = pcall(report.write, lab.folder)
    assert.is_false(ok)
    assert(blame.is_fatal(problem), tostring(problem))
    assert.equal(4, problem.status)
    assert.matches("cannot write .*unwritable/trials.csv: ", problem.message)
  end)

  it("shouts where data was generated", function()
    local lab = fake(root .. "/generated", { warnings = { "GENERATED | digits, not MNIST" } })
    for _, name in ipairs { "train", "validation", "test" } do lab.manifest.data[name].source.synthetic = true end
    local text = written(lab)
    contains(text, "> **GENERATED DATA.** This is not the real mnist")
    contains(text, "Source: **generated** data in place of mnist.")
    contains(text, "## Warnings\n\n- GENERATED | digits, not MNIST\n")
  end)

  it("says plainly that every trial was tested, and shows it", function()
    local lab = fake(root .. "/tested", { test_every_trial = true })
    local sweep = lab:sweep("Width", { { "width", { 50, 100 } } }, nil, {
      [50] = { { test = { accuracy = 0.9512, loss = 0.2 } } }, [100] = { { test = { accuracy = 0.9623, loss = 0.2 } } },
    })
    lab:conclude(sweep.variants[2], { before_choice = 2 })
    for i = 1, 3 do lab.manifest.test_uses[i] = { what = "a trial" } end
    local text = written(lab)
    contains(text, "**Every trial was measured on the test data too.** Do not choose a model by these scores")
    contains(part_of(text, "Width"), "| test accuracy |")
    contains(part_of(text, "Width"), "|        0.9512 |")
    contains(text, "The test set was used 3 times, 2 of them before the choice. The variant was chosen by its "
      .. "validation "
      .. "accuracy alone. But if you looked at test results")
    contains(read_file(lab.folder .. "/trials.csv"), ",test_accuracy,test_loss,")
  end)

  it("describes the model of a single trial and of the conclusion", function()
    local lab = fake(root .. "/model", {})
    local function layer(class, config) return { class_name = class, config = config } end
    local layers = {
      layer("InputLayer", { shape = { 28, 28 } }), layer("Embedding", { input_dim = 256, output_dim = 8 }),
      layer("Bidirectional", { layer = layer("LSTM", { units = 4 }) }), layer("Dropout", { rate = 0.5 }),
      layer("Dense", { units = 50, activation = "relu" }), layer("Dense", { units = 10, activation = "linear" }),
    }
    local variant = lab:variant({}, { {
      model = layer("Sequential", { layers = layers }), compile = { loss = "mse", optimizer = layer("Adam") },
    } })
    lab:section { kind = "trial", title = "One", variants = { variant } }
    lab:conclude(variant)
    local text = written(lab)
    local sentence = "The model: input 28 x 28, Embedding 256 8, Bidirectional LSTM 4, Dropout 0.5, Dense 50 relu, "
      .. "Dense 10; loss mse; optimizer Adam."
    contains(part_of(text, "One"), sentence)
    contains(part_of(text, "Conclusion"), sentence)
  end)

  it("draws what differs very much on a logarithmic axis", function()
    local options = { objective = "val_loss", mode = "min" }
    said_about(options, { [50] = { 0.2 }, [100] = { 7 }, [200] = { 7 } })
    contains(read_file(root .. "/said/charts/width-score.gp"), "logscale y")
    said_about(options, { [50] = { 0.2 }, [100] = { 5 }, [200] = { 5 } })
    lacks(read_file(root .. "/said/charts/width-score.gp"), "logscale y")
    said_about(options, { [50] = { 0 }, [100] = { 7 }, [200] = { 7 } })
    lacks(read_file(root .. "/said/charts/width-score.gp"), "logscale y")
  end)

  it("tells recall from precision", function()
    local lab = fake(root .. "/classes", { class_names = { "cat", "d|g" } })
    lab:conclude(lab:sweep("Width", { { "width", { 50 } } }).variants[1], { confusion = { { 6, 2 }, { 0, 3 } } })
    local part = part_of(written(lab), "Conclusion")
    contains(part, "| cat (0)  |            8 | 0.7500 |    1.0000 | d\\|g (twice)            |")
    contains(part, "| d\\|g (1) |            3 | 1.0000 |    0.6000 | -                       |")
  end)

  it("says which epoch is scored", function()
    contains(page, "A trial's score is its validation accuracy after the last epoch.")
    local lab = fake(root .. "/keep", { keep = "best" })
    lab:sweep("Width", { { "width", { 50, 100 } } })
    contains(written(lab), "A trial's score is its validation accuracy after its best epoch, whose weights are kept")
  end)

  it("gives sections of the same title charts of their own", function()
    local lab = fake(root .. "/twice", {})
    lab:sweep("Width", { { "width", { 50, 100, 150 } } })
    lab:sweep("Width", { { "width", { 200, 300, 400 } } })
    local text = written(lab)
    contains(text, "(charts/width-score.svg)")
    contains(text, "(charts/width-2-score.svg)")
  end)

  it("shows the user's words as they are", function()
    local lab = fake(root .. "/words", { title = "A *b* [c](d) <e> #" })
    lab:sweep("Rate | _x_", { { "activation", { "a|b", "`c`" } } })
    local text = written(lab)
    contains(text, "# A \\*b\\* \\[c\\](d) \\<e> \\#\n")
    contains(text, "## Rate | \\_x\\_\n")
    contains(text, "| a\\|b       |")
    contains(text, "`` activation = `c` ``")
  end)

  it("runs on two varied parameters and on lists of variants", function()
    assert.matches("\n%*Validation accuracy by learning\\?_rate and width; darker is higher%.%*\n", page)
    local lab = fake(root .. "/list", {})
    local section = lab:sweep("List", { { "width", { 50 } } })
    section.varied = {}
    section.variants = { lab:variant { width = 70 }, lab:variant { depth = 4, width = 71 }, lab:variant {} }
    local text = part_of(written(lab), "List")
    contains(text, "Variants as listed. 3 variants, 1 seed each")
    contains(text, "| depth | width |")
    contains(text, "`depth = 4, width = 71` has the highest")
    assert(exists(lab.folder .. "/charts/list-score.csv"))
  end)
end)

describe("nnrun report", function()
  local folder

  local function run(words, environment)
    local pipe <close> = io.popen(("%s '%s' report %s 2>&1"):format(environment or "", NNRUN, words))
    local output = pipe:read "a"
    local _, _, status = pipe:close()
    return output, status
  end

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    lfs.mkdir(folder)
    five_seeds(folder .. "/mnist_lab"):save()
  end)

  teardown(function() remove(folder) end)

  it("writes the report of an experiment by its name or folder", function()
    local output, status = run(("mnist_lab --reports '%s'"):format(folder))
    assert.equal(folder .. "/mnist_lab/report.md\n", output)
    assert.equal(0, status)
    assert(exists(folder .. "/mnist_lab/report.md"))
    assert.equal(0, select(2, run(("'%s/mnist_lab/'"):format(folder))))
  end)

  it("names the nearest experiment where there is none of that name", function()
    local output, status = run(("mnist_lob --reports '%s'"):format(folder))
    assert.equal(2, status)
    contains(output, "did you mean mnist_lab?")
  end)

  it("makes do without gnuplot", function()
    local output, status = run(("mnist_lab --reports '%s'"):format(folder), "PATH=/nonexistent")
    assert.equal(0, status)
    contains(output, "gnuplot is not installed")
    local page = read_file(folder .. "/mnist_lab/report.md")
    contains(page, "charts/width-score.csv")
    lacks(page, ".svg)\n\n*Validation")
  end)
end)

describe("the numbers of a report", function()
  it("have sensible digits", function()
    local share = { low = 0, high = 1 }
    assert.equal("0.9779", format.number(0.97787, format.decimals({ 0.97787, 0.1 }, share)))
    assert.same({ "460.00", "459.10", "89.63" }, { format.number(460, 2), format.number(459.1, 2),
      format.number(89.6296, format.decimals { 460, 459.1, 89.6296 }) })
    assert.equal("0.07120", format.number(0.0712, format.decimals { 0.0712 }))
    assert.equal("12,345.60", format.number(12345.6, 2))
    assert.equal("1.000e-12", format.number(1e-12, format.decimals { 1e-12, 0 }))
    assert.equal("0.0000", format.number(-1e-9, 4))
    assert.same({ "nan", "inf", "-inf", "-" }, { format.number(0 / 0, 4), format.number(math.huge, 4),
      format.number(-math.huge, 4), format.number(nil, 4) })
    assert.equal("1.000e-12", format.significant(1e-12, 4))
    assert.equal("1,234,567", format.integer(1234567))
    assert.equal("-999", format.integer(-999))
    assert.equal("4.21 s", format.duration(4.2149))
    assert.equal("1 min 0 s", format.duration(59.96))
    assert.equal("2 h 1 min", format.duration(7300))
  end)

end)

describe("Markdown", function()
  it("escapes what would be read as markup, and no more", function()
    assert.equal("learning_rate \\_x\\_ a\\*b \\`c\\` \\[d\\] R&D \\&amp; e|f \\$ 5",
      markdown.escape "learning_rate _x_ a*b `c` [d] R&D &amp; e|f $ 5")
  end)

  it("aligns tables as plain text too", function()
    assert.equal("| name  |    n |\n| ----- | ---: |\n| é     |    1 |\n| a\\|b  | 1000 |",
      markdown.table({ { title = "name", left = true }, { title = "n" } }, { { "é", "1" }, { "a|b ", "1000" } }))
  end)

  it("makes code spans of any text", function()
    assert.equal("`a`", markdown.code "a")
    assert.equal("``a`b``", markdown.code "a`b")
    assert.equal("`` `a` ``", markdown.code "`a`")
  end)
end)

describe("the scale of a parameter", function()
  local scales = require "nn.report.scales"

  it("is logarithmic for numbers over decades, and for geometric sequences", function()
    for _, values in ipairs { { 1e-4, 1e-3, 1e-2 }, { 4, 16, 64 }, { 64, 4, 16 }, { 50, 100, 200 }, { 0, 1e-5, 0.1 },
      { 0, 0.1, 1 } } do
      assert.equal("log", scales.of(values))
    end
    for _, values in ipairs { { 5, 10, 15, 20 }, { 50, 100, 200, 300, 500 }, { -1, 1, 100 }, { 0, 0.1, 0.2 } } do
      assert.equal("linear", scales.of(values))
    end
  end)

  it("is that of the space from which numbers were drawn", function()
    local values = { 0.02, 0.03, 0.0301, 0.05 }
    assert.equal("log", scales.of(values, "log_uniform(0.0001, 0.1)"))
    assert.equal("linear", scales.of(values, "uniform(0, 0.1)"))
  end)

  it("is none for texts, infinity, and numbers that would stand on each other", function()
    for _, values in ipairs { { "relu", "tanh" }, { 1, "1" }, { 1, math.huge }, { 1, 0 / 0 },
      { 0.3, 0.1 + 0.2, 0.5 } } do
      assert.equal("names", scales.of(values))
    end
  end)

  it("puts numbers in order and leaves texts in the script's", function()
    assert.same({ 25, 50, 100, math.huge }, scales.sorted { 50, math.huge, 25, 100 })
    assert.same({ "tanh", "relu", "50" }, scales.sorted { "tanh", "relu", "50" })
    assert.same({ 2, "1" }, scales.sorted { 2, "1" })
  end)
end)

describe("the charts of a section", function()
  local function charts_of(options, varied)
    remove(root .. "/charts")
    local lab = fake(root .. "/charts", options)
    lab:sweep("Sweep", varied)
    local page = written(lab)
    return lab.folder .. "/charts/", page
  end

  setup(function()
    root = os.tmpname()
    os.remove(root)
    lfs.mkdir(root)
  end)
  teardown(function() remove(root) end)

  it("have no two dots without intervals, which the table shows as well", function()
    local folder = charts_of({ objective = "val_loss", mode = "min" }, { { "width", { 50, 100 } } })
    assert.is_false(exists(folder .. "sweep-score.gp"))
    assert.is_true(exists(folder .. "sweep-loss.gp"))
    folder = charts_of({ objective = "val_loss", mode = "min" }, { { "width", { 50, 100, 150 } } })
    assert.is_true(exists(folder .. "sweep-score.gp"))
  end)

  it("have the values in the order of the table", function()
    local folder, page = charts_of({}, { { "activation", { "tanh", "relu", "elu" } } })
    contains(read_file(folder .. "sweep-score.gp"), '"tanh" 1, "relu" 2, "elu" 3')
    local script = read_file(folder .. "sweep-accuracy.gp")
    local tanh, relu, elu = script:find "activation = tanh", script:find "activation = relu", script:find "= elu"
    assert.is_true(tanh < relu and relu < elu)
    assert.matches("| tanh .*| relu .*| elu ", page)
  end)

  it("have numbers in order in a heatmap", function()
    local folder = charts_of({}, { { "width", { 50, 25, 100 } }, { "activation", { "tanh", "relu" } } })
    local script = read_file(folder .. "sweep-score.gp")
    contains(script, '"25" 1, "50" 2, "100" 3')
    contains(script, '"tanh" 1, "relu" 2')
    contains(script, 'set label "Validation accuracy" at')
  end)

  it("have bands over the seeds as long as these can be told apart", function()
    local function curves_of(widths)
      local folder, page = charts_of({ seeds = { 1, 2, 3 } }, { { "width", widths } })
      local script = read_file(folder .. "sweep-accuracy.gp")
      return select(2, script:gsub("with filledcurves", "")), page:match "%*Accuracy after each epoch [^\n]+"
    end
    local bands, caption = curves_of { 50, 100, 200 }
    assert.equal(3, bands)
    contains(caption, "means over the seeds, bands from the lowest to the highest seed.")
    bands, caption = curves_of { 50, 100, 200, 300 }
    assert.equal(0, bands)
    contains(caption, "means over the seeds.")
  end)

  it("have files of their own, whatever the metric is called", function()
    local folder = charts_of({ objective = "val_score", mode = "max" }, { { "width", { 50, 100, 200 } } })
    contains(read_file(folder .. "sweep-score.gp"), "set logscale x")
  end)
end)

describe("a score that is not finite", function()
  it("is shown, and is no score", function()
    root = os.tmpname()
    os.remove(root)
    lfs.mkdir(root)
    local lab = fake(root .. "/endless", {})
    lab:sweep("Width", { { "width", { 50, 100, 200 } } }, nil, {
      [100] = { { score = false,
        metrics = { val_accuracy = { ["$number"] = "-inf" }, val_loss = { ["$number"] = "nan" } } } },
    })
    local part = part_of(written(lab), "Width")
    assert.matches("\n|   100 |[ *]+%-inf |.- nan |", part)
    contains(part, "`width = 100` has no score: its run ended without a finite score.")
    assert.matches("100,.*%-inf,nan,", read_file(lab.folder .. "/trials.csv"))
    remove(root)
  end)
end)

describe("a metric in words", function()
  it("is written out", function()
    assert.equal("validation mean absolute error", format.metric "val_mae")
    assert.equal("training F1 score", format.metric "f1_score")
    assert.equal("test AUC", format.metric "test_auc")
    assert.equal("Mean absolute error", format.sentence(format.metric("mae", "")))
  end)
end)
