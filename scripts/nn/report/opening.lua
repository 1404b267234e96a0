--- The beginning of a report: how far the experiment is, what came out, a list of contents, all variants, how to read
-- the scores, the default parameters.
-- @module nn.report.opening
local answer = require "nn.report.answer"
local baseline = require "nn.report.baseline"
local findings = require "nn.report.findings"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local outcome = require "nn.report.outcome"
local records_of = require "nn.report.records"
local sentences = require "nn.report.sentences"
local sorted_keys = require "nn.support.sorted_keys"
local summary = require "nn.report.summary"
local sweep = require "nn.report.sweep"

local opening = {}

local say = sentences.say

local MOST_VARIANTS = 20 -- in the table of all

-- How many trials the sections list, one that several of them share as often.
local function count_listed(records)
  local count = 0
  for _, section in ipairs(records.manifest.sections) do
    for _, variant in ipairs(records_of.variants_of(section)) do count = count + #variant.trials end
  end
  return count
end

-- How many trials have ended, as their folders say, and how many are planned; each counts once.
local function count_trials(records)
  local done, shared = 0, count_listed(records) - #records.order
  for _, id in ipairs(records.order) do
    if records.trials[id].status ~= "waiting" then done = done + 1 end
  end
  return done, math.max(#records.order, ((records.manifest.progress or {}).planned or 0) - shared)
end

local function progress(records)
  local status = records.manifest.status
  if status == "complete" then return nil end
  local done, planned = count_trials(records)
  return say[status == "interrupted" and "interrupted" or status == "error" and "broken" or "unfinished"] {
    done = done, planned = format.count(planned, "trial"), error = markdown.code(tostring(records.manifest.error)),
  }
end

local function generated(manifest)
  local names, seen = {}, {}
  for _, split in ipairs { "train", "validation", "test" } do
    local source = (manifest.data[split] or {}).source
    if source and source.synthetic and not seen[source.name] then
      names[#names + 1], seen[source.name] = markdown.escape(source.name), true
    end
  end
  return #names > 0 and say.generated { names = format.list(names) } or nil
end

local function notice(text)
  return text and markdown.quote(text) or ""
end

-- ---- all variants ---------------------------------------------------------------------------------------------------

local function count_sections(manifest)
  local count = 0
  for _, section in ipairs(manifest.sections) do
    if section.kind ~= "conclusion" and section.variants then count = count + 1 end
  end
  return count
end

local function links(records, item)
  local texts = {}
  for i, trial in ipairs(item.trials) do
    texts[i] = records:link(trial) .. (trial.status == "complete" and "" or " " .. trial.status)
  end
  return table.concat(texts, " ")
end

-- The variants of all sections, best first; those without a score are told of below.
local function leaderboard(page, records, variants)
  local ranked = summary.rank(variants, records.manifest.mode)
  local columns = {
    { title = "variant", left = true, text = findings.name },
    { title = "section", left = true, text = function(item) return page:link(item.section) end },
  }
  table.move(sweep.score_columns(records, findings.of(records, ranked)), 1, 2, 3, columns)
  columns[#columns + 1] = { title = "trials", left = true, text = function(item) return links(records, item) end }
  local shown = table.move(ranked, 1, math.min(#ranked, MOST_VARIANTS), 1, {})
  local text = sentences.paragraph(#shown < #ranked and say.shown { shown = #shown, all = #ranked } or "",
    baseline.text(records))
  return (text ~= "" and text .. "\n\n" or "") .. sweep.table(shown, columns)
end

-- ---- how to read the scores -----------------------------------------------------------------------------------------

-- How many different trials the variants have; those with fresh seeds are none of them.
local function count_of(variants)
  local seen, count = {}, 0
  for _, item in ipairs(variants) do
    for _, trial in ipairs(item.trials) do
      if not seen[trial.id] then seen[trial.id], count = true, count + 1 end
    end
  end
  return count
end

local function extent(records, variants)
  local sections, seeds = count_sections(records.manifest), #records.manifest.seeds
  if #variants == 1 then return say.extent_alone { seeds = format.count(seeds, "seed") } end
  return say.extent { variants = format.count(#variants, "variant"), sections = format.count(sections, "section"),
    seeds = seeds == 1 and "one seed" or format.count(seeds, "seed"),
    trials = format.count(count_of(variants), "trial") }
end

-- What is kept of complete trials besides the weights of the last epoch.
-- @treturn boolean whether callbacks took some trial back to the weights of an earlier epoch
-- @treturn boolean whether some trial kept weights of no epoch, such as averages
local function what_is_kept(records)
  local earlier, other = false, false
  for _, id in ipairs(records.order) do
    local trial = records.trials[id]
    if trial.status == "complete" then
      earlier = earlier or trial.scored_epoch and trial.epochs and trial.scored_epoch < trial.epochs
      other = other or trial.scored_after_training
    end
  end
  return earlier, other
end

local function trial_score(records, metric)
  local earlier, other = what_is_kept(records)
  local kind = records.manifest.keep == "best" and "best_epoch" or earlier and "restored" or "last_epoch"
  return say[kind] { metric = metric } .. (other and " " .. say.evaluated_again {} or "")
end

-- Whether the conclusion found an interval for new samples of the objective.
local function has_interval(records)
  local concluded = outcome.conclusion(records)
  local found = concluded and concluded.intervals or {}
  return next(found.validation or {}) ~= nil or next(found.test or {}) ~= nil
end

local function intervals(records)
  local manifest, noun = records.manifest, records:noun()
  local has_both, seeds = has_interval(records), #manifest.seeds
  if seeds == 2 then return say.two_seeds() end
  if seeds < 2 then
    local is_known = has_both or summary.has_samples_interval(records, manifest.objective)
    return is_known and say.samples_interval { noun = noun } or say.no_interval()
  end
  return sentences.paragraph(say.seeds_interval { seeds = format.count(seeds, "seed"), noun = noun },
    has_both and say.both_interval { noun = noun } or "")
end

local function reading(records, variants)
  local manifest = records.manifest
  local metric = sentences.metric(manifest.objective)
  local slots = { experiment = markdown.code(manifest.name or "unnamed"), metric = metric,
    superlative = findings.superlative(manifest) }
  if #variants == 0 then return say.question_alone(slots) end
  slots.extent = extent(records, variants)
  return sentences.paragraph(say.question(slots), trial_score(records, metric), intervals(records))
end

local function parameters(records)
  local manifest, varied = records.manifest, {}
  for _, section in ipairs(manifest.sections) do
    for _, axis in ipairs(section.varied or {}) do
      varied[axis.name] = varied[axis.name] or {}
      table.insert(varied[axis.name], markdown.escape(section.title or "a trial"))
    end
  end
  local rows = {}
  for i, name in ipairs(sorted_keys(manifest.params)) do
    local default = markdown.escape(records:value(name, manifest.params[name]))
    if manifest.overrides[name] ~= nil then default = say.given { value = default } end
    rows[i] = { markdown.escape(name), default, varied[name] and table.concat(varied[name], ", ") or "" }
  end
  if #rows == 0 then return "" end
  return say.defaults() .. "\n\n" .. markdown.table({
    { title = "parameter", left = true }, { title = "default", left = true }, { title = "varied in", left = true },
  }, rows)
end

--- Adds it to a page. The answer comes first, but links to what follows: the parts that need all headings are filled in
-- by the function returned.
-- @tparam Page page
-- @tparam Records records
-- @treturn function to be called when all headings are known
function opening.write(page, records)
  local manifest, variants = records.manifest, summary.all(records)
  page:heading(1, manifest.title or manifest.name or "Experiment")
  page:add(notice(progress(records)), notice(generated(manifest)))
  local result, contents = page:reserve(), page:reserve()
  local has_board = #summary.rank(variants, manifest.mode) > 1 and count_sections(manifest) > 1
  if has_board then page:heading(2, say.all_variants()) end
  local board = page:reserve()
  page:heading(2, say.how_to_read())
  local tested = manifest.test_every_trial and say.every_trial_tested() or ""
  page:add(reading(records, variants), tested, parameters(records))
  return function()
    local function link(section) return page:link(section) end
    if #variants > 0 then
      local best, standing = answer.of(records, variants, link)
      -- Nothing is a result before the script concludes.
      local word = say[outcome.conclusion(records) and "word_result" or "word_so_far"]()
      page:fill(result, sentences.paragraph(word, best, standing))
    end
    local headings = page:contents()
    page:fill(contents, headings ~= "" and say.contents { links = headings } or "")
    page:fill(board, has_board and leaderboard(page, records, variants) or "")
  end
end

return opening
