--- What a script does with the report: notes, figures, writing it; and how an experiment ends.
-- @submodule nn.experiment
local process = require "engine.process"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local manifest = require "nn.experiment.manifest"
local plot = require "nn.plot"
local report = require "nn.report"
local reporting = require "nn.experiment.reporting"
local session = require "nn.experiment.session"
local stop = require "nn.support.stop"
local warnings = require "nn.report.warnings"

local methods = {}

--- Adds Markdown to the report.
-- @function lab:note
-- @tparam string text
-- @usage lab:note "The width hardly matters."
function methods:note(text)
  if type(text) ~= "string" then blame("note: expected text, got %s", blame.got(text)) end
  stop.check()
  self.is_reported = false
  manifest.add(self, { kind = "note", text = text })
end

--- A name for a chart's files that no other chart of the experiment has.
local function chart_name(lab, title)
  local slug = "figure_" .. plot.slug(title)
  local count = (lab.chart_names[slug] or 0) + 1
  lab.chart_names[slug] = count
  return count == 1 and slug or slug .. "_" .. count
end

--- Adds a chart or pictures to the report.
-- @function lab:figure
-- @tparam string title
-- @tparam table figure made by a function of nn.plot
-- @usage lab:figure("First-layer weights", nn.plot.weights(lab.best.model.layers[2]))
function methods:figure(title, figure)
  if type(title) ~= "string" then blame("figure: expected a title, got %s", blame.got(title)) end
  if type(figure) ~= "table" or not figure.write then
    blame("figure: expected a figure of nn.plot, got %s", blame.got(figure))
  end
  stop.check()
  if session.options.is_dry_run then return end
  local section = { kind = "figure", title = title }
  reporting.draw(self, figure, chart_name(self, title), function(markdown) section.markdown = markdown end)
  self.is_reported = false
  manifest.add(self, section)
end

--- Writes the report and prints its path. Done at the script's end where it was not, or where nothing was trained yet:
-- then the report of an earlier run stays until the script is through.
-- @function lab:report
-- @treturn string the path
-- @usage local path = lab:report()
function methods:report()
  local path = self.folder .. "/report.md"
  if session.options.is_dry_run then
    self.store:open()
    self.store.write(path, "nnrun check writes no report.\n") -- for a script that reads it
    return path
  end
  if not self.has_begun and files.read(path) then return path end
  reporting.begin(self)
  reporting.write(self)
  if not self.is_printed then print(path) end
  self.is_reported, self.is_printed = true, true
  return path
end

-- Whether what this run has to say is less than what is there: nothing was trained, or there is no trial at all.
local function has_less(lab, status)
  if status ~= "complete" then return not lab.has_begun end
  return not lab.has_begun and #lab.variants == 0 and manifest.has_earlier_trials(lab)
end

-- Ends the experiment: how it went is noted, and the report written for the last time. Where this run has nothing to
-- add, the report of an earlier one stays.
-- @tparam string status "complete", "interrupted" or "error"
-- @tparam ?string problem the error
function methods:close(status, problem)
  self.progress:close()
  if has_less(self, status) then
    manifest.write(self)
    if self.has_added_uses then report.write(self.folder) end
    if status == "complete" then self:warn { warnings.of_no_trials(self.folder) } end
    return
  end
  reporting.begin(self)
  self:announce()
  if self.manifest.status == status and self.is_reported then return end
  if status == "complete" then
    reporting.await_lead(self)
    if #self.variants > 0 then self:warn(warnings.of_settings(self.idle_settings)) end
  end
  self.manifest.status, self.manifest.error = status, problem
  self.store:clear_leftovers()
  manifest.write(self)
  if process.stop_requests() < 2 then self:report() end -- after the second Ctrl-C nothing that takes time
end

return methods
