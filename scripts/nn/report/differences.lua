--- Which differences between the variants of a sweep are real: where there are several seeds, each variant is compared
-- with a baseline, seed by seed. Where there are too few seeds for a test, there are intervals and no test.
-- @module nn.report.differences
local ablation = require "nn.ablation"
local comparison = require "nn.comparison"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local stats = require "nn.stats"
local summary = require "nn.report.summary"
local notation = require "nn.notation"
local power = require "nn.power"

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

local function interval_text(records, low, high)
  local metric = records.manifest.objective
  return low and ("%s to %s"):format(records:signed(metric, low), records:signed(metric, high)) or "-"
end

local FEWEST = 3 -- the interval of two differences is too wide to tell anything

local function t_interval(values)
  if #values >= FEWEST then return stats.t_interval(values) end
end

local function interval_of(self, each)
  if self.has_power then return stats.paired_interval(each.differences, each.level) end
  return t_interval(each.differences)
end

-- Variants without power have no columns of a test.
local function comparison_table(records, self)
  local columns = { { title = "variant", left = true }, { title = "difference" }, { title = "95 % interval" } }
  if self.has_power then table.move({ { title = "p" }, { title = "significant", left = true } }, 1, 2, 4, columns) end
  local rows = {}
  for i, each in ipairs(self.compared) do
    rows[i] = {
      findings.name(each.item), records:signed(records.manifest.objective, each.mean),
      interval_text(records, interval_of(self, each)), p_text(each.adjusted), each.is_significant and "yes" or "no",
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

-- The standard deviation of the differences: the median over the comparisons, which one bad variant does not spoil.
local function spread(self)
  local list = {}
  for i, each in ipairs(self.compared) do list[i] = stats.sd(each.differences) end
  table.sort(list)
  return list[(#list + 1) // 2]
end

-- "`width = 40` is better by 0.16", "`width = 2` is worse by 0.46 over the 7 seeds both finished".
local function difference_text(records, each)
  local manifest = records.manifest
  local is_better = (each.mean > 0) == (manifest.mode ~= "min")
  local text = say[is_better and "better" or "worse"] {
    name = findings.name(each.item), difference = records:number(manifest.objective, math.abs(each.mean)),
  }
  if #each.differences == #manifest.seeds then return text, is_better end
  return text .. say.over_common { seeds = format.count(#each.differences, "seed") }, is_better
end

local function significant_text(records, self)
  local texts, better = {}, 0
  for _, each in ipairs(self.compared) do
    if each.is_significant then
      local text, is_better = difference_text(records, each)
      texts[#texts + 1] = text
      if is_better then better = better + 1 end
    end
  end
  local slots = { baseline = findings.name(self.baseline), names = format.list(texts), better = format.word(better),
    worse = format.word(#texts - better) }
  if #texts == 0 then return say.none_significant(slots) end
  return say[#texts <= findings.NAMED and "significant" or "many_significant"](slots)
end

local function power_text(records, self)
  local ratio, sd = power.detectable(self.seeds, self.comparisons), spread(self)
  if not ratio or sd == 0 then return "" end
  return say.power { seeds = format.count(self.seeds, "seed"),
    difference = records:number(records.manifest.objective, ratio * sd) }
end

local function simplest_text(records, self)
  local simplest = self.simplest
  if not simplest or simplest == self.best or not self.error then return "" end
  return say.simplest { name = findings.name(simplest), parameters = format.integer(simplest.parameters),
    error = records:number(records.manifest.objective, self.error) }
end

-- ---- effects of a factorial design ----------------------------------------------------------------------------------

local function effect_name(records, effect)
  local parts = {}
  for i, change in ipairs(effect.changes) do
    parts[i] = markdown.code(records:settings({ [change.name] = change.value }, { change.name }))
  end
  return table.concat(parts, " with ")
end

-- A copy without what a JSON reader adds.
local function plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = plain(each) end
  return copy
end

local function effects_table(records, section, list)
  local names, variants, varied = {}, {}, plain(section.varied)
  for i, each in ipairs(varied) do names[i] = each.name end
  for i, item in ipairs(list) do variants[i] = { params = item.variant.params, scores = {} } end
  for k, seed in ipairs(records.manifest.seeds) do
    for i, item in ipairs(list) do variants[i].scores[k] = item.scores[seed] end
  end
  local metric, rows = records.manifest.objective, {}
  local score = ablation.lookup(names, variants)
  for _, effect in ipairs(ablation.effects(varied, #records.manifest.seeds, score)) do
    local values = effect.values
    rows[#rows + 1] = {
      effect_name(records, effect), #effect.changes == 1 and "effect" or "interaction",
      #values > 0 and records:signed(metric, stats.mean(values)) or "-",
      interval_text(records, t_interval(values)),
    }
  end
  return markdown.table({
    { title = "change", left = true }, { title = "", left = true }, { title = sentences.metric(metric) },
    { title = "95 % interval" },
  }, rows)
end

--- Adds the effects and interactions of a factorial ablation.
function differences.write_effects(page, records, section, list)
  if not (section.ablation and section.ablation.factorial) then return end
  page:add(say.effects(), effects_table(records, section, list))
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
    local few = say.too_few { Seeds = format.sentence(format.count(self.seeds, "seed")),
      needed = findings.enough_seeds(records) }
    page:add(sentences.paragraph(few, simplest))
  end
end

return differences
