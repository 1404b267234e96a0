-- `make calibrate`: do the statistics of the reports keep what they promise? Runs whose truth is known are simulated,
-- and a layer learns generated digits many times. The tables go to tests/bench/results/calibration.md; an error says
-- that something lies outside of its bounds.
package.path = "./?.lua;" .. package.path
local nn = require "nn"
local calibration = require "tests.support.calibration"

local FAMILIES = tonumber(arg[1] or 1000)
local PATH = arg[2] or "tests/bench/results/calibration.md"

local lines, is_good = {}, true

local function say(text)
  lines[#lines + 1] = text
  print(text)
end

-- What chance alone does to a share of so many families, two standard errors.
local function slack(share, families) return 2 * math.sqrt(share * (1 - share) / families) end

local function check(value, low, high, families)
  is_good = is_good and value >= low - slack(low, families) and value <= high + slack(high, families)
end

local function head(title, text, columns)
  say(("\n## %s\n\n%s\n"):format(title, text))
  say("| " .. table.concat(columns, " | ") .. " |\n|" .. (" ---: |"):rep(#columns))
end

local function row(...)
  local cells = {}
  for i, value in ipairs { ... } do
    cells[i] = math.type(value) == "float" and ("%.3f"):format(value) or tostring(value)
  end
  say("| " .. table.concat(cells, " | ") .. " |")
end

-- ---- intervals ------------------------------------------------------------------------------------------------------

local KINDS = { -- how much seeds and samples differ, in log odds
  { "seeds and samples differ", 0.1, 2 }, { "seeds differ more", 0.3, 1 }, { "samples differ", 0.05, 3 },
  { "identical runs", 0, 1, identical = true },
}

local function intervals()
  head("Accuracy on new samples and new seeds", "How often the 95 % interval holds the accuracy over all samples and "
    .. "seeds; last, that over the seeds alone, which does not promise it. Where fewer than five samples are wrong, "
    .. "counts are so coarse that no interval comes close to 95 %.",
    { "runs", "seeds", "samples", "accuracy", "families", "held", "seeds alone" })
  for _, kind in ipairs(KINDS) do
    for _, seeds in ipairs { 3, 8, 20 } do
      for _, samples in ipairs { 100, 1000, 10000 } do
        for _, accuracy in ipairs { 0.6, 0.9, 0.97, 0.995 } do
          local families = math.max(FAMILIES * 1000 // samples // seeds, FAMILIES // 5)
          families = math.min(families, FAMILIES)
          local held = calibration.accuracy { seeds = seeds, samples = samples, accuracy = accuracy,
            sd_seed = kind[2], sd_sample = kind[3], identical = kind.identical, families = families }
          row(kind[1], seeds, samples, accuracy, families, held.both, held.seeds)
          if samples * (1 - accuracy) >= 5 then check(held.both, 0.93, 0.97, families) end
        end
      end
    end
  end
  head("Squared error on new samples and new seeds", "As above, of a mean of squared errors.",
    { "seeds", "samples", "families", "held" })
  for _, seeds in ipairs { 1, 3, 8, 20 } do
    for _, samples in ipairs { 100, 1000 } do
      local families = samples > 100 and FAMILIES // 4 or FAMILIES
      local held = calibration.squared_error { seeds = seeds, samples = samples, sd_seed = 0.1, sd_sample = 1,
        sd_rest = 0.5, families = families }
      row(seeds, samples, families, held)
      check(held, 0.92, 0.97, families)
    end
  end
end

-- ---- comparisons ----------------------------------------------------------------------------------------------------

local function comparisons()
  head("Sweeps of equal variants", "The share in which a report calls anything different; at most 5 %.",
    { "noise", "variants", "seeds", "families", "flagged" })
  for _, noise in ipairs { "normal", "heavy tails", "bounded" } do
    for _, case in ipairs { { 5, 8 }, { 10, 10 }, { 10, 16 } } do
      local flagged = calibration.null { noise = noise, variants = case[1], seeds = case[2], families = FAMILIES }
      row(noise, case[1], case[2], FAMILIES, flagged)
      check(flagged, 0, 0.05, FAMILIES)
    end
  end
  head("Four times in five", "How often the difference is found of which a report says that it would be found four "
    .. "times in five.", { "variants", "seeds", "families", "found" })
  for _, variants in ipairs { 2, 5, 11 } do
    for _, seeds in ipairs { 9, 12, 16, 20 } do
      local found = calibration.promise { variants = variants, seeds = seeds, families = FAMILIES }
      row(variants, seeds, FAMILIES, found)
      check(found, 0.78, 0.85, FAMILIES)
    end
  end
  head("One that collapses now and then", "Two variants with the same mean, one of which collapses in so many runs: "
    .. "the share of sweeps in which they are called different, as the runs that did not collapse are; in which a run "
    .. "collapsed; and in which one is named.",
    { "seeds", "chance of collapse", "families", "flagged", "collapsed", "named" })
  for _, seeds in ipairs { 8, 16 } do
    for _, chance in ipairs { 0.02, 0.1 } do
      local share = calibration.rare_collapse { seeds = seeds, chance = chance, families = FAMILIES }
      row(seeds, chance, FAMILIES, share.flagged, share.seen, share.named)
      is_good = is_good and share.named <= share.seen and share.named >= share.seen - 0.02
    end
  end
  head("The best of several", "How often the interval over seeds of the best of equal variants holds the truth: on the "
    .. "seeds that chose it, and on five fresh ones.", { "variants", "seeds", "families", "chosen by", "fresh" })
  for _, variants in ipairs { 1, 5, 40 } do
    local held = calibration.best { variants = variants, seeds = 8, fresh = 5, families = FAMILIES }
    row(variants, 8, FAMILIES, held.chosen, held.fresh)
    check(held.fresh, 0.93, 0.97, FAMILIES)
  end
end

-- ---- real runs ------------------------------------------------------------------------------------------------------

local TRAIN, VALIDATION, EPOCHS = 1000, 2000, 3

local function trainer()
  local x, y = nn.datasets.mnist.load_data { synthetic = true }
  local first, last = TRAIN + 1, TRAIN + VALIDATION
  local x_train, y_train = x[{ { 1, TRAIN } }] / 255, y[{ { 1, TRAIN } }]
  local x_val, y_val = x[{ { first, last } }] / 255, y[{ { first, last } }]
  return function(seed)
    nn.utils.set_random_seed(seed)
    local model = nn.Sequential {
      nn.layers.Flatten { input_shape = { 28, 28 } }, nn.layers.Dense { 10, activation = "softmax" },
    }
    model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    model:fit(x_train, y_train, { epochs = EPOCHS, batch_size = 20, verbose = 0 })
    return (select(2, model:evaluate(x_val, y_val)))
  end
end

local function real_runs()
  local run, families = trainer(), math.max(1, FAMILIES // 10)
  head("Real runs", "Equal networks, and one that is better by half a point: what is called different, and how often "
    .. "the better one is found.",
    { "variants", "seeds", "families", "sd of differences", "flagged", "found", "claimed" })
  for _, case in ipairs { { 3, 8 }, { 2, 16 } } do
    local r = nn.calibrate { run = run, variants = case[1], seeds = case[2], families = families }
    row(case[1], case[2], r.families, ("%.4f"):format(r.sd), r.flagged, r.found, r.claimed)
    check(r.flagged, 0, 0.05, families)
    check(r.found, r.claimed - 0.05, r.claimed + 0.05, families)
  end
end

say(("# Calibration\n\nWritten by `make calibrate`; nnrun %s, %d families where no other number stands."):format(
  require("engine.machine").version(), FAMILIES))
intervals()
comparisons()
real_runs()
local file = assert(io.open(PATH, "w"))
file:write(table.concat(lines, "\n"), "\n")
file:close()
if not is_good then error("the statistics do not keep what they promise: see " .. PATH, 0) end
