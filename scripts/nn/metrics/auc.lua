--- Areas under curves that predictions of binary labels describe as the threshold falls.
-- @submodule nn.metrics
local blame = require "nn.support.blame"
local buckets = require "nn.metrics.buckets"
local Metric = require "nn.metrics.base"
local tensor = require "nn.tensor"

local counts, ratio = buckets.counts, buckets.ratio
local NAME, DTYPE = { "name" }, { "dtype" }

local CURVES = {}

-- Receiver operating characteristic: the true positive rate over the false positive rate.
function CURVES.roc(at) return ratio(at.fp, at.fp + at.tn), ratio(at.tp, at.tp + at.fn) end

-- Precision over recall.
function CURVES.pr(at) return ratio(at.tp, at.tp + at.fn), ratio(at.tp, at.tp + at.fp) end

-- Precision gain over recall gain (Flach and Kull 2015).
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
  local list = a.thresholds and buckets.ascending(a.thresholds) or buckets.between(a.num_thresholds - 2)
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
    blame('AUC: curve: expected "ROC", "PR" or "PRGAIN", got %s', blame.got(a.curve))
  end
  if type(a.summation_method) ~= "string" or not HEIGHTS[a.summation_method:lower()] then
    blame('AUC: summation_method: expected "interpolation", "minoring" or "majoring", got %s',
      blame.got(a.summation_method))
  end
  if math.type(a.num_thresholds) ~= "integer" or (a.num_thresholds < 2 and not a.thresholds) then
    blame("AUC: num_thresholds: expected a whole number of at least 2, got %s", blame.got(a.num_thresholds))
  end
  if a.thresholds and type(a.thresholds) ~= "table" then
    blame("AUC: thresholds: expected a list of numbers, got %s", blame.got(a.thresholds))
  end
  buckets.check("AUC", a.thresholds)
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
-- @function AUC
-- @tparam[opt=200] integer num_thresholds
-- @tparam[opt="ROC"] string curve also "PR" and "PRGAIN"
-- @tparam[opt="interpolation"] string summation_method also "minoring" and "majoring"
-- @tparam[opt] {number,...} thresholds of predictions, in place of num_thresholds at equal distances
-- @tparam[opt=false] boolean multi_label the mean of the areas of all labels, the columns
-- @tparam[opt] integer num_labels
-- @tparam[opt] {number,...} label_weights
-- @tparam[opt=false] boolean from_logits
-- @usage
-- local m = nn.metrics.AUC{ curve = "PR" }
-- m:update_state(labels, y_pred)
-- print(m:result())
Metric.define {
  class = "AUC",
  arguments = {
    { "num_thresholds", 200 }, { "curve", "ROC" }, { "summation_method", "interpolation" }, NAME, DTYPE,
    { "thresholds" }, { "multi_label", false }, { "num_labels" }, { "label_weights" }, { "from_logits", false },
  },
  engine = "threshold_counts", weights = "value", check = check_auc, traits = Metric.traits.score,
  config = function(a)
    local config = buckets.config(curve_thresholds(a), a)
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

return Metric.metrics
