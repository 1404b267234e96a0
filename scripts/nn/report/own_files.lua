--- The pictures and files that a trial has kept of its own (`trial:save_figure`, `trial:save_file`).
-- @module nn.report.own_files
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"

local own_files = {}

local say = sentences.say

local MOST = 12 -- pictures shown; of more the last ones, which show where training led

-- A link within a trial's folder as seen from the report.
local function from_report(text, trial)
  return (text:gsub("%(files/", ("(trials/%s/files/"):format(trial.id)))
end

local function is_shown(entry) return entry.kind == "figure" and entry.markdown ~= nil end

-- Adds the pictures of a trial.
local function add_figures(page, records, trial, figures)
  if #figures == 0 then return end
  local first = math.max(1, #figures - MOST + 1)
  page:add(say.own_figures { trial = records:link(trial) } .. (first > 1 and " "
    .. format.sentence(say.more_figures { more = format.count(first - 1, "picture") }) or ""))
  for i = first, #figures do
    page:add(("**%s**"):format(markdown.escape(figures[i].name)), from_report(figures[i].markdown, trial))
  end
end

--- Adds those of the first complete trial of a variant.
-- @tparam Page page
-- @tparam Records records
-- @tparam ?table item the variant, from `summary.of`
function own_files.write(page, records, item)
  local trial = item and item.done[1]
  if not trial or #(trial.files or {}) == 0 then return end
  local figures, links = {}, {}
  for _, entry in ipairs(trial.files) do
    if is_shown(entry) then
      figures[#figures + 1] = entry
    else
      links[#links + 1] = from_report(("[%s](files/%s)"):format(markdown.escape(entry.name), entry.name), trial)
    end
  end
  add_figures(page, records, trial, figures)
  if #links > 0 then page:add(say.own_files { trial = records:link(trial), files = table.concat(links, ", ") }) end
end

return own_files
