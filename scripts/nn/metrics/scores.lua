--- F-scores of labels and the coefficient of determination.
-- @submodule nn.metrics
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local Metric = require "nn.metrics.base"
local tensor = require "nn.tensor"

local define, metrics = Metric.define, Metric.metrics

local EPSILON = 1e-7

local function check_matrix(self, shape)
  if #shape ~= 2 then
    blame("%s: expected predictions (n, labels), got %d axes", self.class_name, #shape)
  end
end

-- ---- F-scores ------------------------------------------------------------------------------------------------------

local AVERAGES = { micro = true, macro = true, weighted = true }

local function f_score(tp, fp, fn, beta)
  local precision, recall = tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON)
  return (1 + beta ^ 2) * precision * recall / (beta ^ 2 * precision + recall + EPSILON)
end

--- The sums of one label: true positives, false positives, false negatives.
local function label_sums(sums, label)
  return sums[3 * label + 1], sums[3 * label + 2], sums[3 * label + 3]
end

local function of_all_labels(sums, beta)
  local tp, fp, fn = 0, 0, 0
  for label = 0, #sums // 3 - 1 do
    local a, b, c = label_sums(sums, label)
    tp, fp, fn = tp + a, fp + b, fn + c
  end
  return f_score(tp, fp, fn, beta)
end

local function f_scores(self, sums)
  local average, beta = self.arguments.average, self.arguments.beta or 1.0
  if #sums == 0 then return 0.0 end
  if average == "micro" then return of_all_labels(sums, beta) end
  local scores, weighted, total = {}, 0.0, 0.0
  for label = 0, #sums // 3 - 1 do
    local tp, fp, fn = label_sums(sums, label)
    scores[label + 1] = f_score(tp, fp, fn, beta)
    weighted, total = weighted + (tp + fn) * scores[label + 1], total + tp + fn
  end
  if average == "weighted" then return weighted / (total + EPSILON) end
  local result = tensor.tensor(scores)
  return average == "macro" and result:mean() or result
end

-- Of weights with two axes, the mean over all labels ("micro") takes their sums over the samples, for every sample: so
-- Keras broadcasts them.
local function sum_over_samples(weight, count)
  weight = align.floats(weight)
  local is_summed = weight.ndim == 2 and #weight == count
  return is_summed and weight:sum { axis = 1, keepdims = true } or weight
end

local function update_f_score(self, y_true, y_pred, sample_weight)
  local is_micro = self.arguments.average == "micro" and type(sample_weight or 1) ~= "number"
  local weight = is_micro and sum_over_samples(sample_weight, #y_pred) or sample_weight
  return Metric.methods.update_state(self, y_true, y_pred, weight)
end

local function define_f_score(class, list, name)
  table.move({ { "threshold" }, { "name", name }, { "dtype" } }, 1, 3, #list + 1, list)
  define {
    class = class, arguments = list, engine = "label_counts", weights = "value", traits = Metric.traits.score,
    config = function(a) return { threshold = a.threshold } end,
    check = function(a)
      if a.average ~= nil and not AVERAGES[a.average] then
        blame('%s: average: expected "micro", "macro", "weighted" or nothing, got %s', class, blame.got(a.average))
      end
      if a.beta ~= nil and (type(a.beta) ~= "number" or a.beta <= 0) then
        blame("%s: beta: expected a number above 0, got %s", class, blame.got(a.beta))
      end
      if a.threshold ~= nil and (type(a.threshold) ~= "number" or a.threshold <= 0 or a.threshold > 1) then
        blame("%s: threshold: expected a number above 0 and up to 1, got %s", class, blame.got(a.threshold))
      end
    end,
    methods = { result_of = f_scores, check_width = check_matrix, update_state = update_f_score },
  }
end

--- (1 + beta^2) precision recall / (beta^2 precision + recall): of each label (a tensor), or with average one number. A
-- label is predicted above threshold, or without one where it is the largest. A sample_weight of two axes weighs each
-- label of each sample; with average = "micro" each label by the sum of its weights, as in Keras.
-- @function FBetaScore
-- @tparam[opt] string average "micro", "macro" or "weighted"; without it one number a label
-- @tparam[opt=1] number beta above 0
-- @tparam[opt] number threshold above which a label is predicted (without: the largest)
-- @usage
-- local m = nn.metrics.FBetaScore{ beta = 2, average = "macro" }
-- m:update_state(labels, y_pred)
-- print(m:result())
define_f_score("FBetaScore", { { "average" }, { "beta", 1.0 } }, "fbeta_score")

--- The harmonic mean of precision and recall; as FBetaScore with beta = 1.
-- @function F1Score
-- @tparam[opt] string average "micro", "macro" or "weighted"; without it one number a label
-- @tparam[opt] number threshold above which a label is predicted (without: the largest)
-- @usage
-- local m = nn.metrics.F1Score{ average = "macro" }
-- m:update_state(labels, y_pred)
-- print(m:result())
define_f_score("F1Score", { { "average" } }, "f1_score")

-- ---- R2 ------------------------------------------------------------------------------------------------------------

local AGGREGATIONS = { uniform_average = true, variance_weighted_average = true, none = true }

-- Each column's score, the share of its variance that the predictions explain, and that variance.
local function column_scores(sums)
  local scores, variances = {}, {}
  for first = 2, #sums, 4 do
    local sum, squares, residuals, weight = table.unpack(sums, first, first + 3)
    local variance = squares - sum * sum / weight
    local score = 1 - residuals / variance
    scores[#scores + 1] = math.abs(score) == math.huge and 0.0 or score
    variances[#variances + 1] = variance
  end
  return scores, variances
end

local function aggregate(scores, variances, how)
  if how == "none" then return tensor.tensor(scores) end
  local sum, total = 0.0, 0.0
  for i, score in ipairs(scores) do
    local weight = how == "uniform_average" and 1 or variances[i]
    sum, total = sum + weight * score, total + weight
  end
  return sum / total
end

--- 1 - sum((y - p)^2) / sum((y - mean(y))^2): the share of the variance that predictions explain.
-- @function R2Score
-- @tparam[opt="uniform_average"] string class_aggregation also "variance_weighted_average", or "none": a tensor, one of
-- each column
-- @tparam[opt=0] integer num_regressors above 0: the adjusted score, where there are enough samples
-- @usage
-- local m = nn.metrics.R2Score{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
define {
  class = "R2Score",
  arguments = {
    { "class_aggregation", "uniform_average" }, { "num_regressors", 0 }, { "name", "r2_score" }, { "dtype" },
  },
  engine = "variances", weights = "value", traits = Metric.traits.explained,
  check = function(a)
    if not AGGREGATIONS[a.class_aggregation] then
      blame('R2Score: class_aggregation: expected "uniform_average", "variance_weighted_average" or "none", got %s',
        blame.got(a.class_aggregation))
    end
    if math.type(a.num_regressors) ~= "integer" or a.num_regressors < 0 then
      blame("R2Score: num_regressors: expected a whole number of at least 0, got %s", blame.got(a.num_regressors))
    end
  end,
  methods = {
    check_width = check_matrix,
    result_of = function(self, sums)
      if #sums == 0 then return 0.0 end
      local a, n = self.arguments, sums[1]
      local scores, variances = column_scores(sums)
      local result = aggregate(scores, variances, a.class_aggregation)
      if a.num_regressors == 0 or a.num_regressors >= n - 1 then return result end
      return 1 - (1 - result) * ((n - 1) / (n - a.num_regressors - 1))
    end,
  },
}

return metrics
