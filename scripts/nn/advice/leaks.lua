--- A feature that gives the target away: one that is nearly the target or the class, while no other is near it.
--
-- Numbers are compared by their ranks (Spearman's correlation), which finds the target also where it was scaled, turned
-- round or put through a function; by those of the reciprocal too, which falls on each side of 0. A class is compared
-- with a feature by the correlation ratio: the share of the feature's variance that lies between the classes. A feature
-- that is cut at a threshold to make two classes has a ratio of two or three quarters, which is no leak. A code of the
-- class that is sometimes wrong has such a ratio too, but the code tells the class, and the class tells the code.
local facts = require "nn.advice.facts"
local tensor = require "nn.tensor"

local leaks = {}

local FEWEST, ROWS = 50, 500
local NEAR_TARGET = 0.975 -- squared rank correlation
local NEAR_CLASS = 0.95   -- correlation ratio
local FAIR = 0.6          -- the same, of a code of the class
local RIGHT = 0.9         -- share of the rows in which a code is right
local MOST_CODES = 20
local EXACT = 1 - 1e-5
local OTHERS = 0.5        -- of the same, that no other feature has: neighbours in a time series have more
local FAR_AHEAD = 20      -- or times what it leaves unexplained, that every other feature does: neighbours, 4 times
local IN_ORDER = 0.5      -- correlation of targets with the next ones, from which rows are a time series
local ROWS_A_CLASS = 5

-- The ranks of numbers, those of equal ones shared, with mean 0 and variance 1; nil where all are equal.
local function ranks(values)
  local order, n = {}, #values
  for i = 1, n do order[i] = i end
  table.sort(order, function(a, b) return values[a] < values[b] end)
  local result, squares, from = {}, 0, 1
  while from <= n do
    local to = from
    while to < n and values[order[to + 1]] == values[order[from]] do to = to + 1 end
    local rank = (from + to) / 2 - (n + 1) / 2
    for k = from, to do result[order[k]] = rank end
    squares, from = squares + (to - from + 1) * rank * rank, to + 1
  end
  if squares == 0 then return nil end
  local factor = 1 / math.sqrt(squares / n)
  for i = 1, n do result[i] = result[i] * factor end
  return result
end

local function correlation(a, b)
  local sum = 0
  for i, value in ipairs(a) do sum = sum + value * b[i] end
  return sum / #a
end

-- The position of the feature that stands out: strong enough, the others weak or far behind.
local function outstanding(strengths, enough)
  local best, second, at = 0, 0, nil
  for i, strength in pairs(strengths) do
    if strength > best then
      best, second, at = strength, best, i
    else
      second = math.max(second, strength)
    end
  end
  local is_far_ahead = (1 - best) * FAR_AHEAD < 1 - second
  if best >= enough and (second <= OTHERS or is_far_ahead) then return at, best end
end

-- Whether neighbouring rows have like targets, so that features near the target may be its past.
local function are_in_order(target)
  local count = math.min(ROWS, #target)
  local values = target:flatten()[{ { 1, count } }]:totable()
  local own, next_ones = table.move(values, 1, count - 1, 1, {}), table.move(values, 2, count, 1, {})
  local a, b = ranks(own), ranks(next_ones)
  return a ~= nil and b ~= nil and correlation(a, b) > IN_ORDER
end

-- How well ranks agree with those of some numbers or of their reciprocals.
local function agreement(wanted, values)
  local own = ranks(values)
  if not own then return 0 end
  local strength = correlation(own, wanted) ^ 2
  local low, high, reciprocals = math.huge, -math.huge, {}
  for i, value in ipairs(values) do
    low, high, reciprocals[i] = math.min(low, value), math.max(high, value), 1 / value
  end
  if low >= 0 or high <= 0 then return strength end -- then both have the same ranks, backwards
  return math.max(strength, correlation(ranks(reciprocals), wanted) ^ 2)
end

local function columns_of(matrix, count)
  local list = {}
  for j = 1, matrix.shape[2] do list[j] = matrix[{ { 1, count }, j }]:totable() end
  return list
end

local function is_judged(inputs, target)
  local width = inputs.size // #inputs
  return #target >= FEWEST and width >= 2 and facts.columns(inputs).broken == 0 and facts.columns(target).broken == 0
end

--- The feature that is nearly the target of a regression.
-- @tparam tensor inputs of training
-- @tparam tensor target a number a sample
-- @treturn ?integer its position
-- @treturn ?number the rank correlation
function leaks.of_number(inputs, target)
  local matrix = facts.matrix(inputs)
  if inputs.ndim ~= 2 or inputs.shape[2] ~= matrix.shape[2] or not is_judged(inputs, target) then return nil end
  local count = math.min(ROWS, #matrix)
  local wanted, strengths = ranks(facts.beside(target, inputs)[{ { 1, count } }]:totable()), {}
  for j, values in ipairs(wanted and columns_of(matrix, count) or {}) do
    strengths[j] = agreement(wanted, values)
  end
  local at, strength = outstanding(strengths, NEAR_TARGET)
  if at and (strength > EXACT or not are_in_order(target)) then return at, math.sqrt(strength) end
end

-- The class of each sample as a matrix of zeros and ones, (classes, samples).
local function members_of(ids)
  local position, count = {}, 0
  for _, id in ipairs(ids) do
    if not position[id] then count, position[id] = count + 1, count + 1 end
  end
  local rows = {}
  for k = 1, count do rows[k] = {} end
  for i, id in ipairs(ids) do
    for k = 1, count do rows[k][i] = position[id] == k and 1 or 0 end
  end
  return tensor.tensor(rows), count
end

-- In which share of the rows the commonest partner of each value is right; 0 where there are many different values.
local function share_told(values, partners)
  local counts, different, right = {}, 0, 0
  for i, value in ipairs(values) do
    if not counts[value] then counts[value], different = {}, different + 1 end
    local own = counts[value]
    own[partners[i]] = (own[partners[i]] or 0) + 1
  end
  for _, own in pairs(counts) do
    local most = 0
    for _, count in pairs(own) do most = math.max(most, count) end
    right = right + most
  end
  return different <= MOST_CODES and right / #values or 0
end

local function is_code(values, ids)
  return share_told(values, ids) >= RIGHT and share_told(ids, values) >= RIGHT
end

--- The feature that nearly is the class.
-- @tparam tensor inputs of training
-- @tparam tensor ids the class of each sample
-- @treturn ?integer its position
-- @treturn ?number the correlation ratio
function leaks.of_class(inputs, ids)
  local matrix = facts.matrix(inputs)
  if inputs.size // #inputs ~= matrix.shape[2] or not is_judged(inputs, ids) then return nil end
  local list = facts.beside(ids, inputs):totable()
  local members, count = members_of(list)
  if count < 2 or count * ROWS_A_CLASS > #list then return nil end
  local sizes = members:sum { axis = 2, keepdims = true }
  local centers = members:matmul(matrix - matrix:mean(1)) / sizes
  local between, all = (centers * centers * sizes):sum(1) / #list, matrix:var(1)
  local strengths = (between / (all + all:eq(0))):totable()
  local at, strength = outstanding(strengths, FAIR)
  if at and (strength >= NEAR_CLASS or is_code(matrix[{ {}, at }]:totable(), list)) then return at, strength end
end

return leaks
