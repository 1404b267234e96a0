--- A score with its interval in words, which say what the interval is about: other seeds, other samples, or both.
-- @module nn.report.scores
local format = require "nn.report.format"
local sentences = require "nn.report.sentences"

local scores = {}

local say = sentences.say

-- Of several runs, where the interval for new samples and new seeds is known.
local function of_both(slots, score, is_full)
  return say[is_full and score.low ~= score.high and "for_both_beside" or "for_both"](slots)
end

-- Of several runs, where it is not.
local function of_seeds(slots, score)
  if score.low == score.high then return slots.score end
  return say[score.split == "test" and "over_seeds_here" or "over_seeds"](slots)
end

--- A score with its interval: "0.9779 (95 % interval over seeds 0.9748 to 0.9806)".
-- @tparam Records records
-- @tparam string metric
-- @tparam table score from `summary.measure`
-- @tparam[opt] {low=,high=} new the interval for new samples and, where there are several runs, new seeds
-- @tparam[opt=false] boolean is_full whether to give the interval over seeds alone beside it
-- @treturn string
function scores.text(records, metric, score, new, is_full)
  local function number(value) return value and records:number(metric, value) end
  local slots = { noun = records:noun(), score = number(score.mean) }
  slots.low, slots.high = number(score.low), number(score.high)
  if score.over == "seeds" and score.low == score.high then
    slots.score = say.in_all { score = slots.score, runs = format.count(score.n, "run") }
  end
  new = new or score.new
  if score.runs == 2 then return say.two_runs(slots) end -- of two, no interval tells anything about other seeds
  if new then
    slots.innerlow, slots.innerhigh, slots.low, slots.high = slots.low, slots.high, number(new.low), number(new.high)
    return score.runs > 1 and of_both(slots, score, is_full) or say.for_samples(slots)
  elseif score.over == "seeds" then
    return of_seeds(slots, score)
  end
  if score.low then return say.for_samples(slots) end
  return score.runs == 1 and #records.manifest.seeds > 1 and say.one_run(slots) or slots.score
end

--- The heading of a column of intervals.
-- @tparam Records records
-- @tparam {table,...} list of variants
-- @treturn string
function scores.title(records, list)
  for _, item in ipairs(list) do
    local over = item.score and item.score.over
    if over then return say[over == "seeds" and "title_seeds" or "title_samples"] { noun = records:noun() } end
  end
  return ""
end

return scores
