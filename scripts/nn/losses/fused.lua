--- Losses that are taken from what stands before an activation: the cross-entropy of a softmax or sigmoid is computed
-- from the logits, which is exact where a probability is 0 or 1. `fit` does so, and so does a loss within a tape.
local align = require "nn.losses.align"
local objects = require "engine.objects"

local fused = {}

local FUSED = { softmax = true, sigmoid = true }

-- By a model's output: { logits = tensor, activation = name }.
local known = setmetatable({}, { __mode = "k" })

--- The activation that a node of a graph computes, if a loss may take what stands before it.
-- @tparam table node as engine.graph takes it
-- @treturn ?string
function fused.activation_of(node)
  local config = node.config
  if node.layer ~= "activation" or not FUSED[config.activation] or (config.axes or 1) ~= 1 then return nil end
  return config.activation
end

--- Remembers what stands before the activation that gave a tensor.
function fused.note(output, logits, activation)
  known[output] = { logits = logits, activation = activation }
end

--- What a loss is to be taken from.
-- @tparam string engine name of the loss
-- @tparam table config of the loss
-- @tparam nil|integer axis of one loss
-- @param y_pred
-- @return y_pred, or the logits that led to it
-- @treturn table config, then with from_logits
function fused.before(engine, config, axis, y_pred)
  local found = known[y_pred]
  if not found or config.from_logits or objects.fused_activation(engine) ~= found.activation
    or not select(3, align.to_end(engine, axis, y_pred.ndim)) then return y_pred, config end
  local from_logits = { from_logits = true }
  for name, value in pairs(config) do
    if name ~= "from_logits" then from_logits[name] = value end
  end
  return found.logits, from_logits
end

return fused
