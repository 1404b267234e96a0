--- experiment.json: what an experiment is, how far it is, and in which order its sections come. The report is written
-- from it and from the trials' folders alone.
local advice = require "nn.advice.pieces"
local environment = require "nn.store.environment"
local files = require "nn.support.files"
local json = require "nn.support.json"
local Ledger = require "nn.store.ledger"
local machine = require "engine.machine"
local objective = require "nn.experiment.objective"
local parameters = require "nn.experiment.parameters"
local process = require "engine.process"
local sealing = require "nn.store.sealing"
local session = require "nn.experiment.session"
local split = require "nn.experiment.split"
local Store = require "nn.store"
local trial = require "nn.trials.trial"
local notation = require "nn.support.notation"

local manifest = {}

-- From one writing to the next while trials run: seconds, and times what the last one took. The longer the experiment
-- becomes, the less often it is written.
local NOTE_SECONDS, NOTE_PATIENCE = 0.5, 50

local function card(part)
  return part and part.card
end

--- What the last run that wrote left behind.
-- @treturn ?table
local function read_earlier(lab)
  return (Store.manifest(lab.folder))
end

--- Evaluations on the same test data that earlier runs made: running a script again does not undo them.
local function earlier_uses(lab)
  local uses = json.list {}
  for _, use in ipairs((read_earlier(lab) or {}).test_uses or {}) do
    if lab.test and use.fingerprint == lab.test.card.fingerprint then uses[#uses + 1] = use end
  end
  return uses
end

local LOOKS = 3 -- at a file that another process may be writing

--- The fields of the folder's experiment.json that were changed after an earlier run sealed it.
-- @tparam table lab the experiment
-- @treturn {string,...}
function manifest.changes(lab)
  local changes = {}
  for _ = 1, LOOKS do
    local text = files.read(lab.folder .. "/experiment.json")
    changes = text and sealing.manifest_changes(Ledger.of(lab.folder), text) or {}
    if #changes == 0 then break end
  end
  return changes
end

--- The manifest of an experiment that has just been declared.
-- @tparam table lab the experiment
-- @tparam table overrides parameters given on the command line
-- @tparam ?table about the script, from `source.read`
function manifest.new(lab, overrides, about)
  return {
    name = lab.name, title = lab.title, script = session.options.script, command = json.list(session.options.command),
    created = trial.now(), nnrun = machine.version(), params = json.object(parameters.copy(lab.params)),
    overrides = json.object(overrides), seeds = lab.seeds, objective = lab.objective, mode = lab.mode, keep = lab.keep,
    traits = json.object {}, test_every_trial = lab.test_every_trial, class_names = lab.class_names,
    class_weight = split.stored_weights(lab.class_weight),
    data = json.object { train = card(lab.train), validation = card(lab.validation), test = card(lab.test) },
    sections = json.list {}, test_uses = earlier_uses(lab), warnings = json.list {}, environment = environment(),
    source = about, reports = session.options.reports, status = "running", progress = { done = 0, planned = 0 },
    seconds = 0, noun = lab.train and split.has_pictures(lab.train) and "image" or "sample",
  }
end

--- Takes in what the numbers of a model's history mean, and from that which way the objective is better.
-- @tparam table lab the experiment
-- @tparam table facts traits by name, see `nn.models.traits`; baseline, see `nn.baseline`, false where none is known
function manifest.learn(lab, facts)
  local traits = facts.traits
  if lab.manifest.baseline == nil then lab.manifest.baseline = facts.baseline or false end
  for name, each in pairs(traits) do lab.manifest.traits[name] = lab.manifest.traits[name] or each end
  lab.mode = lab.mode or objective.mode(lab.objective, traits, "objective")
  lab.manifest.mode = lab.mode
end

--- Adds the advice on what the script itself does with models to the warnings; it was shown when it was given.
local function take_advice(warnings)
  local has = {}
  for _, text in ipairs(warnings) do has[text] = true end
  for _, piece in ipairs(advice.of_script()) do
    local text = advice.line(piece)
    if not has[text] then warnings[#warnings + 1] = text end
  end
end

--- Adds this run's evaluations on the test data to the record of an earlier run.
local function add_uses(lab)
  local uses = lab.manifest.test_uses
  local before = #uses > lab.uses_noted and read_earlier(lab)
  if not before or not lab.store:leads() then return end
  before.test_uses = before.test_uses or json.list {}
  table.move(uses, lab.uses_noted + 1, #uses, #before.test_uses + 1, before.test_uses)
  sealing.write_manifest(lab.folder, before)
  lab.uses_noted, lab.has_added_uses = #uses, true
end

--- Writes experiment.json in one go, unless another process does that (see `Store:leads`). Where this run has nothing
-- of its own to say yet (see `reporting.begin`), only its evaluations on the test data are added to what is there.
function manifest.write(lab)
  lab.has_news = false
  if not lab.has_begun then return add_uses(lab) end
  if not lab.store:leads() then return end
  local began = process.monotonic()
  take_advice(lab.manifest.warnings)
  lab.manifest.seconds = began - lab.began
  sealing.write_manifest(lab.folder, lab.manifest)
  local now = process.monotonic()
  lab.next_note = now + math.max(NOTE_SECONDS, NOTE_PATIENCE * (now - began))
end

--- Whether the folder holds a record with trials.
function manifest.has_earlier_trials(lab)
  local progress = (read_earlier(lab) or {}).progress
  return type(progress) == "table" and (progress.done or 0) > 0
end

--- Writes it unless that was done a moment ago: then `catch_up` will.
function manifest.note(lab)
  lab.has_news = true
  manifest.catch_up(lab)
end

--- Writes what is not written yet, if it is time; to be called now and then.
function manifest.catch_up(lab)
  if lab.has_news and process.monotonic() >= lab.next_note then manifest.write(lab) end
end

local MARGIN = "    " -- of a section in experiment.json

--- A section that will not change any more, as it will be written: a long sweep is little work and memory then.
local function settled(section)
  return json.encoded(json.encode(section, MARGIN))
end

--- Adds a section that is complete, and writes. Its charts may still be missing as long as nothing is written.
function manifest.add(lab, section)
  table.insert(lab.manifest.sections, lab.has_begun and settled(section) or section)
  manifest.write(lab)
end

--- The parameters that differ from the defaults.
-- @tparam table params
-- @tparam table defaults
-- @treturn table
function manifest.changed(params, defaults)
  local differ = json.object {}
  for name, value in pairs(params) do
    if not notation.same(value, defaults[name]) then differ[name] = value end
  end
  return differ
end

--- What the manifest says about a variant.
-- @tparam table lab
-- @tparam table params
-- @tparam {table,...} trials one a seed
function manifest.variant(lab, params, trials)
  local ids = {}
  for i, each in ipairs(trials) do ids[i] = each.id end
  return { params = json.object(parameters.copy(params)), changed = manifest.changed(params, lab.params), trials = ids }
end

local function add_variants(lab, entry, section, from)
  for i = from, #section.variants do
    local variant = manifest.variant(lab, section.variants[i].params, section.plans[i])
    entry.variants[i] = json.encoded(json.encode(variant)) -- a line each
  end
end

--- Notes a section whose trials are about to run.
-- @tparam table lab
-- @tparam table entry
-- @tparam integer planned how many they are
function manifest.begin(lab, entry, planned)
  lab.manifest.progress.planned = lab.manifest.progress.planned + planned
  table.insert(lab.manifest.sections, entry)
  manifest.note(lab)
end

--- Notes the section of a sweep or trial that is about to run.
-- @treturn table the entry, to be given to `finish_section`
function manifest.begin_section(lab, section, planned)
  local entry = { kind = section.kind, title = section.title, variants = {}, finished = false }
  if section.kind == "sweep" then
    entry.varied, entry.method = section.varied, section.method
    entry.with = json.object(parameters.copy(section.with))
    entry.spaces, entry.pruner, entry.ablation = section.spaces, section.pruner, section.ablation
  end
  add_variants(lab, entry, section, 1)
  manifest.begin(lab, entry, planned)
  return entry
end

--- Notes the variants of a further round.
-- @tparam table lab
-- @tparam table entry from `begin_section`
-- @tparam table section
-- @tparam integer from the position of the first new one
function manifest.extend_section(lab, entry, section, from)
  entry.varied, entry.spaces = section.varied, section.spaces
  add_variants(lab, entry, section, from)
  manifest.note(lab)
end

--- Notes that a trial has ended.
function manifest.count_done(lab)
  lab.manifest.progress.done = lab.manifest.progress.done + 1
  manifest.note(lab)
end

--- Takes it that a section has ended; what it led to is to be written with it.
function manifest.finish_section(lab, entry)
  entry.finished = true
  local sections = lab.manifest.sections
  for i = #sections, 1, -1 do
    if sections[i] == entry then sections[i] = settled(entry) end
  end
end

--- Notes that the script itself has a model look at the test data. What an earlier run of it found out in the same way
-- is not counted again.
-- @tparam table lab
-- @tparam {what=,key=} use from the lockbox
function manifest.used_by_script(lab, use)
  for i, earlier in ipairs(lab.earlier_uses) do
    if earlier.key == use.key then
      table.remove(lab.earlier_uses, i)
      return
    end
  end
  table.insert(lab.manifest.test_uses, { when = trial.now(), what = use.what, key = use.key, after = lab.chosen,
    fingerprint = lab.test.card.fingerprint })
end

--- Notes an evaluation on the test data. Evaluating the same trial again tells nothing new and is not counted.
-- @tparam table lab
-- @tparam string id the trial's
-- @tparam string what why it was evaluated
function manifest.tested(lab, id, what)
  local uses = lab.manifest.test_uses
  for _, use in ipairs(uses) do
    if use.trial == id then return end
  end
  uses[#uses + 1] = { when = trial.now(), what = ("trial %s: %s"):format(id, what), trial = id,
    fingerprint = lab.test.card.fingerprint }
end

return manifest
