--- What a script does with an experiment it has declared: sweeps, single trials, notes, figures, the conclusion.
-- @submodule nn.experiment
local process = require "engine.process"
local ablation = require "nn.search.ablation"
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local choices = require "nn.advice.choices"
local conclusion = require "nn.experiment.conclusion"
local console = require "nn.experiment.console"
local files = require "nn.support.files"
local grid = require "nn.search.grid"
local manifest = require "nn.experiment.manifest"
local parameters = require "nn.experiment.parameters"
local pieces = require "nn.advice.pieces"
local plot = require "nn.plot"
local properties = require "nn.support.properties"
local report = require "nn.report"
local reporting = require "nn.experiment.reporting"
local searching = require "nn.search.section"
local session = require "nn.experiment.session"
local stop = require "nn.support.stop"
local sweep = require "nn.experiment.sweep"
local warnings = require "nn.report.warnings"

local Lab = {}

-- What it was declared with, which a script cannot change afterwards.
local DECLARED = {
  "name", "title", "train", "validation", "test", "class_names", "params", "build", "callbacks", "seeds", "objective",
  "mode", "keep", "test_every_trial", "class_weight", "sample_weight", "confirm",
}

local fields = {}

function fields.best(self) return (sweep.best(self, self.variants)) end

function fields.trials(self)
  local list = {}
  for _, variant in ipairs(self.variants) do table.move(variant.trials, 1, #variant.trials, #list + 1, list) end
  return as_list(list, "trials")
end

local meta = { __name = "nn.Experiment" }

function meta.__digest(self) return "experiment " .. self.name end

-- Notes warnings in the record and shows them, each once.
-- @tparam {string,...} list
function Lab:warn(list)
  for _, text in ipairs(list) do
    if not self.has_warned[text] then
      self.has_warned[text] = true
      table.insert(self.manifest.warnings, text)
      self.progress:warn(text)
    end
  end
end

-- Gives advice, and notes it in the record, each in the same words once.
-- @tparam {piece,...} list see nn.advice.pieces
function Lab:advise(list)
  for _, piece in ipairs(list) do
    local key = ("%s\0%s"):format(piece.name, piece.raw or piece.text)
    if pieces.is_wanted(piece.name) and not self.has_warned[key] then
      self.has_warned[key], piece.is_of_experiment = true, true
      table.insert(self.manifest.warnings, pieces.line(piece))
      self.progress:erase()
      pieces.give(piece)
    end
  end
end

-- Shows what is to be said of the declaration; a script with an error shows that alone.
function Lab:announce()
  for _, text in ipairs(self.remarks) do self.progress:say(text) end
  self.remarks = {}
  for _, text in ipairs(self.unsaid) do self.progress:warn(text) end
  self.unsaid = {}
end

-- Warns, once, where the script looks at test results before it concludes.
-- @tparam string how
-- @tparam string where such as "evaluate at lab.lua:31"
function Lab:peek(how, where)
  if self.chosen or self.has_peeked then return end
  self.has_peeked = true
  self:warn { warnings.of_peeking(how, where) }
end

-- ---- sections -------------------------------------------------------------------------------------------------------

--- All parameters of a variant: the defaults, then what `with` says, then what the sweep varies.
local function complete(lab, ...)
  local params, idle = parameters.copy(lab.params), {}
  for _, chosen in ipairs { ... } do
    for name, value in pairs(chosen) do
      if lab.params[name] == nil then parameters.blame_unknown(name, lab.params) end
      params[name], idle[name] = parameters.copy(value), lab.idle_settings[name]
    end
  end
  lab.idle_settings = idle
  return params
end

-- Takes in what the numbers of a model's history mean, and what a constant answer scores.
function Lab:learn(facts) manifest.learn(self, facts) end

-- Takes a trial that has ended to the report, now and then.
function Lab:report_progress() reporting.progress(self) end

local SWEEP_OPTIONS = { "with", "method", "trials", "rounds", "min_epochs", "max_epochs", "factor", "seed", "pruner",
  "start" }

--- Runs a section that was described, and says what came out.
local function run_section(lab, section)
  if not session.options.is_dry_run then lab:warn(section.remarks or {}) end
  local result = sweep.run(lab, section)
  console.show_section(lab, section, result)
  lab:warn(warnings.of_twins(section, result.variants))
  if not session.options.is_dry_run then lab:warn(warnings.of_sweep(section, result.variants, lab.mode)) end
  reporting.refresh(lab)
  return result
end

--- Trains the variants of a sweep, each once a seed, and returns what came out. A trial that is in the folder already
-- is not trained again: one of a model that begins with the same weights and computes the same, with the same settings,
-- callbacks, data and seed.
-- @function lab:sweep
-- @tparam string title
-- @param what to vary: `{ width = { 50, 100 } }` (names in alphabetical order, the last varies fastest),
-- `{ { "width", { 50, 100 } }, ... }` (in that order), or a list of variants `{ { width = 50 }, { width = 100 } }`.
-- For the other methods spaces by name, `{ width = nn.space.int_uniform(20, 200) }`, or a `function(draw)` that calls
-- `draw(name, space)`, which returns the value drawn; see nn.space
-- @tparam[opt] table options
-- @tparam[opt] table options.with parameters that all variants share instead of the defaults
-- @tparam[opt="grid"] string options.method "grid": every combination; "random"; "tpe": each round's trials are chosen
-- from the scores of the earlier rounds; "halving": many trials with few epochs, of which the best go on with more;
-- "hyperband": halving several times, with fewer trials and more epochs each time
-- @tparam[opt] integer options.trials variants tried (random, tpe: 20), or begun with (halving)
-- @tparam[opt] integer options.rounds how many rounds the trials are parted into (tpe, and any method with a pruner)
-- @tparam[opt=1] integer options.min_epochs with which halving and hyperband begin
-- @tparam[opt] integer options.max_epochs with which they end (the parameter `epochs`)
-- @tparam[opt=3] number options.factor of how many trials one goes on, with so many times the epochs
-- @tparam[opt=1] integer options.seed decides what is drawn
-- @tparam[opt] string|table options.pruner "median", or `{ "median", trials = 4, epochs = 1 }`: a trial ends early,
-- with the status "pruned", where its best score is worse than the median of what the trials of earlier rounds had by
-- then. None is ended before so many epochs, or where fewer earlier trials got so far
-- @tparam[opt] table options.start an earlier result, or a list of them, that tpe and the pruner start from
-- @treturn table trials; variants, each with params and trials; best: the trial with the first seed of the variant with
-- the best mean objective (an error that names the reasons where no trial has a result). A trial has params, seed, id,
-- status, reason, metrics, score, history, model
-- @usage local widths = lab:sweep("Width", { width = { 50, 100 } }, { with = { depth = 3 } })
-- lab:sweep("Training", { learning_rate = nn.space.log_uniform(1e-4, 1e-1) }, { method = "tpe", trials = 30 })
function Lab:sweep(title, what, options)
  if type(title) ~= "string" then blame("sweep: expected a title, got %s", blame.got(title)) end
  options = arguments.check(options or {}, SWEEP_OPTIONS, "sweep")
  local with = options.with or {}
  if type(with) ~= "table" then blame("sweep: with: expected parameters by name, got %s", blame.got(with)) end
  for name, value in pairs(with) do grid.check_value(value, "with." .. tostring(name)) end
  local section = searching.section(self, what, options, function(chosen) return complete(self, with, chosen) end)
  section.kind, section.title, section.with = "sweep", title, with
  return run_section(self, section)
end

--- Takes a model apart: trains a base and variants of it in which one parameter at a time is changed, or, with
-- `factorial`, every combination of the changes. The report tells what each change does, and of a factorial design also
-- how any two of them act together.
-- @function lab:ablate
-- @tparam table base parameters that differ from the defaults, such as `lab.best.params`
-- @tparam table changes by name, a value or a list of values: `{ dropout = 0, depth = { 1, 2, 3 } }`
-- @tparam[opt] table options title ("Ablation"), factorial (false)
-- @treturn table as of `sweep`; the first variant is the base
-- @usage lab:ablate(lab.best.params, { dropout = 0, depth = { 1, 2, 3 } }, { factorial = true })
function Lab:ablate(base, changes, options)
  options = arguments.check(options or {}, { "title", "factorial" }, "ablate")
  if type(base) ~= "table" or #base > 0 then blame("ablate: expected parameters by name, got %s", blame.got(base)) end
  local full = complete(self, base)
  local section = ablation.section(full, changes, options.factorial, function(chosen)
    return complete(self, base, chosen)
  end)
  section.kind, section.title, section.with = "sweep", options.title or "Ablation", base
  return run_section(self, section)
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
    blame("trial: expected parameters by name, got %s", blame.got(params))
  end
  local variant = { params = complete(self, params) }
  local section = { kind = "trial", title = options.title, names = {}, variants = { variant } }
  for name, value in pairs(params) do
    grid.check_value(value, tostring(name))
    section.names[#section.names + 1] = name
  end
  table.sort(section.names)
  local result = sweep.run(self, section)
  reporting.refresh(self)
  result.trials[1].trials = result.trials
  return result.trials[1]
end

--- Adds Markdown to the report.
-- @function lab:note
-- @tparam string text
-- @usage lab:note "The width hardly matters."
function Lab:note(text)
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
function Lab:figure(title, figure)
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

--- Chooses the best of all variants by the objective, trains it with `confirm` fresh seeds, and evaluates its models on
-- the test data, the one use made of it.
-- Prints the answer on standard output: the best variant, its score and test result, how the next one stands to it.
-- @function lab:conclude
-- @treturn table params, score (mean objective), test: a list of { id, metrics }, one a seed, nil without test data;
-- fresh: seeds, score and test of the fresh seeds, nil where there are none
-- @raise where no trial has a result; the error names the reasons
-- @usage
-- lab:sweep("Width", { width = { 5, 10 } })
-- print(lab:conclude().params.width)
function Lab:conclude()
  stop.check()
  local found, entry = pieces.collect(conclusion.new, self)
  self:advise(found)
  self:advise(choices.of_conclusion(self, entry.variant.params))
  local peek = conclusion.first_peek(self)
  if peek then self:peek("had models evaluated on the test data", peek) end
  self.chosen = entry.variant.trials[1]
  self.is_reported = false
  manifest.add(self, entry)
  if not session.options.is_dry_run then console.show_answer(self) end
  local test, fresh = entry.test and entry.test.trials, entry.fresh
  return { params = parameters.copy(entry.variant.params), score = entry.score, test = test,
    fresh = fresh and { seeds = fresh.seeds, score = fresh.score, test = fresh.test and fresh.test.trials } }
end

--- Writes the report and prints its path. Done at the script's end where it was not, or where nothing was trained yet:
-- then the report of an earlier run stays until the script is through.
-- @function lab:report
-- @treturn string the path
-- @usage local path = lab:report()
function Lab:report()
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
function Lab:close(status, problem)
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

arguments.limit_methods("lab", Lab, function(value) return getmetatable(value) == meta end)
properties.add(meta, {
  methods = Lab, fields = fields, title = "an experiment", fixed = DECLARED,
  readable = { "folder", "chosen", "has_chosen", "has_peeked" },
})

-- Makes what was declared an experiment.
-- @tparam table lab all its fields
function meta.adopt(lab) return setmetatable(properties.fix(lab, DECLARED), meta) end

return meta
