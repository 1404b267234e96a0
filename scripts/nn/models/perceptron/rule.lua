--- The perceptron's learning rule, as scikit-learn's stochastic gradient descent has it.
local random = require "nn.random"

local rule = {}

--- The penalties by name, and how much of each is L1; true: l1_ratio says.
rule.PENALTIES = { l1 = 1, l2 = 0, elasticnet = true }

-- How far a sample is on the side of the class.
local function output(w, row)
  local sum = 0
  for j = 1, #row do sum = sum + w[j] * row[j] end
  return sum + w.intercept
end

local function add(w, row, step)
  for j = 1, #row do w[j] = w[j] + step * row[j] end
end

local function scale(w, factor)
  for j = 1, #w do w[j] = w[j] * factor end
end

-- Takes the L1 penalty off, as far as it was not taken before (Tsuruoka, Tsujii, Ananiadou, 2009): due is what each
-- weight should have lost by now, taken[j] what the j-th has.
local function take_l1(w, taken, due)
  for j = 1, #w do
    local before = w[j]
    if before > 0 then
      w[j] = math.max(0, before - (due + taken[j]))
    elseif before < 0 then
      w[j] = math.min(0, before + (due - taken[j]))
    end
    taken[j] = taken[j] + w[j] - before
  end
end

-- What an update takes off the weights: a factor for L2, an amount for L1; nil for none.
local function penalties(self)
  local strength, ratio = self.eta0 * self.alpha, rule.PENALTIES[self.penalty]
  if ratio == true then ratio = self.l1_ratio end
  return ratio and ratio < 1 and math.max(0, 1 - (1 - ratio) * strength) or nil,
    ratio and ratio > 0 and ratio * strength or nil
end

-- One pass over the samples in that order; returns the sum of their losses.
local function epoch(self, w, rows, signs, weights, order)
  local l2, l1 = penalties(self)
  local eta, loss = self.eta0, 0
  for _, i in ipairs(order) do
    local row, sign = rows[i], signs[i]
    local z = sign * output(w, row)
    if l2 then scale(w, l2) end
    if z <= 0 then
      loss = loss - z
      local step = eta * sign * weights[i]
      add(w, row, step)
      if self.fit_intercept then w.intercept = w.intercept + step end
    end
    if l1 then
      w.due = w.due + l1
      take_l1(w, w.taken, w.due)
    end
  end
  return loss
end

local function accuracy(w, rows, signs, held_out)
  local right = 0
  for _, i in ipairs(held_out) do
    if (output(w, rows[i]) > 0) == (signs[i] > 0) then right = right + 1 end
  end
  return right / #held_out
end

-- Counts the epochs in a row that brought no progress.
local function watcher(self, train_count)
  local best, idle = self.early_stopping and -math.huge or math.huge, 0
  local tol = self.tol
  return function(loss, score)
    local is_better
    if self.early_stopping then
      is_better, best = not tol or score >= best + tol, math.max(best, score)
    else
      is_better, best = not tol or loss <= best - tol * train_count, math.min(best, loss)
    end
    idle = is_better and 0 or idle + 1
    return idle >= self.n_iter_no_change
  end
end

--- Trains one perceptron.
-- @tparam table self its arguments
-- @tparam table w weights, changed in place; also intercept, due (0) and taken (zeros)
-- @tparam {{number,...},...} rows the samples
-- @tparam {integer,...} signs 1 for samples of its class, -1 for others
-- @tparam {number,...} weights of the samples
-- @tparam table parts train, and with early stopping held_out: positions
-- @treturn integer the epochs it took
-- @treturn ?boolean true where max_iter ended it
function rule.train(self, w, rows, signs, weights, parts)
  local is_done = watcher(self, #parts.train)
  for iteration = 1, self.max_iter do
    local order = parts.train
    if self.shuffle then
      local places = random.permutation(#order, self.seed + iteration):totable()
      for k, place in ipairs(places) do places[k] = parts.train[place + 1] end
      order = places
    end
    local loss = epoch(self, w, rows, signs, weights, order)
    if is_done(loss, parts.held_out and accuracy(w, rows, signs, parts.held_out)) then return iteration end
  end
  return self.max_iter, true
end

return rule
