--- Reports: a page of Markdown about an experiment, with its charts and a table of its trials.
-- A report is written from the experiment's folder alone, at any moment: while trials run, after some failed, or years
-- later.
-- @module nn.report
local blame = require "nn.support.blame"
local closing = require "nn.report.closing"
local conclusion = require "nn.report.conclusion"
local csv = require "nn.report.csv"
local files = require "nn.support.files"
local markdown = require "nn.report.markdown"
local opening = require "nn.report.opening"
local page_of = require "nn.report.page"
local plot = require "nn.plot"
local records_of = require "nn.report.records"
local sealing = require "nn.store.sealing"
local sentences = require "nn.report.sentences"
local sweep = require "nn.report.sweep"

local report = {}

local function write(path, text)
  local done, message = files.write(path, text)
  if not done then blame.fatal(4, "cannot write %s: %s", path, message) end
end

-- The name of the files of a section's charts; sections may have the same title.
local function stem_of(section, taken)
  local slug = plot.slug(section.title or "trial")
  taken[slug] = (taken[slug] or 0) + 1
  return taken[slug] == 1 and slug or slug .. "-" .. taken[slug]
end

local function add_section(page, records, section, taken)
  if section.kind == "note" then
    page:add_foreign(((section.text or ""):gsub("^%s*\n", ""):gsub("%s+$", "")))
  elseif section.kind == "figure" then
    page:heading(2, section.title or "Figure")
    page:add(section.markdown or "")
  elseif section.kind == "conclusion" then
    conclusion.write(page, records, section)
  elseif section.kind ~= "confirmation" then -- of which the conclusion tells
    sweep.write(page, records, section, stem_of(section, taken))
  end
end

--- The report and the table of trials as text; charts are drawn on the way.
-- @tparam Records records
-- @treturn string report.md
-- @treturn string trials.csv
function report.render(records)
  local page, taken = markdown.page(), {}
  local finish_opening = opening.write(page, records)
  for _, section in ipairs(records.manifest.sections) do add_section(page, records, section, taken) end
  closing.write(page, records)
  finish_opening()
  return page:text(), csv.text(records)
end

--- Whether a written report tells that files were changed after they were sealed.
-- @tparam string folder such as "reports/lab"
-- @treturn boolean
-- @usage print(require("nn.report").tells_of_changes("reports/mnist_lab"))
function report.tells_of_changes(folder)
  return (files.read(folder .. "/report.md") or ""):find(sentences.say.changed(), 1, true) ~= nil
end

--- Writes report.md, the same as report.html, trials.csv and the charts into an experiment's folder, from what is
-- recorded there.
-- @tparam string folder such as "reports/lab"
-- @tparam[opt] {string,...} changed what the report tells of files that were changed after they were sealed
-- @treturn string the path of report.md
-- @raise where there is no experiment; ends the program with status 4 where the folder cannot be written
-- @usage print(require("nn.report").write("reports/mnist_lab"))
function report.write(folder, changed)
  local records = records_of.load(folder)
  records.changed = changed
  local page, trials = report.render(records)
  write(folder .. "/trials.csv", trials)
  write(folder .. "/report.md", page)
  write(folder .. "/report.html", page_of.html(page, folder))
  local written = { "trials.csv", "report.md", "report.html" }
  sealing.files(folder, table.move(written, 1, #written, #records.drawn + 1, records.drawn))
  return folder .. "/report.md"
end

return report
