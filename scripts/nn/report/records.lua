--- Reads what an experiment has left in its folder. Nothing here trusts a file to be there, whole, or sensible.
-- @module nn.report.records
local blame = require "nn.support.blame"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local format = require "nn.report.format"
local notation = require "nn.support.notation"
local objective = require "nn.experiment.objective"
local Store = require "nn.store"

local records = {}

local Records = {}
Records.__index = Records

-- The record in a trial.json; nil where there is none, then what is wrong, and the text if there is a file.
local function read_record(path)
  local text = files.read(path)
  local record, fault = Store.decode(text)
  return record, fault, text
end

-- A trial that a section plans and whose folder cannot be read.
local function absent(records_of, id, fault, text)
  if text then return { id = id, status = "unreadable", reason = "trial.json is damaged: " .. fault } end
  if records_of.manifest.status == "complete" then
    return { id = id, status = "missing", reason = "its folder is not there" }
  end
  return { id = id, status = "waiting" }
end

local function path_of(self, id)
  return ("%s/trials/%s/trial.json"):format(self.folder, id)
end

-- What most of a record is and few trials are asked for: read again where it is.
local SELDOM = { model = true, compile = true, environment = true, source = true, weights = true, fit = true }

local function without_the_seldom(self, trial)
  for name in pairs(SELDOM) do trial[name] = nil end
  return setmetatable(trial, self.meta)
end

local function reader_of(self)
  return { __index = function(trial, name)
    return SELDOM[name] and (read_record(path_of(self, trial.id)) or {})[name] or nil
  end }
end

local function read_trial(self, id)
  local trial, fault, text = read_record(path_of(self, id))
  if not trial then return absent(self, id, fault, text) end
  without_the_seldom(self, trial)
  trial.id, trial.has_folder = id, true
  return trial
end

-- Ids cut to the length at which they still differ, as git does.
local function shorten(order)
  for length = 6, 64 do
    local short, taken, unique = {}, {}, true
    for _, id in ipairs(order) do
      local text = id:sub(1, length)
      unique = unique and not taken[text]
      taken[text], short[id] = true, text
    end
    if unique then return short end
  end
end

local function add_trial(self, id, seed, section)
  local trial = self.trials[id]
  if not trial then
    trial = read_trial(self, id)
    trial.seed, trial.sections = trial.seed or seed, {}
    self.trials[id] = trial
    self.order[#self.order + 1] = id
  end
  local titles = trial.sections
  if titles[#titles] ~= section.title then titles[#titles + 1] = section.title end
end

--- The variants whose trials a section plans.
-- @tparam table section from the manifest
-- @treturn {table,...}
function records.variants_of(section)
  return section.variants or section.kind == "confirmation" and { section.variant } or {}
end

local function read_trials(self)
  self.trials, self.order = {}, {}
  for _, section in ipairs(self.manifest.sections) do
    local seeds = section.seeds or self.manifest.seeds or {}
    for _, variant in ipairs(records.variants_of(section)) do
      for _, name in ipairs { "trials", "params", "changed" } do variant[name] = variant[name] or {} end
      for i, id in ipairs(variant.trials) do add_trial(self, id, seeds[i], section) end
    end
  end
  self.short = shorten(self.order)
end

--- What is recorded in an experiment's folder.
-- @tparam string folder such as "reports/lab"
-- @treturn table `folder`; `manifest`: experiment.json; `trials`: each trial.json by id, with `sections` (the titles it
--   appears under) and `has_folder`, or in its place a status such as "waiting"; `order`: the ids as planned;
--   `short`: for each id the beginning that is enough to tell it from the others; `drawn`: the files of the charts that
--   the report has drawn, by their paths in the folder
-- @raise where experiment.json is missing or damaged
function records.load(folder)
  local manifest, fault, text = Store.manifest(folder)
  if not text then blame("cannot read %s/experiment.json: no experiment has run there", folder) end
  if not manifest then blame("%s; run the experiment again, finished trials are kept", fault) end
  return records.of(folder, manifest)
end

--- The same of an experiment whose manifest is known.
-- @tparam string folder
-- @tparam table manifest as read from JSON
-- @treturn table
function records.of(folder, manifest)
  local self = setmetatable({ folder = folder, manifest = manifest, known_decimals = {}, drawn = {} }, Records)
  self.meta = reader_of(self)
  for _, name in ipairs { "sections", "seeds", "params", "overrides", "data", "warnings", "test_uses", "traits" } do
    if type(manifest[name]) ~= "table" then manifest[name] = {} end
  end
  read_trials(self)
  return self
end

--- A trial's learning curves from its history.csv.
-- @tparam string id
-- @treturn table a list of numbers for each column, NaN where a cell holds none; empty where there is no such file
function Records:history(id)
  return (csv_file.columns(files.read(("%s/trials/%s/history.csv"):format(self.folder, id)) or ""))
end

-- All parameters that are set anywhere in the experiment.
local function settings_of(manifest)
  local list = { manifest.params }
  for _, section in ipairs(manifest.sections) do
    list[#list + 1] = section.with
    for _, variant in ipairs(section.variants or {}) do list[#list + 1] = variant.params end
  end
  return list
end

--- A parameter's value as the whole report writes it: values that differ look different.
-- @tparam string name
-- @param value
-- @treturn string
function Records:value(name, value)
  self.value_text = self.value_text or notation.namers(settings_of(self.manifest))
  return self.value_text(name, value)
end

--- Settings by name: "activation = relu, width = 500".
-- @tparam table params
-- @tparam {string,...} names which, in which order
-- @treturn string
function Records:settings(params, names)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = notation.legible(name) .. " = " .. self:value(name, params[name]) end
  return table.concat(parts, ", ")
end

--- A trial's short name, as a link to its folder if there is one. The page defines the links' targets at its end.
-- @tparam table trial
-- @treturn string Markdown
function Records:link(trial)
  local short = self.short[trial.id]
  return trial.has_folder and "[" .. short .. "]" or short
end

-- ---- numbers --------------------------------------------------------------------------------------------------------

--- What a metric is: which way is better, its bounds, whether it is a proportion.
-- @tparam string name such as "val_accuracy"
-- @treturn table `better`, `low`, `high`, `proportion`; empty where nothing is known
function Records:traits(name)
  return objective.traits(name, self.manifest.traits) or {}
end

local function base_of(name)
  return name:match("^val_(.+)$") or name:match("^test_(.+)$") or name
end

local function add_numbers(list, metrics, base)
  for _, name in ipairs { base, "val_" .. base } do
    local value = type(metrics) == "table" and metrics[name]
    if type(value) == "number" and value - value == 0 then list[#list + 1] = value end
  end
end

-- All values of a metric, in training, validation and test.
local function numbers_of(self, base)
  local list = {}
  for _, id in ipairs(self.order) do
    add_numbers(list, self.trials[id].metrics, base)
    add_numbers(list, self.trials[id].test, base)
  end
  for _, section in ipairs(self.manifest.sections) do
    for _, test in ipairs { section.test or {}, section.fresh and section.fresh.test } do
      for _, trial in ipairs(test.trials or {}) do add_numbers(list, trial.metrics, base) end
    end
  end
  return list
end

--- How many decimals a metric has wherever the report tells it.
-- @tparam string name
-- @treturn integer
function Records:decimals(name)
  local base = base_of(name)
  self.known_decimals[base] = self.known_decimals[base] or format.decimals(numbers_of(self, base), self:traits(name))
  return self.known_decimals[base]
end

--- A value of a metric as the report writes it; "-" where there is none.
-- @tparam string name
-- @tparam ?number value
-- @treturn string
function Records:number(name, value)
  return format.number(value, self:decimals(name))
end

--- A difference of two values of a metric, with its sign.
-- @tparam string name
-- @tparam ?number value
-- @treturn string
function Records:signed(name, value)
  local text = self:number(name, value)
  return value and value > 0 and text:find("[1-9]") and "+" .. text or text
end

--- How many samples a split has.
-- @tparam string name "training", "validation" or "test"
-- @treturn ?integer
function Records:samples(name)
  local data = self.manifest.data[name == "training" and "train" or name]
  return data and data.samples
end

--- What the samples are called: "image" where they are pictures.
-- @treturn string
function Records:noun()
  return self.manifest.noun or self.manifest.sample_sheet and "image" or "sample"
end

return records
