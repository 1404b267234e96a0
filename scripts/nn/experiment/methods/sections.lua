--- What a script has trained: sweeps, ablations, single trials, the conclusion.
-- @submodule nn.experiment
local ablation = require "nn.search.ablation"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local choices = require "nn.advice.choices"
local conclusion = require "nn.experiment.conclusion"
local console = require "nn.experiment.console"
local grid = require "nn.search.grid"
local manifest = require "nn.experiment.manifest"
local parameters = require "nn.experiment.parameters"
local pieces = require "nn.advice.pieces"
local reporting = require "nn.experiment.reporting"
local searching = require "nn.search.section"
local session = require "nn.experiment.session"
local stop = require "nn.support.stop"
local sweep = require "nn.experiment.sweep"
local warnings = require "nn.report.warnings"

local methods = {}

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
function methods:sweep(title, what, options)
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
function methods:ablate(base, changes, options)
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
function methods:trial(params, options)
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
function methods:conclude()
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

return methods
