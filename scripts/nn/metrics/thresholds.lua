--- Metrics of binary labels at thresholds: counts, precision, recall, and the best rate under a bound on another.
-- @submodule nn.metrics
local blame = require "nn.support.blame"
local arguments = require "nn.support.arguments"
local buckets = require "nn.metrics.buckets"
local Metric = require "nn.metrics.base"
local float32 = require "nn.support.float32"
local tensor = require "nn.tensor"

local define, metrics, traits = Metric.define, Metric.metrics, Metric.traits
local counts, ratio = buckets.counts, buckets.ratio

-- What Keras takes as a threshold where only the top k count: below any prediction.
local BELOW_ALL = -1e10

local NAME, DTYPE = { "name" }, { "dtype" }

-- ---- thresholds ----------------------------------------------------------------------------------------------------

--- Thresholds as a user gave them: a list.
local function thresholds_of(a)
  if type(a.thresholds) == "table" and #a.thresholds > 0 then return a.thresholds end
  return { type(a.thresholds) == "number" and a.thresholds or a.top_k and BELOW_ALL or 0.5 }
end

local function check_class(self, shape)
  local class_id = self.arguments.class_id
  if not class_id then return end
  if #shape < 2 then blame("%s: class_id wants predictions (n, classes), got one axis", self.class_name) end
  if class_id >= shape[#shape] then
    blame("%s: class_id is %d, but there are %d classes", self.class_name, class_id, shape[#shape])
  end
end

-- ---- what the sums say ---------------------------------------------------------------------------------------------

--- One number for each threshold that the user gave: a number for one, a tensor for several.
local function by_threshold(value_of)
  return function(self, sums)
    local given = thresholds_of(self.arguments)
    local sorted, values = buckets.ascending(given), {}
    local at = counts(sums, #sorted)
    for i, threshold in ipairs(sorted) do values[threshold] = value_of(at[i]) + 0.0 end
    if #given == 1 then return values[given[1]] end
    local list = {}
    for i, threshold in ipairs(given) do list[i] = values[threshold] end
    return tensor.tensor(list)
  end
end

local function of_thresholds(class, list, own_traits, value_of)
  define {
    class = class, arguments = list, engine = "threshold_counts", weights = "value", traits = own_traits,
    config = function(a) return buckets.config(thresholds_of(a), a) end,
    check = function(a) buckets.check(class, a.thresholds) end,
    methods = { result_of = by_threshold(value_of), check_width = check_class },
  }
end

--- How many (or, with sample weights, how much weight of) true labels were predicted.
-- @function TruePositives
-- @tparam[opt=0.5] number|{number,...} thresholds of predictions, from 0 to 1; a list gives a tensor of results
-- @usage
-- local m = nn.metrics.TruePositives{}
-- m:update_state(labels, y_pred)
-- print(m:result())
of_thresholds("TruePositives", { { "thresholds" }, NAME, DTYPE }, traits.hits, function(at) return at.tp end)
--- How many false labels were not predicted.
-- @function TrueNegatives
-- @tparam[opt=0.5] number|{number,...} thresholds of predictions, from 0 to 1; a list gives a tensor of results
-- @usage
-- local m = nn.metrics.TrueNegatives{}
-- m:update_state(labels, y_pred)
-- print(m:result())
of_thresholds("TrueNegatives", { { "thresholds" }, NAME, DTYPE }, traits.hits, function(at) return at.tn end)
--- How many false labels were predicted.
-- @function FalsePositives
-- @tparam[opt=0.5] number|{number,...} thresholds of predictions, from 0 to 1; a list gives a tensor of results
-- @usage
-- local m = nn.metrics.FalsePositives{}
-- m:update_state(labels, y_pred)
-- print(m:result())
of_thresholds("FalsePositives", { { "thresholds" }, NAME, DTYPE }, traits.error, function(at) return at.fp end)
--- How many true labels were not predicted.
-- @function FalseNegatives
-- @tparam[opt=0.5] number|{number,...} thresholds of predictions, from 0 to 1; a list gives a tensor of results
-- @usage
-- local m = nn.metrics.FalseNegatives{}
-- m:update_state(labels, y_pred)
-- print(m:result())
of_thresholds("FalseNegatives", { { "thresholds" }, NAME, DTYPE }, traits.error, function(at) return at.fn end)

local TOP = { { "thresholds" }, { "top_k" }, { "class_id" }, NAME, DTYPE }
--- The share of true labels among those predicted.
-- @function Precision
-- @tparam[opt=0.5] number|{number,...} thresholds of predictions, from 0 to 1; a list gives a tensor of results
-- @tparam[opt] integer top_k only the k largest predictions of a row count as such
-- @tparam[opt] integer class_id only this class counts
-- @usage
-- local m = nn.metrics.Precision{}
-- m:update_state(labels, y_pred)
-- print(m:result())
of_thresholds("Precision", TOP, traits.score, function(at) return ratio(at.tp, at.tp + at.fp) end)
--- The share of true labels that were predicted.
-- @function Recall
-- @tparam[opt=0.5] number|{number,...} thresholds of predictions, from 0 to 1; a list gives a tensor of results
-- @tparam[opt] integer top_k only the k largest predictions of a row count as such
-- @tparam[opt] integer class_id only this class counts
-- @usage
-- local m = nn.metrics.Recall{}
-- m:update_state(labels, y_pred)
-- print(m:result())
of_thresholds("Recall", TOP, traits.score, function(at) return ratio(at.tp, at.tp + at.fn) end)

-- ---- the best of one under a condition on the other ----------------------------------------------------------------

--- In single precision, as Keras computes it: whether a bound is reached may hang on it.
local function single_ratio(a, b) return float32(ratio(float32(a), float32(b))) end

local RATES = {
  sensitivity = function(at) return single_ratio(at.tp, at.tp + at.fn) end,
  specificity = function(at) return single_ratio(at.tn, at.tn + at.fp) end,
  precision = function(at) return single_ratio(at.tp, at.tp + at.fp) end,
}
RATES.recall = RATES.sensitivity

local function even_thresholds(a)
  local list = buckets.between(a.num_thresholds == 1 and 1 or a.num_thresholds - 2)
  if a.num_thresholds > 1 then
    table.insert(list, 1, 0.0)
    list[#list + 1] = math.huge -- stands for 1, which no probability exceeds
  end
  return list
end

--- The largest `wanted` rate at thresholds where the `bound` rate is at least what the argument of its name says.
local function best_under(class, wanted, bound)
  define {
    class = class, arguments = { { bound, arguments.required }, { "num_thresholds", 200 }, { "class_id" },
      NAME, DTYPE },
    engine = "threshold_counts", weights = "value", traits = traits.score,
    check = function(a)
      if type(a[bound]) ~= "number" or not (a[bound] >= 0 and a[bound] <= 1) then
        blame("%s: %s: expected a number from 0 to 1, got %s", class, bound, blame.got(a[bound]))
      end
      if math.type(a.num_thresholds) ~= "integer" or a.num_thresholds < 1 then
        blame("%s: num_thresholds: expected a whole number of at least 1, got %s", class, blame.got(a.num_thresholds))
      end
    end,
    config = function(a) return buckets.config(even_thresholds(a), a) end,
    methods = {
      check_width = check_class,
      result_of = function(self, sums)
        local best, least = 0.0, float32(self.arguments[bound])
        for _, at in ipairs(counts(sums, #even_thresholds(self.arguments))) do
          if RATES[bound](at) >= least then best = math.max(best, RATES[wanted](at)) end
        end
        return best
      end,
    },
  }
end

--- The best sensitivity where the specificity is at least as given.
-- @function SensitivityAtSpecificity
-- @tparam number specificity from 0 to 1
-- @tparam[opt=200] integer num_thresholds that are tried
-- @tparam[opt] integer class_id only this class counts
-- @usage
-- local m = nn.metrics.SensitivityAtSpecificity{ 0.9 }
-- m:update_state(labels, y_pred)
-- print(m:result())
best_under("SensitivityAtSpecificity", "sensitivity", "specificity")
--- The best specificity where the sensitivity is at least as given.
-- @function SpecificityAtSensitivity
-- @tparam number sensitivity from 0 to 1
-- @tparam[opt=200] integer num_thresholds that are tried
-- @tparam[opt] integer class_id only this class counts
-- @usage
-- local m = nn.metrics.SpecificityAtSensitivity{ 0.9 }
-- m:update_state(labels, y_pred)
-- print(m:result())
best_under("SpecificityAtSensitivity", "specificity", "sensitivity")
--- The best precision where the recall is at least as given.
-- @function PrecisionAtRecall
-- @tparam number recall from 0 to 1
-- @tparam[opt=200] integer num_thresholds that are tried
-- @tparam[opt] integer class_id only this class counts
-- @usage
-- local m = nn.metrics.PrecisionAtRecall{ 0.9 }
-- m:update_state(labels, y_pred)
-- print(m:result())
best_under("PrecisionAtRecall", "precision", "recall")
--- The best recall where the precision is at least as given.
-- @function RecallAtPrecision
-- @tparam number precision from 0 to 1
-- @tparam[opt=200] integer num_thresholds that are tried
-- @tparam[opt] integer class_id only this class counts
-- @usage
-- local m = nn.metrics.RecallAtPrecision{ 0.9 }
-- m:update_state(labels, y_pred)
-- print(m:result())
best_under("RecallAtPrecision", "recall", "precision")

return metrics
