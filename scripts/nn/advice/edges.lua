--- Advice about a search whose best value of a parameter lies at the edge of its space, so that better ones may lie
-- beyond. That alone happens by chance; the other scores must get better towards the edge too.
local blame = require "nn.support.blame"
local notation = require "nn.support.notation"
local objective = require "nn.experiment.objective"
local stats = require "nn.stats"

local FEWEST_TRIALS = 5 -- with a score, for a trend
local EDGE, WIDEST = 0.1, 0.25 -- what counts as the edge of a space, at least and at most
local LEVEL = 0.95 -- of a two-sided interval: a trend towards one end is found by chance once in forty

local function piece(format, ...)
  return { name = "search_edge", text = format:format(...), where = blame.here() }
end

-- Whether the values of a space are numbers in order.
local function is_ordered(space)
  for i, value in ipairs(space.values or {}) do
    if type(value) ~= "number" or i > 1 and value <= space.values[i - 1] then return false end
  end
  return true
end

-- 0 and 1 are where a rate, a count or a fraction ends by itself.
local function has_natural_end(space, is_upper)
  local values = space.values
  local low, high = values and values[1] or space.low, values and values[#values] or space.high
  if is_upper then return low >= 0 and low < 1 and high >= 0.99 and high <= 1 end
  return low == 0
end

local function ranks_of(values)
  local order, ranks = {}, {}
  for i in ipairs(values) do order[i] = i end
  table.sort(order, function(a, b) return values[a] < values[b] end)
  local first = 1
  while first <= #order do
    local last = first
    while last < #order and values[order[last + 1]] == values[order[first]] do last = last + 1 end
    for i = first, last do ranks[order[i]] = (first + last) / 2 end
    first = last + 1
  end
  return ranks
end

-- Spearman's rank correlation as a t value (Kendall and Stuart, The Advanced Theory of Statistics, 31.19).
local function trend(xs, ys)
  local x, y, n = ranks_of(xs), ranks_of(ys), #xs
  local mean, xy, xx, yy = (n + 1) / 2, 0, 0, 0
  for i = 1, n do
    local a, b = x[i] - mean, y[i] - mean
    xy, xx, yy = xy + a * b, xx + a * a, yy + b * b
  end
  if xx == 0 or yy == 0 then return 0 end
  local r = xy / math.sqrt(xx * yy)
  return r * math.sqrt((n - 2) / math.max(1e-12, 1 - r * r))
end

-- The scored draws of a parameter: positions in its space, 0 to 1, and how good they are.
local function draws_of(variants, name, mode)
  local positions, scores, best = {}, {}, nil
  for _, variant in ipairs(variants) do
    local drawn, mean = (variant.drawn or {})[name], (objective.summary(variant.trials))
    if drawn and mean then
      local i = #positions + 1
      positions[i] = drawn.space:position(variant.params[name]) or drawn.position
      scores[i] = mode == "max" and mean or -mean
      if not best or scores[i] > scores[best.index] then
        best = { index = i, space = drawn.space, value = variant.params[name] }
      end
    end
  end
  return positions, scores, best
end

local function edge_of(section, mode, name)
  local positions, scores, best = draws_of(section.variants, name, mode)
  if #positions < FEWEST_TRIALS or type(best.value) ~= "number" or not is_ordered(best.space) then return nil end
  local u, n = positions[best.index], #positions
  local is_upper = u > 0.5
  -- The outermost of n even draws is 1 / (n + 1) from the end on average.
  local reach = math.min(WIDEST, math.max(EDGE, 2 / (n + 1), best.space.count and 0.5 / best.space.count or 0))
  if math.min(u, 1 - u) > reach + 1e-9 or has_natural_end(best.space, is_upper) then return nil end
  table.remove(positions, best.index) -- that it lies at the edge is no second proof
  table.remove(scores, best.index)
  local t = trend(positions, scores) * (is_upper and 1 or -1)
  if t < stats.t_quantile(n - 3, LEVEL) then return nil end
  return piece("%s: the best %s, %s, lies at the %s end of its space %s, and the scores get better "
    .. "towards it; search among %s values too", section.title or "the search", name, notation.text(best.value),
    is_upper and "upper" or "lower", tostring(best.space), is_upper and "larger" or "smaller")
end

--- Looks at a section that has ended.
-- @tparam table section method, varied; variants with `params`, `trials` and what was `drawn`
-- @tparam string mode "max" or "min"
-- @treturn {piece,...} one for each parameter whose best value lies at the edge
return function(section, mode)
  local list = {}
  if section.method ~= "random" and section.method ~= "tpe" then return list end
  for _, each in ipairs(section.varied or {}) do list[#list + 1] = edge_of(section, mode, each.name) end
  return list
end
