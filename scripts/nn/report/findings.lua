--- What the scores of some variants say together, and no more: which is best, which share a score, which the data do
-- not separate from it, which lost runs.
-- @module nn.report.findings
local border = require "nn.stats.border"
local comparison = require "nn.stats.comparison"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local naming = require "nn.report.naming"
local scores = require "nn.report.scores"
local sentences = require "nn.report.sentences"
local stats = require "nn.stats"
local summary = require "nn.report.summary"

local findings = {}

local say = sentences.say

--- Up to so many variants are named, more are counted.
findings.NAMED = 3

-- ---- words ----------------------------------------------------------------------------------------------------------

--- The word for the best of some scores.
-- @tparam table manifest
-- @treturn string
function findings.superlative(manifest)
  return manifest.mode == "min" and "lowest" or "highest"
end

--- A variant's name: its settings as code, or words.
-- @tparam table item from `summary.of`
-- @treturn string Markdown
function findings.name(item)
  return item.label == naming.DEFAULTS and item.label or markdown.code(item.label)
end

local function names_of(items)
  local names = {}
  for i, item in ipairs(items) do names[i] = findings.name(item) end
  return format.list(names)
end

-- ---- the best -------------------------------------------------------------------------------------------------------

--- How some variants compare by their scores.
-- @tparam Records records
-- @tparam {table,...} list from `summary.of`
-- @treturn table `list`; `ranked`: those that are compared, best first (those that lost no run, if there are any);
-- `leaders`: those of them that share the best score; `is_tie`: whether all do; `is_partial`: whether others, which
-- lost runs, are not compared. Where the best is told by its score on fresh seeds, `seeds_text` names those that chose
function findings.of(records, list)
  local ranked, whole = summary.rank(list, records.manifest.mode)
  local self = { list = list, is_partial = whole > 0 and whole < #ranked }
  self.ranked = whole > 0 and table.move(ranked, 1, whole, 1, {}) or ranked
  self.leaders = summary.leaders(self.ranked)
  self.is_tie = #self.leaders > 1 and #self.leaders == #self.ranked
  return self
end

local function slots_of(records, self)
  local manifest = records.manifest
  local first = self.ranked[1]
  return {
    name = findings.name(first), names = names_of(self.leaders), superlative = findings.superlative(manifest),
    metric = sentences.metric(manifest.objective), score = scores.text(records, manifest.objective, first.score),
    All = format.sentence(format.all(#self.ranked)),
  }
end

--- Which variant has the best mean score, or which share it; without how the others stand to it.
-- @tparam Records records
-- @tparam table self from `of`
-- @treturn string
function findings.best(records, self)
  if #self.ranked == 0 then return say[records.manifest.status == "complete" and "none" or "none_yet"]() end
  local slots = slots_of(records, self)
  if #self.list == 1 then return say.alone(slots) end
  if #self.ranked == 1 then
    slots.with = self.is_partial and say.only_whole() or records.manifest.status == "complete" and say.only_result()
      or say.only_so_far()
    return say.only(slots)
  elseif self.is_tie then
    local is_scored = #self.ranked < #self.list
    return say[self.is_partial and "all_equal_whole" or is_scored and "all_equal_scored" or "all_equal"](slots)
  elseif #self.leaders > 1 then
    return say.share(slots)
  end
  return say[self.is_partial and "best_whole" or "best"](slots)
end

-- ---- how the others stand to it -------------------------------------------------------------------------------------

-- A variant with its score and how far that is from the best: "0.9759, 0.0029 lower".
local function closest(records, self, item)
  local metric, best = records.manifest.objective, self.ranked[1].score.mean
  local far = records:number(metric, math.abs(item.score.mean - best))
  local kind = not far:find "[1-9]" and "equal" or item.score.mean < best and "lower" or "higher"
  local slots = { score = records:number(metric, item.score.mean), difference = far,
    seeds = self.seeds_text and say.on_seeds { seeds = self.seeds_text } or "" }
  return { name = findings.name(item), score = say["closest_" .. kind](slots) }
end

local function count_pairs(n)
  return n * (n - 1) // 2
end

--- How many seeds suffice for every test of a report, as they do for all pairs of its variants: the one number that its
-- sentences name.
-- @tparam Records records
-- @treturn integer
function findings.enough_seeds(records)
  return stats.fewest_seeds(math.max(1, count_pairs(#(naming.names(records)))))
end

--- That the seeds do not suffice for a test: more are needed, or others lost their runs, or have not run yet.
-- @tparam Records records
-- @tparam integer shared the most seeds that two variants both have a score for
-- @tparam[opt] integer count of variants, where all pairs of them are tested
-- @treturn string
function findings.too_few(records, shared, count)
  local seeds = #records.manifest.seeds
  local slots = { needed = findings.enough_seeds(records), shared = format.count(shared, "seed"),
    all = count and format.all(count), Seeds = format.sentence(format.count(seeds, "seed")) }
  if seeds >= slots.needed then return say.too_few_shared(slots) end
  return say[count and "too_few_pairs" or "too_few"](slots)
end

-- Which of the others a test with enough seeds separates from the best.
local function separation(records, self, others, apart)
  local close = {}
  for _, item in ipairs(others) do
    if not apart[item] then close[#close + 1] = item end
  end
  local slots = closest(records, self, close[1] or others[1])
  slots.count, slots.all = format.word(#others - #close), format.word(#others)
  local kind = #close == 0 and "separated" or #close == #others and "not_separated" or "partly_separated"
  if #close == 0 then slots.all = format.all(#others) end
  return say[#others == 1 and kind .. "_two" or kind](slots)
end

local function tested(records, self, others)
  local list, comparisons = comparison.with_baseline(self.ranked, self.ranked[1], true)
  local needed, seeds, apart = stats.fewest_seeds(math.max(1, comparisons)), 0, {}
  for _, each in ipairs(list) do
    seeds = math.max(seeds, #each.differences)
    apart[each.item] = each.is_significant or nil
  end
  if seeds >= needed then return separation(records, self, others, apart) end
  return say.next(closest(records, self, others[1])) .. " " .. findings.too_few(records, seeds, #self.ranked)
end

--- How the other variants stand to the best: with several seeds by a test; with one, or where a test is given
-- elsewhere, by their order alone. Their intervals decide nothing: among ten equal variants that of the best often lies
-- apart from another's.
-- @tparam Records records
-- @tparam table self from `of`
-- @tparam boolean with_test whether to test with several seeds
-- @treturn string empty where there is no best, or nothing to hold it against
function findings.standing(records, self, with_test)
  if self.is_tie or #self.ranked <= #self.leaders then return "" end
  local others = table.move(self.ranked, #self.leaders + 1, #self.ranked, 1, {})
  if #records.manifest.seeds < 2 or not with_test or #self.leaders > 1 then
    return say.next(closest(records, self, others[1]))
  end
  return tested(records, self, others)
end

--- What one seed cannot tell; empty with several seeds, a single variant, or where all are equal.
-- @tparam Records records
-- @tparam table self from `of`
-- @treturn string
function findings.caution(records, self)
  if #records.manifest.seeds > 1 or #self.ranked < 2 or self.is_tie then return "" end
  return say.one_seed { needed = findings.enough_seeds(records) }
end

-- ---- borders --------------------------------------------------------------------------------------------------------

-- The one variant that alone has the best score, those that lost runs included.
local function winner(self, mode)
  local means = {}
  for i, item in ipairs(self.list) do means[i] = item.score and item.score.mean end
  return self.list[border.winner(mode, means, #self.list)]
end

--- The varied numbers of a grid whose best value is the smallest or the largest tried.
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam table self from `of`
-- @treturn string a sentence each; empty where no variant alone is best, or where values were drawn
function findings.border(records, section, self)
  local best, texts, scored = winner(self, records.manifest.mode), {}, {}
  for _, item in ipairs(self.list) do scored[#scored + 1] = item.score and item end
  if (section.method or "grid") ~= "grid" or not best or best ~= self.leaders[1] then return "" end
  for _, varied in ipairs(section.varied or {}) do
    local name, value = varied.name, best.variant.params[varied.name]
    local place = border.of(summary.values(scored, name), value)
    if place then
      texts[#texts + 1] = say.border { name = markdown.code(name), value = markdown.escape(records:value(name, value)),
        place = place, beyond = place == "smallest" and "smaller" or "larger" }
    end
  end
  return table.concat(texts, " ")
end

return findings
