--- Targets of two parts of the data: a class that one of them lacks, and targets that were sorted before the split.
local labels = require "nn.advice.labels"
local memoize = require "nn.support.memoize"

local classes = {}

local CHANCE = 1e-3 -- that a class is missing where rows are shared out at random
local FEWEST = 20   -- samples that are not sorted by chance

--- How many samples of each class the targets of an output hold.
-- @tparam tensor target
-- @tparam string loss as the engine names it
-- @treturn ?{[integer]=number} by class id; nil if they hold no classes, or several answers a sample, such as a class
-- for each character of a text
function classes.count(target, loss)
  local kind = labels.kind(loss)
  if kind == "one-hot" and target.ndim == 1 then kind = "ids" end -- other advice says that the loss does not fit
  local answers = target.size // math.max(1, #target)
  if kind == "one-hot" then answers = answers // target.shape[target.ndim] end
  if not kind or answers > 1 then return nil end
  return labels.count(target, kind)
end

local function total_of(counts)
  local total, different = 0, 0
  for _, count in pairs(counts) do total, different = total + count, different + 1 end
  return total, different
end

-- The chance that so many samples all come into one of two parts, where samples are shared out at random.
local function chance_of(count, part, all)
  local logarithm = 0
  for i = 0, count // 1 - 1 do logarithm = logarithm + math.log((part - i) / (all - i)) end
  return math.exp(logarithm)
end

--- The lowest class that some targets have and others lack, where that is no chance.
-- @tparam {[integer]=integer} has counts by class id
-- @tparam {[integer]=integer} lacks likewise
-- @treturn ?integer
function classes.missing(has, lacks)
  local total, different = total_of(has)
  local all, least = total + total_of(lacks), nil
  for id, count in pairs(has) do
    if not lacks[id] and (not least or id < least) and different * chance_of(count, total, all) < CHANCE then
      least = id
    end
  end
  return least
end

-- 1 where numbers never fall, -1 where they never rise, 0 else.
local direction = memoize(function(t)
  local flat = t:flatten():astype "float32"
  if #flat < 2 then return 0 end
  local steps = flat[{ { 2, #flat } }] - flat[{ { 1, #flat - 1 } }]
  local least, most = steps:min(), steps:max()
  return least >= 0 and most > 0 and 1 or most <= 0 and least < 0 and -1 or 0
end, true)

--- Whether the targets of validation go on where those of training end, in one order.
-- @tparam tensor training
-- @tparam tensor other
-- @treturn boolean
function classes.are_sorted(training, other)
  if training.size ~= #training or other.size ~= #other or #training < FEWEST then return false end
  local way = direction(training)
  if way == 0 or #other > 1 and direction(other) ~= way then return false end
  local last, first = training:flatten()[#training], other:flatten()[1]
  return way * (first - last) >= 0
end

return classes
