--- Whether a model fits the data it is to be trained on, told from shapes and ranges alone, before a training begins.
local objects = require "engine.objects"
local blame = require "nn.support.blame"
local feed = require "nn.models.feed"
local Outputs = require "nn.models.outputs"

local suits = {}

local function remedy(facts, units)
  if facts.min >= 1 and facts.max <= units then return "labels count from 0, so use y - 1" end
  if facts.min < 0 then return "labels count from 0" end
  return ("the output needs a unit for each label, here %.0f"):format(facts.max + 1)
end

-- Raises an error where labels are none that the output has a unit for. A loss that ignores a class looks at each label
-- itself, when it is trained.
local function check_labels(output, facts, what)
  local loss, units = output.loss, output.shape[#output.shape]
  if not objects.wants_class_ids(loss.engine) or loss.arguments.ignore_class ~= nil then return end
  if facts.min >= 0 and facts.max < units then return end
  blame("%s: the labels run from %g to %g, but the output %s is for the labels 0 to %d; %s", what, facts.min,
    facts.max, output.name, units - 1, remedy(facts, units))
end

--- Raises an error where a model cannot be trained or evaluated on some data: shapes of x and y, labels, metrics.
-- @tparam table model compiled
-- @tparam table part of an experiment's data, from `split.new`
-- @tparam string name "train", "validation" or "test", which begins the message
function suits.check(model, part, name)
  local _, n = feed.inputs(model, part.x, name .. ": x")
  local outputs, what = Outputs.of(model), name .. ": y"
  local targets = feed.targets(outputs, part.y, n, what)
  for i, output in ipairs(outputs) do
    check_labels(output, part.card.y[i], what)
    Outputs.metrics(output, targets[i], n)
  end
end

return suits
