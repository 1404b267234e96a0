--- Metrics of binary labels that depend on where predictions lie among thresholds: counts, precision, recall, AUC.
--
-- The engine keeps, apart for false and true labels, how much weight lies between each two neighbouring thresholds.
local blame = require "nn.blame"
local Metric = require "nn.metrics.metric"
local tensor = require "nn.tensor"

local define, metrics = Metric.define, Metric.metrics

-- What Keras takes as a threshold where only the top k count: below any prediction.
local BELOW_ALL = -1e10

local NAME, DTYPE = { "name" }, { "dtype" }

-- ---- thresholds ----------------------------------------------------------------------------------------------------

local function check_thresholds(class, thresholds)
  for _, threshold in ipairs(type(thresholds) == "table" and thresholds or { thresholds }) do
    if type(threshold) ~= "number" or not (threshold >= 0 and threshold <= 1) then
      blame("%s: thresholds: expected numbers from 0 to 1, got %s", class, tostring(threshold))
    end
  end
end

--- Thresholds as a user gave them: a list.
local function thresholds_of(a)
  if type(a.thresholds) == "table" and #a.thresholds > 0 then return a.thresholds end
  return { type(a.thresholds) == "number" and a.thresholds or a.top_k and BELOW_ALL or 0.5 }
end

local function ascending(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  return sorted
end

--- Numbers at equal distances strictly between 0 and 1.
local function between(count)
  local list = {}
  for i = 1, count do list[i] = i / (count + 1) end
  return list
end

local function engine_config(thresholds, a)
  return { thresholds = tensor.tensor(ascending(thresholds)), top_k = a.top_k, class_id = a.class_id,
    multi_label = a.multi_label, from_logits = a.from_logits }
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

--- For each ascending threshold what lies above it and what does not, of one label's sums.
-- @tparam {number,...} sums weights between thresholds, of false labels, then of true ones
-- @tparam integer count of thresholds
-- @tparam[opt=0] integer label whose sums they are
-- @treturn {{tp=,fp=,tn=,fn=},...}
local function counts(sums, count, label)
  local list, start = {}, 2 * (label or 0) * (count + 1)
  local fp, tp = 0, 0
  local negatives, positives = 0, 0
  for bucket = 1, count + 1 do
    negatives = negatives + (sums[start + bucket] or 0)
    positives = positives + (sums[start + count + 1 + bucket] or 0)
  end
  for i = count, 1, -1 do
    fp, tp = fp + (sums[start + i + 1] or 0), tp + (sums[start + count + 1 + i + 1] or 0)
    list[i] = { tp = tp, fp = fp, tn = negatives - fp, fn = positives - tp }
  end
  return list
end

--- a / b, and 0 where there is nothing.
local function ratio(a, b) return b ~= 0 and a / b or 0.0 end

--- One number for each threshold that the user gave: a number for one, a tensor for several.
local function by_threshold(value_of)
  return function(self, sums)
    local given = thresholds_of(self.arguments)
    local sorted, values = ascending(given), {}
    local at = counts(sums, #sorted)
    for i, threshold in ipairs(sorted) do values[threshold] = value_of(at[i]) + 0.0 end
    if #given == 1 then return values[given[1]] end
    local list = {}
    for i, threshold in ipairs(given) do list[i] = values[threshold] end
    return tensor.tensor(list)
  end
end

local function of_thresholds(class, list, value_of)
  define {
    class = class, arguments = list, engine = "threshold_counts", weights = "value",
    config = function(a) return engine_config(thresholds_of(a), a) end,
    check = function(a) check_thresholds(class, a.thresholds) end,
    methods = { result_of = by_threshold(value_of), check_width = check_class },
  }
end

--- How many (or, with sample weights, how much weight of) true labels were predicted.
of_thresholds("TruePositives", { { "thresholds" }, NAME, DTYPE }, function(at) return at.tp end)
--- How many false labels were not predicted.
of_thresholds("TrueNegatives", { { "thresholds" }, NAME, DTYPE }, function(at) return at.tn end)
--- How many false labels were predicted.
of_thresholds("FalsePositives", { { "thresholds" }, NAME, DTYPE }, function(at) return at.fp end)
--- How many true labels were not predicted.
of_thresholds("FalseNegatives", { { "thresholds" }, NAME, DTYPE }, function(at) return at.fn end)

local TOP = { { "thresholds" }, { "top_k" }, { "class_id" }, NAME, DTYPE }
--- The share of true labels among those predicted.
of_thresholds("Precision", TOP, function(at) return ratio(at.tp, at.tp + at.fp) end)
--- The share of true labels that were predicted.
of_thresholds("Recall", TOP, function(at) return ratio(at.tp, at.tp + at.fn) end)

-- ---- the best of one under a condition on the other ----------------------------------------------------------------

local function single(x) return (string.unpack("f", string.pack("f", x))) end

--- In single precision, as Keras computes it: whether a bound is reached may hang on it.
local function single_ratio(a, b) return single(ratio(single(a), single(b))) end

local RATES = {
  sensitivity = function(at) return single_ratio(at.tp, at.tp + at.fn) end,
  specificity = function(at) return single_ratio(at.tn, at.tn + at.fp) end,
  precision = function(at) return single_ratio(at.tp, at.tp + at.fp) end,
}
RATES.recall = RATES.sensitivity

local function even_thresholds(a)
  local list = between(a.num_thresholds == 1 and 1 or a.num_thresholds - 2)
  if a.num_thresholds > 1 then
    table.insert(list, 1, 0.0)
    list[#list + 1] = math.huge -- stands for 1, which no probability exceeds
  end
  return list
end

--- The largest `wanted` rate at thresholds where the `bound` rate is at least what the argument of its name says.
local function best_under(class, wanted, bound)
  define {
    class = class, arguments = { { bound, require("nn.arguments").required }, { "num_thresholds", 200 }, { "class_id" },
      NAME, DTYPE },
    engine = "threshold_counts", weights = "value",
    check = function(a)
      if type(a[bound]) ~= "number" or not (a[bound] >= 0 and a[bound] <= 1) then
        blame("%s: %s: expected a number from 0 to 1, got %s", class, bound, tostring(a[bound]))
      end
      if math.type(a.num_thresholds) ~= "integer" or a.num_thresholds < 1 then
        blame("%s: num_thresholds: expected a whole number of at least 1, got %s", class, tostring(a.num_thresholds))
      end
    end,
    config = function(a) return engine_config(even_thresholds(a), a) end,
    methods = {
      check_width = check_class,
      result_of = function(self, sums)
        local best, least = 0.0, single(self.arguments[bound])
        for _, at in ipairs(counts(sums, #even_thresholds(self.arguments))) do
          if RATES[bound](at) >= least then best = math.max(best, RATES[wanted](at)) end
        end
        return best
      end,
    },
  }
end

--- The best sensitivity where the specificity is at least as given.
-- @usage nn.metrics.SensitivityAtSpecificity{ 0.9 }
best_under("SensitivityAtSpecificity", "sensitivity", "specificity")
--- The best specificity where the sensitivity is at least as given.
best_under("SpecificityAtSensitivity", "specificity", "sensitivity")
--- The best precision where the recall is at least as given.
best_under("PrecisionAtRecall", "precision", "recall")
--- The best recall where the precision is at least as given.
best_under("RecallAtPrecision", "recall", "precision")

-- ---- areas under curves --------------------------------------------------------------------------------------------

local CURVES = {}

--- Receiver operating characteristic: the true positive rate over the false positive rate.
function CURVES.roc(at) return ratio(at.fp, at.fp + at.tn), ratio(at.tp, at.tp + at.fn) end

--- Precision over recall.
function CURVES.pr(at) return ratio(at.tp, at.tp + at.fn), ratio(at.tp, at.tp + at.fp) end

--- Precision gain over recall gain (Flach and Kull 2015).
function CURVES.prgain(at)
  if at.tp == 0 then return 0.0, 1.0 end
  local scale = ratio(at.tp + at.fn, at.tn + at.fp)
  return math.max(1 - scale * at.fn / at.tp, 0.0), 1 - scale * at.fp / at.tp
end

local HEIGHTS = {
  interpolation = function(a, b) return (a + b) / 2 end, minoring = math.min, majoring = math.max,
}

--- The area by rectangles between neighbouring thresholds.
local function area(list, curve, height)
  local sum, x, y = 0.0, nil, nil
  for _, at in ipairs(list) do
    local next_x, next_y = curve(at)
    if x then sum = sum + (x - next_x) * height(y, next_y) end
    x, y = next_x, next_y
  end
  return sum
end

--- The area under precision over recall, where between thresholds it is the counts that are interpolated (Davis and
-- Goadrich 2006): the integral of TP / P over dTP, with P = TP + FP and TP linear in P.
local function interpolated_pr_area(list)
  local sum = 0.0
  for i = 1, #list - 1 do
    local a, b = list[i], list[i + 1]
    local p_a, p_b, gained = a.tp + a.fp, b.tp + b.fp, a.tp - b.tp
    local slope = p_a > p_b and gained / (p_a - p_b) or 0.0
    local intercept = b.tp - slope * p_b
    local growth = p_a > 0 and p_b > 0 and math.log(p_a / p_b) or 0.0
    sum = sum + ratio(slope * (gained + intercept * growth), b.tp + b.fn)
  end
  return sum
end

--- Inner thresholds between ends that no prediction crosses.
local function curve_thresholds(a)
  local list = type(a.thresholds) == "table" and ascending(a.thresholds) or between(a.num_thresholds - 2)
  table.insert(list, 1, -math.huge)
  list[#list + 1] = math.huge
  return list
end

local function weighted_mean(values, weights)
  local sum, total = 0.0, 0.0
  for i, value in ipairs(values) do
    local weight = weights and weights[i] or 1
    sum, total = sum + weight * value, total + weight
  end
  return ratio(sum, total)
end

local function check_auc(a)
  if type(a.curve) ~= "string" or not CURVES[a.curve:lower()] then
    blame('AUC: curve: expected "ROC", "PR" or "PRGAIN", got %s', tostring(a.curve))
  end
  if type(a.summation_method) ~= "string" or not HEIGHTS[a.summation_method:lower()] then
    blame('AUC: summation_method: expected "interpolation", "minoring" or "majoring", got %s',
      tostring(a.summation_method))
  end
  if math.type(a.num_thresholds) ~= "integer" or (a.num_thresholds < 2 and not a.thresholds) then
    blame("AUC: num_thresholds: expected a whole number of at least 2, got %s", tostring(a.num_thresholds))
  end
  check_thresholds("AUC", a.thresholds)
  if a.num_labels and not a.multi_label then blame "AUC: num_labels is for multi_label = true" end
end

local function check_labels(self, shape)
  local a, width = self.arguments, shape[#shape]
  if a.multi_label and #shape ~= 2 then
    blame("AUC: with multi_label, predictions are (n, labels), got %d axes", #shape)
  end
  if a.num_labels and a.num_labels ~= width then blame("AUC: num_labels is %d, got %d labels", a.num_labels, width) end
  if a.label_weights and #a.label_weights ~= width then
    blame("AUC: %d label_weights for %d labels", #a.label_weights, width)
  end
end

--- The area under a curve that the predictions describe as the threshold falls.
-- AUC{ num_thresholds = 200, curve = "ROC", summation_method = "interpolation", thresholds =, multi_label = false,
-- num_labels =, label_weights =, from_logits = false }; with multi_label the mean of each label's area
-- @usage nn.metrics.AUC{ curve = "PR" }
define {
  class = "AUC",
  arguments = {
    { "num_thresholds", 200 }, { "curve", "ROC" }, { "summation_method", "interpolation" }, NAME, DTYPE,
    { "thresholds" }, { "multi_label", false }, { "num_labels" }, { "label_weights" }, { "from_logits", false },
  },
  engine = "threshold_counts", weights = "value", check = check_auc,
  config = function(a)
    local config = engine_config(curve_thresholds(a), a)
    if a.label_weights and not a.multi_label then config.label_weights = tensor.tensor(a.label_weights) end
    return config
  end,
  methods = {
    check_width = check_labels,
    result_of = function(self, sums)
      local a = self.arguments
      local curve, method = a.curve:lower(), a.summation_method:lower()
      local count, areas = #curve_thresholds(a), {}
      for label = 1, a.multi_label and #sums // (2 * (count + 1)) or 1 do
        local list = counts(sums, count, label - 1)
        areas[label] = curve == "pr" and method == "interpolation" and interpolated_pr_area(list)
          or area(list, CURVES[curve], HEIGHTS[method])
      end
      return weighted_mean(areas, a.multi_label and a.label_weights)
    end,
  },
}

return metrics
