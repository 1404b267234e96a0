--- The end of a report: trials without a score, warnings, the data, how to run it again, what it ran on, the links.
-- @module nn.report.closing
local fates = require "nn.trials.fates"
local data = require "nn.report.data"
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local naming = require "nn.report.naming"
local sentences = require "nn.report.sentences"
local shell = require "nn.support.shell"

local closing = {}

local say = sentences.say

local ALIKE = 3 -- trials that ended alike are listed one by one up to so many

-- Trials without a score, those together that ended alike.
local function lost_trials(records)
  local groups, by_end = {}, {}
  for _, id in ipairs(records.order) do
    local trial = records.trials[id]
    if trial.status ~= "complete" and trial.status ~= "waiting" then
      local key = trial.status .. ": " .. (trial.reason or "")
      if not by_end[key] then by_end[key], groups[#groups + 1] = {}, key end
      table.insert(by_end[key], trial)
    end
  end
  for i, key in ipairs(groups) do groups[i] = by_end[key] end
  return groups
end

-- "27 trials failed for the same reason: ...; the first is [a1b2c3]."
local function gathered(records, group)
  local first = group[1]
  local text = fates.gathered(#group, first.status, first.reason or "-")
  return say.lost_alike { text = markdown.escape(text), trial = records:link(first) }
end

local function table_of_trials(rows)
  return markdown.table({
    { title = "trial", left = true }, { title = "section", left = true }, { title = "variant", left = true },
    { title = "seed" }, { title = "status", left = true }, { title = "reason", left = true },
  }, rows)
end

-- The trials that have no score: a line for many that ended alike, a table of the others; nil for none.
local function losses(records)
  local names, rows, texts = select(2, naming.names(records)), {}, {}
  for _, group in ipairs(lost_trials(records)) do
    if #group > ALIKE then texts[#texts + 1] = gathered(records, group) end
    for _, trial in ipairs(#group <= ALIKE and group or {}) do
      rows[#rows + 1] = {
        records:link(trial), markdown.escape(table.concat(trial.sections, ", ")), markdown.code(names[trial.id]),
        tostring(trial.seed or "-"), markdown.escape(trial.status), markdown.escape(trial.reason or "-"),
      }
    end
  end
  if #rows > 0 then texts[#texts + 1] = table_of_trials(rows) end
  return #texts > 0 and table.concat(texts, "\n\n") or nil
end

local DEFAULT_REPORTS = "reports"

local function command_words(manifest)
  local words = {}
  for i, word in ipairs(manifest.command or {}) do words[i] = tostring(word) end
  if #words == 0 and manifest.script then words = { "nnrun", tostring(manifest.script) } end
  return words
end

--- The command that writes the page again.
local function report_command(manifest, program)
  local words = { program, "report", manifest.name or "NAME" }
  if type(manifest.reports) == "string" and manifest.reports ~= DEFAULT_REPORTS then
    table.move({ "--reports", manifest.reports }, 1, 2, #words + 1, words)
  end
  return shell.line(words)
end

local function again(manifest)
  local words = command_words(manifest)
  if #words == 0 then return "" end
  return markdown.code_block("sh", shell.line(words)) .. "\n\n"
    .. say.again { report = markdown.code(report_command(manifest, words[1])) }
end

local ENVIRONMENT = {
  "nnrun", "compiler", "kernels", "blas", "processor", "cores", "threads", "jobs", "system", "host",
}
local TITLES = { kernels = "vector code", blas = "BLAS", threads = "threads a trial", jobs = "trials at a time" }

local function peak_memory(records)
  local peak
  for _, trial in pairs(records.trials) do
    if type(trial.peak_memory) == "number" then peak = math.max(peak or 0, trial.peak_memory) end
  end
  return peak
end

local function environment(records)
  local manifest, rows = records.manifest, {}
  local function row(title, value)
    if value ~= nil then rows[#rows + 1] = { title, markdown.escape(tostring(value)) } end
  end
  row("started", manifest.created)
  row("took", type(manifest.seconds) == "number" and format.duration(manifest.seconds) or nil)
  local peak = peak_memory(records)
  row("most memory of a trial", peak and format.memory(peak))
  for _, name in ipairs(ENVIRONMENT) do row(TITLES[name] or name, (manifest.environment or {})[name]) end
  local seal = manifest.seal
  row("seal", type(seal) == "table" and say.seal { hash = seal.hash, line = seal.lines } or nil)
  if #rows == 0 then return "" end
  return markdown.table({ { title = "what", left = true }, { title = "here", left = true } }, rows)
end

local function links(records)
  local lines = {}
  for _, id in ipairs(records.order) do
    if records.trials[id].has_folder then
      lines[#lines + 1] = ("[%s]: trials/%s/"):format(records.short[id], id)
    end
  end
  return table.concat(lines, "\n")
end

--- Adds it to a page.
-- @tparam Page page
-- @tparam Records records
function closing.write(page, records)
  local manifest = records.manifest
  local items = {}
  for i, text in ipairs(manifest.warnings) do items[i] = markdown.item(text) end
  for _, text in ipairs(records.changed or {}) do
    local within = text:sub(1, #records.folder) == records.folder and text:sub(#records.folder + 2) or text
    items[#items + 1] = markdown.item(say.changed() .. " " .. within)
  end
  local function part(title, text)
    if not text or text == "" then return end
    page:heading(2, title)
    page:add(text)
  end
  part(say.without_result(), losses(records))
  part(say.warnings_title(), #items > 0 and markdown.list(items))
  data.write(page, records)
  part(say.running_again(), again(manifest))
  part(say.what_it_ran_on(), environment(records))
  if #records.order > 0 then
    page:add(say.files())
  end
  page:add(links(records))
end

return closing
