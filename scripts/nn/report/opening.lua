--- The beginning of a report: how far the experiment is, what was asked, what came out, the default parameters.
-- @module nn.report.opening
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local summary = require "nn.report.summary"

local opening = {}

local function progress(manifest)
  local done = manifest.progress or {}
  local extent = ("%s of %s"):format(format.integer(done.done or 0), format.count(done.planned or 0, "trial"))
  if manifest.status == "interrupted" then
    return ("**Interrupted** after %s. The command at the end of this page goes on from there."):format(extent)
  elseif manifest.status == "error" then
    return ("**Ended by an error** after %s: %s. Finished trials are kept; the command at the end of this page goes on "
      .. "from there."):format(extent, markdown.code(tostring(manifest.error)))
  elseif manifest.status ~= "complete" then
    return ("**Not finished**: %s done when this page was written."):format(extent)
  end
end

local function generated(manifest)
  local names, seen = {}, {}
  for _, split in ipairs { "train", "validation", "test" } do
    local source = (manifest.data[split] or {}).source
    if source and source.synthetic and not seen[source.name] then
      names[#names + 1], seen[source.name] = markdown.escape(source.name), true
    end
  end
  if #names == 0 then return nil end
  return ("**GENERATED DATA.** This is not the real %s: nnrun made up data of the same shape. The numbers below say "
    .. "nothing about the real data and must not be compared with results on it."):format(format.list(names))
end

local function notice(text)
  return text and markdown.quote(text) or ""
end

local function extent(records, variants)
  local counts, parts = { sweep = 0, trial = 0 }, {}
  for _, section in ipairs(records.manifest.sections) do
    if counts[section.kind] then counts[section.kind] = counts[section.kind] + 1 end
  end
  if counts.sweep > 0 then parts[#parts + 1] = format.count(counts.sweep, "sweep") end
  if counts.trial > 0 then parts[#parts + 1] = format.count(counts.trial, "single variant") end
  local seeds = #records.manifest.seeds
  return ("%s, %s in all, each trained with %s: %s"):format(format.list(parts), format.count(#variants, "variant"),
    seeds == 1 and "one seed" or format.count(seeds, "seed"), format.count(#records.order, "trial"))
end

--- Whether callbacks took some trial back to the weights of an earlier epoch.
local function goes_back(records)
  for _, id in ipairs(records.order) do
    local trial = records.trials[id]
    if trial.status == "complete" and trial.scored_epoch and trial.epochs and trial.scored_epoch < trial.epochs then
      return true
    end
  end
  return false
end

local function trial_score(records)
  local manifest = records.manifest
  local metric = sentences.metric(manifest.objective)
  if manifest.keep ~= "best" then
    return ("A trial's score is its %s after the last epoch%s"):format(metric, goes_back(records)
      and ", or after the earlier one whose weights a callback restored; being the best of several, that tends to be "
        .. "too good" or "")
  end
  return ("A trial's score is its %s after its best epoch, whose weights are kept; being the best of several, it "
    .. "tends to be too good"):format(metric)
end

local function intervals(records)
  local manifest = records.manifest
  if #manifest.seeds > 1 then
    return "; a variant's score is the mean over its seeds. The 95 % interval beside it (Student's t) is where the "
      .. "mean over very many seeds is likely to lie; all seeds see the same data."
  elseif format.is_accuracy(manifest.objective) then
    return (". The 95 %% interval beside it (Wilson's) is where the score on very many other %ss is likely to lie; "
      .. "what another seed would change it does not tell."):format(records:noun())
  end
  return ". With one seed there is no interval."
end

local function question(records, variants)
  local manifest = records.manifest
  local asked = ("The experiment %s looks for the %s %s"):format(markdown.code(manifest.name or "unnamed"),
    sentences.superlative(manifest), sentences.metric(manifest.objective))
  if #variants == 0 then return asked .. "." end
  return ("%s: %s. %s%s"):format(asked, extent(records, variants), trial_score(records), intervals(records))
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
  for i, name in ipairs(summary.sorted(manifest.params)) do
    local default = markdown.escape(records:value(name, manifest.params[name]))
    if manifest.overrides[name] ~= nil then default = default .. " (given on the command line)" end
    rows[i] = { markdown.escape(name), default, varied[name] and table.concat(varied[name], ", ") or "" }
  end
  if #rows == 0 then return "" end
  return "The parameters and their defaults:\n\n" .. markdown.table({
    { title = "parameter", left = true }, { title = "default", left = true }, { title = "varied in", left = true },
  }, rows)
end

local function every_trial_tested(manifest)
  if not manifest.test_every_trial then return "" end
  return "**Every trial was measured on the test data too.** That is not how one chooses a model: the best of many "
    .. "test scores owes part of its height to chance, and no data is left that would show how much. Read the test "
    .. "column beside the validation column, not as a ground for choosing."
end

--- Adds it to a page.
-- @tparam Page page
-- @tparam Records records
-- @tparam string test_result what came out on test data, in a sentence; or empty
function opening.write(page, records, test_result)
  local manifest = records.manifest
  local variants = summary.all(records)
  page:add(markdown.heading(1, manifest.title or manifest.name or "Experiment"))
  page:add(notice(progress(manifest)), notice(generated(manifest)), question(records, variants))
  if #variants > 0 then
    page:add(sentences.paragraph("**Result.**", sentences.best(records, variants, "the experiment"),
      sentences.caution(records, variants), test_result))
  end
  page:add(every_trial_tested(manifest), parameters(records))
end

return opening
