--- What the trials of a variant say together, and how variants compare; `naming.lua` has what they are called.
-- @module nn.report.summary
local naming = require "nn.report.naming"
local notation = require "nn.support.notation"
local objective = require "nn.experiment.objective"
local stats = require "nn.stats"

local summary = {}

local function split_of(metric)
  return metric:find("^val_") and "validation" or metric:find("^test_") and "test" or "training"
end

local FEWEST_RUNS = 3 -- the interval of two is too wide to tell anything

-- Student's interval, within the bounds of the metric.
local function seeds_interval(traits, values)
  local low, high = stats.t_interval(values)
  return math.max(low, traits.low or low), math.min(high, traits.high or high)
end

-- Where all runs are right at all samples, or wrong, these say what one run would, however many runs there are.
local function same_interval(result, traits, samples)
  local is_known = traits.proportion and samples and result.split ~= "training" and result.low == result.high
  if not is_known or result.mean ~= 0 and result.mean ~= 1 then return nil end
  local low, high = stats.wilson_interval(result.mean, samples)
  return { low = low, high = high }
end

--- Whether the share of the samples tells where the score on other samples lies (Wilson): not of samples that the model
-- was trained with.
-- @tparam Records records
-- @tparam string metric
-- @tparam[opt] string split see `measure`
-- @treturn boolean
function summary.has_samples_interval(records, metric, split)
  split = split or split_of(metric)
  return records:traits(metric).proportion == true and split ~= "training" and records:samples(split) ~= nil
end

--- The mean of a metric over the seeds, with a 95 % interval where one can be given: over the seeds (Student) if there
-- are three values or more; over the samples (Wilson) if the experiment has one seed and the metric is a proportion of
-- samples that the model was not trained with.
-- @tparam Records records
-- @tparam string metric
-- @tparam {number,...} values one a seed
-- @tparam[opt] string split whose samples they are over: "training", "validation" or "test"; told from the metric's
--   name if left out
-- @treturn ?table `mean`, `low`, `high`, `over` ("seeds" or "samples"), `n` (how many of them), `split`, `runs`; `new`:
--   the interval for new samples and new seeds, where all runs are right at all samples; nil without values
function summary.measure(records, metric, values, split)
  if #values == 0 then return nil end
  split = split or split_of(metric)
  local result = { mean = stats.mean(values), split = split, runs = #values }
  local samples, traits = records:samples(split), records:traits(metric)
  if #values >= FEWEST_RUNS then
    result.low, result.high = seeds_interval(traits, values)
    result.over, result.n, result.new = "seeds", #values, same_interval(result, traits, samples)
  elseif #records.manifest.seeds <= 1 and summary.has_samples_interval(records, metric, split) then
    result.low, result.high = stats.wilson_interval(math.min(math.max(result.mean, 0), 1), samples)
    result.over, result.n = "samples", samples
  end
  return result
end

local function is_number(value)
  return type(value) == "number" and value == value and math.abs(value) < math.huge
end

-- The trials that ran to their end, and those of them that have a score: one that is not finite is none.
local function scored(trials)
  local complete, done = {}, {}
  for _, trial in ipairs(trials) do
    if trial.status == "complete" then complete[#complete + 1] = trial end
    if trial.status == "complete" and is_number(trial.score) then done[#done + 1] = trial end
  end
  return complete, done
end

local function mean_of(trials, get)
  local values = {}
  for _, trial in ipairs(trials) do
    local value = get(trial)
    if is_number(value) then values[#values + 1] = value end
  end
  return #values > 0 and stats.mean(values) or nil
end

local function values_of(trials, field, name)
  local values = {}
  for _, trial in ipairs(trials) do
    local value = type(trial[field]) == "table" and trial[field][name]
    if type(value) == "number" then values[#values + 1] = value end
  end
  return values
end

--- One variant in numbers.
-- @tparam Records records
-- @tparam table variant from the manifest
-- @tparam string label what tells it from its neighbours: "width = 50"
-- @treturn table `label`, `variant`, `trials` (all), `complete`, `done` (those with a score), `scores` (by seed),
--   `score`
--   (see `measure`; nil if none is done), `parameters`, `seconds` (means over those complete)
function summary.of(records, variant, label)
  local self = { label = label, variant = variant, trials = {} }
  for i, id in ipairs(variant.trials) do self.trials[i] = records.trials[id] end
  self.complete, self.done = scored(self.trials)
  local scores = {}
  self.scores = {}
  for i, trial in ipairs(self.done) do
    scores[i] = trial.score
    if trial.seed then self.scores[trial.seed] = trial.score end
  end
  self.score = summary.measure(records, records.manifest.objective, scores)
  self.parameters = mean_of(self.complete, function(trial) return trial.parameters end)
  self.seconds = mean_of(self.complete, function(trial) return trial.seconds end)
  return self
end

--- The mean of any other metric of a variant's complete trials; not finite where it is so in one of them.
-- @tparam table self from `of`
-- @tparam string name such as "val_loss"
-- @tparam[opt="metrics"] string field "test" for what trials measured on test data
-- @treturn ?number
function summary.metric(self, name, field)
  local values = values_of(self.complete, field or "metrics", name)
  return #values > 0 and stats.mean(values) or nil
end

local function is_whole(item)
  return #item.done == #item.trials
end

--- Those that have a score, best first; equal ones in the order planned. Those that lost runs come last: the mean of
-- the runs that survived flatters.
-- @tparam {table,...} list from `of`
-- @tparam string mode "max" or "min"
-- @treturn {table,...}
-- @treturn integer how many of them have the scores of all their runs
function summary.rank(list, mode)
  local ranked, position, whole = {}, {}, 0
  for i, item in ipairs(list) do
    position[item] = i
    if item.score then ranked[#ranked + 1] = item end
    if item.score and is_whole(item) then whole = whole + 1 end
  end
  table.sort(ranked, function(a, b)
    if is_whole(a) ~= is_whole(b) then return is_whole(a) end
    local x, y = objective.rounded(a.score.mean), objective.rounded(b.score.mean)
    if x == y then return position[a] < position[b] end
    return objective.better(mode, x, y)
  end)
  return ranked, whole
end

--- Those that share the best score, in the order planned.
-- @tparam {table,...} ranked from `rank`
-- @treturn {table,...}
function summary.leaders(ranked)
  local leaders = {}
  for _, item in ipairs(ranked) do
    local is_equal = objective.rounded(item.score.mean) == objective.rounded(ranked[1].score.mean)
    if is_equal and is_whole(item) == is_whole(ranked[1]) then leaders[#leaders + 1] = item end
  end
  return leaders
end

--- The different values of a parameter, in the order of the variants.
-- @tparam {table,...} list from `of`
-- @tparam string name
-- @treturn table a list of values
-- @treturn integer how many they are, with nil
function summary.values(list, name)
  local different, seen, count = {}, {}, 0
  for _, item in ipairs(list) do
    local value = item.variant.params[name]
    local key = notation.key(value)
    if not seen[key] then different[#different + 1], seen[key], count = value, true, count + 1 end
  end
  return different, count
end

--- All variants of an experiment, each once.
-- @tparam Records records
-- @treturn {table,...} from `of`, with the `section` they come first in
function summary.all(records)
  local list = {}
  for i, each in ipairs((naming.names(records))) do
    list[i] = summary.of(records, each.variant, each.name)
    list[i].section = each.section
  end
  return list
end

return summary
