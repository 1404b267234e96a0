--- The number that decides between variants: which way is better, and what a variant scores.
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"

local objective = {}

local LOSS = { better = "min" }

--- What a number in a history means.
-- @tparam string name such as "val_accuracy" or "test_accuracy"
-- @tparam table known traits by name, without prefix: see `nn.models.traits`
-- @treturn ?table nil where the name is neither a metric's nor the loss
function objective.traits(name, known)
  local base = name:match "^val_(.+)$" or name:match "^test_(.+)$"
  return known[name] or base and known[base] or (base or name) == "loss" and LOSS or nil
end

-- What may have been meant by a name that no model reports.
local function hint(name, known)
  local near = nearest(name, known)
  if near then return ("; did you mean %s?"):format(near) end
  return name:find "acc" and '; add metrics = { "accuracy" } to compile, which reports accuracy and val_accuracy' or ""
end

local function sorted_names(known)
  local names = {}
  for each in pairs(known) do names[#names + 1] = each end
  table.sort(names)
  return names
end

--- Whether more or less of a metric is better.
-- @tparam string name such as "val_accuracy"
-- @tparam table known traits by name
-- @tparam string what who asks, for messages
-- @treturn string "max" or "min"; an error where that is not known
function objective.mode(name, known, what)
  local traits = objective.traits(name, known)
  if traits and traits.better then return traits.better end
  local advice = 'add mode = "max" or "min"'
  if traits then return blame("%s %s: it is not known whether more of it is better; %s", what, name, advice) end
  local names = sorted_names(known)
  return blame("%s %s: the model has no such metric; it has: %s%s. If a callback reports it, %s", what, name,
    table.concat(names, ", "), hint((name:gsub("^val_", "")), names), advice)
end

--- Raises an error because no model reports the objective.
-- @tparam string name
-- @tparam {string,...} known what models report
function objective.blame_unknown(name, known)
  table.sort(known)
  blame("objective %s: no trial reports it; known are: %s%s", name, table.concat(known, ", "), hint(name, known))
end

--- Whether score a is better than b; anything is better than nothing.
function objective.better(mode, a, b)
  if a == nil or b == nil then return a ~= nil end
  if mode == "max" then return a > b end
  return a < b
end

--- A metric as a score: one that is not finite is none, as nothing can be compared with it.
-- @tparam ?number value
-- @treturn ?number
function objective.score(value)
  return value and value - value == 0 and value or nil
end

--- A score in the digits that count: those that differ after ten digits are equal, as means in another order are.
-- @tparam number score
-- @treturn number
function objective.rounded(score)
  return score - score == 0 and tonumber(("%.9e"):format(score)) or score
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
    mean = mean and objective.rounded(mean)
    local wins = mean and (not best or whole and not best_whole
      or whole == best_whole and objective.better(mode, mean, best_mean))
    if wins then best, best_mean, best_whole = variant, mean, whole end
  end
  return best
end

return objective
