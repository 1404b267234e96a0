--- Equal rows in two parts of the data.
--
-- Rows of a few categories are equal by chance, so that equal rows say nothing there. The chance that a row is met
-- again is estimated as if its features were independent: the product of the shares that its values have in training.
local engine = require "engine.data"
local facts = require "nn.advice.facts"

local rows = {}

local NOTICEABLE = 0.005 -- share of the rows
local FEWEST = 20        -- rows of parts that are equal: fewer may be all that there are
local MANY = 0.2         -- share that matters even where a part has many equal rows by itself
local REPEATED = 8       -- rows for each different one: then few are possible
local CHANCE = 1e-6      -- that there are so many equal pairs
local JUDGED = 5         -- rows whose chance is computed
local ASSUMED = 2        -- of the equal rows: others may not be independent of them

-- The logarithm of the chance that another row of the data equals this one. Where no other has its value, the values
-- are taken to be continuous, and the chance to be that of one pair among all.
local function log_chance(matrix, row)
  local n, sum = #matrix, 0
  for _, count in ipairs(matrix:eq(row):sum(1):totable()) do
    sum = sum + math.log(count >= 2 and (count - 1) / n or 1 / (n * n))
  end
  return sum
end

--- What has to be known of samples to find their like elsewhere.
-- @tparam {tensor,...} inputs
-- @treturn table
function rows.profile(inputs)
  local hashes = facts.hashes(inputs)
  local self = { hashes = hashes, set = engine.row_set(hashes), matrices = {}, kinds = {}, count = #inputs[1] }
  for i, t in ipairs(inputs) do
    self.matrices[i], self.kinds[i] = facts.matrix(t), ("%s %d"):format(t.dtype, t.size // #t)
  end
  return self
end

-- How many pairs of equal rows two parts would have by chance, from some rows that both have.
local function expected_pairs(training, other, positions)
  local chances = {}
  for i = 1, math.min(JUDGED, #positions) do
    local row, sum = { { positions[i], positions[i] } }, 0
    for k, matrix in ipairs(training.matrices) do sum = sum + log_chance(matrix, facts.features(other[k][row])) end
    chances[i] = sum
  end
  table.sort(chances)
  return training.count * #other[1] * math.exp(chances[(#chances + 1) // 2])
end

local function are_alike(training, other)
  for i, t in ipairs(other) do
    if training.kinds[i] ~= ("%s %d"):format(t.dtype, t.size // #t) then return false end
  end
  return #other == #training.kinds
end

--- How many rows of one part are in another too, where that is no chance.
-- @tparam table training from `profile`
-- @tparam {tensor,...} other
-- @treturn ?integer nil where there are none, or too few to tell
function rows.shared(training, other)
  if not are_alike(training, other) then return nil end
  local shared, positions = engine.common_rows(training.set, facts.hashes(other))
  local share = shared / #other[1]
  if shared == 0 or share < NOTICEABLE then return nil end
  local distinct, single = engine.distinct_rows(training.hashes)
  local repeated = 1 - single / training.count
  if distinct * REPEATED < training.count or share < MANY and share < 2 * repeated then return nil end
  -- So many independent pairs, of which one is expected so often, come together by chance about as often as this.
  if expected_pairs(training, other, positions) ^ math.min(shared, ASSUMED) > CHANCE then return nil end
  return shared
end

--- Whether a part consists of the same rows in the same order as another, and not of all the rows that there can be.
-- @tparam table training from `profile`
-- @tparam {tensor,...} other
-- @treturn boolean
function rows.are_same(training, other)
  if training.count < FEWEST or not are_alike(training, other) then return false end
  if training.hashes ~= facts.hashes(other) then return false end
  for _, matrix in ipairs(training.matrices) do
    for j = 1, matrix.shape[2] do
      if facts.is_continuous(matrix[{ {}, j }]) then return true end
    end
  end
  return rows.shared(training, other) ~= nil
end

--- Whether a part has more than half of its rows in common with the training data, be that chance or not.
-- @tparam table training from `profile`
-- @tparam {tensor,...} other
-- @treturn boolean
function rows.are_mostly_shared(training, other)
  return are_alike(training, other) and 2 * engine.common_rows(training.set, facts.hashes(other)) > #other[1]
end

return rows
