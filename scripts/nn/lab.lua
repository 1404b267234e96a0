--- What a script does with an experiment it has declared: sweeps, single trials, notes, figures, the conclusion.
-- @submodule nn.experiment
local process = require "engine.process"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local conclusion = require "nn.conclusion"
local grid = require "nn.grid"
local manifest = require "nn.manifest"
local nearest = require "nn.nearest"
local objective = require "nn.objective"
local plot = require "nn.plot"
local Progress = require "nn.progress"
local report = require "nn.report"
local session = require "nn.session"
local sweep = require "nn.sweep"
local trial = require "nn.trial"
local warnings = require "nn.warnings"

local Lab = {}

local PATIENCE = 10 -- times what the last report took: how long until the next

-- What an experiment may lack; asking for it is no mistake.
local OPTIONAL = { validation = true, test = true, callbacks = true, class_names = true }

local ON_DEMAND = {
  best = function(lab) return (sweep.best(lab, lab.variants)) end,
  trials = function(lab)
    local list = {}
    for _, variant in ipairs(lab.variants) do table.move(variant.trials, 1, #variant.trials, #list + 1, list) end
    return list
  end,
}

local meta = { __name = "nn.Experiment" }

function meta.__index(self, key)
  if Lab[key] or OPTIONAL[key] then return Lab[key] end
  if ON_DEMAND[key] then return ON_DEMAND[key](self) end
  local known = { "best", "trials", "name", "folder" }
  for name in pairs(Lab) do known[#known + 1] = name end
  table.sort(known)
  local near = nearest(tostring(key), known)
  return blame("an experiment has no %s%s", tostring(key), near and ("; did you mean %s?"):format(near) or "")
end

-- Notes warnings in the record and shows them.
-- @tparam {string,...} list
function Lab:warn(list)
  for _, text in ipairs(list) do
    table.insert(self.manifest.warnings, text)
    self.progress:warn(text)
  end
end

-- ---- sections -------------------------------------------------------------------------------------------------------

--- All parameters of a variant: the defaults, then what `with` says, then what the sweep varies.
local function complete(lab, ...)
  local params = trial.copy(lab.params)
  for _, chosen in ipairs { ... } do
    for name, value in pairs(chosen) do
      if lab.params[name] == nil then
        local known = {}
        for each in pairs(lab.params) do known[#known + 1] = each end
        table.sort(known)
        local near = nearest(tostring(name), known)
        blame("there is no parameter %s%s", tostring(name), near and ("; did you mean %s?"):format(near)
          or "; params of the experiment has " .. table.concat(known, ", "))
      end
      params[name] = trial.copy(value)
    end
  end
  return params
end

local function check_method(method, trials)
  if method ~= "grid" then
    blame("sweep: method %s is not available yet; available: grid", tostring(method))
  elseif trials then
    blame "sweep: trials: a grid has as many trials as it has variants and seeds"
  end
end

--- Writes the report.
local function write_report(lab)
  local began = process.monotonic()
  local path = report.write(lab.folder)
  lab.report_ended = process.monotonic()
  lab.report_seconds = lab.report_ended - began
  return path
end

--- Writes the report as it stands now, unless it is so new that drawing its charts would take more time than training.
local function refresh_report(lab)
  lab.is_reported = false
  if session.options.is_rehearsal then return end
  if process.monotonic() - lab.report_ended > PATIENCE * lab.report_seconds then write_report(lab) end
end

local function show_table(lab, section, result)
  local head = { table.unpack(section.names) }
  for _, name in ipairs { lab.objective, "sd", "time", "status" } do head[#head + 1] = name end
  local rows = {}
  for i, variant in ipairs(result.variants) do
    local mean, deviation = objective.summary(variant.trials)
    local seconds, row, states = 0, {}, {}
    for _, each in ipairs(variant.trials) do
      seconds = seconds + (each.seconds or 0)
      states[each.status] = (states[each.status] or 0) + 1
    end
    for k, name in ipairs(section.names) do row[k] = Progress.value_text(variant.params[name]) end
    row[#row + 1] = mean and Progress.number_text(mean) or "-"
    row[#row + 1] = deviation and Progress.number_text(deviation) or "-"
    row[#row + 1] = Progress.duration(seconds)
    row[#row + 1] = Progress.count_text(states)
    rows[i] = row
  end
  lab.progress:table(head, rows)
end

--- Trains the variants of a sweep, each once a seed, and returns what came out. A trial that is in the folder already
-- is not trained again.
-- @function lab:sweep
-- @tparam string title
-- @tparam table what to vary: `{ width = { 50, 100 } }` (names in alphabetical order, the last varies fastest),
-- `{ { "width", { 50, 100 } }, ... }` (in that order), or a list of variants `{ { width = 50 }, { width = 100 } }`
-- @tparam[opt] table options with: parameters that all variants share instead of the defaults; method ("grid")
-- @treturn table trials; variants, each with params and trials; best: the trial with the first seed of the variant with
-- the best mean objective (an error that names the reasons where no trial has a result). A trial has params, seed, id,
-- status, reason, metrics, score, history, model
-- @usage local widths = lab:sweep("Width", { width = { 50, 100 } }, { with = { depth = 3 } })
function Lab:sweep(title, what, options)
  if type(title) ~= "string" then blame("sweep: expected a title, got %s", tostring(title)) end
  options = arguments.check(options or {}, { "with", "method", "trials" }, "sweep")
  check_method(options.method or "grid", options.trials)
  local with = options.with or {}
  if type(with) ~= "table" then blame("sweep: with: expected parameters by name, got %s", tostring(with)) end
  for name, value in pairs(with) do grid.check_value(value, "with." .. tostring(name)) end
  local varied, chosen = grid.expand(what)
  local section = { kind = "sweep", title = title, method = "grid", varied = varied, with = with }
  section.names, section.variants = {}, {}
  for i, each in ipairs(varied) do section.names[i] = each.name end
  for i, each in ipairs(chosen) do section.variants[i] = { params = complete(self, with, each) } end
  local result = sweep.run(self, section)
  show_table(self, section, result)
  local best = objective.best(self.mode, result.variants)
  if best and not session.options.is_rehearsal then self:warn(warnings.of_sweep(section, best.params)) end
  manifest.write(self)
  refresh_report(self)
  return result
end

--- Trains one variant, once a seed.
-- @function lab:trial
-- @tparam[opt] table params those that differ from the defaults
-- @tparam[opt] table options title
-- @treturn table the trial with the first seed; `trials` of it has those of all seeds
-- @usage local baseline = lab:trial({}, { title = "Baseline" })
function Lab:trial(params, options)
  params = params or {}
  options = arguments.check(options or {}, { "title" }, "trial")
  if type(params) ~= "table" or #params > 0 then
    blame("trial: expected parameters by name, got %s", tostring(params))
  end
  local variant = { params = complete(self, params) }
  local section = { kind = "trial", title = options.title, names = {}, variants = { variant } }
  for name, value in pairs(params) do
    grid.check_value(value, tostring(name))
    section.names[#section.names + 1] = name
  end
  table.sort(section.names)
  local result = sweep.run(self, section)
  refresh_report(self)
  result.trials[1].trials = result.trials
  return result.trials[1]
end

--- Adds Markdown to the report.
-- @function lab:note
-- @tparam string text
-- @usage lab:note "The width hardly matters."
function Lab:note(text)
  if type(text) ~= "string" then blame("note: expected text, got %s", tostring(text)) end
  sweep.check_stop()
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
function Lab:figure(title, figure)
  if type(title) ~= "string" then blame("figure: expected a title, got %s", tostring(title)) end
  if type(figure) ~= "table" or not figure.write then
    blame("figure: expected a figure of nn.plot, got %s", tostring(figure))
  end
  sweep.check_stop()
  if session.options.is_rehearsal then return end
  local written = figure:write(self.store.charts, chart_name(self, title))
  self.is_reported = false
  manifest.add(self, { kind = "figure", title = title, markdown = written.markdown })
end

--- Chooses the best of all variants by the objective and evaluates its models on the test data, the one use made of it.
-- @function lab:conclude
-- @treturn table params, score (mean objective), test: a list of { id, metrics }, one a seed, nil without test data
-- @raise where no trial has a result; the error names the reasons
-- @usage
-- lab:sweep("Width", { width = { 5, 10 } })
-- print(lab:conclude().params.width)
function Lab:conclude()
  sweep.check_stop()
  local entry = conclusion.new(self)
  self.is_reported = false
  manifest.add(self, entry)
  return { params = trial.copy(entry.variant.params), score = entry.score, test = entry.test and entry.test.trials }
end

--- Writes the report and prints its path. Done at the script's end where it was not.
-- @function lab:report
-- @treturn string the path
-- @usage local path = lab:report()
function Lab:report()
  if session.options.is_rehearsal then return self.folder .. "/report.md" end
  local path = write_report(self)
  if not self.is_printed then print(path) end
  self.is_reported, self.is_printed = true, true
  return path
end

-- Ends the experiment: how it went is noted, and the report written for the last time.
-- @tparam string status "complete" or "interrupted"
function Lab:close(status)
  self.progress:close()
  if self.manifest.status == status and self.is_reported then return end
  self.manifest.status = status
  manifest.write(self)
  self:report()
end

return meta
