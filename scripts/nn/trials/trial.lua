--- A trial: one variant with one seed. What it will be (a plan), what is kept of it (a record), and what a script sees.
local advice = require "nn.advice.pieces"
local baseline = require "nn.experiment.baseline"
local blame = require "nn.support.blame"
local choices = require "nn.advice.choices"
local data_advice = require "nn.advice.data"
local digest = require "nn.support.digest"
local environment = require "nn.store.environment"
local fitting_advice = require "nn.advice.fitting"
local identity = require "nn.trials.identity"
local is_model = require "nn.models.is_model"
local json = require "nn.support.json"
local Models = require "nn.trials.loop.models"
local names = require "nn.support.names"
local nearest = require "nn.support.nearest"
local objective = require "nn.experiment.objective"
local Outputs = require "nn.models.outputs"
local parameters = require "nn.experiment.parameters"
local random = require "nn.random"
local sample_weights = require "nn.models.sample_weights"
local shown = require "nn.support.format"
local settings_advice = require "nn.advice.settings"
local target_advice = require "nn.advice.targets"
local split = require "nn.experiment.split"
local suits = require "nn.models.suits"
local traits = require "nn.models.traits"
local warnings = require "nn.report.warnings"

local trial = {}

--- The time as ISO 8601 in UTC.
function trial.now()
  return os.date "!%Y-%m-%dT%H:%M:%SZ"
end

local function sample_shape(inputs)
  return table.move(inputs.shape, 2, inputs.ndim, 1, {})
end

-- Finds data that do not fit the model before anything is trained, or advised on.
local function check_fit(lab, model)
  if not (model.compiled and model.order) then return end
  for _, name in ipairs { "train", "validation", "test" } do
    if lab[name] then suits.check(model, lab[name], name) end
  end
end

--- The compiled model of one set of parameters, the same whatever was built or drawn before it.
-- @tparam table lab the experiment
-- @tparam table params
-- @tparam integer seed
function trial.build(lab, params, seed)
  random.set_seed(seed)
  names.reset()
  local model = lab.build(parameters.strict(params))
  if model == nil then blame("build: expected a compiled model, got nothing; end it with `return model`") end
  local kind = type(model)
  if kind ~= "table" and kind ~= "userdata" or not model.fit then
    blame("build: expected a compiled model, got %s", blame.got(model))
  end
  if model.build then
    local shapes = {}
    for i, input in ipairs(lab.train.inputs) do shapes[i] = sample_shape(input) end
    model:build(model.takes_shapes and shapes or shapes[1])
  end
  check_fit(lab, model)
  data_advice.of_experiment(model, lab)
  return model
end

--- Calls a function that builds models; the script's own random numbers do not begin again with those of a model.
local function aside(action, ...)
  local state, next_number = random.state(), math.random(0)
  local ok, result = pcall(action, ...)
  random.restore(state)
  math.randomseed(next_number) -- Lua tells no state to go back to
  if not ok then error(result, 0) end
  return result
end

-- ---- plans ----------------------------------------------------------------------------------------------------------

local function check_count(value, name)
  if math.type(value) ~= "integer" or value < 1 then
    blame("%s: expected a whole number from 1, got %s", name, blame.got(value))
  end
  return value
end

--- What goes to `fit` besides the data.
local function fit_settings(lab, params)
  local p = parameters.strict(params)
  local settings = {
    class_weight = split.stored_weights(lab.class_weight),
    batch_size = check_count(p.batch_size, "batch_size"), epochs = check_count(p.epochs, "epochs"),
    shuffle = p.shuffle ~= false,
  }
  if not lab.train.dataset then return settings end
  if params.batch_size ~= nil then
    blame "params.batch_size: the batches of train, a dataset, have their own size; set it by :batch(n)"
  end
  settings.batch_size = nil
  settings.steps_per_epoch = params.steps_per_epoch and check_count(params.steps_per_epoch, "steps_per_epoch")
  return settings
end

--- Finds mistakes in the weights before any trial is trained.
local function check_weights(lab, model)
  local train, class_weight = lab.train, lab.class_weight
  if not train.is_stream and (class_weight or train.sample_weight) then
    sample_weights.of(train.sample_weight, class_weight, train.targets, train.card.samples, Outputs.of(model))
  end
end

-- Looks at what the model is compiled with, where fit would do so first in the process that trains.
local function advise(lab, model, settings)
  if not (model.order and #model.outputs == #lab.train.targets) then return end
  local outputs = Outputs.of(model)
  settings_advice.check(model, outputs)
  if lab.train.dataset then return end -- fit looks at those that it has in memory
  local steps = settings.epochs * math.ceil(lab.train.card.samples / settings.batch_size)
  local held_out = { lab.validation or lab.test, lab.validation and lab.test }
  fitting_advice.check(model, lab.train, held_out, outputs,
    { batch_size = settings.batch_size, class_weight = lab.class_weight })
  target_advice.check(model, lab.train, outputs, steps)
end

local function without_seeds(value)
  if type(value) ~= "table" or (getmetatable(value) or {}).__digest then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = key ~= "seed" and without_seeds(each) or nil end
  return copy
end

--- A hash of a model's layers and compile settings, without its weights and seeds: those differ from trial to trial.
-- @tparam table model
-- @treturn string
function trial.structure(model)
  return (digest.of { without_seeds(json.decode(model:to_json())), without_seeds(model:compile_config()) })
end

local function describe(lab, params)
  local model = trial.build(lab, params, identity.SEED)
  if not model.compiled then
    blame("build: the model is not compiled; call model:compile{...} before `return model`")
  end
  check_weights(lab, model)
  local built, unknown = digest.of({ model, random.state() }, "build")
  for _, problem in ipairs(lab.train.unknown or {}) do unknown[#unknown + 1] = problem end
  local settings = fit_settings(lab, params)
  advise(lab, model, settings)
  return {
    fit = settings, model = assert(json.decode(model:to_json())),
    compile = digest.stored(model:compile_config()), parameters = select(2, model:count_params()),
    built = built, unknown = unknown, structure = trial.structure(model), traits = traits.of(model),
    baseline = lab.manifest.baseline == nil and baseline.of(lab, model),
  }
end

-- What is known of a trial with a loop of the script's own: what the loop computes, not its models.
local function describe_loop(lab, params)
  local p = parameters.strict(params)
  local built, unknown = digest.of({ lab.loop }, "train")
  for _, problem in ipairs(lab.train and lab.train.unknown or {}) do unknown[#unknown + 1] = problem end
  return { fit = { epochs = check_count(p.epochs, "epochs") }, built = built, unknown = unknown,
    traits = traits.of_names { lab.objective }, baseline = false }
end

--- The facts of one variant. The model is built once, here, so that a mistake in `build` is found at once.
local function facts_of(lab, params)
  local found, ok, facts = advice.collect(pcall, aside, lab.loop and describe_loop or describe, lab, params)
  if ok then
    facts.data_advice, facts.advice = advice.about(found, "data"), advice.about(found, "model")
    return facts
  end
  if type(facts) ~= "string" then error(facts, 0) end
  return { failure = facts, unknown = {} }
end

--- The trials of one variant, one a seed.
-- @tparam table lab the experiment
-- @tparam table params all parameters
-- @tparam table about title (of the section), label (what the console calls the variant), seeds (those of the
-- experiment), stage (of a search in which trials go on with more epochs)
-- @treturn {table,...} plans: id, params, seed, title, label, model, compile, fit, parameters, traits; built and
-- callbacks: hashes of what decides the result; is_known: whether these tell everything, so that the trial can be found
-- again; advice: pieces about the model; `failure` where the model could not be built
function trial.plans(lab, params, about)
  local facts = facts_of(lab, params)
  if not facts.failure then lab:learn(facts) end
  lab:advise(facts.data_advice or {})
  if facts.traits then lab:advise(choices.of_objective(lab, facts.traits)) end
  local parts = identity.parts(lab, params, facts)
  facts.is_known, facts.callbacks, facts.identity = #facts.unknown == 0, parts.callbacks, identity.stored(parts)
  lab:warn(warnings.of_unknown(facts.unknown))
  local plans = {}
  local seeds = about.seeds or lab.seeds
  for i, seed in ipairs(seeds) do
    local plan = setmetatable({}, { __index = facts })
    plan.id, plan.params, plan.seed, plan.title = identity.id(parts, seed), params, seed, about.title
    plan.label = #seeds > 1 and ("%s seed %d"):format(about.label, seed) or about.label
    plan.epochs = facts.fit and facts.fit.epochs
    plan.stem = about.stage and not lab.loop and identity.stem(parts, seed) or nil
    plans[i] = plan
  end
  return plans
end

-- ---- records --------------------------------------------------------------------------------------------------------

--- What is known of a trial before it is trained: the beginning of its trial.json.
function trial.new_record(lab, plan)
  local now = trial.now()
  return {
    id = plan.id, experiment = lab.name, title = plan.title, params = json.object(parameters.copy(plan.params)),
    seed = plan.seed, model = plan.model, compile = plan.compile, fit = plan.fit, parameters = plan.parameters,
    traits = json.object(parameters.copy(plan.traits or {})), data = identity.data(lab), built = plan.built,
    callbacks = plan.callbacks, identity = plan.identity, test_data = lab.test and lab.test.card.fingerprint,
    keep = lab.keep, environment = environment(), source = lab.manifest.source,
    started = now, finished = now, metrics = json.object {}, epochs = 0, seconds = 0,
  }
end

-- ---- what a script sees ---------------------------------------------------------------------------------------------

-- The model that a loop of the script's own has left, or several by name.
local function load_models(self, lab, folder)
  local _, found = advice.collect(aside, Models.load, folder, lab.loop)
  if not found then blame("trial %s has no model: its loop gave none to report{ model = }", self.id) end
  for _, model in pairs(is_model(found) and { found } or found) do model.trial_id = self.id end
  return found
end

-- The paths of the files that a trial has kept of its own, by the names that the script gave them.
local function own_files(self, lab)
  local paths = {}
  for _, entry in ipairs((lab.store:read(self.id) or {}).files or {}) do
    paths[entry.name] = ("%s/%s/%s"):format(lab.store.trials, self.id, entry.files[1])
  end
  return paths
end

local function load_model(self, lab)
  if self.status ~= "complete" then
    blame("trial %s has no model: it is %s%s", self.id, self.status, self.reason and " (" .. self.reason .. ")" or "")
  end
  local folder = ("%s/%s"):format(lab.store.trials, self.id)
  if lab.loop then return load_models(self, lab, folder) end
  local _, model = advice.collect(aside, trial.build, lab, self.params, self.seed)
  model:load_weights(folder .. "/weights.safetensors")
  model.trial_id = self.id
  return model
end

local ON_DEMAND = {
  model = load_model,
  files = own_files,
  history = function(self, lab) return lab.store:history(self.id) end,
}

local MAY_BE_NIL = { reason = true, score = true, scored_epoch = true, trials = true, epochs = true, parameters = true,
  seconds = true }

local function blame_field(view, key)
  local known = { "test" }
  for _, fields in ipairs { view, ON_DEMAND, MAY_BE_NIL } do
    for name in pairs(fields) do known[#known + 1] = name end
  end
  table.sort(known)
  local near = nearest(tostring(key), known)
  blame("a trial has no %s%s", tostring(key), near and ("; did you mean %s?"):format(near) or "")
end

local function text_of(self)
  return ("<trial %s %s seed=%d %s%s>"):format(self.id, shown.text(self.params), self.seed, self.status,
    self.score and (" score=%.6g"):format(self.score) or "")
end

local function id_of(self) return self.id end

-- By trial: its test results, the reading of which is noted.
local test_of = setmetatable({}, { __mode = "k" })

-- By experiment: what its trials have in common. A long sweep has many of them.
local metas = setmetatable({}, { __mode = "k" })

local function meta_of(lab)
  metas[lab] = metas[lab] or { __tostring = text_of, __digest = id_of, __index = function(self, key)
    if key == "test" then
      if test_of[self] then lab:peek("read the test results of trials", "at " .. blame.here():gsub(":? *$", "")) end
      return test_of[self]
    end
    local load = ON_DEMAND[key]
    if not (load or MAY_BE_NIL[key]) and not blame.is_own(2) then blame_field(self, key) end
    local value = load and load(self, lab)
    rawset(self, key, value)
    return value
  end }
  return metas[lab]
end

--- A finished trial as a script sees it: id, params, seed, status, reason, metrics, score, test, epochs, scored_epoch
-- (nil where no epoch ended with the weights that are kept), parameters, seconds; and, loaded when asked for, history
-- (lists by name, as Keras' `history.history`), model, and files: the paths of what `save_figure` and `save_file` kept.
-- @tparam table lab the experiment
-- @tparam table plan
-- @tparam table record what trial.json holds
-- @tparam boolean reused whether it was there already
function trial.view(lab, plan, record, reused)
  local metrics, test = record.metrics or {}, record.test -- the rest of the record is not kept
  local tested = lab.objective:match "^test_(.+)$"
  local score = metrics[lab.objective] or tested and (test or {})[tested]
  local view = {
    id = plan.id, params = parameters.strict(plan.params), seed = plan.seed, label = plan.label, status = record.status,
    reason = record.reason, metrics = metrics,
    score = record.status == "complete" and objective.score(score) or nil,
    epochs = record.epochs, scored_epoch = record.scored_epoch, parameters = record.parameters,
    seconds = record.seconds, reused = reused,
  }
  test_of[view] = test
  return setmetatable(view, meta_of(lab))
end

return trial
