--- What trial.json and experiment.json hold.
local schema = require "nn.support.schema"

local any, text, number, count, flag, scalar = schema.any, schema.text, schema.number, schema.count, schema.flag,
  schema.scalar
local list, map, object, one_of = schema.list, schema.map, schema.object, schema.one_of

local source = object { script = text, copy = text, arguments = list(text), settings = list(text) }
local traits = map(object { better = one_of("max", "min"), low = number, high = number, proportion = flag })

local layer = object { class_name = text, config = object { shape = list(scalar) } }
local model = object { class_name = text, config = object { layers = list(layer) } }

-- A loss or an optimizer: a name, an object, or a list of them.
local object_of_class = object { class_name = text }
local function named(value)
  if type(value) == "string" then return end
  return (type(value) == "table" and value[1] ~= nil and list(named) or object_of_class)(value)
end

-- Weights of classes: "balanced", or a number by each id.
local weights = map(number)
local function class_weight(value)
  if type(value) ~= "string" then return weights(value) end
end

local fit = object { batch_size = number, epochs = number, shuffle = flag, class_weight = class_weight,
  steps_per_epoch = number }

local trial = object({
  id = text, status = text, reason = text, experiment = text, title = text, params = map(any), seed = number,
  metrics = map(number), test = map(number), score = number, epochs = count, scored_epoch = count, seconds = number,
  parameters = count, peak_memory = number, started = text, finished = text, model = model,
  compile = object { loss = named, optimizer = named, run_eagerly = flag },
  fit = fit, built = text, callbacks = text, environment = map(scalar), source = source, traits = traits, keep = text,
  weights = object({ epochs = list(list(text)), layers = list(text) }, { "epochs" }),
  pruned = object { epochs = number, demand = number }, data = map(any), reads = map(text), test_data = text,
  identity = object { failure = text, objective = list(text), has_params = flag },
  files = list(object({ name = text, kind = one_of("figure", "file"), files = list(text), markdown = text },
    { "name", "kind", "files" })),
  seal = object({ files = map(text), fields = map(text) }, { "files", "fields" }),
  advice = list(object({ name = text, text = text, where = text, part = text, size = number }, { "name", "text" })),
}, { "id", "status", "metrics" })

local tensors = list(object { dtype = text, shape = list(count), min = number, max = number })
local data = object { samples = count, fingerprint = text, dataset = text, classes = list(count), x = tensors,
  y = tensors, sample_weight = tensors }

-- What an answer scores that needs no learning; false where none suits.
local untaught = object({ answer = one_of("class", "labels", "shares", "mean", "median", "previous"), class = count,
  score = number, metric = text }, { "answer", "score" })
local function baseline(value)
  if value ~= false then return untaught(value) end
end

local variant = object({ params = map(any), changed = map(any), trials = list(text) },
  { "params", "changed", "trials" })
local interval = object({ low = number, high = number }, { "low", "high" })
local intervals = object { test = map(interval), validation = map(interval) }
local tests = object { trials = list(object({ id = text, metrics = map(number) }, { "id", "metrics" })) }
local fresh = object({ variant = variant, seeds = list(number), score = number, test = tests, intervals = intervals },
  { "variant" })
local any_section = object({
  kind = one_of("sweep", "trial", "note", "figure", "confirmation", "conclusion"), title = text, text = text,
  markdown = text, method = text, variants = list(variant),
  varied = list(object({ name = text, values = list(any) }, { "name" })),
  with = map(any), spaces = map(text), figures = list(text), confusion = list(list(number)), score = number,
  variant = variant, before_choice = count, intervals = intervals,
  test = tests, fresh = fresh, seeds = list(number), chosen = text, baseline = baseline,
}, { "kind" })

local of_kind = {
  conclusion = object({}, { "variant" }), confirmation = object({}, { "variant" }),
  sweep = object({}, { "variants" }), trial = object({}, { "variants" }),
}

local function section(value)
  local wrong, path = any_section(value)
  if wrong then return wrong, path end
  if of_kind[value.kind] then return of_kind[value.kind](value) end
end

local experiment = object({
  name = text, title = text, status = text, script = text, command = list(text), created = text, nnrun = text,
  params = map(any), overrides = map(any), seeds = list(number), objective = text, mode = one_of("max", "min"),
  keep = text, test_every_trial = flag, class_names = list(scalar), class_weight = class_weight,
  data = object { train = data, validation = data, test = data }, sections = list(section),
  test_uses = list(map(scalar)), warnings = list(text), environment = map(scalar), source = source,
  progress = object { done = number, planned = number }, seconds = number, traits = traits, reports = text, noun = text,
  seal = object({ lines = count, hash = text }, { "lines", "hash" }), baseline = baseline,
}, { "objective", "sections" })

--- The types of what these files hold, for `schema.fault`.
return { trial = trial, experiment = experiment }
