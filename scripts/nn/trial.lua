--- A trial: one variant with one seed. What it will be (a plan), what is kept of it (a record), and what a script sees.
local hash = require("engine.data").hash
local advice = require "nn.advice.data"
local blame = require "nn.blame"
local environment = require "nn.environment"
local json = require "nn.json"
local names = require "nn.names"
local random = require "nn.random"
local shown = require "nn.shown"
local traits = require "nn.models.traits"

local trial = {}

local ID_DIGITS = 12

--- The time as ISO 8601 in UTC.
function trial.now()
  return os.date "!%Y-%m-%dT%H:%M:%SZ"
end

--- A copy of plain data.
function trial.copy(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = trial.copy(each) end
  return copy
end

local function sample_shape(inputs)
  return table.move(inputs.shape, 2, inputs.ndim, 1, {})
end

--- The compiled model of one set of parameters, the same whatever was built or drawn before it.
-- @tparam table lab the experiment
-- @tparam table params
-- @tparam integer seed
function trial.build(lab, params, seed)
  random.set_seed(seed)
  names.reset()
  local model = lab.build(trial.copy(params))
  if model == nil then blame("build: expected a compiled model, got nothing; end it with `return model`") end
  local kind = type(model)
  if kind ~= "table" and kind ~= "userdata" or not model.fit then
    blame("build: expected a compiled model, got %s", blame.got(model))
  end
  if model.build then model:build(sample_shape(lab.train.inputs[1])) end
  advice.of_experiment(model, lab.train, lab.validation)
  return model
end

--- The same, for a look at it: the script's own random numbers go on as if nothing had been built.
local function build_aside(lab, params, seed)
  local state = random.state()
  local ok, model = pcall(trial.build, lab, params, seed)
  random.restore(state)
  if not ok then error(model, 0) end
  return model
end

-- ---- plans ----------------------------------------------------------------------------------------------------------

local function check_count(value, name)
  if math.type(value) ~= "integer" or value < 1 then
    blame("%s: expected a whole number from 1, got %s", name, blame.got(value))
  end
  return value
end

--- What of the parameters goes to `fit`.
local function fit_settings(params)
  return {
    batch_size = check_count(params.batch_size or 32, "batch_size"),
    epochs = check_count(params.epochs or 1, "epochs"),
    shuffle = params.shuffle ~= false,
  }
end

--- What of an experiment, besides model and settings, decides about a trial's numbers.
local function circumstances(lab, params)
  local data = { train = lab.train.card.fingerprint }
  if lab.validation then data.validation = lab.validation.card.fingerprint end
  if lab.test_every_trial then data.test = lab.test.card.fingerprint end
  local known = { data = data, keep = lab.keep }
  if lab.keep == "best" then known.objective = { lab.objective, lab.mode } end
  if lab.callbacks then known.callbacks = { hash(string.dump(lab.callbacks, true)), params } end
  return known
end

local function describe(lab, params, seed)
  local model = build_aside(lab, params, seed)
  local compile = model:compile_config()
  if not compile then blame("build: the model is not compiled; call model:compile{...} before `return model`") end
  return {
    fit = fit_settings(params), model = assert(json.decode(model:to_json())), compile = compile,
    parameters = select(2, model:count_params()), traits = traits.of(model),
  }
end

local function id_of(parts, seed)
  parts.seed = seed
  return hash(json.encode(parts)):sub(1, ID_DIGITS)
end

--- What trials have in common that differ in the number of epochs alone, so that one can go on where another ended; nil
-- where callbacks might make use of that number. A model that does is another model.
local function stem_of(lab, parts, seed)
  if lab.callbacks or parts.failure then return nil end
  local stem = { fit = { batch_size = parts.fit.batch_size, shuffle = parts.fit.shuffle } }
  for name, part in pairs(parts) do stem[name] = stem[name] or part end
  return id_of(stem, seed)
end

--- The trials of one variant, one a seed. The model is built once, here, so that a mistake in `build` is found at once.
-- @tparam table lab the experiment
-- @tparam table params all parameters
-- @tparam table about title (of the section), label (what the console calls the variant), stage (of a search in which
-- trials go on with more epochs)
-- @treturn {table,...} plans: id, params, seed, title, label, model, compile, fit, parameters, traits; `failure` where the
-- model could not be built
function trial.plans(lab, params, about)
  local ok, facts = pcall(describe, lab, params, lab.seeds[1])
  if not ok and type(facts) ~= "string" then error(facts, 0) end
  if not ok then facts = { failure = facts } else lab:learn(facts.traits) end
  local parts = circumstances(lab, params)
  parts.model, parts.compile, parts.fit, parts.failure = facts.model, facts.compile, facts.fit, facts.failure
  if facts.failure then parts.params = params end
  local plans = {}
  for i, seed in ipairs(lab.seeds) do
    local plan = setmetatable({}, { __index = facts })
    plan.id, plan.params, plan.seed, plan.title = id_of(parts, seed), params, seed, about.title
    plan.label = #lab.seeds > 1 and ("%s seed %d"):format(about.label, seed) or about.label
    plan.epochs = facts.fit and facts.fit.epochs
    plan.stem = about.stage and stem_of(lab, parts, seed)
    plans[i] = plan
  end
  return plans
end

-- ---- records --------------------------------------------------------------------------------------------------------

--- What is known of a trial before it is trained: the beginning of its trial.json.
function trial.new_record(lab, plan)
  local now = trial.now()
  return {
    id = plan.id, experiment = lab.name, title = plan.title, params = json.object(trial.copy(plan.params)),
    seed = plan.seed, model = plan.model, compile = plan.compile, fit = plan.fit, parameters = plan.parameters,
    traits = json.object(trial.copy(plan.traits or {})), data = circumstances(lab, plan.params).data, keep = lab.keep, environment = environment(),
    source = lab.manifest.source, started = now, finished = now, metrics = json.object {}, epochs = 0, seconds = 0,
  }
end

-- ---- what a script sees ---------------------------------------------------------------------------------------------

local function load_model(self, lab)
  if self.status ~= "complete" then
    blame("trial %s has no model: it is %s%s", self.id, self.status, self.reason and " (" .. self.reason .. ")" or "")
  end
  local model = build_aside(lab, self.params, self.seed)
  model:load_weights(("%s/%s/weights.safetensors"):format(lab.store.trials, self.id))
  model.trial_id = self.id
  return model
end

local ON_DEMAND = {
  model = load_model,
  history = function(self, lab) return lab.store:history(self.id) end,
}

local function text_of(self)
  return ("<trial %s %s seed=%d %s%s>"):format(self.id, shown.text(self.params), self.seed, self.status,
    self.score and (" score=%.6g"):format(self.score) or "")
end

--- A finished trial as a script sees it: id, params, seed, status, reason, metrics, score, test, epochs, scored_epoch,
-- parameters, seconds; and, loaded when asked for, history (lists by name, as Keras' `history.history`) and model.
-- @tparam table lab the experiment
-- @tparam table plan
-- @tparam table record what trial.json holds
-- @tparam boolean reused whether it was there already
function trial.view(lab, plan, record, reused)
  local metrics, test = record.metrics or {}, record.test -- the rest of the record is not kept
  local tested = lab.objective:match "^test_(.+)$"
  local score = metrics[lab.objective] or tested and (test or {})[tested]
  local view = {
    id = plan.id, params = trial.copy(plan.params), seed = plan.seed, label = plan.label, status = record.status,
    reason = record.reason, metrics = metrics, score = record.status == "complete" and score or nil,
    epochs = record.epochs, scored_epoch = record.scored_epoch, parameters = record.parameters,
    seconds = record.seconds, reused = reused,
  }
  return setmetatable(view, { __tostring = text_of, __index = function(self, key)
    if key == "test" then
      if test then lab:peek "read the test results of trials" end
      return test
    end
    local load = ON_DEMAND[key]
    local value = load and load(self, lab)
    rawset(self, key, value)
    return value
  end })
end

return trial
