--- Which differences between the variants of a sweep are real: where there are several seeds, each variant is compared
-- with a baseline, seed by seed.
-- @module nn.report.differences
local ablation = require "nn.ablation"
local comparison = require "nn.comparison"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local stats = require "nn.stats"
local summary = require "nn.report.summary"
local notation = require "nn.notation"

local differences = {}

local NAMED = 3 -- up to so many variants are named, more are counted

-- ---- what is compared -----------------------------------------------------------------------------------------------

local function add_scores(list)
  for _, item in ipairs(list) do
    item.scores = {}
    for _, trial in ipairs(item.done) do
      if trial.seed then item.scores[trial.seed] = trial.score end
    end
  end
end

-- The variant that changes nothing but what the whole sweep changes.
local function is_default(item, with)
  for name, value in pairs(item.variant.changed) do
    if not notation.same((with or {})[name], value) then return false end
  end
  return true
end

local function baseline_of(section, list)
  if section.ablation then return list[1] end
  for _, item in ipairs(list) do
    if is_default(item, section.with) then return item end
  end
  return list[1]
end

--- Compares the variants of a section; also notes in each its `scores` by seed.
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam {table,...} list its variants, from `summary.of`
-- @treturn ?table `baseline`; `compared`: see `comparison.with_baseline`; `ranks`: by variant; `simplest`; `error`: one
-- standard error of the best; `seeds`. Nil where there is one seed, one variant, or nothing to compare
function differences.of(records, section, list)
  if #records.manifest.seeds < 2 or #list < 2 then return nil end
  add_scores(list)
  local baseline = baseline_of(section, list)
  local self = { baseline = baseline, compared = comparison.with_baseline(list, baseline), ranks = {}, seeds = 0 }
  if #self.compared == 0 then return nil end
  for _, each in ipairs(self.compared) do
    self.any = self.any or each.is_significant
    self.seeds = math.max(self.seeds, #each.differences)
  end
  local ranked, whole = summary.rank(list, records.manifest.mode)
  ranked = table.move(ranked, 1, whole, 1, {})
  for i, rank in ipairs(comparison.ranks(ranked, self.any)) do self.ranks[ranked[i]] = rank end
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

local function signed(metric, value)
  local text = format.score(metric, value)
  return value > 0 and "+" .. text or text
end

local function p_text(p)
  return p < 0.001 and "< 0.001" or ("%.3f"):format(p)
end

local function interval_text(metric, low, high)
  return low and signed(metric, low) .. " to " .. signed(metric, high) or "-"
end

local function test_name(self)
  return self.seeds > stats.MOST_EXACT and "paired t-test" or "exact sign-flip test"
end

local function comparison_table(self, metric)
  local rows = {}
  for i, each in ipairs(self.compared) do
    rows[i] = {
      sentences.name(each.item), signed(metric, each.mean), interval_text(metric, each.low, each.high),
      p_text(each.p), p_text(each.adjusted), each.is_significant and "yes" or "no",
    }
  end
  return markdown.table({
    { title = "variant", left = true }, { title = "difference" }, { title = "95 % interval" }, { title = "p" },
    { title = "p (Holm)" }, { title = "significant", left = true },
  }, rows)
end

-- ---- sentences ------------------------------------------------------------------------------------------------------

-- The standard deviation of the differences: the median over the comparisons, which one bad variant does not spoil.
local function spread(self)
  local list = {}
  for i, each in ipairs(self.compared) do list[i] = stats.sd(each.differences) end
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function no_seeds_text(self, needed)
  local more = needed > stats.MOST_EXACT and "%d seeds or more" or "%d seeds"
  return ("With %s no difference can be called significant, however large: for %s it takes " .. more .. "."):format(
    format.count(self.seeds, "seed"), format.count(#self.compared, "comparison"), needed)
end

local function significant_text(self, metric)
  local texts = {}
  for _, each in ipairs(self.compared) do
    if each.is_significant then
      texts[#texts + 1] = ("%s (%s)"):format(sentences.name(each.item), signed(metric, each.mean))
    end
  end
  local base = sentences.name(self.baseline)
  if #texts == 0 then return ("No variant differs significantly from %s."):format(base) end
  local names = #texts <= NAMED and format.list(texts) or ("%d of %d variants"):format(#texts, #self.compared)
  return ("%s %s significantly from %s."):format(names, #texts == 1 and "differs" or "differ", base)
end

local function power_text(self, metric)
  local ratio, sd = stats.detectable(self.seeds, #self.compared), spread(self)
  if not ratio or sd == 0 then return "" end
  return ("With %s and this spread a true difference of %s would be found four times in five."):format(
    format.count(self.seeds, "seed"), format.score(metric, ratio * sd))
end

local function simplest_text(self, metric)
  if not self.simplest or not self.error then return "" end
  if self.simplest == self.best then
    return ("No simpler variant (one with fewer parameters) lies within one standard error (%s) of the best."):format(
      format.score(metric, self.error))
  end
  return ("The simplest within one standard error (%s) of the best is %s, with %s parameters."):format(
    format.score(metric, self.error), sentences.name(self.simplest), format.integer(self.simplest.parameters))
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
  add_scores(list)
  for i, item in ipairs(list) do variants[i] = { params = item.variant.params, scores = {} } end
  for k, seed in ipairs(records.manifest.seeds) do
    for i, item in ipairs(list) do variants[i].scores[k] = item.scores[seed] end
  end
  local metric, rows = records.manifest.objective, {}
  local score = ablation.lookup(names, variants)
  for _, effect in ipairs(ablation.effects(varied, #records.manifest.seeds, score)) do
    local values = effect.values
    local low, high
    if #values > 1 then low, high = stats.t_interval(values) end
    rows[#rows + 1] = {
      effect_name(records, effect), #effect.changes == 1 and "effect" or "interaction",
      #values > 0 and signed(metric, stats.mean(values)) or "-", interval_text(metric, low, high),
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
  page:add("An effect is the difference that a change makes, in the mean over all settings of the others; an "
    .. "interaction is how much more two changes do together than the sum of what each does. The intervals "
    .. "(Student's t over the seeds) are not corrected for their number.", effects_table(records, section, list))
end

--- Adds the comparisons.
-- @tparam Page page
-- @tparam Records records
-- @tparam ?table self from `of`
function differences.write(page, records, self)
  if not self then return end
  local metric = records.manifest.objective
  page:add(("Each variant compared with %s, seed by seed (%s; p-values corrected by Holm's method for %s). "
    .. "Ranks with a = are shared, as the data do not separate these variants."):format(
    sentences.name(self.baseline), test_name(self), format.count(#self.compared, "comparison")))
  page:add(comparison_table(self, metric))
  local needed = stats.fewest_seeds(#self.compared)
  if self.seeds < needed then
    page:add(sentences.paragraph(no_seeds_text(self, needed), simplest_text(self, metric)))
  else
    page:add(sentences.paragraph(significant_text(self, metric), power_text(self, metric), simplest_text(self, metric)))
  end
end

return differences
