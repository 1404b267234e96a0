--- Which runs were lost, as they have no score, and which collapsed: a mean of the others, or with them, misleads.
-- @module nn.report.runs
local collapse = require "nn.stats.collapse"
local fates = require "nn.trials.fates"
local baseline = require "nn.report.baseline"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local sentences = require "nn.report.sentences"
local sorted_keys = require "nn.support.sorted_keys"

local runs = {}

local say = sentences.say

-- ---- lost runs ------------------------------------------------------------------------------------------------------

local NO_SCORE = "no score" -- of a run that ended as it should, but with a score that is not finite

-- How many runs of a variant ended in which way without a score.
local function count_lost(item)
  local counts, lost, has_score = {}, 0, {}
  for _, trial in ipairs(item.done) do has_score[trial] = true end
  for _, trial in ipairs(item.trials) do
    local fate = trial.status == "complete" and NO_SCORE or trial.status
    if not has_score[trial] and fate ~= "waiting" then counts[fate], lost = (counts[fate] or 0) + 1, lost + 1 end
  end
  return counts, lost
end

local function fate_text(fate, count)
  return fate == NO_SCORE and say.not_scored() or fates.verb(fate, count)
end

--- What became of the runs of a variant that have no score: "2 diverged and 1 timed out".
-- @tparam table item from `summary.of`
-- @treturn ?string nil where no run was lost
function runs.fates(item)
  local counts, lost = count_lost(item)
  local kinds, parts = sorted_keys(counts), {}
  if #kinds == 1 and lost == #item.trials and lost > 1 then
    return say.all_runs { all = format.all(lost), fate = fate_text(kinds[1], lost) }
  end
  for i, fate in ipairs(kinds) do
    local text = fate_text(fate, counts[fate])
    parts[i] = #item.trials > 1 and say.some_runs { count = counts[fate], fate = text } or text
  end
  return #parts > 0 and format.list(parts) or nil
end

-- Variants without a score whose runs ended alike: each by its name, or how many they are.
local function all_lost(group)
  local texts, kind = {}, group.runs == 1 and "lost_one" or "lost_all"
  if #group > findings.NAMED then
    return say[kind .. "_of_many"] { Count = format.sentence(format.word(#group)), fates = group.text }
  end
  for i, name in ipairs(group) do texts[i] = say[kind] { name = name, fates = group.text } end
  return table.concat(texts, " ")
end

--- Which variants lost runs, since a mean over those that survived flatters.
-- @tparam {table,...} list from `summary.of`
-- @treturn string
function runs.lost(list)
  local parts, alike = {}, {}
  for _, item in ipairs(list) do
    local text, count = runs.fates(item), #item.trials
    if text and #item.done == 0 then
      local group = alike[text] or { text = text, runs = count }
      if #group == 0 then alike[text], parts[#parts + 1] = group, group end
      group[#group + 1] = findings.name(item)
    elseif text then
      parts[#parts + 1] = say[#item.done == 1 and "lost_but_one" or "lost_some"] {
        name = findings.name(item), done = #item.done, runs = count, fates = text }
    end
  end
  for i, part in ipairs(parts) do
    if type(part) == "table" then parts[i] = all_lost(part) end
  end
  return table.concat(parts, " ")
end

-- ---- collapsed runs -------------------------------------------------------------------------------------------------

--- The runs of a variant that collapsed, see `collapse.of`.
-- @tparam Records records
-- @tparam table item from `summary.of`
-- @treturn {[integer]=true} seeds
-- @treturn integer how many
-- @treturn ?number the median score
function runs.collapsed(records, item)
  return collapse.of(item.scores, records.manifest.mode, baseline.score(records))
end

-- "0.0980 and 0.1135", the first seed's first.
local function scores_text(records, item, seeds)
  local texts = {}
  for _, trial in ipairs(item.done) do
    if seeds[trial.seed] then texts[#texts + 1] = records:number(records.manifest.objective, trial.score) end
  end
  return format.list(texts)
end

--- Which runs collapsed, in words.
-- @tparam Records records
-- @tparam {table,...} list of variants
-- @treturn string empty where none did
function runs.collapsed_text(records, list)
  local texts, of = {}, {}
  for _, item in ipairs(list) do
    local seeds, count, median = runs.collapsed(records, item)
    if count > 0 then
      of[#of + 1] = findings.name(item)
      texts[#texts + 1] = say[count == 1 and "collapsed_one" or "collapsed_some"] { name = findings.name(item),
        Count = format.sentence(format.word(count)), runs = format.word(#item.trials),
        scores = scores_text(records, item, seeds), median = records:number(records.manifest.objective, median) }
    end
  end
  if #texts > findings.NAMED then return say.collapsed_many { count = format.word(#texts) } end
  return table.concat(texts, " ")
end

return runs
