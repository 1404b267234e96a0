--- Sentences that say what the numbers say, and no more.
-- "Highest" is said of a score; that one variant beats another is left to their intervals, and where these overlap, or
-- where one seed was run, the sentence says so.
-- @module nn.report.sentences
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local summary = require "nn.report.summary"

local sentences = {}

local NAMED = 3 -- up to so many variants are named, more are counted
local FATES = { timeout = "timed out" }

--- The word for the best of some scores.
-- @tparam table manifest
-- @treturn string
function sentences.superlative(manifest)
  return manifest.mode == "min" and "lowest" or "highest"
end

--- What a metric's name says in words, as Markdown (see `format.metric`).
-- @tparam string name
-- @tparam[opt] string other
-- @treturn string
function sentences.metric(name, other)
  return markdown.escape(format.metric(name, other))
end

--- A variant's name: its settings as code, or words.
-- @tparam table item from `summary.of`
-- @treturn string Markdown
function sentences.name(item)
  return item.label == summary.DEFAULTS and item.label or markdown.code(item.label)
end

--- What an interval is over: "over 3 seeds", "over the 10,000 validation images".
-- @tparam Records records
-- @tparam table score from `summary.measure`
-- @treturn string
function sentences.over(records, score)
  if score.over == "seeds" then return "over " .. format.count(score.n, "seed") end
  return ("over the %s %s %ss"):format(format.integer(score.n), score.split, records:noun())
end

--- Sentences as a paragraph; empty ones are left out.
-- @tparam string ...
-- @treturn string
function sentences.paragraph(...)
  local said = {}
  for _, text in ipairs { ... } do
    if text ~= "" then said[#said + 1] = text end
  end
  return table.concat(said, " ")
end

--- A score with its interval: "0.9779 (95 % interval 0.9748 to 0.9806)".
-- @tparam string metric
-- @tparam table score from `summary.measure`
-- @tparam[opt] Records records if it is to be said what the interval is over
-- @treturn string
function sentences.score(metric, score, records)
  local text = format.score(metric, score.mean)
  if not score.low then return text end
  local over = records and " " .. sentences.over(records, score) or ""
  return ("%s (95 %% interval %s%s)"):format(text, format.interval(metric, score.low, score.high), over)
end

local function names_with_scores(metric, list)
  local names = {}
  for i, item in ipairs(list) do
    names[i] = ("%s (%s)"):format(sentences.name(item), format.score(metric, item.score.mean))
  end
  return format.list(names)
end

local function overlap_text(metric, list, count)
  if #list == 1 then return ("the interval of %s overlaps"):format(names_with_scores(metric, list)) end
  if #list <= NAMED then return ("the intervals of %s overlap"):format(names_with_scores(metric, list)) end
  local others = #list == count and "all %d others" or "%d others"
  return ("the intervals of %s, next %s, overlap"):format(others:format(#list), names_with_scores(metric, { list[1] }))
end

local function apart_text(manifest, list)
  local side = manifest.mode == "min" and "above" or "below"
  local next_one = names_with_scores(manifest.objective, { list[1] })
  if #list == 1 then return ("the interval of %s lies %s it"):format(next_one, side) end
  return ("the intervals of all others lie %s it, next %s"):format(side, next_one)
end

-- How the others stand to the first: whether their intervals reach it.
local function comparison(manifest, ranked, where)
  local overlapping, known = {}, {}
  for i = 2, #ranked do
    local other = ranked[i]
    if other.score.low then
      known[#known + 1] = other
      if not summary.apart(ranked[1], other) then overlapping[#overlapping + 1] = other end
    end
  end
  if not ranked[1].score.low or #known == 0 then
    local standing = ranked[2].score.mean == ranked[1].score.mean and "the same as that of " or "next is "
    return standing .. names_with_scores(manifest.objective, { ranked[2] })
  end
  local text = apart_text(manifest, known)
  if #overlapping > 0 then
    text = overlap_text(manifest.objective, overlapping, #ranked - 1)
    text = text .. " with it"
    if #manifest.seeds < 2 then text = ("%s, so %s does not separate them"):format(text, where) end
  end
  local unknown = #ranked - 1 - #known
  return unknown == 0 and text or ("%s; %s without an interval cannot be compared"):format(text, unknown)
end

-- Variants that lost runs are not compared with those that did not.
local function comparable(list, mode)
  local ranked, whole = summary.rank(list, mode)
  return whole > 0 and table.move(ranked, 1, whole, 1, {}) or ranked, whole > 0 and whole < #ranked
end

--- Which variant has the best mean score, and which others its interval does not tell from it.
-- @tparam Records records
-- @tparam {table,...} list from `summary.of`
-- @tparam string where "this sweep"
-- @treturn string
function sentences.best(records, list, where)
  local manifest = records.manifest
  local ranked, some_left_out = comparable(list, manifest.mode)
  if #ranked == 0 then return "No trial has a score yet." end
  local metric = sentences.metric(manifest.objective)
  local score = sentences.score(manifest.objective, ranked[1].score)
  if #list == 1 then return ("The %s is %s."):format(metric, score) end
  local among = some_left_out and "Among the variants that lost no run, the" or "The"
  local text = ("%s %s %s, %s, is that of %s"):format(among, sentences.superlative(manifest), metric, score,
    sentences.name(ranked[1]))
  if #ranked == 1 then return text .. ", and there is no other." end
  return ("%s; %s."):format(text, comparison(manifest, ranked, where))
end

--- What one seed, or an interval over samples, cannot tell; empty with several seeds or a single variant.
-- @tparam Records records
-- @tparam {table,...} list from `summary.of`
-- @treturn string
function sentences.caution(records, list)
  local ranked = summary.rank(list, records.manifest.mode)
  if #records.manifest.seeds > 1 or #ranked < 2 then return "" end
  local score = ranked[1].score
  if not score.low then
    return "Each score is of one training run: no interval can be given, and a difference may be chance."
  end
  return ("With one seed each, no difference can be called significant: intervals are %s, not over training runs.")
    :format(sentences.over(records, score))
end

-- The numbers tried, sorted; nil where there are other values among them or too few for a border to mean much
local function numbers_of(list, name)
  local values = summary.values(list, name)
  for _, value in ipairs(values) do
    if type(value) ~= "number" then return nil end
  end
  table.sort(values)
  return #values >= 3 and values or nil
end

--- A warning for each varied number whose best value is the smallest or the largest tried; 0 is no border, for nothing
-- lies below it for a rate, a momentum or a count.
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam {table,...} list from `summary.of`
-- @treturn string
function sentences.border(records, section, list)
  if (section.method or "grid") ~= "grid" then return "" end
  local best, warnings = summary.rank(list, records.manifest.mode)[1], {}
  for _, varied in ipairs(best and section.varied or {}) do
    local values, value = numbers_of(list, varied.name), best.variant.params[varied.name]
    if values and value ~= 0 and (value == values[1] or value == values[#values]) then
      warnings[#warnings + 1] = ("%s is the %s value tried: the optimum may lie beyond."):format(
        markdown.code(records:settings({ [varied.name] = value }, { varied.name })),
        value == values[1] and "smallest" or "largest")
    end
  end
  return table.concat(warnings, " ")
end

-- "2 diverged and 1 timed out"; nil where no run was lost.
local function fates(item)
  local counts, parts = {}, {}
  for _, trial in ipairs(item.trials) do
    local fate = FATES[trial.status] or trial.status
    if fate ~= "complete" and fate ~= "waiting" then counts[fate] = (counts[fate] or 0) + 1 end
  end
  for _, fate in ipairs(summary.sorted(counts)) do
    parts[#parts + 1] = (#item.trials > 1 and counts[fate] .. " " or "") .. fate
  end
  return #parts > 0 and format.list(parts) or nil
end

--- Which variants lost runs, since a mean over those that survived flatters.
-- @tparam {table,...} list from `summary.of`
-- @treturn string
function sentences.lost(list)
  local parts = {}
  for _, item in ipairs(list) do
    local lost, runs = fates(item), #item.trials
    if lost and #item.done > 0 then
      parts[#parts + 1] = ("The mean of %s is over %d of %d runs: %s."):format(
        sentences.name(item), #item.done, runs, lost)
    elseif lost then
      local of = runs == 1 and "its run" or ("of its %d runs"):format(runs)
      parts[#parts + 1] = ("No score for %s: %s %s."):format(sentences.name(item), of, lost)
    end
  end
  return table.concat(parts, " ")
end

return sentences
