-- What is said of scores: for each case in which a sentence could be false, what it has to be.
local answer = require "nn.report.answer"
local differences = require "nn.report.differences"
local fakes = require "tests.support.experiment_fakes"
local findings = require "nn.report.findings"
local markdown = require "nn.report.markdown"
local records_of = require "nn.report.records"
local report = require "nn.report"
local report_fakes = require "tests.support.report_fakes"
local runs = require "nn.report.runs"
local summary = require "nn.report.summary"

local RUNNING = { status = "running" }
local LOSS = { objective = "val_loss", mode = "min" }

-- Options of an experiment with so many seeds.
local function seeds(count, options)
  local all = { seeds = {} }
  for seed = 1, count do all.seeds[seed] = seed end
  for name, value in pairs(options or {}) do all[name] = value end
  return all
end

-- A list with one value for each of some seeds.
local function each(count, score)
  local list = {}
  for seed = 1, count do list[seed] = type(score) == "function" and score(seed) or score end
  return list
end

local function rising(from) return function(seed) return from + seed / 1000 end end

-- The answer, then what is told of the section, as plain text.
local function said(options, scores)
  local lab = report_fakes.new(fakes.folder(), options)
  local section = lab:scored_sweep(scores)
  local records = records_of.load(lab:save())
  local all = summary.all(records)
  local best, standing = answer.of(records, all)
  local found = findings.of(records, all)
  local texts = { best, standing, findings.border(records, section, found), runs.lost(all) }
  local compared, page = differences.of(records, section, all), markdown.page()
  differences.write(page, records, compared, found.is_tie)
  texts[#texts + 1] = page:text():gsub("\n+$", ""):match "[^\n]*$"
  for i, text in ipairs(texts) do texts[i] = text ~= "" and text .. "\n" or "" end
  return markdown.plain(table.concat(texts))
end

local FAILED = { "failed", "failed", "failed", "failed", "failed" }

-- The scores of so many seeds, then five runs that failed.
local function then_failed(list)
  return table.move(FAILED, 1, #FAILED, #list + 1, list)
end

local function scattered(from, step)
  return function(seed) return from + seed * seed % 7 * (step or 0.001) end
end

local function collapsing(seed) return seed == 3 and 0.1 or 0.95 + seed / 10000 end

-- What it is of, the options, the scores, what is said.
local CASES = {
  { "one variant", seeds(1), { [50] = { 0.95 } }, [[
    The only variant, width = 50, has a validation accuracy of 0.9500 (95 % interval for new samples 0.9456 to
    0.9541); always answering class 5 gives 0.1074. ]] },
  { "one variant by a loss", seeds(1, LOSS), { [50] = { 0.25 } }, [[
    The only variant, width = 50, has a validation loss of 0.25000. ]] },
  { "one variant and two runs", seeds(2), { [50] = { 0.95, 0.96 } }, [[
    The only variant, width = 50, has a validation accuracy of 0.9550 (2 runs only); always answering class 5 gives
    0.1074. ]] },
  { "one variant and one run left", seeds(3), { [50] = { 0.95, "diverged", "failed" } }, [[
    The only variant, width = 50, has a validation accuracy of 0.9500 (1 run only); always answering class 5 gives
    0.1074. Only one of the 3 runs of width = 50 has a score; 1 diverged and 1 failed. ]] },
  { "no score, at the end", seeds(1), { [50] = { "diverged" }, [100] = { "failed" } }, [[
    No trial has a score. width = 50 has no score: its run diverged. width = 100 has no score: its run failed. ]] },
  { "no score, so far", seeds(1, RUNNING), { [50] = { "missing" }, [100] = { "missing" } }, [[
    No trial has a score yet. ]] },
  { "runs of many kinds without a score", seeds(2),
    { [50] = { "missing", "missing" }, [100] = { "pruned", "pruned" }, [200] = { "pruned", "diverged" } }, [[
    No trial has a score. width = 50 has no score: both runs are missing. width = 100 has no score: both runs were
    pruned. width = 200 has no score: 1 diverged and 1 was pruned. ]] },
  { "many variants without a score", seeds(1),
    { [50] = { "pruned" }, [60] = { "pruned" }, [70] = { "pruned" }, [80] = { "pruned" }, [90] = { 0.9 } }, [[
    The best variant is width = 90: validation accuracy 0.9000 (95 % interval for new samples 0.8940 to 0.9057);
    always answering class 5 gives 0.1074. Four variants have no score: of each, the only run was pruned. ]] },
  { "one seed", seeds(1), { [50] = { 0.95 }, [100] = { 0.96 }, [200] = { 0.955 } }, [[
    The best variant is width = 100: validation accuracy 0.9600 (95 % interval for new samples 0.9560 to 0.9637);
    always answering class 5 gives 0.1074. As the best of three, its validation accuracy tends to be too good. The
    next is width = 200 (0.9550, 0.0050 lower). With one seed for each variant, a difference may be luck; --seeds 7
    would allow a test. ]] },
  { "one seed where lower is better", seeds(1, LOSS), { [50] = { 0.25 }, [100] = { 0.125 }, [200] = { 0.3 } }, [[
    The best variant is width = 100: validation loss 0.12500. As the best of three, its validation loss tends to be
    too good. The next is width = 50 (0.25000, 0.12500 higher). With one seed for each variant, a difference may be
    luck; --seeds 7 would allow a test. ]] },
  { "scores that differ by less than is shown", seeds(1), { [50] = { 0.95 }, [100] = { 0.95001 } }, [[
    The best variant is width = 100: validation accuracy 0.9500 (95 % interval for new samples 0.9456 to 0.9541);
    always answering class 5 gives 0.1074. As the best of two, its validation accuracy tends to be too good. The
    next is width = 50 (0.9500, equal after rounding). With one seed for each variant, a difference may be luck;
    --seeds 6 would allow a test. ]] },
  { "a score that is not finite", seeds(1), { [50] = { 0.95 }, [100] = { 1 / 0 } }, [[
    The best variant is width = 50: validation accuracy 0.9500 (95 % interval for new samples 0.9456 to 0.9541);
    always answering class 5 gives 0.1074. width = 100 has no score: its run ended without a finite score. ]] },
  { "equal scores", seeds(1), { [50] = { 1 }, [100] = { 1 }, [200] = { 1 } }, [[
    All three variants have the same validation accuracy, 1.0000 (95 % interval for new samples 0.9996 to 1.0000);
    always answering class 5 gives 0.1074. ]] },
  { "equal scores, and one without", seeds(1), { [50] = { 1 }, [100] = { 1 }, [200] = { "diverged" } }, [[
    Both variants with a score have the same validation accuracy, 1.0000 (95 % interval for new samples 0.9996 to
    1.0000); always answering class 5 gives 0.1074. width = 200 has no score: its run diverged. ]] },
  { "equal scores, and one that lost a run", seeds(2),
    { [50] = { 1, 1 }, [100] = { 1, 1 }, [200] = { 1, "diverged" } }, [[
    Both variants whose runs all finished have the same validation accuracy, 1.0000 (2 runs only); always answering
    class 5 gives 0.1074. Only one of the 2 runs of width = 200 has a score; 1 diverged. ]] },
  { "two that share the best score", seeds(1), { [50] = { 0.96 }, [100] = { 0.96 }, [200] = { 0.95 } }, [[
    width = 50 and width = 100 share the highest validation accuracy, 0.9600 (95 % interval for new samples 0.9560
    to 0.9637); always answering class 5 gives 0.1074. The next is width = 200 (0.9500, 0.0100 lower). With one seed
    for each variant, a difference may be luck; --seeds 7 would allow a test. ]] },
  { "two seeds", seeds(2), { [50] = { 0.95, 0.951 }, [100] = { 0.96, 0.961 } }, [[
    The best variant is width = 100: validation accuracy 0.9605 (2 runs only); always answering class 5 gives
    0.1074. As the best of two, its validation accuracy tends to be too good. The next is width = 50 (0.9505, 0.0100
    lower). 2 seeds are too few to test both variants against each other; --seeds 6 would do. 2 seeds are too few
    for a test; --seeds 6 would do. ]] },
  { "three seeds", seeds(3), { [50] = each(3, rising(0.95)), [100] = each(3, rising(0.96)) }, [[
    The best variant is width = 100: validation accuracy 0.9620 (95 % interval over seeds 0.9595 to 0.9645); always
    answering class 5 gives 0.1074. As the best of two, its validation accuracy tends to be too good. The next is
    width = 50 (0.9520, 0.0100 lower). 3 seeds are too few to test both variants against each other; --seeds 6 would
    do. 3 seeds are too few for a test; --seeds 6 would do. ]] },
  { "a best one that lost a run", seeds(3),
    { [50] = { 0.99, "diverged", 0.99 }, [100] = each(3, rising(0.95)), [200] = each(3, rising(0.94)) }, [[
    Of the variants whose runs all finished, width = 100 has the highest validation accuracy: 0.9520 (95 % interval
    over seeds 0.9495 to 0.9545); always answering class 5 gives 0.1074. As the best of two, its validation accuracy
    tends to be too good. The next is width = 200 (0.9420, 0.0100 lower). 3 seeds are too few to test both variants
    against each other; --seeds 7 would do. The mean of width = 50 is over 2 of its 3 runs; 1 diverged. 3 seeds are
    too few for a test; --seeds 7 would do. ]] },
  { "one that alone lost no run", seeds(3), { [50] = { 0.99, "diverged", 0.99 }, [100] = each(3, rising(0.95)) }, [[
    width = 100 is the only variant whose runs all finished: its validation accuracy is 0.9520 (95 % interval over
    seeds 0.9495 to 0.9545); always answering class 5 gives 0.1074. The mean of width = 50 is over 2 of its 3 runs;
    1 diverged. 3 seeds are too few for a test; --seeds 6 would do. ]] },
  { "lost runs everywhere", seeds(3), { [50] = { 0.99, "diverged", 0.99 }, [100] = { 0.95, "diverged", 0.95 } }, [[
    The best variant is width = 50: validation accuracy 0.9900 (2 runs only); always answering class 5 gives 0.1074.
    As the best of two, its validation accuracy tends to be too good. The next is width = 100 (0.9500, 0.0400
    lower). 3 seeds are too few to test both variants against each other; --seeds 6 would do. The mean of width = 50
    is over 2 of its 3 runs; 1 diverged. The mean of width = 100 is over 2 of its 3 runs; 1 diverged. 3 seeds are
    too few for a test; --seeds 6 would do. ]] },
  { "eight seeds, of which few have a score", seeds(8),
    { [50] = then_failed(each(3, rising(0.95))), [100] = then_failed(each(3, scattered(0.96))) }, [[
    The best variant is width = 100: validation accuracy 0.9623 (95 % interval over seeds 0.9585 to 0.9661); always
    answering class 5 gives 0.1074. As the best of two, its validation accuracy tends to be too good. The next is
    width = 50 (0.9520, 0.0103 lower). No two variants share more than 3 seeds with a score; a test needs 6. The
    mean of width = 50 is over 3 of its 8 runs; 5 failed. The mean of width = 100 is over 3 of its 8 runs; 5 failed.
    No two variants share more than 3 seeds with a score; a test needs 6. ]] },
  { "eight seeds after a kill", seeds(8, RUNNING),
    { [50] = each(8, rising(0.95)), [100] = { 0.96, 0.961, "missing", "missing", "missing", "missing", "missing",
      "missing" } }, [[
    width = 50 is the only variant whose runs all finished: its validation accuracy is 0.9545 (95 % interval over
    seeds 0.9525 to 0.9565); always answering class 5 gives 0.1074. No two variants share more than 2 seeds with a
    score; a test needs 6. ]] },
  { "eight seeds that tell the best", seeds(8), { [50] = each(8, rising(0.95)), [100] = each(8, scattered(0.97)) }, [[
    The best variant is width = 100: validation accuracy 0.9719 (95 % interval over seeds 0.9707 to 0.9731); always
    answering class 5 gives 0.1074. As the best of two, its validation accuracy tends to be too good. The best is
    significantly better than the other, width = 50 (0.9545, 0.0174 lower). Compared with width = 50, width = 100 is
    better by 0.0174, in 8 of 8 seeds. A failure that is rarer than one run in eight may not show in these runs.
    With 8 seeds and this spread, a true difference of 0.0045 would be found four times in five. ]] },
  { "eight seeds where lower is better", seeds(8, LOSS),
    { [50] = each(8, rising(0.95)), [100] = each(8, scattered(0.9)) }, [[
    The best variant is width = 100: validation loss 0.90188 (95 % interval over seeds 0.90066 to 0.90309). As the
    best of two, its validation loss tends to be too good. The best is significantly better than the other, width =
    50 (0.95450, 0.05262 higher). Compared with width = 50, width = 100 is better by 0.05262, in 8 of 8 seeds. A
    failure that is rarer than one run in eight may not show in these runs. With 8 seeds and this spread, a true
    difference of 0.00448 would be found four times in five. ]] },
  { "eight seeds that tell nothing", seeds(8), { [50] = each(8, rising(0.95)), [100] = each(8, scattered(0.952)) }, [[
    The best variant is width = 50: validation accuracy 0.9545 (95 % interval over seeds 0.9525 to 0.9565); always
    answering class 5 gives 0.1074. As the best of two, its validation accuracy tends to be too good. The next is
    width = 100 (0.9539, 0.0006 lower). The test finds no significant difference between the two. No variant differs
    significantly from width = 50. With 8 seeds and this spread, a true difference of 0.0045 would be found four
    times in five. ]] },
  { "fourteen seeds and a best one at the border", seeds(14),
    { [50] = each(14, rising(0.97)), [60] = each(14, rising(0.951)), [70] = each(14, scattered(0.952)), [80] =
      each(14, scattered(0.951)), [90] = each(14, rising(0.9)) }, [[
    The best variant is width = 50: validation accuracy 0.9775 (95 % interval over seeds 0.9751 to 0.9799); always
    answering class 5 gives 0.1074. As the best of five, its validation accuracy tends to be too good. The best is
    significantly better than all four others; the next is width = 60 (0.9585, 0.0190 lower). The best width, 50, is
    the smallest value tried; smaller values may be better. Compared with width = 50, four variants are
    significantly worse. A failure that is rarer than one run in 14 may not show in these runs. With 14 seeds, half
    of these comparisons would find a true difference of 0.0025 four times in five. ]] },
  { "fourteen seeds, some better and one worse", seeds(14),
    { [50] = each(14, rising(0.92)), [60] = each(14, rising(0.951)), [70] = each(14, scattered(0.952)), [80] =
      each(14, scattered(0.951)), [90] = each(14, rising(0.9)) }, [[
    The best variant is width = 60: validation accuracy 0.9585 (95 % interval over seeds 0.9561 to 0.9609); always
    answering class 5 gives 0.1074. As the best of five, its validation accuracy tends to be too good. The best is
    significantly better than all four others; the next is width = 70 (0.9540, 0.0045 lower). Compared with width =
    50, three variants are significantly better and one variant is significantly worse. A failure that is rarer than
    one run in 14 may not show in these runs. With 14 seeds, half of these comparisons would find a true difference
    of 0.0025 four times in five. ]] },
  { "a run that collapsed", seeds(8), { [50] = each(8, collapsing), [100] = each(8, scattered(0.96, 0.0001)) }, [[
    The best variant is width = 100: validation accuracy 0.9602 (95 % interval over seeds 0.9601 to 0.9603); always
    answering class 5 gives 0.1074. As the best of two, its validation accuracy tends to be too good. The best is
    significantly better than the other, width = 50 (0.8442, 0.1160 lower). One of the eight runs of width = 50
    collapsed to 0.1000; the median run has 0.9505. Compared with width = 50, width = 100 is better by 0.1160, in 8
    of 8 seeds; without the runs that collapsed it is better by 0.0097. A failure that is rarer than one run in
    eight may not show in these runs. With 8 seeds and this spread, a true difference of 0.4035 would be found four
    times in five. ]] },
}

local function normal(text)
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

describe("what is said of", function()
  teardown(fakes.clean)

  for _, case in ipairs(CASES) do
    local what, options, scores, expected = table.unpack(case)
    it(what, function() assert.equal(normal(expected), normal(said(options, scores))) end)
  end
end)

describe("a whole report of", function()
  teardown(fakes.clean)

  -- Its page for an experiment whose scores are given; the best width is concluded where one is named.
  local function page_of(options, scores, best, change)
    local lab = report_fakes.new(fakes.folder(), options)
    local section, concluded = lab:scored_sweep(scores), nil
    for _, variant in ipairs(section.variants) do
      if variant.params.width == best then concluded = lab:conclude(variant) end
    end
    if change then change(lab.manifest, concluded) end
    return report.render(records_of.load(lab:save()))
  end

  local function contains(page, ...)
    for _, part in ipairs { ... } do
      assert(page:find(part, 1, true), ("not found: %s\nin:\n%s"):format(part, page))
    end
  end

  local function lacks(page, ...)
    for _, part in ipairs { ... } do
      assert(not page:find(part, 1, true), ("found: %s\nin:\n%s"):format(part, page))
    end
  end

  it("a run that was killed counts trials by their folders, in all places", function()
    local killed = { status = "running", progress = { done = 4, planned = 24 } }
    local page = page_of(seeds(8, killed), { [50] = each(8, rising(0.95)),
      [100] = { 0.96, 0.961, "diverged", "missing", "missing", "missing", "missing", "missing" } })
    contains(page, "> **Not finished**: 11 of 24 trials done when this page was written.", "**11 of 16 done so far.**",
      "**So far.** `width = 50` is the only variant whose runs all finished",
      "The mean of `width = 100` is over 2 of its 8 runs; 1 diverged.")
    lacks(page, "**Result.**", "are too few")
  end)

  it("a run that was killed counts a trial once that two sections share", function()
    local lab = report_fakes.new(fakes.folder(), seeds(1, { status = "interrupted" }))
    lab:scored_sweep { [50] = { 0.95 }, [100] = { 0.96 } }
    lab:sweep("Depth", { { "depth", { 2, 3 } } }, nil, { [3] = { "missing" } })
    lab.manifest.progress = { done = 3, planned = 4 }
    contains(report.render(records_of.load(lab:save())), "**Interrupted** after 2 of 3 trials.")
  end)

  it("one variant chooses and compares nothing", function()
    local page = page_of(seeds(3), { [50] = each(3, rising(0.97)) }, 50)
    contains(page, "Chosen: `width = 50`, the only variant; its validation accuracy is 0.9720 (95 % interval over "
      .. "seeds 0.9695 to 0.9745).")
    lacks(page, "tends to be too good", "highest validation accuracy of", "too few")
  end)

  it("equal scores names no best", function()
    local page = page_of(seeds(3), { [50] = each(3, 1), [100] = each(3, 1), [200] = each(3, 1) }, 50)
    contains(page, "**Result.** All three variants have the same validation accuracy, 1.0000 in all 3 runs (95 % "
      .. "interval for new samples and new seeds 0.9996 to 1.0000). The first of them was chosen, `width = 50`, test "
        .. "accuracy",
      "Chosen: `width = 50`, the first of three variants that share the highest validation accuracy: 1.0000 in all 3 "
        .. "runs (95 %")
    lacks(page, "best variant", "value tried", "too few")
  end)

  it("a loss says lowest, higher and better", function()
    local page = page_of(seeds(8, LOSS), { [50] = each(8, rising(0.25)), [100] = each(8, rising(0.125)) }, 100)
    contains(page, "looks for the lowest validation loss", "`width = 100` has the lowest validation loss, 0.12950 ",
      "Compared with `width = 50`, `width = 100` is better by 0.12500, in 8 of 8 seeds.",
      "significantly better than the other, `width = 50` (0.25450, 0.12500 higher)")
    lacks(page, "highest validation")
  end)

  it("runs that diverged says of which variants it speaks", function()
    local page = page_of(seeds(2), { [50] = { 0.95, "diverged" }, [100] = { "diverged", "diverged" },
      [200] = { 0.95, 0.96 } }, 200)
    contains(page, "**Result.** `width = 200` is the only variant whose runs all finished",
      "Only one of the 2 runs of `width = 50` has a score; 1 diverged. `width = 100` has no score: both runs diverged.",
      "Chosen: `width = 200`, with the highest validation accuracy of the variants whose runs all finished: ")
    lacks(page, "value tried")
  end)

  it("a variant without a score does not count it among those compared", function()
    local page = page_of(seeds(1), { [50] = { 0.95 }, [100] = { 0.97 }, [200] = { "failed" } }, 100)
    contains(page, "with the highest validation accuracy of the variants with a score: 0.9700")
  end)

  it("two seeds has no interval and tests nothing", function()
    local page = page_of(seeds(2), { [50] = { 0.95, 0.96 }, [100] = { 0.97, 0.971 } }, 100)
    contains(page, "Two runs are too few for an interval.", "0.9705 (2 runs only)",
      "2 seeds are too few to test both variants against each other; `--seeds 6` would do.")
    lacks(page, "95 %", "ignificant", "Student")
  end)

  it("a choice by test data does not call the test result a check", function()
    local page = page_of(seeds(1, { objective = "test_accuracy", test_every_trial = true }),
      { [50] = { 0.95 }, [100] = { 0.97 } }, 100)
    contains(page, "The variant was chosen by this very test score, so it is no independent check.")
    lacks(page, "chosen by its test accuracy alone", "The test result is free of that")
    local _, count = page:match("%*%*Result%.%*%*[^\n]+"):gsub("test accuracy 0%.%d+", "")
    assert.equal(1, count)
  end)

  it("training scores gives no interval for new samples", function()
    local page = page_of(seeds(1, { objective = "accuracy" }), { [50] = { 0.95 }, [100] = { 0.97 } }, 100,
      function(manifest, concluded)
        manifest.data.validation, manifest.data.test, manifest.test_uses = nil, nil, {}
        concluded.test, concluded.confusion = nil, nil
      end)
    contains(page, "With one seed there is no interval.", "It was not measured on test data.")
    lacks(page, "95 %")
  end)
end)
