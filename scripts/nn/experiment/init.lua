--- Experiments: what is asked, which variants of a model are trained to answer it, and the report.
--
--     local lab = nn.Experiment{
--       name = "widths", train = { x_train, y_train }, validation = { x_val, y_val },
--       params = { width = 50, epochs = 5 },
--       build = function(p) ... return model end,
--     }
--     local widths = lab:sweep("Width", { width = { 50, 100, 200 } })
--     print(widths.best.params.width)
-- @module nn.experiment
local process = require "engine.process"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local grid = require "nn.search.grid"
local index = require "nn.store.index"
local Lab = require "nn.experiment.methods"
local lockbox = require "nn.experiment.lockbox"
local manifest = require "nn.experiment.manifest"
local objective = require "nn.experiment.objective"
local overrides = require "nn.experiment.overrides"
local own_loop = require "nn.experiment.own_loop"
local plot = require "nn.plot"
local Progress = require "nn.trials.progress"
local reporting = require "nn.experiment.reporting"
local say = require("nn.report.sentences").say
local session = require "nn.experiment.session"
local source = require "nn.store.source"
local split = require "nn.experiment.split"
local Store = require "nn.store"
local warnings = require "nn.report.warnings"

local Experiment = {}

local SAMPLES = 50 -- on the sheet of training samples

local signature = arguments.signature("Experiment", {
  { "name", arguments.required }, { "title" }, { "train", arguments.required }, { "validation" }, { "test" },
  { "class_names" }, { "class_weight" }, { "sample_weight" }, { "params" },
  { "build" }, { "callbacks" }, { "seeds" }, { "objective" },
  { "mode" }, { "keep", "last" }, { "test_every_trial", false }, { "confirm" }, { "data" }, { "evaluate" },
})

-- ---- declaring ------------------------------------------------------------------------------------------------------

local function expect(ok, what, expected, got)
  if not ok then blame("Experiment: %s: expected %s, got %s", what, expected, blame.got(got)) end
end

local function check_name(name)
  expect(type(name) == "string" and name:match "^[%w_][%w_.-]*$", "name",
    "letters, digits, '_', '-' and '.', as it names a folder", name)
  if name:lower():find(index.FILE, 1, true) == 1 then
    blame("Experiment: name: %s is the file that lists all trials; give the experiment another name", name)
  end
end

local function check_is_new(name)
  for _, other in ipairs(session.experiments) do
    if other.name == name then blame("Experiment: there is one named %s already; give this one another name", name) end
  end
end

local function check_params(params)
  expect(type(params) == "table" and #params == 0, "params", "a table of defaults by name", params)
  for name, value in pairs(params) do
    expect(type(name) == "string", "params", "defaults by name", name)
    grid.check_value(value, "params." .. name)
  end
end

local function check_seeds(seeds)
  expect(type(seeds) == "table" and #seeds > 0, "seeds", "a list of whole numbers such as { 1, 2, 3 }", seeds)
  local seen = {}
  for _, seed in ipairs(arguments.check_list("Experiment: seeds", seeds)) do
    expect(math.type(seed) == "integer" and not seen[seed], "seeds", "different whole numbers", seed)
    seen[seed] = true
  end
end

local function check_class_names(names)
  expect(type(names) == "table" and #names > 0, "class_names", 'a list such as { "cat", "dog" }', names)
  local seen = {}
  for _, name in ipairs(arguments.check_list("Experiment: class_names", names)) do
    expect(type(name) == "string" and not seen[name], "class_names", "different strings", name)
    seen[name] = true
  end
end

local function is_choice(value, ...)
  for _, each in ipairs { ... } do
    if value == each then return true end
  end
end

local function check(given)
  check_name(given.name)
  expect(given.title == nil or type(given.title) == "string", "title", "a string", given.title)
  if not given.loop then
    if given.build == nil then
      blame("Experiment: build is missing: a function(params) that returns a compiled model; "
        .. "or train, a loop of one's own")
    end
    expect(type(given.build) == "function", "build", "a function(params) that returns a compiled model", given.build)
  end
  expect(given.callbacks == nil or type(given.callbacks) == "function", "callbacks",
    "a function(params) that returns a list of callbacks", given.callbacks)
  expect(is_choice(given.keep, "last", "best"), "keep", '"last" or "best"', given.keep)
  expect(given.mode == nil or is_choice(given.mode, "max", "min"), "mode", '"max" or "min"', given.mode)
  expect(type(given.test_every_trial) == "boolean", "test_every_trial", "true or false", given.test_every_trial)
  expect(given.objective == nil or type(given.objective) == "string", "objective",
    'the name of a metric such as "val_accuracy"', given.objective)
  expect(given.confirm == nil or math.type(given.confirm) == "integer" and given.confirm >= 0, "confirm",
    "how many fresh seeds the chosen variant gets, a whole number from 0", given.confirm)
  check_params(given.params)
  check_seeds(given.seeds)
  if given.class_names then check_class_names(given.class_names) end
  if given.class_weight ~= nil and given.sample_weight ~= nil then
    blame "Experiment: give either class_weight or sample_weight, not both"
  end
  if given.test_every_trial and not given.test then blame "Experiment: test_every_trial needs test = { x, y }" end
  if given.objective and given.objective:find "^test_" and not given.test_every_trial then
    blame("Experiment: objective %s needs test_every_trial = true; to choose by validation data is better",
      given.objective)
  end
  if given.objective and given.objective:find "^val_" and not (given.validation or given.loop) then
    blame("Experiment: objective %s needs validation = { x, y }", given.objective)
  end
end

--- Names that are too few for the classes would leave some of them without one.
local function check_names_suffice(lab)
  local names, most = lab.class_names, 0
  for _, part in ipairs { "train", "validation", "test" } do
    most = math.max(most, lab[part] and lab[part].card.classes and #lab[part].card.classes or 0)
  end
  if names and most > #names then
    blame("Experiment: class_names: expected a name for each of the %d classes 0 to %d, got %d", most, most - 1, #names)
  end
end

local function numbers_to(count)
  local list = {}
  for i = 1, count do list[i] = i end
  return list
end

--- The seeds: those of --seeds instead of the script's own, which is said.
local function take_seeds(lab)
  local own, asked = lab.seeds or { 1 }, session.options.seeds
  if not asked then return own end
  if type(own) == "table" and #own ~= asked then
    table.insert(lab.remarks, ("--seeds %d: the report of %s will be about %s; without the option about the script's "
      .. "own %d"):format(asked, lab.name, asked == 1 and "one seed" or asked .. " seeds", #own))
  end
  return numbers_to(asked)
end

local function read_arguments(given)
  local lab = own_loop.declare(signature(given))
  lab.remarks = {} -- said when the first section begins
  lab.title, lab.params = lab.title or lab.name, lab.params or {}
  lab.seeds = take_seeds(lab)
  check(lab)
  lab.objective = lab.objective or lab.validation and "val_loss" or "loss"
  if objective.traits(lab.objective, {}) then lab.mode = lab.mode or "min" end -- a loss
  for _, part in ipairs { "train", "validation", "test" } do
    local weights = part == "train" and lab.sample_weight or nil
    if lab[part] then lab[part] = split.new(lab[part], part, lab.class_names, weights, lab.loop ~= nil) end
  end
  check_names_suffice(lab)
  return lab
end

local function draw_samples(lab)
  if not (lab.train and split.has_pictures(lab.train)) then return end
  local count = math.min(SAMPLES, #lab.train.inputs[1])
  local figure = plot.images(split.pictures(lab.train, numbers_to(count)),
    { caption = say.sheet { count = count } })
  reporting.draw(lab, figure, "samples", function(markdown) lab.manifest.sample_sheet = markdown end)
end

--- Takes the NAME=VALUE of the command line. With other defaults it is another experiment, whose report stands beside
-- that of the script.
-- @treturn table the new values by name
local function apply_settings(lab)
  local name = lab.name
  local params, replaced = overrides.apply(lab.params, session.options.settings)
  lab.params, lab.idle_settings = params, replaced -- idle: no section has taken them yet
  lab.name = overrides.name(name, replaced)
  if lab.name ~= name then
    local text = overrides.text(replaced)
    lab.title = ("%s, with %s"):format(lab.title, text)
    table.insert(lab.remarks, ("%s: the report of this run is %s/%s/report.md; that of %s stays as it is"):format(text,
      session.options.reports, lab.name, name))
  end
  return replaced
end

--- Declares an experiment. Nothing is written into its folder before a trial is trained or the script is through.
-- @function Experiment
-- @tparam table given
-- @tparam string given.name of the folder in `reports/`; with NAME=VALUE on the command line `name@NAME=VALUE`
-- @tparam[opt] string given.title (the name)
-- @tparam {x,y}|function given.train tensors, or lists of tensors, as `fit` takes them; or a dataset of batches
-- (`nn.data`), or an object with `__len` and `get(i)`. Validation and test data may be datasets, too: they are
-- gathered into tensors. Or a loop of one's own, in place of `build` and `fit`: function(params, data, report). It gets
-- `data.train` and `data.validation`, each `{ x, y }`, also as `.x` and `.y` (a dataset as it is), trains what it likes
-- and calls `report{ epoch = 1, loss = 0.5, val_accuracy = 0.9, model = m }` after each epoch: numbers make the history
-- and the score; of the model, or several by name, the weights are kept. `report:resume` lets a killed trial go on,
-- `report.trial`, also the fourth argument, keeps pictures and files
-- @tparam[opt] {x,y}|table given.data with `train = function`: the training data, `{ x, y }`, or `{ x }` if there
-- are no targets, or all parts: `{ train = { x, y }, validation = { x, y }, test = { x, y } }`
-- @tparam[opt] function given.evaluate with `train = function`: function(model, test, params) -> numbers by name, what
-- `conclude` asks of the chosen trial's model (or table of models) on the test data. Without it a compiled model is
-- asked by its `evaluate`
-- @tparam[opt] {x,y} given.validation
-- @tparam[opt] {x,y} given.test touched by `conclude` alone, unless `test_every_trial` is set
-- @tparam[opt] {string,...} given.class_names
-- @tparam[opt] table|string given.class_weight how much the samples of each class count in training, as `fit` takes it:
-- `{ [0] = 1, [1] = 5 }`, or "balanced": each class as much as any other
-- @tparam[opt] tensor given.sample_weight how much each training sample counts; those of validation are the third entry
-- of `validation`
-- @tparam[opt] table given.params defaults by name: numbers, strings, booleans or tables of them. `epochs` (1),
-- `batch_size` (32) and `shuffle` (true) go to `fit`; what the others mean is up to `build`. NAME=VALUE on the command
-- line replaces a default
-- @tparam[opt] function given.build function(params) -> a compiled model; every experiment without a loop of its own
-- has one. To read a parameter that `params` does not declare
-- is an error
-- @tparam[opt] function given.callbacks function(params) -> list of callbacks for `fit`
-- @tparam[opt] {integer,...} given.seeds ({ 1 }) each variant is trained once with each
-- @tparam[opt] string given.objective ("val_loss"; without validation data "loss") decides which variant is best
-- @tparam[opt] string given.mode "max" or "min" (what the metric says; a loss "min")
-- @tparam[opt="last"] string given.keep "last": a trial's score and weights are those that its fit ends with: of its
-- last epoch, of the one whose weights EarlyStopping restored, or the averages of use_ema; "best": of the epoch
-- with the best objective
-- @tparam[opt=false] boolean given.test_every_trial whether every trial is evaluated on the test data
-- @tparam[opt] integer given.confirm how many fresh seeds `conclude` trains the chosen variant with, which had no part
-- in the choice (5 where there are several variants and 20 trials or more, else 0): their score is the one that the
-- report quotes
-- @treturn table the experiment
-- @raise where an argument is unknown or makes no sense; ends the program (status 4) where the folder cannot be written
-- @usage
-- local lab = nn.Experiment{ name = "first", train = { x, y }, params = { width = 5 }, build = function(p)
--   local model = nn.Sequential{ Dense{ p.width, input_shape = { 4 } } }
--   model:compile{ optimizer = "sgd", loss = "mse" }
--   return model
-- end }
function Experiment.new(given)
  local lab = read_arguments(given)
  local replaced = apply_settings(lab)
  check_is_new(lab.name)
  lab.folder = session.options.reports .. "/" .. lab.name
  lab.variants, lab.trained, lab.failures, lab.chart_names = {}, {}, 0, {}
  lab.has_warned = {}
  lab.began, lab.is_reported, lab.is_printed = process.monotonic(), false, false
  lab.report_ended, lab.report_seconds, lab.next_note, lab.has_news = 0, 0, 0, false
  lab.has_begun, lab.charts_to_draw = false, {}
  local about, texts = source.read()
  lab.store = Store.new(lab.folder, texts)
  lab.progress = Progress.new(session.options)
  lab.manifest = manifest.new(lab, replaced, about)
  lab.uses_noted, lab.has_added_uses = #lab.manifest.test_uses, false
  Lab.adopt(lab)
  if lab.test then
    lab.earlier_uses = table.move(lab.manifest.test_uses, 1, #lab.manifest.test_uses, 1, {})
    local inputs = lab.train and lab.train.inputs or {}
    local others = table.move(inputs, 1, #inputs, 1, {})
    if lab.validation then table.move(lab.validation.inputs, 1, #lab.validation.inputs, #others + 1, others) end
    lockbox.seal(lab, lab.test.inputs, others, function(use) manifest.used_by_script(lab, use) end)
  end
  lab.unsaid = warnings.of_experiment(lab)
  table.insert(lab.unsaid, warnings.of_changes(manifest.changes(lab)))
  table.move(lab.unsaid, 1, #lab.unsaid, 1, lab.manifest.warnings)
  draw_samples(lab)
  table.insert(session.experiments, lab)
  if session.options.on_experiment then session.options.on_experiment(lab) end
  return lab
end

return Experiment
