--- Which differences between the variants of a sweep are real: where there are several seeds, each variant is compared
-- with a baseline, seed by seed. Where there are too few seeds for a test, there are intervals and no test.
-- @module nn.report.differences
local comparison = require "nn.stats.comparison"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local runs = require "nn.report.runs"
local sentences = require "nn.report.sentences"
local stats = require "nn.stats"
local summary = require "nn.report.summary"
local notation = require "nn.support.notation"
local power = require "nn.stats.power"

local differences = {}

local say = sentences.say

-- ---- what is compared -----------------------------------------------------------------------------------------------

-- The variant that changes nothing but what the whole sweep changes.
local function is_default(item, with)
  for name, value in pairs(item.variant.changed) do
    if not notation.same((with or {})[name], value) then return false end
  end
  return true
end

local function default_of(section, list)
  if section.ablation then return list[1] end
  for _, item in ipairs(list) do
    if is_default(item, section.with) then return item end
  end
end

-- What the others are compared with: the defaults; of a grid without them the first variant, and where variants were
-- drawn the best, as the first is none in particular.
-- @treturn table the variant
-- @treturn boolean whether it was chosen by its score
local function baseline_of(records, section, list)
  local default = default_of(section, list)
  if default then return default, false end
  if (section.method or "grid") == "grid" then return list[1], false end
  return summary.rank(list, records.manifest.mode)[1], true
end

--- Compares the variants of a section.
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam {table,...} list its variants, from `summary.of`
-- @treturn ?table `baseline`; `is_best`: whether that was chosen as the best; `compared`: see
-- `comparison.with_baseline`; `comparisons`: how many tests there are; `seeds`: the most that two variants share;
-- `has_power`: whether they suffice for a test; `ranks`: by variant, nil without power; `simplest`; `error`: one
-- standard error of the best. Nil where there is one seed, one variant, or nothing to compare
function differences.of(records, section, list)
  if #records.manifest.seeds < 2 or #list < 2 then return nil end
  local baseline, is_best = baseline_of(records, section, list)
  if not baseline then return nil end
  local compared, comparisons = comparison.with_baseline(list, baseline, is_best)
  if #compared == 0 then return nil end
  local self = { baseline = baseline, is_best = is_best, compared = compared, comparisons = comparisons, seeds = 0 }
  for _, each in ipairs(compared) do
    self.any = self.any or each.is_significant
    self.seeds = math.max(self.seeds, #each.differences)
  end
  self.has_power = self.seeds >= stats.fewest_seeds(comparisons)
  local ranked, whole = summary.rank(list, records.manifest.mode)
  ranked = table.move(ranked, 1, whole, 1, {})
  if self.has_power then
    self.ranks = {}
    for i, rank in ipairs(comparison.ranks(ranked, self.any)) do self.ranks[ranked[i]] = rank end
  end
  if #ranked > 0 then self.simplest, self.error = comparison.simplest(ranked) end
  self.best = ranked[1]
  return self
end

--- The cell of a rank: "1", or "1 =" where others share it.
function differences.rank_text(self, item)
  local rank, sharing = self.ranks[item], 0
  if not rank then return "-" end
  for _, other in pairs(self.ranks) do
    if other == rank then sharing = sharing + 1 end
  end
  return sharing > 1 and rank .. " =" or tostring(rank)
end

-- ---- the table ------------------------------------------------------------------------------------------------------

local function p_text(p)
  return p < 0.001 and "< 0.001" or ("%.3f"):format(p)
end

--- An interval of differences as a table shows it; "-" where there is none.
-- @tparam Records records
-- @tparam ?number low
-- @tparam ?number high
-- @treturn string
function differences.interval_text(records, low, high)
  local metric = records.manifest.objective
  return low and ("%s to %s"):format(records:signed(metric, low), records:signed(metric, high)) or "-"
end

local FEWEST = 3 -- the interval of two differences is too wide to tell anything

--- Student's interval, where there are values enough for one.
-- @tparam {number,...} values
-- @treturn ?number its lower end
-- @treturn ?number its upper end
function differences.t_interval(values)
  if #values >= FEWEST then return stats.t_interval(values) end
end

local function interval_of(self, each)
  if self.has_power then return stats.paired_interval(each.differences, each.level) end
  return differences.t_interval(each.differences)
end

-- Variants without power have no columns of a test.
local function comparison_table(records, self)
  local columns = { { title = "variant", left = true }, { title = "difference" }, { title = "95 % interval" } }
  if self.has_power then table.move({ { title = "p" }, { title = "significant", left = true } }, 1, 2, 4, columns) end
  local rows = {}
  for i, each in ipairs(self.compared) do
    rows[i] = {
      findings.name(each.item), records:signed(records.manifest.objective, each.mean),
      differences.interval_text(records, interval_of(self, each)), p_text(each.adjusted),
      each.is_significant and "yes" or "no",
    }
  end
  return markdown.table(columns, rows)
end

-- ---- sentences ------------------------------------------------------------------------------------------------------

local function intro(self)
  local slots = {
    baseline = findings.name(self.baseline), test = self.seeds > stats.MOST_EXACT and "paired t-test"
      or "exact sign-flip test", comparisons = format.count(self.comparisons, self.is_best and "pair" or "comparison"),
  }
  return say[not self.has_power and "compared_untested" or self.is_best and "compared_all" or "compared"](slots)
end

local function is_better(records, difference)
  return (difference > 0) == (records.manifest.mode ~= "min")
end

-- What is left of a difference without the seeds at which a run collapsed.
-- @treturn ?string nil where none did
-- @treturn boolean whether it is significant nevertheless
local function rest_of(records, self, each)
  local but, count = runs.collapsed(records, each.item)
  local others, more = runs.collapsed(records, self.baseline)
  for seed in pairs(others) do but[seed] = true end
  local left = count + more > 0 and comparison.differences(each.item, self.baseline, but) or {}
  if #left == 0 then return nil, true end
  local is_significant, mean = #left >= 2 and stats.paired_test(left) <= each.level, stats.mean(left)
  local text = say[is_better(records, mean) and "rest_better" or "rest_worse"] {
    difference = records:number(records.manifest.objective, math.abs(mean)) }
  return text .. (is_significant and "" or say.rest_not_significant()), is_significant
end

-- "8 seeds", "the 7 seeds that both finished".
local function seeds_text(records, each)
  local seeds = format.count(#each.differences, "seed")
  return #each.differences == #records.manifest.seeds and seeds or say.over_common { seeds = seeds }
end

-- "`width = 40` is better by 0.16, in 8 of 8 seeds".
local function difference_text(records, self, each)
  local manifest, wins = records.manifest, 0
  for _, difference in ipairs(each.differences) do wins = wins + (difference * each.mean > 0 and 1 or 0) end
  local text = say[is_better(records, each.mean) and "better" or "worse"] {
    name = findings.name(each.item), difference = records:number(manifest.objective, math.abs(each.mean)),
    wins = wins, seeds = seeds_text(records, each),
  }
  local fates, rest = runs.fates(each.item), rest_of(records, self, each)
  if fates then text = text .. say.lost_beside { runs = #each.item.trials, fates = fates } end
  return text .. (rest or "")
end

-- How many significant differences are so only with the runs that collapsed.
local function rest_text(records, self)
  local count = 0
  for _, each in ipairs(self.compared) do
    if each.is_significant and not select(2, rest_of(records, self, each)) then count = count + 1 end
  end
  return count > 0 and say.many_rest { count = format.word(count) } or ""
end

local function count_text(count)
  return say[count == 1 and "one_is" or "some_are"] { count = format.word(count) }
end

local function significant_text(records, self)
  local texts, better = {}, 0
  for _, each in ipairs(self.compared) do
    if each.is_significant then
      texts[#texts + 1] = difference_text(records, self, each)
      if is_better(records, each.mean) then better = better + 1 end
    end
  end
  local slots = { baseline = findings.name(self.baseline), names = table.concat(texts, "; "),
    better = count_text(better), worse = count_text(#texts - better), runs = format.word(self.seeds) }
  if #texts == 0 then return say.none_significant(slots) end
  if #texts <= findings.NAMED then return sentences.paragraph(say.significant(slots), say.rare(slots)) end
  local kind = better == #texts and "many_better" or better == 0 and "many_worse" or "many_both"
  return sentences.paragraph(say[kind](slots), rest_text(records, self), say.rare(slots))
end

-- How many seeds the comparisons are over: "8 seeds", "3 to 8 seeds".
local function seed_range(self)
  local least = math.huge
  for _, each in ipairs(self.compared) do least = math.min(least, #each.differences) end
  return least < self.seeds and ("%d to %d seeds"):format(least, self.seeds) or format.count(self.seeds, "seed")
end

local function power_text(records, self)
  local difference = power.difference(self.compared, self.comparisons)
  return difference and say[#self.compared > 1 and "power_of_half" or "power"] { seeds = seed_range(self),
    difference = records:number(records.manifest.objective, difference) } or ""
end

local function simplest_text(records, self)
  local simplest = self.simplest
  if not simplest or simplest == self.best or not self.error then return "" end
  return say.simplest { name = findings.name(simplest), parameters = format.integer(simplest.parameters),
    error = records:number(records.manifest.objective, self.error) }
end

--- Adds the comparisons; nothing where all variants have the same score.
-- @tparam Page page
-- @tparam Records records
-- @tparam ?table self from `of`
-- @tparam boolean is_tie
function differences.write(page, records, self, is_tie)
  if not self or is_tie then return end
  if self.seeds >= FEWEST then page:add(intro(self), comparison_table(records, self)) end
  local simplest = simplest_text(records, self)
  if self.has_power then
    page:add(sentences.paragraph(significant_text(records, self), power_text(records, self), simplest))
  else
    page:add(sentences.paragraph(findings.too_few(records, self.seeds), simplest))
  end
end

return differences
