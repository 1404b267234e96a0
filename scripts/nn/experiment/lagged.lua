--- Series in order of time: the previous value as a forecast, which a model of the series should beat.
--
-- A series is known by its inputs: the target of one row is among the inputs of the next, as in windows that slide over
-- the series. Also where the rows were shuffled, nearly all values of that column are targets of other rows.
local memoize = require "nn.support.memoize"

local lagged = {}

local ROWS = 2000  -- looked at
local COLUMNS = 64 -- of wider inputs the first and the last
local FEWEST = 20  -- rows
local SAME = 1e-6  -- of the variance may be left: what float32 rounds off, also after scaling
local SHARE = 0.9  -- of a column's values that are targets, where rows were shuffled

-- The inputs as functions that give a column of some rows: of sequences those of the last step.
local function columns_of(x)
  if x.ndim > 3 then return {} end
  local last = x.shape[x.ndim]
  local list, positions = {}, {}
  for k = 1, last do
    if last <= COLUMNS or k == 1 or k == last then positions[#positions + 1] = k end
  end
  for i, k in ipairs(positions) do
    list[i] = function(t)
      if t.ndim == 3 then t = t[{ {}, t.shape[2] }] end
      return (t.ndim == 1 and t or t[{ {}, k }]):astype "float32"
    end
  end
  return list
end

-- The line through pairs of numbers, where they lie on one: y = a x + b.
local function line_through(xs, ys)
  local n, mx, my, xy, xx, yy = #xs, 0, 0, 0, 0, 0
  for i = 1, n do mx, my = mx + xs[i] / n, my + ys[i] / n end
  for i = 1, n do
    local a, b = xs[i] - mx, ys[i] - my
    xy, xx, yy = xy + a * b, xx + a * a, yy + b * b
  end
  if xx == 0 or yy == 0 or yy - xy * xy / xx > SAME * yy then return nil end
  return xy / xx, my - xy / xx * mx
end

local function shifted(values, targets)
  return line_through(table.move(values, 2, #values, 1, {}), table.move(targets, 1, #targets - 1, 1, {}))
end

-- Whether nearly all values are those of other rows' targets, and these are hardly ever equal.
local function is_among(values, targets)
  local set, different, found = {}, 0, 0
  for _, target in ipairs(targets) do
    if not set[target] then set[target], different = true, different + 1 end
  end
  for i, value in ipairs(values) do
    if set[value] and value ~= targets[i] then found = found + 1 end
  end
  return different > #targets / 2 and found >= SHARE * #values
end

local function distance(values, targets)
  local sum = 0
  for i, value in ipairs(values) do sum = sum + (value - targets[i]) ^ 2 end
  return sum
end

-- The column that holds the target of the row before, and the line from one to the other.
local function of_last_row(columns, values, targets)
  for i, column in ipairs(columns) do
    local a, b = shifted(values[i], targets)
    if a and not line_through(values[i], targets) then return column, a, b end -- else it is the target itself
  end
end

-- Where rows were shuffled, of all columns of earlier values the one nearest to the target.
local function of_other_rows(columns, values, targets)
  local best, least
  for i, column in ipairs(columns) do
    if is_among(values[i], targets) then
      local off = distance(values[i], targets)
      if not least or off < least then best, least = column, off end
    end
  end
  return best, 1, 0
end

local function search(x, target)
  local rows = { { 1, math.min(#target, ROWS) } }
  local targets, some = target[rows]:astype("float32"):flatten():totable(), x[rows]
  local columns, values = columns_of(x), {}
  for i, column in ipairs(columns) do values[i] = column(some):totable() end
  local column, a, b = of_last_row(columns, values, targets)
  if not column then column, a, b = of_other_rows(columns, values, targets) end
  return column and function(given) return column(given[1]) * a + b end or false
end

-- Sweeps ask for the same data again and again.
local searches = memoize(function(x)
  return memoize(function(target) return search(x, target) end)
end)

--- Looks for the previous value of a series among the inputs.
-- @tparam {tensor,...} inputs of the training data
-- @tparam tensor target one number for each row
-- @treturn ?function function(inputs) -> the previous values, a tensor (n); nil where the data are no such series
function lagged.find(inputs, target)
  local x, n = inputs[1], #target
  if #inputs ~= 1 or n < FEWEST or target.size ~= n then return nil end
  return searches(x)(target) or nil
end

return lagged
