--- An experiment as an object: its methods, of which each file of this folder has some, and its fields.
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local manifest = require "nn.experiment.manifest"
local properties = require "nn.support.properties"
local reporting = require "nn.experiment.reporting"
local sweep = require "nn.experiment.sweep"

local methods = {}
for _, part in ipairs { "notices", "report", "sections" } do
  for name, method in pairs(require("nn.experiment.methods." .. part)) do methods[name] = method end
end

-- Takes in what the numbers of a model's history mean, and what a constant answer scores.
function methods:learn(facts) manifest.learn(self, facts) end

-- Takes a trial that has ended to the report, now and then.
function methods:report_progress() reporting.progress(self) end

-- What it was declared with, which a script cannot change afterwards.
local DECLARED = {
  "name", "title", "train", "validation", "test", "class_names", "params", "build", "callbacks", "seeds", "objective",
  "mode", "keep", "test_every_trial", "class_weight", "sample_weight", "confirm", "loop",
  "evaluate",
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

arguments.limit_methods("lab", methods, function(value) return getmetatable(value) == meta end)
properties.add(meta, {
  methods = methods, fields = fields, title = "an experiment", fixed = DECLARED,
  readable = { "folder", "chosen", "has_chosen", "has_peeked" },
})

-- Makes what was declared an experiment.
-- @tparam table lab all its fields
function meta.adopt(lab) return setmetatable(properties.fix(lab, DECLARED), meta) end

return meta
