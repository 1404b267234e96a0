--- Intervals for the score of a variant on new samples and with new seeds, from what its trials score at each sample.
-- A metric that is no mean over the samples, such as the area under a curve, has none.
local metrics = require "nn.metrics"
local objective = require "nn.experiment.objective"
local Outputs = require "nn.models.outputs"
local sampling = require "nn.stats.sampling"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local intervals = {}

local TOLERANCE = 1e-4 -- relative: how far the mean over the samples may be from what `evaluate` found

-- What computes the loss and the metrics of a model with one output, by their names in the history.
local function measures_of(model, part)
  local outputs = model.outputs and Outputs.of(model) or {}
  if #outputs ~= 1 or #part.targets ~= 1 then return {} end
  local output = outputs[1]
  local found, shape = { loss = output.loss }, { #part.targets[1], table.unpack(output.shape) }
  for _, entry in ipairs(output.metrics) do
    local metric, name = metrics.resolve(entry.given, shape, part.targets[1].shape)
    found[name] = found[name] or metric
  end
  return found
end

local function mean_of(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  return sum / #values
end

-- The values of a metric at each sample. A loss may hold penalties besides, which are the same for all samples.
-- @treturn ?{number,...} nil where the metric is not their mean, as with masks
local function values_of(measure, target, prediction, name, score)
  local rows = measure:row_values(target, prediction)
  if not rows or rows.size % #target ~= 0 then return nil end
  local values = rows:reshape { #target, -1 }:mean { axis = 2 }:totable()
  local beside = score - mean_of(values)
  if math.abs(beside) <= TOLERANCE * math.max(1, math.abs(score)) then return values end
  if name ~= "loss" or beside ~= beside then return nil end
  for i, value in ipairs(values) do values[i] = value + beside end
  return values
end

-- Whether all values are 0 or 1, as those of an accuracy are, unless a sample has several labels.
local function are_hits(values)
  for _, value in ipairs(values) do
    if value ~= 0 and value ~= 1 then return false end
  end
  return true
end

-- Adds a trial to the tables of its metrics; a metric that one trial has no values of gets no interval.
local function add_trial(tables, part, trial, scores)
  local model = trial.model
  local prediction = model:predict(part.x, { batch_size = trial.params.batch_size, verbose = 0 })
  if not tensor.is_tensor(prediction) then return end
  for name, measure in pairs(measures_of(model, part)) do
    local score = scores[name]
    local values = type(score) == "number" and values_of(measure, part.targets[1], prediction, name, score)
    local entry = tables[name]
    if not entry then
      entry = { scores = sampling.new(), count = 0, are_hits = true }
      tables[name] = entry
    end
    if values then
      entry.scores:add(values)
      entry.count, entry.are_hits = entry.count + 1, entry.are_hits and are_hits(values)
    end
  end
end

--- The intervals of all metrics that have one.
-- @tparam table lab the experiment
-- @tparam table part of the experiment's data, see `nn.split`
-- @tparam {table,...} trials of one variant, with their models
-- @tparam {{[string]=number},...} scores what each scores on that part, by the metrics' names without a prefix
-- @treturn {[string]={low=number,high=number}}
function intervals.of(lab, part, trials, scores)
  local tables, found = {}, {}
  if part.sample_weight then return found end -- samples that count differently
  for i, trial in ipairs(trials) do
    add_trial(tables, part, trial, scores[i])
    stop.check()
  end
  for name, entry in pairs(tables) do
    local traits = objective.traits(name, lab.manifest.traits) or {}
    local low, high = entry.scores:interval { low = traits.low, high = traits.high,
      proportion = traits.proportion and entry.are_hits }
    if low and entry.count == #trials and low - low == 0 then found[name] = { low = low, high = high } end
  end
  return found
end

return intervals
