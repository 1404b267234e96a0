--- The number that decides between variants: which way is better, and what a variant scores.
local blame = require "nn.blame"

local objective = {}

-- Parts of metrics' names; the first list is tried first.
local SMALLER = { "loss", "error", "mae", "mse", "mape", "msle", "rmse", "crossentropy", "divergence", "hinge",
  "poisson", "logcosh", "false_positives", "false_negatives" }
local GREATER = { "accuracy", "acc", "auc", "precision", "recall", "f1", "fbeta", "score", "r2", "iou", "io_u",
  "similarity",
  "correlation", "sensitivity", "specificity", "true_positives", "true_negatives" }

local function names_one(name, parts)
  for _, part in ipairs(parts) do
    if name:find(part, 1, true) then return true end
  end
end

--- Whether more or less of a metric is better, by its name.
-- @tparam string name such as "val_accuracy"
-- @treturn string "max" or "min"; an error where the name does not tell
function objective.mode(name)
  local lower = name:lower()
  if names_one(lower, SMALLER) then return "min" end
  if names_one(lower, GREATER) then return "max" end
  return blame('objective %s: its name does not tell whether more of it is better; add mode = "max" or "min"', name)
end

--- Whether score a is better than b; anything is better than nothing.
function objective.better(mode, a, b)
  if a == nil or b == nil then return a ~= nil end
  if mode == "max" then return a > b end
  return a < b
end

--- Mean and sample standard deviation of the scores of a variant's trials.
-- @treturn ?number mean, nil where no trial has a score
-- @treturn ?number standard deviation, nil with fewer than two
-- @treturn integer how many trials have a score
function objective.summary(trials)
  local scores, sum = {}, 0
  for _, trial in ipairs(trials) do
    if trial.score then scores[#scores + 1], sum = trial.score, sum + trial.score end
  end
  if #scores == 0 then return nil, nil, 0 end
  local mean, squares = sum / #scores, 0
  for _, score in ipairs(scores) do squares = squares + (score - mean) ^ 2 end
  return mean, #scores > 1 and math.sqrt(squares / (#scores - 1)) or nil, #scores
end

--- The best of several variants by the mean of their trials' scores. One with a trial that failed comes after all whose
-- trials are complete; of equals the first.
-- @tparam string mode "max" or "min"
-- @tparam {{trials={trial,...}},...} variants
-- @return the variant, nil where no trial has a score
function objective.best(mode, variants)
  local best, best_mean, best_whole
  for _, variant in ipairs(variants) do
    local mean, _, count = objective.summary(variant.trials)
    local whole = count == #variant.trials
    local wins = mean and (not best or whole and not best_whole
      or whole == best_whole and objective.better(mode, mean, best_mean))
    if wins then best, best_mean, best_whole = variant, mean, whole end
  end
  return best
end

return objective
