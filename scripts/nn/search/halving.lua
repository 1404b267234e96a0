--- Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
-- optimization", AISTATS 2016), synchronous: all points train for a few epochs, the best third of them for three
-- times as many, and so on. A point that goes on is another trial, with more epochs; it goes on from where the last one
-- ended, to the bits it has when trained in one go, unless something in it depends on the number of epochs.
local draws = require "nn.search.draws"

local Halving = { options = { trials = false, min_epochs = 1, max_epochs = false, factor = 3 } }
Halving.__index = Halving

--- The numbers of epochs, from few to many.
local function budgets(options)
  local list, epochs = {}, options.max_epochs
  while epochs >= options.min_epochs do
    table.insert(list, 1, math.max(1, math.floor(epochs + 0.5)))
    epochs = epochs / options.factor
  end
  return list
end

--- How many points each step has.
local function counts(count, steps, factor)
  local list = {}
  for i = 1, steps do list[i] = math.max(1, math.floor(count / factor ^ (i - 1) + 1e-9)) end
  return list
end

--- @tparam function sampler from `draws.sampler`
-- @tparam table options trials: points at the beginning (as many as leave one for the last step); min_epochs (1);
-- max_epochs; factor (3): of how many one goes on; seed; first: the number of the first point (1)
function Halving.new(sampler, options)
  local steps = budgets(options)
  local wanted = options.trials or math.floor(options.factor ^ (#steps - 1) + 0.5)
  local sizes, planned = counts(wanted, #steps, options.factor), 0
  for _, size in ipairs(sizes) do planned = planned + size end
  return setmetatable({
    sampler = sampler, seed = options.seed, first = options.first or 1, budgets = steps, counts = sizes, step = 0,
    planned = planned,
  }, Halving)
end

local function best_of(points, count)
  local order = table.move(points, 1, #points, 1, {})
  table.sort(order, function(a, b)
    if a.loss ~= b.loss then return a.loss < b.loss end
    return a.number < b.number
  end)
  return table.move(order, 1, count, 1, {})
end

--- The points of the next step; nil when there are no more.
function Halving:propose()
  self.step = self.step + 1
  local epochs, count, points = self.budgets[self.step], self.counts[self.step], {}
  if not epochs then return nil end
  if self.step == 1 then
    local seen = {}
    for i = 1, count do points[i] = draws.random(self.sampler, self.seed, self.first + i - 1, seen) end
  else
    for i, point in ipairs(best_of(self.points, count)) do
      points[i] = { number = point.number, params = point.params, drawn = point.drawn }
    end
  end
  for _, point in ipairs(points) do point.epochs = epochs end
  self.points = points
  return points
end

return Halving
